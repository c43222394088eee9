"""The looks of texts that are not numbers: dates, amounts, units, marks of missing values."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from experiments.datasets.tables.options import ColumnOptions
from experiments.datasets.tables.texts import normal, number_pattern


class Look(NamedTuple):
    """A look of texts that are not numbers, and what to do about it."""

    what: str
    pattern: re.Pattern
    advice: str
    only_if_many: bool = False


_N = r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\.?)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_DAY = (
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{8}}(?=T)|\d{{1,2}}(?:st|nd|rd|th|\.)?[ -]?{_MONTH}\.?,?[ -]?(?:\d{{4}}|\d{{2}})?"
    rf"|{_MONTH}\.?[ -]?\d{{1,2}}(?:st|nd|rd|th)?,?[ -]\d{{4}}|{_MONTH}\.?[ -]\d{{4}}"
    r"|\d{4}[ -]?[QW]\d{1,2}|Q\d[ -]\d{4})"
)
_MARKS = r"\?|-+|\u2013|\u2014|\.+|\*|#.*[!?A]|<NA>|NaT|NaN|\(?missing\)?"
_AS_NUMBERS = "turn them into numbers"


def _look(what: str, pattern: str, advice: str, only_if_many: bool = False) -> Look:
    return Look(what, re.compile(pattern, re.IGNORECASE), advice, only_if_many)


LOOKS = (
    _look("dates", rf"{_WEEKDAY}{_DAY}(?:[T ,]+\d{{6}}|[T ,]+{_CLOCK})?{_ZONE}", _AS_NUMBERS),
    _look("times of the day", _CLOCK + _ZONE, _AS_NUMBERS),
    _look(
        "time differences",
        r"[+-]?\d+ days?,?(?: [+-]?\d+:\d+(?::\d+(?:\.\d+)?)?)?|P(?:\d+[YMWD])*(?:T[\d.HMS]+)?",
        _AS_NUMBERS,
    ),
    _look("hexadecimal numbers", r"[+-]?0x[0-9a-f]+", "write them as decimal numbers"),
    _look("complex numbers", rf"\(?(?:{_N}\s*)?[+-]?\s*[\d.]+[ij]\)?", "use real ones"),
    _look("percentages", rf"{_N}\s*[%\u2030]", "write them without the percent sign"),
    _look(
        "numbers with a minus sign that is none of a keyboard",
        rf"[\u2212\u2010-\u2015\ufe63\uff0d]\s*{_N}",
        "write - in its place",
    ),
    _look("negative numbers in brackets", rf"\({_N}\)", "write them with a minus sign"),
    _look("lists", r"[\[({].*[\])}]", "give each value a column of its own"),
    _look(
        "texts in quotation marks",
        '["\u201c\u201e].*["\u201d\u201c]',
        "write no blank before a quotation mark",
    ),
    _look("formulas of a spreadsheet", r"=.*", "save their values"),
    _look("fractions", r"[+-]?(?:\d+ )?\d+\s*/\s*\d+", _AS_NUMBERS, True),
    _look(
        "numbers with an error, a power or a ratio",
        rf"{_N}\s*(?:\u00b1|\+/-|\u00d7|\*|:)\s*{_N}(?:\s*\^\s*{_N})?",
        _AS_NUMBERS,
        True,
    ),
    _look(
        "numbers with an exponent of another kind",
        rf"{_N}\s*(?:[de]\s*[+-]?\s*\d+|[*\u00b7\u00d7]\s*10\s*(?:\^|\*\*)?\s*[+-]?\d+"
        r"|(?:\^|\*\*)\s*[+-]?\d+)",
        "write them as 1.5e3",
        True,
    ),
    _look(
        "several numbers",
        rf"{_N}(?:\s*[;|]\s*{_N}|,? +{_N})+",
        "give each number a column of its own",
        True,
    ),
    _look(
        "angles or lengths of several parts", r"[+-]?\d+\s*[\u00b0\u2032'].*\d.*", _AS_NUMBERS, True
    ),
    _look(
        "numbers with a unit",
        rf"{_N}\s*(?!(?:st|nd|rd|th)$)(?:[^\W\d_]|[\u00b0\u2032\u2033'\"\u03a9])"
        r"[\w\u00b0/\u00b2\u00b3^. ]{0,15}",
        "write them without the unit",
        True,
    ),
)

OTHER_SIGNS = _look(
    "numbers with other signs",
    rf"[^\w\s]{{0,3}}\s*{_N}\s*[^\w\s]{{0,3}}",
    "write the numbers alone",
    True,
)

MISSING_MARK = _look("marks of a missing value", _MARKS, "")


def look_of(text: str, options: ColumnOptions) -> Look | None:
    """Return the look of a text that is not a number with these options, or None.

    >>> from experiments.datasets.tables.options import ColumnOptions
    >>> look_of("12 %", ColumnOptions()).what, look_of("red", ColumnOptions())
    ('percentages', None)
    """
    if not any(map(str.isdigit, text)) and text[:1] not in '[({"\u201c\u201e':
        return None
    for look in (signs([text], options), _money(text), *LOOKS, _digits(text), OTHER_SIGNS):
        if look is not None and look.pattern.fullmatch(text) and _is_a_day(look, text):
            return look
    return None


_EVERYTHING = re.compile(".*", re.DOTALL)
_GROUPING = (None, *".,' _\u00a0\u202f\u2019")


def signs(texts: Sequence[str], options: ColumnOptions) -> Look | None:
    """Return the look of texts that are all numbers if decimal and thousands are set otherwise.

    >>> from experiments.datasets.tables.options import ColumnOptions
    >>> signs(["5,0", "7"], ColumnOptions()).advice
    'set decimal: ","'
    """
    found = [
        (decimal, sign)
        for decimal in ".,"
        for sign in _GROUPING
        if sign != decimal
        and all(re.fullmatch(number_pattern(decimal, sign), text) for text in texts)
    ]
    if not found:
        return None
    fewest = min(sum(sign is not None for sign in pair[1:]) for pair in found)
    found = [pair for pair in found if (pair[1] is not None) == fewest] + [
        pair for pair in found if (pair[1] is not None) != fewest and pair[0] == options.decimal
    ]
    decimal, sign = found[0]
    what = [f"a decimal {'comma' if decimal == ',' else 'point'}"] * any(
        decimal in x for x in texts
    )
    what += [f"{sign!r} between the thousands"] * (sign is not None)
    ways = dict.fromkeys(_way(*pair, options) for pair in found)
    return Look(f"numbers with {' and '.join(what)}", _EVERYTHING, f"set {' or '.join(ways)}")


def _way(decimal: str, sign: str | None, options: ColumnOptions) -> str:
    changes = [f'decimal: "{decimal}"'] * (decimal != options.decimal)
    changes += [f'thousands: "{sign}"'] * (sign is not None and sign != options.thousands)
    return " and ".join(changes)


def _money(text: str) -> Look | None:
    coins = [c for c in text if unicodedata.category(c) == "Sc"]
    named = re.search(r"(?i)\b(us(?=\$)|usd|eur|gbp|chf|jpy|cny|inr|rs\.?)\b", text)
    if not coins and not named:
        return None
    rest = re.sub(r"(?i)us(?=\$)|usd|eur|gbp|chf|jpy|cny|inr|rs\.?", "", text)
    rest = "".join(c for c in normal(rest) if c not in (*coins, " "))
    if not re.fullmatch(rf"\(?{_N}\)?", rest):
        return None
    return Look("amounts of money", _EVERYTHING, "write them without the currency")


def _digits(text: str) -> Look | None:
    if text.isascii() or not re.fullmatch(_N, unicodedata.normalize("NFKC", text)):
        return None
    return Look("numbers in other digits than 0 to 9", _EVERYTHING, "write them with 0 to 9")


def _is_a_day(look: Look, text: str) -> bool:
    """Say whether a text that looks like a date could be one: 31.12.2024, but not 99.99.2024."""
    numbers = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}.*", text)
    if look.what != "dates" or not numbers:
        return True
    a, b = sorted(map(int, numbers.groups()))
    return 1 <= a <= 12 and b <= 31


def are_days(values: np.ndarray) -> bool:
    """Say whether all numbers are days such as 20240131; at least three are needed to tell."""
    if not len(values) or not (values >= 19000101).all() or not (values <= 21001231).all():
        return False
    try:
        days = {date.fromisoformat(f"{value:.0f}") for value in np.unique(values)}
    except ValueError:
        return False
    return len(days) >= 3


def is_mark(text: str, texts: Sequence[str]) -> bool:
    """Say whether a text marks a missing value; a minus does not if there is a plus as well.

    >>> is_mark("?", ["?", "red"]), is_mark("-", ["-", "+"])
    (True, False)
    """
    if text == "-" and "+" in texts:
        return False
    return MISSING_MARK.pattern.fullmatch(text) is not None
