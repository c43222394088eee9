"""The command lines: each command's options are next to its function."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.__main__ import LINE
from experiments.base import CommandLine, UserError, closure, files, option
from reports.__main__ import LINE as REPORTS

ROOT = Path(__file__).parent.parent


def test_a_command_is_its_function_with_its_options():
    done = []
    line = CommandLine("try", "To try.", after=lambda args: done.append("after"))

    @line.command(option("--times", type=int, default=1), step="one")
    def say_it(args):
        """Say it."""
        done.extend([args.step] * args.times)
        return 3

    assert line.run(["say-it", "--times", "2"]) == 3
    assert done == ["one", "one", "after"]


def test_an_error_for_people_is_said_and_nothing_follows(capsys):
    line = CommandLine("try", "To try.", after=lambda args: pytest.fail("not done"))

    @line.command()
    def fail(args):
        """Fail."""
        raise UserError("it is not there")

    assert line.run(["fail"]) == 2
    assert capsys.readouterr().err == "error: it is not there\n"


@pytest.mark.parametrize("line", [LINE, REPORTS], ids=["experiments", "reports"])
def test_every_command_has_help(line, capsys):
    for name in line.commands:
        with pytest.raises(SystemExit) as ended:
            line.run([name, "--help"])
        assert ended.value.code == 0
        assert line.program in capsys.readouterr().out


def test_the_commands_that_docs_and_rules_name_are_there():
    names = {
        "experiments": {
            "plan", "data", "train", "confirm", "verify", "write-plan", "collect", "provenance",
            "tables", "baselines", "equations", "probes", "claims", "benchmark", "growth",
            "breakdown", "list", "show", "model", "clean", "schema", "run", "compare",
        },
        "reports": {
            "figures", "figures-pdf", "page", "explorer", "pdf", "paper", "archive", "picture",
            "benchmark", "captions", "compare", "prepare",
        },
    }  # fmt: skip
    assert set(LINE.commands) == names["experiments"]
    assert set(REPORTS.commands) == names["reports"]


def test_the_command_of_a_train_job_starts_light():
    code = "import sys, experiments.__main__ as m, experiments.training.job; m.LINE.parser(); "
    code += "print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"pandas", "pydantic", "scipy", "pyarrow"} & set(done.stdout.split())


def test_the_options_of_a_command_are_no_part_of_what_a_step_follows_from():
    found = closure.parts("experiments.__main__:tables")
    assert "experiments/results/tables.py" in found
    assert "experiments/base/files.py" in found
    assert "experiments/base/command_line.py" not in found


NAMES = {v for k, v in vars(files).items() if k.isupper() and "." in v.strip(".")}


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").rglob("*.py")), ids=str)
def test_the_name_of_a_sweeps_file_is_written_in_one_place(path):
    if path == ROOT / "experiments/base/files.py":
        return
    tree = closure.without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
    texts = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    assert not {text for text in texts if isinstance(text, str)} & NAMES
