"""The workflow as users run it: Snakemake, its rules, its messages."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.browser import DESKTOP, PHONE, check_offline_page
from tests.faults import Started
from tests.faults import checkout as checkout_of_the_project
from tests.sweeps import TINY, Renewed, write_config

ROOT = Path(__file__).parent.parent
IN_S3 = ["--default-storage-provider", "s3", "--default-storage-prefix", "s3://bucket/sweep"]


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
    return checkout_of_the_project(tmp_path / "checkout", TINY)


def rules_to_run(folder: Path, *words: str) -> set[str]:
    """Return the rules that a dry run announces; their jobs must be of one sweep."""
    done = snakemake("--cores", "1", "-n", "--quiet", "reason", *words, folder=folder)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    lines = [line.split() for line in said.splitlines()]
    counts = {words[0] for words in lines if len(words) == 2 and words[1].isdigit()}
    return counts - {"all", "total"}


@pytest.mark.slow
def test_lint_asks_for_nothing_but_conda():
    done = snakemake("--lint")
    said = done.stdout + done.stderr
    found = {line.strip(" *:") for line in said.splitlines() if line.startswith("    * ")}
    assert found == {"Specify a conda environment or container for each rule."}


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--configfile", "tiny.yaml", "experiments/config/quick.yaml"], "one config at a time"),
        (["--configfile", "bad.yaml"], "did you mean 'epochs'"),
        slow(["--configfile", "list.yaml"], "keys at top level"),
        slow(["--configfile", "tiny.yaml", "--config", "partial=maybe"], "expected true or false"),
        slow(["--configfile", "tiny.yaml", "--config", "job_second=1"], "did you mean 'job_sec"),
        slow(["--configfile", "tiny.yaml", "--config", "partial=1", *IN_S3], "results in a folder"),
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


@pytest.fixture
def finished(checkout) -> Path:
    """A checkout with a sweep that counts as finished, and without Snakemake's own notes."""
    done = Renewed(checkout)
    shutil.move(done.sweep.cache, checkout / "elsewhere")
    return checkout


@pytest.mark.slow
def test_snakemake_does_again_what_follows_from_a_change_and_no_more(finished):
    tiny = ("--configfile", "tiny.yaml")
    assert rules_to_run(finished, *tiny) == set()
    write_config(finished, TINY | {"statistics": {"margin": 30.0}})
    pages = {"plan", "provenance", "report"}
    assert rules_to_run(finished, *tiny) == {"tables", "claims", "figures"} | pages
    assert rules_to_run(finished, *tiny, "--", "results/tiny/plan.txt") == {"plan"}
    write_config(finished, TINY)
    (finished / "results/tiny/curves.parquet").write_bytes(b"cut")
    (finished / "results/tiny/claims.csv").unlink()
    after_runs = {"collect", "provenance", "tables", "claims", "figures", "report", "explorer"}
    assert rules_to_run(finished, *tiny) == after_runs
    next((finished / "data").glob("*.bin")).unlink()  # a train job starts, and finds its runs
    forced = rules_to_run(finished, *tiny, "--forcerun", "probes")
    assert forced == {"data", "train", "probes", "baselines"} | after_runs


@pytest.mark.slow
def test_two_configs_of_one_name_are_told_apart(finished):
    other = finished / "b"
    other.mkdir()
    write_config(other, TINY | {"title": "Another"})
    done = snakemake("--cores", "1", "-n", "--configfile", "b/tiny.yaml", folder=finished)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "results/tiny holds the results of" in said
    assert "Traceback" not in said
    write_config(other, TINY)  # the same content
    assert rules_to_run(finished, "--configfile", "b/tiny.yaml") <= {"plan"}
    write_config(other, TINY | {"title": "Another"})
    (finished / "tiny.yaml").unlink()  # moved
    assert "report" in rules_to_run(finished, "--configfile", "b/tiny.yaml")


@pytest.mark.slow
def test_another_working_directory_and_odd_paths_work(checkout, tmp_path):
    elsewhere = tmp_path / "an {odd} place"
    (elsewhere / "my {configs}").mkdir(parents=True)
    config = write_config(elsewhere / "my {configs}", TINY)
    words = ["-s", str(checkout / "Snakefile"), "--configfile", str(config), "--cores", "1", "--"]
    done = snakemake(*words, "results/tiny/runs.parquet", folder=elsewhere)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (elsewhere / "results/tiny/runs.parquet").is_file()
    assert "The report is" not in done.stdout + done.stderr


@pytest.mark.slow
def test_an_edit_while_a_sweep_runs_mixes_nothing(checkout):
    run = Started(checkout, "--configfile", "tiny.yaml", "--", "results/tiny/claims.csv")
    try:
        frozen = checkout / "results/tiny/receipts/plan.json"
        while run.process.poll() is None and not frozen.exists():
            time.sleep(0.02)
        write_config(checkout, TINY | {"seeds": 9, "statistics": {"level": 0.2}})
        assert run.wait() == 0, run.said()
    finally:
        run.end()
    tests = pd.read_csv(checkout / "results/tiny/tables/activations-hidden-tests.csv")
    assert set(pd.read_parquet(checkout / "results/tiny/runs.parquet")["seed"]) == set(range(8))
    assert set(tests["n"]) == {8}
    assert "collect" in rules_to_run(checkout, "--configfile", "tiny.yaml")


def test_dry_run_plans_the_jobs(checkout):
    done = snakemake("--cores", "1", "-n", "--configfile", "tiny.yaml", folder=checkout)
    assert done.returncode == 0, done.stderr
    assert not (checkout / "results").exists()
    assert "The report is" not in done.stdout + done.stderr


@pytest.mark.slow
def test_no_number_of_starts_per_second_is_waited_for(checkout):
    words = ["--configfile", "tiny.yaml", "--verbose", "--", "results/tiny/plan.txt"]
    done = snakemake("--cores", "1", *words, folder=checkout)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    allowed = [line for line in said.splitlines() if "before job selection" in line]
    assert allowed
    assert all(f"'_job_count': {sys.maxsize}" in line for line in allowed)


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
    page, appendix = (checkout / f"results/quick/{name}.html" for name in ("report", "appendix"))
    assert page.stat().st_size < 5e6
    assert appendix.stat().st_size < 5e6
    for width in (DESKTOP, PHONE):
        facts = check_offline_page(page, width)
        assert facts.problems == {}
        facts = check_offline_page(appendix, width)
        assert facts.problems == {}
        assert facts.counts["math"] > 39
        assert facts.counts["img"] + facts.counts["svg"] >= 6
    again = snakemake(*words, folder=checkout)
    assert "Nothing to be done" in again.stdout + again.stderr
    before = page.read_bytes()
    done = snakemake(*words, "--forcerun", "figures", "tables", folder=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert page.read_bytes() == before
