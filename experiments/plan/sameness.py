"""Arms that are one training under two names: judged by what training does, not by spelling.

A penalty with lambda 0, a schedule over one epoch, a patience that is longer than the training:
the settings differ, the runs do not, and a test between them says "identical". Such arms are
refused if they are the same everywhere, and named by `plan` if they are the same in some places.
"""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.base import ConfigError, canonical, digest
from experiments.datasets import Shape
from experiments.schema import Study, axis_label
from experiments.training import kept_rows, strided_batches, train_rows
from mlp import PENALTIES, SCHEDULES, Network, optimizer_of, stream

if TYPE_CHECKING:
    from experiments.plan.model import Entry

Spec = Mapping[str, Any]

MOST_EPOCHS = 10_000
MOST_WEIGHTS = 200_000
"""Longer or larger runs are compared by the names of their schedules and initialisations."""

REASONS = {
    "penalty": "a penalty with lambda 0 changes nothing",
    "lambda": "without a penalty lambda changes nothing",
    "schedule": "the step sizes are the same in every epoch",
    "eta": "the step sizes are the same in every epoch",
    "optimizer": "without a penalty it makes no difference that one is decoupled",
    "patience": "training ends before the patience does",
    "split": "the dataset has a split of its own",
    "train_fraction": "the number of training samples is the same",
    "update": "each epoch has one update, by all samples",
    "batch_size": "each epoch has one update, by all samples",
    "dropout": "every hidden layer has the same dropout rate",
    "class_weight": "the classes have the same weights",
    "record_train": "it changes what is recorded, not the training",
    "record_every": "it changes what is recorded, not the training",
    "metrics": "they change what is recorded, not the training",
    "hidden": "every hidden layer has the same activation",
    "init": "the initial weights are the same",
    "bias_init": "the initial biases are the same",
    "defects": "the defect changes nothing here",
}
"""Why two settings that differ in a key can be the same training."""


@dataclass(frozen=True)
class SameArms:
    """Two arms of an axis that are the same training in `places` of `of_all` comparisons."""

    axis: str
    arms: tuple[str, str]
    places: int
    of_all: int
    reason: str

    def __str__(self) -> str:
        """Say it in one sentence."""
        a, b = self.arms
        where = "everywhere" if self.places == self.of_all else f"in {self.places} of {self.of_all}"
        return f"{a!r} and {b!r} are the same training {where}: {self.reason}"


def refuse_same_arms(
    name: str, study: Study, entries: list["Entry"], shapes: Mapping[str, Shape]
) -> None:
    """Raise ConfigError if two compared arms of a study are the same training everywhere."""
    for same in same_arms(study, entries, shapes):
        if same.places == same.of_all:
            labels = [axis_label(value) for value in study.grid[same.axis]]
            raise ConfigError(
                f"studies.{name}.grid.{same.axis}[{labels.index(same.arms[1])}]",
                f"the arms {same}. Compare arms that differ",
            )


def refuse_idle_penalties(name: str, entries: list["Entry"]) -> None:
    """Raise ConfigError if a penalty of a study has lambda 0 in all of its runs."""
    strengths = defaultdict(set)
    for entry in entries:
        if not entry.reason:
            strengths[entry.spec["penalty"]].add(entry.spec["lambda"])
    for penalty, lambdas in strengths.items():
        if PENALTIES[penalty].active and lambdas == {0.0}:
            raise ConfigError(
                f"studies.{name}",
                f"the penalty {penalty!r} has lambda 0 in every run, so it changes nothing; "
                "give lambda, such as lambda: 0.001, or leave the penalty out",
            )


def same_arms(
    study: Study, entries: list["Entry"], shapes: Mapping[str, Shape]
) -> Iterator[SameArms]:
    """Yield the pairs of compared arms that are the same training somewhere.

    `shapes` are those of the datasets by name. A place is a dataset with a value of each axis that
    is neither compared nor tuned. An arm is there the set of its runs over the tuned values, as
    the best of them is compared.
    """
    possible = [entry for entry in entries if not entry.reason]
    first = [entry for entry in possible if entry.seed == possible[0].seed]
    for axis in study.compared:
        places: dict[tuple, dict[str, list[Spec]]] = defaultdict(lambda: defaultdict(list))
        for entry in first:
            others = [label for a, label in entry.labels.items() if a not in (axis, study.tune)]
            places[(entry.dataset, *others)][entry.labels[axis]].append(entry.spec)
        for pair in _pairs(study, axis):
            yield from _compared(axis, pair, list(places.values()), shapes)


def _pairs(study: Study, axis: str) -> list[tuple[str, str]]:
    labels = [axis_label(value) for value in study.grid[axis]]
    declared = [pair for pair in study.pairs or [] if {*pair} <= {*labels}]
    return declared or list(itertools.combinations(labels, 2))


