"""The chapters of the report: from a folder of results to pieces of a page.

`Report` reads the folder once; the notebook, `reports/report.py`, shows one chapter after another.
A chapter is a module of this package with a function `chapter(report)` that yields pieces of the
page, and is found by import. What the pieces say in words is from `reports.sentences`, and every
number is from a file of the folder.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pandas as pd

from experiments.base import counted, files
from experiments.results import Results, basis
from experiments.schema import MIN_DATASETS, Comparison, Config, stored_config
from reports import answers
from reports.answers import Asked
from reports.figures import KINDS, Frames, Sheet, score_names, sheets_of
from reports.page import Html, escaped
from reports.reading import read_captions, read_json, read_table, read_texts, sound
from reports.sentences import axis_name

MOST_IMAGE_BYTES = 4_000_000  # of all figures embedded, so that the page stays below 5 MB
TRAINED = ("ok", "diverged")
CLAIM_COLUMNS = (
    "id", "claim", "kind", "source", "comparison", "basis", "verdict", "datasets", "explanation",
)  # fmt: skip
"""The columns of claims.csv that the pages show."""


class Report:
    """A folder of results, as the chapters read it."""

    def __init__(self, folder: Path, config: Config | None = None) -> None:
        """Open a folder; its config is the one that made the results, unless another is given."""
        self.folder = Path(folder)
        self.config = config or stored_config(self.folder)
        self.results = Results(self.folder, self.config)
        self.frames = Frames(self.results)
        self.comparisons = self.results.comparisons
        self._shown: set[str] = set()

    def pieces(self, name: str) -> Iterator[Html]:
        """Yield the pieces of a chapter; none if the sweep has nothing for it."""
        return CHAPTERS[name](self)

    @cached_property
    def questions(self) -> list[Asked]:
        """The questions of the main page."""
        return answers.asked(self)

    def answer(self, what: str) -> None:
        """Display a section of the main page in a notebook: "opening", a question's number, ..."""
        if what.isdigit():
            _display(answers.section(self, self.questions[int(what) - 1]))
        else:
            _display(getattr(answers, what)(self))

    def show(self, *names: str) -> None:
        """Display chapters in a notebook."""
        for name in names:
            self._shown.add(name)
            _display(self.pieces(name))

    def show_others(self) -> None:
        """Display the chapters that no call has shown yet, such as one that was just added."""
        self.show(*(name for name in CHAPTERS if name not in self._shown))

    @property
    def facts(self) -> dict[str, Any]:
        """What the prose of the notebook depends on: settings, and which chapters there are."""
        facts = self.config.statistics
        return {
            "level": f"{facts.level:g}",
            "interval": f"{100 * (1 - facts.level):g} %",
            "margin": f"{facts.margin:g} {'point' if facts.margin == 1 else 'points'}",
            "target": f"{100 * facts.target_share:g} %",
            "selected": bool({*self.runs.get("select", ())} - {"last"}),
            "splits": sorted({*self.runs.loc[self.runs["stage"] == "tune", "split"].dropna()}),
            "confirmed": self.confirmed,
            "unconfirmed": bool(self.unconfirmed),
            "programs": not self.programs.empty,
            "probes": self.has_probes,
            "datasets": MIN_DATASETS,
            "questions": [
                {"number": one.number, "anchor": one.anchor, "question": escaped(one.question)}
                for one in self.questions
            ],
        }

    # ------------------------------------------------------------ files of the folder

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The table of runs."""
        with sound(self.folder / "runs.parquet"):
            return self.results.runs

    def trained(self, study: str, stage: str = "") -> int:
        """Return how many runs of a study were trained, in one stage or in all."""
        rows = self.runs[self.runs["study"] == study]
        mine = rows["status"].isin(TRAINED)
        return int((mine & (rows["stage"] == stage)).sum() if stage else mine.sum())

    def runs_of(self, comparison: Comparison) -> str:
        """Say which runs a comparison rests on."""
        said, study = basis(self.results, comparison), comparison.study
        if not self.results.confirmed(comparison):
            return f"{counted(self.trained(study), 'run')}, {said}"
        seeds = counted(len(self.config.seeds_of(self.config.studies[study])), "seed")
        splits = self.results.tuning_splits(comparison)
        tuned = f"{counted(self.trained(study, 'tune'), 'run')} to tune, {seeds} on {splits}"
        if not (confirming := self.trained(study, "confirm")):
            return f"{tuned}, and none to confirm"
        return f"{tuned}, and {counted(confirming, 'run')} to confirm, {said} for each arm"

    def table(self, comparison: Comparison, kind: str) -> pd.DataFrame | None:
        """Return a table of a comparison; None if it was not made."""
        path = self.folder / "tables" / f"{comparison.name}-{kind}.csv"
        return read_table(path) if path.exists() else None

    def decided(self, comparison: Comparison) -> pd.DataFrame:
        """Return the planned pairs of a comparison, all pairs if none is planned."""
        table = self.table(comparison, "planned" if comparison.planned else "tests")
        return self.frames.tests(comparison) if table is None else table

    @cached_property
    def best_arms(self) -> pd.DataFrame:
        """The largest mean test accuracy of an arm on each dataset: `mean`, and the `arm`."""
        columns = ["dataset", "arm", "mean"]
        tables = [self.table(comparison, "arms") for comparison in self.comparisons]
        there = [found[columns] for found in tables if found is not None]
        means = pd.concat(there or [pd.DataFrame(columns=columns)]).dropna(subset="mean")
        means = means.reset_index(drop=True)
        return means.loc[means.groupby("dataset")["mean"].idxmax()].set_index("dataset")

    @cached_property
    def claims(self) -> pd.DataFrame | None:
        """The claims and their verdicts; None if they have not been judged."""
        path = self.folder / "claims.csv"
        return read_texts(path, *CLAIM_COLUMNS) if path.exists() else None

    @cached_property
    def programs(self) -> pd.DataFrame:
        """The verdicts with each program; empty if no study repeats the companion study's."""
        path = self.folder / "programs.csv"
        return read_texts(path) if path.exists() else pd.DataFrame()

    @cached_property
    def tests_claims(self) -> bool:
        """Whether a study puts a claim to the test."""
        return bool(len(self._tested_claims))

    @cached_property
    def tests_note(self) -> bool:
        """Whether a study puts a claim of the note to the test."""
        return bool(self._tested_claims["source"].str.startswith("note").any())

    @property
    def _tested_claims(self) -> pd.DataFrame:
        if self.claims is None:
            return pd.DataFrame({"source": pd.Series(dtype=str)})
        asked = (self.claims["comparison"] != "") & (self.claims["verdict"] != "not run")
        return self.claims[asked]

    @property
    def confirmed(self) -> bool:
        """Whether some verdicts rest on confirming runs."""
        return any(map(self.results.confirmed, self.comparisons))

    @property
    def datasets(self) -> list[str]:
        """The datasets of all comparisons."""
        found = [d for c in self.comparisons for d in self.config.studies[c.study].datasets]
        return list(dict.fromkeys(found))

    def score(self, datasets: Iterable[str]) -> str:
        """Return what is measured on some datasets: accuracy, R², or "R² or accuracy"."""
        return score_names(self.config, datasets)

    @cached_property
    def unconfirmed(self) -> list[str]:
        """The studies whose verdicts rest on the tuning runs."""
        rest = [one.study for one in self.comparisons if not self.results.confirmed(one)]
        return list(dict.fromkeys(rest))

    def on_this_split(self, comparison: Comparison) -> bool:
        """Whether the verdicts of a comparison are about the one split of each dataset."""
        if self.results.confirmed(comparison):
            return False
        return self.results.overlap(self.results.cells(comparison)) is None

    @property
    def has_probes(self) -> bool:
        """Whether the probes were run."""
        return (self.folder / "probes" / "start.csv").exists()

    # ------------------------------------------------------------ figures

    def image(self, name: str) -> Path:
        """Return the file of a figure."""
        return self.folder / files.FIGURES / f"{name}.svg"

    def picture(self, name: str) -> dict[str, Any] | None:
        """Return what belongs to a picture: caption, alt, ...; None if it was not drawn."""
        image = self.image(name)
        facts = image.with_suffix(".json")
        there = image.exists() and facts.exists()
        return read_json(facts, "caption", "alt", "command") if there else None

    @cached_property
    def captions(self) -> dict[str, dict[str, Any]]:
        """What belongs to each figure that was drawn."""
        path = self.folder / "figures" / "captions.json"
        needed = ("caption", "alt", "study", "runs", "command")
        return read_captions(path, *needed) if path.exists() else {}

    @cached_property
    def embedded(self) -> set[str]:
        """The figures that fit into the page, the telling kinds first."""
        left, found = MOST_IMAGE_BYTES, set()
        drawn = [sheet for sheet in sheets_of(self.config) if self.is_drawn(sheet)]
        for sheet in sorted(drawn, key=lambda sheet: KINDS[sheet.kind].importance):
            size = self.image(sheet.name).stat().st_size * 4 / 3
            if size <= left:
                found.add(sheet.name)
                left -= size
        return found

    def is_drawn(self, sheet: Sheet) -> bool:
        """Tell whether a figure was drawn."""
        return sheet.name in self.captions and self.image(sheet.name).exists()

    # ------------------------------------------------------------ names and commands

    def chapter_title(self, comparison: Comparison) -> str:
        """Return the title of a comparison's chapter."""
        several = len(self.config.studies[comparison.study].compared) > 1
        return f"{comparison.title}: {axis_name(comparison.axis)}" if several else comparison.title

    def redo(self, file: str) -> str:
        """Say which command makes a file of the folder again."""
        return f"Redo: `{self.frames.command(file)}`"

    def trace(self, comparison: Comparison, file: str) -> str:
        """Say which runs a file of a comparison is from, and how to make it again."""
        runs = counted(self.trained(comparison.study), "run")
        return f"Study `{comparison.study}`, {runs}. {self.redo(file)}"


_MODULES = {
    module.name: import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)
}

CHAPTERS: Mapping[str, Callable[[Report], Iterator[Html]]] = {
    name: module.chapter for name, module in _MODULES.items() if hasattr(module, "chapter")
}
"""The function of each chapter by its name, that of its module."""


def _display(pieces: Iterable[Html]) -> None:
    from IPython.display import display

    for piece in pieces:
        display(piece)


def open_report() -> Report:
    """Return the report of the folder that RESULTS_DIR names."""
    return Report(Path(os.environ["RESULTS_DIR"]))
