"""The baselines against direct calls of scikit-learn on the project's split."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from experiments.base.errors import UserError
from experiments.datasets.baselines import baselines, markdown, scores
from experiments.training.splits import split


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
def test_baselines_are_those_of_scikit_learn_on_iris():
    X, y = load_iris(return_X_y=True)
    found = baselines("iris", splits=[3, 8])
    for at, seed in enumerate([3, 8]):
        rows = split(y, len(y), seed)
        scaled = StandardScaler().fit(X[rows["train"]]).transform(X)
        train = scaled[rows["train"]], y[rows["train"]]
        test = scaled[rows["test"]], y[rows["test"]]
        logistic = LogisticRegression(max_iter=10_000).fit(*train)
        network = MLPClassifier(
            20,
            solver="sgd",
            alpha=0,
            batch_size=10,
            learning_rate_init=0.1,
            momentum=0,
            max_iter=30,
            n_iter_no_change=30,
            random_state=seed,
        ).fit(*train)
        assert found["logistic"][at] == pytest.approx(100 * logistic.score(*test))
        assert found["mlp"][at] == pytest.approx(100 * network.score(*test))
    assert found["majority"] == pytest.approx([100 / 3, 100 / 3])


def test_the_majority_is_that_of_the_training_part():
    y = np.repeat([0, 1], [70, 30])
    data = {"X": np.arange(200.0).reshape(100, 2), "y": y}
    assert scores(data, 2, [0])["majority"] == [70.0]


def test_data_with_their_own_parts_have_one_split():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    data = {"X": rng.standard_normal((60, 2)) + 4 * y[:, None], "y": y}
    data["part"] = np.repeat([0, 1, 2], 20)
    found = scores(data, 2)
    assert found["majority"] == [50.0]
    assert found["logistic"][0] > 90


def test_real_values_have_no_baselines():
    with pytest.raises(UserError, match="ising1d"):
        baselines("ising1d", {"L": 8, "samples": 40})


def test_the_table_has_the_means():
    assert "| iris | 33.3 |" in markdown(["iris"])
