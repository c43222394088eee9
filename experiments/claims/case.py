"""What a test is given: a rule of a claim, and the sweep's runs and tables to judge it by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Literal

import pandas as pd

from experiments.claims.declared import Claim, Rule
from experiments.results import Results, at_values, facet_values
from experiments.schema import Comparison


class NotRunError(Exception):
    """A claim that the config's studies cannot test; the message is the reason."""


@dataclass
class Sweep:
    """The results of a sweep with its tables, each read once."""

    results: Results
    folder: Path
    read: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, comparison: Comparison, kind: str) -> pd.DataFrame:
        """Return a table of the sweep. Raises NotRunError without it."""
        path = self.folder / f"{comparison.name}-{kind}.csv"
        if path.name not in self.read:
            if not path.exists():
                raise NotRunError(f"there is no table {path.name}")
            self.read[path.name] = _read_table(path)
        return self.read[path.name]


TABLE_TEXTS = (
    "dataset", "facet", "a", "b", "arm", "step", "edge_a", "edge_b", "family", "verdict_kind",
    "verdict", "fragile",
)  # fmt: skip


def _read_table(path: Path) -> pd.DataFrame:
    """Read a table; the name of an arm stays text also where it looks like a number."""
    table = pd.read_csv(
        path,
        dtype=dict.fromkeys(TABLE_TEXTS, str),
        keep_default_na=False,
        na_values=[""],
    )
    texts = [name for name in TABLE_TEXTS if name in table]
    return table.fillna(dict.fromkeys(texts, ""))


@dataclass(frozen=True)
class Case:
    """One rule of one claim, and the results to judge it by."""

    sweep: Sweep
    claim: Claim
    rule: Rule

    @property
    def results(self) -> Results:
        """The results of the sweep."""
        return self.sweep.results

    @property
    def level(self) -> float:
        """The level of the tests."""
        return self.results.config.statistics.level

    @cached_property
    def comparison(self) -> Comparison:
        """The comparison that tests the claim. Raises NotRunError where there is none."""
        study, axis = self.claim.study, self.rule.axis or self.claim.axis
        if study not in self.results.config.studies:
            raise NotRunError(f"the study {study} is not part of this config")
        for comparison in self.results.comparisons:
            if comparison.study == study and axis in (comparison.axis, ""):
                return comparison
        raise NotRunError(f"the study {study} does not compare the values of {axis!r}")

    def arms(self, *names: str) -> None:
        """Raise NotRunError where the comparison lacks an arm."""
        for name in names:
            if name not in self.comparison.arms:
                raise NotRunError(f"the study {self.claim.study} has no arm {name!r}")

    def select(self, frame: pd.DataFrame, facet_axes: Sequence[str]) -> pd.DataFrame:
        """Return the rows on the claim's datasets and the rule's facets."""
        patterns = self.claim.datasets
        mine = [any(fnmatchcase(d, pattern) for pattern in patterns) for d in frame["dataset"]]
        frame = frame[mine]
        if frame.empty:
            raise NotRunError(f"no results of the study on {' or '.join(patterns)}")
        rows = [facet_values(facet, facet_axes) for facet in frame["facet"]]
        labels = pd.DataFrame(rows, columns=list(facet_axes), index=frame.index)
        for axis, wanted in self.rule.facets.items():
            for value in wanted:
                if value not in set(labels.get(axis, [])):
                    raise NotRunError(f"the study has nothing with {axis} {value}")
            keep = labels[axis].isin(wanted)
            frame, labels = frame[keep], labels[keep]
        return frame

    def cells(self, axes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the tuning runs of the comparison, or with joint values of `axes` as arms.

        The labels of the axes are in columns axis_NAME.
        """
        comparison = self._joint_comparison(axes)
        return self.select(self._labelled(comparison, axes, "cells"), comparison.facet_axes)

    def evidence(self, axes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the runs that count, as `at_values` does, with the columns of :meth:`cells`."""
        confirming = self._labelled(self._joint_comparison(axes), axes, "confirming")
        return at_values(self.cells(axes), confirming)

    def _joint_comparison(self, axes: Sequence[str]) -> Comparison:
        comparison = self.comparison
        if not axes:
            return comparison
        grid = self.results.config.studies[comparison.study].grid
        for axis in set(axes) - set(grid):
            raise NotRunError(f"the study {comparison.study} has no axis {axis!r}")
        rest = tuple(a for a in grid if a not in (*axes, comparison.tune))
        return replace(comparison, facet_axes=rest)

    def _labelled(
        self, comparison: Comparison, axes: Sequence[str], which: Literal["cells", "confirming"]
    ) -> pd.DataFrame:
        runs = getattr(self.results, which)(comparison)
        labels = self.results.runs.loc[runs.index].filter(regex="^axis_")
        runs = runs.join(labels[[name for name in labels if name not in runs]])
        if axes:
            rows = runs[[f"axis_{axis}" for axis in axes]].itertuples(index=False)
            runs["arm"] = [joint(dict(zip(axes, row, strict=True))) for row in rows]
        return runs

    def accuracies(self, axes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the final test accuracies in per cent at each arm's chosen value, by split.

        A row for each arm and split, the mean of its runs; of a study that is not confirmed, for
        each arm and seed, which is its `split`.
        """
        runs = self.evidence(axes)
        runs = runs[runs["status"] != "skipped"]
        labels = [name for name in runs if name.startswith("axis_")]
        keys = ["dataset", "facet", "arm", *labels, "split"]
        means = runs.groupby(keys, sort=False, dropna=False)["test_accuracy"].mean()
        return (100 * means).rename("value").reset_index()

    @cached_property
    def overlaps(self) -> Mapping[str, float]:
        """The n_test/n_train of each dataset, if splits are drawn per seed and not confirmed."""
        if self.results.confirmed(self.comparison):
            return {}
        return self.results.overlap(self.results.cells(self.comparison)) or {}


def joint(labels: Mapping[str, str]) -> str:
    """Return the name of an arm with these values of several axes."""
    return ", ".join(f"{axis} {label}" for axis, label in labels.items())
