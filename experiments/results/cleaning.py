"""What no config refers to any more, in the cache and of interrupted writes, and its deletion."""

import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.base import Cache, ConfigError, FolderCache, UserError, counted, files, store
from experiments.plan import Plan, data_checksums, make_plan, with_confirmed
from experiments.schema import CONFIGS, changes_of
from experiments.training import cached_name, planned_runs

ABANDONED = 3600  # seconds
MOST_LISTED = 10


def clean(
    configs: Sequence[Path],
    data: Path,
    cache: Cache,
    delete: bool = False,
    results: Path | None = None,
) -> Iterator[str]:
    """Yield what of the cache no config refers to, with the bytes; delete it if asked to.

    A file is kept if a run of a config would read it now; those of other code, other data or
    other configs go, and what interrupted writes left behind an hour ago or more, there and
    among the data and the results. Where a config's data is not made, nobody can tell which
    files it needs: all of its runs' are kept. A config whose own files are away is left aside:
    of its runs those in its results/NAME/plan.txt are kept, and where that cannot be read, all
    that no other config has.
    Symbolic links are not followed, nor deleted.
    Raises UserError if there is no config or the cache is no folder, ConfigError if one is wrong.
    """
    if not isinstance(cache, FolderCache):
        raise UserError(
            f"clean works on a cache in a folder, not on {cache.place('')}. There, delete what you "
            "like with the tools of S3, or let the bucket expire old objects: a run that is "
            "missing is trained again"
        )
    found = _stock(configs, data, cache.folder, results)
    yield from _described(found, configs)
    stray = found.changed if found.unknown else [*found.changed, *found.nobodys]
    left = _left_over(data, cache.folder, *([results] if results else []))
    yield from _listed("left over from interrupted writes", left)
    if (stray or left) and not delete:
        yield "nothing was deleted; --yes deletes what is not in use"
    if delete:
        for path in (*stray, *left):
            path.unlink(missing_ok=True)
        yield f"deleted: {counted(len(stray) + len(left), 'file')}"


class Stock(NamedTuple):
    """What a cache holds for some configs.

    - `used`: the files to keep.
    - `changed`: the other files of runs that a config has; of other code or other data.
    - `nobodys`: files of runs that no config has.
    - `unsure`: runs whose data is not made.
    - `away`: configs whose own files are away, each with the reason.
    - `planned`: the runs that the plan of each of these names, or None if nobody knows.
    """

    used: set[Path]
    changed: list[Path]
    nobodys: list[Path]
    unsure: set[str]
    away: dict[Path, str]
    planned: dict[Path, set[str] | None]

    @property
    def unknown(self) -> list[Path]:
        """The configs of which nobody knows the runs."""
        return [config for config, runs in self.planned.items() if runs is None]


def _stock(configs: Sequence[Path], data: Path, cache: Path, results: Path | None) -> Stock:
    """Return what the cache holds for some configs. Raises UserError or ConfigError, as `clean`."""
    plans, away = _plans(configs, results)
    wanted, unsure = _wanted(plans, data, cache)
    names = {path.name[:16] for path in wanted}
    planned = {config: _kept_plan(results, config) for config in away}
    kept = unsure.union(*(runs for runs in planned.values() if runs is not None))
    there = {path for path in _in_shards(cache) if _is_ours(path)}
    stray = sorted(path for path in there - wanted if path.name[:16] not in kept)
    changed = [path for path in stray if path.name[:16] in names]
    nobodys = sorted(set(stray) - set(changed))
    return Stock(there - set(stray), changed, nobodys, unsure, away, planned)


