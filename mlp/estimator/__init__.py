"""The networks of this package as scikit-learn estimators; needs scikit-learn 1.6 or later.

No other module of `mlp` imports this one.

>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from mlp.estimator import MLPClassifier
>>> X, y = load_iris(return_X_y=True)
>>> model = make_pipeline(StandardScaler(), MLPClassifier((10,), hidden="tanh", random_state=0))
>>> model.fit(X, y).score(X, y) > 0.95
True
"""

from mlp.estimator.classifier import MLPClassifier
from mlp.estimator.regressor import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor"]
