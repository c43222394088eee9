"""The equations (1)-(39) of the note and the binary derivative, each once, in its order.

A statement is set as the note prints it, with our letters. Where it needs a correction, the
form below it takes one parameter for each slip: False as printed, True as corrected. Free
indices of (38) and (39) are read i = j. Each form compares the formula with the truth, and what
`mlp` computes with the truth, so that a wrong `mlp` fails here as a wrong formula does.
"""

from collections.abc import Callable
from math import exp, log, tanh

import numpy as np

from experiments.equations import oracle
from experiments.equations.checking import (
    CENTRAL,
    COMPLEX,
    DIRECT,
    Check,
    Checks,
    empty,
    equation,
    hadamard,
    product,
    total,
)
from experiments.equations.examples import K, N, Y, example, examples
from experiments.equations.oracle import (
    Array,
    Sample,
    central_differences,
    complex_step,
    jacobian,
    slopes,
)
from mlp import activations, costs, metrics, network, schedules

POINTS = np.array([-4.0, -1.5, -0.3, 0.2, 0.9, 2.5])  # away from 0
AT_ZERO = np.append(POINTS, 0.0)
LOGITS = np.array([0.4, -1.1, 2.0, 0.7])
GUESSES, TRUTHS = np.array([0.1, 0.3, 0.8]), np.array([0.0, 0.6, 1.0])  # binary outputs, targets
ELEMENTWISE = "holds only for an elementwise output"
SURPLUS = "the sum starts at i = 0"
AWAY_FROM_0 = "away from z = 0"
SIGMA_F = "σ at the output is read as σ_f, as (2) prints it"
EVERY_COST = "printed for MSE, checked for every cost and output"

# --- 2: the network -----------------------------------------------------------------------------


@equation(
    1,
    r"\mathbf{a}^1 = \sigma(\mathbf{z}^1) = \sigma(W^1 \mathbf{x} + \mathbf{b}^1)",
    network.Pass.forward,
)
def _first_layer() -> Checks:
    two_layers = example("mse", "sigmoid", ("tanh",))
    work = two_layers.run()
    right = two_layers.rows(lambda s: _through(s, 1, s.a[0]))
    yield Check(work.a[0][0], right, DIRECT)


@equation(
    2,
    r"\hat{\mathbf{y}} = \sigma_f(\mathbf{z}^2) = \sigma_f(W^2 \mathbf{a}^1 + \mathbf{b}^2)",
    network.Pass.forward,
)
def _second_layer() -> Checks:
    for output in ("sigmoid", "softmax"):
        two_layers = example("mse", output, ("tanh",))
        right = two_layers.rows(lambda s: _through(s, 2, s.a[1]))
        yield Check(two_layers.run().a[1][0], right, DIRECT)


@equation(3, r"\mathbf{z} = W \mathbf{x} + \mathbf{b}", network.Pass.forward)
def _weighted_input() -> Checks:
    for e in examples():
        right = e.rows(lambda s: product(s.W[1], s.a[0]) + s.b[1])
        yield Check(e.run().z[0][0], right, DIRECT)


@equation(
    4,
    r"\mathbf{a}^l = \sigma(\mathbf{z}^l) = \sigma(W^l \mathbf{a}^{l-1} + \mathbf{b}^l)",
    network.Pass.forward,
)
def _layer() -> Checks:
    for e in examples():
        for layer in range(1, e.L + 1):
            right = e.rows(lambda s, n: _through(s, n, s.a[n - 1]), layer)
            yield Check(e.run().a[layer - 1][0], right, DIRECT)


@equation(
    5,
    r"\mathbf{a}^L = \sigma(W^L \mathbf{a}^{L-1} + \mathbf{b}^L)",
    network.Network.forward,
    remark=SIGMA_F,
)
def _output() -> Checks:
    for e in examples():
        right = e.rows(lambda s: _through(s, s.L, s.a[s.L - 1]))
        yield Check(e.net.forward(e.params, e.X), right, DIRECT)


