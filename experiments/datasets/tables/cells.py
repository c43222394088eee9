"""The cells of one column: read as numbers or as texts that name categories, or refused."""

import datetime
import decimal
from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from experiments.datasets.tables import texts as t
from experiments.datasets.tables.options import ColumnOptions
from experiments.errors import UserError
from experiments.words import listing

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


class Texts(NamedTuple):
    """The rows' positions (N,) in the sorted categories, -1 if missing."""

    codes: Array
    categories: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.categories


def read(place: str, cell: Any, declared: bool, options: ColumnOptions) -> Numbers | Texts:
    """Return a series as numbers or texts; `declared` categories are texts whatever they hold.

    Raises UserError for cells that are neither; it begins with the place and names rows.
    """
    import pandas as pd

    kind = cell.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return _texts(place, cell.astype(object).map(str, na_action="ignore"), True, options)
    if isinstance(kind, pd.StringDtype):
        return _texts(place, cell, declared, options)
    what = _unreadable(cell)
    if what:
        raise UserError(f"{place} holds {what}; or drop: [{cell.name}] leaves it out")
    if kind == object:
        cell = _of_objects(place, cell)
        if isinstance(cell.dtype, pd.StringDtype):
            return _texts(place, cell, declared, options)
    if declared:
        whole = cell.map(_written, na_action="ignore")
        return _texts(place, whole.astype(object), True, options)
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
    if cell.dtype != object and not kind.is_numeric_dtype(cell):
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
    import pandas as pd

    kinds: dict[str, int] = {}
    for row, value in enumerate(cell, 1):
        if not isinstance(value, list | np.ndarray) and (
            value is None or value is pd.NA or value is pd.NaT or value != value
        ):
            continue
        kind = next((k for k, types in _OBJECTS if isinstance(value, types)), "")
        kinds.setdefault(kind or f"values of the type {type(value).__name__}", row)
    way = f"drop: [{cell.name}] leaves it out"
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
    import pandas as pd

    if pd.api.types.is_integer_dtype(cell) and (cell.abs() > EXACT).any():
        _refuse_long(place, cell.name, int(np.flatnonzero(cell.abs() > EXACT)[0]))
    values = cell.to_numpy(np.float64, na_value=np.nan).copy()
    values[np.isin(values, _missing_numbers(options))] = np.nan
    return Numbers(values)


def _missing_numbers(options: ColumnOptions) -> list[float]:
    """Return the numbers that mean "no value"."""
    return [float(m) for m in map(str, options.missing) if t.is_number(m, ColumnOptions())]


def _refuse_long(place: str, name: str, row: int) -> None:
    raise UserError(
        f"{place} has whole numbers of more digits than a number keeps (row {row + 1}), as "
        f"identifiers have; drop: [{name}] leaves it out, categorical: [{name}] takes them as texts"
    )


def _texts(place: str, cell: Any, declared: bool, options: ColumnOptions) -> Numbers | Texts:
    """Return texts as numbers if all are, else as categories. Raises UserError."""
    import pyarrow as pa
    from pyarrow import compute as pc

    raw = pa.array(cell, pa.large_string(), from_pandas=True)
    raw = raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw
    clean = t.trimmed(raw)
    none = pa.array(["", *map(str, options.missing)], clean.type)
    clean = pc.if_else(pc.is_in(clean, none), pa.scalar(None, clean.type), clean)
    if not declared:
        numbers = t.parsed(clean, options)
        bad = pc.and_(pc.is_valid(clean), pc.is_null(numbers))
        if not pc.any(bad).as_py():
            return _of_texts(place, cell.name, clean, numbers, options)
    raw = pc.if_else(pc.is_valid(clean), raw, pa.scalar(None, raw.type))
    encoded = raw.dictionary_encode()
    forms = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    if not declared:
        plain = [t.normal(form) for form in forms]
        if plain and {p.casefold() for p in plain} <= {"true", "false"}:
            truth = np.array([p.casefold() == "true" for p in plain] + [np.nan], float)
            return Numbers(truth[codes])
        _refuse_looks(place, cell.name, plain, codes, options)
    return _joined(place, cell.name, forms, codes, declared, options)


