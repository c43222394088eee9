"""The pages of docs/howto: their configs are read, their commands run, their words are true."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
import yaml

from experiments.schema import CONFIGS, inherited, load
from experiments.schema.messages import ELSEWHERE
from tests.faults import checkout
from tests.sweeps import write_config

ROOT = Path(__file__).parent.parent
HOWTO = ROOT / "docs" / "howto"
PAGES = [*sorted(HOWTO.glob("*.md")), ROOT / "docs" / "tutorial.md"]
BLOCK = re.compile(r"(<!-- not run: .+ -->\n)?```(\w+)\n(.*?)```", flags=re.S)
FILE = re.compile(r"# ((?:[\w-]+/)*(?:\w+\.yaml|Snakefile))\b.*\n")
"""The first line of a block that is the content of a file."""
CLONED = ("README.md", "LICENSE", "CITATION.cff", "pyproject.toml", "requirements.txt", "docs")
SMALL = {
    "seeds": 8,
    "confirm": {"splits": 6, "seeds": 1},
    "headline": [{"study": "pairs", "a": "relu", "b": "sigmoid"}],
    "chapters": [{"question": "Which?", "comparisons": ["pairs"], "parts": ["equations"]}],
    "studies": {
        "pairs": {
            "datasets": ["iris", "wine"],
            "base": {"layers": [5], "epochs": 5, "batch_size": 10},
            "grid": {
                "pair": [{"label": "CE + softmax", "cost": "cross_entropy", "output": "softmax"}],
                "hidden": ["sigmoid", "relu"],
                "eta": [0.1, 1.0],
            },
            "compare": "hidden",
            "tune": "eta",
        },
        "init": {
            "datasets": ["iris"],
            "base": {"layers": [5], "epochs": 2},
            "grid": {"init": ["large", "default"], "eta": [0.1, 1.0]},
            "compare": "init",
            "tune": "eta",
        },
    },
}
"""It takes the place of the quick sweep, whose commands the pages have."""


def blocks(page: str, kind: str) -> list[str]:
    text = (HOWTO / page).read_text(encoding="utf-8")
    return [content for _, found, content in BLOCK.findall(text) if found == kind]


def script(page: Path) -> str:
    """Return what a reader of a page does: its files are written, its shell commands run."""
    lines = []
    for skipped, kind, content in BLOCK.findall(page.read_text(encoding="utf-8")):
        if file := FILE.match(content):
            folder = Path(file[1]).parent
            lines.append(f"mkdir -p {folder}; cat > {file[1]} <<'END'\n{content}END\n")
        elif kind == "sh" and not skipped:
            lines.append(content)
    return "".join(lines)


def has_commands(page: Path) -> bool:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return any(kind == "sh" and not skipped for skipped, kind, _ in found)


RUN = [page for page in PAGES if has_commands(page)]


def run(commands: str, clone: Path) -> None:
    """Run shell commands in a clone, as a person does whose home is the folder around it."""
    tools = clone.parent / "bin"
    tools.mkdir(exist_ok=True)
    modules = {"mlp-sweep": "experiments", "snakemake": "snakemake", "jupytext": "jupytext"}
    words = {"python": "", **{name: f"-m {module} " for name, module in modules.items()}}
    for name, more in words.items():
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {more}"$@"\n')
        (tools / name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": f"{clone}:{ROOT}",
        "HOME": str(clone.parent),
        "MPLCONFIGDIR": matplotlib.get_configdir(),
    }
    environment.pop("MLP_CACHE", None)
    done = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=clone, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A clone in which a small sweep of the name `quick` is finished."""
    clone = checkout(tmp_path_factory.mktemp("finished") / "mlp-experiments")
    for name in CLONED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, clone / name, ignore=shutil.ignore_patterns("_build"))
        else:
            shutil.copy(ROOT / name, clone / name)
    write_config(clone / "experiments/config", SMALL, "quick")
    run("snakemake --cores 2 --configfile experiments/config/quick.yaml", clone)
    return clone


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda path: path.stem)
def test_the_commands_of_a_page_run_in_a_clone(page, tmp_path, finished):
    clone = tmp_path / "mlp-experiments"
    shutil.copytree(finished, clone)
    run(script(page), clone)


def test_the_config_that_extends_another_is_one(tmp_path, monkeypatch):
    monkeypatch.setattr(inherited, "CONFIGS", CONFIGS.absolute())
    (text,) = blocks("extend.md", "yaml")
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    quick, removed = load(CONFIGS / "quick.yaml"), yaml.safe_load(text)["studies"]
    mine = load(path)
    assert mine.seeds == 20 != quick.seeds
    assert {*mine.studies} == {*quick.studies} - {*removed}
    assert len(mine.studies) < len(quick.studies)
    assert quick.headline
    assert mine.headline == mine.chapters == []


def test_keys_of_other_tools_are_answered_as_the_page_says():
    page = (HOWTO / "coming_from.md").read_text(encoding="utf-8")
    table = page.split("## Keys")[1].split("## Commands")[0]
    rows = re.findall(r"^\| (`.*?) \| (`.*?) \|$", table, flags=re.M)
    assert len(rows) > 5
    for theirs, ours in rows:
        for key in re.findall(r"`(\w+)`", theirs):
            assert re.findall(r"`(\w+)", ours)[0] in ELSEWHERE[key]
