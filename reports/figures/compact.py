"""Figures at the size of print: 85 or 175 mm wide, with the finding as title and names at lines.

Kinds are imported when a sweep is planned, so matplotlib is imported here only while something
is drawn.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from string import ascii_lowercase
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.schema import Comparison, Config, axis_label
from reports.figures.panels import LETTER, TITLE, WIDTH, fitting, ticks_at
from reports.figures.sheets import Block, facets, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HALF, FULL = 85 / 25.4, WIDTH  # inches
TEXT, SMALL = 8, 7  # points
MOST_LEFT = 1.9  # inches, for the names of rows
LINE = 0.16  # inches, the height of a line of text
REFERENCE, QUIET = "#4d4d4d", "#6b7280"


class Layout(NamedTuple):
    """Inches: the width of a figure, the height of a panel, and the room around panels."""

    width: float = FULL
    height: float = 1.3
    left: float = 0.5
    right: float = 0.1
    gaps: tuple[float, float] = (0.5, 0.3)
    """Between rows and between columns."""


_ASKED: ContextVar[float] = ContextVar("width", default=0.0)


@contextmanager
def at_width(inches: float) -> Iterator[None]:
    """Draw at a width, instead of each figure's own; if it is half a page in a single column."""
    token = _ASKED.set(inches)
    yield
    _ASKED.reset(token)


def page_width() -> float:
    """Return the width in inches at which a figure of the whole page is drawn now."""
    return _ASKED.get() or FULL


class End(NamedTuple):
    """The end of a line: its height in data, its name and its colour."""

    y: float
    text: str
    colour: str


def lay_out(
    figure: Figure, names: Sequence[str], columns: int, layout: Layout, title: str, unit: str
) -> list[Axes]:
    """Return a panel for each name in rows of `columns`, below a title and the unit of the values.

    A single panel may have an empty name; several get a letter before their names.
    """
    if _ASKED.get():
        layout = layout._replace(width=_ASKED.get())
        columns = 1 if layout.width <= HALF else columns
    rows, (between, beside) = -(-len(names) // columns), layout.gaps
    letters = int(layout.width / LETTER)
    lines = _wrapped(readable(title), int(letters * 0.96)), _wrapped(unit, int(letters * 1.08))
    top = 0.06 + LINE * 1.1 * len(lines[0]) + LINE * len(lines[1])
    named, bottom = (0.26 if any(names) else 0.08), 0.4
    total = top + named + rows * layout.height + (rows - 1) * between + bottom
    width = (layout.width - layout.left - layout.right - (columns - 1) * beside) / columns
    figure.set_size_inches(layout.width, total)
    x, below = 0.04 / layout.width, 1 - (0.04 + LINE * 1.1 * len(lines[0])) / total
    figure.text(x, 1 - 0.04 / total, "\n".join(lines[0]), va="top", fontsize=9, color=TITLE)
    figure.text(x, below, "\n".join(lines[1]), va="top", fontsize=TEXT, color=QUIET)
    panels = []
    for at in range(len(names)):
        row, column = divmod(at, columns)
        left = layout.left + column * (width + beside)
        low = total - top - named - (row + 1) * layout.height - row * between
        size = width / layout.width, layout.height / total
        panels.append(figure.add_axes((left / layout.width, low / total, *size)))
        panels[-1].tick_params(labelsize=SMALL)
    _name_panels(panels, [fitting(readable(n), width + beside - 0.2, LETTER) for n in names])
    return panels


def _name_panels(panels: Sequence[Axes], names: Sequence[str]) -> None:
    """Write a letter and a name above each panel; the name alone if there is one panel."""
    for letter, panel, name in zip(ascii_lowercase, panels, names, strict=False):
        at = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": TEXT}
        several = len(panels) > 1
        if several:
            panel.annotate(letter, (0, 1), (0, 4), weight="bold", color=TITLE, **at)
        if name:
            panel.annotate(name, (0, 1), (10 * several, 4), color=TITLE, **at)


def _wrapped(text: str, letters: int) -> list[str]:
    """Return the lines of a text, without a line that begins with a per cent sign.

    >>> [line.replace("\\xa0", "_") for line in _wrapped("It is 5 % of them", 7)]
    ['It is', '5_% of', 'them']
    """
    return textwrap.wrap(text.replace(" %", "\N{NO-BREAK SPACE}%"), letters)


def name_below(panels: Sequence[Axes], columns: int, text: str) -> None:
    """Name the x axis below the lowest panel of each column."""
    for panel in panels[-columns:]:
        panel.set_xlabel(text, fontsize=TEXT)


def room_for(names: Sequence[str]) -> float:
    """Return the inches at the left of panels that the names of their rows need."""
    return min(MOST_LEFT, 0.16 + LETTER * max(map(len, names)))


def name_rows(panel: Axes, names: Sequence[str], shown: bool = True) -> None:
    """Lay out the rows 0, 1, ... of a panel from above, with their names if these are shown."""
    ticks_at(panel.yaxis, range(len(names)))
    labels = [fitting(readable(name), MOST_LEFT - 0.1, LETTER) for name in names]
    panel.set_yticklabels(labels if shown else [], fontsize=TEXT, color=TITLE)
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(names) - 0.4, -0.6)


