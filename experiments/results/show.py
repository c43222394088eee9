"""A run as a person asks for it: its spec, its results, how to train it again, the same bits."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.base import UserError, aligned, files
from experiments.results.columns import CURVE_METRICS, SPEC_COLUMNS, STAGE_COLUMNS
from experiments.results.models import model
from experiments.results.provenance import read_provenance
from experiments.results.reading import ANEW, read_parquet
from experiments.schema import CONFIGS

RESULTS, DATA = Path("results"), Path("data")


def show_run(
    identity: str,
    results: Path = RESULTS,
    data: Path = DATA,
    configs: Path = CONFIGS,
    redo: bool = False,
) -> Iterator[str]:
    """Yield the spec of a run, its results and the commands that train it again.

    `identity` is a run's name or the beginning of one, as `runs.csv` gives it. With `redo` the
    run is trained again, alone, and compared with what was kept. Raises UserError where there is
    no such run, or more than one, or where it comes out otherwise.
    """
    folder, rows, skipped = find_run(identity, results)
    yield from (f"left aside: {reason}" for reason in skipped)
    run = rows.iloc[0]
    yield f"run {run['run_id']} of {folder.name}: {', '.join(map(str, rows['study'].unique()))}"
    yield ""
    said = (*STAGE_COLUMNS, *SPEC_COLUMNS)
    yield from aligned([(k, _short(v)) for k, v in run.items() if k in said and _is(v)])
    yield ""
    yield f"status: {run['status']}{f': {run.reason}' if run['reason'] else ''}"
    names = (*CURVE_METRICS, "best_epoch", "seconds")
    facts = [(k, _short(run[k])) for k in names if _is(run.get(k))]
    if facts:
        yield from aligned(facts)
    yield ""
    yield from _again(folder, run["run_id"], configs, data)
    if redo:
        yield ""
        yield from _redo(folder, run["run_id"], data)


def _again(folder: Path, run_id: str, configs: Path, data: Path) -> Iterator[str]:
    """Yield the commands that train a run, alone or with its sweep, to be pasted as they are."""
    config = _config_of(folder, configs)
    yield "redo it alone, and compare (in the clone, its environment active):"
    yield f"  python -m experiments show {run_id} --redo{_elsewhere(folder.parent, data)}"
    yield "or with its sweep, what is cached being taken from the cache:"
    yield f"  snakemake --cores 2 --configfile {shlex.quote(config)}"
    if not Path(config).is_file():
        yield f"  (there is no {config} here; {files.PROVENANCE} of {folder} holds the config)"


def _elsewhere(results: Path, data: Path) -> str:
    """Return the options of `show` where results or data lie in another place than usual."""
    places = {"--results": (results, RESULTS), "--data": (data, DATA)}
    given = {name: path for name, (path, usual) in places.items() if path != usual}
    return "".join(f" {name} {shlex.quote(str(path))}" for name, path in given.items())


def _config_of(folder: Path, configs: Path) -> str:
    """Return the config that made a folder: as its provenance says, or else by its name."""
    try:
        words = shlex.split(read_provenance(folder)["command"])
        return words[words.index("--configfile") + 1]
    except (UserError, ValueError, LookupError, TypeError, AttributeError):
        return str(configs / f"{folder.name}.yaml")


def _redo(folder: Path, identity: str, data: Path) -> Iterator[str]:
    """Train a run again and say that what comes out is what was kept; `model` raises if not."""
    numbers = model(folder, identity, data).curves.size
    yield f"trained again: all {numbers:,} recorded numbers are the same, to the bit"


def find_run(
    identity: str, results: Path, sweep: str = "*"
) -> tuple[Path, pd.DataFrame, list[str]]:
    """Return the folder and the rows of the run whose name begins with `identity`.

    It is looked for in one sweep, or in all of a folder of results. The third is what could not be
    read: the run may be there.
    """
    if not re.fullmatch(r"[0-9a-f]{4,16}", identity):
        sweep = results / Path(identity).stem
        where = sweep / files.RUNS_CSV if sweep.is_dir() else files.RUNS_CSV
        raise UserError(
            f"{identity!r} is no name of a run: 4 to 16 of the characters 0-9 and a-f, "
            f"from the column run_id of {where}"
        )
    found: dict[str, tuple[Path, pd.DataFrame]] = {}
    skipped: list[str] = []
    for path in sorted(results.glob(f"{sweep}/{files.RUNS}")):
        try:
            runs = read_parquet(path, ("run_id", "study", "status", "reason"))
        except UserError as error:
            skipped.append(str(error))
            continue
        if not runs["run_id"].map(lambda name: isinstance(name, str)).all():
            skipped.append(f"{path} cannot be read: its column run_id holds no names; {ANEW}")
            continue
        for name, rows in runs[runs["run_id"].str.startswith(identity)].groupby("run_id"):
            found.setdefault(name, (path.parent, rows))
    if len(found) > 1:
        raise UserError(f"{len(found)} runs begin with {identity}: {', '.join(sorted(found)[:5])}")
    if not found:
        aside = "".join(f"\n  left aside: {reason}" for reason in skipped)
        raise UserError(f"no run in {results}/{sweep}/{files.RUNS} begins with {identity}{aside}")
    return *next(iter(found.values())), skipped


def _is(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and not pd.isna(value)


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
