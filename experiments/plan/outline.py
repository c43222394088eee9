"""What one start of Snakemake will do, in numbers: what a display of its progress needs to know."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from experiments.base import DamagedFileError, Step, files
from experiments.plan.confirming import ConfirmJob
from experiments.plan.jobs import Job
from experiments.plan.model import Plan
from experiments.plan.outlook import afterwards
from experiments.plan.stored import plain_name
from experiments.schema import comparisons
from experiments.training import runs_held


class Training(NamedTuple):
    """A job that trains: how many networks, and about how many seconds of one core.

    `open` is whether the number is an estimate, since the tuning decides it.
    """

    networks: int
    seconds: float
    open: bool = False


@dataclass(frozen=True)
class Outline:
    """The training jobs to do, by their file; what is there from earlier; what comes after.

    `finished` counts the networks of jobs whose files are there, `after` the seconds
    from the last network to the page, `cores` the processors (0 if unknown, as on a cluster).
    `results` is the folder of the sweep, and `page` the page, '' if it is not made.
    """

    name: str
    results: Path
    page: str
    jobs: dict[str, Training]
    finished: int = 0
    after: float = 0.0
    cores: int = 0


def files_made(workflow: Any) -> set[str]:
    """Return the files that this start of Snakemake makes or has made."""
    todo = workflow.dag.needrun_jobs(exclude_finished=False)
    return {plain_name(workflow, file) for job in todo for file in job.output}


def outlined(
    plan: Plan,
    jobs: tuple[Iterable[Job], Iterable[ConfirmJob]],
    results: Path,
    made: Collection[str],
    cores: int = 0,
    steps: Collection[Step] = (),
) -> Outline:
    """Return the outline of a start that makes some files.

    `jobs` and `steps` are those of the sweep; without `steps` all of them are to be done.
    """
    every = {
        str(files.job_file(results, job.name)): Training(len(job.specs), job.seconds)
        for job in jobs[0]
    } | {
        str(files.confirm_file(results, job.name)): Training(job.likely_runs, job.seconds, True)
        for job in jobs[1]
    }
    networks = sum(one.networks for one in every.values())
    todo = {file: one for file, one in every.items() if file in made}
    finished = sum(_there(file, one) for file, one in every.items() if file not in made)
    page = str(results / files.PAGE)
    page = page if page in made else ""
    due = sum(any(product in made for product in step.products) for step in steps)
    share = due / len(steps) if steps else 1.0
    after = share * afterwards(networks, len([*comparisons(plan.config)]), cores or 2)
    return Outline(plan.name, results, page, todo, finished, after, cores)


def _there(file: str, planned: Training) -> int:
    """Return how many networks a finished job trained: as planned, unless the tuning decided it."""
    if not planned.open:
        return planned.networks
    try:
        return runs_held(Path(file))
    except (OSError, DamagedFileError, LookupError, TypeError):
        return planned.networks
