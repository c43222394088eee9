"""The user's own tables. How they are read is told in :mod:`experiments.datasets.tables`.

Paths are relative to the working directory. What is wrong with a file is said while the sweep
is planned.
"""

from functools import lru_cache
from pathlib import Path

from experiments.datasets import tables
from experiments.datasets.checks import Array, Stamp, existing, stamped, verify
from experiments.datasets.source import DATASETS, Source
from experiments.datasets.tables import TableOptions


@DATASETS.register("table")
class Table(Source):
    """A table of the user's: CSV, Parquet or NPZ; columns of texts become one-hot features."""

    description = "a table of the user's (CSV, Parquet or NPZ)"
    licence = "that of the user's file"
    citation = "the user's file"
    Options = TableOptions

    def files(self, options):
        return [existing(options.path)]

    def shape(self, options):
        return tables.table_shape(self.load(options))

    def load(self, options):
        return dict(self._read(options)[0])

    def notes(self, options):
        return self._read(options)[1]

    @staticmethod
    def _read(options: TableOptions) -> tuple[dict[str, Array], list[str]]:
        path = existing(options.path)
        verify(path, options.sha256)
        return _table(stamped(path), options.model_dump_json())


@lru_cache(maxsize=4)
def _table(stamp: Stamp, options: str) -> tuple[dict[str, Array], list[str]]:
    """Return the arrays of a file, and what was decided of its columns."""
    chosen = TableOptions.model_validate_json(options)
    frame = tables.read_frame(Path(stamp[0]), chosen)
    made = tables.columns(stamp[0], frame, chosen.label, chosen)
    return tables.encode(stamp[0], made, chosen.label, chosen.task), tables.summary(
        made, chosen.label
    )
