"""How the planned pairs and the claims of a finished sweep came out, in two short phrases.

The display says them when a sweep ends. It reads the tables without pandas, which takes longer to
load than all else that is left to do then.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from experiments.base import UserError, counted, files, listing, of_all
from experiments.statistics import Kind

HOLDS = "holds"
NOT_JUDGED = ("not run", "not tested")
"""The verdicts of claims that this sweep says nothing of."""
Row = dict[str, str]


def verdict_totals(folder: Path) -> str:
    """Return how many pairs differ or are equal, and how many claims hold; '' for none.

    The pairs are those that the config plans; if it plans none, all. The claims are counted if a
    study puts one to the test: some hold by calculation, in every sweep. Raises UserError if a
    table is not one of a sweep.
    """
    pairs = [
        row for _, path in files.tables_of_pairs(folder) for row in _rows(path, "verdict_kind")
    ]
    planned = [row for row in pairs if row.get("family", EXPLORATORY) != EXPLORATORY]
    counts = _pairs(planned, "planned pair") if planned else _pairs(pairs, "pair")
    return "; ".join([*counts, *_claims(folder / files.CLAIMS)])


EXPLORATORY = "exploratory"


def _rows(path: Path, *needed: str) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if lacking := sorted({*needed} - {*(reader.fieldnames or ())}):
            raise UserError(f"{path} was written by other code: it lacks {listing(lacking)}")
        return list(reader)


def _pairs(pairs: Iterable[Row], noun: str) -> Iterator[str]:
    """Yield how the pairs came out. A difference shown to be inside the margin counts as equal."""
    found = Counter(_word(Kind(row["verdict_kind"])) for row in pairs)
    if found:
        said = ", ".join(f"{found[word]:,} {word}" for word in WORDS if found[word])
        yield f"{counted(found.total(), noun)}: {said}"


WORDS = ("differ", "equal", "undecided", "without runs")


def _word(kind: Kind) -> str:
    if kind.leads:
        return "differ"
    if kind.alike:
        return "equal"
    return "without runs" if kind is Kind.ABSENT else "undecided"


def _claims(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    judged = [
        row for row in _rows(path, "verdict", "comparison") if row["verdict"] not in NOT_JUDGED
    ]
    if any(row["comparison"] for row in judged):
        hold = sum(row["verdict"] == HOLDS for row in judged)
        yield f"{of_all(hold, len(judged), 'claim')} {'holds' if hold == 1 else 'hold'}"
