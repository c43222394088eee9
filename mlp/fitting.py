"""One network in one line, for arrays as scikit-learn has them."""

import inspect
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from mlp.registry import did_you_mean

TASKS = ("classes", "values")
NAMES = {"hidden_layer_sizes": "hidden", "hidden": "activation", "random_state": "seed"}
"""What `fit` calls three parameters of an estimator."""


def fit(
    X: Any,
    y: Any,
    *,
    hidden: Sequence[int] | int = (20,),
    activation: str | Sequence[str] = "sigmoid",
    eta: float = 0.1,
    epochs: int = 30,
    seed: int = 0,
    task: str | None = None,
    **settings: Any,
) -> Any:
    """Return an `MLPClassifier` or `MLPRegressor` of `mlp.estimator`, fitted to X (N, n_0) and y.

    `hidden` are the sizes of the hidden layers and `activation` is the name of their activation,
    or one name for each. The features should be of the order of 1. `settings` are the other
    parameters of :class:`mlp.estimator.MLPClassifier`, such as `batch_size`, `optimizer` or
    `early_stopping`. The result has `predict`, `score`, and `net` and `params` for `mlp.save`.

    Integers, truth values and texts in y are classes; fractions, or several columns, are values
    to predict. `task="classes"` or `task="values"` says otherwise, and must be given for whole
    numbers that are stored as floats, which may be either, and for several labels of each sample,
    a matrix y (N, K) of 0 and 1 (`task="classes"`). Raises ValueError if it is not given
    then, and TypeError for a setting that does not exist. Needs scikit-learn.

    >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), ["low", "low", "high", "high"]
    >>> model = fit(X, y, hidden=(4,), eta=0.5, epochs=300, seed=1)
    >>> model.predict([[0.1], [0.9]]).tolist(), model.score(X, y)
    (['low', 'high'], 1.0)
    >>> model.net
    <network 1-4-2: sigmoid, softmax; cross_entropy>
    >>> model.params.weights[0].shape
    (4, 1)
    """
    estimator = _estimator()
    kinds = {"classes": estimator.MLPClassifier, "values": estimator.MLPRegressor}
    kind = kinds[_task(y) if task is None else _checked_task(task)]
    _check_settings(kind, settings)
    return kind(
        hidden, activation, eta=eta, epochs=epochs, random_state=seed, **settings
    ).fit(X, y)  # fmt: skip


def _estimator() -> Any:
    try:
        return import_module("mlp.estimator")  # by name: no step of a sweep depends on it
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != "sklearn":
            raise
        raise ImportError("mlp.fit needs scikit-learn: pip install scikit-learn") from None


def _checked_task(task: str) -> str:
    if task not in TASKS:
        raise ValueError(f"task is one of {', '.join(TASKS)}, found {task!r}")
    return task


def _task(y: Any) -> str:
    """Return whether y holds classes or values; raise ValueError if it may be either."""
    y = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    if y.ndim == 2 and y.shape[1] > 1:
        if y.size and y.dtype.kind in "biuf" and np.isin(y, (0, 1)).all():
            raise ValueError(
                "y is a matrix of 0 and 1, which may be several labels of each sample or values: "
                'write task="classes" or task="values"'
            )
        return "values"
    if y.dtype.kind != "f":
        return "classes"
    if y.size and (np.floor(y) == y).all():
        raise ValueError(
            "y holds whole numbers stored as floats, which may be classes or values: "
            'write task="classes" or task="values"'
        )
    return "values"


def _check_settings(kind: type, settings: dict[str, Any]) -> None:
    """Raise TypeError for a setting that an estimator does not have, or has by another name."""
    known = sorted(inspect.signature(kind).parameters.keys() - NAMES.keys())
    for name in settings:
        if name in NAMES:
            raise TypeError(f"fit calls {name} of an estimator {NAMES[name]}")
        if name not in known:
            raise TypeError(
                f"fit has no setting {name!r} for {kind.__name__}{did_you_mean(name, known)}; "
                f"the settings are {', '.join(known)}"
            )
