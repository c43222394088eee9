"""Optimizers: each against its textbook form step by step, PyTorch and Optax, and alone."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlp
from experiments.plan import expand
from experiments.results.collection import runs_frame
from experiments.schema import Setting, validate
from experiments.training import fingerprint, run_id
from experiments.training.fields import identity
from experiments.training.packing import stacks
from mlp import stepping
from mlp.optimizers import OPTIMIZERS, optimizer_of
from tests import test_bits
from tests.conftest import DTYPES, flat, samples, unflat

pytestmark = pytest.mark.component

OTHERS = {
    "sgd": {},
    "momentum": {"momentum": 0.5},
    "nesterov": {"momentum": 0.7},
    "adagrad": {"epsilon": 0.01},
    "rmsprop": {"rho": 0.8, "epsilon": 0.01},
    "adam": {"beta1": 0.5, "beta2": 0.9, "epsilon": 0.01},
    "adamw": {"beta1": 0.8, "beta2": 0.99},
}
"""Hyper-parameters that are not the defaults."""


# --- the textbook ---------------------------------------------------------------------------


def textbook(name, w, g, eta, t, s, momentum=0.9, rho=0.99, beta1=0.9, beta2=0.999, epsilon=1e-8):
    """Return the parameters after step t = 1, 2, ...; `s` holds what the paper's rule keeps."""
    if name == "sgd":
        return w - eta * g
    if name in ("momentum", "nesterov"):
        s["v"] = momentum * s.get("v", 0) + g
        return w - eta * (s["v"] if name == "momentum" else g + momentum * s["v"])
    if name == "adagrad":
        s["sum"] = s.get("sum", 0) + g**2
        return w - eta * g / (np.sqrt(s["sum"]) + epsilon)
    if name == "rmsprop":
        s["mean"] = rho * s.get("mean", 0) + (1 - rho) * g**2
        return w - eta * g / (np.sqrt(s["mean"]) + epsilon)
    s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
    s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g**2
    m, v = s["m"] / (1 - beta1**t), s["v"] / (1 - beta2**t)
    return w - eta * m / (np.sqrt(v) + epsilon)


def network(**options):
    return mlp.Network((5, 6, 3), "tanh", **options)


def part_for(net, rows=10):
    return samples(np.random.default_rng(1), rows, net.sizes[0], net.sizes[-1], net.dtype)


def starts(net, count):
    return [net.initialize("fan_in", np.random.default_rng(s), n_train=10) for s in range(count)]


def by_textbook(net, params, part, name, etas, lambda_=0.0, update="batch", **given):
    """Return a network trained for an epoch per step size, in batches of 4 rows in their order."""
    plain = mlp.Network(net.sizes, "tanh")
    theta, kept, t = flat(params), {}, 0
    blank = mlp.Parameters([0 * w for w in params.weights], [0 * b for b in params.biases])

    def pull(theta):
        now = unflat(theta, params)
        weights = [lambda_ * net.penalty.gradient(w) for w in now.weights]
        return flat(mlp.Parameters(weights, blank.biases))

    for eta in etas:
        found = []
        for rows in np.split(np.arange(len(part)), range(4, len(part), 4)):
            found.append(flat(plain.gradient(unflat(theta, params), part.X[rows], part.Y[rows])))
            if update == "epoch" and rows[-1] + 1 < len(part):
                continue
            g, aside = np.mean(found, axis=0), pull(theta)
            found, t = [], t + 1
            decoupled = name == "adamw"
            new = textbook(name, theta, g + (not decoupled) * aside, eta, t, kept, **given)
            theta = new - decoupled * eta * aside
    return theta


def descended(net, singles, part, optimizer, etas, lambda_=0.0, update="batch"):
    """Return the same by the package, of each replica; `etas` (epochs, R)."""
    stack = mlp.Parameters.stack(singles)
    descent = mlp.Descent(net, stack, part, 4, update, lambda_, optimizer=optimizer)
    order = np.tile(np.arange(len(part)), (len(singles), 1))
    for eta in etas:
        descent.epoch(order, np.array(eta))
    return [flat(stack.replica(r)) for r in range(len(singles))]


def close(a, b, tolerance=1e-10):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * np.abs(b).max())


