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


def benjamini_hochberg(p: ArrayLike) -> Array:
    """Return p values adjusted for the false discovery rate: min over the larger ones of m p/rank.

    A row with an adjusted p of at most q is a discovery; of these at most a share of q is false in
    the mean, for independent or positively dependent tests (Benjamini & Hochberg 1995). NaN passes
    through and does not count in m.

    >>> benjamini_hochberg([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    p = np.asarray(p, dtype=float)
    adjusted = np.full_like(p, nan)
    order = np.argsort(p)[: np.sum(~np.isnan(p))][::-1]  # the largest first, NaN left out
    ranks = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * (len(order) / ranks)))
    return adjusted


def fcr_level(p: ArrayLike, q: float = 0.05) -> float:
    """Return the error α of the intervals of an exploratory family: R q/m, at least q/m.

    `p` are the decision p values of the m rows (:func:`decision_p`): the smallest α at which the
    1 - α interval of a row decides anything. R is the number of rows that Benjamini & Hochberg's
    step selects from them. Then *all* m rows get intervals at 1 - R q/m:

    - exactly the R selected rows are decided by their intervals, since these are the rows with
      p <= R q/m. So interval, mark and word agree in every row, selected or not;
    - the selected intervals miss their true values in at most a share q in the mean (the false
      coverage rate of Benjamini & Yekutieli 2005). A false statement of any kind ("differs",
      "inside the margin", "beyond it", a wrong sign) needs an interval that misses. So at most a
      share q of the statements is false in the mean, without a rule for each kind.

    NaN does not count in m. Raises ValueError if q is not inside (0, 1).

    >>> fcr_level([0.001, 0.02, 0.9, 0.5])
    0.025
    """
    p = _family(p, q)
    selected = int(np.sum(benjamini_hochberg(p) <= q))
    return q * max(1, selected) / max(1, len(p))


def simultaneous_level(p: ArrayLike, level: float = 0.05) -> float:
    """Return the error α of the intervals of a primary family: level/m, of its m tested rows.

    With it the chance that any of the m intervals misses, and so that any statement in the family
    is false, is at most `level` (Bonferroni). Holm's steps are for one hypothesis a row, here a row
    may say "differs", "inside" or "beyond the margin": intervals at level/(m - R), R rows decided,
    made a false statement in up to 37 % of families (docs/rigor.md).

    NaN does not count in m. Raises ValueError if `level` is not inside (0, 1).

    >>> simultaneous_level([0.001, 0.02, float("nan"), 0.9, 0.5])
    0.0125
    """
    return level / max(1, len(_family(p, level)))


def intersection_union(p: ArrayLike) -> float:
    """Return the p value of "every one of them": the largest, without adjustment (Berger 1982).

    NaN, a part that was not tested, gives 1: what was not tested is not shown. Raises ValueError
    if there is no p.
    """
    p = np.asarray(p, dtype=float)
    if not p.size:
        raise ValueError("need at least one p value")
    return float(np.where(np.isnan(p), 1.0, p).max())


def partial_conjunction(p: ArrayLike, u: int, simes: bool = False) -> float:
    """Return the p value of "at least u of the D" (Benjamini & Heller 2008).

    Null: fewer than u of the D alternatives are true. With sorted p, Bonferroni's form
    (D - u + 1) p_(u) holds under any dependence; Simes' form, the minimum over i >= u of
    (D - u + 1)/(i - u + 1) p_(i), for independent or positively dependent p. u = D gives
    :func:`intersection_union`. NaN counts as 1. Raises ValueError unless 1 <= u <= D.

    >>> partial_conjunction([0.001, 0.2, 0.004, 0.01], u=3)
    0.02
    """
    p = np.asarray(p, dtype=float)
    if not 1 <= u <= p.size:
        raise ValueError(f"u must be 1 to {p.size}, not {u}")
    rest = np.sort(np.where(np.isnan(p), 1.0, p))[u - 1 :]
    ranks = np.arange(1, len(rest) + 1) if simes else np.ones(1)
    return float(min(1.0, np.min(len(rest) / ranks * rest[: len(ranks)])))


def _family(p: ArrayLike, level: float) -> Array:
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level}")
    p = np.asarray(p, dtype=float)
    return p[~np.isnan(p)]
