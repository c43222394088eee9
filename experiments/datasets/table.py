"""The user's own tables: CSV, Parquet and NPZ. Pickles are never loaded.

Paths are relative to the working directory. What is wrong with a file is said while the sweep
is planned.
"""

import zipfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from experiments.datasets.checks import Array, Stamp, class_numbers, existing, stamped, verify
from experiments.datasets.source import DATASETS, Options, Shape, Source
from experiments.errors import UserError

MOST_CATEGORIES = 100
"""A column of texts with more different values than this is taken for a name, not a category."""


class TableOptions(Options):
    """A table and the column to be learnt; all other columns are features."""

    outside: ClassVar = frozenset(("path", "sha256"))

    path: str = Field(description="a .csv, .parquet or .npz file")
    label: str = Field(description="name of the column, or of the array, that is to be learnt")
    task: Literal["classification", "regression"] = Field(
        "classification", description="classes, or a real value"
    )
    leave_out: list[str] = Field(default_factory=list, description="columns that are not used")
    separator: str = Field(",", min_length=1, max_length=1, description="between a CSV's columns")
    sha256: str | None = Field(None, description="checksum of the file, to be verified")


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
        arrays = self.load(options)
        return table_shape(arrays)

    def load(self, options):
        path = existing(options.path)
        verify(path, options.sha256)
        return dict(_table(stamped(path), options.model_dump_json()))


def table_shape(arrays: dict[str, Array]) -> Shape:
    """Return the shape of the arrays X and y of a table."""
    X, y = arrays["X"], arrays["y"]
    return Shape(*X.shape, int(y.max()) + 1 if y.ndim == 1 else 0)


@lru_cache(maxsize=4)
def _table(stamp: Stamp, options: str) -> dict[str, Array]:
    chosen = TableOptions.model_validate_json(options)
    frame = read_frame(Path(stamp[0]), chosen.separator)
    return encode(stamp[0], frame, chosen.label, chosen.task, chosen.leave_out)


def read_frame(path: Path, separator: str = ",") -> Any:
    """Return a table as pandas' DataFrame. Raises UserError."""
    import pandas as pd

    readers = {
        ".csv": lambda: pd.read_csv(path, sep=separator, low_memory=False, skipinitialspace=True),
        ".parquet": lambda: pd.read_parquet(path),
        ".npz": lambda: _npz_frame(path),
    }
    if path.suffix.lower() not in readers:
        raise UserError(
            f"{path}: a file {path.suffix or 'without ending'} is not read (pickles never are); "
            "save the table as .csv, .parquet or .npz"
        )
    try:
        return readers[path.suffix.lower()]()
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "allow_pickle" in reason or "pickled" in reason:
            reason = "it holds pickled objects, which are never loaded; save plain arrays"
        raise UserError(
            f"{path}: cannot be read as {path.suffix[1:]}: {reason}. Is it complete?"
        ) from None


def _npz_frame(path: Path) -> Any:
    """Return the arrays of an NPZ file as columns; of those with more dimensions one for each."""
    import pandas as pd

    if not zipfile.is_zipfile(path):
        raise ValueError("it is no archive of arrays, as numpy.savez writes it")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    lengths = {name: len(a) if a.ndim else 0 for name, a in arrays.items()}
    if len(set(lengths.values())) != 1:
        said = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"its arrays are of different length: {said}")
    columns = {}
    for name, array in arrays.items():
        flat = array.reshape(len(array), -1)
        names = [name] if array.ndim == 1 else [f"{name}_{k}" for k in range(flat.shape[1])]
        columns |= dict(zip(names, flat.T, strict=True))
    return pd.DataFrame(columns)


def encode(
    file: object, frame: Any, label: str, task: str = "classification", leave_out: Iterable = ()
) -> dict[str, Array]:
    """Return X (N, features) and y of a table: numbers as they are, texts one-hot.

    Raises UserError, which names the file, the column and the rows.
    """
    from mlp import did_you_mean

    frame.columns = [str(name) for name in frame.columns]
    for name in (label, *leave_out):
        if name not in frame.columns:
            raise UserError(
                f"{file}: there is no column {name!r}{did_you_mean(name, frame.columns)}; "
                f"known: {_few(frame.columns)}"
            )
    frame = frame.drop(columns=[name for name in leave_out if name != label])
    if not len(frame):
        raise UserError(f"{file}: the table has no rows; use a file with samples")
    if len(frame.columns) < 2:
        raise UserError(
            f"{file}: there is no feature beside {label!r}; is the column separator right?"
        )
    _refuse_missing(file, frame)
    y = _targets(file, frame[label], task)
    features = [_features(file, name, frame[name]) for name in frame.columns if name != label]
    return {"X": np.concatenate(features, axis=1), "y": y}


def _few(names: Iterable[object], most: int = 8) -> str:
    names = list(map(str, names))
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _refuse_missing(file: object, frame: Any) -> None:
    numbers = frame.select_dtypes("number")
    bad = frame.isna()
    bad[numbers.columns] |= ~np.isfinite(numbers.astype(float))
    rows = np.flatnonzero(bad.any(axis=1))
    if len(rows):
        raise UserError(
            f"{file}: values are missing or infinite in {len(rows)} rows, in the columns "
            f"{_few(frame.columns[bad.any(axis=0)])}: rows {_few(rows + 1)} (the first after the "
            "heading is 1); fill them or remove these rows"
        )


def _targets(file: object, column: Any, task: str) -> Array:
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(column)
    if task == "regression":
        if not numeric:
            raise UserError(
                f"{file}: the column {column.name!r} holds texts, so it cannot be a real value; "
                "set task: classification"
            )
        return column.to_numpy(np.float64)[:, None]
    if pd.api.types.is_float_dtype(column) and (column % 1 != 0).any():
        raise UserError(
            f"{file}: the column {column.name!r} holds real numbers, not classes; set "
            "task: regression, or name another label"
        )
    return class_numbers(file, column.to_numpy() if numeric else column.astype(str).to_numpy(str))[
        0
    ]


def _features(file: object, name: str, column: Any) -> Array:
    """Return a column as features (N, 1), or (N, categories) for texts."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):
        if pd.api.types.is_complex_dtype(column):
            raise UserError(f"{file}: the column {name!r} holds complex numbers; use real ones")
        return column.to_numpy(np.float64)[:, None]
    if pd.api.types.is_datetime64_any_dtype(column):
        raise UserError(
            f"{file}: the column {name!r} holds dates; turn them into numbers, or leave_out: "
            f"[{name}]"
        )
    values, number = np.unique(column.astype(str).to_numpy(str), return_inverse=True)
    if len(values) > MOST_CATEGORIES:
        raise UserError(
            f"{file}: the column {name!r} has {len(values)} different texts, too many for "
            f"categories; leave_out: [{name}], or turn it into numbers"
        )
    return np.eye(len(values))[number]
