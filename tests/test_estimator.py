"""The scikit-learn face: scikit-learn's own checks, and what the checks do not ask."""

import pickle
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.datasets import load_iris, load_wine, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.neural_network import MLPClassifier as SklearnClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale
from sklearn.utils import get_tags
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import (
    check_classifier_multioutput,
    check_regressor_multioutput,
    parametrize_with_checks,
)

import mlp
from experiments.schema import Setting
from mlp.estimator import MLPClassifier, MLPRegressor, recorded
from mlp.estimator.options import stratified

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
    ],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": "a sample of weight 2 is in one "
        "mini-batch, and two equal samples may be in two"
    },
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
    monkeypatch.setattr(recorded, "pd", None)
    model = MLPClassifier(epochs=2).fit(X, Y).partial_fit(X, Y)
    assert {len(values) for values in model.history_.values()} == {4}


def test_early_stopping_ends_early_and_watches_the_part_held_back():
    model = MLPClassifier(
        eta=1.0, epochs=300, early_stopping=True, patience=3, tol=0.0, random_state=0
    )
    model.fit(X, Y)
    costs = model.history_["validation_cost"]
    assert model.n_iter_ < 300
    assert len(costs) == model.n_iter_ + 1
    assert costs.idxmin() == model.n_iter_ - 3


@BOTH
def test_a_tolerance_ends_training_that_hardly_improves(kind):
    options = {"epochs": 100, "early_stopping": True, "patience": 3, "random_state": 0}
    longer = kind(tol=0.0, eta=0.01, **options).fit(X, Y)
    model = kind(tol=0.05, eta=0.01, **options).fit(X, Y)
    assert model.n_iter_ < longer.n_iter_
    costs = model.history_["validation_cost"].to_numpy()
    falls = costs[1:] < np.minimum.accumulate(costs)[:-1] - 0.05
    assert not falls[-3:].any()
    assert all(falls[i : i + 3].any() for i in range(len(falls) - 3))
    assert kind().tol == SklearnClassifier().tol


def first_stop(costs, patience, tol) -> int | None:
    """Return the epoch that ends training by the rule's definition; `costs` begin at epoch 0."""
    best, since = costs[0], 0
    for epoch, cost in enumerate(costs[1:], start=1):
        since = 0 if cost < best - tol else since + 1
        best = min(best, cost)
        if since == patience:
            return epoch
    return None


@BOTH
@pytest.mark.parametrize("patience", [1, 4])
def test_training_may_stop_by_its_own_loss(kind, patience):
    """It is the training without a stop, up to the epoch of the rule, to the bit."""
    options = {"eta": 0.03, "random_state": 0, "tol": 5e-3}
    whole = kind(epochs=80, **options).fit(X, Y)
    end = first_stop(whole.history_["train_cost"].tolist(), patience, options["tol"])
    assert 1 < end < 80
    model = kind(epochs=80, n_iter_no_change=patience, **options).fit(X, Y)
    assert (model.n_iter_, len(model.loss_curve_), len(model.history_)) == (end, end, end + 1)
    np.testing.assert_array_equal(weights(model), weights(kind(epochs=end, **options).fit(X, Y)))
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.validation_scores_ is None
    assert model.partial_fit(X, Y).n_iter_ == end + 1


@BOTH
def test_with_early_stopping_it_is_the_patience(kind):
    options = {"early_stopping": True, "epochs": 60, "eta": 0.3, "tol": 0.0, "random_state": 1}
    one = kind(n_iter_no_change=2, **options).fit(X, Y)
    other = kind(patience=2, **options).fit(X, Y)
    assert one.n_iter_ == other.n_iter_ < 60
    np.testing.assert_array_equal(weights(one), weights(other))


@BOTH
def test_a_loss_that_still_falls_when_the_epochs_are_over_is_said(kind):
    with pytest.warns(ConvergenceWarning, match=r"still fell .* of the 3 epochs\. Raise epochs or"):
        kind(epochs=3, n_iter_no_change=2, random_state=0).fit(X, Y)


