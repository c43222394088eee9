"""Neurons: the hidden activations that are compared, each with its derivative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.base import listing
from experiments.schema import Comparison, Config
from reports.figures.compact import (
    End,
    Layout,
    components,
    lay_out,
    name_below,
    name_ends,
    whole,
)
from reports.figures.panels import ticks_at
from reports.figures.sheets import Block, Kind

if TYPE_CHECKING:
    from reports.figures.drawing import Drawing

REACH = 4.0  # of z, to both sides
MOST = 8  # panels
COLUMNS = 4


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return one figure if hidden activations are compared."""
    named = comparison.axis == "hidden" and components(config, comparison)
    return whole(config, comparison) if named else []


def draw(drawing: Drawing) -> None:
    """Draw value and derivative of each activation, which are the program's own."""
    from mlp import ACTIVATIONS

    names = components(drawing.frames.config, drawing.comparison)
    shown = {arm: ACTIVATIONS[name] for arm, name in names.items()}
    shown = dict(list(shown.items())[:MOST])
    z = np.linspace(-REACH, REACH, 401)
    curves = {arm: _curves(activation, z) for arm, activation in shown.items()}
    slopes = {arm: float(slope.max()) for arm, (_, slope) in curves.items()}
    columns = min(COLUMNS, len(shown))
    panels = lay_out(
        drawing.figure, [_titled(arm, shown[arm].equation) for arm in shown], columns,
        Layout(left=0.3, right=0.22, gaps=(0.5, 0.34)),
        f"The steepest slope of a neuron is {_by_slope(slopes)}",
        "activation σ (solid) and slope σ′ (dashed) over the input z of a neuron",
    )  # fmt: skip
    for at, (arm, (value, slope)) in enumerate(curves.items()):
        panel = panels[at]
        colour = drawing.looks[arm].colour
        panel.plot(z, value, color=colour, lw=1.2)
        panel.plot(z, slope, color=colour, lw=1.2, ls=(0, (4, 1.5)))
        panel.set(xlim=(-REACH, REACH), ylim=(-1.15, 2.15))
        ticks_at(panel.xaxis, [-4, -2, 0, 2, 4])
        ticks_at(panel.yaxis, [-1, 0, 1, 2])
        panel.tick_params(labelleft=at % columns == 0)
        name_ends(panel, [End(value[-1], "σ", colour), End(slope[-1], "σ′", colour)])
    name_below(panels, columns, "z")
    _describe(drawing, slopes)


def _curves(activation, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(over="ignore", under="ignore"):
        value = activation.value(z)
        return value, np.asarray(activation.derivative(z, value), dtype=float)


def _titled(arm: str, equation: str) -> str:
    return f"{arm}, {equation.replace('-', '–')}" if equation.startswith("(") else arm


def _by_slope(slopes: Mapping[str, float]) -> str:
    """Name the arms of each steepest slope, the largest first.

    >>> _by_slope({"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0})
    '1 with tanh and relu, 0.25 with sigmoid'
    """
    arms: dict[str, list[str]] = {}
    for arm, slope in sorted(slopes.items(), key=lambda item: -item[1]):
        arms.setdefault(f"{slope:.3g}", []).append(arm)
    return ", ".join(f"{slope} with {listing(some)}" for slope, some in arms.items())


def _describe(drawing: Drawing, slopes: Mapping[str, float]) -> None:
    left_out = len(drawing.looks) - len(slopes)
    drawing.caption = (
        "The activations that are compared in the hidden layers (solid) and their derivatives "
        "(dashed), with the numbers of the note's equations, computed by the program's own "
        "functions. A neuron learns in proportion to its slope: where the dashed line is at 0, "
        "its weights do not move."
        + (f" {left_out} more of the arms are not shown." if left_out else "")
    )
    drawing.alt = (
        f"Activations and their derivatives for z from −{REACH:g} to {REACH:g}. "
        f"Steepest slope: {_by_slope(slopes)}."
    )


KIND = Kind(
    name="neurons",
    caption="the hidden activations that are compared, with their derivatives",
    order=11,
    importance=11,
    section="why",
    wanted=wanted,
    draw=draw,
    asked="`compare: hidden`",
    main=1,
)
