"""Training, Algorithm 1 of the note, for a stack of replicas at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlp.costs import IncompatibleError
from mlp.network import QUIET, Network, Pass
from mlp.parameters import Parameters, Stack
from mlp.products import Downdate, at_once
from mlp.recording import PARTS, History, Part, Recorder
from mlp.registry import did_you_mean
from mlp.schedules import SCHEDULES
from mlp.streams import stream

Array = np.ndarray

UPDATES = ("batch", "epoch")


@dataclass(frozen=True)
class Replica:
    """What may differ between the replicas of a stack, beside their first parameters.

    Without a `lambda_` of its own a replica takes that of the network.
    """

    seed: int
    eta: float
    schedule: str = "constant"
    lambda_: float | None = None


class Descent:
    """Lines 4-10 of Algorithm 1: the epochs of stochastic gradient descent, in place.

    `update` is "batch" (one update for each mini-batch) or "epoch" (Algorithm 1 to the letter:
    the gradients of all mini-batches at the same weights, averaged, and one update). `batches`
    are the places in an epoch's order that make its mini-batches, by default one after another.
    Without a `lambda_`, one number or one for each replica, the network's holds.
    Raises ValueError for parameters, samples or mini-batches that do not go together.
    """

    def __init__(
        self,
        net: Network,
        params: Parameters,
        part: Part,
        batch_size: int,
        update: str = "batch",
        lambda_: Array | float | None = None,
        batches: Sequence[slice] | None = None,
    ) -> None:
        if not _is_whole(batch_size, 1):
            raise ValueError(f"a mini-batch holds at least one sample, found {batch_size!r}")
        if update not in UPDATES:
            raise ValueError(f"update is one of {', '.join(UPDATES)}, found {update!r}")
        part = part.astype(net.dtype)
        part.check(net)
        _check_stack(net, params)
        self.net, self.params, self.part, self.update = net, params, part, update
        R, n = len(params.weights[0]), len(part)
        lambda_ = net.lambda_ if lambda_ is None else lambda_
        self.lambda_ = np.broadcast_to(np.asarray(lambda_, dtype=float), (R,))
        if self.lambda_.any() and not net.penalty.active:
            raise IncompatibleError("a penalty's strength is given but no penalty is chosen")
        size = int(batch_size)  # an int8 would overflow
        whole = [slice(s, min(s + size, n)) for s in range(0, n, size)]
        self.batches = whole if batches is None else list(batches)
        _check_batches(self.batches, n)
        sizes = {batch.stop - batch.start for batch in self.batches}
        self.passes = {rows: _Batch(net, params, rows) for rows in sizes}
        self.X = next(iter(self.passes.values())).inputs(part.X)
        self.Y = np.ascontiguousarray(part.Y)
        self.total = params.alike() if update == "epoch" else None
        self.scratch = [np.empty_like(w) for w in params.weights] if net.penalty.active else []
        self.at_once = not self.total and not self.scratch and _at_once(net, params)

    def epoch(
        self,
        order: Array,
        eta: Array,
        on_first: Callable[[Pass, Array], None] | None = None,
        on_last: Callable[[Pass, Array], None] | None = None,
    ) -> None:
        """Go once through the data: `order` (R, N) holds row numbers, `eta` (R,) step sizes.

        `on_first` and `on_last` are called with the first and last batch's pass, its gradient
        ready but not yet applied, and the factor (R,) by which that gradient is scaled. The
        steps so watched of a network that is else updated at once may round otherwise.
        Raises ValueError where `order` or `eta` have another shape or name other rows.
        """
        eta = self._check_epoch(order, eta)
        step = eta / len(self.batches) if self.total else eta
        with np.errstate(**QUIET):
            scales = {rows: self._column(step / rows) for rows in self.passes}
            self._shrink = self._column(eta * self.lambda_)
            if self.total:
                self.total.fill(0)
            last = len(self.batches) - 1
            for i, batch in enumerate(self.batches):
                rows = batch.stop - batch.start
                work = self.passes[rows]
                work.forward_of(self.X, self.Y, np.ascontiguousarray(order[:, batch]))
                watching = [w for at, w in ((0, on_first), (last, on_last)) if i == at and w]
                if self.at_once and not watching:
                    work.descend(scales[rows])
                    continue
                work.find_gradient(scales[rows])
                for watch in watching:
                    watch(work, step)
                if self.total:
                    self.total.add(work.gradient)
                else:
                    self._apply(work.gradient)
            if self.total:
                self._apply(self.total)

    def _check_epoch(self, order: Array, eta: Array | float) -> Array:
        """Return the step sizes of the replicas; raise ValueError where something is amiss."""
        R, n = len(self.lambda_), len(self.part)
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

    def _column(self, values: Array) -> Array:
        return values.astype(self.net.dtype)[:, None, None]

    def _apply(self, step: Parameters) -> None:
        """W <- W - (η ∂C/∂W + η λ ∂P/∂W), b <- b - η ∂C/∂b; `step` holds the η ∂C already."""
        params = self.params
        for w, g, s in zip(params.weights, step.weights, self.scratch, strict=False):
            self.net.penalty.gradient(w, out=s)
            np.multiply(s, self._shrink, out=s)
            np.add(g, s, out=g)
        params.subtract(step)


class _Batch(Pass):
    """A pass over rows that it gathers first, and what a step makes of them."""

    def __init__(self, net: Network, params: Parameters, rows: int) -> None:
        super().__init__(net, params, rows, lean=True)
        R, columns, _ = self._maps[0][0].shape
        self._x = np.empty((R, rows, columns), net.dtype)
        self._y = np.empty((R, rows, net.sizes[-1]), net.dtype)
        self._downdates: list[Downdate] = []

    def forward_of(self, X: Array, Y: Array, index: Array) -> None:
        """Go forward with the rows `index` (R, rows) of X, in the form of `inputs`, and of Y."""
        # mode="clip" lets take write to its output without a buffer; no index is out of range
        X.take(index, axis=0, out=self._x, mode="clip")
        Y.take(index, axis=0, out=self._y, mode="clip")
        self.forward(self._x)

    def find_gradient(self, scale: Array) -> None:
        """Fill `gradient`, scaled by `scale` (R, 1, 1)."""
        self.backward(self._y, scale)

    def descend(self, scale: Array) -> None:
        """Subtract the gradient, scaled by `scale`, from the parameters, a `Stack`."""
        if not self._downdates:
            inputs = (self._x, *self.a)
            layers = zip(inputs, self.delta, self._maps, strict=False)
            self._downdates = [Downdate(a, delta, factor) for a, delta, (factor, _) in layers]
        self.backward(self._y, scale, instead=self._downdates)
        loose = self.params.loose
        np.subtract(loose, self.gradient.loose, out=loose)


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least


def _check_stack(net: Network, params: Parameters) -> None:
    if params.single:
        raise ValueError(
            "a stack is trained, found the parameters of one network, which would be left as they "
            "are: write stack = Parameters.stack([params]) and train it; afterwards "
            "stack.replica(0) holds the trained parameters"
        )
    sizes = (params.weights[0].shape[-1], *(w.shape[-2] for w in params.weights))
    if sizes != net.sizes or params.weights[0].dtype != net.dtype:
        found = "-".join(map(str, sizes))
        raise ValueError(
            f"the parameters are those of a network {found} in {params.weights[0].dtype}, "
            f"to be trained is a network {net.shape} in {net.dtype}"
        )


def _check_batches(batches: Sequence[slice], n: int) -> None:
    """Raise ValueError unless each mini-batch is a piece of n samples, and there is one."""
    for batch in batches:
        whole = _is_whole(batch.start, 0) and _is_whole(batch.stop, batch.start + 1)
        if not whole or batch.step not in (None, 1) or batch.stop > n:
            raise ValueError(f"a mini-batch is a slice with a sample or more of {n}, found {batch}")
    if not batches:
        raise ValueError("there is no mini-batch to take a step with")


def _at_once(net: Network, params: Parameters) -> bool:
    """Return whether a step can be taken, and is faster, without the gradient in between."""
    factors = [factor for factor, _ in params.maps()]
    return at_once(net.sizes) and isinstance(params, Stack) and all(map(Downdate.possible, factors))


def train(
    net: Network,
    params: Parameters,
    parts: Mapping[str, Part],
    replicas: Sequence[Replica],
    *,
    epochs: int,
    batch_size: int,
    update: str = "batch",
    patience: int | None = None,
    tolerance: float = 0.0,
    exact_train: bool = True,
    batches: Sequence[slice] | None = None,
    on_epoch: Callable[[int, History], None] | None = None,
) -> History:
    """Train the stack `params` in place (Algorithm 1) and return what was recorded.

    `parts` maps "train" and, if they exist, "validation" and "test" to their samples. Each
    epoch shuffles by the replica's own stream, so replicas of one seed see the same order.
    With `patience`, a replica stops after that many epochs in a row in which the validation cost
    was not lower than the lowest before by more than `tolerance`. Without `exact_train` the
    accuracy and cost of the training part are measured at the first and the last epoch only.
    `batches`: see :class:`Descent`. `on_epoch` is called with the epoch and the history so far.
    A replica that diverges goes on and does not affect the others.

    The networks that a stack was made of keep their first parameters: the trained ones are
    `params.replica(r)`, and `History.params` is that stack. Raises ValueError for arguments that
    do not match: each part must be finite, its targets and labels must agree.
    """
    parts = _checked_parts(net, params, parts)
    _check_training(params, parts, replicas, epochs, patience, tolerance)
    lambdas = np.array([net.lambda_ if r.lambda_ is None else r.lambda_ for r in replicas])
    descent = Descent(net, params, parts["train"], batch_size, update, lambdas, batches)
    recorder = Recorder(net, params, parts, epochs := int(epochs))
    history = recorder.history
    running, kept = np.ones(len(replicas), dtype=bool), {}

    recorder.write(0, np.full(len(replicas), np.nan), running)
    for epoch, order, eta in _epochs(replicas, len(parts["train"]), epochs):
        descent.epoch(
            order,
            eta,
            on_first=recorder.watch_start if epoch == 1 else None,
            on_last=recorder.watch,
        )
        recorder.write(epoch, eta, running, exact_train=exact_train or epoch == epochs)
        if patience is not None:
            stops = np.flatnonzero(running & _out_of_patience(history, epoch, patience, tolerance))
            kept |= {r: params.replica(r).copy() for r in stops.tolist()}
            history.stopped_at[stops] = epoch
            running[stops] = False
        if on_epoch:
            on_epoch(epoch, history)
        if not running.any():
            break
    for r, stopped in kept.items():  # it went on with the stack, unrecorded
        params.replica(r).assign(stopped)
    for r in np.flatnonzero(history.diverged_at >= 0).tolist():
        params.replica(r).unify_nans()
    return history


def _epochs(replicas: Sequence[Replica], n: int, epochs: int) -> Iterator[tuple[int, Array, Array]]:
    """Yield each epoch from 1, the order (R, n) in which it sees the rows, and its step sizes."""
    streams = {replica.seed: stream("order", replica.seed) for replica in replicas}
    for epoch in range(1, epochs + 1):
        orders = {seed: rng.permutation(n) for seed, rng in streams.items()}
        order = np.stack([orders[replica.seed] for replica in replicas])
        eta = np.array([SCHEDULES[r.schedule](r.eta, epoch - 1, epochs) for r in replicas])
        yield epoch, order, eta


def _checked_parts(net: Network, params: Parameters, parts: Mapping[str, Part]) -> dict[str, Part]:
    """Return the parts in the network's type; raise ValueError for one that it cannot take."""
    _check_stack(net, params)
    if not isinstance(parts, Mapping):
        found = "a Part" if isinstance(parts, Part) else type(parts).__name__
        raise ValueError(
            f"parts is a dictionary of parts by name, found {found}: "
            'write {"train": part}, and "validation" and "test" if you have them'
        )
    for name, part in parts.items():
        if name not in PARTS:
            raise ValueError(
                f"there is no part called {name!r}{did_you_mean(name, PARTS)}; "
                f"the names are {', '.join(PARTS)}"
            )
        if not isinstance(part, Part):
            raise ValueError(
                f"the {name} part is of type {type(part).__name__}: write Part(X, Y, labels)"
            )
    if "train" not in parts:
        raise ValueError(f"there is no part 'train', found {', '.join(parts) or 'none'}")
    typed = {name: part.astype(net.dtype) for name, part in parts.items()}
    for name, part in typed.items():
        part.check(net, name)
        part.check_measure(net, name)
    return typed


