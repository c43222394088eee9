"""How well a network tells classes apart: the scores of each class, and those of all together."""

from typing import NamedTuple

import numpy as np
import pandas as pd

import mlp
from experiments.training import METRICS, scores


class Report(NamedTuple):
    """The scores of a network on samples.

    `classes` has a row for each class with its precision, recall, f1 and number of samples;
    `overall` has the accuracy and every metric of `experiments.training.metrics`.
    """

    classes: pd.DataFrame
    overall: pd.Series


def report(outputs: np.ndarray, output: str, labels: np.ndarray) -> Report:
    """Return the scores of outputs a^L (N, K) of an `output` activation, labels (N,) given.

    A precision without a predicted sample, and a recall without a sample, is 0. What needs
    probabilities is NaN if the outputs are none, or not finite; `roc_auc` also if a class has no
    sample.
    """
    from sklearn.metrics import precision_recall_fscore_support

    predicted = mlp.predict_classes(outputs)
    classes = np.arange(max(2, outputs.shape[1]))
    precision, recall, f1, samples = precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=0
    )
    table = pd.DataFrame(
        {"precision": precision, "recall": recall, "f1": f1, "samples": samples},
        index=pd.Index(classes, name="class"),
    )
    overall = {"accuracy": float((predicted == labels).mean())}
    overall |= scores(METRICS, outputs, output, labels)
    return Report(table, pd.Series(overall, name="overall"))
