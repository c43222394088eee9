"""How runs are packed: which can share a stack, how large it is, what a job will take.

Nothing here changes a result: a run has the same bits in any stack.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.training.dealing import PARTS
from experiments.training.defects import epoch_size
from experiments.training.fields import FIELDS, component_names
from experiments.training.replicas import split_seed
from experiments.training.splits import kept_rows, part_sizes
from mlp import OPTIMIZERS
from mlp.recording import CHUNK, TOGETHER, Every, history_columns, recorded_epochs

if TYPE_CHECKING:  # the train job imports this module and should not wait for the sources
    from experiments.datasets import Shape

Spec = Mapping
STACK_FIELDS = tuple(field.name for field in FIELDS if field.shared)
"""What the replicas of a stack have in common; the other fields may differ between them."""

WORKING_SET = 5_000_000
"""Bytes that the arrays of a training step should fill together: a few times a second-level
cache, found best by measurement from 64-30-10 to 1600-10-2. No result depends on it."""


def stack_key(spec: Spec) -> tuple:
    """Return what a run must share with others to be trained in one stack with them."""
    return tuple(_hashable(spec[field]) for field in STACK_FIELDS)


def _hashable(value: Any) -> object:
    """Return a form of a field that replicas can share: of an optimizer it is the name."""
    if isinstance(value, Mapping):
        return value["name"] if "name" in value else tuple(sorted(value.items()))
    return tuple(value) if isinstance(value, list) else value


def _states(spec: Spec) -> int:
    """Return how many arrays of the weights' size the optimizer of a run keeps."""
    (name,) = component_names(spec["optimizer"])
    return OPTIMIZERS[name].states


def bytes_per_replica(spec: Spec) -> int:
    """Return the size of one replica's arrays in a training step."""
    sizes, rows = spec["sizes"], spec["batch_size"]
    weights = sum(a * b + b for a, b in pairwise(sizes))
    copies = 2 + (spec["update"] == "epoch") + (spec["penalty"] != "none") + _states(spec)
    numbers = copies * weights + rows * (sizes[0] + 2 * sum(sizes[1:-1]) + 4 * sizes[-1])
    return numbers * np.dtype(spec["dtype"]).itemsize


