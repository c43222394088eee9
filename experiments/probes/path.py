"""N4: CE + sigmoid is CE + softmax for two classes, and when their paths agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

import mlp
from experiments.probes.generated import Array, Row, clusters, draw_orders, first_weights


class Variant(NamedTuple):
    """What the output layer of the single unit is given, as multiples of what the softmax has."""

    step: float
    penalty: float


VARIANTS = {
    "twice the step, half the penalty": Variant(2.0, 0.5),
    "twice the step, same penalty": Variant(2.0, 1.0),
    "same step, same penalty": Variant(1.0, 1.0),
}
"""Only the first follows the softmax. There w1 - w2 moves by η(∂C/∂w1 - ∂C/∂w2) = 2η ∂C/∂w, as
∂C/∂z2 = -∂C/∂z1, and shrinks by ηλ(w1 - w2), which the step 2η makes of the penalty λ/2."""


class LayerDescent:
    """Algorithm 1, one update for each mini-batch, with step sizes of their own for each layer.

    `etas` and `lambdas` (L2) hold one array (R,) for each layer; `params` move in place.
    """

    def __init__(
        self,
        net: mlp.Network,
        params: mlp.Parameters,
        part: mlp.Part,
        batch_size: int,
        etas: Sequence[Array],
        lambdas: Sequence[Array],
    ) -> None:
        self.params, self.batch_size = params, batch_size
        self.X, self.Y = params.inputs(part.X), part.Y
        self.etas, self.lambdas = etas, lambdas
        sizes = {min(batch_size, len(part)), len(part) % batch_size} - {0}
        self.passes = {rows: mlp.Pass(net, params, rows) for rows in sizes}

    def epoch(self, order: Array) -> None:
        """Go once through the data in the order (R, N)."""
        for first in range(0, len(self.X), self.batch_size):
            index = order[:, first : first + self.batch_size]
            rows = index.shape[1]
            work = self.passes[rows]
            work.forward(self.X[index])
            work.backward(self.Y[index], 1 / rows)
            self._update(work.gradient)

    def _update(self, gradient: mlp.Parameters) -> None:
        weights = zip(self.params.weights, gradient.weights, self.etas, self.lambdas, strict=True)
        for w, g, eta, lambda_ in weights:
            w -= eta[:, None, None] * (g + lambda_[:, None, None] * w)
        for b, g, eta in zip(self.params.biases, gradient.biases, self.etas, strict=True):
            b -= eta[:, None] * g


def single_unit(softmax: mlp.Parameters) -> mlp.Parameters:
    """Return the network whose one logit is z = z1 - z2 of a network with two outputs."""
    *weights, w = softmax.weights
    *biases, b = softmax.biases
    return mlp.Parameters([*weights, w[:1] - w[1:]], [*biases, b[:1] - b[1:]])


def sigmoid_softmax_path(
    seeds: int = 5,
    epochs: int = 40,
    eta: float = 0.3,
    lambda_: float = 1e-3,
    batch_size: int = 8,
    n: int = 90,
) -> list[Row]:
    """Return how far one sigmoid unit is from two softmax units, by seed, variant and epoch (N4).

    Both have cross entropy and an L2 penalty, and the single unit starts at w1 - w2, b1 - b2.
    Columns: seed, variant, output_step, output_penalty (multiples of the softmax's), epoch, and
    largest deviations relative to the largest number of the softmax: logit_deviation of z1 - z2,
    output_deviation of a1, cost_deviation of the samples' costs, hidden_deviation of the
    parameters below the output and hidden_gradient_deviation of their gradient.
    """
    part = clusters(n, 2, "N4")
    pairs = list(product(range(seeds), VARIANTS.items()))
    two = mlp.Network((2, 5, 4, 2), "tanh", "softmax", "cross_entropy", "l2", lambda_)
    one = mlp.Network((2, 5, 4, 1), "tanh", "sigmoid", "cross_entropy", "l2", lambda_)
    start = first_weights(two, [seed for seed, _ in pairs], n)
    softmax = mlp.Parameters.stack(start)
    sigmoid = mlp.Parameters.stack([single_unit(single) for single in start])
    same = np.ones(len(pairs))
    steps, penalties = np.array([variant for _, (_, variant) in pairs]).T
    single = LayerDescent(
        one,
        sigmoid,
        mlp.Part(part.X, part.Y[:, :1]),
        batch_size,
        [eta * same, eta * same, eta * steps],
        [lambda_ * same, lambda_ * same, lambda_ * penalties],
    )
    both = mlp.Descent(two, softmax, part, batch_size, lambda_=lambda_)
    measure = _Deviation(mlp.Pass(two, softmax, n), mlp.Pass(one, sigmoid, n), part)
    orders = draw_orders([seed for seed, _ in pairs], n)

    rows: list[Row] = []
    for epoch in range(epochs + 1):
        if epoch:
            order = next(orders)
            both.epoch(order, eta * same)
            single.epoch(order)
        rows += _rows(pairs, epoch, measure())
    return rows


def _rows(
    pairs: Sequence[tuple[int, tuple[str, Variant]]], epoch: int, deviations: dict[str, Array]
) -> list[Row]:
    """Return a row for each pair of seed and variant, which are the replicas of the stack."""
    return [
        {
            "seed": seed,
            "variant": name,
            "output_step": variant.step,
            "output_penalty": variant.penalty,
            "epoch": epoch,
            **{column: float(values[r]) for column, values in deviations.items()},
        }
        for r, (seed, (name, variant)) in enumerate(pairs)
    ]


@dataclass
class _Deviation:
    """Compares a stack of two-unit networks with one of single units, on a whole part."""

    softmax: mlp.Pass
    sigmoid: mlp.Pass
    part: mlp.Part

    def __call__(self) -> dict[str, Array]:
        two, one, (Y, n) = self.softmax, self.sigmoid, (self.part.Y, len(self.part))
        for work, targets in ((two, Y), (one, Y[:, :1])):
            work.forward(work.params.inputs(self.part.X))
            work.backward(targets, 1 / n)
        z, a = two.z[-1], two.a[-1]
        costs = two.sample_costs(Y), one.sample_costs(Y[:, :1])
        return {
            "logit_deviation": _relative(z[..., 0] - z[..., 1], one.z[-1][..., 0]),
            "output_deviation": _relative(a[..., 0], one.a[-1][..., 0]),
            "cost_deviation": _relative(*costs),
            "hidden_deviation": _relative(_below_output(two.params), _below_output(one.params)),
            "hidden_gradient_deviation": _relative(
                _below_output(two.gradient), _below_output(one.gradient)
            ),
        }


def _below_output(params: mlp.Parameters) -> Array:
    """Return the numbers of all layers but the last, (R, ...)."""
    hidden = list(params.arrays())[:-2]
    return np.concatenate([array.reshape(len(array), -1) for array in hidden], axis=1)


def _relative(reference: Array, other: Array) -> Array:
    """Return each replica's largest difference over its largest number, (R,)."""
    return np.max(np.abs(reference - other), axis=1) / np.max(np.abs(reference), axis=1)
