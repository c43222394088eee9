"""The gap over the epochs: it ends where the table of pairs says, with the mark of its verdict."""

import doctest

import pandas as pd
import pytest

from experiments.results import intervals
from experiments.schema import comparisons, load
from reports.figures import figure_names
from reports.figures.kinds import KINDS, gap
from tests import staged
from tests.pages import drawn

PLANNED = [{"study": "s", "a": "relu", "b": "sigmoid"}]
TRUE = {"relu": 92.0, "tanh": 90.0, "sigmoid": 90.0}
EPOCHS = 20


def config(**keys):
    return staged.config(("digits", "iris"), **{"headline": PLANNED} | keys)


def made(folder, config, confirming=True):
    """Return a sweep in which relu is 10 points behind before training and gains in each epoch."""
    results = staged.sweep(
        folder, config, lambda dataset, labels, stage: TRUE[labels["hidden"]],
        staged.chosen_is({}), values=lambda labels: ["0.1"], curves=False, confirming=confirming,
    )  # fmt: skip

    def accuracy(runs, epoch):
        behind = 0.12 * (runs["axis_hidden"] == "relu")
        return runs["test_accuracy"] - behind * (1 - epoch / EPOCHS)

    return staged.with_epochs(results, EPOCHS, accuracy)


@pytest.mark.parametrize("confirming", [True, False])
def test_the_line_ends_at_the_difference_of_the_table(tmp_path, confirming):
    results = made(tmp_path, config(), confirming)
    drawing = drawn("gap", results)
    table = intervals(results, results.comparisons[0]).set_index("dataset")
    assert len(drawing.figure.axes) == 2
    for panel, dataset in zip(drawing.figure.axes, ["digits", "iris"], strict=True):
        line = next(line for line in panel.lines if len(line.get_xdata()) > 5)
        x, y = line.get_xdata(), line.get_ydata()
        assert (x[0], x[-1]) == (1, EPOCHS)
        assert y[-1] == pytest.approx(table.loc[dataset, "difference"])
        assert y[0] == pytest.approx(y[-1] - 12 * (1 - 1 / EPOCHS))
        assert panel.get_xscale() == "log"
        mark = next(line for line in panel.lines if line.get_marker() in ("D", "o", "s"))
        assert mark.get_ydata() == pytest.approx([table.loc[dataset, "difference"]])
        low, high = panel.get_ylim()
        assert low == -high < -2
    assert "relu over sigmoid: ahead on digits +2" in drawing.alt
    planned = results.evidence(results.comparisons[0])
    assert drawing.runs == set(planned.loc[planned["arm"] != "tanh", "run_id"])


def test_the_band_at_the_end_is_the_interval_of_the_verdict(tmp_path):
    results = made(tmp_path, config())
    drawing = drawn("gap", results)
    row = intervals(results, results.comparisons[0]).set_index("dataset").loc["digits"]
    panel = drawing.figure.axes[0]
    band = next(patch for patch in panel.patches if len(patch.get_xy()) > 10)
    ends = [y for x, y in band.get_xy() if x == EPOCHS]
    assert min(ends) == pytest.approx(row["low"], abs=0.05)
    assert max(ends) == pytest.approx(row["high"], abs=0.05)


def test_what_cannot_be_drawn_is_said(tmp_path):
    results = made(tmp_path, config())
    lost = (results.runs["axis_hidden"] == "relu") & (results.runs["dataset"] == "iris")
    results.runs.loc[lost, "status"] = "diverged"
    panel = drawn("gap", results).figure.axes[1]
    assert [text.get_text() for text in panel.texts] == ["× relu diverged"]


def test_arms_of_other_lengths_have_no_difference(tmp_path):
    results = made(tmp_path, config())
    curves = pd.read_parquet(tmp_path / "curves.parquet")
    relu = set(results.runs.loc[results.runs["axis_hidden"] == "relu", "run_id"])
    short = curves[~(curves["run_id"].isin(relu) & (curves["epoch"] > 5))]
    short.to_parquet(tmp_path / "curves.parquet", index=False)
    panel = drawn("gap", results).figure.axes[0]
    assert [text.get_text() for text in panel.texts] == ["other numbers\nof epochs"]


def test_planned_pairs_of_few_datasets_have_it():
    assert "s-hidden-gap" in figure_names(config())
    assert "s-hidden-gap" not in figure_names(staged.config())
    tables = load("experiments/config/default.yaml")
    assert "init_on_tables-init-gap" not in figure_names(tables)  # 20 datasets


def test_the_main_page_shows_it_for_initial_weights_only():
    kind, config = KINDS["gap"], load("experiments/config/default.yaml")
    found = {c.axis: kind.place(config, c) for c in comparisons(config)}
    assert found["init"] == 1
    assert {place for axis, place in found.items() if axis != "init"} == {0}


def test_the_names_of_a_row_are_cut_from_the_end():
    test = {"verdict_kind": "inconclusive", "difference": 0.0, "low": -1.0, "high": 1.0}
    rows = {"a": test | {"verdict_kind": "relevant", "difference": 3.0}, "b": test}
    row = gap.Row(("x_1", "y"), "epochs 3", rows, {})
    assert row.name(True) == "x 1 over y, epochs 3"
    assert row.ends(False) == "ahead on a; undecided on b"
    assert row.ends(False, 12) == "ahead on a"


def test_examples_in_docstrings_hold():
    failed, tried = doctest.testmod(gap)
    assert tried
    assert not failed
