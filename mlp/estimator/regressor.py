"""The regressor."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d, validate_data

from mlp.estimator.options import check_dense_targets, checked_weights
from mlp.estimator.perceptron import Perceptron, partial_fit_is_possible
from mlp.estimator.undoing import all_or_nothing
from mlp.parts import Part

Array = np.ndarray


class MLPRegressor(RegressorMixin, Perceptron):
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
        with all_or_nothing(self):
            return self._fit(self._part(X, y, sample_weight, reset=True))

    @available_if(partial_fit_is_possible)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """Train for one epoch on these samples; see `MLPClassifier.partial_fit`."""
        first = not self.__sklearn_is_fitted__()
        with all_or_nothing(self):
            return self._partial_fit(self._part(X, y, sample_weight, reset=first))

    def predict(self, X: Any) -> Array:
        """Return the values of each sample, (N,), or (N, K) if y had K columns, in float64."""
        outputs = self._outputs(X).astype(float)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def _part(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> Part:
        check_dense_targets(y)
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
        return Part(X, Y, weights=checked_weights(sample_weight, X))

    def _column(self, name: str) -> str:
        return name.replace("_accuracy", "_r2")
