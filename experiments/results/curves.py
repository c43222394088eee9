"""The reader of curves.parquet: a row for each run and epoch, the epochs of a run in order.

Comes in: the folder of a sweep, names of runs and columns. Goes out: a frame (`read_curves`), or
arrays by run for those who ask for many runs one by one (`Curves`).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.base import canonical, digest, files
from experiments.results.reading import read_parquet, readable


def curve_columns(folder: Path) -> list[str]:
    """Return the names of the columns of a sweep's curves. Raises UserError as `read_curves`."""
    path = Path(folder) / files.CURVES
    with readable(path):
        return pq.read_schema(path).names


def read_curves(
    folder: Path,
    runs: Collection[str] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the curves of a sweep: columns run_id, epoch and `columns` (None: all).

    `runs` are names of runs (None: all). Raises UserError if the file is missing or damaged.
    """
    needed = ["run_id", "epoch", *(columns or ())]
    wanted = None
    if runs is not None:  # typed, for there may be none
        wanted = pc.field("run_id").isin(pa.array(sorted(set(runs)), pa.string()))
    path = Path(folder) / files.CURVES
    return read_parquet(path, needed, columns=needed if columns else None, filters=wanted)


def curve_digests(folder: Path, groups: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return a digest of the curves of each group of runs: of their names, epochs and values.

    Curves of other runs in the file change nothing. Raises UserError as `read_curves`.
    """
    path = Path(folder) / files.CURVES
    with readable(path):
        file = pq.ParquetFile(path)
        sums = {group: _Digest(set(runs)) for group, runs in groups.items()}
        for number in range(file.num_row_groups):
            part = file.read_row_group(number)
            for each in sums.values():
                each.update(part)
    return {group: each.text for group, each in sums.items()}


class _Digest:
    """The digest of the curves of some runs, from one part of the file after another."""

    def __init__(self, runs: Collection[str]) -> None:
        self._runs, self._last = runs, ""
        self._sums: dict[str, Any] = {}

    def update(self, part: pa.Table) -> None:
        """Add what a part of the file has of the runs."""
        ids = part["run_id"].combine_chunks().dictionary_encode()
        names = ids.dictionary.to_pylist()
        mine = np.array([name in self._runs for name in names], dtype=bool)
        rows = mine[ids.indices.to_numpy()]
        if not rows.any():
            return
        for at, name in enumerate(names):
            if mine[at] and name != self._last:  # a run may begin in the part before
                self._add("run_id", f"{name}\n".encode())
                self._last = name
        for column in part.column_names:
            if column != "run_id":
                self._add(column, part[column].to_numpy()[rows].tobytes())

    def _add(self, column: str, values: bytes) -> None:
        self._sums.setdefault(column, hashlib.sha256()).update(values)

    @property
    def text(self) -> str:
        """The digest of all columns."""
        return digest(canonical({name: s.hexdigest() for name, s in sorted(self._sums.items())}))


class Curves:
    """The curves of some runs as arrays, held in memory by column."""

    def __init__(
        self, folder: Path, columns: Sequence[str], runs: Collection[str] | None = None
    ) -> None:
        path = Path(folder) / files.CURVES
        with readable(path):
            table = _table(path, columns, runs)
        ids = table["run_id"].dictionary_encode().combine_chunks()
        codes = ids.indices.to_numpy()
        starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]]) if len(codes) else []
        ends = np.r_[starts[1:], len(codes)] if len(codes) else []
        names = ids.dictionary.to_pylist()
        self._rows = {names[codes[a]]: slice(a, b) for a, b in zip(starts, ends, strict=True)}
        self._columns = {name: table[name].to_numpy(zero_copy_only=False) for name in columns}

    def __contains__(self, run: str) -> bool:
        return run in self._rows

    def lengths(self, runs: Sequence[str]) -> np.ndarray:
        """Return the number of recorded epochs of each run, that before training included."""
        rows = [self._rows[run] for run in runs]
        return np.array([each.stop - each.start for each in rows], dtype=int)

    def measured(self, run: str) -> np.ndarray:
        """Return the epochs at which something but the step size of a run was measured."""
        rows = self._rows[run]
        columns = [c[rows] for name, c in self._columns.items() if name != "step_size"]
        there = np.zeros(rows.stop - rows.start, dtype=bool)
        for column in columns:
            there |= ~np.isnan(column)
        return np.flatnonzero(there)

    def stacked(
        self, runs: Sequence[str], names: Sequence[str], epochs: np.ndarray
    ) -> list[np.ndarray]:
        """Return columns of runs at some epochs, (runs, epochs) each.

        Columns that the curves lack are left out. A run that ended earlier keeps its last value.
        """
        starts = np.array([self._rows[run].start for run in runs], dtype=int)[:, None]
        last = self.lengths(runs)[:, None] - 1
        places = starts + np.minimum(epochs, last)
        return [self._columns[name][places] for name in names if name in self._columns]


def _table(path: Path, columns: Sequence[str], runs: Collection[str] | None) -> pa.Table:
    """Return columns of some runs; row group by row group, for all do not fit into memory."""
    file, needed = pq.ParquetFile(path), ["run_id", *columns]
    if runs is None:
        return file.read(columns=needed)
    wanted = pa.array(sorted(runs), pa.string())
    parts = []
    for group in range(file.num_row_groups):
        part = file.read_row_group(group, columns=needed)
        parts.append(part.filter(pc.is_in(part["run_id"], value_set=wanted)))
    return pa.concat_tables(parts) if parts else file.read(columns=needed)