@pytest.mark.parametrize("counts", [(18, 2), (10, 10), (2, 2, 2), (90, 9, 1), (40, 30, 30), (2, 1)])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_the_part_held_back_has_its_share_of_each_class(counts, fraction):
    """No class is lost to the training part; large classes are within one of scikit-learn's."""
    y = np.repeat(np.arange(len(counts)), counts)
    held = max(1, round(fraction * len(y)))
    for seed in range(200):
        order = np.random.default_rng(seed).permutation(len(y))
        train, validation = stratified(y, order, held)
        assert sorted([*train, *validation]) == list(range(len(y)))
        assert 1 <= len(validation) <= held
        assert set(y[train]) == set(y)
        if min(counts) >= 10:
            _, theirs = train_test_split(y, test_size=held, stratify=y, random_state=seed)
            difference = np.bincount(y[validation]) - np.bincount(theirs)
            assert np.abs(difference).max() <= 1


def test_early_stopping_keeps_every_class_in_training():
    """18 and 2 samples: a random hold-out of two would lose the second class now and then."""
    x, y = X[:20], np.repeat([0, 1], [18, 2])
    for seed in range(20):
        model = MLPClassifier(early_stopping=True, epochs=1, random_state=seed)
        part = model.fit(x, y)._parts(model._part(x, y))
        assert set(part["train"].labels) == {0, 1}


FIGURES = ("loss_curve_", "best_loss_", "validation_scores_", "best_validation_score_")


@BOTH
def test_early_stopping_keeps_the_best_weights_and_says_their_score(kind):
    """The names are scikit-learn's; the score is that of the model on the part held back."""
    model = kind((20,), epochs=60, early_stopping=True, patience=5, eta=0.3, random_state=1)
    model.fit(X, Y)
    x, y = kept_back(model)
    assert model.score(x, y) == pytest.approx(model.best_validation_score_, rel=1e-12)
    assert model.best_validation_score_ >= max(model.validation_scores_)
    assert len(model.validation_scores_) == len(model.loss_curve_) == model.n_iter_
    assert model.best_loss_ is None
    plain = kind(epochs=5, random_state=1).fit(X, Y)
    assert plain.validation_scores_ is plain.best_validation_score_ is None
    assert plain.best_loss_ == min(plain.loss_curve_)
    theirs = SklearnClassifier(early_stopping=True, max_iter=300, tol=0.01).fit(X, Y)
    assert all(hasattr(theirs, name) for name in FIGURES)
    assert not any(hasattr(kind(), name) for name in FIGURES)


def kept_back(model):
    """Return the samples and targets that early stopping watches."""
    if isinstance(model, MLPRegressor):
        part = model._parts(model._part(X, Y, None, reset=False))["validation"]
        return part.X, part.Y[:, 0]
    part = model._parts(model._part(X, Y))["validation"]
    return part.X, part.labels


@BOTH
def test_a_warm_start_begins_with_the_weights_of_the_last_fit(kind):
    """Two fits of 3 and 2 epochs are a training of 3 and one of 2 from what came of it."""
    model = kind((6,), epochs=3, random_state=2, warm_start=True).fit(X, Y)
    part = model._part(X, Y) if kind is MLPClassifier else model._part(X, Y, None, reset=False)
    stack = mlp.Parameters.stack([model.parameters_])
    before = weights(model)
    model.set_params(epochs=2).fit(X, Y)
    mlp.train(
        model.network_, stack, {"train": part}, [mlp.Replica(2, 0.1)], epochs=2, batch_size=10
    )
    expected = np.concatenate([a.ravel() for a in stack.replica(0).arrays()])
    np.testing.assert_array_equal(weights(model), expected)
    assert np.abs(weights(model) - before).max() > 0
    assert model.n_iter_ == 2
    cold = model.set_params(warm_start=False, epochs=3).fit(X, Y)
    np.testing.assert_array_equal(weights(cold), before)


