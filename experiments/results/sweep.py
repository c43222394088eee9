"""The results of a sweep, read as the statistics, the claims and the figures ask for them."""

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import statistics
from experiments.base import files
from experiments.datasets import Shape
from experiments.results.columns import CURVE_METRICS
from experiments.results.curves import read_curves
from experiments.results.reading import read_parquet, with_axes
from experiments.schema import Comparison, Config, axis_label, comparisons
from experiments.training import overlap, part_sizes

ARM = ["dataset", "facet", "arm"]


def at_values(
    cells: pd.DataFrame, confirming: pd.DataFrame, chosen: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the runs that count as evidence, each arm at its chosen value.

    Without `chosen`, dataset, facet, arm and tuned, the value is chosen from the tuning runs,
    `cells`. Evidence are the confirming runs at this
    value; of a study that is not confirmed it is the tuning runs, a seed counting as a split with
    one run. An arm without such runs has one row with the status "skipped".
    """
    chosen = (statistics.choose_step(cells) if chosen is None else chosen)[[*ARM, "tuned"]]
    runs = confirming if len(confirming) else seeds_as_splits(cells)
    runs = chosen.merge(runs[runs["status"] != "skipped"], on=[*ARM, "tuned"], how="left")
    runs["status"] = runs["status"].fillna("skipped")
    return runs.assign(**{name: runs[name].fillna(0).astype(int) for name in ("split", "index")})


def seeds_as_splits(cells: pd.DataFrame) -> pd.DataFrame:
    """Return tuning runs as if each seed were a split with one run."""
    return cells.assign(split=cells["seed"], index=0)


class Results:
    """The results of a sweep, read from its folder when first asked for."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder, self.config = Path(folder), config
        self._found: dict[tuple[str, ...], Any] = {}

    def once(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Return a value that is made once, when its key is first asked for."""
        if key not in self._found:
            self._found[key] = make()
        return self._found[key]

    def _once(
        self, what: str, comparison: Comparison, make: Callable[[], pd.DataFrame]
    ) -> pd.DataFrame:
        """Return a table that is made once, as a copy whose columns the caller may change.

        Comparisons of one name may have other facets: a test of joint axes has fewer.
        """
        key = (what, comparison.name, *comparison.facet_axes)
        return self.once(key, make).copy()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The table of all runs, with the labels of the axes as columns axis_NAME."""
        return with_axes(read_parquet(self.folder / files.RUNS, ["run_id", "labels", "stage"]))

    def _of_stage(self, comparison: Comparison, stage: str) -> pd.DataFrame:
        """Return the runs of a comparison's study that tune or confirm."""
        return self._stages.get((comparison.study, stage), self.runs[:0])

    @cached_property
    def _stages(self) -> dict[tuple[str, str], pd.DataFrame]:
        return dict(iter(self.runs.groupby(["study", "stage"], sort=False)))

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """The comparisons that the config declares."""
        return list(comparisons(self.config))

    def samples(self, dataset: str) -> dict[str, int]:
        """Return the sizes of a dataset's parts."""
        return part_sizes(self.shape(dataset))

    def shape(self, dataset: str) -> Shape:
        """Return the samples, features and classes of a dataset, and how it is split."""
        return self.once(("shape", dataset), lambda: self.config.data(dataset).shape)

    def cells(self, comparison: Comparison) -> pd.DataFrame:
        """Return the tuning runs of a comparison as the statistics ask for them."""
        return self._once(
            "cells",
            comparison,
            lambda: self._as_cells(comparison, self._of_stage(comparison, "tune")),
        )

    def confirming(self, comparison: Comparison) -> pd.DataFrame:
        """Return the confirming runs of a comparison, none if its study is not confirmed.

        As :meth:`cells`, with the numbers of the split and of the run in it as `split` and `index`.
        """
        return self._once("confirming", comparison, lambda: self._confirming(comparison))

    def _confirming(self, comparison: Comparison) -> pd.DataFrame:
        runs = self._of_stage(comparison, "confirm")
        cells = self._as_cells(comparison, runs).drop(columns="split")
        numbers = runs.reindex(columns=["split_index", "index"])
        return cells.join(numbers.rename(columns={"split_index": "split"}))

    def confirmed(self, comparison: Comparison) -> bool:
        """Return whether the study of a comparison has confirming runs."""
        return (comparison.study, "confirm") in self._stages

    def steps(self, comparison: Comparison) -> pd.DataFrame:
        """Return the chosen value of each arm (`statistics.choose_step`)."""
        return self._once(
            "steps", comparison, lambda: statistics.choose_step(self.cells(comparison))
        )

    def evidence(self, comparison: Comparison, step: str = "tuned") -> pd.DataFrame:
        """Return the runs that the statements of a comparison rest on (see :func:`at_values`).

        Each arm is at its own value, or with the step "shared" at the one that serves all.
        """

        def runs() -> pd.DataFrame:
            cells = self.cells(comparison)
            own = step == "tuned"
            chosen = self.steps(comparison) if own else statistics.chosen_steps(cells, step)
            return at_values(cells, self.confirming(comparison), chosen)

        return self._once(f"evidence {step}", comparison, runs)

    def near_best(self, comparison: Comparison) -> pd.DataFrame:
        """Return the values that tuning cannot tell from the chosen (`statistics.near_best`)."""
        return self._once(
            "near best", comparison, lambda: statistics.near_best(self.cells(comparison))
        )

    def _as_cells(self, comparison: Comparison, runs: pd.DataFrame) -> pd.DataFrame:
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

    def overlaps(self, datasets: Iterable[str]) -> dict[str, float]:
        """Return n_test/n_train of datasets: what two splits of one dataset have in common."""
        return {name: overlap(self.shape(name)) for name in datasets}

    def overlap(self, cells: pd.DataFrame) -> dict[str, float] | None:
        """Return n_test/n_train of each dataset whose splits are drawn per seed, or None."""
        if not (cells["split"] == "per_seed").any():
            return None
        return self.overlaps(cells["dataset"].unique())

    def intervals(self, comparison: Comparison, tuning: bool = False) -> dict[str, Any]:
        """Return level and overlap of the t-intervals of a comparison's evidence, or its tuning.

        `overlap` is by dataset, None unless seeds have splits of their own: an interval over the
        splits of a confirmation is about splits of this dataset, and needs no correction.
        """
        level = 1 - self.config.statistics.level
        if self.confirmed(comparison) and not tuning:
            return {"level": level, "overlap": None}
        runs = self._of_stage(comparison, "tune")
        laps = self.once(("overlap", comparison.study), lambda: self.overlap(runs))
        return {"level": level, "overlap": laps}

    def interval(
        self, comparison: Comparison, dataset: str, tuning: bool = False
    ) -> dict[str, Any]:
        """Return level and overlap of the t-intervals on one dataset (see :meth:`intervals`)."""
        found = self.intervals(comparison, tuning)
        return found | {"overlap": found["overlap"] and found["overlap"][dataset]}

    def tuning_splits(self, comparison: Comparison) -> str:
        """Return what the seeds of a comparison's tuning are on, as a sentence calls it."""
        fixed = self._of_stage(comparison, "tune")["split"].dropna().eq("fixed")
        if fixed.all():
            return "one split"
        return "one split or splits of their own" if fixed.any() else "splits of their own"

    def n_test(self, cells: pd.DataFrame) -> dict[str, int]:
        """Return the number of test samples of each dataset."""
        return {name: self.samples(name)["test"] for name in cells["dataset"].unique()}

    def at_chosen_step(self, comparison: Comparison) -> pd.DataFrame:
        """Return those tuning runs of a comparison that have their arm's chosen step size."""
        keys = [*ARM, "tuned"]
        return self.cells(comparison).merge(self.steps(comparison)[keys], on=keys)

    def curves(self, runs: pd.DataFrame, columns: list[str] | None = None) -> pd.DataFrame:
        """Return the epochs of some runs, a row each, with the runs' own columns beside."""
        columns = columns or list(CURVE_METRICS)
        curves = read_curves(self.folder, runs["run_id"], columns)
        beside = runs.drop(columns=[c for c in columns if c in runs])
        return beside.merge(curves, on="run_id").sort_values(
            ["dataset", "facet", "arm", "seed", "epoch"], kind="stable"
        )
