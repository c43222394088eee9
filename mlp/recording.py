"""What is recorded of a stack while it trains: accuracy, cost, gradients, saturation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlp.metrics import accuracy, r_squared
from mlp.network import QUIET, Network, Pass
from mlp.parameters import Parameters, Stack

Array = np.ndarray

CHUNK = 128
"""Rows evaluated at once. Constant: products of other sizes may round differently."""

TOGETHER = 16
"""Replicas evaluated at once, at most: so few that their outputs stay in the cache."""


@dataclass(frozen=True)
class Part:
    """Samples X (N, n_0), their targets Y (N, K) and, for classification, class numbers (N,)."""

    X: Array
    Y: Array
    labels: Array | None = None

    def __len__(self) -> int:
        return len(self.X)

    def astype(self, dtype: np.dtype) -> "Part":
        """Return the part with features and targets of a type; itself where they are of it."""
        if self.X.dtype == self.Y.dtype == dtype:
            return self
        return Part(self.X.astype(dtype), self.Y.astype(dtype), self.labels)


@dataclass
class History:
    """What training recorded: `curves` (R, epochs + 1, columns), and how each replica ended.

    `diverged_at` and `stopped_at` hold the epoch, or -1. Rows after an early stop are NaN.
    """

    columns: list[str]
    curves: Array
    diverged_at: Array
    stopped_at: Array

    def column(self, name: str) -> Array:
        """Return one recorded quantity, (R, epochs + 1)."""
        return self.curves[:, :, self.columns.index(name)]


class Evaluation:
    """Accuracy and cost of a stack on one part, in chunks of a constant number of rows.

    For regression the place of the accuracy is taken by R². A few replicas at a time are copied
    to where the forward pass is fastest.
    """

    def __init__(self, net: Network, params: Parameters, part: Part) -> None:
        self.params, self.part = params, part
        n, R = len(part), len(params.weights[0])
        few = -(-R // -(-R // TOGETHER))  # equal shares
        self.shares = [slice(s, min(s + few, R)) for s in range(0, R, few)]
        self.copy = Stack(net.sizes, few, net.dtype, forward_only=True)
        self.X = self.copy.inputs(part.X)
        self.chunks = [slice(s, min(s + CHUNK, n)) for s in range(0, n, CHUNK)]
        sizes = {chunk.stop - chunk.start for chunk in self.chunks}
        self.passes = {rows: Pass(net, self.copy, rows, lean=True) for rows in sizes}
        self.outputs = np.empty((R, n, net.sizes[-1]), net.dtype)
        self.costs = np.empty((R, n), net.dtype)

    def __call__(self, watch: Callable[[Pass, slice], None] | None = None) -> tuple[Array, Array]:
        """Return accuracies (R,) and mean costs (R,).

        `watch` sees the passes over the first chunk, and which replicas they are of.
        """
        with np.errstate(**QUIET):
            for share in self.shares:
                count = share.stop - share.start
                self.copy.replicas(slice(count)).assign(self.params.replicas(share))
                for chunk in self.chunks:
                    work = self.passes[chunk.stop - chunk.start]
                    self.outputs[share, chunk] = work.forward(self.X[chunk])[:count]
                    self.costs[share, chunk] = work.sample_costs(self.part.Y[chunk])[:count]
                    if watch and chunk.start == 0:
                        watch(work, share)
            if self.part.labels is None:
                score = r_squared(self.outputs, self.part.Y)
            else:
                score = accuracy(self.outputs, self.part.labels)
            return score, self.costs.mean(axis=-1, dtype=float)


class _Saturation:
    """Share of saturated (sample, unit) pairs, and of units saturated for every sample."""

    def __init__(self, net: Network, R: int) -> None:
        layers = len(net.activations)
        self.net = net
        self.shares, self.dead = np.full((layers, R), np.nan), np.full((layers, R), np.nan)
        self.logit_rms = np.full(R, np.nan)

    def __call__(self, work: Pass, replicas: slice) -> None:
        count = replicas.stop - replicas.start
        for layer, activation in enumerate(self.net.activations):
            z, a = work.z[layer][:count], work.a[layer][:count]
            saturated = activation.saturated(z, a)
            pairs = saturated.reshape(count, -1)
            self.shares[layer, replicas] = np.count_nonzero(pairs, axis=1) / pairs.shape[1]
            self.dead[layer, replicas] = saturated.all(axis=1).mean(axis=-1)
        self.logit_rms[replicas] = np.sqrt(_squares(z) / z[0].size)

    def row(self) -> list[Array]:
        """Return the shares of each layer, the dead units of each, the size of the logits."""
        return [*self.shares, *self.dead, self.logit_rms]


def _squares(x: Array) -> Array:
    """Return the sum of squares of each replica's numbers, in float64."""
    flat = x.reshape(len(x), -1)
    return np.sum(np.square(flat, dtype=float), axis=-1)


