"""Forward pass (1)-(6) and back propagation (25)-(39) against central differences."""

from itertools import count, pairwise, product

import numpy as np
import pytest

import mlp
from tests.conftest import (
    DTYPES,
    FAR,
    HIDDEN,
    NOTED,
    flat,
    is_flat,
    near_kinks,
    pairs,
    samples,
    unflat,
)

pytestmark = pytest.mark.component
NEXT = [*pairwise([*HIDDEN, HIDDEN[0]]), *pairwise([HIDDEN[0], *reversed(HIDDEN)])]
STACKS = [*((name,) for name in HIDDEN), *dict.fromkeys([*product(NOTED, repeat=2), *NEXT])]
"""One hidden layer of each; two of each pair of the note, and of neighbours in the registry."""
LAMBDA, H, MARGIN = 0.03, 1e-5, 1e-3


def network(hidden, cost, output, k, penalty="none", **options):
    lambda_ = LAMBDA if mlp.PENALTIES[penalty].active else 0.0
    sizes = (4, *(5, 6)[: len(hidden)], k)
    return mlp.Network(sizes, hidden, output, cost, penalty, lambda_, **options)


def away_from_kinks(net, params, part):
    """Return whether no weight is near 0 and no logit near a kink of its activation."""
    run = mlp.Pass(net, params.as_stack(), len(part))
    with np.errstate(all="ignore"):  # a pass leaves this to its caller
        run.forward(part.X)
    layers = zip(run.z, net.activations, strict=True)
    return all(np.abs(w).min() > MARGIN for w in params.weights) and not any(
        near_kinks(activation.name, z).any() for z, activation in layers
    )


def example(net, rows=7):
    """Return parameters and samples away from every kink."""
    for seed in count():
        rng = np.random.default_rng(seed)
        params = net.initialize("fan_in", rng, n_train=rows, bias_init="normal")
        part = samples(rng, rows, net.sizes[0], net.sizes[-1], net.dtype)
        if away_from_kinks(net, params, part):
            return params, part


def numerical_gradient(net, params, part):
    """Central differences; all 2P networks with one number moved are one stack."""
    moves = H * np.eye(flat(params).size)
    up, down = (
        net.cost(unflat(flat(params) + shift, params), part.X, part.Y) for shift in (moves, -moves)
    )
    return unflat((up - down) / (2 * H), params)


def relative_error(a, b):
    scale = max(np.linalg.norm(a), np.linalg.norm(b))
    return np.linalg.norm(a - b) / scale if scale else 0.0


@pytest.mark.parametrize("penalty", mlp.PENALTIES)
@pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))
@pytest.mark.parametrize("hidden", [(), *STACKS], ids="-".join)
def test_gradient_is_the_numerical_one(hidden, cost, output, k, penalty):
    """Relative error below 1e-6 for each array of weights or biases.

    A flat activation (Heaviside) is no exception: away from its jump the difference below it
    is exactly 0 as well, or that of the penalty alone.
    """
    net = network(hidden, cost, output, k, penalty)
    params, part = example(net)
    analytic = net.gradient(params, part.X, part.Y)
    numerical = numerical_gradient(net, params, part)
    for mine, theirs in zip(analytic.arrays(), numerical.arrays(), strict=True):
        assert mine.shape == theirs.shape
        assert relative_error(mine, theirs) < 1e-6


@pytest.mark.parametrize("penalty", mlp.PENALTIES)
@pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))
@pytest.mark.parametrize("hidden", [s for s in STACKS if any(map(is_flat, s))], ids="-".join)
def test_below_a_flat_layer_only_the_penalty_is_left(hidden, cost, output, k, penalty):
    net = network(hidden, cost, output, k, penalty)
    params, part = example(net)
    gradient = net.gradient(params, part.X, part.Y)
    top = max(layer for layer, name in enumerate(hidden) if is_flat(name))
    for layer in range(top + 1):
        left = net.lambda_ * net.penalty.gradient(params.weights[layer])
        np.testing.assert_array_equal(gradient.weights[layer], left)
        np.testing.assert_array_equal(gradient.biases[layer], 0)
    assert np.abs(gradient.biases[-1]).max() > 0  # the output layer still learns


@pytest.mark.parametrize("penalty", mlp.PENALTIES)
def test_penalty_is_added_to_cost_and_weights_but_not_to_biases(penalty):
    net, plain = (network(("tanh",), "mse", "softmax", 3, p) for p in (penalty, "none"))
    params, part = example(net)
    term = mlp.PENALTIES[penalty]
    extra = net.lambda_ * sum(float(term.value(w.ravel())) for w in params.weights)
    cost, bare = (n.cost(params, part.X, part.Y) for n in (net, plain))
    assert isinstance(cost, float)
    assert cost == pytest.approx(bare + extra, rel=1e-14)
    mine, data = (n.gradient(params, part.X, part.Y) for n in (net, plain))
    for w, g, d in zip(params.weights, mine.weights, data.weights, strict=True):
        np.testing.assert_allclose(g, d + net.lambda_ * term.gradient(w), rtol=1e-14)
    for g, d in zip(mine.biases, data.biases, strict=True):
        np.testing.assert_array_equal(g, d)


@pytest.mark.parametrize("hidden", [(), *STACKS], ids="-".join)
def test_forward_is_written_out(hidden):
    """(1)-(6), a layer after the other; relative error 1e-12."""
    net = network(hidden, "mse", "identity", 3)
    params, part = example(net)
    a = part.X
    for w, b, name in zip(params.weights, params.biases, (*hidden, "identity"), strict=True):
        a = mlp.ACTIVATIONS[name](a @ w.T + b)
    np.testing.assert_allclose(net.forward(params, part.X), a, rtol=1e-12, atol=1e-15)
    assert net.cost(params, part.X, part.Y) == pytest.approx(
        np.square(a - part.Y).sum() / (2 * len(part)), rel=1e-12
    )


@pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))
@pytest.mark.parametrize("hidden", HIDDEN)
def test_float32_agrees_with_float64(hidden, cost, output, k):
    """Relative error of the gradient below 1e-4, and nothing leaves float32 on the way."""
    net, single = (network((hidden,), cost, output, k, dtype=d) for d in ("float64", "float32"))
    params, part = example(net)
    rounded = unflat(flat(params).astype("float32"), params)
    gradient = single.gradient(rounded, part.X, part.Y)
    assert {g.dtype.name for g in gradient.arrays()} == {"float32"}
    assert single.forward(rounded, part.X).dtype == "float32"
    assert relative_error(flat(gradient), flat(net.gradient(params, part.X, part.Y))) < 1e-4


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))
@pytest.mark.parametrize("hidden", HIDDEN)
def test_logits_of_1000_are_finite_and_silent(hidden, cost, output, k, dtype):
    net = network((hidden,), cost, output, k, dtype=dtype)
    params, part = example(net)
    large = unflat((flat(params) * FAR).astype(dtype), params)
    gradient = net.gradient(large, part.X, part.Y)
    assert np.isfinite(net.forward(large, part.X)).all()
    assert np.isfinite(net.cost(large, part.X, part.Y))
    assert np.isfinite(flat(gradient)).all()


def test_a_stack_gives_each_replica_its_own_numbers():
    net = network(("tanh", "relu"), "cross_entropy", "softmax", 3, "l2")
    rng = np.random.default_rng(0)
    part = samples(rng, 7, 4, 3)
    singles = [net.initialize("large", rng, n_train=7) for _ in range(5)]
    stack = mlp.Parameters.stack(singles)
    outputs, costs = net.forward(stack, part.X), net.cost(stack, part.X, part.Y)
    gradient = net.gradient(stack, part.X, part.Y)
    assert outputs.shape == (5, 7, 3)
    assert costs.shape == (5,)
    for r, params in enumerate(singles):
        assert outputs[r].tobytes() == net.forward(params, part.X).tobytes()
        assert costs[r] == net.cost(params, part.X, part.Y)
        alone = net.gradient(params, part.X, part.Y)
        assert flat(gradient.replica(r)).tobytes() == flat(alone).tobytes()


def test_results_are_no_views_and_leave_the_arguments_alone():
    net = network(("tanh",), "cross_entropy", "softmax", 3, "l2")
    params, part = example(net)
    before = flat(params).tobytes(), part.X.tobytes(), part.Y.tobytes()
    first = net.forward(params, part.X)
    kept = first.copy()
    net.gradient(params, part.X, part.Y)
    net.forward(params, 2 * part.X)
    np.testing.assert_array_equal(first, kept)
    assert (flat(params).tobytes(), part.X.tobytes(), part.Y.tobytes()) == before


@pytest.mark.parametrize("hidden", HIDDEN)
def test_only_a_lean_pass_writes_over_its_activations(hidden):
    net = network((hidden, hidden), "cross_entropy", "softmax", 3)
    params, part = example(net)
    gradients = []
    for lean in (False, True):
        run = mlp.Pass(net, params.as_stack(), len(part), lean=lean)
        with np.errstate(all="ignore"):
            run.forward(part.X)
            before = [x.tobytes() for x in (*run.z, *run.a)]
            run.backward(part.Y, 0.1)
        assert lean or [x.tobytes() for x in (*run.z, *run.a)] == before
        gradients.append(flat(run.gradient.replica(0)).tobytes())
    assert gradients[0] == gradients[1]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_inputs_of_other_sign_change_no_bit(hidden):
    net = network((hidden, hidden), "cross_entropy", "softmax", 3)
    params, part = example(net)
    stack = mlp.Parameters.stack([params])
    found = []
    for lean in (False, True):
        run = mlp.Pass(net, stack, len(part), lean=lean)
        X = run.inputs(part.X)
        assert np.array_equal(X[:, :-1], part.X) == (not lean or hidden != "sigmoid")
        with np.errstate(all="ignore"):
            outputs = run.forward(X).tobytes()
            run.backward(part.Y, 0.1)
        found.append((outputs, flat(run.gradient.replica(0)).tobytes()))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("sizes", "options", "says"),
    [
        ((4,), {}, "two or more whole numbers from 1 on"),
        ((4, 0, 2), {}, "two or more whole numbers from 1 on"),
        ((4, 2.5, 2), {}, "two or more whole numbers from 1 on"),
        (4, {}, "two or more whole numbers from 1 on, found 4"),
        ((4, 3, 2), {"hidden": ("tanh", "tanh")}, "2 hidden activations .* 1 hidden layer"),
        ((4, 3, 2), {"lambda_": 0.1}, "no penalty is chosen"),
    ],
)
def test_impossible_networks_are_refused(sizes, options, says):
    with pytest.raises(mlp.IncompatibleError, match=says):
        mlp.Network(sizes, **options)


@pytest.mark.parametrize("shape", [(3,), (7, 4), (2, 7, 5)])
def test_samples_of_another_length_are_refused(shape):
    net = mlp.Network((5, 4, 3))
    params = net.initialize("fan_in", np.random.default_rng(0), n_train=7)
    with pytest.raises(ValueError, match="samples are rows of 5 numbers, found shape"):
        net.forward(params, np.ones(shape))


def test_no_samples_have_no_outputs():
    net = mlp.Network((5, 4, 3))
    params = net.initialize("fan_in", np.random.default_rng(0), n_train=7)
    assert net.forward(params, np.empty((0, 5))).shape == (0, 3)
