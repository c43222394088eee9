"""From runs to train jobs: packs of runs that can be trained in common stacks.

The name of a job is the hash of what it will hold, so that an unchanged job is an unchanged file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.base import ConfigError, canonical, digest
from experiments.datasets import Shape
from experiments.plan.cutting import cuts
from experiments.schema import Resources
from experiments.training import (
    estimated_megabytes,
    estimated_seconds,
    run_fingerprint,
    stack_key,
    train_rows,
)

if TYPE_CHECKING:
    from experiments.plan.model import Plan

Spec = dict[str, Any]


@dataclass
class Job:
    """Runs that one process trains: their specs, the data they need, what it should take."""

    name: str
    data: str
    specs: list[Spec]
    seconds: float
    megabytes: int


def pack(plan: "Plan") -> Iterator[Job]:
    """Pack the runs into jobs of about `job_seconds`, each of one dataset.

    Runs of one length and depth follow one another, in them those of one stack, in an order that
    does not depend on the jobs.
    """
    resources = plan.config.resources
    shapes = {data.key: data.shape for data in plan.data.values()}
    datasets: dict[str, dict[tuple, dict[tuple, list[tuple[str, Spec]]]]] = {}
    for identity, spec in plan.runs.items():
        groups = datasets.setdefault(spec["data"], {})
        stacks = groups.setdefault((spec["epochs"], len(spec["sizes"])), {})
        stacks.setdefault(stack_key(spec), []).append((identity, spec))
    for data, groups in datasets.items():
        stacks = [stack for group in groups.values() for stack in group.values()]
        yield from _jobs(data, stacks, shapes[data], resources)


def _jobs(
    data: str, stacks: list[list[tuple[str, Spec]]], shape: Shape, resources: Resources
) -> Iterator[Job]:
    """Cut the runs, those of one stack together, into jobs of about equal length."""
    n_train = train_rows(shape)
    runs = [run for stack in stacks for run in stack]
    kinds = np.repeat(np.arange(len(stacks)), [len(stack) for stack in stacks])
    costs = [estimated_seconds(stack[0][1], n_train, shape.samples) for stack in stacks]
    seconds = np.array(costs)[kinds]  # the runs of a stack cost the same

    def megabytes(first: int, last: int) -> int:
        some = [stacks[kind][0][1] for kind in np.unique(kinds[first:last])]
        return max(estimated_megabytes(spec, shape, last - first) for spec in some)

    for first, last, needed in cuts(seconds, megabytes, resources):
        mine = runs[first:last]
        _refuse_too_large(mine[0][1], shape, needed, resources.memory_mb)
        yield Job(
            digest(canonical([[identity, run_fingerprint(spec)] for identity, spec in mine]))[:20],
            data,
            [spec for _, spec in mine],
            float(sum(seconds[first:last].tolist())),
            needed,
        )


def _refuse_too_large(spec: Spec, shape: Shape, needed: int, limit: int) -> None:
    if needed > limit:
        raise ConfigError(
            "resources.memory_mb",
            f"a job of {'-'.join(map(str, spec['sizes']))} on {spec['dataset']} needs about "
            f"{needed} MB even with one run, the limit is {limit} MB; raise the limit or use a "
            "smaller network",
        )