def name_ends(panel: Axes, ends: Sequence[End], lines: int = 1) -> None:
    """Name the lines of a panel at its right edge, in order and apart from each other.

    The limits of the panel must be set. A name that had to move is led to its line.
    """
    height = panel.get_window_extent().height * 72 / panel.get_figure(root=True).dpi  # points
    to_axes = panel.transData + panel.transAxes.inverted()
    high = [height * to_axes.transform((panel.get_xlim()[1], end.y))[1] for end in ends]
    places = spread(np.clip(high, 0, height), (TEXT + 1.5) * lines)
    for end, own, place in zip(ends, np.clip(high, 0, height), places, strict=True):
        colour, moved = darker(end.colour), abs(place - own) > 1.5
        panel.annotate(
            readable(end.text), (1, own / height), (8 if moved else 4, place - own),
            xycoords="axes fraction", textcoords="offset points", va="center", fontsize=TEXT,
            color=colour, linespacing=1.05, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": colour, "shrinkA": 1, "shrinkB": 1}
            if moved
            else None,
        )  # fmt: skip


def spread(places: Sequence[float], least: float) -> np.ndarray:
    """Return places in the same order, at least so far apart and as near as that allows.

    >>> spread([5.0, 0.0, 1.0], 2.0).tolist()
    [5.0, -0.5, 1.5]
    """
    from scipy.optimize import isotonic_regression

    places = np.asarray(places, dtype=float)
    order = np.argsort(places, kind="stable")
    steps = least * np.arange(len(places))
    found = np.empty(len(places))
    found[order] = isotonic_regression(places[order] - steps).x + steps
    return found


def darker(colour: str) -> str:
    """Return a colour that can be read as text on white.

    >>> darker("#ffffff"), darker("#0072b2")
    ('#a6a6a6', '#004a74')
    """
    from matplotlib.colors import to_hex, to_rgb

    return to_hex([0.65 * part for part in to_rgb(colour)])


def components(config: Config, comparison: Comparison) -> dict[str, str]:
    """Return the component that each arm names on the compared axis, by the arm's label."""
    values = config.studies[comparison.study].grid[comparison.axis]
    named = {
        axis_label(value): value.get(comparison.axis) if isinstance(value, Mapping) else value
        for value in values
    }
    return {label: name for label, name in named.items() if isinstance(name, str)}


def whole(config: Config, comparison: Comparison) -> list[Block]:
    """Return one block with all datasets and facets: the figure itself decides what it shows."""
    return [(tuple(config.studies[comparison.study].datasets), tuple(facets(config, comparison)))]
