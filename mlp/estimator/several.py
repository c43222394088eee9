"""Several labels for each sample: y is a matrix (N, K) of 0 and 1, scikit-learn's indicator."""

from numbers import Real
from typing import Any

import numpy as np

Array = np.ndarray

ONE_CLASS_ONLY = {"output_units": "classes", "class_weight": None, "label_smoothing": 0.0}
"""Parameters of the classifier that speak of one class for each sample, and what is neutral."""

OUTPUTS = ("sigmoid", "softmax")
"""The outputs of several labels, which are sigmoid units; softmax is the classifier's default."""


def is_matrix(y: Any) -> bool:
    """Return whether y, dense or sparse, has more than one column.

    >>> is_matrix([[0, 1]]), is_matrix([[0], [1]]), is_matrix([0, 1]), is_matrix(None)
    (True, False, False, False)
    """
    shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    return len(shape) == 2 and shape[1] > 1


def truth_values(y: Any) -> Array:
    """Return y (N, K), dense or sparse, as truth values. Raises ValueError for other than 0 and 1.

    >>> truth_values([[0, 1], [1, 1]]).tolist()
    [[False, True], [True, True]]
    """
    y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    allowed = (y == 0) | (y == 1) if y.dtype.kind in "biuf" else _zero_or_one(y)
    if not allowed.all():
        row, column = np.argwhere(~allowed)[0].tolist()
        raise ValueError(
            "a matrix y is several labels for each sample, numbers 0 and 1 without NaN; found "
            f"{y[row, column]!s} ({type(y[row, column]).__name__}) in row {row}, column {column} "
            "(counted from 0): mend these, or give one class for each sample, y (N,)"
        )
    return y.astype(bool)


_zero_or_one = np.vectorize(lambda v: isinstance(v, Real) and v in (0, 1), otypes=[bool])


def check_several(estimator: Any) -> None:
    """Raise ValueError if a classifier has a parameter that speaks of one class for each sample."""
    for name, neutral in ONE_CLASS_ONLY.items():
        value = getattr(estimator, name)
        if value is not neutral and not (np.isscalar(value) and value == neutral):
            raise ValueError(
                f"{name} needs one class for each sample, and y has several labels: "
                f"leave out {name}={value!r}"
            )
    if not isinstance(estimator.output, str) or estimator.output not in OUTPUTS:
        raise ValueError(
            "several labels for each sample need the output 'sigmoid' (also if 'softmax', the "
            f"default, is left), found {estimator.output!r}"
        )
