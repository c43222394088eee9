"""The chapters of the report's main page: the questions that it answers, in their order."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from experiments.base import ConfigError, Mistakes
from experiments.schema.labels import one_line
from experiments.schema.messages import among
from experiments.schema.settings import Strict

if TYPE_CHECKING:
    from experiments.schema.study import Study

Part = Literal["note", "steps", "equations", "path", "heaviside", "start"]
"""What a chapter may show beside comparisons: the note's readings, a table of the tuned values to
try first, the equations, or one of the probes."""


class Chapter(Strict):
    """A question of the report, and what answers it."""

    question: Annotated[str, AfterValidator(one_line)] = Field(
        min_length=1, max_length=300, description="the question, its heading, on one line"
    )
    comparisons: list[str] = Field(
        default_factory=list,
        description="what answers it: studies, or STUDY-AXIS for one compared axis of a study",
    )
    parts: list[Part] = Field(
        default_factory=list,
        description="what else answers it: note (what the note leaves open), steps (which tuned "
        "value to try first), equations, or a probe: path, heaviside, start",
    )


COMPARE = "expected the key 'compare' in it, such as compare: hidden"


def meant(studies: Mapping[str, "Study"]) -> dict[str, list[str]]:
    """Return the comparisons that a chapter may name, and what each name means.

    A study stands for all its compared axes. Raises ConfigError if a name means two things.
    """
    known: dict[str, list[str]] = {}
    for study, each in studies.items():
        if axes := [f"{study}-{axis}" for axis in each.compared]:
            if taken := [axis for axis in axes if axis in studies]:
                raise ConfigError(
                    f"studies.{taken[0]}",
                    f"{taken[0]!r} is also what an axis of the study {study!r} is called: rename "
                    "this study",
                )
            known |= {study: axes, **{axis: [axis] for axis in axes}}
    return known


def _refuse_shown_twice(where: str, contents: Sequence[str], shown: dict[str, str]) -> None:
    for content in contents:
        first = shown.setdefault(content, where)
        if first != where:
            raise ConfigError(
                where, f"{content!r} is in {first} already: expected each once on the page"
            )


def check_chapters(chapters: Sequence[Chapter], studies: Mapping[str, "Study"]) -> None:
    """Refuse a chapter without content, about no comparison, or about what another one shows.

    Raises ConfigError.
    """
    mistakes = Mistakes()
    known = meant(studies)
    shown: dict[str, str] = {}
    for i, chapter in enumerate(chapters):
        where = f"chapters[{i}]"
        for j, name in enumerate(chapter.comparisons):
            place = f"{where}.comparisons[{j}]"
            with mistakes.gathered():
                if name in studies and name not in known:
                    raise ConfigError(place, f"the study {name!r} compares nothing: {COMPARE}")
                among(place, name, list(known), "a study or STUDY-AXIS")
                _refuse_shown_twice(place, known[name], shown)
        for j, part in enumerate(chapter.parts):
            with mistakes.gathered():
                _refuse_shown_twice(f"{where}.parts[{j}]", [part], shown)
        if not chapter.comparisons and not chapter.parts:
            with mistakes.gathered():
                raise ConfigError(
                    where,
                    "nothing answers the question: expected comparisons, such as "
                    f"[{next(iter(known), 'STUDY')}], or parts, such as [equations]",
                )
    mistakes.raise_all()
