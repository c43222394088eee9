"""The figures of a sweep: learning curves, accuracies, sensitivity to the step, mechanics.

`write_figures` draws every figure that `reports.names` announces, as SVG and PDF whose bytes
depend on the results alone, and `captions.json`: for each figure its caption, the text that
stands for it, its study, the number of runs in it and the command that draws it again.
"""

import json
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import ceil, isnan
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, LogLocator, MaxNLocator, NullFormatter, NullLocator
from scipy.special import stdtrit

from experiments import statistics
from experiments.comparisons import Comparison
from experiments.datasets import DATASETS
from experiments.results import Results
from experiments.schema import Dataset, axis_label
from experiments.store import atomic, write_text
from experiments.words import counted as _counted
from reports.colours import Look, looks
from reports.frames import MECHANICS, NORMS, Frames
from reports.heatmaps import draw_cells, grids
from reports.names import Sheet, facets, figure_names, second_axis, sheets, short

__all__ = ["Caption", "figure_names", "write_figures"]

WIDTH = 9.3  # inches
MOST_POINTS = 41  # of a mean curve
MOST_FAINT_POINTS = 21  # of a single run
MOST_FAINT = 20  # single runs
QUANTITIES = {"eta": "step size", "lambda": "penalty strength λ", "layers": "hidden neurons"}
TITLE = "#111820"
FAINT = 0.35  # opacity of single runs

# What the page's reader has, narrower than the DejaVu Sans that places are computed with.
FONT = "text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif}</style>"


@dataclass(frozen=True)
class Caption:
    """What stands under a figure, and instead of it."""

    caption: str
    alt: str
    study: str
    comparison: str
    kind: str
    runs: int
    command: str


