"""What the kinds of figures share: how panels are laid out, scaled and named.

A panel is matplotlib's `Axes`. Kinds are imported when a sweep is planned, so matplotlib is
imported here only while something is drawn.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reports.figures.sheets import Sheet, place_name, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

    from reports.figures.drawing import Drawing

WIDTH = 175 / 25.4  # inches, of every figure: two columns of a journal
LETTER = 0.067  # inches, the mean width of a letter at 8 points
TITLE = "#111820"


class Place(NamedTuple):
    """The row and column of a panel, and the dataset and facet that it shows."""

    row: int
    column: int
    dataset: str
    facet: str

    @property
    def name(self) -> str:
        """Its name in a sentence."""
        return place_name(self.dataset, self.facet)


def places_of(sheet: Sheet) -> list[Place]:
    """Return the place of each dataset and facet: wide rather than high.

    One facet: datasets side by side, in rows of about three. Otherwise a row for each dataset,
    unless there are at most two facets and more datasets.
    """
    datasets, some = sheet.datasets, sheet.facets
    if len(some) == 1:
        columns = len(datasets) if len(datasets) <= 4 else 3
        return [Place(i // columns, i % columns, d, some[0]) for i, d in enumerate(datasets)]
    across = len(some) <= 2 < len(datasets)
    places = [(i, j, d, f) for i, d in enumerate(datasets) for j, f in enumerate(some)]
    return [Place(j, i, d, f) if across else Place(i, j, d, f) for i, j, d, f in places]


def laid_out(drawing: Drawing) -> tuple[list[Place], np.ndarray, bool]:
    """Lay out a panel for each dataset and facet; tell whether a row has one scale."""
    sheet = drawing.sheet
    places = places_of(sheet)
    rows, columns = (1 + max(place[i] for place in places) for i in (0, 1))
    shared = len({place.dataset for place in places if place.row == 0}) == 1
    many = len(sheet.facets) > 1
    panels = drawing.panels(
        rows,
        columns,
        {1: 2.6, 2: 2.2, 3: 1.75}.get(columns, 1.35),
        left=0.78 if many else 0.55,
        gaps=(0.26 if many else 0.5, 0.14 if shared else 0.36),
    )
    _name_panels(drawing, panels, places)
    return places, panels, shared


def _name_panels(drawing: Drawing, panels: np.ndarray, places: Sequence[Place]) -> None:
    """Name rows and columns of panels, or each panel if they follow one another."""
    sheet = drawing.sheet
    for place in places:
        panel = panels[place.row, place.column]
        if len(sheet.facets) == 1:
            set_title(panel, place.name)
            continue
        by_row = len({p.dataset for p in places if p.row == place.row}) > 1  # side by side
        if place.row == 0:
            set_title(panel, place.dataset if by_row else short(place.facet))
        if place.column == 0:
            text = short(place.facet) if by_row else place.dataset
            height = panel.get_position().height * drawing.figure.get_figheight()
            text = textwrap.fill(text, max(10, int(height / 0.075)))
            panel.set_ylabel(text, fontsize=8, color=TITLE)


def set_title(panel: Axes, text: str) -> None:
    """Name a panel, with the middle of the name left out if it is wider than the panel."""
    panel.set_title(fitting(text, panel.get_position().width * WIDTH))


def fitting(text: str, inches: float, letter: float = 0.068) -> str:
    """Return a text that is not wider than that, with its middle left out if need be.

    >>> fitting("a name of some length", 0.8)
    'a nam…ength'
    """
    most = max(5, int(inches / letter))
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[: most - 1 - half]}…{text[-half:]}"


def wrapped(text: str, inches: float) -> list[str]:
    """Return the lines of a text of 8 points that are not wider than that."""
    return textwrap.wrap(text, int(inches / LETTER))


def name_axes(drawing: Drawing, panels: np.ndarray, x: str, y: str) -> None:
    """Name the axes once, below and at the left; panels that are not used vanish."""
    for panel in panels.ravel():
        if not panel.has_data() and not panel.texts:
            panel.remove()
    height = drawing.figure.get_figheight()
    drawing.figure.text(0.5, 0.06 / height, x, ha="center", va="bottom", fontsize=8)
    drawing.figure.text(0.05 / WIDTH, 0.5, y, ha="left", va="center", rotation=90, fontsize=8)


def title(drawing: Drawing, finding: str, subtitle: str) -> None:
    """Write what a figure shows at its top in bold, and what is drawn below: 0.36 inches high.

    On half a page each has as many lines as it needs, of 0.16 inches.
    """
    width, height = drawing.figure.get_size_inches()
    down = 0.03
    for text, weight in ((finding, "bold"), (subtitle, "normal")):
        room = width * (0.9 if weight == "bold" else 1)
        for line in wrapped(text, room) if width < WIDTH else [text]:
            drawing.figure.text(
                0.04 / width, 1 - down / height, line, va="top", fontweight=weight, color=TITLE
            )
            down += 0.15


def same_limits(panels: np.ndarray, places: Iterable[Place], shared: bool) -> None:
    """Give the panels of each dataset one scale, named at the left if they share a row."""
    by_dataset: dict[str, list[Axes]] = {}
    for row, column, dataset, _ in places:
        if panels[row, column].lines:
            by_dataset.setdefault(dataset, []).append(panels[row, column])
            if shared and column:
                panels[row, column].tick_params(labelleft=False)
    for mine in by_dataset.values():
        limits = np.array([panel.get_ylim() for panel in mine])
        for panel in mine:
            panel.set_ylim(limits[:, 0].min(), limits[:, 1].max())


def empty(panel: Axes, why: str = "no runs") -> None:
    """Say in a panel why it is empty."""
    panel.grid(False)
    panel.set(xticks=[], yticks=[])
    panel.text(0.5, 0.5, why, transform=panel.transAxes, ha="center", va="center")


def band(panel: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """Shade between two lines, where both are finite."""
    known = np.isfinite(low) & np.isfinite(high)
    if known.sum() > 1:
        from matplotlib.patches import Polygon

        # as `panel.fill` does, which searches each side for a curve's extrema: half of the time
        x, y = np.r_[x[known], x[known][::-1]], np.r_[low[known], high[known][::-1]]
        outline = np.stack([x, y], axis=1)
        panel.add_artist(Polygon(outline, color=colour, alpha=0.17, lw=0, zorder=1.8))
        panel.update_datalim(outline)


def few_ticks(axis: Axis, most: int = 4, whole: bool = False) -> None:
    """Mark at most about `most` round numbers, only whole ones if asked."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(most, integer=whole))


