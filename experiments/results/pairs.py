"""The tables of pairs: what the evidence says of each, in words, and what would change it."""

from typing import Any

import pandas as pd

from experiments import statistics
from experiments.results.evidence import (
    absence,
    all_pairs,
    confirmed_pairs,
    planned_pairs,
    tuned_word,
)
from experiments.results.sweep import ARM, Results, seeds_as_splits
from experiments.schema import Comparison
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


def paired_tests(results: Results, comparison: Comparison, step: str = "tuned") -> pd.DataFrame:
    """Return all pairs of a comparison (`evidence.all_pairs`), with a verdict in words.

    A confirmed table has the columns of `statistics.CONFIRM_COLUMNS` and `PAIR_COLUMNS`, another
    those of `statistics.COMPARE_COLUMNS`.
    """
    return _completed(results, comparison, all_pairs(results, comparison, step))


def planned_tests(results: Results, comparison: Comparison) -> pd.DataFrame:
    """Return the planned pairs of a comparison (`evidence.planned_pairs`), family by family."""
    tables = [
        _completed(results, comparison, planned_pairs(results, comparison, family))
        for family in dict.fromkeys(name for name, _ in comparison.planned)
    ]
    return pd.concat(tables, ignore_index=True)


def _completed(results: Results, comparison: Comparison, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of pairs with the columns that are for readers."""
    if "p_decision" not in table:  # not confirmed: in words already
        return table
    cells = results.cells(comparison)
    tuned = tuned_word(comparison)
    for side in ("a", "b"):
        table[f"edge_{side}"] = _edges(cells, table, side)
    n_test = table["dataset"].map(results.n_test(table))
    table["margin_samples"] = table["margin"] / 100 * n_test
    rows = table.to_dict("records")
    table["verdict"] = [
        statistics.in_words(row | {"reason": absence(results, comparison, row)}, tuned)
        for row in rows
    ]
    table["fragile"] = ""
    if (table["step"] == "tuned").all():
        others, near = alternatives(results, comparison, table), results.near_best(comparison)
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
    near = results.near_best(comparison)
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
    """Return the pairs of a table with one arm at each of the other values, at the given error.

    An arm at its second other value counts as an arm of its own, so that all are compared at once.
    """
    base = runs.merge(_values(table), on=[*ARM, "tuned"])
    near = near.assign(rank=near.groupby(ARM, sort=False).cumcount())
    moved = runs.merge(near[[*ARM, "tuned", "rank"]], on=[*ARM, "tuned"])
    names = moved["arm"] + "\n" + moved["rank"].astype(str)
    arms = dict(zip(names, moved["arm"], strict=True))
    known = {*base["arm"]}
    pairs = [
        (name if a == arm else a, name if b == arm else b)
        for name, arm in arms.items()
        for a, b in dict.fromkeys(zip(table["a"], table["b"], strict=True))
        if arm in (a, b) and {a, b} <= known | {arm}
    ]
    if not pairs:
        return []
    both = pd.concat([moved.assign(arm=names), base], ignore_index=True)
    found = confirmed_pairs(results, both, pairs, error, "single").to_dict("records")
    back = [row | {side: arms.get(row[side], row[side]) for side in ("a", "b")} for row in found]
    return [row for row in back if row["n"] > 0]


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
    The tuning runs are fewer, so that they change it only if they contradict it:
    a shown difference of the other sign, or one beyond the margin against one inside.
    """
    if Kind(row["verdict_kind"]) in (Kind.INCONCLUSIVE, Kind.ABSENT):
        return ""
    confirming = [other for other in others if not other["on_tuning"]]
    tuning = [other for other in others if other["on_tuning"] and contradicts(row, other)]
    texts = [statistics.fragile_text(row, confirming, near, tuned)]
    if said := statistics.fragile_text(row, tuning, near, tuned):
        texts.append(f"{said.removesuffix('.')}, by the tuning runs.")
    return " ".join(filter(None, texts))


def contradicts(row: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two rows cannot both be right."""
    kinds = Kind(row["verdict_kind"]), Kind(other["verdict_kind"])
    if all(kind.differs for kind in kinds) and row["difference"] * other["difference"] < 0:
        return True
    return Kind.RELEVANT in kinds and any(kind.alike for kind in kinds)


def _key(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["dataset"], row["facet"], row["a"], row["b"]
