"""What the explorer knows of a sweep: studies, axes, points of the grid, runs and their curves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import UserError, files
from experiments.results import CURVE_METRICS, Curves, natural_order, read_parquet, with_axes
from experiments.schema import Comparison, Config, stored_config
from experiments.statistics import best_first
from reports.figures import COLOURS, DASHES, Look, looks

METRICS = CURVE_METRICS
MOST_EPOCHS = 41
"""The most epochs at which a curve is drawn; those of a longer one are evenly spread."""


def _quartiles(curves: Curves, runs: list[str]) -> tuple[list[int], list[list[list]]]:
    """Return epochs and, for each metric, median, first and third quartile over the runs.

    A run that stopped early keeps its last value; a cost that is not finite is the highest.
    """
    found = [run for run in runs if run in curves]
    if not found:
        return [], [[[], [], []] for _ in METRICS]
    longest = curves.lengths(found).max()
    epochs = np.unique(np.linspace(0, longest - 1, MOST_EPOCHS).round().astype(int))
    stack = np.stack(curves.stacked(found, METRICS, epochs), axis=-1)
    stack = np.where(np.isnan(stack), np.inf, stack)
    with np.errstate(invalid="ignore"):
        cuts = np.quantile(stack, [0.5, 0.25, 0.75], axis=0)
    lists = [[_numbers(cut[:, m]) for cut in cuts] for m in range(len(METRICS))]
    return epochs.tolist(), lists


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    """Return a number with four digits, as JSON can hold it.

    >>> _number(0.123456), _number(1.0), _number(float("inf"))
    (0.1235, 1, None)
    """
    if not np.isfinite(value):
        return None
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def studies(results: Path) -> list[dict[str, Any]]:
    """Return what the page knows of each study: axes, their values' looks, points and runs.

    A study that is confirmed is there twice, its tuning runs and its confirming runs by themselves.
    """
    runs = with_axes(read_parquet(results / files.RUNS, ["run_id", "labels", "stage"]))
    curves, config = Curves(results, METRICS), _config(results)
    found = []
    for name, rows in runs.groupby("study", sort=False):
        tuning = rows[rows["stage"] == "tune"]
        for stage, mine in rows.groupby("stage", sort=False):
            study = _study(str(name), mine, tuning, curves, config)
            words = STAGES[str(stage)] if len(mine) < len(rows) else ""
            own = study["name"] + (words if stage == "confirm" else "")
            found.append(study | {"name": own, "title": study["title"] + words})
    return found


STAGES = {"tune": " (tuning runs)", "confirm": " (confirming runs)"}


def _config(results: Path) -> Config | None:
    """Return the config that the results were made from, if it is known."""
    try:
        return stored_config(results)
    except UserError:
        return None


def _study(
    name: str, runs: pd.DataFrame, tuning: pd.DataFrame, curves: Curves, config: Config | None
) -> dict:
    runs = runs[runs["run_id"] != ""] if (runs["stage"] == "confirm").all() else runs
    columns = [c for c in runs if c.startswith("axis_") and runs[c].notna().all()]
    axes = [column.removeprefix("axis_") for column in columns]
    values = [natural_order(runs[column].unique()) for column in columns]
    study = config.studies.get(name) if config else None
    tune = study.tune if study else None
    return {
        "name": name,
        "title": (study.title if study else "") or name,
        "question": study.question if study else "",
        "datasets": runs["dataset"].unique().tolist(),
        "compared": [a for a in (study.compared if study else []) if a in axes],
        "tune": study.tune if study and study.tune in axes else None,
        "axes": [
            {"name": axis, "values": labels, "looks": _drawn_looks(config, name, axis, labels)}
            for axis, labels in zip(axes, values, strict=True)
        ],
        "points": list(_grid_points(runs, tuning, columns, values, curves, tune)),
    }


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


def _grid_points(
    runs: pd.DataFrame,
    tuning: pd.DataFrame,
    columns: list[str],
    values: list[list[str]],
    curves: Curves,
    tune: str | None,
) -> Iterator[dict]:
    """Yield each point of the grid on each dataset: its runs, and their quartiles by epoch.

    The best point is the one that the tuning runs chose.
    """
    keys = ["dataset", *columns]
    ranks = _ranked(tuning, keys, f"axis_{tune}" if tune else None)
    table = _table(runs)
    for key, rows in runs.reset_index().groupby(keys, sort=False)["run_id"]:
        epochs, quartiles = _quartiles(curves, rows.tolist())
        yield {
            "dataset": key[0],
            "at": [labels.index(v) for labels, v in zip(values, key[1:], strict=True)],
            "rank": ranks.get(key),
            "epochs": epochs,
            "curves": quartiles,
            "runs": [table[place] for place in rows.index],
        }


def _table(runs: pd.DataFrame) -> list[list]:
    """Return the rows of the page's table of runs: name, seed, status and metrics of each."""
    columns = [runs[name].tolist() for name in ("run_id", "seed", "status")]
    columns += [_numbers(runs[metric].to_numpy()) for metric in METRICS]
    return [list(row) for row in zip(*columns, strict=True)]


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
