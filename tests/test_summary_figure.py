"""The summary: its lines are the planned pairs, its marks and intervals those of their tables."""

import json

import pytest
from matplotlib.lines import Line2D

from experiments.results import intervals
from experiments.schema import validate
from reports.figures import figure_files, marks, styled, write_pictures
from reports.figures.data import Frames
from reports.figures.pictures import summary
from tests import staged

TRUE = {"relu": 95.0, "tanh": 90.0, "sigmoid": 90.0}
PLANNED = [{"study": "s", "a": a, "b": "sigmoid"} for a in ("relu", "tanh")]


def made(folder, datasets=2, true=TRUE, **keys) -> Frames:
    """Return a sweep of some datasets; accuracies fall by a point from each to the next."""
    names = {
        f"d_{i}": {"source": "mnist1d", "options": {"samples": 200 + 10 * i}}
        for i in range(datasets)
    }
    study = {
        "title": "Hidden layers", "datasets": [*names], "compare": "hidden", "tune": "eta",
        "grid": {"hidden": [*true], "eta": [0.1, 1.0]},
    }  # fmt: skip
    settings = {"datasets": names, "seeds": staged.SEEDS, "studies": {"s": study}}
    config = validate(settings | {"headline": PLANNED} | keys)

    def accuracy(dataset, labels, stage):
        value = true[labels["hidden"]]
        return None if value is None else value - int(dataset.removeprefix("d_"))

    return Frames(
        staged.sweep(
            folder,
            config,
            accuracy,
            staged.chosen_is({}),
            values=lambda labels: ["0.1"],
            curves=False,
        )
    )


def drawn(frames: Frames):
    found = summary.measure(frames)
    with styled():
        return found, summary.draw(found)


def whiskers(panel) -> list[tuple[float, float]]:
    return [
        tuple(line.get_xdata())
        for line in panel.lines
        if len(line.get_xdata()) == 2 and line.get_linewidth() == pytest.approx(1.4)
    ]


def test_whiskers_and_marks_are_those_of_the_planned_table(tmp_path):
    frames = made(tmp_path)
    found, figure = drawn(frames)
    table = intervals(frames.results, frames.results.comparisons[0])
    left, right = figure.axes[0].get_xlim()
    assert -left == right > 0
    for panel, dataset in zip(figure.axes, ["d_0", "d_1"], strict=True):
        assert panel.get_title("center") == dataset.replace("_", " ")
        rows = table[table["dataset"] == dataset]
        ends = rows[["low", "high"]].clip(left, right).to_numpy()
        assert whiskers(panel) == [pytest.approx(tuple(row)) for row in ends]
        shapes = [
            line.get_marker() for line in panel.lines if line.get_marker() in ("D", "d", "s", "o")
        ]
        assert shapes == ["D", "s"]
    assert [line.name for line in found.lines] == ["relu over sigmoid", "tanh over sigmoid"]
    assert {row["verdict_kind"] for row in table.to_dict("records")} == {"relevant", "equivalent"}


def test_datasets_go_from_easy_to_hard_and_headings_are_titles(tmp_path):
    found, figure = drawn(made(tmp_path))
    assert list(found.datasets) == ["d_0", "d_1"]
    assert "Hidden layers" in {text.get_text() for text in figure.texts}


def test_the_words_begin_with_what_differs(tmp_path):
    planned = [{"study": "s", "a": a, "b": "sigmoid"} for a in ("tanh", "relu")]
    text = summary.alt(drawn(made(tmp_path, headline=planned))[0])
    assert text.index("relu over sigmoid: ahead on d 0 +5.0 [") < text.index("tanh over sigmoid")
    assert "tanh over sigmoid: equal on d 0, d 1" in text


def test_many_datasets_are_lines_and_pairs_are_columns(tmp_path):
    _, figure = drawn(made(tmp_path, datasets=8))
    assert len(figure.axes) == 2
    assert [panel.get_title("center") for panel in figure.axes] == [
        "relu over sigmoid", "tanh over sigmoid",
    ]  # fmt: skip
    names = [text.get_text() for text in figure.texts]
    assert names[:8] == [f"d {i}" for i in range(8)]
    assert all(len(whiskers(panel)) == 8 for panel in figure.axes)


def test_pairs_on_few_and_on_many_datasets_have_parts_of_their_own():
    row = {
        "verdict_kind": "equivalent", "difference": 0.1, "low": -0.2, "high": 0.4, "margin": 1.0,
        "instead": "",
    }  # fmt: skip
    names = [f"d{i}" for i in range(8)]
    lines = [
        summary.Line("few", "a over b", dict.fromkeys(names[:2], row)),
        summary.Line("many", "a over b", dict.fromkeys(names[:7], row)),
        summary.Line("many", "a over b", dict.fromkeys(names[1:], row)),
    ]
    with styled():
        figure = summary.draw(summary.Summary(lines, names, 0.95))
    assert [len(whiskers(panel)) for panel in figure.axes] == [1, 1, 7, 7]
    assert [text.get_text() for text in figure.axes[2].texts] == ["–"]


def test_an_arm_that_did_not_run_or_diverged_is_written_in_its_cell(tmp_path):
    frames = made(tmp_path, true=TRUE | {"relu": None})
    found, figure = drawn(frames)
    assert [text.get_text() for text in figure.axes[0].texts] == ["not compared"]
    assert "relu over sigmoid: not compared on d 0, d 1" in summary.alt(found)
    frames = made(tmp_path / "diverged")
    runs = frames.results.runs
    lost = runs["axis_hidden"] == "relu"
    runs.loc[lost, "status"] = "diverged"
    found, figure = drawn(Frames(frames.results))
    assert [text.get_text() for text in figure.axes[0].texts] == ["× diverged"]


def test_what_is_beyond_the_axis_is_an_arrow_with_its_number():
    figure = summary.Figure()
    panel = figure.subplots()
    panel.set_xlim(-5, 5)
    row = {"verdict_kind": "relevant", "difference": -23.4, "low": -25.0, "high": -21.0}
    marks.draw_interval(panel, 0, row)
    assert [text.get_text() for text in panel.texts] == ["−23.4"]
    assert [line.get_marker() for line in panel.lines] == ["<"]
    marks.draw_interval(panel, 1, row | {"difference": 4.0, "low": 2.0, "high": 6.0})
    assert [line.get_marker() for line in panel.lines[1:]] == ["None", ">", "D"]


def test_a_legend_names_only_what_is_shown():
    handles, names = marks.mark_handles({"identical", "inconclusive", "absent"})
    assert names == ["equal within the margin", "undecided"]
    assert [handle.get_marker() for handle in handles] == ["s", "o"]
    assert all(isinstance(handle, Line2D) for handle in handles)


def test_a_sweep_with_headline_pairs_has_it(tmp_path, monkeypatch):
    frames = made(tmp_path)
    config = frames.config
    assert {"summary.svg", "summary.json"} <= {*figure_files(config)}
    assert "summary.svg" not in figure_files(config.model_copy(update={"headline": []}))
    monkeypatch.setattr("reports.figures.pictures.picture_names", lambda config: ["summary"])
    write_pictures(frames.results, tmp_path / "figures")
    facts = json.loads((tmp_path / "figures" / "summary.json").read_text(encoding="utf-8"))
    assert facts["alt"].startswith("Differences in test accuracy")
    assert "95 %" in facts["caption"]
