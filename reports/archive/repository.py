"""The files of the code: those that git tracks, or those that a clone has, if there is no git.

A component or config of one's own counts before git tracks it, as it may have made the results.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from experiments.base import closure

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (*closure.PACKAGES, "docs", "profiles", "tests", "tools")
BESIDE = ("Snakefile", "LICENSE", "Dockerfile", "*.cff", "*.md", "*.toml", "*.txt")
"""What a clone has, for a copy without git."""


def code_files(root: Path = ROOT) -> list[str]:
    """Return the files of the code by their paths from `root`, with "/", in order."""
    found = _tracked(root) or _found(root)
    return sorted(path for path in found if (root / path).is_file())


def code_digest(root: Path = ROOT) -> str:
    """Return a digest of all files of the code: another one if any of them changes."""
    summed = hashlib.sha256()
    for path in code_files(root):
        content = hashlib.sha256((root / path).read_bytes()).hexdigest()
        summed.update(f"{path}\0{content}\n".encode())
    return summed.hexdigest()


def _tracked(root: Path) -> set[str]:
    """Return what git tracks, and what is new in the packages; nothing without a checkout."""
    tracked = _git(root)
    return tracked and tracked | _git(root, "--others", "--exclude-standard", *closure.PACKAGES)


def _git(root: Path, *words: str) -> set[str]:
    command = ["git", "-C", str(root), "ls-files", "-z", *words]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return set()
    return {os.fsdecode(path) for path in done.stdout.split(b"\0") if path}


def _found(root: Path) -> Iterator[str]:
    """Yield the files that a clone has, without those that Python and tools write there."""
    for pattern in BESIDE:
        yield from (path.name for path in root.glob(pattern))
    for folder in FOLDERS:
        for path in (root / folder).rglob("*"):
            inside = path.relative_to(root)
            if not any(part == "__pycache__" or part.startswith((".", "_build"))
                       for part in inside.parts):  # fmt: skip
                yield inside.as_posix()
