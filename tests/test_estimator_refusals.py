"""What an estimator refuses, in a line; and that it is then as it was before."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array, csr_matrix
from sklearn.datasets import load_iris
from sklearn.preprocessing import scale

from mlp.estimator import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
X = scale(X)
NAMES = np.array(["setosa", "versicolor", "virginica"])[Y]
BOTH = pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])


def state(model) -> dict:
    """Return all that an estimator holds, its arrays as bytes."""
    held = dict(vars(model))
    held["parameters_"] = [a.tobytes() for a in model.parameters_.arrays()]
    held["_history"] = {name: values.tobytes() for name, values in model._history.items()}
    memory = held.pop("_memory")
    held["memory"] = memory.steps, [a.tobytes() for s in memory.states for a in s.arrays()]
    return {name: repr(value) for name, value in held.items() if name != "callback"}


def stop(epoch, row):
    raise KeyboardInterrupt


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize(
    ("change", "x", "y"),
    [
        ({"eta": -1}, X, NAMES),
        ({"eta": -1}, X[:, :3], Y),
        ({}, X[:3], Y[:3]),
        ({"hidden": "tahn"}, X, np.eye(3)[Y]),
        ({"class_weight": {7: 1.0}}, X, Y),
    ],
    ids=["names", "features", "one class", "several labels", "weights"],
)
def test_a_refused_fit_changes_nothing(change, x, y, warm_start):
    model = MLPClassifier((5,), optimizer="adam", epochs=3, random_state=0, warm_start=warm_start)
    model.fit(X, Y).set_params(**change)
    before, said = state(model), model.predict(X)
    with pytest.raises((ValueError, LookupError)):
        model.fit(x, y)
    assert state(model) == before
    np.testing.assert_array_equal(model.predict(X), said)


@BOTH
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize("warm_start", [False, True])
def test_an_interrupted_fit_changes_nothing(kind, method, warm_start):
    options = {"optimizer": "adam", "random_state": 0, "epochs": 3, "warm_start": warm_start}
    model, twin = (kind((5,), **options).fit(X, Y) for _ in range(2))
    model.set_params(callback=stop)
    before = state(model)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(X, Y)
    assert state(model) == before
    assert len(model.loss_curve_) == model.n_iter_ == 3
    for one in (model.set_params(callback=None), twin):
        one.partial_fit(X, Y)
    assert state(model) == state(twin)


@BOTH
def test_an_estimator_whose_first_fit_is_interrupted_is_not_fitted(kind):
    model = kind((5,), callback=stop)
    options = dict(vars(model))
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert vars(model) == options
    assert not hasattr(model, "loss_curve_")


# --- several labels for each sample ---------------------------------------------------------

LABELS = np.eye(3, dtype=int)[Y]


def changed(value, dtype=float):
    """Return the labels with another value in row 3, column 1."""
    y = LABELS.astype(dtype)
    y[3, 1] = value
    return y


@pytest.mark.parametrize(
    ("y", "found"),
    [
        (changed(0.5), r"0\.5 \(float64\) in row 3, column 1"),
        (changed(np.nan), r"nan \(float64\) in row 3, column 1"),
        (changed(np.inf), r"inf \(float64\) in row 3, column 1"),
        (changed(2, int), r"2 \(int64\) in row 3, column 1"),
        (csr_matrix(changed(2.0)), r"2\.0 \(float64\) in row 3, column 1"),
        (pd.DataFrame(changed(0.5)), r"0\.5 \(float64\) in row 3, column 1"),
        (LABELS.astype(str), r"1 \(str_\) in row 0, column 0"),
        (changed("1", object), r"1 \(str\) in row 3, column 1"),
        (changed(None, object), r"None \(NoneType\) in row 3, column 1"),
    ],
    ids=["half", "nan", "inf", "two", "sparse", "frame", "texts", "object", "none"],
)
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_several_labels_are_0_and_1(y, found, method):
    with pytest.raises(
        ValueError, match=f"^a matrix y is several .* 0 and 1 without NaN; found {found}"
    ):
        getattr(MLPClassifier(epochs=1), method)(X, y)


@pytest.mark.parametrize("y", [LABELS.astype(object), pd.DataFrame(LABELS).astype("Int64")])
def test_numbers_0_and_1_may_be_objects(y):
    assert MLPClassifier(epochs=1).fit(X, y).predict(X).shape == LABELS.shape


@pytest.mark.parametrize("output", ["bogus", None, "tanh", ["sigmoid"]])
def test_the_output_of_several_labels_is_sigmoid(output):
    with pytest.raises(ValueError, match=r"several labels .* the output 'sigmoid' .*found") as said:
        MLPClassifier(epochs=1, output=output).fit(X, LABELS)
    assert str(said.value).endswith(f"found {output!r}")
    assert MLPClassifier(epochs=1, output="sigmoid").fit(X, LABELS)._several


def test_a_list_of_smoothings_is_refused_with_several_labels():
    smoothing = np.array([0.1, 0.2])
    with pytest.raises(ValueError, match=r"several labels: leave out label_smoothing=array\("):
        MLPClassifier(label_smoothing=smoothing).fit(X, LABELS)


# --- options and targets --------------------------------------------------------------------


@pytest.mark.parametrize("sparse", [csr_matrix, csr_array])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_sparse_values_are_refused_as_sparse_samples(sparse, method):
    with pytest.raises(TypeError, match=r"^Sparse data was passed for y, .* Use '.toarray\(\)'"):
        getattr(MLPRegressor(epochs=1), method)(X, sparse(LABELS * 0.5))


@BOTH
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_iter_no_change": -1}, "n_iter_no_change is a whole number from 1, found -1"),
        ({"tol": -1}, "tol is a number from 0, found -1"),
        ({"early_stopping": "yes"}, "early_stopping is True or False, found 'yes'"),
        ({"early_stopping": 1}, "early_stopping is True or False, found 1"),
        ({"warm_start": "no"}, "warm_start is True or False, found 'no'"),
    ],
)
def test_what_ends_training_is_checked(kind, method, options, message):
    named = {"classes": [0, 1, 2]} if (kind, method) == (MLPClassifier, "partial_fit") else {}
    with pytest.raises(ValueError, match=message):
        getattr(kind(epochs=1, **options), method)(X, Y, **named)


@BOTH
def test_truth_values_may_be_of_numpy(kind):
    model = kind(epochs=1, early_stopping=np.True_).fit(X, Y)
    assert model.best_validation_score_ is not None
    assert not hasattr(model, "partial_fit")
