"""Differences: the interval of each pair on each dataset, which decides its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.base import counted
from experiments.schema import MIN_DATASETS, Comparison, Config
from reports.figures.marks import draw_interval, draw_margin, standing
from reports.figures.panels import TITLE, WIDTH, few_ticks, fitting, limits, ticks_at
from reports.figures.sheets import Block, Kind, dealt_out, place_name, readable, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

MOST_PAIRS = 6
MOST_LEFT = 2.0  # inches, for the names of the datasets
ROW, GAPS = 0.145, (0.55, 0.16)  # inches: of a line, and between panels
INK, FAINT = "#111820", "#6b7280"
CHANCES = {"b_better": "#e69f00", "alike": "#cbd5e1", "a_better": "#56b4e9"}
"""The three probabilities over the datasets from left to right, as the axis has B ahead on the
left, and their colours."""
OVER = ("typical dataset", "next dataset", "probability")
"""The lines below those of the datasets, if there are enough of them."""


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figures show; none without confirming runs or a pair, or for too many pairs.

    Shown are the planned pairs; if none is planned, all.
    """
    study = config.studies[comparison.study]
    if config.confirm_of(study) is None or not 0 < len(_pairs(comparison)) <= MOST_PAIRS:
        return []
    return dealt_out(config, comparison, None)


def _pairs(comparison: Comparison) -> list[tuple[str, str]]:
    planned = [(pair.a, pair.b) for _, pair in comparison.planned]
    known = planned or comparison.pairs or combinations(comparison.arms, 2)
    return list(dict.fromkeys(known))


def draw(drawing: Drawing) -> None:
    """Draw the interval of each pair on each dataset; below them what all datasets say."""
    sheet, frames, pairs = drawing.sheet, drawing.frames, _pairs(drawing.comparison)
    tests = frames.tests(drawing.comparison).drop_duplicates(["dataset", "facet", "a", "b"])
    shown = [facet for facet in sheet.facets if facet in set(tests["facet"])] or sheet.facets
    tests = tests[tests["facet"].isin(shown)]
    many = len(sheet.datasets) >= MIN_DATASETS
    over = frames.over_datasets(drawing.comparison) if many else tests[:0]
    names = [*sheet.datasets, *(OVER if many else ())]
    panels = _panels(drawing, (len(pairs), len(shown)), names)
    ends = limits(tests[["low", "high"]].to_numpy(dtype=float).ravel())
    said: list[str] = []
    for (row, column), panel in np.ndenumerate(panels):
        (a, b), facet = pairs[row], shown[column]
        mine = tests[(tests["a"] == a) & (tests["b"] == b) & (tests["facet"] == facet)]
        rows = {each["dataset"]: each for each in mine.to_dict("records")}
        _frame(panel, names, rows, ends)
        said += _draw_rows(drawing, panel, rows)
        for each in over[over["facet"] == facet].to_dict("records"):
            if rows and {each["a"], each["b"]} == {a, b}:
                turned = each if each["a"] == a else _turned(each)
                _draw_over(panel, len(sheet.datasets), turned)
        panel.set_yticklabels(
            [] if column else [fitting(readable(n), MOST_LEFT, 0.066) for n in names]
        )
        title = f"{a} − {b}{_counts(rows) if many else ''}" if column == 0 else ""
        _name(drawing, panel, title, short(facet) if not row else "")
    _describe(drawing, tests, said, many)


