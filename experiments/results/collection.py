"""From the files of the jobs to the two tables of a sweep: a row per run, a row per epoch."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.base import Cache, UserError, canonical, counted, files, of_all, store
from experiments.plan import Entry, Plan
from experiments.results.columns import CURVE_METRICS, RUN_COLUMNS
from experiments.results.confirmed import choices_frame, confirming_entries
from experiments.results.jobs import load_confirmed, load_job
from experiments.results.provenance import MADE_ON, machine
from experiments.schema import axis_label
from experiments.training import counted_epoch
from experiments.training import label as defects_label

ROW_GROUP = 65_536
AS_TEXT = ("hidden", "optimizer", "class_weight", "dropout")
"""The columns of a spec's fields that may hold lists or mappings."""


@dataclass
class Found:
    """What the files of a sweep's jobs hold: the ends of the runs, choices, and files not there.

    The choices are those of the cells of a study and dataset.
    """

    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    choices: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def collect(plan: Plan, results: Path, data: Path, cache: Cache, partial: bool = False) -> None:
    """Write runs.parquet, runs.csv, curves.parquet and choices.csv from the jobs' files.

    Raises UserError where files are missing, unless `partial`: then the runs without results
    get the status "missing".
    """
    found = Found()
    with store.atomic(results / files.CURVES) as temporary:
        tables = _curves(plan, results, data, cache, found)
        _write_curves(
            temporary, itertools.chain(tables, _confirmed(plan, results, data, cache, found))
        )
        _refuse_gaps(len(plan.jobs) + len(plan.confirm_jobs), found.missing, partial)
    frame = runs_frame([*plan.entries, *confirming_entries(plan, found.choices)], found.outcomes)
    with store.atomic(results / files.RUNS) as temporary:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        notes = {**table.schema.metadata, MADE_ON: canonical(machine())}
        pq.write_table(table.replace_schema_metadata(notes), temporary)
    with store.atomic(results / files.RUNS_CSV) as temporary:
        frame.to_csv(temporary, index=False)
    with store.atomic(results / files.CHOICES) as temporary:
        choices_frame(plan, found.choices).to_csv(temporary, index=False)


def _refuse_gaps(jobs: int, missing: list[str], partial: bool) -> None:
    if len(missing) == jobs:
        raise UserError(
            f"no results of any job ({counted(jobs, 'job')} in all), the first is "
            f"{missing[0]}. "
            "Run snakemake without --config partial=true to train them"
        )
    if missing and not partial:
        raise UserError(
            f"no results of {of_all(len(missing), jobs, 'job')}, the first is "
            f"{missing[0]}. Run snakemake again to train them, or collect what there is: "
            f"see 'The report of an unfinished sweep' in the README"
        )


def _curves(
    plan: Plan, results: Path, data: Path, cache: Cache, found: Found
) -> Iterator[pa.Table]:
    """Yield the epochs of each job's runs; note how each run ended."""
    classes = {d.key: d.shape.classes for d in plan.data.values()}
    for job in plan.jobs:
        path = files.job_file(results, job.name)
        loaded = load_job(job, path, files.data_file(data, job.data), cache, classes[job.data])
        if loaded is None:
            found.missing.append(str(path))
            continue
        yield from (_noted(*group, found) for group in loaded)


def _noted(meta: dict[str, Any], arrays: dict[str, np.ndarray], found: Found) -> pa.Table:
    """Return the epochs of some runs of one length, and note how each ended."""
    curves, columns = arrays["curves"], meta["columns"]
    last = np.where(arrays["ends"][:, 1] < 0, curves.shape[1] - 1, arrays["ends"][:, 1])
    for identity, curve, ends, end, scores in zip(
        meta["runs"], curves, arrays["ends"], last.astype(int), meta["scores"], strict=True
    ):
        found.outcomes[identity] = _outcome(columns, curve[: end + 1], ends) | scores
    return _table(meta["runs"], columns, curves, last.astype(int))


def _confirmed(
    plan: Plan, results: Path, data: Path, cache: Cache, found: Found
) -> Iterator[pa.Table]:
    """Yield the epochs of each confirming job's runs, once for each run; note what they say."""
    for job in plan.confirm_jobs:
        loaded = load_confirmed(plan, job, results, files.data_file(data, job.data), cache)
        if loaded is None:
            found.missing.append(str(files.confirm_file(results, job.name)))
            continue
        choices, groups = loaded
        found.choices[job.of.study, job.of.dataset] = choices
        for meta, arrays in groups:
            new = [i for i, run in enumerate(meta["runs"]) if run not in found.outcomes]
            if new:
                runs = meta | {key: [meta[key][i] for i in new] for key in ("runs", "scores")}
                yield _noted(runs, {name: array[new] for name, array in arrays.items()}, found)


