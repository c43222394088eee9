"""What the explorer knows of a sweep: studies, axes, points of the grid, runs and their curves.

A point is a value of each axis on one dataset. Its runs are there by *unit*, the sample of every
interval: a seed of the tuning, or a split of the confirmation, whose runs count by their mean.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.base import UserError, files
from experiments.results import (
    CURVE_METRICS,
    SPEC_COLUMNS,
    Curves,
    Results,
    curve_columns,
    natural_order,
    read_parquet,
    with_axes,
)
from experiments.schema import Comparison, Config, comparisons, stored_config
from experiments.statistics import best_first, half_width
from experiments.training import updates_in_epoch
from reports.explorer.quantities import Quantity, codes, quantities
from reports.figures import COLOURS, DASHES, Look, looks

METRICS = CURVE_METRICS
MOST_EPOCHS = 17
"""The most epochs at which accuracy and cost are drawn; those of a longer curve are thinned."""
MOST_OTHERS = 7
"""The most epochs of the other quantities."""
FEW_OTHERS = 5
"""The same of confirming runs, of which there are many."""
MANY_UNITS, MOST_OF_MANY = 40, (7, 2)
"""Of more units than that, so many epochs are drawn of accuracy and cost, and of the others."""
OF_THE_RUN = ("seed", "split")
"""The columns of a spec in which the runs of a point differ."""
OF_A_POINT = (
    "run_id", "unit", "index", "status", "diverged_at", "dataset", "update", "train_fraction",
    "batch_size", "defects",
)  # fmt: skip
"""The columns that a point is made from, besides its metrics and its own settings."""
OUTCOME = ("test_accuracy", "test_cost")
"""What is known of each confirming run by itself."""


class Source(NamedTuple):
    """What the studies are read from."""

    curves: Curves
    quantities: list[Quantity]
    config: Config | None
    results: Results | None
    sizes: dict[str, int]
    """The training samples of the datasets that were asked for."""

    @property
    def level(self) -> float:
        """The level of the intervals: that of the report, if its config is known."""
        return 1 - self.config.statistics.level if self.config else 0.95


def studies(results: Path) -> list[dict[str, Any]]:
    """Return what the page knows of each study: axes, their values' looks, and its runs.

    The runs are by stage: "confirm", on which the verdicts rest, if there are any, and "tune".
    """
    runs = with_axes(read_parquet(results / files.RUNS, ["run_id", "labels", "stage"]))
    source = _source(results)
    return [_study(str(name), rows, source) for name, rows in runs.groupby("study", sort=False)]


def offered(results: Path) -> list[Quantity]:
    """Return the quantities that the curves of a sweep have."""
    return quantities(n for n in curve_columns(results) if n not in ("run_id", "epoch"))


def _source(results: Path) -> Source:
    there = offered(results)
    try:
        config = stored_config(results)
    except UserError:
        config = None
    curves = Curves(results, [quantity.name for quantity in there])
    return Source(curves, there, config, Results(results, config) if config else None, {})


def _study(name: str, runs: pd.DataFrame, source: Source) -> dict[str, Any]:
    tuning, config = runs[runs["stage"] == "tune"], source.config
    there = runs[runs["run_id"] != ""]  # a cell without runs has no value of the tuned axis
    columns = [c for c in runs if c.startswith("axis_") and there[c].notna().all()]
    axes = [column.removeprefix("axis_") for column in columns]
    values = [natural_order(runs[column].dropna().unique()) for column in columns]
    study = config.studies.get(name) if config else None
    tune = study.tune if study else None
    compared = [a for a in (study.compared if study else []) if a in axes]
    own_axes = [c for c in comparisons(config) if c.study == name] if config else []
    chapters = {c.axis: f"chapter-{c.name}" for c in own_axes}
    same, own = _settings(runs)
    ranks = _ranked(tuning, ["dataset", *columns], f"axis_{tune}" if tune else None)
    stages = {}
    for stage in ("confirm", "tune"):
        mine = runs[(runs["stage"] == stage) & ((runs["run_id"] != "") | (stage == "tune"))]
        if len(mine):
            stages[stage] = _stage(mine, columns, values, source, (ranks, own))
    return {
        "name": name,
        "title": (study.title if study else "") or name,
        "question": study.question if study else "",
        "datasets": runs["dataset"].unique().tolist(),
        "compared": compared,
        "chapters": {axis: chapters[axis] for axis in compared if axis in chapters},
        "tune": tune if tune in axes else None,
        "axes": [
            {"name": axis, "values": labels, "looks": _drawn_looks(config, name, axis, labels)}
            for axis, labels in zip(axes, values, strict=True)
        ],
        "level": _number(100 * source.level),
        "settings": same,
        "stages": stages,
    }


def _settings(runs: pd.DataFrame) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that all runs share, and the names of those that they do not."""
    known = [c for c in SPEC_COLUMNS if c in runs and c not in (*OF_THE_RUN, "dataset")]
    same = [c for c in known if runs[c].nunique(dropna=False) == 1]
    return {c: _plain(runs[c].iloc[0]) for c in same}, [c for c in known if c not in same]


