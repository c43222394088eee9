"""MATLAB's .mat files up to version 7, as SciPy reads them."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import UserError
from experiments.datasets.tables.npz import frame_of
from experiments.datasets.tables.options import TableOptions

READER = Path(__file__).with_name("matlab_reader.py")


def read(path: Path, options: TableOptions) -> Any:
    """Return the variables as columns; of matrices one column for each of theirs.

    Raises UserError for version 7.3 and for variables that are not arrays.
    """
    done = subprocess.run(
        [sys.executable, "-P", str(READER), str(path.absolute())], capture_output=True, check=False
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip() if done.returncode == 2 else ""
        reason = said or "it is damaged, and SciPy's reader ended on it; save it again"
        raise UserError(f"{path}: cannot be read as mat: {reason}")
    with np.load(io.BytesIO(done.stdout), allow_pickle=False) as arrays:
        return frame_of(path, dict(arrays))
