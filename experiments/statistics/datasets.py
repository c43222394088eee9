"""Datasets as the sample: what holds for datasets of the kind that was studied.

The unit is the mean difference of a dataset, from :func:`confirm`. Datasets must come from a
stated rule; without one, nothing here is about more than the datasets themselves.
"""

from functools import lru_cache
from math import floor, inf, nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from experiments.schema import MIN_DATASETS as MIN_DATASETS
from experiments.statistics.deciding import decide
from experiments.statistics.families import holm
from experiments.statistics.samples import (
    DECIMALS,
    Array,
    Interval,
    sample,
    typical_interval,
    wilcoxon_p,
)

PRIOR_WEIGHT = 0.5  # of one pseudo-dataset with difference 0 (Benavoli et al. 2014)
SURE = 0.975  # a probability from which a sentence says so: then it is false in at most 5 %
DRAWS = 50_000  # from the posterior; a probability is within 0.5 points of its limit


class Chances(NamedTuple):
    """Posterior probabilities that a is better, that both are alike, that b is better."""

    a_better: float
    alike: float
    b_better: float


def signed_rank_chances(
    differences: ArrayLike, margin: float, prior: float = PRIOR_WEIGHT, draws: int = DRAWS
) -> Chances:
    """Return the probabilities of the Bayesian signed-rank test with a region of alike ±margin.

    The distribution of a dataset's difference has a Dirichlet process prior of weight `prior` at
    difference 0. In each draw w from its posterior, Dirichlet(prior, 1, ..., 1), the mean of two
    datasets' differences z_i is above the margin with chance Σ w_i w_j [z_i + z_j > 2 margin],
    below -margin, or between; the largest of the three wins the draw (Benavoli et al. 2014, ICML;
    2017, JMLR 18(77)). Fixed random stream. Raises ValueError if the differences are none or not
    finite, or the margin is negative.

    >>> signed_rank_chances([2.0, 3.0, 2.5, 4.0, 3.1, 2.2], margin=1.0).a_better > 0.99
    True
    """
    if margin < 0:
        raise ValueError(f"margin must not be negative, but it is {margin}")
    z = np.concatenate([[0.0], sample(differences)])
    sums = z[:, None] + z
    weights = _weights(len(z), prior, draws)
    above, below = (  # a tie with the margin is half on each side
        np.einsum("di,di->d", weights @ np.heaviside(sign * sums - 2 * margin, 0.5), weights)
        for sign in (1, -1)
    )
    shares = np.stack([above, 1 - above - below, below])
    return Chances(*(np.bincount(shares.argmax(axis=0), minlength=3) / draws).tolist())


def new_dataset_interval(differences: ArrayLike, level: float = 0.9) -> Interval:
    """Return the median and the interval in which one more dataset's difference is expected.

    The k-th smallest and the k-th largest of the D differences, k = floor((D + 1)(1 - level)/2). A
    new dataset drawn as these were, of whatever distribution, is inside with chance at least
    `level`. From 19 datasets on for 90 %; infinite ends for fewer. Raises ValueError if the
    differences are none or not finite.

    >>> new_dataset_interval(range(1, 20))
    Interval(mean=10.0, low=1.0, high=19.0)
    """
    x = np.sort(sample(differences))
    k = floor((len(x) + 1) * (1 - level) / 2 + 1e-9)
    ends = (x[k - 1], x[-k]) if k else (-inf, inf)
    return Interval(float(np.median(x)), *map(float, ends))


def over_datasets(table: pd.DataFrame, *, margin: float = 1.0, level: float = 0.05) -> pd.DataFrame:
    """Return what the datasets together say of each pair, a row per facet and pair.

    `table` has dataset, facet, a, b and difference (points), as :func:`confirm` gives it; a pair is
    not counted on a dataset where the difference is NaN. Columns: facet, a, b, n_datasets, mean,
    smallest, largest, a_ahead and b_ahead (datasets with a difference beyond the margin),
    difference (the typical one, :func:`typical_interval`), and from MIN_DATASETS datasets on:

    - low, high: its interval at 1 - level/m, m being the pairs tested, and verdict_kind, what the
      interval shows (:func:`decide`); else the kind is 'absent'
    - p, p_holm: exact Wilcoxon, and adjusted over the m pairs
    - p_a_better, p_alike, p_b_better (:func:`signed_rank_chances`)
    - new_low, new_high: the next dataset, at 90 % (:func:`new_dataset_interval`)

    Below MIN_DATASETS these are NaN: fewer datasets are described, not tested.
    """
    groups = table.dropna(subset=["difference"]).groupby(["facet", "a", "b"], sort=False)
    samples = [group["difference"].to_numpy(dtype=float) for _, group in groups]
    error = level / max(1, sum(len(x) >= MIN_DATASETS for x in samples))
    rows = [
        dict(zip(("facet", "a", "b"), key, strict=True))
        | _described(x, margin)
        | _tested(x, margin, error)
        for (key, _), x in zip(groups, samples, strict=True)
    ]
    found = pd.DataFrame(rows)
    if len(found):
        found.insert(found.columns.get_loc("p") + 1, "p_holm", holm(found["p"]))
        ends = zip(found["low"], found["high"], strict=True)
        found["verdict_kind"] = [decide(low, high, margin).value for low, high in ends]
    return found


def _described(x: Array, margin: float) -> dict[str, Any]:
    return {
        "n_datasets": len(x), "mean": float(x.mean()), "smallest": float(x.min()),
        "largest": float(x.max()), "a_ahead": int((x > margin).sum()),
        "b_ahead": int((x < -margin).sum()), "difference": typical_interval(x).mean,
    }  # fmt: skip


def _tested(x: Array, margin: float, error: float) -> dict[str, float]:
    names = ("low", "high", "p", "p_a_better", "p_alike", "p_b_better", "new_low", "new_high")
    if len(x) < MIN_DATASETS:
        return dict.fromkeys(names, nan)
    _, low, high = typical_interval(x, 1 - error)
    _, new_low, new_high = new_dataset_interval(x)
    p = wilcoxon_p(np.round(x, DECIMALS))
    values = (low, high, p, *signed_rank_chances(x, margin), new_low, new_high)
    return dict(zip(names, values, strict=True))


@lru_cache(maxsize=8)
def _weights(n: int, prior: float, draws: int) -> Array:
    """Return draws of Dirichlet(prior, 1, ..., 1) from a fixed stream, shape (draws, n)."""
    return np.random.default_rng(n).dirichlet([prior, *[1.0] * (n - 1)], size=draws)
