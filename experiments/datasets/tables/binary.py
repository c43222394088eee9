"""Parquet and NPZ, whose cells have types."""

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from experiments.datasets.tables.options import TableOptions


def parquet(path: Path, options: TableOptions) -> Any:
    """Return the columns of a Parquet file; an index of pandas is a column as well."""
    import pandas as pd

    frame = pd.read_parquet(path)
    if not isinstance(frame.index, pd.RangeIndex):
        names = [name or f"unnamed {k + 1}" for k, name in enumerate(frame.index.names)]
        frame = frame.rename_axis(names).reset_index()
    frame.columns = [
        re.sub(r"^__index_level_(\d+)__$", r"unnamed \1", str(name)) for name in frame.columns
    ]
    return frame


def npz(path: Path, options: TableOptions) -> Any:
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
