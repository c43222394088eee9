"""Tables of made-up sweeps with known truth: chosen when tuning, tested when confirming."""

from dataclasses import replace
from math import isnan, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import statistics
from experiments.results import evidence as e
from experiments.results import pairs as p
from experiments.results import tables as t
from experiments.statistics import Kind, decide
from tests import confirming, staged

BEST = {"relu": "1", "tanh": "0.1", "sigmoid": "3"}
TRUE = {"relu": 90.0, "tanh": 90.0, "sigmoid": 85.0}


def at_best(labels):
    return [BEST[labels["hidden"]]]


def tuned_elsewhere(_dataset, labels, stage):
    """Confirming runs have the true accuracies; tuning runs say the opposite on the test part."""
    truth = TRUE[labels["hidden"]]
    return truth if stage == "confirm" else 175 - truth


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    pair = {"study": "s", "a": "relu", "b": "sigmoid"}
    config = staged.config(headline=[pair])
    folder = tmp_path_factory.mktemp("made")
    return staged.sweep(folder, config, tuned_elsewhere, staged.chosen_is(BEST), values=at_best)


@pytest.fixture(scope="module")
def tables(made):
    return dict(t.tables(made, made.comparisons[0]))


def test_values_are_chosen_when_tuning_and_tested_when_confirming(made, tables):
    tests = tables["tests"].set_index(["dataset", "a", "b"])
    for dataset in ("digits", "iris"):
        row = tests.loc[(dataset, "relu", "sigmoid")]
        assert (row["value_a"], row["value_b"]) == (1.0, 3.0)
        assert (row["n"], row["runs"]) == (staged.SPLITS, staged.SPLITS * staged.EACH)
        assert row["difference"] == pytest.approx(5.0, abs=0.3)  # tuning runs say -5
        assert row["verdict_kind"] == Kind.RELEVANT
        assert row["verdict"].startswith(f"relu (step 1) beats sigmoid (step 3) on {dataset} by")
        assert tests.loc[(dataset, "relu", "tanh"), "verdict_kind"] == Kind.EQUIVALENT
    assert list(tables["tests"].columns) == [*statistics.CONFIRM_COLUMNS, *p.PAIR_COLUMNS]
    assert set(tables["tests"]["family"]) == {"exploratory"}
    assert made.evidence(made.comparisons[0])["seed"].ge(1000).all()
    assert e.basis(made, made.comparisons[0]) == "20 splits of 5 runs"


def test_edges_and_the_margin_in_samples(tables):
    row = tables["tests"].query("dataset == 'iris' and a == 'relu' and b == 'sigmoid'").iloc[0]
    assert (row["edge_a"], row["edge_b"]) == ("", "high")
    assert row["margin"] == 1.0  # one margin, though one test sample of iris is 3.3 points
    assert row["margin_samples"] == pytest.approx(0.3)


def test_arms_rest_on_confirming_runs_with_their_failures(tables):
    arms = tables["arms"].set_index(["dataset", "arm"])
    assert list(tables["arms"].columns) == list(t.ARMS_COLUMNS)
    assert arms.loc[("digits", "sigmoid"), "mean"] == pytest.approx(85, abs=0.3)
    assert arms.loc[("digits", "sigmoid"), "standing"] == "worse"
    assert set(arms.loc["digits"].loc[["relu", "tanh"], "standing"]) == {"best", "equal"}
    assert (arms["n"].eq(20) & arms["runs"].eq(100) & arms["failed"].eq(0)).all()


def test_planned_pairs_are_a_family_over_all_datasets(tables):
    planned = tables["planned"]
    assert list(planned["family"]) == ["headline"] * 2
    assert planned["level"].tolist() == pytest.approx([1 - 0.05 / 2] * 2)
    assert planned["verdict_kind"].eq(Kind.RELEVANT).all()


