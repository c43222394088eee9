"""The cells of a study that compares two axes at once: their means, and which are best."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from experiments import statistics
from experiments.results import Results, at_values, confirmed_pairs, on_this_split
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
    """Whether a cell is not shown to be below the best one."""
    runs: tuple[str, ...]

    @property
    def best(self) -> tuple[int, int] | None:
        """Row and column of the best cell; of equal ones the first. None if nothing ran."""
        if np.isnan(self.mean).all():
            return None
        return tuple(int(i) for i in np.unravel_index(np.nanargmax(self.mean), self.mean.shape))


def grids(
    results: Results, comparison: Comparison, other: str, datasets: Collection[str]
) -> Iterator[Grid]:
    """Yield the cells of a comparison's axis and another, for each of some datasets and facet.

    Each cell is at its own best value of the tuned axis. Every cell is tested against the best one:
    the intervals of the cells of a place are simultaneous, or after Holm if the study is not
    confirmed.
    """
    axes = (comparison.axis, other)
    places = [_places(results, comparison.study, axis) for axis in axes]
    shape = tuple(map(len, places))
    joint = replace(
        comparison, facet_axes=tuple(a for a in comparison.facet_axes if a != other), pairs=None
    )
    by_axis = dict(zip(axes, places, strict=True))
    cells, confirming = (
        _joint(results, runs[runs["dataset"].isin(datasets)], by_axis)
        for runs in (results.cells(joint), results.confirming(joint))
    )
    evidence = at_values(cells, confirming)
    for key, runs in evidence.groupby(["dataset", "facet"], sort=False):
        mine = cells[(cells["dataset"] == key[0]) & (cells["facet"] == key[1])]
        yield _grid(results, joint, mine, runs, shape)


def _joint(
    results: Results, runs: pd.DataFrame, places: Mapping[str, Mapping[str, int]]
) -> pd.DataFrame:
    """Return runs whose arm is the row and column of their cell, as text."""
    labels = results.runs.loc[runs.index]
    row, column = (labels[f"axis_{axis}"].map(where).astype(str) for axis, where in places.items())
    return runs.assign(arm=row + "," + column)


def _places(results: Results, study: str, axis: str) -> dict[str, int]:
    return {axis_label(v): i for i, v in enumerate(results.config.studies[study].grid[axis])}


def _grid(
    results: Results,
    comparison: Comparison,
    cells: pd.DataFrame,
    evidence: pd.DataFrame,
    shape: tuple[int, int],
) -> Grid:
    arms = [f"{i},{j}" for i, j in np.ndindex(shape)]
    ran = evidence[evidence["status"] != "skipped"]
    mean, half = np.full((2, len(arms)), np.nan)
    for arm, runs in ran.groupby("arm"):
        values = 100 * runs.groupby("split")["test_accuracy"].mean()
        index = arms.index(arm)
        interval = statistics.t_interval(
            values, **results.interval(comparison, runs["dataset"].iloc[0])
        )
        mean[index], half[index] = interval.mean, (interval.high - interval.low) / 2
    tied = np.zeros(len(arms), dtype=bool)
    if len(ran):
        best = arms[int(np.nanargmax(mean))]
        tied = np.isin(arms, list(_not_below(results, comparison, cells, ran, best)))
    grid = [each.reshape(shape) for each in (mean, half, tied)]
    return Grid(*cells[["dataset", "facet"]].iloc[0], *grid, tuple(ran["run_id"]))


def _not_below(
    results: Results, comparison: Comparison, cells: pd.DataFrame, ran: pd.DataFrame, best: str
) -> Iterator[str]:
    """Yield the cells that are not shown to be below the best one, itself among them."""
    yield best
    pairs = [(best, other) for other in ran["arm"].unique() if other != best]
    if not pairs:
        return
    level = results.config.statistics.level
    if results.confirmed(comparison):
        table = confirmed_pairs(results, ran, pairs, level, "primary")
    else:
        mine = cells[cells["arm"].isin(ran["arm"])]
        table = on_this_split(results, comparison, mine, pairs)
    for row in table.to_dict("records"):
        if not (statistics.Kind(row["verdict_kind"]).differs and row["difference"] > 0):
            yield row["b"]
