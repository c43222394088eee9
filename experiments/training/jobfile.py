"""The file of a train job: the results of its runs, and what they were made from.

`ends` (runs, 3) holds the epoch of divergence, that of the early end (-1: none) and the seconds;
`curves` is (runs, epochs + 1, columns). It is written and checked here alone.
"""

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
    ends = [[r.diverged_at, r.stopped_at, r.seconds] for r in results]
    meta = {
        "runs": [run_id(spec) for spec in specs],
        "columns": results[0].columns,
        "fingerprints": [run_fingerprint(spec) for spec in specs],
        "data": {name: store.header(data).get(name) for name in ("checksum", "made_by")},
    }
    curves = np.stack([r.curves for r in results])
    store.write(path, meta, {"ends": np.array(ends, dtype=float), "curves": curves})


def read_results(path: Path, specs: Sequence[Spec], data: Path) -> Stored:
    """Return the facts and the arrays of a job's file, which holds just the runs of `specs`.

    They have to be made from the data as it is now, if that is there. Raises DamagedFileError if
    they are not; LookupError, TypeError or ValueError if the file is of another version.
    """
    meta, arrays = store.read(path)
    same = meta["runs"] == [run_id(spec) for spec in specs]
    if not same or meta["fingerprints"] != [run_fingerprint(spec) for spec in specs]:
        raise DamagedFileError(f"{path} holds other runs than its name says")
    if data.exists() and meta["data"]["checksum"] != store.header(data)["checksum"]:
        raise DamagedFileError(f"{path} was made from other data than {data} holds")
    shape = (len(specs), specs[0]["epochs"] + 1, len(meta["columns"]))
    if arrays["curves"].shape != shape or arrays["ends"].shape != (len(specs), 3):
        raise DamagedFileError(f"{path} holds curves of another length")
    return meta, arrays


def made_from(path: Path) -> dict[str, str]:
    """Return checksum and maker of the data that a job's file notes; only its head is read.

    Raises LookupError or TypeError if the file is of another version.
    """
    return store.header(path)["data"]
