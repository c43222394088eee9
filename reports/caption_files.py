"""The captions of Snakemake's own report (`snakemake --report`), which follow from the code.

    python -m reports captions

writes them to reports/captions; a test compares.
"""

from pathlib import Path

from experiments.base import write_text
from experiments.schema import TABLES
from reports.figures import KINDS

FOLDER = Path(__file__).with_name("captions")
NAME = '``{{ snakemake.output[0].split("/")[1] }}``'


def captions() -> dict[str, str]:
    """Return the text of each caption that lists kinds, by the name of its file."""
    kinds = {kind.name: kind.caption for kind in KINDS.values()}
    return {
        "figure.rst": f"A figure of the sweep {NAME}, drawn from\n"
        "``runs.parquet`` and ``curves.parquet``. Its name says what it shows, "
        f"``STUDY-AXIS-KIND``:\n\n{_listed(kinds)}\n\n"
        "Each arm is shown at the value that was chosen on validation accuracy. What a figure\n"
        "shows in words, the number of its runs and the command that draws it again are in\n"
        "``captions.json`` next to it.\n",
        "table.rst": f"A table of the sweep {NAME}, with raw values. Its name\n"
        f"says what it holds, ``STUDY-AXIS-KIND``:\n\n{_listed(TABLES)}\n\n"
        "Differences, intervals and margins are in percentage points; accuracies that keep their\n"
        "column's name are shares of 1.\n",
    }


def write_captions(folder: Path = FOLDER) -> None:
    """Write the captions into a folder."""
    for name, text in captions().items():
        write_text(Path(folder) / name, text)


def _listed(kinds: dict[str, str]) -> str:
    """Return a list in reStructuredText.

    >>> _listed({"a": "first", "b": "second"})
    '- *a*: first;\\n- *b*: second.'
    """
    return ";\n".join(f"- *{name}*: {text}" for name, text in kinds.items()) + "."
