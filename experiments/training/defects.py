"""The two defects of the companion study's program, to be switched on in a study of their effect.

They are wrong on purpose. They are outside the package `mlp`, so that only a run whose settings
name them has them:

    delta   the output delta is δ = a - y for every cost: the factor σ'(z) of (31) is left out
    stride  an epoch steps through the data with the stride N // b but takes only b samples at
            each step, about b² of the N samples of an epoch
"""

import copy
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from mlp import ACTIVATIONS, COSTS, Network, did_you_mean
from mlp.costs import Cost

Array = np.ndarray

DEFECTS = {
    "delta": "the output delta is a - y for every cost",
    "stride": "an epoch takes batch_size samples at each of about batch_size steps",
}
"""The defects by name, and what each does."""


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of defects in the order of `DEFECTS`. Raises ValueError for a wrong one."""
    for name in names:
        if name not in DEFECTS:
            hint = did_you_mean(name, DEFECTS)
            raise ValueError(f"unknown defect {name!r}{hint}; known: {', '.join(DEFECTS)}")
    if len(set(names)) < len(names):
        raise ValueError("a defect stands twice in the list")
    return tuple(name for name in DEFECTS if name in names)


def label(names: Iterable[str]) -> str:
    """Return the text that names defects in messages, tables and figures.

    >>> label([]), label(["delta"]), label(["delta", "stride"])
    ('none', 'defect: delta', 'defects: delta + stride')
    """
    names = list(names)
    return f"defect{'s' * (len(names) > 1)}: {' + '.join(names)}" if names else "none"


def effective(names: Iterable[str], cost: str, output: str) -> tuple[str, ...]:
    """Return the defects without those that change nothing for a cost and output activation.

    A run with such a defect is the run without it: for cross entropy a - y is the right delta.

    >>> effective(["delta", "stride"], "cross_entropy", "softmax")
    ('stride',)
    """
    return tuple(n for n in checked(list(names)) if n != "delta" or _changed(cost, output))


@lru_cache(maxsize=64)
def _changed(cost: str, output: str) -> bool:
    """Return whether a - y is not the output delta of a cost, at some points."""
    z, y = np.array([[0.3, -0.7], [1.1, 0.2]]), np.eye(2)
    a = ACTIVATIONS[output](z)
    delta = COSTS[cost].for_output(output).delta(ACTIVATIONS[output], z, a, y)
    return not np.allclose(delta, a - y, rtol=1e-12, atol=0)


class OutputMinusTarget(Cost):
    """A cost with the wrong output delta: its value is right, δ = a - y is not (31)."""

    def __init__(self, right: Cost) -> None:
        self.right, self.name, self.outputs = right, f"{right.name} (defect: delta)", right.outputs

    def value(self, z: Array, a: Array, y: Array) -> Array:
        """Return the cost of each sample, as it should be, shape (...)."""
        return self.right.value(z, a, y)

    def derivative(self, a: Array, y: Array) -> Array:
        """Return ∂C/∂a of each sample, as it should be, shape (..., K)."""
        return self.right.derivative(a, y)

    def delta(self, activation, z, a, y, out=None):
        """Return a - y, shape (..., K), whatever the cost."""
        return np.subtract(a, y, out=out)


def with_defects(net: Network, names: Iterable[str]) -> Network:
    """Return the network, or with the defect delta a copy of it that has the wrong one."""
    if "delta" not in names:
        return net
    flawed = copy.copy(net)
    flawed.loss = OutputMinusTarget(net.loss)
    return flawed


def strided_batches(n: int, batch_size: int) -> list[slice]:
    """Return the mini-batches of a strided epoch, as places in its order of n samples.

    Each begins n // batch_size places after the one before it. Where that leaves a rest there
    is one more, cut off at the end of the data.

    >>> [sum(b.stop - b.start for b in strided_batches(5000, size)) for size in (5, 10, 20, 30)]
    [25, 100, 400, 920]
    """
    starts = range(0, n, n // batch_size)
    return [slice(start, min(start + batch_size, n)) for start in starts]


def epoch_size(n: int, batch_size: int, names: Iterable[str] = ()) -> tuple[int, int]:
    """Return how many mini-batches an epoch has, and how many samples they hold together."""
    if "stride" not in names:
        return math.ceil(n / batch_size), n
    batches = strided_batches(n, batch_size)
    return len(batches), sum(batch.stop - batch.start for batch in batches)
