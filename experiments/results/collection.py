"""From the files of the jobs to the two tables of a sweep: a row per run, a row per epoch."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from experiments.base import DamagedFileError, UserError, canonical, counted, files, of_all, store
from experiments.plan import Entry, Job, Plan
from experiments.results.columns import CURVE_METRICS, RUN_COLUMNS
from experiments.results.provenance import MADE_ON, machine
from experiments.training import label as defects_label
from experiments.training import read_results, run_job, write_job

ROW_GROUP = 65_536


def load_job(
    job: Job, path: Path, data: Path, cache: Path, classes: int, say: Callable[[str], None] = print
) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """Return a job's file; None where there is none. A damaged file is made again, and named."""
    try:
        return read_results(path, job.specs, data)
    except FileNotFoundError:
        return None
    except (DamagedFileError, OSError) as error:
        say(f"{error}; it is made again")
    except (AttributeError, LookupError, TypeError, ValueError):
        say(f"{path} is of another version; it is made again")
    write_job(path, job.specs, run_job(job.specs, classes, data, cache, say), data)
    return store.read(path)


def collect(plan: Plan, results: Path, data: Path, cache: Path, partial: bool = False) -> None:
    """Write runs.parquet, runs.csv and curves.parquet from the jobs' files.

    Raises UserError where files are missing, unless `partial`: then the runs without results
    get the status "missing".
    """
    outcomes: dict[str, dict[str, Any]] = {}
    missing: list[str] = []
    with store.atomic(results / files.CURVES) as temporary:
        _write_curves(temporary, _curves(plan, results, data, cache, outcomes, missing))
        if len(missing) == len(plan.jobs):
            raise UserError(
                f"no results of any job ({counted(len(plan.jobs), 'job')} in all), the first is "
                f"{missing[0]}. "
                "Run snakemake without --config partial=true to train them"
            )
        if missing and not partial:
            raise UserError(
                f"no results of {of_all(len(missing), len(plan.jobs), 'job')}, the first is "
                f"{missing[0]}. Run snakemake again to train them, or collect what there is: "
                f"see 'The report of an unfinished sweep' in the README"
            )
    frame = runs_frame(plan.entries, outcomes)
    with store.atomic(results / files.RUNS) as temporary:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        notes = {**table.schema.metadata, MADE_ON: canonical(machine())}
        pq.write_table(table.replace_schema_metadata(notes), temporary)
    with store.atomic(results / files.RUNS_CSV) as temporary:
        frame.to_csv(temporary, index=False)


def _curves(
    plan: Plan,
    results: Path,
    data: Path,
    cache: Path,
    outcomes: dict[str, dict[str, Any]],
    missing: list[str],
) -> Iterator[pa.Table]:
    """Yield the epochs of each job's runs; note how each run ended in `outcomes`."""
    classes = {d.key: d.shape.classes for d in plan.data.values()}
    for job in plan.jobs:
        path = files.job_file(results, job.name)
        loaded = load_job(job, path, files.data_file(data, job.data), cache, classes[job.data])
        if loaded is None:
            missing.append(str(path))
            continue
        meta, arrays = loaded
        curves, columns = arrays["curves"], meta["columns"]
        last = np.where(arrays["ends"][:, 1] < 0, curves.shape[1] - 1, arrays["ends"][:, 1])
        for identity, curve, ends, end in zip(
            meta["runs"], curves, arrays["ends"], last.astype(int), strict=True
        ):
            outcomes[identity] = _outcome(columns, curve[: end + 1], ends)
        yield _table(meta["runs"], columns, curves, last.astype(int))


def _outcome(columns: list[str], curve: np.ndarray, ends: np.ndarray) -> dict[str, Any]:
    final = dict(zip(columns, curve[-1].tolist(), strict=True))
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


def _schema(tables: list[pa.Table]) -> list[str]:
    """Return all columns, those of the deepest network's order first."""
    widest = max(tables, key=lambda t: t.num_columns).column_names
    return list(widest)


def _write_curves(path: Path, tables: Iterator[pa.Table]) -> None:
    """Write the tables one below the other in groups of a constant number of rows."""
    waiting = list(tables)
    if not waiting:
        pq.write_table(pa.table({"run_id": pa.array([], pa.string())}), path)
        return
    names = _schema(waiting)
    whole = pa.concat_tables([_widened(t, names) for t in waiting])
    pq.write_table(whole, path, row_group_size=ROW_GROUP, compression="zstd")


def _widened(table: pa.Table, names: list[str]) -> pa.Table:
    """Return the table with columns that a shallower network lacks, empty."""
    for name in names:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), pa.float64()))
    return table.select(names)


def runs_frame(entries: list[Entry], outcomes: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Return the table of runs: one row per run and study, combinations left out included."""
    lost = {"status": "missing", "reason": "its job has no results"}
    rows = []
    for entry in entries:
        spec = entry.spec
        row = {name: spec.get(name) for name in RUN_COLUMNS}
        row |= {
            "run_id": entry.run_id,
            "study": entry.study,
            "layers": "-".join(map(str, spec["sizes"])),
            "hidden": spec["hidden"]
            if isinstance(spec["hidden"], str)
            else "-".join(spec["hidden"]),
            "defects": defects_label(spec["defects"]),
            "labels": canonical(entry.labels),
        }
        if entry.reason:
            row |= {"status": "skipped", "reason": entry.reason}
        else:
            row |= outcomes.get(entry.run_id, lost)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=list(RUN_COLUMNS))
    for name in ("best_epoch", "diverged_at", "stopped_at"):
        frame[name] = frame[name].astype("Int32")
    accuracies = [c for c in RUN_COLUMNS if c.endswith(("_accuracy", "_cost", "seconds"))]
    frame[accuracies] = frame[accuracies].astype("float64")
    return frame
