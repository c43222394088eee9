"""The comparisons: a chapter for each, with its tests, figures and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.base import counted, listing
from experiments.results import when, wide_arms
from experiments.schema import Comparison, axis_label
from reports.chapters import tables
from reports.figures import KINDS, facets, mechanics_table, sheets_of, short
from reports.page import (
    Html,
    bullets,
    explorer_address,
    figure,
    fold,
    heading,
    literal,
    paragraph,
    table,
)
from reports.sentences import axis_name, is_confirmed, mechanics, speed, steps, verdicts

if TYPE_CHECKING:
    from reports.chapters import Report

MOST_LISTED = 60  # differences, or undecided pairs, of one comparison
SECTIONS = ("means", "curves", "steps", "ranks", "why")
"""The sections of a comparison that have figures."""

Tables = Mapping[str, pd.DataFrame]


def chapter(report: Report) -> Iterator[Html]:
    """Yield the chapters of all comparisons."""
    for number, comparison in enumerate(report.comparisons):
        if number == 0:
            yield heading("The comparisons", "comparisons")
        yield from of_comparison(report, comparison)


def of_comparison(report: Report, comparison: Comparison) -> Iterator[Html]:
    """Yield the chapter of one comparison."""
    yield heading(report.chapter_title(comparison), f"chapter-{comparison.name}", 3)
    if comparison.question:
        yield Html("<blockquote>{}</blockquote>").format(comparison.question)
    yield paragraph(_setting(report, comparison))
    found = {kind: report.table(comparison, kind) for kind in comparison.kinds}
    if lacking := [kind for kind, frame in found.items() if frame is None]:
        command = report.frames.command(f"tables/{comparison.name}-{lacking[0]}.csv")
        yield paragraph(
            f"Its tables are not complete yet ({listing(lacking)} missing); `{command}` makes "
            "them.",
            "gap",
        )
        yield from _figures(report, comparison, *SECTIONS)
        return
    for section in (_planned, _tests, _metrics, _published_numbers, _steps, _learning, _over, _why):
        yield from section(report, comparison, found)


def _setting(report: Report, comparison: Comparison) -> str:
    """Say what is compared, where, and how each arm is tuned."""
    study = report.config.studies[comparison.study]
    places = facets(report.config, comparison)
    text = (
        f"Study `{comparison.study}`: {report.runs_of(comparison)}. "
        f"The arms are the values of `{comparison.axis}`: "
        f"{listing([literal(arm) for arm in comparison.arms], most=12)}; "
        f"datasets: {listing([literal(d) for d in study.datasets], most=12)}."
    )
    if len(places) > 1:
        axes = listing([axis_name(axis) for axis in comparison.facet_axes])
        values = listing([literal(short(facet)) for facet in places], most=8)
        text += (
            f" Each is compared at {len(places)} values of {axes} ({values}); a *case* is one "
            "dataset with one of them."
        )
    else:
        text += " A *case* is one dataset."
    if comparison.tune:
        values = [axis_label(value) for value in study.grid[comparison.tune]]
        text += (
            f" For each arm and case the {axis_name(comparison.tune)} is the one of "
            f"{listing([literal(v) for v in values], most=12)} with the best mean validation "
            "accuracy."
        )
    address = explorer_address(study=comparison.study, colour=comparison.axis)
    return f"{text} [Explore these runs.]({address})"


def _planned(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield the planned pairs, if the config names any."""
    if not comparison.planned:
        return
    planned, name = found["planned"], comparison.name
    yield heading("Planned pairs", f"{name}-planned", 4)
    yield paragraph(f"{verdicts.verdict_counts(planned)} {verdicts.fragile_count(planned)}")
    words = (
        "The pairs that the config names beforehand, each in a family of its own. "
        f"{_family_words(report, planned)}"
    )
    yield _table(report, comparison, "planned", tables.spelled_out(planned), words)


def _family_words(report: Report, tests: pd.DataFrame) -> str:
    """Say what the intervals of planned pairs are."""
    level = report.config.statistics.level
    if not is_confirmed(tests):
        return (
            "The study has no confirming runs: p is adjusted after Holm over the pairs of a case."
        )
    return (
        "The intervals of a family hold all together with a confidence of "
        f"{100 * (1 - level):g} %. For new data the interval is that of Nadeau and Bengio."
    )


