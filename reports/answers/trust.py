"""How far to trust the answers: what was not run, what is open, what hides behind a mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from experiments.base import between, counted, files, listing, verb
from experiments.statistics import Kind
from reports.answers.asked import tested
from reports.figures import readable
from reports.page import Html, bullets, literal
from reports.reading import read_table
from reports.sentences import Row, scope

if TYPE_CHECKING:
    from reports.chapters import Report


def trust(report: Report) -> Iterator[Html]:
    """Yield what limits the answers, in a list."""
    rows = tested(report.questions)
    yield bullets([scope.left_out(report.runs), _splits(report), _chance(report, rows), _open(rows),
                   _failures(report), _baselines(report),
                   scope.regression(report.config, report.datasets)])  # fmt: skip


def _splits(report: Report) -> str:
    one = "other starts of the networks on this split of the data, not others"
    if not report.confirmed:
        return f"An interval covers {one}."
    names = [literal(readable(name)) for name in report.unconfirmed]
    return (
        "An interval covers other splits of the same data and other starts of the networks"
        f"{f'; in {listing(names)}, {one}' if names else ''}. "
        "For new data from the same source it is about twice as wide; for another dataset see "
        "the studies on many datasets."
    )


def _chance(report: Report, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    shown = sum(Kind(row["verdict_kind"]).differs for row in rows)
    said = f"Of {counted(len(rows), 'test')} above, {verb(shown, 'show')} a difference."
    if not (report.confirmed and report.config.planned):
        return said
    return (
        f"{said} The chance that any planned family"
        f"{' of confirmed pairs' if report.unconfirmed else ''} has a false statement is at most "
        f"{100 * report.config.statistics.level:g} %."
    )


def _open(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    open_ = [row for row in rows if row["verdict_kind"] == Kind.INCONCLUSIVE]
    if not open_:
        return "No test above is undecided."
    needed = [row["splits_needed"] for row in open_ if row.get("splits_needed", 0) > 0]
    more = f"; up to {max(needed):,.0f} fresh splits would decide" if needed else ""
    names = Counter(readable(row["dataset"]) for row in open_)
    where = ", ".join(f"{name} {number}" for name, number in names.most_common(4))
    return f"Of them {verb(len(open_), 'are')} undecided ({where}){more}."


def _failures(report: Report) -> str:
    tables = [report.table(comparison, "arms") for comparison in report.comparisons]
    failed = sum(int(table["failed"].sum()) for table in tables if table is not None)
    lost = report.runs.loc[report.runs["status"] == "diverged", "run_id"].nunique()
    diverged = f" {counted(lost, 'run').capitalize()} diverged." if lost else ""
    if not failed:
        return f"No run ended more than 10 points below the median of its setting.{diverged}"
    return (
        f"{counted(failed, 'run').capitalize()} ended more than 10 points below the median of "
        f"{'its' if failed == 1 else 'their'} setting. A mean hides them; "
        f"[the tables]({files.APPENDIX}) count them.{diverged}"
    )


def _baselines(report: Report) -> str:
    path = report.folder / files.BASELINES
    if not path.exists():
        return ""
    table = read_table(path)
    if table.empty:  # no dataset has classes
        return ""
    wide = table.pivot_table(index="dataset", columns="baseline", values="mean", sort=False)
    low = wide.min(axis=1)
    return (
        "Simple methods on the same data (majority, logistic regression, a standard network) are "
        f"among [the tables for referees]({files.APPENDIX}#tab-baselines); the simplest reaches "
        f"{between(f'{low.min():.0f}', f'{low.max():.0f}')} %."
    )
