"""The small experiments behind the claims N4, N5 and N6: their figure and their tables."""

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.results import Results
from experiments.store import write_text
from reports.colours import COLOURS, MARKERS, component_place
from reports.figures import save
from reports.frames import Frames

NAME = "probes-start"
WIDTH = 9.3
SHORT = {"mse": "MSE", "cross_entropy": "CE"}


def pair(row: pd.Series | dict) -> str:
    """Return the name of a cost and output activation, as the studies label it."""
    return f"{SHORT.get(row['cost'], row['cost'])} + {row['output']}"


def write_probe_figure(results: Results, folder: Path) -> None:
    """Draw how the output delta recovers from a start that is saturated and one that is not."""
    curves = pd.read_csv(results.folder / "probes" / "start-curves.csv")
    with mpl.rc_context(fname=str(Path(__file__).with_name("style.mplstyle"))):
        save(draw(curves), folder / NAME)
    facts = {"alt": alt(curves), "command": Frames(results).command(f"figures/{NAME}.svg")}
    write_text(folder / f"{NAME}.json", json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


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
            place = component_place("pair", {"cost": cost, "output": output}) or 0
            look = {"color": COLOURS[place], "marker": MARKERS[place], "markevery": 10}
            wide = runs.pivot(index="epoch", columns="seed", values="delta_norm")
            label = pair({"cost": cost, "output": output})
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
    said = [f"{pair({'cost': c, 'output': o})} {value:.2g}" for (c, o), value in means.items()]
    return (
        "Norm of the output delta over the epochs, from a free and from a saturated start. "
        f"At the saturated start it is {', '.join(said)}."
    )


def start_table(runs: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return a row for each pair and start of N6, at the chosen step size."""
    rows = []
    for (cost, output, logit), mine in runs[runs["chosen"]].groupby(
        ["cost", "output", "logit"], sort=False
    ):
        needed = mine["epochs"].astype(float).fillna(np.inf).median()
        rows.append(
            {
                "pair": pair({"cost": cost, "output": output}),
                "start": "free" if logit == 0 else f"wrong logits of ±{logit:g}",
                "step size": f"{mine['eta'].iloc[0]:g}",
                "norm of the output delta at the start": f"{mine['delta_norm'].mean():.2g}",
                "median epochs to recover": f"{needed:g}" if needed < np.inf else f"over {epochs}",
                "recovered": f"{int(mine['recovered'].sum())} of {len(mine)}",
            }
        )
    return pd.DataFrame(rows)


def path_table(path: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each variant of N4: how far the two networks are apart, at most."""
    last = path["epoch"].max()
    rows = []
    for _, mine in path.groupby("variant", sort=False):
        columns = [c for c in path if c.endswith("_deviation")]
        worst = {e: mine.loc[mine["epoch"] == e, columns].max() for e in (0, last)}
        rows.append(
            {
                "output layer's step": f"× {mine['output_step'].iloc[0]:g}",
                "its penalty": f"× {mine['output_penalty'].iloc[0]:g}",
                "output, at the start": f"{worst[0]['output_deviation']:.1e}",
                f"output, after {last} epochs": f"{worst[last]['output_deviation']:.1e}",
                f"hidden parameters, after {last}": f"{worst[last]['hidden_deviation']:.1e}",
            }
        )
    return pd.DataFrame(rows)


def heaviside_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what N5 measured, below the Heaviside layer and elsewhere."""
    groups = {"below a Heaviside layer": rows[rows["cut"]], "elsewhere": rows[~rows["cut"]]}
    return pd.DataFrame(
        {
            "layers": name,
            "number": len(mine),
            "smallest data gradient": f"{mine['data_gradient'].min():.2g}",
            "largest data gradient": f"{mine['data_gradient'].max():.2g}",
            "left beside λW": f"{mine['penalty_excess'].max():.2g}",
        }
        for name, mine in groups.items()
    )
