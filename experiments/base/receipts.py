"""What each step of a sweep was made from, and checksums of what it made: `receipts/STEP.json`.

Snakemake decides by times and by notes in `.snakemake`, which stay behind when results are copied.
A receipt goes with the results and knows by content whether they still follow from the config, the
code and the files that they were made from, and whether somebody damaged them since.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.base import files, store
from experiments.base.errors import DamagedFileError


@dataclass(frozen=True)
class Step:
    """A step of a sweep: the folder of the results, the files that it reads and that it makes."""

    name: str
    results: Path
    inputs: tuple[str, ...]
    products: tuple[str, ...]

    @property
    def receipt(self) -> Path:
        """The file that holds the step's receipt."""
        return self.results / files.RECEIPTS / f"{self.name}.json"


def file_checksum(path: Path | str) -> str:
    """Return the checksum of a file; of one that holds its own, as a .bin does, just that.

    The text is empty if the path has no file, or is a folder.
    """
    try:
        with Path(path).open("rb") as file:
            if Path(path).suffix == files.STORED:
                return file.readline(200).split()[-1].decode("ascii", "replace")
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, IndexError):
        return ""


def write(step: Step, recipe: Mapping[str, str]) -> None:
    """Write the receipt of a step that has just been done.

    What the step made before and makes no longer is removed, unless somebody changed it since.
    """
    before = _read(step.receipt).get("products", {})
    products = _checksums(step, step.products)
    for name in before.keys() - products.keys():
        path = step.results / name
        if path.is_file() and file_checksum(path) == before[name]:
            path.unlink()
    facts = {"recipe": recipe, "inputs": _checksums(step, step.inputs), "products": products}
    store.write_text(step.receipt, json.dumps(facts, indent=1, sort_keys=True) + "\n")


def why_stale(step: Step, recipe: Mapping[str, str]) -> str:
    """Return why a step has to be done again, or an empty text.

    A missing input is not a reason: the file that was made from it may be kept without it.
    """
    facts = _read(step.receipt)
    if not facts:
        return "not finished, or made by an older version"
    for name, was, now in _compared(step, facts["products"], step.products):
        if was is None or not now:
            return f"{name} is missing" if not _is_folder(step, name) else f"{name} is a folder"
        if was != now:
            return f"{name} is damaged"
    changed = [k for k in {**facts["recipe"], **recipe} if facts["recipe"].get(k) != recipe.get(k)]
    if changed:
        return f"{', '.join(sorted(changed))} changed"
    for name, was, now in _compared(step, facts["inputs"], step.inputs):
        if not was:
            return f"{name} is new"
        if now and was != now:
            return f"{name} changed"
    return ""


def recipe(receipt: Path) -> dict[str, str]:
    """Return the recipe in a receipt; it is empty if none can be read."""
    return _read(receipt).get("recipe", {})


def damaged(results: Path) -> list[str]:
    """Return a sentence for each file of a sweep that is not as a step left it."""
    found = []
    for path in sorted((results / files.RECEIPTS).glob("*.json")):
        facts = _read(path)
        if not facts:
            found.append(f"{path} is damaged")
        for name, was in facts.get("products", {}).items():
            now = file_checksum(results / name)
            if now != was:
                found.append(f"{results / name} is {'damaged' if now else 'missing or a folder'}")
    for path in _job_files(results):
        try:
            store.check(path)
        except (DamagedFileError, OSError) as error:
            found.append(str(error))
    return found


def files_known(results: Path) -> int:
    """Return how many files :func:`damaged` looks at: those that steps made, and the jobs'."""
    made = (_read(path).get("products", {}) for path in (results / files.RECEIPTS).glob("*.json"))
    return sum(map(len, made)) + len(_job_files(results))


def _job_files(results: Path) -> list[Path]:
    """Return the files of the train jobs and of the confirming jobs."""
    folders = (results / kind for kind in (files.JOBS, files.CONFIRM))
    return sorted(path for folder in folders for path in folder.glob(f"*{files.STORED}"))


def _compared(
    step: Step, known: Mapping[str, str], files: Iterable[str]
) -> Iterable[tuple[str, str | None, str]]:
    for file in files:
        name = _name(step, file)
        yield name, known.get(name), file_checksum(file)


def _checksums(step: Step, files: Iterable[str]) -> dict[str, str]:
    return {_name(step, file): file_checksum(file) for file in files}


def _name(step: Step, file: str) -> str:
    return Path(os.path.relpath(file, step.results)).as_posix()


def _is_folder(step: Step, name: str) -> bool:
    return (step.results / name).is_dir()


def _read(path: Path) -> dict[str, Any]:
    """Return a receipt; it is empty if none can be read."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        good = all(isinstance(facts[key], dict) for key in ("recipe", "inputs", "products"))
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return facts if good else {}
