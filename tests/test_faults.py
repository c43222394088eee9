"""What befalls long jobs: kills, full disks, two at once, a job that fails, memory that ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.base import store
from experiments.base.errors import UserError
from experiments.datasets.making import prepare
from experiments.plan import make_plan
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from experiments.schema import load
from experiments.schema.frozen import freeze
from experiments.training.job import cached_name
from experiments.training.planfile import plan_lines
from tests.faults import SWEEP, Loop, Started, checkout, hashes, words
from tests.sweeps import Sweep

needs_linux = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's pidfd")


def without_snakemake(folder: Path) -> dict[str, str]:
    """Return the hashes of the sweep's results, made by one process."""
    folder.mkdir()
    sweep = Sweep(folder, SWEEP)
    sweep.train()
    sweep.collect()
    write_tables(Results(sweep.results, load(sweep.config)), sweep.results / "tables")
    return hashes(sweep.results)


@pytest.fixture
def expected(tmp_path) -> dict[str, str]:
    return without_snakemake(tmp_path / "expected")


@pytest.mark.slow
@needs_linux
def test_a_sweep_that_is_killed_ends_with_the_same_bytes(tmp_path, expected):
    loop = Loop(tmp_path, seed=6, expected=expected)
    kills = [kill for sweep in loop.kills(3) for kill in sweep]
    assert len(kills) == 3
    assert all(kill.same for kill in kills), kills
    assert not sum(kill.runs_redone for kill in kills), kills


@pytest.mark.slow
def test_two_at_once_in_one_folder_are_told_of_the_lock(tmp_path, expected):
    folder = checkout(tmp_path / "sweep")
    first = Started(folder, *words(folder))
    try:
        while first.process.poll() is None and not list((folder / "results").glob("tiny/plan.txt")):
            time.sleep(0.05)
        assert first.process.poll() is None, first.said()
        second = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "1", *words(folder)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert second.returncode != 0
        assert "LockException" in second.stdout + second.stderr
        assert first.wait() == 0, first.said()
    finally:
        first.end()
    assert hashes(folder / "results/tiny") == expected


@pytest.mark.slow
def test_two_folders_at_once_share_a_cache(tmp_path, expected):
    folders = [checkout(tmp_path / name) for name in ("one", "two")]
    runs = [Started(folder, *words(folder), cache=tmp_path / "shared") for folder in folders]
    try:
        for run in runs:
            assert run.wait() == 0, run.said()
    finally:
        for run in runs:
            run.end()
    for folder in folders:
        assert hashes(folder / "results/tiny") == expected
        assert not (folder / "results/cache").exists()
    assert len(list((tmp_path / "shared").glob("*/*.run"))) == 64


@pytest.mark.slow
def test_a_job_that_fails_leaves_a_stated_gap_and_is_tried_again(tmp_path, expected):
    folder = checkout(tmp_path / "sweep")
    command = words(folder)
    at = command.index("--config") + 1
    plan = make_plan(folder / "tiny.yaml", job_seconds=float(command[at].split("=")[1]))
    job = plan.jobs[3]
    data = next(d for d in plan.data.values() if d.key == job.data)
    prepare(data, tmp_path / "data.bin")
    checksum = store.read(tmp_path / "data.bin")[0]["checksum"]
    obstacle = folder / "results/cache" / cached_name(job.specs[0], checksum)
    (obstacle / "in the way").mkdir(parents=True)  # no file can be renamed to this

    run = Started(folder, "--keep-going", *command)
    assert run.wait() == 1
    log = (folder / f"results/tiny/logs/train/{job.name}.log").read_text(encoding="utf-8")
    assert f"cannot write {obstacle.relative_to(folder)}" in log
    assert "Traceback" not in log
    finished = {path.stem for path in (folder / "results/tiny/jobs").glob("*.bin")}
    assert finished == {j.name for j in plan.jobs} - {job.name}

    partial = [*command[: at + 1], "partial=true", *command[at + 1 :]]
    run = Started(folder, *partial)
    assert run.wait() == 0, run.said()
    runs = pd.read_parquet(folder / "results/tiny/runs.parquet")
    missing = runs[runs["status"] == "missing"]
    assert len(missing) == len(job.specs)
    assert set(missing["reason"]) == {"its job has no results"}

    (obstacle / "in the way").rmdir()
    obstacle.rmdir()
    run = Started(folder, *command)
    assert run.wait() == 0, run.said()
    assert hashes(folder / "results/tiny") == expected


