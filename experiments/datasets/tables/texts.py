"""Texts of cells: without blanks, in one form, and as numbers."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from experiments.datasets.tables.options import ColumnOptions

BLANKS = " \t\r\n\f\v\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff"
"""White space of every kind, with the signs of no width that look like none."""

NO_WIDTH = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"

_NOT_FINITE = r"[+-]?(?i:inf|infinity|nan)"
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"


@lru_cache
def number_pattern(decimal: str, thousands: str | None) -> str:
    """Return the regular expression of a number; digits are grouped by threes, or not at all."""
    d = re.escape(decimal)
    forms = [rf"[+-]?(?:[0-9]+(?:{d}[0-9]*)?|{d}[0-9]+){_EXPONENT}", _NOT_FINITE]
    if thousands is not None:
        forms.append(
            rf"[+-]?[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+(?:{d}[0-9]*)?{_EXPONENT}"
        )
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


def without(texts: Any, none: Any) -> Any:
    """Return texts (an Arrow array) with null for those that mean "no value"."""
    import pyarrow as pa
    from pyarrow import compute as pc

    return pc.if_else(pc.is_in(texts, none), pa.scalar(None, texts.type), texts)


def plain_numbers(texts: Any) -> Any:
    """Return texts as numbers if all are, with a decimal point, or None; as fast as may be."""
    import pyarrow as pa

    try:
        return texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None


def parsed(texts: Any, options: ColumnOptions) -> Any:
    """Return trimmed texts as numbers (an Arrow array); other texts become null.

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


def normal(text: str) -> str:
    """Return the form in which texts that look alike are the same.

    >>> normal("red wine\\u00a0") == normal(" red  wi\\u200bne")
    True
    """
    text = re.sub(f"[{NO_WIDTH}]", "", unicodedata.normalize("NFC", text))
    return re.sub(f"[{BLANKS}]+", " ", text).strip(" ")
