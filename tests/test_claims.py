"""The claims: rules that give each verdict on made-up numbers, and the file that holds them."""

import itertools
import json
import re
from math import nan
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy
import yaml
from hypothesis import given
from hypothesis import strategies as st

from experiments import claims, probes, schema, statistics
from experiments import equations as equation_check
from experiments.base.errors import ConfigError
from experiments.claims.declared import CLAIM_TESTS, CLAIMS
from experiments.claims.evidence import (
    ABSENT,
    FAILS,
    HOLDS,
    MIXED,
    OPEN,
    Evidence,
    both_p,
    fold,
    some_of_both_p,
)
from experiments.claims.explanations import Number
from experiments.claims.recorded import ranges
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from experiments.schema import CONFIGS, axis_label
from tests import staged

IDS = [f"N{i}" for i in range(1, 9)] + [f"S{i}" for i in range(1, 12)] + ["O1", "O2"]
SEEDS = 10
NOISE = 0.2 * np.resize([1.0, -1.0, 0.5, -0.5], SEEDS)

# kind: difference, low, high of ten values, with a margin of 1 point
PAIRS = {
    "better": (3.0, 2.0, 4.0),  # by a relevant amount
    "slight": (0.9, 0.2, 1.6),
    "negligible": (0.4, 0.1, 0.7),
    "equivalent": (0.1, -0.4, 0.6),
    "inconclusive": (0.8, -1.5, 3.1),
    "identical": (0.0, 0.0, 0.0),
    "absent": (nan, nan, nan),
}


def pair(dataset, kind, a="A", b="B", facet=""):
    """Return a row of a table of paired tests; -kind is the same in the other direction."""
    flip, kind = kind.startswith("-"), kind.removeprefix("-")
    difference, low, high = PAIRS[kind]
    if flip:
        difference, low, high = -difference, -high, -low
    spread = (high - low) / 2 * np.sqrt(SEEDS) / scipy.stats.t.ppf(0.975, SEEDS - 1)
    return {
        "dataset": dataset, "facet": facet, "a": a, "b": b, "n": 0 if kind == "absent" else SEEDS,
        "mean_a": 90 + difference, "mean_b": 90.0, "value_a": nan, "value_b": nan,
        "difference": difference, "low": low,
        "high": high, "spread": spread, "margin": 1.0, "verdict_kind": kind,
        "p": nan if kind == "identical" else float(statistics.t_p(SEEDS, difference, spread)),
        "tost_p": float(statistics.inside_p(SEEDS, difference, spread, 1.0)) if spread else nan,
    }  # fmt: skip


def config_of(datasets=("iris", "wine", "digits"), grid=None, **study):
    grid = grid or {"arm": [{"label": name, "eta": eta} for name, eta in (("A", 0.1), ("B", 0.2))]}
    study = {"datasets": list(datasets), "grid": grid, "compare": list(grid), **study}
    return schema.validate({"seeds": SEEDS, "studies": {"s": study}})


def judge(folder, made, rule, explanation="{effect:.1f} on {place}", **claim):
    """Return the row of one claim."""
    claim = {
        "id": "X", "statement": "so it is", "source": "here", "study": "s", "axis": "arm",
        "rule": rule, "explanation": explanation, **claim,
    }  # fmt: skip
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": [claim]}, sort_keys=False), encoding="utf-8")
    return claims.evaluate(Results(folder, made), path).iloc[0]


@pytest.fixture
def judge_pairs(tmp_path, monkeypatch):
    """Return a function that judges a rule by made-up tables of paired tests, without any runs."""
    monkeypatch.setattr(claims.judging, "basis", lambda *_: "10 seeds on one split")

    def run(rows, rule, config=None, shared=None, name="s-arm", **claim):
        (tmp_path / "tables").mkdir(exist_ok=True)
        for kind, table in (("tests", rows), ("shared", shared)):
            if table is not None:
                frame = pd.DataFrame(table)
                frame.to_csv(tmp_path / "tables" / f"{name}-{kind}.csv", index=False)
        return judge(tmp_path, config or config_of(), rule, **claim)

    return run


# --- From places to a verdict -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "agree", "expected"),
    [
        ("hhh", "all", HOLDS),
        ("hho", "all", OPEN),
        ("hho", "most", HOLDS),
        ("hhf", "most", MIXED),
        ("hoo", "most", OPEN),
        ("foo", "all", FAILS),  # one counterexample refutes "all"
        ("foo", "most", OPEN),
        ("ffo", "most", FAILS),
        ("hfo", "all", MIXED),
        ("moo", "all", MIXED),
        ("hoo", 1, HOLDS),
        ("ooo", "all", OPEN),
        ("hh-", "all", HOLDS),
        ("---", "all", ABSENT),
        ("hh", 3, ABSENT),
    ],
)
def test_datasets_fold_into_a_verdict(outcomes, agree, expected):
    names = {"h": HOLDS, "f": FAILS, "m": MIXED, "o": OPEN, "-": ABSENT}
    assert fold([names[o] for o in outcomes], agree, exceptions=False) == expected


def test_places_may_disagree_where_the_rule_says_so():
    three = [HOLDS, HOLDS, HOLDS, FAILS]
    assert fold(three, 0.75, exceptions=True) == HOLDS
    assert fold(three, 0.75, exceptions=False) == MIXED
    assert fold([HOLDS, HOLDS, FAILS, FAILS], 0.75, exceptions=True) == MIXED


OUTCOMES = st.lists(st.sampled_from([HOLDS, FAILS, MIXED, OPEN, ABSENT]))


@given(OUTCOMES, st.sampled_from(["all", "most", 1, 0.75]), st.randoms())
def test_outcomes_exclude_one_another_and_need_evidence(outcomes, agree, random):
    shuffled = random.sample(outcomes, len(outcomes))
    for exceptions in (True, False):
        found = fold(outcomes, agree, exceptions)
        assert found == fold(shuffled, agree, exceptions)
        seen = set(outcomes) - {ABSENT}
        if found == HOLDS:
            assert HOLDS in seen
            assert exceptions or not seen & {FAILS, MIXED}
        if found == FAILS:
            assert FAILS in seen
            assert HOLDS not in seen
        if found == MIXED:
            assert MIXED in seen or {HOLDS, FAILS} <= seen


