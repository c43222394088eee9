"""Decisions from one interval: is there a difference, is it relevant, is it inside the margin.

Everything is a function of the number n of independent values (split means), their mean and their
spread (standard deviation), elementwise. So one interval decides all: the 1 - α t-interval

    mean ± t_{n-1}(1 - α/2) spread / sqrt(n)

against 0 and ±margin. What α is, the family says (:func:`fcr_level`,
:func:`simultaneous_level`).
"""

from bisect import bisect_left
from functools import lru_cache
from math import inf, isnan, nan

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtri, ndtr, stdtr, stdtrit

from experiments.statistics.kinds import Kind
from experiments.statistics.samples import MOST_SEEDS, Array

POWER = 0.9
SPREAD_NODES = 400  # of the integral over the spread that a sample may have


def decide(low: float, high: float, margin: float) -> Kind:
    """Return the one kind that the interval [low, high] shows against 0 and ±margin.

    ::

        absent        there is no interval (NaN)
        relevant      all of it is beyond +margin, or all beyond -margin
        negligible    it leaves 0 out and is inside ±margin
        better        it leaves 0 out, but reaches the margin: how large is open
        equivalent    it holds 0 and is inside ±margin
        inconclusive  the rest

    Raises ValueError unless low <= high and margin > 0.

    >>> f"{decide(3.1, 4.7, margin=1)}, {decide(-0.2, 0.7, margin=1)}, {decide(-0.2, 1.7, 1)}"
    'relevant, equivalent, inconclusive'
    """
    if isnan(low) or isnan(high):
        return Kind.ABSENT
    if low > high or not margin > 0:
        raise ValueError(f"need low <= high and margin > 0, not [{low}, {high}] and {margin}")
    if low > margin or high < -margin:
        return Kind.RELEVANT
    inside = -margin < low and high < margin
    if low > 0 or high < 0:
        return Kind.NEGLIGIBLE if inside else Kind.BETTER
    return Kind.EQUIVALENT if inside else Kind.INCONCLUSIVE


def not_below_rounding(spread: ArrayLike, samples: ArrayLike) -> Array:
    """Return the spread of split means in points, at least that of rounding, elementwise.

    A mean over runs that test `samples` samples in all has steps of 100/samples points, and to
    round to steps has the standard deviation step/sqrt(12). Equal split means are common on small
    test sets; without this bound two of them would be proof. NaN, an unknown spread, stays NaN.
    """
    return np.maximum(np.asarray(spread, dtype=float), 100 / np.asarray(samples) / np.sqrt(12))


def t_p(n: ArrayLike, mean: ArrayLike, spread: ArrayLike) -> Array:
    """Return the two-sided p of the t-test of mean 0, elementwise: 2 P(T_{n-1} > |mean|/se).

    Without spread it is 0, or 1 if the mean is 0 too; NaN for fewer than two values.
    """
    return 2 * stdtr(_freedom(n), -_ratio(n, np.abs(mean), spread))


def inside_p(n: ArrayLike, mean: ArrayLike, spread: ArrayLike, margin: ArrayLike) -> Array:
    """Return the p of the two one-sided t-tests of "inside ±margin", elementwise (Schuirmann 1987).

    P(T_{n-1} > (margin - |mean|)/se): what :func:`tost_p` gives for a sample. NaN for fewer than
    two values.
    """
    return stdtr(_freedom(n), _ratio(n, np.abs(mean) - np.asarray(margin), spread))


def decision_p(n: ArrayLike, mean: ArrayLike, spread: ArrayLike, margin: ArrayLike) -> Array:
    """Return the smallest α at which the 1 - α interval decides anything, elementwise.

    min(p of "differs from 0", 2 p of the two one-sided tests of "inside the margin"): the interval
    leaves 0 out if and only if the first is at most α, and is inside if and only if the second is.
    A smaller α only widens the interval, so that what is decided at α is decided at any larger one.
    """
    inside = 2 * inside_p(n, mean, spread, margin)
    return np.minimum(np.minimum(t_p(n, mean, spread), inside), 1.0)


def decides_with(n: int, spread: float, difference: float, margin: float, level: float) -> float:
    """Return the chance that n values decide rightly, if these are true difference and spread.

    Right is: the 1 - level interval leaves 0 out on the side of a true difference, or is inside
    ±margin if the true difference is. Given the spread of a sample, and so the half width h, this
    is mean > h or |mean| < margin - h, of a normal mean; the spread is integrated over its χ
    distribution.

    >>> round(decides_with(20, spread=1.0, difference=0.0, margin=1.0, level=0.05), 3)
    0.977
    """
    error, size = spread / np.sqrt(n), abs(difference)
    h = _half_widths(n, level) * error
    room = np.maximum(0.0, margin - h)
    apart = ndtr((size - h) / error) if size else np.zeros_like(h)
    inside = ndtr((room - size) / error) - ndtr((-room - size) / error)
    if size >= margin:
        return float(np.mean(apart))
    if not size:
        return float(np.mean(inside))
    either = np.where(room > h, ndtr((room + size) / error), apart + inside)
    return float(np.mean(either))


def splits_to_decide(
    spread: float, margin: float, difference: float = 0.0, level: float = 0.05, power: float = POWER
) -> float:
    """Return how many fresh splits decide rightly with this power at this true difference.

    The smallest n with :func:`decides_with` of at least `power`. At difference 0 it is the number
    for equivalence (two one-sided tests). Infinite above 100,000; NaN without a spread.

    >>> splits_to_decide(spread=1.0, margin=1.0)
    16.0
    """
    if not spread > 0:
        return nan
    numbers = range(2, MOST_SEEDS + 1)
    at = bisect_left(
        numbers, True, key=lambda n: decides_with(n, spread, difference, margin, level) >= power
    )
    return float(numbers[at]) if at < len(numbers) else inf


def _freedom(n: ArrayLike) -> Array:
    n = np.asarray(n, dtype=float)
    return np.where(n > 1, n - 1, nan)


def _ratio(n: ArrayLike, size: ArrayLike, spread: ArrayLike) -> Array:
    """Return size/(spread/sqrt(n)), with 0/0 as 0."""
    size, error = np.asarray(size, dtype=float), np.asarray(spread, dtype=float) / np.sqrt(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((size == 0) & (error == 0), 0.0, size / error)


@lru_cache(maxsize=256)
def _half_widths(n: int, level: float) -> Array:
    """Return t_{n-1} s for equally likely values s of the spread of n values with spread 1."""
    middles = (np.arange(SPREAD_NODES) + 0.5) / SPREAD_NODES
    return stdtrit(n - 1, 1 - level / 2) * np.sqrt(chdtri(n - 1, 1 - middles) / (n - 1))
