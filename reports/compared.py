"""The page of two folders of results: which runs are the same, which verdicts are others."""

from pathlib import Path

import pandas as pd
from nbformat import NotebookNode, v4

from experiments.base import write_text
from experiments.results import Comparing, comparing_sentences, verdicts_changed
from reports.page import (
    Html,
    bullets,
    filterable_table,
    heading,
    html_page,
    literal,
    paragraph,
    table,
)

TITLE = "Two sweeps compared"
COUNTS = ("in A", "in B", "in both", "the same")
STUDIES = {"mean": "mean B − A"}
"""What columns of `Comparing.studies` are called on the page."""


def write_comparison(found: Comparing, path: Path) -> None:
    """Write the page of a comparison as one HTML file that needs no network."""
    write_text(path, html_page(_notebook(found), TITLE))


def _notebook(found: Comparing) -> NotebookNode:
    """Return the pieces of the page as the displayed results of a notebook's cells."""
    pieces = [heading(TITLE, "top", level=1), *_runs(found)]
    pieces += _verdicts(found.pairs, "planned pair", "Planned pairs")
    pieces += _verdicts(found.claims, "claim", "Claims")
    cells = []
    for piece in pieces:
        shown = v4.new_output("execute_result", {"text/html": str(piece)}, execution_count=1)
        cells.append(v4.new_code_cell("", outputs=[shown], execution_count=1))
    return v4.new_notebook(cells=cells)


def _runs(found: Comparing) -> list[Html]:
    folders = [f"{side}: {literal(path)}" for side, path in zip("AB", found.folders, strict=True)]
    said = map(literal, comparing_sentences(found))
    studies = found.studies.rename(columns=STUDIES)
    caption = (
        "Trained runs by study and stage. The last two columns are about the test accuracy of runs "
        "that both have and that differ, in percentage points."
    )
    formats = dict.fromkeys(COUNTS, ",") | dict.fromkeys((*STUDIES.values(), "largest"), ".2f")
    return [
        bullets(folders),
        heading("Runs", "runs"),
        bullets([*said]),
        table(studies, "tab-runs", caption, formats),
    ]


def _verdicts(verdicts: pd.DataFrame, noun: str, title: str) -> list[Html]:
    """Return what is said of the verdicts of a table, and those that changed in both forms."""
    pieces = [heading(title, title.lower().replace(" ", "-"))]
    pieces.append(paragraph(f"{verdicts_changed(verdicts, noun)}."))
    changed = verdicts[verdicts["changed"]][["title", "verdict_a", "verdict_b"]]
    if len(changed):
        shown = changed.set_axis([noun, "in A", "in B"], axis=1)
        caption = f"Each {noun} whose verdict is another one."
        pieces.append(filterable_table(shown, f"tab-{noun.replace(' ', '-')}", caption))
    return pieces
