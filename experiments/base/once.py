"""Texts that follow from the code alone, made once for all sweeps: they are kept in the cache."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from experiments.base import closure, files, store
from experiments.base.cache import Cache
from experiments.base.errors import DamagedFileError, NotWritableError
from experiments.base.identity import canonical, digest

FOLDER = "steps"
"""In the cache."""


def write_once(
    folder: Path, cache: Cache | None, code: str, make: Callable[[], Mapping[str, str]]
) -> None:
    """Write what `make` returns, texts by the names of their files, into `folder`.

    They are taken from the cache if it has them from the same code and NumPy. `code` names the
    package that makes them; a damaged file of the cache is made again. Without a cache they are
    made each time.
    """
    texts = make() if cache is None else _kept(cache, code, make)
    for name, text in texts.items():
        store.write_text(folder / name, text)


def _kept(cache: Cache, code: str, make: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
    key = digest(canonical([code, closure.code(code), np.__version__]))[:16]
    name = f"{FOLDER}/{code.rpartition('.')[2]}-{key}{files.STORED}"
    try:
        return cache.read(name)[0]["texts"]
    except FileNotFoundError:
        pass
    except (DamagedFileError, OSError, LookupError, ValueError) as error:
        print(f"{cache.place(name)} cannot be used ({error}); it is made again")
    texts = dict(make())
    with suppress(NotWritableError):  # a cache of others, whose files can be read all the same
        cache.write(name, {"texts": texts}, {})
    return texts