def write_figures(results: Results, folder: Path) -> None:
    """Draw all figures of a sweep into `folder`, with their captions in captions.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    frames, captions = Frames(results), {}
    with mpl.rc_context(fname=str(Path(__file__).with_name("style.mplstyle"))):
        for sheet in sheets(results.config):
            drawing = DRAWINGS[sheet.kind](frames, sheet)
            save(drawing.figure, folder / sheet.name)
            captions[sheet.name] = asdict(drawing.captioned())
    write_text(folder / "captions.json", json.dumps(captions, indent=1, ensure_ascii=False) + "\n")


def save(figure: Figure, stem: Path) -> None:
    """Write a figure as SVG and PDF, the same bytes each time."""
    with atomic(stem.with_suffix(".svg")) as path:
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
        path.write_text(small_svg(path.read_text(encoding="utf-8")), encoding="utf-8")
    with atomic(stem.with_suffix(".pdf")) as path:
        figure.savefig(path, format="pdf", metadata={"CreationDate": None})


_UNSEEN = re.compile(
    r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>| transform=\"rotate\(0 [^\"]*\""
    r"|font-family: 'DejaVu Sans', sans-serif; ",
    re.S,
)
_MARKS = re.compile(r'<g([^>]*)>((?:\s*<use [^>]*?style="[^"]*"/>)+\s*)</g>')


def small_svg(svg: str) -> str:
    """Make a file of matplotlib's smaller by half, and name fonts that readers have.

    Coordinates are rounded to a tenth of a point and paths made relative; what is not seen goes.

    >>> small_svg('<g id="a"><path d="M 1.2345 -0.04 L 2 3 L 1.51 3 z"/></g>')
    '<g><path d="M1.2 0l.8 3-.5 0z"/></g>'
    """
    svg = _UNSEEN.sub("", svg)
    svg = re.sub(
        r'\b[xy]="([^"]*)"', lambda n: f'{n[0][0]}="{_tenths(round(10 * float(n[1])))}"', svg
    )
    svg = re.sub(r'\bd="([^"]*)"', lambda d: f'd="{_relative(d[1])}"', svg)
    svg = _MARKS.sub(_with_common_style, svg)
    used = {
        name: f"a{i}" for i, name in enumerate(dict.fromkeys(re.findall(r"#([a-z]\w{9,})\b", svg)))
    }
    svg = re.sub(r' id="([^"]*)"', lambda n: f' id="{used[n[1]]}"' if n[1] in used else "", svg)
    svg = re.sub(r"#([a-z]\w{9,})\b", lambda n: f"#{used[n[1]]}", svg)
    return re.sub(r"(?<=>)\s*\n\s*", "", svg.replace("</style>", FONT, 1))


def _relative(path: str) -> str:
    """Return a path of straight lines with steps in place of coordinates; others as they are."""
    words = path.split()
    if not set("".join(w for w in words if w.isalpha())) <= set("MLz"):
        return re.sub(r"-?\d*\.\d+", lambda n: _tenths(round(10 * float(n[0]))), path)
    made, at, command = [], (0, 0), ""
    words = iter(words)
    for word in words:
        if word == "z":
            made.append("z")
            command = ""
            continue
        x, y = (round(10 * float(next(words))) for _ in range(2))
        if word == "M":
            made.append(f"M{_tenths(x)}{_joined(y)}")
        elif (x, y) != at or command == "M":
            step = f"{_tenths(x - at[0])}{_joined(y - at[1])}"
            made.append("l" + step if command != "L" else step if step[0] == "-" else " " + step)
            command = "L"
        at, command = (x, y), word if word == "M" else command
    return "".join(made)


def _tenths(value: int) -> str:
    """Write a number of tenths as briefly as SVG allows."""
    return (
        f"{value / 10:.1f}".removesuffix(".0").replace("0.", ".", 1)
        if abs(value) < 10 and value
        else f"{value / 10:g}"
    )


def _joined(value: int) -> str:
    text = _tenths(value)
    return text if text[0] == "-" else " " + text


def _with_common_style(group: re.Match[str]) -> str:
    """Write the style of marks that look the same once, at their group."""
    styles = set(re.findall(r'style="([^"]*)"', group[2]))
    if len(styles) != 1:
        return group[0]
    return (
        f'<g{group[1]} style="{styles.pop()}">' + re.sub(r' ?style="[^"]*"', "", group[2]) + "</g>"
    )


# ---------------------------------------------------------------- a figure and its panels


class Drawing:
    """A figure in the making: its frame of panels, the legend, and what is said of it."""

    def __init__(self, frames: Frames, sheet: Sheet) -> None:
        self.frames, self.sheet, self.comparison = frames, sheet, sheet.comparison
        self.looks = looks(frames.config, self.comparison)
        self.seeds = frames.seeds(self.comparison)
        self.interval = frames.interval(self.comparison)
        self.figure: Figure = Figure()
        self.caption, self.alt = "", ""
        self.runs: set[str] = set()

    def arms(self, dataset: str, facet: str) -> list[tuple[str, Look, Any]]:
        """Return the arms that ran in a place, each with its look and its runs."""
        found = [
            (arm, look, self.seeds[dataset, facet, arm])
            for arm, look in self.looks.items()
            if (dataset, facet, arm) in self.seeds
        ]
        self.runs |= {run for *_, runs in found for run in runs["run_id"]}
        return found

    def panels(
        self,
        rows: int,
        columns: int,
        height: float,
        left: float = 0.55,
        gaps: tuple[float, float] = (0.42, 0.16),
        handles: Callable[[Look], Mapping[str, Any]] | None = None,
    ) -> np.ndarray:
        """Lay out panels of a height in inches below the legend of the arms.

        `gaps` are those between rows and columns.
        """
        top, labels = self._legend(handles), 0.3
        bottom = 0.42
        total = top + labels + rows * height + (rows - 1) * gaps[0] + bottom
        self.figure.set_size_inches(WIDTH, total)
        width = (WIDTH - left - 0.1 - (columns - 1) * gaps[1]) / columns
        panels = np.empty((rows, columns), dtype=object)
        for row in range(rows):
            for column in range(columns):
                x = left + column * (width + gaps[1])
                y = total - top - labels - (row + 1) * height - row * gaps[0]
                box = (x / WIDTH, y / total, width / WIDTH, height / total)
                panels[row, column] = self.figure.add_axes(box)
        self.legend.set_bbox_to_anchor((0.04 / WIDTH, 1 - 0.02 / total))
        return panels

    def _legend(self, handles: Callable[[Look], Mapping[str, Any]] | None) -> float:
        """Enter the legend at the top; return its height in inches."""
        handles = handles or (lambda look: {"ls": look.dash, "marker": look.marker})
        lines = [Line2D([], [], color=look.colour, **handles(look)) for look in self.looks.values()]
        widths = [0.066 * len(label) + 0.62 for label in self.looks]
        columns = len(lines) if sum(widths) < WIDTH else max(1, int(WIDTH / max(widths)))
        rows = ceil(len(lines) / columns)
        order = [i for c in range(columns) for i in range(c, len(lines), columns)]  # row by row
        self.legend = self.figure.legend(
            [lines[i] for i in order], [list(self.looks)[i] for i in order],
            loc="upper left", ncols=columns, borderaxespad=0,
            borderpad=0, handlelength=2.6, columnspacing=1.6, labelspacing=0.35,
        )  # fmt: skip
        return 0.17 * rows + 0.06

    def captioned(self) -> Caption:
        """Return the caption and what belongs to it."""
        name = self.sheet.name
        return Caption(
            self.caption,
            self.alt,
            self.comparison.study,
            self.comparison.name,
            self.sheet.kind,
            len(self.runs),
            self.frames.command(f"figures/{name}.svg"),
        )

    @property
    def score(self) -> str:
        """What the recorded accuracy is, in per cent: R² where real values are predicted."""
        kinds = {score_name(self.frames.config, name) for name in self.sheet.datasets}
        return " or ".join(sorted(kinds))

    @property
    def at(self) -> str:
        """Where the runs of a figure stand on the tuned axis, in words."""
        if not self.comparison.tune:
            return ""
        return f", each arm at its chosen {quantity(self.comparison.tune)}"

    @property
    def band(self) -> str:
        """What the intervals are."""
        corrected = ", corrected for overlapping splits" if self.interval["overlap"] else ""
        return f"{100 * self.interval['level']:g} % t-interval{corrected}"

    @property
    def count(self) -> str:
        """How many runs stand behind a mean."""
        counts = sorted({len(runs) for runs in self.seeds.values()})
        if not counts:
            return "no runs"
        return f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"


def score_name(config: Any, dataset: str) -> str:
    """Return what the column `test_accuracy` holds for a dataset."""
    facts = config.datasets.get(dataset, Dataset())
    source = DATASETS[facts.source or dataset]
    return "accuracy" if source.shape(source.Options(**facts.options)).classes else "R²"


def quantity(axis: str) -> str:
    """Return the name of a tuned axis, or one of a heat map, in words."""
    return QUANTITIES.get(axis, axis.replace("_", " "))


def _empty(panel: Axes) -> None:
    panel.grid(False)
    panel.set(xticks=[], yticks=[])
    panel.text(0.5, 0.5, "no runs", transform=panel.transAxes, ha="center", va="center")


def _grid(sheet: Sheet) -> list[tuple[int, int, str, str]]:
    """Return the row and column of each dataset and facet: wide rather than high.

    One facet: datasets side by side, in rows of about three. Otherwise a row for each dataset,
    unless there are at most two facets and more datasets.
    """
    datasets, some = sheet.datasets, sheet.facets
    if len(some) == 1:
        columns = len(datasets) if len(datasets) <= 4 else 3
        return [(i // columns, i % columns, d, some[0]) for i, d in enumerate(datasets)]
    across = len(some) <= 2 < len(datasets)
    places = [(i, j, d, f) for i, d in enumerate(datasets) for j, f in enumerate(some)]
    return [(j, i, d, f) if across else (i, j, d, f) for i, j, d, f in places]


def _place(dataset: str, facet: str) -> str:
    """Return the name of a panel in a sentence."""
    return f"{dataset} ({short(facet)})" if facet else dataset


def _fitting(text: str, inches: float) -> str:
    """Return a text that is not wider than that, with its middle left out if need be."""
    most = max(5, int(inches / 0.082))
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[: most - 1 - half]}…{text[-half:]}"


def _strips(drawing: Drawing, panels: np.ndarray, places: Sequence[tuple]) -> None:
    """Name rows and columns of panels, or each panel where they follow one another."""
    width = panels[0, 0].get_position().width * WIDTH
    sheet = drawing.sheet
    for row, column, dataset, facet in places:
        panel = panels[row, column]
        if len(sheet.facets) == 1:
            panel.set_title(_fitting(_place(dataset, facet), width))
            continue
        by_row = len({d for r, _, d, _ in places if r == row}) > 1  # datasets side by side
        if row == 0:
            panel.set_title(_fitting(dataset if by_row else short(facet), width))
        if column == 0:
            text = short(facet) if by_row else dataset
            height = panel.get_position().height * drawing.figure.get_figheight()
            text = textwrap.fill(text, max(10, int(height / 0.075)))
            panel.set_ylabel(text, fontsize=9, color=TITLE)


def _limits(values: Sequence[float], least: float = 0.5) -> tuple[float, float]:
    """Return limits around the values, with a margin."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    low, high = values.min(), values.max()
    margin = max(0.06 * (high - low), least)
    return low - margin, high + margin


