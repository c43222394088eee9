"""The files of the jobs: the results of their runs, and what they were made from.

`ends` (runs, 3) holds the epoch of divergence, that of the early end (-1: none) and the seconds;
`curves` is (runs, epochs + 1, columns). A confirming job's file has the choices, and the runs in
groups of one length and depth. They are written and checked here alone.
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.base import DamagedFileError, store
from experiments.training.fields import run_id
from experiments.training.fingerprint import run_fingerprint
from experiments.training.replicas import Result

Spec = Mapping[str, Any]
Stored = tuple[dict[str, Any], dict[str, np.ndarray]]


def write_job(path: Path, specs: Sequence[Spec], results: Sequence[Result], data: Path) -> None:
    """Store the results of a job in one file: facts of each run, and the curves of all.

    `data` is the file of the dataset that they were made from; its checksum is noted.
    """
    facts, arrays = _packed(specs, results)
    store.write(path, {**facts, "data": _made_of(data)}, arrays)


def write_confirmed(
    path: Path,
    choices: Sequence[dict[str, Any]],
    specs: Sequence[Spec],
    results: Sequence[Result],
    data: Path,
) -> None:
    """Store the choices and the results of a confirming job in one file."""
    facts: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    both = zip(specs, results, strict=True)
    groups = itertools.groupby(both, key=lambda run: (run[0]["epochs"], len(run[0]["sizes"])))
    for number, (_, members) in enumerate(groups):
        some, their = zip(*members, strict=True)
        fact, packed = _packed(some, their)
        facts.append(fact)
        arrays |= {f"{name}-{number}": values for name, values in packed.items()}
    meta = {"choices": choices, "groups": facts, "data": _made_of(data)}
    store.write(path, meta, arrays)


def _made_of(data: Path) -> dict[str, str | None]:
    """Return what tells the values of a dataset from others: the notes in its file."""
    return {name: store.header(data).get(name) for name in ("checksum", "made_by")}


def _packed(specs: Sequence[Spec], results: Sequence[Result]) -> Stored:
    """Return facts and arrays of some runs of one length and depth."""
    ends = [[r.diverged_at, r.stopped_at, r.seconds] for r in results]
    facts = {
        "runs": [run_id(spec) for spec in specs],
        "columns": results[0].columns,
        "fingerprints": [run_fingerprint(spec) for spec in specs],
    }
    curves = np.stack([r.curves for r in results])
    return facts, {"ends": np.array(ends, dtype=float), "curves": curves}


def read_results(path: Path, specs: Sequence[Spec], data: Path) -> Stored:
    """Return the facts and the arrays of a job's file, which holds just the runs of `specs`.

    They have to be made from the data as it is now, if that is there. Raises DamagedFileError if
    they are not; LookupError, TypeError or ValueError if the file is of another version.
    """
    meta, arrays = store.read(path)
    same = meta["runs"] == [run_id(spec) for spec in specs]
    if not same or meta["fingerprints"] != [run_fingerprint(spec) for spec in specs]:
        raise DamagedFileError(f"{path} holds other runs than its name says")
    _refuse_other_data(path, meta, data)
    shape = (len(specs), specs[0]["epochs"] + 1, len(meta["columns"]))
    if arrays["curves"].shape != shape or arrays["ends"].shape != (len(specs), 3):
        raise DamagedFileError(f"{path} holds curves of another length")
    return meta, arrays


def read_confirmed(path: Path, data: Path) -> tuple[list[dict[str, Any]], list[Stored]]:
    """Return the choices of a confirming job's file, and facts and arrays of each group of runs.

    Raises as `read_results`; `experiments.training.confirm.confirmed` checks the rest.
    """
    meta, arrays = store.read(path)
    _refuse_other_data(path, meta, data)
    groups = [
        (facts, {name: arrays[f"{name}-{number}"] for name in ("ends", "curves")})
        for number, facts in enumerate(meta["groups"])
    ]
    return meta["choices"], groups


def _refuse_other_data(path: Path, meta: Mapping[str, Any], data: Path) -> None:
    if data.exists() and meta["data"]["checksum"] != store.header(data)["checksum"]:
        raise DamagedFileError(f"{path} was made from other data than {data} holds")


def made_from(path: Path) -> dict[str, str]:
    """Return checksum and maker of the data that a job's file notes; only its head is read.

    Raises LookupError or TypeError if the file is of another version.
    """
    return store.header(path)["data"]
