"""Files of tables: which reader reads which ending. Pickles are never loaded."""

import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.datasets.tables import binary, delimited
from experiments.datasets.tables.options import TableOptions
from experiments.errors import UserError

READERS: dict[str, Callable[[Path, TableOptions], Any]] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".txt": delimited.read,
    ".data": delimited.read,
    ".parquet": binary.parquet,
    ".npz": binary.npz,
}
"""The reader of each ending. It returns a data frame whose columns have names of their own; cells
are texts where the file holds texts. It raises UserError, or an error that `read_frame` explains.
"""


def read_frame(path: Path, options: TableOptions) -> Any:
    """Return a table as pandas' DataFrame. Raises UserError, which names the file."""
    ending = path.suffix.lower()
    if ending not in READERS:
        raise UserError(
            f"{path}: a file {path.suffix or 'without ending'} is not read (pickles never are); "
            f"save the table as one of {', '.join(READERS)}"
        )
    try:
        return READERS[ending](path, options)
    except (ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "allow_pickle" in reason or "pickled" in reason:
            reason = "it holds pickled objects, which are never loaded; save plain arrays"
        raise UserError(
            f"{path}: cannot be read as {ending[1:]}: {reason}. Is it complete?"
        ) from None
