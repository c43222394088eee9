"""The record of training: accuracy, cost, gradients and saturation of a stack, by epoch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from mlp.checks import is_whole
from mlp.metrics import correct, squared_error
from mlp.network import Network, Pass, quiet
from mlp.parameters import Parameters, Stack
from mlp.parts import Folds, Part, joined
from mlp.stepping import Memory

Array = np.ndarray

CHUNK = 128
"""The largest number of rows evaluated at once; saturation is measured on the first 128 rows."""

SMALL_CHUNK = 32
"""Rows evaluated at once if this keeps the products below `SMALL_PRODUCT` and `CHUNK` does not."""

SMALL_PRODUCT = 1_000_000
"""The number of multiplications up to which OpenBLAS, on most processors, copies no operands."""

TOGETHER = 16
"""The most replicas evaluated at once: few enough for the cache to hold their outputs."""


def chunk_rows(sizes: Sequence[int]) -> int:
    """Return how many rows a network evaluates at once.

    It depends on the shape alone, because products of other sizes may round differently.

    >>> chunk_rows([64, 30, 10]), chunk_rows([1600, 10, 2]), chunk_rows([784, 100, 10])
    (128, 32, 128)
    """
    largest = max(m * n for m, n in pairwise(sizes))
    return SMALL_CHUNK if largest * SMALL_CHUNK < SMALL_PRODUCT < largest * CHUNK else CHUNK


Every = int | Literal["doubling"]
"""At which epochs something is measured: each k-th, or 1, 2, 4, 8, ..."""


def recorded_epochs(epochs: int, every: Every = 1) -> list[int]:
    """Return the epochs at which training is measured: the first, the last, and some between.

    Raises ValueError if `every` is neither a whole number from 1 on nor "doubling".

    >>> recorded_epochs(20, 8), recorded_epochs(20, "doubling"), recorded_epochs(0)
    ([0, 8, 16, 20], [0, 1, 2, 4, 8, 16, 20], [0])
    """
    if every == "doubling":
        between = [1 << power for power in range(int(epochs).bit_length())]
    elif is_whole(every, 1):
        between = [*range(0, epochs, int(every))]
    else:
        raise ValueError(
            f'record_every is a whole number of epochs from 1 on, or "doubling", found {every!r}'
        )
    return sorted({0, epochs, *between})


@dataclass
class History:
    """The record of training: `curves` (R, epochs + 1, columns), and how each replica ended.

    `diverged_at` and `stopped_at` are the epoch (R,), or -1. Rows after an early stop are NaN, and
    those of epochs that were not measured but for the step size. `selected_at` (R,) is the epoch
    whose weights a replica was left with, or -1 for the last one trained.
    `params` is the trained stack, the same object that :func:`mlp.train` was given; `memory` is
    what its optimizer keeps between steps.
    """

    columns: list[str]
    curves: Array
    diverged_at: Array
    stopped_at: Array
    params: Parameters | None = None
    memory: Memory | None = None
    selected_at: Array = field(default_factory=lambda: np.empty(0, int))

    def column(self, name: str) -> Array:
        """Return one recorded quantity, (R, epochs + 1)."""
        return self.curves[:, :, self.columns.index(name)]


class Evaluation:
    """Accuracy and cost of a stack on one part, chunk by chunk.

    `part` is one for all replicas, or the :class:`mlp.parts.Folds` of the replicas.
    Without labels R² replaces the accuracy. A few replicas at a time are copied to a stack with
    the layout that is fastest for the forward pass.
    """

    def __init__(self, net: Network, params: Parameters, part: Part | Folds) -> None:
        R = len(params.weights[0])
        folds = Folds.of(part, R)
        self.params, parts, fold, n = params, folds.parts, folds.number, len(folds)
        few = -(-R // -(-R // TOGETHER))  # equal shares
        self.shares = [slice(s, min(s + few, R)) for s in range(0, R, few)]
        self.samples = [_sample_index(fold[share], few) for share in self.shares]
        self.copy = Stack(net.sizes, few, net.dtype, forward_only=True)
        rows = chunk_rows(net.sizes)
        self.chunks = [slice(s, min(s + rows, n)) for s in range(0, n, rows)]
        sizes = {chunk.stop - chunk.start for chunk in self.chunks}
        self.passes = {rows: Pass(net, self.copy, rows, lean=True) for rows in sizes}
        X = next(iter(self.passes.values())).inputs(joined([one.X for one in parts]))
        self.X, self.Y = (v.reshape(len(parts), n, -1) for v in (X, joined([p.Y for p in parts])))
        self.costs = np.empty((R, n), net.dtype)
        self.labels = None
        if labels := [p.labels for p in parts if p.labels is not None]:
            self.labels = joined(labels).reshape(len(parts), n, *labels[0].shape[1:])
        else:
            spread = [squared_error(Y.mean(axis=0), Y) for Y in self.Y]
            self.spread = np.array(spread)[fold]

    def __call__(self, watch: Callable[[Pass, slice], None] | None = None) -> tuple[Array, Array]:
        """Return accuracies (R,) and mean costs (R,).

        `watch` is called with each pass over the first `CHUNK` rows and with its replicas.
        """
        sums = np.zeros(len(self.costs))
        with quiet():
            for share, index in zip(self.shares, self.samples, strict=True):
                count = share.stop - share.start
                self.copy.replicas(slice(count)).assign(self.params.replicas(share))
                for chunk in self.chunks:
                    work, y = self.passes[chunk.stop - chunk.start], self.Y[index, chunk]
                    a = work.forward(self.X[index, chunk])
                    self.costs[share, chunk] = work.sample_costs(y)[:count]
                    if self.labels is None:
                        sums[share] += squared_error(a, y)[:count]
                    else:
                        sums[share] += correct(a, self.labels[index, chunk])[:count]
                    if watch and chunk.start < CHUNK:
                        watch(work, share)
            score = 1 - sums / self.spread if self.labels is None else sums / self.costs.shape[1]
            return score, self.costs.mean(axis=-1, dtype=float)


def _sample_index(fold: Array, few: int) -> int | Array:
    """Return the fold of some replicas: one number if they share it, else `few` of them."""
    if (fold == fold[0]).all():
        return int(fold[0])
    return np.resize(fold, few)  # a last share with fewer replicas still fills the copy


class _Saturation:
    """Share of saturated (sample, unit) pairs, and of units saturated for every sample."""

    def __init__(self, net: Network, R: int) -> None:
        self.net = net
        self.counts = [np.zeros((R, n), int) for n in net.sizes[1:]]
        self.squares, self.rows = np.zeros(R), np.zeros((R, 1), int)
        self.scratch: dict[tuple[int, ...], Array] = {}

    def start(self) -> "_Saturation":
        """Set all counts to 0."""
        for array in (*self.counts, self.squares, self.rows):
            array.fill(0)
        return self

    def __call__(self, work: Pass, replicas: slice) -> None:
        count = replicas.stop - replicas.start
        for layer, activation in enumerate(self.net.activations):
            z, a = work.z[layer][:count], work.a[layer][:count]
            if z.shape not in self.scratch:
                self.scratch[z.shape] = np.empty_like(z)
            saturated = activation.saturated(z, a, self.scratch[z.shape])
            # at most 128 rows: their number fits into eight bits
            found = np.add.reduce(saturated.view(np.uint8), axis=1, dtype=np.uint8)
            self.counts[layer][replicas] += found
        self.squares[replicas] += _squares(z)
        self.rows[replicas] += work.rows

    def found(self) -> dict[str, Array]:
        """Return each layer's share of saturated pairs and of dead units, and the logits' rms."""
        rows = np.where(self.rows, self.rows, np.nan)
        units = [counts / rows for counts in self.counts]
        shares = [unit.mean(axis=-1) for unit in units]
        dead = [np.floor(unit).mean(axis=-1) for unit in units]  # 1 where saturated in all rows
        logits = self.counts[-1].shape[1] * rows[:, 0]
        rms = {"logit_rms": np.sqrt(self.squares / logits)}
        return by_layer("saturated", shares) | by_layer("dead", dead) | rms


def by_layer(name: str, values: Sequence[Array]) -> dict[str, Array]:
    """Return the values of the layers under their names: name_1, name_2, ..., as in the note."""
    return {f"{name}_{layer}": value for layer, value in enumerate(values, start=1)}


def _squares(x: Array) -> Array:
    """Return the sum of squares of each replica's numbers, in float64."""
    if x.ndim == 3 and x.strides[-1] > x.itemsize:
        x = x.mT  # the order of the numbers in memory
    rows = x.reshape(len(x), 1, -1) if x[0].flags.c_contiguous else x
    return np.vecdot(rows, rows, dtype=float).sum(axis=-1)


