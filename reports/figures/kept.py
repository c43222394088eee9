"""Which drawings need not be drawn again: those that follow from what they followed from before.

A note next to the results, `drawn.json`, has for each drawing a digest of what decides its bytes:
the code, the libraries, the part of the config, the runs and epochs of its studies. A drawing is
kept if this digest and the checksum of its file are the noted ones. Titles and questions are left
out of the digest of a comparison's figure, as these figures do not show them. Without the note
everything is drawn.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd

from experiments.base import canonical, closure, digest, each, files, receipts, write_text
from experiments.results import curve_digests
from experiments.schema import Comparison, content
from reports.figures.data import Frames
from reports.figures.sheets import Sheet

NOT_SHOWN = ("title", "question")
"""What a study says that its figures do not show."""
OF_STUDIES = ("studies", "title", "chapters", "pictures")
"""The keys of a config that say nothing of a single figure, or that it has a part of."""


class Task(NamedTuple):
    """A drawing: its name, what decides it beside code and libraries, and what draws it.

    `draw` writes its file, and returns what is known of it.
    """

    name: str
    of: Any
    draw: Callable[[], dict[str, Any]]


class Kept:
    """The drawings of a sweep that were drawn before, and what they were drawn from."""

    def __init__(self, frames: Frames, folder: Path) -> None:
        """Read the note about the drawings in `folder`, if there is one."""
        self.frames, self.folder = frames, Path(folder)
        self._note = frames.results.folder / files.DRAWN
        self._before = _read(self._note)
        self._drawn: dict[str, Any] = {}
        self._code = closure.code("reports.__main__:figures")

    def known(self, task: Task) -> dict[str, Any] | None:
        """Return what is known of a drawing that is kept; None if it must be drawn."""
        known = self._before.get("drawings", {}).get(task.name, {})
        if known.get("of") != self._of(task) or self._checksum(task) != known["file"]:
            return None
        self._drawn[task.name] = known
        return known["facts"]

    def enter(self, task: Task, facts: Mapping[str, Any]) -> None:
        """Take note of a drawing that was drawn."""
        known = {"of": self._of(task), "file": self._checksum(task), "facts": facts}
        self._drawn[task.name] = known

    def _of(self, task: Task) -> str:
        libraries = [mpl.__version__, np.__version__]
        return digest(canonical([self._code, *libraries, task.name, task.of]))

    def _checksum(self, task: Task) -> str:
        return receipts.file_checksum(self.folder / f"{task.name}.svg")

    def save(self) -> None:
        """Write the note."""
        drawings = dict(sorted(self._drawn.items()))
        note = {"drawings": drawings, "curves": self._curves, "epochs": self._epochs}
        write_text(self._note, json.dumps(note, ensure_ascii=False) + "\n")

    def of_sheet(self, sheet: Sheet) -> list[Any]:
        """Return what decides a comparison's figure."""
        studies = self._studies(sheet.comparison)
        said = self._said
        shown = {
            name: {k: v for k, v in said["studies"][name].items() if k not in NOT_SHOWN}
            for name in studies
        }
        return [
            sheet.kind, sheet.datasets, sheet.facets, shown,
            {key: value for key, value in said.items() if key not in OF_STUDIES},
            {name: self.frames.results.samples(name) for name in sheet.datasets},
            self.frames.command(sheet.name),
            [[self._runs[name], self._epochs[name]] for name in studies],
        ]  # fmt: skip

    def of_picture(self, probe: str, of_results: bool) -> list[Any]:
        """Return what decides a picture: a probe, nothing of a sweep, or all of it."""
        folder = self.frames.results.folder
        if not of_results:
            return [self.frames.command("")]
        if probe:
            return [
                self.frames.command(""),
                receipts.file_checksum(files.probe_file(folder, probe)),
            ]
        return [self.frames.command(""), self._said, self._runs, self._epochs]

    def _studies(self, comparison: Comparison) -> list[str]:
        """Return the studies that decide a comparison's numbers: those of its planned families."""
        families = {name for name, _ in comparison.planned}
        others = (
            other.study
            for other in self.frames.results.comparisons
            if families & {name for name, _ in other.planned}
        )
        return sorted({comparison.study, *others})

    @cached_property
    def _said(self) -> dict[str, Any]:
        """What the config says."""
        return content(self.frames.config)

    @cached_property
    def _runs(self) -> dict[str, str]:
        """A digest of the rows of each study in the table of runs."""
        runs = self.frames.results.runs
        columns = [name for name in runs if not name.startswith("axis_")]
        return {
            str(study): digest(
                pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes().hex()
            )
            for study, rows in runs[columns].groupby("study", sort=False)
        }

    @cached_property
    def _curves(self) -> list[Any]:
        """What the digests of the epochs follow from."""
        checksum = receipts.file_checksum(self.frames.results.folder / files.CURVES)
        return [checksum, self._code, self._runs]

    @cached_property
    def _epochs(self) -> dict[str, str]:
        """A digest of the epochs of each study."""
        if self._before.get("curves") == self._curves:
            return self._before["epochs"]
        groups = self.frames.results.runs.groupby("study", sort=False)["run_id"]
        return curve_digests(self.frames.results.folder, {str(k): set(v) for k, v in groups})


def drawn(
    groups: Iterable[Sequence[Task]], kept: Kept | None, processes: int = 1
) -> dict[str, dict[str, Any]]:
    """Return what is known of each drawing by its name, after drawing those that are not kept.

    The drawings of a group have much to read in common: one process draws them, unless there are
    so few groups that some processes would have nothing to do.
    """
    groups = list(groups)
    found = {task.name: kept and kept.known(task) for group in groups for task in group}
    left = [[task for task in group if found[task.name] is None] for group in groups]
    left = [group for group in left if group]
    if len(left) < 2 * processes:
        left = [[task] for group in left for task in group]
    made = each(lambda group: [task.draw() for task in group], left, processes)
    for task, facts in zip(chain(*left), chain(*made), strict=True):
        found[task.name] = facts
        if kept:
            kept.enter(task, facts)
    return found


def _read(path: Path) -> Mapping[str, Any]:
    """Return the note; it is empty if none can be read."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        drawings: Iterable[Mapping] = note["drawings"].values()
        whole = all({"of", "file", "facts"} <= drawing.keys() for drawing in drawings)
        return note if whole and isinstance(note["epochs"], dict) else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