# --- Tests of pairs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "size", "verdict"),
    [
        ("better better better", "any", "holds"),
        ("better negligible slight", "any", "holds"),
        ("-better -slight -negligible", "any", "contradicted"),
        ("better -better inconclusive", "any", "in part"),
        ("better better inconclusive", "any", "undecided"),
        ("inconclusive inconclusive inconclusive", "any", "undecided"),
        ("equivalent identical identical", "any", "undecided"),
        ("better better better", "relevant", "holds"),
        ("better slight better", "relevant", "undecided"),
        ("negligible equivalent identical", "relevant", "contradicted"),
        ("better negligible better", "relevant", "in part"),
        ("inconclusive inconclusive better", "relevant", "undecided"),
        ("absent absent better", "any", "holds"),
        ("absent absent absent", "any", "not run"),
    ],
)
def test_better(judge_pairs, kinds, size, verdict):
    rows = [pair(d, k) for d, k in zip(("iris", "wine", "digits"), kinds.split(), strict=True)]
    rule = {"test": "better", "a": "A", "b": "B", "size": size}
    assert judge_pairs(rows, rule)["verdict"] == verdict


@pytest.mark.parametrize("kind", [*PAIRS, *(f"-{kind}" for kind in PAIRS)])
def test_better_reads_a_pair_in_either_order(judge_pairs, kind):
    rule = {"test": "better", "a": "A", "b": "B"}
    config = config_of(["iris"])
    turned = kind.removeprefix("-") if kind.startswith("-") else f"-{kind}"
    one = judge_pairs([pair("iris", kind)], rule, config)
    other = judge_pairs([pair("iris", turned, "B", "A")], rule, config)
    pd.testing.assert_series_equal(one, other)


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ("equivalent negligible identical", "holds"),
        ("better -better better", "contradicted"),
        ("better equivalent inconclusive", "in part"),
        ("slight equivalent equivalent", "undecided"),  # significant, but not outside
        ("inconclusive inconclusive inconclusive", "undecided"),
    ],
)
def test_equivalent(judge_pairs, kinds, verdict):
    rows = [pair(d, k) for d, k in zip(("iris", "wine", "digits"), kinds.split(), strict=True)]
    assert judge_pairs(rows, {"test": "equivalent"})["verdict"] == verdict


def test_equivalent_in_several_facets_and_at_the_shared_step(judge_pairs):
    arms = [{"label": name, "eta": eta} for name, eta in (("A", 0.1), ("B", 0.2))]
    config = config_of(["iris"], {"arm": arms, "epochs": [40, 120, 7]}, compare="arm")
    rule = {"test": "equivalent", "facets": {"epochs": [40, 120]}, "steps": ["tuned", "shared"]}
    kinds = {"epochs 40": "equivalent", "epochs 120": "equivalent", "epochs 7": "-better"}
    rows = [pair("iris", kind, facet=facet) for facet, kind in kinds.items()]
    assert judge_pairs(rows, rule, config, shared=rows)["verdict"] == "holds"
    kinds["epochs 120"] = "better"
    shared = [pair("iris", kind, facet=facet) for facet, kind in kinds.items()]
    found = judge_pairs(rows, rule, config, shared=shared)
    assert (found["verdict"], found["datasets"]) == ("in part", "in part on iris")
    assert found["explanation"] == "3.0 on iris, epochs 120, one step size for all"


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("better", "holds"),
        ("equivalent", "holds"),
        ("-negligible", "holds"),
        ("-better", "contradicted"),
        ("-slight", "undecided"),
        ("inconclusive", "undecided"),
    ],
)
def test_not_worse(judge_pairs, kind, verdict):
    found = judge_pairs(
        [pair("iris", kind)], {"test": "not_worse", "a": "A", "b": "B"}, config_of(["iris"])
    )
    assert found["verdict"] == verdict


THREE = {"hidden": ["relu", "tanh", "heaviside"]}


@pytest.mark.parametrize(
    ("rt", "rh", "arm", "place", "verdict"),
    [
        ("better", "better", "relu", "first", "holds"),
        ("inconclusive", "better", "relu", "first", "undecided"),
        ("-better", "better", "relu", "first", "contradicted"),
        ("-better", "-better", "relu", "last", "holds"),
        ("better", "-better", "relu", "last", "contradicted"),
        ("identical", "-better", "relu", "last", "undecided"),
    ],
)
def test_best_of(judge_pairs, rt, rh, arm, place, verdict):
    rows = [pair("iris", rt, "relu", "tanh"), pair("iris", rh, "relu", "heaviside")]
    rule = {"test": "best_of", "arm": arm, "place": place}
    found = judge_pairs(rows, rule, config_of(["iris"], THREE), name="s-hidden", axis="hidden")
    assert found["verdict"] == verdict
    assert found["comparison"] == "s-hidden"


@pytest.mark.parametrize(
    ("steps", "ends", "verdict"),
    [
        (("better", "better"), "better", "holds"),
        (("better", "equivalent"), "better", "holds"),  # a plateau
        (("-negligible", "better"), "better", "holds"),
        (("better", "-better"), "better", "in part"),
        (("-better", "inconclusive"), "inconclusive", "contradicted"),
        (("inconclusive", "inconclusive"), "inconclusive", "undecided"),
        (("-better", "-better"), "-better", "contradicted"),
    ],
)
def test_trend_sorts_arms_as_numbers(judge_pairs, steps, ends, verdict):
    config = config_of(["iris"], {"layers": [[10], [1], [5]]})
    rows = [
        pair("iris", steps[0], "5", "1"),
        pair("iris", steps[1], "10", "5"),
        pair("iris", ends, "10", "1"),
    ]
    rule = {"test": "trend", "direction": "rises"}
    claim = {"name": "s-layers", "axis": "layers"}
    assert judge_pairs(rows, rule, config, **claim)["verdict"] == verdict
    turned = [
        pair(r["dataset"], k, r["b"], r["a"]) for r, k in zip(rows, (*steps, ends), strict=True)
    ]
    rule["direction"] = "falls"
    assert judge_pairs(turned, rule, config, **claim)["verdict"] == verdict


