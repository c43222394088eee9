"""Activation functions, equations (13)-(22) of the note.

An activation is one class: its value, its derivative and, if the derivative is not
elementwise, its vector-Jacobian product. All of them act on the last axis or elementwise,
so the arrays may have any number of leading axes (replicas, samples). `out` may name
an array to write to. For `value` it may be z itself; otherwise it must not be an argument.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from mlp.registry import Registry

ACTIVATIONS = Registry("activation")

Array = np.ndarray
DType = np.dtype[Any]


@lru_cache
def _ones(n: int, dtype: DType) -> Array:
    return np.ones((n, 1), dtype)


def row_sums(x: Array) -> Array:
    """Return the sums over the last axis, kept with length 1.

    It is a product with a column of ones: for the short rows of an output layer five times
    faster than a reduction. Like every product here it is computed for each replica by itself.
    """
    return np.matmul(x, _ones(x.shape[-1], x.dtype))


@lru_cache(maxsize=32)
def _zeros(shape: tuple[int, ...], dtype: DType) -> Array:
    """Return an array of zeros: comparing with it is twice as fast as with a number."""
    return np.zeros(shape, dtype)


@lru_cache
def _one(dtype: DType) -> Array:
    """Return 1 as an array without axes: NumPy would convert a number at each call."""
    return np.ones((), dtype)


@lru_cache
def _safe_range(dtype: DType, root: float) -> tuple[float, float]:
    facts = np.finfo(dtype)
    return float(facts.tiny) ** root, float(facts.max) / 1e6


def imprecise(values: Array, root: float = 0.25) -> Array | None:
    """Return where positive values are too large, NaN, or below tiny**root; None if nowhere.

    `tiny` is the smallest normal number. If sums of exponentials are not below tiny**0.25, a
    quotient above tiny**0.75 has a numerator above `tiny`, so no digits were lost.
    """
    low, high = _safe_range(values.dtype, root)
    if not values.size:
        return None
    # argmin and argmax, which also find a NaN, take half the time of min and max
    if low < values.item(values.argmin()) and values.item(values.argmax()) < high:
        return None
    return ~((values > low) & (values < high))


class Activation:
    """The contract: `value`, `derivative` and, only if not elementwise, `vjp`.

    `output_only` is the reason why the activation cannot be used in a hidden layer, if there is
    one. `steepest` is the largest slope, or its limit; saturation is measured against it.
    `needs_z` is False if the derivative follows from a alone; a hidden layer then stores a in
    the memory of z. `mirrored` is σ(-z) as an activation, if it is faster than σ(z); it needs no z.
    """

    name: str
    equation: str = "not in the note"
    formula: str = ""
    output_only: str = ""
    steepest: float = 1.0
    needs_z: bool = True
    mirrored: "Activation | None" = None

    def value(self, z: Array, out: Array | None = None) -> Array:
        """Return σ(z), of the shape of z."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        """Return ∂a_i/∂z_i for a = σ(z), of the shape of z."""
        raise NotImplementedError

    def vjp(self, z: Array, a: Array, g: Array, out: Array | None = None) -> Array:
        """Return J^T g, where J_ij = ∂a_i/∂z_j: the ⊙ of (35), the corrected (32)."""
        return np.multiply(self.derivative(z, a, out), g, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        """Turn g = ∂C/∂a into ∂C/∂z in place; a may be overwritten."""
        g[...] = self.vjp(z, a, g)

    def onnx(self, op: Any, z: Any) -> Any:
        """Return σ(z) in ONNX's operators, such as `op.Mul(z, op.Sigmoid(z))`; optional.

        Numbers among the arguments become constants. An operator needs a float64 kernel in
        onnxruntime, which Sigmoid and Exp have; Erf, Softplus and Selu have none.
        """
        raise NotImplementedError

    def saturated(self, z: Array, a: Array, out: Array | None = None) -> Array:
        """Return where the slope is below 5 % of the steepest, so that little can be learnt.

        If the activation needs no z, a may be passed as z. `out` may name an array for the slopes.
        """
        slopes = self.derivative(z, a, out=out)
        return np.abs(slopes, out=out) < 0.05 * self.steepest

    def __call__(self, z: Array) -> Array:
        """Return σ(z) as a new array, for a list or an array of any shape."""
        with np.errstate(over="ignore", under="ignore"):
            z = np.asarray(z)
            z = z if np.issubdtype(z.dtype, np.floating) else z.astype(float)
            return self.value(z) if z.ndim else self.value(z[None])[0]

    def __repr__(self) -> str:
        return f"<activation {self.name} {self.equation}>"


class _MirroredSigmoid(Activation):
    """σ(-z) = 1/(1 + e^z): with negated inputs, the sigmoid without its own negation.

    It has only the methods that a hidden layer needs in training.
    """

    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        out, one = np.exp(z, out=out), _one(z.dtype)
        np.add(out, one, out=out)
        return np.divide(one, out, out=out)  # np.reciprocal takes twice as long

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        np.multiply(g, a, out=g)
        np.subtract(a, _one(a.dtype), out=a)
        np.multiply(g, a, out=g)


@ACTIVATIONS.register("sigmoid")
class Sigmoid(Activation):
    """σ(z) = 1/(1 + e^-z) (13), σ' = σ(1 - σ) (14).

    For very negative z, e^-z overflows to infinity, and the quotient is 0 as it should be.

    >>> ACTIVATIONS["sigmoid"](np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """

    equation = "(13)-(14)"
    formula = r"\sigma(z) = \frac{1}{1 + e^{-z}}"
    steepest = 0.25
    needs_z = False
    mirrored: Activation = _MirroredSigmoid()

    def value(self, z: Array, out: Array | None = None) -> Array:
        out = np.negative(z, out=out)
        return self.mirrored.value(out, out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Sigmoid(z)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.subtract(_one(a.dtype), a, out=out)
        return np.multiply(out, a, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        np.multiply(g, a, out=g)
        np.subtract(_one(a.dtype), a, out=a)
        np.multiply(g, a, out=g)


@ACTIVATIONS.register("softmax")
class Softmax(Activation):
    """σ(z)_i = e^z_i / Σ_k e^z_k (15), ∂σ_i/∂z_j = σ_j (δ_ji - σ_i) (16).

    If the sum overflows or all terms vanish, the largest logit is subtracted first, which does
    not change the quotient. Doing so everywhere would cost more than the exponentials.

    >>> ACTIVATIONS["softmax"](np.array([1000.0, 1000.0, -1000.0]))
    array([0.5, 0.5, 0. ])
    """

    equation = "(15)-(16)"
    formula = r"\sigma(\mathbf{z})_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}"
    output_only = (
        "it turns a layer into one probability distribution, so the note allows it in the "
        "output layer only (section 4.1.2)"
    )
    steepest = 0.25

    def value(self, z: Array, out: Array | None = None) -> Array:
        z = z.copy() if out is z else z
        out = np.exp(z, out=out)
        sums = row_sums(out)
        if (lost := imprecise(sums)) is not None:
            rows = lost[..., 0]
            out[rows] = np.exp(z[rows] - z[rows].max(axis=-1, keepdims=True))
            sums[rows] = out[rows].sum(axis=-1, keepdims=True)
        return np.divide(out, sums, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Softmax(z, axis=-1)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        """Return the diagonal of (16), a_i (1 - a_i)."""
        out = np.subtract(1, a, out=out)
        return np.multiply(out, a, out=out)

    def jacobian(self, z: Array) -> Array:
        """Return the whole of (16), J[..., i, j] = ∂σ_i/∂z_j, shape (..., K, K)."""
        a = self(z)
        return a[..., None, :] * (np.eye(a.shape[-1], dtype=a.dtype) - a[..., :, None])

    def vjp(self, z: Array, a: Array, g: Array, out: Array | None = None) -> Array:
        """Return Σ_i g_i a_j (δ_ji - a_i) = a_j (g_j - Σ_i g_i a_i), the corrected (38)."""
        out = np.multiply(g, a, out=out)
        out = np.subtract(g, row_sums(out), out=out)
        return np.multiply(out, a, out=out)


@ACTIVATIONS.register("tanh")
class Tanh(Activation):
    """σ(z) = tanh z (17), σ' = 1 - tanh² z (18)."""

    equation = "(17)-(18)"
    formula = r"\sigma(z) = \tanh z"
    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.tanh(z, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Tanh(z)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.multiply(a, a, out=out)
        return np.subtract(1, out, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        np.multiply(g, self.derivative(z, a, out=a), out=g)


@ACTIVATIONS.register("relu")
class Relu(Activation):
    """σ(z) = max(z, 0) (19), σ' = 1 for z ≥ 0, else 0 (20); the note sets it to 1 at z = 0."""

    equation = "(19)-(20)"
    formula = r"\sigma(z) = \max(z, 0)"

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.maximum(z, _zeros(z.shape, z.dtype), out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Relu(z)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.empty_like(a) if out is None else out
        return np.greater_equal(z, 0, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        np.multiply(g, self.derivative(z, a, out=a), out=g)


@ACTIVATIONS.register("heaviside")
class Heaviside(Activation):
    """σ(z) = 1 for z ≥ 0, else 0 (21), σ' = 0 (22).

    NaN stays NaN, so divergence is noticed.
    """

    equation = "(21)-(22)"
    formula = r"\sigma(z) = [z \geq 0]"
    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.heaviside(z, 1, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Where(op.GreaterOrEqual(z, 0), 1, 0)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        return np.multiply(a, 0, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        np.multiply(g, 0, out=g)

    def saturated(self, z: Array, a: Array, out: Array | None = None) -> Array:
        return np.ones(np.shape(z), dtype=bool)


@ACTIVATIONS.register("identity")
class Identity(Activation):
    """σ(z) = z, σ' = 1: for regression; not in the note."""

    formula = r"\sigma(z) = z"
    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.positive(z, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return z

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.multiply(a, 0, out=out)
        return np.add(out, 1, out=out)

    def pull_back(self, z: Array, a: Array, g: Array) -> None:
        pass

    def saturated(self, z: Array, a: Array, out: Array | None = None) -> Array:
        return np.zeros(np.shape(z), dtype=bool)


import mlp.more_activations  # noqa: E402, F401 - at the end, as it registers classes made from these
