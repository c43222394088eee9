"""The map of the tuned setting: its numbers by hand, its crosses, its bold cells."""

import numpy as np
import pandas as pd
import pytest

from experiments import statistics
from experiments.schema import comparisons
from reports.figures import figure_names
from reports.figures.kinds import KINDS
from tests import staged
from tests.pages import drawn

LOST = {"0.1": 4.0, "1": 0.0, "3": 30.0}  # points of relu; the others lose half of it


def made(folder):
    """Return a sweep of two datasets, the second 10 points harder, without any spread."""
    config = staged.config(("digits", "iris"))

    def validation(labels):
        return 90.0 - (1 if labels["hidden"] == "relu" else 0.5) * LOST[labels["eta"]]

    def accuracy(dataset, labels, stage):
        """The test part, which chooses nothing, would choose another value."""
        return 80.0 - validation(labels) / 2

    results = staged.sweep(
        folder, config, accuracy, validation, spread=0.0, confirming=False, curves=False
    )
    runs = results.runs
    runs["validation_accuracy"] = runs["validation_accuracy"].round(3)  # without its noise
    runs.loc[runs["dataset"] == "iris", "validation_accuracy"] -= 0.1
    return results


def texts(panel) -> dict[tuple[int, int], str]:
    return {tuple(text.get_position()[::-1]): text.get_text() for text in panel.texts}


def test_cells_are_the_points_lost_against_the_best_of_the_row(tmp_path):
    drawing = drawn("stepmap", made(tmp_path))
    (panel,) = drawing.figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["relu", "tanh", "sigmoid"]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["0.1", "1", "3"]
    shown = texts(panel)
    assert [shown[0, column] for column in range(3)] == ["4.0", "0.0", "30.0"]
    assert [shown[1, column] for column in range(3)] == ["2.0", "0.0", "15.0"]
    bold = {text.get_position()[0] for text in panel.texts if text.get_fontweight() == "bold"}
    assert bold == {1}
    assert drawing.alt.startswith("One step size for all: 1 loses least, 0.0 points on average.")
    assert "relu: least at 1, 0.0" in drawing.alt
    assert len(drawing.runs) == 2 * 9 * staged.SEEDS


def test_what_diverged_is_a_cross_and_what_never_ran_a_dash(tmp_path):
    results = made(tmp_path)
    runs = results.runs
    three, iris = runs["axis_eta"] == "3", runs["dataset"] == "iris"
    columns = ["status", "test_accuracy", "validation_accuracy"]
    runs.loc[three & iris & (runs["axis_hidden"] == "relu"), columns] = "diverged", 0.0, 0.0
    runs.loc[three & (runs["axis_hidden"] == "tanh"), columns] = "skipped", np.nan, np.nan
    drawing = drawn("stepmap", results)
    shown = texts(drawing.figure.axes[0])
    assert (shown[0, 2], shown[1, 2]) == ("×", "–")
    assert "relu: least at 1, 0.0, diverged at 3" in drawing.alt


def test_lost_is_a_mean_over_datasets():
    rows = [
        ("d1", "", "a", 0.1, 5, 0, 0.9), ("d1", "", "a", 1.0, 5, 0, 0.8),
        ("d2", "", "a", 0.1, 5, 0, 0.5), ("d2", "", "a", 1.0, 5, 2, 0.7),
    ]  # fmt: skip
    columns = ["dataset", "facet", "arm", "tuned", "n", "diverged", "validation_accuracy"]
    found = statistics.points_lost(pd.DataFrame(rows, columns=columns))
    assert found.loc["", "a"].to_dict() == pytest.approx({0.1: 10.0, 1.0: 5.0})


def test_only_tuned_comparisons_of_a_size_to_read_have_it():
    assert "s-hidden-stepmap" in figure_names(staged.config())
    grid = staged.GRID | {"eta": [0.1]}
    assert "s-hidden-stepmap" not in figure_names(staged.config(grid=grid))
    grid = staged.GRID | {"epochs": list(range(1, 20))}
    assert "s-hidden-stepmap" not in figure_names(staged.config(grid=grid))


def test_the_main_page_shows_it_if_a_chapter_has_no_other():
    config = staged.config()
    (comparison,) = comparisons(config)
    assert KINDS["stepmap"].place(config, comparison) == 3
