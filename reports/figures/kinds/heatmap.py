"""Heat map: the mean test accuracy over the two axes that a study compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from experiments.base import counted
from experiments.schema import Comparison, Config, axis_label
from reports.figures.panels import WIDTH, empty, fitting, name_axes, set_title
from reports.figures.sheets import (
    MOST_FACETS,
    Block,
    Kind,
    blocks,
    facets,
    place_name,
    quantity,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize

    from reports.figures.drawing import Drawing
    from reports.figures.grids import Grid

MAP = "cividis"
"""Perceptually uniform, and the same to all common kinds of colour vision."""
MOST_LABEL = 2.0  # inches, for the names of the rows
GAPS = (0.55, 0.16)  # inches between rows and columns of panels


def second_axis(config: Config, comparison: Comparison) -> str | None:
    """Return the axis that a comparison's heat map has next to its own; None without a map.

    The map belongs to the first axis of a study that compares just two.
    """
    compared = config.studies[comparison.study].compared
    return compared[1] if len(compared) == 2 and comparison.axis == compared[0] else None


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figures show; none if the study does not compare two axes."""
    other = second_axis(config, comparison)
    if other is None:
        return []
    rest = tuple(axis for axis in comparison.facet_axes if axis != other)
    places = facets(config, replace(comparison, facet_axes=rest))
    datasets = config.studies[comparison.study].datasets
    return list(product(blocks(datasets, 3), blocks(places, MOST_FACETS)))


def draw(drawing: Drawing) -> None:
    """Draw the mean accuracy over two axes: a number in each cell, frames around the best."""
    from matplotlib.colors import Normalize

    sheet = drawing.sheet
    axes = (drawing.comparison.axis, second_axis(drawing.frames.config, drawing.comparison))
    found, labels = _grids(drawing, axes[1]), _labels(drawing, axes)
    panels = _panels(drawing, [fitting(label, MOST_LABEL, 0.07) for label in labels[0]])
    said = []
    for (row, facet), (column, dataset) in product(
        enumerate(sheet.facets), enumerate(sheet.datasets)
    ):
        panel, grid = panels[row, column], found.get((dataset, facet))
        set_title(panel, place_name(dataset, facet))
        if grid is None or grid.best is None:
            empty(panel)
            continue
        same = [each.mean for (name, _), each in found.items() if name == dataset]
        _cells(panel, grid, Normalize(np.nanmin(same), np.nanmax(same)))
        width = panel.get_position().width * WIDTH / len(labels[1])
        panel.set_xticks(range(len(labels[1])), [fitting(text, width) for text in labels[1]])
        rows = [fitting(text, MOST_LABEL, 0.07) for text in labels[0]]
        panel.set_yticks(range(len(rows)), rows if column == 0 else [])
        drawing.runs |= set(grid.runs)
        said.append(f"{place_name(dataset, facet)}: {_best(grid, axes, labels)}")
    name_axes(drawing, panels, *(quantity(axis) for axis in reversed(axes)))
    _describe(drawing, axes, labels, panels.size, said)


def _grids(drawing: Drawing, other: str) -> dict[tuple[str, str], Grid]:
    """Return the cells of each dataset and facet of the figure."""
    from reports.figures.grids import grids

    sheet = drawing.sheet
    return {
        (grid.dataset, grid.facet): grid
        for grid in grids(drawing.frames.results, drawing.comparison, other, sheet.datasets)
        if grid.facet in sheet.facets
    }


def _labels(drawing: Drawing, axes: Sequence[str]) -> list[list[str]]:
    grid = drawing.frames.config.studies[drawing.comparison.study].grid
    return [[axis_label(value) for value in grid[axis]] for axis in axes]


def _best(grid: Grid, axes: Sequence[str], labels: Sequence[Sequence[str]]) -> str:
    """Name the best cell, and say how many others are not below it."""
    at = ", ".join(
        f"{quantity(axis)} {names[i]}"
        for axis, names, i in zip(axes, labels, grid.best, strict=True)
    )
    return (
        f"best {grid.mean[grid.best]:.1f} % at {at}, "
        f"{grid.tied.sum() - 1} of {np.isfinite(grid.mean).sum() - 1} others not shown to be below"
    )


