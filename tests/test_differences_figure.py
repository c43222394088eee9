"""The figure of differences: its interval, its mark and its words come from one interval."""

import numpy as np
import pytest

from experiments.results import Results, paired_tests
from experiments.schema import validate
from reports.figures import figure_names
from reports.figures.grids import grids
from tests import staged
from tests.pages import drawn

GRID = {"hidden": ["relu", "tanh", "sigmoid"], "eta": [0.1, 1.0]}
LEADS = {"relu": 95.0, "tanh": 95.0, "sigmoid": 90.0}


def config(datasets=2, arms=(), **keys):
    arms = {"grid": GRID | {"hidden": list(arms)}} if arms else {}
    names = {
        f"d{i}": {"source": "mnist1d", "options": {"samples": 200 + 10 * i}}
        for i in range(datasets)
    }
    study = {"datasets": list(names), "grid": GRID, "compare": "hidden", "tune": "eta"}
    content = {"datasets": names, "seeds": staged.SEEDS, "studies": {"s": study | arms}}
    return validate(content | keys)


def made(folder, settings) -> Results:
    return staged.sweep(
        folder, settings,
        lambda dataset, labels, stage: LEADS[labels["hidden"]],
        staged.chosen_is({}),
        values=lambda labels: ["0.1"], curves=False,
    )  # fmt: skip


def test_only_confirmed_studies_have_the_figure():
    assert "s-hidden-differences" in figure_names(config())
    assert "s-hidden-differences" not in figure_names(config(confirm="none"))
    six = config(arms=("relu", "tanh", "sigmoid", "heaviside"))
    assert "s-hidden-differences" in figure_names(six)
    many = {"arms": ("relu", "tanh", "sigmoid", "heaviside", "identity")}
    assert "s-hidden-differences" not in figure_names(config(**many))
    planned = [{"study": "s", "a": "relu", "b": "tanh"}]
    assert "s-hidden-differences" in figure_names(config(**many, headline=planned))


def test_intervals_are_those_of_the_table(tmp_path):
    results = made(tmp_path, config())
    drawing = drawn("differences", results)
    comparison = results.comparisons[0]
    tests = paired_tests(results, comparison)
    ends = [
        tuple(line.get_xdata())
        for panel in drawing.figure.axes
        for line in panel.lines
        if line.get_linewidth() == pytest.approx(1.4) and len(line.get_xdata()) == 2
    ]
    assert ends == [
        pytest.approx(tuple(row))
        for _, pair in tests.groupby(["a", "b"], sort=False)
        for row in pair[["low", "high"]].to_numpy()
    ]
    marks = {
        (kind, line.get_marker(), line.get_markerfacecolor())
        for panel, (_, pair) in zip(
            drawing.figure.axes, tests.groupby(["a", "b"], sort=False), strict=True
        )
        for line, kind in zip(
            [line for line in panel.lines if line.get_marker() in "Ddso"],
            pair["verdict_kind"], strict=True,
        )
    }  # fmt: skip
    assert marks == {("relevant", "D", "#0072b2"), ("equivalent", "s", "#111820")}
    assert drawing.runs == set(results.evidence(comparison)["run_id"])


def _texts(drawing) -> list[str]:
    return [text.get_text() for text in drawing.figure.texts]


def test_the_sentence_over_datasets_has_its_figure(tmp_path):
    settings = config(20, headline=[{"study": "s", "a": "relu", "b": "sigmoid"}])
    drawing = drawn("differences", made(tmp_path, settings))
    (panel,) = drawing.figure.axes
    names = [label.get_text() for label in panel.get_yticklabels()]
    assert names[-3:] == ["typical dataset", "next dataset", "probability"]
    shares = [bar.get_width() for bar in panel.patches if bar.get_y() > 20]
    assert sum(shares) == pytest.approx(1.0)
    assert shares[-1] > 0.99  # relu, the first arm, is better: the right end
    assert "relu − sigmoid: ahead on 20 of 20 datasets" in _texts(drawing)
    assert "planned pairs" in drawing.caption
    assert "next dataset is expected" in drawing.caption
    assert np.isfinite(panel.get_xlim()).all()


def test_few_datasets_are_not_summed_up(tmp_path):
    drawing = drawn("differences", made(tmp_path, config()))
    assert "typical dataset" not in drawing.caption


def test_a_planned_pair_is_drawn_as_it_was_planned(tmp_path):
    """The table over the datasets has relu first; the plan has sigmoid first."""
    settings = config(20, headline=[{"study": "s", "a": "sigmoid", "b": "relu"}])
    drawing = drawn("differences", made(tmp_path, settings))
    assert "sigmoid − relu: behind on 20 of 20 datasets" in _texts(drawing)
    (panel,) = drawing.figure.axes
    shares = [bar.get_width() for bar in panel.patches if bar.get_y() > 20]
    assert shares[0] > 0.99
    typical = next(line for line in panel.lines if line.get_linewidth() == 2.6)
    assert max(typical.get_xdata()) < 0


def test_the_cells_of_a_heat_map_are_those_of_the_confirming_runs(tmp_path):
    """Two cells are equal; the others are 5 points below, which tuning does not show."""
    grid = GRID | {"init": ["large", "fan_in"]}
    study = {"datasets": ["iris"], "grid": grid, "compare": ["hidden", "init"], "tune": "eta"}
    settings = validate({"seeds": staged.SEEDS, "studies": {"s": study}})
    high = {("relu", "large"), ("tanh", "fan_in")}
    results = staged.sweep(
        tmp_path, settings,
        lambda dataset, labels, stage: 90.0 + 5 * (
            stage == "confirm" and (labels["hidden"], labels["init"]) in high
        ),
        staged.chosen_is({}),
        values=lambda labels: ["0.1"], curves=False,
    )  # fmt: skip
    (found,) = grids(results, results.comparisons[0], "init", ["iris"])
    assert found.tied.tolist() == [[True, False], [False, True], [False, False]]
    np.testing.assert_allclose(found.mean, [[95, 90], [90, 95], [90, 90]], atol=0.3)
    assert len(found.runs) == 6 * staged.SPLITS * staged.EACH
