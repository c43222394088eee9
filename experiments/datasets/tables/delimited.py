"""Text files of columns. All cells are read as texts: what they mean is decided afterwards."""

import csv
import io
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import UserError, counted, listing
from experiments.datasets.tables.options import TableOptions
from experiments.datasets.tables.texts import is_number

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "|", " ": "blanks"}
ADVICE = {"\t": r'"\t"', " ": '" "'}


def read(path: Path, options: TableOptions) -> Any:
    """Return the cells of a text file as a data frame of texts.

    Raises UserError for another separator, for rows that do not go with the heading, and for a
    heading that looks like data.
    """
    text = decoded(path, options.encoding)
    separator = options.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")
    head = _split(text, separator, 1)
    if not head:
        raise UserError(f"{path}: cannot be read as {path.suffix[1:]}: the file is empty")
    cells = _cells(path, text, separator, len(head[0]))
    if options.separator is None and len(head[0]) > 1:
        _refuse_two_separators(path, text, separator, head[0])
    last = cells[-1][-1].as_py()
    if "\n" in last and not text.rstrip().endswith('"'):
        raise UserError(f"{path}: a quotation mark is not closed: {last[:40]!r}")
    if options.header is False:
        names = [f"column {k + 1}" for k in range(cells.num_columns)]
        return cells.rename_columns(names).to_pandas()
    heading = [column[0].as_py().strip() for column in cells.columns]
    body = cells.slice(1).to_pandas()
    if options.label not in heading:
        _refuse_separator(path, text, separator, options.label)
    return headed(path, heading, body, options)


def headed(path: Path, heading: Sequence[str], body: Any, options: TableOptions) -> Any:
    """Return the rows below a heading as a data frame with its names.

    Raises UserError for a heading that looks like data or names two columns alike.
    """
    if options.header is None:
        _refuse_data_as_heading(path, heading, body, options)
    names = [name or f"unnamed {k + 1}" for k, name in enumerate(heading)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise UserError(
            f"{path}: {counted(names.count(twice[0]), 'column')} of the heading are called "
            f"{twice[0]!r}; give each a name of its own, or set header: false if the first line "
            "holds data"
        )
    return body.set_axis(names, axis=1)


def decoded(path: Path, encoding: str) -> str:
    """Return the text of a file. Raises UserError if it is of another encoding."""
    try:
        text = path.read_bytes().decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        raise UserError(
            f"{path}: cannot be read as {encoding}: {str(error).splitlines()[0]}; set encoding to "
            "that of the file, such as encoding: latin-1, cp1252 or utf-16"
        ) from None
    if "\0" in text:
        raise UserError(
            f"{path}: holds zero bytes, so it is not a text in {encoding}; set encoding: utf-16 if "
            "it is one, or save the table as .csv or .parquet"
        )
    return text


def _split(text: str, separator: str, most: int) -> list[list[str]]:
    """Return the cells of the first lines that are not empty."""
    lines = io.StringIO(text[:1_000_000], newline="")
    rows = []
    try:
        for row in csv.reader(
            lines if separator != " " else (" ".join(line.split()) for line in lines),
            delimiter=separator,
        ):
            if row:
                rows.append(row)
            if len(rows) == most:
                break
    except csv.Error:
        return rows
    return rows


def _cells(path: Path, text: str, separator: str, width: int) -> Any:
    """Return all cells, the heading's too, as Arrow's table of texts. Raises UserError."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    if separator == " ":
        text = "\n".join(" ".join(line.split()) for line in text.splitlines())
    data = text.encode()
    names = [f"{k}" for k in range(width)]
    try:
        table = arrow.read_csv(
            pa.BufferReader(data),
            arrow.ReadOptions(column_names=names, use_threads=False, block_size=len(data) + 64),
            arrow.ParseOptions(delimiter=separator, newlines_in_values=True),
            arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        found = re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", str(error))
        if not found:
            raise
        row, expected, got = map(int, found.groups())
        raise UserError(
            f"{path}: line {row} has {counted(got, 'field')}, but the first line has {expected}"
            f"{_other(text, separator)}; give each column a name in the heading, and put values "
            f"that hold a {separator!r} (such as a decimal comma) in quotation marks"
        ) from None
    return table


def _candidates(text: str, separator: str) -> dict[str, list[str]]:
    """Return the other separators that give the first lines equally many cells, with the first."""
    found = {}
    for sign in SEPARATORS:
        rows = _split(text, sign, 20)
        if sign != separator and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1:
            found[sign] = [cell.strip() for cell in rows[0]]
    return found


def _other(text: str, separator: str) -> str:
    """Say which separator would work, or nothing."""
    for sign, names in _candidates(text, separator).items():
        return (
            f"; with separator: {_quoted(sign)} each has {len(names)}: {listing(map(repr, names))}"
        )
    return ""


def _quoted(sign: str) -> str:
    return ADVICE.get(sign, f'"{sign}"')


def _refuse_separator(path: Path, text: str, separator: str, label: str) -> None:
    """Refuse a separator if another one gives the column of the label."""
    for sign, names in _candidates(text, separator).items():
        if label in names:
            raise UserError(
                f"{path}: there is no column {label!r} if the columns are separated by "
                f"{SEPARATORS.get(separator, separator)}; separator: {_quoted(sign)} gives "
                f"{listing(map(repr, names))}"
            )


def _refuse_two_separators(path: Path, text: str, separator: str, first: list[str]) -> None:
    """Refuse a separator that nobody named if another one would do as well."""
    for sign in _candidates(text, separator):
        if sign == " " or (sign == "," and separator == ","):
            continue
        raise UserError(
            f"{path}: the columns may be separated by {SEPARATORS[separator]} "
            f"({counted(len(first), 'column')}) or by {SEPARATORS[sign]}; set separator: "
            f"{_quoted(separator)} or separator: {_quoted(sign)}"
        )


def _refuse_data_as_heading(
    path: Path, heading: Sequence[str], body: Any, options: TableOptions
) -> None:
    """Refuse a first line that holds numbers, or values of its columns, instead of names."""
    likely = np.flatnonzero(body.iloc[:, 0] == heading[0])
    again = likely[(body.iloc[likely] == heading).all(axis=1)]
    if len(again):
        raise UserError(
            f"{path}: line {again[0] + 2} repeats the first line; remove it if it is a heading, "
            "or set header: false if the first line holds data"
        )
    numbers = [name for name in heading if is_number(name, options)]
    counting = all(name.isdecimal() for name in numbers) and all(
        int(b) - int(a) == 1 for a, b in pairwise(numbers)
    )
    if numbers and not (counting and (options.label in heading or len(numbers) > 2)):
        found = f"the heading holds numbers: {listing(map(repr, numbers), 4)}"
    else:
        known = [k for k, name in enumerate(heading) if name and (body.iloc[:, k] == name).any()]
        if len(known) <= len(heading) / 2:
            return
        found = "the heading holds values of its own columns: " + listing(
            (repr(heading[k]) for k in known), 4
        )
    raise UserError(
        f"{path}: {found}, so the first line looks like data; set header: false if it is (the "
        'columns are then called "column 1", "column 2", ...), or header: true if it is not'
    )
