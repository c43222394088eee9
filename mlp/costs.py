"""Cost functions, equations (7)-(12), their derivatives (29)-(30), and output deltas (31)-(39).

A cost is one class. `value` is the cost of each sample, so that its mean over the samples is
(7) or (9). `delta` is ∂C/∂z of each sample, the δ^L from which back propagation starts.
In general it is the vector-Jacobian product of the output activation applied to ∂C/∂a
(the corrected (32)); if a closed form exists, the class overrides it.
"""

import numpy as np

from mlp.activations import ACTIVATIONS, Activation, imprecise, row_sums
from mlp.checks import is_finite
from mlp.registry import Registry

COSTS = Registry("cost")

Array = np.ndarray


class IncompatibleError(ValueError):
    """The components exist but cannot be combined; the message says why."""


def check_smoothing(value: float, output: str, units: int) -> float:
    """Return a label smoothing as a float; raise IncompatibleError for one that cannot be.

    It needs one-hot targets: an output unit for each class, of two classes or more.
    """
    if not is_finite(value) or value >= 1:
        raise IncompatibleError(f"label_smoothing is a number from 0 to below 1, found {value!r}")
    if value and (units == 1 or output not in COSTS["cross_entropy"].outputs):
        units_are = "one unit" if units == 1 else f"the output {output}"
        raise IncompatibleError(
            f"label_smoothing needs one-hot targets, an output unit for each class, and {units_are}"
            " has none: leave it out"
        )
    return float(value)


def smoothed(Y: Array, smoothing: float) -> Array:
    """Return the targets (1 - s) y + s/K of one-hot targets y (..., K); y itself for s = 0.

    >>> smoothed(np.array([[0.0, 1.0]]), 0.1)
    array([[0.05, 0.95]])
    """
    return (1 - smoothing) * Y + smoothing / Y.shape[-1] if smoothing else Y


class Cost:
    """The contract: `outputs` (allowed output activations), `value`, `derivative`.

    Shapes: z, a and y are (..., K), where a = σ(z) is the output and y the target.
    """

    name: str
    equation: str = ""
    formula: str = ""
    outputs: tuple[str, ...] = ()

    def for_output(self, output: str) -> "Cost":
        """Return the form of this cost that belongs to the output activation.

        Raises IncompatibleError if there is none.
        """
        if output not in self.outputs:
            raise IncompatibleError(
                f"cost {self.name!r} cannot be used with output {output!r}; "
                f"allowed outputs: {', '.join(self.outputs)}"
            )
        return self

    def value(self, z: Array, a: Array, y: Array) -> Array:
        """Return the cost of each sample, shape (...)."""
        raise NotImplementedError

    def derivative(self, a: Array, y: Array) -> Array:
        """Return ∂C/∂a of each sample, shape (..., K)."""
        raise NotImplementedError

    def general_delta(
        self, activation: Activation, z: Array, a: Array, y: Array, out: Array | None = None
    ) -> Array:
        """Return δ^L = J^T ∇_a C, the corrected (32), shape (..., K)."""
        return activation.vjp(z, a, self.derivative(a, y), out=out)

    def delta(
        self, activation: Activation, z: Array, a: Array, y: Array, out: Array | None = None
    ) -> Array:
        """Return δ^L, by a closed form if one exists."""
        return self.general_delta(activation, z, a, y, out)

    def __repr__(self) -> str:
        return f"<cost {self.name} {self.equation}>"


@COSTS.register("mse")
class MeanSquaredError(Cost):
    """C = ‖a - y‖²/2 (8), the mean over samples is (7); ∂C/∂a = a - y (29).

    With a sigmoid output δ = (a - y) a (1 - a) (31); with softmax the corrected (38).
    """

    equation = "(7)-(8), (29)"
    formula = r"C = \tfrac{1}{2} \lVert \mathbf{a} - \mathbf{y} \rVert^2"
    outputs = ("sigmoid", "softmax", "identity")

    def value(self, z: Array, a: Array, y: Array) -> Array:
        error = a - y
        return row_sums(np.multiply(error, error, out=error))[..., 0] / 2

    def derivative(self, a: Array, y: Array) -> Array:
        return a - y


