"""Cells and confirming jobs: known from the config alone, whatever the tuning will choose.

A cell is a study, a dataset and a value of every axis but the tuned one. Each is confirmed at the
value that its tuning runs choose, so a job knows its cells, its splits and every run that could
come, and its process reads from the tuning jobs' files which do.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from experiments.base import canonical, digest
from experiments.datasets import Shape
from experiments.plan.cutting import cuts
from experiments.schema import Confirm, Resources, Study, axis_label, tuned_value
from experiments.training import (
    as_confirmed,
    choice_fingerprint,
    estimated_megabytes,
    possible_runs,
    run_fingerprint,
    run_id,
    stack_key,
    stack_seconds,
    train_rows,
)

if TYPE_CHECKING:
    from experiments.plan.jobs import Job
    from experiments.plan.model import Entry, Plan

Spec = dict[str, Any]


@dataclass
class Cell:
    """One choice: the labels of its axes but the tuned one, and what there is at each value.

    `runs` are the ids of the tuning runs by the label of the tuned value, `specs` the settings
    there, without a seed; `last_reason` says why the last value that has no runs has none.
    """

    labels: dict[str, str]
    spec: Spec
    specs: dict[str, Spec] = field(default_factory=dict)
    runs: dict[str, list[str]] = field(default_factory=dict)
    last_reason: str = ""

    @property
    def reason(self) -> str:
        """Why the cell has no runs at any value; '' if it has some."""
        return "" if self.specs else self.last_reason


@dataclass
class Confirmation:
    """What is confirmed of a study on a dataset: its cells, and how.

    `values` are the numbers that order the tuned axis `tune`, by label.
    """

    study: str
    dataset: str
    data: str
    tune: str
    values: dict[str, float]
    confirm: Confirm
    compared: list[str]
    cells: list[Cell]

    def tuning(self, cell: Cell) -> list[list]:
        """Return label, number and run ids of each value of a cell that has runs."""
        return [[label, self.values[label], runs] for label, runs in cell.runs.items()]

    @property
    def runs(self) -> tuple[int, int]:
        """The least and the largest number of runs: at one value of each cell, and at all."""
        each = [len(cell.specs) for cell in self.cells if cell.specs]
        most = [min(n, 1 + len(self.compared)) for n in each]
        return len(each) * self.confirm.runs, sum(most) * self.confirm.runs


@dataclass
class ConfirmJob:
    """What one process confirms: `pieces`, each a split and the numbers of some cells."""

    of: Confirmation
    pieces: list[tuple[int, list[int]]]
    seconds: float
    megabytes: int

    @property
    def data(self) -> str:
        """The key of its dataset."""
        return self.of.data

    @cached_property
    def name(self) -> str:
        """The hash of all that decides its results: config, source, and how a value is chosen."""
        of = self.of
        cells = [
            [cell.labels, of.tuning(cell), [*map(run_fingerprint, cell.specs.values())]]
            for cell in of.cells
        ]
        said = [of.study, of.dataset, of.confirm.model_dump(), of.compared, cells, self.pieces]
        return digest(canonical([*said, choice_fingerprint()]))[:20]

    @property
    def likely_runs(self) -> int:
        """About how many networks it trains: the tuning decides the number."""
        cells = sum(len(members) for _, members in self.pieces)
        return math.ceil(LIKELY * self.of.confirm.seeds * cells)

    def line(self, classes: int, jobs: list[str]) -> dict[str, Any]:
        """Return what its process reads; `jobs` are the names of the tuning jobs."""
        mine = {cell for _, members in self.pieces for cell in members}
        cells = [
            {
                "labels": cell.labels,
                "tuning": self.of.tuning(cell),
                "specs": cell.specs if number in mine else {},
            }
            for number, cell in enumerate(self.of.cells)
        ]
        return {
            "classes": classes,
            "data": self.data,
            "study": self.of.study,
            "dataset": self.of.dataset,
            "tune": self.of.tune,
            "confirm": self.of.confirm.model_dump(),
            "compared": self.of.compared,
            "cells": cells,
            "jobs": jobs,
            "pieces": self.pieces,
        }


def cells_of(study: Study, entries: list["Entry"]) -> list[Cell]:
    """Return the cells of a study on one dataset, from the entries of its tuning."""
    found: dict[tuple, Cell] = {}
    for entry in entries:
        labels = {axis: label for axis, label in entry.labels.items() if axis != study.tune}
        cell = found.setdefault(tuple(labels.items()), Cell(labels, entry.spec))
        if entry.reason:
            cell.last_reason = entry.reason
            continue
        label = entry.labels[study.tune]
        cell.specs.setdefault(label, _without_seed(entry.spec))
        cell.runs.setdefault(label, []).append(entry.run_id)
    return list(found.values())


def _without_seed(spec: Spec) -> Spec:
    return {name: value for name, value in spec.items() if name != "seed"}


def confirmations(plan: "Plan") -> Iterator[Confirmation]:
    """Yield what a plan confirms, in the order of its config."""
    for name, study in plan.config.studies.items():
        confirm = plan.config.confirm_of(study)
        if confirm is None:
            continue
        grid = study.grid[study.tune]
        values = {axis_label(value): tuned_value(value, i) for i, value in enumerate(grid)}
        by_dataset: dict[str, list[Entry]] = {}
        for entry in plan.entries:
            if entry.study == name:
                by_dataset.setdefault(entry.dataset, []).append(entry)
        for dataset, entries in by_dataset.items():
            yield Confirmation(
                name, dataset, plan.data[dataset].key, study.tune, values, confirm.on(dataset),
                study.compared, cells_of(study, entries),
            )  # fmt: skip


def confirm_jobs(plan: "Plan") -> Iterator[ConfirmJob]:
    """Yield the confirming jobs of a plan, in the order of its config."""
    for one in plan.confirmations:
        shape = plan.data[one.dataset].shape
        for pieces, seconds, needed in _cut(one.cells, one.confirm, shape, plan.config.resources):
            yield ConfirmJob(one, pieces, seconds, needed)


LIKELY = 1.4
"""Values at which a cell is confirmed, in the mean, as in the default sweep: the chosen
one, and the shared ones if they are others."""


def _cut(
    cells: list[Cell], confirm: Confirm, shape: Shape, resources: Resources
) -> Iterator[tuple[list[tuple[int, list[int]]], float, int]]:
    """Yield the pieces of each job, a piece being the cells of one stack on one split.

    The splits of a stack follow one another, because its runs are trained at once.
    """
    stacks: dict[tuple, list[int]] = {}
    for number, cell in enumerate(cells):
        if cell.specs:
            stacks.setdefault(stack_key(cell.spec), []).append(number)
    n_train = train_rows(shape)
    pieces, seconds = [], []
    for members in stacks.values():
        runs = LIKELY * len(members) * confirm.runs
        setting = as_confirmed(cells[members[0]].spec, confirm.model_dump())
        whole = stack_seconds(setting, n_train, shape.samples, runs)
        pieces += [(split, members) for split in range(confirm.splits)]
        seconds += [whole / confirm.splits] * confirm.splits

    def megabytes(first: int, last: int) -> int:
        some = pieces[first:last]
        runs = math.ceil(LIKELY * confirm.seeds * sum(len(members) for _, members in some))
        longest = max((cells[c].spec for _, m in some for c in m), key=lambda spec: spec["epochs"])
        return estimated_megabytes(as_confirmed(longest, confirm.model_dump()), shape, runs)

    if pieces:
        for first, last, needed in cuts(seconds, megabytes, resources):
            yield pieces[first:last], sum(seconds[first:last]), needed


def tuning_jobs(job: ConfirmJob, holders: Mapping[str, "Job"]) -> list["Job"]:
    """Return the tuning jobs that a confirming job reads; `holders` are the jobs by run."""
    runs = (run for cell in job.of.cells for ids in cell.runs.values() for run in ids)
    found = {holders[run].name: holders[run] for run in runs}
    return list(found.values())


def possible(plan: "Plan") -> Iterator[tuple[str, Spec]]:
    """Yield id and spec of every confirming run that a plan could ask for."""
    for job in plan.confirm_jobs:
        yield from ((run_id(run.spec), run.spec) for run in possible_runs(job.line(0, [])))


def with_confirmed(plan: "Plan", wanted: Collection[str]) -> "Plan":
    """Return a plan whose `runs` are also those of the confirming runs in `wanted`, by id."""
    more = {name: spec for name, spec in possible(plan) if name in wanted}
    return replace(plan, runs=plan.runs | more)
