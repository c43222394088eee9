"""Which drawings need not be drawn again: those that follow from what they followed from before.

A note next to the results, `drawn.json`, has for each drawing a digest of what decides its bytes:
the code, the libraries, the part of the config, the runs and epochs of its studies. A drawing is
kept if this digest and the checksum of its file are the noted ones. Titles and questions are left
out of the digest of a comparison's figure, as these figures do not show them. Without the note
everything is drawn.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from experiments.base import canonical, closure, digest, files, receipts, write_text
from experiments.results import curve_digests
from experiments.schema import Comparison, content
from reports.figures.data import Frames
from reports.figures.sheets import Sheet

NOT_SHOWN = ("title", "question")
"""What a study says that its figures do not show."""
OF_STUDIES = ("studies", "title", "chapters", "pictures")
"""The keys of a config that say nothing of a single figure, or that it has a part of."""


class Kept:
    """The drawings of a sweep that were drawn before, and what they were drawn from."""

    def __init__(self, frames: Frames, folder: Path) -> None:
        """Read the note about the drawings in `folder`, if there is one."""
        self.frames, self.folder = frames, Path(folder)
        self._note = frames.results.folder / files.DRAWN
        self._before = _read(self._note)
        self._drawn: dict[str, Any] = {}
        self._code = closure.code("reports.__main__:figures")

    def facts(self, name: str, follows: Any, draw: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what is known of a drawing; `draw` writes its file and says it, if it must.

        `follows` is what decides the drawing, beside code and libraries.
        """
        of = digest(canonical([self._code, mpl.__version__, np.__version__, name, follows]))
        file = self.folder / f"{name}.svg"
        known = self._before.get("drawings", {}).get(name, {})
        if known.get("of") != of or receipts.file_checksum(file) != known["file"]:
            facts = draw()
            known = {"of": of, "file": receipts.file_checksum(file), "facts": facts}
        self._drawn[name] = known
        return known["facts"]

    def save(self) -> None:
        """Write the note."""
        note = {"drawings": self._drawn, "curves": self._curves, "epochs": self._epochs}
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


def _read(path: Path) -> Mapping[str, Any]:
    """Return the note; it is empty if none can be read."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
        drawings: Iterable[Mapping] = note["drawings"].values()
        whole = all({"of", "file", "facts"} <= drawing.keys() for drawing in drawings)
        return note if whole and isinstance(note["epochs"], dict) else {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
