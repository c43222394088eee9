"""Costs (7)-(11), their derivatives (29)-(30), and output deltas (31), (38), (39)."""

import numpy as np
import pytest
from scipy.special import logsumexp

import mlp
from tests.conftest import DTYPES, FAR, pairs, samples

pytestmark = pytest.mark.component
everywhere = pytest.mark.parametrize(("cost", "output", "k"), pairs(1, 3))


def loss_and_output(cost, output):
    return mlp.COSTS[cost].for_output(output), mlp.ACTIVATIONS[output]


def drawn(seed, k, scale, dtype="float64"):
    """Return logits and targets; the targets of k > 1 units sum to 1 but are not all one-hot."""
    rng = np.random.default_rng(seed)
    z = scale * rng.standard_normal((40, k))
    y = samples(rng, 40, 1, k).Y
    if k > 1:
        y[:5] = rng.dirichlet(np.ones(k), 5)
    return z.astype(dtype), y.astype(dtype)


def test_values_of_the_note():
    a = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    y = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
    logits = {"softmax": np.log(a) + 7, "sigmoid": np.log(a / (1 - a))}
    binary = -y * np.log(a) - (1 - y) * np.log(1 - a)
    expected = {
        ("mse", "softmax"): ((a - y) ** 2).sum(axis=1) / 2,  # (8)
        ("mse", "sigmoid"): ((a - y) ** 2).sum(axis=1) / 2,
        ("cross_entropy", "softmax"): -np.log([0.5, 0.1]),  # (10)
        ("cross_entropy", "sigmoid"): binary.sum(axis=1),  # (11), over the units
    }
    for (cost, output), value in expected.items():
        loss, _ = loss_and_output(cost, output)
        np.testing.assert_allclose(loss.value(logits[output], a, y), value, rtol=1e-14)


@everywhere
def test_derivative_is_the_numerical_one(cost, output, k):
    """∂C/∂z = J^T ∂C/∂a against central differences of the value, absolute error below 1e-9."""
    loss, activation = loss_and_output(cost, output)
    z, y = drawn(1, k, 1.0)
    step = 1e-5 * np.eye(k)[:, None, :]
    up, down = (loss.value(z + s, activation(z + s), y) for s in (step, -step))
    numerical = np.moveaxis((up - down) / 2e-5, 0, -1)
    for delta in (loss.delta, loss.general_delta):
        analytic = delta(activation, z, activation(z), y)
        np.testing.assert_allclose(analytic, numerical, rtol=0, atol=1e-9)


@everywhere
@pytest.mark.parametrize("scale", [1, 10, 100])
@pytest.mark.parametrize("dtype", DTYPES)
def test_fused_delta_is_the_general_one_where_that_is_finite(cost, output, k, scale, dtype):
    """Tolerance: 8 units in the last place of the largest delta."""
    loss, activation = loss_and_output(cost, output)
    z, y = drawn(2, k, scale, dtype)
    a = activation(z)
    with np.errstate(all="ignore"):
        general = loss.general_delta(activation, z, a, y)
    fused = loss.delta(activation, z, a, y)
    finite = np.isfinite(general)
    assert fused.dtype == dtype
    assert np.isfinite(fused).all()
    assert finite.mean() > (0.9 if scale == 1 else 0.1)
    tolerance = 8 * np.finfo(dtype).eps * max(1, np.abs(fused).max())
    np.testing.assert_allclose(fused[finite], general[finite], rtol=0, atol=tolerance)


