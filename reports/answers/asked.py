"""A question of the report, and the findings that answer it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from experiments.results import absence
from experiments.schema import Comparison, chapters_of
from experiments.statistics import Kind
from reports.sentences import Finding, Row

if TYPE_CHECKING:
    from reports.chapters import Report


@dataclass(frozen=True)
class Asked:
    """A question: its number, its anchor, what it compares, and the parts that it has beside."""

    report: Report
    number: int
    question: str
    comparisons: Sequence[Comparison]
    parts: Sequence[str]

    @cached_property
    def findings(self) -> dict[str, list[Finding]]:
        """What was found, by comparison."""
        return {one.name: list(findings(self.report, one)) for one in self.comparisons}

    @property
    def anchor(self) -> str:
        """The place of the chapter on the page."""
        return f"question-{self.number}"

    @property
    def first(self) -> Finding | None:
        """The finding that answers the question: the first that was tested, or the first."""
        every = [one for found in self.findings.values() for one in found]
        return next((one for one in every if one.tested), next(iter(every), None))


def asked(report: Report) -> list[Asked]:
    """Return the questions of a report, in the order of its config."""
    return [
        Asked(report, number, chapter.question, found, chapter.parts)
        for number, (chapter, found) in enumerate(chapters_of(report.config), start=1)
    ]


def findings(report: Report, comparison: Comparison) -> Iterator[Finding]:
    """Yield the planned pairs of a comparison by setting; without any, each arm over the first."""
    tests = report.decided(comparison)
    if tests.empty:
        return
    planned = {frozenset((pair.a, pair.b)): (pair.a, pair.b) for _, pair in comparison.planned}
    reference = comparison.arms[0]
    pairs = list(planned.values()) or [(arm, reference) for arm in comparison.arms[1:]]
    on_this_split = report.on_this_split(comparison)
    for facet in dict.fromkeys(tests["facet"]):
        here = tests[tests["facet"] == facet].to_dict("records")
        for a, b in pairs:
            rows = [
                row | {"reason": absence(report.results, comparison, row)}
                for row in (_turned(row, a, b) for row in here)
                if row
            ]
            if rows:
                yield Finding(a, b, facet, rows, on_this_split)


def _turned(row: dict[str, Any], a: str, b: str) -> dict[str, Any] | None:
    """Return a row of the pair with `a` first; None if it is of another pair."""
    if (row["a"], row["b"]) == (a, b):
        return row
    if (row["b"], row["a"]) != (a, b):
        return None
    ends = {"difference": -row["difference"], "low": -row["high"], "high": -row["low"]}
    return {**row, "a": a, "b": b, **ends}


def tested(questions: Sequence[Asked]) -> list[Row]:
    """Return the rows of all findings that were tested, each once."""
    found = {
        (name, one.a, one.b, one.facet, row["dataset"]): row
        for asked in questions
        for name, findings in asked.findings.items()
        for one in findings
        for row in one.tested
    }
    return list(found.values())


def mark(row: Row) -> str:
    """Return the sign that stands for a row's verdict in tables."""
    return _MARKS.get(Kind(row["verdict_kind"]), "")


_MARKS = {
    Kind.RELEVANT: "◆",
    Kind.BETTER: "◇",
    Kind.NEGLIGIBLE: "=",
    Kind.EQUIVALENT: "=",
    Kind.IDENTICAL: "=",
    Kind.INCONCLUSIVE: "?",
}
