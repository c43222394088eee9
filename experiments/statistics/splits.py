"""Confirmation over splits: fresh runs at the chosen values, on new splits of each dataset.

Comes in: a frame of confirming runs, a row per run::

    dataset, facet, arm (str), split (int), index (int), status ('ok', 'diverged', 'skipped'),
    test_accuracy (share of 1), and if there is one, tuned: the value at which the arm ran

Arms are paired by (split, index); every run has a seed of its own. The unit is the split: runs of
one split share its test samples, so only their mean counts, as one value.
"""

from collections import Counter
from collections.abc import Mapping
from math import inf, nan
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from experiments.statistics.cells import ARM, PLACE, STATUSES, by_dataset, columns, refuse
from experiments.statistics.deciding import (
    decide,
    decision_p,
    inside_p,
    not_below_rounding,
    splits_to_decide,
    t_p,
)
from experiments.statistics.families import fcr_level, simultaneous_level
from experiments.statistics.kinds import Kind
from experiments.statistics.pairs import Pairs, declared_pairs
from experiments.statistics.samples import DECIMALS, Array, half_width, sign_flip_ps

FAILED_BY = 10.0  # points below the median of its arm at which a run counts as failed
ROUNDING = 1e-9  # points
CONFIRMING = [*ARM, "split", "index"]
RULES = {"primary": simultaneous_level, "exploratory": fcr_level, "single": lambda p, level: level}

CONFIRM_COLUMNS = {
    "dataset": "dataset",
    "facet": "values of the study's other axes",
    "a": "first arm",
    "b": "second arm",
    "value_a": "tuned value at which a ran, NaN if it has none",
    "value_b": "the same of b",
    "n": "splits with runs of both arms",
    "runs": "pairs of runs in them",
    "mean_a": "mean test accuracy of a over these splits, per cent",
    "mean_b": "the same of b",
    "failed_a": "runs of a more than 10 points below the median of a",
    "failed_b": "the same of b",
    "difference": "mean difference a - b over splits, points",
    "spread": "standard deviation of the split means, points, at least that of rounding",
    "p": "two-sided p of the t-test over split means",
    "p_flip": "p of the sign-flip test over split means",
    "tost_p": "p of equivalence within the margin, by the t-test",
    "p_decision": "smallest error at which the interval would decide",
    "level": "confidence level of the interval, from the family",
    "low": "that t-interval over splits, points; its kind is the verdict",
    "high": "its other end",
    "new_low": "cautious interval for new data at the same level (Nadeau-Bengio)",
    "new_high": "its other end",
    "margin": "margin, points",
    "verdict_kind": "what the interval shows against 0 and the margin",
    "splits_needed": "fresh splits that decide with 90 % power at this difference, if undecided",
}

Family = Literal["primary", "exploratory", "single"]


def split_differences(runs: pd.DataFrame, a: str, b: str) -> pd.DataFrame:
    """Return the mean difference of each split: the unit of every test over splits.

    Columns: dataset, facet, split, runs (pairs of runs with a common index), mean_a and mean_b
    (per cent) and difference (mean of a - b, points). A split without a common run has no row.
    Raises ValueError if `runs` breaks its contract.
    """
    paired = _Paired(_confirming(runs))
    table = paired.splits.assign(**paired.by_split(a, b)).rename(columns={"n": "runs"})
    return table.loc[table["runs"] > 0, [*PLACE, "split", *PER_SPLIT]].reset_index(drop=True)


PER_SPLIT = ("runs", "mean_a", "mean_b", "difference")


class _Paired:
    """Runs side by side: a row for each run of a split, a column for each arm, NaN without one."""

    def __init__(self, runs: pd.DataFrame) -> None:
        keys = [*PLACE, "split"]
        wide = runs.set_index([*keys, "index", "arm"])["per_cent"].unstack("arm")
        groups = wide.groupby(keys, sort=False)
        self.split_of = groups.ngroup().to_numpy()
        self.splits = groups.size().index.to_frame(index=False)
        self.places = self.splits[PLACE].drop_duplicates()
        self.place_of = self.splits.groupby(PLACE, sort=False).ngroup().to_numpy()
        self._of_arm = {arm: wide[arm].to_numpy() for arm in wide}
        self._nothing = np.full(len(wide), nan)

    def by_split(self, a: str, b: str) -> dict[str, Array]:
        """Return the runs that both arms have in each split (`n`), and the means over them."""
        first, second = (self._of_arm.get(arm, self._nothing) for arm in (a, b))
        named = {"mean_a": first, "mean_b": second, "difference": first - second}
        return _means(self.split_of, len(self.splits), ~np.isnan(first - second), named)

    def by_place(self, a: str, b: str) -> pd.DataFrame:
        """Return the summary of one pair over the splits that have runs of both, a row per place.

        `gaps` are the differences of these splits.
        """
        splits = self.by_split(a, b)
        runs, number = splits.pop("n"), len(self.places)
        table = self.places.assign(a=a, b=b, **_means(self.place_of, number, runs > 0, splits))
        table["runs"] = np.bincount(self.place_of, runs, number).astype(int)
        kept = [(self.place_of == place) & (runs > 0) for place in range(number)]
        table["gaps"] = [splits["difference"][here] for here in kept]
        return table


