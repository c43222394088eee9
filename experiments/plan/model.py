"""What a plan is: rows of studies, the runs they ask for, and the jobs that train them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from experiments.base import canonical, digest
from experiments.datasets import Data
from experiments.plan.confirming import (
    Confirmation,
    ConfirmJob,
    confirm_jobs,
    confirmations,
    tuning_jobs,
)
from experiments.plan.jobs import Job, pack
from experiments.schema import Config
from experiments.training import run_id

Spec = dict[str, Any]


EXCLUDED = "left out by exclude"
"""How the reason of a run begins that the config leaves out."""


@dataclass
class Entry:
    """One row of a study: a run with the labels of its axes, or a combination left out.

    A confirming run has the index of its split, and its own index on that split.
    """

    study: str
    dataset: str
    seed: int
    labels: dict[str, str]
    spec: Spec
    run_id: str = ""
    reason: str = ""
    stage: str = "tune"
    split_index: int | None = None
    index: int | None = None


@dataclass
class Plan:
    """Everything that a config asks for."""

    name: str
    config: Config
    data: dict[str, Data]
    entries: list[Entry]
    runs: dict[str, Spec] = field(default_factory=dict)

    @cached_property
    def jobs(self) -> list[Job]:
        """The train jobs, in the order of the config."""
        return list(pack(self))

    @cached_property
    def confirmations(self) -> list[Confirmation]:
        """What is confirmed: one for each study and dataset that has it."""
        return list(confirmations(self))

    @cached_property
    def confirm_jobs(self) -> list[ConfirmJob]:
        """The confirming jobs, in the order of the config."""
        return list(confirm_jobs(self))

    @cached_property
    def holders(self) -> dict[str, Job]:
        """The train job of each run."""
        return {run_id(spec): job for job in self.jobs for spec in job.specs}

    def confirm_line(self, job: ConfirmJob) -> dict[str, Any]:
        """Return what the process of a confirming job reads in the plan's file."""
        jobs = [tuning.name for tuning in tuning_jobs(job, self.holders)]
        return job.line(self.data[job.of.dataset].shape.classes, jobs)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the plan says: its jobs, each named by what it will hold."""
        return digest(canonical(sorted(job.name for job in [*self.jobs, *self.confirm_jobs])))
