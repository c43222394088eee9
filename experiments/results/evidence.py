"""What the runs say of pairs of arms: confirming runs if there are any, else those of the tuning.

A table of pairs has the columns of `statistics.CONFIRM_COLUMNS` if its study is confirmed, and
those of `statistics.COMPARE_COLUMNS` if not: then it is about the one split of the config. The
sentences are in `experiments.results.pairs`.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from experiments import statistics
from experiments.base import counted, listing
from experiments.results.sweep import Results
from experiments.schema import Comparison, Planned, comparisons
from experiments.statistics import Kind


def intervals(results: Results, comparison: Comparison) -> pd.DataFrame:
    """Return the planned pairs of a comparison, all pairs if none is planned, without sentences.

    The column `family` has the name of the planned family, or "exploratory".
    """
    families = dict.fromkeys(name for name, _ in comparison.planned)
    if families:
        tables = [planned_pairs(results, comparison, family) for family in families]
        return pd.concat(tables, ignore_index=True)
    return all_pairs(results, comparison)


def all_pairs(
    results: Results,
    comparison: Comparison,
    step: str = "tuned",
) -> pd.DataFrame:
    """Return what is known of the pairs of a comparison, a row per dataset, facet and pair.

    All rows together are one exploratory family: intervals adjusted after Benjamini and Hochberg
    (`statistics.confirm`). Without confirming runs the pairs are compared as `statistics.compare`
    does.
    """
    if results.confirming(comparison).empty:
        cells = results.cells(comparison)
        return on_this_split(results, comparison, cells, comparison.pairs, step)
    runs, level = results.evidence(comparison, step), results.config.statistics.level
    table = confirmed_pairs(results, runs, comparison.pairs, level, "exploratory")
    return table.assign(family="exploratory", step=step)


def planned_pairs(results: Results, comparison: Comparison, family: str) -> pd.DataFrame:
    """Return the pairs of a comparison that belong to a planned family.

    A family may span comparisons: each of its m rows that were tested, wherever they are, has an
    interval at 1 - level/m, so that the chance of any false statement is at most the level. The
    pairs of studies that are not confirmed are no part of that: they are compared as
    `statistics.compare` does, in the family of their dataset and facet.
    """
    if results.confirmed(comparison):
        table = _planned(results, comparison, family)
        overlaps = results.overlaps(table["dataset"].unique())
        table = statistics.at_error(table, family_error(results, family), overlaps)
    else:
        pairs = [(p.a, p.b) for name, p in comparison.planned if name == family]
        cells = results.cells(comparison)
        table = on_this_split(results, comparison, cells, pairs, "tuned")
        table = _where_planned(table, comparison, family)
    return table.assign(family=family, step="tuned")


def family_error(results: Results, family: str) -> float:
    """Return the error of each interval of a planned family: level/m, for its m tested rows."""
    level = results.config.statistics.level

    def error() -> float:
        tables = [
            _planned(results, comparison, family)["p_decision"]
            for comparison in comparisons(results.config)
            if family in dict(comparison.planned) and results.confirmed(comparison)
        ]
        return statistics.simultaneous_level(pd.concat(tables), level)

    return results.once(("error", family), error)


def _planned(results: Results, comparison: Comparison, family: str) -> pd.DataFrame:
    """Return the planned pairs of a confirmed comparison, each by itself at the config's level."""

    def table() -> pd.DataFrame:
        pairs = [(p.a, p.b) for name, p in comparison.planned if name == family]
        level, runs = results.config.statistics.level, results.evidence(comparison)
        found = confirmed_pairs(results, runs, pairs, level, "single")
        return _where_planned(found, comparison, family)

    return results.once(("planned", family, comparison.name, *comparison.facet_axes), table)


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


def confirmed_pairs(
    results: Results,
    runs: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] | None,
    level: float,
    family: Literal["primary", "exploratory", "single"],
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
    """Return what the evidence of a comparison is: splits with runs, or seeds on splits."""
    runs = results.evidence(comparison)
    ran = runs[runs["status"] != "skipped"]
    if ran.empty:
        return "no runs"
    splits, each = ran.groupby("dataset")["split"].nunique(), ran["index"].nunique()
    least = f"{splits.min()} to " if splits.min() < splits.max() else ""
    if results.confirmed(comparison):
        return f"{least}{counted(splits.max(), 'split')} of {counted(each, 'run')}"
    return f"{least}{counted(splits.max(), 'seed')} on {results.tuning_splits(comparison)}"


def when(results: Results, comparison: Comparison) -> str:
    """Return after which epoch the evidence is taken, as the `select` of its runs says."""
    found = {*results.runs.loc[results.runs["study"] == comparison.study, "select"]}
    if "last" not in found:
        return "after the selected epoch"
    return "after the last epoch" if len(found) == 1 else "after the epoch that counts"


def on_this_split(
    results: Results,
    comparison: Comparison,
    cells: pd.DataFrame,
    pairs: Sequence[tuple[str, str]] | None,
    step: str = "tuned",
) -> pd.DataFrame:
    """Return `statistics.compare` of tuning runs, with a verdict in words that says so."""
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
    split = "" if results.overlap(cells) else ", on this split"
    table["verdict"] = [
        statistics.in_words(row | {"reason": absence(results, comparison, row)})
        if row["verdict_kind"] == Kind.ABSENT
        else f"On {statistics.place(row)}{split}: "
        f"{statistics.verdict(_named(row, comparison), level=settings.level).text}."
        for row in table.to_dict("records")
    ]
    return table


def absence(results: Results, comparison: Comparison, row: dict[str, Any]) -> str:
    """Return why the arms of a row of a table of pairs were not compared, '' if they were."""
    if row["verdict_kind"] != Kind.ABSENT:
        return ""
    cells = results.cells(comparison)
    here = cells[(cells["dataset"] == row["dataset"]) & (cells["facet"] == row["facet"])]
    found = {arm: {*here.loc[here["arm"] == arm, "status"]} for arm in (row["a"], row["b"])}
    diverged = [arm for arm, kinds in found.items() if kinds - {"skipped"} == {"diverged"}]
    not_run = [arm for arm, kinds in found.items() if kinds <= {"skipped"}]
    said = [f"every run of {listing(diverged)} diverged"] if diverged else []
    if not_run:
        said.append(f"{listing(not_run)} {'was' if len(not_run) == 1 else 'were'} not run")
    return " and ".join(said) or "no run of the one has a seed of the other"


def _named(row: dict[str, Any], comparison: Comparison) -> dict[str, Any]:
    """Return a row of `statistics.compare` whose arms are called with their tuned values."""
    if not comparison.tune:
        return row
    names = {
        side: f"{row[side]} ({tuned_word(comparison)} {row[f'value_{side}']:g})"
        for side in ("a", "b")
        if not math.isnan(row[f"value_{side}"])
    }
    return row | names


def tuned_word(comparison: Comparison) -> str:
    """Return what a tuned value is called in a sentence."""
    return "step" if comparison.tune == "eta" else comparison.tune
