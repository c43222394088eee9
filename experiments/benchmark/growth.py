"""How the pipeline's costs grow with the number of runs: made-up results in the real format.

`python -m experiments growth FOLDER` plans sweeps of 1,000, 10,000 and 100,000 runs,
writes job files with made-up curves of 30 epochs for them, collects and summarises those, and
draws the figures and the page: one step after another, by the commands of a sweep and with as many
processes. Their time and peak memory are noted in growth.csv, with the size of the page.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.base import files, store
from experiments.benchmark.measure import Usage, run
from experiments.datasets import prepare
from experiments.plan import Job, Plan, make_plan
from experiments.results import write_provenance
from experiments.schema import freeze
from experiments.training import Result, write_job
from mlp.recording import history_columns

RUNS = (1_000, 10_000, 100_000)
EPOCHS = 30
LARGEST_STUDY = 5_000
ETAS = [0.01, 0.03, 0.1, 0.3, 1.0]
HIDDEN = ["sigmoid", "tanh", "relu", "heaviside"]
INITS = ["large", "default", "fan_in", "glorot", "he"]
DATASETS = ["iris", "wine", "breast_cancer", "digits", "mnist1d"]
PARTS = ("plan", "collect and tables")
PAGE = "figures and report"
Command = tuple[str | Path, ...]
BARS = {PARTS[0]: (60.0, 2000.0, None), PARTS[1]: (90.0, 4000.0, None), PAGE: (None, None, 5.0)}
"""Seconds and MB that 100,000 runs may take, and MB that the page may have; None: no bar."""

COLUMNS = (
    "runs",
    "part",
    "seconds",
    "processor_seconds",
    "megabytes",
    "page_megabytes",
    "seconds_bar",
    "megabytes_bar",
    "page_bar",
    "met",
)


def config(runs: int, epochs: int = EPOCHS, seeds: int = 10) -> dict:
    """Return a config of about `runs` runs: studies of at most 5,000, all different.

    >>> sum(len(s["grid"]["init"]) for s in config(10_000)["studies"].values())
    10
    """
    unit = len(DATASETS) * len(HIDDEN) * len(ETAS) * seeds  # of one initialisation
    left = max(1, round(runs / unit))
    studies = {}
    while left:
        some = INITS[: min(left, len(INITS), LARGEST_STUDY // unit)]
        left -= len(some)
        studies[f"study{len(studies)}"] = {
            "datasets": DATASETS,
            "base": {"layers": [20 + len(studies)], "epochs": epochs},
            "grid": {"hidden": HIDDEN, "init": some, "eta": ETAS},
            "compare": "hidden",
            "tune": "eta",
        }
    return {"seeds": seeds, "confirm": "none", "studies": studies}


def make_up(plan: Plan, results: Path, data: Path) -> None:
    """Write a file for each job of a plan, as the train jobs do, with made-up curves."""
    rng = np.random.default_rng(0)
    for job in plan.jobs:
        path = files.job_file(results, job.name)
        write_job(path, job.specs, _made_up(job, rng), files.data_file(data, job.data))


def _made_up(job: Job, rng: np.random.Generator) -> list[Result]:
    columns = history_columns(len(job.specs[0]["sizes"]) - 1, ("train", "validation", "test"))
    runs, epochs = len(job.specs), job.specs[0]["epochs"]
    curves = rng.random((runs, epochs + 1, len(columns)))
    etas = np.array([spec["eta"] for spec in job.specs])
    for i, name in enumerate(columns):
        if name.endswith("accuracy"):  # it rises, the more the nearer the step is to 0.1
            rise = np.linspace(0.3, 0.95, epochs + 1) - 0.05 * np.abs(np.log10(etas / 0.1))[:, None]
            curves[:, :, i] = np.round(360 * (rise + 0.03 * curves[:, :, i])) / 360
    return [Result(columns, curve, -1, -1, 0.02) for curve in curves]


def run_plan(folder: Path) -> None:
    """Plan the sweep in `folder`."""
    plan = make_plan(folder / "growth.yaml")
    print(len(plan.runs), len(plan.jobs), plan.fingerprint)


def measure(runs: int, epochs: int = EPOCHS) -> list[dict]:
    """Return the cost of each part for that number of runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = json.dumps(config(runs, epochs), indent=1)  # JSON is YAML
        store.write_text(folder / "growth.yaml", content)
        plan = make_plan(folder / "growth.yaml")
        made = len(plan.runs)
        results, data = folder / "results", folder / "data"
        for dataset in plan.data.values():
            prepare(dataset, files.data_file(data, dataset.key))
        make_up(plan, results, data)
        freeze(plan.config, "growth.yaml", results)
        write_provenance(plan, folder / "growth.yaml", results, data)
        _step("experiments", "probes", "--results", results)
        used = {part: [_step(*words) for words in commands] for part, commands in _parts(folder)}
        page = (results / files.APPENDIX).stat().st_size / 1e6
        return [_row(made, part, used[part], page if part == PAGE else None) for part in used]


def _parts(folder: Path) -> Iterator[tuple[str, list[Command]]]:
    """Yield the parts with their commands, as the rules of the Snakefile have them."""
    where = ("--results", folder / "results", "--data", folder / "data")
    several = ("--processes", str(os.cpu_count() or 1))
    yield PARTS[0], [("experiments", "growth", folder, "--plan")]
    cache = ("--cache", folder / "cache")
    yield (
        PARTS[1],
        [
            ("experiments", "collect", *where, *cache),
            ("experiments", "tables", *where, *several),
        ],
    )
    yield PAGE, [("reports", "figures", *where, *several), ("reports", "page", *where)]


def _step(*words: str | Path) -> Usage:
    return run([sys.executable, "-m", *words])


def _row(runs: int, part: str, used: Sequence[Usage], page: float | None = None) -> dict:
    """Return the cost of a part, the sum of its commands, next to its bars."""
    seconds, processor = sum(u.seconds for u in used), sum(u.processor_seconds for u in used)
    megabytes, bars = max(u.megabytes for u in used), BARS[part]
    judged = zip((seconds, megabytes, page), bars, strict=True)
    met = all(bar is None or value <= bar for value, bar in judged)
    values = (runs, part, seconds, processor, megabytes, page, *bars, met)
    return dict(zip(COLUMNS, values, strict=True))


def run_growth(folder: Path, sizes: Sequence[int] = RUNS, epochs: int = EPOCHS) -> None:
    """Measure the parts for some numbers of runs and write growth.csv."""
    rows = [row for runs in sizes for row in measure(runs, epochs)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    store.write_text(Path(folder) / "growth.csv", frame.to_csv(index=False, float_format="%.4g"))
