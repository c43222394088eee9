"""Mechanics: norms of output delta and gradients, saturated and dead units, over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.base import counted
from experiments.schema import Comparison, Config
from reports.figures.panels import WIDTH, band, few_ticks, set_title, thin_measured, ticks_at
from reports.figures.sheets import (
    MANY_DATASETS,
    MOST_DATASETS,
    Block,
    Kind,
    facets,
    over_epochs,
    place_name,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing
    from reports.figures.styles import Look

LEFT = 1.42  # inches
MOST_POINTS = 41  # of a line
QUANTITIES = {
    "delta_norm": "output delta\n‖δ‖",
    "gradient_first": "gradient, first\nlayer ‖∂C/∂W‖",
    "gradient_last": "gradient, output\nlayer ‖∂C/∂W‖",
    "saturated_hidden": "saturated in\nhidden layers (%)",
    "dead_hidden": "dead hidden\nunits (%)",
    "saturated_output": "saturated in\noutput layer (%)",
}
"""What is shown of why arms differ, whatever the depth of a network: the rows and their names."""

NORMS = ("delta_norm", "gradient_first", "gradient_last")
"""The quantities that are norms; the others are shares of 1."""


class Line(NamedTuple):
    """One quantity of one arm in one column: median and quartiles over the seeds."""

    column: int
    arm: str
    look: Look
    epochs: np.ndarray
    ends: np.ndarray
    """First quartile, median and third quartile, shape (3, epochs)."""


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figures show: with several facets, one dataset of all (see `places`)."""
    several = len(facets(config, comparison)) > 1
    return over_epochs(config, comparison, None if several else MOST_DATASETS)


def draw(drawing: Drawing) -> None:
    """Draw norms and shares over the epochs: median over the seeds, with quartiles."""
    shown = places(drawing)
    panels = drawing.panels(len(QUANTITIES), len(shown), 0.9, LEFT, (0.12, 0.14))
    by_facet = len(facets(drawing.frames.config, drawing.comparison)) > 1
    for panel, (dataset, facet) in zip(panels[0], shown, strict=True):
        set_title(panel, short(facet) if facet and by_facet else dataset)
    starts: dict[str, dict[str, float]] = {}
    for row, name in zip(panels, QUANTITIES, strict=True):
        lines = _lines(drawing, name, shown)
        _draw_row(drawing, row, name, lines)
        if name == "delta_norm":
            for line in lines:
                place = starts.setdefault(place_name(*shown[line.column]), {})
                place[line.arm] = float(line.ends[1][0]) if line.ends.size else np.nan
    for panel in panels[:-1].ravel():
        panel.tick_params(labelbottom=False)
    height = drawing.figure.get_figheight()
    drawing.figure.text(
        (LEFT + WIDTH) / 2 / WIDTH,
        0.06 / height,
        "epoch (0: before training)",
        ha="center",
        fontsize=8,
    )
    _describe(drawing, shown[0][0] if by_facet else "", starts)


def places(drawing: Drawing) -> list[tuple[str, str]]:
    """Return the datasets and facets that a figure shows side by side.

    Without facets its datasets; otherwise the facets, on the dataset with most training samples.
    """
    frames, sheet = drawing.frames, drawing.sheet
    if len(facets(frames.config, sheet.comparison)) == 1:
        return [(dataset, sheet.facets[0]) for dataset in sheet.datasets]
    size = {name: frames.results.samples(name)["train"] for name in sheet.datasets}
    return [(max(size, key=size.get), facet) for facet in sheet.facets]


def _lines(drawing: Drawing, name: str, shown: Sequence[tuple[str, str]]) -> list[Line]:
    """Return the lines of one quantity; norms as they are, shares in per cent."""
    lines = []
    for column, (dataset, facet) in enumerate(shown):
        for arm, look, runs in drawing.arms(dataset, facet):
            values = drawing.frames.epochs(runs["run_id"], name)
            if values.size and not np.isnan(values).all():
                values = values if name in NORMS else 100 * values
                lines.append(Line(column, arm, look, *_quartiles(values)))
    return lines