def test_a_family_spans_comparisons(tmp_path):
    grid = {"hidden": ["relu", "tanh"], "init": ["large", "fan_in"], "eta": [0.1, 1.0]}
    pairs = [
        {"study": "s", "a": "relu", "b": "tanh", "at": {"init": "large"}},
        {"study": "s", "a": "large", "b": "fan_in"},
    ]
    config = staged.config(["digits"], grid, ["hidden", "init"], families={"both": pairs})
    results = staged.sweep(
        tmp_path, config, lambda *_: 90.0, staged.chosen_is({}), values=lambda _: ["0.1"]
    )
    hidden, init = (p.planned_tests(results, c) for c in results.comparisons)
    assert hidden["facet"].tolist() == ["init large"]
    assert len(init) == 2
    assert {*hidden["level"], *init["level"]} == {1 - 0.05 / 3}


def test_an_interval_a_kind_and_words_agree_in_every_row(tables):
    words = {
        Kind.RELEVANT: "beats", Kind.BETTER: "is open", Kind.NEGLIGIBLE: "less than",
        Kind.EQUIVALENT: "equal for practical", Kind.INCONCLUSIVE: "Undecided",
        Kind.ABSENT: "Not compared",
    }  # fmt: skip
    for kind in ("tests", "shared", "planned"):
        for row in tables[kind].to_dict("records"):
            assert row["verdict_kind"] == decide(row["low"], row["high"], row["margin"])
            assert words[Kind(row["verdict_kind"])] in row["verdict"]
            assert row["new_low"] <= row["low"] or row["n"] == 0


@given(st.integers(0, 10_000), st.sampled_from([0.3, 1.0, 3.0]), st.floats(-4, 4))
@settings(derandomize=True, database=None, deadline=None, max_examples=10)
def test_whatever_the_runs_standings_and_kinds_follow_the_intervals(seed, spread, gap):
    rng = np.random.default_rng(seed)
    runs = confirming.runs(
        {"A": 80 + gap + rng.normal(0, spread, (4, 2)), "B": 80 + rng.normal(0, spread, (4, 2))}
    )
    table = statistics.confirm(runs, confirming.MANY)
    row = table.iloc[0]
    assert row["verdict_kind"] == decide(row["low"], row["high"], row["margin"])
    best = max(row["mean_a"], row["mean_b"])
    arm = {"arm": "B" if row["mean_a"] == best else "A", "mean": min(row["mean_a"], row["mean_b"])}
    standing = t._standing(arm, best, [row.to_dict()])
    kind = Kind(row["verdict_kind"])
    expected = "worse" if kind.differs else "equal" if kind.alike else "not separated"
    assert standing == expected


# --- The shared value, and absent arms --------------------------------------------------------


def test_the_shared_value_has_its_own_confirming_runs(tmp_path):
    def test(_dataset, labels, _stage):
        return 90.0 - 4 * (labels["hidden"] == "tanh" and labels["eta"] == "0.1")

    def validation(labels):  # tanh likes 1 a little better, relu 0.1 much better
        return {"relu": {"0.1": 90, "1": 80}, "tanh": {"0.1": 89, "1": 90}}[labels["hidden"]][
            labels["eta"]
        ]

    grid = {"hidden": ["relu", "tanh"], "eta": [0.1, 1.0]}
    results = staged.sweep(
        tmp_path, staged.config(["digits"], grid), test, validation,
        values=lambda labels: ["0.1"] if labels["hidden"] == "relu" else ["0.1", "1"],
    )  # fmt: skip
    comparison = results.comparisons[0]
    own = p.paired_tests(results, comparison).iloc[0]
    shared = p.paired_tests(results, comparison, "shared").iloc[0]
    assert (own["value_a"], own["value_b"], own["verdict_kind"]) == (0.1, 1.0, "equivalent")
    assert (shared["value_a"], shared["value_b"], shared["verdict_kind"]) == (0.1, 0.1, "relevant")
    assert shared["fragile"] == ""


