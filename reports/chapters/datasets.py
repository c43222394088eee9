"""The datasets: where they are from, and the sizes of their parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

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
                "what": Html("{}<small>{}; licence: {}</small>").format(
                    data.get("description", ""),
                    data.get("citation", "no source given"),
                    data.get("licence", "not known"),
                ),
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
