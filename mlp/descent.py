"""Stochastic gradient descent, lines 4-10 of Algorithm 1, for a stack of replicas at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlp.checks import check_batches, check_stack, is_whole
from mlp.costs import IncompatibleError, smoothed
from mlp.dropout import Dropout
from mlp.network import Network, Pass, quiet
from mlp.optimizers import Optimizer, optimizer_of
from mlp.parameters import Parameters, Stack
from mlp.parts import Folds, Part, joined
from mlp.products import Downdate, at_once
from mlp.stepping import Memory, Steps

Array = np.ndarray

UPDATES = ("batch", "epoch")

Named = str | Mapping[str, Any] | Optimizer
"""An optimizer: its name, a mapping of its name and hyper-parameters, or itself."""


class Descent:
    """Lines 4-10 of Algorithm 1: the epochs of stochastic gradient descent, in place.

    `update` is "batch" (one update for each mini-batch) or "epoch" (Algorithm 1 to the letter:
    the gradients of all mini-batches at the same weights, averaged, and one update). `batches`
    are slices of an epoch's order, one for each mini-batch; by default they follow one another.
    `lambda_` is one number or one for each replica; the default is that of the network.
    `part` is one for all replicas, or the :class:`Folds` of the replicas. `optimizer` is one for
    all replicas or a list with one for each, of which the hyper-parameters may differ.
    `seeds`, one for each replica, are those of the streams of dropout, which a network with
    dropout needs. The weights of the samples, and smoothed labels, are read here only.
    Raises ValueError if parameters, samples, mini-batches or optimizers do not match.
    """

    def __init__(
        self,
        net: Network,
        params: Parameters,
        part: Part | Folds,
        batch_size: int,
        update: str = "batch",
        lambda_: Array | float | None = None,
        batches: Sequence[slice] | None = None,
        optimizer: Named | Sequence[Named] = "sgd",
        seeds: Sequence[int] = (),
    ) -> None:
        if not is_whole(batch_size, 1):
            raise ValueError(f"a mini-batch holds at least one sample, found {batch_size!r}")
        if update not in UPDATES:
            raise ValueError(f"update is one of {', '.join(UPDATES)}, found {update!r}")
        if batches is not None and not isinstance(batches, Sequence):
            raise ValueError(f"batches is a list of slices, found {batches!r}")
        check_stack(net, params)
        R = len(params.weights[0])
        folds = Folds.of(part, R)
        parts = [one.astype(net.dtype) for one in folds.parts]
        for one in parts:
            one.check(net)
        self.net, self.params, self.update = net, params, update
        self.n = n = len(folds)
        self._first_row = folds.number[:, None] * n
        self.lambda_ = _strengths(net, lambda_, R)
        size = int(batch_size)  # an int8 would overflow
        whole = [slice(s, min(s + size, n)) for s in range(0, n, size)]
        self.batches = whole if batches is None else list(batches)
        check_batches(self.batches, n)
        sizes = {batch.stop - batch.start for batch in self.batches}
        gradient = params.alike()
        self.dropout = _dropout(net, seeds, R)
        self.passes = {rows: _Batch(net, params, rows, gradient, self.dropout) for rows in sizes}
        self.X = next(iter(self.passes.values())).inputs(joined([one.X for one in parts]))
        self.Y = smoothed(joined([one.Y for one in parts]), net.label_smoothing)
        self.weights = _relative_weights(parts, net.dtype)
        self.total = params.alike() if update == "epoch" else None
        self.scratch = [np.empty_like(w) for w in params.weights] if net.penalty.active else []
        self.steps = Steps(_optimizers(optimizer, R), params, self.total or gradient)
        plain = self.optimizer.plain and not self.total and not self.scratch
        self.at_once = plain and _at_once(net, params)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer of the first replica; the others differ in hyper-parameters at most."""
        return self.steps.optimizer

    @property
    def memory(self) -> Memory:
        """What the optimizer keeps between steps; `assign` continues another descent's."""
        return self.steps.memory

    def epoch(
        self,
        order: Array,
        eta: Array,
        on_first: Callable[[Pass, Array], None] | None = None,
        on_last: Callable[[Pass, Array], None] | None = None,
    ) -> None:
        """Go once through the data: `order` (R, N) holds row numbers, `eta` (R,) step sizes.

        `on_first` and `on_last` are called with the pass of the first and last batch, when its
        gradient is ready but not yet applied, and with the factor (R,) that scales the gradient.
        In a large network, which is otherwise updated without a gradient, these steps may round
        differently. Raises ValueError if `order` or `eta` has another shape or `order` names
        rows that do not exist.
        """
        eta, last = self._check_epoch(order, eta), len(self.batches) - 1
        order = order + self._first_row  # the rows of each replica's fold
        step = eta if self.optimizer.linear else np.ones_like(eta)
        step = step / len(self.batches) if self.total else step
        with quiet():
            self._begin(eta)
            scales = {rows: self._column(step / rows) for rows in self.passes}
            for i, batch in enumerate(self.batches):
                rows = batch.stop - batch.start
                work = self.passes[rows]
                index = np.ascontiguousarray(order[:, batch])
                work.forward_of(self.X, self.Y, index)
                scale = self._weighted(scales[rows], index)
                watching = [w for at, w in ((0, on_first), (last, on_last)) if i == at and w]
                if self.at_once and not watching:
                    work.descend(scale)
                    continue
                work.find_gradient(scale)
                for watch in watching:
                    watch(work, step)
                if self.total:
                    self.total.add(work.gradient)
                else:
                    self._apply(work.gradient)
            if self.total:
                self._apply(self.total)

    def _begin(self, eta: Array) -> None:
        """Prepare what an epoch with the step sizes `eta` (R,) needs."""
        times_eta = self.optimizer.linear or self.optimizer.decoupled
        self._shrink = self._column(eta * self.lambda_ if times_eta else self.lambda_)
        self.steps.begin(eta)
        if self.total:
            self.total.fill(0)
        if self.dropout:
            self.dropout.begin()

    def _check_epoch(self, order: Array, eta: Array | float) -> Array:
        """Return the step sizes of the replicas; raise ValueError if they do not match."""
        R, n = len(self.lambda_), self.n
        rows = max(batch.stop for batch in self.batches)
        if np.ndim(order) != 2 or len(order) != R or order.shape[1] < rows:
            raise ValueError(f"order is of {R} x {rows} row numbers, found {np.shape(order)}")
        if order.min() < 0 or order.max() >= n:
            raise ValueError(
                f"order holds row numbers from 0 to {n - 1}, found {order.min()} to {order.max()}"
            )
        if np.shape(eta) not in ((), (R,)):
            raise ValueError(f"eta is one step size or {R} of them, found {np.shape(eta)}")
        return np.broadcast_to(np.asarray(eta, dtype=float), (R,))

    def _weighted(self, scale: Array, index: Array) -> Array:
        """Return the factor of each sample's gradient, (R, rows, 1); the scale if none has one."""
        return scale if self.weights is None else scale * self.weights[index][:, :, None]

    def _column(self, values: Array) -> Array:
        return values.astype(self.net.dtype)[:, None, None]

    def _apply(self, step: Parameters) -> None:
        """Take a step along the gradient `step` (times η if the optimizer is linear).

        The penalty's is added to it, or moves the weights itself if it is decoupled.
        """
        for w, g, s in zip(self.params.weights, step.weights, self.scratch, strict=False):
            self.net.penalty.gradient(w, out=s)
            np.multiply(s, self._shrink, out=s)
            if self.optimizer.decoupled:
                np.subtract(w, s, out=w)
            else:
                np.add(g, s, out=g)
        self.steps()


