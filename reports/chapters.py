"""The chapters of the report, put together from a folder of results.

`Report` reads the folder; each of its methods yields the pieces of one chapter. What the pieces
say in words comes from `reports.narrative`, and every number from a file of the folder.
"""

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import schema
from experiments.base import counted, files, listing
from experiments.claims import PROGRAMS
from experiments.results import Results, wide_arms
from experiments.schema import Comparison, stored_config
from reports import narrative
from reports.figures import KINDS, sheets_of
from reports.figures.data import Frames, mechanics
from reports.figures.sheets import Sheet, facets, short
from reports.page import (
    Html,
    PageError,
    figure,
    filterable_table,
    link,
    literal,
    markdown,
    math,
    table,
)
from reports.reading import read_csv, read_json, sound

MOST_IMAGE_BYTES = 4_000_000  # of all figures embedded, so that the page stays below 5 MB
MOST_ROWS = 1_500  # of the table of all arms
MOST_DIFFERENCES = 60  # listed for one comparison
SECTIONS = ("means", "curves", "steps", "ranks", "why")  # those of a comparison with figures

BENCHMARK = {
    "benchmark": "What a step of one replica takes, against the number of replicas in its stack: "
    "medians with quartiles. The floor gathers the batch, computes the same matrix products and "
    "subtracts the result from the weights, and does nothing else.",
    "growth": "Time and memory against the number of runs, with made-up results: planning, and "
    "collecting with all tables.",
}
BENCHMARK_TABLES = {
    "bars": "The bars that the package is held to, and what was measured.",
    "breakdown": "Where the time of a whole sweep went: seconds added over its jobs.",
    "growth": "What larger sweeps cost, with made-up results.",
    "benchmark": "Microseconds are of one step of one replica: median, quartiles and extremes.",
}

STYLE = Html(
    """<style>
.scroll.wide > img { max-width: none; width: max(100%, 44rem); }
@media print { .scroll.wide > img { width: 100%; } }
.verdict { white-space: nowrap; font-weight: 600; }
[id^="tab-claims"] td:nth-child(1) { min-width: 13rem; }
[id^="tab-claims"] td:nth-child(3) { min-width: 22rem; max-width: 38rem; }
[id^="tab-claims"] small, #tab-equations small { display: block; color: var(--quiet); }
#tab-equations td > div { margin: 0.2rem 0 0.45rem; }
[id^="tab-"]:is([id$="-tests"], [id$="-mechanics"], [id$="-speed"]) td,
#tab-all-arms td, #tab-datasets td:not(:nth-child(2)) { white-space: nowrap; }
[id^="tab-"][id$="-speed"] :is(th, td):nth-child(n+3) { text-align: right; }
#tab-datasets td:nth-child(2) { min-width: 18rem; }
#tab-datasets small, #tab-programs small { display: block; color: var(--quiet); }
#tab-programs :is(th, td) { padding-right: 0.5rem; font-size: 0.8rem; }
#tab-programs small { overflow-wrap: anywhere; max-width: 6.5rem; }
#tab-programs td:first-child { min-width: 10rem; }
#tab-programs td:last-child { min-width: 8rem; }
#tab-programs td:last-child small { max-width: none; }
main > :is(h2, h3, h4) .mark { font-size: 0.7em; margin-left: 0; }
main > h3[id^="chapter-"] { font-size: 1.4rem; margin-top: 3.25rem; max-width: none; }
.gap { border-left: 3px solid #b3541e; padding-left: 0.8rem; }
details.more { margin: 0 0 1.25rem; }
details.more > summary { cursor: pointer; color: var(--accent); width: fit-content; }
figcaption code { overflow-wrap: anywhere; font-size: 0.8em; }
</style>"""
)


def from_environment() -> "Report":
    """Return the report of the folder that RESULTS_DIR names."""
    return Report(Path(os.environ["RESULTS_DIR"]))


def paragraph(text: str, kind: str = "") -> Html:
    """Set a paragraph of Markdown."""
    mark = Html(' class="{}"').format(kind) if kind else ""
    return Html("<p{}>{}</p>").format(mark, markdown(text)) if text else Html("")


def bullets(texts: list[str]) -> Html:
    """Set a list of Markdown lines."""
    lines = [Html("<li>{}</li>").format(markdown(text)) for text in texts if text]
    return Html("<ul>{}</ul>").format(Html("\n").join(lines)) if lines else Html("")


