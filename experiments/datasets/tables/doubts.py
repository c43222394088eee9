"""Columns that can be read, but are likely no features: row numbers, identifiers, copies."""

import re

import numpy as np

from experiments.datasets.tables.categories import Categories
from experiments.datasets.tables.options import ColumnOptions, option, written
from experiments.errors import UserError

Array = np.ndarray

MOST_CATEGORIES = 100
"""A column of texts with more different values than this is taken for a name, not a category."""

_ID = re.compile(r"(?:^|[_ .-])(?i:id|idx|index|uuid|guid|nr|key)$|[a-z](?:Id|ID|Idx|Index)$")


def unnamed(name: str) -> bool:
    """Say whether a column has no name of its own, as a stored index of pandas."""
    return re.fullmatch(r"[Uu]nnamed:? \d+", name) is not None


def of_numbers(place: str, name: str, values: Array, options: ColumnOptions) -> str:
    """Return why a column of numbers is left out, or nothing.

    Raises UserError for numbers of rows that have a name.
    """
    if options.index is False or len(values) < 3 or not np.isfinite(values).all():
        return ""
    if (values % 1 != 0).any():
        return ""
    different = len(np.unique(values)) == len(values)
    running = bool((np.diff(values) == 1).all())
    if unnamed(name) and different:
        return "a running number without a name" if running else "row numbers without a name"
    if running or (different and _ID.search(name)):
        what = (
            "numbers the rows"
            if running
            else "is called like an identifier, and no value is repeated"
        )
        raise UserError(
            f"{place} {what}; index: {written(name)} leaves it out, index: false keeps it"
        )
    return ""


def of_categories(place: str, name: str, found: Categories) -> None:
    """Refuse texts with too many different values to be categories."""
    many, rows = len(found.names), len(found.codes)
    ways = f"{option('drop', name)} leaves it out, {option('categorical', name)} keeps it"
    if many > max(5, rows / 2):
        raise UserError(
            f"{place} has {many:,} different texts in {rows:,} rows, as identifiers have; {ways}"
        )
    if many > MOST_CATEGORIES:
        raise UserError(f"{place} has {many:,} different texts, too many for categories; {ways}")