def _of_texts(place: str, name: str, clean: Any, numbers: Any, options: ColumnOptions) -> Numbers:
    """Return the numbers of texts, with remarks on how some are written."""
    from pyarrow import compute as pc

    values = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False).copy()
    whole = pc.match_substring_regex(clean, r"^[+-]?\d{16,}$").fill_null(False)
    long = whole.to_numpy(zero_copy_only=False) & (np.abs(values) > EXACT)
    if long.any():
        _refuse_long(place, name, int(np.flatnonzero(long)[0]))
    values[np.isin(values, _missing_numbers(options))] = np.nan
    remarks = []
    zeros = pc.match_substring_regex(clean, r"^[+-]?0\d").fill_null(False)
    if pc.any(zeros).as_py():
        first = clean.filter(zeros)[0].as_py()
        remarks.append(
            f"{first!r} is read as the number {float(first.replace(',', '.')):g}; "
            f"categorical: [{name}] if these are codes"
        )
    return Numbers(values, tuple(remarks))


def _refuse_looks(
    place: str, name: str, plain: list[str], codes: Array, options: ColumnOptions
) -> None:
    """Refuse texts that are numbers in part, look like something else, or mark missing values."""

    def row(form: int) -> int:
        return int(np.flatnonzero(codes == form)[0]) + 1

    def example(forms: list[int]) -> str:
        firsts = sorted((row(k), plain[k]) for k in forms)[:3]
        return listing(f"{text!r} in row {at}" for at, text in firsts)

    ways = f"categorical: [{name}] takes them as categories, drop: [{name}] leaves them out"
    numbers = [k for k, text in enumerate(plain) if t.is_number(text, options)]
    marks = [k for k, text in enumerate(plain) if t.MISSING_MARK.pattern.fullmatch(text)]
    others = [k for k in range(len(plain)) if k not in set(numbers) | set(marks)]
    looks = {k: look for k in others if (look := t.look_of(plain[k], options))}
    if marks and not (looks and len(looks) == len(others)):
        said = listing(f'"{plain[k]}"' for k in marks)
        if not others or not numbers:
            raise UserError(
                f"{place} holds {example(marks)}: set missing: [{said}] if there is no value; or {ways}"
            )
    if looks:
        _refuse_one_look(place, plain, looks, numbers, example, ways)
    if numbers and others:
        said = ", ".join(f'"{plain[k]}"' for k in (marks + others)[:3])
        raise UserError(
            f"{place} holds numbers, but also {example(marks + others)}: correct "
            f"them, or set missing: [{said}] if there is no value; or {ways}"
        )


def _refuse_one_look(place, plain, looks, numbers, example, ways) -> None:
    """Refuse the commonest look if more than half of the texts that are no numbers have it."""
    by_what: dict[str, list[int]] = defaultdict(list)
    for k, look in looks.items():
        by_what[look.what].append(k)
    what, forms = max(by_what.items(), key=lambda item: len(item[1]))
    look = looks[forms[0]]
    if look.only_if_many and len(plain) <= 2 and not numbers:
        return  # two units of one column are told apart by one-hot features as well
    if len(forms) > (len(plain) - len(numbers)) / 2:
        raise UserError(f"{place} holds {what}: {example(forms)}; {look.advice}; or {ways}")


def _joined(
    place: str, name: str, forms: list[str], codes: Array, declared: bool, options: ColumnOptions
) -> Texts:
    """Return categories; forms that differ by white space are one, which a remark says."""
    groups: dict[str, list[str]] = defaultdict(list)
    folded: dict[str, set[str]] = defaultdict(set)
    for form in forms:
        key = t.normal(form)
        folded[key.casefold()].add(key)
        groups[key.casefold() if options.case == "join" else key].append(form)
    unlike = [sorted(keys) for keys in folded.values() if len(keys) > 1]
    if unlike and options.case is None:
        raise UserError(
            f"{place} has texts that differ only by case: {listing(map(repr, unlike[0]))}; set "
            "case: join if they are one category, case: keep if they are several"
        )
    if "\n" in "".join(groups) or any("\n" in form or "\r" in form for form in forms):
        raise UserError(f"{place} has a text with a line break; is a quotation mark not closed?")
    shown = {key: min(map(t.normal, group)) for key, group in groups.items()}
    order = sorted(groups, key=shown.__getitem__)
    position = {form: k for k, key in enumerate(order) for form in groups[key]}
    new = np.array([position[form] for form in forms] + [-1], dtype=np.int64)[codes]
    remarks = [
        f"taken as one: {listing(map(repr, sorted(group)), 4)}"
        for group in (groups[key] for key in order)
        if len(group) > 1
    ]
    words = [shown[k] for k in order if shown[k].casefold() in _LIKE_MISSING]
    if words and not declared:
        remarks.append(
            f"{listing(map(repr, words))} is a category; missing: [{words[0]}] if it is no value"
        )
    return Texts(new, tuple(shown[key] for key in order), tuple(remarks))


_LIKE_MISSING = {"none", "null", "na", "n/a", "unknown"}
