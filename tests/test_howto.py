"""The pages of docs/howto: their configs are read, their commands run, their words are true."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from docs.running import blocks, clone_to, run
from experiments.schema import CONFIGS, inherited, load
from experiments.schema.messages import ELSEWHERE
from tests.sweeps import write_config

HOWTO = Path(__file__).parent.parent / "docs" / "howto"
MORE = ("README.md", "LICENSE", "CITATION.cff", "pyproject.toml", "requirements.txt", "docs")
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


def blocks_of(page: str, kind: str) -> list[str]:
    text = (HOWTO / page).read_text(encoding="utf-8")
    return [block.content for block in blocks(text) if block.kind == kind]


def script(page: Path) -> str:
    """Return what a reader of a page does: its files are written, its shell commands run."""
    return "".join(block.commands for block in blocks(page.read_text(encoding="utf-8")))


def has_commands(page: Path) -> bool:
    found = blocks(page.read_text(encoding="utf-8"))
    return any(block.kind == "sh" and not block.skipped for block in found)


RUN = [page for page in sorted(HOWTO.glob("*.md")) if has_commands(page)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A clone in which a small sweep of the name `quick` is finished."""
    clone = clone_to(tmp_path_factory.mktemp("finished") / "mlp-experiments", *MORE)
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
    (text,) = blocks_of("extend.md", "yaml")
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
