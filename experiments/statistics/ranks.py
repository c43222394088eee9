"""Datasets as the sample: mean ranks of the arms, which describe them."""

from collections.abc import Iterator
from math import nan

import numpy as np
import pandas as pd

from experiments.schema import seeds_needed as seeds_needed  # part of the face
from experiments.schema import smallest_p as smallest_p
from experiments.statistics.cells import ARM, checked
from experiments.statistics.datasets import MIN_DATASETS
from experiments.statistics.samples import DECIMALS
from experiments.statistics.steps import at_steps, chosen_steps

TOO_FEW = "too few datasets"


def mean_ranks(cells: pd.DataFrame, *, step: str = "tuned") -> pd.DataFrame:
    """Rank the arms over the datasets of each facet, the runs averaged first (Demšar 2006).

    A row per facet and arm: facet, arm, mean_rank (1 is the highest test accuracy, ties share),
    n_datasets, friedman_p (three arms or more, from MIN_DATASETS datasets on), note. Ranks describe
    the datasets; what holds of a pair of arms is said by :func:`over_datasets`. A dataset on which
    an arm is absent is left out, and the note says so; an arm that is absent everywhere is not
    ranked. Raises ValueError if `cells` breaks its contract.
    """
    runs = checked(cells)
    means = at_steps(runs, chosen_steps(runs, step)).groupby(ARM)["test_accuracy"].mean()
    means = (100 * means).round(DECIMALS).unstack("arm").reindex(columns=runs["arm"].unique())
    tables = []
    for facet, group in runs.groupby("facet", sort=False):
        places = [(dataset, facet) for dataset in group["dataset"].unique()]
        tables.append(_rank(means.reindex(places).droplevel("facet"), facet))
    return pd.concat(tables, ignore_index=True)


def _rank(means: pd.DataFrame, facet: str) -> pd.DataFrame:
    """Return the ranks of one facet from its means, (datasets, arms)."""
    ran = means.notna()
    present = ran.any()
    complete = means[ran.eq(present).all(axis=1) & present.any()]
    enough = len(complete) >= MIN_DATASETS
    note = "; ".join(_rank_notes(ran.loc[:, present], len(complete)))
    ranks = pd.DataFrame({"facet": facet, "arm": means.columns})
    ranks["mean_rank"] = complete.rank(axis=1, ascending=False).mean().to_numpy()
    ranks["n_datasets"] = complete.notna().sum().to_numpy()
    ranks["friedman_p"] = _friedman_p(complete.loc[:, present]) if enough else nan
    ranks["note"] = np.where(present, note, "absent on every dataset")
    return ranks


def _rank_notes(ran: pd.DataFrame, complete: int) -> Iterator[str]:
    if complete < MIN_DATASETS:
        yield f"{TOO_FEW} ({complete} of the {MIN_DATASETS} needed)"
    for dataset, arms in ran[~ran.all(axis=1)].iterrows():
        yield f"{dataset} left out ({', '.join(arms.index[~arms])} absent)"


def _friedman_p(means: pd.DataFrame) -> float:
    """Return Friedman's p over the datasets; NaN below three arms or where all arms tie."""
    if means.shape[1] < 3 or means.eq(means.iloc[:, 0], axis=0).all(axis=None):
        return nan
    from scipy.stats import friedmanchisquare  # takes a second, and is rarely needed

    return float(friedmanchisquare(*means.to_numpy().T).pvalue)
