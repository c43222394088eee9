"""What a test finds at one place, and how the outcomes of many are folded into one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Annotated, Any, Literal

from pydantic import Field

from experiments import statistics

HOLDS, FAILS, MIXED, OPEN, ABSENT = "holds", "fails", "mixed", "open", "absent"
CORRECTED = "corrected"
"""The outcomes: absent is what has no runs, open what the numbers do not decide, corrected what is
wrong as it was said and right once corrected."""

Share = Annotated[float, Field(gt=0, lt=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Agree = Literal["all", "most"] | Count | Share


@dataclass(frozen=True)
class Evidence:
    """What a test found at one place; `facts` are further numbers for the explanation.

    `p` is the smallest level at which the outcome would be found, not adjusted; of an open outcome
    the smallest level at which anything would be. NaN if nothing about it is random.
    """

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
    if CORRECTED in found:
        return CORRECTED if {*found} <= {HOLDS, CORRECTED} else FAILS
    holds, fails, mixed = (found.count(outcome) for outcome in (HOLDS, FAILS, MIXED))
    if holds >= enough and (exceptions or not fails + mixed):
        return HOLDS
    if mixed or (holds and fails):
        return MIXED
    return FAILS if fails > len(found) - enough else OPEN


def both_p(places: Sequence[Evidence], agree: Agree) -> tuple[float, float]:
    """Return p values of "it holds" and of "it does not", at as many of the places as must agree.

    That all hold is an intersection-union: the largest p counts, unadjusted (Berger 1982). That at
    least u of n hold, or that n - u + 1 fail and so refute it, is a partial conjunction (Benjamini
    & Heller 2008). An outcome that is not random, or rests on the absence of significance, has p 0.
    """
    found = [each for each in places if each.outcome != ABSENT]
    holds = [_p(each) if each.outcome == HOLDS else 1.0 for each in found]
    fails = [_p(each) if each.outcome in (FAILS, MIXED) else 1.0 for each in found]
    return agreed_p(holds, fails, agree)


def some_of_both_p(places: Sequence[Evidence]) -> float:
    """Return the p value of "it holds at some place and fails at some other"."""
    sides = [
        [_p(each) if each.outcome in kinds else 1.0 for each in places]
        for kinds in ((HOLDS, MIXED), (FAILS, MIXED))
    ]
    return max(statistics.partial_conjunction(side, 1) for side in sides)


def agreed_p(holds: Sequence[float], fails: Sequence[float], agree: Agree) -> tuple[float, float]:
    """Return the p values of many that hold, and that fail, from those of each."""
    enough = needed(agree, len(holds))
    if not holds or enough > len(holds):
        return 1.0, 1.0
    against = statistics.partial_conjunction(fails, len(fails) - enough + 1)
    return statistics.partial_conjunction(holds, enough), against


def _p(each: Evidence) -> float:
    return 0.0 if math.isnan(each.p) or each.facts.get("by_absence") else each.p
