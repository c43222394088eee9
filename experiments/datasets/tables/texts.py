"""What the texts of a column are: numbers, or what they look like instead."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from experiments.datasets.tables.options import ColumnOptions

BLANKS = " \t\r\n\f\v\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
"""White space of every kind, with the signs of no width that look like none."""

_NOT_FINITE = r"[+-]?(?i:inf|infinity|nan)"
_EXPONENT = r"(?:[eE][+-]?\d+)?"


@lru_cache
def number_pattern(decimal: str, thousands: str | None) -> str:
    """Return the regular expression of a number; digits are grouped by threes, or not at all."""
    d = re.escape(decimal)
    forms = [rf"[+-]?(?:\d+(?:{d}\d*)?|{d}\d+){_EXPONENT}", _NOT_FINITE]
    if thousands is not None:
        forms.append(rf"[+-]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{d}\d*)?{_EXPONENT}")
    return "^(?:" + "|".join(forms) + ")$"


def is_number(text: str, options: ColumnOptions) -> bool:
    """Say whether a text is a number.

    >>> from experiments.datasets.tables.options import ColumnOptions
    >>> is_number("1.5", ColumnOptions()), is_number("1,5", ColumnOptions())
    (True, False)
    """
    pattern = number_pattern(options.decimal, options.thousands)
    return text.isascii() and re.fullmatch(pattern, text) is not None


def trimmed(texts: Any) -> Any:
    """Return texts (an Arrow array) without white space at their ends."""
    from pyarrow import compute as pc

    return pc.replace_substring_regex(texts, f"^[{BLANKS}]+|[{BLANKS}]+$", "")


def parsed(texts: Any, options: ColumnOptions) -> Any:
    """Return trimmed texts as numbers (an Arrow array); what is no number is null.

    A number is the double that is nearest to its digits.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    good = pc.match_substring_regex(texts, number_pattern(options.decimal, options.thousands))
    plain = pc.if_else(good, texts, pa.scalar(None, texts.type))
    if options.thousands is not None:
        plain = pc.replace_substring(plain, options.thousands, "")
    if options.decimal != ".":
        plain = pc.replace_substring(plain, options.decimal, ".")
    return pc.cast(plain, pa.float64())


class Look(NamedTuple):
    """What texts look like that are no numbers, with what to do."""

    what: str
    pattern: re.Pattern
    advice: str
    only_if_many: bool = False


_N = r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\.?)?"
_ZONE = r"(?:\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_DAY = (
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
    rf"|\d{{8}}(?=T)|\d{{1,2}}(?:st|nd|rd|th|\.)?[ -]?{_MONTH}\.?,?[ -]?(?:\d{{4}}|\d{{2}})?"
    rf"|{_MONTH}\.?[ -]?\d{{1,2}}(?:st|nd|rd|th)?,?[ -]\d{{4}}|{_MONTH}\.?[ -]\d{{4}})"
)
_MARKS = r"\?|-+|\u2013|\u2014|\.+|\*|#.*[!?A]|<NA>|NaT|n/?d|\(?missing\)?|\(?empty\)?|NaN|nan"
_AS_NUMBERS = "turn them into numbers"


def _look(what: str, pattern: str, advice: str, only_if_many: bool = False) -> Look:
    return Look(what, re.compile(pattern, re.IGNORECASE), advice, only_if_many)


LOOKS = (
    _look("dates", rf"{_DAY}(?:[T ,]+\d{{2}}\d{{4}}|[T ,]+{_CLOCK})?{_ZONE}", _AS_NUMBERS),
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
    _look("lists", r"[\[({].*[\])}]", "give each value a column of its own"),
    _look("texts in quotation marks", "[\"\u201c\u201e].*[\"\u201d\u201c]", "write no blank "
          "before a quotation mark"),
    _look("negative numbers in brackets", rf"\({_N}\)", "write them with a minus sign"),
    _look("fractions", r"[+-]?\d+\s*/\s*\d+", _AS_NUMBERS, True),
    _look(
        "numbers with a unit",
        rf"{_N}\s*(?!(?:st|nd|rd|th)$)(?:[^\W\d_]|[\u00b0\u2032\u2033'\"\u03a9])[\w\u00b0/\u00b2\u00b3^. ]{{0,15}}",
        "write them without the unit",
        True,
    ),
)  # fmt: skip

