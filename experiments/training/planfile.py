"""The file between the plan and the train jobs: a line per job, its name first.

It is read by the train jobs, so it imports next to nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.base import UserError, canonical

if TYPE_CHECKING:
    from experiments.plan import Plan


def plan_lines(plan: "Plan") -> Iterator[str]:
    """Yield the lines of the plan's file: one per job, found by its first characters."""
    classes = {data.key: data.shape.classes for data in plan.data.values()}
    for job in sorted(plan.jobs, key=lambda job: job.name):
        body = {"classes": classes[job.data], "data": job.data, "specs": job.specs}
        yield f"{job.name} {canonical(body)}\n"


def read_job(path: Path, name: str) -> dict[str, Any]:
    """Return the line of one job: its data, classes and specs. Raises UserError without one."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            for line in file:
                if line.startswith(f"{name} "):
                    return json.loads(line[len(name) + 1 :])
    except (OSError, ValueError):
        raise UserError(f"{path} cannot be read as a plan; run snakemake again") from None
    raise UserError(f"{path} has no job {name}; run snakemake again, it makes the plan anew")


def planned_files(path: Path) -> tuple[list[str], list[str]]:
    """Return the names of a plan's jobs and the keys of its data, each in order."""
    lines = [line.partition(" ") for line in path.read_text(encoding="utf-8").splitlines()]
    keys = {json.loads(body)["data"] for _, _, body in lines}
    return [name for name, _, _ in lines], sorted(keys)
