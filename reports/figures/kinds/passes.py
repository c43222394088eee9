"""Passes: the readings of Algorithm 1 over passes through the data, and over updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.schema import Comparison, Config
from reports.figures.compact import (
    QUIET,
    SMALL,
    TEXT,
    Layout,
    darker,
    lay_out,
    whole,
)
from reports.figures.panels import band, limits, measured
from reports.figures.sheets import BOTH, Block, Kind, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing
    from reports.figures.styles import Look

MOST = 2  # datasets
MOST_POINTS = 61  # of a line
LOGARITHMIC = 10.0  # per cent: errors below it are on a logarithmic scale
AXES = ("passes through the data", "updates of the weights")


class Line(NamedTuple):
    """The test error of an arm on a dataset: its longest runs, in per cent."""

    look: Look
    updates: int
    """In an epoch, which is one pass."""
    epochs: np.ndarray
    errors: np.ndarray
    """Mean, low and high, shape (3, epochs)."""

    def x(self, axis: int) -> np.ndarray:
        """Return passes (0) or updates (1)."""
        return self.epochs * (self.updates if axis else 1)

    def at(self, axis: int, x: float) -> float:
        """Return the mean error there, between two epochs on the line that joins them."""
        return float(np.interp(x, self.x(axis), self.errors[0]))


Lines = Mapping[str, Line]


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return one figure if updates for each batch are compared with updates for each epoch."""
    return whole(config, comparison) if comparison.axis == "update" else []


def draw(drawing: Drawing) -> None:
    """Draw a row for each dataset, passes at the left and updates at the right."""
    found = _longest({d: _lines(drawing, d) for d in drawing.sheet.datasets})
    names = [dataset for dataset in found for _ in AXES] or ["no runs"] * 2
    panels = lay_out(
        drawing.figure, names, 2, Layout(height=1.45, left=0.42, gaps=(0.62, 0.45)),
        _finding(found), f"test error (%{', 1 − R²' if drawing.score == 'R²' else ''})",
    )  # fmt: skip
    for at, panel in enumerate(panels):
        lines = list(found.values())[at // 2] if found else {}
        _draw_panel(panel, at % 2, lines)
        panel.set_xlabel(AXES[at % 2], fontsize=TEXT)
    _describe(drawing, found)


def _lines(drawing: Drawing, dataset: str) -> dict[str, Line]:
    """Return the longest tuning runs of each arm of a dataset, from the first epoch on."""
    lines: dict[str, Line] = {}
    for facet in drawing.sheet.facets:
        for arm, look, runs in drawing.arms(dataset, facet):
            values = 100 * (1 - drawing.frames.epochs(runs["run_id"], "test_accuracy"))
            length = values.shape[-1] - 1
            if values.ndim < 2 or length < 1 or (arm in lines and length <= lines[arm].epochs[-1]):
                continue
            epochs = measured(values)[1:]
            errors = drawing.tuning_means(values[:, epochs], dataset)
            lines[arm] = Line(
                look, _updates(drawing, dataset, runs["run_id"].iloc[0]), epochs, errors
            )
    return lines


def _updates(drawing: Drawing, dataset: str, run: str) -> int:
    """Return the updates in an epoch of a run."""
    from experiments.training import updates_in_epoch

    results = drawing.frames.results
    row = results.runs[results.runs["run_id"] == run].iloc[0]
    return updates_in_epoch(row, results.samples(dataset)["train"])


def _longest(found: Mapping[str, Lines]) -> dict[str, Lines]:
    """Return the datasets with the most updates in a pass: there the two axes differ most."""
    with_runs = {dataset: lines for dataset, lines in found.items() if lines}
    updates = {d: max(line.updates for line in lines.values()) for d, lines in with_runs.items()}
    return {d: found[d] for d in sorted(updates, key=lambda d: -updates[d])[:MOST]}


def _common(lines: Lines, axis: int) -> float:
    """Return the last number of passes, or of updates, that all lines reach."""
    return float(min(line.x(axis)[-1] for line in lines.values()))


def _draw_panel(panel: Axes, axis: int, lines: Lines) -> None:
    """Draw the arms over passes or updates, with their names at the ends of their lines."""
    if not lines:
        panel.text(0.5, 0.5, "no runs", transform=panel.transAxes, ha="center", va="center")
        return
    panel.set_xscale("log")
    for line in lines.values():
        x, (mean, low, high) = line.x(axis), line.errors
        some = np.unique(np.geomspace(1, len(x), MOST_POINTS).round().astype(int)) - 1
        band(panel, x[some], low[some], high[some], line.look.colour)
        panel.plot(x[some], mean[some], color=line.look.colour, ls=line.look.dash, lw=1.2)
        panel.plot(x[-1], mean[-1], line.look.marker, color=line.look.colour, ms=4)
    _scale(panel, axis, lines)
    _name_lines(panel, axis, lines)


def _scale(panel: Axes, axis: int, lines: Lines) -> None:
    """Set the limits; errors of a few per cent are on a logarithmic scale."""
    from matplotlib.ticker import FixedLocator, LogLocator, NullLocator, StrMethodFormatter

    ends = [line.x(axis)[[0, -1]] for line in lines.values()]
    panel.set_xlim(np.min(ends) / 1.1, np.max(ends) * 5)  # room for the names
    panel.xaxis.set_major_locator(LogLocator(numticks=6))
    means = np.concatenate([line.errors[0] for line in lines.values()])
    low, high = limits(means, 1.0)
    low -= 0.1 * (high - low)  # room for a name below a line
    if 0 < min(line.errors[0][-1] for line in lines.values()) < LOGARITHMIC:
        panel.set_yscale("log")
        low, high = means[means > 0].min() / 1.7, 1.2 * means.max()
        panel.yaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50, 100]))
    panel.set_ylim(low, high)
    for side, form in ((panel.xaxis, "{x:,.0f}"), (panel.yaxis, "{x:g}")):
        side.set_minor_locator(NullLocator())
        side.set_major_formatter(StrMethodFormatter(form))


