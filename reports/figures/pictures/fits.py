"""The couplings of a ring of spins from its energies: a network next to linear regressions.

The energy of `ising1d` is linear in the products of the spins, so a network without hidden layer,
identity output and MSE, is a linear regression that is fitted by descent.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import mlp
from experiments.datasets import DATASETS
from mlp.metrics import r_squared

Array = np.ndarray


@dataclass(frozen=True)
class Fit:
    """What a model found: R² on both parts, and its coefficients next to the true ones.

    `couplings` are w_ij of E = Σ w_ij s_i s_j for i < j, in units of J; `error` is the largest
    |w - true w|.
    """

    model: str
    r2_train: float
    r2_test: float
    couplings: Array
    error: float


def fits(
    L: int = 20,
    n_train: int = 400,
    n_test: int = 400,
    epochs: int = 100,
    eta: float = 0.005,
    penalties: tuple[float, float] = (1.0, 0.01),
    seed: int = 0,
) -> list[Fit]:
    """Return how well each model finds the couplings of a ring of L spins.

    The linear models are scikit-learn's; `penalties` are the strengths of ridge and lasso; R² is
    :func:`mlp.metrics.r_squared`.

    >>> [round(fit.r2_test, 2) for fit in fits(L=6)]
    [1.0, 1.0, 1.0, 1.0]
    """
    source = DATASETS["ising1d"]
    made = source.load(source.Options(L=L, samples=n_train + n_test, seed=seed))
    X, y = made["X"], made["y"]
    parts = (X[:n_train], y[:n_train]), (X[n_train:], y[n_train:])
    found = {"network": network_couplings(X[:n_train], y[:n_train], epochs, eta, seed)}
    found |= dict(_linear_fits(X[:n_train], y[:n_train].ravel(), *penalties))
    true = true_couplings(L)
    return [
        Fit(
            name,
            *(float(r_squared(X @ w[:-1, None] + w[-1], y)) for X, y in parts),
            w[:-1],
            float(np.abs(w[:-1] - true).max()),
        )
        for name, w in found.items()
    ]


def true_couplings(L: int) -> Array:
    """Return the coefficients w of E = Σ w_ij s_i s_j, i < j: -1 for neighbours on the ring."""
    i, j = np.triu_indices(L, 1)
    return np.where((j - i == 1) | (j - i == L - 1), -1.0, 0.0)


def network_couplings(X: Array, y: Array, epochs: int, eta: float, seed: int) -> Array:
    """Return the weights and, last, the bias of a network without hidden layer fitted to X, y.

    Identity output, MSE, one update for each mini-batch of 10, schedule (23).
    """
    net = mlp.Network((X.shape[1], 1), output="identity", cost="mse")
    start = net.initialize("fan_in", mlp.stream("initial draw", seed), n_train=len(X))
    params = mlp.Parameters.stack([start])
    descent = mlp.Descent(net, params, mlp.Part(X, y), 10)
    order = mlp.stream("order", seed)
    for epoch in range(epochs):
        step = mlp.SCHEDULES["inverse"](eta, epoch, epochs)
        descent.epoch(order.permutation(len(X))[None], np.array([step]))
    return np.append(params.weights[0].ravel(), params.biases[0].ravel())


def _linear_fits(X: Array, y: Array, ridge: float, lasso: float) -> Iterator[tuple[str, Array]]:
    """Yield the name of each linear model with its coefficients and, last, its intercept."""
    from sklearn.linear_model import Lasso, LinearRegression, Ridge

    models = {
        "ordinary least squares": LinearRegression(),
        f"ridge, strength {ridge:g}": Ridge(ridge),
        f"lasso, strength {lasso:g}": Lasso(lasso, max_iter=10_000),
    }
    for name, model in models.items():
        model.fit(X, y)
        yield name, np.append(model.coef_, model.intercept_)