def test_a_warm_start_that_does_not_fit_is_refused():
    model = MLPClassifier((6,), epochs=1, warm_start=True).fit(X, Y)
    with pytest.raises(ValueError, match=r"goes on with the classes \[0, 1, 2\], y has \[0, 1\]"):
        model.fit(X[:100], Y[:100])
    with pytest.raises(
        ValueError, match=r"goes on from weights of the shapes .*6, 4.* needs .*5, 4"
    ):
        model.set_params(hidden_layer_sizes=(5,)).fit(X, Y)
    assert model.predict(X).shape == (150,)  # the last fit is as it was
    assert model.set_params(hidden_layer_sizes=(6,)).fit(X, Y).n_iter_ == 1


# --- weights, smoothed labels, dropout ------------------------------------------------------


@BOTH
def test_weights_of_samples_change_training_by_their_ratios(kind):
    ones, rising = np.ones(150), np.arange(150) + 1.0
    plain, same, one, other = (
        weights(kind(epochs=3, random_state=0).fit(X, Y, sample_weight=given))
        for given in (None, ones, rising, 8 * rising)
    )
    np.testing.assert_array_equal(plain, same)
    np.testing.assert_array_equal(one, other)
    assert np.abs(one - plain).max() > 1e-3


@BOTH
def test_a_sample_of_weight_0_is_not_there(kind):
    """With one step on all samples it is as if it were left out."""
    few = np.arange(150) % 3 > 0
    options = {"epochs": 1, "random_state": 0}
    zero = kind(batch_size=150, **options).fit(X, Y, sample_weight=few.astype(float))
    out = kind(batch_size=100, **options).fit(X[few], Y[few])
    np.testing.assert_allclose(weights(zero), weights(out), rtol=1e-10, atol=1e-12)


def test_class_weights_are_weights_of_the_samples():
    few = np.r_[0:20, 50:100, 100:130]
    x, y = X[few], np.array(["a", "b", "c"])[Y[few]]

    def fitted(sample_weight=None, **options):
        return weights(MLPClassifier(epochs=3, random_state=0, **options).fit(x, y, sample_weight))

    for given in ({"a": 2.0, "c": 0.5}, "balanced"):
        of_samples = compute_sample_weight(given, y)
        np.testing.assert_allclose(fitted(class_weight=given), fitted(of_samples), rtol=1e-10)
        both = fitted(np.arange(100) + 1.0, class_weight=given)
        np.testing.assert_allclose(both, fitted((np.arange(100) + 1.0) * of_samples), rtol=1e-10)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weight": {5: 1}}, r"class_weight names 5, not among the classes \[0, 1, 2\]"),
        ({"class_weight": {0: -1}}, "the weight of class 0 is a number from 0, found -1"),
        (
            {"class_weight": "equal"},
            "None, 'balanced' or a mapping of classes to weights",
        ),
        ({"class_weight": {0: 0, 1: 0, 2: 0}}, "the weights of all samples are 0"),
        ({"label_smoothing": 1}, "label_smoothing is a number from 0 to below 1, found 1"),
        ({"dropout": [0.1, 0.1]}, "2 dropout rates were given for 1 hidden layers"),
    ],
)
def test_regularization_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**options).fit(X, Y)


def test_balanced_weights_need_all_samples():
    with pytest.raises(ValueError, match="partial_fit sees a part"):
        MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=[0, 1, 2])


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match=r"from 0 on, found -1\.0 in row 0"):
        MLPRegressor().fit(X, Y, sample_weight=np.r_[-1.0, np.ones(149)])