# --- Tests by seed ----------------------------------------------------------------------------


def write_runs(folder, config, accuracy, quantity=None, epochs=(0, 30)):
    """Write runs and curves of a config with made-up accuracies (per cent) and quantities.

    `accuracy(study, dataset, labels, epoch)` and `quantity(labels, epoch)` are without noise.
    """
    runs, curves = [], []
    for name, study in config.studies.items():
        for dataset, *values in itertools.product(study.datasets, *study.grid.values()):
            labels = dict(zip(study.grid, map(axis_label, values), strict=True))
            for seed in range(SEEDS):
                run = f"{len(runs):06d}"
                for epoch in epochs:
                    value = accuracy(name, dataset, labels, epoch) + NOISE[seed] * len(run) / 6
                    row = {"run_id": run, "epoch": epoch, "test_accuracy": value / 100}
                    row |= quantity(labels, epoch) if quantity else {}
                    curves.append(row)
                runs.append(
                    {"run_id": run, "study": name, "dataset": dataset, "seed": seed,
                     "status": "ok", "split": "fixed", "labels": json.dumps(labels),
                     "test_accuracy": value / 100, "validation_accuracy": value / 100,
                     "validation_cost": 1.0}
                )  # fmt: skip
    runs = pd.DataFrame(runs)
    rng = np.random.default_rng(1)  # so that arms differ by more than a constant
    runs["test_accuracy"] += 0.001 * rng.standard_normal(len(runs))
    runs.assign(stage="tune").to_parquet(folder / "runs.parquet")
    pd.DataFrame(curves).to_parquet(folder / "curves.parquet")


@pytest.fixture
def judge_runs(tmp_path):
    """Return a function that judges a rule by made-up runs."""

    def run(config, rule, accuracy=lambda *_: 90.0, quantity=None, epochs=(0, 30), **claim):
        write_runs(tmp_path, config, accuracy, quantity, epochs)
        return judge(tmp_path, config, rule, **claim)

    return run


SCHEDULES = {"schedule": ["constant", "inverse"]}


@pytest.mark.parametrize(
    ("last", "below", "verdict"),
    [
        (0.05, {"epoch": 1, "times": 0.1}, "holds"),
        (0.5, {"epoch": 1, "times": 0.1}, "contradicted"),
        (0.05, {"arm": "constant"}, "holds"),
        (2.0, {"arm": "constant"}, "contradicted"),
        (1.0, {"arm": "constant"}, "undecided"),  # equal: neither below nor above
        (0.0, 0.1, "contradicted"),  # not above 0
        (0.05, 0.1, "holds"),
    ],
)
def test_recorded(judge_runs, last, below, verdict):
    def quantity(labels, epoch):
        falls = labels["schedule"] == "inverse" and epoch > 1
        noise = 1e-9 * (epoch > 1)
        return {"step_size": nan if epoch == 0 else (last - noise if falls else 1.0)}

    rule = {
        "test": "recorded", "quantity": "step_size", "arm": "inverse", "above": 0.0, "below": below,
    }  # fmt: skip
    if last == 1.0:
        rule, quantity = {**rule, "above": None}, lambda *_: {"step_size": 1.0}
    found = judge_runs(
        config_of(["iris"], SCHEDULES), rule, quantity=quantity, epochs=(0, 1, 30), axis="schedule"
    )
    assert found["verdict"] == verdict


def test_recorded_looks_at_every_layer_and_says_which_decides(judge_runs):
    def quantity(labels, epoch):
        small = labels["init"] == "default"
        return {
            "weight_rms_1": 0.1 if small else 1.0,
            "weight_rms_2": 2.0 if small else 1.0,
            "weight_rms_3": nan,
        }

    rule = {
        "test": "recorded", "quantity": "weight_rms_*", "arm": "default", "epoch": 0,
        "below": {"arm": "large"},
    }  # fmt: skip
    explanation = "{quantity}: {value:.1f} against {reference:.1f}, {ratio:.1f}; {held}/{places}"
    found = judge_runs(
        config_of(["iris", "wine"], {"init": ["large", "default"]}),
        rule, explanation=explanation, quantity=quantity, axis="init",
    )  # fmt: skip
    assert found["verdict"] == "in part"
    assert found["explanation"] == "weight_rms_2: 2.0 against 1.0, 2.0; 2/4"


@pytest.mark.parametrize(
    ("level", "verdict"),
    [(75, "holds"), (85, "contradicted"), (60, "contradicted"), (80, "undecided")],
)
def test_recorded_accuracies_are_in_per_cent_and_may_lie_between(judge_runs, level, verdict):
    rule = {
        "test": "recorded", "quantity": "test_accuracy", "arm": "A", "above": 70.0, "below": 80.0,
    }  # fmt: skip
    found = judge_runs(config_of(["iris"]), rule, lambda *_: level)
    assert found["verdict"] == verdict


@pytest.mark.parametrize(("epoch", "verdict"), [(10, "not run"), (30, "holds"), (0, "holds")])
def test_recorded_takes_no_earlier_epoch_for_one_that_was_not_measured(judge_runs, epoch, verdict):
    """Some of the runs, those of one place, were measured after epochs 0 and 30 only."""

    def quantity(labels, epoch):
        return {"logit_rms": nan if labels["layers"] == "5" and epoch == 10 else 2.0}

    rule = {"test": "recorded", "quantity": "logit_rms", "arm": "0.1", "epoch": epoch, "above": 1}
    found = judge_runs(
        config_of(["iris"], ETAS), rule, quantity=quantity, epochs=(0, 10, 30), axis="eta"
    )
    assert found["verdict"] == verdict
    if epoch == 10:
        assert "logit_rms was not measured after epoch 10" in found["explanation"]


ETAS = {"eta": [0.001, 0.01, 0.1], "layers": [[5], [10]]}


