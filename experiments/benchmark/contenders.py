"""The contenders of the benchmark: this package and other implementations in NumPy.

A contender trains `replicas` networks at once. `lap` goes on with its training for one lap of
its workload, random orders made on the way; `test_accuracy` is the mean over its replicas.
"""

import warnings
from collections.abc import Iterator

import numpy as np

from experiments.benchmark import textbook
from experiments.benchmark.workloads import Workload
from mlp import Descent, Network, Parameters, accuracy, stream

Array = np.ndarray


class Contender:
    """The contract: `lap` and `test_accuracy`; `steps` is the number of steps of a lap.

    `compile_seconds` is what went before the first step and is not part of any lap;
    `most_laps` says that fewer laps are enough.
    """

    name = ""
    compile_seconds = 0.0
    most_laps = 1_000

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        self.work, self.dtype, self.replicas = work, dtype, replicas
        self.orders = lap_orders(work, replicas)
        self.steps = total_steps(work) / work.laps

    def __repr__(self) -> str:
        return f"<{self.name}, {self.dtype}, {self.replicas} on {self.work.name}>"

    def lap(self) -> None:
        """Train for one lap."""
        for order in next(self.orders):
            self.train(order)

    def train(self, order: Array) -> None:
        """Take the steps of the row numbers `order`, (R, rows)."""
        raise NotImplementedError

    def test_accuracy(self) -> float:
        """Return the mean accuracy of the replicas on the test part."""
        raise NotImplementedError


def total_steps(work: Workload) -> int:
    """Return the number of steps of a run."""
    return work.epochs * work.steps_per_epoch