def _described(found: Stock, configs: Sequence[Path]) -> Iterator[str]:
    """Yield the lines about what a cache holds."""
    yield f"configs: {', '.join(str(path) for path in configs if path not in found.away)}"
    for path, reason in found.away.items():
        what = "all runs that no config has are kept, as they may be its"
        if (runs := found.planned[path]) is not None:
            what = f"what its {files.PLAN} names is kept: {counted(len(runs), 'run')}"
        yield f"left aside: {path} ({reason}); {what}"
    yield f"in use: {_sizes(found.used)}"
    if found.unsure:
        waiting = counted(len(found.unsure), "run")
        yield f"(data is not made for {waiting} of the configs: all theirs is kept)"
    yield from _listed("of runs that have changed since", found.changed)
    yield from _listed("of runs that no config has", found.nobodys)
    if found.nobodys and found.unknown:
        names = ", ".join(map(str, found.unknown))
        let_go = " ".join(f"--without {path}" for path in found.unknown)
        yield (
            f"(kept, also with --yes: they may be of {names}, which has no {files.PLAN} in its "
            f"results; put its files back, or let them go: {let_go})"
        )


def _left_over(*folders: Path) -> list[Path]:
    """Return the files that were begun in some folders, and not touched for an hour."""
    long_ago = time.time() - ABANDONED
    begun = {p for folder in folders for p in _hidden(folder) if store.is_temporary(p)}
    return sorted(p for p in begun if _is_plain(p) and p.stat().st_mtime < long_ago)


def _hidden(folder: Path) -> Iterator[Path]:
    """Yield what begins with a dot in a folder and those below it, links not followed."""
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names if name.startswith("."))


def _in_shards(cache: Path) -> Iterator[Path]:
    """Yield the files of the cache's folders; a link may lead elsewhere and is passed over."""
    for folder in cache.glob("*"):
        if folder.is_dir() and not folder.is_symlink():
            yield from filter(_is_plain, folder.iterdir())


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _kept_plan(results: Path | None, config: Path) -> set[str] | None:
    """Return the runs that the plan.txt of a config's results names; None where nobody knows."""
    path = results / config.stem / files.PLAN if results else None
    if path is None or not path.is_file():
        return None
    try:
        return {run.run_id for run in planned_runs(path)} or None
    except UserError:
        return None


def _listed(what: str, paths: Sequence[Path]) -> Iterator[str]:
    """Yield how many files there are and their bytes, and the first of them one by one."""
    yield f"{what}: {_sizes(paths)}"
    for path in paths[:MOST_LISTED]:
        yield f"  {path}: {counted(path.stat().st_size, 'byte')}"
    if len(paths) > MOST_LISTED:
        yield f"  and {len(paths) - MOST_LISTED:,} more"


def _plans(configs: Sequence[Path], results: Path | None) -> tuple[list[Plan], dict[Path, str]]:
    """Return the plans of some configs, and why some have none: the files they read are away.

    A config whose results were planned with changes of the command line is planned with them.
    """
    if not configs:
        raise UserError(f"there is no config in {CONFIGS}; name those to keep")
    plans: list[Plan] = []
    away: dict[Path, str] = {}
    for config in configs:
        try:
            changes = changes_of(results / config.stem) if results else []
            plans.append(make_plan(config, changes))
        except ConfigError:
            raise
        except UserError as error:
            away[config] = str(error)
    return plans, away


def _wanted(plans: Sequence[Plan], data: Path, cache: Path) -> tuple[set[Path], set[str]]:
    """Return the files of the cache that the plans' runs would read, and the runs in doubt."""
    wanted, unsure = set(), set()
    there = {path.name[:16] for path in _in_shards(cache)}
    for plan in (with_confirmed(plan, there) for plan in plans):
        checksums = data_checksums(plan, data)
        for name, spec in plan.runs.items():
            if checksum := checksums[spec["data"]]:
                wanted.add(cache / cached_name(spec, checksum))
            else:
                unsure.add(name)
    return wanted, unsure


def _is_ours(path: Path) -> bool:
    """Tell whether the cache wrote a file."""
    return bool(re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]{32}\.run", path.name))


def _sizes(paths: Collection[Path]) -> str:
    size = sum(path.stat().st_size for path in paths)
    return f"{counted(len(paths), 'file')}, {counted(size, 'byte')}"