def test_a_read_only_folder_is_named(tmp_path, monkeypatch):
    """The refusal is simulated: nothing is read-only for the superuser, who may run the tests."""

    def refuse(**_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store.tempfile, "mkstemp", refuse)
    with pytest.raises(UserError, match=r"cannot write .*results/x\.bin: Read-only file system"):
        store.write(tmp_path / "results" / "x.bin", {}, {"a": np.arange(3)})


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from experiments.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""A command for which no file can grow beyond some bytes: a disk that fills up."""


def command(*words: str | Path, before: tuple[str, ...] = ("-m", "experiments")) -> list[str]:
    return [sys.executable, *before, *map(str, words)]


def job_words(sweep: Sweep, job, out: Path) -> list[str | Path]:
    store.write_text(sweep.folder / "plan.txt", "".join(plan_lines(sweep.plan)))
    paths = {"plan": sweep.folder / "plan.txt", "data": sweep.data / f"{job.data}.bin"}
    paths |= {"cache": sweep.folder / "other cache", "out": out}
    return ["train", *(word for name, path in paths.items() for word in (f"--{name}", path))]


@pytest.mark.parametrize(
    ("step", "limit", "name"),
    [("train", 500, ".run"), ("train", 4000, ".bin"), ("collect", 4000, "curves.parquet")],
)
def test_a_disk_that_fills_up_is_named_and_leaves_no_half_file(tmp_path, step, limit, name):
    sweep = Sweep(tmp_path)
    sweep.train()
    job, out = sweep.plan.jobs[0], tmp_path / "out"
    if step == "train":
        found = job_words(sweep, job, out / f"{job.name}.bin")
    else:
        freeze(sweep.plan.config, str(sweep.config), sweep.results)
        found = ["collect", "--results", sweep.results]
        found += ["--data", sweep.data, "--cache", sweep.cache]
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    done = subprocess.run(
        command(limit, *found, before=("-c", FULL)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "error: cannot write " in done.stderr
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {path.suffix for path in new} <= {".run", ".txt"}
    for path in new:
        if path.suffix == ".run":
            store.read(path)


MEMORY = {
    "small": {"datasets": ["iris"], "base": {"layers": [5], "epochs": 3}, "seeds": 200},
    "digits": {"datasets": ["digits"], "base": {"layers": [30], "epochs": 2}, "seeds": 128},
    "splits": {
        "datasets": ["digits"],
        "base": {"layers": [30], "epochs": 2, "split": "per_seed"},
        "seeds": 128,
    },
    "wide": {"datasets": ["digits"], "base": {"layers": [800], "epochs": 1}, "seeds": 2},
    "whole": {
        "datasets": ["digits"],
        "base": {"layers": [100, 100], "epochs": 2, "update": "epoch"},
        "seeds": 24,
    },
    "long": {
        "datasets": ["iris"],
        "base": {"layers": [5], "epochs": 1500, "batch_size": 90, "record_train": "ends"},
        "seeds": 128,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MEMORY)
def test_the_estimate_of_memory_is_not_exceeded_and_within_a_factor_of_two(tmp_path, name):
    sweep = Sweep(tmp_path, {"studies": {"a": MEMORY[name]}}, job_seconds=60)
    for data in sweep.plan.data.values():
        prepare(data, sweep.data / f"{data.key}.bin")
    (job,) = sweep.plan.jobs
    used = megabytes(job_words(sweep, job, tmp_path / f"{job.name}.bin"))
    assert job.megabytes / 2 <= used <= job.megabytes, (used, job.megabytes)


def megabytes(words: list[str | Path]) -> float:
    """Return the most memory that a command of experiments has held, in MB."""
    done = subprocess.run(
        command(*words, before=("-c", MEASURED)), capture_output=True, text=True, check=True
    )
    return int(done.stderr.split()[-1]) * 1024 / 1e6


MEASURED = """
import re, sys
from pathlib import Path
from experiments.__main__ import main
assert main(sys.argv[1:]) == 0
print(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
"""A command that says how much memory it held at most; getrusage would count its parent's too."""
