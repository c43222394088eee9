"""Samples with their targets: the parts that a network is trained, validated and tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlp.costs import COSTS
from mlp.network import Network, quiet

Array = np.ndarray

PARTS = ("train", "validation", "test")
"""The names that a part can have."""


@dataclass(frozen=True)
class Part:
    """Samples X (N, n_0), their targets Y (N, K) and, for classification, class numbers (N,).

    `weights` (N,) say how much each sample counts in training, relative to the others: its share
    of the gradient is multiplied by its weight over their mean. Accuracy and cost are always
    measured without weights.

    The targets of classes are one-hot, or with one output unit the class number 0 or 1. Class
    numbers may be of any integer type. A sample has several labels if `labels` are truth values
    (N, K), and its targets the same as numbers; an accuracy is then the share of samples of which
    all K outputs are right. Lists and data frames are converted to arrays. Raises ValueError if the
    shapes do not match, or if the labels are neither whole numbers nor truth values (N, K).
    """

    X: Array
    Y: Array
    labels: Array | None = None
    weights: Array | None = None

    def __post_init__(self) -> None:
        for name in ("X", "Y", "labels", "weights"):
            if name in ("X", "Y") or getattr(self, name) is not None:
                object.__setattr__(self, name, np.asarray(getattr(self, name)))
        x, y = self.X.shape, self.Y.shape
        if len(x) != 2 or len(y) != 2 or x[0] != y[0]:
            raise ValueError(f"a part is of X (N, n_0) and targets Y (N, K), found X {x}, Y {y}")
        for name in ("X", "Y"):
            if (dtype := getattr(self, name).dtype).kind not in "biuf":
                raise ValueError(f"{name} of a part holds numbers, found values of type {dtype}")
        if self.labels is not None:
            object.__setattr__(self, "labels", _checked_labels(self.labels, y))
        if self.weights is not None:
            _check_weights(self.weights, len(self))
            object.__setattr__(self, "weights", self.weights.astype(float, copy=False))

    def __len__(self) -> int:
        return len(self.X)

    @property
    def several(self) -> bool:
        """Whether a sample may have several labels."""
        return self.labels is not None and self.labels.dtype == bool

    def check(self, net: Network, name: str = "training") -> None:
        """Raise ValueError if a network cannot be trained or measured on the part, called `name`.

        The samples and targets must be finite, of the network's shape, and the targets must be
        those of the labels.
        """
        if not len(self):
            raise ValueError(f"the {name} part holds no sample")
        if (self.X.shape[1], self.Y.shape[1]) != (net.sizes[0], net.sizes[-1]):
            raise ValueError(
                f"the {name} part has samples of {self.X.shape[1]} numbers and targets of "
                f"{self.Y.shape[1]}, which a network {net.shape} cannot take"
            )
        _check_finite(self.X, f"X of the {name} part")
        _check_finite(self.Y, f"Y of the {name} part")
        if self.labels is not None:
            self._check_labels(self.labels, net, name)

    def _check_labels(self, labels: Array, net: Network, name: str) -> None:
        """Raise ValueError if there is no such class, or if a target names another class."""
        if self.several:
            _check_several(net, name)
            agrees = ((self.Y > 0.5) == labels).all(axis=1)
        else:
            _check_range(labels, net, name)
            agrees = _of_class(self.Y, labels)
        if not agrees.all():
            row = int(np.argmin(agrees))
            raise ValueError(
                f"targets and labels of the {name} part contradict each other: in row {row} "
                f"(counted from 0) the target is {self.Y[row].tolist()} and the label "
                f"{labels[row].tolist()}; {_TARGETS}"
            )

    def check_measure(self, net: Network, name: str) -> None:
        """Raise ValueError if the part has targets of classes but no labels to count hits with."""
        classifies = net.activations[-1].name in COSTS["cross_entropy"].outputs
        if self.labels is None and classifies and _are_classes(self.Y):
            raise ValueError(
                f"the {name} part has targets of classes but no labels, so that no accuracy can be "
                f"counted; give the class numbers as well: {_HOW_TO_LABEL[self.Y.shape[1] > 1]}"
            )

    def astype(self, dtype: np.dtype[Any]) -> "Part":
        """Return the part with features and targets of a type; itself where they are of it."""
        if self.X.dtype == self.Y.dtype == dtype:
            return self
        with np.errstate(over="ignore"):  # `check` names a number that is too large for the type
            return replace(self, X=self.X.astype(dtype), Y=self.Y.astype(dtype))

    def rows(self, index: Array) -> "Part":
        """Return the samples of some rows, with all that belongs to them."""
        labels = None if self.labels is None else self.labels[index]
        weights = None if self.weights is None else self.weights[index]
        return Part(self.X[index], self.Y[index], labels, weights)


@dataclass(frozen=True)
class Folds:
    """The parts of several folds, of one shape, and the number of the fold of each replica (R,).

    Raises ValueError if the folds differ in shape, or if a replica's fold does not exist.

    >>> parts = [Part(np.zeros((3, 2)), np.zeros((3, 1))) for _ in range(2)]
    >>> len(Folds(parts, [0, 1, 1]))
    3
    """

    parts: Sequence[Part]
    number: Array

    def __post_init__(self) -> None:
        number = np.asarray(self.number)
        object.__setattr__(self, "number", number)
        kinds = {
            (one.X.shape, one.Y.shape, one.labels is None, one.several, one.weights is None)
            for one in self.parts
        }
        if len(kinds) != 1:
            found = " and ".join(sorted(f"X {x}, Y {y}" for x, y, *_ in kinds)) or "no part"
            raise ValueError(
                "the parts of all folds have one shape, all with labels or none, all with weights "
                f"or none, found {found}"
            )
        if number.dtype.kind not in "iu":
            raise ValueError(f"a fold is a whole number, found {number.tolist()}")
        if number.min() < 0 or number.max() >= len(self.parts):
            raise ValueError(
                f"there are {len(self.parts)} folds, from 0 to {len(self.parts) - 1}, and a "
                f"replica of fold {number.min() if number.min() < 0 else number.max()}"
            )

    def __len__(self) -> int:
        return len(self.parts[0])

    @classmethod
    def of(cls, part: "Part | Folds", R: int) -> "Folds":
        """Return the folds of R replicas; a part is the only fold of all of them."""
        return cls([part], np.zeros(R, int)) if isinstance(part, Part) else part


def balanced_weights(labels: Array, classes: int) -> Array:
    """Return the weight N/(K n_k) of each class k, of which there are n_k of N samples, (K,).

    A class without a sample has the weight 0, and K counts the others.

    >>> balanced_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.667, 2.0]
    """
    counts = np.bincount(labels, minlength=classes)
    there = counts > 0
    return np.divide(len(labels), there.sum() * counts, out=np.zeros(len(counts)), where=there)


def joined(arrays: Sequence[Array]) -> Array:
    """Return the rows of all arrays in one; a single one is not copied if it is contiguous."""
    return np.concatenate(arrays) if len(arrays) > 1 else np.ascontiguousarray(arrays[0])


_TARGETS = "a target is 1 for the class of the label and 0 elsewhere (one unit: 0 or 1)"

_HOW_TO_LABEL = ("Part(X, Y, Y[:, 0].astype(int))", "Part(X, Y, Y.argmax(axis=1))")


def _checked_labels(labels: Array, shape: tuple[int, ...]) -> Array:
    """Return class numbers (N,), or truth values of the targets' shape (N, K)."""
    if labels.dtype == bool and labels.shape == shape:
        return labels
    if labels.shape != shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"a part has a class number for each of its {shape[0]} samples, "
            f"found labels {labels.shape} of type {labels.dtype}; truth values {shape} are "
            "several labels for each sample"
        )
    return labels.astype(np.intp, copy=False)


