"""Figures at the size of print: what is drawn is what the program computes and recorded."""

import json
import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from experiments.results.sweep import Results
from experiments.schema import validate
from reports.figures import figure_names
from reports.figures.compact import HALF, Layout, lay_out, spread
from reports.figures.drawing import styled
from tests.pages import at_the_size_of_print, drawn
from tests.sweeps import Sweep

EPOCHS, BATCH, TRAIN = 9, 20, 90  # iris has 150 samples, of which 90 are trained with
AXES = {
    "hidden": ["sigmoid", "tanh", "relu", "heaviside"],
    "init": ["large", "default", "fan_in"],
    "schedule": ["constant", "inverse", "cosine"],
    "update": ["batch", "epoch"],
}
KINDS_OF = {"hidden": "neurons", "init": "weights", "schedule": "schedules", "update": "passes"}


def study(axis, **grid):
    base = {"layers": [4], "epochs": EPOCHS, "batch_size": BATCH}
    return {
        "datasets": ["iris", "wine"],
        "base": {k: v for k, v in base.items() if k not in grid},
        "grid": {axis: AXES[axis], "eta": [0.1, 1.0]} | grid,
        "compare": axis,
        "tune": "eta",
    }


CONTENT = {
    "seeds": 2,
    "confirm": {"splits": 4, "seeds": 1},
    "studies": {
        "h": study("hidden"),
        "i": study("init"),
        "s": study("schedule"),
        "u": study("update", epochs=[EPOCHS, {"as_many_updates_as": 6}]),
    },
}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    sweep = Sweep(tmp_path_factory.mktemp("compact"), CONTENT, "compact")
    sweep.train()
    sweep.collect()
    return Results(sweep.results, sweep.plan.config)


# ---------------------------------------------------------------- layout


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8), st.floats(1, 12))
def test_names_stay_in_order_and_apart(places, least):
    found = spread(places, least)
    order = np.argsort(places, kind="stable")
    assert all(b - a >= least - 1e-6 for a, b in pairwise(found[order]))
    assert np.mean(found) == pytest.approx(np.mean(places), abs=1e-6)
    apart = least * np.arange(len(places)) * 1.5
    np.testing.assert_allclose(spread(apart, least), apart, atol=1e-9)


def test_letters_are_for_several_panels():
    with styled():
        one, two = Figure(), Figure()
        lay_out(one, ["alone"], 1, Layout(HALF), "Finding", "unit")
        lay_out(two, ["x", "y"], 2, Layout(), "Finding", "unit")
    assert [t.get_text() for t in one.axes[0].texts] == ["alone"]
    assert [[t.get_text() for t in panel.texts] for panel in two.axes] == [["a", "x"], ["b", "y"]]


# ---------------------------------------------------------------- kinds


@pytest.mark.parametrize("axis", AXES)
def test_a_kind_is_drawn_where_its_axis_is_compared(axis):
    names = figure_names(validate({"studies": {"q": study(axis)}}))
    assert {kind for kind in KINDS_OF.values() if f"q-{axis}-{kind}" in names} == {KINDS_OF[axis]}
    assert f"q-{axis}-train_test" in names


def test_neurons_are_the_notes(results):
    drawing = drawn("neurons", results)
    at_the_size_of_print(drawing.figure)
    names = [panel.texts[1].get_text() for panel in drawing.figure.axes]
    assert names[0] == "sigmoid, (13)–(14)"
    assert names[3] == "heaviside, (21)–(22)"
    truth = {  # value and slope
        0: (lambda z: 1 / (1 + np.exp(-z)), lambda z: 0.25 / np.cosh(z / 2) ** 2),
        1: (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        2: (lambda z: np.where(z > 0, z, 0), lambda z: np.where(z >= 0, 1, 0)),
        3: (lambda z: np.where(z >= 0, 1, 0), lambda z: 0 * z),
    }
    for at, functions in truth.items():
        for line, function in zip(drawing.figure.axes[at].lines, functions, strict=True):
            np.testing.assert_allclose(line.get_ydata(), function(line.get_xdata()), atol=1e-12)
    assert "1 with tanh and relu, 0.25 with sigmoid, 0 with heaviside" in drawing.alt


def test_schedules_are_drawn_over_the_epochs_of_the_study(results):
    drawing = drawn("schedules", results)
    at_the_size_of_print(drawing.figure)
    (panel,) = drawing.figure.axes
    constant, inverse, cosine = (line.get_ydata() for line in panel.lines)
    i = np.arange(EPOCHS)
    np.testing.assert_allclose(constant, 1)
    np.testing.assert_allclose(inverse, 1 - i / (1 + EPOCHS))  # (23)
    np.testing.assert_allclose(cosine, np.cos(np.pi * i / EPOCHS / 2) ** 2, atol=1e-12)
    assert [t.get_text() for t in panel.texts] == ["constant", "inverse\xa0(23)", "cosine"]
    assert "20\xa0% of the first, not 0" in drawing.figure.texts[0].get_text().replace("\n", " ")


def _curves(results, study_name, dataset, label):
    """Return the recorded epochs of a study's tuning runs on a dataset with that label."""
    runs = results.runs
    mine = runs[(runs["study"] == study_name) & (runs["dataset"] == dataset)]
    mine = mine[(mine["stage"] == "tune") & mine["labels"].map(lambda t: label(json.loads(t)))]
    curves = pd.read_parquet(results.folder / "curves.parquet")
    return mine, curves[curves["run_id"].isin(mine["run_id"])]


def test_weights_are_those_before_training(results):
    drawing = drawn("weights", results)
    at_the_size_of_print(drawing.figure)
    panel, arms = drawing.figure.axes[0], AXES["init"]
    dots = [line for line in panel.lines if line.get_marker() != "|"]
    for row, arm in enumerate(arms):
        _, curves = _curves(results, "i", "iris", lambda labels, arm=arm: labels["init"] == arm)
        start = curves[curves["epoch"] == 0]
        shown = [line.get_xdata()[0] for line in dots if abs(line.get_ydata()[0] - row) < 0.3]
        columns = start[["weight_rms_1", "weight_rms_2", "logit_rms"]]  # the same at each eta
        np.testing.assert_allclose(shown, np.exp(np.log(columns).mean()), rtol=1e-6)
    defined = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "|"]
    by_hand = [1, 1, TRAIN**-0.5, TRAIN**-0.5, 4**-0.5, 4**-0.5]  # the network is 4-4-3
    assert defined == pytest.approx(by_hand)
    assert "times smaller than those of large" in drawing.figure.texts[0].get_text()


