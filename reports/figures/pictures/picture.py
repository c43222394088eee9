"""What a picture is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure that belongs to no comparison."""

    name: str
    measure: Callable[[Path | None], Any]
    """Returns what is drawn, given the folder of results; None if there is none."""
    draw: Callable[[Any], Figure]
    """Returns the figure of what was measured."""
    alt: Callable[[Any], str]
    """Returns the same in words."""
    title: str = ""
    """The heading of its chapter; none if another chapter shows it."""
    caption: str = ""
    of_results: bool = False
    """Whether it needs the folder of results."""
