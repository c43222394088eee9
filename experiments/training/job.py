"""The train job: one pack of runs, trained in stacks, each run taken from the cache if it is there.

This module and what it imports start fast: NumPy and the standard library only.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import (
    Cache,
    DamagedFileError,
    NotWritableError,
    canonical,
    digest,
    of_all,
    store,
)
from experiments.training.fields import run_id
from experiments.training.fingerprint import sources
from experiments.training.packing import stack_key, stacks
from experiments.training.replicas import Result, prepare_folds, split_seed, train_stack
from experiments.training.splits import sizes_of_split
from mlp import Part

Spec = Mapping[str, Any]
Say = Callable[[str], None]


def ingredients(spec: Spec, data_checksum: str) -> dict[str, str]:
    """Return all that a run's result depends on apart from its spec: the data and the code."""
    return {"the data": data_checksum, **sources(spec)}


def cached_name(spec: Spec, data_checksum: str) -> str:
    """Return the name of a run in the cache: its own, and the hash of its ingredients."""
    return _named(spec, ingredients(spec, data_checksum))


def _named(spec: Spec, made_from: Mapping[str, str]) -> str:
    name, key = run_id(spec), digest(canonical(made_from))
    return f"{name[:2]}/{name}-{key[:32]}.run"


def cached_result(
    cache: Cache, spec: Spec, made_from: Mapping[str, str], say: Say
) -> Result | None:
    """Return a run's result from the cache, if it is there and the user may read it.

    A damaged file, or another run's, counts as none.
    """
    name = _named(spec, made_from)
    place = cache.place(name)
    try:
        meta, arrays = cache.read(name)
        result = Result(curves=arrays["curves"], **meta["result"])
        if meta["run"] != run_id(spec) or meta["made_from"] != made_from:
            raise DamagedFileError(f"{place} holds another run than its name says")
        if result.curves.shape != (spec["epochs"] + 1, len(result.columns)):
            raise DamagedFileError(f"{place} holds curves of another length")
    except (FileNotFoundError, PermissionError):
        return None
    except (DamagedFileError, OSError) as error:
        say(f"{error}; the run is trained again")
        return None
    except (AttributeError, LookupError, TypeError, ValueError):
        say(f"{place} is of another version; the run is trained again")
        return None
    return result


def _keep(cache: Cache, spec: Spec, result: Result, made_from: Mapping[str, str]) -> None:
    facts = {name: value for name, value in vars(result).items() if name != "curves"}
    meta = {"run": run_id(spec), "result": facts, "made_from": made_from}
    cache.write(_named(spec, made_from), meta, {"curves": result.curves})


def train_all(
    specs: Sequence[Spec], data: Mapping[str, np.ndarray], classes: int
) -> Iterable[tuple[int, Result]]:
    """Train any runs on one dataset, in stacks; yield the place of each and its result."""

    @cache
    def sizes(seed: int) -> tuple[int, ...]:
        return sizes_of_split(data, classes, seed)

    kind: tuple[object, ...] = ()
    folds: dict[int, dict[str, Part]] = {}
    for places in stacks(specs, len(data["X"]), sizes):
        start = time.process_time()
        mine = [specs[place] for place in places]
        if kind != (kind := (stack_key(mine[0]), {*map(split_seed, mine)})):
            folds = {}  # free the memory first
            folds = prepare_folds(mine, data, classes)
        results = train_stack(mine, folds)
        share = (time.process_time() - start) / len(places)
        for place, result in zip(places, results, strict=True):
            yield place, replace(result, seconds=share)


def _dataset(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    try:
        return store.read(path)
    except DamagedFileError as error:
        raise DamagedFileError(
            f"{error}. Delete it and run the same command again: it is rebuilt, and what was "
            "trained on the same values is kept"
        ) from None


def run_job(
    specs: Sequence[Spec], classes: int, data_path: Path, cache: Cache, say: Say = print
) -> list[Result]:
    """Return the results of some runs on one dataset; train those that the cache lacks.

    What is trained is kept in the cache. If the user may not write there, that is said once and
    the results are returned all the same.
    """
    meta, data = _dataset(data_path)
    origins = [ingredients(spec, meta["checksum"]) for spec in specs]
    found = cache.each(lambda of: cached_result(cache, *of, say), zip(specs, origins, strict=True))
    results = dict(enumerate(found))
    missing = [place for place, result in results.items() if result is None]

    def keep(trained: tuple[int, Result]) -> NotWritableError | None:
        place, result = missing[trained[0]], trained[1]
        results[place] = result
        try:
            _keep(cache, specs[place], result, origins[place])
        except NotWritableError as error:
            return error
        return None

    answers = cache.each(keep, train_all([specs[place] for place in missing], data, classes))
    if refused := [error for error in answers if error]:
        say(
            f"{of_all(len(refused), len(missing), 'run')} not kept in the cache, but the job is "
            f"complete: {refused[0]}"
        )
    trained = of_all(len(missing), len(specs), "run")
    say(f"{trained} trained, {len(specs) - len(missing):,} from the cache")
    return list(results.values())
