"""Accuracy by arm: the test accuracy after the last epoch, with its interval over the splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.base import counted
from reports.figures.panels import (
    TITLE,
    WIDTH,
    few_ticks,
    fitting,
    limits,
    set_title,
    summary,
    ticks_at,
)
from reports.figures.sheets import Kind, dealt_out, place_name, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

MOST_LEFT = 2.4  # inches, for the names of the arms


def draw(drawing: Drawing) -> None:
    """Draw the final test accuracy of each arm: dot and interval, single splits faint."""
    arms, sheet = list(drawing.looks), drawing.sheet
    names = max(len(short(facet)) for facet in sheet.facets)
    left = min(MOST_LEFT, 0.15 + max(0.066 * max(map(len, arms)), 0.076 * names))
    panels = drawing.panels(
        len(sheet.facets),
        len(sheet.datasets),
        0.12 + 0.17 * len(arms),
        left,
        (0.34, 0.2),
        handles=lambda look: {"ls": "-", "marker": look.marker},
    )
    seen: dict[str, list[float]] = {name: [] for name in sheet.datasets}
    means: dict[str, dict[str, float]] = {}
    for row, facet in enumerate(sheet.facets):
        if facet:
            drawing.figure.text(
                0.04 / WIDTH,
                panels[row, 0].get_position().y1,
                short(facet),
                fontsize=8,
                color=TITLE,
                va="bottom",
            )
        for column, dataset in enumerate(sheet.datasets):
            found = means.setdefault(place_name(dataset, facet), {})
            for arm, look, runs in drawing.evidence(dataset, facet):
                values = 100 * runs.groupby("split")["test_accuracy"].mean().to_numpy(float)
                interval = drawing.means(values[:, None], dataset)[:, 0]
                _draw_arm(panels[row, column], arms.index(arm), values, interval, look)
                found[arm] = float(interval[0])
                seen[dataset] += [*values, *interval[1:]]
    for (row, column), panel in np.ndenumerate(panels):
        if row == 0:
            set_title(panel, sheet.datasets[column])
        panel.set_xlim(*limits(seen[sheet.datasets[column]]))
        few_ticks(panel.xaxis)
        _name_arms(panel, [fitting(arm, left, 0.066) for arm in arms], bool(column))
    height = drawing.figure.get_figheight()
    x = (left + WIDTH) / 2 / WIDTH
    drawing.figure.text(
        x, 0.06 / height, f"test {drawing.score} {drawing.when} (%)", ha="center", fontsize=8
    )
    _describe(drawing, panels.size, means)


def _draw_arm(panel: Axes, row: int, values: np.ndarray, interval: np.ndarray, look) -> None:
    mean, *ends = interval
    spread = np.linspace(-0.26, 0.26, len(values)) if len(values) > 1 else [0]
    _dots(panel, values, row + np.asarray(spread), look.colour)
    if np.isfinite(ends).all():
        panel.plot(ends, [row, row], color=look.colour, lw=2, zorder=2.4)
    panel.plot(
        mean, row, marker=look.marker, ms=5.5, color=look.colour, mec="white", mew=0.7, zorder=2.6
    )


def _dots(panel: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    """Draw small dots as one line with gaps: strokes of no length with round ends."""
    nothing = np.full(len(x), np.nan)
    panel.plot(
        np.stack([x, x, nothing], 1).ravel(),
        np.stack([y, y + 1e-4, nothing], 1).ravel(),
        color=colour,
        lw=2.4,
        alpha=0.4,
        zorder=2,
        solid_capstyle="round",
    )


def _name_arms(panel: Axes, names: list[str], hidden: bool) -> None:
    """Name the arms at the left of the first panel of a row."""
    panel.set_ylim(len(names) - 0.5, -0.5)
    ticks_at(panel.yaxis, range(len(names)))
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="y", visible=False)
    panel.set_yticklabels([] if hidden else names)


def _describe(drawing: Drawing, panels: int, means: dict[str, dict[str, float]]) -> None:
    drawing.caption = (
        f"Test {drawing.score} {drawing.when}{drawing.at}. Large mark: mean over the "
        f"{drawing.unit}s ({drawing.basis}); bar: {drawing.band}, not adjusted; small dots: single "
        f"{drawing.unit}s. One scale for each dataset. Bars that overlap decide nothing: the arms "
        f"are compared in pairs, {drawing.unit} by {drawing.unit}."
    )
    drawing.alt = (
        f"Test {drawing.score} of {counted(len(drawing.looks), 'arm')}, a panel for each of "
        f"{counted(panels, 'place')}. Highest and lowest mean: {summary(means)}."
    )


KIND = Kind(
    name="accuracy",
    caption="test accuracy at the epoch that counts by arm, with a t-interval and single splits",
    order=4,
    importance=3,
    section="means",
    wanted=dealt_out,
    draw=draw,
    asked="`compare`",
)
