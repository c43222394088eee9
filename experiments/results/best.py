"""The best run of a study on a dataset, chosen by validation alone."""

import json
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from experiments.base import UserError, files
from experiments.results.reading import read_parquet
from experiments.statistics import DECIMALS

COLUMNS = ["run_id", "study", "stage", "dataset", "status", "seed", "labels",
           "validation_accuracy", "validation_cost"]  # fmt: skip


class Best(NamedTuple):
    """A run and why it was chosen."""

    run_id: str
    reason: str


def best_run(folder: Path, study: str, dataset: str) -> Best:
    """Return the run of a study on a dataset that did best on the validation part.

    First the arm, with its tuned value, that has the highest mean validation accuracy (R² for
    values) over the tuning runs, at a tie the lower mean cost; an arm with a run that diverged or
    is missing does not count. Then its run with the highest validation accuracy, at a tie the
    lower cost, then the smaller seed. The test part is not looked at. Raises UserError if there
    is no such study, dataset or arm.
    """
    runs = read_parquet(folder / files.RUNS, COLUMNS, columns=COLUMNS)
    runs = _only(runs, "study", study, f"sweep {folder.name}")
    runs = _only(runs, "dataset", dataset, f"study {study}")
    runs = runs[runs["stage"] == "tune"]
    runs = runs[(runs["status"] == "ok").groupby(runs["labels"]).transform("all")]
    if runs.empty:
        raise UserError(f"each arm of {study} on {dataset} has a run that diverged or is missing")
    arms = runs.groupby("labels", sort=False)[["validation_accuracy", "validation_cost"]].mean()
    labels = _first(arms.reset_index())["labels"]
    mine = runs[runs["labels"] == labels]
    chosen = _first(mine.sort_values("seed"))
    arm = ", ".join(f"{axis} {value}" for axis, value in json.loads(labels).items())
    return Best(
        chosen["run_id"],
        f"best arm of {study} on {dataset}: {arm}, mean validation accuracy "
        f"{arms.loc[labels, 'validation_accuracy']:.4f} of {len(mine)} tuning runs; its best run "
        f"there: {chosen['run_id']}, seed {chosen['seed']}, {chosen['validation_accuracy']:.4f}",
    )


def _only(runs: pd.DataFrame, column: str, value: str, where: str) -> pd.DataFrame:
    """Return the runs with a value in a column. Raises UserError if there is none."""
    found = runs[runs[column] == value]
    if found.empty:
        there = ", ".join(map(str, runs[column].unique()))
        raise UserError(f"there is no {column} {value!r} in the {where}, which has {there}")
    return found


def _first(table: pd.DataFrame) -> pd.Series:
    """Return the row of the highest validation accuracy, at a tie that of the lowest cost."""
    order = table.assign(down=-table["validation_accuracy"].round(DECIMALS))
    return order.sort_values(["down", "validation_cost"], kind="stable").iloc[0]
