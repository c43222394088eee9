"""What the runs say of pairs of arms: confirming runs if there are any, else those of the tuning.

A table of pairs has the columns of `statistics.CONFIRM_COLUMNS` and `PAIR_COLUMNS` if its study is
confirmed, and those of `statistics.COMPARE_COLUMNS` if not: then it is about the one split of the
config.
"""

import math
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from experiments import statistics
from experiments.base import counted
from experiments.results.sweep import ARM, Results, at_values, seeds_as_splits
from experiments.schema import Comparison, Planned, comparisons
from experiments.statistics import Kind

PLACE = ["dataset", "facet"]
PAIR_COLUMNS = {
    "step": "each arm at its own value ('tuned') or one for all ('shared')",
    "edge_a": "'low' or 'high' if the value of a ends its grid",
    "edge_b": "the same of b",
    "family": "'exploratory', or the name of the planned family",
    "margin_samples": "the margin in test samples of one split",
    "verdict": "the verdict in words, with the values that it is about",
    "fragile": "which values that tuning cannot tell from the chosen would change it, '' if none",
}
"""The columns of a confirmed pair beside those of `statistics.CONFIRM_COLUMNS`."""


def paired_tests(
    results: Results, comparison: Comparison, cells: pd.DataFrame, step: str = "tuned"
) -> pd.DataFrame:
    """Return what is known of the pairs of a comparison, a row per dataset, facet and pair.

    `cells` are the tuning runs. All rows together are one exploratory family: intervals adjusted
    after Benjamini and Hochberg (`statistics.confirm`). Without confirming runs the pairs are
    compared as `statistics.compare` does.
    """
    confirming = _of_arms(results.confirming(comparison), cells)
    if confirming.empty:
        return _on_this_split(results, comparison, cells, comparison.pairs, step)
    settings = results.config.statistics
    runs = at_values(cells, confirming, step)
    table = confirmed(results, runs, comparison.pairs, settings.level, "exploratory")
    return _completed(results, comparison, table.assign(family="exploratory", step=step))


def planned_tests(results: Results, comparison: Comparison) -> pd.DataFrame:
    """Return the planned pairs of a comparison, each family with intervals of its own.

    A family may span comparisons: each of its m rows that were tested, wherever they are, has an
    interval at 1 - level/m, so that the chance of any false statement is at most the level. The
    pairs of studies that are not confirmed are no part of that: they are compared as
    `statistics.compare` does, in the family of their dataset and facet.
    """
    tables = []
    for family in dict.fromkeys(name for name, _ in comparison.planned):
        cells = results.cells(comparison)
        if not results.confirmed(comparison):
            pairs = [(p.a, p.b) for name, p in comparison.planned if name == family]
            table = _on_this_split(results, comparison, cells, pairs, "tuned")
            table = _where_planned(table, comparison, family).assign(family=family)
        else:
            table = _planned(results, comparison, family, family_error(results, family))
            table = _completed(results, comparison, table.assign(family=family, step="tuned"))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def family_error(results: Results, family: str) -> float:
    """Return the error of each interval of a planned family: level/m, for its m tested rows."""
    level = results.config.statistics.level
    tables = [
        _planned(results, comparison, family, level)["p_decision"]
        for comparison in comparisons(results.config)
        if family in dict(comparison.planned) and results.confirmed(comparison)
    ]
    return statistics.simultaneous_level(pd.concat(tables), level)


def _planned(results: Results, comparison: Comparison, family: str, error: float) -> pd.DataFrame:
    pairs = [(p.a, p.b) for name, p in comparison.planned if name == family]
    table = confirmed(results, results.evidence(comparison), pairs, error, "single")
    return _where_planned(table, comparison, family)


def _where_planned(table: pd.DataFrame, comparison: Comparison, family: str) -> pd.DataFrame:
    """Return the rows whose facet has the values for which their pair is planned."""
    planned = [pair for name, pair in comparison.planned if name == family]
    keep = [
        any((pair.a, pair.b) == (row["a"], row["b"]) and _at(comparison, pair, row["facet"])
            for pair in planned)
        for row in table.to_dict("records")
    ]  # fmt: skip
    return table[keep].reset_index(drop=True)


def _at(comparison: Comparison, pair: Planned, facet: str) -> bool:
    values = facet_values(facet, comparison.facet_axes)
    return all(values[axis] in wanted for axis, wanted in pair.at.items())


