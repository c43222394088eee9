"""Which files a source opens: an audit hook on `open`, so that none goes undeclared.

What C libraries open by themselves (pyarrow's own readers, HDF5) is not seen here; pandas, NumPy,
SciPy and scikit-learn open files through Python, and are.
"""

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

CODE = (".py", ".pyc", ".pyd", ".so", ".dll", ".dylib", ".pth")
INSTALLED = (".egg-info", ".dist-info")
"""Folders with what is known of a package, one that is in the clone itself too: libraries look for
their plugins there."""
SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr/share", "/usr/lib", "/run")
CACHES = ("~/.cache", "~/scikit_learn_data", "data/openml")
"""Folders in which libraries keep what they fetched; its version is the library's business."""

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Opened:
    """The files opened within a block: those that were read, and those that were written."""

    read: dict[str, None] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    def users_files(self) -> list[Path]:
        """Return the files that were only read and belong to nobody but the user."""
        ignored = [os.path.realpath(os.path.expanduser(place)) for place in _ignored()]
        found = []
        for name in self.read:
            real = os.path.realpath(name)
            of_others = (
                real.endswith(CODE)
                or os.path.dirname(real).endswith(INSTALLED)
                or any(_inside(real, place) for place in ignored)
            )
            if name not in self.written and not of_others and os.path.isfile(real):
                found.append(Path(name))
        return found


_watching: list[Opened] = []
_hooked: list[bool] = []


@contextmanager
def opened_files() -> Iterator[Opened]:
    """Note every file that Python opens within the block."""
    if not _hooked:  # a hook cannot be taken away again: one for the process, idle outside
        sys.addaudithook(_note)
        _hooked.append(True)
    _watching.append(Opened())
    try:
        yield _watching[-1]
    finally:
        _watching.pop()


def _note(event: str, args: tuple) -> None:
    if not _watching or event not in ("open", "sqlite3.connect"):
        return
    with suppress(Exception):  # an error here would be raised by the open that is only watched
        path = os.path.abspath(os.fsdecode(args[0]))  # a descriptor is a TypeError: no new file
        if event == "open" and _writes(args[1], args[2]):
            _watching[-1].written.add(path)
        else:
            _watching[-1].read[path] = None


def _writes(mode: str | None, flags: int) -> bool:
    return any(letter in (mode or "") for letter in "wxa+") or bool((flags or 0) & WRITING)


def _ignored() -> Iterable[str]:
    paths = sysconfig.get_paths()
    yield from (paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    for prefix in {sys.prefix, sys.base_prefix}:
        yield from (os.path.join(prefix, part) for part in ("lib", "lib64", "share", "etc"))
    yield from SYSTEM
    yield from CACHES
    yield from (
        os.environ[name] for name in ("SCIKIT_LEARN_DATA", "XDG_CACHE_HOME") if os.environ.get(name)
    )


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
