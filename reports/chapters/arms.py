"""All arms of all comparisons in one table, to be sorted and filtered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from reports.figures import short
from reports.page import Html, filterable_table, heading, paragraph

if TYPE_CHECKING:
    from reports.chapters import Report

MOST_ROWS = 1_500


def chapter(report: Report) -> Iterator[Html]:
    """Yield the table of all arms."""
    yield heading("All arms", "all-arms")
    found = [(each, report.table(each, "arms")) for each in report.comparisons]
    parts = [
        arms.assign(study=comparison.study, axis=comparison.axis)
        for comparison, arms in found
        if arms is not None
    ]
    if not parts:
        yield paragraph("The tables of the arms have not been made yet.", "gap")
        return
    frame = _readable(pd.concat(parts, ignore_index=True))
    cut = ""
    if len(frame) > MOST_ROWS:
        cut = f" The first {MOST_ROWS:,} of {len(frame):,} rows; the rest is in tables/."
    numbers = dict.fromkeys(["test %", "low", "high", "validation %"], ".2f")
    yield filterable_table(
        frame.head(MOST_ROWS),
        "tab-all-arms",
        "Every arm of every comparison at its chosen value: the mean test accuracy of the runs "
        "that count, with its t-interval over splits (or seeds, if the study is not confirmed); "
        "runs that failed, more than 10 points below the median of the arm; mean validation "
        "accuracy when tuning; and how it compares with the highest mean of its case: best, equal "
        f"(within the margin), not separated, worse, or absent.{cut} Files: `tables/*-arms.csv`.",
        {**numbers, "tuned": "g"},
    )


def _readable(arms: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "study": arms["study"],
            "dataset": arms["dataset"],
            "setting": arms["facet"].map(short),
            "axis": arms["axis"],
            "arm": arms["arm"],
            "tuned": arms["tuned"],
            "edge": arms["on_edge"],
            "n": arms["n"].astype("Int64"),
            "runs": arms["runs"].astype("Int64"),
            "test %": arms["mean"],
            "low": arms["low"],
            "high": arms["high"],
            "validation %": 100 * arms["validation_accuracy"],
            "failed": arms["failed"].astype("Int64"),
            "diverged": arms["diverged"].astype("Int64"),
            "against the best": arms["standing"],
        }
    )
