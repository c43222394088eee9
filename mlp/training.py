"""Training, Algorithm 1 of the note, for a stack of replicas at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlp.checks import check_stack, is_finite, is_whole
from mlp.descent import Descent, Named
from mlp.network import Network
from mlp.optimizers import optimizer_of
from mlp.parameters import Parameters
from mlp.parts import PARTS, Folds, Part
from mlp.recording import Every, History, Recorder, recorded_epochs
from mlp.registry import did_you_mean
from mlp.schedules import SCHEDULES
from mlp.selection import RULES, Best, out_of_patience
from mlp.streams import stream

Array = np.ndarray

WATCHED = ("validation", "train")
"""The parts whose cost may decide when training stops."""


@dataclass(frozen=True)
class Replica:
    """The settings that may differ between the replicas of a stack.

    `lambda_` is the strength of the penalty; the default is that of the network. `fold` is the
    place of its samples among the folds that `train` is given. `optimizer` is a name, or a
    mapping such as {"name": "adam", "beta1": 0.5}; the name is the same for a whole stack.
    """

    seed: int
    eta: float
    schedule: str = "constant"
    lambda_: float | None = None
    fold: int = 0
    optimizer: Named = "sgd"


def train(
    net: Network,
    params: Parameters,
    parts: Mapping[str, Part] | Sequence[Mapping[str, Part]],
    replicas: Sequence[Replica],
    *,
    epochs: int,
    batch_size: int,
    update: str = "batch",
    patience: int | None = None,
    tolerance: float = 0.0,
    watch: str = "validation",
    restore_best: bool | str = False,
    exact_train: bool = True,
    record_every: Every = 1,
    batches: Sequence[slice] | None = None,
    on_epoch: Callable[[int, History], None] | None = None,
) -> History:
    """Train the stack `params` in place (Algorithm 1) and return what was recorded.

    `parts` maps "train" and, if they exist, "validation" and "test" to their samples. It may also
    be a list of such dictionaries, one for each fold, all of the same shapes; `Replica.fold` is
    the place in the list. Each epoch shuffles by the replica's own stream, so replicas of one
    seed see the same order.
    With `patience`, a replica stops after that many epochs in a row in which the validation cost
    was not lower than the lowest before by more than `tolerance`; with `watch="train"` the cost of
    the training part, without penalty and weights. With `restore_best` each replica
    is left with its weights after the epoch, from 0, of its lowest validation cost ("best_cost"
    says the same), or with "best_validation" of its highest validation accuracy, of several the
    one of the lowest cost, then the first; `History.selected_at` says which.
    Without `exact_train` the accuracy and cost of the training part are measured at the first and
    the last epoch only.
    `record_every` says at which epochs anything is measured (:func:`recorded_epochs`): each k-th,
    or "doubling". The other rows have the step size, and else NaN.
    `batches`: see :class:`Descent`. `on_epoch` is called with the epoch and the history so far.
    A replica that diverges is trained on and does not affect the others.

    The networks that a stack was made of keep their first parameters: the trained ones are
    `params.replica(r)`, and `History.params` is that stack. Raises ValueError for arguments that
    do not match: each part must be finite, its targets and labels must agree.

    Two networks that are trained at once on two folds:

    >>> net, labels = Network((2, 3, 2)), np.array([0, 1, 1])
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> folds = [{"train": Part(x, np.eye(2)[labels], labels)} for x in (X, 2 * X)]
    >>> draws = [net.initialize("fan_in", stream("initial draw", s), n_train=3) for s in (0, 1)]
    >>> replicas = [Replica(seed=0, eta=0.5, fold=0), Replica(seed=1, eta=0.5, fold=1)]
    >>> stack = Parameters.stack(draws)
    >>> train(net, stack, folds, replicas, epochs=4, batch_size=1).curves.shape[:2]
    (2, 5)

    Each has the same bits as alone:

    >>> alone = Parameters.stack(draws[1:])
    >>> _ = train(net, alone, folds[1], [Replica(seed=1, eta=0.5)], epochs=4, batch_size=1)
    >>> np.array_equal(alone.weights[0][0], stack.weights[0][1])
    True
    """
    check_stack(net, params)
    folds = [_checked_parts(net, parts) for parts in _in_folds(parts)]
    _check_training(params, replicas, epochs)
    _check_watching(folds[0], patience, tolerance, watch, restore_best)
    recorded = set(recorded_epochs(int(epochs), record_every))
    if patience is not None and record_every != 1:
        raise ValueError(
            f"early stopping watches every epoch: it needs record_every=1, found {record_every!r}"
        )
    if patience is not None and watch == "train" and not exact_train:
        raise ValueError('early stopping with watch="train" needs exact_train=True, found False')
    fold = np.array([replica.fold for replica in replicas])
    data = {name: Folds([one[name] for one in folds], fold) for name in folds[0]}
    lambdas = np.array([net.lambda_ if r.lambda_ is None else r.lambda_ for r in replicas])
    optimizers = [replica.optimizer for replica in replicas]
    seeds = [replica.seed for replica in replicas]
    descent = Descent(
        net, params, data["train"], batch_size, update, lambdas, batches, optimizers, seeds
    )
    recorder = Recorder(net, params, data, epochs := int(epochs))
    history = recorder.history
    history.memory = descent.memory
    running = np.ones(len(replicas), dtype=bool)
    kept: dict[int, Parameters] = {}
    rule = "best_cost" if restore_best is True else restore_best
    best = Best(rule, params, history) if rule else None

    recorder.write(0, np.full(len(replicas), np.nan), running)
    if best:
        best.see(0, running)
    for epoch, order, eta in _epochs(replicas, len(data["train"]), epochs):
        descent.epoch(
            order,
            eta,
            on_first=recorder.watch_start if epoch == 1 else None,
            on_last=recorder.watch,  # also if nothing is recorded: it decides how steps round
        )
        if epoch in recorded:
            recorder.write(epoch, eta, running, exact_train=exact_train or epoch == epochs)
            if best:
                best.see(epoch, running)
        else:
            recorder.skip(epoch, eta, running)
        if patience is not None:
            costs = history.column(f"{watch}_cost")[:, : epoch + 1]
            stops = np.flatnonzero(running & out_of_patience(costs, patience, tolerance))
            kept |= {r: params.replica(r).copy() for r in stops.tolist()}
            history.stopped_at[stops] = epoch
            running[stops] = False
        if on_epoch:
            on_epoch(epoch, history)
        if not running.any():
            break
    for r, stopped in kept.items():  # it was trained on with the stack, unrecorded
        params.replica(r).assign(stopped)
    if best:
        best.restore()
    for r in np.flatnonzero(history.diverged_at >= 0).tolist():
        params.replica(r).unify_nans()
    return history


def _epochs(replicas: Sequence[Replica], n: int, epochs: int) -> Iterator[tuple[int, Array, Array]]:
    """Yield each epoch from 1, the order (R, n) in which it sees the rows, and its step sizes."""
    streams = {replica.seed: stream("order", replica.seed) for replica in replicas}
    for epoch in range(1, epochs + 1):
        orders = {seed: rng.permutation(n) for seed, rng in streams.items()}
        order = np.stack([orders[replica.seed] for replica in replicas])
        steps = [SCHEDULES[r.schedule](r.eta, epoch - 1, epochs) for r in replicas]
        yield epoch, order, np.array(steps, dtype=float)


def _in_folds(
    parts: Mapping[str, Part] | Sequence[Mapping[str, Part]],
) -> Sequence[Mapping[str, Part]]:
    """Return the folds; raise ValueError if they do not name the same parts."""
    if isinstance(parts, Mapping) or not isinstance(parts, Sequence):
        return [parts]
    named = [sorted(one) if isinstance(one, Mapping) else [] for one in parts]
    if not parts or any(names != named[0] for names in named):
        raise ValueError(
            "each fold is a dictionary of the same parts, found "
            + ("no fold" if not parts else " and ".join(", ".join(n) or "none" for n in named))
        )
    return parts


def _checked_parts(net: Network, parts: Mapping[str, Part]) -> dict[str, Part]:
    """Return the parts in the network's type; raise ValueError for one that it cannot take."""
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
    _check_same_labels(typed)
    return typed


