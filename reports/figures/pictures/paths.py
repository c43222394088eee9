"""The figure of the probe behind claim N4: how far one sigmoid unit is from two softmax units."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.base import between
from reports.figures.compact import HALF, End, Layout, lay_out, name_ends
from reports.figures.data import Frames
from reports.figures.kinds.mechanics import power
from reports.figures.panels import few_ticks
from reports.figures.pictures.picture import Picture
from reports.figures.styles import COLOURS, DASHES
from reports.reading import read_csv

LOWEST = 1e-17  # an exact zero is drawn there
COLUMN = "hidden_deviation"


def measure(frames: Frames) -> pd.DataFrame:
    """Return the deviations of each variant: epochs as rows, the largest of the seeds."""
    path = read_csv(frames.results.folder / "probes" / "path.csv")
    variants = path["variant"].drop_duplicates()
    wide = path.pivot_table(index="epoch", columns="variant", values=COLUMN, aggfunc="max")
    return wide[list(variants)]


def draw(wide: pd.DataFrame) -> Figure:
    """Return the figure: a line for each variant, named at its end."""
    figure = Figure()
    (panel,) = lay_out(
        figure, [""], 1, Layout(HALF, 1.9, left=0.5, right=1.12), _finding(wide),
        "largest deviation of the hidden layers' parameters, as a share of the largest of them",
    )  # fmt: skip
    ends = []
    for number, (variant, values) in enumerate(wide.items()):
        colour, drawn = COLOURS[number % len(COLOURS)], np.maximum(values, LOWEST)
        panel.plot(wide.index, drawn, color=colour, ls=DASHES[number % len(DASHES)], lw=1.2)
        ends.append(End(drawn.iloc[-1], variant.replace(", ", ",\n"), colour))
    panel.set_yscale("log")
    panel.set(xlim=(0, max(wide.index[-1], 1)), ylim=(LOWEST / 3, 10))
    panel.set_yticks([10.0**k for k in range(-16, 1, 4)])
    panel.set_yticks([], minor=True)
    panel.yaxis.set_major_formatter(lambda y, _: "1" if y == 1 else power(y))
    few_ticks(panel.xaxis, 4, whole=True)
    panel.set_xlabel("epoch")
    name_ends(panel, ends, lines=2)
    return figure


def _last(wide: pd.DataFrame) -> Mapping[str, float]:
    return {variant: float(values.iloc[-1]) for variant, values in wide.items()}


def _finding(wide: pd.DataFrame) -> str:
    """Say which variant follows, and how far the others are apart at the end."""
    largest = wide.max()
    follows = largest.idxmin()
    others = [value for variant, value in _last(wide).items() if variant != follows]
    if not others or largest[follows] > 1e-6:
        return "How far one sigmoid unit is from two softmax units"
    low, high = (f"{100 * end:.2g}" for end in (min(others), max(others)))
    return (
        f"One sigmoid unit follows two softmax units with {follows}; otherwise the hidden layers "
        f"end {between(low, high)} % apart"
    )


def alt(wide: pd.DataFrame) -> str:
    """Return the figure in words."""
    said = "; ".join(f"{variant}: {value:.1e}" for variant, value in _last(wide).items())
    return (
        "Deviation of the hidden parameters of one sigmoid unit from those of two softmax units, "
        f"largest of the seeds, over {wide.index[-1]} epochs. At the end, by what the output layer "
        f"of the single unit is given: {said}."
    )


PICTURE = Picture(
    name="probes-path",
    measure=measure,
    draw=draw,
    alt=alt,
    caption=(
        "Largest difference of the hidden layers' parameters of the two networks over the largest "
        "parameter, largest of the seeds. Both start at the same function; the lines differ in the "
        "step size and the penalty of the single unit's output layer, as multiples of the "
        "softmax's. An exact zero is drawn at the lower edge."
    ),
    of_results=True,
    probe="path",
)
