"""Checks shared by the sources that read the user's own files."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from experiments.base import UserError
from experiments.datasets.source import SMALLEST_CLASS

Array = np.ndarray
Stamp = tuple[str, int, int]


def existing(name: str) -> Path:
    """Return the path of a file that is there. Raises UserError, which says where it looked."""
    path, is_file = _path(name, Path.is_file)
    if not is_file:
        what = "is a folder, not a file" if path.is_dir() else "there is no such file"
        raise UserError(
            f"{name}: {what}; paths in a config are relative to the working directory, {Path.cwd()}"
        )
    return path


def existing_folder(name: str) -> Path:
    """Return the path of a folder that is there. Raises UserError, which says where it looked."""
    path, is_folder = _path(name, Path.is_dir)
    if not is_folder:
        raise UserError(
            f"{name}: there is no such folder; paths in a config are relative to the working "
            f"directory, {Path.cwd()}"
        )
    return path


def _path(name: str, test: Callable[[Path], bool]) -> tuple[Path, bool]:
    """Return a path and a fact of it; a name that the system refuses is a UserError."""
    try:
        path = Path(name).expanduser()
        return path, test(path)
    except (OSError, RuntimeError, ValueError) as error:  # too long, ~nobody, a zero byte
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        short = name if len(name) <= 60 else f"{name[:60]}..."
        raise UserError(f"{short}: no file can have this name: {reason}; correct it") from None


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


def class_numbers(
    file: object, labels: Array, declared: int | None = None, least: int = SMALLEST_CLASS
) -> tuple[Array, Array]:
    """Return the class number of each sample, and the labels of the classes in order.

    A class has at least `least` members, so that a split into three parts has some in each.
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
    if members.min() < least:
        few = members.argmin()
        raise UserError(
            f"{file}: the class {names[few].item()!r} has {members[few]} members; at least "
            f"{least} are needed to split it into three parts: add some, or leave it out"
        )
    return numbers.astype(np.int64), names
