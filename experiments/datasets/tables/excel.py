"""Excel's .xlsx through openpyxl, which is optional."""

from pathlib import Path
from typing import Any

from experiments.base import UserError, listing
from experiments.datasets.tables.delimited import headed
from experiments.datasets.tables.options import TableOptions


def read(path: Path, options: TableOptions) -> Any:
    """Return the cells of a sheet as columns, the first row being the heading.

    Raises UserError if openpyxl is not installed, or if there are several sheets and none is named.
    """
    import pandas as pd

    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise UserError(
            f"{path}: Excel files are read by openpyxl, which is not installed: run  pip install "
            "'mlp-experiments[excel]'  or save the table as .csv"
        ) from None
    try:
        # "NA" or "None" in a cell is a text: only an empty cell has no value
        sheets = pd.read_excel(
            path,
            sheet_name=None,
            header=None,
            keep_default_na=False,
            na_values=[""],
            engine="openpyxl",
        )
    except Exception as error:
        reason = str(error).strip().splitlines()
        raise UserError(
            f"{path}: cannot be read as xlsx: {reason[0] if reason else type(error).__name__}; "
            "save it again, or as .csv"
        ) from None
    cells = _sheet(path, sheets, options)
    if options.header is False:
        return cells.set_axis([f"column {k + 1}" for k in range(len(cells.columns))], axis=1)
    heading = ["" if pd.isna(cell) else str(cell).strip() for cell in cells.iloc[0]]
    return headed(path, heading, cells.iloc[1:].reset_index(drop=True), options)


def _sheet(path: Path, sheets: dict[str, Any], options: TableOptions) -> Any:
    full = [name for name, cells in sheets.items() if len(cells)]
    if options.sheet is not None and options.sheet not in full:
        raise UserError(
            f"{path}: there is no sheet {options.sheet!r} with cells; known: {listing(full)}"
        )
    if options.sheet is None and len(full) != 1:
        said = f"several sheets: {listing(full)}; choose with the option `sheet`"
        raise UserError(f"{path}: it has {said if full else 'no cells'}")
    return sheets[options.sheet or full[0]]
