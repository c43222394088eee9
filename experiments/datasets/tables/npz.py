"""Archives of NumPy's arrays. Each member's header is checked before memory is taken for it."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from experiments.base import UserError, listing
from experiments.datasets.tables.options import TableOptions

Array = np.ndarray

MOST_PACKED = 1100
"""No byte of an archive or a compressed file unpacks to more bytes than this (deflate: 1032)."""

READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read(path: Path, options: TableOptions) -> Any:
    """Return the arrays of an NPZ file as columns; of those with more dimensions one for each."""
    if not zipfile.is_zipfile(path):
        raise UserError(
            f"{path}: cannot be read as npz: it is not an archive of arrays; write it with "
            "numpy.savez"
        )
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        for member in members:
            _check_member(path, archive, member)
    with np.load(path, allow_pickle=False) as file:
        return frame_of(path, {name: file[name] for name in file.files})


def _check_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Raise UserError for a member that is not a plain array, or whose header promises too much."""
    name = member.filename.removesuffix(".npy")
    if name == member.filename:
        raise UserError(
            f"{path}: its member {name!r} is not an array (.npy); write the archive with "
            "numpy.savez"
        )
    with archive.open(member) as file:
        try:
            version = npy.read_magic(file)
            shape, _, dtype = READ_HEADER[version](file)
        except (ValueError, KeyError, TypeError, SyntaxError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UserError(
                f"{path}: its member {name!r} is not an array: {reason}; write the archive with "
                "numpy.savez again"
            ) from None
        header = file.tell()
    if dtype.hasobject:
        raise UserError(
            f"{path}: its array {name!r} holds pickled objects, which are never loaded; save "
            "plain arrays of numbers or texts"
        )
    if dtype.names or dtype.kind == "V":
        said = f" with the fields {listing(dtype.names)}" if dtype.names else ""
        raise UserError(
            f"{path}: its array {name!r} holds records{said}; save each field as an array of its "
            "own"
        )
    needed = dtype.itemsize * int(np.prod(shape, dtype=object)) if shape else dtype.itemsize
    held = member.file_size - header
    if needed != held or held > MOST_PACKED * path.stat().st_size:
        raise UserError(
            f"{path}: the header of its array {name!r} promises {size(needed)}, but the archive "
            f"holds {size(min(held, path.stat().st_size))}; the file is damaged: write it again"
        )


def size(count: int) -> str:
    """Return a number of bytes in words.

    >>> size(80), size(745 * 2**30)
    ('80 bytes', '745.0 GiB')
    """
    value, units = float(count), ["bytes", "KiB", "MiB", "GiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{count:,} bytes" if units[0] == "bytes" else f"{value:,.1f} {units[0]}"


def frame_of(path: Path, arrays: Mapping[str, Array]) -> Any:
    """Return arrays with a row for each sample as the columns of a data frame.

    Raises UserError for arrays of different length and for columns of one name.
    """
    import pandas as pd

    if not arrays:
        raise UserError(f"{path}: it holds no array; save the features and the label as arrays")
    lengths = {name: len(a) if a.ndim else None for name, a in arrays.items()}
    if None in lengths.values() or len(set(lengths.values())) > 1:
        said = ", ".join(
            f"{name} {'a single value' if length is None else length}"
            for name, length in lengths.items()
        )
        raise UserError(
            f"{path}: its arrays are of different length: {said}; each must have one row for each "
            "sample (transpose it, or save the others in a file of their own)"
        )
    columns: dict[str, Array] = {}
    for name, array in arrays.items():
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        flat = array.reshape(len(array), -1) if len(array) else array.reshape(0, 1)
        names = [name] if array.ndim == 1 else [f"{name}_{k}" for k in range(flat.shape[1])]
        if twice := [own for own in names if own in columns]:
            raise UserError(
                f"{path}: two arrays would give the column {twice[0]!r}; rename the array {name!r}"
            )
        columns |= dict(zip(names, flat.T, strict=True))
    return pd.DataFrame(columns)
