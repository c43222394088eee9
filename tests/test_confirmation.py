"""Confirmation over splits and datasets: against scipy, statsmodels, baycomp and known answers."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments import statistics as s
from experiments.statistics.deciding import not_below_rounding

FIXED = np.array([0.4, -1.1, 2.3, 0.9, 1.6, -0.2, 0.7, 1.9])
N, MEAN, SPREAD = len(FIXED), FIXED.mean(), FIXED.std(ddof=1)
fixed_examples = settings(derandomize=True, database=None, deadline=None, max_examples=200)
MANY = {"iris": 1000, "wine": 1000}


def runs(accuracies, *, dataset="iris", facet="", **columns):
    """Return confirming runs from {arm: [accuracies of split 0, of split 1, ...]}, in per cent."""
    rows = [
        {"dataset": dataset, "facet": facet, "arm": arm, "split": i, "index": j, "status": "ok"}
        | {"test_accuracy": value / 100}
        for arm, splits in accuracies.items()
        for i, values in enumerate(splits)
        for j, value in enumerate(np.atleast_1d(values))
    ]
    return pd.DataFrame(rows).assign(**columns)


# --- The unit is the split --------------------------------------------------------------------


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


# --- One sample of split means ----------------------------------------------------------------


def test_t_p_is_that_of_scipy():
    assert s.t_p(N, MEAN, SPREAD) == pytest.approx(stats.ttest_1samp(FIXED, 0).pvalue, abs=1e-14)


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_inside_p_is_that_of_a_sample_and_of_statsmodels(margin):
    weightstats = pytest.importorskip("statsmodels.stats.weightstats")
    p = s.inside_p(N, MEAN, SPREAD, margin)
    assert p == pytest.approx(s.tost_p(FIXED, margin), abs=1e-14)
    assert p == pytest.approx(
        weightstats.DescrStatsW(FIXED).ttost_mean(-margin, margin)[0], abs=1e-12
    )


@fixed_examples
@given(st.lists(st.integers(-40, 40), min_size=2, max_size=9))
def test_the_studentised_sign_flip_is_the_plain_one(counts):
    """|t| rises with |mean| over all sign patterns, as these do not change the sum of squares."""
    x = np.array(counts, dtype=float)
    assume(x.any())
    flipped = np.array(list(product([1, -1], repeat=len(x)))) * x
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(flipped.mean(axis=1)) / flipped.std(axis=1, ddof=1)
        observed = abs(x.mean()) / x.std(ddof=1)
    hits = (t >= observed * (1 - 1e-9)) if np.isfinite(observed) else np.isinf(t) | (t > 1e12)
    assert s.sign_flip_p(x) == pytest.approx(hits.mean(), abs=1e-12)


def test_wilcoxon_is_exact_also_for_many_datasets():
    rng = np.random.default_rng(3)
    x = rng.permutation(np.arange(1, 41)) * rng.choice([-1, 1], 40, p=[0.35, 0.65])
    expected = stats.wilcoxon(x, method="exact").pvalue
    assert s.wilcoxon_p(x) == pytest.approx(expected, rel=1e-12)


@fixed_examples
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=10))
def test_wilcoxon_is_the_sign_flip_test_on_ranks(counts):
    x = np.array([count for count in counts if count], dtype=float)
    assume(len(x))
    expected = s.sign_flip_p(np.sign(x) * stats.rankdata(np.abs(x)))
    assert s.wilcoxon_p(counts) == pytest.approx(expected, abs=1e-12)


def test_new_data_get_the_interval_of_nadeau_and_bengio():
    table = s.confirm(
        runs({"A": 80 + FIXED, "B": 0 * FIXED + 80}), MANY, family="single", overlap={"iris": 1 / 3}
    )
    row = table.iloc[0]
    half = stats.t.ppf(0.975, N - 1) * SPREAD * np.sqrt(1 / N + 1 / 3)
    assert (row["new_low"], row["new_high"]) == pytest.approx((MEAN - half, MEAN + half))
    expected = s.t_interval(FIXED, 0.95, 1 / 3)
    assert (row["new_low"], row["new_high"]) == pytest.approx(expected[1:])
    assert row["new_low"] < row["low"] < row["high"] < row["new_high"]


# --- One interval, one kind -------------------------------------------------------------------


def truth_of(low, high, margin):
    """Return which of the three questions an interval answers, each by itself."""
    beyond = low > margin or high < -margin
    differs = low > 0 or high < 0
    inside = low > -margin and high < margin
    return beyond, differs, inside


@fixed_examples
@given(
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)).map(sorted),
    st.floats(0.01, 4),
)
def test_each_interval_has_one_kind_that_agrees_with_it(ends, margin):
    low, high = ends
    kind = s.decide(low, high, margin)
    beyond, differs, inside = truth_of(low, high, margin)
    assert kind.differs == differs
    assert kind.alike == inside
    assert (kind == s.Kind.RELEVANT) == beyond
    assert (kind == s.Kind.INCONCLUSIVE) == (not differs and not inside)
    assert kind == s.decide(-high, -low, margin)  # the order of the arms does not matter


@pytest.mark.parametrize(
    ("ends", "kind"),
    [
        ((1.0, 2.0), "better"),  # it touches the margin: not beyond it
        ((1.1, 2.0), "relevant"),
        ((-2.0, -1.1), "relevant"),
        ((0.1, 1.0), "better"),
        ((0.1, 0.9), "negligible"),
        ((0.0, 0.9), "equivalent"),
        ((-0.9, 1.0), "inconclusive"),
        ((-np.inf, np.inf), "inconclusive"),
        ((np.nan, np.nan), "absent"),
    ],
)
def test_kinds_at_the_marks(ends, kind):
    assert s.decide(*ends, margin=1.0) == kind


@pytest.mark.parametrize("wrong", [(2, 1, 1), (0, 1, 0), (0, 1, -1)])
def test_what_is_no_interval_is_refused(wrong):
    with pytest.raises(ValueError, match="low <= high"):
        s.decide(*wrong)


@fixed_examples
@given(
    mean=st.floats(-4, 4),
    spread=st.floats(0.01, 5),
    n=st.integers(2, 60),
    level=st.floats(0.001, 0.4),
)
def test_the_decision_p_is_where_the_interval_begins_to_decide(mean, spread, n, level):
    p = float(s.decision_p(n, mean, spread, 1.0))
    assume(abs(p - level) > 1e-9)
    half = stats.t.ppf(1 - level / 2, n - 1) * spread / np.sqrt(n)
    kind = s.decide(mean - half, mean + half, 1.0)
    assert (kind != "inconclusive") == (p < level)


def test_one_value_decides_nothing_and_no_spread_is_at_least_that_of_rounding():
    assert np.isnan(s.decision_p(1, 3.0, np.nan, 1.0))
    assert s.t_p(5, 0.0, 0.0) == 1.0
    assert s.t_p(5, 0.1, 0.0) == 0.0
    assert not_below_rounding(0.0, 150) == pytest.approx(100 / 150 / np.sqrt(12))
    assert not_below_rounding(2.0, 150) == 2.0
    assert np.isnan(not_below_rounding(np.nan, 150))


# --- How many splits decide -------------------------------------------------------------------


@pytest.mark.parametrize(("n", "difference"), [(12, 1.0), (20, 1.5), (6, 2.0)])
def test_power_beyond_the_margin_is_that_of_the_t_test(n, difference):
    power = pytest.importorskip("statsmodels.stats.power")
    expected = power.TTestPower().power(difference, n, 0.025, alternative="larger")
    assert s.decides_with(n, 1.0, difference, 1.0, 0.05) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("n", "difference"), [(15, 0.0), (17, 0.3), (20, -0.5), (9, 0.9)])
def test_power_inside_the_margin_is_that_of_simulation(n, difference):
    x = np.random.default_rng(0).normal(difference, 1, (40_000, n))
    mean, spread = x.mean(axis=1), x.std(axis=1, ddof=1)
    half = stats.t.ppf(0.975, n - 1) * spread / np.sqrt(n)
    right = (mean - half > -1) & (mean + half < 1)
    right |= (np.sign(difference) * mean > half) & (difference != 0)
    assert s.decides_with(n, 1.0, difference, 1.0, 0.05) == pytest.approx(right.mean(), abs=0.01)


@pytest.mark.parametrize("difference", [0.0, 0.3, 1.0, 2.5])
def test_the_splits_needed_are_the_fewest(difference):
    n = int(s.splits_to_decide(1.0, 1.0, difference))
    assert s.decides_with(n, 1.0, difference, 1.0, 0.05) >= 0.9
    assert s.decides_with(n - 1, 1.0, difference, 1.0, 0.05) < 0.9


def test_what_cannot_be_decided_with_100_000_splits_is_infinite():
    assert s.splits_to_decide(1000.0, 1.0) == np.inf
    assert np.isnan(s.splits_to_decide(np.nan, 1.0))


# --- Families ---------------------------------------------------------------------------------


@fixed_examples
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_is_that_of_scipy(p):
    assert s.benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_benjamini_hochberg_is_that_of_statsmodels_and_leaves_nan_out():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.array([0.01, 0.2, np.nan, 0.03, 0.04])
    expected = multitest.multipletests(p[~np.isnan(p)], method="fdr_bh")[1]
    assert s.benjamini_hochberg(p)[~np.isnan(p)] == pytest.approx(expected, abs=1e-14)
    assert np.isnan(s.benjamini_hochberg(p)[2])


@fixed_examples
@given(st.lists(st.floats(1e-9, 1), min_size=1, max_size=20), st.floats(0.01, 0.2))
def test_exactly_the_discoveries_are_decided_by_the_adjusted_intervals(p, q):
    p = np.array(p)
    adjusted = s.benjamini_hochberg(p)
    assume(np.abs(adjusted - q).min() > 1e-12)
    selected = adjusted <= q
    assert s.fcr_level(p, q) == pytest.approx(q * max(1, selected.sum()) / len(p))
    assert ((p <= s.fcr_level(p, q) * (1 + 1e-12)) == selected).all()


@pytest.mark.parametrize("level", [s.fcr_level, s.simultaneous_level])
def test_levels_of_families(level):
    assert level([0.9, np.nan, 0.8], 0.05) == pytest.approx(0.025)
    assert level([np.nan], 0.05) == 0.05
    with pytest.raises(ValueError, match="level"):
        level([0.5], 5)


def test_every_one_is_the_largest_p():
    assert s.intersection_union([0.01, 0.04, 0.02]) == 0.04
    assert s.intersection_union([0.01, np.nan]) == 1.0
    with pytest.raises(ValueError, match="at least one"):
        s.intersection_union([])


@fixed_examples
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.data())
def test_partial_conjunction_is_the_worst_test_of_any_part(p, data):
    """At least u of D hold if no D - u + 1 nulls hold together (Benjamini & Heller 2008, eq. 2)."""
    u = data.draw(st.integers(1, len(p)))
    parts = list(combinations(p, len(p) - u + 1))
    bonferroni = max(min(1.0, len(part) * min(part)) for part in parts)
    simes = max(
        min(1.0, *(len(part) / i * each for i, each in enumerate(sorted(part), 1)))
        for part in parts
    )
    assert s.partial_conjunction(p, u) == pytest.approx(bonferroni, abs=1e-12)
    assert s.partial_conjunction(p, u, simes=True) == pytest.approx(simes, abs=1e-12)
    assert s.partial_conjunction(p, len(p)) == s.intersection_union(p)


@pytest.mark.parametrize("u", [0, 4])
def test_more_than_all_or_none_is_refused(u):
    with pytest.raises(ValueError, match="1 to 3"):
        s.partial_conjunction([0.1, 0.2, 0.3], u)


# --- The table of a confirmation --------------------------------------------------------------


def four_arms(seed=0, splits=20, each=5):
    rng = np.random.default_rng(seed)
    effects = {"A": 0.0, "B": 0.1, "C": 0.6, "D": 4.0}
    return pd.concat(
        [
            runs(
                {
                    arm: 80 + effect + rng.normal(0, 1, (splits, each))
                    for arm, effect in effects.items()
                },
                dataset=dataset,
            )
            for dataset in ("iris", "wine")
        ],
        ignore_index=True,
    )


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
        ({"pairs": []}, "no pair"),
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


# --- Words ------------------------------------------------------------------------------------

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


# --- Fragile verdicts -------------------------------------------------------------------------


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
        "This hangs on the step: with sigmoid at 3 (88.0 instead of 90.0 % on validation) it is "
        "inconclusive, −0.4 points [−1.4, 0.6]."
    )


# --- Datasets as the sample -------------------------------------------------------------------


def confirmed(differences, a="A", b="B"):
    return pd.DataFrame(
        {"dataset": [f"d{i}" for i in range(len(differences))], "facet": "", "a": a, "b": b,
         "difference": differences}
    )  # fmt: skip


MEANS = np.array([0.5, 2.0, -0.4, 1.2, 3.1, 0.0, 0.9, 1.4, -1.8, 2.2, 0.7, 1.1, 0.2, 4.0, -0.1,
                  0.6, 1.9, 0.3, 2.8, -0.6])  # fmt: skip
# baycomp 1.0.3, SignedRankTest.probs(0 * MEANS, MEANS, margin, nsamples=200000, random_state=1)
BAYCOMP = {0.5: (0.9669, 0.03263, 0.00047), 1.0: (0.40736, 0.59264, 0.0)}


@pytest.mark.parametrize("margin", [0.5, 1.0])
def test_chances_are_those_of_baycomp(margin):
    assert s.signed_rank_chances(MEANS, margin) == pytest.approx(BAYCOMP[margin], abs=0.006)
    assert sum(s.signed_rank_chances(MEANS, margin)) == pytest.approx(1)


def test_chances_are_those_of_baycomp_as_installed():
    baycomp = pytest.importorskip("baycomp")
    left, rope, right = baycomp.SignedRankTest.probs(0 * MEANS, MEANS, 1.0, random_state=3)
    assert s.signed_rank_chances(MEANS, 1.0) == pytest.approx((right, rope, left), abs=0.015)


def test_chances_turn_with_the_arms():
    a, alike, b = s.signed_rank_chances(MEANS, 1.0)
    assert s.signed_rank_chances(-MEANS, 1.0) == pytest.approx((b, alike, a), abs=1e-12)
    with pytest.raises(ValueError, match="margin"):
        s.signed_rank_chances(MEANS, -1.0)


@pytest.mark.parametrize(
    ("datasets", "ends"), [(18, (-np.inf, np.inf)), (19, (1, 19)), (40, (2, 39))]
)
def test_the_next_dataset_is_expected_between_ordered_ones(datasets, ends):
    assert s.prediction_interval(np.arange(1, datasets + 1))[1:] == ends


@fixed_examples
@given(st.integers(0, 2**32 - 1), st.integers(1, 25), st.sampled_from([0.9, 0.95, 0.999]))
def test_the_typical_interval_holds_what_wilcoxon_does_not_reject(seed, n, level):
    x = np.random.default_rng(seed).normal(1, 2, n)
    mean, low, high = s.typical_interval(x, level)
    assert low <= mean <= high
    for end, out in ((low, -1), (high, 1)):
        if np.isfinite(end):
            assert s.wilcoxon_p(x - (end + out * 1e-6)) <= 1 - level + 1e-12
            assert s.wilcoxon_p(x - (end - out * 1e-6)) > 1 - level
    if np.isinf(low):
        assert s.wilcoxon_p(x - 1e9) > 1 - level - 1e-12


def test_twenty_datasets_are_tested():
    table = pd.concat([confirmed(MEANS), confirmed(MEANS / 9, b="C")], ignore_index=True)
    found = s.over_datasets(table).set_index("b")
    assert found["n_datasets"].tolist() == [20, 20]
    assert found.loc["B", "p"] == s.wilcoxon_p(MEANS)
    assert found["p_holm"].tolist() == s.holm(found["p"]).tolist()
    row = found.loc["B"]
    assert tuple(row[["difference", "low", "high"]]) == s.typical_interval(MEANS, 1 - 0.05 / 2)
    assert row["verdict_kind"] == s.decide(row["low"], row["high"], 1.0) == "better"
    assert tuple(row[["new_low", "new_high"]]) == (-1.8, 4.0)
    assert found.loc["B", ["p_a_better", "p_alike", "p_b_better"]].tolist() == list(
        s.signed_rank_chances(MEANS, 1.0)
    )
    assert (found.loc["B", "a_ahead"], found.loc["B", "b_ahead"]) == (9, 1)
    assert (found.loc["B", "smallest"], found.loc["B", "largest"]) == (-1.8, 4.0)


def test_fewer_than_twenty_are_described_and_not_tested():
    found = s.over_datasets(confirmed([*MEANS[:19], np.nan])).iloc[0]
    assert found["n_datasets"] == 19
    assert found["mean"] == pytest.approx(MEANS[:19].mean())
    assert found["verdict_kind"] == "absent"
    assert found[["low", "high", "p", "p_holm", "p_a_better", "new_low"]].isna().all()
    assert s.over_datasets(confirmed([np.nan])).empty
