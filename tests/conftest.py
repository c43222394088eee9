"""What the tests share: one thread for BLAS, networks and data drawn from the registries."""

# ruff: noqa: E402
import os

# Before NumPy is imported: two threads sum in another order and give other bits.
for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

from functools import cache

import numpy as np
from hypothesis import settings

import mlp

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

LONGEST = ("test_shapes.py", "test_workflow.py", "test_report.py", "test_page.py")
"""These files begin, so that the two processes end at about the same time."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONGEST)


HIDDEN = [name for name, activation in mlp.ACTIVATIONS.items() if not activation.output_only]
NOTED = [name for name in HIDDEN if mlp.ACTIVATIONS[name].equation.startswith("(")]
"""Those of the note: the costly products of everything with everything are theirs."""
DTYPES = ("float32", "float64")
FAR = 1000.0


def pairs(*units: int) -> list[tuple[str, str, int]]:
    """Return every (cost, output, K) that the registries allow, K being one of `units`."""

    def allowed(cost, output, k):
        try:
            return mlp.Network((2, k), output=output, cost=cost)
        except mlp.IncompatibleError:
            return None

    return [(c, o, k) for c, o in mlp.output_pairs() for k in units if allowed(c, o, k)]


def is_flat(name: str) -> bool:
    """Return whether the activation's derivative is 0 everywhere, so nothing passes below it."""
    z = np.linspace(-5, 5, 101)
    activation = mlp.ACTIVATIONS[name]
    return not activation.derivative(z, activation(z)).any()


@cache
def _kinks(activation: mlp.Activation) -> np.ndarray:
    z = (np.arange(-6000, 6000) + 0.5) / 1000
    a = activation(z)
    jumps = [np.abs(np.diff(y)) > 0.1 for y in (a, activation.derivative(z, a))]
    return (z[:-1] + 0.0005)[jumps[0] | jumps[1]]


def kinks(name: str) -> np.ndarray:
    """Return where, to 0.0005, an activation's value or its derivative jumps by 0.1 or more."""
    return _kinks(mlp.ACTIVATIONS[name])


def near_kinks(name: str, z: np.ndarray, margin: float = 2e-3) -> np.ndarray:
    """Return which elements of z are close to a kink of the activation."""
    return (np.abs(z[..., None] - kinks(name)) < margin).any(axis=-1)


def samples(rng: np.random.Generator, rows: int, n_in: int, k: int, dtype="float64") -> mlp.Part:
    """Return random samples of k classes (k = 1: two classes, one unit)."""
    labels = rng.integers(0, max(k, 2), rows)
    targets = labels[:, None] if k == 1 else np.eye(k)[labels]
    return mlp.Part(rng.standard_normal((rows, n_in)).astype(dtype), targets.astype(dtype), labels)


def flat(params: mlp.Parameters) -> np.ndarray:
    """Return all numbers of a single network as one vector."""
    return np.concatenate([array.ravel() for array in params.arrays()])


def unflat(vectors: np.ndarray, like: mlp.Parameters) -> mlp.Parameters:
    """Return vectors (..., P) as parameters of the shapes of the single network `like`."""
    cuts = np.cumsum([array.size for array in like.arrays()])[:-1]
    parts = zip(np.split(vectors, cuts, axis=-1), like.arrays(), strict=True)
    arrays = [v.reshape(*vectors.shape[:-1], *array.shape) for v, array in parts]
    return mlp.Parameters(arrays[::2], arrays[1::2])
