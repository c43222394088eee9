"""Decides for each column of a table: numbers, categories, or neither, and says why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from experiments.base import UserError, counted, listing
from experiments.datasets.tables import cells, doubts
from experiments.datasets.tables.options import ColumnOptions, option
from mlp import did_you_mean

Array = np.ndarray


@dataclass(frozen=True)
class Column:
    """A column and what was decided of it.

    `values` (N,) are numbers, NaN if missing, or the positions of the rows' categories in
    `categories`, -1 if missing. A column that is left out has a reason and no values. `remarks`
    say what a person should know, such as texts that were taken as one.
    """

    name: str
    kind: Literal["number", "category", "left out"]
    values: Array | None = None
    categories: tuple[str, ...] = ()
    reason: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def missing(self) -> Array:
        """Which rows have no value, (N,)."""
        return np.isnan(self.values) if self.kind == "number" else self.values < 0


def columns(file: object, frame: Any, label: str, options: ColumnOptions) -> list[Column]:
    """Return the decision on each column of a data frame, the label's too, in its order.

    Raises UserError, which names the file, the column, and the option that settles it.
    """
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    _check_names(file, list(frame.columns), label, options)
    if not len(frame):
        raise UserError(f"{file}: the table has no rows; use a file with samples")
    made = [_decided(file, frame[name], name == label, options) for name in frame.columns]
    if all(column.kind == "left out" for column in made if column.name != label):
        raise UserError(
            f"{file}: there is no feature next to {label!r}; is the column separator right?"
        )
    return made


def _check_names(file: object, known: Sequence[str], label: str, options: ColumnOptions) -> None:
    index = [options.index] if options.index else []
    for name in (label, *options.drop, *options.categorical, *index):
        if name not in known:
            raise UserError(
                f"{file}: there is no column {name!r}{did_you_mean(name, known)}; "
                f"known: {listing(known)}"
            )
    if label in (*options.drop, *index):
        raise UserError(f"{file}: drop or index takes the label {label!r} out; name another one")


def _decided(file: object, cell: Any, is_label: bool, options: ColumnOptions) -> Column:
    """Return the decision on one column, a series."""
    name = cell.name
    if name in options.drop:
        return Column(name, "left out", reason="dropped")
    place = f"{file}: the column {name!r}"
    if name == options.index:
        if cell.duplicated().any():
            raise UserError(
                f"{place} is not an index, because values are repeated; use {option('drop', name)}"
            )
        return Column(name, "left out", reason="the index")
    found = cells.read(place, cell, options)
    if not is_label and found.empty:
        if doubts.unnamed(name):
            return Column(name, "left out", reason="no name and no values")
        raise UserError(f"{place} has no values; {option('drop', name)} leaves it out")
    if isinstance(found, cells.Numbers):
        reason = "" if is_label else doubts.of_numbers(place, name, found.values, options)
        if reason:
            return Column(name, "left out", reason=reason)
        return Column(name, "number", found.values, remarks=found.remarks)
    if not is_label:
        doubts.of_categories(place, name, found, name in options.categorical)
    return Column(name, "category", found.codes, found.names, remarks=found.remarks)


def summary(made: Iterable[Column], label: str) -> list[str]:
    """Return what was decided in sentences: the kinds of the features first, then remarks.

    >>> summary([Column("a", "number"), Column("b", "left out", reason="dropped")], "kind")
    ['1 numeric, 1 left out (b: dropped)']
    """
    features = [column for column in made if column.name != label]
    parts = []
    for kind, word in (
        ("number", "numeric"),
        ("category", "categorical"),
        ("left out", "left out"),
    ):
        chosen = [column for column in features if column.kind == kind]
        said = [
            f"{c.name}: {c.reason or counted(len(c.categories), 'value')}"
            for c in chosen
            if kind != "number"
        ]
        if chosen:
            parts.append(f"{len(chosen):,} {word}" + (f" ({listing(said, 4)})" if said else ""))
    remarks = [f"{column.name}: {remark}" for column in made for remark in column.remarks]
    return [", ".join(parts), *remarks[:8], *(["..."] if len(remarks) > 8 else [])]
