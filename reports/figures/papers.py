"""The figures of a paper: which, in which order, and drawn at which widths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from reports.figures.kinds import KINDS, sheets_of
from reports.figures.sheets import PAPER_PICTURES, picture_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.results import Results
    from experiments.schema import Config
    from reports.figures.data import Frames

MILLIMETRES = 25.4  # of an inch


class PaperFigure(NamedTuple):
    """A figure of a paper: its number, the name that it has in the sweep, and its widths in mm."""

    number: int
    name: str
    widths: Sequence[int]

    def file(self, width: int) -> str:
        """Return the name of its drawing at a width."""
        return f"figure-{self.number}-{width}mm.pdf"


def paper_figures(config: Config) -> list[PaperFigure]:
    """Return the figures of a paper about a sweep: of each kind the first on the main page."""
    drawn = picture_names(config)
    found = {name: widths for name, widths in PAPER_PICTURES.items() if name in drawn}
    kinds = set()
    for sheet in sheets_of(config):
        kind = KINDS[sheet.kind]
        if kind.paper and kind.place(config, sheet.comparison) and kind.name not in kinds:
            kinds.add(kind.name)
            found[sheet.name] = kind.paper
    return [PaperFigure(n, *item) for n, item in enumerate(found.items(), start=1)]


def write_paper_figures(results: Results, folder: Path) -> None:
    """Draw the figures of a paper into a folder, as PDF with TrueType fonts."""
    from reports.figures.compact import at_width
    from reports.figures.data import Frames
    from reports.figures.drawing import styled
    from reports.figures.svg import save

    frames = Frames(results)
    for figure in paper_figures(results.config):
        draw = _drawing_of(frames, figure.name)
        for width in figure.widths:
            with styled(), at_width(width / MILLIMETRES):
                save(draw(), folder / Path(figure.file(width)).stem, ["pdf"])


def _drawing_of(frames: Frames, name: str) -> Callable[[], Figure]:
    """Return what draws a figure or a picture of a sweep; it is measured once."""
    from reports.figures.drawing import Drawing
    from reports.figures.pictures import PICTURES

    if name in PICTURES:
        picture, found = PICTURES[name], PICTURES[name].measure(frames)
        return lambda: picture.draw(found)
    sheet = next(sheet for sheet in sheets_of(frames.config) if sheet.name == name)

    def draw() -> Figure:
        drawing = Drawing(frames, sheet)
        KINDS[sheet.kind].draw(drawing)
        return drawing.figure

    return draw
