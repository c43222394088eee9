"""A trained network for others: chosen by validation, scored by sklearn.metrics, as a pipeline."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import metrics

import experiments
import mlp
from experiments.__main__ import main
from experiments.base import UserError
from experiments.results import Model, as_sklearn, best_run, model
from experiments.results.scores import report
from tests.sweeps import Sweep, acts

CONTENT = acts("tanh", "relu", "softsign")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Return a small sweep that was trained and collected."""
    return Sweep(tmp_path_factory.mktemp("export"), CONTENT, "small").finish()


def made_model(hidden="tanh", output="softmax", K=3, layers=(5, 4), **changes) -> Model:
    """Return a network of random weights for raw samples, the third feature constant."""
    rng = np.random.default_rng(0)
    net = mlp.Network((3, *layers, K), hidden, output, "mse")
    params = net.initialize("large", rng, n_train=30)
    mean, std = np.array([5.0, -2.0, 7.0]), np.array([3.0, 0.1, 0.0])
    labels = np.arange(30) % max(2, K)
    Y = labels[:, None] if K == 1 else np.eye(K)[labels]
    part = mlp.Part(rng.standard_normal((30, 3)), Y, labels)
    spec = {"standardise": True, "eta": 0.1, "batch_size": 10}
    made = Model("ab12", spec, net, params, {"test": part}, mean, std, [], np.zeros((4, 0)))
    return replace(made, **changes)


RAW = np.random.default_rng(1).normal([5, -2, 7], [3, 0.1, 1], (50, 3))