def heading(text: str, anchor: str, level: int = 2) -> Html:
    """Set a heading with an anchor of its own."""
    return Html(f'<h{level} id="{{}}">{{}}</h{level}>').format(anchor, text)


def folded(summary: str, *pieces: Any) -> Html:
    """Fold pieces away behind a line that opens them."""
    return Html('<details class="more"><summary>{}</summary>{}</details>').format(
        summary, Html("").join(pieces)
    )


class Report:
    """A folder of results, as the report shows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.config = self._config()
        self.results = Results(self.folder, self.config)
        self.frames = Frames(self.results)
        self.comparisons = self.results.comparisons

    def _config(self) -> schema.Config:
        """Return the config that made the results."""
        return stored_config(self.folder)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The table of runs."""
        with sound(self.folder / "runs.parquet"):
            return self.results.runs

    @cached_property
    def captions(self) -> dict[str, dict[str, Any]]:
        """What belongs to each figure that was drawn."""
        path = self.folder / "figures" / "captions.json"
        return read_json(path) if path.exists() else {}

    @cached_property
    def embedded(self) -> set[str]:
        """The figures that fit into the page, the telling kinds first."""
        left, found = MOST_IMAGE_BYTES, set()
        drawn = [sheet for sheet in sheets_of(self.config) if self._is_drawn(sheet)]
        for sheet in sorted(drawn, key=lambda sheet: KINDS[sheet.kind].importance):
            size = (self.folder / "figures" / f"{sheet.name}.svg").stat().st_size * 4 / 3
            if size <= left:
                found.add(sheet.name)
                left -= size
        return found

    def _is_drawn(self, sheet: Sheet) -> bool:
        file = self.folder / "figures" / f"{sheet.name}.svg"
        return sheet.name in self.captions and file.exists()

    def table(self, comparison: Comparison, kind: str) -> pd.DataFrame | None:
        """Return a table of a comparison; None where it was not made."""
        path = self.folder / "tables" / f"{comparison.name}-{kind}.csv"
        return narrative.read_table(path) if path.exists() else None

    def chapter_title(self, comparison: Comparison) -> str:
        """Return the title of a comparison's chapter."""
        several = len(self.config.studies[comparison.study].compared) > 1
        axis = narrative.axis_name(comparison.axis)
        return f"{comparison.title}: {axis}" if several else comparison.title

    # ------------------------------------------------------------ opening

    def opening(self) -> Iterator[Html]:
        """Yield the title, gaps, what was found, and the claims.

        A sweep that puts no claim to the test begins with its own studies; the claims are folded.
        """
        yield STYLE
        title = self.config.title or f"The sweep {self.folder.name}"
        yield Html("<h1>{}</h1>").format(title)
        gaps = narrative.gaps(self.runs)
        yield from (paragraph(text, "gap") for text in gaps if "unfinished" in text)
        yield heading("What was found", "what-was-found")
        yield paragraph(narrative.scope(self.runs, len(self.comparisons)))
        if self.tests_claims:
            yield from self.claims()
        yield heading("Comparison by comparison", "in-short", 3)
        yield paragraph(
            "A test compares two arms in one *case*: a dataset with one setting of the study's "
            "other axes. Each arm runs at the value of the tuned axis that is best for it."
        )
        yield bullets([self._headline(c) for c in self.comparisons])
        yield from (paragraph(text, "gap") for text in gaps if "unfinished" not in text)
        if not self.tests_claims:
            yield self._folded_claims()

    def _headline(self, comparison: Comparison) -> str:
        tests, arms = self.table(comparison, "tests"), self.table(comparison, "arms")
        title = f"[{literal(self.chapter_title(comparison))}](#chapter-{comparison.name})"
        if tests is None or arms is None:
            return f"**{title}**: its tables have not been made yet."
        return f"**{title}**: {narrative.headline(tests, arms)}"

    @cached_property
    def judged(self) -> pd.DataFrame | None:
        """The claims and their verdicts; None where they have not been judged."""
        path = self.folder / "claims.csv"
        return narrative.read_texts(path) if path.exists() else None

    @property
    def tests_claims(self) -> bool:
        """Whether a study of the sweep puts a claim to the test, or might: nothing is judged."""
        claims = self.judged
        if claims is None:
            return True
        return bool(((claims["comparison"] != "") & (claims["verdict"] != "not run")).any())

    def _folded_claims(self) -> Html:
        """Fold the claims away, where they are not what the sweep is about."""
        judged = counted(int((~self.judged["verdict"].isin(narrative.NOT_JUDGED)).sum()), "claim")
        summary = (
            f"The note's claims are not what this sweep is about: {judged} judged without a study "
            f"of it, {len(self.judged)} in all"
        )
        return folded(summary, *self.claims())

    def claims(self) -> Iterator[Html]:
        """Yield the table of the claims and their verdicts."""
        claims = self.judged
        if claims is None:
            yield paragraph(
                "The claims of the note have not been judged yet: claims.csv is missing. "
                f"`{self.frames.command('claims.csv')}` makes it.",
                "gap",
            )
            return
        yield paragraph(
            f"{narrative.claim_counts(claims)} Each verdict follows from the rule that stands in "
            "`experiments/claims/claims.yaml`, and holds for these datasets and settings."
        )
        run = claims["verdict"] != "not run"
        yield self._claims_table(claims[run], "tab-claims", "The claims and their verdicts.")
        if (~run).any():
            rest = self._claims_table(
                claims[~run], "tab-claims-not-run", "Claims that this config cannot test."
            )
            yield folded(f"{counted(int((~run).sum()), 'claim')} not run", rest)

    def _claims_table(self, claims: pd.DataFrame, anchor: str, caption: str) -> Html:
        rows = [
            {
                "claim": Html("<b>{}</b> {}<small>{}</small>").format(
                    row["id"], row["claim"], row.get("source", "")
                ),
                "verdict": Html('<span class="verdict">{}</span>').format(row["verdict"]),
                "what was found": self._finding(row),
                "see": self._claim_link(row),
            }
            for row in claims.to_dict("records")
        ]
        return table(
            pd.DataFrame(rows), anchor, f"{caption} Redo: `{self.frames.command('claims.csv')}`"
        )

    def _finding(self, row: dict[str, str]) -> str:
        where = row.get("datasets", "")
        said = row.get("explanation", "")
        where = f" {where[0].upper()}{where[1:]}." if where and where not in said else ""
        return re.sub(r"(?<![\w-])-(?=\d)|(?<=\de)-(?=\d)", "−", f"{said}{where}")

    def _claim_link(self, row: dict[str, str]) -> Html:
        name, test = row.get("comparison", ""), row.get("test", "")
        if test == "equations":
            return link("equations", "equations")
        own = {"N4": "path", "N5": "heaviside", "N6": "start"}
        if row["id"] in own and (self.folder / "probes").exists():
            return link("experiment", f"probe-{own[row['id']]}")
        if name in {c.name for c in self.comparisons} and row["verdict"] != "not run":
            places = [link("chapter", f"chapter-{name}")]
            shown = [s.name for s in sheets_of(self.config)
                     if s.comparison.name == name and s.name in self.embedded]  # fmt: skip
            if shown:
                places.append(link("figure", f"fig-{shown[0]}"))
            if self.table(next(c for c in self.comparisons if c.name == name), "tests") is not None:
                places.append(link("table", f"tab-{name}-tests"))
            return Html(", ").join(places)
        return Html("–")

    def programs(self) -> Iterator[Html]:
        """Yield the claims under the companion study's program, where a study repeats it."""
        path = self.folder / files.PROGRAMS
        verdicts = narrative.read_texts(path) if path.exists() else pd.DataFrame()
        if verdicts.empty:
            return
        yield heading("As published: which defect made which conclusion", "as-published")
        yield paragraph(narrative.PUBLISHED)
        yield paragraph(narrative.program_counts(verdicts))
        programs = [name for name in PROGRAMS if name in set(verdicts["program"])]
        rows = [self._by_program(mine, programs) for _, mine in verdicts.groupby("id", sort=False)]
        yield table(
            pd.DataFrame(rows), "tab-programs",
            "The verdict on each claim with each program; small: the verdict on a dataset where it "
            "differs. The last column follows from the verdicts. Numbers and explanations of every "
            f"cell: `{files.PROGRAMS}`. Redo: `{self.frames.command(files.PROGRAMS)}`",
        )  # fmt: skip

    def _by_program(self, rows: pd.DataFrame, programs: list[str]) -> dict[str, Any]:
        """Return a claim's row: its verdict with each program, and which defect made it."""
        first = rows.iloc[0]
        cells: dict[str, Any] = {
            "claim": Html("<b>{}</b> {}").format(first["id"], first["claim"]),
        }
        for program in programs:
            mine = rows[rows["program"] == program].set_index("dataset")["verdict"]
            cells[PROGRAMS[program]] = _with_exceptions(mine)
        mine = rows[rows["program"] == "correct"].set_index("dataset")["made_by"]
        return cells | {"which defect made it": _with_exceptions(mine)}

    # ------------------------------------------------------------ a comparison

    def chapter(self, comparison: Comparison) -> Iterator[Html]:
        """Yield the chapter of one comparison."""
        if comparison == self.comparisons[0]:
            yield heading("The comparisons", "comparisons")
        yield heading(self.chapter_title(comparison), f"chapter-{comparison.name}", 3)
        if comparison.question:
            yield Html("<blockquote>{}</blockquote>").format(comparison.question)
        yield paragraph(self._setting(comparison))
        tables = {kind: self.table(comparison, kind) for kind in comparison.kinds}
        if lacking := [kind for kind, found in tables.items() if found is None]:
            command = self.frames.command(f"tables/{comparison.name}-{lacking[0]}.csv")
            yield paragraph(
                f"Its tables are not complete yet ({listing(lacking)} missing); `{command}` makes "
                "them.",
                "gap",
            )
            yield from self.figures(comparison, *SECTIONS)
            return
        yield from self._results(comparison, tables)
        yield from self._published(comparison, tables)
        yield from self._steps(comparison, tables)
        yield from self._learning(comparison, tables)
        yield from self._why(comparison, tables)

    def _setting(self, comparison: Comparison) -> str:
        study = self.config.studies[comparison.study]
        seeds = self.config.seeds_of(study)
        places = facets(self.config, comparison)
        rows = self.runs[self.runs["study"] == comparison.study]
        trained = int(rows["status"].isin(["ok", "diverged"]).sum())
        text = (
            f"Study `{comparison.study}`: {counted(trained, 'run')}, "
            f"{counted(len(seeds), 'seed')}. "
            f"The arms are the values of `{comparison.axis}`: "
            f"{listing([literal(arm) for arm in comparison.arms], most=12)}; "
            f"datasets: {listing([literal(d) for d in study.datasets], most=12)}."
        )
        if len(places) > 1:
            axes = listing([narrative.axis_name(axis) for axis in comparison.facet_axes])
            values = listing([literal(short(place)) for place in places], most=8)
            text += (
                f" Each is compared at {len(places)} values of {axes} ({values}); a *case* is one "
                "dataset with one of them."
            )
        else:
            text += " A *case* is one dataset."
        if comparison.tune:
            values = [schema.axis_label(v) for v in study.grid[comparison.tune]]
            text += (
                f" For each arm and case the {narrative.axis_name(comparison.tune)} is the one of "
                f"{listing([literal(v) for v in values], most=12)} with the best mean validation "
                "accuracy."
            )
        return text

    def _results(self, comparison: Comparison, tables: dict) -> Iterator[Html]:
        tests, arms = tables["tests"], tables["arms"]
        name = comparison.name
        yield heading("What the tests say", f"{name}-tests", 4)
        yield paragraph(f"{narrative.verdict_counts(tests)} {narrative.leaders(arms)}")
        yield paragraph(f"{narrative.largest(tests)} {narrative.equivalence_limits(tests)}")
        n = sorted({int(x) for x in arms["n"].dropna()})
        seeds = f"n = {n[0]} to {n[-1]}" if len(n) > 1 else f"n = {n[0]}" if n else "no runs"
        yield self._table(
            comparison, "arms", _bold(wide_arms(arms)),
            f"Mean test accuracy after the last epoch in per cent ± half the "
            f"{100 * (1 - self.config.statistics.level):g} % t-interval ({seeds} seeds). Bold: the "
            "highest mean of its row; ≈: not shown to be worse than that.",
        )  # fmt: skip
        yield from self.figures(comparison, "means")
        yield self._table(
            comparison, "tests", narrative.by_pair(tests),
            "How the paired tests ended, by pair of arms, each arm at its own "
            f"{narrative.axis_name(comparison.tune) if comparison.tune else 'setting'}: numbers of "
            "cases, and the range of the mean differences in percentage points.",
        )  # fmt: skip
        found = narrative.differences(tests)
        if len(found):
            more = f" The other {len(found) - MOST_DIFFERENCES:,} stand in the CSV file."
            note = more if len(found) > MOST_DIFFERENCES else ""
            yield folded(
                f"{counted(len(found), 'significant difference')}, the largest first",
                table(
                    found.head(MOST_DIFFERENCES), f"tab-{name}-differences",
                    f"Significant differences with their "
                    f"{100 * (1 - self.config.statistics.level):g} % t-intervals, p adjusted after "
                    f"Holm over the pairs of a case.{note}",
                ),
            )  # fmt: skip
        yield from self.figures(comparison, "curves")

    def _published(self, comparison: Comparison, tables: dict) -> Iterator[Html]:
        """Yield other people's numbers beside those measured, where the study names any."""
        if not comparison.published:
            return
        found = tables["published"]
        yield heading("Beside published numbers", f"{comparison.name}-published", 4)
        yield paragraph(narrative.numbers_met(found))
        yield self._table(
            comparison, "published", narrative.beside_published(found),
            f"Published accuracies and those measured here, in per cent ± half the "
            f"{100 * (1 - self.config.statistics.level):g} % prediction interval for another run "
            "(wider than the interval of the mean: a published number is one run).",
        )  # fmt: skip

    def _steps(self, comparison: Comparison, tables: dict) -> Iterator[Html]:
        if not comparison.tune:
            return
        name = narrative.axis_name(comparison.tune)
        yield heading(f"How much the {name} matters", f"{comparison.name}-step", 4)
        yield paragraph(narrative.shared_step(tables["tests"], tables["shared"], comparison.tune))
        yield paragraph(narrative.edges(tables["arms"], comparison.tune))
        yield paragraph(narrative.divergence(tables["divergence"]))
        yield from self.figures(comparison, "steps")

    def _learning(self, comparison: Comparison, tables: dict) -> Iterator[Html]:
        yield heading("How fast, and over all datasets", f"{comparison.name}-speed", 4)
        share = 100 * self.config.statistics.target_share
        yield paragraph(narrative.speed(tables["speed"]))
        yield self._table(
            comparison, "speed", narrative.speed_wide(
                tables["speed"], comparison.arms, list(self.frames.places(comparison))
            ),
            f"Epochs until the test accuracy reaches {share:g} % of the best arm's mean final "
            "accuracy in the case: medians over the seeds, with the number of runs that never do.",
        )  # fmt: skip
        yield paragraph(
            narrative.ranks(tables["ranks"], tables["rank-tests"], self.config.statistics.level)
        )
        yield self._table(
            comparison, "ranks", narrative.ranks_wide(tables["ranks"], comparison.arms),
            "Mean ranks of the arms over the datasets, by mean test accuracy (1 is best).",
        )  # fmt: skip
        yield from self.figures(comparison, "ranks")

    def _why(self, comparison: Comparison, tables: dict) -> Iterator[Html]:
        recorded = mechanics(self.frames, comparison)
        said = narrative.why(recorded, tables["speed"])
        if not said:
            return
        yield heading("Why the arms differ", f"{comparison.name}-why", 4)
        yield paragraph(
            "What was recorded beside the accuracies, each arm at its chosen setting. It goes "
            "together with the differences; it does not prove what causes them."
        )
        yield bullets(said)
        yield from self.figures(comparison, "why")
        yield table(
            narrative.mechanics_by_arm(recorded, comparison.arms),
            f"tab-{comparison.name}-mechanics",
            "Norms and saturation by arm: median over the cases of the medians over the seeds, "
            "with the range of the cases, from curves.parquet. A unit is saturated for a sample "
            "where its slope is below 5 % of the steepest, and dead where it is so for every "
            f"sample. {self._trace(comparison, self._mechanics_file(comparison))}",
        )

    def _mechanics_file(self, comparison: Comparison) -> str:
        """Return the figure that shows what the table of norms says; the page where none does."""
        for sheet in sheets_of(self.config):
            if sheet.comparison.name == comparison.name and sheet.kind == "mechanics":
                return f"figures/{sheet.name}.svg"
        return "report.html"

    def figures(self, comparison: Comparison, *sections: str) -> Iterator[Html]:
        """Yield the figures of a comparison that belong in these sections of its chapter."""
        for sheet in sheets_of(self.config):
            section = KINDS[sheet.kind].section
            if sheet.comparison.name != comparison.name or section not in sections:
                continue
            facts = self.captions.get(sheet.name)
            file = f"figures/{sheet.name}.svg"
            if sheet.name in self.embedded:
                trace = f"Study `{facts['study']}`, {counted(facts['runs'], 'run')}."
                yield _wide(
                    figure(
                        self.folder / file, facts["alt"],
                        f"{literal(facts['caption'])} {trace} Redo: `{facts['command']}`",
                        f"fig-{sheet.name}",
                    )
                )  # fmt: skip
            elif self._is_drawn(sheet):
                yield paragraph(f"To keep this page small, a figure is left out here: `{file}`.")
            else:
                command = self.frames.command(file)
                yield paragraph(f"A figure has not been drawn yet; `{command}` draws it.", "gap")

    def _table(self, comparison: Comparison, kind: str, frame: pd.DataFrame, words: str) -> Html:
        frame = frame.rename(columns=dict.fromkeys(["facet"], "setting"))
        trace = self._trace(comparison, f"tables/{comparison.name}-{kind}.csv")
        return table(_short(frame), f"tab-{comparison.name}-{kind}", f"{words} {trace}",
                     formats=dict.fromkeys(comparison.arms, ".2f"))  # fmt: skip

    def _trace(self, comparison: Comparison, file: str) -> str:
        rows = self.runs[self.runs["study"] == comparison.study]
        trained = int(rows["status"].isin(["ok", "diverged"]).sum())
        return (
            f"Study `{comparison.study}`, {counted(trained, 'run')}. "
            f"Redo: `{self.frames.command(file)}`"
        )

    # ------------------------------------------------------------ equations

    def equations(self) -> Iterator[Html]:
        """Yield the chapter of the equations."""
        yield heading("The equations of the note, checked", "equations")
        path = self.folder / "equations.csv"
        if not path.exists():
            yield paragraph(
                "The equations have not been checked yet: equations.csv is missing. "
                f"`{self.frames.command('equations.csv')}` makes it.",
                "gap",
            )
            return
        equations = narrative.read_texts(path)
        yield paragraph(narrative.equation_counts(equations))
        rows = [self._equation(row) for row in equations.to_dict("records")]
        yield table(
            pd.DataFrame(rows), "tab-equations",
            "Every numbered equation, evaluated as printed and, where that fails, as corrected, "
            "with the largest relative error over the cases tried. Redo: "
            f"`{self.frames.command('equations.csv')}`",
        )  # fmt: skip

    def _equation(self, row: dict[str, str]) -> dict[str, Any]:
        parts = [Html("<div>{}</div>").format(_formula(row["statement"]))]
        if row.get("correction"):
            corrected = Html("<div><small>corrected:</small>{}</div>")
            parts.append(corrected.format(_formula(row["correction"])))
        said = [text for text in (row.get("reason", ""), row.get("remark", "")) if text]
        parts += [Html("<small>{}</small>").format(text) for text in said]
        if row.get("implemented_by"):
            parts.append(Html("<small><code>{}</code></small>").format(row["implemented_by"]))
        return {
            "no.": row["number"],
            "equation, and what computes it": Html("").join(parts),
            "as printed": _holds(row["holds_as_printed"], row.get("error_as_printed", "")),
            "as corrected": _holds(row["holds_as_corrected"], row.get("error_as_corrected", "")),
            "checked by": row.get("method", ""),
        }

    # ------------------------------------------------------------ probes

    def probes(self) -> Iterator[Html]:
        """Yield the chapter of the small experiments behind the claims N4, N5 and N6."""
        folder = self.folder / "probes"
        if not (folder / "start.csv").exists():
            return
        from reports import probes

        names = ("path", "heaviside", "start", "start-curves")
        path, heaviside, start, curves = (read_csv(folder / f"{n}.csv") for n in names)
        redo = f"Redo: `{self.frames.command('probes/start.csv')}`"
        yield heading("Three small experiments", "probes")
        yield paragraph(
            "Claims N4, N5 and N6 need starts that no sweep has. Small networks on generated data "
            "are trained for them, with the same code as all others."
        )
        yield heading("N4: one sigmoid unit and two softmax units", "probe-path", 3)
        yield table(
            probes.path_table(path), "tab-probe-path",
            "Largest relative deviation of one sigmoid unit that starts at the difference of the "
            f"two softmax units, by the step size and penalty of its output layer, over "
            f"{path['seed'].nunique()} seeds. {redo}",
        )  # fmt: skip
        yield heading("N5: below a Heaviside layer", "probe-heaviside", 3)
        yield table(
            probes.heaviside_table(heaviside), "tab-probe-heaviside",
            f"Gradients of the layers of networks with a Heaviside layer, with an L2 penalty: the "
            f"data's, and what is left of the whole once λW is taken away. {redo}",
        )  # fmt: skip
        yield heading("N6: from a saturated start", "probe-start", 3)
        image = self.folder / "figures" / "probes-start.svg"
        facts = image.with_suffix(".json")
        if image.exists() and facts.exists():
            said = read_json(facts)
            yield _wide(
                figure(
                    image, said["alt"],
                    "Norm of the output delta, geometric mean over "
                    f"{start['seed'].nunique()} seeds, each pair at its chosen step size. "
                    f"Redo: `{said['command']}`",
                    "fig-probe-start",
                )
            )  # fmt: skip
        yield table(
            probes.start_table(start, int(curves["epoch"].max())), "tab-probe-start",
            "Epochs until the outputs are right again, one update an epoch, each pair at the step "
            f"size of the lowest validation cost at the end. {redo}",
        )  # fmt: skip

    def pictures(self) -> Iterator[Html]:
        """Yield the pictures beside the comparisons that the config asks for."""
        for name in self.config.pictures:
            image = self.folder / "figures" / f"{name}.svg"
            facts = image.with_suffix(".json")
            if image.exists() and facts.exists():
                said = read_json(facts)
                yield heading(said["title"], name)
                text = f"{literal(said['caption'])} Redo: `{said['command']}`"
                yield _wide(figure(image, said["alt"], text, f"fig-{name}"))

    # ------------------------------------------------------------ methods

    def methods(self) -> Iterator[Html]:
        """Yield the chapter on how the numbers were made."""
        facts = self.config.statistics
        yield heading("Methods", "methods")
        splits = sorted(set(self.runs["split"].dropna()))
        yield bullets(narrative.methods(facts, splits))
        rows = []
        for name, data in self.frames.provenance.get("data", {}).items():
            sizes = self.results.samples(name)
            rows.append(
                {
                    "dataset": name,
                    "what": Html("{}<small>{}; licence: {}</small>").format(
                        data.get("description", ""),
                        data.get("citation", "no source given"),
                        data.get("licence", "not known"),
                    ),
                    "samples": data.get("samples"),
                    "features": data.get("features"),
                    "classes": data.get("classes") or "–",
                    "train / validation / test": " / ".join(f"{n:,}" for n in sizes.values()),
                    "one test sample, points": 100 / sizes["test"],
                }
            )
        if rows:
            yield table(
                pd.DataFrame(rows), "tab-datasets", "The datasets and their parts.",
                {"one test sample, points": ".2f"},
            )  # fmt: skip

    def benchmark(self) -> Iterator[Html]:
        """Yield the newest benchmark, if there is one."""
        folder = self.folder.parent / "benchmark"
        if not (folder / "benchmark.csv").exists():
            return
        measured = read_csv(folder / "benchmark.csv").head(MOST_ROWS)
        yield heading("Speed of the software", "benchmark")
        yield paragraph(
            "The newest benchmark, measured by `snakemake --cores 1 benchmark` in one thread, the "
            "contenders taking turns; its numbers belong to the machine that it ran on. "
            f"Measured with {literal('; '.join(sorted(set(measured.get('versions', [])))))}."
        )
        for stem in ("benchmark", "growth"):
            if (folder / f"{stem}.svg").exists():
                alt = f"Figure of the benchmark ({stem}); its numbers stand in the table below."
                image = figure(
                    folder / f"{stem}.svg", alt, BENCHMARK[stem], f"fig-benchmark-{stem}"
                )
                yield _wide(image)
        for stem in ("bars", "breakdown", "growth"):
            if (folder / f"{stem}.csv").exists():
                frame = read_csv(folder / f"{stem}.csv", na_filter=stem != "breakdown")
                frame.columns = [column.replace("_", " ") for column in frame.columns]
                yield table(frame, f"tab-benchmark-{stem}", BENCHMARK_TABLES[stem])
        shown = measured.drop(columns=["title", "versions"], errors="ignore")
        shown.columns = [column.replace("_", " ") for column in shown.columns]
        yield folded(
            f"All {counted(len(shown), 'measurement')}",
            filterable_table(shown, "tab-benchmark-benchmark", BENCHMARK_TABLES["benchmark"]),
        )

    # ------------------------------------------------------------ arms, provenance

    def all_arms(self) -> Iterator[Html]:
        """Yield the table of all arms, to be sorted and filtered."""
        yield heading("All arms", "all-arms")
        parts = []
        for comparison in self.comparisons:
            arms = self.table(comparison, "arms")
            if arms is not None:
                parts.append(arms.assign(study=comparison.study, axis=comparison.axis))
        if not parts:
            yield paragraph("The tables of the arms have not been made yet.", "gap")
            return
        arms = pd.concat(parts, ignore_index=True)
        frame = pd.DataFrame(
            {
                "study": arms["study"],
                "dataset": arms["dataset"],
                "setting": arms["facet"].map(short),
                "axis": arms["axis"],
                "arm": arms["arm"],
                "tuned": arms["tuned"],
                "edge": arms["on_edge"],
                "n": arms["n"].astype("Int64"),
                "test %": arms["mean"],
                "low": arms["low"],
                "high": arms["high"],
                "validation %": 100 * arms["validation_accuracy"],
                "diverged": arms["diverged"].astype("Int64"),
                "standing": arms["standing"],
            }
        )
        cut = ""
        if len(frame) > MOST_ROWS:
            cut = f" The first {MOST_ROWS:,} of {len(frame):,} rows; the rest stands in tables/."
        numbers = dict.fromkeys(["test %", "low", "high", "validation %"], ".2f")
        yield filterable_table(
            frame.head(MOST_ROWS), "tab-all-arms",
            "Every arm of every comparison at its chosen value: mean test accuracy with its "
            "t-interval, mean validation accuracy, and how it stands in its case (best, tied, "
            f"worse, absent).{cut} Files: `tables/*-arms.csv`.",
            {**numbers, "tuned": "g"},
        )  # fmt: skip

    def provenance(self) -> Iterator[Html]:
        """Yield what the results came from, and how to make them again."""
        yield heading("Provenance", "provenance")
        facts = self.frames.provenance
        yield paragraph("This command makes everything again; what is there already is not redone:")
        yield Html("<pre><code>{}</code></pre>").format(self.frames.sweep_command)
        if not facts:
            yield paragraph("provenance.json is missing: versions are not known.", "gap")
            return
        distinct = self.runs.drop_duplicates("run_id")
        git = facts.get("git") or {}
        state = " with changes" if git.get("changed") else ""
        rows = {
            "networks trained": f"{int(distinct['status'].isin(['ok', 'diverged']).sum()):,}",
            "sum of training seconds": f"{distinct['seconds'].sum():,.0f}",
            "Python": facts.get("python", ""),
            **facts.get("packages", {}),
            "BLAS": facts.get("blas", ""),
            "processor": facts.get("processor", ""),
            "platform": facts.get("platform", ""),
            "commit": f"{git.get('commit', 'unknown')}{state}",
            "fingerprint of the numeric code": facts.get("code_fingerprint", ""),
            "SHA-256 of the config": facts.get("config_sha256", ""),
        }
        rows |= {
            f"SHA-256 of {name}": data.get("checksum", "")
            for name, data in facts.get("data", {}).items()
        }
        frame = pd.DataFrame({"what": list(rows), "value": list(map(str, rows.values()))})
        yield table(frame, "tab-provenance", "What the results came from (provenance.json).")
        config = Html("<pre><code>{}</code></pre>").format(facts["config"])
        yield folded("The config, as it was run", config)


