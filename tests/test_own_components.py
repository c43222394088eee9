"""What a component must pass: correct ones of a user pass it, wrong ones do not.

The components of docs/howto/component.md and some wrong ones are registered for a moment, and go
through the tests that find the package's own.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import mlp
from mlp import activations, costs
from mlp.activations import ACTIVATIONS, Activation
from mlp.costs import COSTS, Cost
from tests import (
    test_activations,
    test_bits,
    test_components,
    test_costs,
    test_network,
    test_optimizers,
)
from tests.conftest import DTYPES, flat

ROOT = Path(__file__).parent.parent
HOWTO, README = ROOT / "docs" / "howto" / "component.md", ROOT / "README.md"


@pytest.fixture(autouse=True)
def registries(monkeypatch):
    """Registries that forget what a test registers; warnings as a test of activations has them."""
    for registry in (ACTIVATIONS, COSTS, mlp.INITIALIZERS, mlp.SCHEDULES, mlp.OPTIMIZERS):
        monkeypatch.setattr(registry, "_components", dict(registry._components))
    with np.errstate(over="ignore", under="ignore"):
        yield


def pasted(word: str, page: Path = HOWTO) -> None:
    """Run the block of a page that contains a word, as if it were in its module."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
    (block,) = [block for block in blocks if word in block]
    home = {
        "ACTIVATIONS": activations,
        "COSTS": costs,
        "SCHEDULES": mlp.schedules,
        "OPTIMIZERS": mlp.optimizers,
    }
    module = home[re.search(r"@(\w+)\.register", block)[1]]
    exec(compile(block, "pasted.py", "exec"), vars(module) | {"__name__": "pasted"})


def checks(module, **options) -> Iterator[Callable[[], None]]:
    """Yield the tests of a module that take these options and no others, with each value."""
    for name, test in vars(module).items():
        wanted = list(inspect.signature(test).parameters) if name.startswith("test_") else []
        if wanted and set(wanted) <= options.keys() and set(wanted) & {"name", "cost"}:
            for values in product(*(options[option] for option in wanted)):
                yield lambda test=test, values=values: test(*values)


def activation_checks(name: str) -> Iterator[Callable[[], None]]:
    yield from checks(test_activations, name=[name], dtype=DTYPES)
    yield lambda: test_network.test_gradient_is_the_numerical_one(
        (name,), "mse", "identity", 3, "none"
    )
    for dtype in DTYPES:
        yield lambda dtype=dtype: test_bits.test_every_activation_and_cost(
            name, "cross_entropy", "softmax", 11, dtype
        )


def cost_checks(name: str) -> Iterator[Callable[[], None]]:
    for output in COSTS[name].outputs:
        yield from checks(
            test_costs, cost=[name], output=[output], k=[3], scale=[1, 10, 100], dtype=DTYPES
        )
        yield lambda output=output: test_network.test_gradient_is_the_numerical_one(
            ("tanh",), name, output, 3, "none"
        )
        for dtype in DTYPES:
            yield lambda output=output, dtype=dtype: test_bits.test_every_activation_and_cost(
                "tanh", name, output, 11, dtype
            )


def initializer_checks(name: str) -> Iterator[Callable[[], None]]:
    yield lambda: test_components.test_every_initializer_is_a_function_of_the_same_draws(name)
    for bias in mlp.BIAS_INITIALIZERS:
        yield lambda bias=bias: test_components.test_initial_parameters_have_the_fixed_structure(
            name, bias
        )
        for dtype in DTYPES:
            yield lambda bias=bias, dtype=dtype: test_bits.test_every_initializer_and_schedule(
                name, bias, dtype
            )


def failures(found: Iterator[Callable[[], None]]) -> int:
    """Return how many of the checks fail; there are at least ten."""
    failed, count = 0, 0
    for check in found:
        count += 1
        try:
            check()
        except (AssertionError, RuntimeWarning, FloatingPointError):
            failed += 1
    assert count >= 10
    return failed


@pytest.mark.parametrize(("name", "page"), [("squareplus", HOWTO), ("arctan", README)])
def test_the_activations_of_the_pages_pass(name, page):
    pasted(name, page)
    for check in activation_checks(name):
        check()