@equation(
    6,
    r"\mathbf{a}^L = \sigma(W^L \sigma(W^{L-1} \sigma(\cdots \sigma(W^1 \mathbf{x} + \mathbf{b}^1)"
    r" \cdots) + \mathbf{b}^{L-1}) + \mathbf{b}^L)",
    network.Network.forward,
    remark=SIGMA_F,
)
def _nested() -> Checks:
    def nested(s: Sample, layer: int) -> Array:
        return _through(s, layer, nested(s, layer - 1) if layer > 1 else s.a[0])

    for e in examples():
        yield Check(e.net.forward(e.params, e.X), e.rows(lambda s: nested(s, s.L)), DIRECT)


# --- 3: costs -----------------------------------------------------------------------------------


@equation(
    7,
    r"C_{\mathrm{MSE}} = \frac{1}{2N} \sum_{i=0}^{N} \lVert \mathbf{a}_i - \mathbf{y}_i \rVert_2^2",
    network.Network.cost,
    correction=r"C_{\mathrm{MSE}} = \frac{1}{2N} \sum_{i=1}^{N}"
    r" \lVert \mathbf{a}_i - \mathbf{y}_i \rVert_2^2",
    slips={"from_1": SURPLUS},
)
def _mse(from_1: bool) -> Checks:
    for output in ("sigmoid", "softmax"):
        e = example("mse", output)
        terms = [np.linalg.norm(s.a[s.L] - s.y) ** 2 for s in e.samples]
        right = total(terms, range(1 if from_1 else 0, N + 1)) / (2 * N)
        yield Check(e.net.cost(e.params, e.X, Y), right, DIRECT)


@equation(
    8,
    r"C_{\mathrm{MSE}} = \frac{1}{2} \lVert \mathbf{a}_i - \mathbf{y}_i \rVert_2^2",
    costs.MeanSquaredError.value,
)
def _mse_of_one() -> Checks:
    e = example("mse", "sigmoid")
    values = e.cost.value(*e.outputs, Y)
    for s, value in zip(e.samples, values, strict=True):
        yield Check(value, np.linalg.norm(s.a[s.L] - s.y) ** 2 / 2, DIRECT)


@equation(
    9,
    r"C_{\mathrm{CE}} = -\frac{1}{N} \sum_{i=0}^{N} \sum_{k=1}^{K} y_{ik} \ln a_{ik}",
    network.Network.cost,
    correction=r"C_{\mathrm{CE}} ="
    r" -\frac{1}{N} \sum_{i=1}^{N} \sum_{k=1}^{K} y_{ik} \ln a_{ik}",
    slips={"from_1": SURPLUS},
)
def _ce(from_1: bool) -> Checks:
    e = example("cross_entropy", "softmax")
    terms = [total(list(s.y * np.log(s.a[s.L])), range(1, K + 1)).item() for s in e.samples]
    right = -total(terms, range(1 if from_1 else 0, N + 1)) / N
    yield Check(e.net.cost(e.params, e.X, Y), right, DIRECT)


@equation(
    10,
    r"C_{\mathrm{CE}} = -\sum_{k=1}^{K} y_k \ln a_k",
    costs.SoftmaxCrossEntropy.value,
)
def _ce_of_one() -> Checks:
    e = example("cross_entropy", "softmax")
    values = e.cost.value(*e.outputs, Y)
    for s, value in zip(e.samples, values, strict=True):
        right = -sum(s.y[k, 0] * log(s.a[s.L][k, 0]) for k in range(K))
        yield Check(value, right, DIRECT)


@_ce_of_one.aside("the constraint below it is printed from k = 0; read k = 1, ..., K")
def _sum_of_targets() -> Checks:
    for y in Y:
        yield Check(total(list(y), range(K + 1)), 1.0, DIRECT)


