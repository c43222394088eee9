"""Label smoothing, weights of samples and dropout: what the descent follows, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

import mlp
from experiments.base import ConfigError
from experiments.datasets import DATASETS
from experiments.plan import expand, runs
from experiments.schema import validate
from experiments.training import prepare_folds, train_stack
from mlp.dropout import Dropout
from mlp.parts import balanced_weights
from tests import test_bits
from tests.conftest import DTYPES, flat, samples, unflat
from tests.test_network import H

pytestmark = pytest.mark.component


def network(sizes=(5, 6, 4, 3), hidden="tanh", **options):
    return mlp.Network(sizes, hidden, **options)


def example(net, rows=9, seed=0):
    rng = np.random.default_rng(seed)
    part = samples(rng, rows, net.sizes[0], net.sizes[-1], net.dtype)
    return net.initialize("fan_in", rng, n_train=rows), part


def step(net, params, part, seeds=(0,)):
    """Return how far one step of size 1 on all samples moves a network: minus its gradient."""
    stack = mlp.Parameters.stack([params])
    descent = mlp.Descent(net, stack, part, len(part), seeds=seeds)
    descent.epoch(np.arange(len(part))[None], np.ones(1))
    return flat(params) - flat(stack.replica(0))


def central(cost, theta):
    moves = H * np.eye(theta.size)
    return np.array([(cost(theta + m) - cost(theta - m)) / (2 * H) for m in moves])


def close(a, b, tolerance=1e-6):
    assert np.linalg.norm(a - b) <= tolerance * np.linalg.norm(b)


# --- weights --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "output"),
    [("cross_entropy", "softmax"), ("cross_entropy", "sigmoid"), ("mse", "softmax")],
)
def test_the_step_follows_the_weighted_mean_of_the_costs(cost, output):
    net = network(cost=cost, output=output)
    params, part = example(net)
    weights = np.arange(9.0)

    def weighted(theta):
        now = unflat(theta, params)
        costs = [net.cost(now, part.X[[i]], part.Y[[i]]) for i in range(9)]
        return np.average(costs, weights=weights)

    close(step(net, params, replace(part, weights=weights)), central(weighted, flat(params)))


def test_equal_weights_are_none_and_their_size_does_not_count():
    net = network()
    params, part = example(net)
    plain = step(net, params, part)
    np.testing.assert_array_equal(step(net, params, replace(part, weights=np.full(9, 7.0))), plain)
    one, other = (
        step(net, params, replace(part, weights=c * np.arange(9.0))) for c in (1.0, 1024.0)
    )
    np.testing.assert_array_equal(one, other)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_balanced_weights_are_scikit_learns(labels):
    labels = np.array(labels)
    there = np.unique(labels)
    theirs = compute_class_weight("balanced", classes=there, y=labels)
    mine = balanced_weights(labels, 4)
    np.testing.assert_allclose(mine[there], theirs)
    assert mine.sum() == pytest.approx(mine[there].sum())
    assert mine[labels].mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(8), "a weight for each of its 9 samples, found weights .8,."),
        (["a"] * 9, "found weights .9,. of type <U1"),
        (np.arange(9) - 2.0, "from 0 on, found -2.0 in row 0"),
        (np.append(np.ones(8), np.nan), "found nan in row 8"),
        (np.zeros(9), "the weights of all samples are 0"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, message):
    part = example(network())[1]
    with pytest.raises(ValueError, match=message):
        replace(part, weights=weights)


# --- smoothed labels ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cost", "output"),
    [("cross_entropy", "softmax"), ("cross_entropy", "sigmoid"), ("mse", "sigmoid")],
)
def test_the_step_follows_the_cost_of_the_smoothed_targets(cost, output):
    net = network(cost=cost, output=output, label_smoothing=0.1)
    params, part = example(net)
    Y = 0.9 * part.Y + 0.1 / 3
    close(
        step(net, params, part),
        central(lambda theta: net.cost(unflat(theta, params), part.X, Y), flat(params)),
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_smoothing": 1}, "from 0 to below 1, found 1"),
        ({"label_smoothing": -0.1}, "from 0 to below 1, found -0.1"),
        ({"label_smoothing": "a"}, "from 0 to below 1, found 'a'"),
        ({"label_smoothing": 0.1, "output": "identity", "cost": "mse"}, "the output identity has"),
        ({"label_smoothing": 0.1, "sizes": (2, 1), "output": "sigmoid", "hidden": ()}, "one unit"),
        ({"dropout": 1.0}, "from 0 to below 1, found 1.0"),
        ({"dropout": [0.5, None]}, "from 0 to below 1, found None"),
        ({"dropout": [0.5]}, "1 dropout rates were given for 2 hidden layers"),
        ({"dropout": True}, "found True"),
    ],
)
def test_what_a_network_cannot_have_is_refused(options, message):
    with pytest.raises(mlp.IncompatibleError, match=message):
        network(**options)


# --- dropout --------------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "gelu"])
@pytest.mark.parametrize("rates", [0.5, (0.0, 0.4), (0.3, 0.0)])
def test_the_gradient_with_dropout_is_the_numerical_one_at_fixed_masks(rates, hidden):
    """The masked network is written out here; the masks are those of the seed's stream."""
    net = network(hidden=hidden, dropout=rates)
    params, part = example(net)
    dropout = Dropout(net.dropout, net.sizes[1:-1], [7], net.dtype)
    masks = dropout.masks(len(part))
    dropout.begin()
    dropout.draw(masks)

    def cost(theta):
        a, now = part.X, unflat(theta, params)
        for w, b, mask in zip(now.weights, now.biases, [*masks, None], strict=True):
            z = a @ w.T + b
            last = w is now.weights[-1]
            a = z if last else mlp.ACTIVATIONS[hidden](z) * (1 if mask is None else mask[0])
        return -np.mean(np.sum(part.Y * (z - np.log(np.exp(z).sum(axis=1, keepdims=True))), axis=1))

    close(step(net, params, part, seeds=(7,)), central(cost, flat(params)))


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 0.99), st.integers(0, 99))
def test_a_mask_keeps_the_share_that_it_should_and_the_mean(rate, seed):
    dropout = Dropout((rate, 0.0), (50, 7), [seed, seed, seed + 1], np.dtype(float))
    masks = dropout.masks(200)
    assert masks[1] is None
    dropout.begin()
    dropout.draw(masks)
    assert set(np.unique(masks[0])) <= {0.0, 1 / (1 - rate)}
    assert abs((masks[0][0] > 0).mean() - (1 - rate)) < 6 * np.sqrt(rate * (1 - rate) / 10_000)
    np.testing.assert_array_equal(masks[0][0], masks[0][1])
    assert not np.array_equal(masks[0][0], masks[0][2])


