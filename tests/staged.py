"""Results of made-up sweeps: tuning runs, and confirming ones, with known true accuracies."""

import itertools
import json
from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments import schema
from experiments.results.sweep import Results
from experiments.schema import axis_label

SEEDS, SPLITS, EACH = 10, 20, 5
GRID = {"hidden": ["relu", "tanh", "sigmoid"], "eta": [0.1, 1.0, 3.0]}


def config(datasets=("digits", "iris"), grid=None, compare="hidden", **keys):
    study = {"datasets": list(datasets), "grid": grid or GRID, "compare": compare, "tune": "eta"}
    return schema.validate({"seeds": SEEDS, "studies": {"s": study}, **keys})


def chosen_is(best: dict[str, str]) -> Callable:
    """Return validation accuracies, in per cent, by which each arm chooses the given value."""
    return lambda labels: 90.0 if labels["eta"] == best.get(labels["hidden"], "0.1") else 70.0


def sweep(folder, made, test, validation, *, values=None, spread=0.5, confirming=True, curves=True):
    """Write runs.parquet of a config with one study, `s`, and return its results.

    `test(dataset, labels, stage)` and `validation(labels)` are true accuracies in per cent,
    None for arms that are left out; `values(labels)` are the labels of eta at which a cell is
    confirmed.
    """
    rng = np.random.default_rng(1)
    study, rows = made.studies["s"], []

    def add(dataset, labels, stage, seed, split=None, index=None):
        mean = test(dataset, labels, stage)
        row = {
            "run_id": f"{len(rows):06d}", "study": "s", "dataset": dataset, "seed": seed,
            "status": "skipped" if mean is None else "ok", "stage": stage, "epochs": 1,
            "split": "fixed" if split is None else "drawn", "split_index": split, "index": index,
            "labels": json.dumps(labels), "validation_cost": 1.0,
        }  # fmt: skip
        if mean is None:
            row |= dict.fromkeys(("test_accuracy", "validation_accuracy", "validation_cost"))
        else:
            row["test_accuracy"] = (mean + spread * rng.standard_normal()) / 100
            row["validation_accuracy"] = (validation(labels) + 0.1 * rng.standard_normal()) / 100
        rows.append(row)

    for dataset, *axes in itertools.product(study.datasets, *study.grid.values()):
        labels = dict(zip(study.grid, map(axis_label, axes), strict=True))
        for seed in range(SEEDS):
            add(dataset, labels, "tune", seed)
        if confirming and labels["eta"] in values(labels):
            for split, index in itertools.product(range(SPLITS), range(EACH)):
                add(dataset, labels, "confirm", 1000 + EACH * split + index, split, index)
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows).astype({"split_index": "Int32", "index": "Int32"})
    frame.to_parquet(folder / "runs.parquet")
    if curves:
        epochs = [frame.assign(epoch=epoch) for epoch in (0, 1)]
        pd.concat(epochs)[["run_id", "epoch", "test_accuracy", "validation_accuracy"]].to_parquet(
            folder / "curves.parquet"
        )
    return Results(folder, made)


def with_epochs(results: Results, epochs: int, accuracy: Callable) -> Results:
    """Write the curves of a sweep, and return it with the sizes of its layers.

    `accuracy(runs, epoch)` are the test accuracies of the runs after an epoch.
    """
    runs = results.runs.assign(layers="64-20-10")
    curves = pd.concat(
        runs[["run_id"]].assign(epoch=epoch, test_accuracy=accuracy(runs, epoch))
        for epoch in range(epochs + 1)
    )
    in_order = curves.sort_values(["run_id", "epoch"])
    in_order.to_parquet(results.folder / "curves.parquet", index=False)
    results.__dict__["runs"] = runs  # as if read from a file with this column
    return results
