"""What an estimator has recorded, under scikit-learn's names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mlp.recording import History

Array = np.ndarray

try:
    import pandas as pd
except ImportError:  # history_ is then a dictionary of arrays
    pd = None


class Recorded:
    """The record: its columns by name, and the epoch whose weights were kept, -1 for the last."""

    _history: dict[str, Array]
    _selected_at: int

    @property
    def history_(self) -> Any:
        """The recorded quantities, a row per epoch from 0: a DataFrame; a dict without pandas.

        A quantity that was not measured at an epoch is NaN, such as the validation cost in
        `partial_fit`.
        """
        check_is_fitted(self)
        columns = {name: values.copy() for name, values in self._history.items()}
        return columns if pd is None else pd.DataFrame(columns).rename_axis("epoch")

    @property
    def loss_curve_(self) -> list[float]:
        """The cost of the training part after each epoch, without penalty and weights."""
        check_is_fitted(self)
        return self._history["train_cost"][1:].tolist()

    @property
    def best_loss_(self) -> float | None:
        """The lowest number of `loss_curve_`; None with early stopping."""
        curve = self.loss_curve_
        return None if self._selected_at >= 0 else min(curve)

    @property
    def validation_scores_(self) -> list[float] | None:
        """The score of the part held back after each epoch; None without early stopping."""
        check_is_fitted(self)
        return None if self._selected_at < 0 else self._scores()[1:].tolist()

    @property
    def best_validation_score_(self) -> float | None:
        """The score of the kept weights on the part held back; None without early stopping."""
        check_is_fitted(self)
        return None if self._selected_at < 0 else float(self._scores()[self._selected_at])

    def _scores(self) -> Array:
        return self._history[self._column("validation_accuracy")]

    def _row(self, history: History, epoch: int) -> dict[str, float]:
        """Return the recorded quantities of one epoch."""
        values = history.curves[0, epoch].tolist()
        return dict(zip(map(self._column, history.columns), values, strict=True))

    def _column(self, name: str) -> str:
        return name

    def _remember(self, rows: Sequence[Mapping[str, float]]) -> None:
        """Append rows, one for each epoch, to the columns of the history."""
        before = len(next(iter(self._history.values()), ()))
        for name in dict.fromkeys([*self._history, *rows[0]]):
            old = self._history.get(name, np.full(before, np.nan))
            new = [row.get(name, np.nan) for row in rows]
            self._history[name] = np.concatenate([old, new])