@equation(
    11,
    r"C_{\mathrm{CE}}^2 = -y \ln a - (1 - y) \ln(1 - a)",
    costs.SigmoidCrossEntropy.value,
)
def _binary_ce() -> Checks:
    cost = costs.COSTS["cross_entropy"].for_output("sigmoid")
    for a, y in zip(GUESSES, TRUTHS, strict=True):
        right = -y * log(a) - (1 - y) * log(1 - a)
        two_classes = oracle.cross_entropy([a, 1 - a], [y, 1 - y]).real
        z, unit, target = np.array([[log(a / (1 - a))], [a], [y]])
        yield Check(two_classes, right, DIRECT)
        yield Check(cost.value(z, unit, target), right, DIRECT)


empty(12)


# --- 4: activations -----------------------------------------------------------------------------


@equation(
    13,
    r"\sigma_{\mathrm{sig}}(z) = \frac{1}{1 + e^{-z}}",
    activations.Sigmoid.value,
    remark="no overflow at z = ±1000",
)
def _sigmoid() -> Checks:
    sigmoid = activations.ACTIVATIONS["sigmoid"]
    yield Check(sigmoid(AT_ZERO), [1 / (1 + exp(-z)) for z in AT_ZERO], DIRECT)
    yield Check(sigmoid([-1000.0, 1000.0]), [0.0, 1.0], DIRECT)


@equation(
    14,
    r"\sigma_{\mathrm{sig}}'(z) = \sigma_{\mathrm{sig}}(z) (1 - \sigma_{\mathrm{sig}}(z))",
    activations.Sigmoid.derivative,
)
def _sigmoid_slope() -> Checks:
    truth = slopes("sigmoid", POINTS, complex_step)
    a = np.real(oracle.ACTIVATIONS["sigmoid"](POINTS))
    yield Check(truth, a * (1 - a), COMPLEX)
    yield Check(truth, activations.ACTIVATIONS["sigmoid"].derivative(POINTS, a), COMPLEX)


@equation(
    15,
    r"\sigma_{\mathrm{sm}}(\mathbf{z})_i = \frac{e^{z_i}}{\sum_{k=1}^{K} e^{z_k}}",
    activations.Softmax.value,
    remark="invariant to adding a constant to z",
)
def _softmax() -> Checks:
    softmax = activations.ACTIVATIONS["softmax"]
    right = [exp(z) / sum(map(exp, LOGITS)) for z in LOGITS]
    yield Check(softmax(LOGITS), right, DIRECT)
    yield Check(softmax(LOGITS + 1000), right, DIRECT)


@equation(
    16,
    r"\frac{\partial}{\partial z_j} \sigma_{\mathrm{sm}}(\mathbf{z})_i ="
    r" \sigma_{\mathrm{sm}}(\mathbf{z})_j (\delta_{ji} - \sigma_{\mathrm{sm}}(\mathbf{z})_i)",
    activations.Softmax.jacobian,
)
def _softmax_jacobian() -> Checks:
    z = oracle.column(LOGITS)
    truth = jacobian(lambda z: oracle.activate("softmax", z), z)
    a = np.real(oracle.ACTIVATIONS["softmax"](LOGITS))
    right = [[a[j] * ((j == i) - a[i]) for j in range(len(a))] for i in range(len(a))]
    yield Check(truth, right, COMPLEX)
    yield Check(truth, activations.ACTIVATIONS["softmax"].jacobian(LOGITS), COMPLEX)


@equation(17, r"\sigma_{\mathrm{tanh}}(z) = \tanh(z)", activations.Tanh.value)
def _tanh() -> Checks:
    yield Check(activations.ACTIVATIONS["tanh"](AT_ZERO), [tanh(z) for z in AT_ZERO], DIRECT)


@equation(18, r"\sigma_{\mathrm{tanh}}'(z) = 1 - \tanh^2(z)", activations.Tanh.derivative)
def _tanh_slope() -> Checks:
    truth = slopes("tanh", POINTS, complex_step)
    a = np.tanh(POINTS)
    yield Check(truth, 1 - a**2, COMPLEX)
    yield Check(truth, activations.ACTIVATIONS["tanh"].derivative(POINTS, a), COMPLEX)


