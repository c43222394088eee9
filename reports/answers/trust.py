"""How far to trust the answers: what was not run, what is open, what hides behind a mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.base import counted, files, listing, of_all, verb
from experiments.claims import load_claims
from experiments.statistics import Kind
from reports.answers.asked import tested
from reports.figures import readable
from reports.page import Html, bullets, fold, literal, table
from reports.reading import read_table
from reports.sentences import Row, beside, group_of, human, scope, verdicts, with_minus

if TYPE_CHECKING:
    from reports.chapters import Report


def trust(report: Report) -> Iterator[Html]:
    """Yield what limits the answers, in a list."""
    rows = tested(report.questions)
    limits = [
        scope.left_out(report.runs, excluded=False),
        _splits(report),
        _new_data(rows),
        _chance(report, rows),
        _open(rows),
        _failures(report),
        _train(report),
        _baselines(report),
        *published(report),
        *_elsewhere(report),
        scope.regression(report.config, report.datasets),
    ]
    yield bullets(limits)
    yield from _datasets(report)


def _datasets(report: Report) -> Iterator[Html]:
    """Yield the datasets, how large they are, and how well they were learnt, folded."""
    rows = [
        {
            "dataset": human(name),
            "samples": data.get("samples"),
            "features": data.get("features"),
            "classes": data.get("classes") or "–",
            "best mean here, %": best,
        }
        for name, data in report.frames.provenance.get("data", {}).items()
        if (best := report.best_arms["mean"].get(name)) is not None
    ]
    if rows:
        found = table(pd.DataFrame(rows), "", "", {"best mean here, %": ".1f"})
        yield fold("The datasets, and the best that was reached", found)


def _elsewhere(report: Report) -> Iterator[str]:
    """Yield which claims another config tests, if the sweep tests some."""
    if not report.tests_claims:
        return
    left = set(report.claims.loc[report.claims["verdict"] == "not run", "id"])
    configs: dict[str, list[str]] = {}
    for claim in load_claims():
        if claim.id in left and claim.config not in ("", report.folder.name):
            configs.setdefault(claim.config, []).append(claim.id)
    for config, ids in configs.items():
        names = f"{ids[0]} to {ids[-1]}" if len(ids) > 2 else listing(ids)
        yield (
            f"The claims {names} need another sweep: "
            f"`snakemake --cores 2 --configfile experiments/config/{config}.yaml`"
        )


def published(report: Report) -> Iterator[str]:
    """Yield whether the accuracies that others published were met, for each study that has some."""
    for comparison in report.comparisons:
        found = report.table(comparison, "published") if comparison.published else None
        if found is not None:
            yield (
                f"{literal(comparison.title)}: {verdicts.numbers_met(found)} "
                f"[The numbers]({files.APPENDIX}#{comparison.name}-published)."
            )


def _splits(report: Report) -> str:
    one = "other starts of the networks on this split of the data, not others"
    fixed = dict.fromkeys(c.study for c in report.comparisons if report.on_this_split(c))
    names = [literal(readable(name)) for name in fixed]
    if len(fixed) == len({comparison.study for comparison in report.comparisons}):
        return f"An interval covers {one}."
    return (
        "An interval covers other splits of the same data and other starts of the networks"
        f"{f'; in {listing(names)}, {one}' if names else ''}. For another dataset see the studies "
        "on many datasets, if there are any."
    )


def _new_data(rows: Sequence[Row]) -> str:
    """Say how much wider the intervals for new data are than those that decide."""
    known = [row for row in rows if row.get("new_high") is not None]
    widths = [
        (row["new_high"] - row["new_low"]) / (row["high"] - row["low"])
        for row in known
        if row["high"] > row["low"]
    ]
    finite = [width for width in widths if np.isfinite(width)]
    if not finite:
        return ""
    return (
        f"For new data from the same source it is about {np.median(finite):.0f} times as wide "
        f"(Nadeau and Bengio 2003){_kept(known)}."
    )


def _kept(rows: Sequence[Row]) -> str:
    """Say how many differences are also shown for new data, '' if there are none."""
    shown = [row for row in rows if group_of(row) in ("ahead", "behind")]
    kept = [row for row in shown if row["new_low"] > 0 or row["new_high"] < 0]
    if not shown:
        return ""
    return f": {of_all(len(kept), len(shown), 'difference')} above would be shown there"


def _chance(report: Report, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    groups = Counter(map(group_of, rows))
    shown = groups["ahead"] + groups["behind"]
    said = (
        f"Of {counted(len(rows), 'comparison')} above, {verb(shown, 'show')} a difference, "
        f"{verb(groups['equal'], 'are')} equal within the margin."
    )
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
        return "No comparison above is undecided."
    needed = [row["splits_needed"] for row in open_ if row.get("splits_needed", 0) > 0]
    more = f"; up to {max(needed):,.0f} fresh splits would decide" if needed else ""
    most = Counter(human(row["dataset"]) for row in open_).most_common(4)
    where = [f"{number} on {name}" for name, number in most]
    if rest := len(open_) - sum(number for _, number in most):
        where.append(f"{rest} on other datasets")
    return f"{verb(len(open_), 'are')} undecided: {listing(where)}{more}."


def _failures(report: Report) -> str:
    first = {one.study: one for one in reversed(report.comparisons)}  # others share its runs
    tables = [report.table(comparison, "arms") for comparison in first.values()]
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
    said = beside(report.best_arms, read_table(path)) if path.exists() else ""
    if not said:
        return ""
    return (
        "Simple methods of scikit-learn on the same data: by more than a point the best setting "
        f"here is {said}. [Their means]({files.APPENDIX}#tab-baselines)"
    )


def _train(report: Report) -> str:
    """Say how much better the networks are on what they were trained with."""
    runs = report.runs
    data = report.frames.provenance.get("data", {})
    classes = [name for name, facts in data.items() if facts.get("classes")]
    last = runs[(runs["status"] == "ok") & runs["dataset"].isin(classes)]
    if (last["stage"] == "confirm").any():
        last = last[last["stage"] == "confirm"]
    gaps = 100 * (last["train_accuracy"] - last["test_accuracy"])
    means = gaps.groupby(last["dataset"]).mean().dropna().sort_values()
    if means.empty:
        return ""
    ends = [
        f"{with_minus(means[name])} points on {human(name)}"
        for name in dict.fromkeys((means.index[0], means.index[-1]))
    ]
    return f"The test accuracy is below that of the training part by {' to '.join(ends)}."
