"""The classifier."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from mlp.estimator.options import check_number, checked_weights
from mlp.estimator.perceptron import Perceptron, partial_fit_is_possible
from mlp.estimator.reporting import Callback
from mlp.estimator.several import check_several, is_matrix, truth_values
from mlp.estimator.undoing import all_or_nothing
from mlp.metrics import predict_classes, predict_labels
from mlp.parts import Part, balanced_weights

Array = np.ndarray


class MLPClassifier(ClassifierMixin, Perceptron):
    """A multilayer perceptron for classes, trained by Algorithm 1 of the note.

    The features should be of the order of 1 (see sklearn.preprocessing.StandardScaler). A matrix y
    (N, K) of 0 and 1 gives each sample several labels: the outputs are then K sigmoid units.
    If `fit` or `partial_fit` raises or is interrupted, the estimator is as it was before.

    Args:
        hidden_layer_sizes: neurons of each hidden layer; () for none.
        hidden: name of the hidden activation, or one name per hidden layer (mlp.ACTIVATIONS).
        output: "softmax" or "sigmoid"; with several labels always sigmoid.
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
        classes_: the classes, sorted; with several labels the numbers of the columns of y.
        history_: the recorded quantities, a row per epoch from 0: a pandas DataFrame, or a
            dictionary of arrays if pandas is missing. With several labels an accuracy is, as
            `score` is, the share of samples of which all K labels are right (subset accuracy).
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

    _several = False
    """Whether y gave each sample several labels."""

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
        """Train from the start on samples X (N, n_0) of classes y (N,), or of labels y (N, K).

        `sample_weight` (N,) says how much each sample counts in training, relative to the others.
        """
        with all_or_nothing(self):
            X, y = self._checked(X, y, reset=True)
            several = y.ndim == 2
            classes: Array = np.arange(y.shape[1]) if several else np.unique(y)
            if self.warm_start and self.__sklearn_is_fitted__():
                self._refuse_others(classes, several)
            self.classes_, self._several = classes, several
            if len(self.classes_) < 2:
                raise ValueError("a classifier needs two classes or more; the data has one class")
            return self._fit(self._part(X, y, sample_weight))

    def _refuse_others(self, classes: Array, several: bool) -> None:
        """Raise ValueError unless the classes are those of the last fit."""
        self._check_kind(several)
        if not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"warm_start=True goes on with the classes {self.classes_.tolist()}, y has "
                f"{classes.tolist()}: give samples of all of them, or set warm_start=False"
            )

    def _check_kind(self, several: bool) -> None:
        """Raise ValueError if y has one class for each sample and had several labels, or so."""
        if several != self._several:
            one, more = "one class", "several labels"
            found, before = (more, one) if several else (one, more)
            raise ValueError(f"y has {found} for each sample, but had {before} before")

    @available_if(partial_fit_is_possible)
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> "MLPClassifier":
        """Train for one epoch on these samples; the first call needs all `classes`.

        A matrix y (N, K) of several labels names them by its columns. The step size follows the
        schedule of `epochs` calls and stays at its last value.
        """
        with all_or_nothing(self):
            self._refuse_balanced()
            first = not self.__sklearn_is_fitted__()
            X, y = self._checked(X, y, reset=first)
            if first:
                self._several, self.classes_ = y.ndim == 2, self._first_classes(y, classes)
            self._check_kind(y.ndim == 2)
            if classes is not None and not np.array_equal(self.classes_, np.unique(classes)):
                raise ValueError(f"classes is {classes}, but was {self.classes_} before")
            return self._partial_fit(self._part(X, y, sample_weight))

    def _refuse_balanced(self) -> None:
        """Raise ValueError for weights that need all samples at once."""
        if isinstance(self.class_weight, str) and self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" needs all samples at once, and partial_fit sees a part of '
                "them: give a mapping of classes to weights"
            )

    def _first_classes(self, y: Array, classes: Any) -> Array:
        """Return the classes that the first call of `partial_fit` gives."""
        if y.ndim == 2:
            return np.arange(y.shape[1])
        if classes is None:
            raise ValueError("classes must be given on the first call to partial_fit")
        return np.unique(np.asarray(classes))

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, (N, K), in the order of `classes_`.

        The outputs of sigmoid units, one for each class, are scaled to the sum 1; those of several
        labels are the probability of each label by itself.
        """
        outputs = self._outputs(X)
        if self._several:
            return outputs
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
        if self._several:
            return scores
        below = scores - scores.max(axis=1, keepdims=True)
        return below - np.log(np.exp(below).sum(axis=1, keepdims=True))

    def decision_function(self, X: Any) -> Array:
        """Return the confidence in each class, (N, K); for two classes (N,).

        For two classes it is ln(p/(1 - p)), where p is the probability of `classes_[1]`, which is
        predicted if the number is above 0. For more classes it is ln a_k up to a constant of the
        sample (z_k with softmax); the class with the largest number is predicted. For several
        labels it is z_k = ln(a_k/(1 - a_k)), (N, K): a label is predicted if it is above 0.
        """
        if self._several:
            return self._outputs(X, logits=True)
        scores = self._log_scores(X)
        return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores

    def _log_scores(self, X: Any) -> Array:
        """Return ln a_k of the outputs up to a constant of the sample, (N, K)."""
        z = self._outputs(X, logits=True)
        if self.output == "softmax" and not self._several:
            return z
        if z.shape[1] == 1:
            z = np.hstack([-z, z])
        return -np.logaddexp(0, -z)

    def predict(self, X: Any) -> Array:
        """Return the most probable class of each sample, (N,).

        Of several labels, (N, K), those with a probability above 0.5 are 1 and the others 0.
        """
        outputs = self._outputs(X)
        if self._several:
            return predict_labels(outputs).astype(int)
        return self.classes_[predict_classes(outputs)]

    def _of_the_targets(self) -> dict[str, Any]:
        return {
            "output": "sigmoid" if self._several else self.output,
            "cost": self.cost,
            "label_smoothing": self.label_smoothing,
        }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:
        """Return X and classes y (N,), or truth values y (N, K) of several labels."""
        several = is_matrix(y)
        y = truth_values(y) if several else y
        dtype = np.dtype(self.dtype)
        X, y = validate_data(self, X, y, dtype=dtype, multi_output=several, reset=reset)
        check_classification_targets(y)
        return X, y

    def _part(self, X: Array, y: Array, sample_weight: Any = None) -> Part:
        """Return the samples with their weights and targets, one-hot or a single column."""
        weights = checked_weights(sample_weight, X)
        if self._several:
            return self._part_of_several(X, y, weights)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds {unknown.tolist()}, not among the classes {self.classes_}")
        labels, K = np.searchsorted(self.classes_, y), len(self.classes_)
        if self.output_units not in ("classes", 1):
            raise ValueError(f"output_units is 'classes' or 1, found {self.output_units!r}")
        if self.output_units == 1 and K > 2:
            raise ValueError(f"one output unit cannot tell {K} classes apart")
        Y = labels[:, None] if self.output_units == 1 else np.eye(K)[labels]
        if self.class_weight is not None:
            weights = self._class_weights(labels)[labels] * (1.0 if weights is None else weights)
        return Part(X, Y.astype(X.dtype), labels, weights)

    def _part_of_several(self, X: Array, y: Array, weights: Array | None) -> Part:
        """Return the samples with their weights and labels y (N, K)."""
        check_several(self)
        if y.shape[1] != len(self.classes_):
            raise ValueError(f"y has {y.shape[1]} columns, but had {len(self.classes_)} before")
        return Part(X, y.astype(X.dtype), y, weights)

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
            check_number(f"the weight of class {name!r}", weight, "from 0")
        return np.array([given.get(name, 1.0) for name in known], dtype=float)
