"""How fast this machine is now: foretold times are for one at which the costs were measured.

Only what a person reads depends on it: how runs are packed, and every result, does not.
"""

from statistics import median
from time import perf_counter

import numpy as np

from experiments.training import estimated_seconds
from mlp import Network, Parameters, Part, Replica, stream, train

SIZES, SAMPLES, REPLICAS, EPOCHS, BATCH = (64, 30, 10), 200, 30, 5, 10
TIMES = 9
"""A stack like most of the default sweep, trained a few times: about 0.7 s in all."""


def pace() -> float:
    """Return how many times longer than `estimated_seconds` says training takes here and now."""
    parts, draws = _parts(), _draws()
    each = estimated_seconds(_spec(), SAMPLES, 2 * SAMPLES)
    return median(_seconds(parts, draws) for _ in range(TIMES)) / (REPLICAS * each)


def _spec() -> dict:
    return {
        "sizes": SIZES, "batch_size": BATCH, "epochs": EPOCHS, "record_every": 1,
        "record_train": "ends", "train_fraction": 1.0, "defects": {}, "update": "batch",
        "optimizer": "sgd", "dtype": "float64",
    }  # fmt: skip


def _parts() -> dict[str, Part]:
    """Return a training and a validation part of noise: what is learned does not matter."""
    rng = stream("pace", 0)
    labels = rng.integers(SIZES[-1], size=SAMPLES)
    part = Part(rng.normal(size=(SAMPLES, SIZES[0])), np.eye(SIZES[-1])[labels], labels)
    return {"train": part, "validation": part}


def _draws() -> list[Parameters]:
    net = Network(SIZES)
    return [
        net.initialize("fan_in", stream("initial draw", seed), n_train=SAMPLES)
        for seed in range(REPLICAS)
    ]


def _seconds(parts: dict[str, Part], draws: list[Parameters]) -> float:
    stack = Parameters.stack(draws)
    replicas = [Replica(seed=seed, eta=0.1) for seed in range(REPLICAS)]
    start = perf_counter()
    train(
        Network(SIZES), stack, parts, replicas, epochs=EPOCHS, batch_size=BATCH, exact_train=False
    )
    return perf_counter() - start
