"""Checks shared by the sources that read the user's own files."""

import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments.datasets.source import SMALLEST_CLASS
from experiments.errors import UserError

Array = np.ndarray
Stamp = tuple[str, int, int]


def existing(name: str) -> Path:
    """Return the path of a file that is there. Raises UserError, which says where it looked."""
    try:
        path = Path(name).expanduser()
        there, folder = path.is_file(), path.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # too long; ~ of nobody
        short = name if len(name) <= 80 else f"{name[:80]}..."
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{short}: is no path of a file: {reason}") from None
    if not there:
        what = "is a folder, not a file" if folder else "there is no such file"
        raise UserError(
            f"{name}: {what}; paths in a config are relative to the working directory, {Path.cwd()}"
        )
    return path


def stamped(path: Path) -> Stamp:
    """Return a file's name, size and time: what is remembered of it is forgotten if it changes."""
    facts = path.stat()
    return str(path), facts.st_size, facts.st_mtime_ns


@lru_cache(maxsize=64)
def _sha256(stamp: Stamp) -> str:
    with open(stamp[0], "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256(path: Path) -> str:
    """Return a file's SHA-256; read once, and again where its size or time changed."""
    return _sha256(stamped(path))


def verify(path: Path, expected: str | None) -> None:
    """Raise UserError where a file is not the one whose SHA-256 the config gives."""
    if expected is None:
        return
    found = sha256(path)
    if found != expected.lower():
        raise UserError(
            f"{path}: the file changed: its SHA-256 is {found}, the config expects {expected}; "
            "bring the old file back, or write the new checksum into the config"
        )


def class_numbers(file: object, labels: Array, declared: int | None = None) -> tuple[Array, Array]:
    """Return the class number of each sample, and the labels of the classes in order.

    Raises UserError, which names the file, for labels that cannot be learnt or split.
    """
    names, numbers, members = np.unique(labels, return_inverse=True, return_counts=True)
    classes = max(len(names), declared or 0)
    if len(labels) < classes or (len(names) == len(labels) > 1):
        raise UserError(
            f"{file}: {len(labels)} samples are too few for {classes} classes; give more samples, "
            "or check which column or file holds the labels"
        )
    if declared is not None and len(names) != declared:
        raise UserError(
            f"{file}: {len(names)} classes were found, but the config says {declared}; "
            "correct the option `classes`, or use the complete file"
        )
    if len(names) < 2:
        raise UserError(
            f"{file}: all {len(labels)} samples are of one class only, so there is nothing to "
            "learn; add samples of another class, or name another label"
        )
    if members.min() < SMALLEST_CLASS:
        few = members.argmin()
        raise UserError(
            f"{file}: the class {names[few].item()!r} has {members[few]} members; at least "
            f"{SMALLEST_CLASS} are needed to split it into three parts: add some, or leave it out"
        )
    return numbers.astype(np.int64), names
