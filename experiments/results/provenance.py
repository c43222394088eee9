"""What a result came from: versions, BLAS, processor, config, code, data, state of git."""

import json
import platform
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import scipy

from experiments.base import UserError, digest, files, store
from experiments.plan import Plan
from experiments.results.reading import readable
from experiments.schema import options_of
from experiments.training import core_fingerprint

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "matplotlib", "snakemake", "scikit-learn")


MADE_ON = b"made_on"
"""The key of runs.parquet's own notes under which it keeps the facts of :func:`machine`."""


def machine() -> dict[str, Any]:
    """Return what results depend on beside config and data: code, versions, processor."""
    return {
        "code_fingerprint": core_fingerprint(),
        "git": git_state(),
        "python": platform.python_version(),
        "executable": Path(sys.executable).name,
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "blas": blas(),
        "processor": processor(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def provenance(plan: Plan, config: Path, results: Path, data: Path) -> dict[str, Any]:
    """Return all that is needed to do a sweep again, as JSON can hold it.

    The machine is that on which the runs were collected, as runs.parquet has noted it: results
    that were copied keep their own.
    """
    text = Path(config).read_text(encoding="utf-8")
    return {
        "name": plan.name,
        "command": f"snakemake --cores 2 {shlex.join(options_of(config.parent, str(config)))}",
        "config": text,
        "config_sha256": digest(text),
        **_made_on(results / files.RUNS),
        "runs": len(plan.runs),
        "jobs": len(plan.jobs),
        "data": {d.name: _data_facts(files.data_file(data, d.key)) for d in plan.data.values()},
    }


def _made_on(runs: Path) -> dict[str, Any]:
    if not runs.exists():
        return machine()
    with readable(runs):
        notes = pq.read_schema(runs).metadata or {}
        return json.loads(notes[MADE_ON]) if MADE_ON in notes else machine()


def _data_facts(path: Path) -> dict[str, Any]:
    if not path.exists():  # a partial sweep, of which this dataset could not be made
        return {}
    meta, arrays = store.read(path)
    return {**meta, "samples": len(arrays["X"]), "features": arrays["X"].shape[1]}


def blas() -> str:
    """Return the BLAS that NumPy and SciPy were built with."""
    found = []
    for package in (np, scipy):
        facts = package.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found.append(f"{facts.get('name')} {facts.get('version')} ({package.__name__})")
    return ", ".join(found)


def processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(
            line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
        )
    except (OSError, StopIteration):
        return platform.processor() or "unknown"


def git_state() -> dict[str, Any]:
    """Return the commit and whether files differ from it; empty outside a checkout."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "changed": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return {}


def write_provenance(plan: Plan, config: Path, results: Path, data: Path) -> None:
    """Write provenance.json."""
    facts = provenance(plan, Path(config), Path(results), data)
    text = json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False)
    store.write_text(results / files.PROVENANCE, text + "\n")


def read_provenance(results: Path) -> dict[str, Any]:
    """Return what provenance.json holds. Raises UserError if it is missing or damaged."""
    path = Path(results) / files.PROVENANCE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}. Only a finished sweep can be verified"
        ) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UserError(f"{path} is damaged; run snakemake again to make it anew")
    return found
