"""The gap: how the difference of each planned pair moves over the epochs of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from reports.figures.compact import HALF, LINE, page_width
from reports.figures.marks import draw_margin, signed, standing, style_of
from reports.figures.panels import TITLE, band, few_ticks, fitting, measured, ticks_at, wrapped
from reports.figures.sheets import BOTH, MANY_DATASETS, Block, Kind, facets, readable, short

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from experiments.schema import Comparison, Config
    from reports.figures.drawing import Drawing

MOST_ROWS = 6
LEFT, GAP, HEAD, HEIGHT, FOOT = 0.52, 0.14, 0.5, 1.05, 0.24  # inches
TITLED, COLUMNS_HALF = 0.2, 2  # inches, of the name of a panel; panels side by side on half a page
LETTER = 0.074  # inches, of a bold letter
COLOUR = "#0072b2"
MOST_POINTS = 60  # of a line
ROOM = 1.2  # the limits over the largest difference later in training


class Row(NamedTuple):
    """A row of panels: a planned pair in one facet, with its tests and differences by dataset."""

    pair: tuple[str, str]
    facet: str
    tests: dict[str, dict[str, Any]]
    gaps: dict[str, np.ndarray | str]

    @property
    def curves(self) -> list[np.ndarray]:
        """The means over the splits after each epoch, of the datasets that have them."""
        found = [gap for gap in self.gaps.values() if not isinstance(gap, str)]
        return [gap.mean(axis=0)[measured(gap)[1:]] for gap in found if gap.shape[1] > 1]

    def name(self, with_facet: bool) -> str:
        """Return the pair in words, with the facet if asked."""
        where = f", {short(self.facet)}" if with_facet and self.facet else ""
        return f"{' over '.join(map(readable, self.pair))}{where}"

    def ends(self, sizes: bool, most: int = 10_000) -> str:
        """Return where the pair differs at the end, and where not, in at most so many letters."""
        groups = standing(self.tests, sizes).items()
        parts = [f"{what} on {', '.join(names)}" for what, names in groups if names]
        while len(parts) > 1 and len("; ".join(parts)) > most:
            parts.pop()
        return "; ".join(parts)


def wanted(config: Config, comparison: Comparison) -> Sequence[Block]:
    """Return what the figure shows: the planned pairs of few datasets, in all facets at once."""
    datasets = config.studies[comparison.study].datasets
    rows = {(pair.a, pair.b) for _, pair in comparison.planned}
    if not 0 < len(rows) <= MOST_ROWS or len(datasets) >= MANY_DATASETS:
        return []
    return [(tuple(datasets), tuple(facets(config, comparison)))]


def draw(drawing: Drawing) -> None:
    """Draw the difference a − b of the test accuracies over the epochs, a panel for each place."""
    tests = drawing.frames.tests(drawing.comparison).drop_duplicates(["dataset", "facet", "a", "b"])
    rows = [_row(drawing, *group) for group in tests.groupby(["a", "b", "facet"], sort=False)]
    several = {row.pair for row in rows if sum(row.pair == other.pair for other in rows) > 1}
    shown = [row for row in rows if row.curves] or rows[:1]
    panels = _panels(drawing, len(shown))
    for number, row in enumerate(shown):
        limit = _limit(row)
        for panel, dataset in zip(panels[number], drawing.sheet.datasets, strict=True):
            _frame(panel, row.tests.get(dataset), limit)
            if dataset in row.tests:
                test = row.tests[dataset]
                _draw_gap(panel, row.gaps[dataset], test, drawing.interval(dataset))
        _name_row(drawing, panels[number], row, row.pair in several)
    _describe(drawing, [f"{row.name(True)}: {row.ends(True)}" for row in rows])


def _row(drawing: Drawing, key: tuple[str, str, str], tests: pd.DataFrame) -> Row:
    a, b, facet = key
    places = {each["dataset"]: each for each in tests.to_dict("records")}
    return Row((a, b), facet, places, {d: _gaps(drawing, (a, b), facet, d) for d in places})


def _gaps(drawing: Drawing, pair: tuple[str, str], facet: str, dataset: str) -> np.ndarray | str:
    """Return the differences in points, (splits, epochs); in words why there are none.

    Of runs that stopped early the last epoch stays.
    """
    evidence, values = drawing.frames.evidence(drawing.comparison), []
    for arm in pair:
        runs = evidence.get((dataset, facet, arm))
        if runs is None:
            return "not compared"
        if (runs["status"] == "diverged").all():
            return f"× {arm} diverged"
        values.append(_by_split(drawing, runs))
    a, b = values
    common = [split for split in a if split in b]
    lengths = {len(arm[split]) for arm in values for split in common}
    if len(lengths) != 1:
        return "other numbers\nof epochs" if lengths else "not recorded"
    return np.array([a[split] - b[split] for split in common])


def _by_split(drawing: Drawing, runs: pd.DataFrame) -> dict[int, np.ndarray]:
    """Return the mean test accuracy of each split in per cent, (epochs,); none without curves."""
    drawing.runs |= set(runs["run_id"])
    curves = 100 * drawing.frames.pair_epochs(list(runs["run_id"]), "test_accuracy")
    if len(curves) < len(runs):
        return {}
    splits = runs["split"].to_numpy()
    return {split: curves[splits == split].mean(axis=0) for split in np.unique(splits)}


def _limit(row: Row) -> float:
    """Return the limit of a row of panels: it shows the later half of training, on its log axis."""
    margin = max(test["margin"] for test in row.tests.values())
    later = [np.abs(curve[int(len(curve) ** 0.5) :]).max() for curve in row.curves]
    return max(2.5 * margin, *(ROOM * value for value in later), 0.0)


def _frame(panel: Axes, test: dict[str, Any] | None, limit: float) -> None:
    draw_margin(panel, [test["margin"]] if test else [], upright=False)
    panel.set_ylim(-limit, limit)
    few_ticks(panel.yaxis, 5)
    panel.grid(False)
    if not test:
        _say(panel, "not planned")


def _say(panel: Axes, text: str) -> None:
    panel.text(
        0.5, 0.5, text, transform=panel.transAxes, ha="center", va="center", fontsize=7,
        bbox={"fc": "white", "ec": "none", "pad": 1},
    )  # fmt: skip
    panel.set_xticks([])


def _draw_gap(
    panel: Axes, gaps: np.ndarray | str, test: dict[str, Any], interval: dict[str, Any]
) -> None:
    """Draw the mean over the splits with its interval, and the verdict's mark at the end."""
    from experiments import statistics

    if isinstance(gaps, str) or gaps.shape[1] < 2:
        _say(panel, gaps if isinstance(gaps, str) else "no epochs")
        return
    last = gaps.shape[1] - 1
    there = measured(gaps)[1:]
    places = np.geomspace(1, len(there), MOST_POINTS).round().astype(int)
    epochs = there[np.unique(places) - 1]
    interval = interval | {"level": test.get("level", interval["level"])}
    mean, low, high = statistics.t_intervals(gaps[:, epochs], **interval)
    band(panel, epochs, low, high, COLOUR)
    panel.plot(epochs, mean, color=COLOUR)
    _draw_end(panel, last, test, mean[-len(mean) // 4 :].mean())
    panel.set_xscale("log")
    panel.set_xlim(1, max(last, 1.5))
    ticks = _round_epochs(last)
    ticks_at(panel.xaxis, ticks)
    panel.set_xticklabels(map(str, ticks))
    labels = panel.get_xticklabels()
    labels[0].set_horizontalalignment("left")
    labels[-1].set_horizontalalignment("right")


def _draw_end(panel: Axes, last: int, test: dict[str, Any], before: float) -> None:
    """Draw the mark of the verdict at the last epoch, with the difference off the line.

    `before` is the mean of the line on its way to the end.
    """
    from experiments.statistics import Kind as Verdict

    value, kind = test["difference"], Verdict(test["verdict_kind"])
    if kind.mark:
        panel.plot(last, value, zorder=3, **style_of(kind))
        below = value < before and value > panel.get_ylim()[0] / 2
        panel.annotate(
            signed(value, 1), (last, value), xytext=(0, -5 if below else 5),
            textcoords="offset points", ha="right", va="top" if below else "bottom", fontsize=7,
            bbox={"fc": "white", "ec": "none", "alpha": 0.75, "pad": 0.4},
        )  # fmt: skip


def _round_epochs(last: int) -> list[int]:
    """Return the epochs that an axis marks: 1, 10, 100 and the last.

    >>> _round_epochs(120), _round_epochs(30), _round_epochs(3)
    ([1, 10, 120], [1, 5, 30], [1, 3])
    """
    middle = [10 ** round(np.log10(last) / 2)] if last > 50 else [5] if last > 12 else []
    return list(dict.fromkeys([1, *middle, last]))


def _panels(drawing: Drawing, rows: int) -> np.ndarray:
    """Lay out a row of panels for each pair, its name above, datasets side by side."""
    page, datasets = page_width(), drawing.sheet.datasets
    columns = len(datasets) if page > HALF else min(len(datasets), COLUMNS_HALF)
    lines = -(-len(datasets) // columns)  # of a row of panels, on half a page several
    line, head = HEIGHT + FOOT + TITLED, HEAD if page > HALF else HEAD + LINE
    each = head - TITLED + lines * line
    total = rows * each + 0.24
    width = (page - LEFT - 0.12 - (columns - 1) * GAP) / columns
    drawing.figure.set_size_inches(page, total)
    panels = np.empty((rows, len(datasets)), dtype=object)
    for row, place in np.ndindex(panels.shape):
        down, column = divmod(place, columns)
        x = LEFT + column * (width + GAP)
        y = total - row * each - head - HEIGHT - down * line
        box = (x / page, y / total, width / page, HEIGHT / total)
        panel = panels[row, place] = drawing.figure.add_axes(box)
        panel.set_title(fitting(readable(datasets[place]), width))
        panel.tick_params(labelleft=not column)
    drawing.figure.text(0.5, 0.06 / total, "epoch (logarithmic)", ha="center")
    return panels


def _name_row(drawing: Drawing, panels: np.ndarray, row: Row, with_facet: bool) -> None:
    """Write what a row of panels shows above it."""
    height = drawing.figure.get_figheight()
    name = row.name(with_facet)
    page = page_width()
    if page > HALF:
        letters = int(page / LETTER)
        lines = [fitting(f"{name}: {row.ends(False, letters - len(name))}", page, LETTER)]
    else:  # bold, and a line may end early
        letters = int(0.75 * 2 * page / LETTER)
        lines = wrapped(f"{name}: {row.ends(False, letters - len(name))}", 0.9 * page)
    drawing.figure.text(
        0.04 / page, panels[0].get_position().y1 + 0.28 / height, "\n".join(lines),
        fontweight="bold", color=TITLE,
    )  # fmt: skip
    panels[0].set_ylabel("points")


def _describe(drawing: Drawing, said: Sequence[str]) -> None:
    level = "that of its verdict" if drawing.confirmed else drawing.band
    drawing.caption = (
        f"Difference in test {drawing.score} over the epochs{drawing.at}, mean over the "
        f"{drawing.unit}s ({drawing.basis}); band: the interval at every epoch by itself, its "
        f"level {level}; mark: the verdict at the end. Shaded: the margin. What is beyond the "
        "axis early in training is cut off."
    )
    drawing.alt = f"At the end of training: {'. '.join(said)}."


KIND = Kind(
    name="gap",
    caption="the difference of each planned pair over the epochs, with its interval",
    order=9,
    importance=9,
    section="curves",
    wanted=wanted,
    draw=draw,
    asked=f"planned pairs of `headline` or `families`, with fewer than {MANY_DATASETS} `datasets`",
    main=1,
    main_if=lambda config, comparison: comparison.axis == "init",
    paper=BOTH,
)
