"""Reads a .mat file in a process of its own: SciPy's reader can crash on a damaged one.

Run as a script with the path; its output is an NPZ archive, or, with the exit code 2, a sentence.
"""

import io
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat, whosmat

READ = ("double", "single", "logical", "char", "cell")
"""The classes of MATLAB that are read, next to whole numbers such as int8 and uint16."""

MOST_PACKED = 1100
"""No byte of a compressed file unpacks to more bytes than this (deflate: 1032)."""


class UnreadError(ValueError):
    """A sentence on what is not read, and what to do."""


def variables(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file; rows and columns become vectors (N,).

    Raises UnreadError, a sentence, for what is not read; memory is taken afterwards.
    """
    try:
        listed = whosmat(path)
    except NotImplementedError:
        raise UnreadError(
            "it is of MATLAB's version 7.3 (HDF5), which is not read; save it in MATLAB with "
            f"save('{path.name}', ..., '-v7')"
        ) from None
    for name, shape, kind in listed:
        _check(path, name, shape, kind)
    loaded = loadmat(path, chars_as_strings=True)
    return {name: _array(name, loaded[name]) for name, *_ in listed}


def _check(path: Path, name: str, shape: tuple[int, ...], kind: str) -> None:
    if kind == "sparse":
        raise UnreadError(
            f"the variable {name!r} is sparse; make it full({name}) in MATLAB, or save the samples "
            "as .svmlight"
        )
    if kind not in READ and not kind.removeprefix("u").startswith("int"):
        raise UnreadError(
            f"the variable {name!r} is of the class {kind}; save its parts as variables of their "
            "own"
        )
    count = int(np.prod(shape, dtype=object))
    if min(shape, default=0) < 0 or count > MOST_PACKED * path.stat().st_size:
        raise UnreadError(
            f"the variable {name!r} promises {count:,} values, which the file cannot hold; it is "
            "damaged: save it again"
        )


def _array(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype == object:
        array = np.array([_text(name, cell) for cell in array.flat]).reshape(array.shape)
    return array.ravel() if array.ndim == 2 and 1 in array.shape else array


def _text(name: str, cell: Any) -> str:
    if isinstance(cell, np.ndarray) and cell.size == 1 and cell.dtype.kind == "U":
        return str(cell.item())
    if isinstance(cell, np.ndarray) and not cell.size:
        return ""
    raise UnreadError(
        f"the cells of {name!r} do not all hold one text each; save numbers as a matrix"
    )


def main(path: str) -> int:
    """Write the arrays of a file to the standard output, or a sentence; return the exit code."""
    warnings.simplefilter("ignore")
    try:
        archive = io.BytesIO()
        np.savez(archive, **variables(Path(path)))
    except Exception as error:  # whatever SciPy says of a damaged file
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        mend = "" if isinstance(error, UnreadError) else "; save it in MATLAB again, with '-v7'"
        print(reason + mend)
        return 2
    sys.stdout.buffer.write(archive.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
