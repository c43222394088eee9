"""What a picture is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from reports.figures.data import Frames


@dataclass(frozen=True)
class Picture:
    """A figure that belongs to no comparison."""

    name: str
    measure: Callable[[Frames | None], Any]
    """Returns what is drawn, given what is read of a sweep; None if there is no sweep."""
    draw: Callable[[Any], Figure]
    """Returns the figure of what was measured."""
    alt: Callable[[Any], str]
    """Returns the same in words."""
    title: str = ""
    """The heading of its chapter; none if another chapter shows it."""
    caption: str | Callable[[Any], str] = ""
    """What is written below it, or a function that returns this for what was measured."""
    of_results: bool = False
    """Whether it needs a sweep."""
    probe: str = ""
    """The probe whose file is all that it needs of a sweep."""