def _thin(length: int, most: int) -> np.ndarray:
    """Return at most about `most` places from 0 to length - 1, both ends among them."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(int))


def _summary(places: Mapping[str, Mapping[str, float]], unit: str = " %") -> str:
    """Say for each place which arm is highest and which is lowest."""
    said = []
    for place, arms in places.items():
        arms = {arm: value for arm, value in arms.items() if np.isfinite(value)}
        if not arms:
            said.append(f"{place}: no runs")
            continue
        high, low = max(arms, key=arms.get), min(arms, key=arms.get)
        text = f"{place}: {high} {arms[high]:.1f}{unit}"
        said.append(text if high == low else f"{text}, {low} {arms[low]:.1f}{unit}")
    return "; ".join(said)


# ---------------------------------------------------------------- learning curves


def draw_curves(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw the test accuracy over the epochs: means, bands, and single runs faint."""
    drawing = Drawing(frames, sheet)
    places, panels, shared = _laid_out(drawing)
    limits: dict[str, list[float]] = {}
    unequal: list[Axes] = []  # panels whose arms have different numbers of epochs
    final: dict[str, dict[str, float]] = {}
    for row, column, dataset, facet in places:
        panel, ends = panels[row, column], final.setdefault(_place(dataset, facet), {})
        arms = drawing.arms(dataset, facet)
        curves = [100 * frames.epochs(runs["run_id"], "test_accuracy") for *_, runs in arms]
        lengths = {values.shape[1] for values in curves if values.size}
        if len(lengths) > 1:
            unequal.append(panel)
        for place, ((arm, look, _), values) in enumerate(zip(arms, curves, strict=True)):
            if values.size:
                unit = 100 / (values.shape[1] - 1) if len(lengths) > 1 else 1
                shown = _curve(panel, values, look, drawing.interval, place / len(arms), unit)
                limits.setdefault(dataset, []).extend(shown)
                ends[arm] = values[:, -1].mean()
        if not ends:
            _empty(panel)
    for row, column, dataset, _ in places:
        panel = panels[row, column]
        if panel.lines:
            panel.set_xlim(0, panel.dataLim.x1 * 1.01)
            low, high = _limits(limits[dataset])
            panel.set_ylim(low, min(high, 101.5))
            panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            panel.yaxis.set_major_locator(MaxNLocator(4))
            panel.tick_params(labelleft=not (shared and column))
    for panel in unequal:
        panel.xaxis.set_major_formatter(lambda x, _: f"{x:g} %")
    note = " (marked %: share of the arm's own number of epochs)" if unequal else ""
    _name_axes(drawing, panels, f"epoch{note}", f"test {drawing.score} (%)")
    faint = "" if _few(drawing) else f" of the first {MOST_FAINT} seeds"
    drawing.caption = (
        f"Learning curves: test {drawing.score} after each epoch{drawing.at}. Line: mean over the "
        f"seeds, {drawing.count}; band: {drawing.band}; faint: single runs{faint}. The scale of a "
        "dataset begins where the means stand after one epoch; what lies lower is cut off."
    )
    drawing.alt = (
        f"Learning curves of {_counted(len(drawing.looks), 'arm')} in "
        f"{_counted(len(places), 'panel')}. Mean test {drawing.score} after the last epoch, "
        f"highest and lowest arm: {_summary(final)}."
    )
    return drawing