def _wide(image: Html) -> Html:
    """Let a figure scroll sideways on a narrow screen, where it would be too small to read."""
    head, tag, rest = image.source.partition("<img ")
    inside, end, rest = rest.partition(">")
    box = '<div class="scroll wide" role="region" tabindex="0" aria-label="Figure">'
    return Html(f"{head}{box}{tag}{inside}{end}</div>{rest}")


def _with_exceptions(said: pd.Series) -> Html:
    """Set what is said of all datasets (''), and of those of which something else is said."""
    if said.empty:
        return Html("–")
    others = {name: text for name, text in said.items() if name and text != said.get("")}
    small = [Html("<small>{}: {}</small>").format(name, text) for name, text in others.items()]
    return Html("").join([Html("{}").format(said.get("", "–")), *small])


def _bold(frame: pd.DataFrame) -> pd.DataFrame:
    """Set the texts that `wide_arms` marks with asterisks in bold."""

    def cell(value: Any) -> Any:
        marked = isinstance(value, str) and value.startswith("**") and value.endswith("**")
        return Html("<b>{}</b>").format(value[2:-2]) if marked else value

    return frame.map(cell)


def _short(frame: pd.DataFrame) -> pd.DataFrame:
    if "setting" not in frame:
        return frame
    return frame.assign(setting=[short(text) for text in frame["setting"]])


def _formula(latex: str) -> Html:
    if not latex:
        return Html("")
    try:
        return math(latex)
    except PageError:  # a formula that cannot be set is shown as it is written
        return Html("<code>{}</code>").format(latex)


def _holds(value: str, error: str) -> str:
    word = {"True": "holds", "False": "fails"}.get(value, "–")
    if not error or word == "–":
        return word
    return f"{word} ({float(error):.0e})".replace("-", "−").replace("0e+00", "0")
