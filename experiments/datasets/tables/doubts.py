"""Columns that can be read, but are likely no features: row numbers, identifiers, copies."""

import re

import numpy as np

from experiments.base import UserError
from experiments.datasets.tables.categories import Categories
from experiments.datasets.tables.options import ColumnOptions, option, written

Array = np.ndarray

MOST_CATEGORIES = 100
"""A column of texts with more different values than this is taken for a name, not a category."""

MOST_DECLARED = 1000
"""No column has more categories, even if it is declared: each is a feature of every sample."""

_ID = re.compile(r"(?:^|[_ .-])(?i:id|idx|index|uuid|guid|nr|key)$|[a-z](?:Id|ID|Idx|Index)$")


def unnamed(name: str) -> bool:
    """Say whether a column has no name of its own, as a stored index of pandas."""
    stored = r"[Uu]nnamed:? \d+(?:\.\d+)?|level_\d+|__index_level_\d+__"
    return re.fullmatch(stored, name) is not None


def of_numbers(place: str, name: str, values: Array, options: ColumnOptions) -> str:
    """Return why a column of numbers is left out, or nothing.

    Raises UserError for numbers of rows that have a name.
    """
    before, after = values[:-1], values[1:]
    running = len(values) >= 3 and any(
        ((after == before + step) & (after != before)).all() for step in (1, -1)
    )
    if options.index is False or not (running or unnamed(name) or _ID.search(name)):
        return ""
    if len(values) < 3 or not np.isfinite(values).all() or (values % 1 != 0).any():
        return ""
    different = len(np.unique(values)) == len(values)
    if unnamed(name) and different:
        return "a running number without a name" if running else "row numbers without a name"
    if running or (different and _ID.search(name)):
        what = "is called like an identifier, and no value is repeated"
        what = "numbers the rows" if running else what
        raise UserError(
            f"{place} {what}; index: {written(name)} leaves it out, index: false keeps it"
        )
    return ""


def of_categories(place: str, name: str, found: Categories, declared: bool) -> None:
    """Refuse texts with too many different values to be categories; more may be declared."""
    many, rows = len(found.names), len(found.codes)
    ways = f"{option('drop', name)} leaves it out"
    if many > MOST_DECLARED:
        raise UserError(
            f"{place} has {many:,} different texts; at most {MOST_DECLARED:,} categories are "
            f"possible; {ways}"
        )
    if declared:
        return
    ways += f", {option('categorical', name)} keeps it"
    if many > max(5, rows / 2):
        raise UserError(
            f"{place} has {many:,} different texts in {rows:,} rows, as identifiers have; {ways}"
        )
    if many > MOST_CATEGORIES:
        raise UserError(f"{place} has {many:,} different texts, too many for categories; {ways}")
