"""The cache: stored files by name, which sweeps and people share, in a folder or in a bucket."""

import os
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from experiments.base import store
from experiments.base.errors import NotWritableError, UserError

Item = TypeVar("Item")
Made = TypeVar("Made")

RUN = ".run"
"""How the name of a run's file ends."""


class Cache(ABC):
    """Stored files by name, such as "0a/0a1b.run"; each is checked whenever it is read."""

    @abstractmethod
    def place(self, name: str) -> str:
        """Return the path or address of a file, for messages."""

    @abstractmethod
    def get(self, name: str) -> bytes:
        """Return the content of a file. Raises FileNotFoundError if there is none."""

    @abstractmethod
    def put(self, name: str, content: Iterable[bytes]) -> None:
        """Write a file, whole or not at all. Raises NotWritableError, which says what to do."""

    @abstractmethod
    def runs(self) -> list[str]:
        """Return the names of the runs' files, the oldest first."""

    @abstractmethod
    def each(self, work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
        """Return what `work`, which reads or writes a file, makes of each item, in their order."""

    @abstractmethod
    def check(self) -> None:
        """Raise UserError if the cache cannot be used."""

    def read(self, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return meta and arrays of a file.

        Raises FileNotFoundError if there is none, DamagedFileError if it is not as written.
        """
        return store.unpacked(self.get(name), self.place(name))

    def write(self, name: str, meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
        """Store meta and arrays in a file. Raises NotWritableError if the cache refuses it."""
        self.put(name, store.packed(meta, arrays))


class FolderCache(Cache):
    """A cache in a folder.

    >>> FolderCache(Path("results/cache")).place("0a/0a1b.run")
    'results/cache/0a/0a1b.run'
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> str:
        return str(self.folder / name)

    def get(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, name: str, content: Iterable[bytes]) -> None:
        try:
            store.write_bytes(self.folder / name, content, within=self.folder)
        except NotWritableError as error:
            raise NotWritableError(
                f"{error} To share a cache, let your group write there: "
                f"chmod -R g+rwX {self.folder}"
            ) from None

    def runs(self) -> list[str]:
        times = {path: path.stat().st_mtime_ns for path in self.folder.glob(f"*/*{RUN}")}
        return [f"{path.parent.name}/{path.name}" for path in sorted(times, key=times.__getitem__)]

    def each(self, work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
        return [work(item) for item in items]

    def check(self) -> None:
        pass  # it is made when it is first written to


def cache_name() -> str:
    """Return the name of the cache that this process uses: MLP_CACHE, or results/cache."""
    return os.environ.get("MLP_CACHE") or "results/cache"


def cache_at(name: str) -> Cache:
    """Return the cache in a folder, or at an address s3://BUCKET/PREFIX.

    Raises UserError for another address, or if the library for S3 is not installed.

    >>> cache_at("results/cache").place("0a/0a1b.run")
    'results/cache/0a/0a1b.run'
    """
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", name):
        return FolderCache(Path(name).expanduser())
    if not name.startswith("s3://"):
        raise UserError(
            f"{name} (--cache or MLP_CACHE) is no place for a cache: expected a folder, or "
            "s3://BUCKET/PREFIX. Mount another storage and name its folder"
        )
    from experiments.base.bucket import BucketCache  # imports a library that few need

    return BucketCache(name)
