"""How well a network tells classes apart: the usual scores, by sklearn.metrics."""

from typing import NamedTuple

import numpy as np
import pandas as pd

import mlp


class Report(NamedTuple):
    """The scores of a network on samples.

    `classes` has a row for each class with its precision, recall, f1 and number of samples;
    `overall` has accuracy, balanced_accuracy, mcc, log_loss and roc_auc (one class against the
    rest, the mean over classes; for two classes that of class 1).
    """

    classes: pd.DataFrame
    overall: pd.Series


def report(outputs: np.ndarray, output: str, labels: np.ndarray) -> Report:
    """Return the scores of outputs a^L (N, K) of an `output` activation, labels (N,) given.

    A precision without a predicted sample, and a recall without a sample, is 0. The balanced
    accuracy is the mean recall of the classes that have samples. `log_loss` and `roc_auc` are NaN
    if the outputs are no probabilities or not finite, `roc_auc` also if a class has no sample.
    """
    from sklearn import metrics

    said, K = mlp.predict_classes(outputs), max(2, outputs.shape[1])
    classes, present = np.arange(K), np.unique(labels)
    precision, recall, f1, samples = metrics.precision_recall_fscore_support(
        labels, said, labels=classes, zero_division=0
    )
    table = pd.DataFrame(
        {"precision": precision, "recall": recall, "f1": f1, "samples": samples},
        index=pd.Index(classes, name="class"),
    )
    overall = {
        "accuracy": metrics.accuracy_score(labels, said),
        "balanced_accuracy": recall[present].mean(),
        "mcc": metrics.matthews_corrcoef(labels, said),
        "log_loss": np.nan,
        "roc_auc": np.nan,
    }
    chances = probabilities(outputs, output)
    if np.isfinite(chances).all():
        overall["log_loss"] = metrics.log_loss(labels, chances, labels=classes)
        if len(present) == K:
            scores = chances[:, 1] if K == 2 else chances
            overall["roc_auc"] = metrics.roc_auc_score(labels, scores, multi_class="ovr")
    return Report(table, pd.Series(overall, name="overall"))


def probabilities(outputs: np.ndarray, output: str) -> np.ndarray:
    """Return the probability of each class, (N, K), in float64; NaN if the outputs have none.

    Sigmoid outputs of several units are scaled to the sum 1, as `mlp.estimator` does.

    >>> probabilities(np.array([[0.25]]), "sigmoid").tolist()
    [[0.75, 0.25]]
    """
    outputs = outputs.astype(float)
    if output not in ("softmax", "sigmoid"):
        return np.full_like(outputs, np.nan)
    if outputs.shape[1] == 1:
        return np.hstack([1 - outputs, outputs])
    total = outputs.sum(axis=1, keepdims=True)
    even = np.full_like(outputs, 1 / outputs.shape[1])
    return np.divide(outputs, total, out=even, where=total != 0)
