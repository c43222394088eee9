"""The multilayer perceptron: forward pass (1)-(6) and back propagation (25)-(39).

All code is for a stack of R replicas of one shape: weights (R, n_out, n_in), biases (R, n_out),
one sample per row. A single network is a stack of one. No product mixes replicas, so a replica
has the same bits in any stack.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from mlp.activations import ACTIVATIONS, Activation
from mlp.checks import is_whole
from mlp.costs import COSTS, IncompatibleError, check_smoothing
from mlp.dropout import Masks, dropout_rates
from mlp.initializers import BIAS_INITIALIZERS, INITIALIZERS
from mlp.parameters import Parameters
from mlp.penalties import PENALTIES

Array = np.ndarray


def quiet() -> np.errstate:
    """Return a context without floating-point warnings: an overflow is recorded as a result."""
    return np.errstate(all="ignore")


class Network:
    """A multilayer perceptron without its parameters: its shape and its components.

    `sizes` are n_0, ..., n_L. `hidden` is an activation's name or one name per hidden layer.
    Two options are read by training only: forward pass, cost and gradient are without them, and
    so is what is recorded. With `label_smoothing` s the descent is on targets (1 - s) y + s/K
    (Szegedy et al., 2016); `dropout` is the rate of the hidden layers, or one for each of them.
    Raises UnknownNameError for an unknown name, and IncompatibleError if components cannot be
    combined.

    >>> net = Network(sizes=(4, 3, 2), hidden="tanh", output="softmax", cost="cross_entropy")
    >>> params = net.initialize("fan_in", np.random.default_rng(0), n_train=100)
    >>> net.forward(params, np.ones((5, 4))).shape
    (5, 2)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str | Sequence[str] = "sigmoid",
        output: str = "softmax",
        cost: str = "cross_entropy",
        penalty: str = "none",
        lambda_: float = 0.0,
        dtype: str = "float64",
        label_smoothing: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
    ) -> None:
        if not np.iterable(sizes) or len(sizes) < 2 or not all(is_whole(n, 1) for n in sizes):
            raise IncompatibleError(f"sizes are two or more whole numbers from 1 on, found {sizes}")
        self.sizes = tuple(int(n) for n in sizes)
        layers = len(self.sizes) - 2
        if isinstance(hidden, str):
            ACTIVATIONS[hidden]  # an unknown name is refused even if no layer uses it
            hidden = (hidden,) * layers
        self.hidden = tuple(hidden)
        if len(self.hidden) != layers:
            raise IncompatibleError(
                f"{len(self.hidden)} hidden activations were given for {layers} hidden layers"
            )
        self.activations = check_activations(self.sizes, self.hidden, output)
        self.loss = COSTS[cost].for_output(output)
        self.penalty = PENALTIES[penalty]
        self.lambda_ = float(lambda_)
        if self.lambda_ and not self.penalty.active:
            raise IncompatibleError(f"lambda is {lambda_} but no penalty is chosen")
        self.dtype = np.dtype(dtype)
        self.label_smoothing = check_smoothing(label_smoothing, output, self.sizes[-1])
        self.dropout = dropout_rates(dropout, layers)

    @property
    def shape(self) -> str:
        """The sizes in the usual notation, such as 784-100-10."""
        return "-".join(map(str, self.sizes))

    def __repr__(self) -> str:
        names = ", ".join(activation.name for activation in self.activations)
        return f"<network {self.shape}: {names}; {self.loss.name}>"

    def initialize(
        self,
        init: str,
        rng: np.random.Generator,
        *,
        n_train: int,
        bias_init: str = "like_weights",
    ) -> Parameters:
        """Return the initial parameters of a single network (section 5.2).

        The standard normals are drawn layer by layer, weights before biases, so two
        initializations with generators of the same state share their draws.
        """
        scale, bias = INITIALIZERS[init], BIAS_INITIALIZERS[bias_init]
        weights, biases = [], []
        for fan_in, fan_out in pairwise(self.sizes):
            facts = {"fan_in": fan_in, "fan_out": fan_out, "n_train": n_train}
            scaled = scale(rng.standard_normal((fan_out, fan_in)), **facts)
            draws = rng.standard_normal(fan_out)
            weights.append(np.array(scaled, dtype=self.dtype))
            biases.append(np.array(bias(draws, scale(draws, **facts)), dtype=self.dtype))
        return Parameters(weights, biases)

    def forward(self, params: Parameters, X: Array) -> Array:
        """Return the outputs a^L of the samples X (N, n_0), (6): (N, K), or (R, N, K).

        Raises ValueError, as `cost` and `gradient` do, for samples of another length.
        """
        out = self._forward(params, X).a[-1]
        return out[0].copy() if params.single else out.copy()

    def logits(self, params: Parameters, X: Array) -> Array:
        """Return z^L of the samples X, of which `forward` returns the activation."""
        out = self._forward(params, X).z[-1]
        return out[0].copy() if params.single else out.copy()

    def cost(self, params: Parameters, X: Array, Y: Array) -> float | Array:
        """Return the mean cost over the samples, (7) or (9), plus the penalty; (R,) for a stack."""
        run = self._forward(params, X)
        with quiet():
            value = run.sample_costs(np.asarray(Y, dtype=self.dtype)).mean(axis=-1)
            for w in run.params.weights:
                value = value + self.lambda_ * self.penalty.value(w.reshape(len(w), -1))
        return float(value[0]) if params.single else value

    def gradient(self, params: Parameters, X: Array, Y: Array) -> Parameters:
        """Return ∂cost/∂params, with the structure of `params`."""
        run = self._forward(params, X)
        with quiet():
            run.backward(np.asarray(Y, dtype=self.dtype), 1 / len(X))
            for w, g in zip(run.params.weights, run.gradient.weights, strict=True):
                g += self.lambda_ * self.penalty.gradient(w)
        return run.gradient.replica(0) if params.single else run.gradient

    def _forward(self, params: Parameters, X: Array) -> "Pass":
        """Return a pass after its forward step on the samples X; one network is a stack of one."""
        X = np.asarray(X, dtype=self.dtype)
        if X.ndim != 2 or X.shape[1] != self.sizes[0]:
            raise ValueError(f"samples are rows of {self.sizes[0]} numbers, found shape {X.shape}")
        stack = Parameters.stack([params]) if params.single else params
        run = Pass(self, stack, len(X))
        with quiet():
            run.forward(run.inputs(X))
        return run


