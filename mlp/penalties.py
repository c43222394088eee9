"""Penalties on the weights (never on the biases).

A penalty is one class; the cost is C + λ · value(W) summed over the layers, the gradient
of a layer gains λ · gradient(W).
"""

import numpy as np

from mlp.registry import Registry

PENALTIES = Registry("penalty")

Array = np.ndarray


class Penalty:
    """The contract: `value` sums over the last axis, `gradient` has the shape of W."""

    name: str
    formula: str = ""
    active: bool = True

    def value(self, weights: Array) -> Array:
        """Return the penalty of the weights along the last axis, per unit of λ."""
        raise NotImplementedError

    def gradient(self, weights: Array, out: Array | None = None) -> Array:
        """Return ∂value/∂W, of the shape of `weights`."""
        raise NotImplementedError


@PENALTIES.register("none")
class NoPenalty(Penalty):
    """No penalty; λ must be 0."""

    formula = "0"
    active = False

    def value(self, weights: Array) -> Array:
        return np.zeros(weights.shape[:-1])

    def gradient(self, weights: Array, out: Array | None = None) -> Array:
        return np.multiply(weights, 0, out=out)


@PENALTIES.register("l1")
class L1(Penalty):
    """λ Σ|W|, gradient λ sign W."""

    formula = r"\lambda \sum |W|"

    def value(self, weights: Array) -> Array:
        return np.sum(np.abs(weights), axis=-1)

    def gradient(self, weights: Array, out: Array | None = None) -> Array:
        return np.sign(weights, out=out)


@PENALTIES.register("l2")
class L2(Penalty):
    """(λ/2) ‖W‖², gradient λW, as in the author's program."""

    formula = r"\tfrac{\lambda}{2} \lVert W \rVert^2"

    def value(self, weights: Array) -> Array:
        return np.sum(np.square(weights), axis=-1) / 2

    def gradient(self, weights: Array, out: Array | None = None) -> Array:
        return np.positive(weights, out=out)
