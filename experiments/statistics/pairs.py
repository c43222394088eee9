"""Pairs of arms on each dataset and facet, paired by seed at the chosen steps."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd

from experiments.statistics.cells import ARM, PLACE, by_dataset, checked
from experiments.statistics.families import holm
from experiments.statistics.kinds import Kind
from experiments.statistics.samples import (
    DECIMALS,
    Array,
    mean_of,
    seeds_for_margin,
    sign_flip_p,
    spread_of,
    t_interval,
    tost_p,
    wilcoxon_p,
)
from experiments.statistics.steps import at_steps, chosen_steps
from experiments.statistics.verdicts import verdict

Pairs = Sequence[tuple[str, str]]

COMPARE_COLUMNS = {
    "dataset": "dataset",
    "facet": "values of the study's other axes",
    "a": "first arm",
    "b": "second arm",
    "step": "each arm's own step ('tuned') or one for all ('shared')",
    "n": "seeds that both arms have",
    "mean_a": "mean test accuracy of a over these seeds, per cent",
    "mean_b": "the same of b",
    "value_a": "chosen tuned value of a, NaN where a has no run",
    "value_b": "the same of b",
    "edge_a": "'low' or 'high' where that value ends its grid",
    "edge_b": "the same of b",
    "difference": "mean difference a - b, points",
    "low": "its 1 - level t-interval, points, not adjusted",
    "high": "its other end",
    "spread": "standard deviation of the differences, points",
    "p": "exact sign-flip p",
    "p_holm": "adjusted over the pairs of the dataset and facet",
    "p_wilcoxon": "exact Wilcoxon p, unadjusted",
    "tost_p": "p of equivalence within the margin",
    "tost_p_holm": "adjusted over a family of its own",
    "tost_low": "1 - 2 level t-interval, points",
    "tost_high": "its other end",
    "margin": "margin of equivalence, points, the same for all datasets",
    "smallest_margin": "margin that would just pass unadjusted, points",
    "seeds_for_margin": "seeds in all for an interval as narrow as the margin",
    "verdict_kind": "one of the kinds: " + ", ".join(Kind),
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
) -> pd.DataFrame:
    """Compare pairs of arms on each dataset and facet, paired by seed at the chosen steps.

    `pairs` are the declared pairs (default: all, in order of first appearance); `step` takes each
    arm's own best step ('tuned') or one for all ('shared'). `overlap` is
    n_test/n_train if splits are drawn per seed, by dataset or one number for all; `margin` is that
    of equivalence in points, one for all datasets.

    The columns and their units are those of `COMPARE_COLUMNS`; p values are adjusted over the
    pairs of one dataset and facet.

    All differences 0: `identical`, no test, p NaN. All equal but not 0: the sign-flip p is valid,
    the intervals shrink to the difference, and no t-test of equivalence exists (tost_p and
    smallest_margin NaN). One seed: no spread, so no interval. An arm without runs: `absent`.

    Raises ValueError where `cells` breaks its contract, a pair names an arm that has no row, or
    a dataset is missing in `n_test` or `overlap`.
    """
    runs = checked(cells)
    n_test = by_dataset(runs, n_test, "n_test")
    overlaps = by_dataset(runs, overlap, "overlap")
    chosen = chosen_steps(runs, step)
    table = _pair_rows(runs, declared_pairs(runs, pairs), chosen).assign(step=step)
    if table.empty:
        return pd.DataFrame(columns=list(COMPARE_COLUMNS))
    paired = _paired(table, at_steps(runs, chosen))
    differences = [np.round(a - b, DECIMALS) for a, b in paired]
    table["mean_a"], table["mean_b"] = np.transpose([[mean_of(a), mean_of(b)] for a, b in paired])
    table["margin"] = margin
    laps = [overlaps[name] for name in table["dataset"]]
    tests = map(partial(_tests, level=level), differences, table["margin"], laps)
    table = table.join(pd.DataFrame(tests)).reindex(columns=list(COMPARE_COLUMNS))
    return _judged(table, level)


def _judged(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the table with p values adjusted within each dataset and facet, and verdicts."""
    families = table.groupby(PLACE, sort=False)
    table["p_holm"] = families["p"].transform(holm)
    table["tost_p_holm"] = families["tost_p"].transform(holm)
    verdicts = [verdict(row, level=level) for row in table.to_dict("records")]
    table["verdict_kind"] = [each.kind.value for each in verdicts]
    table["verdict"] = [each.text for each in verdicts]
    return table


def declared_pairs(runs: pd.DataFrame, pairs: Pairs | None) -> list[tuple[str, str]]:
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
        names = {"arm": side, "tuned": f"value_{side}", "on_edge": f"edge_{side}"}
        table = table.merge(chosen.rename(columns=names), on=[*PLACE, side], how="left")
    return table.fillna({"edge_a": "", "edge_b": ""})


def _paired(table: pd.DataFrame, runs: pd.DataFrame) -> list[tuple[Array, Array]]:
    """Return for each row of `table` the accuracies of a and b, in per cent, by common seed.

    None if every run of both diverged: that all their outputs are wrong makes no two arms alike.
    """
    diverged = runs["status"].eq("diverged")
    runs = runs.assign(per_cent=100 * runs["test_accuracy"], diverged=diverged)
    runs = runs[[*ARM, "seed", "per_cent", "diverged"]]
    keys = [*PLACE, "a", "b"]
    seeds = table[keys]
    seeds = seeds.merge(runs.rename(columns={"arm": "a"}), on=[*PLACE, "a"])
    seeds = seeds.merge(runs.rename(columns={"arm": "b"}), on=[*PLACE, "b", "seed"])
    accuracies = seeds[["per_cent_x", "per_cent_y"]].to_numpy()
    lost = seeds[["diverged_x", "diverged_y"]].to_numpy(dtype=bool).all(axis=1)
    groups = {
        key: accuracies[rows]
        for key, rows in seeds.groupby(keys, sort=False).indices.items()
        if not lost[rows].all()
    }
    nothing = np.empty((0, 2))
    return [
        tuple(groups.get(key, nothing).T) for key in table[keys].itertuples(index=False, name=None)
    ]


def _tests(x: Array, margin: float, overlap: float | None, *, level: float) -> dict[str, Any]:
    """Return what one sample of paired differences says by itself, before any family."""
    if not len(x):
        return {"n": 0}
    narrow, wide = t_interval(x, 1 - 2 * level, overlap), t_interval(x, 1 - level, overlap)
    spread, equivalence = spread_of(x), tost_p(x, margin, overlap)
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
