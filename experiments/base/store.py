"""Files that cannot be half-written or silently wrong: data, results of runs, results of jobs.

A stored file is one line with a format name and the SHA-256 of the rest, one line of JSON, and
the bytes of the arrays one after another. It is written under a temporary name and renamed,
so whoever finds it finds it whole; the checksum is verified on every read.
"""

import errno
import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np

from experiments.base.errors import DamagedFileError, NotWritableError, UserError

FORMAT = "mlp-experiments-1"


READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def atomic(path: Path, within: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path next to `path`; rename it to `path` if the block succeeds.

    Permissions and errors are those of :func:`_opened`.
    """
    with _opened(path, within) as (temporary, file):
        file.close()
        yield temporary


@contextmanager
def _opened(path: Path, within: Path | None = None) -> Iterator[tuple[Path, IO[bytes]]]:
    """Yield a new file next to `path`, and it open to write; rename it if the block succeeds.

    The user's umask decides who may read and write the file. If `within` names a folder around
    it that several people share, the permissions of that folder decide: new folders in it have
    the same, the file has them without those to execute.
    Raises UserError, which names the path, if the file cannot be written; NotWritableError if the
    user has no right to.
    """
    try:
        _make_folder(path.parent, within)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _cannot_write(path, error) from error
    placed = False
    try:
        with open(handle, "wb") as file:
            yield Path(name), file
        os.chmod(name, 0o666 & (_mode(within) if within else ~_umask()))
        os.replace(name, path)
        placed = True
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if not placed:
            Path(name).unlink(missing_ok=True)


def _make_folder(folder: Path, within: Path | None) -> None:
    """Make a folder; those that are new in `within` have its permissions."""
    if folder.is_dir():
        return
    if within is None:
        folder.mkdir(parents=True, exist_ok=True)
        return
    within.mkdir(parents=True, exist_ok=True)
    for place in reversed([folder, *folder.parents]):
        if place.is_relative_to(within):
            with suppress(FileExistsError):
                place.mkdir()
                place.chmod(_mode(within))


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode)


def is_temporary(path: Path) -> bool:
    """Tell by its name whether a file was begun by :func:`atomic`, as mkstemp names it.

    >>> is_temporary(Path(".runs.csv.x1y2z3a_.part")), is_temporary(Path(".film.mkv.part"))
    (True, False)
    """
    return bool(re.fullmatch(r"\..+\.[a-z0-9_]{8}\.part", path.name))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> UserError:
    reason = error.strerror or error
    if error.errno in READ_ONLY:
        return NotWritableError(f"cannot write {path}: {reason}. Make the folder writable.")
    return UserError(
        f"cannot write {path}: {reason}. "
        "Make room or make the folder writable, then run the same command again."
    )


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, as UTF-8 with plain newlines."""
    with atomic(path) as temporary:
        temporary.write_bytes(text.encode())


def write(
    path: Path,
    meta: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    within: Path | None = None,
) -> None:
    """Store `meta` (anything JSON can hold) and `arrays` in one file, as :func:`atomic` does."""
    write_bytes(path, packed(meta, arrays), within)


def write_bytes(path: Path, content: Iterable[bytes], within: Path | None = None) -> None:
    """Write the pieces of a file one after another, as :func:`atomic` does."""
    with _opened(path, within) as (_, file):
        file.writelines(content)


def packed(meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> list[bytes]:
    """Return the pieces of a stored file.

    >>> unpacked(b"".join(packed({"a": 1}, {})), "here")
    ({'a': 1}, {})
    """
    facts = [[name, a.dtype.str, list(a.shape)] for name, a in arrays.items()]
    header = json.dumps({"meta": meta, "arrays": facts}, sort_keys=True, allow_nan=False) + "\n"
    chunks = [header.encode(), *(np.ascontiguousarray(a).tobytes() for a in arrays.values())]
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return [f"{FORMAT} {digest.hexdigest()}\n".encode(), *chunks]


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what :func:`write` stored.

    Raises DamagedFileError where the bytes are not those that were written, and
    FileNotFoundError if the file does not exist.
    """
    return unpacked(Path(path).read_bytes(), path)


def unpacked(content: bytes, path: Path | str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what :func:`packed` was given; `path` is the file's name in messages.

    Raises DamagedFileError if the bytes are not those that were written.
    """
    first, _, rest = content.partition(b"\n")
    if not first.startswith(FORMAT.encode() + b" "):
        raise DamagedFileError(f"{path} is not a file of the format {FORMAT}, or was damaged")
    if hashlib.sha256(rest).hexdigest() != first.split(b" ")[1].decode(errors="replace"):
        raise DamagedFileError(f"{path} is damaged: its checksum does not fit its content")
    header, _, body = rest.partition(b"\n")
    facts = json.loads(header)
    arrays, start = {}, 0
    for name, dtype, shape in facts["arrays"]:
        count = int(np.prod(shape))
        array = np.frombuffer(body, dtype=dtype, count=count, offset=start).reshape(shape)
        start += array.nbytes
        arrays[name] = array
    return facts["meta"], arrays


def header(path: Path) -> dict[str, Any]:
    """Return the `meta` of a stored file without reading or checking its arrays.

    Raises DamagedFileError if it cannot be read.
    """
    with Path(path).open("rb") as file:
        first, second = file.readline(), file.readline()
    try:
        if not first.startswith(FORMAT.encode() + b" "):
            raise ValueError(FORMAT)
        return json.loads(second)["meta"]
    except (LookupError, TypeError, ValueError):
        raise DamagedFileError(
            f"{path} is not a file of the format {FORMAT}, or was damaged"
        ) from None


def check(path: Path) -> dict[str, Any]:
    """Return the `meta` of a stored file whose bytes are those that were written.

    Raises DamagedFileError if they are not; the file is not held in memory.
    """
    meta = header(path)
    with Path(path).open("rb") as file:
        first = file.readline().split()
        if hashlib.file_digest(file, "sha256").hexdigest().encode() != first[-1]:
            raise DamagedFileError(f"{path} is damaged: its checksum does not fit its content")
    return meta


def checksum(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the SHA-256 of some arrays, their names, types and shapes."""
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
