"""A figure in the making: its style, its frame of panels, its legend, and what is said of it."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from experiments import statistics
from experiments.results import basis, when
from reports.figures.data import Frames
from reports.figures.panels import WIDTH, fitting
from reports.figures.sheets import Sheet, quantity, score_names
from reports.figures.styles import Look, looks

STYLE = Path(__file__).with_name("style.mplstyle")
LETTER = 0.066  # inches, the mean width of a letter of a label


@dataclass(frozen=True)
class Caption:
    """What is written below a figure, and instead of it."""

    caption: str
    alt: str
    study: str
    comparison: str
    kind: str
    runs: int
    command: str


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the style of the report.

    matplotlib's warnings about missing characters are silent: `svg.glyph_note` says it once.
    """
    with mpl.rc_context(fname=str(STYLE)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        yield


class Drawing:
    """A figure in the making: its frame of panels, the legend, and what is said of it.

    A kind draws into it, and sets `caption`, `alt` and `runs`.
    """

    def __init__(self, frames: Frames, sheet: Sheet) -> None:
        self.frames, self.sheet, self.comparison = frames, sheet, sheet.comparison
        self.looks = looks(frames.config, self.comparison)
        self.seeds = frames.seeds(self.comparison)
        self.confirmed = frames.results.confirmed(self.comparison)
        self.figure: Figure = Figure()
        self.caption, self.alt = "", ""
        self.runs: set[str] = set()

    def arms(self, dataset: str, facet: str) -> list[tuple[str, Look, Any]]:
        """Return the arms that ran in a place, each with its look and its tuning runs."""
        return self._counted(self._found(dataset, facet, self.seeds))

    def evidence(self, dataset: str, facet: str) -> list[tuple[str, Look, Any]]:
        """Return the arms of a place with the runs that verdicts rest on."""
        return self._counted(self.ran(dataset, facet))

    def ran(self, dataset: str, facet: str) -> list[tuple[str, Look, Any]]:
        """Return the same, of which the figure may show some only: it must count these itself."""
        return self._found(dataset, facet, self.frames.evidence(self.comparison))

    def _found(
        self, dataset: str, facet: str, runs_of: Mapping[tuple[str, str, str], Any]
    ) -> list[tuple[str, Look, Any]]:
        return [
            (arm, look, runs_of[dataset, facet, arm])
            for arm, look in self.looks.items()
            if (dataset, facet, arm) in runs_of
        ]

    def _counted(self, found: list[tuple[str, Look, Any]]) -> list[tuple[str, Look, Any]]:
        self.runs |= {run for *_, runs in found for run in runs["run_id"]}
        return found

    def interval(self, dataset: str) -> dict[str, Any]:
        """Return level and overlap of the t-intervals of the evidence on a dataset."""
        return self.frames.results.interval(self.comparison, dataset)

    def means(self, values: np.ndarray, dataset: str) -> np.ndarray:
        """Return mean, low and high of each column of (splits, columns), shape (3, columns)."""
        return statistics.t_intervals(values, **self.interval(dataset))

    def tuning_means(self, values: np.ndarray, dataset: str) -> np.ndarray:
        """Return the same of (seeds, columns), tuning runs."""
        interval = self.frames.results.interval(self.comparison, dataset, tuning=True)
        return statistics.t_intervals(values, **interval)

    def panels(
        self,
        rows: int,
        columns: int,
        height: float,
        left: float = 0.55,
        gaps: tuple[float, float] = (0.42, 0.16),
        handles: Callable[[Look], Mapping[str, Any]] | None = None,
    ) -> np.ndarray:
        """Lay out panels of a height in inches below the legend of the arms.

        `gaps` are those between rows and columns.
        """
        top, labels = self._legend(handles), 0.3
        bottom = 0.42
        total = top + labels + rows * height + (rows - 1) * gaps[0] + bottom
        self.figure.set_size_inches(WIDTH, total)
        width = (WIDTH - left - 0.1 - (columns - 1) * gaps[1]) / columns
        panels = np.empty((rows, columns), dtype=object)
        for row in range(rows):
            for column in range(columns):
                x = left + column * (width + gaps[1])
                y = total - top - labels - (row + 1) * height - row * gaps[0]
                box = (x / WIDTH, y / total, width / WIDTH, height / total)
                panels[row, column] = self.figure.add_axes(box)
        self.legend.set_bbox_to_anchor((0.04 / WIDTH, 1 - 0.02 / total))
        return panels

    def _legend(self, handles: Callable[[Look], Mapping[str, Any]] | None) -> float:
        """Enter the legend at the top; return its height in inches."""
        handles = handles or (lambda look: {"ls": look.dash, "marker": look.marker})
        lines = [Line2D([], [], color=look.colour, **handles(look)) for look in self.looks.values()]
        names = [fitting(label, WIDTH - 0.7, LETTER) for label in self.looks]
        widths = [LETTER * len(name) + 0.62 for name in names]
        columns = len(lines) if sum(widths) < WIDTH else max(1, int(WIDTH / max(widths)))
        rows = ceil(len(lines) / columns)
        order = [i for c in range(columns) for i in range(c, len(lines), columns)]  # row by row
        self.legend = self.figure.legend(
            [lines[i] for i in order],
            [names[i] for i in order],
            loc="upper left",
            ncols=columns,
            borderaxespad=0,
            borderpad=0,
            handlelength=2.6,
            columnspacing=1.6,
            labelspacing=0.35,
        )
        return 0.17 * rows + 0.06

    def captioned(self) -> Caption:
        """Return the caption and what belongs to it."""
        name = self.sheet.name
        return Caption(
            self.caption,
            self.alt,
            self.comparison.study,
            self.comparison.name,
            self.sheet.kind,
            len(self.runs),
            self.frames.command(f"figures/{name}.svg"),
        )

    @property
    def score(self) -> str:
        """What the recorded accuracy is, in per cent: R² if real values are predicted."""
        return score_names(self.frames.config, self.sheet.datasets)

    @property
    def at(self) -> str:
        """At which values of the tuned axis the runs of a figure are, in words."""
        if not self.comparison.tune:
            return ""
        return f", each at its chosen {quantity(self.comparison.tune)}"

    @property
    def band(self) -> str:
        """What the intervals are."""
        intervals = self.frames.results.intervals(self.comparison)
        corrected = ", corrected for overlapping splits" if intervals["overlap"] else ""
        return f"{100 * intervals['level']:g} % t-interval{corrected}"

    @property
    def when(self) -> str:
        """After which epoch the evidence is taken, such as "after the last epoch"."""
        return when(self.frames.results, self.comparison)

    @property
    def basis(self) -> str:
        """What the evidence is, such as "20 splits of 5 runs"."""
        return basis(self.frames.results, self.comparison)

    @property
    def unit(self) -> str:
        """What one of the values is of which the evidence has a mean and an interval."""
        return "split" if self.confirmed else "seed"

    @property
    def tuning(self) -> str:
        """Which runs a figure of the tuning shows; '' if there are no others."""
        if not self.confirmed:
            return ""
        splits = self.frames.results.tuning_splits(self.comparison)
        return f" These are the tuning runs, on {splits}: no verdict rests on them."

    @property
    def count(self) -> str:
        """How many tuning runs a mean is taken over."""
        counts = sorted({len(runs) for runs in self.seeds.values()})
        if not counts:
            return "no runs"
        return f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
