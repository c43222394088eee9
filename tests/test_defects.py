"""The two defects of the companion study's program: wrong in the way they say, and only there."""

from itertools import pairwise

import numpy as np
import pytest

import mlp
from experiments.base.errors import ConfigError
from experiments.plan import expand
from experiments.schema import axis_label, parse, validate
from experiments.training import run_id
from experiments.training.defects import effective, epoch_size, strided_batches, with_defects
from experiments.training.fields import identity
from experiments.training.fingerprint import sources
from experiments.training.packing import stack_key
from experiments.training.replicas import network, prepare_folds, train_stack

STUDY = "studies: {a: {datasets: [iris], seeds: 2, base: {layers: [5], %s}}}"


def runs(base: str) -> list[dict]:
    base = base if "epochs" in base else f"{base}, epochs: 3"
    return list(expand("x", validate(parse(STUDY % base))).runs.values())


@pytest.mark.parametrize("n", [240, 2000, 5000, 4500])
def test_strided_epochs_hold_as_many_samples_as_its_program_took(n):
    sizes = [epoch_size(n, batch, ["stride"])[1] for batch in (5, 10, 20, 30)]
    if n >= 1000:
        assert sizes == [25, 100, 400, 920 if n in (2000, 5000) else 900]
    else:
        assert sizes[:2] == [25, 100]
    assert epoch_size(n, 7) == (-(-n // 7), n)


def test_strided_batches_begin_a_stride_apart_and_end_with_the_data():
    batches = strided_batches(2000, 30)
    assert {b.start - a.start for a, b in pairwise(batches)} == {66}
    assert [b.stop - b.start for b in batches] == [30] * 30 + [20]


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_the_gradient_with_the_wrong_delta_is_that_of_a_minus_y(output):
    net = mlp.Network((4, 3, 2), hidden="tanh", output=output, cost="mse")
    rng = np.random.default_rng(0)
    params = net.initialize("large", rng, n_train=6)
    X, Y = rng.standard_normal((6, 4)), np.eye(2)[rng.integers(0, 2, 6)]
    wrong = with_defects(net, ["delta"]).gradient(params, X, Y)

    (w1, w2), (b1, _) = params.weights, params.biases
    hidden = np.tanh(X @ w1.T + b1)
    error = (net.forward(params, X) - Y) / len(X)
    below = (error @ w2) * (1 - hidden**2)
    np.testing.assert_allclose(wrong.weights[1], error.T @ hidden, rtol=1e-12)
    np.testing.assert_allclose(wrong.weights[0], below.T @ X, rtol=1e-12)
    np.testing.assert_allclose(wrong.biases[0], below.sum(0), rtol=1e-12)
    assert not np.allclose(wrong.weights[1], net.gradient(params, X, Y).weights[1])
    assert with_defects(net, ["delta"]).cost(params, X, Y) == net.cost(params, X, Y)


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_with_the_wrong_delta_mse_has_the_gradient_of_cross_entropy(output):
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((6, 4)), np.eye(2)[rng.integers(0, 2, 6)]
    nets = {cost: mlp.Network((4, 3, 2), output=output, cost=cost) for cost in mlp.COSTS}
    params = nets["mse"].initialize("large", rng, n_train=6)
    wrong = with_defects(nets["mse"], ["delta"]).gradient(params, X, Y)
    right = nets["cross_entropy"].gradient(params, X, Y)
    assert all(np.array_equal(a, b) for a, b in zip(wrong.arrays(), right.arrays(), strict=True))


@pytest.mark.parametrize(("cost", "output"), mlp.output_pairs())
def test_the_wrong_delta_is_left_out_just_where_it_gives_the_same_bits(cost, output):
    net = mlp.Network((4, 3, 2), output=output, cost=cost)
    rng = np.random.default_rng(1)
    params = net.initialize("large", rng, n_train=6)
    X, Y = rng.standard_normal((6, 4)), np.eye(2)[rng.integers(0, 2, 6)]
    pair = (net.gradient(params, X, Y), with_defects(net, ["delta"]).gradient(params, X, Y))
    same = all(np.array_equal(a, b) for a, b in zip(*(g.arrays() for g in pair), strict=True))
    assert same == (effective(["delta"], cost, output) == ())


def test_a_run_without_defects_is_what_it_was():
    plain = runs("cost: mse, output: sigmoid")
    assert plain[0]["defects"] == []
    assert "defects" not in identity(plain[0])
    assert plain == runs("cost: mse, output: sigmoid, defects: []")
    assert runs("defects: [delta]") == runs("eta: 0.1")  # cross entropy: the right delta
    assert network(plain[0]).loss is mlp.COSTS["mse"].for_output("sigmoid")


def test_defects_change_name_stack_and_fingerprint_of_a_run():
    plain, flawed = (
        runs(f"cost: mse, output: sigmoid, defects: {d}")[0] for d in ("[]", "[stride, delta]")
    )
    assert flawed["defects"] == ["delta", "stride"]
    assert run_id(plain) != run_id(flawed)
    assert stack_key(plain) != stack_key(flawed)
    assert {*sources(flawed)} - {*sources(plain)} == {"the defects"}


def test_each_defect_trains_another_network_from_the_same_start():
    data = mlp_data()
    ends = {}
    for defects in ("[]", "[delta]", "[stride]", "[delta, stride]"):
        specs = runs(f"cost: mse, output: sigmoid, init: large, defects: {defects}")
        parts = prepare_folds(specs, data, 3)
        result = train_stack(specs, parts)[0]
        costs = result.curves[:, result.columns.index("validation_cost")]
        ends[defects] = (costs[0], costs[-1])
    assert len({start for start, _ in ends.values()}) == 1
    assert len({end for _, end in ends.values()}) == 4


def test_all_places_in_order_train_the_same_bits_as_none_given():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 23)
    part = mlp.Part(rng.standard_normal((23, 4)), np.eye(2)[labels], labels)
    net = mlp.Network((4, 3, 2))
    ends = []
    for batches in (None, [slice(s, min(s + 5, 23)) for s in range(0, 23, 5)]):
        params = mlp.Parameters.stack(
            [net.initialize("fan_in", np.random.default_rng(3), n_train=23)]
        )
        replicas = [mlp.Replica(0, 0.5)]
        mlp.train(net, params, {"train": part}, replicas, epochs=3, batch_size=5, batches=batches)
        ends.append(np.concatenate([array.ravel() for array in params.arrays()]))
    assert np.array_equal(*ends)


def mlp_data() -> dict[str, np.ndarray]:
    from experiments.datasets import DATASETS

    source = DATASETS["iris"]
    return source.load(source.Options())


def test_epochs_for_as_many_updates_as_strided_epochs_make():
    def epochs(more: str) -> int:
        return runs(f"epochs: {{as_many_updates_as: 30, with_defects: [stride]}}, {more}")[0][
            "epochs"
        ]

    # iris: 90 training samples, so 9 batches of 10 in an epoch and 10 of a strided one
    assert epochs("batch_size: 10") == 34  # 300 updates, 33.3 epochs
    assert epochs("batch_size: 10, defects: [stride]") == 30
    assert epochs("batch_size: 10, update: epoch") == 300


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("defects: [detla]", r"base\.defects: unknown defect 'detla' \(did you mean 'delta'\?\)"),
        ("defects: [delta, delta]", r"base\.defects: a defect stands twice"),
        ("defects: delta", r"base\.defects: "),
    ],
)
def test_refused_defects_are_named(base, message):
    with pytest.raises(ConfigError, match=message):
        validate(parse(STUDY % base))


def test_labels_say_that_it_is_a_defect():
    values = ([], ["delta"], ["delta", "stride"],
              {"as_many_updates_as": 3, "with_defects": ["stride"]})  # fmt: skip
    assert [axis_label(v) for v in values] == [
        "none", "defect: delta", "defects: delta + stride", "updates of 3 epochs (defect: stride)",
    ]  # fmt: skip
