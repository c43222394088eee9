"""Activations that are not in the note: against SciPy, PyTorch and what their papers say."""

import ast
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, log_expit, ndtr

import mlp
from experiments.base import closure
from mlp import more_activations
from tests.conftest import DTYPES

pytestmark = pytest.mark.component
MORE = ("leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign", "hard_tanh")
FARTHEST = 1e4
POINTS = np.concatenate([np.linspace(-12, 12, 1201) + 0.003, [-FARTHEST, -700, 700, FARTHEST]])
LAMBDA, ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
each = pytest.mark.parametrize("name", MORE)


@dataclass
class Truth:
    """Value and slope by SciPy's functions, or by the two branches of the definition."""

    value: np.ndarray
    slope: np.ndarray


def truth(name: str, z: np.ndarray) -> Truth:
    right, below = z > 0, np.minimum(z, 0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return {
        "leaky_relu": lambda: Truth(np.where(right, z, 0.01 * z), np.where(right, 1, 0.01)),
        "elu": lambda: Truth(
            np.where(right, z, np.expm1(below)), np.where(right, 1, np.exp(below))
        ),
        "selu": lambda: Truth(
            LAMBDA * np.where(right, z, ALPHA * np.expm1(below)),
            LAMBDA * np.where(right, 1, ALPHA * np.exp(below)),
        ),
        "gelu": lambda: Truth(z * ndtr(z), ndtr(z) + z * density),
        "silu": lambda: Truth(z * expit(z), expit(z) * (1 + z * expit(-z))),
        "softplus": lambda: Truth(-log_expit(-z), expit(z)),
        "softsign": lambda: Truth(z / (1 + np.abs(z)), (1 + np.abs(z)) ** -2.0),
        "hard_tanh": lambda: Truth(np.clip(z, -1, 1), np.where(np.abs(z) < 1, 1, 0)),
    }[name]()


@each
def test_values_and_slopes_are_those_of_scipy(name):
    """Values to 1e-12 of themselves, slopes to 3e-15."""
    activation, expected = mlp.ACTIVATIONS[name], truth(name, POINTS)
    a = activation(POINTS)
    with np.errstate(over="ignore"):
        slopes = activation.derivative(POINTS, a)
    np.testing.assert_allclose(a, expected.value, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(slopes, expected.slope, rtol=0, atol=3e-15)
    assert activation.equation == "not in the note"


@each
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_and_gradients_are_those_of_torch(name, dtype):
    torch = pytest.importorskip("torch")
    functions = {"hard_tanh": "hardtanh"}
    z = torch.tensor(POINTS.astype(dtype), requires_grad=True)
    expected = getattr(torch.nn.functional, functions.get(name, name))(z)
    expected.sum().backward()
    activation, points = mlp.ACTIVATIONS[name], z.detach().numpy()
    a = activation(points)
    with np.errstate(over="ignore"):
        slopes = activation.derivative(points, a)
    error = 50 * np.finfo(dtype).eps  # torch's GELU loses digits far to the left
    np.testing.assert_allclose(a, expected.detach().numpy(), rtol=error, atol=error)
    np.testing.assert_allclose(slopes, z.grad.numpy(), rtol=error, atol=error)


@each
@pytest.mark.parametrize("dtype", DTYPES)
def test_they_are_sound_and_silent_up_to_1e4(name, dtype):
    """Both types agree with the truth of the rounded numbers; NaN stays NaN."""
    z = np.concatenate([side * np.geomspace(1e-30, FARTHEST, 500) for side in (-1, 1)])
    z = np.concatenate([z, [0.0]]).astype(dtype)
    activation, expected = mlp.ACTIVATIONS[name], truth(name, z.astype("float64"))
    with np.errstate(invalid="raise", divide="raise"):
        a = activation(z)
        with np.errstate(over="ignore"):
            slopes = activation.derivative(z, a)
    assert a.dtype == slopes.dtype == dtype
    error = 16 * np.finfo(dtype).eps
    np.testing.assert_allclose(a, expected.value, rtol=error, atol=error)
    inside = (z != 0) & (np.abs(z) != 1)  # away from the kinks
    np.testing.assert_allclose(slopes[inside], expected.slope[inside], rtol=error, atol=error)
    assert np.isnan(activation(np.array([np.nan, 1.0], dtype=dtype))).tolist() == [True, False]


def test_selu_keeps_mean_0_and_variance_1():
    """λ and α solve E σ(x) = 0, E σ(x)² = 1 for a standard normal x (Klambauer et al., 2017)."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    mean = square = 0.0
    for low in range(-12, 12):  # a border at the kink
        x = low + (nodes + 1) / 2
        a, density = mlp.ACTIVATIONS["selu"](x), np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
        mean, square = mean + weights @ (a * density) / 2, square + weights @ (a**2 * density) / 2
    assert mean == pytest.approx(0, abs=1e-14)
    assert square == pytest.approx(1, abs=1e-14)


def test_gelu_keeps_its_digits_far_to_the_left():
    """z (1 + erf(z/√2))/2 would be 0 from z = -8.4 on; Φ is kept to 1e-13 of itself."""
    z = np.linspace(-37, 8, 5001)
    np.testing.assert_allclose(mlp.ACTIVATIONS["gelu"].normal(z), ndtr(z), rtol=3e-13)
    near = z[z > -4]
    np.testing.assert_allclose(mlp.ACTIVATIONS["gelu"].normal(near), ndtr(near), rtol=4e-15)


@pytest.mark.parametrize(("name", "at"), [("gelu", np.sqrt(2)), ("silu", 2.3993572805154677)])
def test_the_steepest_slope_is_at_the_root_of_the_second_derivative(name, at):
    activation = mlp.ACTIVATIONS[name]
    z = np.array([at - 1e-3, at, at + 1e-3])
    left, here, right = activation.derivative(z, activation(z))
    assert here == pytest.approx(activation.steepest, rel=1e-15)
    assert max(left, right) < here
    assert left == pytest.approx(right, abs=1e-8)


def test_the_module_is_registered_classes_alone():
    """So a change of one renews its own runs only; steps that use the registry see the change."""
    path = Path(more_activations.__file__)
    nodes = [n for n in ast.parse(path.read_text("utf-8")).body if not isinstance(n, ast.Expr)]
    classes = [n for n in nodes if isinstance(n, ast.ClassDef)]
    assert [n.decorator_list[0].args[0].value for n in classes] == list(MORE)
    assert {type(n) for n in nodes} == {ast.ClassDef, ast.Import, ast.ImportFrom}
    assert "mlp/more_activations.py" in closure.parts("mlp.network")
