"""Scores of a trained network by name, beside accuracy and cost.

A metric is a function of the true classes (N,), the predicted ones (N,) and the probabilities of
all classes (N, K), NaN if the outputs are none. It returns a number, NaN if it is not defined. A
config names one of this file's, or one of its own as MODULE:FUNCTION.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from experiments.base import UserError
from mlp import Registry, predict_classes

METRICS = Registry("metric")
Array = np.ndarray
Metric = Callable[[Array, Array, Array], float]
BINS = 10
"""Of the calibration error: intervals of equal width between 0 and 1."""


@METRICS.register("balanced_accuracy")
def balanced_accuracy(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the mean of the recalls of the classes that have samples."""
    present = np.unique(labels)
    return float(np.mean([(predicted[labels == c] == c).mean() for c in present]))


@METRICS.register("precision")
def precision(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the mean over the classes of the precision, 0 for a class that is never predicted."""
    return _of_classes("precision_score", labels, predicted, chances)


@METRICS.register("recall")
def recall(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the mean over the classes of the recall, 0 for a class without samples."""
    return _of_classes("recall_score", labels, predicted, chances)


@METRICS.register("f1")
def f1(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the mean over the classes of F1, 2 P R / (P + R) of precision and recall."""
    return _of_classes("f1_score", labels, predicted, chances)


@METRICS.register("mcc")
def mcc(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the correlation coefficient of Matthews, for any number of classes."""
    from sklearn.metrics import matthews_corrcoef

    return float(matthews_corrcoef(labels, predicted))


@METRICS.register("log_loss")
def log_loss(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the mean of -log p of the true class; NaN without finite probabilities."""
    from sklearn.metrics import log_loss as found

    if not np.isfinite(chances).all():
        return np.nan
    return float(found(labels, chances, labels=np.arange(chances.shape[1])))


@METRICS.register("roc_auc")
def roc_auc(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the area under the ROC curve, with several classes the mean of one against the rest.

    NaN without finite probabilities, or if a class has no samples.
    """
    from sklearn.metrics import roc_auc_score

    K = chances.shape[1]
    if not np.isfinite(chances).all() or len(np.unique(labels)) < K:
        return np.nan
    return float(roc_auc_score(labels, chances[:, 1] if K == 2 else chances, multi_class="ovr"))


@METRICS.register("calibration_error")
def calibration_error(labels: Array, predicted: Array, chances: Array) -> float:
    """Return the expected calibration error (Guo, Pleiss, Sun and Weinberger, 2017).

    Σ_b (n_b/N) |share correct in b - mean confidence in b| over `BINS` bins of the probability of
    the predicted class. NaN without finite probabilities.

    >>> calibration_error(np.array([0, 1]), np.array([0, 0]), np.array([[0.9, 0.1], [0.9, 0.1]]))
    0.4
    """
    if not np.isfinite(chances).all():
        return np.nan
    sure = chances.max(axis=1)
    place = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = np.bincount(place, weights=(predicted == labels) - sure, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def _of_classes(name: str, labels: Array, predicted: Array, chances: Array) -> float:
    from sklearn import metrics  # slow to import, and seldom needed

    K = np.arange(chances.shape[1])
    score = getattr(metrics, name)
    return float(score(labels, predicted, labels=K, average="macro", zero_division=0))


@lru_cache(maxsize=64)
def metric_of(name: str) -> Metric:
    """Return the metric of a name, or the function that MODULE:FUNCTION names.

    Raises UnknownNameError for a name that there is not, ValueError if the module cannot be
    imported or has no such function.
    """
    if ":" not in name:
        return METRICS[name]
    module, _, function = name.partition(":")
    try:
        found = getattr(import_module(module), function)
    except Exception as error:
        raise ValueError(
            f"the metric {name} cannot be imported ({type(error).__name__}: {error}); write "
            "MODULE:FUNCTION of a module that lies in the project's folder or is installed"
        ) from None
    if not callable(found):
        raise ValueError(f"the metric {name} is no function, but of type {type(found).__name__}")
    return found


def metric_file(name: str) -> Path:
    """Return the file that a metric is in: this one, or that of MODULE:FUNCTION."""
    module, _, function = name.partition(":")
    spec = find_spec(module) if function else None
    return Path(spec.origin) if spec and spec.origin else Path(__file__)


def score_column(part: str, name: str) -> str:
    """Return the column of the table of runs that has a metric on a part.

    >>> score_column("test", "mcc"), score_column("test", "mine:gain")
    ('test_mcc', 'test_mine.gain')
    """
    return f"{part}_{name.replace(':', '.')}"


def probabilities(outputs: Array, output: str) -> Array:
    """Return the probability of each class, (N, K), in float64; NaN if the outputs have none.

    Sigmoid outputs of several units are scaled to the sum 1, as `mlp.estimator` does.

    >>> probabilities(np.array([[0.25]]), "sigmoid").tolist()
    [[0.75, 0.25]]
    """
    outputs = outputs.astype(float)
    if output not in ("softmax", "sigmoid"):
        return np.full((len(outputs), max(2, outputs.shape[1])), np.nan)
    if outputs.shape[1] == 1:
        return np.hstack([1 - outputs, outputs])
    total = outputs.sum(axis=1, keepdims=True)
    even = np.full_like(outputs, 1 / outputs.shape[1])
    return np.divide(outputs, total, out=even, where=total != 0)


def scores(names: Iterable[str], outputs: Array, output: str, labels: Array) -> dict[str, float]:
    """Return metrics by name, of outputs a^L (N, K) of an `output` activation, labels (N,) given.

    Raises UserError if a metric of one's own fails or returns no number.
    """
    predicted, chances = predict_classes(outputs), probabilities(outputs, output)
    found = {}
    for name in names:
        try:
            value = metric_of(name)(labels, predicted, chances)
        except Exception as error:  # of a function that this project does not know
            said = f"{type(error).__name__}: {error}"
            raise UserError(f"the metric {name} failed on {len(labels)} samples: {said}") from None
        try:
            found[name] = float(value)
        except (TypeError, ValueError):
            raise UserError(f"the metric {name} returned {value!r}: expected a number") from None
    return found
