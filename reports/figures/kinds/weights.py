"""Weights: how large the weights and the logits of each initialisation are before training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial.hermite_e import hermegauss

from experiments.base import between, counted
from experiments.schema import Comparison, Config
from reports.figures.compact import (
    QUIET,
    Layout,
    components,
    lay_out,
    name_below,
    name_rows,
    room_for,
)
from reports.figures.sheets import Block, Kind, facets, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

MOST = 6  # datasets of a figure
COLUMNS = 3
ROW = 0.2  # inches
LOGITS = "logits"
MARKS = {
    "first": ("o", "#0072b2", -0.17),
    "last": ("s", "#d55e00", 0.17),
    LOGITS: ("D", "#111820", 0.0),
}
"""Marker, colour and shift in its row of the first and of the last layer's weights, and of the
logits."""

Sizes = Mapping[str, Mapping[str, float]]
"""Root mean squares by arm and by what they are of."""


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return one figure if initialisations are compared: the first datasets and facet."""
    if comparison.axis != "init" or not components(config, comparison):
        return []
    datasets = config.studies[comparison.study].datasets[:MOST]
    return [(tuple(datasets), tuple(facets(config, comparison)[:1]))]


def draw(drawing: Drawing) -> None:
    """Draw a panel for each dataset, in it a row for each initialisation."""
    sheet, looks = drawing.sheet, list(drawing.looks)
    facet, columns = sheet.facets[0], min(COLUMNS, len(sheet.datasets))
    found = {dataset: _measured(drawing, dataset, facet) for dataset in sheet.datasets}
    layout = Layout(height=0.16 + ROW * len(looks), left=room_for(looks), gaps=(0.46, 0.2))
    panels = lay_out(
        drawing.figure, list(found), columns, layout, _finding(drawing, found),
        "root mean square before training: weights of the first layer (●) and of the last (■), "
        "logits (◆); grey line: what the definition of the weights says",
    )  # fmt: skip
    ends = _ends(found)
    for at, (panel, (dataset, sizes)) in enumerate(zip(panels, found.items(), strict=True)):
        _draw_rows(panel, looks, sizes, _defined(drawing, dataset, facet))
        _frame(panel, looks, ends, named=at % columns == 0)
    name_below(panels, columns, "root mean square")
    _describe(drawing, found, short(facet))


