"""Confirmation over splits: the unit, failures, the table of pairs, its words."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments import statistics as s
from tests.confirming import MANY, fixed_examples, four_arms, runs

# --- The unit is the split ------------------------------------------------------------------------


def test_a_split_counts_once_by_the_mean_of_its_paired_runs():
    found = s.split_differences(
        runs({"A": [[90, 80], [70, 60]], "B": [[80, 74], [71, 67]]}), "A", "B"
    )
    assert found["difference"].tolist() == [8.0, -4.0]
    assert found["mean_a"].tolist() == [85.0, 65.0]
    assert found["runs"].tolist() == [2, 2]
    assert found["split"].tolist() == [0, 1]


def test_arms_are_paired_by_split_and_index():
    both = runs({"A": [[90, 80], [70, 60]], "B": [[80, 74], [71, 67]]})
    shuffled = both.sample(frac=1, random_state=0)
    expected = s.split_differences(both, "A", "B")
    found = s.split_differences(shuffled, "A", "B").sort_values("split", ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)


def test_runs_without_a_partner_do_not_count():
    both = runs({"A": [[90, 80], [70, 60]], "B": [[80, 74], [71, 67]]})
    both.loc[0, "status"] = "skipped"  # A, split 0, index 0
    both = both.drop(index=[6, 7])  # B, split 1
    found = s.split_differences(both, "A", "B")
    assert found[["split", "runs", "difference"]].to_numpy().tolist() == [[0, 1, 6.0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "done"}, "status must be one of"),
        ({"index": 0}, "two rows for one run"),
        ({"test_accuracy": np.nan}, "a run without accuracy"),
        ({"arm": None}, "without its name"),
    ],
)
def test_runs_that_break_the_contract_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        s.split_differences(runs({"A": [[90, 80]], "B": [[80, 74]]}).assign(**change), "A", "B")


def test_failures_are_counted_by_arm():
    table = s.failures(
        runs({"A": [[90, 91, 80.4], [92, 40, 91]], "B": [[50, 51, 40], [50, 50, 50]]})
    )
    assert table["failed"].tolist() == [2, 0]  # A: below 90.5 - 10, B: below 50 - 10
    assert table["median"].tolist() == [90.5, 50.0]
    assert table["rate"].tolist() == [2 / 6, 0.0]
    for row in table.itertuples():
        exact = stats.binomtest(row.failed, row.n).proportion_ci(0.95, method="exact")
        assert (row.rate_low, row.rate_high) == pytest.approx(exact, abs=1e-12)


# --- The table of a confirmation ------------------------------------------------------------------


@pytest.mark.parametrize("family", ["primary", "exploratory", "single"])
@pytest.mark.parametrize("seed", range(4))
def test_interval_kind_and_words_agree_in_every_row(family, seed):
    table = s.confirm(four_arms(seed), MANY, family=family)
    assert list(table.columns) == list(s.CONFIRM_COLUMNS)
    assert table["level"].nunique() == 1
    error = 1 - table["level"].iloc[0]
    for row in table.to_dict("records"):
        kind = s.Kind(row["verdict_kind"])
        assert kind == s.decide(row["low"], row["high"], row["margin"])
        assert (row["p_decision"] <= error) == (kind != "inconclusive")
        assert np.isnan(row["splits_needed"]) == (kind != "inconclusive")
        assert ("beats" in s.in_words(row)) == kind.differs


def test_the_table_holds_what_the_parts_say():
    table = s.confirm(four_arms(), MANY, pairs=[("A", "D")], family="single")
    x = s.split_differences(four_arms(), "A", "D")
    x = x.loc[x["dataset"] == "wine", "difference"]
    row = table.iloc[1]
    assert (row["dataset"], row["a"], row["b"], row["n"], row["runs"]) == (
        "wine",
        "A",
        "D",
        20,
        100,
    )
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(s.t_interval(x), abs=1e-8)
    assert row["p_flip"] == s.sign_flip_p(x)
    assert row["p"] == pytest.approx(stats.ttest_1samp(x, 0).pvalue, rel=1e-6)
    assert row["tost_p"] == pytest.approx(s.tost_p(x, 1.0), rel=1e-6)
    assert row["mean_a"] - row["mean_b"] == pytest.approx(row["difference"])


def test_rows_of_the_table_are_said_as_mappings_are():
    table = s.confirm(four_arms(), MANY)
    said = [s.in_words(table.loc[i]) for i in table.index]
    assert said == [s.in_words(row) for row in table.to_dict("records")]
    assert {"relevant", "equivalent"} <= set(table["verdict_kind"])


def test_levels_of_the_families():
    table = s.confirm(four_arms(), MANY, family="primary")
    assert table["level"].iloc[0] == pytest.approx(1 - 0.05 / 12)
    table = s.confirm(four_arms(), MANY, family="exploratory")
    decided = (table["verdict_kind"] != "inconclusive").sum()
    assert table["level"].iloc[0] == pytest.approx(1 - 0.05 * decided / 12)


def test_absent_arms_and_single_splits_are_told_apart():
    both = pd.concat(
        [four_arms(), runs({"A": [[90, 80]], "B": [[80, 74]]}, dataset="seeds")], ignore_index=True
    )
    table = s.confirm(both, MANY | {"seeds": 40}).query("dataset == 'seeds'")
    kinds = {(row.a, row.b): row.verdict_kind for row in table.itertuples()}
    assert kinds == {("A", "B"): "inconclusive"} | dict.fromkeys(
        [("A", "C"), ("A", "D"), ("B", "C"), ("B", "D"), ("C", "D")], "absent"
    )
    words = [s.in_words(row) for row in table.to_dict("records")]
    assert words[0] == "Undecided on seeds between A and B: one split shows no spread."
    assert words[1] == "Not compared on seeds: A and C have no runs in common."


@pytest.mark.parametrize("arms", ["A", "AB", "ABCD"])
def test_an_arm_that_was_skipped_is_absent(arms):
    both = four_arms()
    gone = both["arm"].isin(list(arms)) & both["dataset"].eq("iris")
    both.loc[gone, ["status", "test_accuracy"]] = ["skipped", np.nan]
    table = s.confirm(both, MANY, pairs=[("A", "D"), ("C", "D")])
    assert table["dataset"].tolist() == ["iris", "iris", "wine", "wine"]
    absent = [True, "C" in arms, False, False]
    assert table["verdict_kind"].eq("absent").tolist() == absent


def test_nothing_ran_anywhere():
    both = four_arms().assign(status="skipped", test_accuracy=np.nan)
    assert s.confirm(both, MANY)["verdict_kind"].eq("absent").all()


def test_one_arm_has_no_pair_and_no_row():
    alone = s.confirm(runs({"A": [[90.0], [91.0]]}), {"iris": 10})
    assert alone.empty
    assert list(alone) == list(s.CONFIRM_COLUMNS)


def test_failed_runs_of_an_absent_pair_are_not_counted_in_no_runs():
    both = four_arms()
    gone = both["arm"].eq("B") & both["dataset"].eq("iris")
    both.loc[gone, ["status", "test_accuracy"]] = ["skipped", np.nan]
    low = both["arm"].eq("A") & both["split"].eq(0) & both["index"].eq(0)
    both.loc[low, "test_accuracy"] = 0.0
    row = s.confirm(both, MANY, pairs=[("A", "B")]).to_dict("records")[0]
    assert row["failed_a"] == 1
    assert s.in_words(row) == "Not compared on iris: A and B have no runs in common."
    reason = "B was not run"
    assert s.in_words(row | {"reason": reason}) == "Not compared on iris: B was not run."


def test_equal_accuracies_in_two_splits_are_no_proof():
    table = s.confirm(runs({"A": [[90.0], [90.0]], "B": [[80.0], [80.0]]}), {"iris": 10})
    assert table["spread"].tolist() == pytest.approx([10 / np.sqrt(12)])
    assert table["verdict_kind"].tolist() == ["inconclusive"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_test": {"iris": 30}}, "n_test lacks wine"),
        ({"overlap": {"iris": 0.3}}, "overlap lacks wine"),
        ({"pairs": [("A", "E")]}, "no row for the arms E"),
        ({"family": "all"}, "family must be one of"),
    ],
)
def test_a_confirmation_that_cannot_be_is_refused(changes, message):
    given_ = {"n_test": MANY} | changes
    with pytest.raises(ValueError, match=message):
        s.confirm(four_arms(), given_.pop("n_test"), **given_)


def test_an_arm_has_one_tuned_value_which_the_words_name():
    both = four_arms()
    both["tuned"] = both["arm"].map({"A": 0.1, "B": 0.3, "C": 1.0, "D": 3.0})
    row = s.confirm(both, MANY, pairs=[("A", "D")]).iloc[0]
    assert s.in_words(row).startswith("D (step 3) beats A (step 0.1) on iris by ")
    both.loc[0, "tuned"] = 7
    with pytest.raises(ValueError, match="one tuned value"):
        s.confirm(both, MANY)


# --- Words ----------------------------------------------------------------------------------------


ROW = {
    "a": "sigmoid", "b": "ReLU", "value_a": 3.0, "value_b": 0.3, "dataset": "MNIST-1D",
    "facet": "", "n": 20, "runs": 100, "difference": -3.9, "low": -4.7, "high": -3.1,
    "margin": 1.0, "splits_needed": np.nan,
}  # fmt: skip
SENTENCES = [
    ({}, "ReLU (step 0.3) beats sigmoid (step 3) on MNIST-1D by 3.9 points [3.1, 4.7]."),
    (
        {"difference": 1.2, "low": 0.3, "high": 2.1},
        "sigmoid (step 3) beats ReLU (step 0.3) on MNIST-1D by 1.2 points [0.3, 2.1]; whether by "
        "more than 1 point is open.",
    ),
    (
        {"difference": 0.5, "low": 0.03, "high": 0.97, "facet": "epochs 40"},
        "sigmoid (step 3) beats ReLU (step 0.3) on MNIST-1D (epochs 40) by 0.50 points "
        "[0.03, 0.97], less than 1 point.",
    ),
    (
        {"difference": -0.1, "low": -0.6, "high": 0.4, "value_a": np.nan, "value_b": np.nan},
        "On MNIST-1D sigmoid and ReLU are equal for practical purposes: −0.1 points [−0.6, 0.4], "
        "within 1 point.",
    ),
    (
        {"difference": -0.3, "low": -1.2, "high": 0.8, "splits_needed": 42.0},
        "Undecided on MNIST-1D between sigmoid (step 3) and ReLU (step 0.3): −0.3 points "
        "[−1.2, 0.8]; 210 fresh runs (42 splits) decide with 90 % power if the true difference "
        "is 0.3.",
    ),
    (
        {"difference": -0.3, "low": -1.2, "high": 0.8, "splits_needed": np.inf},
        "Undecided on MNIST-1D between sigmoid (step 3) and ReLU (step 0.3): −0.3 points "
        "[−1.2, 0.8]; even 100,000 fresh splits would not decide.",
    ),
    (
        {"difference": 0.0, "low": -0.0, "high": -0.0, "value_a": np.nan, "value_b": np.nan},
        "On MNIST-1D sigmoid and ReLU are equal for practical purposes: 0.0 points [0.0, 0.0], "
        "within 1 point.",
    ),
    (
        {"failed_a": 2, "failed_b": 0},
        "ReLU (step 0.3) beats sigmoid (step 3) on MNIST-1D by 3.9 points [3.1, 4.7]. Failed runs, "
        "over 10 points below the median: 2 of 100 of sigmoid (step 3), 0 of 100 of ReLU "
        "(step 0.3).",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), SENTENCES)
def test_a_confirmed_pair_in_words(changes, words):
    row = ROW | changes
    kind = s.decide(row["low"], row["high"], row["margin"])
    assert s.in_words(row | {"verdict_kind": kind.value}) == words


@fixed_examples
@given(st.floats(-5, 5), st.floats(1e-4, 4), st.sampled_from([0.5, 1.0, 2.0]))
def test_the_numbers_in_the_words_show_the_same_kind(mean, half, margin):
    low, high = mean - half, mean + half
    kind = s.decide(low, high, margin)
    row = {"difference": mean, "low": low, "high": high, "margin": margin, "splits_needed": 9.0}
    text = s.in_words(ROW | row | {"verdict_kind": kind.value}).replace("−", "-")
    shown = [float(end) for end in text.split("[")[1].split("]")[0].split(", ")]
    assert s.decide(*shown, margin) == kind
    if kind.differs:
        winner, loser = ("sigmoid", "ReLU") if mean > 0 else ("ReLU", "sigmoid")
        assert text.index(winner) < text.index("beats") < text.index(loser)


# --- Fragile verdicts -----------------------------------------------------------------------------


def tuning(means):
    """Return tuning runs of arm A from {value: validation accuracies by seed}."""
    rows = [
        {"dataset": "iris", "facet": "", "arm": "A", "tuned": value, "seed": seed, "status": "ok"}
        | {"validation_accuracy": each, "test_accuracy": 0.5, "validation_cost": 0.1}
        for value, accuracies in means.items()
        for seed, each in enumerate(accuracies)
    ]
    return pd.DataFrame(rows)


def test_values_within_one_standard_error_of_the_chosen():
    table = s.near_best(
        tuning({0.1: [0.80, 0.80], 1.0: [0.88, 0.92], 3.0: [0.88, 0.881], 9: [0.87] * 2})
    )
    assert table["tuned"].tolist() == [1.0, 3.0]  # 90 ± 2: from 88 on
    assert table["chosen"].tolist() == [True, False]
    assert table["error"].tolist() == pytest.approx([0.02, 0.02])


def test_one_seed_shows_no_error():
    assert s.near_best(tuning({0.1: [0.8], 1.0: [0.9]}))["tuned"].tolist() == [1.0]


def test_a_verdict_that_another_value_changes_is_fragile():
    near = s.near_best(tuning({1.0: [0.88, 0.92], 3.0: [0.88, 0.88]})).assign(arm="sigmoid")
    near["dataset"] = "MNIST-1D"
    row = ROW | {"verdict_kind": "relevant", "value_a": 1.0}
    same = row | {"value_a": 3.0, "difference": -3.0, "low": -4.0, "high": -2.0}
    other = row | {"value_a": 3.0, "difference": -0.4, "low": -1.4, "high": 0.6}
    other["verdict_kind"] = "inconclusive"
    assert s.changed_by(row, [same]) == []
    assert s.changed_by(row, [same, other]) == [other]
    assert s.fragile_text(row, [same], near) == ""
    assert s.fragile_text(row, [same, other], near) == (
        "This hangs on the step: with sigmoid at 3 (88.0 instead of 90.0 % on validation) it shows "
        "no decision, −0.4 points [−1.4, 0.6]."
    )
