"""The chapter of a question: the answer, where it is otherwise, a figure, a table, and more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import pandas as pd

from experiments import statistics
from experiments.base import counted, files, listing
from experiments.results import tuned_word
from experiments.schema import HEADLINE, Comparison
from reports.answers.asked import Asked, mark, tested
from reports.answers.parts import PARTS, opening_of, verdict
from reports.answers.setting import setting
from reports.figures import KINDS, Sheet, easy_first, readable, sheets_of, short
from reports.page import (
    Html,
    bullets,
    explorer_address,
    figure,
    is_wide,
    literal,
    paragraph,
    table,
)
from reports.sentences import NOT_JUDGED, Finding, Row, axis_name, human, over

if TYPE_CHECKING:
    from reports.chapters import Report

MOST_ROWS = 8  # of a table
MOST_COLUMNS = 6  # datasets of a table with a column for each
FEWEST_ROWS = 2  # of a table: sentence and figure say as much as one row
MOST_FIGURES = 2
LAST = 3  # the place of figures that are shown only if a chapter has no other


def section(report: Report, asked: Asked) -> Iterator[Html]:
    """Yield the chapter of a question, all but its heading."""
    figures = _figures(report, asked)
    if asked.first:
        yield paragraph(f"**{over.answer(asked.first)}**", "answer")
    yield from (drawn(report, each) for each in figures if not is_wide(report.image(each.name)))
    yield from _otherwise(report, asked)
    yield from _claims(report, asked)
    for part in asked.parts:
        yield from PARTS[part](report)
    yield from (drawn(report, each) for each in figures if is_wide(report.image(each.name)))
    yield from _tables(report, asked)
    yield from setting(report, asked)
    yield _more(report, asked)


def _otherwise(report: Report, asked: Asked) -> Iterator[Html]:
    """Yield where the answer is otherwise, what the other pairs show, what hangs on the step."""
    if asked.first:
        every = [one for each in _told(asked) for one in asked.findings[each.name]]
        same = [one for one in every if (one.a, one.b) == (asked.first.a, asked.first.b)]
        yield paragraph(f"{over.rest(asked.first)} {over.to_choose(same)}".strip())
    said = []
    for comparison in asked.comparisons:
        found = asked.findings[comparison.name]
        if comparison not in _told(asked):
            said.append(over.together(comparison.title, found))
            continue
        for finding in found[:MOST_ROWS]:
            many = len(finding.rows) > MOST_COLUMNS
            if finding is asked.first:
                told = []
            elif many:  # a figure names the datasets
                told = [over.in_short(finding)]
            else:
                told = [over.answer(finding), over.rest(finding)]
            told += [_on_many(report, comparison, finding)] if many else []
            said.append(" ".join(filter(None, told)))
    said += [_unplanned(report, one) for one in asked.comparisons if one.planned]
    said += _fragile(report, asked)
    yield bullets(said)


def _unplanned(report: Report, comparison: Comparison) -> str:
    """Sum up the pairs of a comparison that are not planned, '' if every arm is in one that is."""
    table = report.table(comparison, "tests")
    planned = {frozenset((pair.a, pair.b)) for _, pair in comparison.planned}
    if table is None or "family" not in table or {*comparison.arms} <= {*chain(*planned)}:
        return ""
    rows = table[[{a, b} not in planned for a, b in zip(table["a"], table["b"], strict=True)]]
    found = [
        Finding(a, b, facet, mine.to_dict("records"))
        for (facet, a, b), mine in rows.fillna({"facet": ""}).groupby(["facet", "a", "b"])
    ]
    return over.widest("Not planned", found)


def _told(asked: Asked) -> list[Comparison]:
    """Return the comparisons that are told pair by pair: those with planned pairs, or the first."""
    planned = [comparison for comparison in asked.comparisons if comparison.planned]
    return planned or list(asked.comparisons[:1])


def _on_many(report: Report, comparison: Comparison, finding: Finding) -> str:
    """Say what many datasets together show of a finding."""
    table = report.frames.over_datasets(comparison)
    for row in table[table["facet"] == finding.facet].to_dict("records"):
        if (row["a"], row["b"]) == (finding.a, finding.b):
            return over.on_many(finding, row)
    return ""


def _fragile(report: Report, asked: Asked) -> Iterator[str]:
    """Yield a planned verdict that another value of the tuned setting would change, and more."""
    hang: dict[str, tuple[Row, Comparison]] = {}
    for comparison in asked.comparisons:
        planned = report.table(comparison, "planned") if comparison.planned else None
        if planned is not None and "fragile" in planned:
            rows = planned[planned["fragile"] != ""].to_dict("records")
            hang |= {row["fragile"]: (row, comparison) for row in rows}
    if not hang:
        return
    (row, comparison), *others = hang.values()
    pair = f"{literal(row['a'])} and {literal(row['b'])}"
    more = f", as {counted(len(others), 'other verdict')} here" if others else ""
    yield (
        f"On {human(row['dataset'])} the verdict on {pair} hangs on the {tuned_word(comparison)}"
        f"{more}: [how]({files.APPENDIX}#chapter-{comparison.name})."
    )


def _claims(report: Report, asked: Asked) -> Iterator[Html]:
    """Yield the note's claims that rest on the comparisons of the question, with verdicts."""
    if report.claims is None:
        return
    names = {comparison.name for comparison in asked.comparisons}
    planned = {comparison.name for comparison in asked.comparisons if comparison.planned}
    for row in report.claims.to_dict("records"):
        if row["comparison"] in names and row["verdict"] not in NOT_JUDGED:
            # planned pairs have intervals of their own, which say where: a claim's are narrower
            listed = row["datasets"] and row["comparison"] not in planned
            where = f" It {literal(readable(row['datasets']))}." if listed else ""
            yield paragraph(f"{verdict(row)}{where} [Why]({files.APPENDIX}#tab-claims)", "claim")


