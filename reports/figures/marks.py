"""The marks of intervals: one picture of a verdict, wherever a figure shows it.

The shape and the filling say what an interval shows; colour only repeats it. Interval and mark
come from one row of a table of pairs, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reports.figures.sheets import readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from experiments.statistics import Kind

DIFFERENT, ALIKE, OPEN = "#0072b2", "#111820", "#6b7280"
BAND = "#e5e7eb"
NAMES = {
    "relevant": "beyond the margin",
    "better": "different, size open",
    "negligible": "different, inside the margin",
    "equivalent": "equal within the margin",
    "identical": "equal within the margin",
    "inconclusive": "undecided",
}
"""What the marks mean, in the order of a legend."""
END = 0.015  # of the width: how far arrows are inside the panel


def colour_of(kind: Kind) -> str:
    """Return the colour of a verdict."""
    return DIFFERENT if kind.differs else ALIKE if kind.alike else OPEN


def style_of(kind: Kind, mark: str = "") -> dict[str, Any]:
    """Return how matplotlib draws the mark of a verdict, or another mark in its place."""
    colour = colour_of(kind)
    hollow = kind in ("better", "inconclusive")
    face = "white" if hollow else colour
    return {
        "marker": mark or kind.mark,
        "color": colour,
        "mfc": face,
        "ms": 4.5,
        "mew": 1,
        "clip_on": False,
    }


def draw_margin(panel: Axes, margins: Iterable[float], upright: bool = True) -> None:
    """Shade the margins of a panel around its line of no difference, an upright one or a level."""
    shade, line = (panel.axvspan, panel.axvline) if upright else (panel.axhspan, panel.axhline)
    for margin in sorted(set(margins)):
        shade(-margin, margin, color=BAND, lw=0, zorder=0)
    line(0, color=OPEN, lw=0.8, zorder=1)


def draw_interval(panel: Axes, at: float, row: Mapping[str, Any]) -> None:
    """Draw the interval of a row of pairs at a height, with the mark of what it shows.

    What is beyond the limits of the panel is an arrow at its edge, with the difference if it is
    itself beyond.
    """
    from experiments.statistics import Kind

    kind = Kind(row["verdict_kind"])
    if not kind.mark:
        return
    left, right = panel.get_xlim()
    inset = END * (right - left)
    low, high = (min(max(row[end], left), right) for end in ("low", "high"))
    if low < high:
        panel.plot([low, high], [at, at], color=colour_of(kind), lw=1.4, zorder=2)
    beyond = {"<": row["difference"] < left, ">": row["difference"] > right}
    for arrow, end in (("<", left + inset), (">", right - inset)):
        cut = row["low"] < left if arrow == "<" else row["high"] > right
        if beyond[arrow] or cut:
            style = style_of(kind, arrow) | {"mfc": colour_of(kind)}
            panel.plot(end, at, zorder=3, **style | ({} if beyond[arrow] else {"ms": 2.5}))
    if any(beyond.values()):
        right_side = beyond[">"]
        panel.annotate(
            signed(row["difference"], 1),
            (min(right - inset, low) if right_side else max(left + inset, high), at),
            xytext=(-5 if right_side else 5, 0),
            textcoords="offset points",
            ha="right" if right_side else "left",
            va="center_baseline",
            fontsize=7,
            color=colour_of(kind),
        )
    else:
        panel.plot(row["difference"], at, zorder=3, **style_of(kind))


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign, a true minus.

    >>> signed(-23.4), signed(2.53, 1), signed(0.0)
    ('−23', '+2.5', '0')
    """
    text = f"{value:+.{digits}f}".replace("-", "−")
    return text if float(f"{value:.{digits}f}") else text[1:]


def mark_handles(kinds: Iterable[str]) -> tuple[list[Line2D], list[str]]:
    """Return the handles and texts of a legend for the verdicts that a figure shows."""
    from matplotlib.lines import Line2D

    from experiments.statistics import Kind

    shown = {NAMES[kind]: Kind(kind) for kind in NAMES if kind in {*kinds}}
    return [Line2D([], [], lw=1.4, **style_of(kind)) for kind in shown.values()], list(shown)


def standing(rows: Mapping[str, Mapping[str, Any]], sizes: bool = True) -> dict[str, list[str]]:
    """Return where the first arm of a pair is ahead, behind, equal or undecided.

    `rows` are rows of a table of pairs by dataset. Differences come with their sizes if asked; a
    row without an interval is under the word that it has `instead` of one.
    """
    from experiments.statistics import Kind

    groups: dict[str, list[str]] = {"ahead": [], "behind": [], "equal": [], "undecided": []}
    for dataset, row in rows.items():
        kind, name = Kind(row["verdict_kind"]), readable(dataset)
        if not kind.mark or row.get("instead"):
            groups.setdefault(row.get("instead") or "not compared", []).append(name)
        elif kind.leads:
            numbers = " to ".join(signed(row[end], 1) for end in ("low", "high"))
            size = f" {signed(row['difference'], 1)} [{numbers}]" if sizes else ""
            groups["ahead" if row["difference"] > 0 else "behind"].append(name + size)
        else:
            groups["equal" if kind.alike else "undecided"].append(name)
    return groups