@equation(
    19,
    r"\sigma_{\mathrm{relu}}(z) ="
    r" \begin{cases} z & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
    activations.Relu.value,
)
def _relu() -> Checks:
    right = [z if z >= 0 else 0 for z in AT_ZERO]
    yield Check(activations.ACTIVATIONS["relu"](AT_ZERO), right, DIRECT)


@equation(
    20,
    r"\sigma_{\mathrm{relu}}'(z) ="
    r" \begin{cases} 1 & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
    activations.Relu.derivative,
    remark=f"{AWAY_FROM_0}, where the note sets it to 1",
)
def _relu_slope() -> Checks:
    relu = activations.ACTIVATIONS["relu"]
    right = np.array([1 if z >= 0 else 0 for z in AT_ZERO])
    yield Check(slopes("relu", POINTS, central_differences), right[:-1], CENTRAL)
    yield Check(relu.derivative(AT_ZERO, relu(AT_ZERO)), right, DIRECT)


@equation(
    21,
    r"\sigma_{\mathrm{Heaviside}}(z) ="
    r" \begin{cases} 1 & \text{if } z \geq 0 \\ 0 & \text{if } z < 0 \end{cases}",
    activations.Heaviside.value,
)
def _heaviside() -> Checks:
    right = [1 if z >= 0 else 0 for z in AT_ZERO]
    yield Check(activations.ACTIVATIONS["heaviside"](AT_ZERO), right, DIRECT)


@equation(
    22,
    r"\sigma_{\mathrm{Heaviside}}'(z) = 0",
    activations.Heaviside.derivative,
    remark=AWAY_FROM_0,
)
def _heaviside_slope() -> Checks:
    heaviside = activations.ACTIVATIONS["heaviside"]
    zero = np.zeros(len(POINTS))
    yield Check(slopes("heaviside", POINTS, central_differences), zero, CENTRAL)
    yield Check(heaviside.derivative(POINTS, heaviside(POINTS)), zero, DIRECT)


# --- 5: training --------------------------------------------------------------------------------


@equation(
    23,
    r"\eta(i_{\mathrm{epoch}}) ="
    r" \eta_0 \left( 1 - \frac{i_{\mathrm{epoch}}}{1 + N_{\mathrm{epochs}}} \right)",
    schedules.inverse,
    remark="linear in i, which counts from 0: the last step size used is 2 η0/(1 + N_epochs)",
)
def _decaying_step() -> Checks:
    eta_0 = 0.3
    for n_epochs in (1, 7, 30):
        used = [schedules.inverse(eta_0, i, n_epochs) for i in range(n_epochs)]
        right = [eta_0 * (1 - i / (1 + n_epochs)) for i in range(n_epochs)]
        yield Check(used, right, DIRECT)
        yield Check(used[-1], 2 * eta_0 / (1 + n_epochs), DIRECT)


@equation(
    24,
    r"\mathrm{Accuracy} = \frac{\sum_{i=1}^{n} I(t_i = y_i)}{n}",
    metrics.accuracy,
    remark="an output that is not finite counts as wrong",
)
def _accuracy() -> Checks:
    outputs = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [np.nan, 0.5, 0.5]])
    predicted, labels = [0, 2, 1, None], np.array([0, 1, 1, 0])
    right = sum(t == y for t, y in zip(predicted, labels, strict=True)) / len(labels)
    yield Check(metrics.accuracy(outputs, labels), right, DIRECT)


# --- 6: back propagation ------------------------------------------------------------------------


