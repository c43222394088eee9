"""Stacks of parameters: the same numbers, however they lie in memory."""

import copy
import pickle

import numpy as np
import pytest

import mlp
from mlp.parameters import LINE, NARROW, Stack

SIZES = [(4, 3), (4, 3, 2), (NARROW, 5, 4, 2), (NARROW + 1, 5, 2)]


def singles(sizes, count=3):
    net = mlp.Network(sizes)
    return [net.initialize("large", np.random.default_rng(r), n_train=9) for r in range(count)]


def same(a, b):
    return all(map(np.array_equal, a.arrays(), b.arrays()))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_stack_holds_the_numbers_of_its_replicas(sizes):
    some = singles(sizes)
    stack = mlp.Parameters.stack(some)
    assert (stack.joined is not None) == (sizes[0] <= NARROW)
    assert all(same(stack.replica(r), single) for r, single in enumerate(some))
    assert same(stack.replicas(slice(1, 3)), mlp.Parameters.stack(some[1:]))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_layouts_for_training_and_for_evaluation_hold_the_same(sizes):
    stack = mlp.Parameters.stack(singles(sizes))
    other = Stack(sizes, 3, np.float64, forward_only=True)
    other.assign(stack)
    assert same(other, stack)
    assert same(stack.copy(), stack)
    assert type(stack.copy()) is type(stack)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_arithmetic_reaches_every_number_once(sizes):
    stack = mlp.Parameters.stack(singles(sizes))
    before, step = stack.copy(), stack.alike()
    step.fill(0.5)
    stack.subtract(step)
    for old, new in zip(before.arrays(), stack.arrays(), strict=True):
        np.testing.assert_array_equal(new, old - 0.5)
    stack.add(step)
    for old, new in zip(before.arrays(), stack.arrays(), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-15)


def test_a_copy_has_memory_of_its_own():
    stack = mlp.Parameters.stack(singles((4, 3, 2)))
    copy = stack.copy()
    stack.fill(0)
    assert not same(copy, stack)
    assert all(not np.shares_memory(a, b) for a in copy.arrays() for b in stack.arrays())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_arrays_of_a_stack_begin_with_a_line_and_do_not_overlap(dtype):
    stack = Stack((5, 3, 2), 3, np.dtype(dtype))
    assert stack.memory.ctypes.data % LINE == 0
    for value, array in enumerate(stack.arrays(), 1):
        array[...] = value
    for value, array in enumerate(stack.arrays(), 1):
        assert (array == value).all()
    assert np.count_nonzero(stack.memory) == 3 * (5 * 3 + 3 + 3 * 2 + 2)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_copies_and_pickles_of_a_stack_can_be_trained(sizes, again):
    stack = mlp.Parameters.stack(singles(sizes))
    other = again(stack)
    assert same(other, stack)
    before = stack.copy()
    other.fill(0)
    assert all((array == 0).all() for array in other.arrays())
    assert same(stack, before)


def test_an_array_of_a_stack_cannot_be_replaced():
    stack = mlp.Parameters.stack(singles((4, 3)))
    with pytest.raises(TypeError):
        stack.weights[0] = np.zeros((3, 3, 4))


def test_only_networks_of_one_shape_and_type_are_stacked():
    with pytest.raises(ValueError, match="no network"):
        mlp.Parameters.stack([])
    with pytest.raises(ValueError, match="different shapes"):
        mlp.Parameters.stack([*singles((4, 5, 3)), *singles((1, 5, 3))])
    single = mlp.Network((4, 3), dtype="float32").initialize(
        "large", np.random.default_rng(0), n_train=9
    )
    with pytest.raises(ValueError, match="different shapes or types"):
        mlp.Parameters.stack([single, *singles((4, 3))])
