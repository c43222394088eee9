"""Activations (13)-(22): values, derivatives, extremes, and where they may stand."""

import numpy as np
import pytest

import mlp
from tests.conftest import DTYPES, FAR, HIDDEN, is_flat, kinks, near_kinks

EXTREMES = np.array([-FAR, -100, -88, -1, 0, 1, 88, 100, FAR])
pytestmark = pytest.mark.component
everywhere = pytest.mark.parametrize("name", mlp.ACTIVATIONS)


@pytest.fixture(autouse=True)
def _overflow_is_no_error():
    """As in training: an exponential may become infinite, or 0, on the way to the right number."""
    with np.errstate(over="ignore", under="ignore"):
        yield


def test_values_of_the_note():
    z = np.array([-2.0, 0.0, 3.0])
    e = np.exp(z)
    expected = {
        "sigmoid": (e / (1 + e), e / (1 + e) ** 2),  # (13)-(14)
        "softmax": (e / e.sum(), e / e.sum() * (1 - e / e.sum())),  # (15), diagonal of (16)
        "tanh": ((e - 1 / e) / (e + 1 / e), 4 / (e + 1 / e) ** 2),  # (17)-(18)
        "relu": ([0, 0, 3], [0, 1, 1]),  # (19)-(20), derivative 1 at 0
        "heaviside": ([0, 1, 1], [0, 0, 0]),  # (21)-(22), value 1 at 0
        "identity": (z, [1, 1, 1]),
    }
    for name, (value, derivative) in expected.items():
        activation = mlp.ACTIVATIONS[name]
        np.testing.assert_allclose(activation(z), value, rtol=1e-14)
        np.testing.assert_allclose(activation.derivative(z, activation(z)), derivative, rtol=1e-14)


@everywhere
def test_derivative_and_vjp_are_the_numerical_jacobian(name):
    """J^T g and the diagonal of J against central differences, absolute error below 1e-9."""
    activation, rng, h = mlp.ACTIVATIONS[name], np.random.default_rng(1), 1e-5
    z, g = rng.standard_normal((2, 4, 3, 5))
    z[near_kinks(name, z)] += 0.01
    assert not near_kinks(name, z).any()
    step = h * np.eye(5)[:, None, None, :]
    columns = (activation(z + step) - activation(z - step)) / (2 * h)  # [j, ..., i] = ∂a_i/∂z_j
    jacobian = np.moveaxis(columns, 0, -1)
    vjp = activation.vjp(z, activation(z), g)
    diagonal = np.diagonal(jacobian, axis1=-2, axis2=-1)
    np.testing.assert_allclose(vjp, np.einsum("...ij,...i", jacobian, g), rtol=0, atol=1e-9)
    np.testing.assert_allclose(activation.derivative(z, activation(z)), diagonal, rtol=0, atol=1e-9)


@everywhere
def test_the_vjp_has_the_derivative_on_its_diagonal(name):
    """Also at the kinks and far out: J^T e_j at j is the derivative, exactly."""
    activation = mlp.ACTIVATIONS[name]
    z = np.stack(np.meshgrid(EXTREMES, EXTREMES), axis=-1)
    a = activation(z)
    for j, unit in enumerate(np.eye(2)):
        vjp = activation.vjp(z, a, np.broadcast_to(unit, z.shape))
        np.testing.assert_array_equal(vjp[..., j], activation.derivative(z, a)[..., j])