@equation(
    25,
    r"\frac{\partial C}{\partial W_{jk}^L} = \frac{\partial C}{\partial a_j^L}"
    r" \frac{\partial a_j^L}{\partial z_j^L} \frac{\partial z_j^L}{\partial W_{jk}^L}",
    network.Network.gradient,
    correction=r"\frac{\partial C}{\partial W_{jk}^L} = \sum_{i=1}^{K}"
    r" \frac{\partial C}{\partial a_i^L} \frac{\partial a_i^L}{\partial z_j^L}"
    r" \frac{\partial z_j^L}{\partial W_{jk}^L}",
    slips={"summed": ELEMENTWISE},
)
def _chain_rule(summed: bool) -> Checks:
    def right(s: Sample) -> Array:
        dc_da, da_dz, dz_dw = s.dc_da[:, 0], s.da_dz, s.dz_dw(s.L)
        values = np.zeros_like(s.W[s.L])
        for j, k in np.ndindex(values.shape):
            paths = range(K) if summed else [j]
            values[j, k] = sum(dc_da[i] * da_dz[i, j] * dz_dw[j, j, k] for i in paths)
        return values

    for e in examples():
        for s in e.samples:
            yield Check(s.dc_dw(s.L, complex_step), right(s), COMPLEX, e.output.name)
        truth = e.mean(Sample.dc_dw, e.L, complex_step)
        gradient = e.net.gradient(e.params, e.X, Y)
        yield Check(truth, gradient.weights[-1], COMPLEX, e.output.name)


@equation(
    26,
    r"\frac{\partial C}{\partial W^L} = \left( \frac{\partial C}{\partial \mathbf{a}^L} \odot"
    r" \frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L} \right)"
    r" \frac{\partial \mathbf{z}^L}{\partial W^L}",
    network.Pass.backward,
    correction=r"\frac{\partial C}{\partial W^L} ="
    r" \left( J^T \nabla_{\mathbf{a}} C \right) (\mathbf{a}^{L-1})^T,"
    r" \quad J_{ij} = \frac{\partial a_i^L}{\partial z_j^L}",
    slips={"full": ELEMENTWISE},
)
def _hadamard(full: bool) -> Checks:
    for e in examples():
        for s in e.samples:
            delta = _vector_jacobian(s.da_dz, s.dc_da, full=full)
            right = product(delta, s.a[s.L - 1].T)
            yield Check(s.dc_dw(s.L, complex_step), right, COMPLEX, e.output.name)
        truth = e.mean(Sample.dc_dw, e.L, complex_step)
        yield Check(truth, e.run(1 / N).gradient.weights[-1][0], COMPLEX, e.output.name)


@equation(
    27,
    r"\frac{\partial \mathbf{a}^L}{\partial \mathbf{z}^L} ="
    r" \frac{\partial}{\partial \mathbf{z}^L} \left( \sigma(\mathbf{z}^L) \right)",
    activations.Activation.vjp,
)
def _output_slope() -> Checks:
    for e in examples():
        for s in e.samples:
            z, a = s.z[s.L].T, s.a[s.L].T
            truth = central_differences(lambda z, s=s: s.activate(s.L, z), s.z[s.L])
            yield Check(truth[:, 0, :, 0], s.da_dz, CENTRAL)
            yield Check(s.da_dz, e.output.vjp(z, a, np.eye(K)), COMPLEX)


@equation(
    28,
    r"\frac{\partial \mathbf{z}^L}{\partial W^L} = \mathbf{a}^{L-1}",
    network.Pass.backward,
    remark="component by component, ∂z_j/∂W_jk = a_k; transposed in the product",
)
def _input_of_weight() -> Checks:
    e = example("mse", "identity")
    work = network.Pass(e.net, e.params.as_stack(), 1)
    for s, x in zip(e.samples, e.X, strict=True):
        dz_dw = s.dz_dw(s.L)
        for j in range(K):
            yield Check(dz_dw[j, j], s.a[s.L - 1][:, 0], COMPLEX)
        work.backward(work.forward(x[None]) - 1, 1.0)  # δ = 1, so ∂C/∂W_jk = ∂z_j/∂W_jk
        yield Check(np.einsum("jjk->jk", dz_dw), work.gradient.weights[-1][0], COMPLEX)


