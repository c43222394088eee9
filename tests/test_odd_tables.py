"""Tables as people have them: each is read as what it means, or refused with what to do.

A case holds the cells of one column, `a`, next to the label `kind`; or a whole file. What is
expected is the beginning of what is said, or what was read.
"""

import datetime
import decimal
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from experiments.base import FolderCache
from experiments.base.errors import UserError
from experiments.datasets import DATASETS, Shape, tables
from experiments.plan import make_plan
from experiments.plan.outlook import describe
from tests.sweeps import write_config

TABLE = DATASETS["table"]
ROWS = 24
KINDS = ["x", "y", "y", "x", "x", "y"] * 4


def options(path, **chosen):
    return TABLE.Options(path=str(path), **{"label": "kind", **chosen})


def cycle(*cells):
    return [cells[k % len(cells)] for k in range(ROWS)]


def counting(form, start=10, step=7):
    return [form.format(start + step * k) for k in range(ROWS)]


def write(folder, cells, separator=",", heading="a", kinds=KINDS):
    """Write a column of texts next to the label, quoted where it must be."""
    frame = pd.DataFrame({heading: cells, "b": np.arange(ROWS) ** 2, "kind": kinds})
    frame.to_csv(folder / "x.csv", index=False, sep=separator)
    return folder / "x.csv"


# --- one column: what is refused ----------------------------------------------------------------

