"""What figures and sentences read of the results: each file once, epochs as arrays."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from experiments import statistics
from experiments.base import files
from experiments.results import (
    Curves,
    Results,
    all_pairs,
    curve_columns,
    intervals,
    over_datasets,
    ranks_table,
)
from experiments.schema import Comparison, options_of
from reports.figures.kinds.mechanics import QUANTITIES
from reports.figures.sheets import facets
from reports.reading import read_json, sound

ROOT = Path(__file__).resolve().parents[2]
ByArm = dict[tuple[str, str, str], pd.DataFrame]
"""Runs by dataset, facet and arm."""
Made = TypeVar("Made")


class Frames:
    """The runs of each comparison: those that tune, with their epochs, and those that count."""

    def __init__(self, results: Results, data: Path = Path("data")) -> None:
        """Read results; `data` is the folder of the data that they came from."""
        self.results, self.config, self.data = results, results.config, data

    def _once(self, what: str, comparison: Comparison, make: Callable[[], Made]) -> Made:
        """Return something of a comparison that is made once for its results."""
        return self.results.once(("frames", what, comparison.name), make)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What the results came from; empty if that was not written."""
        path = self.results.folder / files.PROVENANCE
        return read_json(path) if path.exists() else {}

    def command(self, output: str) -> str:
        """Return the command that makes one of the sweep's files again."""
        folder = self.results.folder.resolve()
        if ".snakemake" in folder.parts:  # a copy of results that are in a storage
            folder = Path(*folder.parts[-2:])
        folder = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
        return f"{self.sweep_command} --force {folder}/{output}"

    @property
    def sweep_command(self) -> str:
        """The command that makes the whole sweep again."""
        return f"snakemake --cores 2 {self.options}"

    @property
    def options(self) -> str:
        """The options that name the sweep: its config file and its changes."""
        folder = self.results.folder
        words = options_of(folder, f"experiments/config/{folder.name}.yaml")
        return shlex.join(word.replace(f"{ROOT}/", "") for word in words)

    def cells(self, comparison: Comparison) -> pd.DataFrame:
        """Return the tuning runs of a comparison as the statistics ask for them."""
        with sound(self.results.folder / files.RUNS):
            return self._once("cells", comparison, lambda: self.results.cells(comparison))

    def chosen(self, comparison: Comparison) -> pd.DataFrame:
        """Return the tuning runs at the chosen steps, without those that never ran."""
        with sound(self.results.folder / files.RUNS):
            runs = self.results.at_chosen_step(comparison)
        return runs[runs["status"] != "skipped"]

    def evidence(self, comparison: Comparison) -> ByArm:
        """Return the runs that the verdicts rest on, of each (dataset, facet, arm) that ran."""

        def by_arm() -> ByArm:
            runs = self.results.evidence(comparison)
            ran = runs[runs["status"] != "skipped"]
            return dict(iter(ran.groupby(["dataset", "facet", "arm"], sort=False)))

        return self._once("evidence", comparison, by_arm)

    def tests(self, comparison: Comparison) -> pd.DataFrame:
        """Return the planned pairs of a comparison, all pairs if none is planned."""
        return self._once("tests", comparison, lambda: intervals(self.results, comparison))

    def over_datasets(self, comparison: Comparison) -> pd.DataFrame:
        """Return what the datasets together say of the pairs of a comparison."""

        def over() -> pd.DataFrame:
            tests = all_pairs(self.results, comparison)
            return over_datasets(self.results, comparison, tests)

        return self._once("over", comparison, over)

    def sensitivity(self, comparison: Comparison) -> pd.DataFrame:
        """Return the accuracy of each arm at every value of the tuned setting."""
        intervals = self.results.intervals(comparison, tuning=True)
        return self._once(
            "sensitivity",
            comparison,
            lambda: statistics.sensitivity(self.cells(comparison), **intervals),
        )

    def ranks(self, comparison: Comparison) -> pd.DataFrame:
        """Return the mean ranks of a comparison's arms over the datasets."""
        return ranks_table(self.results, comparison)

    def ties(self, comparison: Comparison, facet: str) -> set[frozenset[str]]:
        """Return the pairs of arms that were tested over the datasets and do not differ."""
        pairs = self.over_datasets(comparison)
        tested = pairs["note"] == ""  # equal on every dataset, they have no p value and tie, too
        differ = pairs["p_holm"] <= self.config.statistics.level
        mine = pairs[(pairs["facet"] == facet) & tested & ~differ]
        return {frozenset(pair) for pair in zip(mine["a"], mine["b"], strict=True)}

    def seeds(self, comparison: Comparison) -> ByArm:
        """Return the tuning runs at the chosen step of each (dataset, facet, arm)."""

        def by_arm() -> ByArm:
            groups = self.chosen(comparison).groupby(["dataset", "facet", "arm"], sort=False)
            return {key: group.sort_values("seed") for key, group in groups}

        return self._once("seeds", comparison, by_arm)

    def places(self, comparison: Comparison) -> Iterator[tuple[str, str]]:
        """Yield the datasets and facets of a comparison, in the order of the config."""
        for dataset in self.config.studies[comparison.study].datasets:
            for facet in facets(self.config, comparison):
                yield dataset, facet

    @cached_property
    def depths(self) -> dict[str, int]:
        """The number of layers with weights of each run."""
        runs = self.results.runs
        return dict(zip(runs["run_id"], runs["layers"].str.count("-"), strict=True))

    @cached_property
    def epochs(self) -> "Epochs":
        """The epochs of all runs at chosen steps, of all comparisons."""
        seeds = [runs for c in self.results.comparisons for runs in self.seeds(c).values()]
        wanted = {run for runs in seeds for run in runs["run_id"]}
        folder = self.results.folder
        with sound(folder / files.CURVES):
            columns = [c for c in curve_columns(folder) if c.startswith(DRAWN)]
            return Epochs(Curves(folder, columns, wanted), self.depths)

    @cached_property
    def pair_epochs(self) -> "Epochs":
        """The test accuracies over the epochs of the runs that the planned pairs rest on."""
        wanted: set[str] = set()
        for comparison in self.results.comparisons:
            arms = {arm for _, pair in comparison.planned for arm in (pair.a, pair.b)}
            found = self.evidence(comparison) if arms else {}
            wanted.update(*(runs["run_id"] for key, runs in found.items() if key[2] in arms))
        with sound(self.results.folder / files.CURVES):
            return Epochs(Curves(self.results.folder, ["test_accuracy"], wanted), self.depths)


