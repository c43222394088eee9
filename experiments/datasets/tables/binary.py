"""Parquet, whose cells have types."""

import re
from pathlib import Path
from typing import Any

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
