"""How the planned pairs and the claims of a finished sweep came out, in two short phrases."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from experiments.base import counted, of_all
from experiments.results.comparing import claims_of, planned_of
from experiments.statistics import Kind

HOLDS = "holds"
NOT_JUDGED = ("not run", "not tested")
"""The verdicts of claims that this sweep says nothing of."""


def verdict_totals(folder: Path) -> str:
    """Return how many pairs differ or are equal, and how many claims hold; '' for none.

    The pairs are those that the config plans; if it plans none, all.
    """
    pairs, claims = planned_of(folder), claims_of(folder)["verdict"]
    planned = pairs[pairs["family"] != "exploratory"]
    counts = _pairs(planned, "planned pair") if len(planned) else _pairs(pairs, "pair")
    return "; ".join([*counts, *_claims(claims)])


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


def _claims(verdicts: Iterable[str]) -> Iterator[str]:
    judged = [one for one in verdicts if one not in NOT_JUDGED]
    if judged:
        hold = judged.count(HOLDS)
        yield f"{of_all(hold, len(judged), 'claim')} {'holds' if hold == 1 else 'hold'}"
