"""Which epoch's weights are kept: early stopping, and the best epoch on the validation part."""

from collections.abc import Callable, Mapping

import numpy as np

from mlp.parameters import Parameters
from mlp.recording import History

Array = np.ndarray
Order = tuple[Array, Array]
"""What an epoch is judged by, a number for each replica: less is better; the second breaks ties."""


def _by_accuracy(accuracy: Array, cost: Array) -> Order:
    return -accuracy, cost


def _by_cost(accuracy: Array, cost: Array) -> Order:
    return cost, np.zeros_like(cost)


RULES: Mapping[str, Callable[[Array, Array], Order]] = {
    "best_validation": _by_accuracy,
    "best_cost": _by_cost,
}

SELECT = ("last", *RULES)
"""The epoch that counts: the last one; that of the highest validation accuracy, of several the one
of the lowest cost; or that of the lowest validation cost. Of equal epochs the first counts."""


class Best:
    """Keeps each replica's weights of its best epoch so far, by one of the `RULES`.

    A number that is not finite is worse than any other.
    """

    def __init__(self, rule: str, params: Parameters, history: History) -> None:
        self.rule, self.params, self.history = RULES[rule], params, history
        R = len(params.weights[0])
        self._best: Order = np.full(R, np.inf), np.full(R, np.inf)
        self._kept = params.copy()
        history.selected_at[:] = 0

    def see(self, epoch: int, running: Array) -> None:
        """Take the weights of the running replicas whose recorded epoch is their best."""
        values = [self.history.column(f"validation_{n}")[:, epoch] for n in ("accuracy", "cost")]
        first, second = (np.where(np.isfinite(v), v, np.inf) for v in self.rule(*values))
        best, tied = self._best
        better = running & ((first < best) | ((first == best) & (second < tied)))
        for r in np.flatnonzero(better).tolist():
            self._kept.replica(r).assign(self.params.replica(r))
        self._best = np.where(better, first, best), np.where(better, second, tied)
        self.history.selected_at[better] = epoch

    def restore(self) -> None:
        """Give each replica the weights that were kept."""
        self.params.assign(self._kept)


def out_of_patience(costs: Array, patience: int, tolerance: float = 0.0) -> Array:
    """Return where the cost has not fallen by more than the tolerance for `patience` epochs.

    `costs` (R, epochs so far + 1) begin at epoch 0.

    >>> out_of_patience(np.array([[3.0, 2.0, 2.0, 2.5], [3.0, 2.0, 2.0, 1.5]]), patience=2)
    array([ True, False])
    """
    costs = np.where(np.isnan(costs), np.inf, costs)
    lowest = np.minimum.accumulate(costs, axis=1)
    falls = np.ones(costs.shape, dtype=bool)
    falls[:, 1:] = costs[:, 1:] < lowest[:, :-1] - tolerance
    since = np.argmax(falls[:, ::-1], axis=1)
    return since >= patience