def _panels(drawing: Drawing, names: Sequence[str]) -> np.ndarray:
    """Lay out panels of cells, facets below one another and datasets side by side."""
    shape = len(drawing.sheet.facets), len(drawing.sheet.datasets)
    top, bottom, height = 0.3, 0.5, 0.36 * len(names)
    left = 0.42 + 0.07 * max(map(len, names))
    total = top + shape[0] * (height + GAPS[0]) - GAPS[0] + bottom
    width = (WIDTH - left - 0.1 - (shape[1] - 1) * GAPS[1]) / shape[1]
    width = min(width, 4.4)
    drawing.figure.set_size_inches(WIDTH, total)
    panels = np.empty(shape, dtype=object)
    for row, column in np.ndindex(shape):
        x, y = left + column * (width + GAPS[1]), total - top - height - row * (height + GAPS[0])
        box = (x / WIDTH, y / total, width / WIDTH, height / total)
        panels[row, column] = drawing.figure.add_axes(box)
    return panels


def _cells(panel: Axes, grid: Grid, scale: Normalize) -> None:
    """Draw the cells with their numbers; frames mark the best and those not shown to be below."""
    panel.imshow(grid.mean, cmap=MAP, norm=scale, aspect="auto")
    panel.grid(False)
    for at in range(1, grid.mean.shape[0]):
        panel.axhline(at - 0.5, color="white", lw=1.5)
    for at in range(1, grid.mean.shape[1]):
        panel.axvline(at - 0.5, color="white", lw=1.5)
    panel.tick_params(length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)
    for (row, column), value in np.ndenumerate(grid.mean):
        if np.isnan(value):
            panel.text(column, row, "–", ha="center", va="center")
            continue
        ink, half = _ink(scale(value)), grid.half[row, column]
        text = f"{value:.1f}" + (f"\n±{half:.1f}" if not np.isnan(half) else "")
        panel.text(
            column, row, text, ha="center", va="center", color=ink, fontsize=7.5, linespacing=1.15
        )
        if grid.tied[row, column]:
            _frame(panel, (row, column), ink, best=(row, column) == grid.best)


def _frame(panel: Axes, cell: tuple[int, int], ink: str, best: bool) -> None:
    from matplotlib.patches import Rectangle

    row, column = cell
    box = Rectangle(
        (column - 0.44, row - 0.42),
        0.88,
        0.84,
        fill=False,
        ec=ink,
        lw=2.2 if best else 0.8,
        ls="-" if best else (0, (3, 2)),
    )
    panel.add_patch(box)


def _ink(share: float) -> str:
    """Return black or white, whichever stands out from a colour of the map."""
    from matplotlib import colormaps

    red, green, blue, _ = colormaps[MAP](float(share))
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else "white"


def _describe(
    drawing: Drawing,
    axes: Sequence[str],
    labels: Sequence[Sequence[str]],
    panels: int,
    said: Sequence[str],
) -> None:
    drawing.caption = (
        f"Test {drawing.score} {drawing.when} in per cent by "
        f"{' and '.join(map(quantity, axes))}{drawing.at}: "
        f"mean over the {drawing.unit}s ({drawing.basis}) ± half the {drawing.band}. Thick frame: "
        "the highest mean; dashed frames: cells that are not shown to be below it (tests paired by "
        f"{drawing.unit}, adjusted over the cells), which is not to be equal. Each dataset has its "
        "own colours, from its "
        "lowest mean (dark) to its highest (light)."
    )
    drawing.alt = (
        f"Heat maps of the mean test {drawing.score} in {counted(panels, 'panel')}, "
        f"{len(labels[0])} by {len(labels[1])} cells each. {'; '.join(said)}."
    )


KIND = Kind(
    name="heatmap",
    caption="mean test accuracy over two axes, with frames around the best cell and those not "
    "shown to be below it",
    order=1,
    importance=1,
    section="means",
    wanted=wanted,
    draw=draw,
    asked="`compare` with two axes",
)
