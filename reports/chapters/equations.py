"""The equations of the note, evaluated as printed and as corrected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from reports.page import Html, heading, paragraph, table
from reports.reading import read_texts
from reports.sentences import equation_counts, formula, holds

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield the table of the equations."""
    yield heading("The equations of the note, checked", "equations")
    path = report.folder / "equations.csv"
    if not path.exists():
        yield paragraph(
            "The equations have not been checked yet: equations.csv is missing. "
            f"`{report.frames.command('equations.csv')}` makes it.",
            "gap",
        )
        return
    equations = read_texts(path)
    yield paragraph(equation_counts(equations))
    yield table(
        pd.DataFrame([_equation(row) for row in equations.to_dict("records")]),
        "tab-equations",
        "Every numbered equation, evaluated as printed and, where that fails, as corrected, "
        f"with the largest relative error over the cases tried. {report.redo('equations.csv')}",
    )


def _equation(row: dict[str, str]) -> dict[str, Any]:
    parts = [Html("<div>{}</div>").format(formula(row["statement"]))]
    if row.get("correction"):
        corrected = Html("<div><small>corrected:</small>{}</div>")
        parts.append(corrected.format(formula(row["correction"])))
    said = [text for text in (row.get("reason", ""), row.get("remark", "")) if text]
    parts += [Html("<small>{}</small>").format(text) for text in said]
    if row.get("implemented_by"):
        parts.append(Html("<small><code>{}</code></small>").format(row["implemented_by"]))
    return {
        "no.": row["number"],
        "equation, and what computes it": Html("").join(parts),
        "as printed": holds(row["holds_as_printed"], row.get("error_as_printed", "")),
        "as corrected": holds(row["holds_as_corrected"], row.get("error_as_corrected", "")),
        "checked by": row.get("method", ""),
    }
