"""The cells of a study that compares two axes at once: their means, and which are best."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from experiments import statistics
from experiments.comparisons import Comparison
from experiments.results import Results
from experiments.schema import axis_label
from experiments.tables import paired_tests

MAP = "cividis"
"""Perceptually uniform, and the same to all common kinds of colour vision."""

Array = np.ndarray


@dataclass(frozen=True)
class Grid:
    """The cells of two axes in one place; arrays are (rows, columns), NaN where nothing ran."""

    dataset: str
    facet: str
    mean: Array
    half: Array
    """Half the t-interval, in points as the means."""
    tied: Array
    """Where a cell is not significantly below the best one."""
    runs: tuple[str, ...]

    @property
    def best(self) -> tuple[int, int] | None:
        """The place of the best cell; of equal ones the first. None where nothing ran."""
        if np.isnan(self.mean).all():
            return None
        return tuple(int(i) for i in np.unravel_index(np.nanargmax(self.mean), self.mean.shape))


def grids(results: Results, comparison: Comparison, other: str, interval: dict) -> Iterator[Grid]:
    """Yield the cells of a comparison's axis and another, for each dataset and facet.

    Each cell is at its own best value of the tuned axis. Every cell is tested against the best
    one, paired by seed and adjusted after Holm over the cells of the place.
    """
    axes = (comparison.axis, other)
    places = [_places(results, comparison.study, axis) for axis in axes]
    shape = tuple(map(len, places))
    joint = replace(
        comparison, facet_axes=tuple(a for a in comparison.facet_axes if a != other), pairs=None
    )
    cells = results.cells(joint)
    labels = results.runs.loc[cells.index]
    row, column = (
        labels[f"axis_{axis}"].map(where).astype(str)
        for axis, where in zip(axes, places, strict=True)
    )
    cells["arm"] = row + "," + column
    arms = [f"{i},{j}" for i, j in np.ndindex(shape)]
    for (dataset, facet), group in cells.groupby(["dataset", "facet"], sort=False):
        yield _grid(results, joint, group, dataset, facet, arms, shape, interval)


def _places(results: Results, study: str, axis: str) -> dict[str, int]:
    return {axis_label(v): i for i, v in enumerate(results.config.studies[study].grid[axis])}


def _grid(
    results: Results,
    comparison: Comparison,
    cells: pd.DataFrame,
    dataset: str,
    facet: str,
    arms: list[str],
    shape: tuple[int, int],
    interval: dict,
) -> Grid:
    chosen = results.at_chosen_step(cells)
    chosen = chosen[chosen["status"] != "skipped"]
    mean, half = np.full((2, len(arms)), np.nan)
    for arm, runs in chosen.groupby("arm"):
        place = arms.index(arm)
        mean[place], low, high = statistics.t_interval(100 * runs["test_accuracy"], **interval)
        half[place] = (high - low) / 2
    tied = _tied(results, comparison, cells, arms, mean)
    grid = [each.reshape(shape) for each in (mean, half, tied)]
    return Grid(dataset, facet, *grid, tuple(chosen["run_id"]))


def _tied(
    results: Results, comparison: Comparison, cells: pd.DataFrame, arms: list[str], mean: Array
) -> Array:
    """Return which cells are not significantly below the best one, itself among them."""
    ran = np.flatnonzero(~np.isnan(mean))
    tied = np.zeros(len(arms), dtype=bool)
    if not len(ran):
        return tied
    best = arms[ran[np.argmax(mean[ran])]]
    others = [arms[i] for i in ran if arms[i] != best]
    tied[arms.index(best)] = True
    if others:
        against = replace(comparison, pairs=tuple((best, other) for other in others))
        table = paired_tests(results, against, cells[cells["arm"].isin([best, *others])])
        differs = [statistics.Kind(kind).differs for kind in table["verdict_kind"]]
        below = np.array(differs) & (table["difference"] > 0)
        tied[[arms.index(arm) for arm in table.loc[~below, "b"]]] = True
    return tied


def draw_cells(panel: Axes, grid: Grid, scale: Normalize) -> None:
    """Draw the cells with their numbers; frames mark the best (thick) and its equals (thin)."""
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
        ink = _ink(scale(value))
        half = grid.half[row, column]
        text = f"{value:.1f}" + (f"\n±{half:.1f}" if not np.isnan(half) else "")
        panel.text(column, row, text, ha="center", va="center", color=ink, fontsize=7.5,
                   linespacing=1.15)  # fmt: skip
        if grid.tied[row, column]:
            best = (row, column) == grid.best
            box = Rectangle(
                (column - 0.44, row - 0.42), 0.88, 0.84, fill=False, ec=ink,
                lw=2.2 if best else 0.8, ls="-" if best else (0, (3, 2)),
            )  # fmt: skip
            panel.add_patch(box)


def _ink(share: float) -> str:
    """Return black or white, whichever stands out from a colour of the map."""
    red, green, blue, _ = colormaps[MAP](float(share))
    return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else "white"