class _Batch(Pass):
    """A pass that first gathers its rows, and that can take a step."""

    def __init__(
        self,
        net: Network,
        params: Parameters,
        rows: int,
        gradient: Parameters,
        dropout: Dropout | None,
    ) -> None:
        masks = dropout.masks(rows) if dropout else ()
        super().__init__(net, params, rows, lean=True, gradient=gradient, masks=masks)
        self._dropout, self._drawn = dropout, masks
        R, columns, _ = self._maps[0][0].shape
        self._x = np.empty((R, rows, columns), net.dtype)
        self._y = np.empty((R, rows, net.sizes[-1]), net.dtype)
        self._downdates: list[Downdate] = []
        self._loose: tuple[Array, Array]  # of the parameters and of the gradient

    def forward_of(self, X: Array, Y: Array, index: Array) -> None:
        """Run the forward pass on rows `index` (R, rows) of X, from `inputs`, and of Y."""
        # with mode="clip" take writes to its output without a buffer; no index is out of range
        X.take(index, axis=0, out=self._x, mode="clip")
        Y.take(index, axis=0, out=self._y, mode="clip")
        if self._dropout:
            self._dropout.draw(self._drawn)
        self.forward(self._x)

    def find_gradient(self, scale: Array) -> None:
        """Fill `gradient`, scaled by `scale` (R, 1, 1)."""
        self.backward(self._y, scale)

    def descend(self, scale: Array) -> None:
        """Subtract the gradient, scaled by `scale`, from the parameters, a `Stack`."""
        if not self._downdates:
            inputs = (self._x, *self.fed)
            layers = zip(inputs, self.delta, self._maps, strict=False)
            self._downdates = [Downdate(a, delta, factor) for a, delta, (factor, _) in layers]
            assert isinstance(self.params, Stack)
            assert isinstance(self.gradient, Stack)
            self._loose = self.params.loose, self.gradient.loose
        self.backward(self._y, scale, instead=self._downdates)
        loose, gradient = self._loose
        np.subtract(loose, gradient, out=loose)


