"""The files of a sweep that the page shows: each is read whole, or named in one sentence."""

import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import UserError, listing

REMEDY = "delete it and run the same snakemake command again to rebuild it"
TEXTS = (
    "dataset",
    "facet",
    "arm",
    "baseline",
    "a",
    "b",
    "on_edge",
    "edge_a",
    "edge_b",
    "standing",
    "step",
    "note",
    "verdict",
    "verdict_kind",
    "family",
    "fragile",
    "part",
    "epoch",
    "source",
    "metric",
)
"""The columns of a sweep's tables that hold texts."""


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """Raise UserError, which names the file and what to do, if the block cannot read it."""
    try:
        yield
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise UserError(f"{path} cannot be read ({reason}): {REMEDY}") from error


def read_text(path: Path) -> str:
    """Return the text of a file that ends with a newline, as every file of a sweep does.

    Raises UserError if it cannot be read, is empty or was cut.
    """
    with sound(path):
        text = Path(path).read_text(encoding="utf-8")
        if not text.endswith("\n"):
            raise ValueError("it was cut" if text else "it is empty")
    return text


def read_json(path: Path, *needed: str) -> dict[str, Any]:
    """Return a mapping that is stored as JSON.

    Raises UserError if the file is damaged or lacks a key that is needed.
    """
    text = read_text(path)
    with sound(path):
        content = json.loads(text)
        if not isinstance(content, dict):
            raise ValueError("it is not a mapping")
    _refuse_other_form(path, needed, content)
    return content


def read_captions(path: Path, *needed: str) -> dict[str, dict[str, Any]]:
    """Return the facts of each figure. Raises UserError if a figure lacks one of those needed."""
    captions = read_json(path)
    for name, facts in captions.items():
        mapping = facts if isinstance(facts, dict) else {}
        _refuse_other_form(path, needed, mapping, f" for {name}")
    return captions


def _refuse_other_form(
    path: Path, needed: Iterable[str], found: Iterable[str], where: str = ""
) -> None:
    lacking = [name for name in needed if name not in found]
    if lacking:
        raise UserError(
            f"{path} is of another version: it has no {listing(lacking)}{where}: {REMEDY}"
        )


def read_csv(path: Path, **options: Any) -> pd.DataFrame:
    """Return a table that is stored as CSV. Raises UserError if the file is damaged."""
    text = read_text(path)
    with sound(path):
        return pd.read_csv(io.StringIO(text), **options)


def read_svg(path: Path) -> str:
    """Return the text of a figure. Raises UserError if the file is damaged."""
    with sound(path):
        text = Path(path).read_text(encoding="utf-8")
        if not text.rstrip().endswith("</svg>"):
            raise ValueError("it is not a whole SVG")
    return text


def read_texts(path: Path, *needed: str) -> pd.DataFrame:
    """Read a table, all of it as text. Raises UserError if it lacks a column that is needed."""
    table = read_csv(path, dtype=str, keep_default_na=False)
    _refuse_other_form(path, needed, table.columns)
    return table


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a sweep; names stay text, even one that reads 'None' or '0.1'."""
    table = read_texts(path)
    with sound(path):
        for name in table.columns:
            if name not in TEXTS:
                texts = table[name].to_numpy(object)
                table[name] = pd.to_numeric(np.where(texts == "", np.nan, texts))
    return table
