"""The datasets: where they are from, and the sizes of their parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.page import Html, table

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield the table of the datasets; nothing if it is not known what the results are from."""
    rows = []
    for name, data in report.frames.provenance.get("data", {}).items():
        sizes = report.results.samples(name)
        rows.append(
            {
                "dataset": name,
                "what": _described(data),
                "samples": data.get("samples"),
                "features": data.get("features"),
                "classes": data.get("classes") or "–",
                "train / validation / test": " / ".join(f"{n:,}" for n in sizes.values()),
                "one test sample, points": 100 / sizes["test"],
            }
        )
    if rows:
        formats = {"one test sample, points": ".2f"}
        words = "The datasets and their parts."
        yield table(pd.DataFrame(rows), "tab-datasets", words, formats)


def _described(data: Mapping[str, Any]) -> Html:
    """Return what a dataset is, where it is from, and what was decided when it was read."""
    notes = "".join(f"; {note}" for note in data.get("notes", ()))
    return Html("{}<small>{}; licence: {}{}</small>").format(
        data.get("description", ""),
        data.get("citation", "no source given"),
        data.get("licence", "not known"),
        notes,
    )
