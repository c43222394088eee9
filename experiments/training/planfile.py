"""The file between the plan and the train jobs: a line per job, its name first, then JSON.

It is written and read here alone. The train jobs read it, so it imports next to nothing.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.base import UserError, canonical
from experiments.training.confirm import possible_runs
from experiments.training.fields import run_id

if TYPE_CHECKING:
    from experiments.plan import Plan


class PlannedRun(NamedTuple):
    """A run of a plan's file: its name, its spec, its data's key and number of classes."""

    run_id: str
    spec: dict[str, Any]
    data: str
    classes: int


def plan_lines(plan: "Plan") -> Iterator[str]:
    """Yield the lines of the plan's file: one per job, found by its first characters."""
    classes = {data.key: data.shape.classes for data in plan.data.values()}
    for job in sorted(plan.jobs, key=lambda job: job.name):
        yield job_line(job.name, job.data, classes[job.data], job.specs)
    for confirming in sorted(plan.confirm_jobs, key=lambda job: job.name):
        yield f"{confirming.name} {canonical(plan.confirm_line(confirming))}\n"


def job_line(name: str, data: str, classes: int, specs: Sequence[Mapping[str, Any]]) -> str:
    """Return the line of one train job."""
    return f"{name} {canonical({'classes': classes, 'data': data, 'specs': specs})}\n"


def read_job(path: Path, name: str) -> dict[str, Any]:
    """Return the line of one job: its data, classes and specs."""
    try:
        for found, body in _lines(path):
            if found == name:
                return json.loads(body)
    except (OSError, ValueError):
        raise UserError(f"{path} cannot be read as a plan; run snakemake again") from None
    raise UserError(f"{path} has no job {name}; run snakemake again to rebuild the plan")


def planned_files(path: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the names of a plan's train jobs and confirming jobs, and the keys of its data."""
    jobs: dict[bool, list[str]] = {False: [], True: []}
    keys = set()
    for name, body in _lines(path):
        job = json.loads(body)
        jobs["confirm" in job].append(name)
        keys.add(job["data"])
    return jobs[False], jobs[True], sorted(keys)


def planned_runs(path: Path, seeds: Collection[int] | None = None) -> Iterator[PlannedRun]:
    """Yield the runs of a plan's file, and all that its confirming jobs may choose.

    With `seeds` only those with one of them: to find a few runs among many takes less time so.
    Raises UserError if it cannot be read or is damaged.
    """
    try:
        for name, body in _lines(path):
            job = json.loads(body)
            for spec in _specs(job):
                if not isinstance(spec, dict):
                    raise TypeError(name)
                if seeds is not None and spec["seed"] not in seeds:
                    continue
                yield PlannedRun(run_id(spec), spec, job["data"], job["classes"])
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; make it readable") from None
    except (LookupError, TypeError, ValueError):
        raise UserError(
            f"{path} is damaged or of another version; delete it and run snakemake again, "
            "it makes the file anew"
        ) from None


def _specs(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the specs of a line: those of a train job, or all that a confirming job may choose."""
    if "confirm" in job:
        yield from (run.spec for run in possible_runs(job))
    else:
        yield from job["specs"]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the JSON of each job."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            name, _, body = line.partition(" ")
            yield name, body
