"""What a chapter may show beside comparisons: the equations, and the three small experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import files, of_all
from reports.page import Html, figure, literal, paragraph, table
from reports.reading import read_json, read_texts
from reports.sentences import formula, holds

if TYPE_CHECKING:
    from reports.chapters import Report

CLAIM_OF = {"path": "N4", "heaviside": "N5", "start": "N6", "equations": "N7"}
PICTURE_OF = {"path": "probes-path", "start": "probes-start"}
"""The picture of a part."""


def equations(report: Report) -> Iterator[Html]:
    """Yield how many equations hold, a tile for each, and those that fail as printed."""
    path = report.folder / files.EQUATIONS
    if not path.exists():
        return
    found = read_texts(path)
    failed = found[found["holds_as_printed"] == "False"]
    printed = int((found["holds_as_printed"] == "True").sum())
    right = int((failed["holds_as_corrected"] == "True").sum())
    said = f"{of_all(printed, printed + len(failed), 'equation').capitalize()} hold as printed"
    yield paragraph(f"**{said}; {right} more hold once corrected.**", "answer")
    yield from _of_claim(report, "equations")
    yield _tiles(found)
    rows = [
        {
            "no.": row["number"],
            "as printed": Html("{}<small>off by {}</small>").format(
                formula(row["statement"]),
                holds("False", row["error_as_printed"]).partition(" ")[2].strip("()"),
            ),
            "as corrected": Html("{}<small>{}</small>").format(
                formula(row["correction"]), row["reason"]
            ),
        }
        for row in failed.to_dict("records")
    ]
    if rows:
        words = "The equations that fail as printed, with the largest relative error found."
        yield table(pd.DataFrame(rows), "tab-answer-equations", words)


STATUS = {"True": ("holds", "holds"), "False": ("slip", "fails as printed")}


def _tiles(found: pd.DataFrame) -> Html:
    """Return a tile for each equation, a link to its row among all."""
    tiles = []
    for row in found.to_dict("records"):
        kind, said = STATUS.get(row["holds_as_printed"], ("open", "is not checked"))
        tile = '<a class="tile {0}" href="{1}#tab-equations" title="{2}">{3}</a>'
        name = f"equation {row['number']} {said}"
        tiles.append(Html(tile).format(kind, files.APPENDIX, name, row["number"]))
    return Html('<p class="tiles">{}</p>').format(Html(" ").join(tiles))


def _probe(name: str) -> Callable[[Report], Iterator[Html]]:
    def part(report: Report) -> Iterator[Html]:
        if not report.has_probes:
            return
        yield from _of_claim(report, name)
        picture = PICTURE_OF.get(name, "")
        image = report.folder / files.FIGURES / f"{picture}.svg"
        if image.exists() and image.with_suffix(".json").exists():
            said = read_json(image.with_suffix(".json"))
            first = said["caption"].partition(". ")[0].rstrip(".")
            text = f"{literal(first)}. [more]({files.APPENDIX}#probe-{name})"
            yield figure(image, said["alt"], text, f"fig-{picture}")

    return part


def _of_claim(report: Report, name: str) -> Iterator[Html]:
    """Yield the claim that a part decides, and the numbers that decide it."""
    if report.claims is None:
        return
    for row in report.claims.to_dict("records"):
        if row["id"] == CLAIM_OF[name] and row["verdict"] != "not run":
            place = "equations" if name == "equations" else f"probe-{name}"
            text = (
                f"**{literal(row['id'])}**, {literal(row['kind'])}: “{literal(row['claim'])}” "
                f"*{literal(row['verdict'].capitalize())}.* "
            )
            more = "" if name == "equations" else f"{literal(_minus(row['explanation']))} "
            yield paragraph(f"{text}{more}[Numbers]({files.APPENDIX}#{place})", "claim")


def _minus(text: str) -> str:
    return text.replace("e-", "e−")


PARTS: Mapping[str, Callable[[Report], Iterator[Html]]] = {
    "equations": equations,
    **{name: _probe(name) for name in ("path", "heaviside", "start")},
}
