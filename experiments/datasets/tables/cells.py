"""The cells of one column: read as numbers or as categories, or refused."""

import datetime
import decimal
from typing import Any, NamedTuple

import numpy as np

from experiments.base import UserError, listing
from experiments.datasets.tables import looks, refusals, texts
from experiments.datasets.tables.categories import Categories, joined
from experiments.datasets.tables.options import ColumnOptions, option

Array = np.ndarray

EXACT = 2**53
"""Whole numbers beyond this are not all kept by a double."""


class Numbers(NamedTuple):
    """Numbers (N,), NaN if missing."""

    values: Array
    remarks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return bool(np.isnan(self.values).all())


def read(place: str, cell: Any, options: ColumnOptions) -> Numbers | Categories:
    """Return the cells of a column, a series, as numbers or as categories.

    Raises UserError for cells that are neither; it begins with the place and names rows.
    """
    import pandas as pd

    declared = cell.name in options.categorical
    if isinstance(cell.dtype, pd.CategoricalDtype):
        return _texts(place, cell.astype(object).map(str, na_action="ignore"), True, options)
    if isinstance(cell.dtype, pd.StringDtype):
        return _texts(place, cell, declared, options)
    what = _unreadable(cell)
    if what:
        raise UserError(f"{place} holds {what}; or {option('drop', cell.name)} leaves it out")
    if pd.api.types.is_object_dtype(cell):
        cell = _of_objects(place, cell)
        if isinstance(cell.dtype, pd.StringDtype):
            return _texts(place, cell, declared, options)
    if declared:
        return _texts(place, cell.astype(object).map(_written, na_action="ignore"), True, options)
    return _numbers(place, cell, options)


def _written(value: Any) -> str:
    """Return a number as a text: 3 for 3.0."""
    return str(int(value)) if float(value).is_integer() else str(value)


def _unreadable(cell: Any) -> str:
    """Return what cells of such a type are, with what to do, or nothing."""
    import pandas as pd

    kind = pd.api.types
    if kind.is_complex_dtype(cell):
        return "complex numbers; use real ones"
    if kind.is_datetime64_any_dtype(cell) or isinstance(cell.dtype, pd.PeriodDtype):
        return "dates; turn them into numbers"
    if kind.is_timedelta64_dtype(cell):
        return "time differences; turn them into numbers"
    if not kind.is_object_dtype(cell) and not kind.is_numeric_dtype(cell):
        return f"values of the type {cell.dtype}; turn them into numbers"
    return ""


_OBJECTS = (
    ("numbers", (bool, int, float, decimal.Decimal, np.number, np.bool_)),
    ("texts", (str,)),
    ("dates", (datetime.date, datetime.time, np.datetime64)),
    ("time differences", (datetime.timedelta, np.timedelta64)),
    ("lists", (list, tuple, set, dict, np.ndarray)),
    ("bytes", (bytes, bytearray, memoryview)),
)


def _of_objects(place: str, cell: Any) -> Any:
    """Return a series of objects as one of floats or of texts. Raises UserError."""
    kinds: dict[str, int] = {}
    for row in np.flatnonzero(cell.notna()):
        value = cell.iloc[row]
        named = (what for what, types in _OBJECTS if isinstance(value, types))
        kinds.setdefault(next(named, f"values of the type {type(value).__name__}"), int(row) + 1)
    way = f"{option('drop', cell.name)} leaves it out"
    if len(kinds) > 1:
        said = listing(f"{kind} (row {row})" for kind, row in kinds.items())
        raise UserError(f"{place} holds values of several kinds: {said}; make them alike; or {way}")
    kind = next(iter(kinds), "numbers")
    if kind == "texts":
        return cell.astype("str")
    if kind != "numbers":
        raise UserError(f"{place} holds {kind}; turn them into numbers; or {way}")
    return cell.map(float, na_action="ignore").astype(float)


def _numbers(place: str, cell: Any, options: ColumnOptions) -> Numbers:
    """Return cells that have the type of a number."""
    import pandas as pd

    if pd.api.types.is_integer_dtype(cell):
        _refuse_long(place, cell.name, ((cell > EXACT) | (cell < -EXACT)).fillna(False))
    values = cell.to_numpy(np.float64, na_value=np.nan).copy()
    values[np.isin(values, _missing_numbers(options))] = np.nan
    _refuse_days(place, cell.name, values)
    return Numbers(values)


