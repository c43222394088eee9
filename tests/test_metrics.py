"""The metrics by name: against scikit-learn and by hand, one's own, and in a sweep."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as theirs

import mlp
from experiments.base import ConfigError, UserError
from experiments.plan.runs import expand
from experiments.results import Results
from experiments.results.models import each_model
from experiments.results.provenance import write_provenance
from experiments.results.tables import metrics_table
from experiments.results.verification import verify
from experiments.schema import validate
from experiments.training import METRICS, metric_of, run_id, scores
from experiments.training.fingerprint import sources
from tests.sweeps import Sweep, acts

REFERENCES = {
    "balanced_accuracy": lambda y, said, p: theirs.balanced_accuracy_score(y, said),
    "precision": lambda y, said, p: np.mean(
        theirs.precision_score(y, said, average=None, labels=range(3), zero_division=0)
    ),
    "recall": lambda y, said, p: np.mean(
        theirs.recall_score(y, said, average=None, labels=range(3), zero_division=0)
    ),
    "f1": lambda y, said, p: np.mean(
        theirs.f1_score(y, said, average=None, labels=range(3), zero_division=0)
    ),
    "mcc": lambda y, said, p: theirs.matthews_corrcoef(y, said),
    "log_loss": lambda y, said, p: -np.log(p[np.arange(len(y)), y]).mean(),
    "roc_auc": lambda y, said, p: np.mean(
        [theirs.roc_auc_score(y == k, p[:, k]) for k in range(3)]
    ),
    "calibration_error": lambda y, said, p: _calibration(y, said, p),
}


def _calibration(y, said, p):
    """Bin by bin, as in the paper."""
    found, sure = 0.0, p.max(axis=1)
    for low in np.arange(10) / 10:
        mine = (sure >= low) & ((sure < low + 0.1) | (low > 0.85))
        if mine.any():
            found += mine.mean() * abs((said == y)[mine].mean() - sure[mine].mean())
    return found


@pytest.mark.parametrize("seed", range(5))
def test_every_metric_against_another_computation(seed):
    rng = np.random.default_rng(seed)
    outputs = rng.dirichlet(np.ones(3), 60)
    labels = np.r_[0, 1, 2, rng.integers(0, 3, 57)]
    found = scores(METRICS, outputs, "softmax", labels)
    assert found.keys() == REFERENCES.keys() == METRICS.keys()
    for name, value in found.items():
        expected = REFERENCES[name](labels, outputs.argmax(axis=1), outputs)
        assert value == pytest.approx(expected, rel=1e-12), name


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(5, 40))
def test_a_perfect_network_has_the_best_scores(seed, K, N):
    labels = np.r_[np.arange(K), np.random.default_rng(seed).integers(0, K, N)]
    found = scores(METRICS, np.eye(K)[labels], "softmax", labels)
    for name in ("balanced_accuracy", "precision", "recall", "f1", "mcc", "roc_auc"):
        assert found[name] == pytest.approx(1.0)
    assert found["log_loss"] == pytest.approx(0.0, abs=1e-12)
    assert found["calibration_error"] == 0.0


def test_what_needs_probabilities_is_nan_without_them():
    labels = np.array([0, 1, 1])
    for outputs, output in (
        (np.array([[0.2, 0.8], [0.1, 0.3], [0.9, 0.1]]), "identity"),
        (np.full((3, 2), np.nan), "softmax"),
    ):
        found = scores(METRICS, outputs, output, labels)
        assert np.isnan([found[n] for n in ("log_loss", "roc_auc", "calibration_error")]).all()
        assert np.isfinite([found[n] for n in ("f1", "mcc", "balanced_accuracy")]).all()


def test_one_output_unit_has_two_classes():
    outputs = np.array([[0.9], [0.2], [0.4]])
    found = scores(["balanced_accuracy", "log_loss"], outputs, "sigmoid", np.array([1, 0, 1]))
    assert found["balanced_accuracy"] == pytest.approx(0.75)
    assert found["log_loss"] == pytest.approx(-np.log([0.9, 0.8, 0.4]).mean())


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "my_scores.py").write_text(
        "def gain(labels, predicted, probabilities):\n"
        "    return 2 * (predicted == labels).mean()\n"
        "def nothing(labels, predicted, probabilities):\n    return 'high'\n"
        "NUMBER = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    metric_of.cache_clear()
    sys.modules.pop("my_scores", None)


def test_a_metric_of_ones_own(own):
    outputs, labels = np.eye(2)[[0, 1, 1, 0]], np.array([0, 1, 0, 0])
    assert scores(["my_scores:gain"], outputs, "softmax", labels) == {"my_scores:gain": 1.5}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my_scores:lost", "cannot be imported .* no attribute 'lost'"),
        ("my_stores:gain", "cannot be imported .* No module named 'my_stores'"),
        ("my_scores:NUMBER", "is no function, but of type int"),
    ],
)
def test_a_metric_that_is_not_there_is_refused_in_a_sentence(own, name, said):
    with pytest.raises(ValueError, match=said):
        metric_of(name)


def test_an_unknown_metric_gets_the_nearest_name():
    with pytest.raises(mlp.UnknownNameError, match=r"'mc' .did you mean 'mcc'"):
        metric_of("mc")


def test_a_metric_that_returns_no_number_is_named(own):
    with pytest.raises(UserError, match=r"my_scores:nothing returned 'high': expected a number"):
        scores(["my_scores:nothing"], np.eye(2), "softmax", np.array([0, 1]))


# --- In a sweep -----------------------------------------------------------------------------------

ASKED = ["f1", "roc_auc", "my_scores:gain"]


@pytest.fixture
def sweep(tmp_path, own):
    made = acts("tanh", "relu")
    made["studies"]["acts"]["base"]["metrics"] = ASKED
    sweep = Sweep(tmp_path, made)
    return sweep.finish()


def test_every_run_has_its_metrics(sweep):
    """Of the network that is trained again; nothing that was there before is another."""
    runs = pd.read_parquet(sweep.results / "runs.parquet").query("status == 'ok'")
    columns = [f"{part}_{name}" for part in ("validation", "test") for name in ("f1", "roc_auc")]
    assert runs[[*columns, "test_my_scores.gain"]].notna().all(axis=None)
    np.testing.assert_allclose(runs["test_my_scores.gain"], 2 * runs["test_accuracy"])
    for run in runs.groupby("stage").head(2).itertuples():
        found = each_model(sweep.results, [run.run_id], sweep.data)
        assert next(found).report().overall["f1"] == pytest.approx(run.test_f1, rel=1e-12)
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    assert verify(sweep.plan, sweep.results, sweep.data, 4, say=lambda text: None)


def test_the_table_of_metrics_is_the_means_of_the_confirming_runs(sweep):
    results = Results(sweep.results, sweep.plan.config)
    (comparison,) = results.comparisons
    found = metrics_table(results, comparison).set_index(["metric", "arm"])
    runs = results.evidence(comparison).merge(results.runs[["run_id", "test_f1"]], on="run_id")
    expected = runs.groupby(["arm", "split"])["test_f1"].mean().groupby("arm")
    for arm, values in expected:
        assert found.loc[("f1", arm), "mean"] == pytest.approx(values.mean())
        assert found.loc[("f1", arm), "n"] == len(values)
    assert set(found.index.get_level_values("metric")) == set(ASKED)


def test_a_metric_is_part_of_a_runs_id_and_its_source_of_its_fingerprint(own, tmp_path):
    spec = {
        "sizes": [4, 3], "hidden": "tanh", "output": "softmax", "cost": "cross_entropy",
        "init": "fan_in", "bias_init": "like_weights", "schedule": "constant", "penalty": "none",
        "optimizer": "sgd", "defects": [], "metrics": [], "data": "iris-1", "seed": 1,
    }  # fmt: skip
    asked = spec | {"metrics": ["my_scores:gain"]}
    assert run_id(spec) == run_id({k: v for k, v in spec.items() if k != "metrics"})
    assert run_id(asked) != run_id(spec)
    assert sources(spec).keys() < sources(asked).keys()
    assert sources(asked)["the metric my_scores:gain"] != sources(
        spec | {"metrics": ["f1"]}
    )["the metric f1"]  # fmt: skip


def test_metrics_of_real_values_are_refused():
    made = {"studies": {"s": {
        "datasets": ["ising1d"], "compare": "hidden", "grid": {"hidden": ["tanh", "relu"]},
        "base": {"output": "identity", "cost": "mse", "metrics": ["f1"]},
    }}}  # fmt: skip
    with pytest.raises(ConfigError, match=r"s\.base\.metrics: metrics are about classes, and .*"):
        expand("x", validate(made))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["f2"], r"metrics\[0\]: unknown metric 'f2' .did you mean 'f1'"),
        (["f1", "nowhere:gain"], r"metrics\[1\]: the metric nowhere:gain cannot be imported"),
        ("f1", r"base\.metrics: expected a list"),
    ],
)
def test_a_wrong_metric_is_one_clear_line(names, said):
    made = acts("tanh", "relu")
    made["studies"]["acts"]["base"]["metrics"] = names
    with pytest.raises(ConfigError, match=said) as error:
        validate(made)
    assert "\n" not in str(error.value)
