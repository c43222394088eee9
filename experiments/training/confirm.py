"""The confirming job: it reads the tuning's results, chooses, and trains fresh runs on new splits.

This module and what it imports start fast: NumPy and the standard library only.

A job's line in the plan says all that it needs::

    study, dataset, tune    the cells are those of one study and dataset; the tuned axis
    confirm                 splits, seeds, draw
    compared                the compared axes, each of which has a shared value
    cells                   labels, the tuned values with their runs, and the specs by value
    jobs                    the tuning jobs that hold these runs
    pieces                  [split, numbers of cells]: what this job trains, in its order
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.base import DamagedFileError, store
from experiments.training.choosing import Choice, Final, Tuned, choices
from experiments.training.drawing import on_split
from experiments.training.job import made_of, packed, run_job

Say = Callable[[str], None]


class Confirming(NamedTuple):
    """A run of a confirmation: its cell, the label of its tuned value, its place, its spec."""

    cell: int
    label: str
    split: int
    index: int
    spec: dict[str, Any]


def final_of(columns: Sequence[str], curve: np.ndarray, ends: Sequence[float]) -> Final:
    """Return how a run ended: its curve (epochs + 1, columns), when it diverged and stopped."""
    last = curve[-1 if ends[1] < 0 else int(ends[1])]
    accuracy, cost = (float(last[columns.index(f"validation_{n}")]) for n in ("accuracy", "cost"))
    return Final(bool(ends[0] < 0), accuracy, cost)


def finals(meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Iterator[tuple]:
    """Yield id and :class:`Final` of each run of a job's file."""
    for run, curve, ends in zip(meta["runs"], arrays["curves"], arrays["ends"], strict=True):
        yield run, final_of(meta["columns"], curve, ends)


def tuning_results(jobs: Iterable[str], folder: Path) -> dict[str, Final]:
    """Return what the runs of some tuning jobs ended with, by id.

    Raises DamagedFileError where a file is not what was written, and says how to mend it.
    """
    found: dict[str, Final] = {}
    for name in jobs:
        path = folder / f"{name}.bin"
        try:
            found.update(finals(*store.read(path)))
        except (DamagedFileError, LookupError, TypeError, ValueError) as error:
            raise DamagedFileError(
                f"{path} is damaged ({error}). Delete it and run the same command again: its runs "
                "are in the cache, nothing is trained again"
            ) from None
    return found


def tuned_values(cell: Mapping[str, Any]) -> list[Tuned]:
    """Return the tuned values of a cell that have runs."""
    return [Tuned(label, value, tuple(runs)) for label, value, runs in cell["tuning"]]


def chosen(job: Mapping[str, Any], results: Mapping[str, Final]) -> list[Choice]:
    """Return the choice of each cell of a job's study and dataset."""
    cells = [(cell["labels"], tuned_values(cell)) for cell in job["cells"]]
    return choices(cells, job["compared"], results)


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
    job: Mapping[str, Any], tuning: Path, data: Path, cache: Path, out: Path, say: Say = print
) -> None:
    """Choose from the tuning jobs' files in `tuning`, train through the cache, write `out`."""
    made = chosen(job, tuning_results(job["jobs"], tuning))
    runs = list(confirming_runs(job, [choice.used for choice in made]))
    specs = [run.spec for run in runs]
    results = run_job(specs, job["classes"], data, cache, say)
    record = [choice.as_record() for choice in made]
    write_confirmed(out, record, specs, results, data)


def write_confirmed(
    path: Path, record: Sequence[dict], specs: Sequence[dict], results: Sequence, data: Path
) -> None:
    """Store the choices and the results; runs in a row of one length and depth are a group."""
    facts, arrays = [], {}
    both = zip(specs, results, strict=True)
    groups = itertools.groupby(both, key=lambda run: (run[0]["epochs"], len(run[0]["sizes"])))
    for number, (_, members) in enumerate(groups):
        fact, array = packed(*zip(*members, strict=True))
        facts.append(fact)
        arrays |= {f"{name}-{number}": values for name, values in array.items()}
    store.write(path, {"choices": record, "groups": facts, "data": made_of(data)}, arrays)


def read_confirmed(path: Path) -> tuple[list[dict], list[tuple[dict, dict[str, np.ndarray]]], dict]:
    """Return the choices, facts and arrays of each group, and what is noted of the data.

    Raises as :func:`experiments.base.store.read`, and LookupError or TypeError for another file.
    """
    meta, arrays = store.read(path)
    groups = [
        (facts, {name: arrays[f"{name}-{number}"] for name in ("ends", "curves")})
        for number, facts in enumerate(meta["groups"])
    ]
    return meta["choices"], groups, meta["data"]