def _check_same_labels(parts: Mapping[str, Part]) -> None:
    """Raise ValueError if some parts have several labels for each sample, and others one class."""
    labelled = {name: part for name, part in parts.items() if part.labels is not None}
    several = [name for name, part in labelled.items() if part.several]
    single = [name for name in labelled if name not in several]
    if several and single:
        raise ValueError(
            f"the labels of all parts are of one kind, found several labels ({', '.join(several)}) "
            f"and class numbers ({', '.join(single)}), of which the accuracies are different "
            "measures: give truth values (N, K) in all parts, or class numbers (N,)"
        )


def _check_training(params: Parameters, replicas: Sequence[Replica], epochs: int) -> None:
    """Raise ValueError if replicas or epochs do not match the stack."""
    if not isinstance(replicas, Sequence) or not all(isinstance(r, Replica) for r in replicas):
        raise ValueError(
            "replicas is a list with a Replica for each network of the stack, found "
            f"{replicas!r}: write [Replica(seed, eta)]"
        )
    if len(replicas) != len(params.weights[0]):
        raise ValueError(f"{len(replicas)} replicas for a stack of {len(params.weights[0])}")
    for replica in replicas:
        _check_replica(replica)
    if not is_whole(epochs, 0):
        raise ValueError(f"epochs are a whole number from 0 on, found {epochs!r}")


def _check_watching(
    parts: Mapping[str, Part],
    patience: int | None,
    tolerance: float,
    watch: str,
    restore_best: bool | str,
) -> None:
    """Raise ValueError if what watches a part's cost is wrong, or if there is no such part."""
    if not is_finite(tolerance):
        raise ValueError(f"tolerance is a finite number from 0 on, found {tolerance!r}")
    if patience is not None and not is_whole(patience, 1):
        raise ValueError(f"patience is a whole number of epochs from 1 on, found {patience!r}")
    if watch not in WATCHED:
        raise ValueError(f"watch is one of {', '.join(WATCHED)}, found {watch!r}")
    known = isinstance(restore_best, str) and restore_best in RULES
    if not isinstance(restore_best, bool) and not known:
        raise ValueError(
            f"restore_best is True, False or one of {', '.join(RULES)}, found {restore_best!r}"
        )
    if "validation" in parts:
        return
    if patience is not None and watch == "validation":
        raise ValueError("early stopping watches the validation part, and there is none")
    if restore_best:
        raise ValueError("restore_best watches the validation part, and there is none")


def _check_replica(replica: Replica) -> None:
    if not is_finite(replica.eta):
        raise ValueError(f"a replica's eta is one finite step size, found {replica.eta!r}")
    if replica.lambda_ is not None and not is_finite(replica.lambda_):
        raise ValueError(
            f"a replica's lambda_ is one finite number from 0 on, found {replica.lambda_!r}"
        )
    if not is_whole(replica.seed, 0):
        raise ValueError(f"a replica's seed is a whole number from 0 on, found {replica.seed!r}")
    SCHEDULES[replica.schedule]  # refuses an unknown name
    optimizer_of(replica.optimizer)