def test_an_arm_without_confirming_runs_is_absent_and_not_dropped(tmp_path):
    def test(dataset, labels, stage):
        lost = dataset == "iris" and labels["hidden"] == "tanh"
        return None if lost or (labels["hidden"] == "sigmoid" and stage == "confirm") else 90.0

    results = staged.sweep(tmp_path, staged.config(), test, staged.chosen_is(BEST), values=at_best)
    tables = dict(t.tables(results, results.comparisons[0]))
    tests = tables["tests"].set_index(["dataset", "a", "b"])
    assert len(tests) == 6
    assert tests.loc[("iris", "relu", "tanh"), "verdict_kind"] == Kind.ABSENT
    assert tests.loc[("iris", "relu", "tanh"), "n"] == 0
    assert tests.loc[("digits", "relu", "sigmoid"), "verdict_kind"] == Kind.ABSENT
    assert tests.loc[("digits", "relu", "tanh"), "verdict_kind"] == Kind.EQUIVALENT
    arms = tables["arms"].set_index(["dataset", "arm"])
    for place in [("iris", "tanh"), ("digits", "sigmoid")]:
        assert arms.loc[place, "standing"] == "absent"
        assert np.isnan(arms.loc[place, "tuned"])
        assert arms.loc[place, "on_edge"] == ""


def test_without_confirming_runs_the_tests_are_those_of_the_one_split(tmp_path):
    config = staged.config(headline=[{"study": "s", "a": "relu", "b": "tanh"}])
    results = staged.sweep(
        tmp_path, config, tuned_elsewhere, staged.chosen_is(BEST), confirming=False
    )
    comparison = results.comparisons[0]
    tables = dict(t.tables(results, comparison))
    assert list(tables["tests"].columns) == list(statistics.COMPARE_COLUMNS)
    assert tables["tests"]["margin"].eq(1.0).all()
    assert set(zip(tables["planned"]["a"], tables["planned"]["b"], strict=True)) == {
        ("relu", "tanh")
    }
    assert tables["arms"]["n"].eq(staged.SEEDS).all()
    assert e.basis(results, comparison) == "10 seeds on one split"


@pytest.mark.parametrize(
    ("splits", "said"),
    [
        (["fixed"], "one split"),
        (["per_seed"], "splits of their own"),
        (["fixed", "per_seed"], "one split or splits of their own"),
    ],
)
def test_what_the_seeds_of_a_tuning_are_on_follows_the_runs(tmp_path, splits, said):
    results = staged.sweep(
        tmp_path, staged.config(), tuned_elsewhere, staged.chosen_is(BEST), confirming=False
    )
    drawn = [splits[seed % len(splits)] for seed in results.runs["seed"]]
    results.runs["split"] = drawn
    comparison = results.comparisons[0]
    assert results.tuning_splits(comparison) == said
    assert e.basis(results, comparison) == f"10 seeds on {said}"


# --- Fragile verdicts -------------------------------------------------------------------------


def fragile_sweep(folder, confirmed_values, tanh_elsewhere):
    """Tanh has two values that validation cannot tell apart; at 1 it is `tanh_elsewhere` right."""

    def test(_dataset, labels, _stage):
        return tanh_elsewhere if (labels["hidden"], labels["eta"]) == ("tanh", "1") else 90.0

    def validation(labels):
        return {"0.1": 90.0, "1": 89.98 if labels["hidden"] == "tanh" else 70.0}[labels["eta"]]

    grid = {"hidden": ["relu", "tanh"], "eta": [0.1, 1.0]}
    values = {"relu": ["0.1"], "tanh": confirmed_values}
    return staged.sweep(
        folder, staged.config(["digits"], grid), test, validation,
        values=lambda labels: values[labels["hidden"]],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "elsewhere", "said"),
    [
        (["0.1", "1"], 80.0, ("tanh at", "it shows a difference beyond the margin")),
        (["0.1"], 80.0, ("tanh at 1 ", "by the tuning runs.")),
        (["0.1"], 90.0, ()),
        (["0.1", "1"], 90.0, ()),
    ],
)
def test_a_verdict_that_another_nearly_best_value_changes_is_fragile(
    tmp_path, values, elsewhere, said
):
    results = fragile_sweep(tmp_path, values, elsewhere)
    comparison = results.comparisons[0]
    near = statistics.near_best(results.cells(comparison)).query("arm == 'tanh'")
    assert len(near) == 2, "the made-up validation accuracies are too far apart"
    row = p.paired_tests(results, comparison).iloc[0]
    assert all(words in row["fragile"] for words in said)
    assert bool(row["fragile"]) == bool(said)


