"""The claims of the note and of its author's companion study, put to the test.

A claim is data (claims.yaml): a statement, where it comes from, the comparison that tests it,
and a rule of one or several named tests with parameters. A test looks at places (a dataset, a
facet, a pair of arms, ...) and says of each whether the claim holds there, fails there or stays
open; places are folded into datasets and datasets into a verdict:

    supported     it holds on as many datasets as `agree` asks for, and is refuted on none
    contradicted  it fails on so many datasets that `agree` cannot be met, and holds on none
    mixed         it holds in some and fails in others
    inconclusive  the rest: the numbers decide neither way
    not run       its study, or an arm, facet or dataset of it, is not part of the config
    not tested    a definition

Failing needs evidence: a significant difference in the other direction, or for equivalence a
whole interval outside the margin. The absence of significance is never evidence of either.
"""

import math
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from inspect import signature
from itertools import combinations, pairwise
from math import nan
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from experiments import config as schema
from experiments import equations as equation_check
from experiments import paths, statistics
from experiments.comparisons import Comparison
from experiments.config import Strict, axis_label
from experiments.errors import ConfigError
from experiments.results import Results
from experiments.store import write_text
from mlp import did_you_mean

CLAIMS = Path(__file__).parent / "claims.yaml"
COLUMNS = (
    "id", "claim", "source", "study", "comparison", "test", "effect", "low", "high", "p",
    "verdict", "datasets", "explanation",
)  # fmt: skip
VERDICTS = ("supported", "contradicted", "mixed", "inconclusive", "not run", "not tested")

HOLDS, FAILS, MIXED, OPEN, ABSENT = "holds", "fails", "mixed", "open", "absent"
SIGNIFICANT = ("better", "negligible")