@BOTH
def test_calls_of_partial_fit_are_the_epochs_of_fit_with_dropout_too(kind):
    options = {"epochs": 3, "random_state": 5, "dropout": 0.3}
    whole, calls = kind(**options).fit(X, Y), kind(**options)
    for _ in range(3):
        calls.partial_fit(X, Y, **({"classes": [0, 1, 2]} if kind is MLPClassifier else {}))
    np.testing.assert_array_equal(weights(whole), weights(calls))
    assert np.abs(weights(whole) - weights(kind(**options | {"dropout": 0.0}).fit(X, Y))).max() > 0


@BOTH
def test_partial_fit_and_early_stopping_exclude_each_other_as_in_scikit_learn(kind):
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        SklearnClassifier(early_stopping=True).partial_fit(X, Y, classes=[0, 1, 2])
    model = kind(early_stopping=True, epochs=50, patience=2, eta=0.5, random_state=0).fit(X, Y)
    assert not hasattr(model, "partial_fit")
    with pytest.raises(AttributeError) as refused:
        model.partial_fit(X, Y)
    assert "set_params(early_stopping=False)" in str(refused.value.__cause__)


@BOTH
@pytest.mark.parametrize("pandas", [True, False])
def test_partial_fit_goes_on_after_early_stopping(kind, pandas, monkeypatch):
    """From the weights that it stopped with; what is not measured any more is NaN."""
    model = kind(early_stopping=True, epochs=50, patience=2, eta=0.5, random_state=0).fit(X, Y)
    epochs, before = model.n_iter_, weights(model)
    model.set_params(early_stopping=False).partial_fit(X, Y)
    assert model.n_iter_ == epochs + 1
    assert 0 < np.abs(weights(model) - before).max() < 2
    if not pandas:
        monkeypatch.setattr(recorded, "pd", None)
    history = model.history_
    assert {len(history[name]) for name in history} == {epochs + 2}
    assert np.isnan(np.asarray(history["validation_cost"])).tolist() == [False] * (epochs + 1) + [
        True
    ]
    assert np.isfinite(np.asarray(history["train_cost"])).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_regressor_of_each_type_in_a_multi_output_regressor(dtype):
    targets = np.stack([X[:, 0], -X[:, 1]], axis=1)
    check_regressor_multioutput("MLPRegressor", MLPRegressor(dtype=dtype))
    inner = MLPRegressor((4,), dtype=dtype, epochs=20, eta=0.05, random_state=0)
    model = MultiOutputRegressor(inner).fit(X.astype(dtype), targets.astype(dtype))
    assert model.predict(X.astype(dtype)).dtype == np.float64
    alone = clone(inner).fit(X, targets[:, 1]).predict(X)
    np.testing.assert_allclose(model.predict(X)[:, 1], alone, rtol=1e-6)
    assert model.score(X, targets) > 0.8
    assert len(RegressorChain(inner).fit(X, targets).predict(X)) == 150


@BOTH
def test_skops_saves_and_loads(kind):
    skops = pytest.importorskip("skops.io")
    model = kind((5, 4), hidden=("relu", "tanh"), epochs=2, random_state=1).fit(X, Y)
    saved = skops.dumps(model)
    types = skops.get_untrusted_types(data=saved)
    assert all(name.startswith("mlp.") or name == "numpy.dtype" for name in types)
    again = skops.loads(saved, trusted=types)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    pd.testing.assert_frame_equal(again.history_, model.history_)
    for each in (model, again):
        each.partial_fit(X, Y)
    np.testing.assert_array_equal(weights(again), weights(model))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("options", "classes"),
    [
        ({"output": "softmax"}, 2),
        ({"output": "softmax"}, 3),
        ({"output": "sigmoid"}, 2),
        ({"output": "sigmoid"}, 3),
        ({"output": "sigmoid", "output_units": 1}, 2),
    ],
    ids=str,
)
def test_decision_and_log_probability_agree_with_the_probabilities(options, classes, dtype):
    keep = np.isin(Y, range(classes))
    x, y = X[keep], np.array(["b", "a", "c"])[Y[keep]]
    model = MLPClassifier(eta=0.3, random_state=0, dtype=dtype, **options).fit(x, y)
    P, decision = model.predict_proba(x), model.decision_function(x)
    rtol = 1e-5 if dtype == "float32" else 1e-12
    assert decision.dtype == dtype
    np.testing.assert_allclose(np.exp(model.predict_log_proba(x)), P, rtol=rtol, atol=rtol)
    if classes == 2:
        np.testing.assert_allclose(decision, np.log(P[:, 1] / P[:, 0]), rtol=1e-3, atol=1e-6)
        predicted = model.classes_[(decision > 0).astype(int)]
    else:
        predicted = model.classes_[decision.argmax(axis=1)]
    np.testing.assert_array_equal(predicted, model.predict(x))
    assert decision.shape == LogisticRegression().fit(x, y).decision_function(x).shape


