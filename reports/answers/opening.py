"""The first screen: what was run, what was found, a row for each question, and Figure 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from experiments.base import counted, files, listing, verb
from reports.answers.asked import Asked, tested
from reports.answers.parts import CLAIM_OF, opening_of, to_try_first
from reports.figures import SUMMARY, readable
from reports.page import Html, figure, link, literal, markdown, paragraph, table
from reports.reading import read_texts
from reports.sentences import NOT_JUDGED, SAYS, failing, group_of, over, scope

if TYPE_CHECKING:
    from reports.chapters import Report

MOST_WORDS = 60  # of the sentences on the claims
NOTE = "H. M. M. Vege's note *Neural networks and Back Propagation* (2018)"


def opening(report: Report) -> Iterator[Html]:
    """Yield the first screen of the page."""
    yield Html("<h1>{}</h1>").format(report.config.title or f"The sweep {report.folder.name}")
    yield paragraph(f"{_what(report)} {_links()}", "byline")
    if gap := scope.unfinished(report.runs):
        yield paragraph(gap, "gap")
    yield paragraph(_claims(report) if report.tests_claims else _lead(report), "lead")
    rows = [
        {"question": link(asked.question, asked.anchor), "answer": markdown(said)}
        for asked in report.questions
        if (said := _answer(report, asked))
    ]
    yield table(pd.DataFrame(rows), "tab-answers")
    yield from _summary(report)
    yield paragraph(f"**How to read this.** {' '.join(filter(None, _how_to_read(report)))}")


def _what(report: Report) -> str:
    """Say in a line what was run."""
    runs = report.runs
    trained = runs[runs["status"].isin(["ok", "diverged"])]
    number = counted(trained["run_id"].nunique(), "network")
    test = f"A test of {NOTE}: " if report.tests_note else ""
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
    studies = report.config.studies.values()
    confirm = [report.config.confirm_of(study) for study in studies]
    kinds = {(c.splits, c.seeds) for c in confirm if c}
    if len(kinds) == 1 and all(confirm):
        (_, seeds), datasets = kinds.pop(), {name for study in studies for name in study.datasets}
        splits = confirm[0].numbers(datasets)
        return f"{splits} splits of {counted(seeds, 'run')} for every verdict"
    numbers = {len(report.config.seeds_of(study)) for study in studies}
    on = {report.results.tuning_splits(comparison) for comparison in report.comparisons}
    if not any(confirm) and len(numbers) == len(on) == 1:
        return f"{counted(numbers.pop(), 'seed')} on {on.pop()}"
    return "splits and seeds by study"


def _links() -> str:
    return (
        f"[Explore the runs]({files.EXPLORER}) · [For referees]({files.APPENDIX}) · "
        f"[Data]({files.RUNS_CSV}) · [Make it again](#again) · [Glossary](#glossary)"
    )


def _lead(report: Report) -> str:
    """Say how often a difference was found."""
    rows = tested(report.questions)
    if not rows:
        return "No two settings were compared."
    groups = Counter(map(group_of, rows))
    shown = groups["ahead"] + groups["behind"]
    return (
        f"Of {counted(len(rows), 'comparison')} of two settings on a dataset, "
        f"{verb(shown, 'show')} a difference, {verb(groups['equal'], 'show')} that both are equal "
        f"within the margin, and {verb(groups['undecided'], 'are')} undecided."
    )


def _claims(report: Report) -> str:
    """Say how the note's claims fared; those that do not simply hold in words, if they are few."""
    claims = report.claims
    judged = claims[~claims["verdict"].isin(NOT_JUDGED)]
    said, in_words = [], []
    for verdict, mine in judged.groupby("verdict", sort=False):
        names = listing([literal(name) for name in mine["id"]], most=8)
        one, many = SAYS.get(verdict, (literal(verdict), literal(verdict)))
        fared = one if len(mine) == 1 else many
        said.append(f"{names} {fared}")
        if verdict != "holds":
            texts = [
                f"*{literal(text.rstrip('.'))}* ({literal(name)})"
                for name, text in zip(mine["id"], mine["claim"], strict=True)
            ]
            in_words.append(f"{listing(texts)} {fared}")
    holds = judged[judged["verdict"] == "holds"]
    number = counted(len(judged), "claim")
    long = (
        f"Of the {number} that this sweep tests {verb(len(holds), 'hold')} "
        f"({listing(map(literal, holds['id']), most=8)}). {'. '.join(in_words)}."
    )
    if in_words and len(holds) and len(long.split()) <= MOST_WORDS:
        return long
    return f"Of the claims that this sweep tests, {listing(said)}."


