"""The tables of a sweep as they are stored; a damaged one is named in one sentence."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.base import UserError

ANEW = "delete it and run snakemake again, it makes the file anew"


def read_parquet(path: Path, needed: Collection[str], **options: Any) -> pd.DataFrame:
    """Return a table of a sweep. Raises UserError where it is not there, damaged or another's."""
    with readable(path):
        lacking = sorted(set(needed) - set(pq.read_schema(path).names))
        if not lacking:
            return pd.read_parquet(path, **options)
    words = f"no sweep wrote it, it lacks the column {', '.join(lacking)}"
    raise UserError(f"{path} cannot be read: {words}; {ANEW}")


def with_axes(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with the labels of their axes as columns axis_NAME.

    Raises TypeError or ValueError where the labels are not what a sweep wrote.
    """
    distinct = {text: json.loads(text) for text in runs["labels"].unique()}
    for text, labels in distinct.items():
        if not isinstance(labels, dict):
            raise ValueError(f"{text!r} is no mapping of axes")
    labels = pd.DataFrame([distinct[text] for text in runs["labels"]], index=runs.index)
    return runs.join(labels.add_prefix("axis_"))


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Raise UserError in place of what a reader says of a file that is not there or damaged."""
    if not path.exists():
        raise UserError(f"{path} is not there; run snakemake again, it makes the file anew")
    if not path.is_file():
        raise UserError(f"{path} cannot be read: it is no file; {ANEW}")
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, pa.ArrowException) as error:
        raise UserError(f"{path} cannot be read: {_first_line(error)}; {ANEW}") from None


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """Return a table that is stored as CSV. Raises UserError if it cannot be read."""
    try:
        return pd.read_csv(path, **options)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {_first_line(error)}; {ANEW}") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