def _quartiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return epochs, and quartiles and median (3, epochs) of (seeds, epochs) where finite."""
    epochs = thin_measured(values, MOST_POINTS)
    with np.errstate(invalid="ignore"):  # a run that diverged has infinite norms
        ends = np.quantile(values[:, epochs], (0.25, 0.5, 0.75), axis=0)
    finite = np.isfinite(ends).all(axis=0)
    return epochs[finite], ends[:, finite]


def _draw_row(drawing: Drawing, panels: Sequence[Axes], name: str, lines: Sequence[Line]) -> None:
    """Draw one quantity in all places, on one scale."""
    middles = [line.ends[1] for line in lines if line.ends.size]
    positive = np.concatenate([m[m > 0] for m in middles] or [[]])
    lowest = max(positive.min() / 2.5, positive.max() * 1e-9) if positive.size else 0.1
    is_norm = name in NORMS
    for panel in panels:
        if is_norm:
            _norm_axis(panel, lowest, 1.6 * positive.max() if positive.size else 1)
        else:
            panel.set_ylim(-4, 104)
            ticks_at(panel.yaxis, [0, 50, 100])
        few_ticks(panel.xaxis, whole=True)
        panel.tick_params(labelleft=panel is panels[0])
    for number, line in enumerate(lines):
        _draw_line(panels[line.column], number, line, lowest if is_norm else -np.inf)
    for column, panel in enumerate(panels):
        mine = [line for line in lines if line.column == column]
        if is_norm:
            _name_zeros(panel, mine)
        if not panel.lines:
            panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center")
        elif longest := max((line.epochs[-1] for line in mine if line.epochs.size), default=0):
            panel.set_xlim(0, 1.01 * longest)
    where = panels[0].get_position()
    drawing.figure.text(
        0.04 / WIDTH, (where.y0 + where.y1) / 2, QUANTITIES[name], va="center", linespacing=1.35
    )


def _draw_line(panel: Axes, number: int, line: Line, lowest: float) -> None:
    low, middle, high = np.maximum(line.ends, lowest)
    every = max(1, len(line.epochs) // 3)
    band(panel, line.epochs, low, high, line.look.colour)
    panel.plot(
        line.epochs,
        middle,
        color=line.look.colour,
        ls=line.look.dash,
        marker=line.look.marker,
        ms=3,
        lw=1.2,
        markevery=(number % every, every),
        zorder=2.5,
    )


def _name_zeros(panel: Axes, lines: Sequence[Line]) -> None:
    """Name the arms whose norm is exactly 0 in all epochs; they are on the lower edge."""
    zeros = [line.arm for line in lines if line.ends.size and not line.ends[1].any()]
    if zeros:
        who = "all arms" if len(zeros) == len(lines) else ", ".join(zeros)
        panel.text(
            0.98,
            0.06,
            f"exactly 0: {who}",
            transform=panel.transAxes,
            ha="right",
            va="bottom",
            fontsize=7,
        )


def _norm_axis(panel: Axes, low: float, high: float) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

    panel.set_yscale("log")
    panel.set_ylim(low, high)
    panel.yaxis.set_major_locator(LogLocator(numticks=4))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.yaxis.set_major_formatter(lambda y, _: f"{y:g}" if 1e-3 <= y < 1e4 else power(y))


def power(y: float) -> str:
    """Return a power of ten in Unicode.

    >>> power(1e-5)
    '10⁻⁵'
    """
    digits = str(round(np.log10(y)))
    return "10" + digits.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _describe(drawing: Drawing, only: str, starts: Mapping[str, Mapping[str, float]]) -> None:
    where = f" on {only}, the dataset with most training samples" if only else ""
    drawing.caption = (
        f"Why the arms differ{where}{drawing.at}: norm of the output delta (root mean square over "
        "the last batch of each epoch), norms of the weights' gradients of that batch, and shares "
        "of saturated (sample, unit) pairs and of units saturated for every sample, on 128 samples "
        f"of the validation part. Line: median over the seeds, {drawing.count}; band: quartiles; "
        "norms are drawn on a logarithmic scale, with exact zeros on its lower edge."
        f"{drawing.tuning}"
    )
    drawing.alt = (
        f"Gradient norms and saturation over the epochs for "
        f"{counted(len(drawing.looks), 'arm')}{where}. Norm of the output delta at the first "
        f"batch, highest and lowest: {_norm_summary(starts)}."
    )


def _norm_summary(places: Mapping[str, Mapping[str, float]]) -> str:
    said = []
    for place, arms in places.items():
        arms = {arm: norm for arm, norm in arms.items() if np.isfinite(norm)}
        if not arms:
            said.append(f"{place}: not finite")
            continue
        high, low = max(arms, key=arms.get), min(arms, key=arms.get)
        said.append(f"{place}: {high} {arms[high]:.3g}, {low} {arms[low]:.3g}")
    return "; ".join(said) or "no runs"


KIND = Kind(
    name="mechanics",
    caption="norms of output delta and gradients, saturated and dead units, over the epochs",
    order=6,
    importance=5,
    section="why",
    wanted=wanted,
    draw=draw,
    asked=f"`compare`, with fewer than {MANY_DATASETS} `datasets`",
)