MISSING_MARK = _look("marks of a missing value", _MARKS, "")


def look_of(text: str, options: ColumnOptions) -> Look | None:
    """Return what a text looks like that is no number with these options, or None.

    >>> from experiments.datasets.tables.options import ColumnOptions
    >>> look_of("12 %", ColumnOptions()).what, look_of("red", ColumnOptions())
    ('percentages', None)
    """
    if not any(map(str.isdigit, text)) and text[:1] not in '[({"\u201c\u201e':
        return None
    for look in (_signs(text, options), _money(text), *LOOKS, _digits(text)):
        if look is not None and look.pattern.fullmatch(text) and _is_a_day(look, text):
            return look
    return None


def _signs(text: str, options: ColumnOptions) -> Look | None:
    """Return the look of a number with another decimal or thousands sign than the options say."""
    found = []
    for decimal in ".,":
        for sign in (None, *".,' _\u00a0\u202f\u2019"):
            if sign != decimal and re.fullmatch(number_pattern(decimal, sign), text):
                found.append((decimal, sign))
    if not found:
        return None
    decimal, sign = min(found, key=lambda pair: (pair[0] != options.decimal, pair[1] is not None))
    what = [f"a decimal {'comma' if decimal == ',' else 'point'}"] * (decimal in text)
    set_to = [f'decimal: "{decimal}"'] * (decimal != options.decimal)
    if sign is not None:
        what.append(f"{sign!r} between the thousands")
        set_to.append(f'thousands: "{sign}"')
    ways = sorted({_way(*pair, options) for pair in found} - {""})
    advice = "set " + (" or ".join(ways) if len(ways) < 3 else " and ".join(set_to))
    return Look(f"numbers with {' and '.join(what)}", re.compile(".*", re.DOTALL), advice)


def _way(decimal: str, sign: str | None, options: ColumnOptions) -> str:
    changes = [f'decimal: "{decimal}"'] * (decimal != options.decimal)
    changes += [f'thousands: "{sign}"'] * (sign is not None and sign != options.thousands)
    return " and ".join(changes)


def _money(text: str) -> Look | None:
    signs = [c for c in text if unicodedata.category(c) == "Sc"]
    named = re.search(r"(?i)\b(usd|eur|gbp|chf|jpy|cny|inr|rs\.?)\b", text)
    if not signs and not named:
        return None
    rest = re.sub(r"(?i)usd|eur|gbp|chf|jpy|cny|inr|rs\.?", "", text)
    rest = "".join(c for c in rest if c not in signs).strip(BLANKS)
    if not re.fullmatch(rf"\(?{_N}\)?", rest.replace(" ", "")):
        return None
    return Look("amounts of money", re.compile(".*"), "write them without the currency")


def _digits(text: str) -> Look | None:
    if text.isascii() or not re.fullmatch(_N, unicodedata.normalize("NFKC", text)):
        return None
    return Look("numbers in other digits than 0 to 9", re.compile(".*"), "write them with 0 to 9")


def _is_a_day(look: Look, text: str) -> bool:
    """Say whether a text that looks like a date could be one: 31.12.2024, but not 99.99.2024."""
    numbers = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}.*", text)
    if look.what != "dates" or not numbers:
        return True
    a, b = sorted(map(int, numbers.groups()))
    return 1 <= a <= 12 and b <= 31


def are_days(values: Iterable[float]) -> bool:
    """Say whether all numbers are days such as 20240131."""
    try:
        return all(
            19000101 <= v <= 21001231 and date.fromisoformat(str(int(v))) is not None
            for v in values
        )
    except ValueError:
        return False


def normal(text: str) -> str:
    """Return the form in which texts that look alike are the same.

    >>> normal("red wine\\u00a0") == normal(" red  wine")
    True
    """
    return " ".join(re.sub(f"[{BLANKS}]+", " ", unicodedata.normalize("NFC", text)).split())
