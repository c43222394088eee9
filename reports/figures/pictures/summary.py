"""The summary of a sweep: the interval of every headline pair on every dataset, in one figure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.schema import HEADLINE, Comparison
from experiments.statistics import Kind
from reports.figures.compact import HALF, LINE, page_width
from reports.figures.data import Frames, easy_first
from reports.figures.marks import OPEN, draw_interval, draw_margin, mark_handles, signed, standing
from reports.figures.panels import TITLE, WIDTH, fitting, ticks_at
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import blocks, readable, score_names, short

MOST_ACROSS = 6  # datasets side by side; of more, each is a row and the pairs are side by side
MOST_COLUMNS = 8
ROW, LETTER = 0.165, 0.062  # inches: of a line, and the mean width of a letter
LEFT, GAP, LEGEND, TOP, FOOT = 2.35, 0.1, 0.22, 0.24, 0.44  # inches
MANY_MARKS = 5  # of a legend, which then has less room between them
LEFT_HALF = 1.15  # inches, of the names in a figure of half a page
SHOWN = 0.85  # of the ends of the intervals the least share inside the limits

Cells = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Line:
    """A planned pair in one place: its study, its name, and its row of the table by dataset."""

    study: str
    name: str
    rows: Cells


@dataclass(frozen=True)
class Summary:
    """What the figure shows: the lines in the order of the plan, the datasets easy ones first."""

    lines: Sequence[Line]
    datasets: Sequence[str]
    level: float
    score: str = "accuracy"


def measure(frames: Frames) -> Summary:
    """Return the rows of the headline pairs: those of the tables of planned pairs."""
    lines = [line for c in frames.results.comparisons for line in _lines(frames, c)]
    datasets = easy_first(row for line in lines for row in line.rows.values())
    score = score_names(frames.config, datasets)
    return Summary(lines, datasets, 1 - frames.config.statistics.level, score)


def _lines(frames: Frames, comparison: Comparison) -> Iterator[Line]:
    """Yield the planned pairs of a comparison, with the place if a pair has several."""
    if HEADLINE not in dict(comparison.planned):
        return
    tests = frames.tests(comparison)
    tests = tests[tests["family"] == HEADLINE]
    for (a, b), mine in tests.groupby(["a", "b"], sort=False):
        places = mine.groupby("facet", sort=False)
        for facet, rows in places:
            where = f", {short(facet)}" if len(places) > 1 else ""
            found = {
                row["dataset"]: row | {"instead": _instead(frames, comparison, row)}
                for row in rows.to_dict("records")
            }
            yield Line(comparison.title, f"{readable(a)} over {readable(b)}{where}", found)


def _instead(frames: Frames, comparison: Comparison, row: Mapping[str, Any]) -> str:
    """Return what is written in the place of an interval, '' if there is one."""
    cells = frames.cells(comparison)
    here = cells[(cells["dataset"] == row["dataset"]) & (cells["facet"] == row["facet"])]
    evidence = frames.evidence(comparison)
    for arm in (row["a"], row["b"]):
        runs = evidence.get((row["dataset"], row["facet"], arm), here[here["arm"] == arm])
        ran = runs[runs["status"] != "skipped"]
        if len(ran) and (ran["status"] == "diverged").all():
            return "diverged"
    return "" if Kind(row["verdict_kind"]).mark else "not compared"


# --- Drawing ----------------------------------------------------------------------------------


def draw(found: Summary) -> Figure:
    """Return the figure: datasets side by side; of more than a few, each is a line."""
    parts = list(_parts(found))
    heads = [TOP + 0.12 * max(name.count("\n") for name, _ in part.columns) for part in parts]
    heights = [ROW * len(part.names) + 0.08 for part in parts]
    kinds = {row["verdict_kind"] for line in found.lines for row in line.rows.values()}
    handles = mark_handles(kinds)
    columns = 6 if page_width() > HALF else 1
    legend = LEGEND if columns > 1 else 0.06 + LINE * len(handles[0])
    total = legend + sum(heads) + sum(heights) + FOOT * len(parts)
    figure = Figure(figsize=(page_width(), total))
    y = total - legend
    ends = _ends(found)
    for part, head, height in zip(parts, heads, heights, strict=True):
        y -= head + height
        _draw_part(figure, part, (y, height), ends, found.score)
        y -= FOOT
    space, length = (1.4, 1.8) if len(handles[0]) < MANY_MARKS else (0.7, 1.2)
    figure.legend(
        *handles, loc="upper right", ncols=columns, bbox_to_anchor=(0.99, 1), borderaxespad=0.2,
        columnspacing=space, handlelength=length, handletextpad=0.4,
    )  # fmt: skip
    return figure


@dataclass(frozen=True)
class Part:
    """A row of panels: the names of its lines, and the cells of each column by its title."""

    names: Sequence[tuple[str, bool]]
    """Each name, and whether it is a heading."""
    columns: Sequence[tuple[str, Sequence[Mapping[str, Any] | None]]]
    left: float


def _parts(found: Summary) -> Iterator[Part]:
    """Yield a part for the pairs on few datasets, and parts for those on many."""
    if page_width() <= HALF:
        yield _one_column(found)
        return
    few = [line for line in found.lines if len(line.rows) <= MOST_ACROSS]
    datasets = [d for d in found.datasets if any(d in line.rows for line in few)]
    if len(datasets) > MOST_ACROSS:
        few = []
    if few:
        yield _by_dataset(few, datasets)
    many = [line for line in found.lines if line not in few]
    for lines in blocks(many, MOST_COLUMNS) if many else []:
        yield _by_pair(lines, [d for d in found.datasets if any(d in line.rows for line in lines)])


def _by_dataset(lines: Sequence[Line], datasets: Sequence[str]) -> Part:
    """Return a column for each dataset, and a line for each pair below the title of its study."""
    names: list[tuple[str, bool]] = []
    places: list[Line | None] = []
    for number, line in enumerate(lines):
        if number == 0 or line.study != lines[number - 1].study:
            title = textwrap.wrap(line.study, int(LEFT / 0.071))
            names += [(text, True) for text in title]
            places += [None] * len(title)
        names.append((fitting(line.name, LEFT, LETTER), False))
        places.append(line)
    letters = max(6, int(((WIDTH - LEFT) / len(datasets) - GAP) / 0.068))
    columns = [
        (
            textwrap.fill(readable(dataset), letters),
            [line and line.rows.get(dataset, MISSING) for line in places],
        )
        for dataset in datasets
    ]
    return Part(names, columns, LEFT)


def _one_column(found: Summary) -> Part:
    """Return a single column: below the name of each pair a line for each dataset."""
    names: list[tuple[str, bool]] = []
    cells: list[Mapping[str, Any] | None] = []
    for line in found.lines:
        names.append((fitting(line.name, page_width(), LETTER), True))
        cells.append(None)
        for dataset in found.datasets:
            if dataset in line.rows:
                names.append((fitting(readable(dataset), LEFT_HALF, LETTER), False))
                cells.append(line.rows[dataset])
    return Part(names, [("", cells)], LEFT_HALF)


def _by_pair(lines: Sequence[Line], datasets: Sequence[str]) -> Part:
    """Return a column for each pair, and a line for each dataset."""
    left = min(LEFT, 0.2 + LETTER * max(map(len, datasets)))
    letters = max(8, int(((WIDTH - left) / len(lines) - GAP) / LETTER))
    columns = [
        (textwrap.fill(line.name, letters), [line.rows.get(d, MISSING) for d in datasets])
        for line in lines
    ]
    return Part([(fitting(readable(d), left, LETTER), False) for d in datasets], columns, left)


MISSING: Mapping[str, Any] = {"instead": "–"}
"""The cell of a dataset that the study of a pair does not have."""


def _ends(found: Summary) -> tuple[float, float]:
    """Return limits around most of the intervals, the same on both sides of 0."""
    rows = [row for line in found.lines for row in line.rows.values() if not row["instead"]]
    ends = np.abs([[row["low"], row["high"]] for row in rows]).ravel()
    ends = ends[np.isfinite(ends)]
    margin = max((row["margin"] for row in rows), default=1.0)
    most = max(2.5 * margin, float(np.quantile(ends, SHOWN)) if len(ends) else 0.0)
    return -1.15 * most, 1.15 * most


def _draw_part(
    figure: Figure, part: Part, place: tuple[float, float], ends: tuple[float, float], score: str
) -> None:
    (y, height), (page, total) = place, figure.get_size_inches()
    width = (page - part.left - 0.06) / len(part.columns) - GAP
    for number, (title, cells) in enumerate(part.columns):
        x = part.left + GAP + number * (width + GAP)
        panel = figure.add_axes((x / page, y / total, width / page, height / total))
        panel.set_title(title, loc="center")
        panel.set_xlim(*ends)
        panel.set_ylim(len(part.names) - 0.35, -0.65)
        _draw_cells(panel, cells)
        tick = _round(0.95 * ends[1])
        ticks = (-tick, 0, tick)
        panel.set_xticks(ticks, [signed(value, 1).replace(".0", "") for value in ticks])
        ticks_at(panel.yaxis, ())
        panel.grid(False)
        panel.spines["left"].set_visible(False)
    for row, (name, heading) in enumerate(part.names):
        at = (y + height * (1 - (row + 0.65) / (len(part.names) + 0.3))) / total
        x, side = (0.04, "left") if heading else (part.left, "right")
        figure.text(
            x / page, at, name, ha=side, va="center", color=TITLE,
            fontweight="bold" if heading else "normal",
        )  # fmt: skip
    units = "percentage points" if page > HALF else "points"
    figure.text(
        (part.left + page) / 2 / page, (y - FOOT + 0.06) / total, ha="center",
        s=f"difference in test {score}, {units}",
    )  # fmt: skip


def _draw_cells(panel: Axes, cells: Iterable[Mapping[str, Any] | None]) -> None:
    rows = list(cells)
    draw_margin(panel, (row["margin"] for row in rows if row and "margin" in row))
    for at, row in enumerate(rows):
        if row and row["instead"]:
            mark = "× " if row["instead"] == "diverged" else ""
            panel.text(
                0, at, mark + row["instead"], ha="center", va="center_baseline", fontsize=7,
                color=OPEN,
            )  # fmt: skip
        elif row:
            draw_interval(panel, at, row)


def _round(value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 and so on that is not above a value."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(max(step for step in (1, 2, 5) if step * power <= value) * power)


# --- Words ------------------------------------------------------------------------------------


def alt(found: Summary) -> str:
    """Return the figure in words: what differs first, pair by pair."""
    said = sorted((_said(line) for line in found.lines), key=lambda pair: not pair[0])
    texts = ". ".join(text for _, text in said)
    return f"Differences in test {found.score} of the planned pairs, in points. {texts}."


def _said(line: Line) -> tuple[bool, str]:
    """Return whether a pair differs anywhere, and where it does what."""
    groups = standing(line.rows)
    parts = [f"{what} on {', '.join(names)}" for what, names in groups.items() if names]
    return bool(groups["ahead"] or groups["behind"]), f"{line.name}: {'; '.join(parts)}"


def caption(found: Summary) -> str:
    """Return what is written below the figure."""
    return (
        f"Every headline pair on every dataset: the difference in mean test {found.score}, each "
        "at the value chosen in tuning, with the interval that decides the verdict "
        f"({100 * found.level:g} % for all of them together where a study is confirmed). Shaded: "
        "the margin. An arrow: beyond the axis, with the difference."
    )


PICTURE = Picture(
    name="summary", measure=measure, draw=draw, alt=alt, caption=caption, of_results=True
)
