"""Families of tests: p values adjusted for how many there are."""

from math import nan

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray


def holm(p: ArrayLike) -> Array:
    """Return Holm's adjusted p values: max over the smaller ones of (m - rank) p, at most 1.

    NaN passes through and does not count in the size m of the family (Holm 1979).

    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full_like(p, nan)
    order = np.argsort(p)[: np.sum(~np.isnan(p))]  # argsort puts NaN last
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(factors * p[order]))
    return adjusted
