"""Activations that are not in the note, with their sources.

`mlp.activations` has the contract, and imports this module so that the registry is complete.
Each class is all of its activation: nothing here is shared, so a change of one renews the runs
that use it and no others.
"""

from math import erf, exp, pi, sqrt
from typing import Any

import numpy as np

from mlp.activations import ACTIVATIONS, Activation, Array


@ACTIVATIONS.register("leaky_relu")
class LeakyRelu(Activation):
    """σ(z) = max(z, 0.01 z), σ' = 1 for z ≥ 0, else 0.01 (Maas, Hannun and Ng, 2013).

    As in (20), the slope at z = 0 is 1.
    """

    formula = r"\sigma(z) = \max(z, 0.01 z)"
    needs_z = False  # a has the sign of z
    slope = 0.01

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.maximum(z, self.slope * z, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Max(z, op.Mul(z, self.slope))

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.empty_like(a) if out is None else out
        out.fill(self.slope)
        np.copyto(out, 1, where=a >= 0)
        return out


@ACTIVATIONS.register("elu")
class Elu(Activation):
    """σ(z) = z for z > 0, else e^z - 1; σ' = 1 or e^z (Clevert, Unterthiner, Hochreiter, 2016).

    In general λ z, else λ α (e^z - 1); here λ = α = 1. The slope is λ or a + λ α.
    """

    formula = r"\sigma(z) = \begin{cases} z & z > 0 \\ e^z - 1 & z \leq 0 \end{cases}"
    needs_z = False
    scale = 1.0
    alpha = 1.0

    def value(self, z: Array, out: Array | None = None) -> Array:
        below = np.expm1(np.minimum(z, 0))
        np.multiply(below, self.alpha, out=below)
        out = np.maximum(z, 0, out=out)
        np.add(out, below, out=out)
        return np.multiply(out, self.scale, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        below = op.Mul(op.Sub(op.Exp(op.Min(z, 0)), 1), self.alpha)
        return op.Mul(op.Add(op.Max(z, 0), below), self.scale)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.add(a, self.scale * self.alpha, out=out)
        np.copyto(out, self.scale, where=a > 0)
        return out


@ACTIVATIONS.register("selu")
class Selu(Elu):
    """σ(z) = λ z for z > 0, else λ α (e^z - 1); σ' = λ or λ α e^z (Klambauer et al., 2017).

    λ and α are those for which layers of independent weights of variance 1/n_{l-1} keep mean 0
    and variance 1. The slope is largest just left of z = 0, and at 0.
    """

    formula = (
        r"\sigma(z) = \lambda \begin{cases} z & z > 0 \\ \alpha (e^z - 1) & z \leq 0 \end{cases}, "
        r"\quad \lambda \approx 1.0507, \alpha \approx 1.6733"
    )
    scale = 1.0507009873554805
    alpha = 1.6732632423543772
    steepest = scale * alpha


@ACTIVATIONS.register("gelu")
class Gelu(Activation):
    """σ(z) = z Φ(z) = z (1 + erf(z/√2))/2, σ' = Φ(z) + z φ(z) (Hendrycks and Gimpel, 2016).

    Φ is the distribution of the standard normal and φ its density: the exact form, not that
    with tanh. NumPy has no erf: Φ is computed as Schonfelder (Mathematics of Computation 32,
    1978) and Shepherd and Laframboise (36, 1981) do: the Chebyshev series of
    (1 + 2x) e^(x²) erfc x in t = (x - 3.75)/(x + 3.75), x = |z|/√2, here up to t^22 and in powers
    of t, which is right to 1e-15.
    """

    formula = r"\sigma(z) = \frac{z}{2} \left(1 + \mathrm{erf} \frac{z}{\sqrt 2}\right)"
    steepest = (1 + erf(1)) / 2 + exp(-1) / sqrt(pi)  # at z = √2
    middle = 3.75
    polynomial = (  # the coefficients, from that of t^22 on
        -2.623107347133476e-09, -1.9551358868985616e-09, 3.197926671666804e-08,
        1.879082322370048e-08, -2.4857126248016745e-07, -5.084465378687302e-08,
        1.7419821586224816e-06, -9.792625707303523e-07, -1.1438048033346894e-05,
        2.2387565714911816e-05, 5.164652974177416e-05, -0.00029015535246077655,
        0.000293714378044958, 0.0017556261651970652, -0.009746579683265262,
        0.02836227737211114, -0.05869339857664934, 0.09230432116428125,
        -0.10880393014244462, 0.08227673848999506, 0.0035854154854790257,
        -0.14024059858554525, 1.2375126308378275,
    )  # fmt: skip

    def normal(self, z: Array) -> Array:
        """Return Φ(z), the share of a standard normal below z."""
        x = np.abs(z) / sqrt(2)
        t = 1 - 2 * self.middle / (x + self.middle)
        tail = np.full_like(t, self.polynomial[0])
        for coefficient in self.polynomial[1:]:
            np.multiply(tail, t, out=tail)
            np.add(tail, coefficient, out=tail)
        tail *= np.exp(-x * x) / (2 + 4 * x)
        return np.where(z > 0, 1 - tail, tail)

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.multiply(z, self.normal(z), out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        x = op.Div(op.Abs(z), sqrt(2))
        t = op.Sub(1, op.Div(2 * self.middle, op.Add(x, self.middle)))
        tail = self.polynomial[0]
        for coefficient in self.polynomial[1:]:
            tail = op.Add(op.Mul(tail, t), coefficient)
        tail = op.Div(op.Mul(tail, op.Exp(op.Neg(op.Mul(x, x)))), op.Add(op.Mul(x, 4), 2))
        return op.Mul(z, op.Where(op.Greater(z, 0), op.Sub(1, tail), tail))

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        density = np.exp(z * z / -2) / sqrt(2 * pi)
        out = np.multiply(z, density, out=out)
        return np.add(out, self.normal(z), out=out)


@ACTIVATIONS.register("silu")
class Silu(Activation):
    """σ(z) = z/(1 + e^-z), σ' = s + σ(z) (1 - s) with s = 1/(1 + e^-z).

    Elfwing, Uchibe and Doya, 2018; also known as swish.
    """

    formula = r"\sigma(z) = \frac{z}{1 + e^{-z}}"
    steepest = 1.0998393201288669  # at the z > 0 for which z tanh(z/2) = 2

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.divide(z, 1 + np.exp(-z), out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Div(z, op.Add(op.Exp(op.Neg(z)), 1))

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        s = 1 / (1 + np.exp(-z))
        out = np.subtract(1, s, out=out)
        np.multiply(out, a, out=out)
        return np.add(out, s, out=out)


@ACTIVATIONS.register("softplus")
class Softplus(Activation):
    """σ(z) = ln(1 + e^z), σ' = 1/(1 + e^-z) = 1 - e^-σ (Dugas et al., 2001).

    It is computed as max(z, 0) + ln(1 + e^-|z|), in which nothing overflows.
    """

    formula = r"\sigma(z) = \ln(1 + e^z)"
    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        rest = np.abs(z)
        np.negative(rest, out=rest)
        np.log1p(np.exp(rest, out=rest), out=rest)
        out = np.maximum(z, 0, out=out)
        return np.add(out, rest, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Add(op.Max(z, 0), op.Log(op.Add(op.Exp(op.Neg(op.Abs(z))), 1)))

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.negative(a, out=out)
        np.expm1(out, out=out)
        return np.negative(out, out=out)


@ACTIVATIONS.register("softsign")
class Softsign(Activation):
    """σ(z) = z/(1 + |z|), σ' = 1/(1 + |z|)² (Bergstra et al., 2009)."""

    formula = r"\sigma(z) = \frac{z}{1 + |z|}"

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.divide(z, 1 + np.abs(z), out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Div(z, op.Add(op.Abs(z), 1))

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.abs(z, out=out)
        np.add(out, 1, out=out)
        np.multiply(out, out, out=out)
        return np.divide(1, out, out=out)


@ACTIVATIONS.register("hard_tanh")
class HardTanh(Activation):
    """σ(z) = min(max(z, -1), 1), σ' = 1 for |z| < 1, else 0 (Collobert, 2004)."""

    formula = r"\sigma(z) = \min(\max(z, -1), 1)"
    needs_z = False

    def value(self, z: Array, out: Array | None = None) -> Array:
        return np.clip(z, -1, 1, out=out)

    def onnx(self, op: Any, z: Any) -> Any:
        return op.Clip(z, -1, 1)

    def derivative(self, z: Array, a: Array, out: Array | None = None) -> Array:
        out = np.abs(a, out=out)
        return np.less(out, 1, out=out)
