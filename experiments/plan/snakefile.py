"""What the Snakefile asks for: which config, its plan, what each rule uses, what is out of date."""

import json
import math
import os
import shlex
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from experiments.base import (
    DamagedFileError,
    Step,
    closure,
    digest,
    files,
    receipts,
    store,
)
from experiments.datasets import Data, made_by
from experiments.plan.confirming import ConfirmJob, tuning_jobs
from experiments.plan.frozen import frozen_plan, signature
from experiments.plan.given import changes, is_partial, options
from experiments.plan.jobs import Job
from experiments.plan.model import Plan
from experiments.plan.products import used
from experiments.plan.runs import make_plan
from experiments.schema import refuse_namesake
from experiments.training import made_from

SNAKEMAKE_MB = 400
"""Megabytes that Snakemake takes in a cluster's job, where it starts twice."""
RUNS_PER_MB = 250
"""It reads the plan each time: so many runs of the sweep take a megabyte more."""
SLOWER = 4
"""How many times longer than estimated a job may take: other processors, a cold file system."""


# ---------------------------------------------------------------- config and options


def planned(
    config: str, given: Mapping[str, Any], results: Path | None = None, again: bool = False
) -> Plan:
    """Return the plan of a config, with the changes and options that `--config` gives.

    `again`: Snakemake runs inside a job of a sweep that goes on, so the plan is the frozen one.
    """
    results = results or Path("results") / Path(config).stem
    if again and (results / files.CONFIG).is_file():
        return frozen_plan(results)
    plan = make_plan(Path(config), changes(given), **options(given))
    refuse_namesake(Path(config), plan.config, results)
    return plan


def shell_prefix(clone: Path) -> str:
    """Return what each rule's command begins with: the Python that runs Snakemake, and the clone.

    Snakemake takes braces in it for names, so they are doubled.
    """
    python = shlex.quote(os.path.dirname(sys.executable))
    words = f"export PATH={python}:$PATH PYTHONPATH={shlex.quote(str(clone))}; "
    return words.replace("{", "{{").replace("}", "}}")


def rule_inputs(data: Data) -> list[str]:
    """Return the user's files that a dataset is read from, as inputs of a rule.

    Snakemake takes a word in braces for a wildcard, and has no way to write a brace: a path with
    one is left out. The name of the dataset changes with its files all the same.
    """
    return [str(path) for path in data.files if "{" not in str(path)]


