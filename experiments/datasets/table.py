"""The user's own tables. How they are read is told in :mod:`experiments.datasets.tables`.

Paths are relative to the working directory. Errors in a file are reported while the sweep
is planned.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.base import UserError, listing
from experiments.datasets import tables
from experiments.datasets.checks import Array, Stamp, existing, stamped, verify
from experiments.datasets.source import DATASETS, Source
from experiments.datasets.tables import TableOptions


@DATASETS.register("table")
class Table(Source):
    """A table of the user's; columns of texts become one-hot features."""

    description = "a table of the user's (CSV, Excel, Parquet, ARFF, NPZ, MAT or SVMlight)"
    licence = "that of the user's file"
    citation = "the user's file"
    Options = TableOptions

    def files(self, options):
        return [existing(name) for name in _named(options)]

    def shape(self, options):
        return tables.table_shape(self.load(options))

    def load(self, options):
        return dict(self._read(options)[0])

    def notes(self, options):
        return self._read(options)[1]

    def _read(self, options: TableOptions) -> tuple[dict[str, Array], list[str]]:
        paths = self.files(options)
        verify(paths[0], options.sha256)
        return _table(tuple(map(stamped, paths)), options.model_dump_json())


def _named(options: TableOptions) -> list[str]:
    names = (options.path, options.validation, options.test)
    return [name for name in names if name is not None]


@lru_cache(maxsize=4)
def _table(stamps: tuple[Stamp, ...], options: str) -> tuple[dict[str, Array], list[str]]:
    """Return the arrays of the files, and what was decided of their columns."""
    import pandas as pd

    chosen = TableOptions.model_validate_json(options)
    frames = [tables.read_frame(Path(stamp[0]), chosen) for stamp in stamps]
    if len(frames) == 1:
        return tables.assemble(stamps[0][0], frames[0], chosen.label, chosen)
    names = [stamp[0] for stamp in stamps]
    for name, frame in zip(names, frames, strict=True):
        _refuse_other_columns(names[0], frames[0], name, frame)
    whole = pd.concat([frame[frames[0].columns] for frame in frames], ignore_index=True)
    rows = tuple(map(len, frames))
    return tables.assemble(" + ".join(names), whole, chosen.label, chosen, rows)


def _refuse_other_columns(first: str, frame: Any, second: str, other: Any) -> None:
    """Refuse a further file whose columns are not those of the first."""
    for here, these, there, those in ((first, frame, second, other), (second, other, first, frame)):
        lacking = [str(name) for name in these.columns if name not in those.columns]
        if lacking:
            raise UserError(
                f"{there}: the columns {listing(lacking)} of {here} are not there; files of one "
                "table have the same columns"
            )
    if not len(other):
        raise UserError(f"{second}: the table has no rows; use a file with samples")
