"""What a comparison says in a word and a sentence."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, isnan
from typing import Any, NamedTuple

from experiments.statistics.kinds import Kind
from experiments.statistics.samples import DECIMALS


class Verdict(NamedTuple):
    """One of the kinds that exclude one another, and its sentence."""

    kind: Kind
    text: str


def verdict(row: Mapping[str, Any], *, level: float = 0.05) -> Verdict:
    """Return the kind and the sentence of one comparison, a row of :func:`compare`.

    Kinds exclude one another; the first that holds counts::

        absent        no seed in which both arms have a run, or all runs of both diverged
        identical     no test (p_holm NaN), because every difference is 0
        negligible    significant, and the interval lies inside the margin
        better        significant: p_holm <= level and the interval excludes 0
        equivalent    tost_p_holm <= level
        inconclusive  the rest

    Reads a, b, n, difference, low, high, spread, p_holm, tost_p_holm, margin,
    and value_a and value_b, NaN if an arm is absent.

    >>> row = dict(a="A", b="B", n=10, difference=2.1, low=1.4, high=2.8, p_holm=0.01, margin=1)
    >>> verdict(row)
    Verdict(kind=<Kind.BETTER: 'better'>, text='A beats B by 2.1 points [1.4, 2.8]')
    """
    kind = _kind(row, level)
    return Verdict(kind, _TEXTS[kind](row))


def _kind(row: Mapping[str, Any], level: float) -> Kind:
    if row["n"] == 0:
        return Kind.ABSENT
    if isnan(row["p_holm"]):
        return Kind.IDENTICAL
    if row["p_holm"] <= level and (row["low"] > 0 or row["high"] < 0):
        inside = -row["margin"] < row["low"] and row["high"] < row["margin"]
        return Kind.NEGLIGIBLE if inside else Kind.BETTER
    return Kind.EQUIVALENT if row["tost_p_holm"] <= level else Kind.INCONCLUSIVE


def _absent(row: Mapping[str, Any]) -> str:
    arms = [row[side] for side in ("a", "b") if isnan(row[f"value_{side}"])]
    return f"absent: no run of {' or '.join(arms)} here" if arms else "absent: no seed in common"


def _better(row: Mapping[str, Any], marks: Sequence[float] = (0,)) -> str:
    """Say who beats whom, with so many decimals that no end is rounded onto one of the marks."""
    sign, names = (1, "ab") if row["difference"] > 0 else (-1, "ba")
    first, second = (row[side] for side in names)
    low, high = sorted((sign * row["low"], sign * row["high"]))
    enough = (d for d in range(1, DECIMALS) if not {round(low, d), round(high, d)} & {*marks})
    d = next(enough, DECIMALS)
    size = f"{abs(row['difference']):.{d}f} points [{low:.{d}f}, {high:.{d}f}]"
    return f"{first} beats {second} by {size}"


def _negligible(row: Mapping[str, Any]) -> str:
    marks = (0, row["margin"])
    return f"{_better(row, marks)}, less than {_points(row['margin'])}"


def _inconclusive(row: Mapping[str, Any]) -> str:
    n = row["n"]
    if n == 1:
        return f"undecided between {_both(row)}; one seed shows no spread"
    if row["spread"] == 0:
        return (
            f"undecided between {_both(row)}; the same difference in all {n} seeds shows no spread"
        )
    numbers = f"{row['difference']:.1f} points [{row['low']:.1f}, {row['high']:.1f}]"
    return f"undecided between {_both(row)}: {numbers.replace('-', '−')}"


def _both(row: Mapping[str, Any]) -> str:
    return f"{row['a']} and {row['b']}"


def _seeds(n: int) -> str:
    return f"all {n} seeds" if n > 1 else "one seed"


_TEXTS: dict[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.ABSENT: _absent,
    Kind.IDENTICAL: lambda row: f"{_both(row)} have the same accuracy in {_seeds(row['n'])}",
    Kind.NEGLIGIBLE: _negligible,
    Kind.BETTER: _better,
    Kind.EQUIVALENT: lambda row: f"{_both(row)} are equal within {_points(row['margin'])}",
    Kind.INCONCLUSIVE: _inconclusive,
}


def _points(margin: float) -> str:
    """Return a margin in words, rounded up: the words must not claim a smaller one."""
    shown = ceil(round(100 * margin, 6)) / 100
    return f"{shown:g} point{'s' * (shown != 1)}"
