"""The figure of mean ranks, which needs enough datasets for a test over them."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from experiments.base.identity import canonical
from experiments.results.sweep import Results
from experiments.schema import validate
from experiments.schema.compared import comparisons
from reports.figures import figure_names
from reports.figures.data import ROOT
from tests.pages import drawn

ARMS = ["sigmoid", "tanh", "relu", "heaviside"]
DOWN = (0.0, 0.1, 0.2, 0.3)


def config(datasets: int, **statistics):
    named = {
        f"d{i}": {"source": "mnist1d", "options": {"samples": 200 + 10 * i}}
        for i in range(datasets)
    }
    study = {"datasets": list(named), "grid": {"hidden": ARMS}, "compare": "hidden"}
    return validate({"datasets": named, "seeds": 8, "studies": {"s": study | statistics}})


def made_up(folder, settings, below=DOWN, noise=0.01, absent=()) -> Results:
    """Write runs in which each arm is so far below the first one, but for noise."""
    rng = np.random.default_rng(0)
    rows = [
        {"run_id": f"{d}{s}{arm}", "study": "s", "dataset": d, "seed": s,
         "status": "missing" if (d, arm) in absent else "ok",
         "stage": "tune", "split_index": None, "index": None, "split": "fixed",
         "labels": canonical({"hidden": arm}),
         "test_accuracy": 0.9 - gap + noise * rng.normal(),
         "validation_accuracy": 0.9, "validation_cost": 0.1}
        for d in settings.datasets for s in range(8) for arm, gap in zip(ARMS, below, strict=True)
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
    return Results(folder, settings)


def bars(drawing) -> list[list[int]]:
    """Return the rows that each bar joins."""
    lines = drawing.figure.axes[0].lines
    return [list(line.get_ydata()) for line in lines if line.get_color() == "#4b5563"]


def test_the_figure_is_planned_if_it_can_say_something():
    assert "s-hidden-ranks" in figure_names(config(20))
    assert "s-hidden-ranks" not in figure_names(config(19))


def test_arms_that_differ_are_joined_by_no_bar(tmp_path):
    results = made_up(tmp_path, config(20))
    drawing = drawn("ranks", results)
    assert "sigmoid 1.00, tanh 2.00, relu 3.00, heaviside 4.00" in drawing.alt
    assert "not told apart: none" in drawing.alt
    assert bars(drawing) == []
    assert next(comparisons(results.config)).name == "s-hidden"
    (panel,) = drawing.figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ARMS


@pytest.mark.parametrize("noise", [0.01, 0.0])
def test_arms_that_tie_are_joined_also_if_they_are_equal(tmp_path, noise):
    drawing = drawn("ranks", made_up(tmp_path, config(20), (0.0, 0.0, 0.2, 0.4), noise))
    assert "not told apart: " in drawing.alt
    assert len(bars(drawing)) == 1
    assert set(bars(drawing)[0]) == {0, 1}


def test_a_pair_that_was_not_tested_is_not_called_a_tie(tmp_path):
    settings = config(20, pairs=[["sigmoid", "relu"]])
    drawing = drawn("ranks", made_up(tmp_path, settings, (0.0, 0.0, 0.0, 0.0)))
    assert len(bars(drawing)) == 1
    assert {"sigmoid", "relu"} == set(drawing.alt.split("apart: ")[1].rstrip(".").split(" and "))


def test_too_few_complete_datasets_give_ranks_without_bars(tmp_path):
    absent = {("d0", "tanh"), ("d1", "relu")}
    drawing = drawn("ranks", made_up(tmp_path, config(20), (0.0, 0.0, 0.0, 0.0), absent=absent))
    assert bars(drawing) == []
    assert "too few datasets" in drawing.alt


SCRIPT = """
import sys
from pathlib import Path
from tests.test_ranks_figure import config, drawn, made_up
from reports.figures.svg import save
drawing = drawn("ranks", made_up(Path(sys.argv[1]), config(20), (0.0, 0.0, 0.2, 0.2)))
save(drawing.figure, Path(sys.argv[1]) / "ranks", ["svg", "pdf"])
"""


def test_the_bytes_do_not_depend_on_the_order_of_sets(tmp_path):
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path / seed)],
            cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True,
        )  # fmt: skip
    for ending in ("svg", "pdf"):
        first, second = ((tmp_path / s / f"ranks.{ending}").read_bytes() for s in "12")
        assert first == second
