"""Learning curves: test accuracy over the epochs, with means, bands, and single runs faint."""

from __future__ import annotations

from collections.abc import Sequence
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
    thin_measured,
    ticks_at,
)
from reports.figures.sheets import MANY_DATASETS, Kind, over_epochs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing
    from reports.figures.panels import Place
    from reports.figures.styles import Look

MOST_POINTS = 41  # of a mean curve
MOST_FAINT_POINTS = 21  # of a single run
MOST_FAINT = 20  # single runs
FAINT = 0.35  # opacity of single runs
ERROR_ABOVE = 90.0  # per cent: of means above it the error is drawn


def draw(drawing: Drawing) -> None:
    """Draw the test accuracy over the epochs: means, bands, and single runs faint."""
    places, panels, shared = laid_out(drawing)
    seen: dict[str, list[float]] = {}  # the values of each dataset that must be visible
    final: dict[str, dict[str, float]] = {}  # the mean of each arm after the last epoch
    unequal = False
    floors = _floors(drawing, places)
    for place in places:
        panel = panels[place.row, place.column]
        ends, percent = _draw_place(drawing, panel, place, seen, floors.get(place.dataset))
        final.setdefault(place.name, {}).update(ends)
        unequal |= percent
        if not ends:
            empty(panel, "all runs diverged" if panel.lines else "no runs")
            continue
        panel.set_xlim(0, panel.dataLim.x1 * 1.01)
        few_ticks(panel.xaxis, whole=True)
        few_ticks(panel.yaxis)
        if place.dataset in floors:
            _error_axis(panel)
        panel.tick_params(labelleft=not (shared and place.column))
        if percent:
            panel.xaxis.set_major_formatter(lambda x, _: f"{x:g} %")
    for place in places:
        if panels[place.row, place.column].lines and place.dataset in seen:
            low, high = limits(seen[place.dataset])
            if place.dataset in floors:
                low, high = _error_limits(seen[place.dataset])
            panels[place.row, place.column].set_ylim(low, min(high, 101.5))
    note = " (marked %: share of the arm's own number of epochs)" if unequal else ""
    error = ", or error where a panel says so" if floors else ""
    name_axes(drawing, panels, f"epoch{note}", f"test {drawing.score}{error} (%)")
    _describe(drawing, len(places), final, bool(floors))


def _floors(drawing: Drawing, places: Sequence[Place]) -> dict[str, float]:
    """Return the least error to draw, in per cent, of each dataset whose error is drawn.

    That is a dataset of which all mean accuracies of the figure are above `ERROR_ABOVE`; the least
    error is half of one test sample, in place of none.
    """
    lowest: dict[str, float] = {}
    for place in places:
        for *_, runs in drawing.arms(place.dataset, place.facet):
            if (runs["status"] != "diverged").any():
                mean = 100 * runs["test_accuracy"].mean()
                lowest[place.dataset] = min(mean, lowest.get(place.dataset, 100.0))
    good = [name for name, mean in lowest.items() if mean > ERROR_ABOVE]
    if not good or drawing.score != "accuracy":
        return {}
    samples = drawing.frames.results.samples
    return {name: 50 / samples(name)["test"] for name in good}


def _error_axis(panel: Axes) -> None:
    """Make the axis of a panel logarithmic, and say that it is of errors."""
    panel.set_yscale("log")
    ticks_at(panel.yaxis, (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50))
    panel.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    panel.text(
        0.98, 0.97, "error, log", transform=panel.transAxes, ha="right", va="top", fontsize=7
    )


def _error_limits(values: Sequence[float]) -> tuple[float, float]:
    """Return limits of a logarithmic axis around the values."""
    return 0.8 * min(values), min(1.25 * max(values), 100.0)


def _draw_place(
    drawing: Drawing,
    panel: Axes,
    place: Place,
    seen: dict[str, list[float]],
    floor: float | None,
) -> tuple[dict[str, float], bool]:
    """Draw the arms of a place; return their last means, and whether x is a share of the epochs.

    Shares are drawn if the arms have different numbers of epochs. With a `floor` errors are drawn,
    none smaller than that. An arm whose runs all diverged is a cross on the axis.
    """
    arms = drawing.arms(place.dataset, place.facet)
    lost = [(runs["status"] == "diverged").all() for *_, runs in arms]
    for (_, look, _), cross in zip(arms, lost, strict=True):
        if cross:
            across = panel.get_xaxis_transform()
            panel.plot(0.5, 0, "x", color=look.colour, ms=6, transform=across, clip_on=False)
    arms = [arm for arm, cross in zip(arms, lost, strict=True) if not cross]
    accuracies = [drawing.frames.epochs(runs["run_id"], "test_accuracy") for *_, runs in arms]
    curves = [100 * values for values in accuracies]
    percent = len({values.shape[1] for values in curves if values.size}) > 1
    ends = {}
    for number, ((arm, look, _), values) in enumerate(zip(arms, curves, strict=True)):
        if values.size:
            unit = 100 / (values.shape[1] - 1) if percent else 1
            scale = number / len(arms), unit
            shown = _curve(drawing, panel, values, look, scale, floor, place.dataset)
            seen.setdefault(place.dataset, []).extend(shown)
            ends[arm] = values[:, -1].mean()
    return ends, percent


def _curve(
    drawing: Drawing,
    panel: Axes,
    values: np.ndarray,
    look: Look,
    scale: tuple[float, float],
    floor: float | None,
    dataset: str,
) -> list[float]:
    """Draw one arm, (seeds, epochs); return the values that must be seen.

    `scale` is the share of an interval by which its marks are shifted, and the width of an epoch.
    """
    offset, unit = scale
    if floor:
        values = np.maximum(100 - values, floor)
    faint = thin_measured(values, MOST_FAINT_POINTS)
    some = values[:MOST_FAINT, faint]
    gap = np.full((len(some), 1), np.nan)  # all runs as one line with gaps: one path in the file
    x = np.concatenate([np.broadcast_to(unit * faint, some.shape), gap], axis=1).ravel()
    y = np.concatenate([some, gap], axis=1).ravel()
    panel.plot(x, y, color=look.colour, lw=0.4, alpha=FAINT, zorder=1.5)
    epochs = thin_measured(values, MOST_POINTS)
    mean, low, high = drawing.tuning_means(values[:, epochs], dataset)
    if floor:
        low = np.maximum(low, floor)
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


def _describe(drawing: Drawing, panels: int, final: dict[str, Any], errors: bool) -> None:
    few = all(len(runs) <= MOST_FAINT for runs in drawing.seeds.values())
    faint = "" if few else f" of the first {MOST_FAINT} seeds"
    drawing.caption = (
        f"Learning curves: test {drawing.score} after each epoch{drawing.at}. Line: mean over the "
        f"seeds, {drawing.count}; band: {drawing.band}; faint: single runs{faint}. The scale of a "
        "dataset begins at the means at the first epoch measured after the start; what is lower is "
        f"cut off.{drawing.tuning}"
    )
    if errors:
        drawing.caption += (
            f" Of a dataset whose means are all above {ERROR_ABOVE:g} % the error is drawn, "
            "logarithmic; no error is drawn as half a test sample."
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
    asked=f"`compare`, with fewer than {MANY_DATASETS} `datasets`",
)