@pytest.mark.parametrize("classes", [2, 3])
def test_scorers_take_decisions_and_probabilities(classes):
    keep = np.isin(Y, range(classes))
    x, y = X[keep], Y[keep]
    model = MLPClassifier(eta=0.3, epochs=5, random_state=0)
    for scoring in ("roc_auc_ovr", "neg_log_loss"):
        assert np.isfinite(cross_val_score(model, x, y, scoring=scoring, cv=3)).all()


def test_logarithms_of_vanishing_probabilities_are_finite():
    model = MLPClassifier((), epochs=1, random_state=0).fit(X, Y)
    model.parameters_.biases[-1][0] = -1e4
    assert (model.predict_proba(X)[:, 0] == 0).all()
    assert np.isfinite(model.predict_log_proba(X)).all()


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint32", "bool", "Int64", "category"])
def test_classes_of_every_integer_type(dtype):
    two = (Y > 0).astype(int)
    y = pd.Series(two).astype(dtype)
    model = MLPClassifier(epochs=2, random_state=0).fit(X, y)
    expected = MLPClassifier(epochs=2, random_state=0).fit(X, two)
    np.testing.assert_array_equal(model.predict(X).astype(int), expected.predict(X))
    np.testing.assert_array_equal(weights(model), weights(expected))


def test_options_of_small_integer_types_do_not_overflow():
    options = {"epochs": 127, "batch_size": 100, "patience": 127, "hidden_layer_sizes": 100}
    small = {name: np.int8(value) for name, value in options.items()}
    for stop in (False, True):
        one, two = (
            MLPClassifier(early_stopping=stop, random_state=np.int8(3), **o).fit(X, Y.astype("i1"))
            for o in (options, small)
        )
        np.testing.assert_array_equal(weights(one), weights(two))
        assert one.n_iter_ == two.n_iter_


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
        ({"early_stopping": True, "tol": -1e-4}, "tol is a number from 0"),
        ({"n_iter_no_change": 0}, "n_iter_no_change is a whole number from 1, found 0"),
        ({"n_iter_no_change": 2, "tol": -1}, "tol is a number from 0, found -1"),
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
    with pytest.raises(ValueError, match="classes must be given"):
        MLPClassifier().partial_fit(X, Y)
    with pytest.raises(ValueError, match="not among the classes"):
        MLPClassifier().partial_fit(X, Y, classes=[0, 1])
    model = MLPClassifier(epochs=1).fit(X, Y)
    with pytest.raises(ValueError, match="before"):
        model.partial_fit(X, Y, classes=[0, 1])


@BOTH
def test_sparse_samples_are_refused_as_everywhere_in_scikit_learn(kind):
    fitted, sparse = kind(epochs=1).fit(X, Y), csr_array(X)
    for asked in (
        lambda: kind().fit(sparse, Y),
        lambda: fitted.partial_fit(sparse, Y),
        lambda: fitted.predict(sparse),
        lambda: mlp.fit(sparse, Y, task="values" if kind is MLPRegressor else "classes"),
    ):
        with pytest.raises(
            TypeError, match=r"^Sparse data was passed for X, .* Use '.toarray\(\)'"
        ):
            asked()
    assert not get_tags(kind()).input_tags.sparse


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