def _figures(report: Report, asked: Asked) -> list[Sheet]:
    """Return the figures that a chapter of the main page shows, the telling ones first.

    A kind is shown once in a chapter; one of the last place only if there is no other, once for a
    study, and if no part of a chapter says the same.
    """
    names = [comparison.name for comparison in asked.comparisons]
    before = [c.study for one in report.questions[: asked.number - 1] for c in one.comparisons]
    mine = [s for s in sheets_of(report.config) if s.comparison.name in names]
    places = {s.name: KINDS[s.kind].place(report.config, s.comparison) for s in mine}
    shown = [s for s in mine if places[s.name] and report.is_drawn(s)]
    shown.sort(key=lambda s: (places[s.name], names.index(s.comparison.name)))
    said = any("steps" in one.parts for one in report.questions)
    if said or (shown and places[shown[0].name] < LAST):
        shown = [s for s in shown if places[s.name] < LAST]
    shown = [s for s in shown if places[s.name] < LAST or s.comparison.study not in before]
    kinds = {sheet.kind: sheet for sheet in reversed(shown)}
    return [s for s in shown if kinds[s.kind] is s][:MOST_FIGURES]


def drawn(report: Report, sheet: Sheet) -> Html:
    """Embed a figure, with a caption of its first sentence and links to its files."""
    name, image, facts = sheet.name, report.image(sheet.name), report.captions[sheet.name]
    shown = name in report.embedded  # the other page leaves out what would make it too large
    place = f"fig-{name}" if shown else f"chapter-{sheet.comparison.name}"
    drawing = f"[SVG]({files.FIGURES}/{name}.svg)"
    text = f"{opening_of(facts['caption'])} {drawing} · [more]({files.APPENDIX}#{place})"
    wide = is_wide(image)
    return figure(image, facts["alt"], text, f"fig-{name}", wide=wide, beside=not wide)


def _tables(report: Report, asked: Asked) -> Iterator[Html]:
    """Yield a table of the differences, of a column for each dataset if they are few."""
    order = easy_first(_as_summary(report))
    for comparison in _told(asked):
        found = asked.findings[comparison.name][:MOST_ROWS]
        if len(found) < FEWEST_ROWS:
            continue
        score = report.score(report.config.studies[comparison.study].datasets)
        datasets = list(dict.fromkeys(row["dataset"] for one in found for row in one.rows))
        datasets.sort(key=lambda name: order.index(name) if name in order else len(order))
        many = len(datasets) > MOST_COLUMNS
        rows = [_counted(one) if many else _by_dataset(one, datasets) for one in found]
        title = literal(comparison.title)
        title += f", {axis_name(comparison.axis)}" if len(asked.comparisons) > 1 else ""
        mine = (
            "the interval that decides" if report.results.confirmed(comparison) else "its interval"
        )
        words = f"{title}: difference in test {score} in points, with {mine}."
        yield table(pd.DataFrame(rows), f"tab-answer-{comparison.name}", words)


def _as_summary(report: Report) -> list[Row]:
    """Return the rows of the planned pairs of Figure 1, of all pairs if there are none."""
    rows = tested(report.questions)
    return [row for row in rows if row.get("family") == HEADLINE] or rows


def _pair(finding: Finding) -> str:
    setting = f" ({short(finding.facet)})" if finding.facet else ""
    return f"{finding.a} over {finding.b}{setting}"


def _by_dataset(finding: Finding, datasets: list[str]) -> dict[str, str | Html]:
    by_name = {row["dataset"]: row for row in finding.rows}
    return {"pair": _pair(finding)} | {
        readable(name): _cell(by_name[name]) if name in by_name else "–" for name in datasets
    }


def _cell(row: over.Row) -> Html:
    if not mark(row):
        return Html("–")
    number, interval = statistics.size_in_points(row)
    sign = "+" if row["difference"] > 0 else ""
    return Html("{}<small>{}</small>").format(f"{sign}{number} {mark(row)}", interval)


def _counted(finding: Finding) -> dict[str, str]:
    groups = {f"{finding.a} ahead": "ahead", "equal": "equal", "undecided": "undecided",
              f"{finding.b} ahead": "behind"}  # fmt: skip
    return {"pair": _pair(finding)} | {
        head: _named(finding, group) for head, group in groups.items()
    }


def _named(finding: Finding, group: str) -> str:
    rows = finding.of(group)
    if not rows:
        return "none"
    names = [readable(row["dataset"]) for row in rows]
    return f"{len(rows)}: {listing(names, most=8)}"


def _more(report: Report, asked: Asked) -> Html:
    """Link to all that referees ask for, and to the explorer."""
    links = [
        f"[{literal(report.chapter_title(one))}]({files.APPENDIX}#chapter-{one.name})"
        for one in asked.comparisons
    ]
    if not links:
        return Html("")
    studies = dict.fromkeys(one.study for one in asked.comparisons)
    explore = [f"[{literal(s)}]({explorer_address(study=s)})" for s in studies]
    return paragraph(
        f"For referees (all pairs, means, curves, steps): {' · '.join(links)}. "
        f"Explore: {listing(explore)}.",
        "more",
    )
