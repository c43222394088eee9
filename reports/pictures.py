"""Pictures beside the comparisons, which a config asks for by the names of their modules.

    python -m reports.pictures NAME OUT

draws OUT/NAME.svg and .pdf. Such a module of `reports` has a TITLE, a CAPTION, `measure()`, and
`draw` and `alt` of what that returns.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import matplotlib as mpl

from experiments.results import Results
from experiments.schema import Picture
from experiments.store import write_text
from reports.figures import save
from reports.frames import Frames

NAMES = get_args(Picture)


def picture(name: str) -> ModuleType:
    """Return the module of a picture."""
    return importlib.import_module(f"reports.{name}")


def write_pictures(results: Results, folder: Path) -> None:
    """Draw what the config asks for, with what belongs to each as JSON beside it."""
    for name in results.config.pictures:
        module = picture(name)
        found = module.measure()
        _save(module, found, folder / name)
        command = Frames(results).command(f"figures/{name}.svg")
        facts = {"title": module.TITLE, "caption": module.CAPTION, "alt": module.alt(found)}
        text = json.dumps(facts | {"command": command}, indent=1, ensure_ascii=False)
        write_text(folder / f"{name}.json", text + "\n")


def _save(module: ModuleType, found: Any, stem: Path) -> None:
    with mpl.rc_context(fname=str(Path(__file__).with_name("style.mplstyle"))):
        save(module.draw(found), stem)


def main(argv: list[str]) -> int:
    """Draw one picture into the folder that is named."""
    if len(argv) != 2 or argv[0] not in NAMES:
        print(f"usage: python -m reports.pictures {{{','.join(NAMES)}}} OUT", file=sys.stderr)
        return 2
    name, folder = argv
    module = picture(name)
    _save(module, module.measure(), Path(folder) / name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