@pytest.mark.parametrize(
    ("gains", "average", "verdict"),
    [
        ((60, 80, 85), True, "holds"),
        ((60, 65, 85), True, "contradicted"),
        ((60, 70, 80), True, "undecided"),
        ((60, 80, 85), False, "holds"),
    ],
)
def test_contrast(judge_runs, gains, average, verdict):
    levels = dict(zip(("0.001", "0.01", "0.1"), gains, strict=True))
    rule = {
        "test": "contrast", "sign": "negative", "average": average,
        "weights": {"0.1": 1, "0.01": -2, "0.001": 1},
    }  # fmt: skip
    found = judge_runs(
        config_of(["iris"], ETAS), rule, lambda _s, _d, labels, _e: levels[labels["eta"]],
        axis="eta",
    )  # fmt: skip
    assert found["verdict"] == verdict


@pytest.mark.parametrize(
    ("per_eta", "per_layer", "verdict"),
    [(1, 10, "holds"), (10, 1, "contradicted"), (5, 5, "undecided")],
)
def test_matters_less(judge_runs, per_eta, per_layer, verdict):
    def accuracy(_s, _d, labels, _e):
        return 50 + per_eta * (labels["eta"] == "0.1") + per_layer * (labels["layers"] == "10")

    rule = {"test": "matters_less", "than": "layers"}
    explanation = "{spread:.0f} against {other_spread:.0f}"
    found = judge_runs(
        config_of(["iris"], ETAS), rule, accuracy, axis="eta", explanation=explanation
    )
    assert found["verdict"] == verdict
    assert found["explanation"] == f"{per_eta} against {per_layer}"


def test_ranges_over_axes_of_different_length_are_compared_fairly():
    """Two axes that matter equally: about one sweep in twenty may say otherwise, not a third."""
    rng = np.random.default_rng(2)
    index = pd.MultiIndex.from_product(
        [range(SEEDS), range(9), range(4)], names=["split", "long", "short"]
    )
    runs, p = index.to_frame(index=False), []
    signal = 50.0 * ((runs["long"] == 0).astype(float) + (runs["short"] == 0))
    for _ in range(150):
        runs["value"] = signal + rng.standard_normal(len(runs))
        x = ranges(runs, "long") - ranges(runs, "short")
        p.append(statistics.sign_flip_p(x))
    assert 0.01 < np.mean(np.array(p) <= 0.05) < 0.1


@pytest.mark.parametrize(("lead", "verdict"), [(0.0, "holds"), (5.0, "contradicted")])
def test_among_best(judge_runs, lead, verdict):
    def accuracy(_s, _d, labels, _e):
        best = labels == {"eta": "0.1", "layers": "10"}
        return 80 + 3 * (labels["layers"] == "10") + lead * best

    rule = {"test": "among_best", "cell": {"layers": [10], "eta": 0.01}}
    explanation = "{cell} of {cells}: {best}, {best_mean:.0f} against {cell_mean:.0f}"
    found = judge_runs(
        config_of(["iris"], ETAS), rule, accuracy, axis="eta", explanation=explanation
    )
    assert found["verdict"] == verdict
    if lead:
        assert found["explanation"] == "layers 10, eta 0.01 of 6: layers 10, eta 0.1, 88 against 83"


def test_runs_that_are_not_finite_decide_nothing(judge_runs):
    rule = {"test": "recorded", "quantity": "logit_rms", "arm": "A", "above": 1.0}
    found = judge_runs(config_of(["iris"]), rule, quantity=lambda *_: {"logit_rms": np.inf})
    assert found["verdict"] == "undecided"
    assert found["explanation"] == "– on iris"


# --- Tests that need no study -----------------------------------------------------------------

NOTHING = {"study": "", "axis": ""}


@pytest.mark.parametrize(
    ("printed", "corrected", "verdict"),
    [
        ((True, True, True), (True, True, True), "holds"),
        ((True, False, True), (True, True, True), "right once corrected"),
        ((False, False, False), (True, True, True), "right once corrected"),
        ((True, False, True), (True, False, True), "contradicted"),
    ],
)
def test_equations(tmp_path, printed, corrected, verdict):
    table = pd.DataFrame(
        {
            "number": ["24", "25", "after 30", "31", "12"],
            "holds_as_printed": [False, *printed, None],
            "holds_as_corrected": [False, *corrected, None],
            "error_as_corrected": [1.0, 1e-9, 1e-12, 1e-10, None],
        }
    )
    table.to_csv(tmp_path / "equations.csv", index=False)
    explanation = "{as_printed} of {total}; {slips}; {error:.0e}{beside}"
    found = judge(tmp_path, config_of(), {"test": "equations", "first": 25}, explanation, **NOTHING)
    assert found["verdict"] == verdict
    assert found["effect"] == printed.count(False)
    if printed == (True, False, True) and all(corrected):
        assert found["explanation"] == (
            "2 of 2; (after 30); 1e-09; the display after (30), which has no number, holds once "
            "corrected"
        )


def test_equations_are_computed_where_the_sweep_has_none(tmp_path, monkeypatch):
    table = pd.DataFrame(
        {"number": ["1"], "holds_as_printed": [True], "holds_as_corrected": [True],
         "error_as_corrected": [0.0]}
    )  # fmt: skip
    monkeypatch.setattr(equation_check, "equations_table", lambda: table)
    found = judge(tmp_path, config_of(), {"test": "equations"}, "all {total}", **NOTHING)
    assert (found["verdict"], found["explanation"]) == ("holds", "all 1")
    rule = {"test": "equations", "last": 99}
    assert judge(tmp_path, config_of(), rule, "-", **NOTHING)["verdict"] == "not run"


def path_rows(start=1e-15, together=1e-13, apart=0.1):
    names = ("output", "cost", "hidden_gradient", "logit", "hidden")
    rows = []
    for (step, penalty), epoch in itertools.product([(2, 0.5), (2, 1), (1, 1)], (0, 40)):
        equal = (step, penalty) == (2, 0.5)
        value = start if epoch == 0 else together if equal else apart
        row = {"seed": 0, "output_step": step, "output_penalty": penalty, "epoch": epoch}
        rows.append(row | {f"{name}_deviation": value for name in names})
    return rows


