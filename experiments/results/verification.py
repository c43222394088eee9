"""Train runs of a finished sweep again and compare them with the stored results.

With the processor, NumPy, SciPy and BLAS of the results every bit must be the same. Elsewhere
products are rounded otherwise, and training magnifies that: then the costs after one epoch are
compared within a tolerance, and those at the end as distributions.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import (
    ConfigError,
    DamagedFileError,
    UserError,
    counted,
    damaged,
    files,
    of_all,
    receipts,
    store,
)
from experiments.datasets import Data, prepare
from experiments.plan import USED, Plan, expand, with_confirmed
from experiments.results.curves import read_curves
from experiments.results.provenance import blas, processor, read_provenance
from experiments.results.reading import read_parquet
from experiments.schema import stored_config
from experiments.training import Result, core_fingerprint, counted_epoch, train_all

TOLERANCE = {"float64": 1e-6, "float32": 1e-2}
"""Largest relative difference of a cost after one epoch, on another processor."""

LEVEL = 0.001
"""Level of each test that the results at the end have one distribution."""

COSTS = ("train_cost", "validation_cost", "test_cost")
FIGURES = ("test_accuracy", "test_cost")
LOT = 500
SHOWN = 5


@dataclass(frozen=True)
class Pair:
    """A run as it is stored and as it was trained again: curves (epochs + 1, columns) and ends."""

    run_id: str
    dtype: str
    columns: list[str]
    stored: np.ndarray
    again: np.ndarray
    ends: tuple[list[float], list[float]]

    def difference(self) -> str:
        """Return where the first bit differs, or nothing."""
        if self.stored.shape != self.again.shape:
            return f"{counted(len(self.stored) - 1, 'epoch')} stored, {len(self.again) - 1} came"
        unlike = self.stored.view(np.uint64) != self.again.view(np.uint64)
        if unlike.any():
            epoch, column = np.argwhere(unlike)[0].tolist()
            was, came = self.stored[epoch, column], self.again[epoch, column]
            return f"{self.columns[column]} at epoch {epoch} is stored as {was!r}, {came!r} came"
        if self.ends[0] != self.ends[1]:
            return f"runs.parquet says {self.ends[0]}, {self.ends[1]} came"
        return ""

    def distance(self) -> float:
        """Return the largest relative difference of the costs up to epoch 1."""
        places = [self.columns.index(name) for name in COSTS]
        was, came = self.stored[:2, places], self.again[:2, places]
        if was.shape != came.shape or (np.isfinite(was) != np.isfinite(came)).any():
            return np.inf
        finite = np.isfinite(was)
        return float(np.max(np.abs(was - came)[finite] / (1e-9 + np.abs(was[finite])), initial=0))


def stored_plan(results: Path) -> Plan:
    """Return the plan of the sweep in a folder, from the copy of its config."""
    read_provenance(results)
    try:
        return expand(results.name, stored_config(results))
    except ConfigError as error:
        raise UserError(f"the config of {results}: {error}") from None


def verify_files(results: Path, say: Callable[[str], None] = print) -> bool:
    """Say how many files of a sweep were checked, and which are missing or not as written."""
    found = damaged(results)
    folder = Path(results) / files.RECEIPTS
    if folder.exists():
        wanted = [folder / f"{step}.json" for step in USED]
        found += [f"{path} is missing: nothing tells how its files were" for path in wanted
                  if not path.exists()]  # fmt: skip
    for sentence in found:
        say(sentence)
    if found:
        say(f"{counted(len(found), 'file')} to make again: delete what is damaged, run snakemake")
    else:
        say(f"{counted(receipts.files_known(results), 'file')} checked: each is as it was written.")
    return not found


def verify(
    plan: Plan,
    results: Path,
    data: Path,
    sample: int | None = 20,
    seed: int = 0,
    say: Callable[[str], None] = print,
) -> bool:
    """Train `sample` runs of a sweep again (None: all), compare, say what came of it.

    The cache is not asked. The runs are drawn and put in order by `seed`, so that they are
    stacked with other runs than before, or alone. Raises UserError where there is nothing to
    compare with.
    """
    facts = read_provenance(results)
    table = read_parquet(results / files.RUNS, ("run_id", "study", "status"))
    runs = table.drop_duplicates("run_id").set_index("run_id")
    plan = with_confirmed(plan, _with_results(runs))
    chosen = draw(plan, runs, sample, seed)
    trained = of_all(len(chosen), len(plan.runs), "run")
    say(f"{plan.name}: {trained} trained again, in other stacks.")
    without = len(plan.runs) - len(set(plan.runs) & _with_results(runs))
    if without:
        say(f"No results, and nothing to compare with: {counted(without, 'run')}.")
    if facts["code_fingerprint"] != core_fingerprint():
        say("The numeric code is not that of the results; differences may come from that.")
    changes = _changes(facts)
    pairs = list(_pairs(plan, results, data, runs, chosen, facts["data"]))
    if changes:
        say(f"Another machine ({'; '.join(changes)}): compared within a tolerance.")
        return _alike(pairs, say)
    say("The processor, NumPy, SciPy and BLAS of the results: compared bit by bit.")
    return _same(pairs, runs, say)


def _changes(facts: Mapping[str, Any]) -> list[str]:
    """Return what differs between this machine and that of the results."""
    names = {"numpy": "NumPy", "scipy": "SciPy"}
    was = {title: facts["packages"][name] for name, title in names.items()}
    now = {title: metadata.version(name) for name, title in names.items()}
    was |= {"BLAS": facts["blas"], "processor": facts["processor"]}
    now |= {"BLAS": blas(), "processor": processor()}
    return [f"{name} was {was[name]}, is {now[name]}" for name in now if was[name] != now[name]]


def _with_results(runs: pd.DataFrame) -> set[str]:
    return set(runs.index[runs["status"].isin(["ok", "diverged"])])


def draw(plan: Plan, runs: pd.DataFrame, sample: int | None, seed: int) -> list[str]:
    """Return names of runs that have results, in an order of the seed; of each study in turn."""
    known = sorted(set(plan.runs) & _with_results(runs))
    if not known:
        raise UserError(
            f"{plan.name}: no result belongs to a run of its config as it would be made now: "
            f"{_why_none(runs)}"
        )
    random.Random(seed).shuffle(known)
    before: Counter = Counter()
    turns = {}
    for name in known:
        study = runs.at[name, "study"]
        turns[name] = before[study]
        before[study] += 1
    return sorted(known, key=turns.get)[:sample]


def _why_none(runs: pd.DataFrame) -> str:
    if not _with_results(runs):
        return "there are none yet; run snakemake first"
    return (
        "the files of the data were changed since, or another version of this project, whose runs "
        "have other ids, made the results; run snakemake again to make them with this one"
    )


def _pairs(
    plan: Plan,
    results: Path,
    data: Path,
    runs: pd.DataFrame,
    chosen: Sequence[str],
    known: Mapping[str, Mapping[str, Any]],
) -> Iterator[Pair]:
    sources = {d.key: d for d in plan.data.values()}
    for key, source in sources.items():
        names = [name for name in chosen if plan.runs[name]["data"] == key]
        if not names:
            continue
        arrays = _arrays(source, data, known.get(source.name, {}).get("checksum", "unknown"))
        for start in range(0, len(names), LOT):
            lot = names[start : start + LOT]
            stored = _curves(results, lot)
            specs = [plan.runs[name] for name in lot]
            for place, result in train_all(specs, arrays, source.shape.classes):
                name = lot[place]
                yield _pair(name, specs[place]["dtype"], stored[name], result, runs.loc[name])


def _arrays(source: Data, folder: Path, checksum: str) -> Mapping[str, np.ndarray]:
    """Return a dataset, made again where its file is not there or is damaged."""
    path = files.data_file(folder, source.key)
    try:
        meta, arrays = store.read(path)
    except (FileNotFoundError, DamagedFileError):
        with tempfile.TemporaryDirectory() as elsewhere:
            prepare(source, Path(elsewhere) / path.name)
            meta, arrays = store.read(Path(elsewhere) / path.name)
    if meta["checksum"] != checksum:
        raise UserError(
            f"dataset {source.name}: its values are not those that the results were made from "
            f"(checksum {meta['checksum'][:12]}, in provenance.json {checksum[:12]})"
        )
    return arrays


def _curves(results: Path, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    table = read_curves(results, names)
    stored = {name: rows.sort_values("epoch") for name, rows in table.groupby("run_id")}
    lost = [name for name in names if name not in stored]
    if lost:
        raise UserError(
            f"{results / files.CURVES} lacks {counted(len(lost), 'run')} of {files.RUNS}, "
            f"the first is {lost[0]}"
        )
    return stored


def _pair(name: str, dtype: str, rows: pd.DataFrame, result: Result, run: pd.Series) -> Pair:
    stored = np.ascontiguousarray(rows[result.columns].to_numpy(dtype=float))
    end = result.stopped_at if result.stopped_at >= 0 else len(result.curves) - 1
    again = np.ascontiguousarray(result.curves[: end + 1])
    facts = [c for c in result.columns if c in run.index]
    counted = again[counted_epoch(result.ends)]
    final = [float(counted[result.columns.index(c)]) for c in facts]
    facts += result.scores
    final += [np.nan if value is None else value for value in result.scores.values()]
    was = [float(run[c]) for c in ("diverged_at", "stopped_at", *facts)]
    came = [float(v) for v in (result.diverged_at, result.stopped_at, *final)]
    return Pair(name, dtype, result.columns, stored, again, (_plain(was), _plain(came)))


def _plain(values: Sequence[float]) -> list[float | None]:
    """Return numbers that can be compared: None where there is none."""
    return [None if np.isnan(value) else value for value in values]


def _same(pairs: Sequence[Pair], runs: pd.DataFrame, say: Callable[[str], None]) -> bool:
    unlike = [(pair, text) for pair in pairs if (text := pair.difference())]
    say(f"{len(pairs) - len(unlike):,} of {len(pairs):,} have the same bits at every epoch.")
    _show([(pair.run_id, text) for pair, text in unlike], runs, say)
    return not unlike


def _show(found: Sequence[tuple[str, str]], runs: pd.DataFrame, say: Callable) -> None:
    for name, text in found[:SHOWN]:
        run = runs.loc[name]
        say(f"  {name} ({run['study']}, {run['dataset']}, seed {run['seed']}): {text}")
    if len(found) > SHOWN:
        say(f"  and {len(found) - SHOWN:,} more")


def _alike(pairs: Sequence[Pair], say: Callable[[str], None]) -> bool:
    """Compare costs after one epoch within the tolerance, figures at the end as distributions."""
    good = True
    for dtype, tolerance in TOLERANCE.items():
        distances = [pair.distance() for pair in pairs if pair.dtype == dtype]
        if distances:
            within = sum(d <= tolerance for d in distances)
            good &= within == len(distances)
            say(
                f"{of_all(within, len(distances), 'run')} in {dtype} with costs within "
                f"{tolerance:g} (relative) after one epoch; the largest difference is "
                f"{max(distances):.1e}."
            )
    for figure in FIGURES:
        was, came = (
            np.array([curve[-1, pair.columns.index(figure)] for curve, pair in at_end])
            for at_end in ([(p.stored, p) for p in pairs], [(p.again, p) for p in pairs])
        )
        p = chance(was, came)
        good &= p >= LEVEL
        say(
            f"{figure.replace('_', ' ')} at the end: median {np.median(_ranked(was)):.4g}, now "
            f"{np.median(_ranked(came)):.4g}; p = {p:.3g}, {'alike' if p >= LEVEL else 'NOT ALIKE'}"
            f" at the level {LEVEL:g}."
        )
    return good


def chance(was: np.ndarray, came: np.ndarray) -> float:
    """Return twice the smaller p of two tests that paired values have one distribution.

    One is the test of Kolmogorov and Smirnov on all values, the other the sign test on the
    pairs that differ. What is not finite counts as larger than every number.
    """
    from scipy import stats  # takes a second, and is rarely needed

    was, came = _ranked(was), _ranked(came)
    more, less = int((came > was).sum()), int((came < was).sum())
    sign = stats.binomtest(more, more + less).pvalue if more + less else 1.0
    return float(min(1.0, 2 * min(sign, stats.ks_2samp(was, came, method="asymp").pvalue)))


def _ranked(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.inf)