def _plain(value: Any) -> Any:
    """Return a value of a table as JSON can hold it."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if pd.isna(value) else _number(value) if isinstance(value, float) else value


def _drawn_looks(config: Config | None, study: str, axis: str, labels: list[str]) -> list[list]:
    """Return colour and dashes of each value: those of the report's figures."""
    found: dict[str, Look] = {}
    if config and study in config.studies and axis in config.studies[study].grid:
        found = looks(config, Comparison(study, axis, "", "", (), (), None, (), None))
    drawn = []
    for index, label in enumerate(labels):
        plain = Look(COLOURS[index % len(COLOURS)], "o", DASHES[index % len(DASHES)])
        look = found.get(label, plain)
        dash = "" if look.dash == "-" else " ".join(f"{2 * length:g}" for length in look.dash[1])
        drawn.append([look.colour, dash])
    return drawn


def _stage(
    runs: pd.DataFrame,
    columns: list[str],
    values: list[list[str]],
    source: Source,
    known: tuple[dict[tuple, int], list[str]],
) -> dict[str, Any]:
    """Return the runs of a stage, point by point, and by dataset the half widths of intervals.

    `known` are the ranks of the points and the settings in which they differ.
    """
    confirming = bool((runs["stage"] == "confirm").all())
    runs = runs.assign(unit=runs["split_index"] if confirming else runs["seed"])
    (ranks, own), points = known, []
    lists = {c: runs[c].tolist() for c in (*OF_A_POINT, *METRICS, *own) if c in runs}
    for key, rows in runs.groupby(["dataset", *columns], sort=False).indices.items():
        table = {c: [column[row] for row in rows] for c, column in lists.items()}
        place = {
            "dataset": key[0],
            "at": [labels.index(v) for labels, v in zip(values, key[1:], strict=True)],
            "rank": ranks.get(key),
            "updates": _updates(table, source),
            "settings": {c: _plain(table[c][0]) for c in own},
        }
        of_runs = {"runs": _runs(table, confirming)}
        points.append(place | _curves(table, source, confirming) | of_runs)
    most = max((len(point["units"]) for point in points), default=0)
    return {
        "splits": confirming,
        "half": _half_widths(most, runs, source, confirming),
        "points": points,
    }


def _half_widths(
    most: int, runs: pd.DataFrame, source: Source, confirming: bool
) -> dict[str, list[float | None]]:
    """Return by dataset the half widths of t-intervals of 0, 1, ... units whose spread is 1.

    Level and overlap are those of the report (`Results.interval`).
    """
    overlap = (source.results.overlap(runs) if source.results and not confirming else None) or {}
    found = {}
    for dataset in runs["dataset"].unique():
        widths = half_width(np.arange(most + 1), 1.0, source.level, overlap.get(dataset, 0.0))
        found[dataset] = [None if np.isnan(w) else round(float(w), 9) for w in widths]
    return found


def _updates(table: Mapping[str, list], source: Source) -> int | None:
    """Return the updates of an epoch, None if the size of the dataset is not known."""
    if source.results is None:
        return None
    first = {name: column[0] for name, column in table.items()}
    if first["dataset"] not in source.sizes:
        source.sizes[first["dataset"]] = source.results.samples(first["dataset"])["train"]
    return updates_in_epoch(first, source.sizes[first["dataset"]])


