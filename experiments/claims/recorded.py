"""Tests of what the runs recorded, paired by seed: quantities of the curves, and accuracies."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from math import nan
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, model_validator

from experiments import statistics
from experiments.claims.case import Case, NotRunError
from experiments.claims.declared import Rule, claim_test
from experiments.claims.evidence import Evidence, place_name, weakest
from experiments.claims.samples import Sample, paired
from experiments.results import curve_columns
from experiments.schema import Label, Strict

FIXED = ("step_size",)
"""What is recorded though nothing about it is random."""
SAME = 1e-9  # relative; ratios this close in all runs are one number


class Reference(Strict):
    """What a recorded quantity is held against: another arm or epoch, times a factor."""

    arm: Label | None = None
    epoch: int | Literal["last"] | None = None
    times: float = 1.0


class RecordedRule(Rule):
    """A quantity of the curves at an epoch lies above or below numbers or references.

    `quantity` is a column of curves.parquet or a pattern such as weight_rms_*; accuracies are in
    per cent. With both bounds the quantity lies between them.
    """

    quantity: str | list[str]
    arm: Label
    epoch: Annotated[int, Field(ge=0)] | Literal["last"] = "last"
    above: float | Reference | None = None
    below: float | Reference | None = None

    @model_validator(mode="after")
    def _bounded(self) -> "RecordedRule":
        if self.above is None and self.below is None:
            raise ValueError("give a bound: above, below or both")
        return self


@claim_test("quantity", "value", "reference", "ratio")
def recorded(case: Case, rule: RecordedRule) -> list[Evidence]:
    """Test a recorded quantity against a number, another arm or another epoch, by seed."""
    references = [bound for bound in (rule.above, rule.below) if isinstance(bound, Reference)]
    case.arms(rule.arm, *(bound.arm for bound in references if bound.arm))
    runs = case.evidence()
    runs = runs[runs["arm"].isin([rule.arm, *(bound.arm for bound in references)])]
    names = _quantities(case, rule.quantity)
    curves = case.results.curves(runs[runs["status"] != "skipped"], names)
    samples = []
    for name in (name for name in names if curves[name].notna().any()):
        for bound, sign in ((rule.above, 1), (rule.below, -1)):
            if bound is not None:
                samples += _held_against(curves, name, rule, bound, sign)
    groups: dict[tuple, list[Evidence]] = {}
    for sample, each in zip(samples, paired(case, samples), strict=True):
        groups.setdefault((each.place, sample.facts["quantity"]), []).append(each)
    return [weakest(group) for group in groups.values()]


def _quantities(case: Case, patterns: str | Sequence[str]) -> list[str]:
    """Return the columns of the curves that the patterns name. Raises NotRunError."""
    patterns = [patterns] if isinstance(patterns, str) else patterns
    names = curve_columns(case.results.folder)
    found = [name for name in names for pattern in patterns if fnmatchcase(name, pattern)]
    if not found:
        raise NotRunError(f"the curves hold no {' or '.join(patterns)}")
    return list(dict.fromkeys(found))


def _held_against(
    curves: pd.DataFrame, name: str, rule: RecordedRule, bound: float | Reference, sign: int
) -> Iterator[Sample]:
    """Yield value minus bound by seed, a sample per dataset and facet."""
    values = _value_at(curves, name, rule.arm, rule.epoch)
    if isinstance(bound, Reference):
        epoch = rule.epoch if bound.epoch is None else bound.epoch
        limits = bound.times * _value_at(curves, name, bound.arm or rule.arm, epoch)
    else:
        limits = pd.Series(float(bound), index=values.index)
    both = pd.DataFrame({"value": values, "limit": limits}).dropna(how="any")
    for (dataset, facet), group in both.groupby(level=["dataset", "facet"], sort=False):
        value, limit = group["value"].mean(), group["limit"].mean()
        facts = {"quantity": name, "value": value, "reference": limit}
        facts["ratio"] = value / limit if limit else nan
        place = place_name(dataset, facet, "" if rule.quantity == name else name)
        gap = (group["value"] - group["limit"]).groupby(level="split", sort=False).mean()
        fixed = name in FIXED or _by_definition(rule, bound, group)
        yield Sample(dataset, place, gap.to_numpy(), sign, facts, fixed=fixed)


def _by_definition(rule: RecordedRule, bound: float | Reference, group: pd.DataFrame) -> bool:
    """Return whether two arms differ before training by one factor, the same in all runs.

    So do weights that are the same draws, scaled: then no test is due.
    """
    if rule.epoch != 0 or not isinstance(bound, Reference) or not bound.arm:
        return False
    ratios = group["value"] / group["limit"]
    return bool(ratios.max() - ratios.min() <= SAME * ratios.abs().max())


RUN = ["dataset", "facet", "split", "index"]


def _value_at(curves: pd.DataFrame, name: str, arm: str, epoch: int | str) -> pd.Series:
    """Return a quantity of an arm at an epoch; a run that ended before keeps its last value."""
    all_epochs = curves[curves["arm"] == arm]
    mine = all_epochs.dropna(subset=name)
    if epoch != "last":
        if mine.empty or epoch > mine["epoch"].max():
            raise NotRunError(f"the runs have no {name} at epoch {epoch}")
        mine = mine[mine["epoch"] <= epoch]
    last = mine.groupby(RUN, sort=False).tail(1).set_index(RUN)
    if epoch != "last":
        ends = all_epochs.groupby(RUN)["epoch"].max().clip(upper=epoch)
        if (last["epoch"] < ends.reindex(last.index)).any():
            raise NotRunError(f"{name} was not measured after epoch {epoch}: see record_every")
    scale = 100 if name.endswith("_accuracy") else 1
    return scale * last[name]


class ContrastRule(Rule):
    """A weighted sum of the arms' accuracies lies above or below 0.

    `average` takes the mean over the facets first; else each facet is a place.
    """

    weights: dict[Label, float]
    sign: Literal["positive", "negative"]
    average: bool = False


@claim_test()
def contrast(case: Case, rule: ContrastRule) -> list[Evidence]:
    """Test the sign of a weighted sum of the arms' accuracies, paired by split or seed."""
    case.arms(*rule.weights)
    runs = case.accuracies()
    runs = runs[runs["arm"].isin(rule.weights)]
    facet = "" if rule.average else runs["facet"]
    wide = runs.assign(facet=facet).pivot_table(
        index=["dataset", "facet", "split"], columns="arm", values="value", sort=False
    )
    weights = pd.Series(rule.weights)
    total = (wide.reindex(columns=weights.index) * weights).sum(axis=1, skipna=False)
    sign = 1 if rule.sign == "positive" else -1
    samples = [
        Sample(dataset, place_name(dataset, facet), x.to_numpy(), sign)
        for (dataset, facet), x in total.groupby(level=["dataset", "facet"], sort=False)
    ]
    return paired(case, samples)