def history_columns(layers: int, parts: Sequence[str]) -> list[str]:
    """Return the names of the quantities recorded each epoch, for a network of `layers` layers.

    Layers count from 1, as in the note. gradient_norm_l is ‖∂C/∂W^l‖ of the epoch's last
    batch, without penalty (at epoch 0: of the first batch); delta_norm the root mean square
    of ‖δ^L‖ over its samples; saturated_l and dead_l the shares of saturated (sample, unit)
    pairs and of units saturated for all samples, of the first 128 samples of the validation part
    (of the training part if there is none); logit_rms the root mean square of z^L there;
    weight_rms_l that of the weights.
    """
    per_layer = ("saturated", "dead")
    return [
        "step_size",
        *(f"{part}_{metric}" for part in parts for metric in ("accuracy", "cost")),
        *(f"{name}_{layer}" for name in per_layer for layer in range(1, layers + 1)),
        "logit_rms",
        *(f"weight_rms_{layer}" for layer in range(1, layers + 1)),
        *(f"gradient_norm_{layer}" for layer in range(1, layers + 1)),
        "delta_norm",
    ]


class Recorder:
    """Measures a stack at the end of each epoch and keeps the rows of its history."""

    def __init__(
        self, net: Network, params: Parameters, parts: Mapping[str, Part | Folds], epochs: int
    ) -> None:
        self.net, self.params = net, params
        self.evaluations = {name: Evaluation(net, params, part) for name, part in parts.items()}
        self.R = len(params.weights[0])
        columns = history_columns(len(params.weights), list(parts))
        shape = (self.R, epochs + 1, len(columns))
        none = np.full(self.R, -1)
        self.history = History(columns, np.full(shape, np.nan), none, none.copy(), params)
        self.history.selected_at = none.copy()
        self.places = {name: place for place, name in enumerate(columns)}
        self.norms: dict[str, Array] = {}
        self.watched = "validation" if "validation" in parts else "train"
        self.saturation = _Saturation(net, self.R)

    def watch(self, work: Pass, step: Array) -> None:
        """Keep the norms of a batch's gradient, divided by the factor that scales it."""
        weights = [np.sqrt(_squares(g)) / step for g in work.gradient.weights]
        delta = np.sqrt(_squares(work.delta[-1]) * work.rows) / step
        self.norms = by_layer("gradient_norm", weights) | {"delta_norm": delta}

    def watch_start(self, work: Pass, step: Array) -> None:
        """Enter the norms of the very first batch, taken at the initial parameters, at epoch 0."""
        self.watch(work, step)
        self._enter(self.norms, np.ones(self.R, dtype=bool), 0)

    def write(self, epoch: int, eta: Array, running: Array, exact_train: bool = True) -> None:
        """Measure the stack, and enter row `epoch` for the replicas that are `running`."""
        saturation = self.saturation.start()
        row: dict[str, Array] = {"step_size": eta}
        costs: list[Array] = []
        for name, evaluate in self.evaluations.items():
            if exact_train or name != "train":
                accuracy, cost = evaluate(saturation if name == self.watched else None)
                row |= {f"{name}_accuracy": accuracy, f"{name}_cost": cost}
                costs.append(cost)
        with quiet():
            sizes = [np.sqrt(_squares(w) / w[0].size) for w in self.params.weights]
        row |= saturation.found() | by_layer("weight_rms", sizes) | self.norms
        self._enter(row, running, epoch)
        self._watch_divergence(epoch, running, costs)

    def skip(self, epoch: int, eta: Array, running: Array) -> None:
        """Enter the step size of an epoch at which nothing else is measured."""
        self._enter({"step_size": eta}, running, epoch)
        self._watch_divergence(epoch, running, [])

    def _watch_divergence(self, epoch: int, running: Array, costs: list[Array]) -> None:
        broken = running & (self.history.diverged_at < 0) & ~self._finite(costs)
        self.history.diverged_at[broken] = epoch

    def _enter(self, row: Mapping[str, Array], running: Array, epoch: int) -> None:
        """Enter quantities under their names, for the running replicas, at an epoch."""
        table = np.stack(list(row.values()), axis=-1)
        table[np.isnan(table)] = np.nan  # the sign of a NaN depends on its place in a stack
        places = np.array([self.places[name] for name in row])
        self.history.curves[:, epoch][np.ix_(running, places)] = table[running]

    def _finite(self, costs: list[Array]) -> Array:
        """Return which replicas have only finite parameters and costs."""
        finite = np.ones(self.R, dtype=bool)
        for cost in costs:
            finite &= np.isfinite(cost)
        with quiet():
            if all(np.isfinite(np.vdot(block, block)) for block in self.params.blocks()):
                return finite  # the sum of all squares has finite terms
        arrays = [p.reshape(self.R, -1) for p in self.params.arrays()]
        return np.logical_and.reduce([finite, *(np.isfinite(a).all(axis=-1) for a in arrays)])