def check_activations(
    sizes: Sequence[int], hidden: Sequence[str], output: str
) -> tuple[Activation, ...]:
    """Return each layer's activation; raise IncompatibleError if one cannot be used there."""
    for name in hidden:
        if ACTIVATIONS[name].output_only:
            raise IncompatibleError(
                f"{name} cannot be the activation of a hidden layer: "
                f"{ACTIVATIONS[name].output_only}"
            )
    if output == "softmax" and sizes[-1] == 1:
        raise IncompatibleError(
            "a softmax over one unit is always 1: use output sigmoid with one unit, "
            "or one unit for each class"
        )
    return tuple(ACTIVATIONS[name] for name in (*hidden, output))


class Pass:
    """The forward and backward pass of a stack over batches of one size.

    Buffers and views are made once, so that a training step only fills them. `params` is not
    copied: when training updates it in place, the next pass uses the new numbers.
    z[l], a[l] and delta[l] belong to layer l + 1 of the note and have shape (R, N, n_{l+1}).
    A `lean` pass stores a hidden layer's a in the memory of its z if z is not needed again, and
    lets `backward` overwrite it. If possible it negates the inputs of the first layer and uses
    the mirrored activation.
    `gradient`, made by `params.alike()`, may be shared by passes over batches of other sizes.
    `masks` multiply the activations of the hidden layers, if there are any (:class:`Dropout`);
    `fed` is what the next layer takes of each layer: a, or a times its mask.
    The caller silences floating-point warnings, once around many passes (`quiet`).
    """

    def __init__(
        self,
        net: Network,
        params: Parameters,
        rows: int,
        lean: bool = False,
        gradient: Parameters | None = None,
        masks: Masks = (),
    ) -> None:
        R = len(params.weights[0])
        self.net, self.params, self.rows, self.lean = net, params, rows, lean
        self._maps = params.maps()
        first, mirrored = net.activations[0], net.activations[0].mirrored
        bare = (
            self._maps[0][1] is None and len(net.sizes) > 2
        )  # the first product is the whole z of a hidden layer
        self._mirror = False
        if lean and bare and mirrored is not None and not mirrored.needs_z:
            first, self._mirror = mirrored, True
        self.activations = (first, *net.activations[1:])
        shapes = [(R, rows, n) for n in net.sizes[1:]]
        self.z = [np.empty(shape, net.dtype) for shape in shapes]
        shared = [lean and not activation.needs_z for activation in self.activations]
        shared[-1] = False
        self.a = [z if same else np.empty_like(z) for z, same in zip(self.z, shared, strict=True)]
        self.masks = [*masks, *[None] * (len(self.a) - len(masks))]
        self.fed = [
            a if mask is None else np.empty_like(a)
            for a, mask in zip(self.a, self.masks, strict=True)
        ]
        self.x: Array
        self._shared_gradient = gradient

    def inputs(self, X: Array) -> Array:
        """Return samples X (N, n_0) in the form that `forward` takes."""
        X = np.ascontiguousarray(self.params.inputs(X))  # training gathers rows from it
        return -X if self._mirror else X

    @property
    def delta(self) -> list[Array]:
        """The error δ^l of each layer; its memory is allocated at the first use."""
        if not hasattr(self, "_delta"):
            self._prepare_backward()
        return self._delta

    def _prepare_backward(self) -> None:
        self._delta = [np.empty_like(a) for a in self.a]
        self._ones = np.ones((1, self.rows), self.net.dtype)
        self.gradient = (
            self.params.alike() if self._shared_gradient is None else self._shared_gradient
        )
        self._gradient_maps = self.gradient.maps()

    def forward(self, x: Array) -> Array:
        """Return a^L (R, N, K) of the rows x: (N, n_0) for all replicas, or (R, N, n_0).

        x has the form that `inputs` returns. The result is a buffer that the next pass
        overwrites.
        """
        self.x = a = x
        for layer, activation in enumerate(self.activations):
            z, (factor, bias) = self.z[layer], self._maps[layer]
            np.matmul(a, factor, out=z)  # (3)
            if bias is not None:
                np.add(z, bias, out=z)
            a = activation.value(z, out=self.a[layer])  # (4)
            if (mask := self.masks[layer]) is not None:
                a = np.multiply(a, mask, out=self.fed[layer])
        return a

    def sample_costs(self, y: Array) -> Array:
        """Return the cost of each sample, (R, N), of the targets y (N, K)."""
        return self.net.loss.value(self.z[-1], self.a[-1], y)

    def backward(
        self, y: Array, scale: Array | float, instead: Sequence[Callable[[], None]] = ()
    ) -> None:
        """Fill `gradient` with `scale` times the sum over the rows of each sample's gradient.

        `scale` is 1/N for the mean, or (R, 1, 1) with each replica's η/N for a whole step; or
        (R, N, 1), if the samples have weights.
        Call it after `forward`, with y (N, K) or (R, N, K). `instead` may give a function for
        each layer: it is called in place of computing the weights' gradient, when a^{l-1} and δ^l
        are ready.
        """
        delta, activations = self.delta, self.activations
        self.net.loss.delta(activations[-1], self.z[-1], self.a[-1], y, out=delta[-1])  # (32)
        np.multiply(delta[-1], scale, out=delta[-1])
        for layer in range(len(delta) - 1, -1, -1):
            below = self.fed[layer - 1] if layer else self.x
            if layer:  # W^T δ of (35), before W may change
                np.matmul(delta[layer], self.params.weights[layer], out=delta[layer - 1])
            factor, bias = self._gradient_maps[layer]
            if instead:
                instead[layer]()
            else:
                np.matmul(below.mT, delta[layer], out=factor)  # (33), (36)
            if bias is not None:
                np.matmul(self._ones, delta[layer], out=bias)  # (34), (37)
            if layer:  # the rest of (35), before a may be lost
                if (mask := self.masks[layer - 1]) is not None:
                    np.multiply(delta[layer - 1], mask, out=delta[layer - 1])
                a = self.a[layer - 1] if self.lean else self.a[layer - 1].copy()
                activations[layer - 1].pull_back(self.z[layer - 1], a, delta[layer - 1])
