"""The figure of the probe behind claim N6: how the output delta recovers from its start."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from reports.figures.data import Frames
from reports.figures.panels import WIDTH
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import pair_name
from reports.figures.styles import COLOURS, MARKERS, component_index
from reports.reading import read_csv


def measure(frames: Frames) -> pd.DataFrame:
    """Return the recorded norms of a start that is saturated and one that is not."""
    return read_csv(frames.results.folder / "probes" / "start-curves.csv")


def draw(curves: pd.DataFrame) -> Figure:
    """Return the figure: a panel for each start, a line for each pair, seeds averaged."""
    figure = Figure(figsize=(WIDTH, 3.0))
    starts = sorted(curves["logit"].unique())
    panels = figure.subplots(1, len(starts), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.08, right=0.99, top=0.82, bottom=0.16, wspace=0.06)
    for panel, logit in zip(panels, starts, strict=True):
        panel.set_title("free start" if logit == 0 else f"start with wrong logits of ±{logit:g}")
        panel.set_xlabel("epoch (one update each)")
        for (cost, output), runs in curves[curves["logit"] == logit].groupby(["cost", "output"]):
            index = component_index("pair", {"cost": cost, "output": output}) or 0
            look = {"color": COLOURS[index], "marker": MARKERS[index], "markevery": 10}
            wide = runs.pivot(index="epoch", columns="seed", values="delta_norm")
            label = pair_name(cost, output)
            panel.plot(wide.index, np.exp(np.log(wide).mean(axis=1)), label=label, **look)
    panels[0].set_yscale("log")
    panels[0].yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    panels[0].set_ylabel("norm of the output delta")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper left", ncols=len(labels), bbox_to_anchor=(0.07, 1.0))
    return figure


def alt(curves: pd.DataFrame) -> str:
    """Return the figure in words."""
    start = curves[(curves["epoch"] == 0) & (curves["logit"] == curves["logit"].max())]
    means = start.groupby(["cost", "output"])["delta_norm"].mean()
    said = [f"{pair_name(c, o)} {value:.2g}" for (c, o), value in means.items()]
    return (
        "Norm of the output delta over the epochs, from a free and from a saturated start. "
        f"At the saturated start it is {', '.join(said)}."
    )


PICTURE = Picture(name="probes-start", measure=measure, draw=draw, alt=alt, of_results=True)
