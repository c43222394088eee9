"""The figure of the probe behind claim N6: updates until outputs that were wrong are right."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments import statistics
from reports.figures.compact import (
    HALF,
    QUIET,
    SMALL,
    TEXT,
    Layout,
    darker,
    lay_out,
    name_rows,
    room_for,
)
from reports.figures.data import Frames
from reports.figures.panels import ticks_at
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import pair_name
from reports.figures.styles import COLOURS, component_index
from reports.reading import read_csv

LEAST = 0.7  # updates: the logarithmic axis begins there


class Row(NamedTuple):
    """A pair of cost and output activation at one start."""

    cost: str
    output: str
    logit: float
    """Of the wrong outputs at the start; 0 for a free start."""
    updates: np.ndarray
    """Until a run was right, sorted; infinite if it never was."""

    @property
    def name(self) -> str:
        """Return the name of the pair."""
        return pair_name(self.cost, self.output)

    @property
    def interval(self) -> np.ndarray:
        """Return mean, low and high of the updates; not finite if a run never recovered."""
        return statistics.t_intervals(self.updates[:, None])[:, 0]

    @property
    def said(self) -> str:
        """Return the mean in words."""
        never = int(np.isinf(self.updates).sum())
        return f"{never} of {len(self.updates)} never" if never else f"{self.interval[0]:.2g}"


def measure(frames: Frames) -> list[Row]:
    """Return the pairs at their chosen step sizes, the fastest from wrong outputs first."""
    runs = read_csv(frames.results.folder / "probes" / "start.csv")
    found = [
        Row(*key, np.sort(mine["epochs"].astype(float).fillna(np.inf).to_numpy()))
        for key, mine in runs[runs["chosen"]].groupby(["cost", "output", "logit"], sort=False)
    ]
    return sorted(found, key=lambda row: (-row.logit, row.updates.mean()))


def _wrong(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the largest wrong logits."""
    largest = max(row.logit for row in rows)
    return [row for row in rows if row.logit == largest]


def draw(rows: Sequence[Row]) -> Figure:
    """Return the figure: for each pair the start with wrong outputs, below it the free one."""
    pairs = [row.name for row in _wrong(rows)]
    figure, logit = Figure(), _wrong(rows)[0].logit
    (panel,) = lay_out(
        figure, [""], 1,
        Layout(HALF, 0.1 + 0.42 * len(pairs), left=room_for(pairs), right=0.2),
        _finding(rows),
        f"updates until 90 % are right, from wrong logits of ±{logit:g} (filled) and from a free "
        "start (open)",
    )  # fmt: skip
    panel.set_xscale("log")
    most = max((row.updates[np.isfinite(row.updates)].max(initial=1) for row in rows), default=1)
    panel.set_xlim(LEAST, 2 * most)
    for row in rows:
        if row.logit in (0, logit) and row.name in pairs:
            _draw_row(panel, pairs.index(row.name) + (0.18 if row.logit == 0 else -0.18), row)
    ticks_at(panel.xaxis, [x for x in (1, 2, 5, 10, 20, 50, 100, 200) if x < 2 * most])
    panel.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    name_rows(panel, pairs)
    panel.grid(axis="y", visible=False)
    panel.set_xlabel("updates", fontsize=TEXT)
    return figure


def _draw_row(panel: Axes, at: float, row: Row) -> None:
    """Draw the runs of a row faintly, and their mean with its interval and its number."""
    index = component_index("pair", {"cost": row.cost, "output": row.output}) or 0
    colour, filled = COLOURS[index % len(COLOURS)], row.logit != 0
    runs = np.clip(row.updates, LEAST, panel.get_xlim()[1])
    panel.plot(runs, [at] * len(runs), "o", ms=3, color=colour, alpha=0.25, mew=0, zorder=2)
    mean, low, high = row.interval
    end = float(np.nanmax([runs.max(), high]))
    if np.isfinite(mean):
        panel.plot([max(low, LEAST), high], [at, at], color=colour, lw=1.2, zorder=3)
        face = colour if filled else "white"
        panel.plot(mean, at, "o", ms=5, color=colour, mfc=face, mew=1.2, zorder=4)
    panel.annotate(
        row.said, (end, at), (5, 0), textcoords="offset points", va="center", fontsize=SMALL,
        color=darker(colour) if filled else QUIET,
    )  # fmt: skip


def _finding(rows: Sequence[Row]) -> str:
    """Name the means from wrong outputs, the fastest first."""
    wrong = _wrong(rows)
    if any(np.isinf(row.updates).any() for row in wrong):
        return "Not all runs recover from outputs that are wrong and sure of it"
    first, *others = wrong
    rest = "".join(f", {row.name} {row.said}" for row in others)
    return f"From confidently wrong outputs {first.name} needs {first.said} updates{rest}"


def alt(rows: Sequence[Row]) -> str:
    """Return the figure in words."""
    said = []
    for row in rows:
        start = f"wrong logits of ±{row.logit:g}" if row.logit else "a free start"
        _, low, high = row.interval
        ends = f" [{low:.1f}, {high:.1f}]" if np.isfinite([low, high]).all() else ""
        said.append(f"{row.name} from {start} {row.said}{ends}")
    return f"Updates until the outputs are right, mean with 95 % interval: {'; '.join(said)}."


PICTURE = Picture(
    name="probes-start",
    measure=measure,
    draw=draw,
    alt=alt,
    caption=(
        "Updates until 90 % of the validation samples are right, each pair at its chosen step "
        "size: mean over the seeds with its 95 % t-interval, and the single runs (faint). Filled: "
        "from outputs that are all wrong and sure of it; open: from a free start."
    ),
    of_results=True,
    probe="start",
)