@pytest.mark.parametrize("hidden", ["identity", "sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("output", "K"), [("softmax", 3), ("softmax", 2), ("sigmoid", 1)])
@pytest.mark.parametrize("layers", [(5, 4), (5,), ()])
def test_scikit_learn_predicts_the_same(hidden, output, K, layers, tmp_path):
    mine = made_model(hidden, output, K, layers)
    outputs = mine.outputs(RAW)
    expected = np.hstack([1 - outputs, outputs]) if K == 1 else outputs
    pipeline = skops.io.loads(skops.io.dumps(as_sklearn(mine)))  # no type needs to be trusted
    np.testing.assert_allclose(pipeline.predict_proba(RAW), expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(pipeline.predict(RAW), mine.predict(RAW))


def test_without_standardisation_the_scaler_changes_nothing():
    spec = {"standardise": False, "eta": 0.1, "batch_size": 10}
    mine = made_model(spec=spec, mean=np.empty(0), std=np.empty(0))
    X = RAW - [5, -2, 7]
    said = as_sklearn(mine).predict_proba(X)
    np.testing.assert_allclose(said, mine.outputs(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (
            made_model("softsign"),
            "its hidden activation is softsign; identity, sigmoid, tanh, relu can be",
        ),
        (made_model(("tanh", "relu")), "hidden layers have different activations, tanh, relu"),
        (made_model(output="sigmoid"), "its output is 3 units of sigmoid; softmax, or one unit"),
        (made_model(mean=np.empty(0)), "missing values are filled"),
        (made_model(parts={"test": mlp.Part(RAW, RAW)}), "it predicts values, not classes"),
    ],
    ids=["activation", "mixed", "output", "imputed", "values"],
)
def test_what_scikit_learn_cannot_hold_is_said(mine, words):
    with pytest.raises(UserError, match=rf"cannot hold the network of run ab12: .*{words}"):
        as_sklearn(mine)


@pytest.mark.parametrize(("output", "K"), [("softmax", 4), ("sigmoid", 3), ("sigmoid", 1)])
def test_the_scores_are_those_of_scikit_learn(output, K):
    mine = made_model(output=output, K=K)
    part = mine.parts["test"]
    outputs = mine.net.forward(mine.params, part.X)
    said, y = mlp.predict_classes(outputs), part.labels
    chances = np.hstack([1 - outputs, outputs]) if K == 1 else outputs
    chances = chances / chances.sum(axis=1, keepdims=True)
    classes, overall = mine.report()
    theirs = metrics.classification_report(y, said, output_dict=True, zero_division=0)
    for place, row in classes.iterrows():
        other = theirs[str(place)]
        assert row["precision"] == other["precision"]
        assert row["recall"] == other["recall"]
        assert row["f1"] == other["f1-score"]
        assert row["samples"] == other["support"]
    assert overall["accuracy"] == theirs["accuracy"] == np.mean(said == y)
    assert overall["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, said))
    assert overall["mcc"] == metrics.matthews_corrcoef(y, said)
    assert overall["log_loss"] == pytest.approx(-np.log(chances[np.arange(len(y)), y]).mean())
    one = [metrics.roc_auc_score(y == k, chances[:, k]) for k in range(chances.shape[1])]
    assert overall["roc_auc"] == pytest.approx(np.mean(one))


def test_scores_that_do_not_exist_are_nan():
    outputs = np.array([[0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.5, 0.4, 0.1]])
    without_class_2 = report(outputs, "softmax", np.array([1, 0, 1])).overall
    assert np.isnan(without_class_2["roc_auc"])
    assert without_class_2["balanced_accuracy"] == 0.75
    assert without_class_2["log_loss"] == pytest.approx(-np.log([0.7, 0.6, 0.4]).mean())
    broken = np.where(outputs == 0.2, np.nan, outputs)
    for given, output in ((outputs, "identity"), (broken, "softmax")):
        odd = report(given, output, np.array([1, 0, 2]))
        assert np.isnan(odd.overall[["log_loss", "roc_auc"]]).all()
        assert np.isfinite(odd.overall[["accuracy", "balanced_accuracy", "mcc"]]).all()


def test_a_report_of_no_such_part_is_refused():
    with pytest.raises(UserError, match="there is no part 'tests'; the parts are test"):
        made_model().report("tests")
    with pytest.raises(UserError, match="predicts values: it has no classes"):
        made_model(parts={"test": mlp.Part(RAW, RAW)}).report()


def test_the_best_run_has_the_highest_validation_accuracy_of_the_best_arm(sweep):
    runs = experiments.load_results(sweep.results).runs
    runs = runs[runs["stage"] == "tune"]
    means = runs.groupby("labels")[["validation_accuracy", "validation_cost"]].mean()
    arm = means.sort_values(["validation_accuracy", "validation_cost"], ascending=[False, True])
    mine = runs[runs["labels"] == arm.index[0]]
    top = mine[mine["validation_accuracy"] == mine["validation_accuracy"].max()]
    best = best_run(sweep.results, "acts", "iris")
    assert best.run_id == top.sort_values("validation_cost")["run_id"].iloc[0]
    assert f"{arm['validation_accuracy'].iloc[0]:.4f} of 2 tuning runs" in best.reason


def written(folder, rows) -> None:
    """Write runs of two arms; each row is arm, seed, status, accuracy, cost, test accuracy."""
    names = ["arm", "seed", "status", "validation_accuracy", "validation_cost", "test_accuracy"]
    runs = pd.DataFrame(rows, columns=names)
    runs["labels"] = [json.dumps({"hidden": arm}) for arm in runs.pop("arm")]
    runs["run_id"] = [f"run{i}" for i in range(len(runs))]
    runs.assign(study="s", stage="tune", dataset="d").to_parquet(folder / "runs.parquet")


def test_a_tie_goes_to_the_lower_cost_and_a_diverged_arm_does_not_count(tmp_path):
    written(tmp_path, [
        ("a", 0, "ok", 1.0, 0.0, 1.0), ("a", 1, "diverged", 1.0, 0.0, 1.0),
        ("b", 0, "ok", 0.8, 0.9, 1.0), ("b", 1, "ok", 0.6, 0.1, 0.9),
        ("c", 1, "ok", 0.6, 0.2, 0.1), ("c", 0, "ok", 0.8, 0.1, 0.2), ("c", 2, "ok", 0.7, 0.1, 0.2),
    ])  # fmt: skip
    assert best_run(tmp_path, "s", "d").run_id == "run5"
    written(tmp_path, [("a", 0, "diverged", 1.0, 0.0, 1.0)])
    with pytest.raises(UserError, match="each arm of s on d has a run that diverged"):
        best_run(tmp_path, "s", "d")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("axts", "iris"), "no study 'axts' in the sweep small, which has acts"),
        (("acts", "wine"), "no dataset 'wine' in the study acts, which has iris"),
    ],
)
def test_no_such_study_or_dataset(sweep, names, words):
    with pytest.raises(UserError, match=words):
        best_run(sweep.results, *names)


def test_the_tables_of_a_sweep_give_the_model(sweep):
    tables = experiments.load_results("small", sweep.results.parent)
    run_id = tables.runs["run_id"].iloc[0]
    found, same = tables.model(run_id[:12], sweep.data), model(sweep.results, run_id, sweep.data)
    assert found.run_id == run_id
    for mine, other in zip(found.params.arrays(), same.params.arrays(), strict=True):
        np.testing.assert_array_equal(mine, other)
    with pytest.raises(UserError, match="found 'xyz', which begins no run"):
        tables.model("xyz")
    with pytest.raises(UserError, match=f"which begins {tables.runs.run_id.nunique()} runs"):
        tables.model("")


def ask(sweep, *words) -> int:
    places = ["--results", str(sweep.results.parent), "--data", str(sweep.data)]
    return main(["model", *words, *places])


BEST = ("--best", "--sweep", "small", "--study", "acts", "--dataset", "iris")


def test_the_command_writes_the_best_run_and_its_scores(sweep, tmp_path, capsys):
    assert ask(sweep, *BEST, "--out", str(tmp_path / "net.npz")) == 0
    said = capsys.readouterr().out
    best = best_run(sweep.results, "acts", "iris")
    assert best.reason in said
    assert mlp.load(tmp_path / "net.npz")[2]["run_id"] == best.run_id
    assert f"{model(sweep.results, best.run_id, sweep.data).report().overall['mcc']:.4f}" in said


def test_the_command_writes_scikit_learns_pipeline(sweep, tmp_path):
    runs = experiments.load_results(sweep.results).runs
    run_id = runs[runs["hidden"] == "tanh"]["run_id"].iloc[0]
    assert ask(sweep, run_id, "--out", str(tmp_path / "net.skops"), "--format", "sklearn") == 0
    found, pipeline = (
        model(sweep.results, run_id, sweep.data),
        skops.io.load(tmp_path / "net.skops"),
    )
    X = np.random.default_rng(0).normal(found.mean, found.std, (40, 4))
    np.testing.assert_allclose(pipeline.predict_proba(X), found.outputs(X), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say which run: RUN_ID, or --best"),
        (("abcd", "--study", "acts"), "say which run"),
        (("--best",), "--best needs --study STUDY and --dataset DATASET"),
        (("abcd", *BEST), "and no RUN_ID"),
    ],
)
def test_a_run_that_is_not_named_well_is_asked_for(sweep, tmp_path, capsys, words, said):
    assert ask(sweep, *words, "--out", str(tmp_path / "x")) != 0
    assert said in capsys.readouterr().err


