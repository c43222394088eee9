"""Snakemake from another folder, with odd paths, as a module of another workflow, on a cluster."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from experiments.base.errors import UserError
from experiments.datasets import Data
from experiments.plan import rule_inputs, shell_prefix, sweep_of
from experiments.schema import changes_of
from tests.faults import checkout
from tests.sweeps import write_config

TINY = {
    "seeds": 2,
    "confirm": "none",
    "studies": {
        "a": {
            "datasets": ["iris"],
            "base": {"layers": [4], "epochs": 2},
            "grid": {"hidden": ["sigmoid", "tanh"]},
        }
    },
}
RUNS = "results/tiny/runs.csv"


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A copy of the project in a folder whose name has a space, a brace and a quote."""
    return checkout(tmp_path_factory.mktemp("of") / "the clone's {x}", TINY)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "a {work} place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def snakemake(*words: str | Path) -> str:
    """Run Snakemake in the current folder, and return what it said."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "MLP_CACHE")}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", *map(str, words)],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert done.returncode == 0, said
    return said


def of(clone: Path, config: Path) -> list[str | Path]:
    return ["-s", clone / "Snakefile", "--configfile", config]


def test_braces_and_quotes_in_the_clones_path_reach_the_shell_as_they_are():
    folder = Path("/a {x} clone's")
    words = shlex.split(shell_prefix(folder).format())
    assert f"PYTHONPATH={folder};" in words


def test_a_file_with_a_brace_in_its_path_is_no_input_of_a_rule(tmp_path):
    names = []
    for name in ("x.csv", "x {1}.csv"):
        (tmp_path / name).write_text("a,class\n1,x\n2,y\n")
        data = Data("mine", "table", {"path": str(tmp_path / name), "label": "class"}, False)
        names.append(rule_inputs(data))
    assert names == [[str(tmp_path / "x.csv")], []]


def test_a_module_names_its_sweep_by_a_key():
    said = {"configfile": "a.yaml", "job_seconds": 3}
    assert sweep_of(said, ["host.yaml"], as_module=True) == ({"job_seconds": 3}, ["a.yaml"])
    assert sweep_of({"partial": 1}, ["a.yaml"], as_module=False) == ({"partial": 1}, ["a.yaml"])
    for wrong in ({}, {"configfile": None}, {"configfile": ["a.yaml"]}):
        with pytest.raises(
            UserError, match=r"config of the module.*expected the path of a sweep's"
        ):
            sweep_of(wrong, ["host.yaml"], as_module=True)


@pytest.mark.slow
def test_a_sweep_that_compares_nothing_runs_whole(clone, here):
    said = snakemake(*of(clone, clone / "tiny.yaml"))
    assert Path("results/tiny/report.html").is_file()
    assert "The report is results/tiny/report.html" in said


@pytest.mark.slow
def test_another_directory_and_a_linked_folder_of_results(clone, here, tmp_path):
    work, target = tmp_path / "other {place}", tmp_path / "target"
    work.mkdir()
    target.mkdir()
    (work / "results").symlink_to(target)
    config = write_config(here, TINY)
    changed = ["--config", 'set=["title=It\'s {odd}"]']
    words = [*of(clone, config.name), "--directory", work, *changed]
    snakemake(*words, "--", RUNS)
    assert len(pd.read_csv(target / "tiny/runs.csv")) == 4
    assert changes_of(target / "tiny") == ["title=It's {odd}"]
    assert not (here / "results").exists()
    assert "Nothing to be done" in snakemake(*words, "-n", "--", RUNS)
    again = snakemake(*words[:-1], "set=[seeds=3]", "-n", "--", RUNS)
    assert "plan again" in again


@pytest.mark.slow
def test_a_table_in_a_folder_with_braces(clone, here):
    table = here / "my {data}" / "t {1}.csv"
    table.parent.mkdir()
    rows = [f"{i % 2 + i / 100},{i % 3},{'xy'[i % 2]}" for i in range(60)]
    table.write_text("\n".join(["a,b,class", *rows]))
    options = {"source": "table", "options": {"path": str(table), "label": "class"}}
    study = TINY["studies"]["a"] | {"datasets": ["mine"]}
    write_config(here, TINY | {"datasets": {"mine": options}, "studies": {"a": study}})
    snakemake(*of(clone, "tiny.yaml"), "--", RUNS)
    assert set(pd.read_csv(RUNS)["dataset"]) == {"mine"}


@pytest.mark.slow
def test_the_sweep_is_a_module_of_another_workflow(clone, here):
    write_config(here, TINY, "sweep")
    said = {"configfile": "sweep.yaml", "set": ["seeds=3"], "job_seconds": 60}
    Path("Snakefile").write_text(f"""
configfile: "host.json"
module mlp:
    snakefile: {str(clone / "Snakefile")!r}
    config: {said!r}

use rule * from mlp as mlp_*
print("local:", *workflow._localrules)

rule mine:
    default_target: True
    input: "results/sweep/runs.csv"
    output: "lines.txt"
    shell: "wc -l < {{input:q}} > {{output:q}}"
""")
    Path("host.json").write_text('{"other": 1}')
    snakemake()
    assert Path("lines.txt").read_text().strip() == "7"
    assert "Nothing to be done" in snakemake("-n")
    said = snakemake("-n", "--forcerun", "mlp_collect")
    assert "rule mlp_collect:" in said
    assert "not present" not in said
    local = next(line.split() for line in said.splitlines() if line.startswith("local:"))
    assert {"mlp_all", "mlp_data", "mlp_archive"} <= {*local}
    assert not {"mlp_train", "mlp_confirm"} & {*local}


SUBMIT = """#!/bin/sh
# submits a job: starts it, notes that it did, and prints the job's number
echo "$1" >> "$(dirname "$0")/submitted"
nohup sh "$1" > /dev/null 2>&1 &
echo $!
"""


@pytest.mark.slow
def test_a_cluster_with_a_command_of_its_own(clone, here):
    pytest.importorskip("snakemake_executor_plugin_cluster_generic")
    submit = here.parent / "submit.sh"
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    snakemake(
        *of(clone, clone / "tiny.yaml"), "--executor", "cluster-generic",
        "--cluster-generic-submit-cmd", submit, "--jobs", "2", "--latency-wait", "20",
        "--config", "job_seconds=0.001", 'set=["title=On a cluster"]', "--", RUNS,
    )  # fmt: skip
    assert len(pd.read_csv(RUNS)) == 4
    submitted = (here.parent / "submitted").read_text().splitlines()
    jobs = list(Path("results/tiny/jobs").glob("*.bin"))
    assert len(submitted) == len(jobs) > 0
