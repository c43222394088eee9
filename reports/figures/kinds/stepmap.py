"""The map of the tuned setting: what each of its values costs each arm, over all datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments import statistics
from experiments.base import counted
from experiments.schema import Comparison, Config, axis_label
from reports.figures.compact import HALF, LINE, SMALL, TEXT, page_width
from reports.figures.panels import fitting, ticks_at, title
from reports.figures.sheets import BOTH, Block, Kind, facets, quantity, readable, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

WORST = 20.0  # points: all that is lost beyond it has the same colour
MOST_LEFT, ROW, LETTER, TOP = 2.6, 0.2, 0.062, 0.42  # inches
MOST_LEFT_HALF, LINES_HALF = 1.5, 3  # inches; lines that the title has more on half a page
MOST_ROWS = 40  # of one figure
COLOURS = "cividis_r"


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figure shows: all datasets at once; nothing if no setting is tuned.

    Of more than `MOST_ROWS` rows the map is left out: nobody reads it.
    """
    places = facets(config, comparison)
    if len(comparison.tuned_values) < 2 or len(places) * len(comparison.arms) > MOST_ROWS:
        return []
    return [(tuple(config.studies[comparison.study].datasets), tuple(places))]


def draw(drawing: Drawing) -> None:
    """Draw the map: a row for each arm and facet, a column for each tuned value."""
    frames, comparison, sheet = drawing.frames, drawing.comparison, drawing.sheet
    table = statistics.points_lost(frames.sensitivity(comparison))
    keys = [(f, arm) for f in sheet.facets for arm in comparison.arms if (f, arm) in table.index]
    values = sorted(comparison.tuned_values)
    table = table.reindex(index=keys, columns=values)
    cells = table.to_numpy(dtype=float)
    many = len(sheet.facets) > 1
    names = [f"{readable(arm)}, {short(f)}" if many else readable(arm) for f, arm in keys]
    panel = _panel(drawing, names, len(values))
    _draw_cells(panel, cells)
    ticks_at(panel.xaxis, range(len(values)))
    panel.set_xticklabels(_labels(frames.config, comparison, values))
    runs = frames.cells(comparison)
    drawing.runs |= set(runs.loc[runs["status"] != "skipped", "run_id"])
    _describe(drawing, names, cells)


def _labels(config: Config, comparison: Comparison, values: Sequence[float]) -> list[str]:
    grid = config.studies[comparison.study].grid[comparison.tune]
    labels = dict(zip(comparison.tuned_values, map(axis_label, grid), strict=True))
    width = (page_width() - _most_left()) / len(values)
    return [fitting(labels[value], width, LETTER) for value in values]


def _most_left() -> float:
    return MOST_LEFT if page_width() > HALF else MOST_LEFT_HALF


def _panel(drawing: Drawing, names: Sequence[str], columns: int) -> Axes:
    """Lay out the panel of the map, its title above and the name of the axis below."""
    page = page_width()
    left = min(_most_left(), 0.15 + LETTER * max(map(len, names), default=0))
    top, bottom, height = TOP, 0.44, ROW * max(1, len(names))
    top += 0 if page > HALF else LINES_HALF * LINE
    total, width = top + height + bottom, page - left - 0.05
    drawing.figure.set_size_inches(page, total)
    panel = drawing.figure.add_axes(
        (left / page, bottom / total, width / page, height / total),
        xlim=(-0.5, columns - 0.5), ylim=(max(1, len(names)) - 0.5, -0.5),
    )  # fmt: skip
    panel.grid(False)
    panel.spines[:].set_visible(False)
    ticks_at(panel.yaxis, range(len(names)))
    panel.set_yticklabels([fitting(name, left, LETTER) for name in names])
    panel.tick_params(length=0, labelsize=8)
    panel.set_xlabel(quantity(drawing.comparison.tune or ""))
    return panel


def _draw_cells(panel: Axes, cells: np.ndarray) -> None:
    """Draw what is lost: bold the least of a row, a cross if the runs of a dataset diverged."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    colours = colormaps[COLOURS]
    for (row, column), value in np.ndenumerate(cells):
        if np.isnan(value):
            panel.text(column, row, "–", ha="center", va="center")
            continue
        shade = colours(min(value, WORST) / WORST)
        panel.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=shade, lw=0))
        least = np.isfinite(value) and value == np.nanmin(cells[row])
        panel.text(
            column, row, f"{value:.1f}" if np.isfinite(value) else "×", ha="center",
            va="center_baseline", fontsize=TEXT if page_width() > HALF else SMALL,
            color="white" if min(value, WORST) > 0.45 * WORST else "black",
            fontweight="bold" if least else "normal",
        )  # fmt: skip


def _describe(drawing: Drawing, names: Sequence[str], cells: np.ndarray) -> None:
    name = quantity(drawing.comparison.tune or "")
    labels = [label.get_text() for label in drawing.figure.axes[0].get_xticklabels()]
    found = _safest(names, cells, labels)
    over = counted(len(drawing.sheet.datasets), "dataset")
    mean = f", mean of {over}" if len(drawing.sheet.datasets) > 1 else ""
    what = f"{drawing.score[0].upper()}{drawing.score[1:]} lost against the best {name}"
    best = _best_column(cells, labels)
    title(drawing, _title(name, best), f"{what}, points{mean}; bold: the least of a row")
    drawing.caption = (
        f"{what}: points of validation {drawing.score}{mean}, each against the best {name} of its "
        "row on the same dataset; a run that diverged counts as none right. Bold: the least of a "
        "row; ×: all runs diverged on some dataset; –: no runs; "
        f"from {WORST:g} points on one colour.{drawing.tuning}"
    )
    drawing.alt = f"{_title(name, best)}. {what}, by arm. {found}"


def _best_column(cells: np.ndarray, labels: Sequence[str]) -> tuple[str, float] | None:
    """Return the value that loses least on average over the rows, and how much; None without one.

    A value counts if all rows have runs at it and none of them diverged.
    """
    means = cells.mean(axis=0) if len(cells) else np.array([])
    if not np.isfinite(means).any():
        return None
    place = int(np.argmin(np.where(np.isfinite(means), means, np.inf)))
    return labels[place], float(means[place])


def _title(name: str, best: tuple[str, float] | None) -> str:
    if best is None:
        return f"No {name} is safe for all"
    return f"One {name} for all: {best[0]} loses least, {best[1]:.1f} points on average"


def _safest(names: Sequence[str], cells: np.ndarray, labels: Sequence[str]) -> str:
    """Say at which value each row loses least, and how much."""
    said = []
    for name, row in zip(names, cells, strict=True):
        known = np.where(np.isfinite(row), row, np.nan)
        if np.isnan(known).all():
            said.append(f"{name}: no value without divergence")
            continue
        place = int(np.nanargmin(known))
        crosses = [label for label, value in zip(labels, row, strict=True) if np.isposinf(value)]
        ends = f", diverged at {', '.join(crosses)}" if crosses else ""
        said.append(f"{name}: least at {labels[place]}, {known[place]:.1f}{ends}")
    return "; ".join(said) + "." if said else "No runs."


KIND = Kind(
    name="stepmap",
    caption="points lost at each value of the tuned setting, mean over the datasets",
    order=8,
    importance=8,
    section="steps",
    wanted=wanted,
    draw=draw,
    asked="`tune`",
    main=3,
    paper=BOTH,
)
