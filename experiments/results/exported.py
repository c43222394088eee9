"""A network as scikit-learn's own: a pipeline of a scaler and an MLPClassifier, not fitted anew."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.base import UserError
from experiments.results.formats import check_format, check_raw, layers_of, scale_of

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from experiments.results.models import Model

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
"""The hidden activations that scikit-learn has, and its names of them."""


def as_sklearn(model: "Model") -> "Pipeline":
    """Return a fitted Pipeline(StandardScaler, MLPClassifier) that predicts what a model does.

    It takes raw samples. A softmax over two classes becomes one logistic unit, which is the same
    function and the form that scikit-learn has. Raises UserError for a network that scikit-learn
    cannot hold.
    """
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import LabelBinarizer

    hidden = _hidden(model)
    weights, biases = map(list, zip(*((w.T, b) for w, b in layers_of(model)), strict=True))
    classes = np.arange(max(2, len(biases[-1])))
    if len(biases[-1]) == 2:
        weights[-1], biases[-1] = (np.diff(a, axis=-1) for a in (weights[-1], biases[-1]))
    net = MLPClassifier(
        model.net.sizes[1:-1], activation=hidden, solver="sgd",
        learning_rate_init=float(model.spec["eta"]), batch_size=int(model.spec["batch_size"]),
        max_iter=max(1, len(model.curves) - 1),
    )  # fmt: skip
    _set(
        net, coefs_=weights, intercepts_=biases, classes_=classes, n_features_in_=len(weights[0]),
        n_layers_=len(weights) + 1, n_outputs_=len(biases[-1]), n_iter_=len(model.curves) - 1,
        out_activation_="logistic" if len(biases[-1]) == 1 else "softmax",
        _label_binarizer=LabelBinarizer().fit(classes),
    )  # fmt: skip
    return Pipeline([("scale", _scaler(model)), ("net", net)])


def save_sklearn(model: "Model", path: Path) -> None:
    """Write a model as scikit-learn's to a file that `skops.io.load` reads."""
    check_format("sklearn")
    import skops.io

    pipeline = as_sklearn(model)
    Path(path).write_bytes(skops.io.dumps(pipeline))


def _hidden(model: "Model") -> str:
    """Return scikit-learn's name of the hidden activation. Raises UserError if it has none."""
    where = f"scikit-learn's MLPClassifier cannot hold the network of run {model.run_id}: "
    *hidden, output = (activation.name for activation in model.net.activations)
    if next(iter(model.parts.values())).labels is None:
        raise UserError(f"{where}it predicts values, not classes")
    if output != "softmax" and (output, model.net.sizes[-1]) != ("sigmoid", 1):
        raise UserError(
            f"{where}its output is {model.net.sizes[-1]} units of {output}; softmax, or one unit "
            "of sigmoid, can be exported"
        )
    if unknown := sorted({*hidden} - ACTIVATIONS.keys()):
        raise UserError(
            f"{where}its hidden activation is {', '.join(unknown)}; {', '.join(ACTIVATIONS)} can "
            "be exported"
        )
    if len({*hidden}) > 1:
        raise UserError(
            f"{where}its hidden layers have different activations, {', '.join(hidden)}; there "
            "one serves all layers"
        )
    check_raw(model, where)
    return ACTIVATIONS[hidden[0]] if hidden else "identity"


def _scaler(model: "Model") -> Any:
    """Return the standardisation of the training part; it changes nothing if there was none."""
    from sklearn.preprocessing import StandardScaler

    width = model.net.sizes[0]
    if not len(model.mean):
        scaler = StandardScaler(with_mean=False, with_std=False)
        return _set(scaler, mean_=None, scale_=None, var_=None, n_features_in_=width)
    return _set(
        StandardScaler(), mean_=model.mean, scale_=scale_of(model), var_=model.std**2,
        n_features_in_=width,
    )  # fmt: skip


def _set(estimator: Any, **attributes: Any) -> Any:
    """Give an estimator what its `fit` would have found."""
    for name, value in attributes.items():
        setattr(estimator, name, value)
    return estimator