WAYS = r".*categorical: \[a\].*drop: \[a\]"
REFUSED = {
    "percentages": (counting("{}%"), r"percentages: '10%' in row 1.*percent sign" + WAYS),
    "percentages with a blank": (counting("{} %"), "percentages"),
    "per mille": (counting("{}\u2030"), "percentages"),
    "dollars": (counting("${}.50"), "amounts of money.*without the currency" + WAYS),
    "euros": (counting("{} \u20ac"), "amounts of money"),
    "francs": (counting("CHF {}"), "amounts of money"),
    "amounts by thousands": (counting("${},000"), "amounts of money"),
    "kilograms": (counting("{} kg"), "numbers with a unit.*without the unit" + WAYS),
    "millimetres": (counting("{}mm"), "numbers with a unit"),
    "degrees": (counting("{}.5\u00b0C"), "numbers with a unit"),
    "microseconds": (counting("{} \u00b5s"), "numbers with a unit"),
    "a unit with a power": (counting("{} m\u00b2"), "numbers with a unit"),
    "hexadecimal": (counting("0x{:X}"), "hexadecimal numbers.*decimal numbers" + WAYS),
    "unicode minus": (counting("\u2212{}"), "numbers with a minus sign.*write -" + WAYS),
    "some unicode minus": (cycle("1.5", "2.5", "\u22123.5", "4"), "numbers with a minus sign"),
    "brackets for minus": (counting("({})"), "negative numbers in brackets"),
    "complex": (counting("{}+2j"), "complex numbers"),
    "decimal comma": (counting("{},5"), 'a decimal comma.*set decimal: ","' + WAYS),
    "comma by thousands": (counting("{},000"), 'set decimal: "," or thousands: ","'),
    "comma by millions": (counting("1,{},000", 100), 'set thousands: ","'),
    "points by millions": (counting("1.{}.000", 100), 'set decimal: "," and thousands: "."'),
    "points and comma": (counting("1.{},5", 100), 'set decimal: "," and thousands: "."'),
    "mixed lengths": (cycle("1.234,5", "5,0", "1.234.567"), 'decimal: "," and thousands: "."'),
    "apostrophes": (counting("{}'000"), 'set thousands: "\'"'),
    "blanks by thousands": (counting("{} 000"), 'set thousands: " "'),
    "underscores": (counting("{}_000"), 'set thousands: "_"'),
    "indian groups": (counting("{},00,000"), "numbers with|identifiers"),
    "arabic digits": (cycle("\u0661\u0662", "\u0663", "\u0664"), "other digits than 0 to 9"),
    "full width digits": (cycle("\uff11\uff12", "\uff13", "\uff14"), "other digits than 0 to 9"),
    "about": (cycle("~1", "~2", "~3"), "numbers with other signs.*numbers alone" + WAYS),
    "less than": (cycle("<1", "<5", ">5"), "numbers with other signs"),
    "minus behind": (cycle("1-", "2-", "3-"), "numbers with other signs"),
    "percent before": (cycle("% 1", "% 2", "% 3"), "numbers with other signs"),
    "apostrophe of a spreadsheet": (cycle("'1", "'2", "'3"), "numbers with other signs"),
    "few indian groups": (cycle("1,00,000", "2,00,000", "3,00,000"), "numbers with other signs"),
    "few errors": (cycle("1 \u00b1 1", "2 \u00b1 1", "3 \u00b1 1"), "numbers with an error"),
    "powers of ten": (cycle("1\u00d710^3", "2\u00d710^3", "3\u00d710^3"), "numbers with an error"),
    "formulas": (cycle("=1+1", "=2+1", "=3+1"), "formulas of a spreadsheet"),
    "ratios": (cycle("1:1", "2:1", "3:1"), "numbers with an error, a power or a ratio"),
    "mixed fractions": (cycle("1 1/2", "2 1/2", "3 1/2"), "fractions"),
    "american dollars": (cycle("US$1", "US$2", "US$3"), "amounts of money"),
    "weekdays": (cycle("Mon, 1 Jan 2024", "Tue, 2 Jan 2024", "Wed, 3 Jan 2024"), "dates"),
    "quarters": (cycle("2024 Q1", "2024 Q2", "2024 Q3"), "dates"),
    "exponents of Fortran": (cycle("1.5D+03", "2.0D+03", "1.0D-02"), "exponent of another kind"),
    "a blank in the exponent": (cycle("1.5E +3", "2.5E +3", "3.5E +3"), "exponent of another"),
    "powers after a dot": (cycle("1\u00b710^3", "2\u00b710^3", "3\u00b710^4"), "exponent of"),
    "bare powers": (cycle("10**3", "10**4", "10**5"), "exponent of another kind"),
    "two numbers": (cycle("1; 2", "2; 3", "3; 4"), "several numbers.*column of its own"),
    "numbers after commas": (cycle("1, 2", "2, 3", "3, 4"), "several numbers"),
    "numbers after blanks": (cycle("1 2", "2 3", "3 4"), "several numbers"),
    "numbers after bars": (cycle("1|2", "2|3", "3|4"), "several numbers"),
    "feet and inches": (cycle("5'11\"", "6'2\"", "5'9\""), "angles or lengths"),
    "degrees and minutes": (
        cycle("40\u00b026\u203246\u2033N", "41\u00b012\u203210\u2033N", "42\u00b01\u2032N"),
        "angles",
    ),
    "rows counted down": ([str(100 - k) for k in range(ROWS)], "numbers the rows; index: a"),
    "fractions": (counting("{}/7"), "fractions"),
    "one bad cell": ([*counting("{}")[:-1], "abc"], "numbers, but also 'abc' in row 24" + WAYS),
    "a mark": ([*counting("{}")[:-1], "?"], r"'\?' in row 24: set missing: \[\"\?\"\]" + WAYS),
    "a dash": ([*counting("{}")[:-1], "-"], r"'-' in row 24: set missing: \[\"-\"\]"),
    "NA among numbers": ([*counting("{}")[:-1], "NA"], r"'NA' in row 24.*missing: \[\"NA\"\]"),
    "N/A among numbers": ([*counting("{}")[:-1], "n/a"], r"missing: \[\"n/a\"\]"),
    "None among numbers": ([*counting("{}")[:-1], "None"], r"missing: \[\"None\"\]"),
    "a spreadsheet's error": ([*counting("{}")[:-1], "#DIV/0!"], "'#DIV/0!' in row 24"),
    "above a limit": ([*counting("{}")[:-1], ">100"], "numbers, but also '>100'"),
    "a star": ([*counting("{}")[:-1], "12*"], r"numbers, but also '12\*'"),
    "two points": ([*counting("{}")[:-1], "1.2.3"], "numbers, but also '1.2.3'"),
    "an error bar": (counting("{} \u00b1 1"), "numbers with|identifiers"),
    "a range": ([*counting("{}")[:-1], "10-20"], "numbers, but also '10-20'"),
    "a mark among texts": (cycle("red", "blue", "?"), r"'\?' in row 3: set missing: \[\"\?\"\]"),
    "truth and numbers": (cycle("True", "False", "1"), "numbers, but also"),
    "infinite": ([*counting("{}")[:-1], "inf"], "infinite values in 1 row: 24"),
    "too large": ([*counting("{}")[:-1], "1e999"], "infinite values"),
    "nan": ([*counting("{}")[:-1], "nan"], "missing in 1 row, in the columns a.*set impute"),
    "empty": ([*counting("{}")[:-1], ""], "missing in 1 row.*rows 24"),
    "blank": ([*counting("{}")[:-1], " \u00a0"], "missing in 1 row.*rows 24"),
    "nothing": ([""] * ROWS, r"has no values; drop: \[a\]"),
    "days": ([f"2024-01-{k + 1:02}" for k in range(ROWS)], "dates.*2024-01-01.*row 1" + WAYS),
    "german days": ([f"{k + 1}.12.2024" for k in range(ROWS)], "dates"),
    "american days": ([f"12/{k + 1}/24" for k in range(ROWS)], "dates"),
    "few days": (cycle("2024-01-01", "2024-01-02", "2024-01-03"), "dates"),
    "days and hours": ([f"2024-01-01T{k:02}:00:00Z" for k in range(ROWS)], "dates"),
    "named months": ([f"{k + 1} Jan 2024" for k in range(ROWS)], "dates"),
    "months of years": (cycle("Jan 2024", "Feb 2024", "Mar 2024"), "dates"),
    "days as numbers": ([f"202401{k + 1:02}" for k in range(ROWS)], "dates: 20240101 in row 1"),
    "hours": ([f"{k}:30" for k in range(ROWS)], "times of the day"),
    "durations": ([f"{k} days 02:00:00" for k in range(ROWS)], "time differences"),
    "iso durations": ([f"P{k}D" for k in range(ROWS)], "time differences"),
    "lists": ([f"[{k}, 2]" for k in range(ROWS)], "lists.*column of its own"),
    "identifiers": (counting("P{}"), r"24 different texts in 24 rows, as identifiers.*drop: \[a\]"),
    "nearly identifiers": ([*counting("P{}")[:-6], *["P10"] * 6], "different texts in 24 rows"),
    "long numbers": (counting("90071992547409{}"), "more digits than are kept"),
    "case": (cycle("yes", "Yes", "no"), "only by case: 'Yes' and 'yes'; set case: join"),
    "a line break": (cycle("red\nor so", "blue", "green"), "line break.*quotation mark"),
    "row numbers": ([str(k) for k in range(ROWS)], "numbers the rows; index: a .*index: false"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_odd_columns_are_refused_with_the_option_that_settles_it(tmp_path, case):
    cells, message = REFUSED[case]
    path = write(tmp_path, cells)
    with pytest.raises(UserError, match=rf"^\S*x\.csv: .*(?:{message})") as error:
        TABLE.shape(options(path))
    assert "\n" not in str(error.value)
    assert TABLE.shape(options(path, drop=["a"])).features == 1


@pytest.mark.parametrize("case", [c for c in REFUSED if "categorical" in REFUSED[c][1]])
def test_what_is_declared_a_category_is_one(tmp_path, case):
    cells, _ = REFUSED[case]
    path = write(tmp_path, cells)
    made = TABLE.load(options(path, categorical=["a"]))
    assert made["X"].shape == (ROWS, len(set(cells)) + 1)
    assert (made["X"][:, :-1].sum(axis=1) == 1).all()


def test_even_declared_categories_have_a_limit():
    frame = pd.DataFrame({"a": [f"n{k}" for k in range(1001)], "kind": ["x", *"xy" * 500]})
    with pytest.raises(UserError, match=r"1,001 different texts; at most 1,000"):
        tables.columns("x", frame, "kind", tables.ColumnOptions(categorical=["a"]))


# --- one column: what is read -------------------------------------------------------------------

READ = {
    "numbers": (cycle("1", "2.5", "-3e2"), {}, [1, 2.5, -300]),
    "signs and points": (cycle("+1", ".5", "5."), {}, [1, 0.5, 5]),
    "blanks around": (cycle(" 1", "2 ", "\u00a03\u00a0"), {}, [1, 2, 3]),
    "truth": (cycle("True", "FALSE", "true"), {}, [1, 0, 1]),
    "decimal comma": (cycle("1,5", "-0,722", "3"), {"decimal": ","}, [1.5, -0.722, 3]),
    "thousands": (cycle("1,000", "1,234,567.5", "3"), {"thousands": ","}, [1000, 1234567.5, 3]),
    "both": (
        cycle("1.100.000", "1.234,5", "3,5"),
        {"thousands": ".", "decimal": ","},
        [1100000, 1234.5, 3.5],
    ),
    "leading zeros": (cycle("007", "010", "011"), {}, [7, 10, 11]),
}


@pytest.mark.parametrize("case", READ)
def test_numbers_are_the_numbers_that_are_written(tmp_path, case):
    cells, chosen, values = READ[case]
    made = TABLE.load(options(write(tmp_path, cells), **chosen))
    assert made["X"][:, 0].tolist() == cycle(*map(float, values))


CATEGORIES = {
    "texts": (cycle("red", "blue", "green"), {}, 3, ""),
    "ordinals": (cycle("1st", "2nd", "3rd"), {}, 3, ""),
    "ages": (cycle("18-24", "25-34", "35+"), {}, 3, ""),
    "grades": (cycle("A+", "A-", "B"), {}, 3, ""),
    "states": (cycle("ND", "NA", "SD"), {}, 3, "'NA' is a category"),
    "two limits": (cycle("<50", ">50"), {}, 2, ""),
    "plus and minus": (cycle("+", "-"), {}, 2, ""),
    "two drives": (cycle("2WD", "4WD"), {}, 2, ""),
    "named numbers": (cycle("Q1", "Q2", "Q3"), {}, 3, ""),
    "None": (cycle("None", "mild", "None", "grave"), {}, 3, "'None' is a category; set missing"),
    "null and NA": (cycle("null", "NA", "mild"), {}, 3, "is a category; set missing"),
    "trailing blanks": (cycle("yes", "yes ", "no"), {}, 2, "taken as one: 'yes' and 'yes '"),
    "no-break blanks": (cycle("a b", "a\u00a0b", "no"), {}, 2, "taken as one: 'a b' and 'a\\xa0b'"),
    "unicode forms": (cycle("\u00e9", "e\u0301", "no"), {}, 2, "taken as one"),
    "signs of no width": (cycle("yes", "y\u200bes", "no"), {}, 2, "taken as one"),
    "a direction mark": (cycle("yes", "\u200eyes", "no"), {}, 2, "taken as one"),
    "a soft hyphen": (cycle("yes", "y\u00ades", "no"), {}, 2, "taken as one"),
    "case joined": (cycle("yes", "Yes", " yes", "no"), {"case": "join"}, 2, "taken as one: ' yes'"),
    "case kept": (cycle("yes", "Yes", "no"), {"case": "keep"}, 3, ""),
    "codes": (cycle("007", "010", "011"), {"categorical": ["a"]}, 3, ""),
}


@pytest.mark.parametrize("case", CATEGORIES)
def test_categories_are_one_hot_and_what_is_taken_as_one_is_said(tmp_path, case):
    cells, chosen, many, remark = CATEGORIES[case]
    chosen = options(write(tmp_path, cells), **chosen)
    assert TABLE.shape(chosen).features == many + 1
    first, *remarks = TABLE.notes(chosen)
    assert first == f"1 numeric, 1 categorical (a: {many} values)"
    assert (remark in " ".join(remarks)) if remark else remarks == []


LABELS = {
    "1 and 1.0": (cycle("1", "1.0", "0", "0"), {}, 2, "taken as one: '1' and '1.0'"),
    "yes and a blank": (cycle("yes", "yes\u00a0", "no", "no"), {}, 2, "taken as one"),
    "None": (cycle("None", "insomnia"), {}, 2, "'None' is a category"),
    "two cases": (cycle("yes", "Yes", "no", "no"), {}, None, "only by case"),
    "a mark": (cycle("yes", "no", "?"), {}, None, r"'?' in row 3: set missing: [\"?\"]"),
    "a mark kept": (cycle("yes", "no", "?"), {"categorical": ["kind"]}, 3, ""),
    "a mark missing": (cycle("yes", "no", "?"), {"missing": ["?"]}, None, "remove these rows"),
    "percentages": (cycle("10%", "20%", "30%"), {}, None, "percentages"),
    "numbers and texts": (cycle("1", "2", "other"), {}, None, "numbers, but also 'other'"),
    "numbers and texts kept": (cycle("1", "2", "other"), {"categorical": ["kind"]}, 3, ""),
    "halves": (cycle("1", "1.5", "2"), {}, None, "holds real numbers, not classes"),
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_are_classes_or_refused(tmp_path, case):
    kinds, chosen, classes, said = LABELS[case]
    path = write(tmp_path, cycle("1.5", "2", "7", "2.5", "3"), kinds=kinds)
    if classes:
        assert TABLE.shape(options(path, **chosen)).classes == classes
        assert said in " ".join(TABLE.notes(options(path, **chosen))[1:])
        return
    with pytest.raises(UserError) as error:
        TABLE.shape(options(path, **chosen))
    assert said.replace("\\", "") in str(error.value)


# --- whole files --------------------------------------------------------------------------------

BODY = "".join(f"{5 + k / 10:.1f},3.5,{kind}\n" for k, kind in enumerate(KINDS))
SEMICOLONS = BODY.replace(",", ";")
FILES = {
    "no heading": (BODY, {}, "the heading holds numbers: '5.0' and '3.5'.*header: false"),
    "no heading, no numbers": (
        "p,x,x\n" + "".join(f"{'pqr'[k % 3]},{'xzy'[k % 3]},{c}\n" for k, c in enumerate(KINDS)),
        {},
        "called 'x'|header: false",
    ),
    "no heading, declared": (BODY, {"header": False, "label": "column 3"}, Shape(24, 2, 2)),
    "no heading, another label": (BODY, {"header": False}, "no column 'kind'.*column 3"),
    "numbers for names": ("0,1,kind\n" + BODY, {}, Shape(24, 2, 2)),
    "real numbers for names": ("0.5,1.5,kind\n" + BODY, {}, "heading holds numbers.*header: true"),
    "real names": ("0.5,1.5,kind\n" + BODY, {"header": True}, Shape(24, 2, 2)),
    "shifted": ("a,kind\n" + BODY, {}, "line 2 has 3 fields, but the first line has 2.*heading"),
    "short row": ("a,b,kind\n" + BODY + "1,x\n", {}, "line 26 has 2 fields, .* has 3"),
    "names twice": ("a,a,kind\n" + BODY, {}, "2 columns of the heading are called 'a'"),
    "label twice": ("a,kind,kind\n" + BODY, {}, "called 'kind'"),
    "semicolons": ("a;b;kind\n" + SEMICOLONS, {}, 'separator: ";" gives .a., .b. and .kind.'),
    "semicolons named": ("a;b;kind\n" + SEMICOLONS, {"separator": ";"}, Shape(24, 2, 2)),
    "tabs": ("a\tb\tkind\n" + BODY.replace(",", "\t"), {}, r'separator: "\\t" gives'),
    "bars": ("a|b|kind\n" + BODY.replace(",", "|"), {}, 'separator: "|"'),
    "blanks": ("a   b  kind\n" + BODY.replace(",", "  "), {}, 'separator: " "'),
    "blanks named": ("a b  kind\n" + BODY.replace(",", "   "), {"separator": " "}, Shape(24, 2, 2)),
    "semicolons without heading": (SEMICOLONS, {"header": False}, "separator|no column"),
    "decimal commas under commas": (
        "x;kind\n" + "".join(f"-0,7{k:02};{kind}\n" for k, kind in enumerate(KINDS)),
        {},
        'line 2 has 2 fields, but the first line has 1; with separator: ";"',
    ),
    "decimal commas, no heading": (
        "".join(f"-0,7{k:02};{kind}\n" for k, kind in enumerate(KINDS)),
        {"header": False, "label": "column 2"},
        'separated by a comma .2 columns. or by a semicolon;.*separator: ";"',
    ),
    "comment": ("# from the lab\na,b,kind\n" + BODY, {}, "line 2 has 3 fields.*first line has 1"),
    "heading again": ("a,b,kind\n" + BODY + "a,b,kind\n", {}, "line 26 repeats the first line"),
    "byte order mark": ("\ufeffa,b,kind\n" + BODY, {}, Shape(24, 2, 2)),
    "windows": ("a,b,kind\r\n" + BODY.replace("\n", "\r\n"), {}, Shape(24, 2, 2)),
    "old mac": ("a,b,kind\r" + BODY.replace("\n", "\r"), {}, Shape(24, 2, 2)),
    "empty lines": ("\n\na,b,kind\n\n" + BODY + "\n\n", {}, Shape(24, 2, 2)),
    "quoted": ('"a","b","kind"\n' + BODY, {}, Shape(24, 2, 2)),
    "open quotation": ("a,b,kind\n" + BODY + '1,2,"x\n1,2,y\n', {}, "quotation mark is not closed"),
    "trailing separators": ("a,b,kind,\n" + BODY.replace("\n", ",\n"), {}, Shape(24, 2, 2)),
    "zero bytes": ("a,b,kind\n" + BODY + "\0,1,x\n", {}, "zero bytes.*utf-16"),
    "heading only": ("a,b,kind\n", {}, "the table has no rows"),
    "one column": ("kind\n" + "x\ny\n" * 12, {}, "no feature next to 'kind'"),
    "unnamed numbers": (
        ",b,kind\n" + "".join(f"{k + 7},{k * k},{kind}\n" for k, kind in enumerate(KINDS)),
        {},
        Shape(24, 1, 2),
    ),
    "unnamed texts": (
        ",b,kind\n" + "".join(f"P{k},{k * k},{kind}\n" for k, kind in enumerate(KINDS)),
        {},
        r"'unnamed 1' has 24 different texts.*drop: \[unnamed 1\]",
    ),
    "identifier": (
        "patient_id,b,kind\n" + "".join(f"{k * k},{k % 5},{c}\n" for k, c in enumerate(KINDS)),
        {},
        "like an identifier, and no value is repeated; index: patient_id leaves",
    ),
    "index": (
        "patient_id,b,kind\n" + "".join(f"{k * k},{k % 5},{c}\n" for k, c in enumerate(KINDS)),
        {"index": "patient_id"},
        Shape(24, 1, 2),
    ),
    "no index": (
        "patient_id,b,kind\n" + "".join(f"{k},{k % 5},{c}\n" for k, c in enumerate(KINDS)),
        {"index": False},
        Shape(24, 2, 2),
    ),
    "no such index": ("a,b,kind\n" + BODY, {"index": "b"}, "'b' is not an index.*repeated"),
    "leak": (
        "code,b,kind\n" + "".join(f"{ord(c)},{k},{c}\n" for k, c in enumerate(KINDS)),
        {"index": False},
        r"'code' equals the label 'kind' one to one.*drop: \[code\]",
    ),
    "leak but for one value": (
        "code,b,kind\n,1,x\n" + "".join(f"{ord(c)},{k},{c}\n" for k, c in enumerate(KINDS)),
        {"index": False, "impute": "median"},
        "'code' equals the label",
    ),
    "an index stored twice": (
        "Unnamed: 0.1,b,kind\n"
        + "".join(f"{k * 7 % 24},{k % 5},{c}\n" for k, c in enumerate(KINDS)),
        {},
        Shape(24, 1, 2),
    ),
    "an index of reset_index": (
        "level_0,b,kind\n" + "".join(f"{k * 7 % 24},{k % 5},{c}\n" for k, c in enumerate(KINDS)),
        {},
        Shape(24, 1, 2),
    ),
    "leak of texts": (
        "name,b,kind\n" + "".join(f"the {c},{k},{c}\n" for k, c in enumerate(KINDS)),
        {"index": False},
        "'name' equals the label",
    ),
    "leak of real values": (
        "copy,b,kind\n" + "".join(f"{k / 3:.2f},{k * k},{k / 3:.2f}\n" for k in range(24)),
        {"task": "regression"},
        "'copy' equals the label",
    ),
    "label dropped": ("a,b,kind\n" + BODY, {"drop": ["kind"]}, "takes the label 'kind' out"),
    "unknown category": ("a,b,kind\n" + BODY, {"categorical": ["c"]}, "no column 'c'"),
    "missing number": ("a,b,kind\n-999,1,x\n" + BODY, {"missing": [-999]}, "missing in 1 row.*1 "),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_odd_files_are_read_as_what_they_mean_or_refused(tmp_path, case):
    text, chosen, expected = FILES[case]
    (tmp_path / "x.csv").write_bytes(text.encode())
    if isinstance(expected, Shape):
        assert TABLE.shape(options(tmp_path / "x.csv", **chosen)) == expected
        return
    with pytest.raises(UserError, match=rf"^\S*x\.csv: .*(?:{expected})"):
        TABLE.shape(options(tmp_path / "x.csv", **chosen))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_an_encoding_is_named_and_used(tmp_path, encoding):
    kinds = ["\u00e4", "\u00f6"] * 12
    text = "a,kind\n" + "".join(f"{k * k},{kind}\n" for k, kind in enumerate(kinds))
    (tmp_path / "x.csv").write_bytes(text.encode(encoding))
    with pytest.raises(UserError, match=r"as utf-8: .*set encoding"):
        TABLE.shape(options(tmp_path / "x.csv"))
    assert TABLE.shape(options(tmp_path / "x.csv", encoding=encoding)) == Shape(24, 1, 2)


@pytest.mark.parametrize("ending", ["tsv", "txt", "data"])
def test_other_endings_of_texts_are_read(tmp_path, ending):
    text = "a,b,kind\n" + BODY
    path = tmp_path / f"x.{ending}"
    path.write_text(text.replace(",", "\t") if ending == "tsv" else text)
    assert TABLE.shape(options(path)) == Shape(24, 2, 2)


# --- cells with a type --------------------------------------------------------------------------

TYPED = {
    "decimals": ([decimal.Decimal(k) / 4 for k in range(ROWS)], 1),
    "nullable": (pd.array([k * k for k in range(ROWS)], dtype="Int64"), 1),
    "truth": (pd.array([True, False, True] * 8, dtype="boolean"), 1),
    "categories": (pd.Categorical(cycle("u", "v", "w")), 3),
    "dates": ([datetime.date(2024, 1, k + 1) for k in range(ROWS)], "holds dates"),
    "stamps": (pd.date_range("2024-01-01", periods=ROWS), "holds dates"),
    "zones": (pd.date_range("2024-01-01", periods=ROWS, tz="UTC"), "holds dates"),
    "times": ([datetime.time(k, 0) for k in range(ROWS)], "holds dates"),
    "differences": (pd.to_timedelta(np.arange(ROWS), unit="s"), "holds time differences"),
    "lists": ([[k, 1] for k in range(ROWS)], "holds lists"),
    "dictionaries": ([{"u": k} for k in range(ROWS)], "holds lists"),
    "bytes": ([b"u", b"v"] * 12, "holds bytes"),
    "nothing": ([None] * ROWS, "has no values"),
    "long": ([2**60 + k for k in range(ROWS)], "more digits than are kept"),
    "missing decimals": ([decimal.Decimal(1), None] * 12, "missing in 12 rows"),
}


@pytest.mark.parametrize("case", TYPED)
def test_typed_cells_are_numbers_categories_or_refused(tmp_path, case):
    cells, expected = TYPED[case]
    frame = pd.DataFrame({"a": cells, "b": np.arange(ROWS) / 7, "kind": KINDS})
    path = tmp_path / "x.parquet"
    frame.to_parquet(path)
    if isinstance(expected, int):
        assert TABLE.shape(options(path)).features == expected + 1
        return
    with pytest.raises(UserError, match=rf"x\.parquet: .*{expected}"):
        TABLE.shape(options(path))


@pytest.mark.parametrize("values", [["u", 1] * 12, [1, datetime.date(2024, 1, 1)] * 12])
def test_cells_of_several_kinds_are_refused_with_a_row_of_each(values):
    frame = pd.DataFrame({"a": pd.Series(values, dtype=object), "kind": KINDS})
    with pytest.raises(UserError, match=r"several kinds: .*row 1\) and .*row 2\); .*drop: \[a\]"):
        tables.columns("x", frame, "kind", tables.ColumnOptions())


def test_an_index_of_pandas_is_no_lost_feature(tmp_path):
    frame = pd.DataFrame({"a": np.arange(ROWS) / 3, "b": np.arange(ROWS) ** 2, "kind": KINDS})
    frame.set_index("a").to_parquet(tmp_path / "named.parquet")
    assert TABLE.shape(options(tmp_path / "named.parquet")).features == 2
    frame.sample(frac=1, random_state=0).to_parquet(tmp_path / "shuffled.parquet")
    assert TABLE.shape(options(tmp_path / "shuffled.parquet")).features == 2
    said = TABLE.notes(options(tmp_path / "shuffled.parquet"))
    assert said == ["2 numeric, 1 left out (unnamed 1: row numbers without a name)"]


# --- missing values for those who fill them -----------------------------------------------------


def test_missing_values_pass_where_they_may():
    frame = pd.DataFrame({"a": ["1", "", "3"] * 8, "c": ["u", "v", ""] * 8, "kind": KINDS})
    made = tables.columns("x", frame, "kind", tables.ColumnOptions())
    X = tables.encode("x", made, "kind", allow_missing=True)["X"]
    np.testing.assert_array_equal(X[:3], [[1, 1, 0], [np.nan, 0, 1], [3, np.nan, np.nan]])
    with pytest.raises(UserError, match=r"in the columns a and c: .*set impute"):
        tables.encode("x", made, "kind")


# --- what is written is read to the bit ---------------------------------------------------------

NUMBER = itertools.count()
"""Each example has a file of its own: what was read is remembered by the file's name and time."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


SIGNS = st.sampled_from([",", ";", "\t", "|"])
NUMBERS = st.lists(
    st.floats(allow_nan=False, allow_infinity=False), min_size=ROWS, max_size=ROWS, unique=True
)


def written(value: float, point: str, thousands: str | None) -> str:
    """Return a number with these signs; Python's own repr tells its digits."""
    text = repr(value) if thousands is None or abs(value) >= 1e16 else f"{value:,}"
    return text.translate({ord("."): point, ord(","): thousands or ""})


@given(
    numbers=NUMBERS,
    separator=SIGNS,
    point=st.sampled_from(".,"),
    thousands=st.sampled_from([None, ".", ",", " ", "'", "_"]),
)
def test_numbers_written_and_read_with_the_same_signs_are_the_same_bits(
    folder, numbers, separator, point, thousands
):
    thousands = None if thousands == point else thousands
    cells = [written(x, point, thousands) for x in numbers]
    path = folder / f"{next(NUMBER)}.csv"
    pd.DataFrame({"a": cells, "kind": KINDS}).to_csv(path, sep=separator, index=False)
    chosen = options(
        path, separator=separator, decimal=point, thousands=thousands, index=False, header=True
    )
    made = TABLE.load(chosen)
    assert made["X"][:, 0].tobytes() == np.array(numbers).tobytes()


def refusal_of(chosen):
    """Return why a table is refused, or None if all that is read is finite."""
    try:
        return None if np.isfinite(TABLE.load(chosen)["X"]).all() else "not finite"
    except UserError as error:
        return str(error)


@given(cells=st.lists(st.text(max_size=6), min_size=ROWS, max_size=ROWS))
def test_whatever_is_written_is_read_or_refused_in_one_sentence(folder, cells):
    path = folder / f"{next(NUMBER)}.csv"
    with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:
        pd.DataFrame({"a": cells, "b": range(ROWS), "kind": KINDS}).to_csv(file, index=False)
    said = refusal_of(options(path, index=False))
    assert said is None or (said.startswith(str(path)) and "\n" not in said)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_sentence(folder, data):
    path = folder / f"{next(NUMBER)}.csv"
    path.write_bytes(b"a,kind\n" + data)
    said = refusal_of(options(path))
    assert said is None or (said.startswith(str(path)) and "\n" not in said)


# --- options and the plan -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are both ','"),
        ({"encoding": "utf-9"}, "unknown encoding 'utf-9'"),
        ({"separator": "a"}, "cannot separate columns"),
        ({"decimal": ";"}, "decimal"),
        ({"thousands": "x"}, "thousands"),
        ({"index": True}, "index"),
        ({"leave_out": ["a"]}, "leave_out"),
    ],
)
def test_options_that_cannot_be_are_refused(chosen, message):
    with pytest.raises(ValidationError, match=message):
        options("x.csv", **chosen)


@pytest.mark.parametrize("path", ["a" * 5000, "~nobody-of-this-name/x.csv", "a\0b.csv"])
def test_paths_that_cannot_be_are_one_sentence(path):
    with pytest.raises(UserError) as error:
        TABLE.files(options(path))
    assert len(str(error.value)) < 300


def test_the_plan_says_what_each_column_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = cycle("red", "blue", "green")
    frame = pd.DataFrame({"a": cells, "b": np.arange(ROWS) / 7, "kind": KINDS})
    frame.to_csv("x.csv")
    config = {
        "datasets": {"mine": {"source": "table", "options": {"path": "x.csv", "label": "kind"}}},
        "studies": {"a": {"datasets": ["mine"], "base": {"batch_size": 2}}},
    }
    plan = make_plan(write_config(tmp_path, config))
    said = list(describe(plan, tmp_path / "data", FolderCache(tmp_path / "cache"), cores=1))
    assert (
        "    mine: 1 numeric, 1 categorical (a: 3 values), "
        "1 left out (unnamed 1: a running number without a name)" in said
    )
