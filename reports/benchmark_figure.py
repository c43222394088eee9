"""The figures of the benchmark: cost of a step against the stack, cost against the sweep's size."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reports.figures import COLOURS, DASHES, WIDTH, save, styled

FORMATS = ("svg", "png")
OURS = {"float64": (COLOURS[0], "o"), "float32": (COLOURS[1], "s")}
LINES = {
    "scikit-learn": (COLOURS[2], DASHES[1]),
    "loop over samples": (COLOURS[3], DASHES[3]),
    "floor": (COLOURS[6], DASHES[2]),
}
"""Contenders whose best time is a level: they train one after another, or bound the others."""
OTHERS = {"JAX": (COLOURS[4], "^"), "PyTorch": (COLOURS[5], "D")}


def draw_benchmark(table: Path, stem: Path) -> None:
    """Draw benchmark.csv: a panel for each workload, microseconds a step against the stack.

    Points are medians, bars the quartiles; the floor is drawn for both dtypes.
    """
    results = pd.read_csv(table)
    works = list(dict.fromkeys(results["workload"]))
    with styled():
        figure = Figure(figsize=(WIDTH, 2.3 * -(-(len(works) + 1) // 3)), layout="constrained")
        axes = figure.subplots(-(-(len(works) + 1) // 3), 3, squeeze=False).ravel()
        for ax, work in zip(axes, works, strict=False):
            _panel(ax, results[results["workload"] == work])
        for ax in axes[len(works) :]:
            ax.set_axis_off()
        handles = {}
        for ax in axes[: len(works)]:
            drawn, labels = ax.get_legend_handles_labels()
            handles |= dict(zip(labels, drawn, strict=True))
        axes[len(works)].legend(handles.values(), handles.keys(), loc="center left")
        save(figure, stem, FORMATS)


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    for dtype, (colour, marker) in OURS.items():
        mine = rows[(rows["contender"] == "mlp") & (rows["dtype"] == dtype)]
        _draw_medians(
            ax, mine.sort_values("replicas"), f"this package, {dtype}", colour, marker, "-"
        )
    for name, (colour, dash) in LINES.items():
        for dtype, width in (("float64", 1.2), ("float32", 0.7)):
            mine = rows[(rows["contender"] == name) & (rows["dtype"] == dtype)]
            if len(mine):
                level = mine["microseconds"].min()
                label = f"{name}, {dtype}"
                ax.axhline(level, color=colour, linestyle=dash, linewidth=width, label=label)
    for name, (colour, marker) in OTHERS.items():
        mine = rows[rows["contender"] == name].sort_values("replicas")
        if len(mine):
            _draw_medians(ax, mine, f"{name}, float32", colour, marker, "none")
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    counts = rows.loc[rows["contender"] == "mlp", "replicas"].unique()
    ax.set_xticks(sorted(n for n in counts.tolist() if n in (1, 2, 8, 32, 128)))
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=20))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_locator(NullLocator())
    ax.set_title(rows["title"].iloc[0])
    ax.set_xlabel("replicas in a stack")
    ax.set_ylabel("µs per step and replica")


def _draw_medians(
    ax: Axes, rows: pd.DataFrame, label: str, colour: str, marker: str, line: str
) -> None:
    middle = rows["microseconds"]
    spread = np.array([middle - rows["q25"], rows["q75"] - middle])
    ax.errorbar(
        rows["replicas"],
        middle,
        yerr=spread,
        label=label,
        color=colour,
        marker=marker,
        linestyle=line,
        elinewidth=0.8,
    )


def draw_growth(table: Path, stem: Path) -> None:
    """Draw growth.csv: seconds and megabytes of each part against the number of runs."""
    rows = pd.read_csv(table)
    with styled():
        figure = Figure(figsize=(WIDTH, 2.6), layout="constrained")
        for ax, what, label in zip(
            figure.subplots(1, 2),
            ("seconds", "megabytes"),
            ("wall time, s", "most memory, MB"),
            strict=True,
        ):
            for number, (part, mine) in enumerate(rows.groupby("part", sort=False)):
                ax.plot(
                    mine["runs"],
                    mine[what],
                    label=part,
                    color=COLOURS[number],
                    marker="os^"[number],
                )
                if pd.isna(mine[f"{what}_bar"].iloc[0]):
                    continue
                ax.axhline(
                    mine[f"{what}_bar"].iloc[0],
                    color=COLOURS[number],
                    linestyle=DASHES[2],
                    linewidth=0.8,
                    label=f"at most, for 100,000 runs: {part}",
                )
            ax.set_xlabel("runs")
            ax.set_ylabel(label)
            ax.set_xlim(left=0)
            ax.set_ylim(bottom=0)
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
        save(figure, stem, FORMATS)


def draw_all(folder: Path) -> None:
    """Draw the figures of what the benchmark's folder holds."""
    for name, draw in (("benchmark", draw_benchmark), ("growth", draw_growth)):
        if (folder / f"{name}.csv").exists():
            draw(folder / f"{name}.csv", folder / name)
