"""Pictures next to the comparisons. Every module of this package is one, found by import.

    python -m reports picture NAME OUT

draws OUT/NAME.svg and .pdf.
"""

import json
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from experiments.base import UserError, write_text
from experiments.results import Results
from reports.figures.data import Frames
from reports.figures.drawing import styled
from reports.figures.kept import Kept, Task, drawn
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import picture_names
from reports.figures.svg import save

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

PICTURES: Mapping[str, Picture] = {
    module.PICTURE.name: module.PICTURE for module in _MODULES if hasattr(module, "PICTURE")
}


def write_pictures(
    results: Results,
    folder: Path,
    ending: str = "svg",
    data: Path = Path("data"),
    kept: Kept | None = None,
    processes: int = 1,
) -> None:
    """Draw the pictures of a sweep, with what belongs to each SVG as JSON next to it.

    Those that are `kept` are not drawn again.
    """
    frames = kept.frames if kept else Frames(results, data)
    pictures = [PICTURES[name] for name in picture_names(results.config)]
    tasks = [
        Task(
            picture.name,
            kept and kept.of_picture(picture.probe, picture.of_results),
            partial(_drawn, frames, picture, Path(folder), ending),
        )
        for picture in pictures
    ]
    found = drawn([[task] for task in tasks], kept, processes)
    for name, facts in found.items() if ending == "svg" else ():
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        write_text(Path(folder) / f"{name}.json", text + "\n")


def _drawn(frames: Frames, picture: Picture, folder: Path, ending: str) -> dict[str, str]:
    """Draw one picture; return what belongs to it."""
    found = picture.measure(frames)
    with styled():
        save(picture.draw(found), folder / picture.name, [ending])
    caption = picture.caption(found) if callable(picture.caption) else picture.caption
    facts = {"title": picture.title, "caption": caption, "alt": picture.alt(found)}
    facts["command"] = frames.command(f"figures/{picture.name}.svg")
    return {key: text for key, text in facts.items() if text}


def draw_picture(name: str, folder: Path) -> None:
    """Draw one picture that needs no results into a folder. Raises UserError without such one."""
    free = [name for name, picture in PICTURES.items() if not picture.of_results]
    if name not in free:
        raise UserError(f"there is no picture {name!r}; there are {', '.join(free)}")
    picture = PICTURES[name]
    with styled():
        save(picture.draw(picture.measure(None)), Path(folder) / name, ["svg", "pdf"])
