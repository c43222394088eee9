"""The equation check: every numbered equation of the note, computed as printed and as corrected.

`note` holds the equations, `checking` how one is declared and judged, `oracle` the network
written again in plain loops, `examples` the networks on which both are compared.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.base import Cache, write_once
from experiments.equations import note  # noqa: F401, enters the equations
from experiments.equations.checking import EQUATIONS

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EQUATIONS", "equations_table", "equations_text", "write_equations"]


def equations_table() -> "pd.DataFrame":
    """Return a row for each equation, in the note's order.

    Columns: number, statement (LaTeX, as printed), correction (LaTeX, where one is needed),
    implemented_by, holds_as_printed and holds_as_corrected (NA for the empty number),
    error_as_printed and error_as_corrected (the largest relative errors; NaN where a side has
    no value), method, reason (why it fails as printed) and remark (how it was read).
    """
    import pandas as pd

    table = pd.DataFrame([each.row() for each in EQUATIONS.values()])
    booleans = dict.fromkeys(("holds_as_printed", "holds_as_corrected"), "boolean")
    errors = dict.fromkeys(("error_as_printed", "error_as_corrected"), "float64")
    return table.astype(booleans | errors)


def write_equations(path: Path | str, cache: Cache | None = None) -> None:
    """Write the table as CSV: the same bytes each time, errors with three digits.

    It follows from the code alone, and is taken from the cache if it is there.
    """
    path = Path(path)
    write_once(path.parent, cache, __name__, lambda: {path.name: equations_text()})


def equations_text() -> str:
    """Return the table as CSV."""
    return equations_table().to_csv(index=False, float_format="%.2e", lineterminator="\n")
