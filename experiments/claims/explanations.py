"""Explanations: what stands in the fields of a claim's sentence."""

import math
from collections.abc import Mapping, Sequence
from math import nan
from typing import Any

from experiments.base import ConfigError
from experiments.claims.declared import CLAIM_TESTS, Claim, Rule
from experiments.claims.evidence import ABSENT, FAILS, HOLDS, MIXED, OPEN, Evidence


class Number(float):
    """A float that shows nothing as a dash and never a negative zero."""

    def __format__(self, spec: str) -> str:
        if math.isnan(self):
            return "–"
        text = format(float(self), spec or "g")
        shown = float(text.strip("%").replace(",", ""))
        return text if shown else format(0.0, spec or "g")


def explained(claim: Claim, known: Mapping[str, Any]) -> str:
    """Return the explanation with its numbers. Raises ConfigError where a format does not fit."""
    try:
        return claim.explanation.format_map(known)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ConfigError(f"the explanation of claim {claim.id}", str(error)) from None


def fields(
    rules: Sequence[Rule], found: Sequence[Evidence], outcomes: Mapping[str, str], verdict: str
) -> dict[str, Any]:
    """Return what an explanation may name: the deciding place, and counts over all places."""
    decides = deciding(found, verdict)
    effects = [each.effect for each in found if not math.isnan(each.effect)]
    counts = {
        "places": sum(each.outcome != ABSENT for each in found),
        "held": sum(each.outcome == HOLDS for each in found),
        "failed": sum(each.outcome == FAILS for each in found),
        "undecided": sum(each.outcome == OPEN for each in found),
    }
    numbers = {
        "effect": decides.effect,
        "low": decides.low,
        "high": decides.high,
        "p": decides.p,
        "least": min(effects, default=nan),
        "most": max(effects, default=nan),
    }
    texts = {
        "place": decides.place,
        "holds_on": listed(outcomes, HOLDS),
        "fails_on": listed(outcomes, FAILS, MIXED),
        "open_on": listed(outcomes, OPEN),
    }
    nothing = {fact: nan for rule in rules for fact in CLAIM_TESTS[rule.test].facts}
    every = nothing | numbers | texts | counts | dict(decides.facts)
    return {name: Number(v) if isinstance(v, float) else v for name, v in every.items()}


def deciding(found: Sequence[Evidence], verdict: str) -> Evidence:
    """Return the place that a verdict hangs on.

    The weakest support (largest p) of what holds; the largest effect against what is contradicted
    or holds in part, and of what is undecided the open place with the largest effect. Of equals it
    is the first.
    """
    wanted = {HOLDS: (HOLDS,), "undecided": (OPEN,)}.get(verdict, (FAILS, MIXED))
    some = [each for each in found if each.outcome in wanted] or list(found)
    if wanted != (HOLDS,):
        return max(some, key=lambda each: -1.0 if math.isnan(each.effect) else abs(each.effect))
    return max(some, key=lambda each: -1.0 if math.isnan(each.p) else each.p)


def listed(outcomes: Mapping[str, str], *kinds: str) -> str:
    """Return the datasets whose outcome is one of these kinds."""
    return ", ".join(name for name, outcome in outcomes.items() if outcome in kinds) or "none"