def history_columns(layers: int, parts: Sequence[str]) -> list[str]:
    """Return the names of what is recorded each epoch, for a network of `layers` layers.

    Layers count from 1, as in the note. gradient_norm_l is ‖∂C/∂W^l‖ of the epoch's last
    batch, without penalty (at epoch 0: of the first batch); delta_norm the root mean square
    of ‖δ^L‖ over its samples; saturated_l and dead_l the shares of saturated (sample, unit)
    pairs and of units saturated for all samples, of the first 128 samples of the validation part
    (of the training part where there is none); logit_rms the root mean square of z^L there;
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
        self, net: Network, params: Parameters, parts: Mapping[str, Part], epochs: int
    ) -> None:
        self.net, self.params = net, params
        self.evaluations = {name: Evaluation(net, params, part) for name, part in parts.items()}
        self.R = len(params.weights[0])
        columns = history_columns(len(params.weights), list(parts))
        shape = (self.R, epochs + 1, len(columns))
        none = np.full(self.R, -1)
        self.history = History(columns, np.full(shape, np.nan), none, none.copy())
        self.norms: list[Array] = []
        self.watched = "validation" if "validation" in parts else "train"

    def watch(self, work: Pass, step: Array) -> None:
        """Note the norms of a batch's gradient, freed of the step size that scales it."""
        weights = [np.sqrt(_squares(g)) / step for g in work.gradient.weights]
        delta = np.sqrt(_squares(work.delta[-1]) * work.rows) / step
        self.norms = [*weights, delta]

    def watch_start(self, work: Pass, step: Array) -> None:
        """Enter the norms of the very first batch, taken at the initial parameters, at epoch 0."""
        self.watch(work, step)
        self._enter_norms(0, slice(None))

    def write(self, epoch: int, eta: Array, running: Array, exact_train: bool = True) -> None:
        """Measure, and enter the row `epoch` of those replicas that are `running`."""
        saturation = _Saturation(self.net, self.R)
        row, costs = [eta], []
        for name, evaluate in self.evaluations.items():
            if name == "train" and not exact_train:
                row += [np.full(self.R, np.nan)] * 2
            else:
                row += evaluate(saturation if name == self.watched else None)
                costs.append(row[-1])
        with np.errstate(**QUIET):
            sizes = [np.sqrt(_squares(w) / w[0].size) for w in self.params.weights]
        row += [*saturation.row(), *sizes]
        self.history.curves[running, epoch, : len(row)] = np.stack(row, axis=-1)[running]
        self._enter_norms(epoch, running)
        broken = running & (self.history.diverged_at < 0) & ~self._finite(costs)
        self.history.diverged_at[broken] = epoch

    def _enter_norms(self, epoch: int, replicas: Array | slice) -> None:
        if self.norms:
            norms = np.stack(self.norms, axis=-1)
            self.history.curves[replicas, epoch, -len(self.norms) :] = norms[replicas]

    def _finite(self, costs: list[Array]) -> Array:
        """Return which replicas have parameters and costs that are finite throughout."""
        arrays = [p.reshape(self.R, -1) for p in self.params.arrays()]
        return np.logical_and.reduce(
            [np.isfinite(a).all(axis=-1) for a in arrays] + [np.isfinite(c) for c in costs]
        )
