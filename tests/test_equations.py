"""The equation check finds the note's slips by computing, and wrong code; N4-N6 on whole runs."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest

import mlp
from experiments import probes
from experiments.equations import EQUATIONS, equations_table, examples, oracle, write_equations
from experiments.equations.checking import (
    CENTRAL,
    COMPLEX,
    DIRECT,
    TOLERANCES,
    Check,
    Equation,
    UndefinedError,
    hadamard,
    judge,
    product,
    total,
)
from experiments.probes import start

NUMBERS = [*map(str, range(1, 31)), "after 30", *map(str, range(31, 40))]
DECLARED = [number for number in NUMBERS if number != "12"]

ELEMENTWISE = (
    "holds only for an elementwise output (fails for softmax; holds for sigmoid, identity)"
)
SLIPS = {  # from reading-the-note.md
    "7": "N+1 terms",
    "9": "N+1 terms",
    "25": ELEMENTWISE,
    "26": ELEMENTWISE,
    "32": "the argument of σ' is a, not z"
    f" (fails for sigmoid, softmax; holds for identity); {ELEMENTWISE}",
    "34": "shapes",
    "36": "shapes",
    "37": "shapes",
    "38": "the sum over j is missing",
    "39": "the left side lacks the sum over k",
}
WITHOUT_VALUE = {"7", "9", "34", "36", "37"}


@pytest.fixture(scope="module")
def table():
    return equations_table().set_index("number", drop=False)


# --- The table ----------------------------------------------------------------------------------


def test_every_number_once_in_the_notes_order(table):
    assert list(table["number"]) == NUMBERS
    assert set(SLIPS) < set(NUMBERS)


def test_the_slips_of_the_note_come_out(table):
    checked = table.drop("12")
    failing = checked[~checked["holds_as_printed"].astype(bool)]
    assert dict(failing["reason"]) == SLIPS
    assert (checked.drop(list(SLIPS))["reason"] == "").all()


def test_all_hold_as_corrected_and_the_empty_number_says_nothing(table):
    assert table.drop("12")["holds_as_corrected"].all()
    nothing = table.loc["12", ["holds_as_printed", "holds_as_corrected", "error_as_printed"]]
    assert nothing.isna().all()
    assert table.loc["12", "implemented_by"] == table.loc["12", "statement"] == ""


def test_what_fails_is_corrected_and_nothing_else(table):
    assert set(table.index[table["correction"] != ""]) == set(SLIPS)


def test_failures_are_gross_and_successes_are_rounding(table):
    without = table["error_as_printed"].isna()
    assert set(table.index[without]) == WITHOUT_VALUE | {"12"}
    assert (table.loc[sorted(set(SLIPS) - WITHOUT_VALUE), "error_as_printed"] > 0.1).all()
    central = table["method"].str.contains(CENTRAL)
    assert (table.loc[central, "error_as_corrected"] < TOLERANCES[CENTRAL]).all()
    assert (table.loc[~central, "error_as_corrected"].dropna() < TOLERANCES[DIRECT]).all()


def test_slips_beside_an_equation_are_remarked_and_leave_its_verdict(table):
    assert "from k = 0" in table.loc["10", "remark"]
    assert "minus should be a plus" in table.loc["after 30", "remark"]
    assert table.loc[["10", "after 30"], "holds_as_printed"].all()


def test_methods_are_the_known_ones(table):
    methods = {m for text in table.drop("12")["method"] for m in text.split(", ")}
    assert methods == {DIRECT, COMPLEX, CENTRAL}


def test_the_outputs_that_fail_are_those_with_a_full_jacobian(table):
    def is_full(name: str) -> bool:
        J = next(e.samples[0].da_dz for e in examples.examples() if e.output.name == name)
        return bool(np.any(J - np.diag(np.diagonal(J))))

    full = [name for name in ("sigmoid", "softmax", "identity") if is_full(name)]
    assert f"fails for {', '.join(full)}; holds" in table.loc["25", "reason"]


@pytest.mark.parametrize("number", DECLARED)
def test_the_implementing_function_exists_under_its_dotted_name(number):
    function = EQUATIONS[number].implemented_by
    package, module, *inside = EQUATIONS[number].dotted_name.split(".")
    assert package == "mlp"
    assert reduce(getattr, inside, importlib.import_module(f"{package}.{module}")) is function


@pytest.mark.parametrize("number", DECLARED)
def test_statements_and_corrections_are_mathematics(number):
    convert = pytest.importorskip("latex2mathml.converter").convert
    for latex in filter(None, (EQUATIONS[number].statement, EQUATIONS[number].correction)):
        mathml = convert(latex)
        assert mathml.startswith("<math")
        assert "\\" not in mathml


def test_the_file_has_the_same_bytes_each_time(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_equations(first)
    write_equations(second)
    assert first.read_bytes() == second.read_bytes()
    head = "number,statement,correction,implemented_by,holds_as_printed,holds_as_corrected,"
    assert first.read_text(encoding="utf-8").startswith(head)
    assert b"\r" not in first.read_bytes()


def test_pandas_is_imported_only_for_the_table():
    code = "import sys, experiments.equations, experiments.probes; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- Wrong code is found ------------------------------------------------------------------------


def spoilt(function: Callable) -> Callable:
    """Return a function that is wrong by a percent, in its result or in the buffers it fills."""

    backward = function is mlp.Pass.backward

    def wrong(*args, **kwargs):
        result, own = function(*args, **kwargs), args[0]
        if not isinstance(own, mlp.Pass):
            return spoilt_value(result)
        buffers = [*own.delta, *own.gradient.arrays()] if backward else [*own.z, *own.a]
        for array in buffers:
            array[:] = spoilt_value(array)
        return result

    return wrong


def spoilt_value(value):
    if isinstance(value, mlp.Parameters):
        return mlp.Parameters(
            [spoilt_value(w) for w in value.weights], [spoilt_value(b) for b in value.biases]
        )
    return value * 1.01 + 0.01


@pytest.mark.parametrize("number", DECLARED)
def test_an_equation_fails_where_its_function_is_wrong(number, monkeypatch):
    function = EQUATIONS[number].implemented_by
    *owner, name = function.__qualname__.split(".")
    place = reduce(getattr, owner, sys.modules[function.__module__])
    monkeypatch.setattr(place, name, spoilt(function))
    row = EQUATIONS[number].row()
    assert not row["holds_as_corrected"]
    assert row["holds_as_printed"] is False
    assert row["reason"]


def test_a_wrong_derivative_fails_wherever_it_is_used_and_nowhere_else(monkeypatch):
    monkeypatch.setattr(
        mlp.ACTIVATIONS["sigmoid"].__class__, "derivative", lambda s, z, a, o=None: a
    )
    failing = {n for n in DECLARED if not EQUATIONS[n].as_corrected().holds}
    assert failing == {"14", "25", "26", "27", "31", "32", "33", "34", "35", "36", "37"}


def test_the_delta_of_the_authors_program_fails(monkeypatch):
    """Its output delta was a - y for every cost."""

    def a_minus_y(self, activation, z, a, y, out=None):
        return np.subtract(a, y, out=out)

    monkeypatch.setattr(mlp.Cost, "delta", a_minus_y)
    failing = {n for n in DECLARED if not EQUATIONS[n].as_corrected().holds}
    assert {"31", "33", "34", "36", "37"} <= failing
    assert not {"32", "38", "39"} & failing


# --- The machinery ------------------------------------------------------------------------------


def test_nothing_can_hold_by_accident():
    for e in examples.examples():
        assert len(set(e.net.sizes)) == len(e.net.sizes)
        assert e.net.sizes[-1] >= 3
    assert examples.N > 1
    np.testing.assert_allclose(examples.Y.sum(axis=1), 1)
    assert {(e.cost.name, e.output.name) for e in examples.examples()} == set(oracle.COSTS)


def test_both_ways_of_differentiating_agree():
    s = examples.example("cross_entropy", "softmax").samples[0]
    for layer in s.W:
        exact = s.dc_dw(layer, oracle.complex_step)
        close = s.dc_dw(layer, oracle.central_differences)
        np.testing.assert_allclose(close, exact, rtol=1e-6, atol=1e-10)


def test_the_oracle_differentiates_a_known_function():
    x = np.array([1.0, 2.0])
    for differentiate in (oracle.complex_step, oracle.central_differences):
        J = differentiate(lambda v: np.array([v[0] * v[1], v[0] ** 3]), x)
        np.testing.assert_allclose(J, [[2, 1], [3, 0]], atol=1e-9)


def test_products_and_sums_that_do_not_exist():
    column = np.ones((3, 1))
    with pytest.raises(UndefinedError, match="shapes"):
        product(column, column)
    with pytest.raises(UndefinedError, match="shapes"):
        hadamard(column, column.T)
    with pytest.raises(UndefinedError, match=r"N\+1 terms"):
        total([1, 2], range(3))
    assert total([1, 2], range(1, 3)) == 3


def test_sides_of_different_shapes_are_not_compared():
    verdict = judge([Check(np.ones((2, 1)), np.ones((1, 2)), DIRECT)])
    assert (verdict.holds, verdict.undefined) == (False, "shapes")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_side_that_is_not_finite_does_not_hold(value):
    assert not judge([Check(np.array([1.0, value]), np.array([1.0, value]), DIRECT)]).holds


def test_two_zeros_are_equal():
    assert judge([Check(np.zeros(2), np.zeros(2), DIRECT)]) == (True, 0, "", (), ("",), (DIRECT,))


def test_a_slip_is_named_only_if_it_alone_makes_the_equation_fail():
    def form(harmless: bool, sign: bool):
        yield Check(1.0, 1.0 if sign else -1.0, DIRECT, "one")
        yield Check(0.0, 0.0, DIRECT, "zero")

    made = Equation("0", form=form, slips={"harmless": "harmless", "sign": "the sign"})
    assert not made.as_printed().holds
    assert made.as_corrected().holds
    assert made.reasons() == ["the sign (fails for one; holds for zero)"]


# --- N4: paths ----------------------------------------------------------------------------------

AGREES, PENALTY_ONLY, SAME_STEP = probes.VARIANTS
DEVIATIONS = (
    "logit_deviation",
    "output_deviation",
    "cost_deviation",
    "hidden_deviation",
    "hidden_gradient_deviation",
)


@pytest.fixture(scope="module")
def path():
    return probes.sigmoid_softmax_path(seeds=3, epochs=30)


def test_a_row_for_each_seed_variant_and_epoch(path):
    keys = {(row["seed"], row["variant"], row["epoch"]) for row in path}
    assert len(keys) == len(path) == 3 * 3 * 31


def test_cost_output_and_gradient_are_the_same_at_the_start(path):
    assert max(row[d] for row in path if row["epoch"] == 0 for d in DEVIATIONS) < 1e-13


def test_with_twice_the_step_and_half_the_penalty_the_paths_agree(path):
    assert max(row[d] for row in path if row["variant"] == AGREES for d in DEVIATIONS) < 1e-9


@pytest.mark.parametrize(
    ("variant", "least"), [(SAME_STEP, 1e-2), (PENALTY_ONLY, 1e-5)], ids=["step", "penalty"]
)
def test_otherwise_the_paths_part_from_the_first_epoch_on(path, variant, least):
    apart = [row for row in path if row["variant"] == variant and row["epoch"]]
    assert min(row["logit_deviation"] for row in apart) > least
    assert min(row["hidden_deviation"] for row in apart) > least / 10


def test_the_step_of_each_layer_is_the_only_difference_from_descent():
    part = probes.clusters(30, 2, "test")
    net = mlp.Network((2, 4, 2), "tanh", "softmax", "cross_entropy", "l2", 0.01)
    start = [net.initialize("fan_in", np.random.default_rng(s), n_train=30) for s in (0, 1)]
    ours, theirs = mlp.Parameters.stack(start), mlp.Parameters.stack(start)
    eta, lambda_ = np.array([0.3, 0.7]), np.array([0.01, 0.02])
    order = np.stack([np.random.default_rng(s).permutation(30) for s in (2, 3)])
    probes.LayerDescent(net, ours, part, 8, [eta] * 2, [lambda_] * 2).epoch(order)
    mlp.Descent(net, theirs, part, 8, lambda_=lambda_).epoch(order, eta)
    for mine, other in zip(ours.arrays(), theirs.arrays(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-14)


# --- N5: Heaviside ------------------------------------------------------------------------------


def test_below_a_heaviside_layer_only_the_penalty_remains():
    rows = probes.heaviside_gradients(epochs=5)
    cut = [row for row in rows if row["cut"]]
    above = [row for row in rows if not row["cut"]]
    for row in cut:
        assert row["data_gradient"] == row["penalty_excess"] == row["moved"] == 0.0
    for row in above:
        assert min(row["data_gradient"], row["penalty_excess"], row["moved"]) > 1e-3
        assert row["cost_after"] < row["cost_before"]
    pairs = {(row["cost"], row["output"]) for row in above}
    assert pairs == set(mlp.output_pairs())
    assert {row["layer"] for row in cut} == {1, 2}


# --- N6: a saturated start ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def saturated():
    return probes.saturated_start(logits=(4.0,), etas=(1.0, 3.0, 10.0), seeds=3, epochs=80)


def chosen(saturated, cost, output):
    pair = {"cost": cost, "output": output, "chosen": True}
    return [row for row in saturated.runs if pair.items() <= row.items()]


def test_mse_saturates_and_cross_entropy_does_not(saturated):
    arms = {pair: chosen(saturated, *pair) for pair in probes.PAIRS}
    norms = {pair: max(row["delta_norm"] for row in rows) for pair, rows in arms.items()}
    slowest = {pair: max(row["epochs"] for row in rows) for pair, rows in arms.items()}
    mse_sigmoid, mse_softmax, ce_softmax = probes.PAIRS
    assert norms[mse_softmax] < norms[mse_sigmoid] < 0.1 < 1 < norms[ce_softmax]
    assert slowest[ce_softmax] < min(row["epochs"] for row in arms[mse_sigmoid])
    assert slowest[mse_sigmoid] < min(row["epochs"] for row in arms[mse_softmax])


def test_a_run_that_does_not_recover_is_censored_not_dropped(saturated):
    assert len(saturated.runs) == 3 * 3 * 3
    assert all((row["epochs"] is not None) == row["recovered"] for row in saturated.runs)
    small_step = [row for row in saturated.runs if row["eta"] == 1.0]
    stuck = [row for row in small_step if not row["recovered"]]
    assert [(row["cost"], row["output"]) for row in stuck] == 3 * [("mse", "softmax")]


def test_curves_follow_the_chosen_step_size_from_all_wrong(saturated):
    assert len(saturated.curves) == 3 * 3 * 81
    assert {row["validation_accuracy"] for row in saturated.curves if row["epoch"] == 0} == {0.0}
    for pair in probes.PAIRS:
        (eta,) = {row["eta"] for row in chosen(saturated, *pair)}
        named = [row for row in saturated.curves if (row["cost"], row["output"]) == pair]
        assert {row["eta"] for row in named} == {eta}


def test_a_step_size_that_diverges_is_never_the_best():
    history = mlp.History(["validation_cost"], np.array([[[np.nan]], [[2.0]]]), None, None)
    assert start._best_eta([mlp.Replica(0, 0.1), mlp.Replica(0, 1.0)], history) == 1.0


def test_the_paths_depend_on_their_arguments_alone():
    small = {"seeds": 2, "epochs": 3}
    assert probes.sigmoid_softmax_path(**small) == probes.sigmoid_softmax_path(**small)
    again = [probes.saturated_start(logits=(4.0,), etas=(1.0,), **small) for _ in range(2)]
    assert again[0] == again[1]
