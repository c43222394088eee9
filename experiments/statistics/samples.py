"""One sample of paired differences: intervals, tests, numbers of seeds."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from math import inf, nan, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

Array = np.ndarray

EXACT_UP_TO = 20  # seeds; beyond, 2^n sign patterns are sampled instead of enumerated
SIGN_RESAMPLES = 99_999  # with the observed pattern itself 100,000, so that p has five digits
MOST_SEEDS = 100_000  # a number of seeds beyond this is reported as infinite
DECIMALS = 9  # of a difference in points; far below one sample, far above float noise


class Interval(NamedTuple):
    """A mean and the ends of its confidence interval, in the unit of the data."""

    mean: float
    low: float
    high: float


def t_interval(x: ArrayLike, level: float = 0.95, overlap: float | None = None) -> Interval:
    """Return the mean of `x` and its t-interval, mean ± t_{n-1} s sqrt(1/n + overlap).

    `overlap` is n_test/n_train where every seed draws its own split: the splits overlap, the
    values are not independent, and 1/n alone is too narrow (Nadeau & Bengio 2003, Machine
    Learning 52). One value has no spread, so its ends are NaN; without any spread both ends are
    the mean. Raises ValueError where `x` is empty or not finite, or `level` not inside (0, 1).

    >>> t_interval([1.0, 2.0, 3.0]).mean
    2.0
    >>> [round(end, 3) for end in t_interval([1.0, 2.0, 3.0])[1:]]
    [-0.484, 4.484]
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    x = sample(x)
    mean = float(x.mean())
    half = float(half_width(len(x), spread_of(x), level, overlap or 0.0))
    return Interval(mean, mean - half, mean + half)


def prediction_interval(x: ArrayLike, level: float = 0.95, runs: int = 1) -> Interval:
    """Return the mean of `x` and the interval of another run, mean ± t_{n-1} s sqrt(1 + 1/n).

    If the runs of `x` and another one are drawn alike, the other's value is inside with the
    probability `level`; the interval of the mean is much narrower. If the other value is itself a
    mean of `runs` runs, 1 becomes 1/runs. One value has no spread, so its ends are NaN. Raises
    ValueError as :func:`t_interval` does.

    >>> [round(end, 3) for end in prediction_interval([1.0, 2.0, 3.0])[1:]]
    [-2.968, 6.968]
    """
    return t_interval(x, level, overlap=1 / runs)


def t_intervals(columns: ArrayLike, level: float = 0.95, overlap: float | None = None) -> Array:
    """Return :func:`t_interval` of each column of (n, columns): mean, low, high, as (3, columns).

    A column with a value that is not finite has a mean that is not finite, and ends that are NaN.

    >>> t_intervals([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]).round(3).tolist()
    [[2.0, 5.0], [-0.484, 5.0], [4.484, 5.0]]
    """
    x = np.asarray(columns, dtype=float)
    with np.errstate(invalid="ignore"):
        mean = x.mean(axis=0)
        spread = x.std(axis=0, ddof=1) if len(x) > 1 else np.full_like(mean, nan)
        half = half_width(len(x), spread, level, overlap or 0.0)
        return np.stack([mean, mean - half, mean + half])


def tost_p(x: ArrayLike, margin: float, overlap: float | None = None) -> float:
    """Return the p value of equivalence: the larger of two one-sided t-tests against ±margin.

    p = P(T_{n-1} > (margin - |mean|) / se), which is below α exactly where the 1 - 2α t-interval
    lies inside ±margin (Schuirmann 1987). NaN where no t-test exists: one value, or no spread.
    Raises ValueError where `x` is empty or not finite.

    >>> round(tost_p([0.1, -0.2, 0.3, 0.0], margin=1.0), 5)
    0.00139
    """
    x = sample(x)
    spread = spread_of(x)
    if not spread > 0:
        return nan
    error = spread * sqrt(1 / len(x) + (overlap or 0.0))
    return float(stdtr(len(x) - 1, (abs(x.mean()) - margin) / error))


def sign_flip_p(differences: ArrayLike) -> float:
    """Return the two-sided p of the paired randomisation test on the mean.

    If the arms of a pair are exchangeable, every pattern of signs is as likely as the observed
    one: p = share of the 2^n patterns with |mean| >= |observed mean| (Fisher 1935). Exact up to
    20 differences; above, p = (1 + hits)/(1 + 99,999) over random patterns from a fixed stream.
    Raises ValueError where the differences are none or not finite.

    >>> sign_flip_p([1, 2, 3, 4, 5, 6])
    0.03125
    """
    return sign_flip_ps([sample(differences)])[0]


def sign_flip_ps(samples: Iterable[Array]) -> list[float]:
    """Return :func:`sign_flip_p` of many samples, NaN of an empty one; those of one size at once.

    >>> sign_flip_ps([np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), np.array([])])
    [0.03125, nan]
    """
    samples = list(samples)
    found = np.full(len(samples), nan)
    sizes = np.array([len(x) for x in samples])
    for n in np.unique(sizes[sizes > 0]):
        mine = np.flatnonzero(sizes == n)
        x = np.array([samples[at] for at in mine]).T
        # Patterns that tie exactly may differ in their last bits, and a tie counts as a hit.
        observed = np.abs(x.sum(axis=0)) - 1e-9 * np.abs(x).sum(axis=0)
        p_of = _exact_flips if n <= EXACT_UP_TO else _random_flips
        found[mine] = p_of(x, observed)
    return found.tolist()


def _random_flips(x: Array, observed: Array) -> Array:
    hits = sum(
        np.sum(np.abs(signs.astype(float) @ x) >= observed, axis=0)
        for signs in np.array_split(_random_signs(len(x)), 99)
    )
    return (1 + hits) / (1 + SIGN_RESAMPLES)