@equation(
    29,
    r"\frac{\partial C_{\mathrm{MSE}}}{\partial \mathbf{a}^L} = \mathbf{a}^L - \mathbf{y}",
    costs.MeanSquaredError.derivative,
)
def _mse_slope() -> Checks:
    e = example("mse", "sigmoid")
    for s in e.samples:
        yield Check(s.dc_da, s.a[s.L] - s.y, COMPLEX)
    yield Check(e.rows(lambda s: s.dc_da), e.cost.derivative(e.outputs[1], Y), COMPLEX)


@equation(
    30,
    r"\frac{\partial C_{\mathrm{CE}}}{\partial \mathbf{a}^L} = -\frac{\mathbf{y}}{\mathbf{a}^L}",
    costs.SoftmaxCrossEntropy.derivative,
    remark="infinite at a = 0",
)
def _ce_slope() -> Checks:
    e = example("cross_entropy", "softmax")
    for s in e.samples:
        yield Check(s.dc_da, -s.y / s.a[s.L], COMPLEX)
    yield Check(e.rows(lambda s: s.dc_da), e.cost.derivative(e.outputs[1], Y), COMPLEX)


@equation(
    "after 30",
    r"\frac{\partial C_{\mathrm{CE}}^2}{\partial a^L} = \frac{a^L - y}{a^L (1 - a^L)}",
    costs.SigmoidCrossEntropy.derivative,
)
def _binary_ce_slope() -> Checks:
    a, y = GUESSES, TRUTHS
    truth = _slope_in_a(lambda a, y: oracle.binary_cross_entropy([a], [y]))
    cost = costs.COSTS["cross_entropy"].for_output("sigmoid")
    yield Check(truth, (1 - y) / (1 - a) - y / a, COMPLEX)
    yield Check(truth, (a - y) / (a * (1 - a)), COMPLEX)
    yield Check(truth, cost.derivative(a, y), COMPLEX)


@_binary_ce_slope.aside("in the first line of the display the inner minus should be a plus")
def _first_line_of_the_display() -> Checks:
    truth = _slope_in_a(lambda a, y: oracle.binary_cross_entropy([a], [y]))
    printed = _slope_in_a(lambda a, y: -(y * np.log(a) - (1 - y) * np.log(1 - a)))
    yield Check(truth, printed, COMPLEX)


@equation(
    31,
    r"\boldsymbol{\delta}^L = (\mathbf{a}^L - \mathbf{y}) \, \mathbf{a}^L (1 - \mathbf{a}^L)",
    costs.Cost.delta,
    remark="the lines below it confuse the labels L and L - 1",
)
def _delta_of_mse_and_sigmoid() -> Checks:
    e = example("mse", "sigmoid")
    for s in e.samples:
        a = s.a[s.L]
        yield Check(s.delta(s.L), (a - s.y) * a * (1 - a), COMPLEX)
    yield Check(e.rows(Sample.delta, e.L), e.cost.delta(e.output, *e.outputs, Y), COMPLEX)


@equation(
    32,
    r"\boldsymbol{\delta}^L = \nabla_{\mathbf{a}}^L C \odot \sigma'(\mathbf{a}^L)",
    costs.Cost.general_delta,
    correction=r"\boldsymbol{\delta}^L = J^T \nabla_{\mathbf{a}} C, \quad J_{ij} ="
    r" \frac{\partial a_i^L}{\partial z_j^L} \quad"
    r" (= \nabla_{\mathbf{a}} C \odot \sigma'(\mathbf{z}^L) \text{ if elementwise})",
    slips={"at_z": "the argument of σ' is a, not z", "full": ELEMENTWISE},
)
def _output_delta(at_z: bool, full: bool) -> Checks:
    for e in examples():
        for s in e.samples:
            argument = s.z[s.L] if at_z else s.a[s.L]
            slope = jacobian(lambda z, s=s: s.activate(s.L, z), argument)
            right = _vector_jacobian(slope, s.dc_da, full=full)
            yield Check(s.delta(s.L), right, COMPLEX, e.output.name)
        general = e.cost.general_delta(e.output, *e.outputs, Y)
        yield Check(e.rows(Sample.delta, e.L), general, COMPLEX, e.output.name)