def test_each_epoch_has_masks_of_its_own_and_can_be_the_first():
    def drawn(*epochs):
        dropout = Dropout((0.5,), (6,), [3], np.dtype(float))
        masks = dropout.masks(4)
        for epoch in epochs:
            dropout.epoch = epoch
            dropout.begin()
            dropout.draw(masks)
        return masks[0]

    np.testing.assert_array_equal(drawn(0, 1, 2), drawn(2))
    assert not np.array_equal(drawn(1), drawn(2))


def test_dropout_needs_the_seeds_of_its_streams():
    net = network(dropout=0.5)
    params, part = example(net)
    with pytest.raises(ValueError, match="trained with the seeds of its 1 replicas, found 0"):
        step(net, params, part, seeds=())


# --- in a stack, and in the records ---------------------------------------------------------

OPTIONS = {
    "weights": {},
    "label_smoothing": {"label_smoothing": 0.2},
    "dropout": {"dropout": 0.3},
    "all": {"label_smoothing": 0.2, "dropout": [0.5, 0.0]},
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sizes", [(5, 9, 4, 3), (50, 80, 10, 3)])
@pytest.mark.parametrize("kind", OPTIONS)
def test_a_replica_has_the_same_bits_in_any_stack(kind, sizes, dtype):
    net = network(sizes, "sigmoid", dtype=dtype, **OPTIONS[kind])
    parts = test_bits.parts_for(net, 13)
    folds = [parts, test_bits.other_fold(parts, 1.5)]
    if kind in ("weights", "all"):
        for factor, fold in zip((1.0, 3.0), folds, strict=True):
            fold["train"] = replace(fold["train"], weights=np.arange(13.0) ** factor)
    runs = [
        (
            net.initialize("fan_in", mlp.stream("initial draw", seed), n_train=13),
            mlp.Replica(seed, eta, fold=fold),
        )
        for seed, eta, fold in [(0, 0.1, 0), (1, 0.5, 1), (0, 0.5, 1), (3, 0.1, 0)]
    ]
    alone = [
        test_bits.run(net, folds[one.fold], [(first, replace(one, fold=0))])[0]
        for first, one in runs
    ]
    test_bits.assert_same(test_bits.run(net, folds, runs), alone)


@pytest.mark.parametrize("kind", OPTIONS)
def test_what_is_recorded_is_the_plain_cost_of_the_whole_network(kind):
    net, plain = network(**OPTIONS[kind]), network()
    params, part = example(net)
    if kind == "weights":
        part = replace(part, weights=np.arange(9.0))
    stack = mlp.Parameters.stack([params])
    history = mlp.train(net, stack, {"train": part}, [mlp.Replica(0, 0.5)], epochs=3, batch_size=4)
    bare = mlp.Parameters.stack([params])
    other = mlp.train(
        plain, bare, {"train": mlp.Part(part.X, part.Y, part.labels)}, [mlp.Replica(0, 0.5)],
        epochs=3, batch_size=4,
    )  # fmt: skip
    costs, others = history.column("train_cost")[0], other.column("train_cost")[0]
    assert costs[0] == others[0]
    assert costs[3] != others[3]
    trained = stack.replica(0)
    assert costs[3] == pytest.approx(plain.cost(trained, part.X, part.Y), rel=1e-12)


# --- in a sweep -----------------------------------------------------------------------------


def plan_of(dataset="wine", **base):
    study = {"datasets": [dataset], "base": {"layers": [4], "epochs": 2, **base}}
    return expand("x", validate({"seeds": 1, "studies": {"a": study}}))


def prepared(dataset="wine", **base):
    """Return the spec of a run and its parts."""
    spec, source = plan_of(dataset, **base).entries[0].spec, DATASETS[dataset]
    (parts,) = prepare_folds([spec], source.load(source.Options()), classes=3).values()
    return spec, parts


def test_the_weights_of_classes_become_those_of_the_training_samples():
    labels = prepared()[1]["train"].labels
    balanced, named = (
        prepared(class_weight=given)[1] for given in ("balanced", {"0": 2, "2": 0.5})
    )
    theirs = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    np.testing.assert_allclose(balanced["train"].weights, theirs[labels])
    np.testing.assert_array_equal(named["train"].weights, np.array([2, 1, 0.5])[labels])
    assert balanced["validation"].weights is None


@pytest.mark.parametrize(
    "setting",
    [{"class_weight": {"0": 5}}, {"label_smoothing": 0.3}, {"dropout": 0.5}, {"dropout": [0.5]}],
)
def test_a_setting_changes_the_training_and_the_id(setting):
    spec, parts = prepared(**setting)
    plain, bare = prepared()
    with_it, without = train_stack([spec], {2018: parts})[0], train_stack([plain], {2018: bare})[0]
    np.testing.assert_array_equal(with_it.curves[0, 1:7], without.curves[0, 1:7])
    assert not np.array_equal(with_it.curves[2], without.curves[2])
    assert plan_of(**setting).runs.keys() != plan_of().runs.keys()


@pytest.mark.parametrize(
    ("base", "reason"),
    [
        ({"class_weight": {"3": 2}}, "class_weight names class 3, the dataset has 0 to 2"),
        ({"class_weight": {"0": 0, "1": 0, "2": 0}}, "class_weight is 0 for every class"),
        ({"dropout": [0.1, 0.2]}, "2 dropout rates were given for 1 hidden layers"),
        ({"dataset": "breast_cancer", "output_units": 1, "output": "sigmoid",
          "label_smoothing": 0.1}, "and one unit has none"),
    ],
)  # fmt: skip
def test_a_setting_that_a_dataset_cannot_have_is_a_reason(base, reason):
    with pytest.raises(ConfigError, match=f"no run is possible: .*{reason}"):
        plan_of(**base)


def test_real_values_have_no_weights_of_classes():
    assert "the dataset has real values" in runs._unweighable("balanced", 0)
