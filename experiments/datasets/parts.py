"""A split that belongs to the data: the number of the part of each row (0, 1, 2)."""

from collections.abc import Sequence

import numpy as np

from experiments.base import UserError
from experiments.training import PARTS

Array = np.ndarray


def spread(n: int, count: int, labels: Array | None = None) -> Array:
    """Return `count` of n rows at a constant rate, over the rows of each class if there are labels.

    >>> spread(10, 2).tolist(), spread(6, 2, np.array([0, 1, 0, 1, 0, 1])).tolist()
    ([2, 7], [2, 3])
    """
    order = np.arange(n) if labels is None else np.argsort(labels, kind="stable")
    return order[(2 * np.arange(count) + 1) * n // (2 * count)]


def with_test(n: int, test: int, validation: Array) -> Array:
    """Return the part (n + test,) of each row: the last `test` rows are the test part.

    `validation` are the rows, of the first n, that are the validation part.
    """
    part = np.zeros(n + test, np.int64)
    part[validation] = 1
    part[n:] = 2
    return part


def counts(part: Array) -> tuple[int, int, int]:
    """Return the number of rows of each part."""
    return tuple(np.bincount(part, minlength=3).tolist())


def check_parts(
    where: object, part: Array, labels: Array | None, names: Sequence | None = None
) -> None:
    """Raise UserError if a part has no row, or if the training part lacks a class.

    `names` are the labels of the classes as the user knows them; by default their numbers.
    """
    for name, count in zip(PARTS, counts(part), strict=True):
        if not count:
            raise UserError(f"{where}: the {name} part has no rows; each part needs some")
    if labels is None:
        return
    members = np.bincount(labels[part == 0], minlength=int(labels.max()) + 1)
    if not members.all():
        lacking = int(members.argmin())
        missing = names[lacking] if names is not None else lacking
        raise UserError(
            f"{where}: no row of the class {missing!s} is in the training part, so it cannot be "
            "learnt; move some of its rows there, or use a split that is spread over the classes"
        )
