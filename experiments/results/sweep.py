"""The results of a sweep, read as the statistics, the claims and the figures ask for them."""

from functools import cached_property
from pathlib import Path

import pandas as pd

from experiments import schema, statistics
from experiments.base import files
from experiments.datasets import DATASETS, announced
from experiments.results.columns import CURVE_METRICS
from experiments.results.curves import read_curves
from experiments.results.load import with_axes
from experiments.results.reading import read_parquet
from experiments.schema import Comparison, Config, axis_label, comparisons
from experiments.training import part_sizes


class Results:
    """The results of a sweep, read from its folder when first asked for."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder, self.config = Path(folder), config

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The table of the tuning's runs, with the labels of the axes as columns axis_NAME."""
        runs = read_parquet(self.folder / files.RUNS, ["run_id", "labels", "stage"])
        return with_axes(runs[runs["stage"] == "tune"])

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The comparisons that the config declares."""
        return list(comparisons(self.config))

    def samples(self, dataset: str) -> dict[str, int]:
        """Return the sizes of a dataset's parts."""
        facts = self.config.datasets.get(dataset, schema.Dataset())
        source = DATASETS[facts.source or dataset]
        shape = announced(dataset, source, source.Options(**facts.options))
        if shape.train:
            given = {"train": shape.train, "validation": shape.validation}
            return given | {"test": shape.samples - shape.train - shape.validation}
        return part_sizes(shape.samples)

    def cells(self, comparison: Comparison) -> pd.DataFrame:
        """Return the runs of a comparison as the statistics ask for them."""
        runs = self.runs[self.runs["study"] == comparison.study]
        facets = [f"{axis} " + runs[f"axis_{axis}"] for axis in comparison.facet_axes]
        facet = facets[0].str.cat(facets[1:], sep=", ") if facets else ""
        tuned = 0.0
        if comparison.tune:
            labels = [
                axis_label(v) for v in self.config.studies[comparison.study].grid[comparison.tune]
            ]
            tuned = runs[f"axis_{comparison.tune}"].map(
                dict(zip(labels, comparison.tuned_values, strict=True))
            )
        cells = runs[
            ["run_id", "dataset", "seed", "status", "split", "test_accuracy",
             "validation_accuracy", "validation_cost"]
        ].assign(facet=facet, arm=runs[f"axis_{comparison.axis}"], tuned=tuned)  # fmt: skip
        cells["status"] = cells["status"].replace("missing", "skipped")
        order = {arm: place for place, arm in enumerate(comparison.arms)}
        return cells.sort_values("arm", key=lambda arms: arms.map(order), kind="stable")

    def overlap(self, cells: pd.DataFrame) -> dict[str, float] | None:
        """Return n_test/n_train of each dataset whose splits are drawn per seed, or None."""
        if not (cells["split"] == "per_seed").any():
            return None
        sizes = {name: self.samples(name) for name in cells["dataset"].unique()}
        return {name: size["test"] / size["train"] for name, size in sizes.items()}

    def n_test(self, cells: pd.DataFrame) -> dict[str, int]:
        """Return the number of test samples of each dataset."""
        return {name: self.samples(name)["test"] for name in cells["dataset"].unique()}

    def at_chosen_step(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Return those runs that have their arm's chosen step size."""
        chosen = statistics.choose_step(cells)[["dataset", "facet", "arm", "tuned"]]
        return cells.merge(chosen, on=["dataset", "facet", "arm", "tuned"])

    def curves(self, runs: pd.DataFrame, columns: list[str] | None = None) -> pd.DataFrame:
        """Return the epochs of some runs, a row each, with the runs' own columns beside."""
        columns = columns or list(CURVE_METRICS)
        curves = read_curves(self.folder, runs["run_id"], columns)
        beside = runs.drop(columns=[c for c in columns if c in runs])
        return beside.merge(curves, on="run_id").sort_values(
            ["dataset", "facet", "arm", "seed", "epoch"], kind="stable"
        )