def test_only_some_datasets_have_a_panel_of_weights():
    facts = {f"d{i}": {"source": "mnist1d", "options": {"samples": 200 + 10 * i}} for i in range(9)}
    asked = study("init") | {"datasets": list(facts)}
    names = figure_names(validate({"datasets": facts, "studies": {"q": asked}}))
    assert [name for name in names if "weights" in name] == ["q-init-weights"]


def test_passes_and_updates_show_the_same_runs(results):
    drawing = drawn("passes", results)
    at_the_size_of_print(drawing.figure)
    passes, updates = drawing.figure.axes[:2]
    a_pass = math.ceil(TRAIN / BATCH)  # in updates
    assert passes.texts[1].get_text() in ("iris", "wine")
    lines = [[line for line in p.lines if len(line.get_xdata()) > 2] for p in (passes, updates)]
    for (left, right), factor in zip(zip(*lines, strict=True), (6, 1), strict=True):
        assert factor in (a_pass + 1, 1)  # wine, which is first, has 107 samples
        np.testing.assert_allclose(right.get_xdata(), factor * left.get_xdata())
        np.testing.assert_array_equal(right.get_ydata(), left.get_ydata())
    assert lines[0][1].get_xdata()[-1] == 6 * 6  # its longest runs, of equally many updates
    assert lines[0][0].get_xdata()[-1] == EPOCHS
    assert f"wine after {EPOCHS} passes" in drawing.alt
    assert "wine after 36 updates" in drawing.alt


def test_errors_are_those_that_were_recorded(results):
    drawing = drawn("passes", results)
    runs, curves = _curves(results, "u", "wine", lambda labels: labels["update"] == "batch")
    longest = runs[(runs["epochs"] == EPOCHS) & runs["run_id"].isin(drawing.runs)]
    assert longest["eta"].nunique() == 1  # the chosen one
    mine = curves[curves["run_id"].isin(longest["run_id"]) & (curves["epoch"] > 0)]
    errors = 100 * (1 - mine.groupby("epoch")["test_accuracy"].mean())
    np.testing.assert_allclose(drawing.figure.axes[0].lines[0].get_ydata(), errors)


def test_dumbbells_are_the_means_of_the_confirming_runs(results):
    drawing = drawn("train_test", results)
    at_the_size_of_print(drawing.figure)
    runs = results.runs
    mine = runs[(runs["study"] == "h") & (runs["stage"] == "confirm")]
    mine = mine[mine["run_id"].isin(drawing.runs)]
    arm = mine["labels"].map(lambda text: json.loads(text)["hidden"])
    means = 100 * mine.groupby(["dataset", arm])[["train_accuracy", "test_accuracy"]].mean()
    panel = drawing.figure.axes[0]
    order = [label.get_text() for label in panel.get_yticklabels()]
    assert sorted(order) == sorted(AXES["hidden"])
    bars = [line for line in panel.lines if len(line.get_xdata()) == 2]
    shown = {order[round(line.get_ydata()[0])]: tuple(line.get_xdata()) for line in bars}
    assert shown == {a: pytest.approx(tuple(means.loc["iris", a])) for a in AXES["hidden"]}
    tests = means["test_accuracy"].groupby("labels").mean()
    assert list(tests[order]) == sorted(tests, reverse=True)


def test_runs_without_train_accuracies_leave_panels_empty(results, monkeypatch):
    runs = results.runs.drop(columns="train_accuracy")
    monkeypatch.setattr(Results, "runs", runs)
    drawing = drawn("train_test", Results(results.folder, results.config))
    assert "no runs" in [text.get_text() for text in drawing.figure.axes[0].texts]
    assert drawing.alt.endswith("No runs.")
