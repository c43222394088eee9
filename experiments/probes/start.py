"""N6: how long the pairs of cost and output need to leave a saturated start."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf, isfinite
from typing import NamedTuple

import numpy as np

import mlp
from experiments.probes.generated import Row, clusters, first_weights

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
    params = mlp.Parameters.stack(first_weights(net, seeds, n_train))
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