def stack_size(spec: Spec) -> int:
    """Return how many replicas to train at once, from the working set of one.

    >>> spec = {"batch_size": 10, "update": "batch", "penalty": "none", "dtype": "float64"}
    >>> spec["optimizer"] = "sgd"
    >>> [stack_size({**spec, "sizes": sizes}) for sizes in ([64, 30, 10], [784, 100, 10])]
    [101, 3]
    """
    return max(1, min(128, WORKING_SET // bytes_per_replica(spec)))


FOLDS_BYTES = 50_000_000
"""Bytes that the samples of the splits of one stack may fill. It bounds the memory; the time
per run hardly depends on it once a stack has some ten replicas (measured)."""


def most_folds(spec: Spec, samples: int) -> int:
    """Return how many splits of a dataset the runs of one stack may have.

    >>> [most_folds({"sizes": [n, 20, 10], "dtype": "float64"}, 1000) for n in (64, 100_000)]
    [84, 1]
    """
    sample = (spec["sizes"][0] + spec["sizes"][-1]) * np.dtype(spec["dtype"]).itemsize
    return max(1, FOLDS_BYTES // (samples * sample))


def _even(seed: int) -> tuple[int, ...]:
    return ()


def stacks(
    specs: Sequence[Spec], samples: int, sizes: Callable[[int], tuple[int, ...]] = _even
) -> Iterator[list[int]]:
    """Yield the places of the runs of each stack, for runs on one dataset of `samples` rows.

    The runs of one split follow one another, so that most are evaluated on common samples.
    `sizes` tells splits whose parts have other sizes from one another, by their seed: a stack has
    parts of one size.
    """
    groups: dict[tuple, dict[int, list[int]]] = {}
    for place, spec in enumerate(specs):
        seed = split_seed(spec)
        groups.setdefault((stack_key(spec), sizes(seed)), {}).setdefault(seed, []).append(place)
    for splits in groups.values():
        runs = list(splits.values())
        first = specs[runs[0][0]]
        for some in _pieces(runs, most_folds(first, samples)):
            yield from _pieces([place for run in some for place in run], stack_size(first))


def _pieces(items: list[Any], most: int) -> Iterator[list[Any]]:
    """Yield the items in as few pieces of at most `most` as possible, of nearly equal length."""
    count = math.ceil(len(items) / most)
    ends = [len(items) * piece // count for piece in range(count + 1)]
    yield from (items[first:last] for first, last in pairwise(ends))


# What a run should cost: a step has a cost shared by the stack, one per multiplication of its
# products, one per activation and one per weight that is moved. Fitted by measurement.
STEP_SECONDS = 1.35e-6
PRODUCT_SECONDS = 5.8e-11
ACTIVATION_SECONDS = 8.9e-9
WEIGHT_SECONDS = 6.75e-10
GATHER_SECONDS = 1.5e-9
"""What a sample costs in a step for each of its inputs, besides the products: it is copied."""
STATE_SECONDS = 2.2e-9
"""What a weight costs more in a step for each array that the optimizer keeps, about."""
EPOCH_SECONDS = 1.14e-4
EVALUATION = 2.3
"""How much more a product or an activation of an evaluation costs than one of training."""


def updates_in_epoch(run: Mapping, n_train: int) -> int:
    """Return how many updates an epoch of a run has; `run` is a row of the table of runs.

    >>> run = {"update": "batch", "batch_size": 10, "train_fraction": 1.0, "defects": "none"}
    >>> updates_in_epoch(run, 91), updates_in_epoch({**run, "update": "epoch"}, 91)
    (10, 1)
    """
    if run.get("update") == "epoch":
        return 1
    n = kept_rows(run.get("train_fraction", 1.0), n_train)
    names = re.findall(r"\w+", str(run.get("defects", "")))  # as `defects.label` writes them
    return epoch_size(n, min(int(run["batch_size"]), n), names)[0]


def estimated_seconds(spec: Mapping, n_train: int, n_all: int) -> float:
    """Return about how many seconds of one processor a run takes within a full stack."""
    sizes = spec["sizes"]
    n = kept_rows(spec["train_fraction"], n_train)
    steps, used = epoch_size(n, spec["batch_size"], spec["defects"])
    products = sum(a * b for a, b in pairwise(sizes))
    units = sum(sizes[1:])
    weight = WEIGHT_SECONDS + STATE_SECONDS * _states(spec)
    training = steps * (STEP_SECONDS + weight * products) + used * (
        6 * products * PRODUCT_SECONDS + units * ACTIVATION_SECONDS + sizes[0] * GATHER_SECONDS
    )
    rows = n_all if spec["record_train"] == "exact" else n_all - n_train
    forward = 2 * products * PRODUCT_SECONDS + 0.5 * units * ACTIVATION_SECONDS
    evaluation = EVALUATION * rows * forward
    scale = 1.0 if spec["dtype"] == "float64" else 0.6
    measured = _measured(spec["epochs"], spec["record_every"])
    return scale * (spec["epochs"] * (training + EPOCH_SECONDS) + measured * evaluation)


@lru_cache(maxsize=256)
def _measured(epochs: int, every: Every) -> int:
    return len(recorded_epochs(epochs, every)) - 1


STACK_SECONDS = 6.0e-5
"""What a step costs in a stack however few replicas it has."""


def stack_seconds(spec: Mapping, n_train: int, n_all: int, replicas: float) -> float:
    """Return about how many seconds of one processor a stack of a few replicas takes."""
    n = kept_rows(spec["train_fraction"], n_train)
    steps, _ = epoch_size(n, spec["batch_size"], spec["defects"])
    stacks = math.ceil(replicas / stack_size(spec))
    own = spec["epochs"] * steps * STACK_SECONDS
    return stacks * own + replicas * estimated_seconds(spec, n_train, n_all)


def estimated_megabytes(spec: Spec, shape: "Shape", runs: int) -> int:
    """Return about how much memory a job needs, the interpreter and NumPy included."""
    replicas = min(runs, stack_size(spec))
    folds = 1 if spec["split"] == "fixed" else min(runs, most_folds(spec, shape.samples))
    values = (1 + 3 * folds) * shape.samples * (shape.features + max(1, shape.classes))
    costs = replicas * shape.samples
    chunk = min(replicas, TOGETHER) * CHUNK * sum(spec["sizes"][1:]) * 2 * 6
    curves = 3 * curve_bytes(spec) // 8 * runs  # written as copies
    numbers = values + costs + chunk + curves + replicas * bytes_per_replica(spec) // 8 * 2
    return 60 + math.ceil(numbers * 8 / 1e6)


def curve_bytes(spec: Spec) -> int:
    """Return how many bytes the curves of a run have."""
    recorded = history_columns(len(spec["sizes"]) - 1, PARTS)
    return 8 * (spec["epochs"] + 1) * len(recorded)


def train_rows(shape: "Shape") -> int:
    """Return the number of training samples of a dataset before any thinning."""
    return part_sizes(shape)["train"]
