"""`run CONFIG`: the command for Snakemake, whatever the order of targets and options."""

import os
import shlex
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import experiments.plan.launching as launching
from experiments.__main__ import console, main
from experiments.base import UserError
from experiments.plan.launching import CLONE, snakemake_command
from experiments.schema.naming import find_config
from tests.sweeps import TINY, write_config

ROOT = Path(__file__).parent.parent
PYTHON = [sys.executable, "-m", "snakemake_logger_plugin_mlp"]


@pytest.fixture
def config(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_config(Path(), TINY)


def after_the_snakefile(command: list[str]) -> list[str]:
    assert command[:5] == [*PYTHON, "-s", str(ROOT / "Snakefile")]
    return command[5:]


def test_a_config_takes_no_target_for_another_config(config):
    found = snakemake_command(config, ["results/tiny/runs.csv", "-n"], 3)
    assert after_the_snakefile(found) == [
        "--configfile=tiny.yaml", "--logger=mlp", "--cores", "3", "results/tiny/runs.csv", "-n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    ["-c1", "-c 1", "--cores=1", "--cores all", "-j 4", "--jobs=4", "--profile slow", "-e slurm",
     "--workflow-profile=profiles/slurm", "--executor slurm"],
)  # fmt: skip
def test_who_says_where_jobs_run_is_given_no_processors(config, words):
    found = snakemake_command(config, [*words.split(), "results/tiny/runs.csv"], 3)
    expected = ["--configfile=tiny.yaml", "--logger=mlp", *words.split(), "results/tiny/runs.csv"]
    assert after_the_snakefile(found) == expected


@pytest.mark.parametrize("words", ["--config partial=true", "-n", "--edit-notebook x", "target"])
def test_other_options_leave_the_processors(config, words):
    assert "--cores" in snakemake_command(config, words.split(), 3)


@pytest.mark.parametrize("words", [["--logger", "rich"], ["--logger=rich", "-n"]])
def test_who_names_a_logger_gets_that_one(config, words):
    found = after_the_snakefile(snakemake_command(config, words, 3))
    assert found == ["--configfile=tiny.yaml", "--cores", "3", *words]


def test_in_the_clone_no_snakefile_is_named(monkeypatch):
    monkeypatch.chdir(CLONE)
    found = snakemake_command(Path("experiments/config/quick.yaml"), [], 2)
    assert found[1:] == [
        "-m", "snakemake_logger_plugin_mlp", "--configfile=experiments/config/quick.yaml",
        "--logger=mlp", "--cores", "2",
    ]  # fmt: skip


def test_what_cannot_run_is_refused(config, tmp_path):
    with pytest.raises(UserError, match=r"there is no config none/mine\.yaml"):
        snakemake_command(Path("none/mine.yaml"), [], 1)
    with pytest.raises(UserError, match=r"one config at a time: --configfile comes after .* tiny"):
        snakemake_command(config, ["-n", "--configfile", "b.yaml"], 1)
    with pytest.raises(UserError, match=r"there is no Snakefile in .*pip install -e"):
        snakemake_command(config, [], 1, clone=tmp_path)


def test_options_before_the_config_are_answered_with_the_order(capsys):
    assert main(["run", "--cores", "2", "quick"]) == 2
    said = capsys.readouterr().err
    assert "there is no config '2'" in said
    assert "CONFIG comes first, targets and options of Snakemake after it" in said


def test_another_clone_is_not_run_with_this_code(config, tmp_path):
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "__main__.py").touch()
    with pytest.raises(UserError, match=r"belongs to another.*python -m experiments run"):
        snakemake_command(config, [], 1)


def test_the_command_is_printed_and_takes_the_place_of_the_process(config, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(launching.os, "execv", lambda path, words: ran.append((path, words)))
    main(["run", "tiny.yaml", "a target", "--help"])
    path, words = ran.pop()
    assert path == words[0] == sys.executable
    assert words[-2:] == ["a target", "--help"]
    said = capsys.readouterr()
    assert said.out == ""
    assert shlex.split(said.err) == words


def test_the_processors_are_those_that_the_process_may_use(config, monkeypatch):
    ran = []
    monkeypatch.setattr(launching.os, "execv", lambda path, words: ran.append(words))
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    main(["run", "tiny.yaml"])
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    main(["run", "tiny.yaml"])
    assert [words[-1] for words in ran] == ["3", "7"]


def test_the_projects_configs_are_found_from_any_folder(tmp_path):
    code = "from experiments.schema import find_config; print(find_config('quick'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(ROOT / "experiments/config/quick.yaml")
    assert str(find_config("quick")) in (done.stdout.strip(), "experiments/config/quick.yaml")


def test_the_console_command_has_its_name_in_usage_and_errors(monkeypatch, capsys):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, function = project["scripts"]["mlp-sweep"].split(":")
    assert getattr(import_module(module), function) is console
    for words, stream in ((["--help"], "out"), (["verify", "--help"], "out"), (["nope"], "err")):
        monkeypatch.setattr(sys, "argv", ["/somewhere/mlp-sweep", *words])
        with pytest.raises(SystemExit):
            console()
        said = getattr(capsys.readouterr(), stream)
        assert said.startswith("usage: mlp-sweep")


@pytest.mark.slow
@pytest.mark.parametrize(("target", "code"), [("results/tiny/plan.txt", 0), ("nothing.txt", 1)])
def test_snakemake_runs_and_its_exit_code_is_returned(config, target, code):
    done = subprocess.run(
        [sys.executable, "-m", "experiments", "run", "tiny.yaml", target],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert Path("results/tiny/plan.txt").is_file() == (code == 0)
    assert "Traceback" not in done.stderr
