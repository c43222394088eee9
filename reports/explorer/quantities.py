"""The recorded quantities that the explorer offers, and how their curves are written as integers.

Curves are most of the page, so they are written short: as codes, of which each but the first of a
curve is the difference to the one before. The page undoes this in `decode.js`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from experiments.results import CURVE_METRICS

PLACES = 1e5  # a share of 1 is written in thousandths of a point
DECADE = 900  # codes of a decade: three digits, 100 to 999
LOWEST = 300  # smaller powers of ten are written as 0
SHARES = ("saturated", "dead")


class Quantity(NamedTuple):
    """A recorded quantity: its column, its words, and whether it is shown in per cent."""

    name: str
    words: str
    per_cent: bool


def quantities(columns: Iterable[str]) -> list[Quantity]:
    """Return the quantities of some columns of curves, accuracy and cost first.

    >>> quantities(["gradient_norm_2", "test_accuracy"])[1].words
    'gradient norm, layer 2'
    """
    there = list(columns)
    ordered = [c for c in CURVE_METRICS if c in there]
    ordered += sorted(c for c in there if c not in CURVE_METRICS)
    return [Quantity(name, _words(name), _is_share(name)) for name in ordered]


def _is_share(name: str) -> bool:
    return name.endswith("accuracy") or name.startswith(SHARES)


def _words(name: str) -> str:
    *words, last = name.split("_")
    if last == "rms":
        return f"{' '.join(words)} (root mean square)"
    text = " ".join(words).replace(" rms", " (root mean square)")
    return f"{text}, layer {last}" if last.isdigit() else f"{text} {last}".strip()


def codes(values: np.ndarray, places: bool) -> list[list[int | None]]:
    """Return curves, (curves, epochs), as differences of codes; None for what is not finite.

    With `places` a code is the value in units of 1/`PLACES`; without, it counts the numbers of
    three digits from `LOWEST` on, negative for negative values.

    >>> codes(np.array([[0.5, 0.75, np.nan, 0.75]]), places=True)
    [[50000, 25000, None, 0]]
    >>> codes(np.array([[0.0, 1.0, 1.01, 2.0]]), places=False)
    [[0, 270001, 1, 99]]
    """
    finite = np.isfinite(values)
    known = np.where(finite, values, 0.0)
    whole = np.rint(known * PLACES) if places else _three_digits(known)
    whole = whole.astype(np.int64)
    if finite.all():
        return np.diff(whole, axis=1, prepend=0).tolist()
    steps = (whole - _before(whole, finite)).astype(object)
    steps[~finite] = None
    return steps.tolist()


def _before(whole: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return for each code the last one of its curve before it that is there, 0 if none is."""
    last = np.maximum.accumulate(np.where(there, np.arange(1, whole.shape[1] + 1), 0), axis=1)
    padded = np.insert(whole, 0, 0, axis=1)
    return np.take_along_axis(padded, np.insert(last, 0, 0, axis=1)[:, :-1], axis=1)


def _three_digits(values: np.ndarray) -> np.ndarray:
    size = np.abs(values)
    there = size >= 10.0**-LOWEST
    size = np.where(there, size, 1.0)
    power = np.floor(np.log10(size))
    digits = np.rint(size / 10.0**power * 100)
    return np.where(there, np.sign(values) * (DECADE * (power + LOWEST) + digits - 99), 0)