def _laid_out(drawing: Drawing) -> tuple[list[tuple[int, int, str, str]], np.ndarray, bool]:
    """Lay out a panel for each dataset and facet; tell whether a row has one scale."""
    sheet = drawing.sheet
    places = _grid(sheet)
    rows, columns = (1 + max(place[i] for place in places) for i in (0, 1))
    shared = len({dataset for row, _, dataset, _ in places if row == 0}) == 1
    many = len(sheet.facets) > 1
    panels = drawing.panels(
        rows,
        columns,
        {1: 2.6, 2: 2.2, 3: 1.75}.get(columns, 1.35),
        left=0.78 if many else 0.55,
        gaps=(0.26 if many else 0.5, 0.14 if shared else 0.36),
    )
    _strips(drawing, panels, places)
    return places, panels, shared


def _few(drawing: Drawing) -> bool:
    return all(len(runs) <= MOST_FAINT for runs in drawing.seeds.values())


def _curve(
    panel: Axes, values: np.ndarray, look: Look, interval: Mapping, offset: float, unit: float
) -> list[float]:
    """Draw one arm, (seeds, epochs), `unit` to an epoch; return the values that must be seen."""
    faint = _thin(values.shape[1], MOST_FAINT_POINTS)
    some = values[:MOST_FAINT, faint]
    gap = np.full((len(some), 1), np.nan)  # all runs as one line with gaps: one path in the file
    x = np.concatenate([np.broadcast_to(unit * faint, some.shape), gap], axis=1).ravel()
    y = np.concatenate([some, gap], axis=1).ravel()
    panel.plot(x, y, color=look.colour, lw=0.4, alpha=FAINT, zorder=1.5)
    epochs = _thin(values.shape[1], MOST_POINTS)
    mean, low, high = _intervals(values[:, epochs], interval)
    _band(panel, unit * epochs, low, high, look.colour)
    every = max(1, len(epochs) // 4)
    panel.plot(
        unit * epochs, mean, color=look.colour, ls=look.dash, marker=look.marker, ms=3.2,
        markevery=(int(offset * every), every), zorder=2.5,
    )  # fmt: skip
    seen = np.r_[low, mean, high][np.tile(epochs > 0, 3)] if len(epochs) > 1 else mean
    return [*seen[np.isfinite(seen)], *some[:, -1]]


def _band(panel: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    """Shade between two lines, where both are finite."""
    known = np.isfinite(low) & np.isfinite(high)
    if known.sum() > 1:
        outline = np.r_[x[known], x[known][::-1]], np.r_[low[known], high[known][::-1]]
        panel.fill(*outline, color=colour, alpha=0.17, lw=0, zorder=1.8)


def _intervals(values: np.ndarray, interval: Mapping) -> np.ndarray:
    """Return mean and t-interval of each column, (3, columns): `statistics.t_interval` at once."""
    n, level, overlap = len(values), interval["level"], interval["overlap"] or 0.0
    mean = values.mean(axis=0)
    if n < 2:
        return np.stack([mean, np.full_like(mean, np.nan), np.full_like(mean, np.nan)])
    half = stdtrit(n - 1, (1 + level) / 2) * values.std(axis=0, ddof=1) * np.sqrt(1 / n + overlap)
    return np.stack([mean, mean - half, mean + half])


def _name_axes(drawing: Drawing, panels: np.ndarray, x: str, y: str) -> None:
    """Name the axes once, below and at the left; panels that are not used vanish."""
    for panel in panels.ravel():
        if not panel.has_data() and not panel.texts:
            panel.remove()
    height = drawing.figure.get_figheight()
    drawing.figure.text(0.5, 0.06 / height, x, ha="center", va="bottom", fontsize=8)
    drawing.figure.text(0.05 / WIDTH, 0.5, y, ha="left", va="center", rotation=90, fontsize=8)


# ---------------------------------------------------------------- accuracy by arm


def draw_accuracy(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw the final test accuracy of each arm: dot and interval, single seeds faint."""
    drawing = Drawing(frames, sheet)
    arms = list(drawing.looks)
    names = max(len(short(facet)) for facet in sheet.facets)
    left = min(2.4, 0.15 + max(0.066 * max(map(len, arms)), 0.076 * names))
    panels = drawing.panels(
        len(sheet.facets), len(sheet.datasets), 0.12 + 0.17 * len(arms), left, (0.34, 0.2),
        handles=lambda look: {"ls": "-", "marker": look.marker},
    )  # fmt: skip
    limits: dict[str, list[float]] = {name: [] for name in sheet.datasets}
    means: dict[str, dict[str, float]] = {}
    for row, facet in enumerate(sheet.facets):
        for column, dataset in enumerate(sheet.datasets):
            panel, found = panels[row, column], means.setdefault(_place(dataset, facet), {})
            if row == 0:
                panel.set_title(_fitting(dataset, panel.get_position().width * WIDTH))
            if column == 0 and facet:
                where = panel.get_position()
                drawing.figure.text(0.04 / WIDTH, where.y1, short(facet), fontsize=9, color=TITLE,
                                    va="bottom")  # fmt: skip
            for arm, look, runs in drawing.arms(dataset, facet):
                values, place = 100 * runs["test_accuracy"].to_numpy(float), arms.index(arm)
                found[arm], *ends = statistics.t_interval(values, **drawing.interval)
                spread = np.linspace(-0.26, 0.26, len(values)) if len(values) > 1 else [0]
                _dots(panel, values, place + np.asarray(spread), look.colour)
                if not isnan(ends[0]):
                    panel.plot(ends, [place, place], color=look.colour, lw=2, zorder=2.4)
                panel.plot(found[arm], place, marker=look.marker, ms=5.5, color=look.colour,
                           mec="white", mew=0.7, zorder=2.6)  # fmt: skip
                limits[dataset] += [*values, *(e for e in ends if not isnan(e))]
    for row, column in np.ndindex(panels.shape):
        panel, dataset = panels[row, column], sheet.datasets[column]
        panel.set_xlim(*_limits(limits[dataset]))
        panel.set_ylim(len(arms) - 0.5, -0.5)
        panel.xaxis.set_major_locator(MaxNLocator(4))
        panel.yaxis.set_major_locator(FixedLocator(range(len(arms))))
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="y", visible=False)
        panel.set_yticklabels(arms if column == 0 else [])
    height = drawing.figure.get_figheight()
    x = (left + WIDTH) / 2 / WIDTH
    drawing.figure.text(
        x, 0.06 / height, f"test {drawing.score} after the last epoch (%)", ha="center", fontsize=8
    )
    drawing.caption = (
        f"Test {drawing.score} after the last epoch{drawing.at}. Large mark: mean over the seeds, "
        f"{drawing.count}; bar: {drawing.band}; small dots: single runs. One scale for each "
        "dataset. Bars that overlap decide nothing: the tests are paired by seed."
    )
    drawing.alt = (
        f"Test {drawing.score} of {_counted(len(arms), 'arm')}, a panel for each of "
        f"{_counted(panels.size, 'place')}. Highest and lowest mean: {_summary(means)}."
    )
    return drawing


def _dots(panel: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    """Draw small dots as one line with gaps: strokes of no length with round ends."""
    nothing = np.full(len(x), np.nan)
    panel.plot(
        np.stack([x, x, nothing], 1).ravel(), np.stack([y, y + 1e-4, nothing], 1).ravel(),
        color=colour, lw=2.4, alpha=0.4, zorder=2, solid_capstyle="round",
    )  # fmt: skip


# ---------------------------------------------------------------- sensitivity


def draw_sensitivity(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw the test accuracy against the tuned setting; rings mark the chosen values."""
    drawing = Drawing(frames, sheet)
    places, panels, shared = _laid_out(drawing)
    cells = frames.cells(sheet.comparison)
    table = statistics.sensitivity(cells, **drawing.interval)
    groups = dict(iter(table[table["n"] > 0].groupby(["dataset", "facet", "arm"], sort=False)))
    steps = frames.steps(sheet.comparison).set_index(["dataset", "facet", "arm"])["tuned"]
    best: dict[str, dict[str, float]] = {}
    for row, column, dataset, facet in places:
        panel, title = panels[row, column], _place(dataset, facet)
        best[title] = {}
        for arm, look in drawing.looks.items():
            if (dataset, facet, arm) not in groups:
                continue
            line = groups[dataset, facet, arm].sort_values("tuned")
            mine = cells[(cells["dataset"] == dataset) & (cells["facet"] == facet)]
            mine = mine[(mine["arm"] == arm) & (mine["status"] != "skipped")]
            drawing.runs |= set(mine["run_id"])
            x, y = line["tuned"].to_numpy(), 100 * line["test_accuracy"].to_numpy()
            low, high = (100 * line[f"test_{end}"].to_numpy() for end in ("low", "high"))
            _band(panel, x, low, high, look.colour)
            panel.plot(x, y, color=look.colour, ls=look.dash, marker=look.marker, ms=2.8, lw=1.2,
                       zorder=2.4)  # fmt: skip
            at = x == steps[dataset, facet, arm]
            panel.plot(x[at], y[at], ls="", marker="o", ms=7.5, mfc="none", mec=look.colour,
                       mew=1.2, zorder=2.6)  # fmt: skip
            best[title][arm] = float(steps[dataset, facet, arm])
        if not best[title]:
            _empty(panel)
    _tuned_axes(drawing, panels, places, shared)
    name = quantity(sheet.comparison.tune or "")
    symbol = f"{name} η₀" if sheet.comparison.tune == "eta" else name
    scale = ", logarithmic" if _logarithmic(frames, sheet.comparison) else ""
    _name_axes(drawing, panels, f"{symbol}{scale}", f"test {drawing.score} (%)")
    drawing.caption = (
        f"Test {drawing.score} after the last epoch against the {symbol}{scale}. Line: mean over "
        f"the seeds; band: {drawing.band}; ring: the value chosen on validation {drawing.score}."
    )
    drawing.alt = (
        f"Test {drawing.score} against the {name} for {_counted(len(drawing.looks), 'arm')} in "
        f"{_counted(len(places), 'panel')}. {_chosen_values(frames, sheet, best)}"
    )
    return drawing


def _logarithmic(frames: Frames, comparison: Comparison) -> bool:
    values = comparison.tuned_values
    return _numeric(frames, comparison) and min(values) > 0 and max(values) >= 8 * min(values)


def _numeric(frames: Frames, comparison: Comparison) -> bool:
    grid = frames.config.studies[comparison.study].grid[comparison.tune]
    return all(type(value) in (int, float) for value in grid)


def _tuned_axes(drawing: Drawing, panels: np.ndarray, places: list, shared: bool) -> None:
    frames, comparison = drawing.frames, drawing.comparison
    values = sorted(comparison.tuned_values)
    for row, column, _, _ in places:
        panel = panels[row, column]
        if not panel.lines:
            continue
        if _logarithmic(frames, comparison):
            panel.set_xscale("log")
            ends = np.log10([values[0], values[-1]])
            panel.set_xlim(10 ** (ends[0] - 0.12), 10 ** (ends[1] + 0.12))
            decades = np.arange(np.floor(ends[0]), np.ceil(ends[1]) + 1)
            panel.xaxis.set_major_locator(FixedLocator(10.0**decades))
            panel.xaxis.set_minor_locator(NullLocator())
            panel.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
            panel.set_xlim(10 ** (ends[0] - 0.12), 10 ** (ends[1] + 0.12))
        elif not _numeric(frames, comparison):
            labels = frames.config.studies[comparison.study].grid[comparison.tune]
            panel.set_xticks(range(len(labels)), [axis_label(v) for v in labels])
        panel.yaxis.set_major_locator(MaxNLocator(4))
    _same_limits(panels, places, shared)


def _same_limits(panels: np.ndarray, places: list, shared: bool) -> None:
    """Give the panels of each dataset one scale, named at the left where they share a row."""
    by_dataset: dict[str, list[Axes]] = {}
    for row, column, dataset, _ in places:
        if panels[row, column].lines:
            by_dataset.setdefault(dataset, []).append(panels[row, column])
            if shared and column:
                panels[row, column].tick_params(labelleft=False)
    for mine in by_dataset.values():
        limits = np.array([panel.get_ylim() for panel in mine])
        for panel in mine:
            panel.set_ylim(limits[:, 0].min(), limits[:, 1].max())


def _chosen_values(frames: Frames, sheet: Sheet, best: Mapping[str, Mapping[str, float]]) -> str:
    """Say which values were chosen, from the smallest to the largest in each place."""
    if not _numeric(frames, sheet.comparison):
        return "Rings mark the chosen values."
    said = []
    for place, values in best.items():
        if values:
            low, high = min(values.values()), max(values.values())
            said.append(f"{place}: {low:g}" + (f" to {high:g}" if high > low else ""))
    return f"Chosen values: {'; '.join(said)}." if said else "No runs."


# ---------------------------------------------------------------- mechanics


MECHANICS_LEFT = 1.42  # inches
ROW_NAMES = {
    "delta_norm": "output delta\n‖δ‖",
    "gradient_first": "gradient, first\nlayer ‖∂C/∂W‖",
    "gradient_last": "gradient, output\nlayer ‖∂C/∂W‖",
    "saturated_hidden": "saturated in\nhidden layers (%)",
    "dead_hidden": "dead hidden\nunits (%)",
    "saturated_output": "saturated in\noutput layer (%)",
}


def draw_mechanics(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw norms and shares over the epochs: median over the seeds, with quartiles."""
    drawing = Drawing(frames, sheet)
    places = mechanics_places(frames, sheet)
    panels = drawing.panels(len(MECHANICS), len(places), 0.9, MECHANICS_LEFT, (0.12, 0.14))
    starts: dict[str, dict[str, float]] = {}
    for column, (dataset, facet) in enumerate(places):
        width = panels[0, column].get_position().width * WIDTH
        title = short(facet) if facet and len(facets_of(frames, sheet)) > 1 else dataset
        panels[0, column].set_title(_fitting(title, width))
    for row, name in enumerate(MECHANICS):
        lines = []
        for column, (dataset, facet) in enumerate(places):
            for arm, look, runs in drawing.arms(dataset, facet):
                values = frames.epochs(runs["run_id"], name)
                if values.size and not np.isnan(values).all():
                    quartiles = _quartiles(values if name in NORMS else 100 * values)
                    lines.append((column, arm, look, *quartiles))
                    if name == "delta_norm":
                        place = starts.setdefault(_place(dataset, facet), {})
                        place[arm] = float(quartiles[1][1][0])
        _mechanics_row(drawing, panels[row], name, lines)
    for panel in panels[:-1].ravel():
        panel.tick_params(labelbottom=False)
    height = drawing.figure.get_figheight()
    drawing.figure.text(
        (MECHANICS_LEFT + WIDTH) / 2 / WIDTH, 0.06 / height, "epoch (0: before training)",
        ha="center", fontsize=8,
    )  # fmt: skip
    only = places[0][0] if len(sheet.facets) > 1 or len(facets_of(frames, sheet)) > 1 else ""
    where = f" on {only}, the dataset with most training samples" if only else ""
    drawing.caption = (
        f"Why the arms differ{where}{drawing.at}: norm of the output delta (root mean square over "
        "the last batch of each epoch), norms of the weights' gradients of that batch, and shares "
        "of saturated (sample, unit) pairs and of units saturated for every sample, on 128 samples "
        f"of the validation part. Line: median over the seeds, {drawing.count}; band: quartiles; "
        "norms are drawn on a logarithmic scale, with exact zeros on its lower edge."
    )
    drawing.alt = (
        f"Gradient norms and saturation over the epochs for "
        f"{_counted(len(drawing.looks), 'arm')}{where}. Norm of the output delta at the first "
        f"batch, highest and lowest: {_norm_summary(starts)}."
    )
    return drawing


def facets_of(frames: Frames, sheet: Sheet) -> list[str]:
    """Return all facets of a figure's comparison."""
    return facets(frames.config, sheet.comparison)


def mechanics_places(frames: Frames, sheet: Sheet) -> list[tuple[str, str]]:
    """Return what a figure of mechanics shows side by side.

    Without facets its datasets; otherwise the facets, on the dataset with most training samples.
    """
    if len(facets_of(frames, sheet)) == 1:
        return [(dataset, sheet.facets[0]) for dataset in sheet.datasets]
    size = {name: frames.results.samples(name)["train"] for name in sheet.datasets}
    return [(max(size, key=size.get), facet) for facet in sheet.facets]


def _norm_summary(places: Mapping[str, Mapping[str, float]]) -> str:
    said = []
    for place, arms in places.items():
        high, low = max(arms, key=arms.get), min(arms, key=arms.get)
        said.append(f"{place}: {high} {arms[high]:.3g}, {low} {arms[low]:.3g}")
    return "; ".join(said) or "no runs"


def _quartiles(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return epochs, and quartiles and median (3, epochs) of (seeds, epochs) where finite."""
    epochs = _thin(values.shape[1], MOST_POINTS)
    with np.errstate(invalid="ignore"):  # a run that diverged has infinite norms
        ends = np.quantile(values[:, epochs], (0.25, 0.5, 0.75), axis=0)
    finite = np.isfinite(ends).all(axis=0)
    return epochs[finite], ends[:, finite]


def _mechanics_row(
    drawing: Drawing, panels: Sequence[Axes], name: str, lines: Sequence[tuple]
) -> None:
    """Draw one quantity in all places, on one scale."""
    middles = [ends[1] for *_, ends in lines if ends.size]
    positive = np.concatenate([m[m > 0] for m in middles] or [[]])
    lowest = max(positive.min() / 2.5, positive.max() * 1e-9) if positive.size else 0.1
    is_norm = name in NORMS
    for panel in panels:
        if is_norm:
            panel.set_yscale("log")
            panel.set_ylim(lowest, 1.6 * positive.max() if positive.size else 1)
            panel.yaxis.set_major_locator(LogLocator(numticks=4))
            panel.yaxis.set_minor_locator(NullLocator())
            panel.yaxis.set_minor_formatter(NullFormatter())
            panel.yaxis.set_major_formatter(lambda y, _: _decade(y))
        else:
            panel.set_ylim(-4, 104)
            panel.yaxis.set_major_locator(FixedLocator([0, 50, 100]))
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        panel.tick_params(labelleft=panel is panels[0])
    zeros: dict[int, list[str]] = {}
    for place, (column, arm, look, epochs, ends) in enumerate(lines):
        low, middle, high = np.maximum(ends, lowest) if is_norm else ends
        panel, every = panels[column], max(1, len(epochs) // 3)
        _band(panel, epochs, low, high, look.colour)
        panel.plot(epochs, middle, color=look.colour, ls=look.dash, marker=look.marker, ms=3,
                   lw=1.2, markevery=(place % every, every), zorder=2.5)  # fmt: skip
        panel.set_xlim(0, 1.01 * max(e[3][-1] for e in lines if e[0] == column))
        if is_norm and not ends[1].any():
            zeros.setdefault(column, []).append(arm)
    for column, panel in enumerate(panels):
        if column in zeros:
            arms = len([1 for c, *_ in lines if c == column])
            who = "all arms" if len(zeros[column]) == arms else ", ".join(zeros[column])
            panel.text(0.98, 0.06, f"exactly 0: {who}", transform=panel.transAxes, ha="right",
                       va="bottom", fontsize=7)  # fmt: skip
        if not panel.lines:
            panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center")
    where = panels[0].get_position()
    drawing.figure.text(0.04 / WIDTH, (where.y0 + where.y1) / 2, ROW_NAMES[name], va="center",
                        linespacing=1.35)  # fmt: skip


def _decade(y: float) -> str:
    return f"{y:g}" if 1e-3 <= y < 1e4 else _power(y)


def _power(y: float) -> str:
    """Return a power of ten in Unicode.

    >>> _power(1e-5)
    '10⁻⁵'
    """
    digits = str(round(np.log10(y)))
    return "10" + digits.translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


# ---------------------------------------------------------------- two axes at once


def draw_heatmap(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw the mean accuracy over two axes: a number in each cell, frames around the best."""
    drawing = Drawing(frames, sheet)
    comparison = sheet.comparison
    other = second_axis(frames.config, comparison)
    found = {
        (grid.dataset, grid.facet): grid
        for grid in grids(frames.results, comparison, other, drawing.interval)
        if grid.dataset in sheet.datasets and grid.facet in sheet.facets
    }
    labels = [
        [axis_label(value) for value in frames.config.studies[comparison.study].grid[axis]]
        for axis in (comparison.axis, other)
    ]
    panels = _cell_panels(drawing, len(labels[0]), max(map(len, labels[0])))
    said = []
    for (row, facet), (column, dataset) in product(
        enumerate(sheet.facets), enumerate(sheet.datasets)
    ):
        panel, grid = panels[row, column], found.get((dataset, facet))
        panel.set_title(_fitting(_place(dataset, facet), panel.get_position().width * WIDTH))
        if grid is None or grid.best is None:
            _empty(panel)
            continue
        same = [each.mean for (name, _), each in found.items() if name == dataset]
        draw_cells(panel, grid, Normalize(np.nanmin(same), np.nanmax(same)))
        panel.set_xticks(range(len(labels[1])), labels[1])
        panel.set_yticks(range(len(labels[0])), labels[0] if column == 0 else [])
        drawing.runs |= set(grid.runs)
        at = ", ".join(
            f"{quantity(axis)} {names[i]}"
            for axis, names, i in zip((comparison.axis, other), labels, grid.best, strict=True)
        )
        said.append(
            f"{_place(dataset, facet)}: best {grid.mean[grid.best]:.1f} % at {at}, "
            f"{grid.tied.sum() - 1} of {np.isfinite(grid.mean).sum() - 1} others not below it"
        )
    _name_axes(drawing, panels, quantity(other), quantity(comparison.axis))
    names = f"{quantity(comparison.axis)} and {quantity(other)}"
    drawing.caption = (
        f"Test {drawing.score} after the last epoch in per cent by {names}{drawing.at}: "
        f"mean over the seeds ({drawing.count}) ± half the {drawing.band}. Thick frame: the best "
        "cell; dashed frames: cells not significantly below it (sign flips paired by seed, "
        "adjusted over the cells). Each dataset has its own colours, from its lowest mean (dark) "
        "to its highest (light)."
    )
    drawing.alt = (
        f"Heat maps of the mean test {drawing.score} in {_counted(panels.size, 'panel')}, "
        f"{len(labels[0])} by {len(labels[1])} cells each. {'; '.join(said)}."
    )
    return drawing


def _cell_panels(drawing: Drawing, rows: int, longest: int) -> np.ndarray:
    """Lay out panels of cells, facets below one another and datasets side by side."""
    shape = len(drawing.sheet.facets), len(drawing.sheet.datasets)
    top, bottom, gap, height = 0.3, 0.5, 0.55, 0.36 * rows
    left = 0.42 + 0.07 * longest
    total = top + shape[0] * (height + gap) - gap + bottom
    width = (WIDTH - left - 0.1 - (shape[1] - 1) * 0.16) / shape[1]
    width = min(width, 4.4)
    drawing.figure.set_size_inches(WIDTH, total)
    panels = np.empty(shape, dtype=object)
    for row, column in np.ndindex(shape):
        x, y = left + column * (width + 0.16), total - top - height - row * (height + gap)
        box = (x / WIDTH, y / total, width / WIDTH, height / total)
        panels[row, column] = drawing.figure.add_axes(box)
    return panels


def draw_ranks(frames: Frames, sheet: Sheet) -> Drawing:
    """Draw the critical differences: arms by mean rank, a bar joins those not told apart."""
    from scikit_posthocs import critical_difference_diagram

    drawing = Drawing(frames, sheet)
    comparison, level = sheet.comparison, frames.config.statistics.level
    cells = frames.cells(comparison)
    ranking = statistics.across_datasets(cells, pairs=comparison.pairs, level=level)
    panels = drawing.panels(len(sheet.facets), 1, 0.5 + 0.22 * len(comparison.arms))
    said = []
    for panel, facet in zip(panels[:, 0], sheet.facets, strict=True):
        ranks = ranking.ranks[ranking.ranks["facet"] == facet].set_index("arm")["mean_rank"]
        panel.set_title(short(facet))
        if ranks.isna().any() or len(ranks) < 2:
            _empty(panel)
            continue
        critical_difference_diagram(
            ranks,
            _p_matrix(ranking.pairs[ranking.pairs["facet"] == facet], list(ranks.index)),
            ax=panel,
            alpha=level,
            color_palette={arm: look.colour for arm, look in drawing.looks.items()},
        )
        box = panel.get_position()  # the names stand outside the scale
        panel.set_position([box.x0 + 0.14, box.y0, box.width - 0.28, box.height])
        order = ", ".join(f"{arm} {rank:.2f}" for arm, rank in ranks.sort_values().items())
        said.append(f"{short(facet) or 'All'}: {order}.")
    drawing.runs |= set(cells.loc[cells["status"] != "skipped", "run_id"])
    drawing.caption = (
        f"Mean ranks over {_counted(len(sheet.datasets), 'dataset')}, 1 is the best; a bar joins "
        "arms that exact Wilcoxon tests, adjusted after Holm, do not tell apart."
    )
    drawing.alt = f"Critical-difference diagram. Mean ranks: {' '.join(said)}"
    return drawing


def _p_matrix(pairs: Any, arms: Sequence[str]) -> Any:
    """Return the adjusted p of each pair as a square table; 1 where a pair was not tested."""
    import pandas as pd

    matrix = pd.DataFrame(1.0, index=list(arms), columns=list(arms))
    for row in pairs.dropna(subset="p_holm").itertuples():
        matrix.loc[row.a, row.b] = matrix.loc[row.b, row.a] = row.p_holm
    return matrix


DRAWINGS: Mapping[str, Callable[[Frames, Sheet], Drawing]] = {
    "heatmap": draw_heatmap,
    "curves": draw_curves,
    "accuracy": draw_accuracy,
    "sensitivity": draw_sensitivity,
    "mechanics": draw_mechanics,
    "ranks": draw_ranks,
}
