"""What a confirmed pair says in one sentence: both arms, their values, the size, the interval."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isnan
from typing import Any

from experiments.statistics.kinds import Kind
from experiments.statistics.samples import DECIMALS, MOST_SEEDS

Row = Mapping[str, Any]


def in_words(row: Row, tuned: str = "step") -> str:
    """Return the sentence of a row of :func:`confirm`; `tuned` is what its values are called.

    It names winner and loser, and has as many decimals as keep the interval on its side of 0 and
    of the margin: the words never say more than the interval. Failed runs, if there are any, are
    counted in a second sentence. A pair without common runs has none of this, but its `reason`, if
    the row has one.

    >>> row = dict(a="sigmoid", b="ReLU", value_a=3, value_b=0.3, dataset="MNIST-1D", facet="",
    ...            difference=-3.9, low=-4.7, high=-3.1, margin=1, verdict_kind="relevant")
    >>> in_words(row)
    'ReLU (step 0.3) beats sigmoid (step 3) on MNIST-1D by 3.9 points [3.1, 4.7].'
    """
    arms = [_arm(row, side, tuned) for side in ("a", "b")]
    return _SENTENCES[Kind(row["verdict_kind"])](row, *arms) + _failures(row, *arms)


def _arm(row: Row, side: str, tuned: str) -> str:
    value = row[f"value_{side}"]
    return row[side] if isnan(value) else f"{row[side]} ({tuned} {value:g})"


def _failures(row: Row, a: str, b: str) -> str:
    """Return the sentence on failed runs, '' if there is none: a mean hides them."""
    failed = [row.get(f"failed_{side}", 0) for side in ("a", "b")]
    if not any(failed) or not row["runs"]:
        return ""
    counts = [
        f"{count} of {row['runs']} of {arm}" for count, arm in zip(failed, (a, b), strict=True)
    ]
    return f" Failed runs, over 10 points below the median: {counts[0]}, {counts[1]}."


def place(row: Row) -> str:
    """Return the name of the dataset and facet of a row."""
    return f"{row['dataset']} ({row['facet']})" if row["facet"] else row["dataset"]


def _beats(end: Callable[[Row], str]) -> Callable[[Row, str, str], str]:
    def sentence(row: Row, a: str, b: str) -> str:
        first, second = (a, b) if row["difference"] > 0 else (b, a)
        by = size(row, -1 if row["difference"] < 0 else 1)
        return f"{first} beats {second} on {place(row)} by {by}{end(row)}."

    return sentence


def _equal(row: Row, a: str, b: str) -> str:
    return (
        f"On {place(row)} {a} and {b} are equal for practical purposes: {size(row)}, "
        f"within {_margin(row)}."
    )


def _undecided(row: Row, a: str, b: str) -> str:
    if row["n"] < 2:
        return f"Undecided on {place(row)} between {a} and {b}: one split shows no spread."
    needed, each = row["splits_needed"], row["runs"] / row["n"]
    start = f"Undecided on {place(row)} between {a} and {b}: {size(row)}"
    if not isfinite(needed):
        return f"{start}; even {MOST_SEEDS:,} fresh splits would not decide."
    return (
        f"{start}; {needed * each:,.0f} fresh runs ({needed:,.0f} splits) decide with 90 % power "
        f"if the true difference is {abs(row['difference']):.1f}."
    )


def _absent(row: Row, a: str, b: str) -> str:
    reason = row.get("reason") or f"{a} and {b} have no runs in common"
    return f"Not compared on {place(row)}: {reason}."


def size(row: Row, sign: int = 1) -> str:
    """Return difference and interval in words (:func:`size_in_points`).

    >>> size({"difference": -2.04, "low": -3.1, "high": -1.02, "margin": 1.0}, -1)
    '2.04 points [1.02, 3.10]'
    """
    mean, interval = size_in_points(row, sign)
    return f"{mean} points {interval}"


def size_in_points(row: Row, sign: int = 1) -> tuple[str, str]:
    """Return difference and interval as texts; an end is never rounded onto 0 or the margin.

    `sign` -1 gives those of the arms exchanged.
    """
    low, high = sorted((sign * row["low"], sign * row["high"]))
    d = _decimals((low, high), (0, row["margin"], -row["margin"]))
    numbers = [f"{round(value, d) + 0.0:.{d}f}" for value in (sign * row["difference"], low, high)]
    mean, low, high = (text.replace("-", "−") for text in numbers)
    return mean, f"[{low}, {high}]"


def _decimals(ends: Sequence[float], marks: Sequence[float]) -> int:
    """Return the fewest decimals, at least 1, with which each end stays on its side of a mark."""

    def kept(d: int) -> bool:
        return all((e > m) == (round(e, d) > m) and (e < m) == (round(e, d) < m)
                   for e in ends for m in marks)  # fmt: skip

    return next((d for d in range(1, DECIMALS) if kept(d)), DECIMALS)


def _margin(row: Row) -> str:
    return f"{row['margin']:g} point{'' if row['margin'] == 1 else 's'}"


_SENTENCES: dict[Kind, Callable[[Row, str, str], str]] = {
    Kind.RELEVANT: _beats(lambda row: ""),
    Kind.BETTER: _beats(lambda row: f"; whether by more than {_margin(row)} is open"),
    Kind.NEGLIGIBLE: _beats(lambda row: f", less than {_margin(row)}"),
    Kind.EQUIVALENT: _equal,
    Kind.INCONCLUSIVE: _undecided,
    Kind.ABSENT: _absent,
}