def test_nothing_is_written_if_it_cannot_be(sweep, tmp_path, capsys, monkeypatch):
    assert ask(sweep, *BEST, "--out", str(tmp_path / "no" / "x.npz")) != 0
    assert "there is no folder" in capsys.readouterr().err
    runs = experiments.load_results(sweep.results).runs
    run_id = runs[runs["hidden"] == "softsign"]["run_id"].iloc[0]
    words = (run_id, "--out", str(tmp_path / "x"), "--format", "sklearn")
    assert ask(sweep, *words) != 0
    assert "hidden activation is softsign" in capsys.readouterr().err
    monkeypatch.setattr("experiments.results.formats.find_spec", lambda name: None)
    assert ask(sweep, *words) != 0
    assert "the format sklearn needs skops: pip install skops" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_a_file_that_is_there_is_kept_if_the_new_one_cannot_be_made(sweep, tmp_path, monkeypatch):
    kept = tmp_path / "net.npz"
    kept.write_text("good")

    def half(model, path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Model, "save", half)
    assert ask(sweep, *BEST, "--out", str(kept)) != 0
    assert kept.read_text() == "good"
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_a_folder_is_no_file_to_write(sweep, tmp_path, capsys):
    assert ask(sweep, *BEST, "--out", str(tmp_path)) != 0
    assert "it is there, and is no file" in capsys.readouterr().err


def test_a_run_is_looked_for_in_the_sweep_that_is_named(sweep, tmp_path, capsys):
    run_id = experiments.load_results(sweep.results).runs["run_id"].iloc[0]
    (sweep.results.parent / "another").mkdir(exist_ok=True)
    assert ask(sweep, run_id, "--sweep", "another", "--out", str(tmp_path / "x.npz")) != 0
    assert "another/runs.parquet begins with" in capsys.readouterr().err
    assert ask(sweep, run_id, "--sweep", "small", "--out", str(tmp_path / "x.npz")) == 0


def test_raw_samples_are_refused_if_missing_values_are_filled_first():
    with pytest.raises(UserError, match=r"takes no raw samples.* net\.forward\(params, X\)"):
        made_model(mean=np.empty(0)).predict(RAW)


def test_a_regression_predicts_its_values():
    mine = made_model(output="identity", parts={"test": mlp.Part(RAW[:30], np.zeros((30, 3)))})
    np.testing.assert_array_equal(mine.predict(RAW), mine.outputs(RAW))
