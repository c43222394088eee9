"""Makes the arrays X and y of columns: numbers as they are, categories one-hot."""

from collections.abc import Sequence

import numpy as np

from experiments.base import UserError, counted, listing
from experiments.datasets.checks import class_numbers
from experiments.datasets.parts import counts
from experiments.datasets.source import SMALLEST_CLASS, Shape
from experiments.datasets.tables.columns import Array, Column
from experiments.datasets.tables.options import option


def encode(
    file: object,
    made: Sequence[Column],
    label: str,
    task: str = "classification",
    allow_missing: bool = False,
    least: int = SMALLEST_CLASS,
) -> dict[str, Array]:
    """Return X (N, features) and y, (N,) class numbers or (N, 1) real values.

    A category is a block of one-hot features. With `allow_missing` a missing number is NaN, and
    so is each feature of a missing category; labels are never missing. A class has at least
    `least` members. Raises UserError, which names the file, the columns and the rows.
    """
    used = [column for column in made if column.kind != "left out"]
    target = next(column for column in used if column.name == label)
    features = [column for column in used if column.name != label]
    _refuse_infinite(file, used)
    _refuse_missing(file, [target], only_label=True)
    if not allow_missing:
        _refuse_missing(file, used, only_label=False)
    y = _targets(file, target, task, least)
    _refuse_leaks(file, features, target.name, y)
    return {"X": np.concatenate([_features(column) for column in features], axis=1), "y": y}


def table_shape(arrays: dict[str, Array]) -> Shape:
    """Return the shape of the arrays X and y of a table."""
    X, y = arrays["X"], arrays["y"]
    train, validation, _ = counts(arrays["part"]) if "part" in arrays else (0, 0, 0)
    classes = int(y.max()) + 1 if y.ndim == 1 else 0
    groups = len(np.unique(arrays["group"])) if "group" in arrays else 0
    samples, features = X.shape
    return Shape(samples, features, classes, 1, train, validation, groups)


def _features(column: Column) -> Array:
    if column.kind == "number":
        return column.values[:, None]
    block = np.eye(len(column.categories))[column.values]
    block[column.missing] = np.nan
    return block


def _rows(bad: Array) -> str:
    return listing(map(str, np.flatnonzero(bad) + 1))


def _refuse_infinite(file: object, used: Sequence[Column]) -> None:
    for column in used:
        if column.kind == "number" and np.isinf(column.values).any():
            bad = np.isinf(column.values)
            raise UserError(
                f"{file}: the column {column.name!r} has infinite values in "
                f"{counted(int(bad.sum()), 'row')}: {_rows(bad)} (the first after the heading is "
                f"1); correct them, remove these rows, or {option('drop', column.name)}"
            )


def _refuse_missing(file: object, used: Sequence[Column], only_label: bool) -> None:
    bad = {column.name: column.missing for column in used if column.missing.any()}
    if not bad:
        return
    rows = np.any(list(bad.values()), axis=0)
    advice = (
        "remove these rows"
        if only_label
        else (
            "set impute: median (or most_frequent, constant) to fill them from the training "
            "part, or remove these rows"
        )
    )
    raise UserError(
        f"{file}: values are missing in {counted(int(rows.sum()), 'row')}, in the columns "
        f"{listing(bad)}: rows {_rows(rows)} (the first after the heading is 1); {advice}"
    )


def _targets(file: object, column: Column, task: str, least: int) -> Array:
    if task == "regression":
        if column.kind != "number":
            raise UserError(
                f"{file}: the column {column.name!r} holds texts, so it cannot be a real value; "
                "set task: classification"
            )
        return column.values[:, None]
    if column.kind == "category":
        labels = np.array(column.categories)[column.values]
        return class_numbers(file, labels, least=least)[0]
    if (column.values % 1 != 0).any() or (np.abs(column.values) > 2**31).any():
        raise UserError(
            f"{file}: the column {column.name!r} holds real numbers, not classes; set "
            "task: regression, or name another label"
        )
    return class_numbers(file, column.values.astype(np.int64), least=least)[0]


def _refuse_leaks(file: object, features: Sequence[Column], label: str, y: Array) -> None:
    """Refuse a feature that tells the label: one to one with the classes, or equal."""
    for column in features:
        if _tells(column, y):
            raise UserError(
                f"{file}: the column {column.name!r} equals the label {label!r} one to one, so "
                f"nothing is left to learn; {option('drop', column.name)}"
            )


def _tells(column: Column, y: Array) -> bool:
    there = ~column.missing
    if 10 * there.sum() < 9 * len(y):
        return False  # with many gaps it tells no label by itself
    known, y = column.values[there], y[there]
    if y.ndim == 1:
        classes = len(np.unique(y))
        if classes < 2 or len(np.unique(known[:1000])) > classes:
            return False
        values, codes = np.unique(known, return_inverse=True)
        return len(values) == classes == len(np.unique(codes * (y.max() + 1) + y))
    return column.kind == "number" and np.array_equal(known, y[:, 0])
