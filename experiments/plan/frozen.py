"""The plan of the config as it was frozen, and what tells one plan from another."""

from pathlib import Path

from experiments.base import canonical, digest
from experiments.plan.model import Plan
from experiments.plan.runs import expand
from experiments.schema import content, frozen_config


def frozen_plan(results: Path) -> Plan:
    """Return the plan of a sweep, from the copy of its config. Raises UserError without one."""
    return expand(Path(results).resolve().name, frozen_config(results))


def signature(plan: Plan) -> str:
    """Return a digest of all that a plan says: its config and its jobs."""
    return digest(canonical([plan.name, content(plan.config), plan.fingerprint]))
