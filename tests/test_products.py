"""Updates without a gradient in between: the same numbers as with one."""

import numpy as np
import pytest

import mlp
from mlp import products
from mlp.products import LARGE, Downdate, at_once
from tests.conftest import DTYPES, flat, samples

TOLERANCE = {"float64": 1e-13, "float32": 1e-5}
LARGE_NETS = [((41, 100, 10), "sigmoid"), ((30, 60, 40, 3), "relu"), ((500, 10, 2), "tanh")]


@pytest.fixture
def without_scipy(monkeypatch):
    monkeypatch.setattr(products, "_gemm", lambda dtype: None)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize(("N", "m", "n"), [(1, 1, 1), (10, 7, 1), (1, 3, 5), (32, 40, 10)])
def test_a_downdate_subtracts_the_product_in_place(N, m, n, by_columns, dtype):
    rng = np.random.default_rng(0)
    a, b, start = (
        rng.standard_normal((3, *shape)).astype(dtype) for shape in [(N, m), (N, n), (m, n)]
    )
    c = start.mT.copy().mT if by_columns else start.copy()
    downdate = Downdate(a, b, c)
    for times in (1, 2):
        downdate()
        expected = start - times * (a.mT @ b)
        np.testing.assert_allclose(c, expected, atol=50 * TOLERANCE[dtype])
    a[...] = 0  # it looks at the arrays anew
    downdate()
    np.testing.assert_allclose(c, expected, atol=50 * TOLERANCE[dtype])


def test_where_a_downdate_is_possible():
    assert Downdate.possible(np.ones((2, 3, 4)))
    assert Downdate.possible(np.ones((2, 3, 4)).mT)
    assert not Downdate.possible(np.ones((2, 3, 8))[:, :, ::2])
    assert not Downdate.possible(np.ones((2, 3, 4), np.float16))


def test_without_scipy_none_is_possible(without_scipy):
    assert not Downdate.possible(np.ones((2, 3, 4)))


def trained(net, update="batch", count=3):
    singles = [net.initialize("fan_in", np.random.default_rng(r), n_train=9) for r in range(count)]
    stack = mlp.Parameters.stack(singles)
    part = samples(np.random.default_rng(0), 45, net.sizes[0], net.sizes[-1], net.dtype)
    replicas = [mlp.Replica(seed, 0.1) for seed in range(count)]
    history = mlp.train(
        net, stack, {"train": part}, replicas, epochs=3, batch_size=10, update=update
    )
    return stack, history


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("update", mlp.UPDATES)
@pytest.mark.parametrize(("sizes", "hidden"), LARGE_NETS)
def test_training_comes_to_the_same_with_and_without(sizes, hidden, update, dtype, monkeypatch):
    assert at_once(sizes)
    net = mlp.Network(sizes, hidden, dtype=dtype)
    calls = []
    there = Downdate.__call__
    monkeypatch.setattr(Downdate, "__call__", lambda self: (calls.append(1), there(self)))
    at_first, history = trained(net, update)
    # a batch of each epoch is watched, and the very first, which takes the other way
    assert len(calls) == (len(sizes) - 1) * (3 * 4 - 1) * (update == "batch")
    monkeypatch.setattr(products, "_gemm", lambda dtype: None)
    again, other = trained(net, update)
    tolerance = {"rtol": 0, "atol": 20 * TOLERANCE[dtype]}
    for a, b in zip(at_first.arrays(), again.arrays(), strict=True):
        np.testing.assert_allclose(a, b, **tolerance)
    np.testing.assert_allclose(history.curves, other.curves, rtol=1e3 * TOLERANCE[dtype])


def test_a_small_network_does_not_load_scipy(monkeypatch):
    def refuse(dtype):
        raise AssertionError("asked for BLAS")

    monkeypatch.setattr(products, "_gemm", refuse)
    net = mlp.Network((5, 4, 3))
    assert not at_once(net.sizes)
    trained(net)


def test_what_is_large():
    assert at_once((LARGE // 10, 10))
    assert not at_once((LARGE // 10 - 1, 10))


@pytest.mark.parametrize(("sizes", "hidden"), LARGE_NETS)
def test_a_penalty_takes_the_way_with_a_gradient(sizes, hidden, monkeypatch):
    monkeypatch.setattr(Downdate, "__call__", lambda self: pytest.fail("no penalty in this"))
    trained(mlp.Network(sizes, hidden, penalty="l2", lambda_=0.01))


def test_stack_of_a_large_network_equals_its_replicas_alone():
    net = mlp.Network((70, 60, 3), "sigmoid")
    together, _ = trained(net, count=5)
    alone, _ = trained(net, count=1)
    assert flat(together.replica(0)).tobytes() == flat(alone.replica(0)).tobytes()


def test_what_may_not_be_written_to_is_not():
    c = np.ones((1, 3, 4))
    c.flags.writeable = False
    assert not Downdate.possible(c)
