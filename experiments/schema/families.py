"""Families of planned pairs: what a config says beforehand that it wants to know."""

from typing import TYPE_CHECKING

from pydantic import Field

from experiments.base import ConfigError, Mistakes
from experiments.schema.labels import axis_label
from experiments.schema.messages import among
from experiments.schema.settings import Label, Labels, Strict

if TYPE_CHECKING:
    from experiments.schema.study import Study

HEADLINE = "headline"
"""The family that the key of this name holds."""


class Planned(Strict):
    """A pair of arms of a study that is planned to be compared, everywhere or at some values."""

    study: str = Field(description="the study")
    a: Label = Field(description="the first arm, by its label")
    b: Label = Field(description="the second arm")
    at: dict[str, Labels] = Field(
        default_factory=dict, description="values of the study's other axes; by default all"
    )

    def axis(self, study: "Study") -> str | None:
        """Return the compared axis that has both arms, None if there is none."""
        for axis in study.compared:
            labels = [axis_label(value) for value in study.grid.get(axis, [])]
            if {self.a, self.b} <= {*labels}:
                return axis
        return None


def check_families(
    headline: list[Planned], families: dict[str, list[Planned]], studies: dict[str, "Study"]
) -> None:
    """Refuse families without pairs, and pairs that no study compares. Raises ConfigError."""
    mistakes = Mistakes()
    if HEADLINE in families:
        raise ConfigError(
            f"families.{HEADLINE}", f"the key {HEADLINE!r} holds this family: give another name"
        )
    named = {HEADLINE: headline} | {f"families.{name}": pairs for name, pairs in families.items()}
    before: dict[str, Planned] = {}
    for where, pairs in named.items():
        if where != HEADLINE and not pairs:
            with mistakes.gathered():
                raise ConfigError(
                    where,
                    "the family has no pairs; expected at least one, such as "
                    "{study: init, a: large, b: default}",
                )
        for i, pair in enumerate(pairs):
            with mistakes.gathered():
                _check_pair(f"{where}[{i}]", pair, studies)
                _refuse_planned_twice(f"{where}[{i}]", pair, before)
            before[f"{where}[{i}]"] = pair
    mistakes.raise_all()


def _check_pair(where: str, pair: Planned, studies: dict[str, "Study"]) -> None:
    among(f"{where}.study", pair.study, list(studies), "a study")
    study = studies[pair.study]
    if not study.compared:
        raise ConfigError(f"{where}.study", f"the study {pair.study!r} compares nothing")
    arms = [axis_label(value) for axis in study.compared for value in study.grid.get(axis, [])]
    for side in ("a", "b"):
        among(f"{where}.{side}", getattr(pair, side), arms, "an arm of the study")
    axis = pair.axis(study)
    if pair.a == pair.b or axis is None:
        raise ConfigError(where, "expected two different arms of one axis that the study compares")
    declared = [{*each} for each in study.pairs or []]
    if declared and {pair.a, pair.b} not in declared:
        raise ConfigError(
            where,
            f"{pair.a!r} and {pair.b!r} are not among the pairs that the study declares: add them "
            f"to studies.{pair.study}.pairs",
        )
    others = [each for each in study.grid if each not in (axis, study.tune)]
    for name, values in pair.at.items():
        among(f"{where}.at", name, others, "another axis of the study")
        labels = [axis_label(value) for value in study.grid[name]]
        for value in values:
            among(f"{where}.at.{name}", value, labels, "a value of the axis")


def _refuse_planned_twice(where: str, pair: Planned, before: dict[str, Planned]) -> None:
    """Refuse a pair that shares a test with an earlier one: it would have two intervals."""
    for place, other in before.items():
        if _overlap(pair, other):
            raise ConfigError(
                where,
                f"{pair.a!r} and {pair.b!r} of {pair.study!r} are compared at these values by "
                f"{place} already, and a test has one interval: take one of the two out, or give "
                "them different values with 'at'",
            )


def _overlap(pair: Planned, other: Planned) -> bool:
    """Tell whether two planned pairs, whichever arm is first, have a test in common."""
    same = pair.study == other.study and {pair.a, pair.b} == {other.a, other.b}
    both = pair.at.keys() & other.at.keys()
    return same and all({*pair.at[axis]} & {*other.at[axis]} for axis in both)
