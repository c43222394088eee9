"""The textbook's multilayer perceptron: a loop over samples, one network, no cleverness.

This is the reference that the package is measured by, in speed (experiments.benchmark) and in
its numbers (tests/test_benchmark.py). It uses nothing of `mlp`: for each sample of a mini-batch
the forward pass (1)-(6), the backward pass (32)-(37), then one step with the mean gradient.
Softmax output and cross entropy, for which the output's error is a - y (39).
"""

import numpy as np

Array = np.ndarray


def sigmoid(z: Array) -> Array:
    """Return σ(z), (13)."""
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    """Return the softmax, (15)."""
    e = np.exp(z - z.max())
    return e / e.sum()


VALUES = {"sigmoid": sigmoid, "relu": lambda z: np.maximum(z, 0)}
SLOPES = {"sigmoid": lambda z, a: a * (1 - a), "relu": lambda z, a: (z >= 0) * 1.0}


def sample_gradient(
    weights: list[Array], biases: list[Array], hidden: str, x: Array, y: Array
) -> tuple[list[Array], list[Array]]:
    """Return ∂C/∂W and ∂C/∂b of each layer for one sample x with the target y."""
    zs, outputs = [], [x]
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        zs.append(W @ outputs[-1] + b)
        last = layer == len(weights) - 1
        outputs.append(softmax(zs[-1]) if last else VALUES[hidden](zs[-1]))
    delta = outputs[-1] - y
    slopes, gradients = SLOPES[hidden], []
    for layer in range(len(weights) - 1, -1, -1):
        gradients.append((np.outer(delta, outputs[layer]), delta))
        if layer:
            delta = (weights[layer].T @ delta) * slopes(zs[layer - 1], outputs[layer])
    return [g for g, _ in reversed(gradients)], [g for _, g in reversed(gradients)]


def descend(
    weights: list[Array],
    biases: list[Array],
    hidden: str,
    samples: tuple[Array, Array],
    order: Array,
    batch_size: int,
    eta: float,
) -> None:
    """Go through the samples (X, Y) in `order`, in mini-batches; change the network in place."""
    X, Y = samples
    for start in range(0, len(order), batch_size):
        batch = order[start : start + batch_size]
        sums_W = [np.zeros_like(W) for W in weights]
        sums_b = [np.zeros_like(b) for b in biases]
        for i in batch:
            grads_W, grads_b = sample_gradient(weights, biases, hidden, X[i], Y[i])
            for total, gradient in zip(sums_W + sums_b, grads_W + grads_b, strict=True):
                total += gradient
        for parameter, total in zip(weights + biases, sums_W + sums_b, strict=True):
            parameter -= eta * total / len(batch)


def outputs(weights: list[Array], biases: list[Array], hidden: str, X: Array) -> Array:
    """Return the outputs of the samples X, a row each."""
    found = []
    for a in X:
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            a = VALUES[hidden](W @ a + b)
        found.append(softmax(weights[-1] @ a + biases[-1]))
    return np.array(found)