@everywhere
@pytest.mark.parametrize("dtype", DTYPES)
def test_saturated_logits_are_finite_and_silent(cost, output, k, dtype):
    loss, activation = loss_and_output(cost, output)
    z = np.array([[FAR] * k, [-FAR] * k, [FAR * (-1) ** i for i in range(k)]], dtype=dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a = activation(z)
        for y in np.eye(k, dtype=dtype) if k > 1 else np.array([[0], [1]], dtype=dtype):
            assert np.isfinite(loss.value(z, a, y)).all()
            assert np.isfinite(loss.delta(activation, z, a, y)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_of_saturated_logits_has_the_closed_form(dtype):
    softmax, sigmoid = (mlp.COSTS["cross_entropy"].for_output(o) for o in ("softmax", "sigmoid"))

    def cost(form, z, y):
        z, y = np.array(z, dtype), np.array(y, dtype)
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            return form.value(z, mlp.ACTIVATIONS[form.outputs[0]](z), y)

    for y, expected in (([1, 0, 0], 0), ([0, 1, 0], 2 * FAR), ([0, 0, 1], FAR)):
        assert cost(softmax, [FAR, -FAR, 0], y) == expected
    assert cost(softmax, [FAR] * 3, [0, 1, 0]) == pytest.approx(np.log(3), rel=1e-6)
    for z, y, expected in ((FAR, 1, 0), (FAR, 0, FAR), (-FAR, 1, FAR), (-FAR, 0, 0)):
        assert cost(sigmoid, [z], [y]) == expected
    assert cost(sigmoid, [FAR, -FAR, 0], [0, 1, 1]) == pytest.approx(2 * FAR + np.log(2), rel=1e-7)
    # a right answer that is nearly certain costs e^-|z|, too little for ln(1 - a) to see
    assert cost(sigmoid, [-60], [0]) == pytest.approx(np.exp(-60), rel=1e-6)


def test_softmax_cross_entropy_ignores_a_shift_of_the_logits():
    form = mlp.COSTS["cross_entropy"].for_output("softmax")
    z = np.array([[0.5, -3.25, 2.0], [0.0, 0.0, 8.0]])
    y = np.eye(3)[[0, 2]]
    a = mlp.ACTIVATIONS["softmax"](z)
    expected = form.value(z, a, y)
    for shift in (-512.0, 64.0, 1000.0):
        np.testing.assert_allclose(form.value(z + shift, a, y), expected, rtol=1e-15)


def test_binary_cross_entropy_is_softmax_with_two_units():
    """Claim N4: with z = z1 - z2 the cost and the output are the same (relative error 1e-12)."""
    softmax, sigmoid = (mlp.COSTS["cross_entropy"].for_output(o) for o in ("softmax", "sigmoid"))
    z, y = drawn(3, 2, 3.0)
    one = z[:, :1] - z[:, 1:]
    a, b = mlp.ACTIVATIONS["softmax"](z), mlp.ACTIVATIONS["sigmoid"](one)
    np.testing.assert_allclose(
        softmax.value(z, a, y), sigmoid.value(one, b, y[:, :1]), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(a[:, :1], b, rtol=1e-12)


@pytest.mark.parametrize("cost", mlp.COSTS)
def test_outputs_that_a_cost_does_not_allow_are_refused(cost):
    allowed = mlp.COSTS[cost].outputs
    assert allowed
    for output in set(mlp.ACTIVATIONS) - set(allowed):
        with pytest.raises(mlp.IncompatibleError, match=f"cannot be used with output '{output}'"):
            mlp.Network((3, 2), output=output, cost=cost)


def test_pairs_of_table_1_are_there():
    table = {("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax")}
    assert {*table, ("cross_entropy", "sigmoid"), ("mse", "identity")} <= set(mlp.output_pairs())


@pytest.mark.parametrize(("dtype", "reach"), [("float32", 110), ("float64", 760)])
@pytest.mark.parametrize("k", [2, 3, 10])
@pytest.mark.parametrize("kind", ["class", "shares"])
def test_softmax_cross_entropy_is_exact_wherever_the_logits_lie(dtype, reach, k, kind):
    """Also where exponentials overflow, vanish, or lose digits short of it."""
    rng = np.random.default_rng(k)
    z = rng.uniform(-reach, reach, (20_000, k)).astype(dtype)
    z[::3] -= reach  # far down together, where all exponentials are small
    z[1::3] /= 20
    y = np.eye(k)[rng.integers(0, k, len(z))]
    if kind == "shares":
        y = 0.9 * y + 0.1 / k
    y = y.astype(dtype)
    form = mlp.COSTS["cross_entropy"].for_output("softmax")
    found = form.value(z, mlp.ACTIVATIONS["softmax"](z.copy()), y)
    wide = z.astype("longdouble")
    expected = logsumexp(wide, axis=1) - (y * wide).sum(axis=1)
    tolerance = 40 * np.finfo(dtype).eps
    if kind == "shares":  # the shares of this type add up to 1 within its precision only
        expected = expected - (1 - y.astype("longdouble").sum(axis=1)) * wide.max(axis=1)
        tolerance *= 10
    np.testing.assert_allclose(found, expected.astype(float), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("dtype", "z", "y", "expected"),
    [
        ("float32", [-103.5, -70], [0, 1], 0),
        ("float32", [-1e8, 1, 0], [0, 0, 1], 1.3132616875182228),
        ("float32", [-3e38, 3e38], [0, 1], 0),
        ("float64", [-744, -693], [0, 1], 0),
        ("float64", [-1e16, 1, 0], [0, 0, 1], 1.3132616875182228),
        ("float64", [-1e308, 1e308], [0, 1], 0),
    ],
)
def test_softmax_cross_entropy_at_the_edges_of_the_range(dtype, z, y, expected):
    z, y = np.array([z], dtype), np.array([y], dtype)
    form = mlp.COSTS["cross_entropy"].for_output("softmax")
    with np.errstate(all="ignore"):
        found = form.value(z, mlp.ACTIVATIONS["softmax"](z.copy()), y)
    np.testing.assert_allclose(found, [expected], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
def test_costs_of_lost_digits_do_not_depend_on_the_other_replicas(dtype):
    cost, softmax = mlp.COSTS["cross_entropy"].for_output("softmax"), mlp.ACTIVATIONS["softmax"]
    rng = np.random.default_rng(0)
    scale = 1e4 if dtype == "float64" else 100
    z = (scale * rng.standard_normal((6, 400, 33))).astype(dtype)
    y = np.eye(33, dtype=dtype)[rng.integers(0, 33, 400)]
    together = cost.value(z, softmax(z), y)
    for r in range(6):
        alone = cost.value(z[r : r + 1], softmax(z[r : r + 1]), y)
        np.testing.assert_array_equal(together[r], alone[0])
