"""What a test finds at one place, and how the outcomes of many are folded into one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Annotated, Any, Literal

from pydantic import Field

HOLDS, FAILS, MIXED, OPEN, ABSENT = "holds", "fails", "mixed", "open", "absent"
"""The outcomes: absent is what has no runs, open what the numbers do not decide."""

Share = Annotated[float, Field(gt=0, lt=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Agree = Literal["all", "most"] | Count | Share


@dataclass(frozen=True)
class Evidence:
    """What a test found at one place; `facts` are further numbers for the explanation."""

    dataset: str
    place: str
    outcome: str
    effect: float = nan
    low: float = nan
    high: float = nan
    p: float = nan
    facts: Mapping[str, Any] = field(default_factory=dict)


def place_name(dataset: str, facet: str, *more: str) -> str:
    """Return how explanations call a place; what is empty is left out.

    >>> place_name("iris", "", "A and B")
    'iris, A and B'
    """
    return ", ".join(filter(None, [dataset, facet, *more]))


def weakest(found: Sequence[Evidence], by_effect: bool = False) -> Evidence:
    """Return of several that must all hold the one that decides: what fails, then what is open.

    Among those of one outcome it is the first, or that with the smallest effect.
    """
    order = (FAILS, MIXED, OPEN, HOLDS, ABSENT)
    return min(
        found, key=lambda each: (order.index(each.outcome), each.effect if by_effect else 0.0)
    )


def needed(agree: Agree, n: int) -> int:
    """Return how many of `n` must agree.

    >>> needed("all", 5), needed("most", 5), needed(2, 5), needed(0.75, 5)
    (5, 3, 2, 4)
    """
    if agree == "all":
        return n
    if agree == "most":
        return n // 2 + 1
    return agree if isinstance(agree, int) else math.ceil(agree * n - 1e-9)


def fold(outcomes: Iterable[str], agree: Agree, exceptions: bool) -> str:
    """Return the outcome of many: it holds if it holds in as many as must agree.

    It fails where the rest could not make up for those that fail and none holds. Where some hold
    and others fail it is mixed, unless enough hold and `exceptions` are allowed. It is absent
    where there is nothing to judge, or less than must agree.
    """
    found = [outcome for outcome in outcomes if outcome != ABSENT]
    enough = needed(agree, len(found))
    if not found or enough > len(found):
        return ABSENT
    holds, fails, mixed = (found.count(outcome) for outcome in (HOLDS, FAILS, MIXED))
    if holds >= enough and (exceptions or not fails + mixed):
        return HOLDS
    if mixed or (holds and fails):
        return MIXED
    return FAILS if fails > len(found) - enough else OPEN
