"""Initializers (section 5.2), schedules (23), penalties, metrics (24), registries, streams."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import kstest, uniform

import mlp
from tests.conftest import HIDDEN

pytestmark = pytest.mark.component
N = 9  # epochs
REGISTRIES = (
    mlp.ACTIVATIONS,
    mlp.COSTS,
    mlp.INITIALIZERS,
    mlp.BIAS_INITIALIZERS,
    mlp.SCHEDULES,
    mlp.PENALTIES,
    mlp.OPTIMIZERS,
)
each_registry = pytest.mark.parametrize("registry", REGISTRIES, ids=lambda r: r.family)


def initialized(
    init="large", bias_init="like_weights", seed=0, sizes=(100, 80, 3), dtype="float64"
):
    net = mlp.Network(sizes, dtype=dtype)
    rng = np.random.default_rng(seed)
    return net.initialize(init, rng, n_train=400, bias_init=bias_init)


# --- initializers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "deviation"),
    [
        ("large", 1),
        ("default", 1 / 20),
        ("default_literal", 1 / 400),
        ("fan_in", 1 / 10),
        ("glorot", np.sqrt(2 / 180)),
        ("he", np.sqrt(2 / 100)),
    ],
)
def test_standard_deviations_of_initial_weights(init, deviation):
    """8000 weights: 4 % are five standard errors. These differ in their scale alone."""
    params, large = initialized(init), initialized("large")
    assert params.weights[0].std() == pytest.approx(deviation, rel=0.04)
    for mine, draws in ((params.weights, large.weights), (params.biases, large.biases)):
        np.testing.assert_allclose(mine[0], deviation * draws[0], rtol=1e-14)


@pytest.mark.parametrize(
    ("init", "limit"),
    [
        ("lecun_uniform", np.sqrt(3 / 100)),
        ("glorot_uniform", np.sqrt(6 / 180)),
        ("he_uniform", np.sqrt(6 / 100)),
    ],
)
def test_uniform_weights_fill_their_interval_evenly(init, limit):
    """Kolmogorov's distance of 8000 weights from the even ones; the truth is SciPy's Φ."""
    weights, draws = (initialized(name).weights[0] for name in (init, "large"))
    np.testing.assert_allclose(weights, limit * (2 * ndtr(draws) - 1), rtol=0, atol=1e-15)
    assert kstest(weights.ravel(), uniform(-limit, 2 * limit).cdf).pvalue > 0.01
    assert weights.std() == pytest.approx(limit / np.sqrt(3), rel=0.03)


@pytest.mark.parametrize("sizes", [(100, 80, 3), (3, 80, 80), (1, 1, 5)])
def test_orthogonal_weights(sizes):
    """W^T W = I, or W W^T if W is wide, to 1e-12; the signs are those that R > 0 gives."""
    params, large = initialized("orthogonal", sizes=sizes), initialized("large", sizes=sizes)
    for w, draws in zip(params.weights, large.weights, strict=True):
        w, draws = (w.T, draws.T) if w.shape[0] < w.shape[1] else (w, draws)
        np.testing.assert_allclose(w.T @ w, np.eye(w.shape[1]), rtol=0, atol=1e-12)
        r = w.T @ draws  # of draws = W R
        np.testing.assert_allclose(np.tril(r, -1), 0, rtol=0, atol=1e-12)
        assert (np.diagonal(r) > 0).all()
    for b, draws, n, m in zip(params.biases, large.biases, sizes[:-1], sizes[1:], strict=True):
        np.testing.assert_allclose(b, draws / np.sqrt(max(n, m)), rtol=1e-14)


def test_orthogonal_weights_prefer_no_direction():
    """The entries of 4000 matrices 2 x 2 have mean 0 and mean square 1/2, to five errors."""
    draws = np.random.default_rng(0).standard_normal((4000, 2, 2))
    init = mlp.INITIALIZERS["orthogonal"]
    entries = np.array([init(each, fan_in=2, fan_out=2, n_train=9) for each in draws])
    np.testing.assert_allclose(entries.mean(axis=0), 0, rtol=0, atol=5 * np.sqrt(1 / 8000))
    np.testing.assert_allclose((entries**2).mean(axis=0), 0.5, rtol=0, atol=5 * np.sqrt(1 / 32000))
    assert (np.linalg.det(entries) > 0).mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(4000))


@pytest.mark.parametrize("bias_init", mlp.BIAS_INITIALIZERS)
@pytest.mark.parametrize("init", mlp.INITIALIZERS)
def test_initial_parameters_have_the_fixed_structure(init, bias_init):
    params = initialized(init, bias_init, dtype="float32")
    assert [w.shape for w in params.weights] == [(80, 100), (3, 80)]
    assert [b.shape for b in params.biases] == [(80,), (3,)]
    assert {p.dtype.name for p in params.arrays()} == {"float32"}
    again, other = (initialized(init, bias_init, seed, dtype="float32") for seed in (0, 1))
    for a, b, c in zip(params.arrays(), again.arrays(), other.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.size == 0 or not a.any() or (a != c).any()
    assert all(p.flags.c_contiguous for p in params.arrays())


@pytest.mark.parametrize("init", mlp.INITIALIZERS)
def test_every_initializer_is_a_function_of_the_same_draws(init):
    """Weights always; biases if they are like the weights, else they are the draws or 0."""
    like, normal, zeros = (
        initialized(init, name).biases for name in ("like_weights", "normal", "zeros")
    )
    drawn, weights = initialized("large"), initialized(init).weights
    for layer, (fan_in, fan_out) in enumerate([(100, 80), (80, 3)]):
        facts = {"fan_in": fan_in, "fan_out": fan_out, "n_train": 400}
        for mine, draws in ((weights, drawn.weights), (like, drawn.biases)):
            expected = mlp.INITIALIZERS[init](draws[layer].copy(), **facts)
            assert mine[layer].tobytes() == expected.tobytes()
        np.testing.assert_array_equal(normal[layer], drawn.biases[layer])
        np.testing.assert_array_equal(zeros[layer], 0)


# --- schedules ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", mlp.SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 2, N, 100])
def test_schedules_start_at_eta_and_never_rise_nor_reach_0(name, epochs):
    steps = [mlp.SCHEDULES[name](0.5, i, epochs) for i in range(epochs)]
    assert steps[0] == 0.5 or name == "step"  # `step` falls at once if there is one epoch only
    assert all(a >= b > 0 for a, b in zip(steps, [*steps[1:], steps[-1]], strict=True))
    np.testing.assert_allclose(
        steps, [0.5 * mlp.SCHEDULES[name](1, i, epochs) for i in range(epochs)]
    )


@pytest.mark.parametrize(
    ("name", "epoch", "factor"),
    [
        ("constant", N - 1, 1),
        ("inverse", 1, 1 - 1 / (1 + N)),  # (23)
        ("inverse", N - 1, 2 / (N + 1)),  # the last step used
        ("step", 4, 1),
        ("step", 5, 0.1),
        ("step", 7, 0.01),
        ("exponential", N, 0.01),
        ("cosine", N / 2, 0.5),
        ("cosine", N / 3, 0.75),
    ],
)
def test_schedules_along_the_way(name, epoch, factor):
    assert mlp.SCHEDULES[name](0.5, epoch, N) == pytest.approx(0.5 * factor, rel=1e-14)


# --- penalties ------------------------------------------------------------------------------


def test_values_of_penalties():
    w = np.array([[1.0, -2.0], [0.0, 3.0]])
    expected = {"none": ([0, 0], 0 * w), "l1": ([3, 3], np.sign(w)), "l2": ([2.5, 4.5], w)}
    for name, (value, gradient) in expected.items():
        np.testing.assert_array_equal(mlp.PENALTIES[name].value(w), value)
        np.testing.assert_array_equal(mlp.PENALTIES[name].gradient(w), gradient)


@pytest.mark.parametrize("name", mlp.PENALTIES)
def test_penalty_gradient_is_the_numerical_one(name):
    """Central differences away from the kink at 0, absolute error below 1e-9."""
    penalty, w, h = mlp.PENALTIES[name], np.array([-1.5, -0.2, 0.3, 2.0]), 1e-5
    up, down = (penalty.value(w + s * h * np.eye(4)) for s in (1, -1))
    np.testing.assert_allclose(penalty.gradient(w), (up - down) / (2 * h), rtol=0, atol=1e-9)
    out = np.empty_like(w)
    assert penalty.gradient(w, out=out) is out
    np.testing.assert_array_equal(out, penalty.gradient(w))
    assert penalty.active == bool(np.any(out))


# --- metrics --------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("k", [1, 3])
def test_outputs_that_are_not_finite_are_wrong(bad, k):
    a = np.full((4, k), 0.1)
    a[:, -1] = 0.9  # all samples are of the last class, and found
    labels = np.full(4, max(k - 1, 1))
    assert mlp.accuracy(a, labels) == 1
    a[1, 0] = a[2, -1] = bad
    assert mlp.predict_classes(a).tolist() == [labels[0], -1, -1, labels[0]]
    assert mlp.accuracy(a, labels) == 0.5
    assert mlp.accuracy(np.full((4, k), bad), 0 * labels) == 0  # argmax of NaN is class 0


@pytest.mark.parametrize(
    ("outputs", "predicted"),
    [([np.inf, -np.inf], -1), ([1e308, 1.5e308], 1), ([-2e307, -1e308], 0)],
)
def test_it_is_each_output_that_must_be_finite_and_not_their_sum(outputs, predicted):
    a = np.array([outputs * 4])
    assert mlp.predict_classes(a).tolist() == [predicted]


def test_accuracy_of_one_unit_has_its_threshold_at_one_half():
    a = np.array([[0.0], [0.5], [np.nextafter(0.5, 1)], [1.0]])
    assert mlp.predict_classes(a).tolist() == [0, 0, 1, 1]
    assert mlp.accuracy(a, np.array([0, 0, 1, 0])) == 0.75


def test_accuracy_of_a_stack_is_that_of_each_replica():
    rng = np.random.default_rng(0)
    a, labels = rng.random((5, 20, 3)), rng.integers(0, 3, 20)
    a[2, 3:9, 1] = np.nan
    together = mlp.accuracy(a, labels)
    assert together.tolist() == [float(mlp.accuracy(one, labels)) for one in a]


# --- registries and streams -----------------------------------------------------------------


@each_registry
def test_components_know_their_names(registry):
    assert len(registry) == len(set(registry)) > 0
    for name, component in registry.items():
        assert component.name == name
        assert component.__doc__ or type(component).__doc__
    assert repr(registry) == f"<{registry.family}: {', '.join(registry)}>"


@each_registry
def test_unknown_names_give_the_nearest_match(registry):
    for name in registry:
        with pytest.raises(mlp.UnknownNameError, match=f"did you mean '{name}'") as refused:
            registry[f"{name}x"]
        assert f"unknown {registry.family} '{name}x'" in str(refused.value)
    for nonsense in ("qqqqqqqq", 7, []):
        with pytest.raises(mlp.UnknownNameError) as refused:
            registry[nonsense]
        assert "did you mean" not in str(refused.value)
        assert all(name in str(refused.value) for name in registry)


@each_registry
def test_a_name_is_given_once_and_only_by_register(registry):
    before = list(registry)
    with pytest.raises(ValueError, match=f"two components of the family {registry.family}"):
        registry.register(before[0])(lambda: None)
    with pytest.raises(TypeError):
        registry["new"] = None
    assert list(registry) == before


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ({"hidden": "sigmiod"}, "sigmoid"),
        ({"hidden": ("rellu",)}, "relu"),
        ({"output": "sotfmax"}, "softmax"),
        ({"cost": "crossentropy"}, "cross_entropy"),
        ({"penalty": "l22"}, "l2"),
    ],
)
def test_a_network_names_the_nearest_match(options, near):
    with pytest.raises(mlp.UnknownNameError, match=f"did you mean '{near}'"):
        mlp.Network((4, 3, 2), **options)


def test_initialize_names_the_nearest_match():
    for options, near in (({"init": "glorrot"}, "glorot"), ({"bias_init": "zero"}, "zeros")):
        with pytest.raises(mlp.UnknownNameError, match=f"did you mean '{near}'"):
            initialized(**options)


def test_streams_depend_on_purpose_and_seed_alone():
    def first(purpose, seed):
        return mlp.stream(purpose, seed).integers(2**62)

    names = [(p, s) for p in ("split", "initial draw", "order") for s in range(5)]
    assert len({first(*name) for name in names}) == len(names)
    assert [first(*name) for name in names] == [first(*name) for name in names]
    assert int(mlp.stream("order", 3).integers(1000)) == 235  # recorded when it was written


def test_every_hidden_activation_has_a_formula():
    assert all(mlp.ACTIVATIONS[name].formula and mlp.ACTIVATIONS[name].equation for name in HIDDEN)
