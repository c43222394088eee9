"""Tests that need no study: the equations, small experiments on training, and definitions."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field

from experiments import equations as equation_check
from experiments import probes
from experiments.base import files
from experiments.claims.case import Case, NotRunError
from experiments.claims.declared import Rule, claim_test
from experiments.claims.evidence import CORRECTED, FAILS, HOLDS, MIXED, OPEN, Evidence
from experiments.claims.samples import Sample, paired
from experiments.schema import Label


class EquationsRule(Rule):
    """The equations from number `first` to number `last`, by default all."""

    first: Label = ""
    last: Label = ""


@claim_test("total", "as_printed", "slips", "corrected", "error", "beside", needs_study=False)
def equations(case: Case, rule: EquationsRule) -> list[Evidence]:
    """Test the equations: do all hold as printed, or all once corrected.

    An equation that does not even hold as corrected contradicts the claim. The numbers are those
    of the numbered equations; what of the table has no number is said beside them.
    """
    booleans = dict.fromkeys(("holds_as_printed", "holds_as_corrected"), "boolean")
    file = case.results.folder / files.EQUATIONS
    table = _kept(file, equation_check.equations_table, dtype={"number": str, **booleans})
    table = _between(table, rule.first, rule.last).dropna(subset="holds_as_printed")
    printed = table["holds_as_printed"].astype(bool)
    corrected = table["holds_as_corrected"].astype(bool)
    outcome = HOLDS if printed.all() else CORRECTED
    numbered = table["number"].str.isdigit()
    facts = {
        "total": int(numbered.sum()),
        "as_printed": int((printed & numbered).sum()),
        "slips": ", ".join(f"({number})" for number in table.loc[~printed, "number"]) or "none",
        "corrected": int((corrected & ~printed & numbered).sum()),
        "beside": "".join(_beside(row) for row in table[~numbered].to_dict("records")),
        "error": float(table["error_as_corrected"].max()),
    }
    wrong = float((~printed).sum())
    return [Evidence("", "", outcome if corrected.all() else FAILS, wrong, facts=facts)]


def _beside(row: Mapping[str, Any]) -> str:
    """Return how a display without a number fares, to be put at the end of a sentence."""
    how = "holds as printed" if row["holds_as_printed"] else "holds once corrected"
    where = re.sub(r"\d+", r"(\g<0>)", row["number"])
    how = how if row["holds_as_corrected"] else "fails"
    return f"; the display {where}, which has no number, {how}"


def _between(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    numbers = list(table["number"])
    for number in filter(None, (first, last)):
        if number not in numbers:
            raise NotRunError(f"there is no equation ({number})")
    start = numbers.index(first) if first else 0
    return table[start : numbers.index(last) + 1 if last else None]


STATE = ["output_deviation", "cost_deviation", "hidden_gradient_deviation"]


class PathRule(Rule):
    """Deviations up to `tolerance` count as equal, final ones above `apart` as different."""

    tolerance: float = Field(1e-9, gt=0)
    apart: float = Field(1e-3, gt=0)


@claim_test("start", "together", "nearest", "epochs", "seeds", needs_study=False)
def path(case: Case, rule: PathRule) -> list[Evidence]:
    """Test that one sigmoid unit is a softmax of two, at a point and along a whole path.

    At epoch 0 cost, output and gradient below the output must agree; then the path must agree
    where the output layer has twice the step and half the penalty. Where the other paths do not
    part, the check cannot tell paths apart and decides nothing.
    """
    table = _probe(case, "path", probes.sigmoid_softmax_path)
    final = table["epoch"] == table["epoch"].max()
    equal = (table["output_step"] == 2) & (table["output_penalty"] == 0.5)
    start = float(table.loc[table["epoch"] == 0, STATE].max(axis=None))
    deviations = [*STATE, "logit_deviation", "hidden_deviation"]
    together = float(table.loc[equal, deviations].max(axis=None))
    nearest = float(table.loc[final & ~equal, "hidden_deviation"].min())
    outcome = _whether_all([start <= rule.tolerance, together <= rule.tolerance])
    facts = {
        "start": start,
        "together": together,
        "nearest": nearest,
        "epochs": int(table["epoch"].max()),
        "seeds": table["seed"].nunique(),
    }
    return [Evidence("", "", outcome if nearest > rule.apart else OPEN, together, facts=facts)]


@claim_test("networks", "largest", "smallest_above", "learnt", needs_study=False)
def zero_gradient(case: Case, rule: Rule) -> list[Evidence]:
    """Test that a Heaviside layer passes exactly nothing down while the rest still learns."""
    table = _probe(case, "heaviside", probes.heaviside_gradients)
    cut, above = table[table["cut"]], table[~table["cut"]]
    silent = not cut[["data_gradient", "penalty_excess", "moved"]].to_numpy().any()
    networks = table.drop_duplicates(["hidden", "cost", "output"])
    learnt = networks["cost_after"] < networks["cost_before"]
    alive = bool((above["data_gradient"] > 0).all() and learnt.all())
    largest = float(cut["data_gradient"].max())
    facts = {
        "networks": len(networks),
        "largest": largest,
        "smallest_above": float(above["data_gradient"].min()),
        "learnt": int(learnt.sum()),
    }
    outcome = HOLDS if silent and alive else MIXED if silent else FAILS
    return [Evidence("", "", outcome, largest, facts=facts)]


SHORT = {"mse": "MSE", "cross_entropy": "CE"}


class SaturatedRule(Rule):
    """The pairs [cost, output] that saturate, and the one that does not."""

    slow: list[tuple[str, str]]
    fast: tuple[str, str]


@claim_test(
    "slow_epochs",
    "fast_epochs",
    "slow_free",
    "fast_free",
    "slow_delta",
    "fast_delta",
    "pair",
    "measured",
    needs_study=False,
)
def saturated_start(case: Case, rule: SaturatedRule) -> list[Evidence]:
    """Test that pairs need longer than another from wrong, saturated outputs, paired by seed.

    Two differences must be positive: that of the epochs until recovery, and that of what the
    saturated start costs over the one that is not. Never recovered counts as one epoch more
    than there were. Delta is the mean norm of the output's delta at the start.
    """
    start = cache(probes.saturated_start)
    curves = _probe(case, "start-curves", lambda: start().curves)
    runs = _probe(case, "start", lambda: start().runs)
    runs = runs.query("chosen").astype({"epochs": float})
    runs["epochs"] = runs["epochs"].fillna(1 + curves["epoch"].max())
    wide = runs.pivot(index=["cost", "output", "logit"], columns="seed")
    for pair in (*rule.slow, rule.fast):
        if pair not in wide.index.droplevel("logit"):
            raise NotRunError(f"the pair {' + '.join(pair)} is not trained from such a start")
    free, full = runs["logit"].min(), runs["logit"].max()
    samples = [
        sample for slow in rule.slow for sample in _slower(wide, slow, rule.fast, free, full)
    ]
    return paired(case, samples)


def _slower(
    wide: pd.DataFrame, slow: tuple[str, str], fast: tuple[str, str], free: float, full: float
) -> Iterator[Sample]:
    """Yield by seed how much longer a pair needs, and how much more the start costs it."""
    epochs, delta = wide["epochs"], wide["delta_norm"].mean(axis=1)
    facts = {
        "slow_epochs": epochs.loc[(*slow, full)].mean(),
        "fast_epochs": epochs.loc[(*fast, full)].mean(),
        "slow_free": epochs.loc[(*slow, free)].mean(),
        "fast_free": epochs.loc[(*fast, free)].mean(),
        "slow_delta": delta.loc[(*slow, full)],
        "fast_delta": delta.loc[(*fast, full)],
    }
    name = " + ".join(slow)
    facts["pair"] = " + ".join(SHORT.get(word, word) for word in slow)
    longer = epochs.loc[(*slow, full)] - epochs.loc[(*fast, full)]
    before = epochs.loc[(*slow, free)] - epochs.loc[(*fast, free)]
    for measured, x in (
        ("how much longer it takes", longer),
        ("how much more the saturated start delays it", longer - before),
    ):
        place = f"{name} ({measured})"
        yield Sample("", place, x.to_numpy(), 1, facts | {"measured": measured})


@claim_test(needs_study=False, decides=False)
def definition(case: Case, rule: Rule) -> list[Evidence]:
    """Test nothing: the claim is a definition here."""
    return []


def _probe(case: Case, name: str, compute: Callable[[], list[dict]]) -> pd.DataFrame:
    """Return what a probe gave: as written, or computed now."""
    return _kept(files.probe_file(case.results.folder, name), compute)


def _kept(
    file: Path, compute: Callable[[], pd.DataFrame | list[dict]], **reading: Any
) -> pd.DataFrame:
    """Return a table of the sweep, or computed now where it has none."""
    return pd.read_csv(file, **reading) if file.exists() else pd.DataFrame(compute())


def _whether_all(each: Iterable[bool]) -> str:
    """Return whether all of some things are so, or none, or only a part."""
    each = list(each)
    return HOLDS if all(each) else MIXED if any(each) else FAILS