class MattersLessRule(Rule):
    """The range of accuracies over the axis is smaller than that over the axis `than`."""

    than: str


@claim_test("spread", "other_spread")
def matters_less(case: Case, rule: MattersLessRule) -> list[Evidence]:
    """Test that accuracy varies less over one axis than over another.

    The range over an axis is the lead of its best value over its worst, by the means over the
    other axis. Which they are is taken from all splits together, the lead from each: the range of
    every single split would be wider for an axis with more values by chance alone.
    """
    axes = [rule.axis or case.claim.axis, rule.than]
    runs = case.accuracies(axes)
    samples = []
    for (dataset, facet), group in runs.groupby(["dataset", "facet"], sort=False):
        own, other = (ranges(group, f"axis_{axis}") for axis in axes)
        facts = {"spread": own.mean(), "other_spread": other.mean()}
        place = place_name(dataset, facet)
        samples.append(Sample(dataset, place, (own - other).to_numpy(), -1, facts))
    return paired(case, samples)


def ranges(runs: pd.DataFrame, axis: str) -> pd.Series:
    """Return for each split (seed) the lead of the best value of an axis over its worst."""
    means = runs.groupby(["split", axis], sort=False)["value"].mean().unstack(axis)
    order = means.mean()
    return (means[order.idxmax()] - means[order.idxmin()]).round(statistics.DECIMALS)
