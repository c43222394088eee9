"""What a plan is: rows of studies, the runs they ask for, and the jobs that train them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from experiments.base import canonical, digest
from experiments.datasets import Data
from experiments.plan.jobs import Job, pack
from experiments.schema import Config

Spec = dict[str, Any]


@dataclass
class Entry:
    """One row of a study: a run with the labels of its axes, or a combination left out."""

    study: str
    dataset: str
    seed: int
    labels: dict[str, str]
    spec: Spec
    run_id: str = ""
    reason: str = ""


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
    def fingerprint(self) -> str:
        """A hash of all that the plan says: its jobs, each named by what it will hold."""
        return digest(canonical(sorted(job.name for job in self.jobs)))
