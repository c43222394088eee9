"""The baselines against direct calls of scikit-learn on the project's split."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

import experiments.datasets.baselines as module
from experiments.base import files
from experiments.datasets import Data, prepare
from experiments.datasets.baselines import SPLITS, kept_scores, markdown, scores
from experiments.results.baselines import baselines_table, write_baselines
from experiments.training.splits import rows_of_parts

IRIS = Data("mine", "iris", {}, standardise=True)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_baselines_are_those_of_scikit_learn_on_iris():
    X, y = load_iris(return_X_y=True)
    found = scores({"X": X, "y": y}, 3, {"majority": 2, "logistic": 2, "mlp": 1})
    for seed in (0, 1):
        rows = rows_of_parts({"X": X, "y": y}, 3, seed)
        scaled = StandardScaler().fit(X[rows["train"]]).transform(X)
        train = scaled[rows["train"]], y[rows["train"]]
        test = scaled[rows["test"]], y[rows["test"]]
        logistic = LogisticRegression(max_iter=10_000).fit(*train)
        assert found["logistic"][seed] == pytest.approx(100 * logistic.score(*test))
        if seed < 1:
            network = MLPClassifier(random_state=seed).fit(*train)
            assert found["mlp"] == [pytest.approx(100 * network.score(*test))]
    assert found["majority"] == pytest.approx([100 / 3, 100 / 3])


def test_the_majority_is_that_of_the_training_part():
    y = np.repeat([0, 1], [70, 30])
    data = {"X": np.arange(200.0).reshape(100, 2), "y": y}
    assert scores(data, 2, {"majority": 1}) == {"majority": [70.0]}


def test_data_with_their_own_parts_have_one_split():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    data = {"X": rng.standard_normal((60, 2)) + 4 * y[:, None], "y": y}
    data["part"] = np.repeat([0, 1, 2], 20)
    found = scores(data, 2, {"majority": 10, "logistic": 10})
    assert found["majority"] == [50.0]
    assert found["logistic"][0] > 90


def test_of_a_large_training_part_a_share_is_learnt(monkeypatch):
    sizes = []
    kept = module._fitted
    monkeypatch.setattr(module, "MOST_TRAINED", 30)
    monkeypatch.setattr(module, "_fitted", lambda b, t, s: sizes.append(len(t.X)) or kept(b, t, s))
    y = np.arange(200) % 2
    scores({"X": y[:, None] + np.linspace(0, 1, 200)[:, None], "y": y}, 2, {"logistic": 1})
    assert sizes == [30]


@pytest.fixture
def cheap(monkeypatch):
    monkeypatch.setattr(module, "SPLITS", {"majority": 2, "logistic": 3})


def test_scores_are_kept_until_data_or_code_are_others(tmp_path, monkeypatch, cheap):
    prepare(IRIS, files.data_file(tmp_path, IRIS.key))
    first = kept_scores(IRIS, tmp_path)
    assert {name: len(found) for name, found in first.items()} == {"majority": 2, "logistic": 3}
    path = tmp_path / f"{IRIS.key}-baselines.json"
    facts = json.loads(path.read_text())
    monkeypatch.setattr(module, "scores", lambda *_: {"majority": [1.0]})
    assert kept_scores(IRIS, tmp_path) == first
    for name in facts["made_from"]:
        path.write_text(json.dumps(facts | {"made_from": facts["made_from"] | {name: "other"}}))
        assert kept_scores(IRIS, tmp_path) == {"majority": [1.0]}
    path.write_text("{")
    assert kept_scores(IRIS, tmp_path) == {"majority": [1.0]}


def test_the_table_has_means_and_t_intervals_of_classification_only(tmp_path, cheap):
    ising = Data("ising", "ising1d", {"L": 8, "samples": 40}, standardise=False)
    for data in (IRIS, ising):
        prepare(data, files.data_file(tmp_path, data.key))
    lost = Data("lost", "wine", {}, standardise=True)  # as in a partial sweep
    write_baselines([IRIS, ising, lost], tmp_path, 0.05, tmp_path / "b.csv")
    found = pd.read_csv(tmp_path / "b.csv")
    assert found["dataset"].tolist() == ["mine", "mine"]
    row = found.set_index("baseline").loc["logistic"]
    values = kept_scores(IRIS, tmp_path)["logistic"]
    low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert row[["mean", "low", "high"]].tolist() == pytest.approx([np.mean(values), low, high])
    assert row["splits"] == 3


def test_a_sweep_without_classes_has_an_empty_table(tmp_path):
    assert baselines_table([], tmp_path, 0.05).empty


def test_the_table_of_the_docs_has_the_means(cheap):
    assert "| iris | 33.3 |" in markdown(["iris"])


def test_every_baseline_has_splits_enough_for_an_interval():
    assert min(SPLITS.values()) >= 3
