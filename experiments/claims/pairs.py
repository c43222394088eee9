"""Tests of pairs: of arms, from the tables of paired tests, and of the cells of a grid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from math import isnan
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from experiments import statistics
from experiments.claims.case import Case, NotRunError, joint
from experiments.claims.declared import Rule, claim_test
from experiments.claims.evidence import (
    ABSENT,
    FAILS,
    HOLDS,
    MIXED,
    OPEN,
    Evidence,
    both_p,
    place_name,
    weakest,
)
from experiments.results import confirmed_pairs, tuned_word
from experiments.schema import Comparison, Label
from experiments.statistics import Kind

PAIR_FACTS = ("a", "b", "mean_a", "mean_b", "margin")

Step = Literal["tuned", "shared"]
Steps = Annotated[tuple[Step, ...], Field(min_length=1)]
Size = Literal["any", "relevant"]


class PairRule(Rule):
    """Arm `a` against arm `b`, at each arm's own step size, at one for all, or both."""

    a: Label
    b: Label
    steps: Steps = ("tuned",)


class BetterRule(PairRule):
    """As a pair; `size` says whether any difference counts or only one beyond the margin."""

    size: Size = "any"


@claim_test(*PAIR_FACTS)
def better(case: Case, rule: BetterRule) -> list[Evidence]:
    """Test that a is better than b."""
    rows = _pair_rows(case, rule.a, rule.b, rule.steps)
    return [_pair_evidence(row, *_direction(row, rule.size)) for row in rows]


@claim_test(*PAIR_FACTS)
def not_worse(case: Case, rule: PairRule) -> list[Evidence]:
    """Test that a is not worse than b by the margin or more."""
    rows = _pair_rows(case, rule.a, rule.b, rule.steps)
    return [_pair_evidence(row, *_not_worse(row)) for row in rows]


class EquivalentRule(Rule):
    """All pairs of `arms` (by default of all arms), at the given steps."""

    arms: list[Label] = Field(default_factory=list)
    steps: Steps = ("tuned",)


@claim_test(*PAIR_FACTS)
def equivalent(case: Case, rule: EquivalentRule) -> list[Evidence]:
    """Test that the arms are equivalent within the margin, pair by pair."""
    arms = rule.arms or case.comparison.arms
    found = []
    for a, b in combinations(arms, 2):
        names = [f"{a} and {b}"] if len(arms) > 2 else []
        rows = _pair_rows(case, a, b, rule.steps)
        found += [_pair_evidence(row, *_equivalence(row), *names) for row in rows]
    return found


class BestRule(Rule):
    """`arm` is first, or last, among all arms or among `among`."""

    arm: Label
    place: Literal["first", "last"] = "first"
    among: list[Label] = Field(default_factory=list)
    size: Size = "any"
    steps: Steps = ("tuned",)


@claim_test(*PAIR_FACTS)
def best_of(case: Case, rule: BestRule) -> list[Evidence]:
    """Test that an arm is better, or worse, than each of the others.

    One of them that is better (worse) refutes it. Numbers are those of the nearest rival: the arm's
    lead, or the rival's lead if the claim is that it is last; p is that of all rivals together.
    """
    rivals = [arm for arm in rule.among or case.comparison.arms if arm != rule.arm]
    groups: dict[tuple, list[Evidence]] = {}
    for rival in rivals:
        a, b = (rule.arm, rival) if rule.place == "first" else (rival, rule.arm)
        for row in _pair_rows(case, a, b, rule.steps):
            each = _pair_evidence(row, *_direction(row, rule.size), f"{a} over {b}")
            groups.setdefault((row["dataset"], row["facet"], row["step"]), []).append(each)
    return [_of_all_rivals(group) for group in groups.values()]


def _of_all_rivals(group: Sequence[Evidence]) -> Evidence:
    nearest = weakest(group, by_effect=True)
    holds, fails = both_p(group, "all")
    return replace(nearest, p=holds if nearest.outcome == HOLDS else fails)


class TrendRule(Rule):
    """Accuracy rises or falls along `arms`; by default along all, in the order of their numbers."""

    direction: Literal["rises", "falls"]
    arms: list[Label] = Field(default_factory=list)
    steps: Steps = ("tuned",)


