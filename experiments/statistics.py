"""What the runs of a comparison say: paired differences, tests, intervals, ranks, verdicts.

One comparison is a study, an axis whose values are the arms, optional facets (the values of the
study's other axes as one label, '' where there are none) and a tuned axis, normally the step
size. Its runs come as a frame `cells`, a row per run::

    dataset, facet, arm (str), tuned (float), seed (int), status ('ok', 'diverged', 'skipped'),
    test_accuracy, validation_accuracy (final epoch, shares of 1), validation_cost

Skipped runs carry no numbers; an arm that was only skipped on a dataset is absent there and is
reported as absent. Diverged runs count with the accuracy recorded for them.

Units: a column that keeps its input's name keeps its unit (`test_accuracy`,
`validation_accuracy` are shares of 1). Differences, means of arms, margins, intervals of
differences and areas under the curve are in percentage points.

Everything here is a pure function of its arguments: no files, no clock, fixed random streams.
"""

import warnings
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import combinations
from math import ceil, inf, isfinite, isnan, nan, sqrt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import stdtr, stdtrit

from experiments.power import seeds_needed
from experiments.power import smallest_p as smallest_p  # part of this module's face

Array = np.ndarray
Pairs = Sequence[tuple[str, str]]

PLACE = ["dataset", "facet"]
ARM = [*PLACE, "arm"]
RUN = [*ARM, "tuned", "seed"]
ACCURACIES = ["test_accuracy", "validation_accuracy"]
METRICS = [*ACCURACIES, "validation_cost"]
STATUSES = ("ok", "diverged", "skipped")

EXACT_UP_TO = 20  # seeds; beyond, 2^n sign patterns are sampled instead of enumerated
SIGN_RESAMPLES = 99_999  # with the observed pattern itself 100,000, so that p has five digits
BOOTSTRAP_RESAMPLES = 2_000
BOOTSTRAP_ROWS = 100  # rows resampled at once: 16 MB for ten seeds
MOST_SEEDS = 100_000  # a number of seeds beyond this is reported as infinite
DECIMALS = 9  # of a difference in points; far below one sample, far above float noise

SEQUENTIAL = " (sequential: seeds were added after a first look)"
TOO_FEW = "too few datasets"


class Interval(NamedTuple):
    """A mean and the ends of its confidence interval, in the unit of the data."""

    mean: float
    low: float
    high: float


class Verdict(NamedTuple):
    """One of the kinds that exclude one another, and its sentence."""

    kind: str
    text: str


class Ranking(NamedTuple):
    """What :func:`across_datasets` returns: a row per arm, and a row per pair of arms."""

    ranks: pd.DataFrame
    pairs: pd.DataFrame


# --- One sample of paired differences ---------------------------------------------------------


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
    x = _sample(x)
    mean = float(x.mean())
    half = float(_half_width(len(x), _spread(x), level, overlap or 0.0))
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
        half = _half_width(len(x), spread, level, overlap or 0.0)
        return np.stack([mean, mean - half, mean + half])


def tost_p(x: ArrayLike, margin: float, overlap: float | None = None) -> float:
    """Return the p value of equivalence: the larger of two one-sided t-tests against ±margin.

    p = P(T_{n-1} > (margin - |mean|) / se), which is below α exactly where the 1 - 2α t-interval
    lies inside ±margin (Schuirmann 1987). NaN where no t-test exists: one value, or no spread.
    Raises ValueError where `x` is empty or not finite.

    >>> round(tost_p([0.1, -0.2, 0.3, 0.0], margin=1.0), 5)
    0.00139
    """
    x = _sample(x)
    spread = _spread(x)
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
    x = _sample(differences)
    # Patterns that tie exactly may differ in their last bits, and a tie counts as a hit.
    observed = abs(x.sum()) - 1e-9 * np.abs(x).sum()
    if len(x) > EXACT_UP_TO:
        parts = np.array_split(_random_signs(len(x)), 9)
        hits = sum(int(np.sum(np.abs(signs @ x) >= observed)) for signs in parts)
        return (1 + hits) / (1 + SIGN_RESAMPLES)
    # Meet in the middle: a pattern is one of the left half and one of the right, so 2^(n/2)
    # sums and a sorted search count what would else take 2^n sums.
    middle = len(x) // 2
    left, right = _all_signs(middle) @ x[:middle], np.sort(_all_signs(len(x) - middle) @ x[middle:])
    above = len(right) - np.searchsorted(right, observed - left, side="left")
    below = np.searchsorted(right, -observed - left, side="right")
    return min(1.0, float(np.sum(above + below)) / 2 ** len(x))


