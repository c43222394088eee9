"""What simple and well-known classifiers reach on the sweep's own splits.

Majority: the most frequent class of the training part. Logistic regression: scikit-learn's, with
its defaults. MLPClassifier: scikit-learn's, one hidden layer of 20 ReLU units under softmax
and cross-entropy, 30 epochs of plain gradient descent in batches of 10 at a step of 0.1, which is
not tuned. All learn from the training part and are tested on the test part of
:func:`experiments.training.splits.split`, features standardised by the training part.
"""

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from experiments.base import UserError
from experiments.datasets.source import DATASETS
from experiments.training import make_parts
from mlp import Part

SPLITS = (0, 1, 2, 3, 4)
BASELINES = ("majority", "logistic", "mlp")
Scores = dict[str, list[float]]


def baselines(
    name: str, options: Mapping[str, Any] | None = None, splits: Sequence[int] = SPLITS
) -> Scores:
    """Return the test accuracy of each baseline on a source's data, in percent, one per split.

    `splits` are the seeds of the splits. Raises UserError for real values to predict.
    """
    source = DATASETS[name]
    chosen = source.Options(**(options or {}))
    classes = source.shape(chosen).classes
    if not classes:
        raise UserError(f"dataset {name}: baselines are of classes, but it has real values")
    return scores(source.load(chosen), classes, splits, source.standardise)


def scores(
    data: Mapping[str, np.ndarray],
    classes: int,
    splits: Sequence[int] = SPLITS,
    standardise: bool = True,
) -> Scores:
    """Return the test accuracies of each baseline in percent, one per split, as :func:`baselines`.

    Data that bring their own parts have one split, whatever its seed.
    """
    from threadpoolctl import threadpool_limits

    found: Scores = {baseline: [] for baseline in BASELINES}
    with threadpool_limits(1):
        for seed in splits[:1] if "part" in data else splits:
            parts = make_parts(
                data,
                classes=classes,
                units=classes,
                seed=seed,
                dtype="float64",
                standardise=standardise,
            )
            for baseline, score in _on_split(parts["train"], parts["test"], seed).items():
                found[baseline].append(score)
    return found


def _on_split(train: Part, test: Part, seed: int) -> dict[str, float]:
    from sklearn.linear_model import LogisticRegression

    majority = np.bincount(train.labels).argmax()
    logistic = LogisticRegression(max_iter=10_000).fit(train.X, train.labels)
    predicted = (majority, logistic.predict(test.X), _network(train, seed).predict(test.X))
    return {
        baseline: 100 * float(np.mean(labels == test.labels))
        for baseline, labels in zip(BASELINES, predicted, strict=True)
    }


def _network(train: Part, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(
        (20,),
        solver="sgd",
        alpha=0,
        batch_size=10,
        learning_rate_init=0.1,
        momentum=0,
        max_iter=30,
        n_iter_no_change=30,
        random_state=seed,
    )
    with warnings.catch_warnings():
        # It trains for a given number of epochs, as the sweep's runs do; convergence is not asked.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(train.X, train.labels)


def markdown(names: Iterable[str]) -> str:
    """Return the mean accuracies of some sources as a table of a page."""
    lines = ["| dataset | majority | logistic regression | MLPClassifier |", "|---|---:|---:|---:|"]
    for name in names:
        means = [fmean(values) for values in baselines(name).values()]
        lines.append(f"| {name} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(sys.argv[1:]))
