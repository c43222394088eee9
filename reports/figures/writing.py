"""The files of the figures: their names, known before anything is drawn, and the drawing."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.figures.kinds import KINDS, figure_names, sheets_of
from reports.figures.sheets import picture_names

if TYPE_CHECKING:
    from experiments.results import Results
    from experiments.schema import Config


def figure_files(config: Config) -> list[str]:
    """Return the files in the folder of figures: every drawing, and what is said below them."""
    pictures = picture_names(config)
    drawings = [f"{name}.svg" for name in (*figure_names(config), *pictures)]
    return drawings + [f"{name}.json" for name in ("captions", *pictures)]


def write_figures(results: Results, folder: Path, ending: str = "svg") -> str:
    """Draw all figures of a sweep into `folder`, with the captions of SVGs in captions.json.

    The bytes of a figure depend on the results alone. Returns a sentence for the log about
    characters that the figures' font cannot draw; an empty text if there are none.
    """
    from reports.figures.data import Frames
    from reports.figures.drawing import Drawing, styled
    from reports.figures.svg import glyph_note, missing_glyphs, save

    gc.freeze()  # figures are full of cycles: look for garbage among them, and not in what stays
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    frames, captions, missing = Frames(results), {}, set()
    with styled():
        for sheet in sheets_of(results.config):
            drawing = Drawing(frames, sheet)
            KINDS[sheet.kind].draw(drawing)
            save(drawing.figure, folder / sheet.name, [ending])
            captions[sheet.name] = asdict(drawing.captioned())
            missing |= missing_glyphs(drawing.figure)
    if ending == "svg":
        _write_captions(captions, folder)
    return glyph_note(missing)


def _write_captions(captions: Mapping[str, Any], folder: Path) -> None:
    from experiments.base import files, write_text

    write_text(folder / files.CAPTIONS, json.dumps(captions, indent=1, ensure_ascii=False) + "\n")
