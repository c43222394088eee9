"""The sweep on a cluster: through Slurm it gives the bytes of a local run, whatever happens.

`tests/slurm/start.sh` starts a Slurm of one node for it, `tests/slurm/stop.sh` ends it.
"""

import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from experiments.plan import make_plan
from experiments.schema.compared import table_names
from tests.sweeps import TINY, Sweep, write_config

ROOT = Path(__file__).parent.parent
QUICK = "experiments/config/quick.yaml"
LONG = {
    "seeds": 8,
    "confirm": {"splits": 2, "seeds": 1},
    "studies": {
        "activations": TINY["studies"]["activations"]
        | {"datasets": ["iris", "wine"], "base": {"layers": [30], "epochs": 1000}}
    },
}
SLURM = ["--workflow-profile", "profiles/slurm"]
SLURM += ["--slurm-init-seconds-before-status-checks", "8", "--latency-wait", "10"]


def why_not() -> str:
    """Return why nothing can be sent to a Slurm from here."""
    if not importlib.util.find_spec("snakemake_executor_plugin_slurm"):
        return "needs `pip install snakemake-executor-plugin-slurm`"
    if not shutil.which("sbatch") or "UP" not in said("scontrol", "ping"):
        return "needs Slurm: tests/slurm/start.sh starts one"
    return ""


def said(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, timeout=30, check=False).stdout


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the project without results, where Slurm can be reached."""
    if reason := why_not():
        pytest.skip(reason)
    folder = tmp_path / "checkout"
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in ("mlp", "experiments", "reports", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    shutil.copy(ROOT / "Snakefile", folder)
    return folder


@contextmanager
def snakemake(folder: Path, *words: str) -> Iterator[subprocess.Popen]:
    """Start Snakemake in a folder; what it says goes to said.log."""
    with (folder / "said.log").open("a") as log:
        command = [sys.executable, "-m", "snakemake", *words]
        with subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
            try:
                yield process
            finally:
                process.kill()


def ends_well(folder: Path, process: subprocess.Popen) -> None:
    assert process.wait(timeout=300) == 0, (folder / "said.log").read_text()


def runs_well(folder: Path, *words: str) -> None:
    with snakemake(folder, *words) as process:
        ends_well(folder, process)


def wait_until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)


def jobs(folder: Path) -> list[tuple[str, str, str]]:
    """Return number, state and memory of each job that was sent from a folder."""
    lines = said("squeue", "--noheader", "--states=all", "--format=%A %T %m %Z").splitlines()
    rows = [line.split(maxsplit=3) for line in lines]
    return [tuple(row[:3]) for row in rows if row[3] == str(folder)]


def cancel_a_running_job(folder: Path) -> None:
    number = next(number for number, state, _ in jobs(folder) if state == "RUNNING")
    subprocess.run(["scancel", number], check=True, timeout=30)


def trained(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return the results of single runs that exist, each with what tells a second writing."""
    found = {path: path.stat() for path in (folder / "results/cache").glob("*/*.run")}
    return {path: (facts.st_ino, facts.st_mtime_ns) for path, facts in found.items()}


def same_results(folder: Path, other: Path, tables: list[str]) -> None:
    for name in ("curves.parquet", *tables):
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name
    mine, theirs = (pd.read_parquet(f / "runs.parquet") for f in (folder, other))
    pd.testing.assert_frame_equal(mine.drop(columns="seconds"), theirs.drop(columns="seconds"))


@pytest.mark.slow
@pytest.mark.slurm
def test_a_sweep_through_slurm_gives_the_bytes_of_a_local_one_though_a_job_is_cancelled(checkout):
    tables = [f"tables/{stem}.csv" for stem in table_names(make_plan(ROOT / QUICK).config)]
    targets = [f"results/quick/{name}" for name in ("runs.parquet", *tables)]
    # the local run packs its jobs in another way
    words = ["--configfile", QUICK, "--config", "job_seconds=0.2", "--", *targets]
    runs_well(checkout, "--cores", "2", *words)
    (checkout / "results").rename(checkout / "local")
    with snakemake(checkout, *SLURM, "--configfile", QUICK, "--", *targets) as process:
        wait_until(lambda: trained(checkout))
        cancel_a_running_job(checkout)
        ends_well(checkout, process)
    same_results(checkout / "results/quick", checkout / "local/quick", tables)
    sent = jobs(checkout)
    assert [state for _, state, _ in sent].count("CANCELLED") == 1
    done = [
        f for kind in ("jobs", "confirm") for f in (checkout / "results/quick" / kind).iterdir()
    ]
    assert len(sent) == len(done) + 1
    # the second attempt asks for twice the memory
    asked = sorted(float(memory.rstrip("MG")) for _, _, memory in sent)
    assert asked[-1] > 1.5 * asked[-2]


@pytest.mark.slow
@pytest.mark.slurm
def test_a_sweep_goes_on_after_snakemake_was_killed_and_a_job_with_it(checkout, tmp_path):
    local = Sweep(tmp_path, LONG, "long")
    local.train()
    local.collect()
    write_config(checkout, LONG, "long")
    words = [*SLURM, "--configfile", "long.yaml", "--", "results/long/runs.parquet"]
    with snakemake(checkout, *words) as process:
        wait_until(lambda: trained(checkout))
        process.kill()
    # one job in the middle of its training ends too; another that runs or waits is an orphan
    cancel_a_running_job(checkout)
    before = trained(checkout)
    assert 0 < len(before) < len(local.plan.runs)
    runs_well(checkout, *SLURM, "--configfile", "long.yaml", "--unlock")
    runs_well(checkout, *words)
    same_results(checkout / "results/long", local.results, [])
    assert before.items() <= trained(checkout).items(), "a run was trained a second time"