def _outcome(columns: list[str], curve: np.ndarray, ends: np.ndarray) -> dict[str, Any]:
    final = dict(zip(columns, curve[counted_epoch(ends.tolist())].tolist(), strict=True))
    facts = {name: final[name] for name in CURVE_METRICS}
    accuracy = curve[:, columns.index("validation_accuracy")]
    cost = curve[:, columns.index("validation_cost")]
    return {
        "status": "ok" if ends[0] < 0 else "diverged",
        "reason": "" if ends[0] < 0 else f"not finite after epoch {int(ends[0])}",
        "best_epoch": int(np.lexsort((cost, -accuracy))[0]),
        "seconds": float(ends[2]),
        "diverged_at": int(ends[0]),
        "stopped_at": int(ends[1]),
        **facts,
    }


def _table(runs: list[str], columns: list[str], curves: np.ndarray, last: np.ndarray) -> pa.Table:
    epochs = np.arange(curves.shape[1])
    keep = (epochs <= last[:, None]).reshape(-1)
    values = curves.reshape(-1, curves.shape[2])[keep]
    names = pa.DictionaryArray.from_arrays(
        np.repeat(np.arange(len(runs), dtype=np.int32), len(epochs))[keep], pa.array(runs)
    )
    table = {
        "run_id": names.cast(pa.string()),
        "epoch": np.tile(epochs, len(runs))[keep].astype("i4"),
    }
    table |= {name: np.ascontiguousarray(values[:, i]) for i, name in enumerate(columns)}
    return pa.table(table)


def _write_curves(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write the tables one below the other in groups of a constant number of rows.

    The columns are all there are, in the order of the deepest network's.
    """
    waiting = list(tables)
    if not waiting:
        pq.write_table(pa.table({"run_id": pa.array([], pa.string())}), path)
        return
    names = max(waiting, key=lambda table: table.num_columns).column_names
    with pq.ParquetWriter(path, _widened(waiting[0], names).schema, compression="zstd") as file:
        for group in _regrouped(waiting, names):
            file.write_table(group, row_group_size=ROW_GROUP)


def _regrouped(tables: list[pa.Table], names: list[str]) -> Iterator[pa.Table]:
    """Yield the rows in groups of a constant number; a table is let go once it is in one."""
    part: list[pa.Table] = []
    rows = 0
    tables.reverse()
    while tables:
        table = _widened(tables.pop(), names)
        while rows + len(table) >= ROW_GROUP:
            part.append(table[: ROW_GROUP - rows])
            yield pa.concat_tables(part).combine_chunks()
            table, part, rows = table[ROW_GROUP - rows :], [], 0
        part.append(table)
        rows += len(table)
    if rows:
        yield pa.concat_tables(part).combine_chunks()


def _widened(table: pa.Table, names: list[str]) -> pa.Table:
    """Return the table with columns that a shallower network lacks, empty."""
    for name in names:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), pa.float64()))
    return table.select(names)


def runs_frame(entries: list[Entry], outcomes: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Return the table of runs: one row per run and study, combinations left out included."""
    lost = {"status": "missing", "reason": "its job has no results"}
    scores = dict.fromkeys(c for o in outcomes.values() for c in o if c not in RUN_COLUMNS)
    rows = []
    for entry in entries:
        spec = entry.spec
        row = {name: spec.get(name) for name in RUN_COLUMNS}
        row |= {
            "run_id": entry.run_id,
            "study": entry.study,
            "stage": entry.stage,
            "split_index": entry.split_index,
            "index": entry.index,
            "layers": axis_label(spec["sizes"]),
            **{name: axis_label(spec[name]) for name in AS_TEXT},
            "defects": defects_label(spec["defects"]),
            "labels": canonical(entry.labels),
        }
        if entry.reason:
            row |= {"status": "skipped", "reason": entry.reason}
        else:
            row |= outcomes.get(entry.run_id, lost)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=[*RUN_COLUMNS, *scores])
    for name in ("best_epoch", "diverged_at", "stopped_at", "split_index", "index"):
        frame[name] = frame[name].astype("Int32")
    accuracies = [c for c in RUN_COLUMNS if c.endswith(("_accuracy", "_cost", "seconds"))]
    numbers = [*accuracies, *scores]
    frame[numbers] = frame[numbers].astype("float64")
    return frame
