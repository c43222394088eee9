"""The workloads of the benchmark: shapes, data, and numbers of steps."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from experiments.datasets import DATASETS
from experiments.training import PARTS, stack_size
from mlp import Part, stream

Array = np.ndarray


@dataclass(frozen=True)
class Workload:
    """One network on one dataset. A run is `epochs` epochs, timed in `laps` equal parts.

    `data` is the name of a dataset or the number of samples to make up.
    """

    name: str
    data: str | int
    sizes: tuple[int, ...]
    batch_size: int
    eta: float
    epochs: int
    hidden: str = "sigmoid"
    laps: int = 10

    @property
    def title(self) -> str:
        """The title of a panel: the shape and the batch."""
        return f"{self.name}, {'-'.join(map(str, self.sizes))}, batch {self.batch_size}"

    @cached_property
    def parts(self) -> dict[str, Part]:
        """The training part and the test part, a fifth, standardised."""
        return {name: part for name, part in self.split(0.0).items() if name != "validation"}

    def split(self, validation: float, most: int | None = None) -> dict[str, Part]:
        """Return the parts, with a share of the samples for validation; a fifth is the test's.

        Of `most` samples, if that is given.
        """
        X, labels = _data(self.data, self.sizes[0], self.sizes[-1])
        X, labels = X[:most], labels[:most]
        n = len(X)
        cuts = [round(n * (0.8 - validation)), round(n * 0.8)]
        X = (X - X[: cuts[0]].mean(axis=0)) / (X[: cuts[0]].std(axis=0) + 1e-9)
        Y = np.eye(self.sizes[-1])[labels]
        places = np.split(np.arange(n), cuts)
        return {
            name: Part(X[rows], Y[rows], labels[rows])
            for name, rows in zip(PARTS, places, strict=True)
        }

    @property
    def n(self) -> int:
        """The number of training samples."""
        return len(self.parts["train"])

    @property
    def steps_per_epoch(self) -> int:
        """The number of mini-batches, the last one perhaps short."""
        return -(-self.n // self.batch_size)

    def chosen_stack(self, dtype: str) -> int:
        """Return how many replicas the sweeps would train at once."""
        return stack_size(
            {
                "sizes": self.sizes,
                "batch_size": self.batch_size,
                "update": "batch",
                "penalty": "none",
                "optimizer": "sgd",
                "dtype": dtype,
            }
        )

    def part(self, dtype: str) -> Part:
        """Return the training part in a dtype, the same one for all contenders."""
        if dtype not in self._typed:
            self._typed[dtype] = self.parts["train"].astype(np.dtype(dtype))
        return self._typed[dtype]

    @cached_property
    def _typed(self) -> dict[str, Part]:
        return {}

    def shortened(self) -> "Workload":
        """Return it with two laps of one epoch, on a few samples, made up."""
        return replace(self, epochs=2, laps=2, data=100)


@lru_cache(maxsize=8)
def _data(data: str | int, features: int, classes: int) -> tuple[Array, Array]:
    """Return samples in an arbitrary, fixed order, and their classes."""
    if isinstance(data, int):
        return _made_up(data, features, classes)
    source = DATASETS[data]
    arrays = source.load(source.Options())
    order = stream("benchmark: rows", 0).permutation(len(arrays["X"]))
    return arrays["X"][order], arrays["y"][order]


def _made_up(samples: int, features: int, classes: int) -> tuple[Array, Array]:
    """Return classes of normal clusters, far enough apart to be learnt and near enough to err."""
    rng = stream("benchmark: clusters", features)
    labels = rng.integers(0, classes, samples)
    centres = rng.standard_normal((classes, features)) * 2.2 / np.sqrt(features)
    return centres[labels] + rng.standard_normal((samples, features)), labels


WORKLOADS = (
    Workload("digits", "digits", (64, 30, 10), 10, 0.3, epochs=20),
    Workload("MNIST-1D", "mnist1d", (40, 100, 10), 32, 2.0, epochs=20),
    Workload("wide input", 6_250, (1600, 10, 2), 10, 0.1, epochs=1),
    Workload("large", 10_000, (784, 100, 10), 10, 0.1, epochs=1),
    Workload("deep", "digits", (64, 64, 64, 10), 32, 0.1, epochs=20, hidden="relu"),
)
"""Of the made-up data, four fifths are trained on: 5,000 and 8,000 samples. All have sigmoid
hidden layers except the deep one, which has relu: sigmoids would hardly learn in its epochs. The
step sizes are such that scikit-learn, which draws its weights otherwise, ends as high as we do."""