def facet_values(facet: str, axes: Sequence[str]) -> dict[str, str]:
    """Return the label of each axis from a text such as 'hidden tanh, epochs 40'.

    >>> facet_values("hidden tanh, epochs 40", ["hidden", "epochs"])
    {'hidden': 'tanh', 'epochs': '40'}
    """
    pattern = ", ".join(f"{re.escape(axis)} (.*)" for axis in axes)
    return dict(zip(axes, re.fullmatch(pattern, facet).groups(), strict=True))


def confirmed(
    results: Results,
    runs: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] | None,
    level: float,
    family: str,
) -> pd.DataFrame:
    """Return `statistics.confirm` of runs, with the settings and datasets of a sweep."""
    datasets = runs["dataset"].unique()
    return statistics.confirm(
        runs,
        results.n_test(runs),
        pairs=pairs,
        margin=results.config.statistics.margin,
        level=level,
        family=family,
        overlap=results.overlaps(datasets),
    )


def basis(results: Results, comparison: Comparison) -> str:
    """Return what the evidence of a comparison is: splits with runs, or seeds on one split."""
    runs = results.evidence(comparison)
    ran = runs[runs["status"] != "skipped"]
    if ran.empty:
        return "no runs"
    splits, each = ran["split"].nunique(), ran["index"].nunique()
    if results.confirmed(comparison):
        return f"{counted(splits, 'split')} of {counted(each, 'run')}"
    return f"{counted(splits, 'seed')} on one split"


