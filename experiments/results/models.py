"""The trained network of a run, had back: trained again, alone, and held against its record."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mlp
from experiments.base import UserError, files, store
from experiments.results.curves import read_curves
from experiments.results.reading import ANEW, read_parquet
from experiments.results.scores import Report, report
from experiments.training import (
    PlannedRun,
    planned_runs,
    prepare_folds,
    rows_of_parts,
    scaled,
    scaling,
    split_seed,
    trained,
)


@dataclass(frozen=True)
class Model:
    """A trained network of a sweep, with the parts of the data that it ran on.

    `mean` and `std` are those of the training part, by which features are standardised; empty if
    they are not, or if missing values are filled first (then give `net` prepared samples).
    """

    run_id: str
    spec: Mapping[str, Any]
    net: mlp.Network
    params: mlp.Parameters
    parts: Mapping[str, mlp.Part]
    mean: np.ndarray
    std: np.ndarray
    columns: list[str]
    """What was recorded at each epoch."""
    curves: np.ndarray
    """The records, (epochs + 1, columns), up to the last epoch that counts."""
    sweep: str = ""

    @property
    def raw(self) -> bool:
        """Whether it takes raw samples: no missing values are filled before they are scaled."""
        return bool(len(self.mean)) or not self.spec["standardise"]

    def outputs(self, X: np.ndarray) -> np.ndarray:
        """Return the outputs a^L of raw samples X (N, n_0), which are standardised first.

        Raises UserError if missing values of the data are filled before.
        """
        if not self.raw:
            raise UserError(
                f"run {self.run_id} takes no raw samples, since missing values are filled first: "
                "give the samples of `parts`, which are prepared, to net.forward(params, X)"
            )
        X = np.array(X, dtype=float)
        if len(self.mean):
            X = scaled(X, self.mean, self.std)
        return self.net.forward(self.params, X.astype(self.net.dtype))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class numbers of raw samples X (N, n_0), or the values, in a regression."""
        found = self.outputs(X)
        values = next(iter(self.parts.values())).labels is None
        return found if values else mlp.predict_classes(found)

    def confusion(self, part: str = "test") -> np.ndarray:
        """Return how many samples of each class (row) are taken for each class (column)."""
        mine = self._part(part)
        found = mlp.predict_classes(self.net.forward(self.params, mine.X))
        classes = int(max(mine.labels.max(), found.max())) + 1
        table = np.zeros((classes, classes), dtype=int)
        np.add.at(table, (mine.labels, found), 1)
        return table

    def report(self, part: str = "test") -> Report:
        """Return the scores of a part: of each class, and overall (see :class:`Report`).

        Raises UserError if there is no such part, or if the run predicts values.
        """
        mine = self._part(part)
        outputs = self.net.forward(self.params, mine.X)
        return report(outputs, self.net.activations[-1].name, mine.labels)

    def _part(self, name: str) -> mlp.Part:
        """Return a part that has classes."""
        if name not in self.parts:
            raise UserError(f"there is no part {name!r}; the parts are {', '.join(self.parts)}")
        if self.parts[name].labels is None:
            raise UserError(f"run {self.run_id} predicts values: it has no classes to confuse")
        return self.parts[name]

    def save(self, path: Path) -> None:
        """Write the network to an `.npz` file that `mlp.load` reads, with how it was made."""
        mlp.save(
            path, self.net, self.params, mean=self.mean, std=self.std, run_id=self.run_id,
            spec=dict(self.spec),
        )  # fmt: skip


def model(folder: Path, run_id: str, data: Path) -> Model:
    """Train a run of a finished sweep again, alone, and return its network.

    Raises UserError if the sweep has no such run, if its data are not there, or if what comes out
    is not what was recorded, bit for bit.
    """
    return next(each_model(folder, [run_id], data))


def each_model(folder: Path, run_ids: Collection[str], data: Path) -> Iterator[Model]:
    """Yield the networks of some runs as :func:`model` does, each trained when it is asked for."""
    planned = _planned(folder, run_ids)
    curves = read_curves(folder, run_ids)
    for run_id in run_ids:
        mine = curves[curves["run_id"] == run_id]
        yield _as_recorded(folder, _train(planned[run_id], data), mine)


def _as_recorded(folder: Path, found: Model, kept: pd.DataFrame) -> Model:
    """Return a network. Raises UserError if its curves are not those that were recorded."""
    if len(kept) != len(found.curves):
        raise UserError(
            f"trained again, but nothing was compared: {len(kept)} of {len(found.curves)} epochs "
            f"are stored in {folder / files.CURVES} (epoch 0 is one of them); {ANEW}"
        )
    kept = kept.sort_values("epoch")[found.columns].to_numpy(dtype=float)
    if not np.array_equal(found.curves, kept, equal_nan=True):
        worst = np.nanmax(np.abs(found.curves - kept))
        raise UserError(
            f"trained again, and the recorded numbers differ, by {worst:.3g} at most; "
            f"python -m experiments verify {folder.name} says what is another now"
        )
    return replace(found, sweep=folder.name)


def _train(run: PlannedRun, data: Path) -> Model:
    path = files.data_file(data, run.data)
    try:
        arrays = store.read(path)[1]
    except FileNotFoundError:
        raise UserError(f"there is no {path}; run snakemake again") from None
    folds = prepare_folds([run.spec], arrays, run.classes)
    net, stack, history = trained([run.spec], folds)
    stopped = int(history.stopped_at[0])
    curves = history.curves[0][: stopped + 1] if stopped >= 0 else history.curves[0]
    (parts,) = folds.values()
    mean, std = _statistics(run, arrays)
    params = stack.replica(0).copy()
    return Model(run.run_id, run.spec, net, params, parts, mean, std, history.columns, curves)


def _planned(folder: Path, run_ids: Collection[str]) -> dict[str, PlannedRun]:
    """Return runs of a plan by their ids; the seeds that the results tell shorten the search."""
    table = read_parquet(folder / files.RUNS, ["run_id", "seed"], columns=["run_id", "seed"])
    seeds = {*table.loc[table["run_id"].isin(run_ids), "seed"]}
    plan = folder / files.PLAN
    found = {run.run_id: run for run in planned_runs(plan, seeds)}
    if not {*run_ids} <= found.keys():
        raise UserError(
            f"{plan} does not know the run: the results are of another version of "
            "this project, whose runs have other ids, or of another config; run snakemake again"
        )
    return found


def _statistics(run: PlannedRun, arrays: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of the features over the run's training part."""
    if not run.spec["standardise"] or "impute" in arrays:
        return np.empty(0), np.empty(0)
    seed, share = split_seed(run.spec), run.spec["train_fraction"]
    rows = rows_of_parts(dict(arrays), run.classes, seed, share)
    return scaling(arrays["X"][rows["train"]])
