"""Words that several themes share: names of axes and places, how often something holds."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from experiments.base import listing
from experiments.statistics import Kind
from experiments.training import FIELDS
from reports.figures import place_name
from reports.page import literal

AXES = {field.heading: field.words for field in FIELDS if field.words} | {
    "pair": "cost and output activation"
}


def axis_name(axis: str) -> str:
    """Return what an axis is called in a sentence."""
    return AXES.get(axis, axis.replace("_", " "))


def place_of(row: Mapping[str, Any]) -> str:
    """Return the name of a row's place."""
    return place_name(row["dataset"], row["facet"])


def in_places(number: int, places: int) -> str:
    """Say in how many of the places something holds; the page calls a place a case.

    >>> in_places(1, 1), in_places(2, 2), in_places(4, 4), in_places(1, 4)
    ('in the only case', 'in both cases', 'in all 4 cases', 'in 1 of 4 cases')
    """
    if places == 1:
        return "in the only case" if number else "not in the only case"
    if number in (0, places) and places == 2:
        return "in both cases" if number else "in neither case"
    if number in (0, places):
        return f"in {'all' if number else 'none of'} {places} cases"
    return f"in {number} of {places} cases"


def places_in(table: pd.DataFrame) -> int:
    """Return the number of places in a table."""
    return len(table[["dataset", "facet"]].drop_duplicates())


def listed(names: Iterable[str]) -> str:
    """Return different names as a list in a sentence."""
    return listing(literal(name) for name in dict.fromkeys(names))


def with_minus(value: float, digits: int = 1) -> str:
    """Return a number with a true minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")


def true_minus(text: str) -> str:
    """Return a text whose numbers have true minus signs.

    >>> true_minus("fan-in: -0.5 to 1.2e-14, p = 3e-08")
    'fan-in: −0.5 to 1.2e−14, p = 3e−08'
    """
    return re.sub(r"(?<![\w-])-(?=\d)|(?<=\de)-(?=\d)", "−", text)


def is_confirmed(tests: pd.DataFrame) -> bool:
    """Tell whether a table of pairs rests on confirming runs."""
    return "p_decision" in tests


def having(kinds: pd.Series, what: str) -> pd.Series:
    """Return which verdicts are of a kind that has a property of :class:`Kind`."""
    return kinds.isin([kind.value for kind in Kind if getattr(kind, what)])


def by_arm(first: Counter[str], places: int) -> str:
    """Return in how many places each arm comes first, the most frequent in front."""
    said = [
        f"{literal(arm)} {f'in {number}' if at else in_places(number, places)}"
        for at, (arm, number) in enumerate(first.most_common())
    ]
    return listing(said)
