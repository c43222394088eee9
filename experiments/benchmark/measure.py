"""The measurements: contenders in turns, what recording adds, memory."""

import gc
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.base import files, store
from experiments.benchmark.contenders import Contender, Ours, first_parameters
from experiments.benchmark.workloads import Workload
from experiments.datasets import DATASETS, made
from experiments.plan import Plan
from experiments.training import job_line
from mlp import Descent, Network, Replica, stream, train

PACKAGES = ("numpy", "scikit-learn", "jax", "torch")


def versions() -> str:
    """Return the versions of what is installed of the packages that are compared."""
    found = [f"python {sys.version.split()[0]}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return "; ".join(found)


def race(contenders: Sequence[Contender], laps: int) -> list[list[float]]:
    """Return the seconds of processor time of each contender's laps, taken in turns.

    Each turn begins with another contender, so that none always follows the same one.
    """
    times: list[list[float]] = [[] for _ in contenders]
    for turn in range(laps):
        for i in range(len(contenders)):
            place = (i + turn) % len(contenders)
            if len(times[place]) < contenders[place].most_laps:
                times[place].append(seconds(contenders[place].lap))
    return times


def seconds(function: Callable[[], object]) -> float:
    """Return the processor time that a call takes."""
    start = time.process_time()
    function()
    return time.process_time() - start


@contextmanager
def quiet() -> Iterator[None]:
    """Keep BLAS to one thread and the garbage collector off."""
    gc.collect()
    gc.disable()
    try:
        with threadpool_limits(1):
            yield
    finally:
        gc.enable()


def recording_overhead(work: Workload, epochs: int, repeats: int) -> dict[str, float]:
    """Return what recording adds to training, as a share: "default" and "exact".

    Of at most 2,000 samples three fifths are trained on, as in a sweep. "default" records
    validation and test each epoch and the training part at the first and last, "exact" all three
    each epoch.
    """
    R, parts = work.chosen_stack("float64"), work.split(0.2, most=2_000)
    net = Network(work.sizes, work.hidden)
    replicas = [Replica(seed, work.eta) for seed in range(R)]
    options: dict[str, Any] = {"epochs": epochs, "batch_size": work.batch_size}

    def recorded(exact: bool) -> None:
        params = first_parameters(net, work, R)
        train(net, params, parts, replicas, exact_train=exact, **options)

    def bare() -> None:
        params = first_parameters(net, work, R)
        descent = Descent(net, params, parts["train"], work.batch_size)
        streams = [stream("order", seed) for seed in range(R)]
        for _ in range(epochs):
            order = np.stack([rng.permutation(len(parts["train"])) for rng in streams])
            descent.epoch(order, np.full(R, work.eta))

    kinds = {"bare": bare, "default": lambda: recorded(False), "exact": lambda: recorded(True)}
    times = {name: [] for name in kinds}
    for _ in range(repeats):
        for name, function in kinds.items():
            times[name].append(seconds(function))
    medians = {name: float(np.median(values)) for name, values in times.items()}
    return {name: medians[name] / medians["bare"] - 1 for name in ("default", "exact")}


def optimizer_times(work: Workload, names: Sequence[str], laps: int) -> dict[str, float]:
    """Return how many times as long as a step of sgd one of each optimizer takes.

    Each replica has its own step size, a hundredth of that of the workload or less, as in a sweep.
    """
    R = work.chosen_stack("float64")
    contenders = [Ours(work, "float64", R, name) for name in ("sgd", *names)]
    for contender in contenders:
        contender.eta = work.eta / 100 * np.linspace(0.1, 1, R)
    sgd, *others = (float(np.median(times)) for times in race(contenders, laps))
    return {name: other / sgd for name, other in zip(names, others, strict=True)}


def allocation(work: Workload, few: int, many: int) -> int:
    """Return how many bytes more the peak is over `many` steps than over `few`."""
    contender = Ours(work, "float64", 4)
    order = np.tile(np.arange(work.n), (4, -(-many * work.batch_size // work.n)))
    peaks = []
    for steps in (few, few, many):
        contender.descent.batches = [
            slice(i * work.batch_size, (i + 1) * work.batch_size) for i in range(steps)
        ]
        tracemalloc.start()
        contender.descent.epoch(order, contender.eta)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return peaks[-1] - peaks[-2]


def job_megabytes(plan: Plan, epochs: int) -> float:
    """Return the peak memory of the job of a plan that should need the most, in a process.

    It trains for `epochs` epochs at most: only the curves, a few megabytes, grow with them.
    """
    job = max(plan.jobs, key=lambda job: (job.megabytes, job.seconds))
    data = next(d for d in plan.data.values() if d.key == job.data)
    source = DATASETS[data.source]
    specs = [{**spec, "epochs": min(epochs, spec["epochs"])} for spec in job.specs]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arrays = made(data.name, source, source.Options(**data.options), data.shape)
        checksum = {"checksum": store.checksum(arrays)}
        store.write(files.data_file(folder, "data"), checksum, arrays)
        line = job_line(job.name, data.key, data.shape.classes, specs)
        store.write_text(folder / files.PLAN, line)
        places = {
            "plan": folder / files.PLAN, "data": files.data_file(folder, "data"),
            "cache": folder / "cache", "out": files.job_file(folder, job.name),
        }  # fmt: skip
        words = [word for key, path in places.items() for word in (f"--{key}", path)]
        return run([sys.executable, "-m", "experiments", "train", *words]).megabytes


class Usage(NamedTuple):
    """What a process took: most memory at once, wall seconds, processor seconds."""

    megabytes: float
    seconds: float
    processor_seconds: float


_WATCH = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime)
"""


def run(command: Sequence[str | Path]) -> Usage:
    """Run a command and return what it took.

    A small process starts it: one that is started from here would count our own memory as its.
    """
    start = time.perf_counter()
    words = [sys.executable, "-c", _WATCH, *map(str, command)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(int(said[-2]) * unit / 1e6, time.perf_counter() - start, float(said[-1]))
