"""The kinds of a verdict. It needs no library: the display of a running sweep counts them too."""

from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """The kinds of a verdict and what each of them means; they exclude one another.

    `differs`: a difference was shown. `alike`: the difference was shown to be inside the margin.
    `noun`: the name on the page. `mark`: the marker in figures, as matplotlib names it, ''
    for none. `rare`: tables leave out the column of this kind if no verdict is of it.

    >>> Kind("better").differs, Kind.BETTER.noun, f"{Kind.BETTER}"
    (True, 'a difference', 'better')
    """

    differs: bool
    alike: bool
    noun: str
    mark: str
    rare: bool

    RELEVANT = "relevant", True, False, "a difference beyond the margin", "D", True
    BETTER = "better", True, False, "a difference", "D", False
    NEGLIGIBLE = "negligible", True, True, "a difference inside the margin", "d", True
    EQUIVALENT = "equivalent", False, True, "equivalence", "s", False
    INCONCLUSIVE = "inconclusive", False, False, "no decision", "o", False
    IDENTICAL = "identical", False, True, "the same accuracy in every seed", "s", True
    ABSENT = "absent", False, False, "an absent arm", "", True

    def __new__(cls, value: str, *facts: Any) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.differs, kind.alike, kind.noun, kind.mark, kind.rare = facts
        return kind

    @property
    def leads(self) -> bool:
        """Whether one arm is better by what may count: a difference not shown to be small."""
        return self.differs and not self.alike
