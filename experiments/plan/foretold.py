"""How many networks a confirmation will train: exactly once its tuning is finished, else bounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.base import Cache, DamagedFileError
from experiments.plan.confirming import Confirmation
from experiments.training import Final, Result, cached_name, chosen, final_of, on_split, run_id

Spec = dict[str, Any]


@dataclass
class Foretold:
    """The confirming runs of a study and dataset: `runs` by id, or None while the tuning is not
    finished; then there are at least and at most so many."""

    at_least: int
    at_most: int
    runs: dict[str, Spec] | None


def foretold(
    one: Confirmation, tuning: Mapping[str, Spec], cached: set[str], cache: Cache, checksum: str
) -> Foretold:
    """Return what a confirmation will train; `cached` are the tuning runs that the cache has."""
    needed = [run for cell in one.cells for runs in cell.runs.values() for run in runs]
    finals = None
    if cached.issuperset(needed):
        finals = _finals(cache, {run: cached_name(tuning[run], checksum) for run in needed})
    if finals is None:
        return Foretold(*one.runs, None)
    runs = dict(_runs(one, finals))
    return Foretold(len(runs), len(runs), runs)


def _finals(cache: Cache, names: Mapping[str, str]) -> dict[str, Final] | None:
    """Return how cached runs ended, by their names in the cache; None if one cannot be read."""

    def final(name: str) -> Final:
        meta, arrays = cache.read(name)
        result = Result(curves=arrays["curves"], **meta["result"])
        return final_of(result.columns, result.curves, result.ends)

    try:
        return dict(zip(names, cache.each(final, names.values()), strict=True))
    except (DamagedFileError, OSError, LookupError, TypeError, ValueError):
        return None


def _runs(one: Confirmation, finals: Mapping[str, Final]) -> Iterator[tuple[str, Spec]]:
    cells = [(cell.labels, one.tuning(cell)) for cell in one.cells]
    confirm = one.confirm.model_dump()
    for cell, choice in zip(one.cells, chosen(cells, one.compared, finals), strict=True):
        for label in choice.used:
            for split in range(one.confirm.splits):
                for spec in on_split(cell.specs[label], confirm, split):
                    yield run_id(spec), spec