def _means(groups: Array, number: int, kept: Array, named: Mapping[str, Array]) -> dict[str, Array]:
    """Return how many kept values each group has, as `n`, and the mean of each quantity."""
    mine = groups[kept]
    n = np.bincount(mine, minlength=number)
    with np.errstate(invalid="ignore"):
        found = {
            name: np.round(np.bincount(mine, values[kept], number) / n, DECIMALS) + 0.0  # no -0
            for name, values in named.items()
        }
    return {"n": n, **found}


def failures(runs: pd.DataFrame) -> pd.DataFrame:
    """Return how many runs of each arm failed: more than 10 points below the arm's median.

    Columns: dataset, facet, arm, n, diverged, median (per cent), failed, rate (share of 1), and
    rate_low, rate_high, its 95 % interval (Clopper & Pearson 1934): also 0 of 100 runs leave a rate
    of up to 3.6 % open. Means hide failures: 2 of 100 runs that lose 40 points move a mean by 0.8,
    and no test of means sees the failures that did not happen yet. Raises ValueError if
    `runs` breaks its contract.
    """
    return _failures(_confirming(runs))


def _failures(runs: pd.DataFrame) -> pd.DataFrame:
    marked = runs.assign(failed=_failed(runs), diverged=runs["status"].eq("diverged"))
    table = marked.groupby(ARM, sort=False).agg(
        n=("per_cent", "size"), diverged=("diverged", "sum"), median=("per_cent", "median"),
        failed=("failed", "sum"), rate=("failed", "mean"),
    )  # fmt: skip
    failed, n = table["failed"], table["n"]
    table["rate_low"] = np.where(failed > 0, betaincinv(failed, n - failed + 1, 0.025), 0.0)
    table["rate_high"] = np.where(failed < n, betaincinv(failed + 1, n - failed, 0.975), 1.0)
    return table.reset_index()


def _failed(runs: pd.DataFrame) -> pd.Series:
    """Return of each run whether it failed."""
    medians = runs.groupby(ARM, sort=False)["per_cent"].transform("median")
    return runs["per_cent"] < medians - FAILED_BY - ROUNDING