def memory_mb(plan: Plan, job: Job | ConfirmJob, attempt: int) -> int:
    """Return the memory to ask a cluster for; a second attempt asks for twice as much."""
    return attempt * (SNAKEMAKE_MB + len(plan.runs) // RUNS_PER_MB + job.megabytes)


def minutes(job: Job | ConfirmJob, attempt: int) -> int:
    """Return the minutes to ask a cluster for, Snakemake's start included."""
    return attempt * (10 + math.ceil(SLOWER * job.seconds / 60))


def unlimited_starts(workflow: Any) -> None:
    """Let Snakemake start jobs on this machine as soon as a core is free.

    It limits the starts per second, which a cluster may need. For that it looks again for jobs to
    start a second after each job that ends, once for each, and waits for the last of these at its
    end: in a sweep of two hundred short jobs that takes longer than some of the jobs.
    """
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


def wanted_jobs(
    plan: Plan, results: Path, given: Mapping[str, Any]
) -> tuple[list[Job], list[ConfirmJob]]:
    """Return the train jobs and the confirming jobs to collect.

    They are all, or with `--config partial=true` those that are finished.
    """
    jobs, confirming = plan.jobs, plan.confirm_jobs
    if is_partial(given):
        jobs = [job for job in jobs if files.job_file(results, job.name).exists()]
        confirming = [j for j in confirming if files.confirm_file(results, j.name).exists()]
    return jobs, confirming


# ---------------------------------------------------------------- recipes


def contents(folder: str) -> str:
    """Return a digest of the CSV files in a folder: another one when any of them changes."""
    files = (path for path in sorted(Path(folder).glob("*.csv")) if path.is_file())
    return digest("".join(path.read_text("utf-8", "backslashreplace") for path in files))


def recipe(step: str, plan: Plan, *code: str, **others: str) -> dict[str, str]:
    """Return what a step's products follow from, beside the files that it reads, as digests.

    It is the parts of the config that the step uses and the closure of its code.
    """
    found = used(step, plan.config) | others
    return found | ({"code": closure.code(*code)[:16]} if code else {})


def plan_recipe(plan: Plan) -> dict[str, str]:
    """Return what the plan's products follow from."""
    return {**used("plan", plan.config), "signature": signature(plan)}


# ---------------------------------------------------------------- what is out of date


@dataclass(frozen=True)
class Task:
    """Something to be done for a sweep: a rule, its files, what they follow from, why to do it."""

    rule: str
    files: tuple[str, ...]
    follows: tuple[str, ...]
    why: Callable[[], str]


def tasks(
    plan: Plan,
    jobs: tuple[Iterable[Job], Iterable[ConfirmJob]],
    steps: Mapping[str, Step],
    recipes: Mapping[str, Mapping[str, str]],
    data: Path,
) -> list[Task]:
    """Return all that there is to do for a sweep, each after what it needs.

    `jobs` are the train jobs and the confirming jobs.
    """
    found = [_task(steps["plan"], recipes["plan"])]
    results, wanted = steps["collect"].results, [*jobs[0], *jobs[1]]
    keys = {d.key: d for d in plan.data.values()}
    why_data = {
        key: cache(partial(_why_data, keys[key], files.data_file(data, key)))
        for key in dict.fromkeys(job.data for job in wanted)
    }
    for key, why in why_data.items():
        found.append(Task("data", (str(files.data_file(data, key)),), (), why))
    for job in wanted:
        rule, path, before = _place(plan, job, results)
        file = files.data_file(data, job.data)
        why = partial(_why_job, path, keys[job.data], file, why_data[job.data])
        found.append(Task(rule, (str(path),), before, why))
    return found + [_task(step, recipes[name]) for name, step in steps.items() if name != "plan"]


def _place(plan: Plan, job: Job | ConfirmJob, results: Path) -> tuple[str, Path, tuple[str, ...]]:
    """Return the rule of a job, its file, and the files of other jobs that it reads."""
    if isinstance(job, ConfirmJob):
        before = tuple(tuning_files(plan, job, results))
        return "confirm", files.confirm_file(results, job.name), before
    return "train", files.job_file(results, job.name), ()


def tuning_files(plan: Plan, job: ConfirmJob, results: Path | str) -> list[str]:
    """Return the files of the tuning jobs that a confirming job chooses from."""
    tuning = tuning_jobs(job, plan.holders)
    return [str(files.job_file(results, found.name)) for found in tuning]


def _task(step: Step, recipe: Mapping[str, str]) -> Task:
    return Task(step.name, step.products, step.inputs, partial(receipts.why_stale, step, recipe))


def _why_data(data: Data, path: Path) -> str:
    try:
        meta = store.check(path)
    except FileNotFoundError:
        return f"{path} is missing"
    except (DamagedFileError, OSError):
        return f"{path} is damaged"
    same = meta.get("made_by") == made_by(data)
    return "" if same else f"the code of its source {data.source} changed"


def _why_job(path: Path, data: Data, file: Path, why_data: Callable[[], str]) -> str:
    """Return why the runs of a job may not be those of its data; the name says all the rest.

    The data's code decides only while the data itself is to be made again.
    """
    try:
        known = made_from(path)
        if why_data():
            same = known["made_by"] == made_by(data)
        else:
            same = known["checksum"] == store.header(file)["checksum"]
    except FileNotFoundError:
        return ""  # Snakemake sees by itself that it is missing, if anything needs it
    except (DamagedFileError, OSError, LookupError, TypeError):
        return f"{path} is damaged, or of an older version"
    return "" if same else f"the values of {data.name} may be others now"


def out_of_date(todo: Iterable[Task], forced: Collection[str] = ()) -> dict[str, str]:
    """Return the files that have to be made again, each with the reason.

    `forced` are names of rules or files. What follows from something that is made again is made
    again.
    """
    reasons: dict[str, str] = {}
    for task in todo:
        why = "it was asked for" if {task.rule, *task.files} & {*forced} else task.why()
        before = [file for file in task.follows if file in reasons]
        if not why and before:
            why = f"{before[0]} is made again"
        reasons |= dict.fromkeys(task.files, why) if why else {}
    return reasons


class Renewal:
    """Tells Snakemake what is out of date, and people why.

    Snakemake's own reasons are times, and notes in `.snakemake` that do not move with results. So
    what is out of date is added to the files that it is forced to make, as `--forcerun` does, and
    the inputs of all else are `ancient`: no time of theirs is a reason. (Those of what is out of
    date are not: Snakemake does not look at jobs that come after one that is forced, but runs
    them if an input of theirs that is not ancient is made again.) Snakemake's graph is there only
    once it asks the rules for their inputs.
    """

    def __init__(self, todo: Callable[[], list[Task]]) -> None:
        self.todo, self.graph = todo, None
        self.tasks: list[Task] = []
        self.reasons: dict[str, str] = {}
        self.told: set[str] = set()

    def due(self, workflow: Any, product: str) -> bool:
        """Return whether a file is out of date; if so, tell Snakemake and people."""
        if not workflow.is_main_process or workflow.dag_settings.forceall:
            return False
        if self.graph is not workflow.dag:
            self.graph, self.tasks = workflow.dag, self.todo()
            forced = {*map(str, self.graph.forcerules), *map(str, self.graph.forcefiles)}
            self.reasons = out_of_date(self.tasks, forced)
            self.graph.forcefiles.update(self.reasons)
            closure.save()
        if product in self.reasons:
            self._tell(product)
        return product in self.reasons

    def _tell(self, product: str) -> None:
        """Say once for each rule why it makes again something that is there."""
        task = next(task for task in self.tasks if product in task.files)
        if task.rule not in self.told and any(Path(file).exists() for file in task.files):
            self.told.add(task.rule)
            print(f"{task.rule} again: {self.reasons[product]}", file=sys.stderr)


def clear_folders(todo: Iterable[Task]) -> None:
    """Move aside every folder that has the name of a file to be made."""
    for task in todo:
        for path in map(Path, task.files):
            if path.is_dir():
                aside = path.with_name(f"{path.name}.aside")
                path.rename(aside)
                print(f"{path} was a folder; it is now {aside}", file=sys.stderr)


def as_words(recipe: Mapping[str, str]) -> str:
    """Return a recipe as the option --recipe takes it."""
    return json.dumps(recipe, sort_keys=True)
