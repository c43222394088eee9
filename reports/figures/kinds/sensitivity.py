"""Sensitivity: test accuracy against the tuned setting, with a ring around the chosen value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.base import counted
from experiments.schema import Comparison, Config, axis_label
from reports.figures.panels import (
    band,
    empty,
    few_ticks,
    fitting,
    laid_out,
    name_axes,
    same_limits,
    ticks_at,
)
from reports.figures.sheets import Block, Kind, dealt_out, quantity

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reports.figures.data import Frames
    from reports.figures.drawing import Drawing
    from reports.figures.panels import Place


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figures show; none if no setting is tuned."""
    return dealt_out(config, comparison) if len(comparison.tuned_values) > 1 else []


def draw(drawing: Drawing) -> None:
    """Draw the test accuracy against the tuned setting; rings mark the chosen values."""
    frames, comparison = drawing.frames, drawing.comparison
    places, panels, shared = laid_out(drawing)
    table = frames.sensitivity(comparison)
    lines = dict(iter(table[table["n"] > 0].groupby(["dataset", "facet", "arm"], sort=False)))
    steps = frames.results.steps(comparison).set_index(["dataset", "facet", "arm"])["tuned"]
    best: dict[str, dict[str, float]] = {}
    for place in places:
        panel, chosen = panels[place.row, place.column], best.setdefault(place.name, {})
        for arm, look in drawing.looks.items():
            key = (place.dataset, place.facet, arm)
            if key in lines:
                _line(panel, lines[key].sort_values("tuned"), steps[key], look)
                chosen[arm] = float(steps[key])
        _count_runs(drawing, place)
        if not chosen:
            empty(panel)
    _tuned_axes(drawing, panels, places)
    same_limits(panels, places, shared)
    name = quantity(comparison.tune or "")
    symbol = f"{name} η₀" if comparison.tune == "eta" else name
    scale = ", logarithmic" if _logarithmic(frames, comparison) else ""
    name_axes(drawing, panels, f"{symbol}{scale}", f"test {drawing.score} (%)")
    drawing.caption = (
        f"Test {drawing.score} {drawing.when} against the {symbol}{scale}. Line: mean over "
        f"the seeds; band: {drawing.band}; ring: the value chosen on validation {drawing.score}."
        f"{drawing.tuning}"
    )
    drawing.alt = (
        f"Test {drawing.score} against the {name} for {counted(len(drawing.looks), 'arm')} in "
        f"{counted(len(places), 'panel')}. {_chosen_values(frames, comparison, best)}"
    )


def _line(panel: Axes, line: pd.DataFrame, chosen: float, look) -> None:
    """Draw the accuracies of an arm at all values, with a ring around the chosen one."""
    x, y = line["tuned"].to_numpy(), 100 * line["test_accuracy"].to_numpy()
    low, high = (100 * line[f"test_{end}"].to_numpy() for end in ("low", "high"))
    band(panel, x, low, high, look.colour)
    panel.plot(
        x, y, color=look.colour, ls=look.dash, marker=look.marker, ms=2.8, lw=1.2, zorder=2.4
    )
    panel.plot(
        x[x == chosen],
        y[x == chosen],
        ls="",
        marker="o",
        ms=7.5,
        mfc="none",
        mec=look.colour,
        mew=1.2,
        zorder=2.6,
    )


def _count_runs(drawing: Drawing, place: Place) -> None:
    """Count the runs of a place at all values."""
    cells = drawing.frames.cells(drawing.comparison)
    mine = cells[(cells["dataset"] == place.dataset) & (cells["facet"] == place.facet)]
    drawing.runs |= set(mine.loc[mine["status"] != "skipped", "run_id"])


def _logarithmic(frames: Frames, comparison: Comparison) -> bool:
    values = comparison.tuned_values
    return _numeric(frames, comparison) and min(values) > 0 and max(values) >= 8 * min(values)


def _numeric(frames: Frames, comparison: Comparison) -> bool:
    grid = frames.config.studies[comparison.study].grid[comparison.tune]
    return all(type(value) in (int, float) for value in grid)


def _tuned_axes(drawing: Drawing, panels: np.ndarray, places: Sequence[Place]) -> None:
    frames, comparison = drawing.frames, drawing.comparison
    values = sorted(comparison.tuned_values)
    for place in places:
        panel = panels[place.row, place.column]
        if not panel.lines:
            continue
        if _logarithmic(frames, comparison):
            panel.set_xscale("log")
            ends = np.log10([values[0], values[-1]])
            ticks_at(panel.xaxis, 10.0 ** np.arange(np.floor(ends[0]), np.ceil(ends[1]) + 1))
            panel.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
            panel.set_xlim(10 ** (ends[0] - 0.12), 10 ** (ends[1] + 0.12))
        elif not _numeric(frames, comparison):
            labels = frames.config.studies[comparison.study].grid[comparison.tune]
            width = panel.get_window_extent().width / panel.figure.dpi / len(labels)
            names = [fitting(axis_label(value), width) for value in labels]
            panel.set_xticks(range(len(labels)), names)
        few_ticks(panel.yaxis)


def _chosen_values(
    frames: Frames, comparison: Comparison, best: Mapping[str, Mapping[str, float]]
) -> str:
    """Say which values were chosen, from the smallest to the largest in each place."""
    if not _numeric(frames, comparison):
        return "Rings mark the chosen values."
    said = []
    for place, values in best.items():
        if values:
            low, high = min(values.values()), max(values.values())
            said.append(f"{place}: {low:g}" + (f" to {high:g}" if high > low else ""))
    return f"Chosen values: {'; '.join(said)}." if said else "No runs."


KIND = Kind(
    name="sensitivity",
    caption="test accuracy against the tuned setting, with a ring around the chosen value",
    order=5,
    importance=6,
    section="steps",
    wanted=wanted,
    draw=draw,
    asked="`tune`",
)
