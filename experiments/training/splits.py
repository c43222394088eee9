"""Training, validation and test parts of a dataset, standardised by the training part."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from experiments.training.dealing import USUAL, Split, split_of
from mlp import Part
from mlp.parts import PARTS

if TYPE_CHECKING:  # the train job imports this module and should not wait for the sources
    from experiments.datasets import Shape

FIXED_SPLIT_SEED = 2018
IMPUTE = ("median", "most_frequent", "constant")
"""How missing features may be filled: the names of scikit-learn; the constant is 0."""

Array = np.ndarray


def part_sizes(shape: "Shape") -> dict[str, int]:
    """Return how many samples of a dataset are in each part (see :meth:`Split.sizes`)."""
    if shape.train:
        given = {"train": shape.train, "validation": shape.validation}
        return given | {"test": shape.samples - shape.train - shape.validation}
    return shape.split.sizes(shape.samples)


def overlap(shape: "Shape") -> float:
    """Return n_test/n_train of a dataset: what two of its splits have in common."""
    if shape.train:
        sizes = part_sizes(shape)
        return sizes["test"] / sizes["train"]
    return shape.split.overlap(shape.samples)


def kept_rows(train_fraction: float, n_train: int) -> int:
    """Return how many training samples a run keeps of those that its dataset has.

    >>> kept_rows(0.5, 91), kept_rows(0.001, 91)
    (46, 1)
    """
    return max(1, round(train_fraction * n_train))


def _thin(rows: Array, keep: int) -> Array:
    """Return `keep` of the rows, at a constant rate."""
    return rows[(np.arange(keep) * len(rows)) // keep]


def one_hot(labels: Array, classes: int, units: int) -> Array:
    """Return targets (N, units): one-hot, or the 0 and 1 of two classes for a single unit."""
    if units == 1:
        return labels[:, None].astype(float)
    return np.eye(classes)[labels]


def impute(X: Array, train: Array, how: str, column: Array) -> Array:
    """Return X (N, n_0) with its missing values (NaN) filled from the rows `train` only.

    A number becomes the median or the most frequent value of its feature, or 0. The features that
    share a number in `column` (n_0,) are a category, one-hot: a missing one becomes the most
    frequent category, or, with "constant", none of them.
    """
    from sklearn.impute import SimpleImputer  # slow to import, and seldom needed

    def filled(values: Array, strategy: str) -> Array:
        filler = SimpleImputer(strategy=strategy, keep_empty_features=True)
        return filler.fit(values[train]).transform(values)

    made = filled(X, how)
    numbers, sizes = np.unique(column, return_counts=True)
    for number in numbers[sizes > 1] if how != "constant" else ():
        block = np.flatnonzero(column == number)
        missing = np.isnan(X[:, block]).any(axis=1)
        category = np.where(missing, np.nan, X[:, block].argmax(axis=1))[:, None]
        made[:, block] = np.eye(len(block))[filled(category, "most_frequent")[:, 0].astype(int)]
    return made


def rows_of_parts(
    data: Mapping[str, Array], classes: int, seed: int, train_fraction: float = 1.0
) -> dict[str, Array]:
    """Return the row numbers of each part of a dataset, in order.

    They are its own parts, or those that its split deals from the seed. `train_fraction` keeps
    that share of the training part, evenly over the classes.
    """
    if "part" in data:
        rows = {name: np.flatnonzero(data["part"] == k) for k, name in enumerate(PARTS)}
    else:
        labels = data["y"] if classes else None
        rows = _split(data).rows(len(data["X"]), seed, labels, data.get("group"))
    rows["train"] = _thin(rows["train"], kept_rows(train_fraction, len(rows["train"])))
    return {name: np.sort(some) for name, some in rows.items()}


def _split(data: Mapping[str, Array]) -> Split:
    return split_of(json.loads(str(data["split"]))) if "split" in data else USUAL


def sizes_of_split(data: Mapping[str, Array], classes: int, seed: int) -> tuple[int, ...]:
    """Return the sizes of the parts that a seed gives, or nothing if all seeds give the same."""
    if "part" in data or _split(data).even:
        return ()
    return tuple(len(rows) for rows in rows_of_parts(data, classes, seed).values())


def scaling(train: Array) -> tuple[Array, Array]:
    """Return mean and standard deviation of the features over the training part."""
    return train.mean(axis=0), train.std(axis=0)


def scaled(X: Array, mean: Array, std: Array) -> Array:
    """Return X standardised; a feature whose deviation is 0 becomes 0."""
    X = (X - mean) / np.where(std > 0, std, 1)
    X[:, std == 0] = 0
    return X


def make_parts(
    data: Mapping[str, Array],
    *,
    classes: int,
    units: int,
    seed: int,
    dtype: str,
    train_fraction: float = 1.0,
    standardise: bool = True,
) -> dict[str, Part]:
    """Return the parts of a dataset, features standardised with the training part's statistics.

    `data` holds X (N, n_0) and y, class numbers (N,) or, where `classes` is 0, targets (N, K),
    and possibly `part` (N,), the number 0, 1 or 2 of the part that each row belongs to; or `split`,
    the setting of its split as JSON, and `group` (N,), the numbers of the groups; and `impute` and
    `column`, which say how missing values are filled (see :func:`impute`).
    A feature that is constant over the training part becomes 0.
    """
    X, y = data["X"], data["y"]
    rows = rows_of_parts(data, classes, seed, train_fraction)
    if "impute" in data:
        X = impute(X, rows["train"], str(data["impute"]), data["column"])
    if standardise:
        X = scaled(X, *scaling(X[rows["train"]]))
    Y = one_hot(y, classes, units) if classes else y
    return {
        name: Part(
            np.ascontiguousarray(X[index], dtype=dtype),
            np.ascontiguousarray(Y[index], dtype=dtype),
            y[index] if classes else None,
        )
        for name, index in rows.items()
    }
