"""What an estimator refuses, in a line; and that it is then as it was before."""

import numpy as np
import pytest
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
