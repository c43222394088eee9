"""The speed of the software: the newest benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import counted
from reports.page import Html, figure, filterable_table, fold, heading, literal, paragraph, table
from reports.reading import read_csv

if TYPE_CHECKING:
    from reports.chapters import Report

MOST_ROWS = 1_500  # of the table of all measurements
FIGURES = {
    "benchmark": "What a step of one replica takes, against the number of replicas in its stack: "
    "medians with quartiles. The floor gathers the batch, computes the same matrix products and "
    "subtracts the result from the weights, and does nothing else.",
    "growth": "Time and memory against the number of runs, with made-up results: planning, and "
    "collecting with all tables.",
}
TABLES = {
    "bars": "The bars that the package is held to, and what was measured.",
    "breakdown": "Where the time of a whole sweep went: seconds added over its jobs.",
    "growth": "What larger sweeps cost, with made-up results.",
}
MEASUREMENTS = "Microseconds are of one step of one replica: median, quartiles and extremes."


def chapter(report: Report) -> Iterator[Html]:
    """Yield the newest benchmark, if there is one."""
    folder = report.folder.parent / "benchmark"
    if not (folder / "benchmark.csv").exists():
        return
    measured = read_csv(folder / "benchmark.csv").head(MOST_ROWS)
    yield heading("Speed of the software", "benchmark")
    yield paragraph(
        "The newest benchmark, measured by `snakemake --cores 1 benchmark` in one thread, the "
        "contenders taking turns; its numbers belong to the machine that it ran on. "
        f"Measured with {literal('; '.join(sorted(set(measured.get('versions', [])))))}."
    )
    yield from _drawings(folder)
    for stem, words in TABLES.items():
        if (folder / f"{stem}.csv").exists():
            frame = read_csv(folder / f"{stem}.csv", na_filter=stem != "breakdown")
            yield table(_with_spaces(frame), f"tab-benchmark-{stem}", words)
    shown = _with_spaces(measured.drop(columns=["title", "versions"], errors="ignore"))
    yield fold(
        f"All {counted(len(shown), 'measurement')}",
        filterable_table(shown, "tab-benchmark-benchmark", MEASUREMENTS),
    )


def _drawings(folder: Path) -> Iterator[Html]:
    for stem, words in FIGURES.items():
        image = folder / f"{stem}.svg"
        if image.exists():
            alt = f"Figure of the benchmark ({stem}); its numbers stand in the table below."
            yield figure(image, alt, words, f"fig-benchmark-{stem}", wide=True)


def _with_spaces(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=lambda name: name.replace("_", " "))
