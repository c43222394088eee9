"""The files of the jobs: the results of their runs, and what they were made from.

A file has the runs in groups of one length and depth. `ends` (runs, 3) holds the epoch of
divergence, that of the early end (-1: none) and the seconds; `curves` is (runs, epochs + 1,
columns). A confirming job's file has the choices, too. They are written and checked here alone.
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
"""Facts and arrays of a group."""


def write_job(
    path: Path,
    specs: Sequence[Spec],
    results: Sequence[Result],
    data: Path,
    choices: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Store the results of a job in one file: facts of each run, and the curves of all.

    `data` is the file of the dataset that they were made from; its checksum is noted. `choices`
    are those of a confirming job.
    """
    facts: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for number, (_, members) in enumerate(_grouped(specs, results)):
        some, their = zip(*members, strict=True)
        facts.append(_facts(some, their))
        ends = [r.ends for r in their]
        arrays[f"ends-{number}"] = np.array(ends, dtype=float)
        arrays[f"curves-{number}"] = np.stack([r.curves for r in their])
    made_of = {name: store.header(data).get(name) for name in ("checksum", "made_by")}
    store.write(path, {"choices": [*choices], "groups": facts, "data": made_of}, arrays)


def _grouped(specs: Sequence[Spec], results: Sequence[Result]) -> itertools.groupby:
    both = zip(specs, results, strict=True)
    return itertools.groupby(both, key=lambda run: (run[0]["epochs"], len(run[0]["sizes"])))


def _facts(specs: Sequence[Spec], results: Sequence[Result]) -> dict[str, Any]:
    return {
        "runs": [run_id(spec) for spec in specs],
        "columns": results[0].columns,
        "fingerprints": [run_fingerprint(spec) for spec in specs],
        "scores": [result.scores for result in results],
    }


def read_stored(path: Path, data: Path) -> tuple[list[dict[str, Any]], list[Stored]]:
    """Return the choices in a job's file, and facts and arrays of each group of runs.

    They have to be made from the data as it is now, if that is there. Raises DamagedFileError if
    they are not; LookupError, TypeError or ValueError if the file is of another version.
    """
    meta, arrays = store.read(path)
    if data.exists() and meta["data"]["checksum"] != store.header(data)["checksum"]:
        raise DamagedFileError(f"{path} was made from other data than {data} holds")
    return meta["choices"], groups_of(meta, arrays)


def groups_of(meta: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> list[Stored]:
    """Return facts and arrays of each group in what a job's file stores."""
    return [
        (facts, {name: arrays[f"{name}-{number}"] for name in ("ends", "curves")})
        for number, facts in enumerate(meta["groups"])
    ]


def refuse_others(path: Path, groups: Sequence[Stored], specs: Sequence[Spec]) -> None:
    """Raise DamagedFileError if the groups of a job's file are not just the runs of `specs`."""
    wanted = [(run_id(spec), run_fingerprint(spec)) for spec in specs]
    held = [
        run for facts, _ in groups for run in zip(facts["runs"], facts["fingerprints"], strict=True)
    ]
    if held != wanted:
        raise DamagedFileError(f"{path} holds other runs than its name says")
    first = 0
    for facts, arrays in groups:
        count = len(facts["runs"])
        shape = (count, specs[first]["epochs"] + 1, len(facts["columns"]))
        first += count
        if arrays["curves"].shape != shape or arrays["ends"].shape != (count, 4):
            raise DamagedFileError(f"{path} holds curves of another length")


def read_results(path: Path, specs: Sequence[Spec], data: Path) -> list[Stored]:
    """Return facts and arrays of each group in a train job's file: just the runs of `specs`.

    Raises as :func:`read_stored` and :func:`refuse_others`.
    """
    _, groups = read_stored(path, data)
    refuse_others(path, groups, specs)
    return groups


def runs_held(path: Path) -> int:
    """Return how many runs a job's file holds; only its head is read.

    Raises LookupError or TypeError if the file is of another version.
    """
    return sum(len(facts["runs"]) for facts in store.header(path)["groups"])


def made_from(path: Path) -> dict[str, str]:
    """Return checksum and maker of the data that a job's file notes; only its head is read.

    Raises LookupError or TypeError if the file is of another version.
    """
    meta = store.header(path)
    if not {"choices", "groups"} <= meta.keys():
        raise LookupError(f"{path} has no groups of runs")
    return meta["data"]