def _counts(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return on how many datasets the first arm of a pair is ahead, behind, equal, or undecided."""
    groups = standing(rows, sizes=False)
    words = ("ahead", "behind", "equal", "undecided")
    said = [f"{word} on {len(groups[word])}" for word in words if groups[word]]
    return f": {', '.join(said)} of {counted(len(rows), 'dataset')}" if said else ""


def _draw_rows(drawing: Drawing, panel: Axes, rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Draw the intervals of a panel, and count the runs; return them in words."""
    if not rows:
        panel.text(0.5, 0.5, "not planned", transform=panel.transAxes, ha="center", va="center")
    said = []
    for at, dataset in enumerate(drawing.sheet.datasets):
        if dataset in rows:
            row = rows[dataset]
            draw_interval(panel, at, row)
            said.append(_in_words(row))
            for arm, _, runs in drawing.ran(dataset, row["facet"]):
                if arm in (row["a"], row["b"]):
                    drawing.runs |= set(runs["run_id"])
    return said


def _panels(drawing: Drawing, shape: tuple[int, int], names: Sequence[str]) -> np.ndarray:
    """Lay out a row of panels for each pair, facets next to each other."""
    (rows, columns), height = shape, 0.12 + ROW * len(names)
    left = min(MOST_LEFT, 0.2 + 0.066 * max(map(len, names)))
    top, bottom = 0.5, 0.42
    total = top + rows * (height + GAPS[0]) - GAPS[0] + bottom
    width = (WIDTH - left - 0.1 - (columns - 1) * GAPS[1]) / columns
    drawing.figure.set_size_inches(WIDTH, total)
    panels = np.empty((rows, columns), dtype=object)
    for row, column in np.ndindex(rows, columns):
        x, y = left + column * (width + GAPS[1]), total - top - height - row * (height + GAPS[0])
        box = (x / WIDTH, y / total, width / WIDTH, height / total)
        panels[row, column] = drawing.figure.add_axes(box)
    drawing.figure.text(
        (left + WIDTH) / 2 / WIDTH, 0.06 / total, f"difference in test {drawing.score} (points)",
        ha="center", fontsize=8,
    )  # fmt: skip
    return panels


def _name(drawing: Drawing, panel: Axes, pair: str, facet: str) -> None:
    """Write the pair above the first panel of a row, and the facet above those of the first row."""
    box, height = panel.get_position(), drawing.figure.get_figheight()
    high = box.y1 + (0.22 if facet else 0.06) / height
    drawing.figure.text(0.04 / WIDTH, high, pair, fontsize=8, color=TITLE, va="bottom")
    panel.set_title(fitting(facet, box.width * WIDTH))


def _frame(
    panel: Axes, names: Sequence[str], rows: Mapping[str, Mapping], ends: tuple[float, float]
) -> None:
    """Draw the band of the margin and the line of 0; a line for each name."""
    draw_margin(panel, (row["margin"] for row in rows.values()))
    panel.set_xlim(*ends)
    panel.set_ylim(len(names) - 0.4, -0.6)
    few_ticks(panel.xaxis, 5)
    ticks_at(panel.yaxis, range(len(names)))
    panel.tick_params(axis="y", length=0)
    panel.grid(axis="y", visible=False)


def _draw_over(panel: Axes, at: int, row: Mapping[str, Any]) -> None:
    """Draw the typical dataset, the next one, and the three probabilities."""
    from matplotlib.transforms import blended_transform_factory

    if np.isnan(row["p"]):
        return
    panel.axhline(at - 0.5, color=FAINT, lw=0.6)
    panel.plot([row["low"], row["high"]], [at, at], color=INK, lw=2.6, zorder=2)
    panel.plot(row["difference"], at, marker="|", ms=8, color=INK, zorder=3)
    panel.plot([row["new_low"], row["new_high"]], [at + 1] * 2, color=INK, lw=1.2, ls=(0, (3, 2)))
    across, start = blended_transform_factory(panel.transAxes, panel.transData), 0.0
    for name, colour in CHANCES.items():
        share = row[f"p_{name}"]
        panel.barh(at + 2, share, 0.8, left=start, color=colour, transform=across, zorder=2)
        if share > 0.1:
            panel.text(
                start + share / 2, at + 2, f"{100 * share:.0f} %", transform=across, fontsize=7,
                ha="center", va="center", color=INK, zorder=3,
            )  # fmt: skip
        start += share


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the datasets say of a pair with the two arms exchanged."""
    ends = {"low": "high", "new_low": "new_high"}
    turned = {"difference": -row["difference"], "p": row["p"], "p_alike": row["p_alike"]}
    for low, high in ends.items():
        turned |= {low: -row[high], high: -row[low]}
    return turned | {"p_a_better": row["p_b_better"], "p_b_better": row["p_a_better"]}


def _in_words(row: Mapping[str, Any]) -> str:
    place = place_name(row["dataset"], row["facet"])
    if np.isnan(row["difference"]):
        return f"{place}, {row['a']} − {row['b']}: not compared"
    numbers = f"{row['difference']:.1f} [{row['low']:.1f}, {row['high']:.1f}]".replace("-", "−")
    return f"{place}, {row['a']} − {row['b']}: {numbers}, {row['verdict_kind']}"


def _describe(drawing: Drawing, tests: pd.DataFrame, said: Sequence[str], many: bool) -> None:
    planned = (tests["family"] != "exploratory").any()
    family = (
        "planned pairs; the intervals of a family hold all together"
        if planned
        else "all pairs (exploratory); intervals adjusted for the selection"
    )
    interval = (
        f"the interval that decides the verdict: {family}"
        if drawing.confirmed
        else "its interval, not corrected; the verdict is that of the tests, corrected after Holm"
    )
    drawing.caption = (
        f"Differences in test {drawing.score}{drawing.at}, mean over the {drawing.unit}s "
        f"({drawing.basis}), with {interval}. Grey: the margin. Filled diamond: "
        "one arm is ahead by more than the margin; open diamond: ahead, by an open size; thin "
        "diamond: ahead by less than the margin; square: equal within the margin; open circle: "
        "undecided."
    )
    if many:
        drawing.caption += (
            " Below the line what the datasets together say: the difference of the typical dataset "
            "with its interval; the interval in which the next dataset is expected (90 %, dashed); "
            "and the probabilities that the second arm is better by more than the margin (left), "
            "that both are alike (middle), and that the first is better (right)."
        )
    shown = "; ".join(said[:60])
    drawing.alt = (
        f"Intervals of {counted(len(said), 'difference')} in points. {shown}"
        f"{'; and more in the tables' if len(said) > 60 else ''}."
    )


KIND = Kind(
    name="differences",
    caption="differences of pairs of arms on each dataset, with the interval that decides",
    order=2,
    importance=2,
    section="means",
    wanted=wanted,
    draw=draw,
    asked="`compare` and `confirm`; "
    "it shows the planned pairs of `headline` or `families`, or all pairs",
    main=1,
    main_if=lambda config, comparison: (
        len(config.studies[comparison.study].datasets) >= MIN_DATASETS
    ),
)
