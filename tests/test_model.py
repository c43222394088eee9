"""A trained network of a sweep, had back: the same numbers, in a file that mlp.load reads."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import confusion_matrix

import mlp
from experiments.__main__ import main
from experiments.base import UserError
from experiments.results import Results, model
from reports.figures import Frames
from reports.figures.drawing import styled
from reports.figures.pictures import confusion
from tests.sweeps import Sweep, acts

CONTENT = acts("tanh", "relu")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Return a small sweep that was trained and collected."""
    return Sweep(tmp_path_factory.mktemp("model"), CONTENT, "small").finish()


def runs_of(sweep) -> pd.DataFrame:
    return pd.read_parquet(sweep.results / "runs.parquet")


@pytest.mark.parametrize("stage", ["tune", "confirm"])
def test_the_network_of_a_run_has_the_accuracy_that_was_recorded(sweep, stage):
    runs = runs_of(sweep)
    row = runs[(runs["stage"] == stage) & (runs["status"] == "ok")].iloc[-1]
    found = model(sweep.results, row["run_id"], sweep.data)
    table = found.confusion()
    assert table.sum() == len(found.parts["test"])
    assert np.trace(table) / table.sum() == row["test_accuracy"]
    test = found.parts["test"]
    said = mlp.predict_classes(found.net.forward(found.params, test.X))
    np.testing.assert_array_equal(table, confusion_matrix(test.labels, said))


def test_raw_samples_are_standardised_as_in_training(sweep):
    row = runs_of(sweep).query("status == 'ok'").iloc[0]
    found = model(sweep.results, row["run_id"], sweep.data)
    X, y = load_iris(return_X_y=True)
    every = np.concatenate([part.X for part in found.parts.values()])
    mine = ((X - found.mean) / found.std).astype(every.dtype)
    assert {row.tobytes() for row in mine} == {row.tobytes() for row in every}
    right = (found.predict(X) == y).mean()
    sizes = np.array([len(part) for part in found.parts.values()])
    parts = [row[f"{name}_accuracy"] for name in found.parts]
    assert right == pytest.approx(np.dot(sizes, parts) / sizes.sum())


def test_the_file_gives_the_same_network(sweep, tmp_path, capsys):
    run_id = runs_of(sweep).query("status == 'ok'")["run_id"].iloc[0]
    folders = ["--results", str(sweep.results.parent), "--data", str(sweep.data)]
    path = tmp_path / "net.npz"
    assert main(["model", run_id, "--out", str(path), *folders]) == 0
    assert run_id in capsys.readouterr().out
    net, params, more = mlp.load(path)
    found = model(sweep.results, run_id, sweep.data)
    test = found.parts["test"].X
    np.testing.assert_array_equal(net.forward(params, test), found.net.forward(found.params, test))
    assert more["run_id"] == run_id
    np.testing.assert_array_equal(more["mean"], found.mean)


def test_the_howto_standardises_as_the_model_does(sweep, tmp_path, monkeypatch):
    """Its code for the file of a network gives the model's classes; one feature is constant."""
    page = Path("docs/howto/estimator.md").read_text(encoding="utf-8")
    (code,) = (block for block in page.split("```") if 'mlp.load("net.npz")' in block)
    run_id = runs_of(sweep).query("status == 'ok'")["run_id"].iloc[0]
    found = model(sweep.results, run_id, sweep.data)
    X = load_iris().data
    for std in (found.std, np.where(np.arange(4) == 0, 0.0, found.std)):
        one = replace(found, std=std)
        one.save(tmp_path / "net.npz")
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            exec(code.removeprefix("python"), names := {"X": X})
        np.testing.assert_array_equal(names["classes"], one.predict(X))


def test_a_run_whose_records_differ_is_not_given(sweep, monkeypatch):
    run_id = runs_of(sweep).query("status == 'ok'")["run_id"].iloc[0]
    module = sys.modules[model.__module__]
    kept = module.read_curves

    def changed(*arguments):
        table = kept(*arguments)
        table.loc[table.index[0], "test_cost"] += 1e-9
        return table

    monkeypatch.setattr(module, "read_curves", changed)
    with pytest.raises(UserError, match="recorded numbers differ"):
        module.model(sweep.results, run_id, sweep.data)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "no.npz"
    np.savez(path, a=np.zeros(2))
    with pytest.raises(ValueError, match=r"not a network that mlp\.save wrote"):
        mlp.load(path)
    path.write_text("hello", encoding="utf-8")
    with pytest.raises(ValueError, match=r"not a network that mlp\.save wrote"):
        mlp.load(path)


@pytest.mark.parametrize("size", [0, 10, 500, -1])
def test_a_truncated_file_is_refused_in_a_line(tmp_path, size):
    net = mlp.Network((2, 2))
    params = net.initialize("fan_in", np.random.default_rng(0), n_train=1)
    path = tmp_path / "cut.npz"
    mlp.save(path, net, params)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(
        ValueError, match=r"cut\.npz is not a network that mlp\.save wrote: .*"
    ) as e:
        mlp.load(path)
    assert "\n" not in str(e.value)


def test_a_stack_is_not_saved(tmp_path):
    net = mlp.Network((2, 2))
    params = net.initialize("fan_in", np.random.default_rng(0), n_train=1)
    with pytest.raises(ValueError, match="a stack of networks"):
        mlp.save(tmp_path / "x.npz", net, mlp.Parameters.stack([params]))
    with pytest.raises(ValueError, match="weights0"):
        mlp.save(tmp_path / "x.npz", net, params, weights0=np.zeros(1))
    assert not (tmp_path / "x.npz").exists()


# --- The figure of confusions -------------------------------------------------------------------


def test_the_confusions_are_those_of_the_best_and_the_worst_setting(sweep):
    """Their accuracies are those of the table of runs, found by other means."""
    results = Results(sweep.results, sweep.plan.config)
    found = confusion.measure(Frames(results, sweep.data))
    assert [both[0].dataset for both in found] == sweep.plan.config.studies["acts"].datasets
    runs = runs_of(sweep)
    runs = runs[(runs["stage"] == "confirm") & (runs["status"] == "ok")]
    for best, worst in found:
        mine = runs[runs["dataset"] == best.dataset]
        for one in (best, worst):
            chosen = mine[mine["hidden"] == one.setting[0]]
            known = {
                value: group["test_accuracy"].iloc[: one.runs].mean()
                for value, group in chosen.groupby("eta")
            }
            assert any(one.accuracy == pytest.approx(mean) for mean in known.values())
        assert best.accuracy >= worst.accuracy - 0.2  # of five runs, chosen by the mean of all
        assert (best.counts.sum(axis=1) == worst.counts.sum(axis=1)).all()
    with styled():
        figure = confusion.draw(found)
    titles = [panel.get_title("left") for panel in figure.axes]
    assert titles[0].startswith(found[0][0].setting[0])
    assert f"{100 * found[0][0].accuracy:.1f} % right" in titles[0]
    assert "came out as recorded" in confusion.caption(found)
    assert found[0][0].worst in confusion.alt(found)
