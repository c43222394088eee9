"""Arms that are one training under two names are refused; the truth is what training gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.base import FolderCache
from experiments.base.errors import ConfigError
from experiments.datasets import DATASETS, Shape
from experiments.plan import expand
from experiments.plan.outlook import describe
from experiments.plan.sameness import effective, same_arms
from experiments.schema import parse, validate
from experiments.training.replicas import prepare_folds, train_stack


def plan_of(study: str):
    usual = {"datasets": ["iris", "wine"], "seeds": 10, "base": {"layers": [3]}}
    return expand("x", validate({"studies": {"a": usual | parse(f"{{{study}}}")}}))


REFUSED = {
    "grid: {penalty: [none, l2]}, compare: penalty": "'l2' has lambda 0 in every run",
    "base: {penalty: l1}": "'l1' has lambda 0 in every run",
    "grid: {schedule: [constant, inverse]}, compare: schedule, base: {epochs: 1}":
        r"grid\.schedule\[1\]: the arms 'constant' and 'inverse' .* step sizes are the same",
    "grid: {x: [{label: mine}, {label: s, hidden: sigmoid}]}, compare: x":
        r"grid\.x\[1\]: the arms 'mine' and 's' .* base and the defaults",
    "grid: {optimizer: [adam, adamw]}, compare: optimizer": "'adam' and 'adamw' .* decoupled",
    "grid: {patience: [null, 50]}, compare: patience": "'none' and '50' .* before the patience",
    "grid: {patience: [30, 40]}, compare: patience": "'30' and '40' .* before the patience",
    "grid: {hidden: [relu, tanh]}, compare: hidden, base: {layers: []}": "'relu' and 'tanh'",
    "grid: {hidden: [relu, [relu, relu]]}, compare: hidden, base: {layers: [3, 3]}": "'relu-relu'",
    "grid: {record_train: [exact, ends]}, compare: record_train": "what is recorded",
    "grid: {record_every: [1, doubling]}, compare: record_every": "what is recorded",
    "grid: {train_fraction: [1.0, 0.999]}, compare: train_fraction": "number of training samples",
    "grid: {bias_init: [like_weights, normal]}, compare: bias_init, base: {init: large}": "biases",
    "grid: {batch_size: [30, 90]}, compare: batch_size, datasets: [iris], base: {update: epoch}":
        "one update, by all samples",
    "grid: {defects: [[], [delta]]}, compare: defects": "'none' and 'defect: delta'",
    "grid: {epochs: [5, {as_many_updates_as: 5}]}, compare: epochs": "'updates of 5 epochs'",
    "grid: {x: [{label: p, dropout: 0.2}, {label: q, dropout: [0.2]}]}, compare: x":
        "the same dropout rate",
    "grid: {dropout: [0.0, 0.2]}, compare: dropout, base: {layers: []}": "the same dropout rate",
    "grid: {class_weight: [null, {\"0\": 1, \"1\": 1}]}, compare: class_weight, datasets: [iris]":
        "'none' and '0: 1, 1: 1' .* the classes have the same weights",
    "grid: {x: [{label: p, eta: 1}, {label: q, eta: 1.0, schedule: cosine}]}, compare: x, "
    "base: {epochs: 1}": "'p' and 'q'",
}  # fmt: skip


@pytest.mark.parametrize("study", REFUSED)
def test_arms_that_are_one_training_are_refused(study):
    with pytest.raises(ConfigError, match=REFUSED[study]):
        plan_of(study)


def test_a_split_of_its_own_is_one_split():
    spec = plan_of("base: {}").entries[0].spec
    split, own = Shape(150, 4, 3), Shape(150, 4, 3, train=90)
    drawn = spec | {"split": "per_seed"}
    assert effective(spec, own) == effective(drawn, own)
    assert effective(spec, split) != effective(drawn, split)


ACCEPTED = [
    "grid: {optimizer: [sgd, momentum, nesterov]}, compare: optimizer",
    "grid: {optimizer: [adam, adamw]}, compare: optimizer, base: {penalty: l2, lambda: 0.1}",
    "grid: {optimizer: [adam, {name: adam, beta1: 0.5}]}, compare: optimizer",
    "grid: {penalty: [none, l2], lambda: [0, 0.1]}, compare: penalty, tune: lambda",
    "grid: {patience: [29, 30]}, compare: patience",
    'grid: {class_weight: [null, balanced, {"0": 2}]}, compare: class_weight',
    "grid: {select: [last, best_cost, best_validation]}, compare: select",
    "grid: {label_smoothing: [0.0, 0.1], dropout: [0.0, 0.5]}, compare: [label_smoothing, dropout]",
    "grid: {schedule: [constant, inverse]}, compare: schedule",
    "grid: {init: [fan_in, he, glorot, default, default_literal, large]}, compare: init",
]


@pytest.mark.parametrize("study", ACCEPTED)
def test_arms_that_differ_are_accepted(study):
    plan = plan_of(study)
    shapes = {data.name: data.shape for data in plan.data.values()}
    assert list(same_arms(plan.config.studies["a"], plan.entries, shapes)) == []


def test_arms_that_are_one_training_in_some_places_are_named_by_plan(tmp_path):
    study = "grid: {schedule: [constant, inverse], epochs: [1, 2]}, compare: schedule"
    said = "\n".join(describe(plan_of(study), tmp_path, FolderCache(tmp_path), cores=1))
    assert "schedule: 'constant' and 'inverse' are the same training in 2 of 4: the step" in said


def test_a_dataset_that_no_study_uses_is_named_by_plan(tmp_path):
    plan = expand("x", validate({
        "datasets": {"few": {"source": "mnist1d"}, "mine": {"source": "wine"}},
        "studies": {"a": {"datasets": ["mine"], "seeds": 1}},
    }))  # fmt: skip
    said = list(describe(plan, tmp_path, FolderCache(tmp_path), cores=1))
    assert "note: no study uses few of the key 'datasets'" in said


CHOICES = {
    "eta": [0.1, 0.2],
    "schedule": ["constant", "inverse", "step", "cosine"],
    "penalty": ["none", "l2"],
    "patience": [None, 1, 2, 3],
    "hidden": ["sigmoid", ["sigmoid"], "tanh"],
    "init": ["fan_in", "large"],
    "bias_init": ["like_weights", "normal"],
    "batch_size": [30, 90],
    "update": ["batch", "epoch"],
    "record_train": ["exact", "ends"],
}
values = st.fixed_dictionaries({key: st.sampled_from(some) for key, some in CHOICES.items()})
changed = st.sets(st.sampled_from(list(CHOICES)), min_size=1, max_size=2)
both_alike = st.tuples(values, values, changed).map(
    lambda drawn: (drawn[0], drawn[0] | {key: drawn[1][key] for key in drawn[2]})
)


def measured(spec: dict) -> np.ndarray:
    """Return the costs on validation and test part of a run, trained alone."""
    source = DATASETS["iris"]
    parts = prepare_folds([spec], source.load(source.Options()), classes=3)
    result = train_stack([spec], parts)[0]
    columns = [result.columns.index(f"{part}_cost") for part in ("validation", "test")]
    last = result.stopped_at if result.stopped_at >= 0 else len(result.curves) - 1
    return result.curves[: last + 1, columns]


@settings(max_examples=60, deadline=None)
@given(both_alike, st.integers(1, 3))
def test_what_is_called_the_same_training_gives_the_same_costs(both, epochs):
    specs = []
    for values in both:
        values = {**values, "epochs": epochs, "layers": [3]}
        if values["penalty"] != "none":
            values["lambda"] = 0.1
        content = {"studies": {"a": {"datasets": ["iris"], "seeds": [4], "base": values}}}
        plan = expand("x", validate(content))
        specs.append(plan.entries[0].spec)
        shape = plan.data["iris"].shape
    same = effective(specs[0], shape) == effective(specs[1], shape)
    first, second = map(measured, specs)
    alike = first.shape == second.shape and np.allclose(first, second, rtol=1e-9)
    assert alike or not same
