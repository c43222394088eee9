"""How good a network is: accuracy, equation (24), and R² for regression."""

import numpy as np

from mlp.activations import row_sums

Array = np.ndarray


def predict_classes(a: Array) -> Array:
    """Return the predicted class of each output a (..., K), or -1 if a is not finite.

    One unit (K = 1) is the probability of class 1; otherwise the largest output wins.

    >>> predict_classes(np.array([[0.2, 0.8], [np.nan, 1.0]])).tolist()
    [1, -1]
    >>> predict_classes(np.array([[0.2], [0.8]])).tolist()
    [0, 1]
    """
    classes = (a[..., 0] > 0.5).astype(np.intp) if a.shape[-1] == 1 else np.argmax(a, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        finite = np.isfinite(row_sums(a)).all()  # finite sums have finite terms
    return classes if finite else np.where(np.isfinite(a).all(axis=-1), classes, -1)


def predict_labels(a: Array) -> Array:
    """Return whether each of several labels is predicted: its output in a (..., K) is above 0.5.

    >>> predict_labels(np.array([[0.2, 0.8, 0.9]])).tolist()
    [[False, True, True]]
    """
    return a > 0.5


def correct(a: Array, labels: Array) -> Array:
    """Return the number of samples whose predicted class is the true one, the sum in (24).

    `a` is (..., N, K), `labels` (N,) holds class numbers; the result has the leading shape.
    With truth values (N, K) of several labels, all K of a sample must be right.
    An output that is not finite is counted as wrong.
    """
    labels = np.asarray(labels)
    if labels.dtype != bool or labels.shape[-2:] != a.shape[-2:]:
        return np.count_nonzero(predict_classes(a) == labels, axis=-1)
    right = (predict_labels(a) == labels) & np.isfinite(a)
    return np.count_nonzero(right.all(axis=-1), axis=-1)


def accuracy(a: Array, labels: Array) -> Array:
    """Return the share of samples whose predicted class is the true one, (24); see `correct`.

    With several labels it is the subset accuracy.

    >>> float(accuracy(np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4]]), np.array([0, 1, 1])))
    0.6666666666666666
    >>> float(accuracy(np.array([[0.9, 0.8], [0.3, 0.7]]), np.array([[True, True], [True, True]])))
    0.5
    """
    return correct(a, labels) / len(labels)


def squared_error(a: Array, targets: Array) -> Array:
    """Return Σ‖a - y‖² over the samples, of `a` (..., N, K) and `targets` (N, K)."""
    return np.sum(np.square(a - targets), axis=(-2, -1), dtype=float)


def r_squared(a: Array, targets: Array) -> Array:
    """Return 1 - Σ‖a - y‖²/Σ‖y - ȳ‖², with `a` (..., N, K) and `targets` (N, K)."""
    return 1 - squared_error(a, targets) / squared_error(targets.mean(axis=0), targets)
