"""One network in one line: the same as the estimator, classes and values told apart."""

import sys

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

import mlp
from mlp.estimator import MLPClassifier, MLPRegressor

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 3))
LABELS = (X[:, 0] > 0).astype(int)


def test_it_is_the_estimator_that_is_fitted():
    model = mlp.fit(X, LABELS, hidden=(5,), activation="tanh", eta=0.5, epochs=7, seed=3)
    same = MLPClassifier((5,), hidden="tanh", eta=0.5, epochs=7, random_state=3).fit(X, LABELS)
    for mine, theirs in zip(model.params.arrays(), same.parameters_.arrays(), strict=True):
        assert_array_equal(mine, theirs)
    assert_array_equal(model.predict(X), same.predict(X))
    assert model.score(X, LABELS) == same.score(X, LABELS)
    assert model.net.sizes == (3, 5, 2)


def test_a_setting_of_the_estimator_is_passed_on():
    model = mlp.fit(X, LABELS, epochs=2, batch_size=4, optimizer="adam", dtype="float32")
    assert (model.batch_size, model.optimizer, model.net.dtype) == (4, "adam", np.float32)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (LABELS, MLPClassifier),
        (LABELS == 1, MLPClassifier),
        (np.where(LABELS, "yes", "no"), MLPClassifier),
        (np.where(LABELS, "yes", "no").tolist(), MLPClassifier),
        (pd.Series(np.where(LABELS, "yes", "no")).astype("category"), MLPClassifier),
        (X[:, 0], MLPRegressor),
        (X[:, 0].astype(np.float32), MLPRegressor),
        (X[:, :2], MLPRegressor),
    ],
    ids=["integers", "booleans", "texts", "list", "categories", "fractions", "float32", "columns"],
)
def test_y_tells_classes_from_values(y, kind):
    assert type(mlp.fit(X, y, epochs=1)) is kind


def test_whole_numbers_as_floats_are_asked_about():
    y = LABELS.astype(float)
    with pytest.raises(ValueError, match=r'write task="classes" or task="values"'):
        mlp.fit(X, y)
    assert type(mlp.fit(X, y, epochs=1, task="classes")) is MLPClassifier
    assert type(mlp.fit(X, y, epochs=1, task="values")) is MLPRegressor
    assert type(mlp.fit(X, LABELS, epochs=1, task="values")) is MLPRegressor


@pytest.mark.parametrize("form", [np.asarray, np.float32, np.bool_, csr_array, pd.DataFrame, list])
def test_a_matrix_of_0_and_1_is_asked_about(form):
    y = form(np.stack([LABELS, 1 - LABELS], axis=1))
    with pytest.raises(ValueError, match=r'^y is a matrix of 0 and 1, .*task="classes" or task='):
        mlp.fit(X, y)
    model = mlp.fit(X, y, epochs=1, task="classes")
    assert (type(model), model.net.activations[-1].name) == (MLPClassifier, "sigmoid")
    if form is np.asarray:
        assert type(mlp.fit(X, y, epochs=1, task="values")) is MLPRegressor
        assert type(mlp.fit(X, 2 * y, epochs=1)) is MLPRegressor


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"task": "labels"}, ValueError, "task is one of classes, values, found 'labels'"),
        ({"batchsize": 3}, TypeError, "no setting 'batchsize' for MLPClassifier.*batch_size"),
        ({"hidden_layer_sizes": 3}, TypeError, "hidden_layer_sizes of an estimator hidden"),
        ({"random_state": 3}, TypeError, "random_state of an estimator seed"),
        ({"task": "values", "cost": "mse"}, TypeError, "no setting 'cost' for MLPRegressor"),
    ],
)
def test_a_setting_that_does_not_exist_is_named(settings, error, words):
    with pytest.raises(error, match=words):
        mlp.fit(X, LABELS, **settings)


def test_a_network_that_is_not_fitted_has_no_net():
    assert not hasattr(MLPClassifier(), "net")


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("mlp.estimator")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(ImportError, match=r"mlp\.fit needs scikit-learn: pip install"):
        mlp.fit(X, LABELS)
