"""The scikit-learn face: scikit-learn's own checks, and what the checks do not ask."""

import pickle
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlp
from experiments.schema import Setting
from mlp import estimator as face
from mlp.estimator import MLPClassifier, MLPRegressor

X, Y = load_iris(return_X_y=True)
X = scale(X)
BOTH = pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])


@parametrize_with_checks(
    [
        MLPClassifier(),
        MLPClassifier(output="sigmoid", hidden="tanh", update="epoch", eta=0.5, epochs=60),
        MLPClassifier(early_stopping=True, validation_fraction=0.2),
        MLPRegressor(),
        MLPRegressor(early_stopping=True, hidden="tanh"),
    ]
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def weights(model) -> np.ndarray:
    return np.concatenate([a.ravel() for a in model.parameters_.arrays()])


@pytest.mark.parametrize("scale", [1, X.std(axis=0)], ids=["raw", "scaled"])
def test_fit_is_training_by_mlp_to_the_bit(scale):
    x = (X - X.mean(axis=0)) / scale
    model = MLPClassifier((7,), epochs=4, schedule="inverse", random_state=3).fit(x, Y)
    net = mlp.Network((4, 7, 3))
    params = mlp.Parameters.stack(
        [net.initialize("fan_in", mlp.stream("initial draw", 3), n_train=150)]
    )
    part = mlp.Part(x, np.eye(3)[Y], Y)
    replicas = [mlp.Replica(3, 0.1, "inverse")]
    history = mlp.train(net, params, {"train": part}, replicas, epochs=4, batch_size=10)
    for mine, theirs in zip(model.parameters_.arrays(), params.replica(0).arrays(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(model.history_["train_cost"], history.column("train_cost")[0])


@BOTH
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_calls_of_partial_fit_are_the_epochs_of_fit(kind, schedule):
    options = {"epochs": 3, "schedule": schedule, "random_state": 5, "penalty": "l2"}
    whole = kind((6,), lambda_=1e-3, **options).fit(X, Y)
    steps = kind((6,), lambda_=1e-3, **options)
    for _ in range(3):
        steps.partial_fit(X, Y, **({"classes": [0, 1, 2]} if kind is MLPClassifier else {}))
    np.testing.assert_array_equal(weights(steps), weights(whole))
    pd.testing.assert_frame_equal(steps.history_, whole.history_)


def test_partial_fit_goes_on_after_fit():
    longer = MLPClassifier((6,), epochs=5, random_state=0).fit(X, Y)
    model = MLPClassifier((6,), epochs=3, random_state=0).fit(X, Y)
    model.partial_fit(X, Y).partial_fit(X, Y)
    np.testing.assert_array_equal(weights(model), weights(longer))
    assert model.n_iter_ == 5
    assert len(model.history_) == 6


@BOTH
def test_defaults_are_those_of_a_config(kind):
    mine = kind().get_params()
    for name, field in Setting.model_fields.items():
        if name in mine and name != "patience":
            assert mine[name] == field.default, name
    assert mine["hidden_layer_sizes"] == Setting.model_fields["layers"].default


@BOTH
def test_pickles_and_clones_predict_alike(kind):
    model = kind((5, 4), hidden=("relu", "tanh"), epochs=2, random_state=1).fit(X, Y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(clone(model).fit(X, Y).predict(X), model.predict(X))
    assert again.partial_fit(X, Y).n_iter_ == 3


def test_pipeline_and_grid_search():
    X, y = load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler().set_output(transform="pandas"),
                          MLPClassifier((8,), epochs=10, random_state=0))  # fmt: skip
    grid = {"mlpclassifier__eta": [0.03, 0.3], "mlpclassifier__cost": ["mse", "cross_entropy"]}
    search = GridSearchCV(model, grid, cv=3).fit(X, y)
    assert search.best_score_ > 0.9
    assert search.best_estimator_[-1].feature_names_in_.tolist() == X.columns.tolist()


@pytest.mark.parametrize(
    ("options", "classes"),
    [
        ({"output": "softmax"}, 3),
        ({"output": "sigmoid"}, 3),
        ({"output": "sigmoid", "output_units": 1}, 2),
        ({"output": "sigmoid", "cost": "mse"}, 2),
        ({"dtype": "float32"}, 3),
    ],
    ids=str,
)
def test_probabilities_agree_with_predictions(options, classes):
    keep = np.isin(Y, range(classes))
    names = np.array(["b", "a", "c"])
    model = MLPClassifier(eta=0.3, random_state=0, **options).fit(X[keep], names[Y[keep]])
    P = model.predict_proba(X[keep])
    assert P.shape == (keep.sum(), classes)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    assert (model.classes_[P.argmax(axis=1)] == model.predict(X[keep])).all()
    assert model.score(X[keep], names[Y[keep]]) > 0.85
    assert P.dtype == np.dtype(options.get("dtype", "float64"))


def test_sigmoid_outputs_that_are_all_zero_give_even_probabilities():
    model = MLPClassifier((), output="sigmoid", epochs=1).fit(X, Y)
    model.parameters_.biases[-1][:] = -1e4
    np.testing.assert_array_equal(model.predict_proba(X[:1]), np.full((1, 3), 1 / 3))


def test_history_has_a_row_for_each_epoch():
    model = MLPClassifier(epochs=6, random_state=0).fit(X, Y)
    assert isinstance(model.history_, pd.DataFrame)
    assert model.history_.index.tolist() == list(range(7))
    assert model.history_["train_accuracy"].iloc[-1] == model.score(X, Y)
    assert "train_r2" in MLPRegressor(epochs=1).fit(X, Y).history_


def test_history_without_pandas(monkeypatch):
    monkeypatch.setattr(face, "pd", None)
    model = MLPClassifier(epochs=2).fit(X, Y).partial_fit(X, Y)
    assert {len(values) for values in model.history_.values()} == {4}


def test_early_stopping_ends_early_and_watches_the_part_held_back():
    model = MLPClassifier(eta=1.0, epochs=300, early_stopping=True, patience=3, random_state=0)
    model.fit(X, Y)
    costs = model.history_["validation_cost"]
    assert model.n_iter_ < 300
    assert len(costs) == model.n_iter_ + 1
    assert costs.idxmin() == model.n_iter_ - 3


def test_several_values_to_predict():
    targets = np.stack([X[:, 0], -X[:, 1]], axis=1)
    model = MLPRegressor(hidden="tanh", random_state=0).fit(X, targets)
    assert model.predict(X).shape == (150, 2)
    assert model.score(X, targets) > 0.9
    with pytest.raises(ValueError, match="1 columns, but had 2"):
        model.partial_fit(X, Y)


@BOTH
def test_callback_and_lines(kind, capsys):
    seen = []

    def note(epoch, row):
        seen.append((epoch, row["train_cost"]))

    model = kind(epochs=3, callback=note, verbose=True).fit(X, Y)
    costs = model.history_["train_cost"]
    assert seen == [(e, costs[e]) for e in (1, 2, 3)]
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "epoch 1", "epoch 2", "epoch 3",
    ]  # fmt: skip


def test_progress_bar(capsys):
    pytest.importorskip("tqdm")
    MLPClassifier(epochs=3, progress=True).fit(X, Y)
    assert "3/3" in capsys.readouterr().err


def test_progress_without_tqdm_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match="pip install tqdm"):
        MLPClassifier(progress=True).fit(X, Y)


def test_random_states_of_each_kind():
    same = [MLPClassifier(epochs=1, random_state=np.random.RandomState(4)) for _ in range(2)]
    np.testing.assert_array_equal(*(weights(model.fit(X, Y)) for model in same))
    drawn = [weights(MLPClassifier(epochs=1).fit(X, Y)) for _ in range(2)]
    assert (drawn[0] != drawn[1]).any()


def test_divergence_is_said_and_not_predicted_from():
    model = MLPRegressor(hidden="relu", eta=1e6, epochs=5, random_state=0)
    with pytest.warns(ConvergenceWarning, match="not finite after epoch"):
        model.fit(X, Y)
    with pytest.raises(ValueError, match="cannot predict"):
        model.predict(X)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is a whole number"),
        ({"batch_size": 2.5}, "batch_size is a whole number"),
        ({"update": "never"}, "update is one of"),
        ({"output_units": 1, "output": "sigmoid"}, "cannot tell 3 classes apart"),
        ({"output_units": 2}, "'classes' or 1"),
        ({"early_stopping": True, "validation_fraction": 1.5}, "between 0 and 1"),
        ({"early_stopping": True, "patience": 0}, "patience is a whole number"),
        ({"output": "identity"}, "cannot be used with output"),
        ({"random_state": -1}, "Seed must be between"),
    ],
    ids=str,
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**options).fit(X, Y)


