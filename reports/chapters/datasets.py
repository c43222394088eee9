"""The datasets: where they are from, the sizes of their parts, what simple classifiers reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.base import files, listing
from experiments.results import Results
from reports.page import Html, table
from reports.reading import read_table
from reports.sentences import BASELINES

if TYPE_CHECKING:
    from reports.chapters import Report

BEST = "best arm here"


def chapter(report: Report) -> Iterator[Html]:
    """Yield the tables of the datasets and of the baselines; nothing where they were not made."""
    data = report.frames.provenance.get("data", {})
    rows = [_facts(name, facts, report.results) for name, facts in data.items()]
    if rows:
        formats = {"one test sample, points": ".2f"}
        words = "The datasets and their parts."
        yield table(pd.DataFrame(rows), "tab-datasets", words, formats)
    reached = baselines(report)
    if not reached.empty:
        yield table(reached, "tab-baselines", _caption(report))


def _facts(name: str, data: Mapping[str, Any], results: Results) -> dict[str, Any]:
    """Return the row of a dataset."""
    sizes = results.samples(name)
    about = "" if results.shape(name).split.even else "≈ "
    return {
        "dataset": name,
        "what": _described(data),
        "samples": data.get("samples"),
        "features": data.get("features"),
        "classes": data.get("classes") or "–",
        "train / validation / test": about + " / ".join(f"{n:,}" for n in sizes.values()),
        "one test sample, points": 100 / sizes["test"],
    }


def _described(data: Mapping[str, Any]) -> Html:
    """Return what a dataset is, where it is from, and what was decided when it was read."""
    notes = "".join(f"; {note}" for note in data.get("notes", ()))
    return Html("{}<small>{}; licence: {}{}</small>").format(
        data.get("description", ""),
        data.get("citation", "no source given"),
        data.get("licence", "not known"),
        notes,
    )


def baselines(report: Report) -> pd.DataFrame:
    """Return a row per dataset: each baseline's mean with its interval, and the best arm's mean.

    Empty if the baselines were not computed, or no dataset has classes.
    """
    path = report.folder / files.BASELINES
    found = read_table(path) if path.exists() else pd.DataFrame()
    if found.empty:
        return found
    best = {
        row.Index: f"{row.mean:.1f} ({row.arm})" for row in report.best_arms.itertuples()
    }  # fmt: skip
    rows = []
    for dataset, mine in found.groupby("dataset", sort=False):
        texts = {BASELINES[row["baseline"]]: _text(row) for row in mine.to_dict("records")}
        rows.append({"dataset": dataset, **texts, BEST: best.get(dataset, "–")})
    return pd.DataFrame(rows)


def _text(row: Mapping[str, Any]) -> str:
    """Return a mean with half the width of its interval, if it has one."""
    half = (row["high"] - row["low"]) / 2
    return f"{row['mean']:.1f}" + (f" ± {half:.1f}" if half == half else "")


def _caption(report: Report) -> str:
    counts = read_table(report.folder / files.BASELINES).groupby("baseline")["splits"].max()
    splits = listing(f"{BASELINES[name]} {n:g}" for name, n in counts.items())
    return (
        "What simple classifiers of scikit-learn reach: test accuracy in percent, mean and half "
        f"the width of its {report.facts['interval']} t-interval over splits "
        f"({splits}; one for data with a test part of their own). Majority: the most "
        "frequent class. Nothing is tuned: MLPClassifier has its defaults, 100 ReLU units and "
        "Adam. "
        f"*{BEST[0].upper()}{BEST[1:]}*: the largest mean over the arms of all studies; as it is "
        "the best of many, it is a little too high. A dataset with real values to predict has no "
        f"baselines. {report.redo(files.BASELINES)}"
    )