def _name_lines(panel: Axes, axis: int, lines: Lines) -> None:
    """Name each arm at the end of its line, and the last place that all lines reach."""
    common, longest = _common(lines, axis), max(line.x(axis)[-1] for line in lines.values())
    panel.axvline(common, color=QUIET, lw=0.6, ls=(0, (2, 2)), zorder=1)
    panel.annotate(
        f"{common:,.0f}", (common, 1), (2, -1), xycoords=("data", "axes fraction"),
        textcoords="offset points", va="top", fontsize=SMALL, color=QUIET,
    )  # fmt: skip
    for arm, line in lines.items():
        x, y = line.x(axis)[-1], line.errors[0][-1]
        lowest = y <= min(other.at(axis, x) for other in lines.values())
        beside = {"xytext": (5, 0), "va": "center"}
        below = {"xytext": (0, -5), "va": "top", "ha": "center"}
        above = {"xytext": (0, 5), "va": "bottom", "ha": "center"}
        place = beside if x == longest else below if lowest else above
        panel.annotate(
            readable(arm), (x, y), textcoords="offset points", fontsize=TEXT,
            color=darker(line.look.colour), **place,
        )  # fmt: skip


def _leader(lines: Lines, axis: int) -> str:
    """Return the arm with the smallest error at the last common place."""
    common = _common(lines, axis)
    return min(lines, key=lambda arm: lines[arm].at(axis, common))


def _finding(found: Mapping[str, Lines]) -> str:
    """Say who is ahead on the first dataset after equal passes, and after equal updates.

    Without numbers: those of the tests are from other runs, each tuned for its own length.
    """
    compared = {dataset: lines for dataset, lines in found.items() if len(lines) > 1}
    if not compared:
        return "Test error over passes through the data, and over updates"
    dataset, lines = next(iter(compared.items()))
    passes, updates = (_leader(lines, axis) for axis in (0, 1))
    if passes == updates:
        return f"On {dataset} {passes} is ahead after equal numbers of passes, and of updates"
    return (
        f"On {dataset} {passes} is ahead after equal numbers of passes, {updates} after equal "
        "numbers of updates"
    )


def _describe(drawing: Drawing, found: Mapping[str, Lines]) -> None:
    drawing.caption = (
        "The same runs twice: test error over passes through the data (left) and over updates of "
        "the weights (right), on the two datasets with the most updates in a pass. Each line is "
        f"of the longest runs{drawing.at}: mean over the seeds, {drawing.count}, with its "
        f"{drawing.band}. Dashed: the last place that all lines reach.{drawing.tuning}"
    )
    said = []
    for dataset, lines in found.items():
        for axis, name in enumerate(("passes", "updates")):
            common = _common(lines, axis)
            errors = ", ".join(
                f"{arm} {line.at(axis, common):.1f} %" for arm, line in lines.items()
            )
            said.append(f"{dataset} after {common:,.0f} {name}: {errors}")
    drawing.alt = f"Test errors over passes and over updates. {'; '.join(said) or 'No runs'}."


KIND = Kind(
    name="passes",
    caption="test error of the same runs over passes through the data, and over updates",
    order=14,
    importance=14,
    section="curves",
    wanted=wanted,
    draw=draw,
    asked="`compare: update`",
    main=1,
    paper=BOTH,
)