@claim_test(*PAIR_FACTS, "steps_back")
def trend(case: Case, rule: TrendRule) -> list[Evidence]:
    """Test that accuracy rises (falls) along the arms: one end above the other, no step back.

    A step back counts where it is significant and more than negligible; a plateau is allowed.
    """
    arms = rule.arms or sorted(case.comparison.arms, key=_as_number)
    arms = arms[::-1] if rule.direction == "falls" else arms
    ends = {_place(row): row for row in _pair_rows(case, arms[-1], arms[0], rule.steps)}
    back: dict[tuple, list[float]] = {place: [] for place in ends}
    for lower, upper in pairwise(arms):
        for row in _pair_rows(case, upper, lower, rule.steps):
            if row["kind"].leads and row["difference"] < 0:
                back[_place(row)].append(row["p_differs"])
    found = []
    for place, row in ends.items():
        outcome, p = _direction(row, "any")
        if back[place]:  # one of the steps: Bonferroni
            p = min(1.0, (len(arms) - 1) * min(back[place]))
        each = _pair_evidence(row, _trend(outcome, len(back[place])), p)
        found.append(replace(each, facts={**each.facts, "steps_back": len(back[place])}))
    return found


def _as_number(label: str) -> float:
    """Return the number that a label is, or 0, which leaves the order as it was."""
    try:
        return float(label)
    except ValueError:
        return 0.0


def _place(row: Mapping) -> tuple[str, str, str]:
    return row["dataset"], row["facet"], row["step"]


def _trend(ends: str, back: int) -> str:
    if not back or ends == FAILS:
        return ends
    return MIXED if ends == HOLDS else FAILS


class AmongBestRule(Rule):
    """The cell with these values of several axes is not significantly below any other cell."""

    cell: dict[str, Label] = Field(min_length=1)


@claim_test("cell", "best", "cell_mean", "best_mean", "cells")
def among_best(case: Case, rule: AmongBestRule) -> list[Evidence]:
    """Test that no other cell of a grid is better, all of them as one family.

    This is the one test in which the absence of significance supports a claim, since "the best
    seen" cannot be shown in any other way; numbers are those of the best cell.
    """
    cells = case.cells(list(rule.cell))
    mine = joint(rule.cell)
    others = [arm for arm in dict.fromkeys(cells["arm"]) if arm != mine]
    if mine not in set(cells["arm"]) or not others:
        raise NotRunError(f"the study {case.claim.study} has no cell with {mine}")
    pairs = [(mine, other) for other in others]
    if case.results.confirmed(case.comparison):
        runs = case.evidence(list(rule.cell))
        table = confirmed_pairs(case.results, runs, pairs, case.level, "primary")
        table["p_holm"] = table.groupby(["dataset", "facet"])["p"].transform(statistics.holm)
    else:
        settings = case.results.config.statistics
        table = statistics.compare(
            cells,
            case.results.n_test(cells),
            pairs=pairs,
            level=settings.level,
            margin=settings.margin,
            overlap=case.results.overlap(cells),
        )
    groups = table.groupby(["dataset", "facet"], sort=False)
    return [_among_best(mine, rows.to_dict("records")) for _, rows in groups]


def _among_best(mine: str, rows: Sequence[Mapping]) -> Evidence:
    ran = [row for row in rows if Kind(row["verdict_kind"]) != Kind.ABSENT]
    place = place_name(rows[0]["dataset"], rows[0]["facet"])
    if not ran:
        return Evidence(rows[0]["dataset"], place, ABSENT)
    better_ones = [
        row for row in ran if Kind(row["verdict_kind"]).differs and row["difference"] < 0
    ]
    top = min(better_ones or ran, key=lambda row: row["difference"])
    ahead = top["difference"] < 0
    facts = {
        "cell": mine,
        "best": top["b"] if ahead else mine,
        "cell_mean": top["mean_a"],
        "best_mean": top["mean_b"] if ahead else top["mean_a"],
        "cells": len(ran) + 1,
        "by_absence": not better_ones,
    }
    numbers = (float(top[name]) for name in ("difference", "low", "high", "p_holm"))
    return Evidence(top["dataset"], place, FAILS if better_ones else HOLDS, *numbers, facts)