@equation(
    33,
    r"\frac{\partial C}{\partial W^L} = \boldsymbol{\delta}^L (\mathbf{a}^{L-1})^T",
    network.Pass.backward,
    remark=EVERY_COST,
)
def _output_weights() -> Checks:
    for e in examples():
        for s in e.samples:
            right = product(s.delta(s.L), s.a[s.L - 1].T)
            yield Check(s.dc_dw(s.L, central_differences), right, CENTRAL)
        truth = e.mean(Sample.dc_dw, e.L, central_differences)
        yield Check(truth, e.run(1 / N).gradient.weights[-1][0], CENTRAL)


@equation(
    34,
    r"\frac{\partial C}{\partial W^l} = \boldsymbol{\delta}^L",
    network.Pass.backward,
    correction=r"\frac{\partial C}{\partial \mathbf{b}^L} = \boldsymbol{\delta}^L",
    slips={"of_bias": "the left side is the weights' gradient"},
    remark=f"{EVERY_COST}; the printed l is read as L",
)
def _output_biases(of_bias: bool) -> Checks:
    for e in examples():
        for s in e.samples:
            left = s.dc_db if of_bias else s.dc_dw
            yield Check(left(s.L, central_differences), s.delta(s.L), CENTRAL)
        truth = e.mean(Sample.dc_db, e.L, central_differences)
        yield Check(truth[:, 0], e.run(1 / N).gradient.biases[-1][0], CENTRAL)


@equation(
    35,
    r"\boldsymbol{\delta}^{l-1} = \left( (W^l)^T \boldsymbol{\delta}^l \right)"
    r" \odot \sigma'(\mathbf{z}^{l-1})",
    network.Pass.backward,
)
def _hidden_delta() -> Checks:
    hidden = ("sigmoid", "tanh"), ("tanh", "relu"), ("relu", "sigmoid"), ("tanh", "heaviside")
    for e in [*examples(), *(example("mse", "softmax", names) for names in hidden)]:
        deltas = e.run().delta
        for layer in range(e.L, 1, -1):
            for s in e.samples:
                right = hadamard(product(s.W[layer].T, s.delta(layer)), s.slope(layer - 1))
                yield Check(s.delta(layer - 1), right, COMPLEX)
            yield Check(e.rows(Sample.delta, layer - 1), deltas[layer - 2][0], COMPLEX)


@equation(
    36,
    r"\frac{\partial C}{\partial W^l} = \boldsymbol{\delta}^l \mathbf{a}^{l-1}",
    network.Pass.backward,
    correction=r"\frac{\partial C}{\partial W^l} ="
    r" \boldsymbol{\delta}^l (\mathbf{a}^{l-1})^T",
    slips={"transposed": "the transpose is missing"},
    remark=EVERY_COST,
)
def _hidden_weights(transposed: bool) -> Checks:
    for e in examples():
        gradient = e.run(1 / N).gradient
        for layer in range(e.L - 1, 0, -1):
            for s in e.samples:
                below = s.a[layer - 1].T if transposed else s.a[layer - 1]
                right = product(s.delta(layer), below)
                yield Check(s.dc_dw(layer, central_differences), right, CENTRAL)
            truth = e.mean(Sample.dc_dw, layer, central_differences)
            yield Check(truth, gradient.weights[layer - 1][0], CENTRAL)


