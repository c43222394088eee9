"""The options of a table: how its file is written, and what its columns are."""

import codecs
import json
import re
from typing import ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from experiments.datasets.source import Options


class ColumnOptions(Options):
    """What the columns of a table are; all but the label and those left out are features."""

    task: Literal["classification", "regression"] = Field(
        "classification", description="classes, or a real value"
    )
    drop: list[str] = Field(default_factory=list, description="columns that are left out")
    categorical: list[str] = Field(
        default_factory=list,
        description="columns whose values are categories, even if they look like numbers or dates",
    )
    missing: list[str | int | float] = Field(
        default_factory=list,
        description='cells that mean "no value", such as "?" or -999; an empty cell always does',
    )
    impute: Literal["median", "most_frequent", "constant"] | None = Field(
        None,
        description="fill missing features from the training part: with the median, the most "
        "frequent value, or 0; a missing category becomes the most frequent one, or none of them "
        "with constant; if not said, missing values are refused",
    )
    split: str | None = Field(
        None,
        description="the column that says train, validation or test for each row; if not said, "
        "the rows are split at random, by class",
    )
    group: str | None = Field(
        None,
        description="the column that names each row's group, such as the patient, for the split "
        "{kind: grouped}; no feature",
    )
    index: str | Literal[False] | None = Field(
        None,
        description="the column that numbers the rows, to be left out; false if there is none "
        "and a column of running numbers is a feature",
    )
    case: Literal["join", "keep"] | None = Field(
        None,
        description='whether "yes" and "Yes" are one category (join) or two (keep); if not said, '
        "such a column is refused",
    )
    decimal: Literal[".", ","] = Field(".", description="the decimal point or comma of texts")
    thousands: Literal[".", ",", " ", "'", "_", "\u00a0", "\u202f"] | None = Field(
        None, description='what groups the digits of a large number: "," in 1,000,000'
    )

    @model_validator(mode="after")
    def _two_signs(self):
        if self.decimal == self.thousands:
            raise ValueError(
                f"decimal and thousands are both {self.decimal!r}; a number needs two signs"
            )
        return self


class TableOptions(ColumnOptions):
    """A table and the column to be learnt; all other columns are features."""

    outside: ClassVar = frozenset(("path", "validation", "test", "sha256"))

    path: str = Field(description="the file; its ending says how it is read")
    label: str = Field(description="name of the column, or of the array, that is to be learnt")
    validation: str | None = Field(None, description="a file with the validation part; with `test`")
    test: str | None = Field(
        None,
        description="a file with the test part; without `validation`, as many rows of the "
        "training file, evenly over the classes, are the validation part",
    )
    sheet: str | None = Field(None, description="the sheet of an Excel file that has several")
    separator: str | None = Field(
        None,
        min_length=1,
        max_length=1,
        description="between the columns of a text file: a comma, or a tab in a .tsv, if not said; "
        '" " is any number of blanks',
    )
    header: bool | None = Field(
        None,
        description="whether the first line of a text file names the columns: true, if not said, "
        'but then refused if it looks like data; with false they are "column 1", "column 2", ...',
    )
    encoding: str = Field("utf-8", description="of a text file: utf-8, latin-1, utf-16, ...")
    sha256: str | None = Field(None, description="checksum of the file, to be verified")

    @model_validator(mode="after")
    def _one_split(self):
        if self.validation is not None and self.test is None:
            raise ValueError("validation names a file, but test does not; name both, or test alone")
        if self.split is not None and self.test is not None:
            raise ValueError("split and test both say what the test part is; take one of them")
        return self

    @field_validator("encoding")
    @classmethod
    def _known(cls, name):
        try:
            "".encode(name)
            return codecs.lookup(name).name
        except (LookupError, TypeError, ValueError):
            raise ValueError(
                f"unknown encoding {name!r}; use utf-8, utf-16, latin-1 or cp1252"
            ) from None

    @field_validator("separator")
    @classmethod
    def _no_part_of_a_value(cls, sign):
        if sign is not None and (sign.isalnum() or sign in '"\r\n.+-'):
            raise ValueError(f"{sign!r} cannot separate columns; use , ; | a blank or a tab")
        return sign


def written(value: str) -> str:
    """Return how a text is written in YAML: in quotation marks, if it is not a plain name.

    >>> written("id"), written("a: b")
    ('id', '"a: b"')
    """
    plain = re.fullmatch(r"[^\W\d][\w .-]*(?<! )", value)
    return value if plain else json.dumps(value, ensure_ascii=False)


def option(name: str, *values: str, quoted: bool = False) -> str:
    """Return how an option with a list is written in YAML.

    >>> option("drop", "id", "a: b"), option("missing", "NA", quoted=True)
    ('drop: [id, "a: b"]', 'missing: ["NA"]')
    """
    said = (json.dumps(v, ensure_ascii=False) if quoted else written(v) for v in values)
    return f"{name}: [{', '.join(said)}]"
