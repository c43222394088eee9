"""What simple and well-known classifiers reach on the datasets of a sweep.

Majority: the most frequent class of the training part. Logistic regression: scikit-learn's, with
its defaults and enough steps to converge. MLPClassifier: scikit-learn's, with its defaults (one
layer of 100 ReLU units, Adam, at most 200 epochs). Nothing is tuned. All learn from the training
part and are tested on the test part of the dataset's splits, as the sweep's runs are, features
standardised by the training part. They classify; real values to predict have none.
"""

import json
import warnings
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from experiments.base import closure, files, store
from experiments.datasets.reference import Data
from experiments.datasets.source import DATASETS
from experiments.training import make_parts
from mlp import Part

SPLITS = {"majority": 10, "logistic": 10, "mlp": 3}
"""The baselines, and the splits that each is tested on: the first so many. MLPClassifier takes
longest, about a quarter of a second for each split of 500 samples."""
MOST_TRAINED = 5000
"""Samples to learn from; of a larger training part the share that gives so many is taken."""
Scores = dict[str, list[float]]


def scores(
    data: Mapping[str, np.ndarray],
    classes: int,
    splits: Mapping[str, int] | None = None,
    standardise: bool = True,
) -> Scores:
    """Return the test accuracies of some baselines in percent, one per split.

    `data` are the arrays of a classification dataset: X (N, features), y (N,), and so on, as
    :func:`experiments.training.make_parts` takes them. `splits` has the number of splits of each
    baseline by name, by default SPLITS; split i is drawn from seed i. Data that bring their own
    parts have one split.
    """
    from threadpoolctl import threadpool_limits

    splits = SPLITS if splits is None else splits
    most = 1 if "part" in data else max(splits.values())
    found: Scores = {baseline: [] for baseline in splits}
    with threadpool_limits(1):
        for seed in range(most):
            parts = _parts(data, classes, seed, standardise)
            for baseline, count in splits.items():
                if seed < count:
                    score = _accuracy(baseline, parts["train"], parts["test"], seed)
                    found[baseline].append(score)
    return found


def _parts(
    data: Mapping[str, np.ndarray], classes: int, seed: int, standardise: bool
) -> dict[str, Part]:
    def made(share: float) -> dict[str, Part]:
        return make_parts(
            data,
            classes=classes,
            units=classes,
            seed=seed,
            dtype="float64",
            train_fraction=share,
            standardise=standardise,
        )

    parts = made(1.0)
    size = len(parts["train"].X)
    return parts if size <= MOST_TRAINED else made(MOST_TRAINED / size)


def _accuracy(baseline: str, train: Part, test: Part, seed: int) -> float:
    if baseline == "majority":
        predicted = np.full(len(test.labels), np.bincount(train.labels).argmax())
    else:
        predicted = _fitted(baseline, train, seed).predict(test.X)
    return 100 * float(np.mean(predicted == test.labels))


def _fitted(baseline: str, train: Part, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    models = {
        "logistic": LogisticRegression(max_iter=10_000),
        "mlp": MLPClassifier(random_state=seed),
    }
    with warnings.catch_warnings():
        # MLPClassifier warns after its 200 epochs; it is taken as it comes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return models[baseline].fit(train.X, train.labels)


def kept_scores(data: Data, folder: Path) -> Scores:
    """Return the scores on a dataset of the folder of the data; compute them if they are not kept.

    They are kept next to the data, in KEY-baselines.json, for all sweeps, and computed again if
    the values of the data, the code here or scikit-learn change. Empty for real values to predict.
    Raises OSError or DamagedFileError if the data is not there.
    """
    if not data.shape.classes:
        return {}
    stored = files.data_file(folder, data.key)
    made_from = {
        "data": store.header(stored)["checksum"],
        "standardise": data.standardise,
        "code": closure.code(f"{__name__}:scores"),
        "scikit-learn": metadata.version("scikit-learn"),
    }
    path = stored.with_name(f"{data.key}-baselines.json")
    found = _read(path, made_from)
    if found is None:
        found = scores(store.read(stored)[1], data.shape.classes, None, data.standardise)
        store.write_text(path, json.dumps({"made_from": made_from, "scores": found}) + "\n")
    return found


def _read(path: Path, made_from: Mapping[str, Any]) -> Scores | None:
    """Return the scores of a file; None if there are none, or they were made from other things."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept["scores"] if kept["made_from"] == made_from else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def markdown(names: Iterable[str]) -> str:
    """Return the mean accuracies on some sources as a table of a page."""
    lines = ["| dataset | majority | logistic regression | MLPClassifier |", "|---|---:|---:|---:|"]
    for name in names:
        source = DATASETS[name]
        chosen = source.Options()
        found = scores(source.load(chosen), source.shape(chosen).classes)
        lines.append(f"| {name} | " + " | ".join(f"{fmean(x):.1f}" for x in found.values()) + " |")
    return "\n".join(lines)