def _check_range(labels: Array, net: Network, name: str) -> None:
    """Raise ValueError if a network does not know a class number."""
    least, most, last = labels.min(), labels.max(), max(2, net.sizes[-1]) - 1
    if least < 0 or most > last:
        raise ValueError(
            f"the class numbers of the {name} part go from {least} to {most}; "
            f"a network {net.shape} knows 0 to {last}"
        )


def _of_class(Y: Array, labels: Array) -> Array:
    """Return which targets (N, K) are those of their class numbers (N,)."""
    if Y.shape[1] == 1:
        return (Y[:, 0] > 0.5) == labels
    return np.take_along_axis(Y, labels[:, None], axis=1)[:, 0] == Y.max(axis=1)


def _check_several(net: Network, name: str) -> None:
    """Raise ValueError if a network gives one class, and a part several labels for a sample."""
    output = net.activations[-1]
    if output.output_only:
        raise ValueError(
            f"the {name} part has several labels for each sample, and {output.name} gives one "
            "class: use the output sigmoid"
        )
    if net.label_smoothing:
        raise ValueError(
            f"the {name} part has several labels for each sample, and label_smoothing needs one "
            "class: leave it out"
        )


def _check_weights(weights: Array, n: int) -> None:
    """Raise ValueError unless there is a weight from 0 on for each sample, not all of them 0."""
    if weights.shape != (n,) or weights.dtype.kind not in "biuf":
        raise ValueError(
            f"a part has a weight for each of its {n} samples, found weights {weights.shape} of "
            f"type {weights.dtype}"
        )
    allowed = np.isfinite(weights) & (weights >= 0)
    if not allowed.all():
        row = int(np.argmin(allowed))
        raise ValueError(
            f"a sample's weight is a finite number from 0 on, found {weights[row]} in row {row} "
            "(counted from 0)"
        )
    if n and not weights.any():
        raise ValueError("the weights of all samples are 0, so that nothing can be trained")


def _check_finite(values: Array, what: str) -> None:
    """Raise ValueError, with the first place, if a number is NaN or infinite."""
    with quiet():
        if values.dtype.kind in "biu" or np.isfinite(np.sum(values)):
            return  # a finite sum has finite terms
    finite = np.isfinite(values)
    if not finite.all():
        row, column = np.argwhere(~finite)[0].tolist()
        raise ValueError(
            f"{what} holds {values[row, column]} in row {row}, column {column} (counted from 0), "
            f"in {np.count_nonzero(~finite)} places in all; only finite numbers can be trained "
            "on: replace or leave out these samples"
        )


def _are_classes(Y: Array) -> bool:
    """Return whether each target is a 1 among zeros, or, for one unit, 0 or 1."""
    ones = np.count_nonzero(Y == 1, axis=1)
    return bool(((ones == 1) | (Y.shape[1] == 1)).all() and ((Y == 0) | (Y == 1)).all())