def test_unknown_names_come_with_the_nearest():
    with pytest.raises(mlp.UnknownNameError, match="did you mean 'tanh'"):
        MLPClassifier(hidden="tahn").fit(X, Y)


def test_slips_of_data_are_refused():
    with pytest.raises(ValueError, match="one class"):
        MLPClassifier().fit(X[:5], Y[:5])
    with pytest.raises(TypeError, match=r"[Ss]parse"):
        MLPClassifier().fit(csr_array(X), Y)
    with pytest.raises(ValueError, match="classes must be given"):
        MLPClassifier().partial_fit(X, Y)
    with pytest.raises(ValueError, match="not among the classes"):
        MLPClassifier().partial_fit(X, Y, classes=[0, 1])
    model = MLPClassifier(epochs=1).fit(X, Y)
    with pytest.raises(ValueError, match="before"):
        model.partial_fit(X, Y, classes=[0, 1])


@BOTH
@pytest.mark.parametrize(
    "wrong",
    [
        {"hidden_layer_sizes": (2.5,)}, {"hidden_layer_sizes": (True,)},
        {"hidden_layer_sizes": None}, {"batch_size": True}, {"eta": -1.0}, {"eta": "x"},
        {"eta": np.nan}, {"lambda_": -1.0}, {"dtype": "int32"}, {"dtype": "float16"},
    ],
    ids=str,
)  # fmt: skip
def test_options_that_cannot_be_are_refused_by_name(kind, wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=name.replace("_layer_sizes", ".layer")):
        kind(**wrong).fit(X, Y)
