"""A network as a graph of ONNX's operators, which other programs and languages run."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import mlp
from experiments.base import UserError
from experiments.results.formats import check_format, check_raw, layers_of, scale_of
from experiments.training import core_fingerprint

if TYPE_CHECKING:
    from onnx import ModelProto

    from experiments.results.models import Model

OPSET, IR_VERSION = 20, 9
"""The versions of ONNX's operators and of its files: onnxruntime 1.17 reads them, of 2024."""

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}
"""How far outputs may be from those of the run, whose own float32 rounds at each layer."""


class Operators:
    """The operators of a graph by their names: a call adds a node and returns its result's name.

    A number or array among the arguments becomes a constant of float64.

    >>> op = Operators()
    >>> op.Mul("X", op.Add("X", 1))
    'Mul_1'
    >>> [(node.op_type, list(node.input)) for node in op.nodes]
    [('Add', ['X', 'constant_0']), ('Mul', ['X', 'Add_0'])]
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def __getattr__(self, operator: str) -> Any:
        if operator.startswith("_"):
            raise AttributeError(operator)
        return partial(self._add, operator)

    def _add(self, operator: str, *given: Any, result: str = "", **attributes: Any) -> str:
        from onnx import helper

        result = result or f"{operator}_{len(self.nodes)}"
        names = [self._named(value) for value in given]
        self.nodes.append(helper.make_node(operator, names, [result], **attributes))
        return result

    def _named(self, value: Any) -> str:
        """Return the name of a result, or of the constant that a number becomes."""
        from onnx import numpy_helper

        if isinstance(value, str):
            return value
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(value, dtype=float), name))
        return name


def as_onnx(model: "Model") -> "ModelProto":
    """Return a model as an ONNX graph of float64 that does what `model.outputs` does.

    It takes raw samples X (N, n_0), and has the `outputs` a^L (N, K) and, if the run has classes,
    the class number of each sample, `label` (N,) of int64. Its notes are run_id, sweep,
    code_fingerprint and spec. Raises UserError for a network that ONNX cannot hold, or if
    onnxruntime finds other outputs for the test samples.
    """
    check_format("onnx")
    from onnx import TensorProto, helper

    where = f"run {model.run_id} cannot be exported to ONNX: "
    check_raw(model, where)
    op, classes = Operators(), model.parts["test"].labels is not None
    _forward(model, op, where)
    if classes:
        _label(op, model.net.sizes[-1])
    wide = [("outputs", TensorProto.DOUBLE, ["N", model.net.sizes[-1]])]
    long = [("label", TensorProto.INT64, ["N"])] if classes else []
    graph = helper.make_graph(
        op.nodes,
        f"run {model.run_id}",
        [helper.make_tensor_value_info("X", TensorProto.DOUBLE, ["N", model.net.sizes[0]])],
        [helper.make_tensor_value_info(*each) for each in wide + long],
        op.constants,
    )
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
        producer_name="mlp-experiments", producer_version=mlp.__version__,
    )  # fmt: skip
    helper.set_model_props(made, _notes(model))
    _compare(model, made, where)
    return made


def save_onnx(model: "Model", path: Path) -> None:
    """Write a model as an ONNX graph (see :func:`as_onnx`)."""
    Path(path).write_bytes(as_onnx(model).SerializeToString())


def _forward(model: "Model", op: Operators, where: str) -> None:
    """Add the standardisation and a^l = σ(W a^{l-1} + b) of each layer, the last as `outputs`."""
    layers = layers_of(model)
    if not all(np.isfinite(array).all() for layer in layers for array in layer):
        raise UserError(f"{where}it diverged, so its weights are not finite")
    a = op.Div(op.Sub("X", model.mean), scale_of(model)) if len(model.mean) else "X"
    for (w, b), activation in zip(layers, model.net.activations, strict=True):
        z = op.Gemm(a, w, b, transB=1)
        try:
            a = activation.onnx(op, z)
        except NotImplementedError:
            raise UserError(
                f"{where}its activation {activation.name} does not say its ONNX form; write the "
                "method `onnx` of its class (docs/howto/component.md), or use the format npz"
            ) from None
        except Exception as error:  # an own activation may do anything
            raise UserError(
                f"{where}the method `onnx` of its activation {activation.name} raises "
                f"{type(error).__name__}: {error}"
            ) from error
    op.Identity(a, result="outputs")


def _label(op: Operators, units: int) -> None:
    """Add the class of the largest output; one unit is the probability of class 1."""
    a = op.Concat(op.Sub(1, "outputs"), "outputs", axis=1) if units == 1 else "outputs"
    op.ArgMax(a, axis=1, keepdims=0, result="label")


def _notes(model: "Model") -> dict[str, str]:
    return {
        "run_id": model.run_id,
        "sweep": model.sweep,
        "code_fingerprint": core_fingerprint(),
        "spec": json.dumps(dict(model.spec)),
    }


def _compare(model: "Model", made: "ModelProto", where: str) -> None:
    """Raise UserError unless onnxruntime finds the outputs of the run for its test samples."""
    from onnxruntime import InferenceSession

    X = model.parts["test"].X.astype(float)
    if len(model.mean):
        X = X * scale_of(model) + model.mean
    try:
        session = InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        (found,) = session.run(["outputs"], {"X": X})
    except Exception as error:  # onnxruntime's own, of several classes
        raise UserError(f"{where}onnxruntime refuses it: {str(error).splitlines()[0]}") from error
    worst = np.abs(found - model.outputs(X)).max()
    if not worst <= TOLERANCE[model.net.dtype.name]:
        raise UserError(
            f"{where}onnxruntime's outputs differ from its own by up to {worst:.3g} for the test "
            f"samples, and {TOLERANCE[model.net.dtype.name]:g} is allowed"
        )