class HardSigmoid(Activation):
    """σ(z) = min(max(z/6 + 1/2, 0), 1), with kinks at ±3."""

    steepest = 1 / 6
    needs_z = False

    def value(self, z, out=None):
        return np.clip(z / 6 + 0.5, 0, 1, out=out)

    def derivative(self, z, a, out=None):
        return np.multiply((a > 0) & (a < 1), a.dtype.type(1 / 6), out=out)


class Mish(Activation):
    """σ(z) = z tanh(ln(1 + e^z)), whose steepest slope is at no round number."""

    steepest = 1.0884982

    def value(self, z, out=None):
        return np.multiply(z, np.tanh(np.logaddexp(z, 0)), out=out)

    def derivative(self, z, a, out=None):
        t = np.tanh(np.logaddexp(z, 0))
        return np.add(t, z * (1 - t * t) / (1 + np.exp(-z)), out=out)


@pytest.mark.parametrize("right", [HardSigmoid, Mish])
def test_a_correct_activation_passes(right):
    ACTIVATIONS.register("right")(right)
    for check in activation_checks("right"):
        check()


class Right(Activation):
    """A correct softplus, to be spoilt in one place."""

    def value(self, z, out=None):
        return np.logaddexp(0, z, out=out)

    def derivative(self, z, a, out=None):
        return np.divide(1, 1 + np.exp(-z), out=out)


class WrongSlope(Right):
    def derivative(self, z, a, out=None):
        return np.multiply(1 / (1 + np.exp(-z)), 1 / (1 + np.exp(z)), out=out)


class Overflows(Right):
    def value(self, z, out=None):
        return np.log(1 + np.exp(z), out=out)


class NeedsZ(Right):
    """Says that z is not needed, and uses it."""

    needs_z = False


class LowSteepest(Right):
    steepest = 0.25


class HighSteepest(Right):
    steepest = 1.01


class MixesReplicas(Right):
    def value(self, z, out=None):
        return np.multiply(z, 1 / (1 + np.abs(z).max()), out=out)


class DropsNan(Right):
    def value(self, z, out=None):
        return np.logaddexp(0, np.nan_to_num(z), out=out)


@pytest.mark.parametrize(
    "wrong", [WrongSlope, Overflows, NeedsZ, LowSteepest, HighSteepest, MixesReplicas, DropsNan]
)
def test_a_wrong_activation_does_not_pass(wrong):
    ACTIVATIONS.register("right")(type("Copy", (Right,), {}))
    ACTIVATIONS.register("wrong")(wrong)
    assert failures(activation_checks("right")) == 0
    assert failures(activation_checks("wrong")) > 0


class LogCosh(Cost):
    """C = Σ_k ln cosh(a_k - y_k), ∂C/∂a = tanh(a - y)."""

    outputs = ("sigmoid", "softmax", "identity")

    def value(self, z, a, y):
        error = np.abs(a - y)
        return np.sum(error + np.log1p(np.exp(-2 * error)) - np.log(2), axis=-1)

    def derivative(self, a, y):
        return np.tanh(a - y)


class WrongSign(LogCosh):
    def derivative(self, a, y):
        return np.tanh(y - a)


class NaiveCosh(LogCosh):
    def value(self, z, a, y):
        return np.sum(np.log(np.cosh(a - y)), axis=-1)


class MeanOverUnits(LogCosh):
    def value(self, z, a, y):
        return super().value(z, a, y) / a.shape[-1]


class MixesSamples(LogCosh):
    def derivative(self, a, y):
        return np.tanh(a - y) / np.abs(a - y).max()


def test_a_correct_cost_passes():
    COSTS.register("log_cosh")(LogCosh)
    for check in cost_checks("log_cosh"):
        check()


@pytest.mark.parametrize("wrong", [WrongSign, NaiveCosh, MeanOverUnits, MixesSamples])
def test_a_wrong_cost_does_not_pass(wrong):
    COSTS.register("wrong")(wrong)
    assert failures(cost_checks("wrong")) > 0


