"""The claims under the companion study's program: which defect made which conclusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.claims import PROGRAMS
from reports.page import Html, paragraph, table
from reports.sentences import program_counts

if TYPE_CHECKING:
    from reports.chapters import Report


def chapter(report: Report) -> Iterator[Html]:
    """Yield the verdicts with each program; nothing if no study repeats the companion study's."""
    found = report.programs
    if found.empty:
        return
    yield paragraph(program_counts(found))
    programs = [name for name in PROGRAMS if name in set(found["program"])]
    rows = [_by_program(mine, programs) for _, mine in found.groupby("id", sort=False)]
    yield table(
        pd.DataFrame(rows),
        "tab-programs",
        "The verdict on each claim with each program; small: the verdict on a dataset where it "
        "differs. The last column follows from the verdicts. Numbers and explanations of every "
        f"cell: `programs.csv`. {report.redo('programs.csv')}",
    )


def _by_program(rows: pd.DataFrame, programs: Sequence[str]) -> dict[str, Any]:
    """Return a claim's row: its verdict with each program, and which defect made it."""
    first = rows.iloc[0]
    cells: dict[str, Any] = {"claim": Html("<b>{}</b> {}").format(first["id"], first["claim"])}
    for program in programs:
        mine = rows[rows["program"] == program].set_index("dataset")["verdict"]
        cells[PROGRAMS[program]] = _with_exceptions(mine)
    mine = rows[rows["program"] == "correct"].set_index("dataset")["made_by"]
    return cells | {"which defect made it": _with_exceptions(mine)}


def _with_exceptions(said: pd.Series) -> Html:
    """Set the overall verdict, and the datasets whose verdict differs."""
    if said.empty:
        return Html("–")
    others = {name: text for name, text in said.items() if name and text != said.get("")}
    small = [Html("<small>{}: {}</small>").format(name, text) for name, text in others.items()]
    return Html("").join([said.get("", "–"), *small])
