"""Step sizes: the tuned value of each arm, chosen on validation data only."""

import numpy as np
import pandas as pd

from experiments.statistics.cells import ARM, PLACE, checked


def choose_step(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the tuned value of each (dataset, facet, arm), chosen on validation data only.

    The best mean final validation accuracy over the seeds; ties go to the lower mean validation
    cost (NaN counts as infinite), then to the smaller value. Columns: dataset, facet, arm, tuned,
    n_seeds, validation_accuracy, validation_cost (means at the chosen value), grid_size, on_edge
    ('low' or 'high' where the best value ends its grid, else ''). An absent arm has tuned NaN and
    grid_size 0. Raises ValueError where `cells` breaks its contract.
    """
    return own_steps(checked(cells))


def best_first(means: pd.DataFrame) -> pd.DataFrame:
    """Return settings in the order in which one would be chosen, by what their runs have in mean.

    The higher validation_accuracy comes first; of equal ones the lower validation_cost, then the
    smaller tuned. Every choice of a step size is made by this order.

    >>> means = pd.DataFrame({"tuned": [0.1, 1.0, 3.0], "validation_accuracy": [0.9, 0.9, 0.8],
    ...                       "validation_cost": [0.3, 0.2, 0.1]})
    >>> best_first(means)["tuned"].tolist()
    [1.0, 0.1, 3.0]
    """
    # Means of the same accuracies in another order differ in their last bits; ties are meant.
    order = means.assign(rounded=means["validation_accuracy"].round(12)).sort_values(
        ["rounded", "validation_cost", "tuned"], ascending=[False, True, True], kind="stable"
    )
    return order.drop(columns="rounded")


def shared_step(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the one tuned value of each (dataset, facet) that serves the arms best together.

    The best mean over the arms of their mean validation accuracies, ties as in
    :func:`choose_step`, among the values at which every arm that is present has runs; NaN where
    there is no such value. Columns: those of :func:`choose_step` without arm, with n_arms
    instead of n_seeds. Raises ValueError where `cells` breaks its contract.
    """
    return _share(checked(cells))


def _step_means(runs: pd.DataFrame) -> pd.DataFrame:
    """Return a row per arm and tuned value: n_seeds (0 where all were skipped) and means."""
    grouped = runs.groupby([*ARM, "tuned"], sort=False)
    means = grouped[["validation_accuracy", "validation_cost"]].mean()
    means.insert(0, "n_seeds", grouped["test_accuracy"].count())
    return means.reset_index()


def own_steps(runs: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`choose_step` of runs that are checked already."""
    steps = _step_means(runs)
    return _best(steps[steps["n_seeds"] > 0], runs[ARM].drop_duplicates())


def _share(runs: pd.DataFrame) -> pd.DataFrame:
    steps = _step_means(runs)
    steps = steps[steps["n_seeds"] > 0]
    grouped = steps.groupby([*PLACE, "tuned"], sort=False)
    means = grouped[["validation_accuracy", "validation_cost"]].mean()
    means.insert(0, "n_arms", grouped.size())
    means = means.reset_index()
    present = steps.drop_duplicates(ARM).groupby(PLACE, sort=False).size().rename("present")
    everywhere = means["n_arms"].eq(means.merge(present.reset_index(), on=PLACE)["present"])
    return _best(means[everywhere], runs[PLACE].drop_duplicates())


def _best(steps: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return for each row of `places` the best of its steps, the size of its grid and the edge."""
    keys = list(places.columns)
    best = places.merge(best_first(steps).drop_duplicates(keys), on=keys, how="left")
    grid = steps.groupby(keys)["tuned"].agg(["min", "max", "size"]).reset_index()
    grid = places.merge(grid, on=keys, how="left")
    best["grid_size"] = grid["size"].fillna(0).astype(int)
    wide = grid["size"] > 1
    edges = [wide & best["tuned"].eq(grid["min"]), wide & best["tuned"].eq(grid["max"])]
    best["on_edge"] = np.select(edges, ["low", "high"], "")
    counted = [name for name in ("n_seeds", "n_arms") if name in best]
    best[counted] = best[counted].fillna(0).astype(int)
    return best


def chosen_steps(cells: pd.DataFrame, step: str = "tuned") -> pd.DataFrame:
    """Return dataset, facet, arm, tuned and on_edge; tuned is NaN if the arm has no run.

    `step` takes each arm's own best value ('tuned') or one for all ('shared'). Raises ValueError if
    `cells` breaks its contract.
    """
    runs = checked(cells)
    own = own_steps(runs)
    if step == "tuned":
        return own[[*ARM, "tuned", "on_edge"]]
    if step != "shared":
        raise ValueError(f"step must be 'tuned' or 'shared', not {step!r}")
    shared = own[ARM].merge(_share(runs), on=PLACE, how="left")[[*ARM, "tuned", "on_edge"]]
    absent = own["tuned"].isna()
    return shared.assign(
        tuned=shared["tuned"].mask(absent), on_edge=shared["on_edge"].mask(absent, "")
    )


def at_steps(runs: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the runs at the chosen steps; a step compares exactly, it is the config's number."""
    ran = runs[runs["status"].ne("skipped")]
    return ran.merge(chosen[[*ARM, "tuned"]].dropna(), on=[*ARM, "tuned"])


def points_lost(sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Return the points that each value loses against the best of its arm, over the datasets.

    `sensitivity` is that of tuning runs (:func:`sensitivity`). A row per facet and arm, a column
    per tuned value: the mean over the datasets of 100 (largest - mean validation accuracy), the
    largest over the values of the same dataset, facet and arm: the accuracy by which values are
    chosen. NaN if no dataset has runs, and infinite if all runs of a dataset or more diverged.
    """
    rows = sensitivity[sensitivity["n"] > 0].copy()
    best = rows.groupby(["dataset", "facet", "arm"])["validation_accuracy"].transform("max")
    rows["lost"] = 100 * (best - rows["validation_accuracy"])
    rows.loc[rows["diverged"] == rows["n"], "lost"] = np.inf
    return rows.pivot_table(
        index=["facet", "arm"], columns="tuned", values="lost", aggfunc="mean", sort=False
    )