DRAWN = (
    "test_accuracy",
    "delta_norm",
    "gradient_norm_",
    "saturated_",
    "dead_",
    "weight_rms_",
    "logit_rms",
)
"""How the columns of the curves begin that figures and sentences use."""


class Epochs:
    """The recorded epochs of some runs."""

    def __init__(self, curves: Curves, depths: dict[str, int]) -> None:
        self._curves, self._depths = curves, depths

    def __call__(self, runs: Sequence[str], quantity: str) -> np.ndarray:
        """Return a quantity of some runs, (runs, epochs); a short run keeps its last value.

        The quantity is a column of the curves or one of `mechanics.QUANTITIES`.
        """
        runs = [run for run in runs if run in self._curves]
        if not runs:
            return np.empty(0)
        epochs = np.arange(self._curves.lengths(runs).max())
        found = np.full((len(runs), len(epochs)), np.nan)
        depths = np.array([self._depths[run] for run in runs])
        for depth in np.unique(depths):
            mine = depths == depth
            names = _columns_of(quantity, depth)
            columns = self._curves.stacked(np.array(runs)[mine], names, epochs)
            if columns:
                found[mine] = np.mean(columns, axis=0)
        return found


def _columns_of(quantity: str, depth: int) -> list[str]:
    """Return the columns whose mean is a quantity of a network with `depth` layers of weights."""
    return {
        "gradient_first": ["gradient_norm_1"],
        "gradient_last": [f"gradient_norm_{depth}"],
        "saturated_output": [f"saturated_{depth}"],
        "saturated_hidden": [f"saturated_{layer}" for layer in range(1, depth)],
        "dead_hidden": [f"dead_{layer}" for layer in range(1, depth)],
    }.get(quantity, [quantity])


def mechanics_table(frames: Frames, comparison: Comparison) -> pd.DataFrame:
    """Return a row per case and arm: medians over the seeds at the start and at the end.

    Columns: dataset, facet, arm, n, for each of `mechanics.QUANTITIES` NAME_start (before
    training, or at the first batch) and NAME_end, and zero_gradient: the first layer's gradient
    is exactly 0 in every recorded batch of every run, in a network that has a hidden layer.
    """
    rows = []
    for (dataset, facet, arm), runs in frames.seeds(comparison).items():
        row = {"dataset": dataset, "facet": facet, "arm": arm, "n": len(runs)}
        for name in QUANTITIES:
            values = frames.epochs(runs["run_id"], name)
            ends = values[:, [0, -1]] if values.size else np.full((1, 2), np.nan)
            row[f"{name}_start"], row[f"{name}_end"] = np.median(ends, axis=0)
            if name == "gradient_first":
                deep = all(frames.depths[run] > 1 for run in runs["run_id"])
                none = values.size and not np.nan_to_num(values).any()
                row["zero_gradient"] = bool(deep and none)
        rows.append(row)
    columns = ["dataset", "facet", "arm", "n", "zero_gradient"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def easy_first(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the datasets of some rows of pairs, that with the highest mean of the arms first.

    >>> easy_first([dict(dataset=d, mean_a=m, mean_b=m) for d, m in (("digits", 94), ("iris", 96))])
    ['iris', 'digits']
    """
    means: dict[str, list[float]] = {}
    for row in rows:
        means.setdefault(row["dataset"], []).extend((row["mean_a"], row["mean_b"]))
    return sorted(means, key=lambda name: -float(np.nanmean(means[name])))
