"""The confirming job: it reads the tuning's results, chooses, and trains fresh runs on new splits.

This module and what it imports start fast: NumPy and the standard library only.

A job's line in the plan says all that it needs::

    study, dataset, tune    the cells are those of one study and dataset; the tuned axis
    confirm                 splits, seeds, draw, record_every
    compared                the compared axes, each of which has a shared value
    cells                   labels, the tuned values with their runs, and the specs by value
    jobs                    the tuning jobs that hold these runs
    pieces                  [split, numbers of cells]: what this job trains, in its order
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import Cache, DamagedFileError, files, store
from experiments.training.choosing import Choice, Final, Tuned, choices
from experiments.training.drawing import on_split
from experiments.training.job import run_job
from experiments.training.jobfile import Stored, groups_of, read_stored, refuse_others, write_job
from experiments.training.replicas import counted_epoch

Say = Callable[[str], None]


@dataclass(frozen=True)
class Confirming:
    """A run of a confirmation: its cell, the label of its tuned value, its place, its spec."""

    cell: int
    label: str
    split: int
    index: int
    spec: dict[str, Any]


def final_of(columns: Sequence[str], curve: np.ndarray, ends: Sequence[float]) -> Final:
    """Return what counts of a run, of its curve (epochs + 1, columns) and its `Result.ends`."""
    row = curve[counted_epoch(ends)]
    accuracy, cost = (float(row[columns.index(f"validation_{n}")]) for n in ("accuracy", "cost"))
    return Final(bool(ends[0] < 0), accuracy, cost)


def finals(groups: Iterable[Stored]) -> Iterator[tuple[str, Final]]:
    """Yield id and :class:`Final` of each run of a job's file."""
    for meta, arrays in groups:
        for run, curve, ends in zip(meta["runs"], arrays["curves"], arrays["ends"], strict=True):
            yield run, final_of(meta["columns"], curve, ends)


MEND = (
    "Delete it and run the same command again: its runs are in the cache, nothing is trained again"
)
"""What to do with a damaged file of a tuning job."""


def tuning_results(jobs: Iterable[str], folder: Path) -> dict[str, Final]:
    """Return what the runs of some tuning jobs ended with, by id.

    Raises DamagedFileError where a file is not what was written, and says how to mend it.
    """
    found: dict[str, Final] = {}
    for name in jobs:
        path = folder / f"{name}{files.STORED}"
        try:
            found.update(finals(groups_of(*store.read(path))))
        except DamagedFileError as error:
            raise DamagedFileError(f"{error}. {MEND}") from None
        except (LookupError, TypeError, ValueError) as error:
            raise DamagedFileError(f"{path} is damaged ({error}). {MEND}") from None
    return found


def chosen(
    cells: Iterable[tuple[Mapping[str, str], Iterable[Sequence]]],
    compared: Sequence[str],
    results: Mapping[str, Final],
) -> list[Choice]:
    """Return the choice of each cell of a study and dataset.

    `cells` are its labels, and label, number and run ids of each value that has runs.
    """
    tuned = [
        (labels, [Tuned(label, value, tuple(runs)) for label, value, runs in values])
        for labels, values in cells
    ]
    return choices(tuned, compared, results)


def confirming_runs(job: Mapping[str, Any], used: Sequence[Iterable[str]]) -> Iterator[Confirming]:
    """Yield the runs of a job in its order; `used` has the labels of the values of each cell."""
    for split, members in job["pieces"]:
        for cell in members:
            for label in used[cell]:
                specs = on_split(job["cells"][cell]["specs"][label], job["confirm"], split)
                yield from (Confirming(cell, label, split, i, s) for i, s in enumerate(specs))


def possible_runs(job: Mapping[str, Any]) -> Iterator[Confirming]:
    """Yield the runs of a job at every value that could be chosen."""
    return confirming_runs(job, [list(cell["specs"]) for cell in job["cells"]])


def confirm_job(
    job: Mapping[str, Any], tuning: Path, data: Path, cache: Cache, out: Path, say: Say = print
) -> None:
    """Choose from the tuning jobs' files in `tuning`, train through the cache, write `out`."""
    cells = [(cell["labels"], cell["tuning"]) for cell in job["cells"]]
    made = chosen(cells, job["compared"], tuning_results(job["jobs"], tuning))
    runs = list(confirming_runs(job, [choice.used for choice in made]))
    specs = [run.spec for run in runs]
    results = run_job(specs, job["classes"], data, cache, say)
    record = [choice.as_record() for choice in made]
    write_job(out, specs, results, data, record)


def confirmed(
    path: Path, job: Mapping[str, Any], data: Path
) -> tuple[list[dict[str, Any]], list[Stored]]:
    """Return the choices in a confirming job's file, and facts and arrays of each group of runs.

    They are the choices of the job's cells and just the runs that follow from them. Raises
    DamagedFileError if they are not; LookupError, TypeError or ValueError if the file is of
    another version.
    """
    made, groups = read_stored(path, data)
    if [choice["labels"] for choice in made] != [cell["labels"] for cell in job["cells"]]:
        raise DamagedFileError(f"{path} holds other cells than its name says")
    specs = [run.spec for run in confirming_runs(job, [Choice(**choice).used for choice in made])]
    refuse_others(path, groups, specs)
    return made, groups