@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("penalty", mlp.PENALTIES)
@pytest.mark.parametrize("others", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_is_the_textbooks_step_by_step(name, others, penalty, update):
    """12 or 4 steps at falling step sizes; the penalty is in g, in adamw next to it."""
    given = OTHERS[name] if others else {}
    lambda_ = 0.05 if mlp.PENALTIES[penalty].active else 0.0
    net = network(penalty=penalty, lambda_=lambda_)
    (params,), part, etas = starts(net, 1), part_for(net), [0.1, 0.1, 0.05, 0.2]
    (mine,) = descended(
        net, [params], part, {"name": name, **given}, [[e] for e in etas], lambda_, update
    )
    close(mine, by_textbook(net, params, part, name, etas, lambda_, update, **given))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_replicas_may_differ_in_step_size_and_hyper_parameters(name):
    net = network()
    singles, part = starts(net, 3), part_for(net)
    given = [{}, OTHERS[name], {}]
    mine = descended(
        net, singles, part, [{"name": name, **g} for g in given], [[0.1, 0.2, 0.3]] * 3
    )
    for params, eta, own, theta in zip(singles, (0.1, 0.2, 0.3), given, mine, strict=True):
        close(theta, by_textbook(net, params, part, name, [eta] * 3, **own))


def test_a_constant_gradient_has_closed_forms():
    """After t steps with g = 1: momentum (1 - μ^t)/(1 - μ) per step, adam and adagrad ±1, 1/√t."""
    t, mu = 7, 0.9

    def moved(name, **given):
        w = mlp.Parameters.stack([mlp.Parameters([np.zeros((1, 1))], [np.zeros(1)])])
        g = w.alike()
        steps = stepping.Steps([optimizer_of({"name": name, **given})], w, g)
        steps.begin(np.array([0.5]))
        for _ in range(t):
            g.fill(0.5 if OPTIMIZERS[name].linear else 1.0)  # a linear one's comes times η
            steps()
        return -w.weights[0].item() / 0.5

    assert moved("sgd") == t
    speeds = [(1 - mu**k) / (1 - mu) for k in range(1, t + 1)]
    assert moved("momentum") == pytest.approx(sum(speeds), rel=1e-12)
    assert moved("nesterov") == pytest.approx(sum(1 + mu * v for v in speeds), rel=1e-12)
    assert moved("adam") == pytest.approx(t, rel=1e-6)
    roots = sum(1 / np.sqrt(k) for k in range(1, t + 1))
    assert moved("adagrad") == pytest.approx(roots, rel=1e-6)
    means = sum(1 / np.sqrt(1 - 0.99**k) for k in range(1, t + 1))
    assert moved("rmsprop") == pytest.approx(means, rel=1e-6)


def test_momentum_without_momentum_is_sgd_to_the_bit():
    net = network()
    singles, part = starts(net, 2), part_for(net)
    for name in ("momentum", "nesterov"):
        still = descended(net, singles, part, {"name": name, "momentum": 0}, [[0.1, 0.3]] * 2)
        np.testing.assert_array_equal(still, descended(net, singles, part, "sgd", [[0.1, 0.3]] * 2))


def test_the_decay_of_adamw_is_decoupled():
    """Of a weight without a gradient, it leaves (1 - ηλ) at each step; adam's decay is ±η."""
    net = mlp.Network((2, 2), penalty="l2", lambda_=0.1)
    params = mlp.Parameters([np.ones((2, 2))], [np.zeros(2)])
    part = mlp.Part(np.zeros((4, 2)), np.full((4, 2), 0.5), np.zeros(4, int))
    (decoupled,) = descended(net, [params], part, "adamw", [[0.2]] * 3, 0.1)
    np.testing.assert_allclose(decoupled[:4], (1 - 0.2 * 0.1) ** 3)
    (coupled,) = descended(net, [params], part, "adam", [[0.2]], 0.1)
    np.testing.assert_allclose(coupled[:4], 0.8)
    bare = network()
    singles, part = starts(bare, 1), part_for(bare)
    same = [descended(bare, singles, part, name, [[0.1]] * 2) for name in ("adam", "adamw")]
    np.testing.assert_array_equal(*same)


# --- other libraries ------------------------------------------------------------------------

STEPS = 20


def theirs(step, params, part):
    """Train with another library's `step`, which moves a list of arrays by a list of gradients."""
    net, arrays = network(), [array.copy() for array in params.arrays()]
    for _ in range(STEPS):
        now = mlp.Parameters(arrays[::2], arrays[1::2])
        arrays = step(arrays, list(net.gradient(now, part.X, part.Y).arrays()))
    return np.concatenate([array.ravel() for array in arrays])


def mine_for(name, params, part, eta):
    stack = mlp.Parameters.stack([params])
    lambda_, penalty = (0.1, "l2") if name == "adamw" else (0.0, "none")
    net = network(penalty=penalty)
    descent = mlp.Descent(net, stack, part, len(part), lambda_=lambda_, optimizer=name)
    for _ in range(STEPS):
        descent.epoch(np.arange(len(part))[None], np.array([eta]))
    return flat(stack.replica(0))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_pytorch_takes_the_same_steps(name):
    torch = pytest.importorskip("torch")
    net, eta = network(), 0.05
    (params,), part = starts(net, 1), part_for(net)
    tensors = [torch.tensor(array.copy()) for array in params.arrays()]
    kinds = {
        "sgd": (torch.optim.SGD, {}),
        "momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
        "adagrad": (torch.optim.Adagrad, {"eps": 1e-8}),
        "rmsprop": (torch.optim.RMSprop, {}),
        "adam": (torch.optim.Adam, {}),
        "adamw": (torch.optim.AdamW, {}),
    }
    kind, options = kinds[name]
    groups = [{"params": tensors[::2]}, {"params": tensors[1::2]}]
    if name == "adamw":  # biases are never penalised here
        groups = [{**g, "weight_decay": d} for g, d in zip(groups, (0.1, 0), strict=True)]
    optimizer = kind(groups, lr=eta, **options)

    def step(arrays, gradients):
        for tensor, gradient in zip(tensors, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.step()
        return [tensor.numpy() for tensor in tensors]

    close(mine_for(name, params, part, eta), theirs(step, params, part))


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_optax_takes_the_same_steps(name):
    optax, jax = pytest.importorskip("optax"), pytest.importorskip("jax")
    net, eta = network(), 0.05
    (params,), part = starts(net, 1), part_for(net)
    kinds = {
        "sgd": lambda: optax.sgd(eta),
        "momentum": lambda: optax.sgd(eta, 0.9),
        "nesterov": lambda: optax.sgd(eta, 0.9, nesterov=True),
        "rmsprop": lambda: optax.rmsprop(eta, 0.99, 1e-8, eps_in_sqrt=False),
        "adam": lambda: optax.adam(eta),
        "adamw": lambda: optax.adamw(eta, weight_decay=0.1, mask=[True, False] * 2),
    }
    with jax.enable_x64(True):
        optimizer = kinds[name]()
        state = optimizer.init([jax.numpy.asarray(a) for a in params.arrays()])

        def step(arrays, gradients):
            nonlocal state
            arrays = [jax.numpy.asarray(a) for a in arrays]
            moves, state = optimizer.update(list(map(jax.numpy.asarray, gradients)), state, arrays)
            return [np.asarray(a) for a in optax.apply_updates(arrays, moves)]

        close(mine_for(name, params, part, eta), theirs(step, params, part))


# --- alone and in a stack -------------------------------------------------------------------


def runs_of(net, name, count, differ):
    """Return runs with schedules, penalties and step sizes of their own, perhaps others too."""
    for place in range(count):
        mixed = test_bits.MIXED[place] | {"eta": (0.1, 0.01, 0.3)[place % 3]}
        first, replica = test_bits.start(net, place % 5, **mixed)
        given = {"name": name, **(OTHERS[name] if differ and place % 2 else {})}
        yield (
            first,
            mlp.Replica(
                replica.seed, replica.eta, replica.schedule, replica.lambda_, optimizer=given
            ),
        )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize("differ", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_stacked_equals_alone_bit_for_bit(name, differ, update, dtype):
    net = mlp.Network((5, 9, 3), penalty="l2", dtype=dtype)
    parts, runs = test_bits.parts_for(net, 13), list(runs_of(net, name, 7, differ))
    options = {"update": update, "epochs": 5}
    alone = [test_bits.run(net, parts, [one], **options)[0] for one in runs]
    test_bits.assert_same(test_bits.run(net, parts, runs, **options), alone)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equal_replicas_are_alone_to_the_bit_too(name):
    """Step sizes that all share are one number and not one for each."""
    net = mlp.Network((5, 9, 3))
    parts = test_bits.parts_for(net, 13)
    runs = [
        (first, mlp.Replica(seed, 0.1, "inverse", optimizer=name))
        for seed, first in enumerate(starts(net, 4))
    ]
    alone = [test_bits.run(net, parts, [one])[0] for one in runs]
    test_bits.assert_same(test_bits.run(net, parts, runs), alone)


@pytest.mark.parametrize("piece", [1, 7, 64, 100_000])
@pytest.mark.parametrize("differ", [False, True])
@pytest.mark.parametrize("sizes", [(5, 6, 3), (120, 6, 3), (4, 2)])
@pytest.mark.parametrize("name", ["nesterov", "adam"])
def test_the_size_of_the_pieces_changes_no_bit(name, sizes, differ, piece, monkeypatch):
    net = mlp.Network(sizes)
    singles, part = starts(net, 3), part_for(net)
    optimizers = [{"name": name, **(OTHERS[name] if differ and r else {})} for r in range(3)]
    usual = descended(net, singles, part, optimizers, [[0.1, 0.2, 0.3]] * 2)
    monkeypatch.setattr(stepping, "PIECE", piece)
    np.testing.assert_array_equal(
        descended(net, singles, part, optimizers, [[0.1, 0.2, 0.3]] * 2), usual
    )


def test_parameters_that_are_no_stack_of_the_package_are_trained_alike():
    net = network()
    (params,), part = starts(net, 1), part_for(net)
    (usual,) = descended(net, [params], part, "adam", [[0.1]] * 2)
    loose = params.copy().as_stack()
    descent = mlp.Descent(net, loose, part, 4, optimizer="adam")
    for _ in range(2):
        descent.epoch(np.arange(10)[None], np.array([0.1]))
    close(flat(loose.replica(0)), usual, 1e-12)


# --- names, hyper-parameters, memory --------------------------------------------------------


def test_an_optimizer_is_a_name_a_mapping_or_itself():
    adam = optimizer_of({"name": "adam", "beta1": 0.5})
    assert optimizer_of(adam) is adam
    assert adam.setting == {"name": "adam", "beta1": 0.5}
    assert (
        optimizer_of("adam") == optimizer_of({"name": "adam", "beta1": 0.9}) == OPTIMIZERS["adam"]
    )
    assert optimizer_of({"name": "adam", "beta1": 0.9}).setting == "adam"
    zero = optimizer_of({"name": "momentum", "momentum": 0}).setting["momentum"]
    assert isinstance(zero, float)
    assert pickle.loads(pickle.dumps(adam)) == adam


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_docstring_begins_with_the_formula_and_names_its_source(name):
    text = type(OPTIMIZERS[name]).__doc__
    assert "←" in text.splitlines()[0]
    assert any(f"{year}" in text for year in range(1951, 2020))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("adamm", "unknown optimizer 'adamm' .did you mean 'adam'"),
        ({"name": "adam", "beta": 0.5}, "unknown hyper-parameter of adam 'beta' .did you mean"),
        ({"name": "sgd", "momentum": 0.5}, "of sgd 'momentum'; known: none"),
        ({"beta1": 0.5}, "an optimizer is a name, or a mapping with the key 'name'"),
        ({"name": "momentum", "momentum": 1}, "from 0 to below 1, found 1"),
        ({"name": "adam", "beta2": -0.1}, "beta2 of the optimizer adam is a number from 0 to"),
        ({"name": "adam", "epsilon": 0}, "epsilon of the optimizer adam is a finite number above"),
        ({"name": "rmsprop", "rho": "0.9"}, "from 0 to below 1, found '0.9'"),
        (7, "unknown optimizer 7"),
    ],
)
def test_a_wrong_optimizer_is_refused_in_a_sentence(given, message):
    net = network()
    with pytest.raises((mlp.UnknownNameError, ValueError), match=message):
        optimizer_of(given)
    stack, parts = mlp.Parameters.stack(starts(net, 1)), {"train": part_for(net)}
    replica = mlp.Replica(0, 0.1, optimizer=given)
    with pytest.raises((mlp.UnknownNameError, ValueError), match=message):
        mlp.train(net, stack, parts, [replica], epochs=1, batch_size=4)


@given(data=st.data())
def test_any_hyper_parameter_is_taken_or_refused(data):
    """Within its bounds it is kept as a float; outside, the message names it."""
    name = data.draw(st.sampled_from(sorted(set(OPTIMIZERS) - {"sgd"})))
    key = data.draw(st.sampled_from([f.name for f in fields(OPTIMIZERS[name])]))
    value = data.draw(st.floats() | st.integers(-2, 2) | st.booleans() | st.none())
    number = isinstance(value, int | float) and not isinstance(value, bool)
    allowed = number and ((0 < value < np.inf) if key == "epsilon" else (0 <= value < 1))
    if allowed:
        found = getattr(optimizer_of({"name": name, key: value}), key)
        assert found == value
        assert isinstance(found, float)
    else:
        with pytest.raises(ValueError, match=f"{key} of the optimizer {name} is a"):
            optimizer_of({"name": name, key: value})


def test_a_stack_has_one_optimizer():
    net = network()
    stack, part = mlp.Parameters.stack(starts(net, 2)), part_for(net)
    with pytest.raises(ValueError, match="have one optimizer, found adam and sgd"):
        mlp.Descent(net, stack, part, 4, optimizer=["sgd", "adam"])
    with pytest.raises(ValueError, match="one for all replicas or 2 of them, found 3"):
        mlp.Descent(net, stack, part, 4, optimizer=["sgd"] * 3)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_continues_from_a_memory_that_was_pickled(name):
    net = network()
    (params,), part, order = starts(net, 1), part_for(net), np.arange(10)[None]
    (whole,) = descended(net, [params], part, name, [[0.1], [0.05], [0.05]])
    first = mlp.Parameters.stack([params])
    descent = mlp.Descent(net, first, part, 4, optimizer=name)
    descent.epoch(order, np.array([0.1]))
    stack, memory = pickle.loads(pickle.dumps((first, descent.memory)))
    descent = mlp.Descent(net, stack, part, 4, optimizer=name)
    descent.memory.assign(memory)
    for _ in range(2):
        descent.epoch(order, np.array([0.05]))
    np.testing.assert_array_equal(flat(stack.replica(0)), whole)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_recorded_is_the_gradient_itself(name):
    """The norm at epoch 0 is that of the first batch, whatever the optimizer makes of it."""
    net = network()
    (params,), part = starts(net, 1), part_for(net)
    history = mlp.train(
        net, mlp.Parameters.stack([params]), {"train": part},
        [mlp.Replica(3, 0.1, optimizer=name)], epochs=1, batch_size=4,
    )  # fmt: skip
    rows = mlp.stream("order", 3).permutation(10)[:4]
    norm = np.linalg.norm(net.gradient(params, part.X[rows], part.Y[rows]).weights[0])
    assert history.column("gradient_norm_1")[0, 0] == pytest.approx(norm, rel=1e-10)
    assert history.memory.steps == 3


# --- in a sweep -----------------------------------------------------------------------------


def plan_of(*optimizers):
    study = {"datasets": ["iris"], "base": {"epochs": 2, "layers": [3]}}
    study["grid"] = {"optimizer": list(optimizers)}
    return expand("x", validate({"seeds": 2, "studies": {"a": study}}))


def test_a_mapping_that_says_the_defaults_is_the_name():
    """A run has one id however its optimizer is said; sgd, said or not, changes no id."""
    short = plan_of("sgd", "adam", {"name": "adam", "beta1": 0.5})
    long = plan_of(
        {"name": "sgd"},
        {"name": "adam", "beta1": 0.9, "epsilon": 1e-8},
        {"name": "adam", "beta2": 0.999, "beta1": 0.5},
    )
    assert list(short.runs) == list(long.runs)
    first = next(iter(short.runs.values()))
    unsaid = {key: value for key, value in first.items() if key != "optimizer"}
    assert run_id(unsaid) == run_id(first)
    assert "optimizer" not in identity(first)


def test_hyper_parameters_share_a_stack_and_optimizers_do_not():
    plan = plan_of("adam", {"name": "adam", "beta1": 0.5}, "momentum")
    specs = list(plan.runs.values())
    found = [{specs[place]["optimizer"] == "momentum" for place in s} for s in stacks(specs, 90)]
    assert sorted(map(sorted, found)) == [[False], [True]]
    assert sorted(map(len, stacks(specs, 90))) == [2, 4]


def test_a_run_depends_on_the_source_of_its_optimizer():
    one, other, _ = (fingerprint.sources(e.spec) for e in plan_of("sgd", "adam").entries[1:])
    assert "optimizer sgd" in one
    assert other["optimizer adam"] not in ("elsewhere", one["optimizer sgd"])
    halved = plan_of("sgd", {"name": "adam", "beta1": 0.5}).entries[-1]
    assert fingerprint.sources(halved.spec) == other


def test_the_table_of_runs_names_the_optimizer():
    entries = plan_of("sgd", {"name": "adam", "beta1": 0.5}).entries
    frame = runs_frame(entries, {})
    assert frame["optimizer"].tolist() == ["sgd"] * 2 + ["adam, beta1 0.5"] * 2
    assert [entry.labels["optimizer"] for entry in entries] == frame["optimizer"].tolist()


def test_editors_know_the_hyper_parameters():
    kinds = Setting.model_json_schema()["properties"]["optimizer"]["anyOf"]
    assert kinds[0]["enum"] == list(OPTIMIZERS)
    by_name = {k["properties"]["name"]["const"]: k["properties"] for k in kinds[1:]}
    assert by_name["adam"]["beta2"]["default"] == 0.999