def clipped(draws, *, fan_in, fan_out, n_train):
    """Draw with the standard deviation 1/sqrt(n_{l-1}), 2.5 deviations from 0 at most."""
    return np.clip(draws, -2.5, 2.5) / np.sqrt(fan_in)


def in_place(draws, *, fan_in, fan_out, n_train):
    draws /= np.sqrt(fan_in)
    return draws


def of_its_own(draws, *, fan_in, fan_out, n_train):
    return np.random.default_rng(0).standard_normal(draws.shape)


@pytest.mark.parametrize(
    ("initializer", "right"), [(clipped, True), (in_place, False), (of_its_own, False)]
)
def test_an_initializer_passes_if_it_is_a_function_of_the_draws(initializer, right):
    mlp.INITIALIZERS.register("mine")(initializer)
    assert (failures(initializer_checks("mine")) == 0) == right


@pytest.mark.parametrize("hidden", ["relu", "identity"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_cost_of_its_own_that_diverges_has_the_same_bits_in_any_stack(hidden, dtype):
    """The signs of its NaNs differ with the place in a stack; those of the results do not."""
    COSTS.register("log_cosh")(LogCosh)
    net = mlp.Network((5, 9, 7, 11), hidden, "identity", "log_cosh", dtype=dtype)
    parts = test_bits.parts_for(net, 13, labelled=False)
    etas = (1e30, 0.1, 1e38, 3.0, 1e20, 1e38, 0.1)
    runs = [
        test_bits.start(net, seed, "fan_in", "normal", "constant", eta, 0.0)
        for seed, eta in enumerate(etas)
    ]
    together = test_bits.run(net, parts, runs, epochs=4)
    assert {ends[0] >= 0 for _, _, ends in together} == {True, False}
    alone = [test_bits.run(net, parts, [one], epochs=4)[0] for one in runs]
    test_bits.assert_same(together, alone)


def test_the_schedule_of_the_how_to_page():
    pasted("square_root")
    steps = [mlp.SCHEDULES["square_root"](0.5, epoch, 9) for epoch in range(9)]
    np.testing.assert_allclose(steps, 0.5 / np.sqrt(np.arange(1, 10)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_optimizer_of_the_how_to_page(dtype):
    """It moves each weight by η at most, and has the same bits in any stack."""
    pasted("sign_momentum")
    net = mlp.Network((5, 9, 3), dtype=dtype)
    parts = test_bits.parts_for(net, 13)
    firsts = [
        net.initialize("fan_in", mlp.stream("initial draw", seed), n_train=13) for seed in range(5)
    ]
    named = ["sign_momentum", {"name": "sign_momentum", "beta": 0.5}]
    replicas = [mlp.Replica(s, 0.1 / 2**s, optimizer=named[s % 2]) for s in range(5)]
    runs = list(zip(firsts, replicas, strict=True))
    together = test_bits.run(net, parts, runs, epochs=1)
    alone = [test_bits.run(net, parts, [one], epochs=1)[0] for one in runs]
    test_bits.assert_same(together, alone)
    moved = np.frombuffer(together[0][0], dtype) - flat(firsts[0])
    assert 0 < np.abs(moved).max() <= 4 * 0.1 * (1 + 1e-6)


def test_the_how_to_names_the_command_that_runs_the_checks():
    """`pytest -m component` is on the page, and the modules named here bear that mark."""
    assert "pytest -m component" in HOWTO.read_text(encoding="utf-8")
    used = [test_activations, test_bits, test_components, test_costs, test_network]
    for module in (*used, test_optimizers):
        assert module.pytestmark.name == "component"


def test_squareplus_trains():
    pasted("squareplus")
    net = mlp.Network((5, 9, 3), "squareplus")
    parts = test_bits.parts_for(net, 30)
    first = net.initialize("fan_in", mlp.stream("initial draw", 0), n_train=30)
    stack = mlp.Parameters.stack([first])
    history = mlp.train(net, stack, parts, [mlp.Replica(0, 0.5)], epochs=40, batch_size=5)
    costs = history.column("train_cost")[0]
    assert costs[-1] < costs[0] / 2
    assert np.isfinite(flat(stack.replica(0))).all()