def _of_arms(runs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of those arms, at those places, that the cells have."""
    known = cells[ARM].drop_duplicates()
    return runs.merge(known, on=ARM)


def _on_this_split(
    results: Results,
    comparison: Comparison,
    cells: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] | None,
    step: str,
) -> pd.DataFrame:
    settings = results.config.statistics
    table = statistics.compare(
        cells,
        results.n_test(cells),
        pairs=pairs,
        step=step,
        level=settings.level,
        margin=settings.margin,
        overlap=results.overlap(cells),
    )
    where = "" if results.overlap(cells) else ", on this split"
    table["verdict"] = [
        statistics.verdict(_named(row, comparison), level=settings.level).text + where
        for row in table.to_dict("records")
    ]
    return table


def _named(row: dict[str, Any], comparison: Comparison) -> dict[str, Any]:
    """Return a row of `statistics.compare` whose arms are called with their tuned values."""
    if not comparison.tune:
        return row
    names = {
        side: f"{row[side]} ({_word(comparison)} {row[f'step_{side}']:g})"
        for side in ("a", "b")
        if not math.isnan(row[f"step_{side}"])
    }
    return row | names


def _word(comparison: Comparison) -> str:
    """Return what a tuned value is called in a sentence."""
    return "step" if comparison.tune == "eta" else comparison.tune


def _completed(results: Results, comparison: Comparison, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of confirmed pairs with the columns of `PAIR_COLUMNS`."""
    cells = results.cells(comparison)
    tuned = _word(comparison)
    for side in ("a", "b"):
        table[f"edge_{side}"] = _edges(cells, table, side)
    n_test = table["dataset"].map(results.n_test(table))
    table["margin_samples"] = table["margin"] / 100 * n_test
    rows = table.to_dict("records")
    table["verdict"] = [statistics.in_words(row, tuned) for row in rows]
    table["fragile"] = ""
    if (table["step"] == "tuned").all():
        others, near = alternatives(results, comparison, table), statistics.near_best(cells)
        table["fragile"] = [fragile(row, others.get(_key(row), []), near, tuned) for row in rows]
    return table[[*statistics.CONFIRM_COLUMNS, *PAIR_COLUMNS]]


def _edges(cells: pd.DataFrame, table: pd.DataFrame, side: str) -> list[str]:
    """Return whether each value of one side ends the grid of its arm."""
    grid = cells[cells["status"] != "skipped"].groupby(ARM)["tuned"].agg(["min", "max"])
    ends = grid.to_dict("index")
    found = []
    for row in table.to_dict("records"):
        end = ends.get((row["dataset"], row["facet"], row[side]), {"min": 0.0, "max": 0.0})
        value, wide = row[f"value_{side}"], end["min"] < end["max"]
        low, high = wide and value == end["min"], wide and value == end["max"]
        found.append("low" if low else "high" if high else "")
    return found


# --- Fragile verdicts -------------------------------------------------------------------------


def alternatives(
    results: Results, comparison: Comparison, table: pd.DataFrame
) -> dict[tuple, list[dict[str, Any]]]:
    """Return what the pairs of `table` are at other values that tuning cannot tell from theirs.

    By dataset, facet and pair: rows of `statistics.confirm` with one arm at another nearly best
    value, at the same level, from confirming runs if there are any at this value, else from the
    tuning runs, whose row then has `on_tuning`.
    """
    cells, confirming = results.cells(comparison), results.confirming(comparison)
    near = statistics.near_best(cells)
    near = near[~near["chosen"]]
    if near.empty or table.empty:
        return {}
    error = 1 - float(table["level"].iloc[0])
    seeds = seeds_as_splits(cells)
    here = near.merge(confirming[[*ARM, "tuned"]].drop_duplicates(), on=[*ARM, "tuned"])
    there = near.merge(here[[*ARM, "tuned"]], on=[*ARM, "tuned"], how="left", indicator=True)
    there = there[there["_merge"] == "left_only"]
    found: dict[tuple, list[dict[str, Any]]] = {}
    for runs, values, on_tuning in ((confirming, here, False), (seeds, there, True)):
        for row in _with_one_other(results, runs, table, values, error):
            found.setdefault(_key(row), []).append(row | {"on_tuning": on_tuning})
    return found


def _with_one_other(
    results: Results, runs: pd.DataFrame, table: pd.DataFrame, near: pd.DataFrame, error: float
) -> list[dict[str, Any]]:
    """Return the pairs of a table with one arm at each of the other values, at the given error."""
    pairs = list(dict.fromkeys(zip(table["a"], table["b"], strict=True)))
    chosen = _values(table)
    base = runs.merge(chosen, on=[*ARM, "tuned"])
    found = []
    for arm, values in near.groupby("arm", sort=False):
        values = values.assign(rank=values.groupby(PLACE, sort=False).cumcount())
        for _, other in values.groupby("rank"):
            moved = runs.merge(other[[*ARM, "tuned"]], on=[*ARM, "tuned"])
            places = moved[PLACE].drop_duplicates()
            rest = base[base["arm"] != arm].merge(places, on=PLACE)
            mine = [
                pair for pair in pairs
                if arm in pair and {*pair} <= {*rest["arm"], arm}
            ]  # fmt: skip
            if len(moved) and mine:
                both = pd.concat([moved, rest], ignore_index=True)
                found += confirmed(results, both, mine, error, "single").to_dict("records")
    return [row for row in found if row["n"] > 0]


def _values(table: pd.DataFrame) -> pd.DataFrame:
    """Return the value at which each arm of a table of pairs ran."""
    sides = [
        table[[*PLACE, side, f"value_{side}"]].set_axis([*ARM, "tuned"], axis=1)
        for side in ("a", "b")
    ]
    return pd.concat(sides).dropna().drop_duplicates()


def fragile(
    row: dict[str, Any], others: list[dict[str, Any]], near: pd.DataFrame, tuned: str = "step"
) -> str:
    """Return what would change the verdict of a row, '' if nothing does or nothing is said.

    Confirming runs at another value change a verdict if their kind or their sign is another one.
    The tuning runs are fewer and on one split, so that they change it only if they contradict it:
    a shown difference of the other sign, or one beyond the margin against one inside.
    """
    if Kind(row["verdict_kind"]) in (Kind.INCONCLUSIVE, Kind.ABSENT):
        return ""
    confirming = [other for other in others if not other["on_tuning"]]
    tuning = [other for other in others if other["on_tuning"] and contradicts(row, other)]
    texts = [statistics.fragile_text(row, confirming, near, tuned)]
    if said := statistics.fragile_text(row, tuning, near, tuned):
        texts.append(f"{said.removesuffix('.')}, by the tuning runs on their one split.")
    return " ".join(filter(None, texts))


def contradicts(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two rows cannot both be right."""
    kinds = Kind(row["verdict_kind"]), Kind(other["verdict_kind"])
    if all(kind.differs for kind in kinds) and row["difference"] * other["difference"] < 0:
        return True
    return Kind.RELEVANT in kinds and any(kind.alike for kind in kinds)


def _key(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["dataset"], row["facet"], row["a"], row["b"]