def _compared(
    axis: str, pair: tuple[str, str], places: list, shapes: Mapping[str, Shape]
) -> Iterator[SameArms]:
    both = [(place[pair[0]], place[pair[1]]) for place in places if {*pair} <= place.keys()]
    same = [arms for arms in both if _trainings(arms[0], shapes) == _trainings(arms[1], shapes)]
    if same:
        yield SameArms(axis, pair, len(same), len(both), _reason(same[0][0][0], same[0][1][0]))


def _trainings(specs: list[Spec], shapes: Mapping[str, Shape]) -> set[str]:
    return {canonical(effective(spec, shapes[spec["dataset"]])) for spec in specs}


def _reason(one: Spec, other: Spec) -> str:
    differing = [key for key in REASONS if one.get(key) != other.get(key)]
    reasons = dict.fromkeys(REASONS[key] for key in differing)
    return ", and ".join(reasons) or "base and the defaults fill in the same settings"


def effective(spec: Spec, shape: Shape) -> dict[str, Any]:
    """Return what decides the training of a run on a dataset of this shape.

    That is its spec without what changes nothing.
    """
    kept = kept_rows(spec["train_fraction"], train_rows(shape))
    penalised = PENALTIES[spec["penalty"]].active and spec["lambda"] != 0
    hidden, depth = spec["hidden"], len(spec["sizes"]) - 2
    patience, epochs = spec["patience"], spec["epochs"]
    defects = [d for d in spec.get("defects", ()) if d != "stride" or _strides(spec, kept)]
    size = spec["batch_size"]
    at_once = kept % size == 0 and "stride" not in defects and spec["update"] == "epoch"
    changed = {
        "train_fraction": kept,
        "split": "of the dataset" if shape.train else spec["split"],
        "penalty": spec["penalty"] if penalised else "none",
        "lambda": spec["lambda"] if penalised else 0.0,
        "optimizer": _optimizer(spec["optimizer"], penalised),
        "hidden": [hidden] * depth if isinstance(hidden, str) else list(hidden),
        "dropout": list(np.broadcast_to(spec["dropout"], depth).tolist()),
        "class_weight": _weights(spec["class_weight"], shape.classes),
        "select": [spec["select"], spec["select"] == "last" or spec["record_every"]],
        "patience": None if patience is None or patience >= epochs else patience,
        "steps": _steps(spec["schedule"], spec["eta"], epochs),
        "update": "batch" if at_once else spec["update"],
        "batch_size": kept if at_once else size,
        "defects": defects,
        "start": _start(tuple(spec["sizes"]), spec["init"], spec["bias_init"], kept),
    }
    idle = ("record_train", "record_every", "metrics", "schedule", "eta", "init", "bias_init")
    return {key: value for key, value in spec.items() if key not in idle} | changed


def _strides(spec: Spec, kept: int) -> bool:
    """Return whether the mini-batches of the defect are others than the ordinary ones."""
    size = spec["batch_size"]
    usual = [slice(start, min(start + size, kept)) for start in range(0, kept, size)]
    return strided_batches(kept, size) != usual


def _weights(given: Any, classes: int) -> Any:
    """Return the weights of the classes relative to their largest; None if all are equal."""
    if not isinstance(given, Mapping):
        return given
    weights = [given.get(str(k), 1.0) for k in range(classes)]
    relative = [weight / max(weights) for weight in weights]
    return None if min(relative) == 1.0 else relative


def _optimizer(setting: str | dict[str, Any], penalised: bool) -> list[Any]:
    """Return what decides the steps of an optimizer: its rule, and its hyper-parameters."""
    optimizer = optimizer_of(setting)
    rule = f"{optimizer.update.__qualname__} {optimizer.plain}"
    return [rule, asdict(optimizer), optimizer.decoupled and penalised]


@lru_cache(maxsize=4096)
def _steps(schedule: str, eta: float, epochs: int) -> str:
    """Return a digest of the step sizes of all epochs."""
    if epochs > MOST_EPOCHS:
        return canonical([schedule, eta])
    step = SCHEDULES[schedule]
    return digest(canonical([step(eta, epoch, epochs) for epoch in range(epochs)]))


@lru_cache(maxsize=1024)
def _start(sizes: tuple[int, ...], init: str, bias_init: str, kept: int) -> str:
    """Return a digest of the initial weights and biases of a network."""
    if sum(a * b for a, b in pairwise(sizes)) > MOST_WEIGHTS:
        return canonical([init, bias_init])
    net = Network(sizes, hidden="identity", output="identity", cost="mse")
    rng = stream("initial draw", 0)
    drawn = net.initialize(init, rng, n_train=kept, bias_init=bias_init)
    return hashlib.sha256(b"".join(array.tobytes() for array in drawn.arrays())).hexdigest()
