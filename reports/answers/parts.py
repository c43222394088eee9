"""What a chapter may show beside comparisons: the equations, and the three small experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments import statistics
from experiments.base import files, listing, of_all
from experiments.schema import Comparison
from reports.figures import readable, short
from reports.page import Html, figure, literal, markdown_blocks, paragraph, table
from reports.reading import read_texts
from reports.sentences import PROBES, axis_name, failing, formula, reason, true_minus

if TYPE_CHECKING:
    from reports.chapters import Report

NOTE = Path(__file__).with_name("note.md")
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
    yield paragraph(_reasons(failed))
    yield from _of_claim(report, "equations")
    yield _tiles(found)
    rows = [
        {
            "no.": row["number"],
            "as printed": _formula(row["statement"], _wrong(row)),
            "as corrected": formula(row["correction"]),
        }
        for row in failed.to_dict("records")
    ]
    if rows:
        words = "The equations that fail as printed, why, and the largest relative error found."
        yield table(pd.DataFrame(rows), "tab-answer-equations", words)


KINDS_OF_FAILURE = {
    "notation": "slips of notation, which cannot be computed as printed",
    "special": "right for an elementwise output, not for softmax",
    "error": "errors, which give other values",
}
"""How an equation may fail as printed."""


def kind_of_failure(row: Mapping[str, str]) -> str:
    """Return how an equation fails: what cannot be computed has no error that could be compared."""
    if not row["error_as_printed"]:
        return "notation"
    return "special" if "elementwise" in row["reason"] else "error"


def _reasons(failed: pd.DataFrame) -> str:
    """Say which equations are slips, which are right in special cases, and which are wrong."""
    groups: dict[str, list[str]] = {kind: [] for kind in KINDS_OF_FAILURE}
    for row in failed.to_dict("records"):
        groups[kind_of_failure(row)].append(literal(row["number"]))
    said = [
        f"{listing(numbers)} are {KINDS_OF_FAILURE[kind]}"
        for kind, numbers in groups.items()
        if numbers
    ]
    return f"{'; '.join(said)}." if said else ""


def _formula(latex: str, said: str) -> Html:
    return Html("{}<small>{}</small>").format(formula(latex), said)


def _wrong(row: Mapping[str, str]) -> str:
    """Say why an equation fails, and how large its error is if it has a value to compare."""
    error = row["error_as_printed"]
    size = [f"off by up to {100 * float(error):.0f} %"] if error else []
    return "; ".join([reason(row["reason"]), *size])


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
        picture = f"probes-{name}"
        if said := report.picture(picture):
            text = f"{opening_of(said['caption'])} [more]({files.APPENDIX}#probe-{name})"
            image = report.image(picture)
            yield figure(image, said["alt"], text, f"fig-{picture}", beside=True)
        yield from _of_claim(report, name)

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
        f"**{literal(row['id'])}**, {literal(row['kind'])}: *{literal(row['claim'])}* "
        f"**{literal(row['verdict'].capitalize())}.**"
    )


def opening_of(caption: str) -> str:
    """Return the first sentence of a caption, for a figure whose rest the other page has."""
    return f"{literal(caption.partition('. ')[0].rstrip('.'))}."


def note(report: Report) -> Iterator[Html]:
    """Yield what the note compares, what it leaves open, and how that is read here."""
    yield markdown_blocks(NOTE.read_text(encoding="utf-8"))


def steps(report: Report) -> Iterator[Html]:
    """Yield a table: which tuned value each arm of the first tuned comparison may try first."""
    comparison, lost = _lost(report)
    if comparison is None:
        return
    rows: dict[str, dict[str, str | Html]] = {}
    for (facet, arm), values in lost.iterrows():
        row = rows.setdefault(arm, {axis_name(comparison.axis): readable(arm)})
        row[short(facet) or axis_name(str(comparison.tune))] = _to_try(values)
    words = (
        f"{literal(comparison.title)}: the {axis_name(str(comparison.tune))} to try first, which "
        "loses least of the validation accuracy over the datasets, and those that lose at most 1 "
        "point more (tuning runs)."
    )
    drawing = f"{files.FIGURES}/{comparison.name}-stepmap.svg"
    if (report.folder / drawing).exists():
        words += f" [What each value loses]({drawing})"
    yield table(pd.DataFrame([*rows.values()]), "tab-answer-steps", words)


def to_try_first(report: Report) -> str:
    """Say which tuned values to try first in each setting, '' if nothing is tuned."""
    comparison, lost = _lost(report)
    if comparison is None:
        return ""
    said = []
    for facet, values in lost.groupby("facet", sort=False):
        best = [row.idxmin() for _, row in values.iterrows() if np.isfinite(row).any()]
        ends = dict.fromkeys((f"{min(best):g}", f"{max(best):g}")) if best else {}
        where = f" ({literal(short(facet))})" if facet else ""
        said += [f"{' to '.join(ends)}{where}"] if ends else []
    return f"The {axis_name(str(comparison.tune))} to try first: {listing(said)}."


def _lost(report: Report) -> tuple[Comparison | None, pd.DataFrame]:
    """Return the first tuned comparison, and what its arms lose at each value."""
    tuned = [one for one in report.comparisons if len(one.tuned_values) > 1]
    if not tuned:
        return None, pd.DataFrame()
    return tuned[0], statistics.points_lost(report.frames.sensitivity(tuned[0]))


def _to_try(lost: pd.Series) -> Html | str:
    """Return the value that loses least, and the ends of those that lose at most 1 point more."""
    known = lost[np.isfinite(lost)]
    if known.empty:
        return "–"
    near = known[known <= known.min() + 1].index
    ends = f"{near.min():g} to {near.max():g}" if len(near) > 1 else f"only {near.min():g}"
    return Html("{}<small>{}</small>").format(f"{known.idxmin():g}", ends)


PARTS: Mapping[str, Callable[[Report], Iterator[Html]]] = {
    "note": note,
    "steps": steps,
    "equations": equations,
    **{name: _probe(name) for name in PROBES.values()},
}