Array = np.ndarray
Label = Annotated[str, BeforeValidator(axis_label)]
Share = Annotated[float, Field(gt=0, lt=1, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Agree = Literal["all", "most"] | Count | Share


class NotRunError(Exception):
    """A claim that the config's studies cannot test; the message is the reason."""


# --- What a test finds --------------------------------------------------------------------------


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


# --- Rules as data ------------------------------------------------------------------------------


class Rule(Strict):
    """What every named test takes; `name` gives its numbers a prefix in the explanation."""

    test: str
    name: str = Field("", pattern=r"^[a-z]*$")
    axis: str = ""
    facets: dict[str, list[Label]] = Field(default_factory=dict)
    places: Agree = "all"

    @field_validator("facets", mode="before")
    @classmethod
    def _lists(cls, facets: Any) -> Any:
        if not isinstance(facets, dict):
            return facets
        return {axis: v if isinstance(v, list) else [v] for axis, v in facets.items()}


class ClaimTest(NamedTuple):
    """A named test: its function, its parameters, the facts it finds, whether it needs a study."""

    function: Callable[..., list[Evidence]]
    parameters: type[Rule]
    facts: tuple[str, ...]
    needs_study: bool


CLAIM_TESTS: dict[str, ClaimTest] = {}
"""The named tests that a rule in claims.yaml may use."""


def claim_test(*facts: str, needs_study: bool = True) -> Callable[[Callable], Callable]:
    """Return a decorator that enters a function (case, rule) under its own name.

    The annotation of `rule` is the model of the parameters that the yaml may give.
    """

    def enter(function: Callable) -> Callable:
        model = signature(function).parameters["rule"].annotation
        CLAIM_TESTS[function.__name__] = ClaimTest(function, model, facts, needs_study)
        return function

    return enter


class Claim(Strict):
    """A statement, where it stands, and how it is put to the test."""

    id: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    source: str = Field(min_length=1)
    study: str = ""
    axis: str = ""
    datasets: list[str] = Field(default_factory=lambda: ["*"], min_length=1)
    agree: Agree = "all"
    rule: list[Any] = Field(min_length=1)
    explanation: str = Field(min_length=1)

    @field_validator("rule", mode="before")
    @classmethod
    def _rules(cls, rules: Any) -> Any:
        rules = rules if isinstance(rules, list) else [rules]
        return [_rule(f"rule[{i}]", rule) for i, rule in enumerate(rules)]

    @model_validator(mode="after")
    def _complete(self) -> "Claim":
        for i, rule in enumerate(self.rule):
            where = f"rule[{i}]"
            if CLAIM_TESTS[rule.test].needs_study and not self.study:
                raise ConfigError("study", f"the test {rule.test} needs a study, give its name")
            if rule.name in (*NUMBERS, *TEXTS, *CLAIM_TESTS[rule.test].facts):
                raise ConfigError(f"{where}.name", f"{rule.name!r} is the name of a field")
            if rule.name and rule.name in [other.name for other in self.rule[:i]]:
                raise ConfigError(f"{where}.name", f"{rule.name!r} stands twice in the list")
        return self


def _rule(where: str, content: Any) -> Rule:
    """Return the parameters of a named test. Raises ConfigError."""
    if not isinstance(content, dict) or "test" not in content:
        raise ConfigError(where, f"needs the key 'test'; known: {', '.join(CLAIM_TESTS)}")
    name = content["test"]
    if name not in CLAIM_TESTS:
        known = list(CLAIM_TESTS)
        raise ConfigError(
            f"{where}.test",
            f"unknown test {name!r}{did_you_mean(name, known)}; known: {', '.join(known)}",
        )
    return _validated(where, content, CLAIM_TESTS[name].parameters)


def _validated(where: str, content: Any, model: type[Strict]) -> Any:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise _refused(where, error.errors()[0], model) from None


def _refused(where: str, error: Mapping, model: type[Strict]) -> ConfigError:
    """Turn pydantic's complaint into a sentence with the place in the file."""
    steps = [f"[{s}]" if isinstance(s, int) else f".{s}" for s in error["loc"]]
    path = f"{where}{''.join(steps)}".removeprefix(".")
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        known = list(model.model_fields)
        hint = did_you_mean(error["loc"][0], known)
        return ConfigError(path, f"unknown key{hint}; known: {', '.join(known)}")
    message = error["msg"].removeprefix("Value error, ")
    found = "" if error["type"] == "missing" else f", found {error['input']!a}"
    return ConfigError(path, f"{message[0].lower()}{message[1:]}{found}")


def load_claims(path: Path = CLAIMS) -> list[Claim]:
    """Read and check a file of claims. Raises ConfigError, which names the file and the place."""
    try:
        content = schema.parse(Path(path).read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not isinstance(content.get("claims"), list):
            raise ConfigError("", "a file of claims is a mapping with a list under 'claims'")
        claims = [_claim(i, each) for i, each in enumerate(content["claims"])]
        for i, claim in enumerate(claims):
            if claim.id in [other.id for other in claims[:i]]:
                raise ConfigError(f"claims[{i}].id", f"{claim.id!r} stands twice in the list")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except ConfigError as error:
        where = f"{path}: {error.where}" if error.where else str(path)
        raise ConfigError(where, error.problem) from None
    return claims


def _claim(place: int, content: Any) -> Claim:
    name = content.get("id", "") if isinstance(content, dict) else ""
    where = f"claims[{place}]" + (f" ({name})" if name else "")
    try:
        claim = _validated("", content, Claim)
        _check_explanation(claim)
    except ConfigError as error:
        raise ConfigError(f"{where}.{error.where}".rstrip("."), error.problem) from None
    return claim


# --- Explanations -------------------------------------------------------------------------------

NUMBERS = ("effect", "low", "high", "p", "least", "most", "places", "held", "failed", "undecided")
TEXTS = ("place", "holds_on", "fails_on", "open_on")


class Number(float):
    """A float that shows nothing as a dash and never a negative zero."""

    def __format__(self, spec: str) -> str:
        if math.isnan(self):
            return "–"
        text = format(float(self), spec or "g")
        shown = float(text.strip("%").replace(",", ""))
        return text if shown else format(0.0, spec or "g")


def _check_explanation(claim: Claim) -> None:
    """Refuse a field that no test of the claim fills. Raises ConfigError."""
    known = _known_fields(claim)
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(claim.explanation)]
    except ValueError as error:
        raise ConfigError("explanation", f"not a template: {error}") from None
    for name in names:
        if name is not None and name not in known:
            raise ConfigError(
                "explanation",
                f"unknown field {name!r}{did_you_mean(name, known)}; known: {', '.join(known)}",
            )


def _known_fields(claim: Claim) -> list[str]:
    facts = [CLAIM_TESTS[rule.test].facts for rule in claim.rule]
    common = [fact for fact in facts[0] if all(fact in others for others in facts)]
    prefixed = [
        f"{rule.name}.{fact}"
        for rule, own in zip(claim.rule, facts, strict=True)
        for fact in (*NUMBERS, *TEXTS, *own)
        if rule.name
    ]
    return [*NUMBERS, *TEXTS, *common, *prefixed]


def _fields(
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
        "holds_on": _listed(outcomes, HOLDS),
        "fails_on": _listed(outcomes, FAILS, MIXED),
        "open_on": _listed(outcomes, OPEN),
    }
    nothing = {fact: nan for rule in rules for fact in CLAIM_TESTS[rule.test].facts}
    fields = nothing | numbers | texts | counts | dict(decides.facts)
    return {name: Number(v) if isinstance(v, float) else v for name, v in fields.items()}


def _listed(outcomes: Mapping[str, str], *kinds: str) -> str:
    return ", ".join(name for name, outcome in outcomes.items() if outcome in kinds) or "none"


def deciding(found: Sequence[Evidence], verdict: str) -> Evidence:
    """Return the place that a verdict hangs on.

    The weakest support (largest p) of what is supported, the largest effect against what is
    contradicted or mixed, and of what is inconclusive the open place with the largest p. Ties go
    to the place that stands first.
    """
    wanted = {"supported": (HOLDS,), "inconclusive": (OPEN,)}.get(verdict, (FAILS, MIXED))
    some = [each for each in found if each.outcome in wanted] or list(found)
    if wanted == (FAILS, MIXED):
        return max(some, key=lambda each: -1.0 if math.isnan(each.effect) else abs(each.effect))
    return max(some, key=lambda each: -1.0 if math.isnan(each.p) else each.p)


# --- Evaluation ---------------------------------------------------------------------------------


@dataclass
class Sweep:
    """The results of a sweep with its tables, each read once."""

    results: Results
    folder: Path
    read: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, comparison: Comparison, kind: str) -> pd.DataFrame:
        """Return a table that experiments/tables.py wrote. Raises NotRunError without it."""
        path = self.folder / f"{comparison.name}-{kind}.csv"
        if path.name not in self.read:
            if not path.exists():
                raise NotRunError(f"there is no table {path.name}")
            self.read[path.name] = _read_table(path)
        return self.read[path.name]


TABLE_TEXTS = ("dataset", "facet", "a", "b", "arm", "step", "edge_a", "edge_b", "verdict_kind")


def _read_table(path: Path) -> pd.DataFrame:
    """Read a table; the name of an arm stays text also where it looks like a number."""
    table = pd.read_csv(
        path,
        dtype=dict.fromkeys(TABLE_TEXTS, str),
        keep_default_na=False,
        na_values=[""],
    )
    texts = [name for name in TABLE_TEXTS if name in table]
    return table.fillna(dict.fromkeys(texts, ""))


@dataclass(frozen=True)
class Case:
    """One rule of one claim, and the results to judge it by."""

    sweep: Sweep
    claim: Claim
    rule: Rule

    @property
    def results(self) -> Results:
        """The results of the sweep."""
        return self.sweep.results

    @property
    def level(self) -> float:
        """The level of the tests."""
        return self.results.config.statistics.level

    @cached_property
    def comparison(self) -> Comparison:
        """The comparison that tests the claim. Raises NotRunError where there is none."""
        study, axis = self.claim.study, self.rule.axis or self.claim.axis
        if study not in self.results.config.studies:
            raise NotRunError(f"the study {study} is not part of this config")
        for comparison in self.results.comparisons:
            if comparison.study == study and axis in (comparison.axis, ""):
                return comparison
        raise NotRunError(f"the study {study} does not compare the values of {axis!r}")

    def arms(self, *names: str) -> None:
        """Raise NotRunError where the comparison lacks an arm."""
        for name in names:
            if name not in self.comparison.arms:
                raise NotRunError(f"the study {self.claim.study} has no arm {name!r}")

    def select(self, frame: pd.DataFrame, facet_axes: Sequence[str]) -> pd.DataFrame:
        """Return the rows on the claim's datasets and the rule's facets."""
        patterns = self.claim.datasets
        mine = [any(fnmatchcase(d, pattern) for pattern in patterns) for d in frame["dataset"]]
        frame = frame[mine]
        if frame.empty:
            raise NotRunError(f"no results of the study on {' or '.join(patterns)}")
        labels = _facet_labels(frame["facet"], facet_axes)
        for axis, wanted in self.rule.facets.items():
            for value in wanted:
                if value not in set(labels.get(axis, [])):
                    raise NotRunError(f"the study has nothing with {axis} {value}")
            keep = labels[axis].isin(wanted)
            frame, labels = frame[keep], labels[keep]
        return frame

    def cells(self, axes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the runs of the comparison, or those with joint values of `axes` as arms.

        The labels of the axes stand in columns axis_NAME.
        """
        comparison = self.comparison
        if axes:
            grid = self.results.config.studies[comparison.study].grid
            for axis in set(axes) - set(grid):
                raise NotRunError(f"the study {comparison.study} has no axis {axis!r}")
            rest = tuple(a for a in grid if a not in (*axes, comparison.tune))
            comparison = replace(comparison, facet_axes=rest)
        cells = self.results.cells(comparison)
        labels = self.results.runs.loc[cells.index].filter(regex="^axis_")
        cells = cells.join(labels[[name for name in labels if name not in cells]])
        if axes:
            cells["arm"] = [
                _joint(dict(zip(axes, row, strict=True)))
                for row in cells[[f"axis_{axis}" for axis in axes]].itertuples(index=False)
            ]
        return self.select(cells, comparison.facet_axes)

    def accuracies(self, axes: Sequence[str] = ()) -> pd.DataFrame:
        """Return the final test accuracies in per cent at each arm's chosen step."""
        cells = self.cells(axes)
        runs = self.results.at_chosen_step(cells)
        runs = runs[runs["status"] != "skipped"]
        return runs.assign(value=100 * runs["test_accuracy"])

    @cached_property
    def overlaps(self) -> Mapping[str, float]:
        """The n_test/n_train of each dataset, where splits are drawn per seed."""
        return self.results.overlap(self.results.cells(self.comparison)) or {}


def _joint(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{axis} {label}" for axis, label in labels.items())


def _facet_labels(facets: pd.Series, axes: Sequence[str]) -> pd.DataFrame:
    """Return the labels of each axis from texts like 'hidden tanh, epochs 40'."""
    pattern = ", ".join(f"{re.escape(axis)} (.*)" for axis in axes)
    rows = [re.fullmatch(pattern, facet).groups() for facet in facets]
    return pd.DataFrame(rows, columns=list(axes), index=facets.index)


def evaluate(
    results: Results, claims_path: Path = CLAIMS, tables_folder: Path | None = None
) -> pd.DataFrame:
    """Return a row per claim with its verdict, in the order of the file.

    Columns: id, claim, source, study, comparison (the stem of its tables, '' without one), test,
    effect, low, high, p (adjusted; all four of the place that decides, see :func:`deciding`),
    verdict, datasets (where it holds and where not) and explanation. `tables_folder` is by
    default the folder "tables" of the results. Raises ConfigError where the file is wrong.
    """
    sweep = Sweep(results, Path(tables_folder or results.folder / "tables"))
    rows = [_row(sweep, claim) for claim in load_claims(claims_path)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_claims(results: Results, tables_folder: Path, path: Path) -> None:
    """Write the verdicts as CSV, the same bytes each time."""
    table = evaluate(results, tables_folder=tables_folder)
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _row(sweep: Sweep, claim: Claim) -> dict[str, Any]:
    cases = [Case(sweep, claim, rule) for rule in claim.rule]
    row = {
        "id": claim.id,
        "claim": claim.statement,
        "source": claim.source,
        "study": claim.study,
        "comparison": "",
        "test": " + ".join(dict.fromkeys(rule.test for rule in claim.rule)),
        "datasets": "",
    }
    try:
        row["comparison"] = cases[0].comparison.name if claim.study else ""
        found = [find(case) for case in cases]
    except NotRunError as reason:
        return row | {"verdict": "not run", "explanation": f"Not run: {reason}."}
    if row["test"] == definition.__name__:
        return row | {"verdict": "not tested", "explanation": claim.explanation}
    return row | judged(claim, found)


def find(case: Case) -> list[Evidence]:
    """Return what a rule's test finds, the datasets in the order of the study."""
    found = CLAIM_TESTS[case.rule.test].function(case, case.rule)
    study = case.results.config.studies.get(case.claim.study)
    return sorted(found, key=lambda each: study.datasets.index(each.dataset)) if study else found


def judged(claim: Claim, found: Sequence[Sequence[Evidence]]) -> dict[str, Any]:
    """Return verdict, numbers and explanation from what each rule found."""
    parts = [_by_dataset(each, rule) for each, rule in zip(found, claim.rule, strict=True)]
    names = dict.fromkeys(name for part in parts for name in part)
    outcomes = {
        name: fold([part.get(name, ABSENT) for part in parts], "all", exceptions=False)
        for name in names
    }
    folded = [fold(part.values(), claim.agree, exceptions=False) for part in parts]
    if ABSENT in folded:
        return {"verdict": "not run", "explanation": "Not run: there are too few such runs."}
    verdict = _verdict(outcomes, claim.agree)
    together = _fields(claim.rule, [e for each in found for e in each], outcomes, verdict)
    prefixed = {
        rule.name: SimpleNamespace(**_fields([rule], each, part, _verdict(part, claim.agree)))
        for rule, each, part in zip(claim.rule, found, parts, strict=True)
        if rule.name
    }
    return {
        **{name: float(together[name]) for name in ("effect", "low", "high", "p")},
        "verdict": verdict,
        "datasets": _where(outcomes),
        "explanation": _explained(claim, prefixed | together),
    }


def _explained(claim: Claim, fields: Mapping[str, Any]) -> str:
    """Return the explanation with its numbers. Raises ConfigError where a format does not fit."""
    try:
        return claim.explanation.format_map(fields)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ConfigError(f"the explanation of claim {claim.id}", str(error)) from None


def _by_dataset(found: Sequence[Evidence], rule: Rule) -> dict[str, str]:
    """Return the outcome of each dataset; a rule may allow places that disagree."""
    groups: dict[str, list[str]] = {}
    for each in found:
        groups.setdefault(each.dataset, []).append(each.outcome)
    return {name: fold(group, rule.places, exceptions=True) for name, group in groups.items()}


def _verdict(outcomes: Mapping[str, str], agree: Agree) -> str:
    words = {HOLDS: "supported", FAILS: "contradicted", MIXED: "mixed"}
    return words.get(fold(outcomes.values(), agree, exceptions=False), "inconclusive")


def _where(outcomes: Mapping[str, str]) -> str:
    """Return for which datasets a claim holds; nothing where it is not about datasets."""
    words = {HOLDS: "holds on", FAILS: "fails on", MIXED: "in part on", OPEN: "open on"}
    words[ABSENT] = "no runs on"
    parts = [
        f"{word} {_listed(outcomes, kind)}"
        for kind, word in words.items()
        if kind in outcomes.values()
    ]
    return "; ".join(parts) if any(outcomes) else ""


# --- Tests of pairs of arms, from the tables of paired tests -------------------------------------

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


class EquivalentRule(Rule):
    """All pairs of `arms` (by default of all arms), at the given steps."""

    arms: list[Label] = Field(default_factory=list)
    steps: Steps = ("tuned",)


class BestRule(Rule):
    """`arm` is first, or last, among all arms or among `among`."""

    arm: Label
    place: Literal["first", "last"] = "first"
    among: list[Label] = Field(default_factory=list)
    size: Size = "any"
    steps: Steps = ("tuned",)


class TrendRule(Rule):
    """Accuracy rises or falls along `arms`; by default along all, in the order of their numbers."""

    direction: Literal["rises", "falls"]
    arms: list[Label] = Field(default_factory=list)
    steps: Steps = ("tuned",)


PAIR_FACTS = ("a", "b", "mean_a", "mean_b", "margin")


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


def _pair_rows(case: Case, a: str, b: str, steps: Sequence[str]) -> Iterator[dict[str, Any]]:
    for step in steps:
        yield from ({**row, "step": step} for row in _tested(case, a, b, step).to_dict("records"))


def _at(row: Mapping, *more: str) -> str:
    shared = "one step size for all" if row.get("step") == "shared" else ""
    return ", ".join(filter(None, [row["dataset"], row["facet"], *more, shared]))


def _pair_evidence(row: Mapping, outcome: str, p: str = "p_holm", *more: str) -> Evidence:
    return Evidence(
        row["dataset"],
        _at(row, *more),
        ABSENT if row["verdict_kind"] == ABSENT else outcome,
        *(float(row[name]) for name in ("difference", "low", "high", p)),
        {name: row[name] for name in PAIR_FACTS},
    )


def _direction(row: Mapping, size: str) -> str:
    """Judge "a is better than b".

    It fails where b is significantly better, and with size "relevant" also where the difference
    was shown to be smaller than the margin.
    """
    kind = row["verdict_kind"]
    if kind in SIGNIFICANT and row["difference"] < 0:
        return FAILS
    if size == "any":
        return HOLDS if kind in SIGNIFICANT else OPEN
    if kind in ("negligible", "equivalent", "identical"):
        return FAILS
    return HOLDS if kind == "better" else OPEN


def _equivalence(row: Mapping, level: float) -> str:
    """Judge "a and b are equivalent": fails only if the whole interval lies outside the margin."""
    if row["verdict_kind"] in ("identical", "negligible") or row["tost_p_holm"] <= level:
        return HOLDS
    outside = row["low"] >= row["margin"] or row["high"] <= -row["margin"]
    return FAILS if outside and row["p_holm"] <= level else OPEN


def _not_worse(row: Mapping) -> str:
    """Judge "a is not worse than b by more than the margin"."""
    if row["low"] > -row["margin"]:
        return HOLDS
    return FAILS if row["high"] <= -row["margin"] else OPEN


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
    return [_weakest(group) for group in groups.values()]


def _weakest(found: Sequence[Evidence]) -> Evidence:
    """Return of several that must all hold the one that decides, the smallest effect first."""
    order = {FAILS: 0, OPEN: 1, HOLDS: 2, ABSENT: 3}
    return min(found, key=lambda each: (order[each.outcome], each.effect))


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
            back[_place(row)] += row["verdict_kind"] == "better" and row["difference"] < 0
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


# --- Tests of quantities paired by seed -----------------------------------------------------------


class Sample(NamedTuple):
    """Differences paired by seed at one place; `sign` is the one that the claim expects.

    What is `fixed` is not drawn: it would be the same for any seeds, so that no test is due.
    """

    dataset: str
    place: str
    x: Array
    sign: int
    facts: Mapping[str, Any] = {}
    fixed: bool = False


FIXED = ("step_size",)
"""What is recorded though nothing about it is random."""


def _paired(case: Case, samples: Sequence[Sample]) -> list[Evidence]:
    """Judge samples by exact sign flips, Holm over a dataset, and t-intervals."""
    if not samples:
        return []
    finite = [np.isfinite(sample.x).all() and len(sample.x) > 0 for sample in samples]
    p = pd.Series(
        [
            statistics.sign_flip_p(sample.x)
            if good and sample.x.any() and not sample.fixed
            else nan
            for sample, good in zip(samples, finite, strict=True)
        ],
        dtype=float,
    )
    datasets = [sample.dataset for sample in samples]
    p = p.groupby(datasets, sort=False).transform(statistics.holm)
    return [
        _sampled(case, sample, each) if good else Evidence(sample.dataset, sample.place, OPEN)
        for sample, each, good in zip(samples, p, finite, strict=True)
    ]


def _seen(sample: Sample) -> Evidence:
    """Judge what is fixed by its sign alone: without a p value and without an interval."""
    signs = {int(sign) for sign in np.sign(sample.sign * sample.x)}
    outcome = {1: HOLDS, -1: FAILS}.get(signs.pop(), OPEN) if len(signs) == 1 else MIXED
    mean = float(np.mean(sample.x))
    return Evidence(sample.dataset, sample.place, outcome, mean, facts=dict(sample.facts))


def _sampled(case: Case, sample: Sample, p: float) -> Evidence:
    if sample.fixed:
        return _seen(sample)
    overlap = case.overlaps.get(sample.dataset) if sample.dataset else None
    mean, low, high = statistics.t_interval(sample.x, 1 - case.level, overlap)
    outcome = OPEN
    if p <= case.level and (low > 0 or high < 0):
        outcome = HOLDS if sample.sign * mean > 0 else FAILS
    return Evidence(
        sample.dataset, sample.place, outcome, mean, low, high, float(p), dict(sample.facts)
    )


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
    runs = case.results.at_chosen_step(case.cells())
    runs = runs[runs["arm"].isin([rule.arm, *(bound.arm for bound in references)])]
    names = _quantities(case, rule.quantity)
    curves = case.results.curves(runs[runs["status"] != "skipped"], names)
    samples = []
    for name in (name for name in names if curves[name].notna().any()):
        for bound, sign in ((rule.above, 1), (rule.below, -1)):
            if bound is not None:
                samples += _held_against(curves, name, rule, bound, sign)
    groups: dict[tuple, list[Evidence]] = {}
    for sample, each in zip(samples, _paired(case, samples), strict=True):
        groups.setdefault((each.place, sample.facts["quantity"]), []).append(each)
    return [_both_bounds(group) for group in groups.values()]


def _both_bounds(found: Sequence[Evidence]) -> Evidence:
    """Return the bound that decides: one that fails, else one that is open, else the first."""
    order = {FAILS: 0, MIXED: 1, OPEN: 2, HOLDS: 3}
    return min(found, key=lambda each: order[each.outcome])


def _quantities(case: Case, patterns: str | Sequence[str]) -> list[str]:
    """Return the columns of the curves that the patterns name. Raises NotRunError."""
    patterns = [patterns] if isinstance(patterns, str) else patterns
    names = pq.read_schema(case.results.folder / "curves.parquet").names
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
        place = _at({"dataset": dataset, "facet": facet}, "" if rule.quantity == name else name)
        gap = (group["value"] - group["limit"]).to_numpy()
        yield Sample(dataset, place, gap, sign, facts, fixed=name in FIXED)


def _value_at(curves: pd.DataFrame, name: str, arm: str, epoch: int | str) -> pd.Series:
    """Return a quantity of an arm at an epoch; a run that ended before keeps its last value."""
    mine = curves[curves["arm"] == arm].dropna(subset=name)
    if epoch != "last":
        if mine.empty or epoch > mine["epoch"].max():
            raise NotRunError(f"the runs have no {name} at epoch {epoch}")
        mine = mine[mine["epoch"] <= epoch]
    last = mine.groupby(["dataset", "facet", "seed"], sort=False).tail(1)
    scale = 100 if name.endswith("_accuracy") else 1
    return scale * last.set_index(["dataset", "facet", "seed"])[name]


class ContrastRule(Rule):
    """A weighted sum of the arms' accuracies lies above or below 0.

    `average` takes the mean over the facets first; else each facet is a place.
    """

    weights: dict[Label, float]
    sign: Literal["positive", "negative"]
    average: bool = False


@claim_test()
def contrast(case: Case, rule: ContrastRule) -> list[Evidence]:
    """Test the sign of a weighted sum of the arms' accuracies, paired by seed."""
    case.arms(*rule.weights)
    runs = case.accuracies()
    runs = runs[runs["arm"].isin(rule.weights)]
    facet = "" if rule.average else runs["facet"]
    wide = runs.assign(facet=facet).pivot_table(
        index=["dataset", "facet", "seed"], columns="arm", values="value", sort=False
    )
    weights = pd.Series(rule.weights)
    total = (wide.reindex(columns=weights.index) * weights).sum(axis=1, skipna=False)
    sign = 1 if rule.sign == "positive" else -1
    samples = [
        Sample(dataset, _at({"dataset": dataset, "facet": facet}), x.to_numpy(), sign)
        for (dataset, facet), x in total.groupby(level=["dataset", "facet"], sort=False)
    ]
    return _paired(case, samples)


class MattersLessRule(Rule):
    """The range of accuracies over the axis is smaller than that over the axis `than`."""

    than: str


@claim_test("spread", "other_spread")
def matters_less(case: Case, rule: MattersLessRule) -> list[Evidence]:
    """Test that accuracy varies less over one axis than over another.

    The range over an axis is the lead of its best value over its worst, by the means over the
    other axis. Which they are is taken from all seeds together, the lead from each: the range of
    every single seed would be wider for an axis with more values by chance alone.
    """
    axes = [rule.axis or case.claim.axis, rule.than]
    runs = case.accuracies(axes)
    samples = []
    for (dataset, facet), group in runs.groupby(["dataset", "facet"], sort=False):
        own, other = (_ranges(group, f"axis_{axis}") for axis in axes)
        facts = {"spread": own.mean(), "other_spread": other.mean()}
        place = _at({"dataset": dataset, "facet": facet})
        samples.append(Sample(dataset, place, (own - other).to_numpy(), -1, facts))
    return _paired(case, samples)


def _ranges(runs: pd.DataFrame, axis: str) -> pd.Series:
    """Return for each seed the lead of the best value of an axis over its worst."""
    means = runs.groupby(["seed", axis], sort=False)["value"].mean().unstack(axis)
    order = means.mean()
    return (means[order.idxmax()] - means[order.idxmin()]).round(statistics.DECIMALS)


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
    mine = _joint(rule.cell)
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
    ran = [row for row in rows if row["verdict_kind"] != ABSENT]
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
    return replace(each, place=_at({**top, "step": ""}), facts=facts)


# --- Tests that need no study ---------------------------------------------------------------------


class EquationsRule(Rule):
    """The equations from number `first` to number `last`, by default all."""

    first: Label = ""
    last: Label = ""


@claim_test("total", "as_printed", "slips", "corrected", "error", "beside", needs_study=False)
def equations(case: Case, rule: EquationsRule) -> list[Evidence]:
    """Test the equations: mixed if some hold as printed and the others once corrected.

    An equation that does not even hold as corrected contradicts the claim. The numbers are those
    of the numbered equations; what of the table has no number is said beside them.
    """
    table = _equations(case.results.folder / "equations.csv")
    table = _between(table, rule.first, rule.last).dropna(subset="holds_as_printed")
    printed = table["holds_as_printed"].astype(bool)
    corrected = table["holds_as_corrected"].astype(bool)
    outcome = MIXED if printed.any() and not printed.all() else HOLDS if printed.all() else FAILS
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


def _equations(path: Path) -> pd.DataFrame:
    """Return the table of equations: the sweep's own, or computed where it has none."""
    if not path.exists():
        return equation_check.equations_table()
    booleans = dict.fromkeys(("holds_as_printed", "holds_as_corrected"), "boolean")
    return pd.read_csv(path, dtype={"number": str, **booleans})


def _probe(case: Case, name: str, compute: Callable[[], list[dict]]) -> pd.DataFrame:
    """Return what an experiment of `experiments.paths` gave: as written, or computed now."""
    path = case.results.folder / "probes" / f"{name}.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame(compute())


def _between(table: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    numbers = list(table["number"])
    for number in filter(None, (first, last)):
        if number not in numbers:
            raise NotRunError(f"there is no equation ({number})")
    start = numbers.index(first) if first else 0
    return table[start : numbers.index(last) + 1 if last else None]


class PathRule(Rule):
    """Deviations up to `tolerance` count as equal, final ones above `apart` as different."""

    tolerance: float = Field(1e-9, gt=0)
    apart: float = Field(1e-3, gt=0)


STATE = ["output_deviation", "cost_deviation", "hidden_gradient_deviation"]


@claim_test("start", "together", "nearest", "epochs", "seeds", needs_study=False)
def path(case: Case, rule: PathRule) -> list[Evidence]:
    """Test that one sigmoid unit is a softmax of two, at a point and along a whole path.

    At epoch 0 cost, output and gradient below the output must agree; then the path must agree
    where the output layer has twice the step and half the penalty. Where the other paths do not
    part, the check cannot tell paths apart and decides nothing.
    """
    table = _probe(case, "path", paths.sigmoid_softmax_path)
    final = table["epoch"] == table["epoch"].max()
    equal = (table["output_step"] == 2) & (table["output_penalty"] == 0.5)
    start = float(table.loc[table["epoch"] == 0, STATE].max(axis=None))
    deviations = [*STATE, "logit_deviation", "hidden_deviation"]
    together = float(table.loc[equal, deviations].max(axis=None))
    nearest = float(table.loc[final & ~equal, "hidden_deviation"].min())
    agree = {start <= rule.tolerance, together <= rule.tolerance}
    outcome = MIXED if len(agree) > 1 else HOLDS if True in agree else FAILS
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
    table = _probe(case, "heaviside", paths.heaviside_gradients)
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
    curves = _probe(case, "start-curves", lambda: paths.saturated_start().curves)
    runs = _probe(case, "start", lambda: paths.saturated_start().runs)
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
    return _paired(case, samples)


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


@claim_test(needs_study=False)
def definition(case: Case, rule: Rule) -> list[Evidence]:
    """Test nothing: the claim is a definition here."""
    return []
