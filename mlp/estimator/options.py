"""The options and samples of an estimator, checked."""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight

Array = np.ndarray

DTYPES = ("float64", "float32")


def seed_of(random_state: Any) -> int:
    """Return the seed of the named streams: an integer itself, otherwise a drawn one."""
    if isinstance(random_state, Integral):
        check_random_state(random_state)  # it says what an integer may be
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def layers_of(sizes: Sequence[int] | int) -> tuple[int, ...]:
    """Return the sizes of the hidden layers. Raises ValueError unless they are whole numbers.

    >>> layers_of(30), layers_of([5, 4]), layers_of(())
    ((30,), (5, 4), ())
    """
    layers: Any = (sizes,) if isinstance(sizes, Integral) else sizes
    if not isinstance(layers, Sequence | np.ndarray) or isinstance(layers, str):
        raise ValueError(f"hidden_layer_sizes is a list of whole numbers, found {sizes!r}")
    for size in layers:
        check_positive("a hidden layer's size", size)
    return tuple(layers)


def checked_weights(given: Any, X: Array) -> Array | None:
    """Return the weights of the samples, checked as scikit-learn does; None if none are given."""
    return None if given is None else _check_sample_weight(given, X, dtype=np.float64)


def check_dense_targets(y: Any) -> None:
    """Raise TypeError for a sparse y, in scikit-learn's words for a sparse X."""
    if hasattr(y, "toarray"):
        raise TypeError(
            "Sparse data was passed for y, but dense data is required. Use '.toarray()' to convert "
            "to a dense numpy array."
        )


def stratified(labels: Array, order: Array, held: int) -> tuple[Array, Array]:
    """Return the rows to train on and about `held` rows to hold back, of each class its share.

    The first row of each class in the `order` is always trained on. The others are put in the
    order of their classes, and held back at a constant rate.
    """
    by_class = order[np.argsort(labels[order], kind="stable")]
    _, first = np.unique(labels[by_class], return_index=True)
    others = np.delete(by_class, first)
    held = min(held, len(others))
    chosen = others[((np.arange(held) + 0.5) * len(others) / max(held, 1)).astype(int)]
    return order[~np.isin(order, chosen)], order[np.isin(order, chosen)]


def check_positive(name: str, value: Any) -> None:
    """Raise ValueError unless a value is a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is a whole number from 1, found {value!r}")


def check_number(name: str, value: Any, least: str) -> None:
    """Raise ValueError unless a value is a finite number, "above 0" or "from 0" as `least` says."""
    number = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    if not number or value < 0 or (value == 0 and least == "above 0"):
        raise ValueError(f"{name} is a number {least}, found {value!r}")


def is_truth(value: Any) -> bool:
    """Return whether a value is True or False, of Python or NumPy."""
    return isinstance(value, bool | np.bool_)


def check_truth(name: str, value: Any) -> None:
    """Raise ValueError unless a value is True or False."""
    if not is_truth(value):
        raise ValueError(f"{name} is True or False, found {value!r}")