def _answer(report: Report, asked: Asked) -> str:
    """Return the short answer to a question."""
    if asked.first:
        steps = to_try_first(report) if "steps" in asked.parts else ""
        return f"{steps} {over.in_short(asked.first)}".strip()
    if "equations" in asked.parts and (report.folder / files.EQUATIONS).exists():
        printed, failed, right = failing(read_texts(report.folder / files.EQUATIONS))
        return f"{printed} hold as printed; {len(failed)} fail, of which {right} hold corrected."
    names = {CLAIM_OF.get(part) for part in asked.parts}
    rows = [] if report.claims is None else report.claims.to_dict("records")
    said = [
        f"*{literal(r['claim'])}* {literal(r['verdict'].capitalize())} ({literal(r['id'])})."
        for r in rows
        if r["id"] in names
    ]
    return " ".join(said)


def _summary(report: Report) -> Iterator[Html]:
    """Yield Figure 1, all planned pairs over all datasets, if the config has a headline."""
    if report.config.headline and (said := report.picture(SUMMARY)):
        text = opening_of(said["caption"])
        yield figure(report.image(SUMMARY), said["alt"], text, f"fig-{SUMMARY}", wide=True)


def _how_to_read(report: Report) -> list[str]:
    """Return what marks, intervals and words mean."""
    settings = report.config.statistics
    margin = f"{settings.margin:g} {'point' if settings.margin == 1 else 'points'}"
    return [
        f"Differences are of test {report.score(report.datasets)}, in points (per cent); inside "
        f"the margin of {margin} they count as none. {_deciding(report)}: ◆ "
        "beyond the margin, ◇ a difference of open size, = equal within the margin (in figures a "
        "thin mark if 0 is outside), ? undecided, which is not equal.",
        "Each network runs at the step size that was chosen for it on the validation part."
        if any(comparison.tune for comparison in report.comparisons)
        else "",
        f"The verdicts rest on fresh runs on other splits{_but(report)}."
        if report.confirmed
        else "",
        _corrected(report),
    ]


def _deciding(report: Report) -> str:
    """Say what the marks follow from."""
    if report.confirmed:
        return "The interval in brackets alone decides"
    return "The sign after the interval in brackets says what the tests show"


def _corrected(report: Report) -> str:
    """Say which pairs are corrected together, and what that gives."""
    level = 100 * report.config.statistics.level
    after_holm = (
        "the pairs of a dataset are corrected together, after Holm. The intervals are not, so that "
        "a pair can be undecided although its interval leaves out 0."
    )
    if not report.confirmed:
        return after_holm[0].upper() + after_holm[1:]
    if not report.config.planned:
        return (
            "No pair was planned. All pairs of a comparison are corrected together: of what their "
            f"intervals say at most {level:g} % is false in the mean."
        )
    return (
        f"The planned pairs{' of confirmed studies' if report.unconfirmed else ''} are corrected "
        f"together: with a confidence of {100 - level:g} % all their intervals are right at once."
        + (f" In the other studies {after_holm}" if report.unconfirmed else "")
    )


def _but(report: Report) -> str:
    """Name the studies that a statement about fresh runs is not about, '' if there is none."""
    names = [literal(readable(name)) for name in report.unconfirmed]
    rest = "the tuning runs are its evidence, and pairs are corrected by dataset"
    return f" (but not in {listing(names)}: {rest})" if names else ""
