"""From a data frame to the arrays of a dataset: its columns, parts and missing values."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.base import UserError, counted, listing
from experiments.datasets.parts import PARTS, check_parts, counts, spread, with_test
from experiments.datasets.source import SMALLEST_CLASS
from experiments.datasets.tables.columns import Array, Column, columns, summary
from experiments.datasets.tables.encode import encode
from experiments.datasets.tables.options import ColumnOptions
from mlp import did_you_mean


def assemble(
    file: object,
    frame: Any,
    label: str,
    options: ColumnOptions,
    files: Sequence[int] = (),
) -> tuple[dict[str, Array], list[str]]:
    """Return the arrays of a table, and what was decided of its columns in sentences.

    `files` are the rows of the training, (validation) and test file that the frame was put
    together from, if the parts are files. Raises UserError, which names the file.
    """
    frame, part = _parts_taken_out(file, frame, label, options)
    frame, group = _groups_taken_out(file, frame, label, options)
    made = columns(file, frame, label, options)
    given = part is not None or len(files) > 1
    arrays = encode(
        file, made, label, options.task, options.impute is not None, 1 if given else SMALLEST_CLASS
    )
    notes = summary(made, label)
    if given:
        labels = arrays["y"] if arrays["y"].ndim == 1 else None
        part = _of_files(file, files, labels) if part is None else part
        check_parts(file, part, labels, _names(made, label))
        arrays["part"] = part
        said = zip(PARTS, counts(part), strict=True)
        notes.append("its own split: " + ", ".join(f"{name} {count:,}" for name, count in said))
    if group is not None:
        arrays["group"] = group
        notes.append(f"{counted(len(np.unique(group)), 'group')} ({options.group})")
    if (missing := np.isnan(arrays["X"])).any():
        arrays["impute"] = np.array(options.impute)
        arrays["column"] = _origin(made, label)
        lacking = [c.name for c in made if c.kind != "left out" and c.missing.any()]
        rows = counted(int(missing.any(axis=1).sum()), "row")
        notes.append(f"missing in {rows}, filled by {options.impute}: {listing(lacking, 4)}")
    return arrays, notes


def _taken_out(
    file: object, frame: Any, label: str, options: ColumnOptions, name: str, meant: str
) -> tuple[Any, Any]:
    """Return the frame without a column that is no feature, and the column; `meant` says what
    an option names it for."""
    frame = frame.set_axis([str(own) for own in frame.columns], axis=1)
    if name == label or name in options.drop or name not in frame.columns:
        why = (
            f"there is no column {name!r}{did_you_mean(name, list(frame.columns))}"
            if name not in frame.columns
            else f"the column {name!r} is the label or dropped"
        )
        raise UserError(f"{file}: {why}; {meant}")
    return frame.drop(columns=name), frame[name]


def _groups_taken_out(
    file: object, frame: Any, label: str, options: ColumnOptions
) -> tuple[Any, Array | None]:
    """Return the frame without the column of the groups, and the number of each row's group."""
    name = options.group
    if name is None:
        return frame, None
    meant = "group names the column with the group of each row"
    frame, column = _taken_out(file, frame, label, options, name, meant)
    words = np.array([str(cell).strip() for cell in column])
    empty = column.isna().to_numpy(bool) | np.isin(words, ["", *map(str, options.missing)])
    if empty.any():
        raise UserError(
            f"{file}: the column {name!r} has no value in row {empty.argmax() + 1}; each row needs "
            "a group: fill the cell, or leave the row out"
        )
    return frame, np.unique(words, return_inverse=True)[1].astype(np.int64)


def _parts_taken_out(
    file: object, frame: Any, label: str, options: ColumnOptions
) -> tuple[Any, Array | None]:
    """Return the frame without the column that names each row's part, and the parts (N,)."""
    name = options.split
    if name is None:
        return frame, None
    meant = "split names the column with train, validation and test"
    frame, column = _taken_out(file, frame, label, options, name, meant)
    words = [str(cell).strip() for cell in column]
    for row, word in enumerate(words, 1):
        if word not in PARTS:
            raise UserError(
                f"{file}: the column {name!r} says {word!r} in row {row}; split needs one of "
                f"{', '.join(PARTS)} in each row"
            )
    return frame, np.array([PARTS.index(word) for word in words], np.int64)


def _of_files(file: object, files: Sequence[int], labels: Array | None) -> Array:
    """Return the part of each row of the files; two files have as many rows for validation."""
    if len(files) == 3:
        return np.repeat(np.arange(3), files)
    train, test = files
    if train <= 2 * test:
        raise UserError(
            f"{file}: {test} test rows do not go with {train} training rows, of which as many are "
            "set aside for validation; name a file for `validation` too"
        )
    return with_test(train, test, spread(train, test, None if labels is None else labels[:train]))


def _names(made: Sequence[Column], label: str) -> list:
    """Return the labels of the classes, in the order of their numbers."""
    target = next(column for column in made if column.name == label)
    values = np.unique(target.values).tolist()
    return [target.categories[k] if target.kind == "category" else f"{k:g}" for k in values]


def _origin(made: Sequence[Column], label: str) -> Array:
    """Return for each feature (n,) the place of the column that it comes from."""
    used = [c for c in made if c.name != label and c.kind != "left out"]
    widths = [1 if c.kind == "number" else len(c.categories) for c in used]
    return np.repeat(np.arange(len(used)), widths)
