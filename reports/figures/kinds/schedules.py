"""Schedules: the step size of each schedule that is compared, over the epochs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.schema import Comparison, Config
from reports.figures.compact import (
    HALF,
    End,
    Layout,
    components,
    lay_out,
    name_ends,
    whole,
)
from reports.figures.panels import few_ticks, ticks_at
from reports.figures.sheets import Block, Kind

if TYPE_CHECKING:
    from reports.figures.drawing import Drawing


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return one figure if schedules are compared."""
    named = comparison.axis == "schedule" and components(config, comparison)
    return whole(config, comparison) if named else []


def draw(drawing: Drawing) -> None:
    """Draw η(i)/η0 of each schedule, which are the program's own functions."""
    from mlp import SCHEDULES

    names = components(drawing.frames.config, drawing.comparison)
    epochs = _epochs(drawing)
    sizes = {
        arm: np.array([SCHEDULES[name](1.0, i, epochs) for i in range(epochs)])
        for arm, name in names.items()
    }
    titles = {arm: _with_number(arm, SCHEDULES[name].__doc__ or "") for arm, name in names.items()}
    (panel,) = lay_out(
        drawing.figure, [""], 1, Layout(HALF, 1.9, left=0.36, right=1.08),
        _finding(sizes, titles), "step size η(i), as a share of the first, η0",
    )  # fmt: skip
    for arm, values in sizes.items():
        look = drawing.looks[arm]
        panel.plot(values, color=look.colour, ls=look.dash, lw=1.2)
    panel.set(xlim=(0, max(epochs - 1, 1)), ylim=(-0.03, 1.05))
    ticks_at(panel.yaxis, [0, 0.5, 1])
    few_ticks(panel.xaxis, 5, whole=True)
    panel.set_xlabel("epoch i")
    name_ends(
        panel,
        [End(values[-1], titles[arm], drawing.looks[arm].colour) for arm, values in sizes.items()],
    )
    _describe(drawing, sizes, titles)


def _epochs(drawing: Drawing) -> int:
    """Return the number of epochs of most runs of the study."""
    runs = drawing.frames.results.runs
    return int(runs.loc[runs["study"] == drawing.comparison.study, "epochs"].mode().iloc[0])


def _with_number(arm: str, described: str) -> str:
    """Return an arm with the number of its equation, if the description of its function has one.

    >>> _with_number("inverse", "Fall as (1 - i/(1 + N)), (23): linearly")
    'inverse\xa0(23)'
    """
    number = re.search(r"\(\d+\)", described.partition("\n")[0])
    return f"{arm}\N{NO-BREAK SPACE}{number[0]}" if number else arm


def _finding(sizes: Mapping[str, np.ndarray], titles: Mapping[str, str]) -> str:
    """Say how small the step is at the end with the note's schedule, or with the lowest."""
    of_note = [arm for arm in sizes if titles[arm] != arm]
    arm = of_note[0] if of_note else min(sizes, key=lambda name: sizes[name][-1])
    last, epochs = sizes[arm][-1] / sizes[arm][0], len(sizes[arm])
    return (
        f"In the last of {epochs} epochs the step of {titles[arm]} is {100 * last:.2g} % of the "
        f"first{', not 0' if 0 < last < 1 else ''}"
    )


def _describe(drawing: Drawing, sizes: Mapping[str, np.ndarray], titles: Mapping[str, str]) -> None:
    epochs = len(next(iter(sizes.values())))
    said = ", ".join(f"{titles[arm]} {100 * v[-1] / v[0]:.3g} %" for arm, v in sizes.items())
    drawing.caption = (
        "The step size of each schedule as a share of the first, for the "
        f"{epochs} epochs i = 0 to {epochs - 1} of the study, computed by the program's own "
        "functions. A number in parentheses is that of the note's equation."
    )
    drawing.alt = f"Step sizes over {epochs} epochs. In the last epoch, of the first: {said}."


KIND = Kind(
    name="schedules",
    caption="the step size of each schedule that is compared, over the epochs",
    order=12,
    importance=12,
    section="why",
    wanted=wanted,
    draw=draw,
    asked="`compare: schedule`",
    main=1,
)
