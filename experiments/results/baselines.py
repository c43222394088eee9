"""The table of the baselines: what simple classifiers reach on each dataset of a sweep."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from experiments import statistics
from experiments.base import files, write_text
from experiments.datasets import Data, kept_scores

COLUMNS = ("dataset", "baseline", "splits", "mean", "low", "high")
"""Of the table: accuracies in percent; low and high are the ends of the t-interval over splits."""


def baselines_table(datasets: Iterable[Data], folder: Path, level: float) -> pd.DataFrame:
    """Return a row for each dataset and baseline (`COLUMNS`); datasets without classes have none.

    `folder` holds the datasets; one that a partial sweep could not make has no row. One split
    gives no interval. Raises DamagedFileError if a dataset cannot be read.
    """
    rows = []
    for data in datasets:
        if not files.data_file(folder, data.key).exists():
            continue
        for baseline, scores in kept_scores(data, folder).items():
            mean, low, high = statistics.t_interval(scores, 1 - level)
            rows.append((data.name, baseline, len(scores), mean, low, high))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_baselines(datasets: Iterable[Data], folder: Path, level: float, path: Path) -> None:
    """Write the table of :func:`baselines_table` as CSV."""
    write_text(path, baselines_table(datasets, folder, level).to_csv(index=False))
