"""Tests of pairs: of arms, from the tables of paired tests, and of the cells of a grid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from experiments import statistics
from experiments.claims.case import Case, NotRunError, joint
from experiments.claims.declared import Label, Rule, claim_test
from experiments.claims.evidence import (
    ABSENT,
    FAILS,
    HOLDS,
    MIXED,
    OPEN,
    Evidence,
    place_name,
    weakest,
)
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
    return [_pair_evidence(row, _direction(row, rule.size)) for row in rows]


@claim_test(*PAIR_FACTS)
def not_worse(case: Case, rule: PairRule) -> list[Evidence]:
    """Test that a is not worse than b by the margin or more."""
    rows = _pair_rows(case, rule.a, rule.b, rule.steps)
    return [_pair_evidence(row, _not_worse(row)) for row in rows]


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
        for row in _pair_rows(case, a, b, rule.steps):
            outcome = _equivalence(row, case.level)
            found.append(_pair_evidence(row, outcome, "tost_p_holm", *names))
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

    One of them that is significantly better (worse) refutes it. Numbers are those of the
    nearest rival: the arm's lead, or the rival's lead where the claim is that it is last.
    """
    rivals = [arm for arm in rule.among or case.comparison.arms if arm != rule.arm]
    groups: dict[tuple, list[Evidence]] = {}
    for rival in rivals:
        a, b = (rule.arm, rival) if rule.place == "first" else (rival, rule.arm)
        for row in _pair_rows(case, a, b, rule.steps):
            each = _pair_evidence(row, _direction(row, rule.size), "p_holm", f"{a} over {b}")
            groups.setdefault((row["dataset"], row["facet"], row["step"]), []).append(each)
    return [weakest(group, by_effect=True) for group in groups.values()]


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
    back = dict.fromkeys(ends, 0)
    for lower, upper in pairwise(arms):
        for row in _pair_rows(case, upper, lower, rule.steps):
            back[_place(row)] += _kind(row).leads and row["difference"] < 0
    found = []
    for place, row in ends.items():
        each = _pair_evidence(row, _trend(_direction(row, "any"), back[place]))
        found.append(replace(each, facts={**each.facts, "steps_back": back[place]}))
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
    """Test that no other cell of a grid is significantly better: sign flips, Holm over the cells.

    This is the one test in which the absence of significance supports a claim, since "the best
    seen" cannot be shown in any other way; numbers are those of the best cell.
    """
    cells = case.cells(list(rule.cell))
    mine = joint(rule.cell)
    others = [arm for arm in dict.fromkeys(cells["arm"]) if arm != mine]
    if mine not in set(cells["arm"]) or not others:
        raise NotRunError(f"the study {case.claim.study} has no cell with {mine}")
    settings = case.results.config.statistics
    table = statistics.compare(
        cells,
        case.results.n_test(cells),
        pairs=[(mine, other) for other in others],
        level=settings.level,
        margin=settings.margin,
        overlap=case.results.overlap(cells),
    )
    groups = table.groupby(["dataset", "facet"], sort=False)
    return [_among_best(mine, rows.to_dict("records")) for _, rows in groups]


def _among_best(mine: str, rows: Sequence[Mapping]) -> Evidence:
    ran = [row for row in rows if _kind(row) != Kind.ABSENT]
    if not ran:
        return Evidence(rows[0]["dataset"], _at(rows[0]), ABSENT)
    better_ones = [row for row in ran if _direction(row, "any") == FAILS]
    top = min(better_ones or ran, key=lambda row: row["difference"])
    each = _pair_evidence(top, FAILS if better_ones else HOLDS)
    ahead = top["difference"] < 0
    facts = {
        "cell": mine,
        "best": top["b"] if ahead else mine,
        "cell_mean": top["mean_a"],
        "best_mean": top["mean_b"] if ahead else top["mean_a"],
        "cells": len(ran) + 1,
    }
    return replace(each, place=_at(top), facts=facts)


def _pair_rows(case: Case, a: str, b: str, steps: Sequence[str]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield from ({**row, "step": step} for row in _tested(case, a, b, step).to_dict("records"))


def _tested(case: Case, a: str, b: str, step: str) -> pd.DataFrame:
    """Return the paired tests of a against b, turned so that differences are a - b."""
    case.arms(a, b)
    table = case.sweep.table(case.comparison, "tests" if step == "tuned" else "shared")
    table = case.select(table, case.comparison.facet_axes)
    same = table[(table["a"] == a) & (table["b"] == b)]
    other = table[(table["a"] == b) & (table["b"] == a)]
    if same.empty and other.empty:
        raise NotRunError(f"the study {case.claim.study} does not declare the pair {a}, {b}")
    return pd.concat([same, _turned(other)]).sort_index()


def _turned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return paired tests with the two arms exchanged."""
    swapped = {"a": "b", "b": "a", "mean_a": "mean_b", "mean_b": "mean_a"}
    ends = {"low": -rows["high"], "high": -rows["low"]}
    return rows.assign(difference=-rows["difference"], **ends).rename(columns=swapped)


def _kind(row: Mapping) -> Kind:
    return Kind(row["verdict_kind"])


def _at(row: Mapping, *more: str) -> str:
    shared = "one step size for all" if row.get("step") == "shared" else ""
    return place_name(row["dataset"], row["facet"], *more, shared)


def _pair_evidence(row: Mapping, outcome: str, p: str = "p_holm", *more: str) -> Evidence:
    return Evidence(
        row["dataset"],
        _at(row, *more),
        ABSENT if _kind(row) == Kind.ABSENT else outcome,
        *(float(row[name]) for name in ("difference", "low", "high", p)),
        {name: row[name] for name in PAIR_FACTS},
    )


def _direction(row: Mapping, size: str) -> str:
    """Judge "a is better than b".

    It fails where b is significantly better, and with size "relevant" also where the difference
    was shown to be smaller than the margin.
    """
    kind = _kind(row)
    if kind.differs and row["difference"] < 0:
        return FAILS
    if size == "any":
        return HOLDS if kind.differs else OPEN
    if kind.alike:
        return FAILS
    return HOLDS if kind.leads else OPEN


def _equivalence(row: Mapping, level: float) -> str:
    """Judge "a and b are equivalent": fails only if the whole interval lies outside the margin."""
    if _kind(row).alike or row["tost_p_holm"] <= level:
        return HOLDS
    outside = row["low"] >= row["margin"] or row["high"] <= -row["margin"]
    return FAILS if outside and row["p_holm"] <= level else OPEN


def _not_worse(row: Mapping) -> str:
    """Judge "a is not worse than b by more than the margin"."""
    if row["low"] > -row["margin"]:
        return HOLDS
    return FAILS if row["high"] <= -row["margin"] else OPEN
