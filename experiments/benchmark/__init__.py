"""The benchmark: this package compared with the alternatives, in one run, on one thread.

`run_benchmark(folder)` writes benchmark.csv (a row for each workload and contender), bars.csv
(each bar that the package is held to, with what was measured) and breakdown.csv, if there are
timings of a sweep. All contenders of a workload take turns, lap by lap, so that a disturbance of
the machine meets all of them; times are of the processor, medians with quartiles.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import files, write_text
from experiments.benchmark import bars as bar_table
from experiments.benchmark.bars import spoken
from experiments.benchmark.breakdown import training_seconds, wall_seconds, write_breakdown
from experiments.benchmark.contenders import Contender, Floor, FloorIn, Ours, ScikitLearn, Textbook
from experiments.benchmark.growth import RUNS, run_growth, run_plan
from experiments.benchmark.measure import (
    Recording,
    allocation,
    job_megabytes,
    operations,
    optimizer_times,
    peak,
    quiet,
    race,
    recording_overhead,
    versions,
)
from experiments.benchmark.rivals import RIVALS, Jax, installed
from experiments.benchmark.workloads import WORKLOADS, Workload
from experiments.plan import make_plan

__all__ = [
    "RUNS",
    "run_benchmark",
    "run_growth",
    "run_plan",
    "spoken",
    "write_breakdown",
]

REPLICAS = (1, 8, 32, 128)
RIVALS_REPLICAS = (32, 128)
DTYPES = ("float64", "float32")
DEFAULT_STUDY = Path(__file__).parents[1] / "config" / "default.yaml"

COLUMNS = (
    "workload",
    "title",
    "contender",
    "dtype",
    "replicas",
    "chosen",
    "n",
    "microseconds",
    "q25",
    "q75",
    "fastest",
    "slowest",
    "seconds_per_run_epoch",
    "steps_per_epoch",
    "epochs",
    "accuracy",
    "compile_seconds",
    "ratio_to_sklearn",
    "ratio_to_floor",
    "share_of_peak",
    "versions",
)
"""microseconds, q25, q75, fastest and slowest are of one step of one replica; share_of_peak is what
its products alone would take at the speed of a large product of the same type, as a share."""


def run_benchmark(
    folder: Path, quick: bool = False, study: Path = DEFAULT_STUDY, results: Path | None = None
) -> pd.DataFrame:
    """Measure everything, write the tables and return that of the bars.

    `quick` tries the machinery on small pieces. `results` is the folder of a finished sweep, to
    say where its time went.
    """
    folder = Path(folder)
    works = [work.shortened() for work in WORKLOADS] if quick else WORKLOADS
    frames = [run_workload(work, list(field(work, quick))) for work in works]
    measured = pd.concat(frames, ignore_index=True)
    with quiet():
        recording = {work.name: _recording(work, quick) for work in works}
        steps = optimizer_times(works[0], [*bar_table.AGAINST_SGD], works[0].laps)
    memory = {
        "growth": allocation(works[0], 20, 40 if quick else 400),
        "megabytes": job_megabytes(make_plan(study), epochs=1 if quick else 3),
    }
    others = [*bar_table.optimizer_bars(works[0].name, steps)]
    if results and (results / files.TIMINGS).exists():
        write_breakdown(results, folder / "breakdown.csv")
        wall, training = wall_seconds(results), training_seconds(results)
        others += [bar_table.wall_bar(results.name, wall, training)]
    held = bar_table.bars(measured, recording, memory, *others)
    write_text(folder / "benchmark.csv", measured.to_csv(index=False, float_format="%.6g"))
    write_text(folder / "bars.csv", held.to_csv(index=False, float_format="%.6g"))
    return held


def field(work: Workload, quick: bool = False) -> Iterator[Contender]:
    """Yield the contenders of a workload, ready to start."""
    for dtype in DTYPES:
        chosen = work.chosen_stack(dtype)
        counts = [1, 2] if quick else sorted({*REPLICAS, chosen})
        yield from (Ours(work, dtype, R) for R in counts)
        yield from (kind(work, dtype, R) for kind in (Floor, FloorIn) for R in counts)
    yield ScikitLearn(work, "float64", 1)
    yield Textbook(work, "float64", 1)
    for kind in RIVALS:
        if installed(kind.module):
            few = RIVALS_REPLICAS if kind is Jax and work.epochs > 1 else RIVALS_REPLICAS[:1]
            yield from (kind(work, "float32", R) for R in ([2] if quick else few))


def run_workload(work: Workload, contenders: Sequence[Contender]) -> pd.DataFrame:
    """Return the rows of one workload."""
    with quiet():  # here all libraries are loaded, also those that bring a BLAS of their own
        times = race(contenders, work.laps)
        fastest = {dtype: peak(dtype) for dtype in DTYPES}
    rows = [_row(work, c, np.array(t)) for c, t in zip(contenders, times, strict=True)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    rival = bar_table.reference(frame, ScikitLearn.name)
    floor = bar_table.reference(frame, Floor.name)
    frame["ratio_to_sklearn"] = rival[work.name, "float64"] / frame["microseconds"]
    floors = [floor.get((work.name, dtype)) for dtype in frame["dtype"]]
    frame["ratio_to_floor"] = frame["microseconds"] / floors
    rates = operations(work) / (frame["microseconds"] / 1e6)
    frame["share_of_peak"] = rates / frame["dtype"].map(fastest)
    return frame


def _row(work: Workload, contender: Contender, times: np.ndarray) -> dict[str, Any]:
    each = 1e6 * times / (contender.steps * contender.replicas)
    low, middle, high = np.quantile(each, [0.25, 0.5, 0.75])
    return {
        "workload": work.name,
        "title": work.title,
        "contender": contender.name,
        "dtype": contender.dtype,
        "replicas": contender.replicas,
        "chosen": contender.replicas == work.chosen_stack(contender.dtype),
        "n": len(each),
        "microseconds": middle,
        "q25": low,
        "q75": high,
        "fastest": each.min(),
        "slowest": each.max(),
        "seconds_per_run_epoch": middle * work.steps_per_epoch / 1e6,
        "steps_per_epoch": work.steps_per_epoch,
        "epochs": work.epochs,
        "accuracy": contender.test_accuracy(),
        "compile_seconds": contender.compile_seconds,
        "versions": versions(),
    }


def _recording(work: Workload, quick: bool) -> dict[str, Recording]:
    return recording_overhead(work, epochs=1 if quick else 30, repeats=1 if quick else 3)
