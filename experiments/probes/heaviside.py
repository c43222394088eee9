"""N5: below a Heaviside layer nothing is learnt."""

from collections.abc import Iterator
from itertools import product

import numpy as np

import mlp
from experiments.probes.generated import Array, Row, clusters, draw_orders, first_weights

HEAVISIDE_NETWORKS = (("heaviside",), ("tanh", "heaviside"), ("heaviside", "tanh"))


def heaviside_gradients(
    epochs: int = 20, eta: float = 0.1, lambda_: float = 0.01, n: int = 60
) -> list[Row]:
    """Return what each layer of networks with a Heaviside layer is taught, for all outputs (N5).

    Columns: hidden, cost, output, layer (from 1), cut (whether a Heaviside function is
    between the layer and the cost), data_gradient (largest |∂C/∂W|, |∂C/∂b|), penalty_excess
    (largest difference of the gradient with an L2 penalty from λW), moved (largest change of a
    parameter by training without a penalty), cost_before and cost_after that training.
    """
    part = clusters(n, 3, "N5")
    cases = product(HEAVISIDE_NETWORKS, mlp.output_pairs())
    return [row for case in cases for row in _heaviside_case(part, *case, epochs, eta, lambda_)]


def _heaviside_case(
    part: mlp.Part,
    hidden: tuple[str, ...],
    pair: tuple[str, str],
    epochs: int,
    eta: float,
    lambda_: float,
) -> Iterator[Row]:
    """Yield the row of each layer of one network."""
    sizes = (2, *(6, 5)[: len(hidden)], 3)
    cost, output = pair
    plain = mlp.Network(sizes, hidden, output, cost)
    penalised = mlp.Network(sizes, hidden, output, cost, "l2", lambda_)
    before = mlp.Parameters.stack(first_weights(plain, [0], len(part)))
    data = plain.gradient(before, part.X, part.Y)
    both = penalised.gradient(before, part.X, part.Y)
    after = before.copy()
    descent = mlp.Descent(plain, after, part, batch_size=10)
    for _, order in zip(range(epochs), draw_orders([0], len(part)), strict=False):
        descent.epoch(order, np.array([eta]))
    cut_up_to = max(layer for layer, name in enumerate(hidden, 1) if name == "heaviside")
    costs = [float(plain.cost(params, part.X, part.Y)[0]) for params in (before, after)]
    for layer, (w, b) in enumerate(zip(before.weights, before.biases, strict=True)):
        moves = after.weights[layer] - w, after.biases[layer] - b
        yield {
            "hidden": ", ".join(hidden),
            "cost": cost,
            "output": output,
            "layer": layer + 1,
            "cut": layer + 1 <= cut_up_to,
            "data_gradient": _largest(data.weights[layer], data.biases[layer]),
            "penalty_excess": _largest(both.weights[layer] - lambda_ * w),
            "moved": _largest(*moves),
            "cost_before": costs[0],
            "cost_after": costs[1],
        }


def _largest(*arrays: Array) -> float:
    """Return the largest absolute number of some arrays."""
    return float(max(np.max(np.abs(array)) for array in arrays))
