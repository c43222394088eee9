"""Which classes are taken for which: the best and the worst setting of a comparison's datasets.

Each network is had back by training it again, and it counts only if it comes out as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.base import listing
from experiments.results import each_model
from experiments.schema import Comparison
from reports.figures.data import Frames
from reports.figures.panels import TITLE, WIDTH, fitting, ticks_at
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import MOST_DATASETS, readable, score_names, short

RUNS = 5
"""Runs of a setting whose test samples are counted together."""
WRITTEN = 4
"""Classes up to which the cells have numbers: more are too small for them."""
LETTER, TOP, BETWEEN, BELOW, LEFT, GAP = 0.058, 0.63, 0.75, 0.45, 0.62, 0.3  # inches


@dataclass(frozen=True)
class Confusion:
    """How often a class (row) was taken for a class (column) by some runs of a setting."""

    dataset: str
    setting: Sequence[str]
    """The arm, and the values of the other axes if there are any."""
    runs: int
    counts: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """The counts as shares of the samples of their class."""
        return self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)

    @property
    def accuracy(self) -> float:
        """The share of samples taken for their own class."""
        return float(self.counts.trace() / self.counts.sum())

    @property
    def worst(self) -> str:
        """The largest share of a class that is taken for another one, in words."""
        wrong = self.shares * (1 - np.eye(len(self.counts)))
        true, taken = np.unravel_index(wrong.argmax(), wrong.shape)
        return f"{100 * wrong[true, taken]:.0f} % of class {true} taken for {taken}"


Found = Sequence[tuple[Confusion, Confusion]]
"""The best and the worst setting of each dataset."""


def measure(frames: Frames) -> Found:
    """Return the confusions of the first comparison that has classes."""
    for comparison in frames.results.comparisons:
        if settings := list(_settings(frames, comparison)):
            return _confusions(frames, settings)
    return []


def _settings(frames: Frames, comparison: Comparison) -> Iterator[pd.DataFrame]:
    """Yield some runs of the best and the worst setting of each dataset with classes, in turn."""
    runs = frames.results.evidence(comparison)
    runs = runs[runs["status"] == "ok"]
    for dataset in frames.config.studies[comparison.study].datasets[:MOST_DATASETS]:
        settings = runs[runs["dataset"] == dataset].groupby(["facet", "arm"], sort=False)
        if len(settings) and score_names(frames.config, [dataset]) == "accuracy":
            means = settings["test_accuracy"].mean()
            for place in (means.idxmax(), means.idxmin()):
                yield settings.get_group(place).iloc[:RUNS]


def _confusions(frames: Frames, settings: Sequence[pd.DataFrame]) -> Found:
    names = pd.concat(settings)["run_id"].unique()
    networks = each_model(frames.results.folder, names, frames.data)
    tables = {network.run_id: network.confusion() for network in networks}
    found = []
    for runs in settings:
        mine = [tables[run] for run in runs["run_id"]]
        size = max(map(len, mine))
        counts = sum(np.pad(one, (0, size - len(one))) for one in mine)
        dataset, facet, arm = runs[["dataset", "facet", "arm"]].iloc[0]
        names = [readable(arm), *([short(facet)] if facet else [])]
        found.append(Confusion(dataset, names, len(mine), np.asarray(counts)))
    return list(zip(found[::2], found[1::2], strict=True))


def draw(found: Found) -> Figure:
    """Draw a column for each dataset, the best setting above the worst."""
    columns = max(len(found), 1)
    width = min((WIDTH - LEFT - 0.1 - (columns - 1) * GAP) / columns, 2.2)
    height = TOP + 2 * width + BETWEEN + BELOW
    figure = Figure(figsize=(WIDTH, height))
    for column, both in enumerate(found):
        x = LEFT + column * (width + GAP)
        for row, one in enumerate(both):
            y = height - TOP - width - row * (width + BETWEEN)
            box = (x / WIDTH, y / height, width / WIDTH, width / height)
            _draw_panel(figure.add_axes(box), one, width, first=column == 0, last=row == 1)
        figure.text(
            x / WIDTH, 1 - 0.04 / height, fitting(readable(both[0].dataset), width + GAP, 0.066),
            va="top", fontsize=8, weight="bold", color=TITLE,
        )  # fmt: skip
    return figure


def _draw_panel(panel: Axes, one: Confusion, width: float, first: bool, last: bool) -> None:
    size = len(one.counts)
    panel.imshow(one.shares, cmap="Blues", vmin=0, vmax=1)
    panel.grid(False)
    for axis in (panel.xaxis, panel.yaxis):
        ticks_at(axis, range(size))
        axis.set_tick_params(labelsize=7, length=0)
    names = [fitting(name, width + GAP - 0.05, LETTER) for name in one.setting]
    title = "\n".join([*names, f"{100 * one.accuracy:.1f} % right"])
    panel.set_title(title, fontsize=7, loc="left", pad=3)
    if first:
        panel.set_ylabel("class", fontsize=8)
    if last:
        panel.set_xlabel("taken for", fontsize=8)
    if size <= WRITTEN:
        for (row, column), count in np.ndenumerate(one.counts):
            colour = "white" if one.shares[row, column] > 0.5 else TITLE
            panel.text(column, row, f"{count}", ha="center", va="center", fontsize=7, color=colour)


def alt(found: Found) -> str:
    """Return the figure in words."""
    said = [
        f"{readable(one.dataset)}, {', '.join(one.setting)}: {100 * one.accuracy:.1f} % right, at "
        f"most {one.worst}"
        for both in found
        for one in both
    ]
    return f"Confusion matrices of the best and the worst setting. {'; '.join(said)}."


def caption(found: Found) -> str:
    """Return what is written below the figure."""
    runs = sorted({one.runs for both in found for one in both}) or [0]
    number = listing([str(n) for n in runs])
    return (
        "Which classes are taken for which: of each dataset the setting with the highest mean test "
        "accuracy (above) and that with the lowest (below). Colour: the share of a class, dark is "
        f"all of it; numbers: test samples of {number} runs together, the first ones. "
        "The networks were trained again for this figure and came out as recorded, bit for bit."
    )


PICTURE = Picture(
    name="confusion",
    measure=measure,
    draw=draw,
    alt=alt,
    title="Which classes are taken for which",
    caption=caption,
    of_results=True,
)