def confirm(
    runs: pd.DataFrame,
    n_test: Mapping[str, int],
    *,
    pairs: Pairs | None = None,
    margin: float = 1.0,
    level: float = 0.05,
    family: Family = "exploratory",
    overlap: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what the confirming runs say of each pair, a row per dataset, facet and pair.

    All rows together are one family. 'exploratory': at most a share `level` of what the rows say
    is false in the mean (:func:`fcr_level`); 'primary': the chance that any of it is false is at
    most `level` (:func:`simultaneous_level`); 'single': each interval by itself has 1 - level.
    `n_test` is the number of test samples by dataset; `overlap`, n_test/n_train by dataset, gives
    the interval for new data, mean ± t sqrt(1/S + overlap) spread. The columns are those of
    `CONFIRM_COLUMNS`.

    The spread is at least that of rounding, a step/sqrt(12), a step being one test sample in one of
    the runs of a split: equal split means are no proof that there is no spread. One split has no
    spread: its interval is infinite, and undecided.

    A single arm has no pair, and no row. Raises ValueError if `runs` breaks its contract, a pair
    names an arm that has no row, or a dataset is missing in `n_test` or `overlap`.
    """
    if family not in RULES:
        raise ValueError(f"family must be one of {', '.join(RULES)}, not {family!r}")
    by_dataset(runs, n_test, "n_test")
    overlap = by_dataset(runs, nan if overlap is None else overlap, "overlap")
    ran = _confirming(runs)
    pairs = declared_pairs(runs, pairs)
    if not pairs:
        return pd.DataFrame(columns=list(CONFIRM_COLUMNS))
    places = runs[PLACE].drop_duplicates()
    table = _with_sides(_each_pair(ran, places, n_test, pairs), ran)
    n, mean, spread = _summary(table)
    table["p"] = t_p(n, mean, spread)
    table["tost_p"] = inside_p(n, mean, spread, margin)
    table["p_decision"] = decision_p(n, mean, spread, margin)
    table["margin"] = margin
    table = at_error(table, RULES[family](table["p_decision"], level), overlap)
    return table.reindex(columns=list(CONFIRM_COLUMNS))


def _summary(table: pd.DataFrame) -> tuple[Array, Array, Array]:
    n, mean, spread = (table[name].to_numpy(float) for name in ("n", "difference", "spread"))
    return n, mean, spread


def at_error(
    table: pd.DataFrame, error: float, overlap: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return a table of :func:`confirm` with intervals of this error, and what they decide.

    A family that spans tables has an error that is known once the `p_decision` of all of them are.
    """
    overlap = by_dataset(table, nan if overlap is None else overlap, "overlap")
    overlaps = table["dataset"].map(overlap).to_numpy(float)
    n, mean, spread = _summary(table)
    low, high = _ends(n, mean, half_width(n, spread, 1 - error, 0.0))
    new_low, new_high = _ends(n, mean, half_width(n, spread, 1 - error, overlaps))
    ends = zip(low, high, table["margin"], strict=True)
    table = table.assign(
        level=1 - error, low=low, high=high, new_low=new_low, new_high=new_high,
        verdict_kind=[decide(*each).value for each in ends],
    )  # fmt: skip
    return table.assign(splits_needed=[_needed(row, error) for row in table.to_dict("records")])


def _needed(row: Mapping[str, Any], error: float) -> float:
    if row["verdict_kind"] != Kind.INCONCLUSIVE:
        return nan
    return splits_to_decide(row["spread"], row["margin"], row["difference"], error)


def _confirming(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs that ran, checked, with their accuracy in per cent."""
    more = ["tuned"] if "tuned" in runs else []
    runs = columns(runs, [*CONFIRMING, "status", "test_accuracy", *more])
    refuse(runs[~runs["status"].isin(STATUSES)], f"status must be one of {', '.join(STATUSES)}")
    refuse(runs[runs[CONFIRMING].isna().any(axis=1)], "a run without its name, split or index")
    refuse(runs[runs.duplicated(CONFIRMING)], "two rows for one run")
    ran = runs[runs["status"].ne("skipped")]
    refuse(ran[~np.isfinite(ran["test_accuracy"].astype(float))], "a run without accuracy")
    return ran.assign(per_cent=100 * ran["test_accuracy"].astype(float))


def _each_pair(
    runs: pd.DataFrame, places: pd.DataFrame, n_test: Mapping[str, int], pairs: Pairs
) -> pd.DataFrame:
    """Return the summary of each pair: a row per place, also where an arm has no run."""
    paired = _Paired(runs)
    ran = pd.concat([paired.by_place(a, b) for a, b in pairs], ignore_index=True)
    gaps = ran.pop("gaps")
    ran["spread"] = [np.std(x, ddof=1) if len(x) > 1 else nan for x in gaps]
    ran["p_flip"] = sign_flip_ps(gaps)
    table = places.merge(pd.DataFrame(pairs, columns=["a", "b"]), how="cross")
    table = table.merge(ran, on=[*PLACE, "a", "b"], how="left")
    table[["n", "runs"]] = table[["n", "runs"]].fillna(0).astype(int)
    samples = table["dataset"].map(n_test) * table["runs"] / table["n"]
    table["spread"] = not_below_rounding(table["spread"], samples)
    return table


def _with_sides(table: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the tuned value and the failed runs of both arms."""
    failed = Counter(runs.loc[_failed(runs), ARM].itertuples(index=False, name=None))
    values = _values(runs)
    for side in ("a", "b"):
        keys = list(table[[*PLACE, side]].itertuples(index=False, name=None))
        table[f"failed_{side}"] = [failed[key] for key in keys]
        table[f"value_{side}"] = [values.get(key, nan) for key in keys]
    return table


def _values(runs: pd.DataFrame) -> dict[tuple, float]:
    """Return the tuned value of each arm: one for all its runs."""
    if "tuned" not in runs:
        return {}
    values = runs.drop_duplicates([*ARM, "tuned"])
    refuse(values[values.duplicated(ARM)], "an arm must have one tuned value")
    return values.set_index(ARM)["tuned"].to_dict()


def _ends(n: Array, mean: Array, half: Array) -> tuple[Array, Array]:
    """Return the ends of an interval; infinite for one split, NaN for none."""
    half = np.where(n == 1, inf, half)
    return mean - half, mean + half
