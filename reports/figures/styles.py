"""One look for each component, everywhere: from its name, never from the order of calls.

A component's index in its registry gives colour, marker and dashes together, so that no figure
relies on colour alone. The first colours are those of Okabe and Ito, told apart by all common
kinds of colour vision; yellow is left out, as it is hard to see on white. The later ones, for the
families with the most members, are darker or greyer.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_hex

import mlp
from experiments.base import canonical
from experiments.schema import Comparison, Config, axis_label
from experiments.training import FIELDS
from mlp import output_pairs

COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#4d4d4d",
    "#882255",
    "#332288",
    "#999933",
    "#661100",
    "#9970ab",
    "#8a8f98",
    "#117733",
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "p", "h", "*", "d", "8")
DASHES = ("-", (0, (5, 1.5)), (0, (1.5, 1)), (0, (5, 1.2, 1.2, 1.2)), (0, (8, 2)))

FAMILIES: Mapping[str, Any] = {
    field.name: getattr(mlp, field.family) for field in FIELDS if field.family
} | {"update": mlp.UPDATES}


class Look(NamedTuple):
    """How an arm is drawn."""

    colour: str
    marker: str
    dash: Any


def looks(config: Config, comparison: Comparison) -> dict[str, Look]:
    """Return the look of each arm of a comparison by its label.

    Values that are not components (numbers, joint settings) go by their index in the grid; numbers
    get shades that follow their order. Arms of the same component share its colour and differ in
    marker and dashes.
    """
    values = config.studies[comparison.study].grid[comparison.axis]
    indices = [component_index(comparison.axis, value) for value in values]
    shades: list[str] = [
        COLOURS[(p if p is not None else i) % len(COLOURS)] for i, p in enumerate(indices)
    ]
    if len(values) > 2 and all(type(value) in (int, float) for value in values):
        rank = np.argsort(np.argsort(values)) / (len(values) - 1)
        shades = [to_hex(mpl.colormaps["viridis"](0.85 * r)) for r in rank]
    seen: dict[int, int] = {}
    found = {}
    for i, (value, index, shade) in enumerate(zip(values, indices, shades, strict=True)):
        index = i if index is None else index
        repeat = seen[index] = seen.get(index, -1) + 1
        form = index + repeat * (len(values) + 1)
        found[axis_label(value)] = Look(
            shade, MARKERS[form % len(MARKERS)], DASHES[form % len(DASHES)]
        )
    return found


def component_index(axis: str, value: Any) -> int | None:
    """Return the index of a value's component in its registry; None if it is not a component.

    >>> component_index("hidden", "tanh") == component_index("pair", {"hidden": "tanh"})
    True
    >>> component_index("eta", 0.1)
    """
    if isinstance(value, Mapping):
        settings = {key: v for key, v in value.items() if key != "label"}
        if {"cost", "output"} <= set(settings):
            pairs = output_pairs()
            pair = (settings["cost"], settings["output"])
            return pairs.index(pair) if pair in pairs else None
        if len(settings) != 1:
            return None
        axis, value = next(iter(settings.items()))
    family = list(FAMILIES.get(axis, ()))
    known = [canonical(name) for name in family]
    return known.index(canonical(value)) if canonical(value) in known else None