def test_nothing_hangs_on_a_value_if_nothing_is_said():
    row = {"verdict_kind": "inconclusive", "difference": 1.0}
    other = {"verdict_kind": "relevant", "difference": 9.0, "on_tuning": False}
    assert p.fragile(row, [other], pd.DataFrame()) == ""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("relevant", 3.0), ("relevant", -3.0), True),
        (("better", 3.0), ("negligible", -0.2), True),
        (("relevant", 3.0), ("equivalent", 0.1), True),
        (("relevant", 3.0), ("inconclusive", -1.0), False),
        (("equivalent", 0.1), ("better", 1.0), False),
        (("negligible", 0.5), ("equivalent", -0.1), False),
    ],
)
def test_two_verdicts_contradict_each_other(one, other, expected):
    rows = [dict(zip(("verdict_kind", "difference"), each, strict=True)) for each in (one, other)]
    assert p.contradicts(*rows) is p.contradicts(*rows[::-1]) is expected


# --- Over datasets ----------------------------------------------------------------------------


def pairs_over(datasets, gap=2.0, pairs=(("A", "B"),)):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"dataset": f"d{i}", "facet": "", "a": a, "b": b, "difference": gap + rng.normal(0, 0.3)}
        for i in range(datasets)
        for a, b in pairs
    )


def test_fewer_than_twenty_datasets_are_described_and_twenty_tested(made):
    comparison = replace(made.comparisons[0], planned=())
    few = t.over_datasets(made, comparison, pairs_over(19)).iloc[0]
    assert (few["n_datasets"], few["a_ahead"]) == (19, 19)
    assert few[t.TESTED].isna().all()
    assert few["verdict_kind"] == Kind.ABSENT
    assert few["note"] == "too few datasets: 20 needed"
    many = t.over_datasets(made, comparison, pairs_over(20)).iloc[0]
    assert many["p_holm"] < 1e-4
    assert many["p_a_better"] > 0.99
    assert many["verdict_kind"] == Kind.RELEVANT
    assert many["new_low"] > 0
    assert list(many.index) == list(t.OVER_COLUMNS)


def test_only_planned_pairs_are_tested_over_datasets(made):
    pairs = (("relu", "sigmoid"), ("relu", "tanh"))
    found = t.over_datasets(made, made.comparisons[0], pairs_over(20, pairs=pairs))
    found = found.set_index(["a", "b"])
    assert found["planned"].tolist() == [True, False]
    assert found.loc[("relu", "sigmoid"), "p_holm"] == found.loc[("relu", "sigmoid"), "p"]
    assert isnan(found.loc[("relu", "tanh"), "p"])
    assert found.loc[("relu", "tanh"), "note"] == "not planned, so described only"


def test_ranks_rest_on_the_confirming_runs(tables):
    ranks = tables["ranks"].set_index("arm")["mean_rank"]
    assert ranks["sigmoid"] == 3.0  # the tuning runs would say 1


def test_no_dataset_with_both_arms_gives_an_empty_table_with_its_columns(made):
    nothing = pairs_over(2).assign(difference=nan)
    assert list(t.over_datasets(made, made.comparisons[0], nothing).columns) == list(t.OVER_COLUMNS)


def test_facets_are_read_back():
    assert e.facet_values("pair CE + softmax, epochs 40", ["pair", "epochs"]) == {
        "pair": "CE + softmax", "epochs": "40",
    }  # fmt: skip
    assert e.facet_values("", []) == {}
