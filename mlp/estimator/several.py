"""Several labels for each sample: y is a matrix (N, K) of 0 and 1, scikit-learn's indicator."""

from typing import Any

import numpy as np

Array = np.ndarray

ONE_CLASS_ONLY = {"output_units": "classes", "class_weight": None, "label_smoothing": 0.0}
"""Parameters of the classifier that speak of one class for each sample, and what is neutral."""


def truth_values(y: Any) -> Array:
    """Return y (N, K), dense or sparse, as truth values. Raises ValueError for other than 0 and 1.

    >>> truth_values([[0, 1], [1, 1]]).tolist()
    [[False, True], [True, True]]
    """
    y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(
            f"several labels for each sample are 0 or 1, found {np.unique(y).tolist()} in y"
        )
    return y.astype(bool)


def check_several(estimator: Any) -> None:
    """Raise ValueError if a classifier has a parameter that speaks of one class for each sample."""
    for name, neutral in ONE_CLASS_ONLY.items():
        if (value := getattr(estimator, name)) != neutral:
            raise ValueError(
                f"{name} needs one class for each sample, and y has several labels: "
                f"leave out {name}={value!r}"
            )