def _of_one_class(y: Array) -> bool:
    """Return whether each target is a 1 among zeros."""
    ones = y.size // y.shape[-1]
    return np.count_nonzero(y) == ones and np.count_nonzero(y == 1) == ones


class SoftmaxCrossEntropy(Cost):
    """C = -Σ_k y_k ln a_k (10) of a softmax, ∂C/∂a = -y/a (30), δ = a - y (39).

    It needs Σ_k y_k = 1. Computed from the logits as ln Σ_k e^z_k - Σ_k y_k z_k it is finite if
    their differences are. If each target is one class, -ln a of that class is used where a is
    large enough.
    """

    name = "cross_entropy"
    outputs = ("softmax",)

    def value(self, z: Array, a: Array, y: Array) -> Array:
        if not _of_one_class(y):
            if y.ndim > 2:  # a replica's way must not depend on the samples of another
                return np.stack([self.value(*one) for one in zip(z, a, y, strict=True)])
            return self._from_logits(z, y)
        of_class = row_sums(y * a)
        with np.errstate(divide="ignore"):
            cost = -np.log(of_class)
        if (lost := imprecise(of_class, root=0.75)) is not None:
            rows = lost[..., 0]
            cost[rows] = self._from_logits(z[rows], np.broadcast_to(y, z.shape)[rows])[..., None]
        return cost[..., 0]

    def _from_logits(self, z: Array, y: Array) -> Array:
        with np.errstate(over="ignore"):
            below = z - np.max(z, axis=-1, keepdims=True)
        log_sum = np.log(np.sum(np.exp(below), axis=-1))  # no product: rows of many replicas
        return log_sum - np.sum(np.multiply(y, below, where=y != 0, out=np.zeros_like(z)), axis=-1)

    def derivative(self, a: Array, y: Array) -> Array:
        """Return -y/a (30); 0 where y = 0, infinite where y > 0 and a = 0."""
        with np.errstate(divide="ignore"):
            return np.divide(-y, a, out=np.zeros_like(a), where=y != 0)

    def delta(
        self, activation: Activation, z: Array, a: Array, y: Array, out: Array | None = None
    ) -> Array:
        return np.subtract(a, y, out=out)


class SigmoidCrossEntropy(Cost):
    """C = Σ_k [-y_k ln a_k - (1 - y_k) ln(1 - a_k)]: (11), summed over the K units.

    ∂C/∂a = (a - y)/(a(1 - a)), the display after (30); δ = a - y. From the logits each term
    is max(z, 0) - y z + ln(1 + e^-|z|).
    """

    name = "cross_entropy"
    outputs = ("sigmoid",)

    def value(self, z: Array, a: Array, y: Array) -> Array:
        terms = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
        return row_sums(terms)[..., 0]

    def derivative(self, a: Array, y: Array) -> Array:
        """Return (a - y)/(a(1 - a)); 0 where a = y, infinite where a is 0 or 1 and y is not."""
        with np.errstate(divide="ignore"):
            return np.divide(a - y, a * (1 - a), out=np.zeros_like(a), where=a != y)

    def delta(
        self, activation: Activation, z: Array, a: Array, y: Array, out: Array | None = None
    ) -> Array:
        return np.subtract(a, y, out=out)


@COSTS.register("cross_entropy")
class CrossEntropy(Cost):
    """Cross entropy, (9)-(11): with softmax the form (10), with sigmoid units the form (11).

    With sigmoids it is *not* (10): -Σ y ln a would have δ = -y(1 - a) and would never lower an
    output.
    """

    equation = "(9)-(11), (30)"
    formula = r"C = -\sum_{k=1}^K y_k \ln a_k"
    forms = (SoftmaxCrossEntropy(), SigmoidCrossEntropy())
    outputs = tuple(output for form in forms for output in form.outputs)

    def for_output(self, output: str) -> Cost:
        super().for_output(output)
        return next(form for form in self.forms if output in form.outputs)


def output_pairs() -> list[tuple[str, str]]:
    """Return every (cost, output activation) that the registries allow.

    >>> ("mse", "softmax") in output_pairs(), ("cross_entropy", "identity") in output_pairs()
    (True, False)
    """
    return [(c, o) for c in COSTS for o in ACTIVATIONS if o in COSTS[c].outputs]
