"""Checks of arguments: an error says what was found and what is allowed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlp.parameters import Parameters

if TYPE_CHECKING:
    from mlp.network import Network


def is_whole(value: object, least: int) -> bool:
    """Return whether a value is a whole number, of any integer type, and not below `least`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return bool(whole and value >= least)  # type: ignore[operator]


def is_finite(value: object) -> bool:
    """Return whether a value is one finite number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(0 <= value < np.inf)


def check_stack(net: "Network", params: Parameters) -> None:
    """Raise ValueError unless `params` is a stack of networks of this shape and type."""
    if not isinstance(params, Parameters):
        raise ValueError(
            f"params is a stack of networks, found {type(params).__name__}: "
            "write Parameters.stack([net.initialize(...)])"
        )
    if params.single:
        raise ValueError(
            "a stack is trained, found the parameters of one network, which would be left as they "
            "are: write stack = Parameters.stack([params]) and train it; afterwards "
            "stack.replica(0) holds the trained parameters"
        )
    sizes = (params.weights[0].shape[-1], *(w.shape[-2] for w in params.weights))
    if sizes != net.sizes or params.weights[0].dtype != net.dtype:
        found = "-".join(map(str, sizes))
        raise ValueError(
            f"the parameters are those of a network {found} in {params.weights[0].dtype}, "
            f"to be trained is a network {net.shape} in {net.dtype}"
        )


def check_batches(batches: Sequence[slice], n: int) -> None:
    """Raise ValueError unless each mini-batch is a piece of n samples, and there is one."""
    for batch in batches:
        if not isinstance(batch, slice):
            raise ValueError(f"a mini-batch is a slice of the order, found {batch!r}")
        whole = is_whole(batch.start, 0) and is_whole(batch.stop, batch.start + 1)
        if not whole or batch.step not in (None, 1) or batch.stop > n:
            raise ValueError(f"a mini-batch is a slice with a sample or more of {n}, found {batch}")
    if not batches:
        raise ValueError("there is no mini-batch to take a step with")