def _at_once(net: Network, params: Parameters) -> bool:
    """Return whether a step without a stored gradient is possible and faster."""
    factors = [factor for factor, _ in params.maps()]
    return at_once(net.sizes) and isinstance(params, Stack) and all(map(Downdate.possible, factors))


def _optimizers(given: Named | Sequence[Named], R: int) -> list[Optimizer]:
    """Return the optimizer of each replica; raise ValueError for another number of them."""
    if isinstance(given, str | Mapping | Optimizer):
        return [optimizer_of(given)] * R
    found = [optimizer_of(each) for each in given]
    if len(found) != R:
        raise ValueError(f"optimizer is one for all replicas or {R} of them, found {len(found)}")
    return found


def _dropout(net: Network, seeds: Sequence[int], R: int) -> Dropout | None:
    """Return what draws the masks of a network with dropout; None for one without."""
    if not any(net.dropout):
        return None
    if len(seeds) != R:
        raise ValueError(
            f"a network with dropout is trained with the seeds of its {R} replicas, "
            f"found {len(seeds)}: give seeds"
        )
    return Dropout(net.dropout, net.sizes[1:-1], seeds, net.dtype)


def _relative_weights(parts: Sequence[Part], dtype: np.dtype[Any]) -> Array | None:
    """Return the samples' weights, of mean 1 in each fold; None if they have none."""
    given = [one.weights for one in parts if one.weights is not None]
    return np.concatenate([w / w.mean() for w in given]).astype(dtype) if given else None


def _strengths(net: Network, lambda_: Array | float | None, R: int) -> Array:
    """Return the penalty's strength of each replica, (R,); by default it is the network's."""
    lambda_ = net.lambda_ if lambda_ is None else lambda_
    found = np.broadcast_to(np.asarray(lambda_, dtype=float), (R,))
    if found.any() and not net.penalty.active:
        raise IncompatibleError("a penalty's strength is given but no penalty is chosen")
    return found
