"""Figures are kept while what they follow from is unchanged, and are as if drawn anew."""

import copy
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from experiments.probes import write_probes
from experiments.results import Results, curve_digests
from experiments.schema import Config, frozen_config, validate
from experiments.schema.frozen import freeze
from reports.figures import Frames, Kept, write_figures, write_pictures
from tests.sweeps import TINY, Sweep

TWO = copy.deepcopy(TINY) | {"title": "Small", "seeds": 6}
TWO["studies"]["activations"] |= {"title": "Which?", "question": "Which is best?"}
TWO["studies"]["steps"] = {
    **copy.deepcopy(TWO["studies"]["activations"]),
    "grid": {"hidden": ["relu", "tanh"], "eta": [0.1, 1.0]},
}


def with_study(name: str, **keys) -> dict:
    content = copy.deepcopy(TWO)
    content["studies"][name] |= keys
    return content


PLANNED = [
    {"study": study, "a": a, "b": "tanh"}
    for study, a in (("activations", "sigmoid"), ("steps", "relu"))
]
SUMMARY = {"summary"}
PICTURES = {"probes-path", "probes-start"}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """The results of a sweep whose figures are drawn and noted."""
    sweep = Sweep(tmp_path_factory.mktemp("kept"), TWO).finish()
    freeze(sweep.plan.config, "small.yaml", sweep.results)
    write_probes(sweep.results / "probes")
    draw(sweep.results)
    return sweep.results


@pytest.fixture
def results(drawn, tmp_path) -> Iterator[Path]:
    """The same, which a test may change: it is put back. (The captions name the folder.)"""
    backup = shutil.copytree(drawn, tmp_path / "backup")
    yield drawn
    shutil.rmtree(drawn)
    shutil.copytree(backup, drawn)


def draw(results: Path, config: Config | None = None, keep: bool = True) -> set[str]:
    """Draw the figures; return the names of those that were drawn and not kept."""
    found = Results(results, config or frozen_config(results))
    folder = results / "figures"
    before = {path.stem: path.stat().st_ino for path in folder.glob("*.svg")}
    for path in folder.glob("*.svg"):
        os.link(path, results / path.name)  # so that no new file has its inode
    kept = Kept(Frames(found), folder) if keep else None
    write_figures(found, folder, kept=kept)
    write_pictures(found, folder, kept=kept)
    if kept:
        kept.save()
    for path in results.glob("*.svg"):
        path.unlink()
    return {p.stem for p in folder.glob("*.svg") if before.get(p.stem) != p.stat().st_ino}


def contents(results: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (results / "figures").iterdir()}


def of_study(results: Path, name: str) -> set[str]:
    return {path.stem for path in (results / "figures").glob(f"{name}*.svg")}


def check_as_new(results: Path, config: Config | None = None) -> None:
    """Check that kept and new drawings together are those of a folder in which all are new."""
    found = contents(results)
    shutil.rmtree(results / "figures")
    draw(results, config, keep=False)
    assert found == contents(results)


def test_nothing_changed_and_nothing_is_drawn(results):
    assert draw(results) == set()


@pytest.mark.parametrize(
    ("content", "again"),
    [
        (with_study("steps", title="Another", question="Another?") | {"title": "Other"}, set()),
        (with_study("steps", pairs=[["relu", "tanh"]]), {"steps"}),
        pytest.param(
            TWO | {"statistics": {"level": 0.2}}, {"activations", "steps"}, marks=pytest.mark.slow
        ),
        pytest.param(
            TWO | {"headline": PLANNED},
            {"activations", "steps"} | SUMMARY,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_changed_config_draws_what_shows_it(results, content, again):
    config = validate(content)
    found = draw(results, config)
    assert found == set().union(*(of_study(results, name) for name in again))
    if not again:
        check_as_new(results, config)


@pytest.mark.slow
def test_a_title_that_the_summary_shows_draws_the_summary(results):
    draw(results, validate(TWO | {"headline": PLANNED}))
    config = validate(with_study("steps", title="Another") | {"headline": PLANNED})
    assert draw(results, config) == SUMMARY


@pytest.mark.slow
def test_a_changed_run_draws_the_figures_of_its_study(results):
    runs = pd.read_parquet(results / "runs.parquet")
    mine = runs.index[runs["study"] == "steps"][0]
    runs.loc[mine, "test_accuracy"] += 0.1
    runs.to_parquet(results / "runs.parquet", index=False)
    assert draw(results) == of_study(results, "steps")


def test_a_changed_epoch_draws_the_figures_of_its_study(results):
    runs = pd.read_parquet(results / "runs.parquet", columns=["run_id", "study"])
    own = set(runs.loc[runs["study"] == "steps", "run_id"])
    own -= set(runs.loc[runs["study"] != "steps", "run_id"])
    curves = pd.read_parquet(results / "curves.parquet")
    row = curves.index[curves["run_id"].isin(own)][1]
    curves.loc[row, "test_accuracy"] += 0.1
    curves.to_parquet(results / "curves.parquet", index=False)
    assert draw(results) == of_study(results, "steps")
    check_as_new(results)


@pytest.mark.slow
def test_a_changed_probe_draws_its_picture(results):
    table = results / "probes/path.csv"
    rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join(rows[:-1]))
    assert draw(results) == {"probes-path"}


@pytest.mark.slow
@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_text("x")])
def test_a_damaged_drawing_is_drawn_again(results, damage):
    path = min((results / "figures").glob("*.svg"))
    whole = path.read_bytes()
    damage(path)
    draw(results)
    assert path.read_bytes() == whole


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", '{"drawings": {"a": 1}, "epochs": {}}'])
def test_without_a_sound_note_everything_is_drawn(results, text):
    (results / "drawn.json").write_text(text)
    every = {path.stem for path in (results / "figures").glob("*.svg")}
    assert draw(results) == every
    assert every > PICTURES


@pytest.mark.slow
def test_other_code_draws_everything(results, monkeypatch):
    monkeypatch.setattr("experiments.base.closure.code", lambda *roots: "other")
    assert draw(results) == {path.stem for path in (results / "figures").glob("*.svg")}


def test_the_curves_of_other_runs_and_the_cut_of_the_file_change_no_digest(results):
    curves = pd.read_parquet(results / "curves.parquet")
    runs = list(dict.fromkeys(curves["run_id"]))
    groups = {"a": runs[:5], "b": runs[3:], "none": []}
    found = curve_digests(results, groups)
    assert len({*found.values()}) == 3
    curves.to_parquet(results / "curves.parquet", index=False, row_group_size=7)
    assert curve_digests(results, groups) == found
    curves[curves["run_id"].isin(runs[:5])].to_parquet(results / "curves.parquet", index=False)
    assert curve_digests(results, groups)["a"] == found["a"]
    assert curve_digests(results, groups)["b"] != found["b"]
