"""The files of the figures: their names, known before anything is drawn, and the drawing."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.figures.kinds import KINDS, figure_names, sheets_of
from reports.figures.sheets import Sheet, picture_names

if TYPE_CHECKING:
    from experiments.results import Results
    from experiments.schema import Config
    from reports.figures.data import Frames
    from reports.figures.kept import Kept


def figure_files(config: Config) -> list[str]:
    """Return the files in the folder of figures: every drawing, and what is said below them."""
    pictures = picture_names(config)
    drawings = [f"{name}.svg" for name in (*figure_names(config), *pictures)]
    return drawings + [f"{name}.json" for name in ("captions", *pictures)]


def write_figures(
    results: Results,
    folder: Path,
    ending: str = "svg",
    kept: Kept | None = None,
    processes: int = 1,
) -> str:
    """Draw all figures of a sweep into `folder`, with the captions of SVGs in captions.json.

    The bytes of a figure depend on the results alone. Those that are `kept` are not drawn again.
    Returns a sentence for the log about characters that the figures' font cannot draw; an empty
    text if there are none.
    """
    from reports.figures.data import Frames
    from reports.figures.drawing import styled
    from reports.figures.kept import Task, drawn
    from reports.figures.svg import glyph_note

    gc.freeze()  # figures are full of cycles: look for garbage among them, and not in what stays
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    frames = kept.frames if kept else Frames(results)

    def task(sheet: Sheet) -> Task:
        of = kept and kept.of_sheet(sheet)
        return Task(sheet.name, of, partial(_drawn, frames, sheet, folder, ending))

    by_comparison = groupby(sheets_of(results.config), lambda sheet: sheet.comparison.name)
    with styled():
        facts = drawn([list(map(task, sheets)) for _, sheets in by_comparison], kept, processes)
    if ending == "svg":
        _write_captions({name: known["caption"] for name, known in facts.items()}, folder)
    return glyph_note({character for known in facts.values() for character in known["missing"]})


def _drawn(frames: Frames, sheet: Sheet, folder: Path, ending: str) -> dict[str, Any]:
    """Draw one figure; return its caption, and the characters that its font lacks."""
    from reports.figures.drawing import Drawing
    from reports.figures.svg import missing_glyphs, save

    drawing = Drawing(frames, sheet)
    KINDS[sheet.kind].draw(drawing)
    save(drawing.figure, folder / sheet.name, [ending])
    lacking = sorted(missing_glyphs(drawing.figure))
    return {"caption": asdict(drawing.captioned()), "missing": lacking}


def _write_captions(captions: Mapping[str, Any], folder: Path) -> None:
    from experiments.base import files, write_text

    write_text(folder / files.CAPTIONS, json.dumps(captions, indent=1, ensure_ascii=False) + "\n")