def test_softmax_jacobian_entry_by_entry():
    softmax, rng = mlp.ACTIVATIONS["softmax"], np.random.default_rng(2)
    z, g = rng.standard_normal((2, 3, 4))
    a, jacobian = softmax(z), softmax.jacobian(z)
    for n, i, j in np.ndindex(3, 4, 4):
        expected = a[n, j] * ((i == j) - a[n, i])  # (16)
        assert jacobian[n, i, j] == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(
        softmax.vjp(z, a, g), (jacobian.mT @ g[..., None])[..., 0], rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("k", [1, 2, 10, 32, 33, 100])
@pytest.mark.parametrize("leading", [(), (7,), (3, 7)], ids=str)
def test_softmax_of_any_shape(k, leading):
    z = np.random.default_rng(4).standard_normal((*leading, k))
    a = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(mlp.ACTIVATIONS["softmax"](z), a, rtol=1e-13)


def test_softmax_sums_to_one_and_ignores_a_shift():
    softmax = mlp.ACTIVATIONS["softmax"]
    z = np.array([[0.5, -3.25, 2.0], [0.0, 0.0, 8.0]])  # shifted without rounding
    np.testing.assert_allclose(softmax(z).sum(axis=-1), 1, rtol=1e-15)
    for shift in (-512.0, 64.0, 1000.0):
        np.testing.assert_allclose(softmax(z + shift), softmax(z), rtol=1e-15)


@everywhere
@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_are_finite_and_silent(name, dtype):
    """Everything is finite at |z| = 1000, without a division by 0, and the dtype is kept."""
    activation = mlp.ACTIVATIONS[name]
    z = np.stack(np.meshgrid(EXTREMES, EXTREMES), axis=-1).astype(dtype)
    with np.errstate(invalid="raise", divide="raise"):
        a = activation(z)
        slopes = activation.derivative(z, a), activation.vjp(z, a, np.ones_like(z))
    for array in (a, *slopes):
        assert array.dtype == dtype
        assert np.isfinite(array).all()


@everywhere
@pytest.mark.parametrize("dtype", DTYPES)
def test_out_is_filled_and_returned(name, dtype):
    activation, rng = mlp.ACTIVATIONS[name], np.random.default_rng(3)
    z, g = rng.standard_normal((2, 4, 3)).astype(dtype)
    a, out = activation.value(z), np.empty_like(z)
    for method, arguments in (("value", (z,)), ("derivative", (z, a)), ("vjp", (z, a, g))):
        fresh = getattr(activation, method)(*arguments)
        assert getattr(activation, method)(*arguments, out=out) is out
        assert out.tobytes() == fresh.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", HIDDEN)
def test_back_propagation_in_place_is_the_vjp(name, dtype):
    """`pull_back` on copies, on z in a's place where z is not needed, to 4 units in the last."""
    activation, rng = mlp.ACTIVATIONS[name], np.random.default_rng(5)
    z = np.concatenate([3 * rng.standard_normal((9, 9)), EXTREMES[None]]).astype(dtype)
    g = rng.standard_normal(z.shape).astype(dtype)
    a = activation(z)
    expected = activation.vjp(z, a, g)
    kept = z.copy()
    assert activation.value(kept, out=kept).tobytes() == a.tobytes()
    if activation.needs_z:
        kept = z.copy()
    else:
        a = kept
    activation.pull_back(kept, a, g)
    np.testing.assert_allclose(g, expected, rtol=4 * np.finfo(dtype).eps, atol=1e-37)


@everywhere
def test_nan_stays_nan(name):
    with np.errstate(invalid="ignore"):  # some of NumPy's functions warn of a NaN, others do not
        assert np.isnan(mlp.ACTIVATIONS[name](np.full((1, 2), np.nan))).all()


def test_calling_takes_lists_of_whole_numbers():
    for activation in mlp.ACTIVATIONS.values():
        np.testing.assert_allclose(activation([-1, 0, 2]), activation([-1.0, 0.0, 2.0]))


def beside_zeros(line):
    """Return points of a line as units next to others at 0: softmax has no unit alone."""
    return np.stack([line, np.zeros(len(line))], axis=-1)


def slopes_on(name, line):
    """Return the absolute slopes at the points of a line."""
    activation, z = mlp.ACTIVATIONS[name], beside_zeros(line)
    return np.abs(activation.derivative(z, activation(z))[:, 0])


def steepest_between(name, low, high):
    """Return the largest slope between two points: the grid is made finer around it."""
    found = 0.0
    for _ in range(4):
        line = np.linspace(low, high, 181)
        slopes = slopes_on(name, line)
        best, step = line[slopes.argmax()], line[1] - line[0]
        low, high, found = best - step, best + step, max(found, slopes.max())
    return found


@everywhere
def test_steepest_is_the_largest_slope_or_its_limit(name):
    """To six digits no slope is larger. If none is as large, what is missing falls by half or
    more from 10 to 100 to 1000, on one side at least.
    """
    if is_flat(name):
        return
    steepest = mlp.ACTIVATIONS[name].steepest
    sides = np.array([slopes_on(name, side * FAR / np.array([100, 10, 1])) for side in (-1, 1)])
    largest = max(steepest_between(name, -9, 9), sides.max())
    assert largest <= steepest * (1 + 1e-6)
    missing = steepest - sides
    approached = (missing[:, 1:] <= missing[:, :-1] / 2).all(axis=1)
    assert largest >= steepest * (1 - 1e-6) or approached.any()


@everywhere
def test_saturated_is_a_slope_below_5_percent_of_the_steepest(name):
    activation = mlp.ACTIVATIONS[name]
    z = beside_zeros(np.concatenate([[-FAR], np.linspace(-9, 9, 181), [FAR]]))
    a = activation(z)
    slope = np.abs(activation.derivative(z, a))
    np.testing.assert_array_equal(activation.saturated(z, a), slope < 0.05 * activation.steepest)


def test_kinks_and_flats_are_recognised():
    """The conditions that other tests rely on, derived from value and derivative."""
    expected = {"hard_tanh": [-1, 1]}
    expected |= {name: [0] for name in ("relu", "heaviside", "leaky_relu", "selu")}
    expected |= {name: [] for name in ("sigmoid", "tanh", "identity", "elu", "gelu", "softsign")}
    for name, places in expected.items():
        np.testing.assert_allclose(kinks(name), places, atol=1e-12)
        assert is_flat(name) == (name == "heaviside")
    assert near_kinks("hard_tanh", np.array([[-1.001, 0.0], [0.99, 1.0]])).tolist() == [
        [True, False],
        [False, True],
    ]


@pytest.mark.parametrize("name", [n for n, a in mlp.ACTIVATIONS.items() if a.output_only])
@pytest.mark.parametrize("position", [0, 1])
def test_output_only_activations_are_refused_in_hidden_layers(name, position):
    hidden = ["tanh", "tanh"]
    hidden[position] = name
    with pytest.raises(mlp.IncompatibleError) as refused:
        mlp.Network((4, 3, 3, 2), hidden=hidden)
    assert mlp.ACTIVATIONS[name].output_only in str(refused.value)
    assert f"{name} cannot be the activation of a hidden layer" in str(refused.value)


def test_softmax_over_one_unit_is_refused():
    for cost in mlp.COSTS:
        with pytest.raises(mlp.IncompatibleError, match="softmax over one unit is always 1"):
            mlp.Network((4, 3, 1), output="softmax", cost=cost)


@pytest.mark.parametrize("name", mlp.ACTIVATIONS)
@pytest.mark.parametrize("z", [0.5, np.array(0.5), np.empty((0, 3))], ids=str)
def test_a_number_alone_and_none_at_all(name, z):
    a = mlp.ACTIVATIONS[name](z)
    assert np.shape(a) == np.shape(z)
    if np.size(z):
        assert a == mlp.ACTIVATIONS[name]([z])[0]