@pytest.mark.parametrize(
    ("deviations", "verdict"),
    [
        ({}, "holds"),
        ({"together": 0.1}, "in part"),
        ({"start": 0.1, "together": 0.1}, "contradicted"),
        ({"apart": 1e-12}, "undecided"),
    ],
)
def test_path(tmp_path, monkeypatch, deviations, verdict):
    monkeypatch.setattr(probes, "sigmoid_softmax_path", lambda: path_rows(**deviations))
    assert judge(tmp_path, config_of(), {"test": "path"}, **NOTHING)["verdict"] == verdict


@pytest.mark.parametrize(
    ("gradient", "after", "verdict"),
    [(0.0, 0.1, "holds"), (0.0, 0.9, "in part"), (1e-12, 0.1, "contradicted")],
)
def test_zero_gradient(tmp_path, monkeypatch, gradient, after, verdict):
    net = {"hidden": "heaviside", "cost": "mse", "output": "softmax"}
    ends = {"penalty_excess": 0.0, "moved": 0.0, "cost_before": 0.5, "cost_after": after}
    rows = [
        {**net, **ends, "cut": True, "data_gradient": gradient},
        {**net, **ends, "cut": False, "data_gradient": 0.2, "moved": 1.0},
    ]
    monkeypatch.setattr(probes, "heaviside_gradients", lambda: rows)
    found = judge(tmp_path, config_of(), {"test": "zero_gradient"}, **NOTHING)
    assert found["verdict"] == verdict


def saturated(slow, fast, slow_free=2, fast_free=2, seeds=SEEDS):
    """Return what probes.saturated_start returns, with these mean epochs until recovery."""
    epochs = {("mse", 4): slow, ("mse", 0): slow_free, ("ce", 4): fast, ("ce", 0): fast_free}
    runs = [
        {"cost": cost, "output": "softmax", "logit": logit, "seed": seed, "chosen": chosen,
         "delta_norm": 0.1, "epochs": None if mean is None else mean + seed % 2}
        for (cost, logit), mean in epochs.items()
        for seed in range(seeds)
        for chosen in (True, False)
    ]  # fmt: skip
    return SimpleNamespace(runs=runs, curves=[{"epoch": 100}])


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        ({"slow": 20, "fast": 5}, "holds"),
        ({"slow": None, "fast": 5}, "holds"),  # never recovered
        ({"slow": 5, "fast": 20}, "contradicted"),
        ({"slow": 20, "fast": 5, "slow_free": 30, "fast_free": 5}, "in part"),  # always slower
        ({"slow": 5, "fast": 5}, "undecided"),
    ],
)
def test_saturated_start(tmp_path, monkeypatch, start, verdict):
    monkeypatch.setattr(probes, "saturated_start", lambda: saturated(**start))
    rule = {"test": "saturated_start", "slow": [["mse", "softmax"]], "fast": ["ce", "softmax"]}
    assert judge(tmp_path, config_of(), rule, **NOTHING)["verdict"] == verdict
    rule["fast"] = ["huber", "softmax"]
    assert judge(tmp_path, config_of(), rule, **NOTHING)["verdict"] == "not run"


def test_a_definition_is_not_tested(tmp_path):
    found = judge(tmp_path, config_of(), {"test": "definition"}, "So it is.", **NOTHING)
    assert (found["verdict"], found["explanation"]) == ("not tested", "So it is.")


def test_the_real_paths_support_what_they_must(tmp_path):
    for rule in ({"test": "path"}, {"test": "zero_gradient"}):
        assert judge(tmp_path, config_of(), rule, **NOTHING)["verdict"] == "holds"


# --- What a row says --------------------------------------------------------------------------


def test_the_verdict_shows_where_the_claim_holds(judge_pairs):
    rows = [pair("digits", "inconclusive"), pair("iris", "better"), pair("wine", "-better")]
    found = judge_pairs(rows, {"test": "better", "a": "A", "b": "B"}, agree="most")
    assert found["verdict"] == "in part"
    assert found["datasets"] == "holds on iris; fails on wine; open on digits"
    assert found["comparison"] == "s-arm"
    assert tuple(found[["effect", "low", "high"]]) == (-3.0, -4.0, -2.0)
    assert found["p"] == pytest.approx(rows[2]["p"])


def test_a_rule_of_several_parts_names_their_numbers(judge_pairs):
    rows = [
        pair("iris", "better", "relu", "tanh"),
        pair("iris", "better", "relu", "heaviside"),
        pair("iris", "equivalent", "tanh", "heaviside"),
    ]
    rule = [
        {"test": "best_of", "name": "first", "arm": "relu"},
        {"test": "equivalent", "name": "rest", "arms": ["tanh", "heaviside"]},
    ]
    config = config_of(["iris"], THREE)
    explanation = "{first.effect:+.1f}, {rest.effect:+.1f}, {held} of {places}, {rest.a}"
    both = judge_pairs(rows, rule, config, name="s-hidden", axis="hidden", explanation=explanation)
    assert (both["verdict"], both["test"]) == ("holds", "best_of + equivalent")
    assert both["explanation"] == "+3.0, +0.1, 2 of 2, tanh"
    rows[2] = pair("iris", "better", "tanh", "heaviside")
    one = judge_pairs(rows, rule, config, name="s-hidden", axis="hidden")
    assert one["verdict"] == "in part"


