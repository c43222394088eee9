"""ARFF, the format of Weka and OpenML, as SciPy reads it. What SciPy cannot read is refused."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.base import UserError
from experiments.datasets.tables.delimited import decoded
from experiments.datasets.tables.options import TableOptions

UNREAD = ("string", "relational")
"""Types of attributes that SciPy does not read."""


def read(path: Path, options: TableOptions) -> Any:
    """Return the attributes as columns: real ones as numbers, nominal ones as categories.

    A question mark is a missing value. Raises UserError for what SciPy reads wrongly or not.
    """
    import pandas as pd
    from scipy.io import arff

    lines = [line.strip() for line in decoded(path, options.encoding).splitlines()]
    attributes, start = _header(path, lines)
    rows = io.StringIO()
    csv.writer(rows, lineterminator="\n").writerows(_rows(path, lines, start, attributes))
    try:
        data, meta = arff.loadarff(io.StringIO("\n".join(lines[:start]) + "\n" + rows.getvalue()))
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise UserError(
            f"{path}: cannot be read as arff: {reason[0] if reason else type(error).__name__}; "
            "correct the file, or save the table as .csv"
        ) from None
    columns = {}
    for name in meta.names():
        kind, categories = meta[name]
        columns[name] = pd.Series(data[name])
        if kind == "nominal":
            cells = [cell.decode() for cell in data[name]]
            values = [None if cell == "?" and "?" not in categories else cell for cell in cells]
            columns[name] = pd.Series(pd.Categorical(values, categories=list(categories)))
    return pd.DataFrame(columns)


def _header(path: Path, lines: list[str]) -> tuple[int, int]:
    """Return the number of attributes and of the lines up to @data.

    Raises UserError for types, names and signs that SciPy does not read.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.lower().startswith("@data"):
            return len(seen), number
        if not line.lower().startswith("@attribute"):
            continue
        name, kind = _attribute(line)
        if name in seen:
            raise UserError(f"{path}: two attributes are called {name!r}; rename one of them")
        seen.add(name)
        if not line.isascii():
            raise UserError(
                f"{path}: line {number} holds a sign that is not ASCII, which is not read in an "
                "ARFF file; write it in plain letters, or save the table as .csv"
            )
        word = kind.split()[0].lower() if kind.split() else ""
        if word in UNREAD:
            raise UserError(
                f"{path}: the attribute {name!r} is of the type {word}, which is not read; leave "
                "it out of the file, or save the table as .csv"
            )
    raise UserError(f"{path}: there is no line @data, so the ARFF file is incomplete")


def _attribute(line: str) -> tuple[str, str]:
    """Return the name and the type of an attribute.

    >>> _attribute("@attribute 'a b' {x, y}"), _attribute("@ATTRIBUTE c real")
    (('a b', '{x, y}'), ('c', 'real'))
    """
    rest = line[len("@attribute") :].strip()
    if rest[:1] in ("'", '"') and rest.count(rest[0]) > 1:
        name, _, kind = rest[1:].partition(rest[0])
        return name, kind.strip()
    words = [*rest.split(None, 1), "", ""]
    return words[0], words[1]


def _rows(path: Path, lines: list[str], start: int, attributes: int) -> Iterator[list[str]]:
    """Yield the values of each row; SciPy knows no single quotes and cuts rows that are too long.

    Raises UserError for a row that has not a value for each attribute.
    """
    for number, line in enumerate(lines[start:], start + 1):
        if not line or line.startswith("%"):
            continue
        if line.startswith("{"):
            raise UserError(
                f"{path}: line {number} is sparse ({{...}}), which is not read; save the table "
                "with all its values, or as .svmlight"
            )
        row = max((_fields(line, sign) for sign in ",\t"), key=len)
        if len(row) != attributes:
            raise UserError(
                f"{path}: line {number} has {len(row)} values, but there are {attributes} "
                "attributes; correct the line"
            )
        yield row


def _fields(line: str, separator: str) -> list[str]:
    quote = next((sign for sign in line if sign in "'\""), '"')
    reader = csv.reader(
        [line], delimiter=separator, quotechar=quote, escapechar="\\", skipinitialspace=True
    )
    return [cell.strip() for cell in next(reader)]