def lap_orders(work: Workload, replicas: int) -> Iterator[Iterator[Array]]:
    """Yield for each lap the orders of its epochs, or the part of an epoch that it is."""
    streams = [stream("order", seed) for seed in range(replicas)]

    def draw() -> Array:
        return np.stack([rng.permutation(work.n) for rng in streams])

    if work.epochs >= work.laps:
        while True:
            yield (draw() for _ in range(work.epochs // work.laps))
    rows = work.batch_size * (work.steps_per_epoch * work.epochs // work.laps)
    while True:
        order = draw()
        for start in range(0, work.n, rows):
            yield iter([order[:, start : start + rows]])


def first_parameters(net: Network, work: Workload, replicas: int) -> Parameters:
    """Return the first parameters of some seeds, a stack."""
    draws = [stream("initial draw", seed) for seed in range(replicas)]
    singles = [net.initialize("glorot", rng, n_train=work.n) for rng in draws]
    return Parameters.stack(singles)


class Ours(Contender):
    """This package: replicas stacked, as `mlp.train` does it, without recording."""

    name = "mlp"

    def __init__(self, work: Workload, dtype: str, replicas: int, optimizer: str = "sgd") -> None:
        super().__init__(work, dtype, replicas)
        self.net = Network(work.sizes, work.hidden, dtype=dtype)
        self.params = first_parameters(self.net, work, replicas)
        self.descent = Descent(
            self.net, self.params, work.part(dtype), work.batch_size, optimizer=optimizer
        )
        self.batches = self.descent.batches
        self.eta = np.full(replicas, work.eta)

    def train(self, order):
        # a lap that is a part of an epoch takes the first batches of the order that it is given
        rows = order.shape[1]
        self.descent.batches = [batch for batch in self.batches if batch.stop <= rows]
        self.descent.epoch(order, self.eta)

    def test_accuracy(self):
        test = self.work.parts["test"]
        singles = [self.params.replica(r) for r in range(self.replicas)]
        found = [accuracy(self.net.forward(p, test.X), test.labels) for p in singles]
        return float(np.mean(found))


class Textbook(Contender):
    """The loop over samples of experiments.benchmark.textbook."""

    name = "loop over samples"

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        super().__init__(work, dtype, replicas)
        params = first_parameters(Network(work.sizes, work.hidden, dtype=dtype), work, 1).replica(0)
        self.weights, self.biases, self.part = params.weights, params.biases, work.part(dtype)

    def train(self, order):
        work, network = self.work, (self.weights, self.biases, self.work.hidden)
        samples = (self.part.X, self.part.Y)
        textbook.descend(*network, samples, order[0], work.batch_size, work.eta)

    def test_accuracy(self):
        test = self.work.parts["test"]
        a = textbook.outputs(self.weights, self.biases, self.work.hidden, test.X)
        return float(accuracy(a, test.labels))


class ScikitLearn(Contender):
    """MLPClassifier, one network after another; a lap is a whole run, as its users time it.

    With two classes it has one output unit, a little less work than the others.
    """

    name = "scikit-learn"
    most_laps = 5
    activations = {"sigmoid": "logistic", "relu": "relu"}  # noqa: RUF012

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        super().__init__(work, dtype, replicas)
        from sklearn.neural_network import MLPClassifier  # slow to import, and not for the sweeps

        self.model = MLPClassifier
        self.steps = total_steps(work)
        self.part, self.seed, self.models = work.part(dtype), 0, []

    def lap(self):
        from sklearn.exceptions import ConvergenceWarning

        work = self.work
        model = self.model(
            work.sizes[1:-1],
            activation=self.activations[work.hidden],
            solver="sgd",
            alpha=0.0,
            batch_size=work.batch_size,
            learning_rate_init=work.eta,
            max_iter=work.epochs,
            momentum=0.0,
            nesterovs_momentum=False,
            tol=0.0,
            n_iter_no_change=10**6,
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.models.append(model.fit(self.part.X, self.part.labels))
        self.seed += 1

    def test_accuracy(self):
        test = self.work.parts["test"]
        return float(np.mean([m.score(test.X, test.labels) for m in self.models]))


class Floor(Contender):
    """The lower bound of any implementation in NumPy: gather, products, `W -= g`.

    The products are those of a step, on preallocated arrays; the errors are numbers made
    beforehand. There is no bias and no activation. `first_layout` says which of the
    two orders of the axes the first layer's weights have in memory; hidden layers need both.
    """

    name = "floor"

    def __init__(
        self, work: Workload, dtype: str, replicas: int, first_layout: str = "out"
    ) -> None:
        super().__init__(work, dtype, replicas)
        self.part = work.part(dtype)
        rng = np.random.default_rng(0)
        rows = work.batch_size

        def numbers(*shape, scale=1.0):
            return (scale * rng.standard_normal((replicas, *shape))).astype(dtype)

        pairs = list(zip(work.sizes, work.sizes[1:], strict=False))
        self.a = [numbers(rows, n) for n in work.sizes]
        self.z = [np.empty_like(a) for a in self.a]
        self.y = np.empty_like(self.a[-1])
        self.delta = [numbers(rows, n, scale=1e-9) for n in work.sizes]
        self.delta_T = [d.transpose(0, 2, 1) for d in self.delta]
        self.below = [np.empty_like(d) for d in self.delta]
        self.w = [numbers(b, a, scale=0.01) for a, b in pairs]
        if first_layout == "in":
            self.w[0] = numbers(work.sizes[0], work.sizes[1], scale=0.01).transpose(0, 2, 1)
        self.w_T = [w.transpose(0, 2, 1) for w in self.w]
        self.g = [np.empty_like(w) for w in self.w]
        few = min(200, 6_000 // replicas, round(total_steps(work))) // (1 + work.sizes[0] // 200)
        self.steps = max(8, few)
        self.starts = work.n // rows
        self.index = np.stack([rng.permutation(work.n) for _ in range(replicas)])
        self.at = 0

    def lap(self):
        rows = self.work.batch_size
        for _ in range(self.steps):
            start = self.at % self.starts * rows
            self.step(np.ascontiguousarray(self.index[:, start : start + rows]))
            self.at += 1

    def step(self, index: Array) -> None:
        """Take one step without its elementwise part."""
        np.take(self.part.X, index, axis=0, out=self.a[0], mode="clip")
        np.take(self.part.Y, index, axis=0, out=self.y, mode="clip")
        for layer, w_T in enumerate(self.w_T):
            np.matmul(self.a[layer], w_T, out=self.z[layer + 1])
        for layer in range(len(self.w) - 1, -1, -1):
            np.matmul(self.delta_T[layer + 1], self.a[layer], out=self.g[layer])
            if layer:
                np.matmul(self.delta[layer + 1], self.w[layer], out=self.below[layer])
        for w, g in zip(self.w, self.g, strict=True):
            np.subtract(w, g, out=w)

    def test_accuracy(self):
        return float("nan")


class FloorIn(Floor):
    """The same with the first layer's weights the other way round."""

    def __init__(self, work: Workload, dtype: str, replicas: int) -> None:
        super().__init__(work, dtype, replicas, first_layout="in")
