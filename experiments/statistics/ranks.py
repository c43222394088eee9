"""Datasets as the sample: ranks of the arms, tests of pairs over datasets."""

from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from experiments.schema import seeds_needed
from experiments.schema import smallest_p as smallest_p  # part of the face
from experiments.statistics.cells import ARM, checked
from experiments.statistics.families import holm
from experiments.statistics.pairs import Pairs, declared_pairs
from experiments.statistics.samples import DECIMALS, mean_of, wilcoxon_p
from experiments.statistics.steps import at_steps, chosen_steps

TOO_FEW = "too few datasets"


class Ranking(NamedTuple):
    """What :func:`across_datasets` returns: a row per arm, and a row per pair of arms."""

    ranks: pd.DataFrame
    pairs: pd.DataFrame


def across_datasets(
    cells: pd.DataFrame,
    *,
    pairs: Pairs | None = None,
    level: float = 0.05,
    step: str = "tuned",
) -> Ranking:
    """Rank the arms over the datasets of each facet, seeds averaged first (Demšar 2006).

    Ranks, a row per facet and arm: facet, arm, mean_rank (1 is the highest test accuracy, ties
    share), n_datasets, friedman_p (three arms or more), note. Pairs, a row per facet and pair:
    facet, a, b, n_datasets, difference (mean over datasets, points), p (exact Wilcoxon), p_holm
    (over the pairs of the facet), note.

    Tests are made only where they could be significant at all, with :func:`seeds_needed` read
    for datasets; below that p values are NaN and the note says 'too few datasets'. Wilcoxon with
    Holm stands by itself, it does not wait for Friedman. A dataset on which an arm is absent is
    left out, and the note says so; an arm that is absent everywhere is not ranked.

    Raises ValueError where `cells` breaks its contract or a pair names an arm that has no row.
    """
    runs = checked(cells)
    pairs = declared_pairs(runs, pairs)
    means = at_steps(runs, chosen_steps(runs, step)).groupby(ARM)["test_accuracy"].mean()
    means = (100 * means).round(DECIMALS).unstack("arm").reindex(columns=runs["arm"].unique())
    results = []
    for facet, group in runs.groupby("facet", sort=False):
        places = [(dataset, facet) for dataset in group["dataset"].unique()]
        results.append(_rank(means.reindex(places).droplevel("facet"), facet, pairs, level))
    ranks, tests = zip(*results, strict=True)
    return Ranking(pd.concat(ranks, ignore_index=True), pd.concat(tests, ignore_index=True))


def _rank(
    means: pd.DataFrame, facet: str, pairs: Pairs, level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ranks and the pairwise tests of one facet from its means, (datasets, arms)."""
    ran = means.notna()
    present = ran.any()
    complete = means[ran.eq(present).all(axis=1) & present.any()]
    gaps = [(complete[a] - complete[b]).dropna().round(DECIMALS) for a, b in pairs]
    needed = seeds_needed(max(1, sum(len(gap) > 0 for gap in gaps)), level)
    enough = len(complete) >= needed
    note = "; ".join(_rank_notes(ran.loc[:, present], len(complete), needed))

    ranks = pd.DataFrame({"facet": facet, "arm": means.columns})
    ranks["mean_rank"] = complete.rank(axis=1, ascending=False).mean().to_numpy()
    ranks["n_datasets"] = complete.notna().sum().to_numpy()
    ranks["friedman_p"] = _friedman_p(complete.loc[:, present]) if enough else nan
    ranks["note"] = np.where(present, note, "absent on every dataset")

    tests = pd.DataFrame(pairs, columns=["a", "b"])
    tests.insert(0, "facet", facet)
    tests["n_datasets"] = [len(gap) for gap in gaps]
    tests["difference"] = [mean_of(gap) for gap in gaps]
    tests["p"] = [wilcoxon_p(gap) if enough and len(gap) else nan for gap in gaps]
    tests["p_holm"] = holm(tests["p"])
    tests["note"] = [note if present[a] and present[b] else "an arm is absent" for a, b in pairs]
    return ranks, tests


def _rank_notes(ran: pd.DataFrame, complete: int, needed: int) -> Iterator[str]:
    if complete < needed:
        yield f"{TOO_FEW} ({complete} of the {needed} needed)"
    for dataset, arms in ran[~ran.all(axis=1)].iterrows():
        yield f"{dataset} left out ({', '.join(arms.index[~arms])} absent)"


def _friedman_p(means: pd.DataFrame) -> float:
    """Return Friedman's p over the datasets; NaN below three arms or where all arms tie."""
    if means.shape[1] < 3 or means.eq(means.iloc[:, 0], axis=0).all(axis=None):
        return nan
    return float(stats.friedmanchisquare(*means.to_numpy().T).pvalue)
