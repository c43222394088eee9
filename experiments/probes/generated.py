"""What the probes share: generated points, first weights, and the order of the samples."""

from collections.abc import Iterator, Sequence
from math import pi
from typing import Any

import numpy as np

import mlp

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


def first_weights(net: mlp.Network, seeds: Sequence[int], n_train: int) -> list[mlp.Parameters]:
    """Return first parameters of each seed, with the spread 1/sqrt(n_{l-1})."""
    draws = [mlp.stream("initial draw", seed) for seed in seeds]
    return [net.initialize("fan_in", rng, n_train=n_train) for rng in draws]


def draw_orders(seeds: Sequence[int], n: int) -> Iterator[Array]:
    """Yield the order of the samples in each epoch, (R, n), the same for equal seeds."""
    streams = {seed: mlp.stream("order", seed) for seed in seeds}
    while True:
        orders = {seed: rng.permutation(n) for seed, rng in streams.items()}
        yield np.stack([orders[seed] for seed in seeds])