def wilcoxon_p(differences: ArrayLike) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test, exact also with ties.

    It is the sign-flip test on the ranks of |d|; differences of 0 are left out, as Wilcoxon did.
    NaN where all are 0. Raises ValueError where the differences are none or not finite.

    >>> wilcoxon_p([1, 2, 3, 4, 5, 60])
    0.03125
    """
    x = _sample(differences)
    x = x[x != 0]
    return sign_flip_p(np.sign(x) * stats.rankdata(np.abs(x))) if len(x) else nan


def bootstrap_intervals(rows: ArrayLike, level: float = 0.95) -> Array:
    """Return a bootstrap interval of the mean of each row, shape (rows, 2).

    BCa (Efron 1987) with 2,000 resamples; the percentile interval where BCa does not exist,
    which for a row without spread is its mean twice. Rows of one value give NaN. Every row sees
    the same resamples of its sorted values, so its interval depends on nothing but these.
    """
    rows = np.sort(np.atleast_2d(np.asarray(rows, dtype=float)), axis=1)
    if rows.shape[1] < 2 or not len(rows):
        return np.full((len(rows), 2), nan)
    parts = np.array_split(rows, ceil(len(rows) / BOOTSTRAP_ROWS))
    return np.concatenate([_bootstrap(part, level) for part in parts])


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
        numbers, True, key=lambda n: bool(_half_width(n, spread, 1 - level, overlap) <= margin)
    )
    return float(numbers[at]) if at < len(numbers) else inf


def _sample(x: ArrayLike) -> Array:
    x = np.asarray(x, dtype=float)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise ValueError("need a one-dimensional, non-empty sample of finite numbers")
    return x


def _spread(x: Array) -> float:
    """Return the standard deviation (n - 1): exactly 0 for equal values, NaN for one."""
    if len(x) < 2:
        return nan
    return float(x.std(ddof=1)) if np.ptp(x) > 0 else 0.0


def _half_width(n: ArrayLike, spread: ArrayLike, level: float, overlap: float) -> Any:
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


def _rounded_mean(x: Array, axis: int) -> Array:
    """Return the mean without its last bits.

    BCa counts the resamples below the observed mean. With accuracies many are equal to it, and
    the order of summation must not decide on which side they fall.
    """
    return np.round(np.mean(x, axis=axis), DECIMALS)


def _bootstrap(rows: Array, level: float) -> Array:
    def interval(method: str) -> Array:
        with warnings.catch_warnings():  # a degenerate row is what the second method is for
            warnings.simplefilter("ignore")
            result = stats.bootstrap(
                (rows,),
                _rounded_mean,
                axis=-1,
                confidence_level=level,
                n_resamples=BOOTSTRAP_RESAMPLES,
                method=method,
                rng=np.random.default_rng(0),
            )
        return np.stack(result.confidence_interval, axis=-1)

    bca = interval("BCa")
    return np.where(np.isnan(bca), interval("percentile"), bca) if np.isnan(bca).any() else bca


# --- Families of tests ------------------------------------------------------------------------


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


# --- Step sizes -------------------------------------------------------------------------------


def choose_step(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the tuned value of each (dataset, facet, arm), chosen on validation data only.

    The best mean final validation accuracy over the seeds; ties go to the lower mean validation
    cost (NaN counts as infinite), then to the smaller value. Columns: dataset, facet, arm, tuned,
    n_seeds, validation_accuracy, validation_cost (means at the chosen value), grid_size, on_edge
    ('low' or 'high' where the best value ends its grid, else ''). An absent arm has tuned NaN and
    grid_size 0. Raises ValueError where `cells` breaks its contract.
    """
    return _choose(_checked(cells))


def best_first(means: pd.DataFrame) -> pd.DataFrame:
    """Return settings in the order in which one would be chosen, by what their runs have in mean.

    The higher validation_accuracy comes first; of equal ones the lower validation_cost, then the
    smaller tuned. Every choice of a step size is made by this order.

    >>> means = pd.DataFrame({"tuned": [0.1, 1.0, 3.0], "validation_accuracy": [0.9, 0.9, 0.8],
    ...                       "validation_cost": [0.3, 0.2, 0.1]})
    >>> best_first(means)["tuned"].tolist()
    [1.0, 0.1, 3.0]
    """
    # Means of the same accuracies in another order differ in their last bits; ties are meant.
    order = means.assign(rounded=means["validation_accuracy"].round(12)).sort_values(
        ["rounded", "validation_cost", "tuned"], ascending=[False, True, True], kind="stable"
    )
    return order.drop(columns="rounded")


