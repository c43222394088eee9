"""The file between the plan and the train jobs: a line per job, its name first.

It is read by the train jobs, so it imports next to nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.base import UserError, canonical
from experiments.training.confirm import possible_runs

if TYPE_CHECKING:
    from experiments.plan import Plan


def plan_lines(plan: "Plan") -> Iterator[str]:
    """Yield the lines of the plan's file: one per job, found by its first characters."""
    classes = {data.key: data.shape.classes for data in plan.data.values()}
    for job in sorted(plan.jobs, key=lambda job: job.name):
        body = {"classes": classes[job.data], "data": job.data, "specs": job.specs}
        yield f"{job.name} {canonical(body)}\n"
    for job in sorted(plan.confirm_jobs, key=lambda job: job.name):
        yield f"{job.name} {canonical(plan.confirm_line(job))}\n"


def read_job(path: Path, name: str) -> dict[str, Any]:
    """Return the line of one job: its data, classes and specs."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            if line.startswith(f"{name} "):
                return json.loads(line[len(name) + 1 :])
    raise UserError(f"{path} has no job {name}; run snakemake again, it makes the plan anew")


def planned_files(path: Path) -> tuple[list[str], list[str], list[str]]:
    """Return the names of a plan's train jobs and confirming jobs, and the keys of its data."""
    jobs: dict[bool, list[str]] = {False: [], True: []}
    keys = set()
    for name, job in planned_jobs(path):
        jobs["confirm" in job].append(name)
        keys.add(job["data"])
    return jobs[False], jobs[True], sorted(keys)


def planned_jobs(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and content of each line of a plan's file."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            name, _, body = line.partition(" ")
            yield name, json.loads(body)


def specs_of(job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the specs of a line: those of a train job, or all that a confirming job may choose."""
    if "confirm" in job:
        yield from (run.spec for run in possible_runs(job))
    else:
        yield from job["specs"]
