"""The gallery: Sphinx runs a small sweep, and the page shows a figure of each kind and picture."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import NamedTuple

from experiments.schema import Config, load
from reports.figures import KINDS, SUMMARY, picture_names, sheets, sheets_of
from reports.figures.pictures import PICTURES

DOCS = Path(__file__).parent
CONFIG = DOCS / "gallery.yaml"
FOLDER = DOCS / "_build" / "gallery"
FIGURES = Path("results", CONFIG.stem, "figures")


class Entry(NamedTuple):
    """A figure of the gallery: its file, its title, and the words of a config that ask for it."""

    name: str
    title: str
    asked: str


def entries(config: Config) -> Iterator[Entry]:
    """Yield the first figure of each kind that a sweep has, then its pictures."""
    found = {sheet.kind: sheet.name for sheet in reversed([*sheets_of(config)])}
    for kind in KINDS.values():
        if kind.name in found:
            yield Entry(found[kind.name], _title(kind.draw.__module__), kind.asked)
    for name in picture_names(config):
        yield Entry(name, _title(PICTURES[name].draw.__module__), _asked(name))


def _title(module: str) -> str:
    """Return what a figure is called: the text before the colon in the docstring of its module."""
    return re.split(r"[:.]", getdoc(sys.modules[module]))[0]


def _asked(picture: str) -> str:
    if picture in sheets.EVERY_SWEEP:
        return "nothing: every sweep has it"
    return "`headline`" if picture == SUMMARY else f"`pictures: [{picture}]`"


def run_sweep() -> None:
    """Draw the figures of the gallery's sweep; what is drawn already is kept."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["snakemake", "-s", DOCS.parent / "Snakefile", "--configfile", CONFIG]
    command += ["--cores", "2", "--nolock", "--", FIGURES / "captions.json"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=FOLDER, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the sweep of the gallery failed:\n{done.stdout}{done.stderr}")


def _described(entry: Entry, captions: dict[str, dict[str, str]]) -> str:
    said = captions.get(entry.name)
    if said is None:
        said = json.loads((FOLDER / FIGURES / f"{entry.name}.json").read_text(encoding="utf-8"))
    picture = (FOLDER / FIGURES / f"{entry.name}.svg").relative_to(DOCS).as_posix()
    alt = re.sub(r"([\\\[\]])", r"\\\1", said["alt"])
    parts = (f"Asked for by {entry.asked}.", f"![{alt}]({picture})", said["caption"])
    return "\n\n".join((f"## {entry.title}", *parts)) + "\n"


def write_gallery(app: object = None) -> None:
    """Write the part of the page that docs/gallery.md includes."""
    run_sweep()
    captions = json.loads((FOLDER / FIGURES / "captions.json").read_text(encoding="utf-8"))
    texts = [_described(entry, captions) for entry in entries(load(CONFIG))]
    (FOLDER / "figures.md").write_text("\n".join(texts), encoding="utf-8")
