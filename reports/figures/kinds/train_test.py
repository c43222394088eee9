"""Train and test: how much better the arms are on what they were trained with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.schema import Comparison, Config
from reports.figures.compact import (
    Layout,
    lay_out,
    name_below,
    name_rows,
    room_for,
    whole,
)
from reports.figures.panels import few_ticks, limits
from reports.figures.sheets import Block, Kind, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

MOST_ROWS, MOST_PANELS, COLUMNS = 8, 6, 3
ROW = 0.18  # inches
TRAIN, TEST = "#9aa3ad", "#0072b2"

Ends = Mapping[str, tuple[float, float]]
"""Mean accuracies of the train and of the test part by arm, in per cent."""


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return one figure: it shows the first facet, and the datasets with the widest gaps."""
    return [(datasets, facets[:1]) for datasets, facets in whole(config, comparison)]


def draw(drawing: Drawing) -> None:
    """Draw a panel for each dataset, in it a dumbbell for each arm."""
    facet, train = drawing.sheet.facets[0], _train_accuracies(drawing)
    found = _widest({d: _ends(drawing, d, facet, train) for d in drawing.sheet.datasets})
    arms = _in_order(found, list(drawing.looks))[:MOST_ROWS]
    columns = min(COLUMNS, len(found))
    layout = Layout(
        height=0.12 + ROW * len(arms),
        left=room_for(arms),
        gaps=(0.46, 0.2),
    )
    panels = lay_out(
        drawing.figure, list(found), columns, layout, _finding(found),
        f"{drawing.score} {drawing.when}, in per cent: train part (open), test part (filled)",
    )  # fmt: skip
    for at, (panel, ends) in enumerate(zip(panels, found.values(), strict=True)):
        _draw_rows(panel, arms, ends)
        name_rows(panel, arms, at % columns == 0)
    name_below(panels, columns, f"{drawing.score} (%)")
    _describe(drawing, found, short(facet))


def _train_accuracies(drawing: Drawing) -> Mapping[str, float]:
    """Return the accuracies on the train part by run."""
    runs = drawing.frames.results.runs
    if "train_accuracy" not in runs:
        return {}
    return dict(zip(runs["run_id"], runs["train_accuracy"].astype(float), strict=True))


def _ends(drawing: Drawing, dataset: str, facet: str, train: Mapping[str, float]) -> Ends:
    found = {}
    for arm, _, runs in drawing.ran(dataset, facet):
        on_train = np.array([train.get(run, np.nan) for run in runs["run_id"]])
        means = 100 * on_train.mean(), 100 * runs["test_accuracy"].to_numpy(dtype=float).mean()
        if np.isfinite(means).all():
            drawing.runs |= set(runs["run_id"])
            found[arm] = (float(means[0]), float(means[1]))
    return found


def _widest(found: Mapping[str, Ends]) -> dict[str, Ends]:
    """Return at most so many datasets, those with the widest gaps, in the order of the config."""

    def width(dataset: str) -> float:
        return max((train - test for train, test in found[dataset].values()), default=-np.inf)

    chosen = set(sorted(found, key=width, reverse=True)[:MOST_PANELS])
    return {dataset: ends for dataset, ends in found.items() if dataset in chosen}


def _in_order(found: Mapping[str, Ends], arms: Sequence[str]) -> list[str]:
    """Return the arms in the order of their mean test accuracies, the highest first."""
    tests = {arm: [ends[arm][1] for ends in found.values() if arm in ends] for arm in arms}
    return sorted(arms, key=lambda arm: -np.mean(tests[arm]) if tests[arm] else np.inf)


def _draw_rows(panel: Axes, arms: Sequence[str], ends: Ends) -> None:
    for row, arm in enumerate(arms):
        if arm in ends:
            panel.plot(ends[arm], [row, row], color="#cbd5e1", lw=2, zorder=1)
            panel.plot(ends[arm][0], row, "o", ms=4.5, color=TRAIN, mfc="white", mew=1.2, zorder=2)
            panel.plot(ends[arm][1], row, "o", ms=4.5, color=TEST, mew=0, zorder=3)
    if not ends:
        panel.text(0.5, 0.5, "no runs", transform=panel.transAxes, ha="center", va="center")
    panel.set_xlim(limits([value for arm in arms for value in ends.get(arm, ())]))
    few_ticks(panel.xaxis, 4)
    panel.grid(axis="y", visible=False)


def _finding(found: Mapping[str, Ends]) -> str:
    gaps = {
        (dataset, arm): train - test
        for dataset, ends in found.items()
        for arm, (train, test) in ends.items()
    }
    if not gaps:
        return "Accuracy on the train part and on the test part"
    (dataset, arm), gap = max(gaps.items(), key=lambda item: item[1])
    train, test = found[dataset][arm]
    if gap <= 0:
        return "No arm is better on the train part than on the test part"
    return (
        f"The widest gap between train and test is {gap:.1f} points: {arm} on {dataset}, "
        f"{train:.1f} and {test:.1f} %"
    )


def _describe(drawing: Drawing, found: Mapping[str, Ends], facet: str) -> None:
    everywhere = len(drawing.sheet.datasets)
    some = (
        f", on the {len(found)} of {everywhere} datasets with the widest gaps"
        if everywhere > len(found)
        else ""
    )
    drawing.caption = (
        f"Mean {drawing.score} {drawing.when} on the train part (open) and on the test part "
        f"(filled){f', {facet}' if facet else ''}{drawing.at}{some}: {drawing.basis}. Arms are in "
        f"the order of their test {drawing.score}. Each panel has its own scale."
    )
    said = "; ".join(
        f"{dataset}: " + ", ".join(f"{arm} {a:.1f} and {b:.1f} %" for arm, (a, b) in ends.items())
        for dataset, ends in found.items()
        if ends
    )
    drawing.alt = f"Train and test {drawing.score}, mean over the runs. {said or 'No runs'}."


KIND = Kind(
    name="train_test",
    caption="accuracy on the train part and on the test part, by dataset and arm",
    order=15,
    importance=15,
    section="means",
    wanted=wanted,
    draw=draw,
    asked="`compare`",
)
