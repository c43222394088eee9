"""The choice of a tuned value, from the runs of the tuning: NumPy only, for the confirming jobs.

It is the order of `experiments.statistics.best_first` and `shared_step`; a test holds the two
together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import inf, isfinite, isnan, sqrt
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
DECIMALS = 12  # of a mean accuracy: the same accuracies in another order are a tie


class Final(NamedTuple):
    """What the choice sees of a run: its figures on the validation part after the last epoch."""

    ok: bool
    accuracy: float
    cost: float


@dataclass(frozen=True)
class Tuned:
    """The runs of a cell at one value: its label, the number that orders it, the runs' ids."""

    label: str
    value: float
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What was chosen for a cell and why.

    `labels` are those of its axes but the tuned one; `grid` has for each value its label, the
    number of runs, of runs that did not diverge, and the mean accuracy and cost on validation.
    `chosen` is the label of the best value, None if every run diverged; `on_edge` says whether it
    ends the grid ("low", "high"); `shared` is the value for all arms by compared axis; `near` are
    the values within one standard error of the best (Breiman et al. 1984).
    """

    labels: dict[str, str]
    grid: list[dict[str, Any]]
    chosen: str | None
    on_edge: str = ""
    shared: dict[str, str | None] = field(default_factory=dict)
    near: list[str] = field(default_factory=list)

    @property
    def used(self) -> list[str]:
        """The labels of the values to be confirmed: the chosen one, then the shared ones.

        Their order is that of the axes' names, since a stored record has its keys sorted.
        """
        if self.chosen is None:
            return []
        shared = [label for _, label in sorted(self.shared.items())]
        return list(dict.fromkeys([self.chosen, *filter(None, shared)]))

    def as_record(self) -> dict[str, Any]:
        """Return it as JSON can hold it: None for a number that is not finite."""
        grid = [{k: _finite(v) for k, v in row.items()} for row in self.grid]
        return {**asdict(self), "grid": grid}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


def mean(values: Sequence[float]) -> float:
    """Return a mean whose sum is compensated (Kahan 1965), to the bit as pandas' groups have it.

    >>> mean([0.1, 0.2, 0.3]), mean([1.0, inf])
    (0.19999999999999998, inf)
    """
    total = lost = 0.0
    for value in values:
        y = value - lost
        t = total + y
        lost = t - total - y
        lost = 0.0 if isnan(lost) else lost
        total = t
    return total / len(values)


def choices(
    cells: Sequence[tuple[Mapping[str, str], Sequence[Tuned]]],
    compared: Sequence[str],
    finals: Mapping[str, Final],
) -> list[Choice]:
    """Return the choice of each cell of one study and dataset, in their order.

    `cells` are the labels of a cell and its values that have runs; `finals` are the runs by id.
    The best value has the highest mean accuracy, of equal ones the lowest mean cost (NaN counts as
    infinite), then the smallest value. The shared value of a compared axis is the best for all its
    arms in mean, among those at which every arm has runs.
    """
    grids = [[_means(tuned, finals) for tuned in values] for _, values in cells]
    shared = {axis: _shared(cells, grids, axis) for axis in compared}
    return [
        _choice(dict(labels), grid, {axis: found[i] for axis, found in shared.items()})
        for i, ((labels, _), grid) in enumerate(zip(cells, grids, strict=True))
    ]


def _means(tuned: Tuned, finals: Mapping[str, Final]) -> dict[str, Any]:
    runs = [finals[run] for run in tuned.runs]
    costs = [inf if isnan(run.cost) else run.cost for run in runs]
    return {
        "label": tuned.label,
        "value": tuned.value,
        "n": len(runs),
        "ok": sum(run.ok for run in runs),
        "accuracy": mean([run.accuracy for run in runs]),
        "cost": mean(costs),
        "error": _standard_error([run.accuracy for run in runs]),
    }


def _standard_error(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1) / sqrt(len(values))) if len(values) > 1 else 0.0


def best(grid: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the best of some values by their means; None where there is none."""

    def order(row: Mapping[str, Any]) -> tuple[float, float, float]:
        return -float(np.round(row["accuracy"], DECIMALS)), row["cost"], row["value"]

    return min(grid, key=order, default=None)


def _shared(cells: Sequence, grids: Sequence, axis: str) -> list[str | None]:
    """Return for each cell the value that serves the arms of an axis best together."""
    places: dict[tuple, list[int]] = {}
    for i, (labels, _) in enumerate(cells):
        others = tuple(label for name, label in labels.items() if name != axis)
        places.setdefault(others, []).append(i)
    found: list[str | None] = [None] * len(cells)
    for members in places.values():
        present = [i for i in members if grids[i]]
        means = [_together([grids[i] for i in present], label) for label in _labels(grids, present)]
        together = best([row for row in means if row["arms"] == len(present)])
        for i in present:
            found[i] = together["label"] if together else None
    return found


def _labels(grids: Sequence, members: Sequence[int]) -> list[str]:
    return list(dict.fromkeys(row["label"] for i in members for row in grids[i]))


def _together(grids: Sequence, label: str) -> dict[str, Any]:
    rows = [row for grid in grids for row in grid if row["label"] == label]
    means = {name: mean([row[name] for row in rows]) for name in ("accuracy", "cost")}
    return {"label": label, "value": rows[0]["value"], "arms": len(rows), **means}


def _choice(
    labels: dict[str, str],
    grid: list[dict[str, Any]],
    shared: dict[str, str | None],
) -> Choice:
    if not any(row["ok"] for row in grid):
        return Choice(labels, grid, None, shared=dict.fromkeys(shared))
    top = best(grid)
    values = [row["value"] for row in grid]
    at_ends = {"low": min(values), "high": max(values)} if len(grid) > 1 else {}
    edge = next((end for end, value in at_ends.items() if value == top["value"]), "")
    bound = top["accuracy"] - top["error"] - 1e-12
    near = [row["label"] for row in grid if row["accuracy"] >= bound]
    return Choice(labels, grid, top["label"], edge, shared, near)
