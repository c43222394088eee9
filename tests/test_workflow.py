"""The workflow as users run it: Snakemake, its rules, its messages."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import DESKTOP, PHONE, check_offline_page
from tests.sweeps import TINY, write_config

ROOT = Path(__file__).parent.parent


def snakemake(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run Snakemake in a folder, with a Python environment of its own."""
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of the project without results, with a tiny config."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Snakefile", "mlp", "experiments", "reports", "profiles"):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    write_config(folder, TINY)
    return folder


def test_lint_asks_for_nothing_but_conda():
    done = snakemake("--lint")
    said = done.stdout + done.stderr
    found = {line.strip(" *:") for line in said.splitlines() if line.startswith("    * ")}
    assert found == {"Specify a conda environment or container for each rule."}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--configfile", "tiny.yaml", "experiments/config/quick.yaml"], "one config at a time"),
        (["--configfile", "bad.yaml"], "did you mean 'epochs'"),
        (["--configfile", "list.yaml"], "keys at top level"),
    ],
)
def test_bad_input_is_refused_without_a_traceback(checkout, words, message):
    (checkout / "bad.yaml").write_text("studies: {a: {datasets: [iris], base: {epoch: 3}}}")
    (checkout / "list.yaml").write_text("[1, 2]")
    done = snakemake("--cores", "1", *words, folder=checkout)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert message in said
    assert "Traceback" not in said
    assert not (checkout / "results").exists()


def test_dry_run_plans_the_jobs(checkout):
    done = snakemake("--cores", "1", "-n", "--configfile", "tiny.yaml", folder=checkout)
    assert done.returncode == 0, done.stderr
    assert not (checkout / "results").exists()
    assert "The report is" not in done.stdout + done.stderr


@pytest.mark.slow
def test_one_and_two_cores_give_the_same_bytes_and_nothing_is_done_twice(checkout):
    targets = ["results/tiny/runs.parquet", "results/tiny/tables/activations-hidden-tests.csv"]
    words = ["--configfile", "tiny.yaml", "--config", "job_seconds=0.002", "--"]
    contents = []
    for cores in ("1", "2"):
        shutil.rmtree(checkout / "results", ignore_errors=True)
        done = snakemake("--cores", cores, *words, *targets, folder=checkout)
        assert done.returncode == 0, done.stdout + done.stderr
        contents.append(
            [(checkout / "results/tiny" / name).read_bytes() for name in
             ("curves.parquet", "tables/activations-hidden-tests.csv")]
        )  # fmt: skip
    assert contents[0] == contents[1]
    again = snakemake("--cores", "1", *words, *targets, folder=checkout)
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.slow
@pytest.mark.browser
def test_the_quick_sweep_ends_in_a_page_that_opens_offline(checkout):
    words = ("--cores", "2", "--configfile", "experiments/config/quick.yaml")
    done = snakemake(*words, folder=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The report is results/quick/report.html" in done.stderr
    page = checkout / "results/quick/report.html"
    assert page.stat().st_size < 5e6
    for width in (DESKTOP, PHONE):
        facts = check_offline_page(page, width)
        assert facts.problems == {}
        assert facts.counts["math"] > 39
        assert facts.counts["img"] + facts.counts["svg"] >= 6
    again = snakemake(*words, folder=checkout)
    assert "Nothing to be done" in again.stdout + again.stderr
    before = page.read_bytes()
    done = snakemake(*words, "--forcerun", "figures", "tables", folder=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert page.read_bytes() == before