@pytest.mark.parametrize("optimizer", [*mlp.OPTIMIZERS, {"name": "adam", "beta1": 0.5}])
def test_partial_fit_keeps_what_the_optimizer_remembers(optimizer):
    """Three epochs are the same bits by fit, by partial_fit, or by fit, a pickle and a clone's."""
    X, y = np.random.default_rng(0).standard_normal((20, 3)), np.arange(20) % 2
    options = {"optimizer": optimizer, "eta": 0.05, "random_state": 1, "schedule": "constant"}
    whole = MLPClassifier((4,), epochs=3, **options).fit(X, y)
    parts = clone(MLPClassifier((4,), epochs=9, **options))
    for _ in range(3):
        parts = pickle.loads(pickle.dumps(parts.partial_fit(X, y, [0, 1])))
    mixed = MLPClassifier((4,), epochs=2, **options).fit(X, y).partial_fit(X, y)
    for other in (parts, mixed):
        np.testing.assert_array_equal(other.predict_proba(X), whole.predict_proba(X))


def test_another_optimizer_begins_anew():
    X, y = np.random.default_rng(0).standard_normal((20, 3)), np.arange(20) % 2
    model = MLPClassifier((4,), optimizer="adam", random_state=1).fit(X, y)
    model.set_params(optimizer="momentum").partial_fit(X, y)
    with pytest.raises(mlp.UnknownNameError, match="unknown optimizer 'adams'"):
        model.set_params(optimizer="adams").fit(X, y)


# --- several labels for each sample ---------------------------------------------------------

SEVERAL = scale(make_multilabel_classification(120, n_features=8, n_classes=4, random_state=0)[0])
LABELS = make_multilabel_classification(120, n_features=8, n_classes=4, random_state=0)[1]


def test_several_labels_pass_scikit_learns_check():
    check_classifier_multioutput("MLPClassifier", MLPClassifier())
    assert get_tags(MLPClassifier()).classifier_tags.multi_label


def test_steps_on_several_labels_are_scikit_learns():
    """From the same weights, ten epochs of one step on all samples give the same weights."""
    options = {"random_state": 0, "batch_size": 120}
    theirs = SklearnClassifier(
        (6,), "tanh", solver="sgd", alpha=0, momentum=0, learning_rate_init=0.3, shuffle=False,
        **options,
    ).partial_fit(SEVERAL, LABELS, classes=[0, 1, 2, 3])  # fmt: skip
    mine = MLPClassifier((6,), "tanh", eta=0.3, epochs=10, **options).partial_fit(SEVERAL, LABELS)
    mine.parameters_.assign(mlp.Parameters([w.T for w in theirs.coefs_], theirs.intercepts_))
    for _ in range(10):
        theirs.partial_fit(SEVERAL, LABELS)
        mine.partial_fit(SEVERAL, LABELS)
    for ours, other in zip(mine.parameters_.weights, theirs.coefs_, strict=True):
        np.testing.assert_allclose(ours.T, other, rtol=1e-9)
    P = mine.predict_proba(SEVERAL)
    np.testing.assert_allclose(P, theirs.predict_proba(SEVERAL), rtol=1e-9)
    np.testing.assert_array_equal(mine.predict(SEVERAL), theirs.predict(SEVERAL))
    assert mine.predict(SEVERAL).dtype.kind == "i"
    np.testing.assert_allclose(mine.predict_log_proba(SEVERAL), np.log(P), rtol=1e-12)
    np.testing.assert_allclose(mine.decision_function(SEVERAL), np.log(P / (1 - P)), rtol=1e-9)
    assert mine.score(SEVERAL, LABELS) == theirs.score(SEVERAL, LABELS)
    assert mine.loss_curve_[-2] == pytest.approx(theirs.loss_curve_[-1], rel=1e-9)
    assert mine.classes_.tolist() == theirs.classes_.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_accuracy_of_several_labels_is_the_share_of_samples_that_are_all_right(dtype):
    model = MLPClassifier((20,), "tanh", eta=0.3, epochs=60, random_state=0, dtype=dtype)
    model.fit(SEVERAL, LABELS)
    all_right = np.mean((model.predict(SEVERAL) == LABELS).all(axis=1))
    assert 0.8 < all_right < 1
    assert model.score(SEVERAL, LABELS) == model.history_["train_accuracy"].iloc[-1] == all_right
    assert model.net.activations[-1].name == "sigmoid"


