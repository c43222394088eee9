"""Ranks: the arms by mean rank over the datasets; bars join those that no test tells apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

from experiments.base import counted
from experiments.schema import MIN_DATASETS, Comparison, Config
from reports.figures.panels import WIDTH, empty, few_ticks, fitting, ticks_at
from reports.figures.sheets import Block, Kind, dealt_out, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from reports.figures.drawing import Drawing

MOST_LEFT = 2.4  # inches, for the names of the arms
RIGHT = 0.16  # of a panel, for each bar
BAR = "#4b5563"


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figures show; none for too few datasets to be tested over them."""
    if len(config.studies[comparison.study].datasets) < MIN_DATASETS:
        return []
    return dealt_out(config, comparison, None)


def draw(drawing: Drawing) -> None:
    """Draw a row for each arm, the best first; bars join the arms that no test tells apart."""
    sheet, table = drawing.sheet, drawing.frames.ranks(drawing.comparison)
    names = max(map(len, drawing.comparison.arms))
    left = min(MOST_LEFT, 0.25 + 0.066 * names)
    panels = drawing.panels(
        len(sheet.facets),
        1,
        0.16 + 0.19 * len(drawing.looks),
        left,
        handles=lambda look: {"ls": "", "marker": look.marker},
    )
    said = []
    for panel, facet in zip(panels[:, 0], sheet.facets, strict=True):
        panel.set_title(fitting(short(facet), WIDTH - left))
        ranks = table[table["facet"] == facet].set_index("arm")["mean_rank"]
        ranks = ranks.dropna().sort_values(kind="stable")
        if len(ranks) < 2:
            empty(panel)
            continue
        note = too_few(table[table["facet"] == facet])
        ties = set() if note else drawing.frames.ties(drawing.comparison, facet)
        tied = list(together(list(ranks.index), ties))
        _draw_ranks(drawing, panel, ranks, tied)
        _name_arms(panel, [fitting(arm, left, 0.066) for arm in ranks.index])
        order = ", ".join(f"{arm} {rank:.2f}" for arm, rank in ranks.items())
        groups = "; ".join(" and ".join(group) for group in tied) or "none"
        said.append(f"{short(facet) or 'All'}: {order}; {note or f'not told apart: {groups}'}.")
    for dataset, facet in product(sheet.datasets, sheet.facets):
        drawing.evidence(dataset, facet)
    height = drawing.figure.get_figheight()
    drawing.figure.text(
        (left + WIDTH) / 2 / WIDTH,
        0.06 / height,
        "mean rank over the datasets (1 is the best)",
        ha="center",
        fontsize=8,
    )
    drawing.caption = (
        f"Mean ranks of the arms over {counted(len(sheet.datasets), 'dataset')}, 1 is the best. "
        "A bar at the right, if there is one, joins arms of which every two were tested over the "
        "datasets and no two were shown to differ (exact Wilcoxon test, adjusted after Holm): its "
        "dots mark these arms. Not shown to differ is not equal."
    )
    drawing.alt = f"Mean ranks of the arms over the datasets. {' '.join(said)}"


def too_few(ranks: pd.DataFrame) -> str:
    """Say that there are too few datasets for a test over them; nothing if there are enough."""
    from experiments.statistics import TOO_FEW

    notes = ranks.loc[ranks["note"].str.startswith(TOO_FEW), "note"]
    return notes.iloc[0] if len(notes) else ""


def together(arms: Sequence[str], ties: set[frozenset[str]]) -> Iterator[tuple[str, ...]]:
    """Yield the largest groups of arms all of which tie with one another, in the arms' order.

    These are the maximal cliques of the graph of ties (Bron and Kerbosch 1973).

    >>> ties = {frozenset(pair) for pair in ("ab", "bc", "cd", "bd")}
    >>> list(together("abcde", ties))
    [('a', 'b'), ('b', 'c', 'd')]
    """

    def near(some: list[str], arm: str) -> list[str]:
        return [other for other in some if frozenset((arm, other)) in ties]

    def grow(group: tuple[str, ...], rest: list[str], done: list[str]) -> Iterator:
        if not rest and not done and len(group) > 1:
            yield group
        while rest:
            arm = rest[0]
            yield from grow((*group, arm), near(rest, arm), near(done, arm))
            rest, done = rest[1:], [*done, arm]

    yield from grow((), list(arms), [])


def _draw_ranks(
    drawing: Drawing, panel: Axes, ranks: pd.Series, tied: Sequence[Sequence[str]]
) -> None:
    """Draw the ranks as marks, and the groups that tie as bars at the right."""
    for row, (arm, rank) in enumerate(ranks.items()):
        look = drawing.looks[arm]
        panel.plot([1, rank], [row, row], color=look.colour, lw=1.2, zorder=2)
        panel.plot(
            rank,
            row,
            marker=look.marker,
            ms=5.5,
            color=look.colour,
            mec="white",
            mew=0.7,
            zorder=2.6,
        )
    order = list(ranks.index)
    for number, group in enumerate(tied):
        x = len(ranks) + RIGHT * (number + 1)
        rows = [order.index(arm) for arm in group]
        panel.plot([x] * len(rows), rows, color=BAR, lw=2, marker="o", ms=4, zorder=2.4)
    panel.set_xlim(1 - 0.02 * len(ranks), len(ranks) + RIGHT * (len(tied) + 1))


def _name_arms(panel: Axes, names: Sequence[str]) -> None:
    few_ticks(panel.xaxis, len(names), whole=True)
    panel.set_ylim(len(names) - 0.5, -0.5)
    ticks_at(panel.yaxis, range(len(names)))
    panel.grid(axis="y", visible=False)
    panel.set_yticklabels(names)


KIND = Kind(
    name="ranks",
    caption="mean ranks of the arms over the datasets; bars join arms that no test tells apart",
    order=7,
    importance=7,
    section="ranks",
    wanted=wanted,
    draw=draw,
    asked=f"`compare`, with {MIN_DATASETS} `datasets` or more",
)