@equation(
    37,
    r"\frac{\partial C}{\partial W^l} = \boldsymbol{\delta}^l",
    network.Pass.backward,
    correction=r"\frac{\partial C}{\partial \mathbf{b}^l} = \boldsymbol{\delta}^l",
    slips={"of_bias": "the left side is the weights' gradient"},
    remark=EVERY_COST,
)
def _hidden_biases(of_bias: bool) -> Checks:
    for e in examples():
        gradient = e.run(1 / N).gradient
        for layer in range(e.L - 1, 0, -1):
            for s in e.samples:
                left = s.dc_db if of_bias else s.dc_dw
                yield Check(left(layer, central_differences), s.delta(layer), CENTRAL)
            truth = e.mean(Sample.dc_db, layer, central_differences)
            yield Check(truth[:, 0], gradient.biases[layer - 1][0], CENTRAL)


@equation(
    38,
    r"\delta_j^L = (a_j^L - y_j) \, \sigma_{\mathrm{sm}}(\mathbf{z})_j"
    r" (\delta_{ji} - \sigma_{\mathrm{sm}}(\mathbf{z})_i)",
    activations.Softmax.vjp,
    correction=r"\delta_i^L = \sum_{j=1}^{K} (a_j - y_j) \, a_j (\delta_{ji} - a_i)"
    r" = a_i \left[ (a_i - y_i) - \sum_{j=1}^{K} (a_j - y_j) a_j \right]",
    slips={"summed": "the sum over j is missing"},
    remark="as printed read i = j",
)
def _delta_of_mse_and_softmax(summed: bool) -> Checks:
    e = example("mse", "softmax")
    for s in e.samples:
        a, y = s.a[s.L][:, 0], s.y[:, 0]
        right = [
            sum((a[j] - y[j]) * a[j] * ((j == i) - a[i]) for j in (range(K) if summed else [i]))
            for i in range(K)
        ]
        short = a * ((a - y) - np.sum((a - y) * a))
        yield Check(s.delta(s.L)[:, 0], right, COMPLEX)
        yield Check(s.delta(s.L)[:, 0], short, COMPLEX)
    z, a = e.outputs
    yield Check(e.rows(Sample.delta, e.L), e.output.vjp(z, a, a - Y), COMPLEX)


@equation(
    39,
    r"\frac{\partial C_{\mathrm{CE}}}{\partial a_j^L} \frac{\partial a_j^L}{\partial z_j^L}"
    r" = a_i^L - y_i",
    costs.SoftmaxCrossEntropy.delta,
    correction=r"\sum_{k=1}^{K} \frac{\partial C_{\mathrm{CE}}}{\partial a_k^L}"
    r" \frac{\partial a_k^L}{\partial z_i^L} = a_i^L - y_i",
    slips={"summed": "the left side lacks the sum over k"},
    remark="needs Σ_k y_k = 1; as printed read i = j",
)
def _delta_of_ce_and_softmax(summed: bool) -> Checks:
    e = example("cross_entropy", "softmax")
    for s in e.samples:
        left = _vector_jacobian(s.da_dz, s.dc_da, full=summed)
        yield Check(left, s.a[s.L] - s.y, COMPLEX)
    yield Check(e.rows(Sample.delta, e.L), e.cost.delta(e.output, *e.outputs, Y), COMPLEX)


# --- Shared by several --------------------------------------------------------------------------


def _through(s: Sample, layer: int, below: Array) -> Array:
    """Return σ(Wa + b) of a layer, for the a below it."""
    return s.activate(layer, product(s.W[layer], below) + s.b[layer])


def _vector_jacobian(J: Array, g: Array, full: bool) -> Array:
    """Return J^T g or, not `full`, only the part of the diagonal: g ⊙ ∂a_j/∂z_j."""
    return product(J.T, g) if full else hadamard(g, oracle.column(np.diagonal(J)))


def _slope_in_a(cost: Callable[[Array, float], Array]) -> Array:
    """Return ∂C/∂a of a binary cost C(a, y) at each guess and its truth."""
    return np.array(
        [complex_step(lambda a, y=y: cost(a, y), a) for a, y in zip(GUESSES, TRUTHS, strict=True)]
    )