def test_y_of_several_labels_may_have_any_form():
    options = {"epochs": 2, "random_state": 0}
    expected = weights(MLPClassifier(**options).fit(SEVERAL, LABELS))
    for y in (LABELS.tolist(), LABELS.astype(bool), pd.DataFrame(LABELS), csr_array(LABELS)):
        np.testing.assert_array_equal(weights(MLPClassifier(**options).fit(SEVERAL, y)), expected)
    by_line = mlp.fit(SEVERAL, LABELS, task="classes", hidden=(30,), epochs=2)
    np.testing.assert_array_equal(weights(by_line), expected)


def test_early_stopping_on_several_labels():
    model = MLPClassifier(early_stopping=True, patience=3, eta=1.0, epochs=200, random_state=0)
    model.fit(SEVERAL, LABELS)
    part = model._parts(model._part(SEVERAL, LABELS.astype(bool)))["validation"]
    assert model.n_iter_ < 200
    assert len(part) == 12
    assert model.score(part.X, part.labels) == model.best_validation_score_
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_calls_of_partial_fit_on_several_labels_are_the_epochs_of_fit():
    whole = MLPClassifier(epochs=3, random_state=0).fit(SEVERAL, LABELS)
    calls = MLPClassifier(epochs=3, random_state=0).partial_fit(SEVERAL, LABELS, [3, 2, 1, 0])
    calls.partial_fit(SEVERAL, LABELS).partial_fit(SEVERAL, LABELS)
    np.testing.assert_array_equal(weights(whole), weights(calls))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weight": "balanced"}, "class_weight needs one class for each sample, and y has"),
        ({"label_smoothing": 0.1}, "several labels: leave out label_smoothing=0.1"),
        ({"output_units": 1, "output": "sigmoid"}, "output_units needs one class for each sample"),
        ({"cost": "crossentropy"}, "unknown cost 'crossentropy'"),
    ],
)
def test_what_several_labels_cannot_have_is_refused(options, message):
    with pytest.raises((ValueError, mlp.UnknownNameError), match=message):
        MLPClassifier(**options).fit(SEVERAL, LABELS)


def test_labels_that_change_their_kind_are_refused():
    model = MLPClassifier((5,), epochs=1, warm_start=True).fit(SEVERAL, LABELS)
    with pytest.raises(ValueError, match="y has one class for each sample, but had several labels"):
        model.fit(SEVERAL, LABELS[:, 0])
    with pytest.raises(ValueError, match="y has one class for each sample, but had several labels"):
        model.partial_fit(SEVERAL, LABELS[:, 0])
    with pytest.raises(ValueError, match="y has 3 columns, but had 4 before"):
        model.partial_fit(SEVERAL, LABELS[:, :3])
    with pytest.raises(ValueError, match=r"classes is \[0, 1\], but was \[0 1 2 3\] before"):
        model.partial_fit(SEVERAL, LABELS, classes=[0, 1])
    with pytest.raises(ValueError, match=r"numbers 0 and 1 .* found 2 \(int64\)"):
        MLPClassifier().fit(SEVERAL, LABELS + 1)
    single = MLPClassifier((5,), epochs=1).fit(SEVERAL, LABELS[:, 0])
    with pytest.raises(ValueError, match="y has several labels for each sample, but had one class"):
        single.partial_fit(SEVERAL, LABELS)