def _check_training(
    params: Parameters,
    parts: Mapping[str, Part],
    replicas: Sequence[Replica],
    epochs: int,
    patience: int | None,
    tolerance: float,
) -> None:
    """Raise ValueError if the other arguments of `train` do not match."""
    if isinstance(replicas, Replica):
        raise ValueError(
            "replicas is a list with a Replica for each network of the stack, found one Replica: "
            "write [replica]"
        )
    if len(replicas) != len(params.weights[0]):
        raise ValueError(f"{len(replicas)} replicas for a stack of {len(params.weights[0])}")
    for replica in replicas:
        _check_replica(replica)
    if not _is_whole(epochs, 0):
        raise ValueError(f"epochs are a whole number from 0 on, found {epochs!r}")
    if not _is_finite(tolerance):
        raise ValueError(f"tolerance is a finite number from 0 on, found {tolerance!r}")
    if patience is None:
        return
    if not _is_whole(patience, 1):
        raise ValueError(f"patience is a whole number of epochs from 1 on, found {patience!r}")
    if "validation" not in parts:
        raise ValueError("early stopping watches the validation part, and there is none")


def _check_replica(replica: Replica) -> None:
    if not _is_finite(replica.eta):
        raise ValueError(f"a replica's eta is one finite step size, found {replica.eta!r}")
    if replica.lambda_ is not None and not _is_finite(replica.lambda_):
        raise ValueError(
            f"a replica's lambda_ is one finite number from 0 on, found {replica.lambda_!r}"
        )
    if not _is_whole(replica.seed, 0):
        raise ValueError(f"a replica's seed is a whole number from 0 on, found {replica.seed!r}")
    SCHEDULES[replica.schedule]  # refuses an unknown name


def _is_finite(value: object) -> bool:
    """Return whether a value is one finite number from 0 on."""
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(number and np.isfinite(value) and value >= 0)


def _out_of_patience(history: History, epoch: int, patience: int, tolerance: float = 0.0) -> Array:
    """Return where the cost has not fallen by more than the tolerance for `patience` epochs."""
    costs = history.column("validation_cost")[:, : epoch + 1]
    costs = np.where(np.isnan(costs), np.inf, costs)
    lowest = np.minimum.accumulate(costs, axis=1)
    falls = np.ones(costs.shape, dtype=bool)
    falls[:, 1:] = costs[:, 1:] < lowest[:, :-1] - tolerance
    since = np.argmax(falls[:, ::-1], axis=1)
    return since >= patience
