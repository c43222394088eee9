"""The first screen: what was run, what was found, a row for each question, and Figure 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import counted, files, listing, verb
from experiments.schema import HEADLINE
from reports.answers.asked import Asked
from reports.page import Html, bullets, figure, fold, link, literal, markdown, paragraph, table
from reports.reading import read_json, read_texts
from reports.sentences import NOT_JUDGED, group_of, over, scope

if TYPE_CHECKING:
    from reports.chapters import Report

NOTE = "H. M. M. Vege's note *Neural networks and Back Propagation* (2018)"
SUMMARY = "summary"
"""The picture of all planned pairs."""


def opening(report: Report, questions: Sequence[Asked]) -> Iterator[Html]:
    """Yield the first screen of the page."""
    yield Html("<h1>{}</h1>").format(report.config.title or f"The sweep {report.folder.name}")
    yield paragraph(f"{_what(report)} {_links()}", "byline")
    gaps = scope.gaps(report.runs)
    yield from (paragraph(text, "gap") for text in gaps if "unfinished" in text)
    yield paragraph(_lead(report, questions), "lead")
    rows = [
        {
            "question": link(asked.question, asked.anchor),
            "answer": markdown(_answer(report, asked)),
        }
        for asked in questions
    ]
    yield table(pd.DataFrame(rows), "tab-answers")
    yield from _summary(report)
    yield fold("How to read this", bullets(_how_to_read(report)))


def _what(report: Report) -> str:
    """Say in a line what was run."""
    runs = report.runs
    trained = runs[runs["status"].isin(["ok", "diverged"])]
    number = counted(trained["run_id"].nunique(), "network")
    test = f"A test of {NOTE}: " if tests_note(report) else ""
    datasets = counted(runs["dataset"].nunique(), "dataset")
    return f"{test}{number}, {_networks(runs)}, {datasets}, {_basis(report)}."


def _networks(runs: pd.DataFrame) -> str:
    """Say how large the networks are."""
    hidden = {tuple(sizes.split("-")[1:-1]) for sizes in runs["layers"].dropna()}
    if len(hidden) != 1:
        return f"{counted(len(hidden), 'shape')} of hidden layers"
    (layers,) = hidden
    if not layers:
        return "without a hidden layer"
    number = "one hidden layer" if len(layers) == 1 else f"{len(layers)} hidden layers"
    return f"{number} of {listing([*dict.fromkeys(layers)])} neurons"


def _basis(report: Report) -> str:
    """Say what the verdicts rest on."""
    confirm = [report.config.confirm_of(study) for study in report.config.studies.values()]
    kinds = {(c.splits, c.seeds) for c in confirm if c}
    if len(kinds) == 1 and all(confirm):
        splits, seeds = kinds.pop()
        return f"{splits} splits of {counted(seeds, 'run')} for every verdict"
    numbers = {len(report.config.seeds_of(study)) for study in report.config.studies.values()}
    if not any(confirm) and len(numbers) == 1:
        return f"{counted(numbers.pop(), 'seed')} on one split"
    return "splits and seeds by study"


def _links() -> str:
    return (
        f"[Explore the runs]({files.EXPLORER}) · [For referees]({files.APPENDIX}) · "
        f"[Data]({files.RUNS_CSV}) · [Make it again](#again) · [Glossary](#glossary)"
    )


def tests_note(report: Report) -> bool:
    """Tell whether the sweep puts claims of the note to the test."""
    claims = report.claims
    if claims is None:
        return False
    return bool(((claims["comparison"] != "") & (claims["verdict"] != "not run")).any())


def _lead(report: Report, questions: Sequence[Asked]) -> str:
    """Return the finding of the whole in a sentence or two."""
    if tests_note(report):
        return _claims(report)
    rows = [row for asked in questions for found in asked.findings.values()
            for finding in found for row in finding.rows]  # fmt: skip
    groups = Counter(map(group_of, rows))
    shown, total = groups["ahead"] + groups["behind"], len(rows) - groups["absent"]
    return (
        f"Of {counted(total, 'comparison')} of two settings on a dataset, {verb(shown, 'show')} a "
        f"difference, {groups['equal']} show that both are equal within the margin, and "
        f"{verb(groups['undecided'], 'be')} undecided."
    )


_SAID = {
    "holds": "hold", "in part": "hold in part", "contradicted": "are contradicted",
    "undecided": "are undecided", "right once corrected": "are right once corrected",
}  # fmt: skip
_ONE = {"holds": "holds", "in part": "holds in part", "contradicted": "is contradicted",
        "undecided": "is undecided", "right once corrected": "is right once corrected"}  # fmt: skip


def _claims(report: Report) -> str:
    """Say how the note's claims fared."""
    claims = report.claims
    judged = claims[~claims["verdict"].isin(NOT_JUDGED)]
    said = []
    for verdict, mine in judged.groupby("verdict", sort=False):
        names = [literal(name) for name in mine["id"]]
        words = (_ONE if len(names) == 1 else _SAID).get(verdict, literal(verdict))
        said.append(f"{listing(names, most=8)} {words}")
    return f"Of the claims that this sweep tests, {listing(said)}."


def _answer(report: Report, asked: Asked) -> str:
    """Return the short answer to a question."""
    if asked.first:
        return over.in_short(asked.first)
    if "equations" in asked.parts and (report.folder / files.EQUATIONS).exists():
        found = read_texts(report.folder / files.EQUATIONS)
        printed = (found["holds_as_printed"] == "True").sum()
        failed = found[found["holds_as_printed"] == "False"]
        right = (failed["holds_as_corrected"] == "True").sum()
        return f"{printed} hold as printed; {len(failed)} fail, of which {right} hold corrected."
    from reports.answers.parts import CLAIM_OF

    names = {CLAIM_OF[part] for part in asked.parts}
    claims = report.claims
    found = [] if claims is None else claims[claims["id"].isin(names)].to_dict("records")
    return " ".join(f"{literal(r['id'])}: {literal(r['verdict'])}." for r in found) or "–"


def _summary(report: Report) -> Iterator[Html]:
    """Yield Figure 1, all planned pairs over all datasets, if the config has a headline."""
    image = report.folder / files.FIGURES / f"{SUMMARY}.svg"
    if HEADLINE in report.config.planned and image.exists() and image.with_suffix(".json").exists():
        said = read_json(image.with_suffix(".json"))
        first = said["caption"].partition(". ")[0].rstrip(".")
        yield figure(image, said["alt"], f"{literal(first)}.", "fig-summary", wide=True)


def _how_to_read(report: Report) -> list[str]:
    """Return what marks, intervals and words mean."""
    settings = report.config.statistics
    margin = f"{settings.margin:g} {'point' if settings.margin == 1 else 'points'}"
    return [
        f"Differences are of test accuracies, in points (per cent). The margin is {margin}: "
        "differences inside it count as none.",
        "Brackets hold an interval. It alone decides: ◆ a difference beyond the margin, ◇ a "
        "difference of open size, = equal within the margin, ? undecided. Undecided is not equal.",
        "Each network runs at the step size that was chosen for it on the validation part. The "
        "verdicts rest on fresh runs on other splits."
        if any(map(report.results.confirmed, report.comparisons))
        else "Each network runs at the step size that was chosen for it on the validation part.",
        "The planned pairs are corrected together: with a confidence of "
        f"{100 * (1 - settings.level):g} % all their intervals are right at once.",
    ]
