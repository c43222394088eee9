"""Claims as they are declared: the rules that claims.yaml may hold, and the reader that checks it.

A test enters itself by the decorator :func:`claim_test`; what a claim may ask for follows from the
tests that have entered.
"""

import string
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, field_validator, model_validator

from experiments.base import ConfigError
from experiments.claims.evidence import Agree, Evidence
from experiments.schema import Labels, Strict, parse, validated
from mlp import did_you_mean

CLAIMS = Path(__file__).parent / "claims.yaml"

NUMBERS = ("effect", "low", "high", "p", "least", "most", "places", "held", "failed", "undecided")
TEXTS = ("place", "holds_on", "fails_on", "open_on")
"""What every explanation may name, beside the facts of its tests."""

Kind = Literal["by experiment", "by calculation", "equation", "definition"]
"""What a verdict rests on: runs, arithmetic, the check of equations, or nothing."""


class Rule(Strict):
    """What every named test takes; `name` gives its numbers a prefix in the explanation."""

    test: str
    name: str = Field("", pattern=r"^[a-z]*$")
    axis: str = ""
    facets: dict[str, Labels] = Field(default_factory=dict)
    places: Agree = "all"


class ClaimTest(NamedTuple):
    """A named test: its function, its parameters, and the facts it finds.

    It may need a study; and it decides something, unless it stands for what is not tested.
    """

    function: Callable[..., list[Evidence]]
    parameters: type[Rule]
    facts: tuple[str, ...]
    needs_study: bool
    decides: bool


CLAIM_TESTS: dict[str, ClaimTest] = {}
"""The named tests that a rule in claims.yaml may use."""


def claim_test(
    *facts: str, needs_study: bool = True, decides: bool = True
) -> Callable[[Callable], Callable]:
    """Return a decorator that enters a function (case, rule) under its own name.

    The annotation of `rule` is the model of the parameters that the yaml may give.
    """

    def enter(function: Callable) -> Callable:
        model = signature(function).parameters["rule"].annotation
        CLAIM_TESTS[function.__name__] = ClaimTest(function, model, facts, needs_study, decides)
        return function

    return enter


class Claim(Strict):
    """A statement, where it is from, and how it is put to the test.

    `config` names a config of the project that has its study.
    """

    id: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    kind: Kind = "by experiment"
    source: str = Field(min_length=1)
    study: str = ""
    config: str = ""
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


def load_claims(path: Path = CLAIMS) -> list[Claim]:
    """Read and check a file of claims. Raises ConfigError, which names the file and the place."""
    try:
        content = parse(Path(path).read_text(encoding="utf-8"))
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
        claim = validated(Claim, content, "")
        _check_explanation(claim)
    except ConfigError as error:
        raise ConfigError(f"{where}.{error.where}".rstrip("."), error.problem) from None
    return claim


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
    return validated(CLAIM_TESTS[name].parameters, content, where)


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
