"""What the classifier and the regressor have in common."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from mlp.descent import Descent
from mlp.estimator.options import (
    DTYPES,
    check_number,
    check_positive,
    check_truth,
    is_truth,
    layers_of,
    seed_of,
    stratified,
)
from mlp.estimator.recorded import Recorded
from mlp.estimator.reporting import Callback, reporters
from mlp.network import Network
from mlp.parameters import Parameters
from mlp.parts import Part
from mlp.recording import Recorder
from mlp.schedules import SCHEDULES
from mlp.stepping import Memory
from mlp.streams import stream
from mlp.training import Replica, train

Array = np.ndarray


def partial_fit_is_possible(estimator: "Perceptron") -> bool:
    """Return True. Raises AttributeError, so that the method is not there, with early stopping."""
    if is_truth(estimator.early_stopping) and estimator.early_stopping:  # else `_stopping` refuses
        raise AttributeError(
            "partial_fit does not support early_stopping=True, because it holds no samples back; "
            "call set_params(early_stopping=False) to continue training"
        )
    return True


class Perceptron(Recorded, BaseEstimator):
    """What the classifier and the regressor have in common: Algorithm 1 on checked arrays."""

    network_: Network
    parameters_: Parameters
    n_iter_: int
    _memory: Memory | None

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (30,),
        hidden: str | Sequence[str] = "sigmoid",
        *,
        init: str = "fan_in",
        bias_init: str = "like_weights",
        schedule: str = "constant",
        eta: float = 0.1,
        optimizer: str | Mapping[str, Any] = "sgd",
        batch_size: int = 10,
        epochs: int = 30,
        update: str = "batch",
        penalty: str = "none",
        lambda_: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        random_state: Any = None,
        validation_fraction: float = 0.1,
        early_stopping: bool = False,
        patience: int = 10,
        tol: float = 1e-4,
        n_iter_no_change: int | None = None,
        warm_start: bool = False,
        dtype: str = "float64",
        verbose: bool = False,
        progress: bool = False,
        callback: Callback | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.hidden = hidden
        self.init = init
        self.bias_init = bias_init
        self.schedule = schedule
        self.eta = eta
        self.optimizer = optimizer
        self.batch_size = batch_size
        self.epochs = epochs
        self.update = update
        self.penalty = penalty
        self.lambda_ = lambda_
        self.dropout = dropout
        self.random_state = random_state
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.patience = patience
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.dtype = dtype
        self.verbose = verbose
        self.progress = progress
        self.callback = callback

    def _of_the_targets(self) -> dict[str, Any]:
        """Return the components of the network that depend on the kind of targets."""
        raise NotImplementedError

    def __sklearn_is_fitted__(self) -> bool:  # the option lambda_ looks like a fitted attribute
        return hasattr(self, "parameters_")

    @property
    def net(self) -> Network:
        """The trained network, `network_`."""
        return self.network_

    @property
    def params(self) -> Parameters:
        """Its weights and biases, `parameters_`."""
        return self.parameters_

    def _fit(self, part: Part) -> "Perceptron":
        """Train from the start on `part`."""
        self._seed, stopping = seed_of(self.random_state), self._stopping()
        parts = self._parts(part)
        n = len(parts["train"])
        self._start(parts["train"])
        params = self._stack()
        with reporters(self, self.epochs) as report:
            history = train(
                self.network_,
                params,
                parts,
                [Replica(self._seed, self.eta, self.schedule, optimizer=self.optimizer)],
                epochs=self.epochs,
                batch_size=self.batch_size,
                update=self.update,
                on_epoch=lambda epoch, so_far: report(epoch, self._row(so_far, epoch)),
                **stopping,
            )
        self._memory = history.memory
        self._selected_at = int(history.selected_at[0])
        stopped, diverged = int(history.stopped_at[0]), int(history.diverged_at[0])
        self.n_iter_ = int(self.epochs) if stopped < 0 else stopped
        rng = self._order()
        for _ in range(self.n_iter_):  # partial_fit continues where fit ended
            rng.permutation(n)
        self._order_state = rng.bit_generator.state
        self._remember([self._row(history, e) for e in range(self.n_iter_ + 1)])
        self._note_divergence(diverged)
        self._note_end(stopped)
        return self

    def _stopping(self) -> dict[str, Any]:
        """Return what tells `train` when to stop; raise ValueError for options that cannot be."""
        check_truth("early_stopping", self.early_stopping)
        check_truth("warm_start", self.warm_start)
        check_number("tol", self.tol, "from 0")
        patience, name = self.n_iter_no_change, "n_iter_no_change"
        if patience is None and self.early_stopping:
            patience, name = self.patience, "patience"
        if patience is None:
            return {}
        check_positive(name, patience)
        watching = (
            {"restore_best": "best_validation"} if self.early_stopping else {"watch": "train"}
        )
        return {"patience": patience, "tolerance": self.tol, **watching}

    def _partial_fit(self, part: Part) -> "Perceptron":
        """Train for one epoch on `part`, continuing after the last call."""
        first = not self.__sklearn_is_fitted__()
        self._stopping()  # refuses options that cannot be, though nothing stops here
        part = part.astype(np.dtype(self.dtype))
        if first:
            self._seed = seed_of(self.random_state)
            self._start(part)
        net, params = self.network_, self._stack()
        descent = Descent(
            net, params, part, self.batch_size, self.update,
            optimizer=self.optimizer, seeds=[self._seed],
        )  # fmt: skip
        if descent.dropout:
            descent.dropout.epoch = self.n_iter_
        if self._memory is not None and self._memory.optimizer == descent.memory.optimizer:
            descent.memory.assign(self._memory)
        self._memory = descent.memory
        recorder, running = Recorder(net, params, {"train": part}, 1), np.ones(1, dtype=bool)
        if first:
            recorder.write(0, np.full(1, np.nan), running)
        epoch = min(self.n_iter_, self.epochs - 1)  # past the last epoch the step size stays
        eta = np.array([SCHEDULES[self.schedule](self.eta, epoch, self.epochs)])
        rng = self._order()
        descent.epoch(
            rng.permutation(len(part))[None],
            eta,
            on_first=recorder.watch_start if first else None,
            on_last=recorder.watch,
        )
        recorder.write(1, eta, running)
        self._order_state = rng.bit_generator.state
        self.n_iter_ += 1
        rows = [self._row(recorder.history, e) for e in ([0, 1] if first else [1])]
        with reporters(self, 1) as report:
            report(self.n_iter_, rows[-1])
        self._remember(rows)
        self._note_divergence(self.n_iter_ if recorder.history.diverged_at[0] >= 0 else -1)
        return self

    def _stack(self) -> Parameters:
        """Return the parameters as a stack; `parameters_` becomes a view that training updates."""
        stack = Parameters.stack([self.parameters_])
        self.parameters_ = stack.replica(0)
        return stack

    def _order(self) -> np.random.Generator:
        """Return the stream of the order of the data as it was left; its state is plain numbers."""
        rng = stream("order", self._seed)
        rng.bit_generator.state = self._order_state
        return rng

    def _start(self, part: Part) -> None:
        """Draw the initial parameters (section 5.2) for a training part."""
        check_positive("epochs", self.epochs)
        check_positive("batch_size", self.batch_size)
        check_number("eta", self.eta, "above 0")
        check_number("lambda_", self.lambda_, "from 0")
        if self.dtype not in DTYPES:
            raise ValueError(f"dtype is one of {', '.join(DTYPES)}, found {self.dtype!r}")
        net = Network(
            (part.X.shape[1], *layers_of(self.hidden_layer_sizes), part.Y.shape[1]),
            hidden=self.hidden if isinstance(self.hidden, str) else tuple(self.hidden),
            penalty=self.penalty,
            lambda_=self.lambda_,
            dtype=self.dtype,
            dropout=self.dropout,
            **self._of_the_targets(),
        )
        drawn = net.initialize(
            self.init,
            stream("initial draw", self._seed),
            n_train=len(part),
            bias_init=self.bias_init,
        )
        if self.warm_start and self.__sklearn_is_fitted__():
            drawn = self._warm(drawn)
        self.network_, self.parameters_ = net, drawn
        self._order_state, self.n_iter_ = stream("order", self._seed).bit_generator.state, 0
        self._diverged_at, self._selected_at, self._memory = -1, -1, None
        self._history: dict[str, Array] = {}

    def _warm(self, drawn: Parameters) -> Parameters:
        """Return the parameters of the last fit; raise ValueError if their shapes do not match."""
        old, new = ([w.shape for w in params.weights] for params in (self.parameters_, drawn))
        if old != new:
            raise ValueError(
                f"warm_start=True goes on from weights of the shapes {old}, and this fit needs "
                f"{new}: give the same layers, features and classes, or set warm_start=False"
            )
        kept = drawn.copy()
        kept.assign(self.parameters_)
        return kept

    def _parts(self, part: Part) -> dict[str, Part]:
        """Return the parts to train on and, for early stopping, to watch."""
        if not self.early_stopping:
            return {"train": part}
        if not 0 < self.validation_fraction < 1:
            raise ValueError(
                f"validation_fraction is between 0 and 1, found {self.validation_fraction}"
            )
        order = stream("split", self._seed).permutation(len(part))
        held = max(1, round(self.validation_fraction * len(part)))
        if part.labels is None or part.several:
            train, validation = order[held:], order[:held]
        else:
            train, validation = stratified(part.labels, order, held)
        if not (len(train) and len(validation)):
            raise ValueError(
                "early stopping needs one sample of each class to train on and another to hold "
                f"back, found n_samples={len(part)}"
            )
        return {"train": part.rows(train), "validation": part.rows(validation)}

    def _note_divergence(self, epoch: int) -> None:
        if epoch < 0 or self._diverged_at >= 0:
            return
        self._diverged_at = epoch
        warnings.warn(
            f"{self._diverged()}. Lower eta, or scale the features.",
            ConvergenceWarning,
            stacklevel=4,
        )

    def _note_end(self, stopped: int) -> None:
        """Warn if the training cost was to end training, and still fell."""
        watched = self.n_iter_no_change is not None and not self.early_stopping
        if watched and stopped < 0 and self._diverged_at < 0:
            warnings.warn(
                f"the training cost still fell by more than tol={self.tol:g} in the last "
                f"n_iter_no_change={self.n_iter_no_change} of the {self.epochs} epochs. Raise "
                "epochs or tol, or set n_iter_no_change=None.",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _diverged(self) -> str:
        return f"the network's numbers are not finite after epoch {self._diverged_at}"

    def _outputs(self, X: Any, logits: bool = False) -> Array:
        """Return a^L (6), or z^L, of checked samples; raise ValueError if they are not finite."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=self.network_.dtype, reset=False)
        outputs = (self.network_.logits if logits else self.network_.forward)(self.parameters_, X)
        if not np.isfinite(outputs).all():
            raise ValueError(
                f"{self._diverged()}: it cannot predict"
                if self._diverged_at >= 0
                else "the outputs of some samples are not finite: are the features far too large?"
            )
        return outputs