def _tests(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield what the tests say: means, pairs, and the differences that are shown."""
    tests, arms, name = found["tests"], found["arms"], comparison.name
    confirmed = is_confirmed(tests)
    title = "All pairs (exploratory)" if confirmed else "What the tests say"
    yield heading(title, f"{name}-tests", 4)
    yield paragraph(f"{verdicts.verdict_counts(tests)} {verdicts.leaders(arms)}")
    yield paragraph(f"{verdicts.largest(tests)} {verdicts.margin(tests)}")
    yield paragraph(verdicts.not_compared(tests))
    yield paragraph(f"{verdicts.fragile_count(tests)} {verdicts.failures(arms)}".strip())
    unit = "splits" if confirmed else "seeds"
    words = (
        f"Mean test accuracy {when(report.results, comparison)} in per cent ± half the "
        f"{_interval(report)} t-interval, not adjusted ({_numbers_of(arms, unit)}). Bold: the "
        "highest mean of its row; ≈: shown to be within the margin of it; ?: not separated from it."
    )
    yield _table(report, comparison, "arms", _bold(wide_arms(arms)), words)
    yield from _figures(report, comparison, "means")
    words = (
        "How the tests of pairs ended, each arm at its own "
        f"{axis_name(comparison.tune) if comparison.tune else 'setting'}: numbers of "
        "cases, and the range of the mean differences in percentage points."
    )
    yield _table(report, comparison, "tests", tables.by_pair(tests), words)
    yield from _folded_pairs(report, name, tests)
    yield from _figures(report, comparison, "curves")


def _folded_pairs(report: Report, name: str, tests: pd.DataFrame) -> Iterator[Html]:
    """Yield the differences that are shown, and the pairs that are undecided, folded."""
    if is_confirmed(tests):
        words = (
            "Exploratory: of what these intervals say at most a share of "
            f"{report.config.statistics.level:g} is false in the mean (Benjamini and Hochberg; the "
            "intervals are adjusted for the selection)."
        )
    else:
        words = (
            f"{_interval(report)} t-intervals, not adjusted; p is adjusted after Holm over the "
            "pairs of a case."
        )
    for kind, noun, rest in (
        ("differences", "difference", " shown, the largest first"),
        ("undecided", "undecided pair", ""),
    ):
        frame = getattr(tables, kind)(tests)
        if len(frame):
            more = len(frame) - MOST_LISTED
            note = f" The other {more:,} are in the CSV file." if more > 0 else ""
            shown = table(frame.head(MOST_LISTED), f"tab-{name}-{kind}", words + note)
            yield fold(f"{counted(len(frame), noun)}{rest}", shown)


def _metrics(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield the other scores that the study asks for."""
    if not comparison.metrics:
        return
    yield heading("Other scores", f"{comparison.name}-metrics", 4)
    words = (
        "Means on the test part at the epoch that counts, each arm at its chosen setting: "
        f"{listing([literal(name) for name in comparison.metrics])}, as `metrics` in the config "
        "names them. Intervals are in the CSV file."
    )
    frame = tables.metrics_wide(found["metrics"])
    yield _table(report, comparison, "metrics", frame, words)


def _published_numbers(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield other people's numbers next to those measured, if the study names any."""
    if not comparison.published:
        return
    numbers = found["published"]
    yield heading("Next to published numbers", f"{comparison.name}-published", 4)
    yield paragraph(verdicts.numbers_met(numbers))
    words = (
        f"Published accuracies and those measured here, in per cent ± half the "
        f"{_interval(report)} prediction interval for another run "
        "(wider than the interval of the mean: a published number is one run)."
    )
    frame = tables.with_published_numbers(numbers)
    yield _table(report, comparison, "published", frame, words)


def _steps(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield how much the tuned setting matters, if there is one."""
    if not comparison.tune:
        return
    name = axis_name(comparison.tune)
    yield heading(f"How much the {name} matters", f"{comparison.name}-step", 4)
    yield paragraph(steps.shared_step(found["tests"], found["shared"], comparison.tune))
    yield paragraph(steps.edges(found["arms"], comparison.tune))
    yield paragraph(steps.divergence(found["divergence"]))
    yield from _figures(report, comparison, "steps")


def _learning(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield how fast the arms learn, and their ranks over the datasets."""
    yield heading("How fast", f"{comparison.name}-speed", 4)
    settings, places = report.config.statistics, list(report.frames.places(comparison))
    yield paragraph(speed.speed(found["speed"]))
    words = (
        f"Epochs until the validation accuracy reaches {100 * settings.target_share:g} % of the "
        "best arm's mean final one in the case: medians over the tuning seeds, with the number of "
        "runs that never do."
    )
    frame = tables.speed_wide(found["speed"], comparison.arms, places)
    yield _table(report, comparison, "speed", frame, words)


def _over(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield what the datasets together say."""
    yield heading("Over all datasets", f"{comparison.name}-over", 4)
    yield bullets(speed.over_datasets(found["rank-tests"], report.config.statistics.level))
    words = "Mean ranks of the arms over the datasets, by mean test accuracy (1 is best)."
    frame = tables.ranks_wide(found["ranks"], comparison.arms)
    yield _table(report, comparison, "ranks", frame, words)
    words = (
        "The pairs over the datasets: on how many of them an arm is ahead by more than the margin, "
        "and the smallest, the typical and the largest difference in points. Without a test this "
        "describes these datasets."
    )
    frame = tables.over_wide(found["rank-tests"])
    yield fold(
        "The pairs over the datasets", _table(report, comparison, "rank-tests", frame, words)
    )
    yield from _figures(report, comparison, "ranks")


def _why(report: Report, comparison: Comparison, found: Tables) -> Iterator[Html]:
    """Yield what was recorded that may explain the differences, if there is anything to say."""
    recorded = mechanics_table(report.frames, comparison)
    said = mechanics.why(recorded, found["speed"])
    figures = list(_figures(report, comparison, "why"))
    if said or figures:
        yield heading("Why the arms differ", f"{comparison.name}-why", 4)
    if not said:
        yield from figures
        return
    yield paragraph(
        "What was recorded next to the accuracies in the tuning runs, each arm at its chosen "
        "setting. It goes together with the differences; it does not prove what causes them."
    )
    yield bullets(said)
    yield from figures
    yield table(
        tables.mechanics_by_arm(recorded, comparison.arms),
        f"tab-{comparison.name}-mechanics",
        "Norms and saturation by arm: median over the cases of the medians over the seeds, "
        "with the range of the cases, from curves.parquet. A unit is saturated for a sample "
        "if its slope is below 5 % of the steepest, and dead if it is so for every "
        f"sample. {report.trace(comparison, _mechanics_file(report, comparison))}",
    )


def _mechanics_file(report: Report, comparison: Comparison) -> str:
    """Return the figure that shows the norms of the table; the page if there is none."""
    for sheet in sheets_of(report.config):
        if sheet.comparison.name == comparison.name and sheet.kind == "mechanics":
            return f"figures/{sheet.name}.svg"
    return "report.html"


def _figures(report: Report, comparison: Comparison, *sections: str) -> Iterator[Html]:
    """Yield the figures of a comparison that belong in these sections of its chapter."""
    for sheet in sheets_of(report.config):
        section = KINDS[sheet.kind].section
        if sheet.comparison.name != comparison.name or section not in sections:
            continue
        file = f"figures/{sheet.name}.svg"
        if sheet.name in report.embedded:
            facts = report.captions[sheet.name]
            trace = f"Study `{facts['study']}`, {counted(facts['runs'], 'run')}."
            text = f"{literal(facts['caption'])} {trace} Redo: `{facts['command']}`"
            image = report.folder / file
            yield figure(image, facts["alt"], text, f"fig-{sheet.name}", wide=True)
        elif report.is_drawn(sheet):
            yield paragraph(f"To keep this page small, a figure is left out here: `{file}`.")
        else:
            command = report.frames.command(file)
            yield paragraph(f"A figure has not been drawn yet; `{command}` draws it.", "gap")


def _table(
    report: Report, comparison: Comparison, kind: str, frame: pd.DataFrame, words: str
) -> Html:
    """Set a table of a comparison, with the command that makes its file again."""
    frame = frame.rename(columns={"facet": "setting"})
    if "setting" in frame:
        frame = frame.assign(setting=frame["setting"].map(short))
    trace = report.trace(comparison, f"tables/{comparison.name}-{kind}.csv")
    formats = dict.fromkeys(comparison.arms, ".2f")
    return table(frame, f"tab-{comparison.name}-{kind}", f"{words} {trace}", formats)


def _interval(report: Report) -> str:
    return f"{100 * (1 - report.config.statistics.level):g} %"


def _numbers_of(arms: pd.DataFrame, unit: str) -> str:
    n = sorted({int(number) for number in arms["n"].dropna()})
    if not n:
        return "no runs"
    return f"n = {f'{n[0]} to ' if len(n) > 1 else ''}{n[-1]} {unit}"


def _bold(frame: pd.DataFrame) -> pd.DataFrame:
    """Set the texts that `wide_arms` marks with asterisks in bold."""

    def cell(value: Any) -> Any:
        marked = isinstance(value, str) and value.startswith("**") and value.endswith("**")
        return Html("<b>{}</b>").format(value[2:-2]) if marked else value

    return frame.map(cell)