def _exact_flips(x: Array, observed: Array) -> Array:
    # Meet in the middle: a pattern is one of the left half and one of the right, so 2^(n/2)
    # sums and a sorted search count what would else take 2^n sums.
    middle = len(x) // 2
    left = _all_signs(middle) @ x[:middle]
    right = np.sort(_all_signs(len(x) - middle) @ x[middle:], axis=0)
    hits = [
        len(high) - np.searchsorted(high, far - low, side="left")
        + np.searchsorted(high, -far - low, side="right")
        for low, high, far in zip(left.T, right.T, observed, strict=True)
    ]  # fmt: skip
    return np.minimum(1.0, np.sum(hits, axis=1) / 2 ** len(x))


def wilcoxon_p(differences: ArrayLike) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test, exact for any n, also with ties.

    Each of the 2^n patterns of signs of the ranks of |d| is equally likely: p = share with a sum as
    far from 0 as the observed one. Differences of 0 are left out, as Wilcoxon did. NaN where all
    are 0. Raises ValueError where the differences are none or not finite.

    >>> wilcoxon_p([1, 2, 3, 4, 5, 60])
    0.03125
    """
    x = sample(differences)
    x = x[x != 0]
    if not len(x):
        return nan
    _, places, ties = np.unique(np.abs(x), return_inverse=True, return_counts=True)
    ranks = (2 * np.cumsum(ties) - ties + 1)[places]  # twice the mean rank of those that tie
    chances = _rank_sums(ranks)
    middle = ranks.sum() / 2
    distance = abs(ranks[x > 0].sum() - middle)
    return min(1.0, float(chances[np.abs(np.arange(len(chances)) - middle) >= distance].sum()))


def typical_interval(x: ArrayLike, level: float = 0.95) -> Interval:
    """Return the typical value of `x` and its exact interval, those of Wilcoxon's test.

    The typical value is the median of the means of all pairs, a value with itself included (Hodges
    & Lehmann 1963). The interval holds every value that the test of :func:`wilcoxon_p` would not
    reject at 1 - level, for a distribution without ties that is symmetric about its typical value.
    Infinite ends if `x` is too few for this level. Raises ValueError as :func:`t_interval` does.

    >>> typical_interval([1.0, 2.0, 3.0, 4.0, 5.0, 60.0])
    Interval(mean=3.5, low=1.0, high=60.0)
    """
    x = sample(x)
    means = np.sort((x[:, None] + x)[np.triu_indices(len(x))] / 2)
    chances = np.cumsum(_rank_sums(np.arange(1, len(x) + 1)))
    outside = int(np.sum(chances <= (1 - level) / 2 * (1 + 1e-12)))
    ends = (means[outside - 1], means[-outside]) if outside else (-inf, inf)
    return Interval(float(np.median(means)), *map(float, ends))


def _rank_sums(ranks: Array) -> Array:
    """Return the chance of each sum 0, 1, ... of whole ranks, each counted with chance 1/2."""
    chances = np.ones(1)
    for rank in ranks:
        longer = np.zeros(len(chances) + rank)
        longer[: len(chances)] = chances / 2
        longer[rank:] += chances / 2
        chances = longer
    return chances


def seeds_for_margin(
    spread: float, margin: float, level: float = 0.05, overlap: float | None = None
) -> float:
    """Return about how many seeds in all give a 1 - level interval of half width <= margin.

    The smallest n with t_{n-1} spread sqrt(1/n + overlap) <= margin, from the spread (standard
    deviation of the differences) alone, not from the mean. Infinite where more than 100,000
    would be needed, as with overlapping splits; NaN where there is no spread to judge by.

    >>> seeds_for_margin(spread=2.0, margin=1.0)
    18.0
    """
    if not spread > 0:
        return nan
    numbers = range(2, MOST_SEEDS + 1)
    overlap = overlap or 0.0
    at = bisect_left(
        numbers, True, key=lambda n: bool(half_width(n, spread, 1 - level, overlap) <= margin)
    )
    return float(numbers[at]) if at < len(numbers) else inf


def sample(x: ArrayLike) -> Array:
    """Return `x` as an array. Raises ValueError unless it is a sample of finite numbers."""
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise ValueError("need a one-dimensional, non-empty sample of finite numbers")
    return x


def spread_of(x: Array) -> float:
    """Return the standard deviation (n - 1): exactly 0 for equal values, NaN for one."""
    if len(x) < 2:
        return nan
    return float(x.std(ddof=1)) if np.ptp(x) > 0 else 0.0


def half_width(n: ArrayLike, spread: ArrayLike, level: float, overlap: float) -> Any:
    """Return t_{n-1} spread sqrt(1/n + overlap); NaN where n < 2, elementwise."""
    n = np.asarray(n, dtype=float)
    freedom = np.where(n > 1, n - 1, nan)
    return stdtrit(freedom, (1 + level) / 2) * spread * np.sqrt(1 / np.maximum(n, 1) + overlap)


@lru_cache(maxsize=EXACT_UP_TO)
def _all_signs(n: int) -> Array:
    """Return the 2^n patterns of n signs, shape (2^n, n)."""
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)


@lru_cache(maxsize=4)
def _random_signs(n: int) -> Array:
    """Return random patterns of n signs from a fixed stream, shape (99999, n)."""
    rng = np.random.default_rng(n)
    return 1 - 2 * rng.integers(0, 2, size=(SIGN_RESAMPLES, n), dtype=np.int8)


def mean_of(x: Array) -> float:
    """Return the mean, NaN of nothing."""
    return float(x.mean()) if len(x) else nan
