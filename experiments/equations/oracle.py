"""The note's network once more, to hold `mlp` against: one sample at a time, in plain loops.

Nothing is shared with `mlp`. Numbers are Python's complex numbers, so that a derivative can be
taken by an imaginary step as well as by central differences. Layers count as in the note:
W[l], b[l] and z[l] for l = 1, ..., L, and a[0] is the input. Vectors are columns (n, 1).
"""

from cmath import exp, log, tanh
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

Array = np.ndarray
Vector = Sequence[complex]
Function = Callable[[Array], Array | complex]
Differentiate = Callable[[Function, Array], Array]

ACTIVATIONS: dict[str, Callable[[Vector], list[complex]]] = {
    "sigmoid": lambda z: [1 / (1 + exp(-x)) for x in z],
    "softmax": lambda z: [exp(x) / sum(map(exp, z)) for x in z],
    "tanh": lambda z: [tanh(x) for x in z],
    "relu": lambda z: [x if x.real >= 0 else 0j for x in z],
    "heaviside": lambda z: [1 + 0j if x.real >= 0 else 0j for x in z],
    "identity": lambda z: list(z),
}


def squared_error(a: Vector, y: Vector) -> complex:
    """Return (8), ‖a - y‖²/2."""
    return sum((p - t) ** 2 for p, t in zip(a, y, strict=True)) / 2


def cross_entropy(a: Vector, y: Vector) -> complex:
    """Return (10), -Σ y ln a."""
    return -sum(t * log(p) for p, t in zip(a, y, strict=True))


def binary_cross_entropy(a: Vector, y: Vector) -> complex:
    """Return (11), -y ln a - (1 - y) ln(1 - a), summed over the units."""
    return sum(-t * log(p) - (1 - t) * log(1 - p) for p, t in zip(a, y, strict=True))


COSTS: dict[tuple[str, str], Callable[[Vector, Vector], complex]] = {
    ("mse", "sigmoid"): squared_error,
    ("mse", "softmax"): squared_error,
    ("mse", "identity"): squared_error,
    ("cross_entropy", "softmax"): cross_entropy,
    ("cross_entropy", "sigmoid"): binary_cross_entropy,
}


# --- Derivatives: the shape of f's value, then the shape of x -----------------------------------


def complex_step(f: Function, x: Array, h: float = 1e-30) -> Array:
    """Return ∂f/∂x as Im f(x + ih)/h, which subtracts nothing and is exact to rounding."""
    return _derivative(lambda e: np.imag(f(x + 1j * h * e)) / h, x)


def central_differences(f: Function, x: Array, h: float = 1e-5) -> Array:
    """Return ∂f/∂x as (f(x + h) - f(x - h))/2h, with an error of the order h²."""
    return _derivative(lambda e: (np.real(f(x + h * e)) - np.real(f(x - h * e))) / (2 * h), x)


def _derivative(quotient: Callable[[Array], Array], x: Array) -> Array:
    columns = np.array([quotient(e.reshape(x.shape)) for e in np.eye(x.size)])
    return np.moveaxis(columns, 0, -1).reshape(columns.shape[1:] + x.shape)


def jacobian(f: Function, x: Array) -> Array:
    """Return J_ij = ∂f_i/∂x_j of a column by complex step."""
    return complex_step(f, x).reshape(-1, x.size)


def slopes(name: str, z: Array, differentiate: Differentiate) -> Array:
    """Return the derivative of an elementwise activation at the numbers z."""
    return np.diagonal(differentiate(lambda x: np.array(ACTIVATIONS[name](x)), z))


# --- The network --------------------------------------------------------------------------------


def column(values: Vector | Array) -> Array:
    """Return some numbers as a column."""
    return np.reshape(values, (-1, 1))


def activate(name: str, z: Array) -> Array:
    """Return the column σ(z)."""
    return column(ACTIVATIONS[name](z.ravel().tolist()))


def affine(W: Array, b: Array, a: Array) -> Array:
    """Return the column Wa + b, neuron by neuron."""
    rows = zip(W.tolist(), b.ravel().tolist(), strict=True)
    inputs = a.ravel().tolist()
    return column([sum(w * x for w, x in zip(row, inputs, strict=True)) + c for row, c in rows])


class Sample:
    """One sample x, y in a network: what its layers hold, and every derivative of its cost.

    `weights`, `biases` and `activations` are listed from the first layer on.
    """

    def __init__(
        self,
        weights: Sequence[Array],
        biases: Sequence[Array],
        activations: Sequence[str],
        cost: Callable[[Vector, Vector], complex],
        x: Array,
        y: Array,
    ) -> None:
        self.L = len(weights)
        self.W = dict(enumerate(weights, start=1))
        self.b = dict(enumerate(map(column, biases), start=1))
        self.activations = dict(enumerate(activations, start=1))
        self.cost_function = cost
        self.y = column(y)
        self.z: dict[int, Array] = {}
        self.a = {0: column(x)}
        for layer in self.W:
            self.z[layer] = affine(self.W[layer], self.b[layer], self.a[layer - 1])
            self.a[layer] = np.real(self.activate(layer, self.z[layer]))

    def activate(self, layer: int, z: Array) -> Array:
        """Return σ(z) with the activation of a layer."""
        return activate(self.activations[layer], z)

    def cost(self, a: Array) -> complex:
        """Return the cost of the output a."""
        return self.cost_function(a.ravel().tolist(), self.y.ravel().tolist())

    def cost_from(self, layer: int, z: Array) -> complex:
        """Return the cost of the pass that goes on from z in a layer."""
        a = self.activate(layer, z)
        for above in range(layer + 1, self.L + 1):
            a = self.activate(above, affine(self.W[above], self.b[above], a))
        return self.cost(a)

    def slope(self, layer: int) -> Array:
        """Return the column σ'(z^l) of an elementwise layer."""
        return column(np.diagonal(jacobian(lambda z: self.activate(layer, z), self.z[layer])))

    @property
    def dc_da(self) -> Array:
        """∂C/∂a^L, a column."""
        return complex_step(self.cost, self.a[self.L])

    @property
    def da_dz(self) -> Array:
        """J_ij = ∂a_i/∂z_j of the output."""
        return jacobian(lambda z: self.activate(self.L, z), self.z[self.L])

    def delta(self, layer: int) -> Array:
        """Return δ^l = ∂C/∂z^l, a column."""
        return complex_step(lambda z: self.cost_from(layer, z), self.z[layer])

    def dz_dw(self, layer: int) -> Array:
        """Return ∂z_i/∂W_jk of a layer, [i, j, k]."""
        below, b = self.a[layer - 1], self.b[layer]
        return complex_step(lambda W: affine(W, b, below), self.W[layer])[:, 0]

    def dc_dw(self, layer: int, differentiate: Differentiate) -> Array:
        """Return ∂C/∂W^l, of the shape of W^l."""
        return _weight_gradient(self, layer, differentiate)

    def dc_db(self, layer: int, differentiate: Differentiate) -> Array:
        """Return ∂C/∂b^l, a column."""
        W, below = self.W[layer], self.a[layer - 1]
        return differentiate(lambda b: self.cost_from(layer, affine(W, b, below)), self.b[layer])


@cache
def _weight_gradient(sample: Sample, layer: int, differentiate: Differentiate) -> Array:
    below, b = sample.a[layer - 1], sample.b[layer]
    return differentiate(lambda W: sample.cost_from(layer, affine(W, b, below)), sample.W[layer])