def test_numbers_show_nothing_as_a_dash_and_no_negative_zero():
    assert f"{Number(nan):+.2f}" == "–"
    assert f"{Number(-0.04):+.1f}" == "+0.0"
    assert f"{Number(-0.4):+.1f}" == "-0.4"
    assert f"{Number(1234.5):,.0f}" == "1,234"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"study": "other"}, "the study other is not part"),
        ({"axis": "hidden"}, "does not compare the values of 'hidden'"),
        ({"datasets": ["ising_*"]}, r"no results of the study on ising_\*"),
        ({"rule": {"test": "better", "a": "A", "b": "C"}}, "no arm 'C'"),
        ({"rule": {"test": "equivalent", "facets": {"epochs": 3}}}, "nothing with epochs 3"),
        ({"rule": {"test": "equivalent", "steps": ["shared"]}}, "no table s-arm-shared.csv"),
        ({"agree": 4}, "too few"),
    ],
)
def test_what_the_config_lacks_is_not_run(judge_pairs, change, reason):
    rule = change.pop("rule", {"test": "better", "a": "A", "b": "B"})
    found = judge_pairs([pair(d, "better") for d in ("iris", "wine")], rule, **change)
    assert found["verdict"] == "not run"
    assert re.search(reason, found["explanation"])
    assert np.isnan(found["effect"])


def test_a_pair_that_the_study_does_not_declare_is_not_run(judge_pairs):
    rows = [pair("iris", "better", "relu", "tanh")]
    rule = {"test": "best_of", "arm": "relu"}
    found = judge_pairs(rows, rule, config_of(["iris"], THREE), name="s-hidden", axis="hidden")
    assert found["explanation"] == "Not run: the study s does not declare the pair relu, heaviside."


# --- The file of claims -----------------------------------------------------------------------


def test_every_claim_stands_once_and_in_order():
    assert [claim.id for claim in claims.load_claims()] == IDS


def test_the_files_head_names_every_test():
    head = CLAIMS.read_text(encoding="utf-8").split("claims:")[0]
    assert set(CLAIM_TESTS) <= set(re.findall(r"\w+", head))


