"""Small sweeps for tests: a config in a temporary folder, trained without Snakemake."""

from pathlib import Path

import yaml

from experiments.base import Cache, cache_at, receipts
from experiments.base.store import write_text
from experiments.datasets.making import prepare
from experiments.plan import Plan, make_plan
from experiments.plan.products import steps, trained_files
from experiments.plan.snakefile import out_of_date, tasks
from experiments.results.collection import collect
from experiments.schema.frozen import freeze
from experiments.training.confirm import confirm_job
from experiments.training.job import run_job
from experiments.training.jobfile import write_job
from experiments.training.planfile import plan_lines
from reports.figures import figure_files
from reports.recipes import recipes

TINY = {
    "seeds": 8,
    "confirm": "none",
    "studies": {
        "activations": {
            "datasets": ["iris"],
            "base": {"layers": [5], "epochs": 3},
            "grid": {"hidden": ["sigmoid", "tanh"], "eta": [0.1, 1.0]},
            "compare": "hidden",
            "tune": "eta",
        }
    },
}


def acts(*hidden: str) -> dict:
    """Return a config of one small study, `acts`, on iris, that is tuned and confirmed."""
    study = {
        "datasets": ["iris"],
        "base": {"layers": [4], "epochs": 3},
        "grid": {"hidden": [*hidden], "eta": [0.1, 1.0]},
        "compare": "hidden",
        "tune": "eta",
        "confirm": {"splits": 2, "seeds": 1},
    }
    return {"seeds": 2, "studies": {"acts": study}}


def write_config(folder: Path, content: dict, name: str = "tiny") -> Path:
    """Write a config and return its path."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


class Sweep:
    """A sweep in a folder: what Snakemake's rules do, one after another."""

    def __init__(self, folder: Path, content: dict = TINY, name: str = "tiny", **resources) -> None:
        self.folder = folder
        self.config = write_config(folder, content, name)
        self.plan: Plan = make_plan(self.config, **resources)
        self.results, self.data = folder / "results" / name, folder / "data"
        self.cache = folder / "cache"
        self.said: list[str] = []

    @property
    def shared(self) -> Cache:
        """The cache at `cache`, a folder or an address."""
        return cache_at(str(self.cache))

    def train(self) -> int:
        """Train all jobs that have no file; return how many runs were trained."""
        for data in self.plan.data.values():
            if not (path := self.data / f"{data.key}.bin").exists():
                prepare(data, path)
        classes = {data.key: data.shape.classes for data in self.plan.data.values()}
        self.said.clear()
        for job in self.plan.jobs:
            path = self.results / "jobs" / f"{job.name}.bin"
            if not path.exists():
                data = self.data / f"{job.data}.bin"
                done = run_job(job.specs, classes[job.data], data, self.shared, self.said.append)
                write_job(path, job.specs, done, data)
        for job in self.plan.confirm_jobs:
            path = self.results / "confirm" / f"{job.name}.bin"
            if not path.exists():
                line, data = self.plan.confirm_line(job), self.data / f"{job.data}.bin"
                jobs = self.results / "jobs"
                confirm_job(line, jobs, data, self.shared, path, self.said.append)
        return sum(int(text.split()[0]) for text in self.said if " trained, " in text)

    def collect(self, partial: bool = False) -> None:
        """Collect the results."""
        collect(self.plan, self.results, self.data, self.shared, partial)

    def write_plan(self) -> None:
        """Write the plan's file, as the rule `plan` does."""
        write_text(self.results / "plan.txt", "".join(plan_lines(self.plan)))

    def finish(self) -> "Sweep":
        """Train, collect and write the plan: all that a network is had back from."""
        self.train()
        self.collect()
        self.write_plan()
        return self


class Renewed:
    """A sweep of which every file is there with its receipt; those after training are made up.

    `stale` asks what would be done again, as Snakemake is told it.
    """

    def __init__(self, folder: Path, content: dict = TINY) -> None:
        self.folder, self.content = folder, content
        self.sweep = Sweep(folder, content)
        self.sweep.train()
        freeze(self.sweep.plan.config, str(self.sweep.config), self.sweep.results)
        self.sweep.write_plan()
        table, recipes = self.table(self.sweep.plan)
        for step in table.values():
            for product in map(Path, step.products):
                if not product.exists():
                    write_text(product, f"{product.name}\n")
        for name, step in table.items():
            receipts.write(step, recipes[name])

    def table(self, plan: Plan) -> tuple[dict, dict]:
        jobs = [job.name for job in plan.jobs], [job.name for job in plan.confirm_jobs]
        keys = sorted(data.key for data in plan.data.values())
        trained = trained_files(*jobs, keys, self.sweep.results, self.sweep.data)
        table = steps(plan.config, self.sweep.results, trained, figure_files(plan.config))
        return table, recipes(plan)

    def stale(self, content: dict | None = None, **resources) -> dict[str, str]:
        """Return the rules that would be done again with another config, and the first reasons."""
        path = write_config(self.folder, content or self.content)
        plan = make_plan(path, **resources)
        table, recipe = self.table(plan)
        todo = tasks(plan, (plan.jobs, plan.confirm_jobs), table, recipe, self.sweep.data)
        reasons = out_of_date(todo)
        found = {}
        for task in todo:
            if any(file in reasons for file in task.files):
                found.setdefault(task.rule, next(reasons[f] for f in task.files if f in reasons))
        return found
