"""What a chapter may show beside comparisons: the equations, and the three small experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import files, of_all
from reports.page import Html, figure, literal, paragraph, table
from reports.reading import read_texts
from reports.sentences import PROBES, failing, formula, holds, true_minus

if TYPE_CHECKING:
    from reports.chapters import Report

CLAIM_OF = {probe: claim for claim, probe in PROBES.items()} | {"equations": "N7"}
"""The claim that a part decides."""


def equations(report: Report) -> Iterator[Html]:
    """Yield how many equations hold, a tile for each, and those that fail as printed."""
    path = report.folder / files.EQUATIONS
    if not path.exists():
        return
    found = read_texts(path)
    printed, failed, right = failing(found)
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
        picture = f"probes-{name}"
        if said := report.picture(picture):
            text = f"{opening_of(said['caption'])} [more]({files.APPENDIX}#probe-{name})"
            yield figure(report.image(picture), said["alt"], text, f"fig-{picture}")

    return part


def _of_claim(report: Report, name: str) -> Iterator[Html]:
    """Yield the claim that a part decides, and the numbers that decide it."""
    if report.claims is None:
        return
    for row in report.claims.to_dict("records"):
        if row["id"] == CLAIM_OF[name] and row["verdict"] != "not run":
            if name == "equations":
                text, place = verdict(row), "equations"
            else:
                explained = literal(true_minus(row["explanation"]))
                text, place = f"{verdict(row)} {explained}", f"probe-{name}"
            yield paragraph(f"{text} [Numbers]({files.APPENDIX}#{place})", "claim")


def verdict(row: dict[str, str]) -> str:
    """Return a claim, what kind of claim it is, and its verdict."""
    return (
        f"**{literal(row['id'])}**, {literal(row['kind'])}: “{literal(row['claim'])}” "
        f"*{literal(row['verdict'].capitalize())}.*"
    )


def opening_of(caption: str) -> str:
    """Return the first sentence of a caption, for a figure whose rest the other page has."""
    return f"{literal(caption.partition('. ')[0].rstrip('.'))}."


PARTS: Mapping[str, Callable[[Report], Iterator[Html]]] = {
    "equations": equations,
    **{name: _probe(name) for name in PROBES.values()},
}
