"""Categories of texts: which texts are one category, and what is said of it."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from experiments.base import UserError, listing
from experiments.datasets.tables.options import ColumnOptions, option
from experiments.datasets.tables.texts import normal

Array = np.ndarray

LIKE_MISSING = {"none", "null", "na", "n/a"}
"""Words that are categories, but may be meant as "no value": a remark says so."""


class Categories(NamedTuple):
    """The rows' positions (N,) in the sorted categories, -1 if missing."""

    codes: Array
    names: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.names


def joined(
    place: str, name: str, forms: list[str], codes: Array, options: ColumnOptions
) -> Categories:
    """Return the categories of texts; `codes` (N,) are the rows' positions in `forms`, or -1.

    Forms that differ by white space only are one category, which a remark says. Raises UserError
    for those that differ by case, if no option says what they are.
    """
    _refuse_line_breaks(place, name, forms)
    groups: dict[str, list[str]] = defaultdict(list)
    for form in forms:
        key = normal(form)
        groups[key.casefold() if options.case == "join" else key].append(form)
    if options.case is None:
        _refuse_cases(place, list(groups))
    shown = {key: min(map(normal, group)) for key, group in groups.items()}
    order = sorted(groups, key=shown.__getitem__)
    position = {form: k for k, key in enumerate(order) for form in groups[key]}
    rows = np.array([position[form] for form in forms] + [-1], dtype=np.int64)[codes]
    names = tuple(shown[key] for key in order)
    remarks = [
        f"taken as one: {listing(map(repr, sorted(groups[key])), 4)}"
        for key in order
        if len(groups[key]) > 1
    ]
    words = [word for word in names if word.casefold() in LIKE_MISSING]
    if words and name not in options.categorical:
        remarks.append(
            f"{words[0]!r} is a category; set {option('missing', words[0], quoted=True)} if it "
            "is not a value"
        )
    return Categories(rows, names, tuple(remarks))


def _refuse_line_breaks(place: str, name: str, forms: list[str]) -> None:
    for form in forms:
        if "\n" in form or "\r" in form:
            raise UserError(
                f"{place} has a text with a line break: {form[:40]!r}; is a quotation mark not "
                f"closed? Correct it; or {option('drop', name)} leaves the column out"
            )


def _refuse_cases(place: str, keys: list[str]) -> None:
    folded: dict[str, list[str]] = defaultdict(list)
    for key in sorted(keys):
        folded[key.casefold()].append(key)
    for alike in folded.values():
        if len(alike) > 1:
            raise UserError(
                f"{place} has texts that differ only by case: {listing(map(repr, alike))}; set "
                "case: join if they are one category, case: keep if they are several"
            )
