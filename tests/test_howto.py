"""The pages of docs/howto: their configs are read, their commands run, their words are true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from experiments.schema import CONFIGS, inherited, load
from experiments.schema.messages import ELSEWHERE
from tests.faults import checkout

ROOT = Path(__file__).parent.parent
HOWTO = ROOT / "docs" / "howto"
MARK = "<!-- a test runs the shell commands of this page -->"
RUN = [path for path in sorted(HOWTO.glob("*.md")) if MARK in path.read_text(encoding="utf-8")]


def blocks(page: str, kind: str) -> list[str]:
    text = (HOWTO / page).read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, flags=re.S)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=lambda path: path.stem)
def test_the_commands_of_a_page_run_in_a_new_clone(page, tmp_path):
    clone = checkout(tmp_path / "clone")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, module in (("mlp-sweep", "experiments"), ("snakemake", "snakemake")):
        (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        (tools / name).chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": f"{clone}:{ROOT}",
    }
    environment.pop("MLP_CACHE", None)
    commands = "".join(blocks(page.name, "sh"))
    assert commands
    done = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=clone, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


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
