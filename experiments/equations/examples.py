"""Small networks on which the equations are checked, in `mlp` and in the oracle.

Nothing holds by accident: all n_l differ, K = 3, and there are three samples, two of which have
targets that are not 0 or 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import mlp
from experiments.equations import oracle
from experiments.equations.oracle import Array, Sample

HIDDEN = ("tanh", "sigmoid")
HIDDEN_SIZES = (6, 5)
N_INPUTS, K = 4, 3
Y = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [0.0, 1.0, 0.0]])  # each row sums to 1
N = len(Y)


@dataclass(frozen=True, eq=False)
class Example:
    """One network with its N samples: the arrays that `mlp` takes, and the oracle's samples."""

    net: mlp.Network
    params: mlp.Parameters
    X: Array
    samples: tuple[Sample, ...]

    @property
    def cost(self) -> mlp.Cost:
        """The cost of `mlp`, in the form that belongs to the output."""
        return self.net.loss

    @property
    def output(self) -> mlp.Activation:
        """The output activation of `mlp`."""
        return self.net.activations[-1]

    @property
    def L(self) -> int:  # noqa: N802
        """The number of layers."""
        return len(self.net.activations)

    def run(self, scale: float = 1.0) -> mlp.Pass:
        """Return the pass of `mlp` over the samples, forward and backward."""
        work = mlp.Pass(self.net, self.params.as_stack(), N)
        work.forward(self.X)
        work.backward(Y, scale)
        return work

    @property
    def outputs(self) -> tuple[Array, Array]:
        """z^L and a^L, one sample per row, from the oracle."""
        return self.rows(lambda s: s.z[s.L]), self.rows(lambda s: s.a[s.L])

    def rows(self, of: Callable[..., Array], *arguments: Any) -> Array:
        """Return a column of each sample as `mlp` has it, one sample per row."""
        return np.hstack([of(sample, *arguments) for sample in self.samples]).T

    def mean(self, of: Callable[..., Array], *arguments: Any) -> Array:
        """Return the mean of a quantity over the samples."""
        return np.mean([of(sample, *arguments) for sample in self.samples], axis=0)


@cache
def example(cost: str, output: str, hidden: Sequence[str] = HIDDEN) -> Example:
    """Return the example of a cost, an output and hidden activations, always the same."""
    sizes = (N_INPUTS, *HIDDEN_SIZES[: len(hidden)], K)
    rng = np.random.default_rng(39)
    weights = [0.7 * rng.standard_normal(s) for s in zip(sizes[1:], sizes[:-1], strict=True)]
    biases = [0.7 * rng.standard_normal(n) for n in sizes[1:]]
    X = rng.standard_normal((N, N_INPUTS))
    network = (weights, biases, (*hidden, output), oracle.COSTS[cost, output])
    return Example(
        mlp.Network(sizes, hidden, output, cost),
        mlp.Parameters(weights, biases),
        X,
        tuple(Sample(*network, x, y) for x, y in zip(X, Y, strict=True)),
    )


def examples() -> list[Example]:
    """Return one example for each pair of cost and output that `mlp` and the oracle have."""
    return [example(*pair) for pair in mlp.output_pairs() if pair in oracle.COSTS]
