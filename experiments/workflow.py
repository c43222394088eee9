"""What the Snakefile asks for: which config, and its plan."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.errors import UserError
from experiments.identity import digest
from experiments.plan import Job, Plan, make_plan

DEFAULT_CONFIG = "experiments/config/default.yaml"
OPTIONS = ("job_seconds",)

SNAKEMAKE_MB = 400
"""Megabytes that Snakemake takes in a cluster's job, where it starts twice."""
RUNS_PER_MB = 250
"""It reads the plan each time: so many runs of the sweep take a megabyte more."""
SLOWER = 4
"""How many times longer than estimated a job may take: other processors, a cold file system."""


def chosen_config(configfiles: Sequence[str | Path]) -> str:
    """Return the one config of this sweep: that of --configfile, or the default.

    Snakemake would merge several configs into one; that is refused.
    """
    if len(configfiles) > 1:
        names = ", ".join(map(str, configfiles))
        raise UserError(f"one config at a time, found {len(configfiles)}: {names}")
    if not configfiles:
        return DEFAULT_CONFIG
    path, here = Path(configfiles[0]).absolute(), Path.cwd()
    if set("{}") & set(str(path)):
        raise UserError(f"{path}: Snakemake takes braces in a path for a wildcard; rename it")
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def planned(config: str, given: Mapping[str, Any]) -> Plan:
    """Return the plan of a config, with the options of `--config` that change no result."""
    return make_plan(Path(config), **_options(given))


def memory_mb(plan: Plan, job: Job, attempt: int) -> int:
    """Return the memory to ask a cluster for; a second attempt asks for twice as much."""
    return attempt * (SNAKEMAKE_MB + len(plan.runs) // RUNS_PER_MB + job.megabytes)


def minutes(job: Job, attempt: int) -> int:
    """Return the minutes to ask a cluster for, Snakemake's start included."""
    return attempt * (10 + math.ceil(SLOWER * job.seconds / 60))


def sweep_options(given: Mapping[str, Any]) -> str:
    """Return the same options as words for `python -m experiments`."""
    return " ".join(f"--{n.replace('_', '-')} {value}" for n, value in _options(given).items())


def wanted_jobs(plan: Plan, results: str, given: Mapping[str, Any]) -> list[str]:
    """Return the jobs to collect: all, or with `--config partial=true` those that are finished."""
    names = [job.name for job in plan.jobs]
    if not _is_partial(given):
        return names
    return [name for name in names if (Path(results) / "jobs" / f"{name}.bin").exists()]


def contents(folder: str) -> str:
    """Return a digest of the CSV files in a folder: another one when any of them changes."""
    return digest("".join(path.read_text("utf-8") for path in sorted(Path(folder).glob("*.csv"))))


def partial_option(given: Mapping[str, Any]) -> str:
    """Return the word that tells the collection to accept gaps, or none."""
    return "--partial" if _is_partial(given) else ""


def _is_partial(given: Mapping[str, Any]) -> bool:
    return str(given.get("partial", "")).lower() in ("true", "yes", "1")


def _options(given: Mapping[str, Any]) -> dict[str, float]:
    try:
        if any(isinstance(given.get(name), bool) for name in OPTIONS):
            raise TypeError
        return {name: float(given[name]) for name in OPTIONS if name in given}
    except (TypeError, ValueError):
        raise UserError(f"--config {' '.join(OPTIONS)}: expected a number") from None
