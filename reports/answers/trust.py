"""How far to trust the answers: what was not run, what is open, what hides behind a mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from experiments.base import counted, files
from experiments.statistics import Kind
from reports.answers.asked import Asked
from reports.page import Html, bullets
from reports.reading import read_table
from reports.sentences import scope

if TYPE_CHECKING:
    from reports.chapters import Report


def trust(report: Report, questions: Sequence[Asked]) -> Iterator[Html]:
    """Yield what limits the answers, in a list."""
    gaps = [text for text in scope.gaps(report.runs) if "unfinished" not in text]
    yield bullets([*gaps, _splits(report), _chance(report, questions), _open(questions),
                   _failures(report), _baselines(report)])  # fmt: skip


def _splits(report: Report) -> str:
    if any(map(report.results.confirmed, report.comparisons)):
        return (
            "An interval covers other splits of the same data and other starts of the networks. "
            "For new data from the same source it is about twice as wide; for another dataset see "
            "the studies on many datasets."
        )
    return "An interval covers other starts of the networks on this split of the data, not others."


def _chance(report: Report, questions: Sequence[Asked]) -> str:
    rows = _rows(questions)
    shown = sum(Kind(row["verdict_kind"]).differs for row in rows)
    level = report.config.statistics.level
    return (
        f"Of {counted(len(rows), 'test')} above, {shown} show a difference. The chance that any "
        f"planned family has a false statement is at most {100 * level:g} %."
    )


def _open(questions: Sequence[Asked]) -> str:
    rows = [row for row in _rows(questions) if row["verdict_kind"] == Kind.INCONCLUSIVE]
    if not rows:
        return "No test above is undecided."
    needed = [row["splits_needed"] for row in rows if row.get("splits_needed", 0) > 0]
    more = f"; up to {max(needed):,.0f} fresh splits would decide them" if needed else ""
    names = Counter(str(row["dataset"]).replace("_", " ") for row in rows)
    where = ", ".join(f"{name} {number}" for name, number in names.most_common(4))
    return f"Undecided are {len(rows)} of them ({where}){more}."


def _rows(questions: Sequence[Asked]) -> list:
    found = {
        (name, one.a, one.b, one.facet, row["dataset"]): row
        for asked in questions
        for name, findings in asked.findings.items()
        for one in findings
        for row in one.rows
        if row["verdict_kind"] != Kind.ABSENT
    }
    return list(found.values())


def _failures(report: Report) -> str:
    tables = [report.table(comparison, "arms") for comparison in report.comparisons]
    failed = sum(int(table["failed"].sum()) for table in tables if table is not None)
    if not failed:
        return "No run ended more than 10 points below the median of its setting."
    return (
        f"{counted(failed, 'run').capitalize()} ended more than 10 points below the median of "
        f"their setting. A mean hides them; [the tables]({files.APPENDIX}) count them."
    )


def _baselines(report: Report) -> str:
    path = report.folder / files.BASELINES
    if not path.exists():
        return ""
    table = read_table(path)
    if "baseline" not in table or "mean" not in table:
        return f"[Baselines]({files.APPENDIX}#tab-baselines) are among the tables for referees."
    wide = table.pivot_table(index="dataset", columns="baseline", values="mean", sort=False)
    low = wide.min(axis=1)
    return (
        "Simple methods on the same data (majority, logistic regression, a standard network) are "
        f"among [the tables for referees]({files.APPENDIX}#datasets); the simplest reaches "
        f"{low.min():.0f} to {low.max():.0f} %."
    )
