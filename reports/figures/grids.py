"""The cells of a study that compares two axes at once: their means, and which are best."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments import statistics
from experiments.results import Results, paired_tests
from experiments.schema import Comparison, axis_label

Array = np.ndarray


@dataclass(frozen=True)
class Grid:
    """The cells of two axes in one place; arrays are (rows, columns), NaN if nothing ran."""

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
        """Row and column of the best cell; of equal ones the first. None if nothing ran."""
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
    for _, group in cells.groupby(["dataset", "facet"], sort=False):
        yield _grid(results, joint, group, shape, interval)


def _places(results: Results, study: str, axis: str) -> dict[str, int]:
    return {axis_label(v): i for i, v in enumerate(results.config.studies[study].grid[axis])}


def _grid(
    results: Results,
    comparison: Comparison,
    cells: pd.DataFrame,
    shape: tuple[int, int],
    interval: dict,
) -> Grid:
    arms = [f"{i},{j}" for i, j in np.ndindex(shape)]
    chosen = results.at_chosen_step(cells)
    chosen = chosen[chosen["status"] != "skipped"]
    mean, half = np.full((2, len(arms)), np.nan)
    for arm, runs in chosen.groupby("arm"):
        index = arms.index(arm)
        mean[index], low, high = statistics.t_interval(100 * runs["test_accuracy"], **interval)
        half[index] = (high - low) / 2
    tied = _tied(results, comparison, cells, arms, mean)
    grid = [each.reshape(shape) for each in (mean, half, tied)]
    return Grid(*cells[["dataset", "facet"]].iloc[0], *grid, tuple(chosen["run_id"]))


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