GOOD = {"test": "better", "a": "A", "b": "B"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": {**GOOD, "test": "beter"}}, r"\(X\)\.rule\[0\]\.test: .*mean 'better'"),
        ({"rule": {**GOOD, "sise": "any"}}, r"\(X\)\.rule\[0\]\.sise: .*mean 'size'"),
        ({"rule": [GOOD, {**GOOD, "size": "huge"}]}, r"rule\[1\]\.size: .*'any' or 'relevant'"),
        ({"rule": {"test": "better", "a": "A"}}, r"rule\[0\]\.b: this key is required"),
        ({"rule": {"a": "A"}}, r"rule\[0\]: needs the key 'test'"),
        ({"rule": []}, r"\(X\)\.rule: "),
        ({"rule": {"test": "recorded", "quantity": "q", "arm": "A"}}, "give a bound"),
        ({"rule": [{**GOOD, "name": "p"}]}, r"rule\[0\]\.name: 'p' is the name of a field"),
        ({"rule": [{**GOOD, "name": "x"}] * 2}, r"rule\[1\]\.name: 'x' stands twice"),
        ({"study": ""}, r"\(X\)\.study: the test better needs a study"),
        ({"agree": 1.5}, r"\(X\)\.agree"),
        ({"agre": "all"}, r"\(X\)\.agre: .*mean 'agree'"),
        ({"explanation": "{efect:.1f}"}, r"explanation: unknown field 'efect'.*mean 'effect'"),
        ({"explanation": "{effect.real}"}, "unknown field"),
        ({"explanation": "{effect"}, "not a template"),
        ({"id": ""}, r"claims\[0\]\.id"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_place(tmp_path, change, message):
    claim = {
        "id": "X", "statement": "so", "source": "here", "study": "s", "axis": "arm", "rule": GOOD,
        "explanation": "{effect:.1f}", **change,
    }  # fmt: skip
    path = tmp_path / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": [claim]}, sort_keys=False), encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as error:
        claims.load_claims(path)
    assert str(error.value).startswith(f"{path}: claims[0]")


@pytest.mark.parametrize("text", ["", "claims: 3", "- 1", "claims: [3]", "claims: [{id: [1]}]"])
def test_other_content_is_refused(tmp_path, text):
    path = tmp_path / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(str(path))):
        claims.load_claims(path)


def test_an_id_given_twice_and_a_missing_file_are_refused(tmp_path):
    path = tmp_path / "claims.yaml"
    claim = "{id: X, statement: s, source: h, rule: {test: definition}, explanation: e}"
    path.write_text(f"claims: [{claim}, {claim}]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"claims\[1\]\.id: 'X' stands twice"):
        claims.load_claims(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        claims.load_claims(tmp_path / "none.yaml")


def test_a_format_that_does_not_fit_is_named(judge_pairs):
    with pytest.raises(ConfigError, match="explanation of claim X"):
        judge_pairs([pair("iris", "better")], GOOD, explanation="{place:.1f}")


# --- All claims on a whole sweep --------------------------------------------------------------

LAMBDAS, NEURONS, ETA_VALUES = [0.001, 0.01, 1.0], [[1], [5], [10], [20]], [0.001, 0.01, 0.1]
COST_PAIRS = [
    {"label": "CE + softmax", "cost": "cross_entropy", "output": "softmax"},
    {"label": "MSE + sigmoid", "cost": "mse", "output": "sigmoid"},
]
GRIDS = {
    "init": ({"init": ["large", "default", "fan_in"], "epochs": [40, 120]}, "init"),
    "schedules": (SCHEDULES, "schedule"),
    "costs": ({"pair": COST_PAIRS}, "pair"),
    "hidden": ({"pair": COST_PAIRS, "hidden": ["sigmoid", "relu", "tanh", "heaviside"]}, "hidden"),
    "lambda_eta": ({"lambda": LAMBDAS, "eta": ETA_VALUES}, ["lambda", "eta"]),
    "lambda_neurons": ({"lambda": LAMBDAS, "layers": NEURONS}, ["lambda", "layers"]),
    "neurons_fraction": (
        {"layers": NEURONS, "train_fraction": [0.1, 0.5, 0.9]}, ["layers", "train_fraction"],
    ),
    "neurons_eta": ({"layers": NEURONS, "eta": ETA_VALUES}, ["layers", "eta"]),
    "lambda_batch": ({"lambda": LAMBDAS, "batch_size": [5, 10, 20]}, ["lambda", "batch_size"]),
    "optimal": ({"hidden": ["sigmoid", "relu", "tanh"], "pair": COST_PAIRS}, "hidden"),
    "logistic": ({"layers": [[], [10]]}, "layers"),
}  # fmt: skip


def as_claimed(study, _dataset, labels, epoch):
    """Return accuracies of which all the claims of the companion study are true."""
    get = labels.get
    ranks = {"0.001": 2, "0.01": 1, "1": 0, "5": 6, "10": 6, "20": 6, "0.1": 6}
    level = {
        "init": 90 + 2 * (get("init") == "large"),
        "schedules": 90,
        "costs": 98 if get("pair") == "CE + softmax" else 75,
        "hidden": {"sigmoid": 92, "tanh": 88, "heaviside": 70}.get(get("hidden"), 92)
        + 3 * (get("hidden") == "relu" and get("pair") == "MSE + sigmoid"),
        "lambda_eta": 90 if (get("lambda"), get("eta")) == ("0.01", "0.01") else 80,
        "lambda_neurons": 70 + 3 * ranks.get(get("lambda"), 0) + ranks.get(get("layers"), 0),
        "neurons_fraction": 70 + 3 * ranks.get(get("layers"), 0) + (get("train_fraction") == "0.9"),
        "neurons_eta": {"0.001": 60, "0.01": 80, "0.1": 82}.get(get("eta"), 0)
        - 9 * (get("layers") == "1"),
        "lambda_batch": 70 + 3 * ranks.get(get("lambda"), 0),
        "optimal": 90 + 3 * (get("hidden") == "tanh"),
        "logistic": 80 + 9 * (get("layers") == "10"),
    }[study]
    return level if epoch else 50.0


def the_other_way(study, dataset, labels, epoch):
    """Return accuracies of which all the claims of the companion study are false."""
    if study == "lambda_batch":
        return 90 - 5 * (labels["batch_size"] == "20")
    if study == "costs":
        return 60.0 if labels["pair"] == "CE + softmax" or not epoch else 90.0
    if study == "lambda_eta":
        return 80 - 5 * (labels == {"lambda": "0.01", "eta": "0.01"})
    if study == "neurons_fraction":
        return 70 + 9 * (labels["train_fraction"] == "0.9") + (labels["layers"] == "1")
    if study == "neurons_eta":
        return 50 + 20 * (labels["eta"] == "0.1") + 5 * (labels["layers"] == "20")
    if study == "hidden":
        return 90 + 5 * (labels["hidden"] in ("heaviside", "sigmoid"))
    return 150 - as_claimed(study, dataset, labels, epoch) if epoch else 50.0


def whole_sweep(folder, accuracy):
    """Return results of a sweep with all studies, on data called as the companion's is."""
    datasets = {"ising_described": {"source": "digits"}}
    studies = {
        name: {"datasets": list(datasets), "grid": grid, "compare": compare}
        for name, (grid, compare) in GRIDS.items()
    }
    config = schema.validate({"seeds": SEEDS, "datasets": datasets, "studies": studies})
    folder.mkdir()
    rng = np.random.default_rng(2)

    def quantity(labels, epoch):
        size = {"large": 1.0, "default": 0.1}.get(labels.get("init"), 0.5)
        step = {0: nan, 1: 1.0, 30: 1.0, 60: 0.05}[epoch]
        drawn = 1 + 0.05 * rng.standard_normal()
        return {"step_size": step, "weight_rms_1": size, "logit_rms": 2 * size * drawn}

    write_runs(folder, config, accuracy, quantity, epochs=(0, 1, 30, 60))
    results = Results(folder, config)
    write_pair_tables(results)
    return results


def write_pair_tables(results):
    """Write those tables of experiments/results/tables.py that the claims read."""
    (results.folder / "tables").mkdir()
    for comparison in results.comparisons:
        cells = results.cells(comparison)
        for kind, step in (("tests", "tuned"), ("shared", "shared")):
            if kind == "tests" or comparison.study == "init":
                table = statistics.compare(cells, results.n_test(cells), step=step)
                path = results.folder / "tables" / f"{comparison.name}-{kind}.csv"
                table.to_csv(path, index=False)


@pytest.fixture
def quick_paths(monkeypatch):
    """Put small made-up rows in the place of the training that the path functions do."""

    def start():
        found = saturated(20, 5)
        names = {"mse": ("mse", "sigmoid"), "ce": ("cross_entropy", "softmax")}
        runs = [
            {**r, "cost": names[r["cost"]][0], "output": names[r["cost"]][1]} for r in found.runs
        ]
        more = [{**r, "output": "softmax"} for r in runs if r["cost"] == "mse"]
        return SimpleNamespace(runs=runs + more, curves=found.curves)

    equations = pd.DataFrame(
        {"number": ["25", "33", "39"], "holds_as_printed": [False, True, False],
         "holds_as_corrected": [True, True, True], "error_as_corrected": [1e-9, 1e-10, 1e-15]}
    )  # fmt: skip
    monkeypatch.setattr(equation_check, "equations_table", lambda: equations)
    monkeypatch.setattr(probes, "saturated_start", start)
    monkeypatch.setattr(probes, "sigmoid_softmax_path", path_rows)


def test_all_claims_where_they_are_true(tmp_path, quick_paths):
    results = whole_sweep(tmp_path / "true", as_claimed)
    found = claims.evaluate(results).set_index("id")
    assert list(found.index) == IDS
    wrong = found[found.index.str.startswith("S") & (found["verdict"] != "holds")]
    assert wrong.empty, wrong[["verdict", "datasets", "explanation"]].to_string()
    assert found.loc[["N2", "N3", "N4", "N5", "N6"], "verdict"].eq("holds").all()
    assert (found.loc["N1", "verdict"], found.loc["N7", "verdict"]) == (
        "contradicted",
        "right once corrected",
    )
    assert found.loc["N3", ["low", "high", "p"]].isna().all()  # a step size is set, not drawn
    assert found.loc["N2", ["low", "high", "p"]].notna().all()
    said = found.loc["N6", "explanation"]
    assert said.startswith("From the saturated start MSE + s")
    assert "The verdict hangs on how much" in said
    assert not found["explanation"].str.contains("–").any()

    path = tmp_path / "claims.csv"
    claims.write_claims(results, results.folder / "tables", path)
    same = found.reset_index().to_csv(index=False, float_format="%.6g", lineterminator="\n")
    assert path.read_bytes() == same.encode()
    assert same.startswith(",".join(claims.COLUMNS))


def test_all_claims_where_they_are_false(tmp_path, quick_paths):
    found = claims.evaluate(whole_sweep(tmp_path / "false", the_other_way)).set_index("id")
    assert list(found.index) == IDS
    verdicts = found.loc[found.index.str.startswith("S"), "verdict"]
    assert verdicts.isin(["contradicted", "in part"]).all(), verdicts


def test_without_any_study_the_claims_that_need_one_are_not_run(tmp_path, quick_paths):
    found = claims.evaluate(Results(tmp_path, config_of())).set_index("id")
    not_run = found.index[found["verdict"] == "not run"]
    assert list(not_run) == ["N1", "N2", "N3", *(i for i in IDS if i[0] in "SO")]


# --- Confirmed studies, and claims together ---------------------------------------------------


def confirmed_claim(folder, claims_of, test):
    """Return the verdicts of claims on a made-up sweep with confirming runs and its own tables."""
    grid = {"hidden": ["relu", "tanh", "sigmoid"], "eta": [0.1, 1.0]}
    config = staged.config(["digits", "iris"], grid)
    results = staged.sweep(folder, config, test, staged.chosen_is({}), values=lambda _: ["0.1"])
    write_tables(results, folder / "tables")
    each = [
        {"id": f"X{i}", "statement": "so", "source": "here", "study": "s", "rule": rule,
         "explanation": "{effect:.0f} on {place}"}
        for i, rule in enumerate(claims_of)
    ]  # fmt: skip
    path = folder / "claims.yaml"
    path.write_text(yaml.safe_dump({"claims": each}), encoding="utf-8")
    return claims.evaluate(results, path)


def test_verdicts_on_confirmed_studies_rest_on_the_confirming_runs(tmp_path):
    def test(_dataset, labels, stage):
        ahead = {"relu": 94.0, "tanh": 90.0, "sigmoid": 90.0}[labels["hidden"]]
        return ahead if stage == "confirm" else 80.0

    found = confirmed_claim(
        tmp_path,
        [
            {"test": "better", "a": "relu", "b": "tanh", "size": "relevant"},
            {"test": "better", "a": "tanh", "b": "relu"},
            {"test": "equivalent", "arms": ["tanh", "sigmoid"]},
            {"test": "equivalent", "arms": ["relu", "tanh"]},
            {"test": "best_of", "arm": "relu"},
            {"test": "among_best", "cell": {"hidden": "relu"}},
            {"test": "contrast", "weights": {"relu": 1, "tanh": -1}, "sign": "positive"},
        ],
        test,
    )
    words = ["holds", "contradicted", "holds", "contradicted", "holds", "holds", "holds"]
    assert found["verdict"].tolist() == words
    assert set(found["basis"]) == {"20 splits of 5 runs"}
    assert set(found["kind"]) == {"by experiment"}
    assert found["explanation"][0].endswith("(relu at step 0.1 and tanh at step 0.1)")
    assert (found["p_adjusted"] >= found["p_claim"]).all()
    inside = found.loc[2]
    assert -1 < inside["low"] <= inside["high"] < 1


def evidence_of(outcome, p, dataset="iris"):
    return Evidence(dataset, dataset, outcome, p=p)


def test_all_is_an_intersection_and_its_opposite_a_union():
    places = [evidence_of(HOLDS, 0.01), evidence_of(HOLDS, 0.04)]
    assert both_p(places, "all") == (0.04, 1.0)
    places = [evidence_of(FAILS, 0.01), evidence_of(OPEN, 0.5), evidence_of(OPEN, 0.6)]
    assert both_p(places, "all") == (1.0, pytest.approx(0.03))
    assert both_p([evidence_of(HOLDS, nan)], "all") == (0.0, 1.0)
    most = [evidence_of(HOLDS, p) for p in (0.001, 0.004, 0.01)]
    assert both_p([*most, evidence_of(OPEN, 0.5)], 3)[0] == pytest.approx(0.02)


def test_some_of_both_needs_evidence_on_both_sides():
    places = [evidence_of(HOLDS, 0.01), evidence_of(FAILS, 0.02)]
    assert some_of_both_p(places) == pytest.approx(0.04)
    assert some_of_both_p(places[:1]) == 1.0


def test_claims_are_adjusted_together(judge_pairs, tmp_path):
    """A claim that holds alone at p = .017 does not hold as one of five such."""
    claim = {
        "statement": "so", "source": "here", "study": "s", "axis": "arm", "rule": GOOD,
        "explanation": "{effect:.1f}",
    }  # fmt: skip
    config = config_of(["iris"])
    alone = judge_pairs([pair("iris", "slight")], GOOD, config)
    assert (alone["verdict"], alone["p_adjusted"]) == ("holds", alone["p_claim"])
    path = tmp_path / "five.yaml"
    five = {"claims": [{"id": f"X{i}", **claim} for i in range(5)]}
    path.write_text(yaml.safe_dump(five), encoding="utf-8")
    found = claims.evaluate(Results(tmp_path, config), path)
    assert set(found["verdict"]) == {"undecided"}
    assert found["p_adjusted"].tolist() == pytest.approx([5 * alone["p_claim"]] * 5)


def test_what_is_not_run_says_which_config_has_it(tmp_path):
    found = judge(tmp_path, config_of(), GOOD, study="other", config="companion_small")
    assert found["explanation"].endswith("; experiments/config/companion_small.yaml has it.")


def test_every_config_that_a_claim_names_has_its_study():
    for claim in claims.load_claims():
        if claim.config:
            path = CONFIGS / f"{claim.config}.yaml"
            assert claim.study in schema.load(path).studies
