"""Inverted dropout of hidden neurons (Srivastava et al., 2014): its rates, and its masks.

In training a neuron of a hidden layer is left out with the probability p, for each sample anew,
and those that stay are multiplied by 1/(1 - p). So the expected output is that of the whole
network, which is used without dropout.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlp.checks import is_finite
from mlp.costs import IncompatibleError
from mlp.streams import stream

Array = np.ndarray

Masks = Sequence[Array | None]
"""A mask (R, rows, n) for each hidden layer, or None for a layer without dropout."""


def dropout_rates(given: float | Sequence[float], layers: int) -> tuple[float, ...]:
    """Return the rate of each hidden layer; one number is that of all.

    Raises IncompatibleError for a rate that is not from 0 to below 1, and for a wrong number
    of rates.

    >>> dropout_rates(0.2, 2), dropout_rates([0, 0.5], 2)
    ((0.2, 0.2), (0.0, 0.5))
    """
    rates = tuple(given) if np.iterable(given) else (given,) * layers
    for rate in rates or (given,):
        if not np.iterable(rate) and not (is_finite(rate) and rate < 1):
            raise IncompatibleError(f"dropout is a number from 0 to below 1, found {rate!r}")
    if len(rates) != layers:
        raise IncompatibleError(
            f"{len(rates)} dropout rates were given for {layers} hidden layers: give one number "
            "for all, or one for each"
        )
    return tuple(map(float, rates))


class Dropout:
    """Draws the masks of a stack: each seed has a stream of its own, called "dropout".

    Replicas of one seed share their masks, whatever the type of their numbers is. The stream jumps
    to a place of its own in each epoch, so training may go on at any; `epoch` is the next one,
    counted from 0.
    """

    def __init__(
        self,
        rates: Sequence[float],
        widths: Sequence[int],
        seeds: Sequence[int],
        dtype: np.dtype,
    ) -> None:
        self.rates, self.widths, self.dtype = rates, widths, dtype
        self._streams: dict[int, Any] = {
            seed: stream("dropout", seed).bit_generator for seed in seeds
        }
        places = {seed: place for place, seed in enumerate(self._streams)}
        self._place = np.array([places[seed] for seed in seeds])
        self.epoch = 0
        self._here: list[np.random.Generator] = []

    def begin(self) -> None:
        """Go to the next epoch."""
        places = (bits.jumped(self.epoch) for bits in self._streams.values())
        self._here = [np.random.Generator(bits) for bits in places]
        self.epoch += 1

    def masks(self, rows: int) -> list[Array | None]:
        """Return the memory of the masks of a batch, which `draw` fills."""
        R = len(self._place)
        return [
            np.empty((R, rows, n), self.dtype) if rate else None
            for n, rate in zip(self.widths, self.rates, strict=True)
        ]

    def draw(self, masks: Masks) -> None:
        """Fill the masks with 0, or with 1/(1 - p) where a neuron stays; draw layer by layer."""
        for rate, mask in zip(self.rates, masks, strict=True):
            if mask is None:
                continue
            uniform = np.empty((len(self._here), *mask.shape[1:]), np.float32)
            for rng, numbers in zip(self._here, uniform, strict=True):
                rng.random(dtype=np.float32, out=numbers)
            np.greater_equal(uniform[self._place], np.float32(rate), out=mask)
            np.multiply(mask, 1 / (1 - rate), out=mask)