def _missing_numbers(options: ColumnOptions) -> list[float]:
    """Return the numbers that mean "no value"."""
    return [float(m) for m in map(str, options.missing) if texts.is_number(m, ColumnOptions())]


def _refuse_long(place: str, name: str, long: Any) -> None:
    """Refuse whole numbers that a double cannot keep, where `long` (N,) is true."""
    rows = np.flatnonzero(long)
    if len(rows):
        raise UserError(
            f"{place} has whole numbers of more digits than are kept (row {rows[0] + 1}), as "
            f"identifiers have; {option('drop', name)} leaves it out, "
            f"{option('categorical', name)} takes them as categories"
        )


def _refuse_days(place: str, name: str, values: Array) -> None:
    if looks.are_days(values):
        raise UserError(
            f"{place} holds dates: {values[0]:.0f} in row 1; turn them into numbers; or "
            f"{option('drop', name)} leaves it out"
        )


def _texts(place: str, cell: Any, declared: bool, options: ColumnOptions) -> Numbers | Categories:
    """Return texts as numbers if all are, else as categories. Raises UserError."""
    import pyarrow as pa
    from pyarrow import compute as pc

    raw = pa.array(cell, pa.large_string(), from_pandas=True)
    if isinstance(raw, pa.ChunkedArray):  # its chunks may be of both types of texts
        raw = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in raw.chunks])
    none = pa.array(["", *map(str, options.missing)], raw.type)
    clean, numbers = texts.without(raw, none), None
    if not declared and (options.decimal, options.thousands) == (".", None):
        numbers = texts.plain_numbers(clean)
    if numbers is None:
        clean = texts.without(texts.trimmed(clean), none)
    if not declared:
        numbers = texts.parsed(clean, options) if numbers is None else numbers
        if numbers.null_count == clean.null_count:
            return _of_texts(place, cell.name, clean, numbers, options)
    encoded = pc.if_else(pc.is_valid(clean), raw, pa.scalar(None, raw.type)).dictionary_encode()
    forms = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if not declared:
        plain = [texts.normal(form) for form in forms]
        if {text.casefold() for text in plain} <= {"true", "false"}:
            return Numbers(np.array([t.casefold() == "true" for t in plain] + [np.nan])[codes])
        refusals.refuse(place, refusals.Forms(cell.name, plain, codes, options))
    return joined(place, cell.name, forms, codes, options)


def _of_texts(place: str, name: str, clean: Any, numbers: Any, options: ColumnOptions) -> Numbers:
    """Return the numbers of texts, with remarks on how some are written."""
    from pyarrow import compute as pc

    values = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False).copy()
    if (np.abs(values) > EXACT).any():
        digits = pc.match_substring_regex(clean, r"^[+-]?[0-9]{16,}$").fill_null(False)
        _refuse_long(place, name, digits.to_numpy(zero_copy_only=False) & (np.abs(values) > EXACT))
    values[np.isin(values, _missing_numbers(options))] = np.nan
    _refuse_days(place, name, values)
    zeros = pc.starts_with(clean, "0").fill_null(False).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(zeros & (values >= 1))
    if not len(rows):
        return Numbers(values, _equal(clean, values))
    row = int(rows[0])
    return Numbers(
        values,
        (
            f"{clean[row].as_py()!r} is read as the number {values[row]:g}; "
            f"{option('categorical', name)} if these are codes",
        ),
    )


FEW = 20
"""Of so few different numbers, texts that are the same number (1 and 1.0) are named."""


def _equal(clean: Any, values: Array) -> tuple[str, ...]:
    """Say which texts are one number, if the numbers are few and whole, as those of classes are."""
    different = np.unique(values[:1000])
    if len(different) > FEW or len(different := np.unique(values)) > FEW:
        return ()
    if clean.null_count or len(clean.unique()) <= len(different) or (different % 1 != 0).any():
        return ()
    alike: dict[float, list[str]] = {}
    for form, value in sorted(set(zip(clean.to_pylist(), values.tolist(), strict=True))):
        alike.setdefault(value, []).append(form)
    return tuple(f"taken as one: {listing(map(repr, f), 4)}" for f in alike.values() if len(f) > 1)
