"""How the planned pairs and the claims of a finished sweep came out, in two short phrases."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.base import counted, files, of_all
from experiments.results.comparing import planned_of
from experiments.results.reading import read_csv
from experiments.statistics import Kind

HOLDS = "holds"
NOT_JUDGED = ("not run", "not tested")
"""The verdicts of claims that this sweep says nothing of."""


def verdict_totals(folder: Path) -> str:
    """Return how many pairs differ or are equal, and how many claims hold; '' for none.

    The pairs are those that the config plans; if it plans none, all. The claims are counted if a
    study puts one to the test: some hold by calculation, in every sweep.
    """
    pairs = planned_of(folder)
    planned = pairs[pairs["family"] != "exploratory"]
    counts = _pairs(planned, "planned pair") if len(planned) else _pairs(pairs, "pair")
    return "; ".join([*counts, *_claims(folder / files.CLAIMS)])


def _pairs(pairs: pd.DataFrame, noun: str) -> Iterator[str]:
    """Yield how the pairs came out. A difference shown to be inside the margin counts as equal."""
    found = Counter(map(_word, map(Kind, pairs["verdict_kind"])))
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
    claims = read_csv(path, dtype=str, keep_default_na=False)
    judged = claims[~claims["verdict"].isin(NOT_JUDGED)]
    if (judged["comparison"] != "").any():
        hold = int((judged["verdict"] == HOLDS).sum())
        yield f"{of_all(hold, len(judged), 'claim')} {'holds' if hold == 1 else 'hold'}"
