"""A network as an ONNX graph: onnxruntime is the other program that must find the same outputs."""

import json
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

import experiments
import mlp
from experiments.__main__ import main
from experiments.base import UserError
from experiments.results import Model, as_onnx, model
from experiments.training import core_fingerprint
from tests.conftest import HIDDEN
from tests.sweeps import Sweep, acts
from tests.test_model_export import RAW, made_model

OUTPUTS = sorted({output for _, output in mlp.output_pairs()})


def run(made: onnx.ModelProto | bytes, X: np.ndarray) -> dict[str, np.ndarray]:
    """Return all outputs of a graph by name."""
    made = made if isinstance(made, bytes) else made.SerializeToString()
    session = InferenceSession(made, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"X": X}), strict=True))


def compare(mine: Model, tolerance: float = 1e-6) -> None:
    made = as_onnx(mine)
    onnx.checker.check_model(made, full_check=True)
    found = run(made, RAW)
    np.testing.assert_allclose(found["outputs"], mine.outputs(RAW), rtol=0, atol=tolerance)
    np.testing.assert_array_equal(found["label"], mine.predict(RAW))
    assert (found["outputs"].dtype, found["label"].dtype) == (np.float64, np.int64)


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("K", [3, 2])
def test_onnxruntime_finds_the_same(hidden, output, K):
    compare(made_model(hidden, output, K))


@pytest.mark.parametrize("layers", [(5,), ()])
@pytest.mark.parametrize("output", ["sigmoid", "identity"])
def test_one_output_and_few_layers(output, layers):
    compare(made_model("tanh", output, 1, layers))


@pytest.mark.parametrize("name", mlp.ACTIVATIONS)
def test_every_activation_is_right_for_large_and_for_small_numbers(name):
    """A network of weights 1 and biases 0 is the activation itself; the truth is our own."""
    Z = np.linspace(-700, 700, 2801)[:, None] * [1, 1e-3, 1e-8]
    hidden, output = ("identity", name) if name in OUTPUTS else (name, "identity")
    mine = made_model(hidden, output, layers=(3,))
    for w, b in zip(mine.params.weights, mine.params.biases, strict=True):
        w[...], b[...] = np.eye(3), 0
    mine = replace(mine, spec={"standardise": False}, mean=np.empty(0), std=np.empty(0))
    with np.errstate(over="ignore", under="ignore"):
        expected = mlp.ACTIVATIONS[name](Z)
    np.testing.assert_allclose(run(as_onnx(mine), Z)["outputs"], expected, rtol=1e-13, atol=1e-15)


def test_a_run_of_float32_agrees_as_well_as_its_own_rounding_allows():
    mine = made_model()
    net = mlp.Network(mine.net.sizes, mine.net.hidden, cost="mse", dtype="float32")
    rounded = [
        [a.astype("f4") for a in arrays] for arrays in (mine.params.weights, mine.params.biases)
    ]
    compare(replace(mine, net=net, params=mlp.Parameters(*rounded)), tolerance=1e-4)


def test_values_have_no_label():
    mine = made_model(output="identity", parts={"test": mlp.Part(RAW[:30], np.zeros((30, 3)))})
    assert run(as_onnx(mine), RAW).keys() == {"outputs"}


def diverged() -> Model:
    mine = made_model()
    mine.params.biases[0][0] = np.nan
    return mine


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (made_model(mean=np.empty(0)), "missing values are filled before its first layer"),
        (diverged(), "it diverged, so its weights are not finite"),
    ],
    ids=["imputed", "diverged"],
)
def test_what_onnx_cannot_hold_is_said(mine, words):
    with pytest.raises(UserError, match=f"run ab12 cannot be exported to ONNX: {words}"):
        as_onnx(mine)


class Cube(mlp.Activation):
    """A user's own, σ(z) = z³."""

    name = "cube"

    def value(self, z, out=None):
        return np.power(z, 3, out=out)


class Wrong(Cube):
    def onnx(self, op, z):
        return op.Mul(z, z)


class Unknown(Cube):
    def onnx(self, op, z):
        return op.Cube(z)


class Raises(Cube):
    def onnx(self, op, z):
        raise RuntimeError("not today")


class Right(Cube):
    def onnx(self, op, z):
        return op.Pow(z, 3)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Cube, "its activation cube does not say its ONNX form; write the method `onnx` of"),
        (Wrong, r"outputs differ from its own by up to [\d.]+ for the test samples, and 1e-06 is"),
        (Unknown, "onnxruntime refuses it: .*Cube"),
        (Raises, "the method `onnx` of its activation cube raises RuntimeError: not today"),
        (Right, None),
    ],
)
def test_an_activation_of_ones_own_needs_the_right_form(monkeypatch, kind, words):
    monkeypatch.setitem(mlp.ACTIVATIONS._components, "cube", kind())
    if words is None:
        compare(made_model("cube"))
        return
    with pytest.raises(UserError, match=words) as found:
        as_onnx(made_model("cube"))
    assert "\n" not in str(found.value)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Return a small sweep that was trained and collected."""
    return Sweep(tmp_path_factory.mktemp("onnx"), acts("tanh", "gelu"), "small").finish()


def ask(sweep, *words) -> int:
    places = ["--results", str(sweep.results.parent), "--data", str(sweep.data)]
    return main(["model", *words, "--format", "onnx", *places])


BEST = ("--best", "--sweep", "small", "--study", "acts", "--dataset", "iris")


@pytest.mark.parametrize("hidden", ["tanh", "gelu"])
def test_the_command_writes_a_graph_that_tells_its_run(sweep, tmp_path, hidden):
    runs = experiments.load_results(sweep.results).runs
    run_id = runs[runs["hidden"] == hidden]["run_id"].iloc[0]
    path = tmp_path / "net.onnx"
    assert ask(sweep, run_id, "--out", str(path)) == 0
    found = model(sweep.results, run_id, sweep.data)
    X = np.random.default_rng(0).normal(found.mean, found.std, (40, 4))
    np.testing.assert_allclose(
        run(path.read_bytes(), X)["outputs"], found.outputs(X), rtol=0, atol=1e-6
    )
    notes = {note.key: note.value for note in onnx.load(path).metadata_props}
    assert notes.pop("spec") == json.dumps(dict(found.spec))
    assert notes == {"run_id": run_id, "sweep": "small", "code_fingerprint": core_fingerprint()}


def test_without_onnx_the_command_says_what_to_install(sweep, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("experiments.results.formats.find_spec", lambda name: None)
    assert ask(sweep, *BEST, "--out", str(tmp_path / "x.onnx")) != 0
    said = capsys.readouterr().err
    assert "the format onnx needs onnx and onnxruntime: pip install onnx onnxruntime" in said
    assert not (tmp_path / "x.onnx").exists()