def _measured(drawing: Drawing, dataset: str, facet: str) -> Sizes:
    """Return the geometric means over the seeds of what was recorded before training."""
    frames, found = drawing.frames, {}
    for arm, _, runs in drawing.arms(dataset, facet):
        columns = {
            "first": "weight_rms_1",
            "last": f"weight_rms_{max(frames.depths[run] for run in runs['run_id'])}",
            LOGITS: "logit_rms",
        }
        if columns["first"] == columns["last"]:
            del columns["last"]
        values = {name: frames.epochs(runs["run_id"], c) for name, c in columns.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            found[arm] = {
                name: float(np.exp(np.log(some[:, 0]).mean()))
                for name, some in values.items()
                if some.size
            }
    return found


def _defined(drawing: Drawing, dataset: str, facet: str) -> Sizes:
    """Return the standard deviations that the definitions give the weights."""
    from experiments.training import kept_rows
    from mlp import INITIALIZERS

    frames, found = drawing.frames, {}
    names = components(frames.config, drawing.comparison)
    for arm, _, runs in drawing.arms(dataset, facet):
        run = _settings(drawing, runs)
        if arm not in names or run is None:
            continue
        sizes = [int(n) for n in run["layers"].split("-")]
        train = frames.results.samples(dataset)["train"]
        given = {"n_train": kept_rows(run["train_fraction"], train)}
        ends = {"first": sizes[:2], "last": sizes[-2:]}
        found[arm] = {
            name: _deviation(INITIALIZERS[names[arm]], fan_in=n_in, fan_out=n_out, **given)
            for name, (n_in, n_out) in ends.items()
        }
    return found


def _deviation(initializer: Callable[..., np.ndarray], **facts: float) -> float:
    """Return the standard deviation of weights, by Gauss-Hermite quadrature over their draws."""
    draws, density = hermegauss(32)
    return float(np.sqrt(np.average(initializer(draws, **facts) ** 2, weights=density)))


def _settings(drawing: Drawing, runs: pd.DataFrame) -> Mapping | None:
    """Return the settings of the first of some runs; None if they were not recorded."""
    everything = drawing.frames.results.runs
    mine = everything[everything["run_id"] == runs["run_id"].iloc[0]]
    return mine.iloc[0] if "train_fraction" in mine else None


def _ends(found: Mapping[str, Sizes]) -> tuple[float, float]:
    """Return limits of a logarithmic axis around all positive sizes."""
    values = [v for sizes in found.values() for arm in sizes.values() for v in arm.values()]
    known = [value for value in values if 0 < value < np.inf]
    return (min(known) / 2.5, max(known) * 2.5) if known else (0.1, 10.0)


def _draw_rows(panel: Axes, arms: Sequence[str], sizes: Sizes, defined: Sizes) -> None:
    for row, arm in enumerate(arms):
        for name, value in defined.get(arm, {}).items():
            at = row + MARKS[name][2]
            panel.plot(value, at, marker="|", ms=9, mew=1.2, color="#9aa3ad", zorder=2)
        for name, value in sizes.get(arm, {}).items():
            marker, colour, shift = MARKS[name]
            panel.plot(value, row + shift, marker, ms=4, color=colour, mew=0, zorder=3)
    if not sizes:
        panel.text(0.5, 0.5, "no runs", transform=panel.transAxes, ha="center", va="center")


def _frame(panel: Axes, arms: Sequence[str], ends: tuple[float, float], named: bool) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    from reports.figures.kinds.mechanics import power

    panel.set_xscale("log")
    panel.set_xlim(ends)
    panel.xaxis.set_major_locator(LogLocator(numticks=6))
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_major_formatter(lambda x, _: f"{x:g}" if 0.01 <= x < 1e3 else power(x))
    name_rows(panel, arms, named)
    panel.spines["left"].set_color(QUIET)


def _finding(drawing: Drawing, found: Mapping[str, Sizes]) -> str:
    """Say how much smaller one arm starts than another: those of the plan, or the extremes."""
    planned = [(pair.a, pair.b) for _, pair in drawing.comparison.planned]
    mean: dict[str, list[float]] = {}
    for sizes in found.values():
        for arm, values in sizes.items():
            if values.get("first", 0) > 0:
                mean.setdefault(arm, []).append(np.log(values["first"]))
    if len(mean) < 2:
        return "How large the weights and the logits are before training"
    order = sorted(mean, key=lambda arm: np.mean(mean[arm]))
    pair = set(planned[0]) if planned and set(planned[0]) <= set(mean) else {order[0], order[-1]}
    small, large = sorted(pair, key=order.index)
    times = {name: _times(found.values(), small, large, name) for name in ("first", LOGITS)}
    return (
        f"Before training the weights of {small} are {times['first']} times smaller than those of "
        f"{large}, the logits {times[LOGITS]} times"
    )


def _times(places: Sequence[Sizes], small: str, large: str, name: str) -> str:
    """Return the range of a ratio over the datasets, in two digits."""
    ratios = [
        sizes[large][name] / sizes[small][name]
        for sizes in places
        if sizes.get(small, {}).get(name, 0) > 0 and name in sizes.get(large, {})
    ]
    if not ratios:
        return "unknown"
    low, high = (f"{float(f'{ratio:.2g}'):,g}" for ratio in (min(ratios), max(ratios)))
    return between(low, high)


def _describe(drawing: Drawing, found: Mapping[str, Sizes], facet: str) -> None:
    everywhere = len(drawing.frames.config.studies[drawing.comparison.study].datasets)
    some = f", the first {len(found)} of {everywhere} datasets" if everywhere > len(found) else ""
    drawing.caption = (
        "Root mean square of the weights of the first layer (circle) and of the last (square), "
        "and of the logits of 128 validation samples (diamond), before training: geometric mean "
        f"over the seeds, {drawing.count}{f', {facet}' if facet else ''}{some}. Grey lines: the "
        f"standard deviations by which each initialisation is defined.{drawing.tuning}"
    )
    said = "; ".join(
        f"{dataset}: "
        + ", ".join(
            f"{arm} {values['first']:.2g} and {values[LOGITS]:.2g}"
            for arm, values in sizes.items()
            if {"first", LOGITS} <= set(values)
        )
        for dataset, sizes in found.items()
    )
    drawing.alt = (
        f"Weights of the first layer and logits before training for "
        f"{counted(len(drawing.looks), 'initialisation')}, root mean squares. {said}."
    )


KIND = Kind(
    name="weights",
    caption="root mean squares of weights and logits before training, by initialisation",
    order=13,
    importance=13,
    section="why",
    wanted=wanted,
    draw=draw,
    asked="`compare: init`",
    main=2,
)
