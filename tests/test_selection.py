"""The epoch that counts: its weights, its figures, and what a sweep makes of it."""

import copy

import numpy as np
import pandas as pd
import pytest

import mlp
from experiments.results import model
from experiments.training import as_confirmed
from mlp.selection import RULES
from tests import test_bits
from tests.conftest import flat, samples
from tests.sweeps import TINY, Sweep

pytestmark = pytest.mark.component

EPOCHS = 12


def parts_for(net, noise=7):
    """Return parts of random labels: the validation part is soon fitted worse again."""
    rng = np.random.default_rng(noise)
    sizes = {"train": 20, "validation": 15, "test": 15}
    return {n: samples(rng, rows, net.sizes[0], net.sizes[-1]) for n, rows in sizes.items()}


def trained(net, parts, seeds=(0, 1, 2, 3), eta=0.3, epochs=EPOCHS, **options):
    draws = [
        net.initialize("fan_in", mlp.stream("initial draw", seed), n_train=20) for seed in seeds
    ]
    stack = mlp.Parameters.stack(draws)
    replicas = [mlp.Replica(seed, eta) for seed in seeds]
    history = mlp.train(net, stack, parts, replicas, epochs=epochs, batch_size=4, **options)
    return stack, history


def best_epochs(history, rule):
    """Return the best epoch of each replica by its definition, in a loop."""
    accuracies, costs = (history.column(f"validation_{n}") for n in ("accuracy", "cost"))
    keys = {
        "best_cost": lambda r, e: (costs[r, e], e),
        "best_validation": lambda r, e: (-accuracies[r, e], costs[r, e], e),
    }[rule]
    ends = np.where(history.stopped_at < 0, costs.shape[1] - 1, history.stopped_at)
    return [min(range(end + 1), key=lambda e, r=r: keys(r, e)) for r, end in enumerate(ends)]


@pytest.mark.parametrize("patience", [None, 3])
@pytest.mark.parametrize("rule", RULES)
def test_each_replica_has_the_weights_of_its_best_epoch(rule, patience):
    """They are those of a training that ends there; the records are those of the whole one."""
    net = mlp.Network((5, 8, 3), "tanh")
    parts = parts_for(net)
    options = {} if patience is None else {"patience": patience}
    _, usual = trained(net, parts, **options)
    stack, history = trained(net, parts, restore_best=rule, **options)
    np.testing.assert_array_equal(history.curves, usual.curves)
    assert usual.selected_at.tolist() == [-1] * 4
    assert history.selected_at.tolist() == best_epochs(usual, rule)
    assert {*history.selected_at.tolist()} - {0, EPOCHS}
    for r, epoch in enumerate(history.selected_at.tolist()):
        shorter, _ = trained(net, parts, seeds=[r], epochs=epoch)
        np.testing.assert_array_equal(flat(stack.replica(r)), flat(shorter.replica(0)))


def test_restore_best_alone_goes_by_the_cost():
    net = mlp.Network((5, 8, 3), "tanh")
    parts = parts_for(net)
    stacks = [trained(net, parts, restore_best=best)[0] for best in (True, "best_cost")]
    np.testing.assert_array_equal(*(flat(stack.replica(0)) for stack in stacks))


def test_the_selection_is_the_same_alone_and_in_a_stack():
    net = mlp.Network((5, 9, 3))
    parts = test_bits.parts_for(net, 13)
    runs = [
        (net.initialize("fan_in", np.random.default_rng(s), n_train=13), mlp.Replica(s, 3.0))
        for s in range(5)
    ]
    options = {"restore_best": True, "epochs": 8}
    alone = [test_bits.run(net, parts, [one], **options)[0] for one in runs]
    test_bits.assert_same(test_bits.run(net, parts, runs, **options), alone)


def test_a_replica_that_diverges_keeps_its_best_finite_weights():
    net = mlp.Network((5, 8, 3), "relu", "identity", "mse")
    rng = np.random.default_rng(0)
    parts = {
        name: mlp.Part(rng.standard_normal((20, 5)), rng.standard_normal((20, 3)))
        for name in ("train", "validation")
    }
    stack, history = trained(net, parts, eta=1e6, restore_best=True)
    assert (history.diverged_at > 0).all()
    assert all(np.isfinite(array).all() for array in stack.arrays())


@pytest.mark.parametrize(
    ("part", "best", "message"),
    [
        ("validation", "accuracy", "restore_best is True, False or one of best_validation, best_c"),
        ("validation", ["best_cost"], r"best_validation, best_cost, found \['best_cost'\]"),
        ("test", True, "restore_best watches the validation part, and there is none"),
    ],
)
def test_what_cannot_be_restored_is_refused(part, best, message):
    net = mlp.Network((5, 8, 3))
    parts = parts_for(net)
    with pytest.raises(ValueError, match=message):
        trained(net, {"train": parts["train"], part: parts[part]}, restore_best=best)


# --- in a sweep -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """A small sweep whose runs differ in the epoch that counts."""
    content = copy.deepcopy(TINY)
    study = content["studies"]["activations"]
    study["base"] |= {"epochs": 6, "eta": 3.0}
    study["grid"] = {"select": list(mlp.SELECT)}
    study["compare"] = "select"
    study.pop("tune", None)
    study.pop("confirm", None)
    sweep = Sweep(tmp_path_factory.mktemp("select"), content)
    sweep.train()
    sweep.collect()
    sweep.write_plan()
    return sweep


def test_the_figures_of_a_run_are_those_of_the_epoch_that_counts(sweep):
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    curves = pd.read_parquet(sweep.results / "curves.parquet").set_index(["run_id", "epoch"])
    runs["select"] = [sweep.plan.runs[run]["select"] for run in runs["run_id"]]
    assert {*runs["select"]} == {*mlp.SELECT}
    epochs = {}
    for run in runs.itertuples():
        curve = curves.loc[run.run_id]
        epoch = {
            "last": curve.index.max(),
            "best_validation": run.best_epoch,
            "best_cost": curve["validation_cost"].idxmin(),
        }[run.select]
        assert run.test_accuracy == curve.loc[epoch, "test_accuracy"]
        assert run.validation_cost == curve.loc[epoch, "validation_cost"]
        epochs.setdefault(run.select, set()).add(epoch)
    assert epochs["last"] != epochs["best_validation"]


def test_the_model_of_a_run_has_the_weights_of_the_epoch_that_counts(sweep):
    runs = pd.read_parquet(sweep.results / "runs.parquet").set_index("run_id")
    for rule in mlp.SELECT:
        run = next(r for r, spec in sweep.plan.runs.items() if spec["select"] == rule)
        found = model(sweep.results, run, sweep.data)
        test = found.parts["test"]
        outputs = found.net.forward(found.params, test.X)
        assert mlp.accuracy(outputs, test.labels) == runs.loc[run, "test_accuracy"]


def test_a_confirming_run_whose_best_epoch_counts_is_measured_at_each():
    spec = {"select": "best_cost", "patience": None, "record_train": "exact", "record_every": 1}
    confirm = {"record_every": "doubling"}
    assert as_confirmed(spec, confirm) == {**spec, "split": "drawn"}
    assert as_confirmed({**spec, "select": "last"}, confirm)["record_every"] == "doubling"