def _curves(table: Mapping[str, list], source: Source, confirming: bool) -> dict[str, Any]:
    """Return the curves of the units of a point, and the epoch of the first divergence.

    `epochs` are those of accuracy and cost, and those of the others. A run that stopped early keeps
    its last value. A quantity without any value is left out.
    """
    ran = [i for i, run in enumerate(table["run_id"]) if run in source.curves]
    if not ran:
        return {"units": [], "epochs": [[], []], "lost": None, "curves": {}}
    runs, units = [table["run_id"][i] for i in ran], np.array([table["unit"][i] for i in ran], int)
    longest, curves = runs[int(source.curves.lengths(runs).argmax())], {}
    measured = source.curves.measured(longest)
    most = (MOST_EPOCHS, FEW_OTHERS if confirming else MOST_OTHERS)
    most = MOST_OF_MANY if len(np.unique(units)) > MANY_UNITS else most
    epochs = [_thinned(measured, each) for each in most]
    for grid, main in zip(epochs, (True, False), strict=True):
        mine = [each for each in source.quantities if (each.name in METRICS) == main]
        stacks = source.curves.stacked(runs, [each.name for each in mine], grid)
        for (name, _, share), stack in zip(mine, stacks, strict=True):
            values = _means(stack, units) if confirming else stack
            finite = np.isfinite(values)
            if finite.any():
                places = share and bool(np.abs(values[finite]).max() <= 1)
                curves[name] = [int(places), codes(values, places)]
    lost = [int(table["diverged_at"][i]) for i in ran if table["status"][i] == "diverged"]
    return {
        "units": sorted({*units.tolist()}) if confirming else units.tolist(),
        "epochs": [grid.tolist() for grid in epochs],
        "lost": min(lost, default=None),
        "curves": curves,
    }


def _means(values: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the means of the runs of each unit, (units, epochs), the units in order."""
    order = np.argsort(units, kind="stable")
    _, starts, counts = np.unique(units[order], return_index=True, return_counts=True)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.add.reduceat(values[order], starts, axis=0) / counts[:, None]


def _thinned(epochs: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many of some epochs, evenly spread, with the first and the last.

    >>> _thinned(np.arange(31), 9).tolist(), _thinned(np.arange(4), 9).tolist()
    ([0, 4, 8, 12, 16, 20, 24, 28, 30], [0, 1, 2, 3])
    """
    last = len(epochs) - 1
    step = max(1, -(-last // (most - 1)))
    return epochs[np.unique(np.r_[np.arange(0, last, step), last])]


def _runs(table: Mapping[str, list], confirming: bool) -> dict[str, list]:
    """Return the runs of a point, column by column."""
    found = {name: table[name] for name in ("run_id", "unit", "status")}
    if confirming:
        found["index"] = [int(index) for index in table["index"]]
    metrics = OUTCOME if confirming else METRICS
    return found | {name: [_number(value) for value in table[name]] for name in metrics}


def _number(value: float) -> float | None:
    """Return a number with four digits, as JSON can hold it.

    >>> _number(0.123456), _number(1.0), _number(float("inf"))
    (0.1235, 1, None)
    """
    if not np.isfinite(value):
        return None
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def _ranked(runs: pd.DataFrame, keys: list[str], tuned: str | None) -> dict[tuple, int]:
    """Return the rank of each point that has runs, 0 for the best, as the report chooses."""
    ran = runs[runs["validation_accuracy"].notna()]
    ran = ran.assign(validation_cost=ran["validation_cost"].fillna(np.inf))
    grouped = ran.groupby(keys, sort=False)[["validation_accuracy", "validation_cost"]]
    means = grouped.mean().reset_index()
    order = natural_order(means[tuned].unique()) if tuned in keys else []
    means["tuned"] = means[tuned].map(order.index) if order else 0
    chosen = best_first(means)[keys].itertuples(index=False, name=None)
    return {key: rank for rank, key in enumerate(chosen)}
