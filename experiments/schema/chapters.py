"""The chapters of the report's main page: the questions that it answers, in their order."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from experiments.base import ConfigError, Mistakes
from experiments.schema.messages import among
from experiments.schema.settings import Strict

if TYPE_CHECKING:
    from experiments.schema.study import Study

Part = Literal["note", "steps", "equations", "path", "heaviside", "start"]
"""What a chapter may show beside comparisons: the note's readings, a table of the tuned values to
try first, the equations, or one of the probes."""


class Chapter(Strict):
    """A question of the report, and what answers it."""

    question: str = Field(min_length=1, max_length=300, description="the question, its heading")
    comparisons: list[str] = Field(
        default_factory=list,
        description="what answers it: studies, or STUDY-AXIS for one compared axis of a study",
    )
    parts: list[Part] = Field(
        default_factory=list,
        description="what else answers it: note (what the note leaves open), steps (which tuned "
        "value to try first), equations, or a probe: path, heaviside, start",
    )


def check_chapters(chapters: Sequence[Chapter], studies: Mapping[str, "Study"]) -> None:
    """Refuse a chapter without content, and one about a comparison there is not.

    Raises ConfigError.
    """
    mistakes = Mistakes()
    known = [
        name
        for study, each in studies.items()
        if each.compared
        for name in (study, *(f"{study}-{axis}" for axis in each.compared))
    ]
    for i, chapter in enumerate(chapters):
        where = f"chapters[{i}]"
        for j, name in enumerate(chapter.comparisons):
            with mistakes.gathered():
                among(f"{where}.comparisons[{j}]", name, known, "a study or STUDY-AXIS")
        if not chapter.comparisons and not chapter.parts:
            with mistakes.gathered():
                raise ConfigError(
                    where,
                    "nothing answers the question: expected comparisons, such as "
                    f"[{next(iter(known), 'STUDY')}], or parts, such as [equations]",
                )
    mistakes.raise_all()