def ticks_at(axis: Axis, values: Iterable[float]) -> None:
    """Mark exactly these values, and nothing between them."""
    from matplotlib.ticker import FixedLocator, NullLocator

    axis.set_major_locator(FixedLocator(list(values)))
    axis.set_minor_locator(NullLocator())


def limits(values: Sequence[float], least: float = 0.5) -> tuple[float, float]:
    """Return limits around the finite values, with a margin."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = values.min(), values.max()
    margin = max(0.06 * (high - low), least)
    return low - margin, high + margin


def thin(length: int, most: int) -> np.ndarray:
    """Return at most about `most` places from 0 to length - 1, both ends among them."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(int))


def measured(values: np.ndarray) -> np.ndarray:
    """Return the epochs at which (runs, epochs) has a value: not all are, if a config says so."""
    return np.flatnonzero(~np.isnan(values).all(axis=0))


def thin_measured(values: np.ndarray, most: int) -> np.ndarray:
    """Return at most about `most` of the epochs that were measured, first and last among them."""
    epochs = measured(values)
    return epochs[thin(len(epochs), most)] if len(epochs) else epochs


def summary(places: Mapping[str, Mapping[str, float]], unit: str = " %") -> str:
    """Say for each place which arm is highest and which is lowest."""
    said = []
    for place, arms in places.items():
        arms = {arm: value for arm, value in arms.items() if np.isfinite(value)}
        if not arms:
            said.append(f"{place}: no runs")
            continue
        high, low = max(arms, key=arms.get), min(arms, key=arms.get)
        text = f"{place}: {high} {arms[high]:.1f}{unit}"
        said.append(text if high == low else f"{text}, {low} {arms[low]:.1f}{unit}")
    return "; ".join(said)