def _pair_rows(case: Case, a: str, b: str, steps: Sequence[str]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield from (_judged(row | {"step": step}, case) for row in _tested(case, a, b, step))


def _tested(case: Case, a: str, b: str, step: str) -> list[dict[str, Any]]:
    """Return the paired tests of a against b, turned so that differences are a - b."""
    case.arms(a, b)
    table = case.sweep.table(case.comparison, "tests" if step == "tuned" else "shared")
    table = case.select(table, case.comparison.facet_axes)
    same = table[(table["a"] == a) & (table["b"] == b)]
    other = table[(table["a"] == b) & (table["b"] == a)]
    if same.empty and other.empty:
        raise NotRunError(f"the study {case.claim.study} does not declare the pair {a}, {b}")
    return pd.concat([same, _turned(other)]).sort_index().to_dict("records")


SIDES = ("mean", "value", "step", "edge", "failed")


def _turned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return paired tests with the two arms exchanged."""
    swapped = {"a": "b", "b": "a"}
    for name in SIDES:
        swapped |= {f"{name}_a": f"{name}_b", f"{name}_b": f"{name}_a"}
    ends = {"low": -rows["high"], "high": -rows["low"]}
    return rows.assign(difference=-rows["difference"], **ends).rename(columns=swapped)


def _judged(row: dict[str, Any], case: Case) -> dict[str, Any]:
    """Return a row of a table of pairs with its interval at 1 - level, not adjusted for others.

    The pairs of a claim are its own family, so that neither Holm's correction over a dataset nor
    that of an exploratory family counts here. Added: `kind`, what the interval shows; the smallest
    levels at which it would show a difference (p_differs), one inside the margin (p_inside) and
    one beyond it (p_beyond); `values`, the tuned values in words.
    """
    n, spread, margin = row["n"], row["spread"], row["margin"]
    if "p_decision" in row:  # confirmed: the interval of the table is that of its family
        half = float(
            statistics.half_width(np.array([n]), np.array([spread]), 1 - case.level, 0.0)[0]
        )
        row["low"], row["high"] = row["difference"] - half, row["difference"] + half
    no_gap = n > 0 and row["difference"] == 0 and spread == 0
    p, inside = (1.0, 0.0) if no_gap else (row["p"], row["tost_p"])
    kind = Kind.ABSENT
    if n > 0:
        known = np.isfinite([row["low"], row["high"]]).all()
        kind = statistics.decide(row["low"], row["high"], margin) if known else Kind.INCONCLUSIVE
    if kind.differs and not p <= case.level:  # sign flips of few seeds
        kind = Kind.EQUIVALENT if kind.alike else Kind.INCONCLUSIVE
    return row | {
        "kind": kind,
        "p_differs": _at_most_one(p),
        "p_inside": _at_most_one(2 * inside),
        "p_beyond": _at_most_one(2 * (1 - inside)),
        "values": _values(row, case.comparison),
    }


def _at_most_one(p: float) -> float:
    return 1.0 if isnan(p) else min(1.0, p)


def _values(row: Mapping, comparison: Comparison) -> str:
    """Return the tuned values that a pair is about, '' without any."""
    values = [row[f"value_{side}"] for side in ("a", "b")]
    if comparison.tune is None or any(map(isnan, values)):
        return ""
    word = tuned_word(comparison)
    return " and ".join(
        f"{row[side]} at {word} {value:g}" for side, value in zip("ab", values, strict=True)
    )


def _at(row: Mapping, *more: str) -> str:
    shared = "one step size for all" if row.get("step") == "shared" else ""
    place = place_name(row["dataset"], row["facet"], *more, shared)
    return f"{place} ({row['values']})" if row["values"] else place


def _pair_evidence(row: Mapping, outcome: str, p: float, *more: str) -> Evidence:
    return Evidence(
        row["dataset"],
        _at(row, *more),
        ABSENT if row["kind"] == Kind.ABSENT else outcome,
        *(float(row[name]) for name in ("difference", "low", "high")),
        p,
        {name: row[name] for name in PAIR_FACTS} | {"fragile": row.get("fragile") or ""},
    )


def _direction(row: Mapping, size: str) -> tuple[str, float]:
    """Judge "a is better than b", and return the p of that.

    It fails if b is better, and with size "relevant" also if the difference is inside the margin;
    with this size it holds only if the whole interval is beyond the margin.
    """
    kind = row["kind"]
    if kind.differs and row["difference"] < 0:
        return FAILS, row["p_differs"]
    if size == "any":
        return HOLDS if kind.differs else OPEN, row["p_differs"]
    if kind.alike:
        return FAILS, row["p_inside"]
    return HOLDS if kind == Kind.RELEVANT else OPEN, row["p_beyond"]


def _equivalence(row: Mapping) -> tuple[str, float]:
    """Judge "a and b are equivalent": fails only if the whole interval is beyond the margin."""
    if row["kind"].alike:
        return HOLDS, row["p_inside"]
    if row["kind"] == Kind.RELEVANT:
        return FAILS, row["p_beyond"]
    return OPEN, min(row["p_inside"], row["p_beyond"])


def _not_worse(row: Mapping) -> tuple[str, float]:
    """Judge "a is not worse than b by more than the margin"."""
    p = float(statistics.t_p(row["n"], row["difference"] + row["margin"], row["spread"]))
    if row["low"] > -row["margin"]:
        return HOLDS, p
    return FAILS if row["high"] <= -row["margin"] else OPEN, p
