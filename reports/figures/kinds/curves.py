"""Learning curves: test accuracy over the epochs, with means, bands, and single runs faint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.base import counted
from reports.figures.panels import (
    band,
    empty,
    few_ticks,
    laid_out,
    limits,
    name_axes,
    summary,
    thin,
)
from reports.figures.sheets import Kind, over_epochs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing
    from reports.figures.panels import Place
    from reports.figures.styles import Look

MOST_POINTS = 41  # of a mean curve
MOST_FAINT_POINTS = 21  # of a single run
MOST_FAINT = 20  # single runs
FAINT = 0.35  # opacity of single runs


def draw(drawing: Drawing) -> None:
    """Draw the test accuracy over the epochs: means, bands, and single runs faint."""
    places, panels, shared = laid_out(drawing)
    seen: dict[str, list[float]] = {}  # the values of each dataset that must be visible
    final: dict[str, dict[str, float]] = {}  # the mean of each arm after the last epoch
    unequal = False
    for place in places:
        panel = panels[place.row, place.column]
        ends, percent = _draw_place(drawing, panel, place, seen)
        final.setdefault(place.name, {}).update(ends)
        unequal |= percent
        if not ends:
            empty(panel)
            continue
        panel.set_xlim(0, panel.dataLim.x1 * 1.01)
        few_ticks(panel.xaxis, whole=True)
        few_ticks(panel.yaxis)
        panel.tick_params(labelleft=not (shared and place.column))
        if percent:
            panel.xaxis.set_major_formatter(lambda x, _: f"{x:g} %")
    for place in places:
        if panels[place.row, place.column].lines:
            low, high = limits(seen[place.dataset])
            panels[place.row, place.column].set_ylim(low, min(high, 101.5))
    note = " (marked %: share of the arm's own number of epochs)" if unequal else ""
    name_axes(drawing, panels, f"epoch{note}", f"test {drawing.score} (%)")
    _describe(drawing, len(places), final)


def _draw_place(
    drawing: Drawing, panel: Axes, place: Place, seen: dict[str, list[float]]
) -> tuple[dict[str, float], bool]:
    """Draw the arms of a place; return their last means, and whether x is a share of the epochs.

    Shares are drawn if the arms have different numbers of epochs.
    """
    arms = drawing.arms(place.dataset, place.facet)
    accuracies = [drawing.frames.epochs(runs["run_id"], "test_accuracy") for *_, runs in arms]
    curves = [100 * values for values in accuracies]
    percent = len({values.shape[1] for values in curves if values.size}) > 1
    ends = {}
    for number, ((arm, look, _), values) in enumerate(zip(arms, curves, strict=True)):
        if values.size:
            unit = 100 / (values.shape[1] - 1) if percent else 1
            shown = _curve(drawing, panel, values, look, (number / len(arms), unit))
            seen.setdefault(place.dataset, []).extend(shown)
            ends[arm] = values[:, -1].mean()
    return ends, percent


def _curve(
    drawing: Drawing, panel: Axes, values: np.ndarray, look: Look, scale: tuple[float, float]
) -> list[float]:
    """Draw one arm, (seeds, epochs); return the values that must be seen.

    `scale` is the share of an interval by which its marks are shifted, and the width of an epoch.
    """
    offset, unit = scale
    faint = thin(values.shape[1], MOST_FAINT_POINTS)
    some = values[:MOST_FAINT, faint]
    gap = np.full((len(some), 1), np.nan)  # all runs as one line with gaps: one path in the file
    x = np.concatenate([np.broadcast_to(unit * faint, some.shape), gap], axis=1).ravel()
    y = np.concatenate([some, gap], axis=1).ravel()
    panel.plot(x, y, color=look.colour, lw=0.4, alpha=FAINT, zorder=1.5)
    epochs = thin(values.shape[1], MOST_POINTS)
    mean, low, high = drawing.tuning_means(values[:, epochs])
    band(panel, unit * epochs, low, high, look.colour)
    every = max(1, len(epochs) // 4)
    panel.plot(
        unit * epochs,
        mean,
        color=look.colour,
        ls=look.dash,
        marker=look.marker,
        ms=3.2,
        markevery=(int(offset * every), every),
        zorder=2.5,
    )
    seen = np.r_[low, mean, high][np.tile(epochs > 0, 3)] if len(epochs) > 1 else mean
    return [*seen[np.isfinite(seen)], *some[:, -1]]


def _describe(drawing: Drawing, panels: int, final: dict[str, Any]) -> None:
    few = all(len(runs) <= MOST_FAINT for runs in drawing.seeds.values())
    faint = "" if few else f" of the first {MOST_FAINT} seeds"
    drawing.caption = (
        f"Learning curves: test {drawing.score} after each epoch{drawing.at}. Line: mean over the "
        f"seeds, {drawing.count}; band: {drawing.band}; faint: single runs{faint}. The scale of a "
        f"dataset begins at the means after one epoch; what is lower is cut off.{drawing.tuning}"
    )
    drawing.alt = (
        f"Learning curves of {counted(len(drawing.looks), 'arm')} in "
        f"{counted(panels, 'panel')}. Mean test {drawing.score} after the last epoch, "
        f"highest and lowest arm: {summary(final)}."
    )


KIND = Kind(
    name="curves",
    caption="test accuracy over the epochs: mean over the seeds with a t-interval, single runs "
    "faint",
    order=3,
    importance=4,
    section="curves",
    wanted=over_epochs,
    draw=draw,
)
