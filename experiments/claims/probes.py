"""Three claims of the note checked on whole training runs of small networks on generated data.

N4: CE + sigmoid is CE + softmax for two classes, and when their paths agree.
N5: below a Heaviside layer nothing is learnt.
N6: how long the pairs of cost and output need to leave a saturated start.

Every function returns tidy rows, lists of dictionaries, and depends on its arguments alone.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite, pi
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import mlp
from experiments.base.store import write_text

Array = np.ndarray
Row = dict[str, Any]


def clusters(n: int, classes: int, name: str, units: int | None = None) -> mlp.Part:
    """Return `n` points in the plane, in normal clusters around a circle, one for each class.

    The clusters overlap a little, so that no step size fits them perfectly. `units` is the number
    of outputs, of which those beyond the classes are never right.
    """
    rng = mlp.stream(f"clusters: {name}", n)
    labels = np.arange(n) % classes
    angles = 2 * pi * labels / classes
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1) + 0.35 * rng.standard_normal((n, 2))
    return mlp.Part(X, np.eye(units or classes)[labels], labels)


def _start(net: mlp.Network, seeds: Sequence[int], n_train: int) -> list[mlp.Parameters]:
    """Return first parameters of each seed, with the spread 1/sqrt(n_{l-1})."""
    draws = [mlp.stream("initial draw", seed) for seed in seeds]
    return [net.initialize("fan_in", rng, n_train=n_train) for rng in draws]


def _orders(seeds: Sequence[int], n: int) -> Iterator[Array]:
    """Yield the order of the samples in each epoch, (R, n), the same for equal seeds."""
    streams = {seed: mlp.stream("order", seed) for seed in seeds}
    while True:
        orders = {seed: rng.permutation(n) for seed, rng in streams.items()}
        yield np.stack([orders[seed] for seed in seeds])


# --- N4: one sigmoid unit and two softmax units -------------------------------------------------


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
    start = _start(two, [seed for seed, _ in pairs], n)
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
    orders = _orders([seed for seed, _ in pairs], n)

    rows: list[Row] = []
    for epoch in range(epochs + 1):
        if epoch:
            order = next(orders)
            both.epoch(order, eta * same)
            single.epoch(order)
        deviations = measure()
        rows += [
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
    return rows


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


# --- N5: below a Heaviside layer ----------------------------------------------------------------

HEAVISIDE_NETWORKS = (("heaviside",), ("tanh", "heaviside"), ("heaviside", "tanh"))


def heaviside_gradients(
    epochs: int = 20, eta: float = 0.1, lambda_: float = 0.01, n: int = 60
) -> list[Row]:
    """Return what each layer of networks with a Heaviside layer is taught, for all outputs (N5).

    Columns: hidden, cost, output, layer (from 1), cut (whether a Heaviside function stands
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
    before = mlp.Parameters.stack(_start(plain, [0], len(part)))
    data = plain.gradient(before, part.X, part.Y)
    both = penalised.gradient(before, part.X, part.Y)
    after = before.copy()
    descent = mlp.Descent(plain, after, part, batch_size=10)
    for _, order in zip(range(epochs), _orders([0], len(part)), strict=False):
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


# --- N6: a saturated start ----------------------------------------------------------------------

PAIRS = (("mse", "sigmoid"), ("mse", "softmax"), ("cross_entropy", "softmax"))
"""Table 1 of the note."""

FOLLOWED = ("delta_norm", "validation_accuracy", "validation_cost")
CLASSES, UNITS = 3, 4
RECOVERED = 0.9
"""Validation accuracy that counts as recovered; the best to be had is about 0.99."""


class SaturatedStart(NamedTuple):
    """What :func:`saturated_start` returns, both as rows.

    runs: cost, output, logit, eta, seed, chosen (whether eta is the arm's), on_edge (whether eta
    is an end of the grid), delta_norm (at the start), recovered (bool), epochs (until it was;
    None where it never was: censored), validation_accuracy and validation_cost (at the end).
    curves: cost, output, logit, eta, seed, epoch, delta_norm, validation_accuracy and
    validation_cost, for the chosen step size.
    """

    runs: list[Row]
    curves: list[Row]


def saturated_start(
    logits: Sequence[float] = (0.0, 4.0),
    etas: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
    seeds: int = 10,
    epochs: int = 100,
) -> SaturatedStart:
    """Train the pairs of Table 1 from outputs that are all wrong and sure of it (N6).

    One output unit belongs to no class. At the start its logit is near +s for every sample and
    the others' near -s, for each s of `logits`; s = 0 is the start that is not saturated. An
    epoch is one update with all samples, so that epochs tell fast from slow. The step size of
    an arm is the one with the lowest mean validation cost at the end; most of them end with
    accuracies that differ by a sample or two.
    """
    parts = {
        "train": clusters(120, CLASSES, "N6 train", UNITS),
        "validation": clusters(300, CLASSES, "N6 validation", UNITS),
    }
    n = len(parts["train"])
    replicas = [mlp.Replica(seed, eta) for eta in etas for seed in range(seeds)]
    found = SaturatedStart([], [])
    for (cost, output), logit in product(PAIRS, logits):
        net = mlp.Network((2, 8, UNITS), "tanh", output, cost)
        params = _saturated_stack(net, [replica.seed for replica in replicas], logit, n)
        history = mlp.train(
            net, params, parts, replicas, epochs=epochs, batch_size=n, exact_train=False
        )
        arm = {"cost": cost, "output": output, "logit": logit}
        best = _best_eta(replicas, history)
        for replica, path in zip(replicas, _paths(history), strict=True):
            run = {**arm, "eta": replica.eta, "seed": replica.seed}
            on_edge = replica.eta in (min(etas), max(etas))
            judged = {"chosen": replica.eta == best, "on_edge": on_edge}
            found.runs.append({**run, **judged, **_recovery(path)})
            if replica.eta == best:
                found.curves.extend({**run, "epoch": e, **row} for e, row in enumerate(path))
    return found


def _saturated_stack(
    net: mlp.Network, seeds: Sequence[int], logit: float, n_train: int
) -> mlp.Parameters:
    """Return first parameters whose outputs hang on the biases: +logit for the last, else -logit.

    The output weights are a tenth of their usual size, so that all samples start alike.
    """
    params = mlp.Parameters.stack(_start(net, seeds, n_train))
    params.weights[-1][...] *= 0.1
    params.biases[-1][:] = -logit
    params.biases[-1][:, -1] = logit
    return params


def _best_eta(replicas: Sequence[mlp.Replica], history: mlp.History) -> float:
    """Return the step size with the lowest mean validation cost at the end, the smaller of two."""
    costs = history.column("validation_cost")[:, -1]
    mean = {
        eta: float(np.mean([c for r, c in zip(replicas, costs, strict=True) if r.eta == eta]))
        for eta in sorted({replica.eta for replica in replicas})
    }
    return min(mean, key=lambda eta: mean[eta] if isfinite(mean[eta]) else inf)


def _paths(history: mlp.History) -> Iterator[list[Row]]:
    """Yield for each replica what is followed, a row for each epoch."""
    for curves in zip(*(history.column(name).tolist() for name in FOLLOWED), strict=True):
        yield [dict(zip(FOLLOWED, values, strict=True)) for values in zip(*curves, strict=True)]


def _recovery(path: Sequence[Row]) -> Row:
    """Return when a path first had the accuracy that counts as recovered, and how it ended."""
    epochs = next(
        (e for e, row in enumerate(path) if row["validation_accuracy"] >= RECOVERED), None
    )
    start = {"delta_norm": path[0]["delta_norm"]}
    end = {name: path[-1][name] for name in FOLLOWED[1:]}
    return {**start, "recovered": epochs is not None, "epochs": epochs, **end}


# --- What the report shows of them -------------------------------------------------------------


def write_probes(folder: Path) -> None:
    """Write what they gave: path.csv, heaviside.csv, start.csv and start-curves.csv."""
    start = saturated_start()
    tables = {
        "path": sigmoid_softmax_path(),
        "heaviside": heaviside_gradients(),
        "start": start.runs,
        "start-curves": start.curves,
    }
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(folder / f"{name}.csv", text.getvalue())
