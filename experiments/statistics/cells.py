"""The runs of a comparison as a frame `cells`, and what it must hold."""

from collections.abc import Mapping
from math import inf, nan
from typing import Any

import numpy as np
import pandas as pd

PLACE = ["dataset", "facet"]
ARM = [*PLACE, "arm"]
RUN = [*ARM, "tuned", "seed"]
ACCURACIES = ["test_accuracy", "validation_accuracy"]
METRICS = [*ACCURACIES, "validation_cost"]
STATUSES = ("ok", "diverged", "skipped")


def checked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the contract, with NaN costs as infinite and skipped metrics NaN."""
    runs = columns(cells, [*RUN, "status", *METRICS])
    runs = runs.astype(dict.fromkeys(METRICS, float)).reset_index(drop=True)
    ran = runs["status"].ne("skipped")
    refuse(runs[~runs["status"].isin(STATUSES)], f"status must be one of {', '.join(STATUSES)}")
    refuse(runs[runs[RUN].isna().any(axis=1)], f"{', '.join(RUN)} must not be missing")
    refuse(runs[runs.duplicated(RUN)], "two rows for one run")
    refuse(runs[ran & ~np.isfinite(runs[ACCURACIES]).all(axis=1)], "a run without accuracies")
    runs.loc[~ran, METRICS] = nan
    runs.loc[ran, "validation_cost"] = runs.loc[ran, "validation_cost"].fillna(inf)
    return runs


def columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return these columns of a frame. Raises ValueError if one is missing or no row is there."""
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        raise ValueError(f"missing columns: {', '.join(lacking)}")
    if frame.empty:
        raise ValueError("no rows")
    return frame[names]


def refuse(wrong: pd.DataFrame, why: str) -> None:
    """Raise ValueError with the first of the wrong rows, if there are any."""
    if len(wrong):
        row = ", ".join(f"{key}={value!r}" for key, value in wrong.iloc[0].items())
        raise ValueError(f"{why}; {len(wrong)} such rows, the first: {row}")


def by_dataset(runs: pd.DataFrame, given: Any, name: str) -> Mapping[str, Any]:
    """Return a value for each dataset, from a mapping that must have them all or from one."""
    datasets = runs["dataset"].unique()
    if not isinstance(given, Mapping):
        return dict.fromkeys(datasets, given)
    lacking = [dataset for dataset in datasets if dataset not in given]
    if lacking:
        raise ValueError(f"{name} lacks {', '.join(lacking)}")
    return given
