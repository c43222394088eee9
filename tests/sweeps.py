"""Small sweeps for tests: a config in a temporary folder, trained without Snakemake."""

from pathlib import Path

import yaml

from experiments.collect import collect
from experiments.plan import Plan, make_plan
from experiments.prepare import prepare
from experiments.train import run_job, write_job

TINY = {
    "seeds": 8,
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
                done = run_job(job.specs, classes[job.data], data, self.cache, self.said.append)
                write_job(path, job.specs, done, data)
        return sum(int(text.split()[0]) for text in self.said if " trained, " in text)

    def collect(self, partial: bool = False) -> None:
        """Collect the results."""
        collect(self.plan, self.results, self.data, self.cache, partial)
