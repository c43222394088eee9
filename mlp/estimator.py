"""The networks of this package as scikit-learn estimators; needs scikit-learn 1.6 or later.

No other module of the package imports this one.

>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from mlp.estimator import MLPClassifier
>>> X, y = load_iris(return_X_y=True)
>>> model = make_pipeline(StandardScaler(), MLPClassifier((10,), hidden="tanh", random_state=0))
>>> model.fit(X, y).score(X, y) > 0.95
True
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from mlp.descent import Descent
from mlp.metrics import predict_classes
from mlp.network import Network
from mlp.parameters import Parameters
from mlp.parts import Part, balanced_weights
from mlp.recording import History, Recorder
from mlp.schedules import SCHEDULES
from mlp.stepping import Memory
from mlp.streams import stream
from mlp.training import Replica, train

Array = np.ndarray
Callback = Callable[[int, dict[str, float]], None]

try:
    import pandas as pd
except ImportError:  # history_ is then a dictionary of arrays
    pd = None


DTYPES = ("float64", "float32")


def _partial_fit_is_possible(estimator: "_Perceptron") -> bool:
    if estimator.early_stopping:
        raise AttributeError(
            "partial_fit does not support early_stopping=True, because it holds no samples back; "
            "call set_params(early_stopping=False) to continue training"
        )
    return True


class _Perceptron(BaseEstimator):
    """What the classifier and the regressor have in common: Algorithm 1 on checked arrays."""

    network_: Network
    parameters_: Parameters
    n_iter_: int
    _memory: Memory | None

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (30,),
        hidden: str | Sequence[str] = "sigmoid",
        *,
        init: str = "fan_in",
        bias_init: str = "like_weights",
        schedule: str = "constant",
        eta: float = 0.1,
        optimizer: str | Mapping[str, Any] = "sgd",
        batch_size: int = 10,
        epochs: int = 30,
        update: str = "batch",
        penalty: str = "none",
        lambda_: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        random_state: Any = None,
        validation_fraction: float = 0.1,
        early_stopping: bool = False,
        patience: int = 10,
        tol: float = 1e-4,
        n_iter_no_change: int | None = None,
        warm_start: bool = False,
        dtype: str = "float64",
        verbose: bool = False,
        progress: bool = False,
        callback: Callback | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.hidden = hidden
        self.init = init
        self.bias_init = bias_init
        self.schedule = schedule
        self.eta = eta
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.epochs = epochs
        self.update = update
        self.penalty = penalty
        self.lambda_ = lambda_
        self.dropout = dropout
        self.random_state = random_state
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.patience = patience
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.dtype = dtype
        self.verbose = verbose
        self.progress = progress
        self.callback = callback

    def _of_the_targets(self) -> dict[str, Any]:
        """Return the components of the network that depend on the kind of targets."""
        raise NotImplementedError

    def __sklearn_is_fitted__(self) -> bool:  # the option lambda_ looks like a fitted attribute
        return hasattr(self, "parameters_")

    @property
    def net(self) -> Network:
        """The trained network, `network_`."""
        return self.network_

    @property
    def params(self) -> Parameters:
        """Its weights and biases, `parameters_`."""
        return self.parameters_

    def _fit(self, part: Part) -> "_Perceptron":
        """Train from the start on `part`."""
        self._seed, stopping = _seed(self.random_state), self._stopping()
        parts = self._parts(part)
        n = len(parts["train"])
        self._start(parts["train"])
        params = self._stack()
        with _reporters(self, self.epochs) as report:
            history = train(
                self.network_,
                params,
                parts,
                [Replica(self._seed, self.eta, self.schedule, optimizer=self.optimizer)],
                epochs=self.epochs,
                batch_size=self.batch_size,
                update=self.update,
                on_epoch=lambda epoch, so_far: report(epoch, self._row(so_far, epoch)),
                **stopping,
            )
        self._memory = history.memory
        self._selected_at = int(history.selected_at[0])
        stopped, diverged = int(history.stopped_at[0]), int(history.diverged_at[0])
        self.n_iter_ = int(self.epochs) if stopped < 0 else stopped
        rng = self._order()
        for _ in range(self.n_iter_):  # partial_fit continues where fit ended
            rng.permutation(n)
        self._order_state = rng.bit_generator.state
        self._remember([self._row(history, e) for e in range(self.n_iter_ + 1)])
        self._note_divergence(diverged)
        self._note_end(stopped)
        return self

    def _stopping(self) -> dict[str, Any]:
        """Return what tells `train` when to stop; raise ValueError for options that cannot be."""
        patience, name = self.n_iter_no_change, "n_iter_no_change"
        if patience is None and self.early_stopping:
            patience, name = self.patience, "patience"
        if patience is None:
            return {}
        _check_positive(name, patience)
        _check_number("tol", self.tol, "from 0")
        watching = (
            {"restore_best": "best_validation"} if self.early_stopping else {"watch": "train"}
        )
        return {"patience": patience, "tolerance": self.tol, **watching}

    def _partial_fit(self, part: Part) -> "_Perceptron":
        """Train for one epoch on `part`, continuing after the last call."""
        first = not self.__sklearn_is_fitted__()
        part = part.astype(np.dtype(self.dtype))
        if first:
            self._seed = _seed(self.random_state)
            self._start(part)
        net, params = self.network_, self._stack()
        descent = Descent(
            net, params, part, self.batch_size, self.update,
            optimizer=self.optimizer, seeds=[self._seed],
        )  # fmt: skip
        if descent.dropout:
            descent.dropout.epoch = self.n_iter_
        if self._memory is not None and self._memory.optimizer == descent.memory.optimizer:
            descent.memory.assign(self._memory)
        self._memory = descent.memory
        recorder, running = Recorder(net, params, {"train": part}, 1), np.ones(1, dtype=bool)
        if first:
            recorder.write(0, np.full(1, np.nan), running)
        epoch = min(self.n_iter_, self.epochs - 1)  # past the last epoch the step size stays
        eta = np.array([SCHEDULES[self.schedule](self.eta, epoch, self.epochs)])
        rng = self._order()
        descent.epoch(
            rng.permutation(len(part))[None],
            eta,
            on_first=recorder.watch_start if first else None,
            on_last=recorder.watch,
        )
        recorder.write(1, eta, running)
        self._order_state = rng.bit_generator.state
        self.n_iter_ += 1
        rows = [self._row(recorder.history, e) for e in ([0, 1] if first else [1])]
        with _reporters(self, 1) as report:
            report(self.n_iter_, rows[-1])
        self._remember(rows)
        self._note_divergence(self.n_iter_ if recorder.history.diverged_at[0] >= 0 else -1)
        return self

    def _stack(self) -> Parameters:
        """Return the parameters as a stack; `parameters_` becomes a view that training updates."""
        stack = Parameters.stack([self.parameters_])
        self.parameters_ = stack.replica(0)
        return stack

    def _order(self) -> np.random.Generator:
        """Return the stream of the order of the data as it was left; its state is plain numbers."""
        rng = stream("order", self._seed)
        rng.bit_generator.state = self._order_state
        return rng

    def _start(self, part: Part) -> None:
        """Draw the initial parameters (section 5.2) for a training part."""
        _check_positive("epochs", self.epochs)
        _check_positive("batch_size", self.batch_size)
        _check_number("eta", self.eta, "above 0")
        _check_number("lambda_", self.lambda_, "from 0")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype is one of {', '.join(DTYPES)}, found {self.dtype!r}")
        net = Network(
            (part.X.shape[1], *_layers(self.hidden_layer_sizes), part.Y.shape[1]),
            hidden=self.hidden if isinstance(self.hidden, str) else tuple(self.hidden),
            penalty=self.penalty,
            lambda_=self.lambda_,
            dtype=self.dtype,
            dropout=self.dropout,
            **self._of_the_targets(),
        )
        drawn = net.initialize(
            self.init,
            stream("initial draw", self._seed),
            n_train=len(part),
            bias_init=self.bias_init,
        )
        if self.warm_start and self.__sklearn_is_fitted__():
            drawn = self._warm(drawn)
        self.network_, self.parameters_ = net, drawn
        self._order_state, self.n_iter_ = stream("order", self._seed).bit_generator.state, 0
        self._diverged_at, self._selected_at, self._memory = -1, -1, None
        self._history: dict[str, Array] = {}

    def _warm(self, drawn: Parameters) -> Parameters:
        """Return the parameters of the last fit; raise ValueError if their shapes do not match."""
        old, new = ([w.shape for w in params.weights] for params in (self.parameters_, drawn))
        if old != new:
            raise ValueError(
                f"warm_start=True goes on from weights of the shapes {old}, and this fit needs "
                f"{new}: give the same layers, features and classes, or set warm_start=False"
            )
        kept = drawn.copy()
        kept.assign(self.parameters_)
        return kept

    def _parts(self, part: Part) -> dict[str, Part]:
        """Return the parts to train on and, for early stopping, to watch."""
        if not self.early_stopping:
            return {"train": part}
        if not 0 < self.validation_fraction < 1:
            raise ValueError(
                f"validation_fraction is between 0 and 1, found {self.validation_fraction}"
            )
        order = stream("split", self._seed).permutation(len(part))
        held = max(1, round(self.validation_fraction * len(part)))
        if part.labels is None:
            train, validation = order[held:], order[:held]
        else:
            train, validation = _stratified(part.labels, order, held)
        if not (len(train) and len(validation)):
            raise ValueError(
                "early stopping needs one sample of each class to train on and another to hold "
                f"back, found n_samples={len(part)}"
            )
        return {"train": part.rows(train), "validation": part.rows(validation)}

    @property
    def history_(self) -> Any:
        """The recorded quantities, a row per epoch from 0: a DataFrame; a dict without pandas.

        A quantity that was not measured at an epoch is NaN, such as the validation cost in
        `partial_fit`.
        """
        check_is_fitted(self)
        columns = {name: values.copy() for name, values in self._history.items()}
        return columns if pd is None else pd.DataFrame(columns).rename_axis("epoch")

    @property
    def loss_curve_(self) -> list[float]:
        """The cost of the training part after each epoch, without penalty and weights."""
        check_is_fitted(self)
        return self._history["train_cost"][1:].tolist()

    @property
    def best_loss_(self) -> float | None:
        """The lowest number of `loss_curve_`; None with early stopping."""
        curve = self.loss_curve_
        return None if self._selected_at >= 0 else min(curve)

    @property
    def validation_scores_(self) -> list[float] | None:
        """The score of the part held back after each epoch; None without early stopping."""
        check_is_fitted(self)
        return None if self._selected_at < 0 else self._scores()[1:].tolist()

    @property
    def best_validation_score_(self) -> float | None:
        """The score of the kept weights on the part held back; None without early stopping."""
        check_is_fitted(self)
        return None if self._selected_at < 0 else float(self._scores()[self._selected_at])

    def _scores(self) -> Array:
        return self._history[self._column("validation_accuracy")]

    def _row(self, history: History, epoch: int) -> dict[str, float]:
        """Return the recorded quantities of one epoch."""
        values = history.curves[0, epoch].tolist()
        return dict(zip(map(self._column, history.columns), values, strict=True))

    def _column(self, name: str) -> str:
        return name

    def _remember(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Append rows, one for each epoch, to the columns of the history."""
        before = len(next(iter(self._history.values()), ()))
        for name in dict.fromkeys([*self._history, *rows[0]]):
            old = self._history.get(name, np.full(before, np.nan))
            new = [row.get(name, np.nan) for row in rows]
            self._history[name] = np.concatenate([old, new])

    def _note_divergence(self, epoch: int) -> None:
        if epoch < 0 or self._diverged_at >= 0:
            return
        self._diverged_at = epoch
        warnings.warn(
            f"{self._diverged()}. Lower eta, or scale the features.",
            ConvergenceWarning,
            stacklevel=4,
        )

    def _note_end(self, stopped: int) -> None:
        """Warn if the training cost was to end training, and still fell."""
        watched = self.n_iter_no_change is not None and not self.early_stopping
        if watched and stopped < 0 and self._diverged_at < 0:
            warnings.warn(
                f"the training cost still fell by more than tol={self.tol:g} in the last "
                f"n_iter_no_change={self.n_iter_no_change} of the {self.epochs} epochs. Raise "
                "epochs or tol, or set n_iter_no_change=None.",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _diverged(self) -> str:
        return f"the network's numbers are not finite after epoch {self._diverged_at}"

    def _outputs(self, X: Any, logits: bool = False) -> Array:
        """Return a^L (6), or z^L, of checked samples; raise ValueError if they are not finite."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=self.network_.dtype, reset=False)
        outputs = (self.network_.logits if logits else self.network_.forward)(self.parameters_, X)
        if not np.isfinite(outputs).all():
            raise ValueError(
                f"{self._diverged()}: it cannot predict"
                if self._diverged_at >= 0
                else "the outputs of some samples are not finite: are the features far too large?"
            )
        return outputs


class MLPClassifier(ClassifierMixin, _Perceptron):
    """A multilayer perceptron for classes, trained by Algorithm 1 of the note.

    The features should be of the order of 1 (see sklearn.preprocessing.StandardScaler).

    Args:
        hidden_layer_sizes: neurons of each hidden layer; () for none.
        hidden: name of the hidden activation, or one name per hidden layer (mlp.ACTIVATIONS).
        output: "softmax" or "sigmoid".
        cost: "cross_entropy" or "mse" (mlp.COSTS).
        output_units: "classes" for a unit per class, or 1 for two classes (with output "sigmoid").
        class_weight: "balanced" for the weight N/(K n_k) of class k with n_k of the N samples, or a
            mapping of classes to weights, 1 for those that it does not name. Weights count in
            training only.
        label_smoothing: s trains on targets (1 - s) y + s/K of one-hot y.
        init, bias_init: names of initialisations (mlp.INITIALIZERS, mlp.BIAS_INITIALIZERS).
        schedule, eta: name of the learning-rate schedule (mlp.SCHEDULES) and its first step size.
        optimizer: name of the optimizer (mlp.OPTIMIZERS), or a mapping of its name and
            hyper-parameters such as {"name": "adam", "beta1": 0.5}. `partial_fit` keeps its
            velocities and moments.
        batch_size, epochs: samples in a mini-batch; passes through the data.
        update: "batch", or "epoch" for Algorithm 1 to the letter.
        penalty, lambda_: "none", "l1" or "l2" on the weights, and its strength.
        dropout: the probability by which training leaves out a neuron of a hidden layer, or one
            for each hidden layer.
        early_stopping: hold back `validation_fraction` of the samples, stratified by class, and
            stop after `patience` epochs in a row in which the validation cost was not lower than
            the lowest before by more than `tol`. The weights of the epoch with the best validation
            score are kept, of several the one with the lowest validation cost. As in
            scikit-learn's MLPClassifier, `partial_fit` is then not available.
        n_iter_no_change: stop after that many epochs in a row in which the training cost
            (`loss_curve_`) was not lower than the lowest before by more than `tol`, and warn if
            `epochs` are over before. None does not watch it. With early stopping it replaces
            `patience`, as in scikit-learn.
        warm_start: `fit` begins with the weights of the last `fit`; all else, such as the order of
            the samples, the step sizes and `history_`, begins anew.
        dtype: "float64" or "float32".
        random_state: an integer is used as the seed itself, as in a run of a sweep.
        verbose: print a line for each epoch.
        progress: show tqdm's progress bar.
        callback: a function called as callback(epoch, row) after each epoch, `row` being a
            dictionary of the recorded quantities.

    Attributes:
        classes_: the classes, sorted.
        history_: the recorded quantities, a row per epoch from 0: a pandas DataFrame, or a
            dictionary of arrays if pandas is missing.
        network_, parameters_: the mlp.Network and its mlp.Parameters.
        n_iter_: the number of epochs trained.
        loss_curve_, best_loss_, validation_scores_, best_validation_score_: as in scikit-learn's
            MLPClassifier, from `history_`.
        n_features_in_, feature_names_in_: as everywhere in scikit-learn.

    Example:
        >>> X, y = np.array([[0.0], [0.2], [0.8], [1.0]]), np.array(["low", "low", "high", "high"])
        >>> model = MLPClassifier((4,), hidden="tanh", eta=0.5, epochs=100, random_state=1)
        >>> model = model.fit(X, y)
        >>> model.predict([[0.1], [0.9]]).tolist()
        ['low', 'high']
        >>> model.predict_proba([[0.1]]).shape, len(model.history_["train_cost"])
        ((1, 2), 101)
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (30,),
        hidden: str | Sequence[str] = "sigmoid",
        output: str = "softmax",
        cost: str = "cross_entropy",
        *,
        output_units: str | int = "classes",
        class_weight: Mapping[Any, float] | str | None = None,
        label_smoothing: float = 0.0,
        init: str = "fan_in",
        bias_init: str = "like_weights",
        schedule: str = "constant",
        eta: float = 0.1,
        optimizer: str | Mapping[str, Any] = "sgd",
        batch_size: int = 10,
        epochs: int = 30,
        update: str = "batch",
        penalty: str = "none",
        lambda_: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        random_state: Any = None,
        validation_fraction: float = 0.1,
        early_stopping: bool = False,
        patience: int = 10,
        tol: float = 1e-4,
        n_iter_no_change: int | None = None,
        warm_start: bool = False,
        dtype: str = "float64",
        verbose: bool = False,
        progress: bool = False,
        callback: Callback | None = None,
    ) -> None:
        super().__init__(
            hidden_layer_sizes, hidden, init=init, bias_init=bias_init, schedule=schedule, eta=eta,
            optimizer=optimizer, batch_size=batch_size, epochs=epochs, update=update,
            penalty=penalty, lambda_=lambda_, dropout=dropout, random_state=random_state,
            validation_fraction=validation_fraction, early_stopping=early_stopping,
            patience=patience, tol=tol, n_iter_no_change=n_iter_no_change, warm_start=warm_start,
            dtype=dtype, verbose=verbose, progress=progress, callback=callback,
        )  # fmt: skip
        self.output = output
        self.cost = cost
        self.output_units = output_units
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPClassifier":
        """Train from the start on samples X (N, n_0) of classes y (N,).

        `sample_weight` (N,) says how much each sample counts in training, relative to the others.
        """
        X, y = self._checked(X, y, reset=True)
        classes: Array = np.unique(y)
        if self.warm_start and self.__sklearn_is_fitted__():
            self._refuse_others(classes)
        self.classes_ = classes
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs two classes or more; the data has one class")
        return self._fit(self._part(X, y, sample_weight))

    def _refuse_others(self, classes: Array) -> None:
        """Raise ValueError unless the classes are those of the last fit."""
        if not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"warm_start=True goes on with the classes {self.classes_.tolist()}, y has "
                f"{classes.tolist()}: give samples of all of them, or set warm_start=False"
            )

    @available_if(_partial_fit_is_possible)
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> "MLPClassifier":
        """Train for one epoch on these samples; the first call needs all `classes`.

        The step size follows the schedule of `epochs` calls and stays at its last value.
        """
        first = not self.__sklearn_is_fitted__()
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" needs all samples at once, and partial_fit sees a part of '
                "them: give a mapping of classes to weights"
            )
        if first and classes is None:
            raise ValueError("classes must be given on the first call to partial_fit")
        X, y = self._checked(X, y, reset=first)
        if first:
            self.classes_ = np.unique(np.asarray(classes))
        elif classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
            raise ValueError(f"classes is {classes}, but was {self.classes_} before")
        return self._partial_fit(self._part(X, y, sample_weight))

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (N, K), in the order of `classes_`.

        The outputs of sigmoid units, one for each class, are scaled to the sum 1.
        """
        outputs = self._outputs(X)
        if outputs.shape[1] == 1:
            return np.hstack([1 - outputs, outputs])
        if self.output == "softmax":
            return outputs
        total = outputs.sum(axis=1, keepdims=True)
        even = np.full_like(outputs, 1 / outputs.shape[1])
        return np.divide(outputs, total, out=even, where=total > 0)

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithm of the probability of each class, (N, K), from the logits."""
        scores = self._log_scores(X)
        below = scores - scores.max(axis=1, keepdims=True)
        return below - np.log(np.exp(below).sum(axis=1, keepdims=True))

    def decision_function(self, X: Any) -> Array:
        """Return the confidence in each class, (N, K); for two classes (N,).

        For two classes it is ln(p/(1 - p)), where p is the probability of `classes_[1]`, which is
        predicted if the number is above 0. For more classes it is ln a_k up to a constant of the
        sample (z_k with softmax); the class with the largest number is predicted.
        """
        scores = self._log_scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def _log_scores(self, X: Any) -> Array:
        """Return ln a_k of the outputs up to a constant of the sample, (N, K)."""
        z = self._outputs(X, logits=True)
        if self.output == "softmax":
            return z
        if z.shape[1] == 1:
            z = np.hstack([-z, z])
        return -np.logaddexp(0, -z)

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each sample, (N,)."""
        places = predict_classes(self._outputs(X))
        return self.classes_[places]

    def _of_the_targets(self) -> dict[str, Any]:
        return {
            "output": self.output,
            "cost": self.cost,
            "label_smoothing": self.label_smoothing,
        }

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:
        X, y = validate_data(self, X, y, dtype=np.dtype(self.dtype), reset=reset)
        check_classification_targets(y)
        return X, y

    def _part(self, X: Array, y: Array, sample_weight: Any = None) -> Part:
        """Return the samples with their weights and targets, one-hot or a single column."""
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds {unknown.tolist()}, not among the classes {self.classes_}")
        labels, K = np.searchsorted(self.classes_, y), len(self.classes_)
        if self.output_units not in ("classes", 1):
            raise ValueError(f"output_units is 'classes' or 1, found {self.output_units!r}")
        if self.output_units == 1 and K > 2:
            raise ValueError(f"one output unit cannot tell {K} classes apart")
        Y = labels[:, None] if self.output_units == 1 else np.eye(K)[labels]
        weights = _sample_weights(sample_weight, X)
        if self.class_weight is not None:
            weights = self._class_weights(labels)[labels] * (1.0 if weights is None else weights)
        return Part(X, Y.astype(X.dtype), labels, weights)

    def _class_weights(self, labels: Array) -> Array:
        """Return the weight of each class, (K,); one that a mapping does not name has 1."""
        given: Any = self.class_weight
        if isinstance(given, str) and given == "balanced":
            return balanced_weights(labels, len(self.classes_))
        if not isinstance(given, Mapping):
            raise ValueError(
                "class_weight is None, 'balanced' or a mapping of classes to weights, "
                f"found {given!r}"
            )
        known = self.classes_.tolist()
        for name, weight in given.items():
            if name not in known:
                raise ValueError(f"class_weight names {name!r}, not among the classes {known}")
            _check_number(f"the weight of class {name!r}", weight, "from 0")
        return np.array([given.get(name, 1.0) for name in known], dtype=float)


class MLPRegressor(RegressorMixin, _Perceptron):
    """A multilayer perceptron for real values: identity output, mean squared error (7).

    The parameters and attributes are those of `MLPClassifier`. In `history_` R² replaces the
    accuracy. The values to predict, like the features, should be of the order of 1 (see
    sklearn.compose.TransformedTargetRegressor).

    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = MLPRegressor((20,), hidden="tanh", epochs=200, random_state=0).fit(X, X[:, 0] ** 2)
    >>> model.score(X, X[:, 0] ** 2) > 0.95
    True
    """

    def _of_the_targets(self) -> dict[str, Any]:
        return {"output": "identity", "cost": "mse"}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """Train from the start on samples X (N, n_0) with values y, (N,) or (N, K).

        `sample_weight` (N,) says how much each sample counts in training, relative to the others.
        """
        return self._fit(self._part(X, y, sample_weight, reset=True))

    @available_if(_partial_fit_is_possible)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """Train for one epoch on these samples; see `MLPClassifier.partial_fit`."""
        first = not self.__sklearn_is_fitted__()
        return self._partial_fit(self._part(X, y, sample_weight, reset=first))

    def predict(self, X: Any) -> Array:
        """Return the values of each sample, (N,), or (N, K) if y had K columns, in float64."""
        outputs = self._outputs(X).astype(float)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _part(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> Part:
        dtype = np.dtype(self.dtype)
        X, y = validate_data(
            self, X, y, dtype=dtype, multi_output=True, y_numeric=True, reset=reset
        )
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        Y = np.asarray(y, dtype=dtype).reshape(len(y), -1)
        if not reset and Y.shape[1] != self.network_.sizes[-1]:
            raise ValueError(
                f"y has {Y.shape[1]} columns, but had {self.network_.sizes[-1]} before"
            )
        return Part(X, Y, weights=_sample_weights(sample_weight, X))

    def _column(self, name: str) -> str:
        return name.replace("_accuracy", "_r2")


def _seed(random_state: Any) -> int:
    """Return the seed of the named streams: an integer itself, otherwise a drawn one."""
    if isinstance(random_state, Integral):
        check_random_state(random_state)  # it says what an integer may be
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))


def _layers(sizes: Sequence[int] | int) -> tuple[int, ...]:
    layers: Any = (sizes,) if isinstance(sizes, Integral) else sizes
    if not isinstance(layers, Sequence | np.ndarray) or isinstance(layers, str):
        raise ValueError(f"hidden_layer_sizes is a list of whole numbers, found {sizes!r}")
    for size in layers:
        _check_positive("a hidden layer's size", size)
    return tuple(layers)


def _sample_weights(given: Any, X: Array) -> Array | None:
    """Return the weights of the samples, checked as scikit-learn does; None if none are given."""
    return None if given is None else _check_sample_weight(given, X, dtype=np.float64)


def _stratified(labels: Array, order: Array, held: int) -> tuple[Array, Array]:
    """Return the rows to train on and about `held` rows to hold back, of each class its share.

    The first row of each class in the `order` is always trained on. The others are put in the
    order of their classes, and held back at a constant rate.
    """
    by_class = order[np.argsort(labels[order], kind="stable")]
    _, first = np.unique(labels[by_class], return_index=True)
    others = np.delete(by_class, first)
    held = min(held, len(others))
    chosen = others[((np.arange(held) + 0.5) * len(others) / max(held, 1)).astype(int)]
    return order[~np.isin(order, chosen)], order[np.isin(order, chosen)]


def _check_positive(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} is a whole number from 1, found {value!r}")


def _check_number(name: str, value: Any, least: str) -> None:
    """Raise ValueError unless a value is a finite number, "above 0" or "from 0" as `least` says."""
    number = isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    if not number or value < 0 or (value == 0 and least == "above 0"):
        raise ValueError(f"{name} is a number {least}, found {value!r}")


@contextmanager
def _reporters(estimator: Any, epochs: int) -> Iterator[Callback]:
    """Yield a function that reports an epoch: a printed line, the callback, the progress bar."""
    bar = _progress_bar(epochs) if estimator.progress else None

    def report(epoch: int, row: dict[str, float]) -> None:
        if estimator.verbose:
            print(f"epoch {epoch}: {_summary(row)}")
        if estimator.callback is not None:
            estimator.callback(epoch, row)
        if bar is not None:
            bar.set_postfix_str(_summary(row))
            bar.update()

    try:
        yield report
    finally:
        if bar is not None:
            bar.close()


def _summary(row: Mapping[str, float]) -> str:
    """Return the costs and scores of an epoch as one line.

    >>> _summary({"step_size": 0.1, "train_accuracy": 0.5, "train_cost": 0.25})
    'train_accuracy 0.5, train_cost 0.25'
    """
    ends = ("_accuracy", "_r2", "_cost")
    return ", ".join(f"{name} {v:.4g}" for name, v in row.items() if name.endswith(ends))


def _progress_bar(epochs: int) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("a progress bar needs tqdm: pip install tqdm") from None
    return tqdm(total=epochs, unit="epoch")
