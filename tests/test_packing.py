"""How runs are packed into stacks: nothing is lost, nothing is too large, and no bit changes."""

import json
from collections import Counter
from functools import partial
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.datasets import Shape
from experiments.training import packing
from experiments.training.job import train_all
from experiments.training.replicas import split_seed
from experiments.training.splits import sizes_of_split

SPEC = {
    "data": "made-1", "dataset": "made", "standardise": True, "sizes": [3, 4, 2],
    "hidden": "tanh", "output": "softmax", "cost": "cross_entropy", "init": "fan_in",
    "bias_init": "like_weights", "schedule": "constant", "eta": 0.5, "batch_size": 4,
    "epochs": 2, "update": "batch", "penalty": "none", "lambda": 0.0, "seed": 0,
    "optimizer": "sgd",
    "split": "fixed", "split_draw": None, "train_fraction": 1.0, "patience": None,
    "dtype": "float64", "record_train": "exact", "record_every": 1, "defects": [],
    "label_smoothing": 0.0, "class_weight": None, "dropout": 0.0, "select": "last", "metrics": [],
}  # fmt: skip


def made(samples=37):
    """Return a dataset of three features and two classes, with a part of odd size."""
    rng = np.random.default_rng(1)
    return {"X": rng.standard_normal((samples, 3)), "y": rng.integers(0, 2, samples)}


def on_split(kind, split, **changed):
    return SPEC | changed | {"split": kind, "split_draw": split if kind == "drawn" else None}


runs = st.builds(
    on_split,
    st.sampled_from(["fixed", "per_seed", "drawn", "drawn"]),
    st.integers(0, 4),
    seed=st.integers(0, 5),
    eta=st.sampled_from([0.5, 1e200]),  # the second diverges
    hidden=st.sampled_from(["tanh", "sigmoid"]),
    train_fraction=st.sampled_from([1.0, 0.5]),
    patience=st.sampled_from([None, 1]),
    class_weight=st.sampled_from([None, "balanced", {"1": 3.0}]),
    dropout=st.sampled_from([0.0, 0.5]),
    select=st.sampled_from(["last", "best_cost"]),
    record_train=st.sampled_from(["exact", "ends"]),
    record_every=st.sampled_from([1, 2, "doubling"]),
).map(lambda spec: spec if spec["patience"] is None else spec | {"record_every": 1})


def bits(result):
    return result.curves.tobytes(), result.diverged_at, result.stopped_at, result.selected_at


def limited(patch, samples, replicas, folds):
    """Set the limits so that a stack has at most so many replicas and folds."""
    step, rows = packing.bytes_per_replica(SPEC), samples * 5 * 8
    patch.setattr(packing, "WORKING_SET", step * replicas)
    patch.setattr(packing, "FOLDS_BYTES", rows * folds)


@settings(max_examples=40)
@given(
    specs=st.lists(runs, min_size=1, max_size=12),
    replicas=st.integers(1, 6),
    folds=st.integers(1, 4),
)
def test_runs_on_any_splits_have_the_same_bits_in_any_packing(specs, replicas, folds):
    data = made()
    alone = [bits(result) for spec in specs for _, result in train_all([spec], data, 2)]
    with pytest.MonkeyPatch.context() as patch:
        limited(patch, len(data["X"]), replicas, folds)
        together = {place: bits(result) for place, result in train_all(specs, data, 2)}
    assert [together[place] for place in range(len(specs))] == alone


SPLITS = {
    "folds of two sizes": {"kind": "k_fold", "folds": 5},
    "groups of any size": {"kind": "grouped", "folds": 3},
}


@pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS)
@settings(max_examples=15)
@given(specs=st.lists(runs, min_size=1, max_size=10))
def test_runs_on_parts_of_other_sizes_have_the_same_bits_in_any_packing(split, specs):
    data = made() | {"split": np.array(json.dumps(split)), "group": np.arange(37) ** 2 // 97}
    alone = [bits(result) for spec in specs for _, result in train_all([spec], data, 2)]
    together = {place: bits(result) for place, result in train_all(specs, data, 2)}
    assert [together[place] for place in range(len(specs))] == alone


def test_a_stack_has_splits_of_one_size_only():
    data = made() | {"split": np.array(json.dumps(SPLITS["folds of two sizes"]))}
    specs = [on_split("per_seed", None, seed=seed) for seed in range(10)]
    sizes = partial(sizes_of_split, data, 2)
    found = list(packing.stacks(specs, 37, sizes))
    assert sorted(len(stack) for stack in found) == [2, 2, 2, 4]
    for stack in found:
        assert len({sizes(split_seed(specs[place])) for place in stack}) == 1
    assert len(list(packing.stacks(specs, 37))) == 1


@given(
    specs=st.lists(runs, min_size=1, max_size=30),
    replicas=st.integers(1, 9),
    folds=st.integers(1, 4),
)
def test_stacks_hold_each_run_once_within_their_limits(specs, replicas, folds):
    with pytest.MonkeyPatch.context() as patch:
        limited(patch, 37, replicas, folds)
        stacks = list(packing.stacks(specs, 37))
    assert sorted(place for stack in stacks for place in stack) == list(range(len(specs)))
    for stack in stacks:
        splits = [split_seed(specs[place]) for place in stack]
        assert len({packing.stack_key(specs[place]) for place in stack}) == 1
        assert len(stack) <= replicas
        assert len(set(splits)) <= folds
        assert len(list(groupby(splits))) == len(set(splits))  # each split's runs are together


def test_runs_on_twenty_splits_share_one_stack():
    specs = [on_split("drawn", s, seed=5 * s + i) for i in range(5) for s in range(20)]
    (stack,) = packing.stacks(specs, 150)
    assert Counter(split_seed(specs[place]) for place in stack) == dict.fromkeys(range(20), 5)


def test_a_stack_of_many_splits_needs_more_memory_than_one_of_one():
    shape = Shape(samples=2000, features=40, classes=10)
    one, many = (
        packing.estimated_megabytes(on_split(kind, 1, sizes=[40, 20, 10]), shape, 100)
        for kind in ("fixed", "drawn")
    )
    folds = packing.most_folds(SPEC | {"sizes": [40, 20, 10]}, 2000)
    parts = 2000 * 50 * 8 / 1e6  # the samples and targets of one split
    assert many - one > 2.5 * parts * (folds - 1)
