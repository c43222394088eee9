"""How fast the arms learn, how often they diverge, what their step size is worth."""

from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.statistics.cells import ACCURACIES, ARM, by_dataset, checked, columns
from experiments.statistics.samples import Interval, half_width, t_interval
from experiments.statistics.steps import at_steps, own_steps

Array = np.ndarray


def learning_speed(
    curves: pd.DataFrame,
    target_share: float = 0.95,
    *,
    level: float = 0.95,
    overlap: float | Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return how fast each arm learns: epochs to a common target, and the area under its curve.

    `curves` has dataset, facet, arm, seed, epoch (from 0) and accuracy (share of 1; on validation
    data, so that no test data set the target), at the chosen step of each arm. The target of a
    dataset and facet is `target_share` times the best arm's mean final accuracy. A run that does
    not reach it is censored at the arm's last epoch, not dropped: it counts as infinite in the
    median and as the last epoch in the restricted mean.
    A curve that ends before its arm's last epoch keeps its last value. Between measured epochs the
    area takes straight lines. No run reaches a target of 0, which all diverged runs would have.

    Columns: dataset, facet, arm, n, target (per cent), last_epoch, reached, censored (runs),
    median_epochs (inf where half or more are censored), restricted_mean_epochs, area (mean over
    the epochs of the accuracy in per cent, mean over the seeds), area_low, area_high (t-interval
    of the given level, with the correction of :func:`t_interval`; `overlap` may be by dataset).

    Raises ValueError where a column is missing, there is no row, an epoch of a run stands twice,
    or a curve has no value at its start.
    """
    curves = columns(curves, [*ARM, "seed", "epoch", "accuracy"])
    wide = curves.pivot(index=[*ARM, "seed"], columns="epoch", values="accuracy")
    epochs, per_cent = wide.columns.to_numpy(), 100 * wide.to_numpy()
    groups = wide.groupby(level=ARM).indices
    arms = {key: _filled(epochs, per_cent[rows], wide.index[rows]) for key, rows in groups.items()}
    targets: dict[tuple[str, str], float] = {}
    for (*place, _), arm in arms.items():
        final = target_share * arm.curves[:, -1].mean()
        targets[tuple(place)] = max(final, targets.get(tuple(place), 0.0))
    laps = by_dataset(curves, overlap, "overlap")
    interval = partial(t_interval, level=level)
    return pd.DataFrame(
        dict(zip(ARM, key, strict=True))
        | _speed(arms[key], targets[key[:2]], partial(interval, overlap=laps[key[0]]))
        for key in curves[ARM].drop_duplicates().itertuples(index=False, name=None)
    )


class _Arm(NamedTuple):
    """The measured epochs of an arm, and its curves, (seeds, epochs), in per cent."""

    epochs: Array
    curves: Array


def _filled(epochs: Array, curves: Array, names: pd.Index) -> _Arm:
    """Return one arm, early ends filled with the last value; `names` are those of its curves."""
    there = ~np.isnan(curves)
    measured = there.any(axis=0)
    curves, there = curves[:, measured], there[:, measured]
    late = names[~there[:, 0]]
    if len(late):
        raise ValueError(f"a curve without its first epoch: {late[0]}")
    last = np.maximum.accumulate(np.where(there, np.arange(curves.shape[1]), 0), axis=1)
    return _Arm(epochs[measured], np.take_along_axis(curves, last, axis=1))


def _areas(arm: _Arm) -> Array:
    """Return the mean of each curve over every epoch: straight lines between those measured."""
    every = np.arange(arm.epochs[-1] + 1)
    curves = arm.curves
    if len(every) > len(arm.epochs):
        curves = np.array([np.interp(every, arm.epochs, curve) for curve in curves])
    return np.ascontiguousarray(curves).mean(axis=1)  # the order of the sum is in its last bits


def _speed(arm: _Arm, target: float, interval: Callable[[Array], Interval]) -> dict[str, Any]:
    epochs = arm.epochs
    there = (arm.curves >= target - 1e-9) & (target > 0)
    first = np.where(there.any(axis=1), epochs[there.argmax(axis=1)], inf)
    area = interval(_areas(arm))
    return {
        "n": len(arm.curves),
        "target": target,
        "last_epoch": epochs[-1],
        "reached": int(np.isfinite(first).sum()),
        "censored": int(np.isinf(first).sum()),
        "median_epochs": float(np.median(first)),
        "restricted_mean_epochs": float(np.minimum(first, epochs[-1]).mean()),
        "area": area.mean,
        "area_low": area.low,
        "area_high": area.high,
    }


def divergence_rates(cells: pd.DataFrame) -> pd.DataFrame:
    """Return how many runs of each arm diverged, over all tuned values and at the chosen one.

    Columns: dataset, facet, arm, n, diverged, rate (share of 1), and n_chosen, diverged_chosen,
    rate_chosen at the arm's own step. Skipped runs do not count; without runs the rate is NaN.
    Raises ValueError where `cells` breaks its contract.
    """
    runs = checked(cells)
    everywhere = _divergence(runs)
    chosen = _divergence(at_steps(runs, own_steps(runs)))
    rates = everywhere.merge(chosen, on=ARM, how="left", suffixes=("", "_chosen"))
    return rates.fillna({"n_chosen": 0, "diverged_chosen": 0}).astype(
        {"n_chosen": int, "diverged_chosen": int}
    )


def _divergence(runs: pd.DataFrame) -> pd.DataFrame:
    marked = runs[ARM].assign(
        n=runs["status"].ne("skipped"), diverged=runs["status"].eq("diverged")
    )
    counts = marked.groupby(ARM, sort=False).sum().reset_index()
    return counts.assign(rate=counts["diverged"] / counts["n"])


def sensitivity(
    cells: pd.DataFrame,
    *,
    level: float = 0.95,
    overlap: float | Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the accuracies of each arm at each tuned value: what the choice of it is worth.

    Columns: dataset, facet, arm, tuned, n, diverged, and test_accuracy, test_low, test_high,
    validation_accuracy, validation_low, validation_high: means and t-intervals over the seeds,
    shares of 1. NaN where all runs were skipped, and no interval from one seed. Raises ValueError
    where `cells` breaks its contract.
    """
    runs = checked(cells)
    runs["diverged"] = runs["status"].eq("diverged")
    grouped = runs.groupby([*ARM, "tuned"], sort=False)
    table = pd.DataFrame(
        {"n": grouped["test_accuracy"].count(), "diverged": grouped["diverged"].sum()}
    )
    known = by_dataset(runs, overlap, "overlap")
    laps = np.array([known[place[0]] or 0.0 for place in table.index])
    for name in ACCURACIES:
        mean, spread = grouped[name].mean(), grouped[name].std()
        half = half_width(table["n"], spread, level, laps)
        short = name.removesuffix("_accuracy")
        table[name], table[f"{short}_low"], table[f"{short}_high"] = mean, mean - half, mean + half
    return table.reset_index()
