"""Pictures next to the comparisons. Every module of this package is one, found by import.

    python -m reports picture NAME OUT

draws OUT/NAME.svg and .pdf.
"""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from experiments.base import UserError, write_text
from experiments.results import Results
from reports.figures.data import Frames
from reports.figures.drawing import styled
from reports.figures.pictures.picture import Picture
from reports.figures.sheets import picture_names
from reports.figures.svg import save

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]

PICTURES: Mapping[str, Picture] = {
    module.PICTURE.name: module.PICTURE for module in _MODULES if hasattr(module, "PICTURE")
}


def write_pictures(
    results: Results, folder: Path, ending: str = "svg", data: Path = Path("data")
) -> None:
    """Draw the pictures of a sweep, with what belongs to each SVG as JSON next to it."""
    frames = Frames(results, data)
    for name in picture_names(results.config):
        picture = PICTURES[name]
        found = picture.measure(frames)
        with styled():
            save(picture.draw(found), Path(folder) / name, [ending])
        if ending != "svg":
            continue
        caption = picture.caption(found) if callable(picture.caption) else picture.caption
        facts = {"title": picture.title, "caption": caption, "alt": picture.alt(found)}
        facts["command"] = frames.command(f"figures/{name}.svg")
        known = {key: text for key, text in facts.items() if text}
        text = json.dumps(known, indent=1, ensure_ascii=False)
        write_text(Path(folder) / f"{name}.json", text + "\n")


def draw_picture(name: str, folder: Path) -> None:
    """Draw one picture that needs no results into a folder. Raises UserError without such one."""
    free = [name for name, picture in PICTURES.items() if not picture.of_results]
    if name not in free:
        raise UserError(f"there is no picture {name!r}; there are {', '.join(free)}")
    picture = PICTURES[name]
    with styled():
        save(picture.draw(picture.measure(None)), Path(folder) / name, ["svg", "pdf"])
