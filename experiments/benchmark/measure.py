"""The measurements: contenders in turns, what recording adds, memory."""

import gc
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from experiments.base import files, store
from experiments.benchmark.contenders import Contender, Ours, first_parameters
from experiments.benchmark.workloads import Workload
from experiments.datasets import prepare
from experiments.plan import Plan
from experiments.training import job_line
from mlp import Descent, Network, Parameters, Part, Replica, stream, train
from mlp.recording import TOGETHER, chunk_rows

PACKAGES = ("numpy", "scikit-learn", "jax", "torch")


def kernels() -> str:
    """Return the BLAS of NumPy and the kernels that it chose for this processor.

    All ratios depend on them: the same machine is half as fast again with AVX-512 kernels.
    """
    np.matmul(np.eye(2), np.eye(2))  # it is loaded
    found = [each for each in threadpool_info() if each["user_api"] == "blas"]
    mine = [each for each in found if "numpy" in each["filepath"]] or found
    if not mine:
        return "an unknown BLAS"
    names = (mine[0].get(key) for key in ("internal_api", "version", "architecture"))
    return " ".join(name for name in names if name)


def versions() -> str:
    """Return the versions of what is installed of the packages that are compared."""
    found = [f"python {sys.version.split()[0]}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return "; ".join([*found, kernels()])


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


class Recording(NamedTuple):
    """What recording adds to training: as a share of it, and as a multiple of its bare passes.

    The bare passes are the forward passes that it needs (see :func:`bare_passes`).
    """

    share: float
    passes: float


def recording_overhead(work: Workload, epochs: int, repeats: int) -> dict[str, Recording]:
    """Return what recording costs: "default" and "exact".

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

    passes = bare_passes(work, parts, R)
    kinds = {"bare": bare, "default": lambda: recorded(False), "exact": lambda: recorded(True)}
    kinds |= {f"pass {name}": one for name, one in passes.items()}
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(repeats):
        for name, function in kinds.items():
            times[name].append(seconds(function))
    took = {name: float(np.median(values)) for name, values in times.items()}
    each = {name: took[f"pass {name}"] / PASSES for name in passes}
    train_passes = {"default": 2, "exact": epochs + 1}
    found = {}
    for name, count in train_passes.items():
        needed = (epochs + 1) * (each["validation"] + each["test"]) + count * each["train"]
        added = took[name] - took["bare"]
        found[name] = Recording(added / took["bare"], added / needed)
    return found


PASSES = 10
"""Bare passes that are timed at once: one alone would be short for the clock."""


def bare_passes(work: Workload, parts: Mapping[str, Part], R: int) -> dict[str, Callable[[], None]]:
    """Return for each part a function that takes `PASSES` forward passes and nothing else.

    It has the products, biases and activations of equations (3) and (4), on arrays that are
    ready, for rows and replicas in the pieces that the recorder takes.
    """
    net, rows = Network(work.sizes, work.hidden), chunk_rows(work.sizes)
    groups = [min(TOGETHER, R - first) for first in range(0, R, TOGETHER)]
    stacks = [_layers(first_parameters(net, work, count)) for count in groups]
    outputs: dict[tuple[int, int], list[np.ndarray]] = {}

    def passes(X: np.ndarray) -> None:
        for layers in stacks:
            for start in range(0, len(X), rows):
                a = X[start : start + rows]
                shape = len(layers[0][0]), len(a)
                if shape not in outputs:
                    outputs[shape] = [np.empty((*shape, width)) for width in work.sizes[1:]]
                for (w, b), activation, z in zip(
                    layers, net.activations, outputs[shape], strict=True
                ):
                    np.matmul(a, w, out=z)
                    np.add(z, b, out=z)
                    a = activation.value(z, out=z)

    def several(X: np.ndarray) -> None:
        with np.errstate(over="ignore"):  # as in training
            for _ in range(PASSES):
                passes(X)

    return {name: partial(several, part.X) for name, part in parts.items()}


def _layers(params: Parameters) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return weights (R, n_in, n_out), in that order in memory, and biases (R, 1, n_out)."""
    both = zip(params.weights, params.biases, strict=True)
    return [(np.ascontiguousarray(w.mT), b.reshape(len(b), 1, -1).copy()) for w, b in both]


def peak(dtype: str, size: int = 768, repeats: int = 5) -> float:
    """Return the most multiplications and additions in a second, from large square products."""
    a = np.random.default_rng(0).standard_normal((size, size)).astype(dtype)
    out = np.empty_like(a)
    return 2.0 * size**3 / min(seconds(lambda: np.matmul(a, a, out=out)) for _ in range(repeats))


def operations(work: Workload) -> float:
    """Return the multiplications and additions in the products of a step of one replica."""
    products = [a * b for a, b in pairwise(work.sizes)]
    return 2.0 * work.batch_size * (3 * sum(products) - products[0])


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
    specs = [{**spec, "epochs": min(epochs, spec["epochs"])} for spec in job.specs]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(data, files.data_file(folder, "data"))
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
