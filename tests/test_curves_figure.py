"""Learning curves: the error of good datasets on a log axis, a cross for what diverged."""

import numpy as np
import pytest

from tests import staged
from tests.pages import drawn

TRUE = {"digits": 96.0, "iris": 80.0}


def made(folder, true=TRUE, spread=0.5):
    results = staged.sweep(
        folder, staged.config([*true]), lambda dataset, labels, stage: true[dataset],
        staged.chosen_is({}), spread=spread, confirming=False, curves=False,
    )  # fmt: skip
    return staged.with_epochs(results, 8, lambda runs, epoch: runs["test_accuracy"])


def mean_lines(panel):
    return [line for line in panel.lines if line.get_marker() in ("o", "s", "^", "v", "D", "P")]


def test_the_error_is_drawn_where_all_means_are_high(tmp_path):
    drawing = drawn("curves", made(tmp_path))
    high, low = drawing.figure.axes
    assert (high.get_yscale(), low.get_yscale()) == ("log", "linear")
    assert [text.get_text() for text in high.texts] == ["error, log"]
    assert not low.texts
    for panel, about in ((high, 4.0), (low, 80.0)):
        assert len(mean_lines(panel)) == 3
        for line in mean_lines(panel):
            assert line.get_ydata() == pytest.approx(about, abs=0.8)
    assert "half a test sample" in drawing.caption
    assert "digits: " in drawing.alt
    assert "96." in drawing.alt


def test_no_error_is_half_a_test_sample(tmp_path):
    results = made(tmp_path, {"digits": 100.0}, spread=0.0)
    (panel,) = drawn("curves", results).figure.axes
    least = 50 / results.samples("digits")["test"]
    for line in mean_lines(panel):
        assert line.get_ydata() == pytest.approx(least)
    assert np.isfinite(panel.get_ylim()).all()


def test_an_arm_that_diverged_is_a_cross_and_no_zero(tmp_path):
    results = made(tmp_path)
    lost = results.runs["axis_hidden"] == "relu"
    results.runs.loc[lost, ["status", "test_accuracy"]] = "diverged", 0.0
    high, low = drawn("curves", results).figure.axes
    assert high.get_yscale() == "log"
    for panel in (high, low):
        assert len(mean_lines(panel)) == 2
        (cross,) = [line for line in panel.lines if line.get_marker() == "x"]
        assert cross.get_ydata() == [0]  # the axis
        assert min(line.get_ydata().min() for line in mean_lines(panel)) > 1
