"""Files of tables: which reader reads which ending. Pickles are never loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.base import UserError
from experiments.datasets.tables import arff, binary, delimited, excel, matlab, npz, svmlight
from experiments.datasets.tables.options import TableOptions

READERS: dict[str, Callable[[Path, TableOptions], Any]] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".txt": delimited.read,
    ".data": delimited.read,
    ".parquet": binary.parquet,
    ".npz": npz.read,
    ".arff": arff.read,
    ".xlsx": excel.read,
    ".mat": matlab.read,
    ".svmlight": svmlight.read,
    ".libsvm": svmlight.read,
    ".svm": svmlight.read,
}
"""The reader of each ending. It returns a data frame whose columns have names of their own; cells
are texts where the file holds texts. It raises UserError, or an error that `read_frame` explains.
"""

PACKED = (".gz", ".bz2", ".xz", ".zip", ".7z", ".tar", ".tgz", ".zst", ".z")


def read_frame(path: Path, options: TableOptions) -> Any:
    """Return a table as pandas' DataFrame. Raises UserError, which names the file."""
    ending = path.suffix.lower()
    if ending not in READERS:
        if ending in PACKED:
            raise UserError(f"{path}: a packed file is not read; unpack it first")
        raise UserError(
            f"{path}: a file {path.suffix or 'without ending'} is not read (pickles never are); "
            f"save the table as one of {', '.join(READERS)}"
        )
    try:
        return READERS[ending](path, options)
    except UserError:
        raise
    except Exception as error:  # whatever a library says of a damaged file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"{path}: cannot be read as {ending[1:]}: {reason}. Is it complete?"
        ) from None