def shared_step(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the one tuned value of each (dataset, facet) that serves the arms best together.

    The best mean over the arms of their mean validation accuracies, ties as in
    :func:`choose_step`, among the values at which every arm that is present has runs; NaN where
    there is no such value. Columns: those of :func:`choose_step` without arm, with n_arms
    instead of n_seeds. Raises ValueError where `cells` breaks its contract.
    """
    return _share(_checked(cells))


def _checked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the contract, with NaN costs as infinite and skipped metrics NaN."""
    runs = _columns(cells, [*RUN, "status", *METRICS])
    runs = runs.astype(dict.fromkeys(METRICS, float)).reset_index(drop=True)
    ran = runs["status"].ne("skipped")
    _refuse(runs[~runs["status"].isin(STATUSES)], f"status must be one of {', '.join(STATUSES)}")
    _refuse(runs[runs[RUN].isna().any(axis=1)], f"{', '.join(RUN)} must not be missing")
    _refuse(runs[runs.duplicated(RUN)], "two rows for one run")
    _refuse(runs[ran & ~np.isfinite(runs[ACCURACIES]).all(axis=1)], "a run without accuracies")
    runs.loc[~ran, METRICS] = nan
    runs.loc[ran, "validation_cost"] = runs.loc[ran, "validation_cost"].fillna(inf)
    return runs


def _columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise ValueError(f"missing columns: {', '.join(lacking)}")
    if frame.empty:
        raise ValueError("no rows")
    return frame[names]


def _refuse(wrong: pd.DataFrame, why: str) -> None:
    if len(wrong):
        row = ", ".join(f"{key}={value!r}" for key, value in wrong.iloc[0].items())
        raise ValueError(f"{why}; {len(wrong)} such rows, the first: {row}")


def _step_means(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row per arm and tuned value: n_seeds (0 where all were skipped) and means."""
    grouped = runs.groupby([*ARM, "tuned"], sort=False)
    means = grouped[["validation_accuracy", "validation_cost"]].mean()
    means.insert(0, "n_seeds", grouped["test_accuracy"].count())
    return means.reset_index()


def _choose(runs: pd.DataFrame) -> pd.DataFrame:
    steps = _step_means(runs)
    return _best(steps[steps["n_seeds"] > 0], runs[ARM].drop_duplicates())


def _share(runs: pd.DataFrame) -> pd.DataFrame:
    steps = _step_means(runs)
    steps = steps[steps["n_seeds"] > 0]
    grouped = steps.groupby([*PLACE, "tuned"], sort=False)
    means = grouped[["validation_accuracy", "validation_cost"]].mean()
    means.insert(0, "n_arms", grouped.size())
    means = means.reset_index()
    present = steps.drop_duplicates(ARM).groupby(PLACE, sort=False).size().rename("present")
    everywhere = means["n_arms"].eq(means.merge(present.reset_index(), on=PLACE)["present"])
    return _best(means[everywhere], runs[PLACE].drop_duplicates())


def _best(steps: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return for each row of `places` the best of its steps, the size of its grid and the edge."""
    keys = list(places.columns)
    best = places.merge(best_first(steps).drop_duplicates(keys), on=keys, how="left")
    grid = steps.groupby(keys)["tuned"].agg(["min", "max", "size"]).reset_index()
    grid = places.merge(grid, on=keys, how="left")
    best["grid_size"] = grid["size"].fillna(0).astype(int)
    wide = grid["size"] > 1
    edges = [wide & best["tuned"].eq(grid["min"]), wide & best["tuned"].eq(grid["max"])]
    best["on_edge"] = np.select(edges, ["low", "high"], "")
    counted = [name for name in ("n_seeds", "n_arms") if name in best]
    best[counted] = best[counted].fillna(0).astype(int)
    return best


def _chosen(runs: pd.DataFrame, step: str) -> pd.DataFrame:
    """Return dataset, facet, arm, tuned and on_edge; tuned is NaN where the arm has no run."""
    own = _choose(runs)
    if step == "tuned":
        return own[[*ARM, "tuned", "on_edge"]]
    if step != "shared":
        raise ValueError(f"step must be 'tuned' or 'shared', not {step!r}")
    shared = own[ARM].merge(_share(runs), on=PLACE, how="left")[[*ARM, "tuned", "on_edge"]]
    absent = own["tuned"].isna()
    return shared.assign(
        tuned=shared["tuned"].mask(absent), on_edge=shared["on_edge"].mask(absent, "")
    )


def _at(runs: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the runs at the chosen steps; a step compares exactly, it is the config's number."""
    ran = runs[runs["status"].ne("skipped")]
    return ran.merge(chosen[[*ARM, "tuned"]].dropna(), on=[*ARM, "tuned"])


# --- Pairs of arms ----------------------------------------------------------------------------


COMPARE_COLUMNS = {
    "dataset": "dataset",
    "facet": "values of the study's other axes",
    "a": "first arm",
    "b": "second arm",
    "step": "each arm's own step ('tuned') or one for all ('shared')",
    "n": "seeds that both arms have",
    "mean_a": "mean test accuracy of a over these seeds, per cent",
    "mean_b": "the same of b",
    "step_a": "chosen tuned value of a, NaN where a has no run",
    "step_b": "the same of b",
    "edge_a": "'low' or 'high' where that value ends its grid",
    "edge_b": "the same of b",
    "difference": "mean difference a - b, points",
    "low": "its 1 - level t-interval, points",
    "high": "its other end",
    "spread": "standard deviation of the differences, points",
    "p": "exact sign-flip p",
    "p_holm": "adjusted over the pairs of the dataset and facet",
    "p_wilcoxon": "exact Wilcoxon p, unadjusted",
    "boot_low": "1 - level bootstrap interval, points",
    "boot_high": "its other end",
    "tost_p": "p of equivalence within the margin",
    "tost_p_holm": "adjusted over a family of its own",
    "tost_low": "1 - 2 level t-interval, points",
    "tost_high": "its other end",
    "margin": "margin of equivalence used, points",
    "smallest_margin": "margin that would just pass unadjusted, points",
    "seeds_for_margin": "seeds in all for an interval as narrow as the margin",
    "verdict_kind": "better, negligible, equivalent, inconclusive, identical or absent",
    "verdict": "the verdict in words",
}


def compare(
    cells: pd.DataFrame,
    n_test: int | Mapping[str, int],
    *,
    pairs: Pairs | None = None,
    level: float = 0.05,
    margin: float = 1.0,
    overlap: float | Mapping[str, float] | None = None,
    step: str = "tuned",
    sequential: bool = False,
) -> pd.DataFrame:
    """Compare pairs of arms on each dataset and facet, paired by seed at the chosen steps.

    `pairs` are the declared pairs (default: all, in order of first appearance); `step` takes each
    arm's own best step ('tuned') or one for all ('shared'). `n_test` is the number of test
    samples and `overlap` n_test/n_train where splits are drawn per seed, each by dataset or one
    number for all; `margin` is that of equivalence in points, never less than one test sample.

    The columns and their units are those of `COMPARE_COLUMNS`; p values are adjusted over the
    pairs of one dataset and facet.

    All differences 0: `identical`, no test, p NaN. All equal but not 0: the sign-flip p is valid,
    the intervals shrink to the difference, and no t-test of equivalence exists (tost_p and
    smallest_margin NaN). One seed: no spread, so no interval. An arm without runs: `absent`.

    Raises ValueError where `cells` breaks its contract, a pair names an arm that has no row, or
    a dataset is missing in `n_test` or `overlap`.
    """
    runs = _checked(cells)
    n_test = _by_dataset(runs, n_test, "n_test")
    overlaps = _by_dataset(runs, overlap, "overlap")
    chosen = _chosen(runs, step)
    table = _pair_rows(runs, _pairs(runs, pairs), chosen).assign(step=step)
    if table.empty:
        return pd.DataFrame(columns=list(COMPARE_COLUMNS))
    paired = _paired(table, _at(runs, chosen))
    differences = [np.round(a - b, DECIMALS) for a, b in paired]
    table["mean_a"], table["mean_b"] = np.transpose([[_mean(a), _mean(b)] for a, b in paired])
    table["margin"] = [max(margin, 100 / n_test[name]) for name in table["dataset"]]
    laps = [overlaps[name] for name in table["dataset"]]
    tests = map(partial(_tests, level=level), differences, table["margin"], laps)
    table = table.join(pd.DataFrame(tests)).reindex(columns=list(COMPARE_COLUMNS))
    table[["boot_low", "boot_high"]] = _bootstrap_all(differences, 1 - level)
    families = table.groupby(PLACE, sort=False)
    table["p_holm"] = families["p"].transform(holm)
    table["tost_p_holm"] = families["tost_p"].transform(holm)
    verdicts = [
        verdict(row, level=level, sequential=sequential) for row in table.to_dict("records")
    ]
    table[["verdict_kind", "verdict"]] = verdicts
    return table


def _by_dataset(runs: pd.DataFrame, given: Any, name: str) -> Mapping[str, Any]:
    """Return a value for each dataset, from a mapping that must have them all or from one."""
    datasets = runs["dataset"].unique()
    if not isinstance(given, Mapping):
        return dict.fromkeys(datasets, given)
    lacking = [dataset for dataset in datasets if dataset not in given]
    if lacking:
        raise ValueError(f"{name} lacks {', '.join(lacking)}")
    return given


def _pairs(runs: pd.DataFrame, pairs: Pairs | None) -> list[tuple[str, str]]:
    """Return the pairs, all of them if None; an arm without any row is a mistake."""
    arms = list(runs["arm"].unique())
    if pairs is None:
        return list(combinations(arms, 2))
    unknown = sorted({arm for pair in pairs for arm in pair} - set(arms))
    if unknown:
        raise ValueError(f"no row for the arms {', '.join(unknown)}; arms: {', '.join(arms)}")
    return list(dict.fromkeys((a, b) for a, b in pairs))


def _pair_rows(runs: pd.DataFrame, pairs: Pairs, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return a row per dataset, facet and pair, with the steps chosen; absent arms included."""
    table = runs[PLACE].drop_duplicates().merge(pd.DataFrame(pairs, columns=["a", "b"]), "cross")
    for side in ("a", "b"):
        names = {"arm": side, "tuned": f"step_{side}", "on_edge": f"edge_{side}"}
        table = table.merge(chosen.rename(columns=names), on=[*PLACE, side], how="left")
    return table.fillna({"edge_a": "", "edge_b": ""})


def _paired(table: pd.DataFrame, runs: pd.DataFrame) -> list[tuple[Array, Array]]:
    """Return for each row of `table` the accuracies of a and b, in per cent, by common seed."""
    runs = runs.assign(per_cent=100 * runs["test_accuracy"])[[*ARM, "seed", "per_cent"]]
    keys = [*PLACE, "a", "b"]
    seeds = table[keys]
    seeds = seeds.merge(runs.rename(columns={"arm": "a"}), on=[*PLACE, "a"])
    seeds = seeds.merge(runs.rename(columns={"arm": "b"}), on=[*PLACE, "b", "seed"])
    groups = {key: group[["per_cent_x", "per_cent_y"]] for key, group in seeds.groupby(keys)}
    nothing = np.empty((0, 2))
    return [
        tuple(np.asarray(groups.get(key, nothing)).T)
        for key in table[keys].itertuples(index=False, name=None)
    ]


def _tests(x: Array, margin: float, overlap: float | None, *, level: float) -> dict[str, Any]:
    """Return what one sample of paired differences says by itself, before any family."""
    if not len(x):
        return {"n": 0}
    narrow, wide = t_interval(x, 1 - 2 * level, overlap), t_interval(x, 1 - level, overlap)
    spread, equivalence = _spread(x), tost_p(x, margin, overlap)
    identical = not x.any()
    return {
        "n": len(x),
        "difference": wide.mean,
        "low": wide.low,
        "high": wide.high,
        "spread": spread,
        "p": nan if identical else sign_flip_p(x),
        "p_wilcoxon": wilcoxon_p(x),
        "tost_p": equivalence,
        "tost_low": narrow.low,
        "tost_high": narrow.high,
        "smallest_margin": nan if isnan(equivalence) else max(-narrow.low, narrow.high),
        "seeds_for_margin": seeds_for_margin(spread, margin, level, overlap),
    }


def _bootstrap_all(samples: Sequence[Array], level: float) -> Array:
    """Return the bootstrap interval of each sample; those of one size are resampled together."""
    intervals = np.full((len(samples), 2), nan)
    sizes = np.array([len(sample) for sample in samples])
    for size in np.unique(sizes):
        where = np.flatnonzero(sizes == size)
        intervals[where] = bootstrap_intervals(np.stack([samples[i] for i in where]), level)
    return intervals


def _mean(x: Array) -> float:
    return float(x.mean()) if len(x) else nan


# --- Verdicts ---------------------------------------------------------------------------------


def verdict(row: Mapping[str, Any], *, level: float = 0.05, sequential: bool = False) -> Verdict:
    """Return the kind and the sentence of one comparison, a row of :func:`compare`.

    Kinds exclude one another; the first that holds counts::

        absent        no seed in which both arms have a run
        identical     no test (p_holm NaN), because every difference is 0
        negligible    significant, and the interval lies inside the margin
        better        significant: p_holm <= level and the interval excludes 0
        equivalent    tost_p_holm <= level
        inconclusive  the rest

    `sequential` marks verdicts that fell after seeds were added. Reads a, b, n, difference, low,
    high, spread, p_holm, tost_p_holm, margin, seeds_for_margin, and step_a and step_b, NaN where
    an arm is absent.

    >>> row = dict(a="A", b="B", n=10, difference=2.1, low=1.4, high=2.8, p_holm=0.01, margin=1)
    >>> verdict(row)
    Verdict(kind='better', text='A is better by 2.1 points [1.4, 2.8]')
    """
    kind = _kind(row, level)
    late = SEQUENTIAL if sequential and kind != "absent" else ""
    return Verdict(kind, _TEXTS[kind](row) + late)


def _kind(row: Mapping[str, Any], level: float) -> str:
    if row["n"] == 0:
        return "absent"
    if isnan(row["p_holm"]):
        return "identical"
    if row["p_holm"] <= level and (row["low"] > 0 or row["high"] < 0):
        inside = -row["margin"] < row["low"] and row["high"] < row["margin"]
        return "negligible" if inside else "better"
    return "equivalent" if row["tost_p_holm"] <= level else "inconclusive"


def _absent(row: Mapping[str, Any]) -> str:
    arms = [row[side] for side in ("a", "b") if isnan(row[f"step_{side}"])]
    return f"absent: no run of {' or '.join(arms)} here" if arms else "absent: no seed in common"


def _better(row: Mapping[str, Any], marks: Sequence[float] = (0,)) -> str:
    """Say who is better, with so many decimals that no end is rounded onto one of the marks."""
    sign, name = (1, row["a"]) if row["difference"] > 0 else (-1, row["b"])
    low, high = sorted((sign * row["low"], sign * row["high"]))
    enough = (d for d in range(1, DECIMALS) if not {round(low, d), round(high, d)} & {*marks})
    d = next(enough, DECIMALS)
    return f"{name} is better by {abs(row['difference']):.{d}f} points [{low:.{d}f}, {high:.{d}f}]"


def _negligible(row: Mapping[str, Any]) -> str:
    marks = (0, row["margin"])
    return f"different but negligible: {_better(row, marks)}, within {_points(row['margin'])}"


def _inconclusive(row: Mapping[str, Any]) -> str:
    n, seeds = row["n"], row["seeds_for_margin"]
    if n == 1:
        return "inconclusive; one seed shows no spread"
    if row["spread"] == 0:
        return f"inconclusive; the same difference in all {n} seeds shows no spread"
    if not isfinite(seeds):
        most = f"{MOST_SEEDS:,}"
        return f"inconclusive; even {most} seeds would give no interval as narrow as the margin"
    if seeds <= n:
        return "inconclusive, although the interval is as narrow as the margin"
    return (
        f"inconclusive; about {seeds:.0f} seeds in all would give an interval "
        "as narrow as the margin"
    )


_TEXTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "absent": _absent,
    "identical": lambda row: f"identical in {row['n']} seed{'s' * (row['n'] != 1)}",
    "negligible": _negligible,
    "better": _better,
    "equivalent": lambda row: f"equivalent within {_points(row['margin'])}",
    "inconclusive": _inconclusive,
}


def _points(margin: float) -> str:
    """Return a margin in words, rounded up: the words must not claim a smaller one."""
    shown = ceil(round(100 * margin, 6)) / 100
    return f"{shown:g} point{'s' * (shown != 1)}"


# --- Datasets as the sample -------------------------------------------------------------------


def across_datasets(
    cells: pd.DataFrame,
    *,
    pairs: Pairs | None = None,
    level: float = 0.05,
    step: str = "tuned",
) -> Ranking:
    """Rank the arms over the datasets of each facet, seeds averaged first (Demšar 2006).

    Ranks, a row per facet and arm: facet, arm, mean_rank (1 is the highest test accuracy, ties
    share), n_datasets, friedman_p (three arms or more), note. Pairs, a row per facet and pair:
    facet, a, b, n_datasets, difference (mean over datasets, points), p (exact Wilcoxon), p_holm
    (over the pairs of the facet), note.

    Tests are made only where they could be significant at all, with :func:`seeds_needed` read
    for datasets; below that p values are NaN and the note says 'too few datasets'. Wilcoxon with
    Holm stands by itself, it does not wait for Friedman. A dataset on which an arm is absent is
    left out, and the note says so; an arm that is absent everywhere is not ranked.

    Raises ValueError where `cells` breaks its contract or a pair names an arm that has no row.
    """
    runs = _checked(cells)
    pairs = _pairs(runs, pairs)
    means = _at(runs, _chosen(runs, step)).groupby(ARM)["test_accuracy"].mean()
    means = (100 * means).round(DECIMALS).unstack("arm").reindex(columns=runs["arm"].unique())
    results = []
    for facet, group in runs.groupby("facet", sort=False):
        places = [(dataset, facet) for dataset in group["dataset"].unique()]
        results.append(_rank(means.reindex(places).droplevel("facet"), facet, pairs, level))
    ranks, tests = zip(*results, strict=True)
    return Ranking(pd.concat(ranks, ignore_index=True), pd.concat(tests, ignore_index=True))


def _rank(
    means: pd.DataFrame, facet: str, pairs: Pairs, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ranks and the pairwise tests of one facet from its means, (datasets, arms)."""
    ran = means.notna()
    present = ran.any()
    complete = means[ran.eq(present).all(axis=1) & present.any()]
    gaps = [(complete[a] - complete[b]).dropna().round(DECIMALS) for a, b in pairs]
    needed = seeds_needed(max(1, sum(len(gap) > 0 for gap in gaps)), level)
    enough = len(complete) >= needed
    note = "; ".join(_rank_notes(ran.loc[:, present], len(complete), needed))

    ranks = pd.DataFrame({"facet": facet, "arm": means.columns})
    ranks["mean_rank"] = complete.rank(axis=1, ascending=False).mean().to_numpy()
    ranks["n_datasets"] = complete.notna().sum().to_numpy()
    ranks["friedman_p"] = _friedman_p(complete.loc[:, present]) if enough else nan
    ranks["note"] = np.where(present, note, "absent on every dataset")

    tests = pd.DataFrame(pairs, columns=["a", "b"])
    tests.insert(0, "facet", facet)
    tests["n_datasets"] = [len(gap) for gap in gaps]
    tests["difference"] = [_mean(gap) for gap in gaps]
    tests["p"] = [wilcoxon_p(gap) if enough and len(gap) else nan for gap in gaps]
    tests["p_holm"] = holm(tests["p"])
    tests["note"] = [note if present[a] and present[b] else "an arm is absent" for a, b in pairs]
    return ranks, tests


def _rank_notes(ran: pd.DataFrame, complete: int, needed: int) -> Iterator[str]:
    if complete < needed:
        yield f"{TOO_FEW} ({complete} of the {needed} needed)"
    for dataset, arms in ran[~ran.all(axis=1)].iterrows():
        yield f"{dataset} left out ({', '.join(arms.index[~arms])} absent)"


def _friedman_p(means: pd.DataFrame) -> float:
    """Return Friedman's p over the datasets; NaN below three arms or where all arms tie."""
    if means.shape[1] < 3 or means.eq(means.iloc[:, 0], axis=0).all(axis=None):
        return nan
    return float(stats.friedmanchisquare(*means.to_numpy().T).pvalue)


# --- Learning, divergence, sensitivity --------------------------------------------------------


def learning_speed(
    curves: pd.DataFrame,
    target_share: float = 0.95,
    *,
    level: float = 0.95,
    overlap: float | None = None,
) -> pd.DataFrame:
    """Return how fast each arm learns: epochs to a common target, and the area under its curve.

    `curves` has dataset, facet, arm, seed, epoch (from 0) and test_accuracy (share of 1), at the
    chosen step of each arm. The target of a dataset and facet is `target_share` times the best
    arm's mean final accuracy. A run that does not reach it is censored at the arm's last epoch,
    not dropped: it counts as infinite in the median and as the last epoch in the restricted mean.
    A curve that ends before its arm's last epoch keeps its last value.

    Columns: dataset, facet, arm, n, target (per cent), last_epoch, reached, censored (runs),
    median_epochs (inf where half or more are censored), restricted_mean_epochs, area (mean over
    the epochs of the accuracy in per cent, mean over the seeds), area_low, area_high (t-interval
    of the given level, with the correction of :func:`t_interval`).

    Raises ValueError where a column is missing, there is no row, an epoch of a run stands twice,
    or a curve has no value at its start.
    """
    curves = _columns(curves, [*ARM, "seed", "epoch", "test_accuracy"])
    wide = curves.pivot(index=[*ARM, "seed"], columns="epoch", values="test_accuracy")
    tables = {key: _filled(100 * table) for key, table in wide.groupby(level=ARM)}
    targets: dict[tuple[str, str], float] = {}
    for (*place, _), table in tables.items():
        final = target_share * table.iloc[:, -1].mean()
        targets[tuple(place)] = max(final, targets.get(tuple(place), 0.0))
    interval = partial(t_interval, level=level, overlap=overlap)
    return pd.DataFrame(
        dict(zip(ARM, key, strict=True)) | _speed(tables[key], targets[key[:2]], interval)
        for key in curves[ARM].drop_duplicates().itertuples(index=False, name=None)
    )


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of one arm, (seeds, epochs), early ends filled with the last value."""
    filled = table.dropna(axis=1, how="all").ffill(axis=1)
    late = filled.index[filled.isna().any(axis=1)]
    if len(late):
        raise ValueError(f"a curve without its first epoch: {late[0]}")
    return filled


def _speed(
    table: pd.DataFrame, target: float, interval: Callable[[pd.Series], Interval]
) -> dict[str, Any]:
    epochs = table.columns.to_numpy()
    there = table.ge(target - 1e-9).to_numpy()
    first = np.where(there.any(axis=1), epochs[there.argmax(axis=1)], inf)
    area = interval(table.mean(axis=1))
    return {
        "n": len(table),
        "target": target,
        "last_epoch": epochs[-1],
        "reached": int(np.isfinite(first).sum()),
        "censored": int(np.isinf(first).sum()),
        "median_epochs": float(np.median(first)),
        "restricted_mean_epochs": float(np.minimum(first, epochs[-1]).mean()),
        "area": area.mean,
        "area_low": area.low,
        "area_high": area.high,
    }


def divergence_rates(cells: pd.DataFrame) -> pd.DataFrame:
    """Return how many runs of each arm diverged, over all tuned values and at the chosen one.

    Columns: dataset, facet, arm, n, diverged, rate (share of 1), and n_chosen, diverged_chosen,
    rate_chosen at the arm's own step. Skipped runs do not count; without runs the rate is NaN.
    Raises ValueError where `cells` breaks its contract.
    """
    runs = _checked(cells)
    everywhere = _divergence(runs)
    chosen = _divergence(_at(runs, _choose(runs)))
    rates = everywhere.merge(chosen, on=ARM, how="left", suffixes=("", "_chosen"))
    return rates.fillna({"n_chosen": 0, "diverged_chosen": 0}).astype(
        {"n_chosen": int, "diverged_chosen": int}
    )


def _divergence(runs: pd.DataFrame) -> pd.DataFrame:
    marked = runs[ARM].assign(
        n=runs["status"].ne("skipped"), diverged=runs["status"].eq("diverged")
    )
    counts = marked.groupby(ARM, sort=False).sum().reset_index()
    return counts.assign(rate=counts["diverged"] / counts["n"])


def sensitivity(
    cells: pd.DataFrame, *, level: float = 0.95, overlap: float | None = None
) -> pd.DataFrame:
    """Return the accuracies of each arm at each tuned value: what the choice of it is worth.

    Columns: dataset, facet, arm, tuned, n, diverged, and test_accuracy, test_low, test_high,
    validation_accuracy, validation_low, validation_high: means and t-intervals over the seeds,
    shares of 1. NaN where all runs were skipped, and no interval from one seed. Raises ValueError
    where `cells` breaks its contract.
    """
    runs = _checked(cells)
    runs["diverged"] = runs["status"].eq("diverged")
    grouped = runs.groupby([*ARM, "tuned"], sort=False)
    table = pd.DataFrame(
        {"n": grouped["test_accuracy"].count(), "diverged": grouped["diverged"].sum()}
    )
    for name in ACCURACIES:
        mean, spread = grouped[name].mean(), grouped[name].std()
        half = _half_width(table["n"], spread, level, overlap or 0.0)
        short = name.removesuffix("_accuracy")
        table[name], table[f"{short}_low"], table[f"{short}_high"] = mean, mean - half, mean + half
    return table.reset_index()
