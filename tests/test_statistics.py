"""The statistics against known answers: scipy on fixed inputs, simulations with known truth."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments import statistics as s
from reports.chapters.tables import by_pair
from reports.sentences.verdicts import verdict_counts

FIXED = np.array([0.4, -1.1, 2.3, 0.9, 1.6, -0.2, 0.7, 1.9])
NOTHING = {"n": 0, "value_a": np.nan, "value_b": np.nan}
fixed_examples = settings(derandomize=True, database=None, deadline=None, max_examples=100)


def cells(accuracies, *, facet="", tuned=1.0, **columns):
    """Return runs from {dataset: {arm: test accuracies by seed}}."""
    rows = [
        {"dataset": dataset, "facet": facet, "arm": arm, "tuned": tuned, "seed": seed}
        | {"test_accuracy": value, "validation_accuracy": value, "validation_cost": 1 - value}
        for dataset, arms in accuracies.items()
        for arm, values in arms.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(status="ok", **columns)


def simulated(effects, *, datasets, seeds=10, spread=1.0, seed=0):
    """Return runs whose paired differences are normal: arms have true `effects`, in points."""
    rng = np.random.default_rng(seed)
    return cells(
        {
            f"d{i}": {
                arm: 0.8 + (shared + effect + rng.normal(0, spread / np.sqrt(2), seeds)) / 100
                for arm, effect in effects.items()
            }
            for i in range(datasets)
            for shared in [rng.normal(0, 3, seeds)]
        }
    )


def grid(accuracies, costs=None, arm="A", **columns):
    """Return runs from {tuned: validation accuracies by seed}; test accuracies say the opposite."""
    rows = [
        {"dataset": "d", "facet": "", "arm": arm, "tuned": tuned, "seed": seed}
        | {"validation_accuracy": value, "test_accuracy": 1 - value}
        | {"validation_cost": (costs or {}).get(tuned, 0.5), "status": "ok"}
        for tuned, values in accuracies.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows).assign(**columns)


def skipped(runs, where):
    runs = runs.copy()
    runs.loc[where, "status"] = "skipped"
    runs.loc[where, s.METRICS] = np.nan
    return runs


# --- One sample -------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_t_interval_is_that_of_scipy(level):
    expected = stats.ttest_1samp(FIXED, 0).confidence_interval(level)
    assert s.t_interval(FIXED, level) == pytest.approx((FIXED.mean(), *expected))


@pytest.mark.parametrize("overlap", [None, 0.3])
def test_intervals_of_columns_are_those_of_each_column(overlap):
    columns = np.random.default_rng(1).normal(size=(7, 3))
    found = s.t_intervals(columns, 0.9, overlap)
    for column, mine in zip(columns.T, found.T, strict=True):
        assert mine == pytest.approx(s.t_interval(column, 0.9, overlap))
    assert np.isnan(s.t_intervals(columns[:1])[1:]).all()
    assert np.isnan(s.t_intervals([[np.inf], [1.0]])[1:]).all()


def test_t_interval_covers_the_truth():
    rng = np.random.default_rng(1)
    intervals = [s.t_interval(rng.normal(3, 2, size=6)) for _ in range(600)]
    assert np.mean([low <= 3 <= high for _, low, high in intervals]) == pytest.approx(
        0.95, abs=0.03
    )


def test_the_correction_covers_where_overlapping_splits_are_correlated():
    """Values with correlation ρ = overlap/(1 + overlap), which the correction assumes."""
    overlap, n = 0.5, 10
    rng = np.random.default_rng(2)
    samples = rng.normal(0, np.sqrt(overlap), (600, 1)) + rng.normal(size=(600, n))

    def coverage(overlap):
        intervals = [s.t_interval(x, overlap=overlap) for x in samples]
        return np.mean([low <= 0 <= high for _, low, high in intervals])

    assert coverage(overlap) == pytest.approx(0.95, abs=0.03)
    assert coverage(None) < 0.7


def test_intervals_without_spread():
    assert s.t_interval([2.0, 2.0, 2.0]) == (2.0, 2.0, 2.0)
    mean, low, high = s.t_interval([2.0])
    assert mean == 2.0
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize("x", [[], [1.0, np.nan], [1.0, np.inf], [[1.0, 2.0]]])
@pytest.mark.parametrize(
    "function", [s.t_interval, s.sign_flip_p, s.wilcoxon_p, lambda x: s.tost_p(x, 1.0)]
)
def test_samples_that_say_nothing_are_refused(function, x):
    with pytest.raises(ValueError, match="finite"):
        function(x)


def test_a_level_outside_0_and_1_is_refused():
    with pytest.raises(ValueError, match="level"):
        s.t_interval(FIXED, level=95)


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_tost_is_the_larger_of_two_one_sided_tests(margin):
    lower = stats.ttest_1samp(FIXED, -margin, alternative="greater").pvalue
    upper = stats.ttest_1samp(FIXED, margin, alternative="less").pvalue
    assert s.tost_p(FIXED, margin) == pytest.approx(max(lower, upper))


@pytest.mark.parametrize("overlap", [None, 0.3])
def test_tost_just_passes_at_the_far_end_of_the_90_percent_interval(overlap):
    _, low, high = s.t_interval(FIXED, 0.9, overlap)
    assert s.tost_p(FIXED, max(-low, high), overlap) == pytest.approx(0.05)


def test_tost_needs_a_spread():
    assert np.isnan(s.tost_p([0.1, 0.1, 0.1], 1.0))
    assert np.isnan(s.tost_p([0.1], 1.0))


@fixed_examples
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=9))
def test_sign_flips_count_every_pattern(x):
    """Integers tie often; thirds of them tie only up to rounding."""
    sums = [abs(np.dot(signs, x)) for signs in product((-1, 1), repeat=len(x))]
    expected = np.mean(np.array(sums) >= abs(sum(x)))
    assert s.sign_flip_p(x) == expected
    assert s.sign_flip_p(np.array(x) / 3) == expected


def test_sign_flips_agree_with_scipy():
    result = stats.permutation_test(
        (FIXED,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert s.sign_flip_p(FIXED) == pytest.approx(result.pvalue)


@pytest.mark.parametrize("n", range(1, 21))
def test_smallest_p_is_reached(n):
    assert s.sign_flip_p(np.arange(1, n + 1)) == s.smallest_p(n, pairs=1)


def test_many_seeds_are_sampled_near_the_truth():
    """Of 24 equal differences with 6 turned, the sum is 24 - 2B with B binomial."""
    x = np.r_[np.ones(18), -np.ones(6)]
    assert s.sign_flip_p(x) == pytest.approx(2 * stats.binom.cdf(6, 24, 0.5), rel=0.1)
    assert s.sign_flip_p(np.ones(40)) == 1e-5
    assert s.sign_flip_p(x) == s.sign_flip_p(x)


def test_wilcoxon_is_that_of_scipy():
    assert s.wilcoxon_p(FIXED) == pytest.approx(stats.wilcoxon(FIXED, method="exact").pvalue)


def test_wilcoxon_is_exact_with_ties_and_zeros():
    x = np.array([1, 1, 2, 2, -1, 3, 0, 0, 4, -2.0])
    exact = stats.PermutationMethod(n_resamples=np.inf)
    expected = stats.wilcoxon(x[x != 0], method=exact).pvalue
    assert s.wilcoxon_p(x) == pytest.approx(expected)
    assert np.isnan(s.wilcoxon_p([0.0, 0.0]))


@pytest.mark.parametrize("overlap", [None, 0.1])
def test_seeds_for_margin_is_the_first_number_that_is_enough(overlap):
    def half_width(n):
        return stats.t.ppf(0.975, n - 1) * 2.0 * np.sqrt(1 / n + (overlap or 0))

    n = s.seeds_for_margin(2.0, margin=1.6, overlap=overlap)
    assert half_width(n) <= 1.6 < half_width(n - 1)


def test_seeds_for_margin_where_there_is_no_answer():
    assert s.seeds_for_margin(2.0, margin=1.0, overlap=0.5) == np.inf
    assert np.isnan(s.seeds_for_margin(0.0, margin=1.0))
    assert np.isnan(s.seeds_for_margin(np.nan, margin=1.0))
    assert s.seeds_for_margin(1e-9, margin=1.0) == 2


# --- Families ---------------------------------------------------------------------------------


@fixed_examples
@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=8))
def test_holm_by_its_definition(p):
    """A hypothesis falls at level α if it and all smaller ones pass α/(m - rank)."""
    known = sorted(x for x in p if x == x)
    bounds = [min(1.0, (len(known) - i) * x) for i, x in enumerate(known)]
    for x, adjusted in zip(p, s.holm(p), strict=True):
        expected = max(bounds[: known.index(x) + known.count(x)]) if x == x else x
        assert adjusted == pytest.approx(expected, nan_ok=True)


def test_seeds_needed_is_the_first_number_at_which_significance_is_possible():
    for pairs in range(1, 30):
        n = s.seeds_needed(pairs)
        assert s.smallest_p(n, pairs) <= 0.05 < s.smallest_p(n - 1, pairs)
    assert s.seeds_needed(1, level=0.01) == 8
    assert s.smallest_p(1, pairs=10) == 1.0
    with pytest.raises(ValueError, match="positive"):
        s.seeds_needed(1, level=0)


# --- Step sizes -------------------------------------------------------------------------------


def test_the_step_is_chosen_by_validation_accuracy_alone():
    row = s.choose_step(grid({0.1: [0.5, 0.7], 1.0: [0.9, 0.6], 10.0: [0.7, 0.7]})).iloc[0]
    assert row["tuned"] == 1.0
    assert row["validation_accuracy"] == 0.75
    assert (row["n_seeds"], row["grid_size"], row["on_edge"]) == (2, 3, "")


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ({0.1: 0.3, 1.0: 0.2, 10.0: 0.4}, 1.0),
        ({0.1: 0.2, 1.0: 0.2, 10.0: 0.2}, 0.1),
        ({0.1: np.nan, 1.0: np.inf, 10.0: 0.9}, 10.0),
        ({0.1: np.nan, 1.0: np.inf, 10.0: np.inf}, 0.1),
    ],
)
def test_ties_go_to_the_lower_cost_and_then_to_the_smaller_step(costs, expected):
    """The three means are 0.4, but only up to rounding: 0.4000000000000001 comes first."""
    runs = grid({10.0: [0.1, 0.2, 0.9], 1.0: [0.2, 0.2, 0.8], 0.1: [0.8, 0.2, 0.2]}, costs)
    assert s.choose_step(runs)["tuned"].tolist() == [expected]


@pytest.mark.parametrize(
    ("accuracies", "edge"),
    [
        ({0.1: [0.9], 1.0: [0.5]}, "low"),
        ({0.1: [0.5], 1.0: [0.9]}, "high"),
        ({0.1: [0.9]}, ""),
    ],
)
def test_a_best_step_on_the_edge_is_said_so(accuracies, edge):
    assert s.choose_step(grid(accuracies))["on_edge"].tolist() == [edge]


def test_an_arm_that_was_only_skipped_is_absent_not_lost():
    runs = pd.concat([grid({1.0: [0.9]}, arm="Z"), grid({1.0: [0.9], 2.0: [0.9]}, arm="A")])
    table = s.choose_step(skipped(runs.reset_index(drop=True), [1, 2]))
    assert table["arm"].tolist() == ["Z", "A"]
    assert np.isnan(table["tuned"][1])
    assert table[["n_seeds", "grid_size"]].loc[1].tolist() == [0, 0]


def test_numbers_of_skipped_runs_are_not_read():
    runs = grid({0.1: [0.6, 0.5], 1.0: [0.9, 0.1]})
    runs.loc[3, "status"] = "skipped"
    assert s.choose_step(runs)[["tuned", "n_seeds"]].iloc[0].tolist() == [1.0, 1]
    assert s.sensitivity(runs)["n"].tolist() == [2, 1]


def test_diverged_runs_count_in_the_choice():
    runs = grid({0.1: [0.6, 0.6], 1.0: [0.9, 0.1]}, costs={1.0: np.nan})
    runs.loc[3, "status"] = "diverged"
    assert s.choose_step(runs)["tuned"].tolist() == [0.1]


def test_the_shared_step_is_best_for_the_mean_of_the_arms():
    a = grid({0.1: [0.9], 1.0: [0.8], 10.0: [0.1]}, arm="A")
    b = grid({0.1: [0.1], 1.0: [0.7], 10.0: [0.9]}, arm="B")
    row = s.shared_step(pd.concat([a, b])).iloc[0]
    assert (row["tuned"], row["n_arms"], row["grid_size"], row["on_edge"]) == (1.0, 2, 3, "")
    assert row["validation_accuracy"] == pytest.approx(0.75)


def test_the_shared_step_is_one_that_all_present_arms_have():
    a, b = grid({0.1: [0.9], 1.0: [0.8]}, arm="A"), grid({1.0: [0.7]}, arm="B")
    gone = skipped(grid({0.1: [0.7]}, arm="C"), [0])
    assert s.shared_step(pd.concat([a, b, gone]))["tuned"].tolist() == [1.0]
    none = s.shared_step(pd.concat([a, grid({5.0: [0.7]}, arm="B")]))
    assert none["tuned"].isna().all()
    assert none["n_arms"].tolist() == [0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda runs: runs.drop(columns="seed"), "missing columns: seed"),
        (lambda runs: runs.iloc[:0], "no rows"),
        (lambda runs: pd.concat([runs, runs]), "two rows for one run"),
        (lambda runs: runs.assign(status="fine"), "status"),
        (lambda runs: runs.assign(tuned=np.nan), "must not be missing"),
        (lambda runs: runs.assign(test_accuracy=np.nan), "without accuracies"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [
        s.choose_step,
        s.shared_step,
        s.mean_ranks,
        s.divergence_rates,
        s.sensitivity,
        lambda runs: s.compare(runs, 100),
    ],
)
def test_a_broken_contract_is_refused(function, spoil, message):
    with pytest.raises(ValueError, match=message):
        function(spoil(grid({0.1: [0.5], 1.0: [0.6]})))


# --- Pairs ------------------------------------------------------------------------------------

A = [0.912, 0.904, 0.921, 0.918, 0.909, 0.931, 0.925, 0.916]
B = [0.893, 0.901, 0.899, 0.905, 0.887, 0.911, 0.896, 0.902]
C = [0.892, 0.900, 0.902, 0.904, 0.889, 0.911, 0.894, 0.903]
THREE = {"d": {"A": A, "B": B, "C": C}}


def test_compare_says_what_scipy_says():
    table = s.compare(cells(THREE), {"d": 1000})
    assert list(table) == list(s.COMPARE_COLUMNS)
    assert list(zip(table["a"], table["b"], strict=True)) == [("A", "B"), ("A", "C"), ("B", "C")]
    row, d = table.iloc[0], 100 * (np.array(A) - np.array(B))
    interval = stats.ttest_rel(A, B).confidence_interval(0.95)
    assert row[["low", "high"]].tolist() == pytest.approx([100 * end for end in interval])
    assert row[["difference", "spread"]].tolist() == pytest.approx([d.mean(), d.std(ddof=1)])
    assert row["mean_a"] - row["mean_b"] == pytest.approx(row["difference"])
    assert row["n"] == 8
    assert row["p"] == s.sign_flip_p(d)
    assert table["p_holm"].tolist() == s.holm(table["p"]).tolist()
    assert table["tost_p_holm"].tolist() == s.holm(table["tost_p"]).tolist()
    assert row["tost_p"] == pytest.approx(s.tost_p(d, 1.0))
    assert row[["tost_low", "tost_high"]].tolist() == pytest.approx(s.t_interval(d, 0.9)[1:])
    assert row["smallest_margin"] == pytest.approx(row["tost_high"])
    assert row["low"] < row["difference"] < row["high"]
    assert table["verdict_kind"].tolist() == ["better", "better", "equivalent"]


def test_a_difference_is_the_same_seen_from_the_other_side():
    table = s.compare(cells(THREE), {"d": 1000}, pairs=[("A", "B"), ("B", "A")])
    there, back = table.iloc[0], table.iloc[1]
    assert there["difference"] == -back["difference"]
    assert (there["low"], there["high"]) == (-back["high"], -back["low"])
    assert there["verdict"] == back["verdict"]
    same = ["p", "p_holm", "p_wilcoxon", "tost_p", "smallest_margin", "seeds_for_margin"]
    assert there[same].tolist() == back[same].tolist()


def test_the_order_of_the_rows_does_not_matter():
    runs = simulated({"A": 0, "B": 1, "C": 2}, datasets=3)
    shuffled = runs.sample(frac=1, random_state=0)
    pairs = [("A", "B"), ("C", "A")]
    keys = ["dataset", "a", "b"]
    one, two = (s.compare(x, 400, pairs=pairs).sort_values(keys) for x in (runs, shuffled))
    pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True), rtol=1e-9)


def test_families_are_one_dataset_and_facet():
    runs = pd.concat([cells(THREE, facet="x"), cells(THREE, facet="y"), cells({"e": THREE["d"]})])
    table = s.compare(runs, {"d": 1000, "e": 1000})
    assert len(table) == 9
    alone = s.compare(cells(THREE), {"d": 1000})
    for _, family in table.groupby(s.PLACE):
        for name in ("p_holm", "tost_p_holm"):
            assert family[name].tolist() == alone[name].tolist()


def test_arms_meet_at_their_own_best_steps_or_at_a_shared_one():
    validation = {"A": {0.1: 0.9, 1.0: 0.8}, "B": {0.1: 0.3, 1.0: 0.7}}
    test = {"A": {0.1: A, 1.0: B}, "B": {0.1: B, 1.0: C}}
    runs = pd.concat(
        cells({"d": {arm: test[arm][eta]}}, tuned=eta, validation_accuracy=validation[arm][eta])
        for arm in "AB"
        for eta in (0.1, 1.0)
    )
    own = s.compare(runs, 1000).iloc[0]
    assert (own["value_a"], own["value_b"]) == (0.1, 1.0)
    assert (own["edge_a"], own["edge_b"]) == ("low", "high")
    assert own["difference"] == pytest.approx(100 * (np.mean(A) - np.mean(C)))
    shared = s.compare(runs, 1000, step="shared").iloc[0]
    assert (shared["value_a"], shared["value_b"]) == (1.0, 1.0)
    assert shared["difference"] == pytest.approx(100 * (np.mean(B) - np.mean(C)))
    with pytest.raises(ValueError, match="'tuned' or 'shared'"):
        s.compare(runs, 1000, step="best")


def test_only_seeds_that_both_arms_have_are_paired():
    runs = cells(THREE)
    runs = skipped(runs, runs["arm"].eq("A") & runs["seed"].eq(0))
    row = s.compare(runs, 1000).iloc[0]
    assert row["n"] == 7
    assert row["difference"] == pytest.approx(100 * (np.mean(A[1:]) - np.mean(B[1:])))
    assert row["mean_b"] == pytest.approx(100 * np.mean(B[1:]))


def test_identical_arms_are_not_tested_and_do_not_count_in_the_family():
    runs = cells({"d": {"A": A, "B": B, "C": B}})
    row = s.compare(runs, 1000).iloc[2]
    assert (row["verdict_kind"], row["verdict"]) == (
        "identical",
        "B and C have the same accuracy in all 8 seeds",
    )
    assert np.isnan([row["p"], row["p_holm"], row["p_wilcoxon"], row["tost_p"]]).all()
    first = s.compare(runs, 1000).iloc[0]
    assert first["p_holm"] == 2 * first["p"]


@pytest.mark.parametrize(("step", "kind"), [(0.005, "negligible"), (0.03, "better")])
def test_a_constant_difference_has_a_sign_flip_p_but_no_t_test(step, kind):
    """0.91 - 0.905 and its like differ in their last bits; that is no spread."""
    row = s.compare(cells({"d": {"A": A, "B": np.array(A) - step}}), 1000).iloc[0]
    assert row["spread"] == 0
    assert row[["low", "high"]].tolist() == pytest.approx([100 * step] * 2)
    assert row["p"] == 2 / 2**8
    assert np.isnan([row["tost_p"], row["smallest_margin"], row["seeds_for_margin"]]).all()
    assert row["verdict_kind"] == kind


def test_a_constant_difference_in_few_seeds_is_inconclusive():
    row = s.compare(cells({"d": {"A": A[:4], "B": np.array(A[:4]) - 0.02}}), 1000).iloc[0]
    assert row["verdict"] == (
        "undecided between A and B; the same difference in all 4 seeds shows no spread"
    )


def test_one_seed_is_no_evidence():
    row = s.compare(cells({"d": {"A": [0.9], "B": [0.8]}}), 1000).iloc[0]
    assert row["verdict"] == "undecided between A and B; one seed shows no spread"
    assert row["p"] == 1
    assert np.isnan([row["low"], row["high"], row["tost_p"]]).all()


@pytest.mark.parametrize("step", ["tuned", "shared"])
def test_absent_arms_are_reported(step):
    runs = pd.concat([cells({"d": {"A": A, "B": B}, "e": {"A": A}}), cells({"e": {"C": C}})])
    runs = skipped(runs.reset_index(drop=True), runs["arm"].eq("C").to_numpy())
    table = s.compare(runs, 1000, step=step).set_index(["dataset", "a", "b"])
    assert len(table) == 6
    assert table.loc[("d", "A", "B"), "verdict_kind"] == "better"
    assert table.loc[("e", "A", "B"), "verdict"] == "absent: no run of B here"
    assert table.loc[("e", "B", "C"), "verdict"] == "absent: no run of B or C here"
    assert table.loc[("d", "A", "C"), "n"] == 0
    assert np.isnan(table.loc[("d", "A", "C"), "p_holm"])


def test_an_absent_arm_has_no_step_not_even_a_shared_one():
    steps = {0.1: [0.9], 1.0: [0.5]}
    runs = pd.concat([grid(steps, arm="A"), skipped(grid(steps, arm="B"), slice(None))])
    row = s.compare(runs, 1000, step="shared").iloc[0]
    assert (row["value_a"], row["edge_a"], row["edge_b"]) == (0.1, "low", "")
    assert np.isnan(row["value_b"])


def test_all_pairs_absent():
    runs = cells(THREE)
    table = s.compare(skipped(runs, runs.index), 1000)
    assert table["verdict_kind"].tolist() == ["absent"] * 3


def test_arms_without_a_common_seed_or_a_common_step():
    runs = cells({"d": {"A": A[:2], "B": B[:2]}})
    apart = runs.assign(seed=[0, 1, 2, 3])
    assert s.compare(apart, 1000)["verdict"].tolist() == ["absent: no seed in common"]
    steps = runs.assign(tuned=[0.1, 0.1, 1.0, 1.0])
    assert s.compare(steps, 1000, step="shared")["verdict_kind"].tolist() == ["absent"]


def test_diverged_runs_count_in_the_comparison():
    runs = cells({"d": {"A": A, "B": [*B[:-1], 0.1]}}, validation_cost=np.nan)
    runs.loc[len(runs) - 1, "status"] = "diverged"
    row = s.compare(runs, 1000).iloc[0]
    assert row["n"] == 8
    assert row["mean_b"] == pytest.approx(100 * np.mean([*B[:-1], 0.1]))


def test_the_margin_is_one_for_all_datasets():
    table = s.compare(cells({"d": {"A": A, "B": B}, "e": {"A": A, "B": B}}), {"d": 40, "e": 400})
    assert table["margin"].tolist() == [1.0, 1.0]


def test_overlap_widens_intervals_and_equivalence_alike():
    runs = cells({"d": {"A": A, "B": B}, "e": {"A": A, "B": B}})
    wide = s.compare(runs, 1000, overlap={"d": 0.25, "e": 0.0})
    plain = s.compare(runs, 1000)
    ratio = (wide["high"] - wide["low"]) / (plain["high"] - plain["low"])
    assert ratio.tolist() == pytest.approx([np.sqrt((1 / 8 + 0.25) * 8), 1.0])
    assert wide["tost_high"][0] > plain["tost_high"][0]
    assert wide["seeds_for_margin"][0] > plain["seeds_for_margin"][0]
    assert wide["p"].tolist() == plain["p"].tolist()


def test_what_compare_refuses():
    with pytest.raises(ValueError, match="n_test lacks d"):
        s.compare(cells(THREE), {"e": 100})
    with pytest.raises(ValueError, match="overlap lacks d"):
        s.compare(cells(THREE), 100, overlap={})
    with pytest.raises(ValueError, match="no row for the arms D; arms: A, B, C"):
        s.compare(cells(THREE), 100, pairs=[("A", "D")])


def test_one_arm_gives_no_pair():
    table = s.compare(cells({"d": {"A": A}}), 100)
    assert table.empty
    assert list(table) == list(s.COMPARE_COLUMNS)


def test_false_positives_stay_within_the_level():
    """Four equal arms on 300 datasets: a family errs if any of its six pairs is 'better'."""
    table = s.compare(simulated(dict.fromkeys("ABCD", 0.0), datasets=300), 1000)
    wrong = table["verdict_kind"].isin(["better", "negligible"])
    assert wrong.groupby(table["dataset"]).any().mean() <= 0.07
    single = s.compare(simulated(dict.fromkeys("AB", 0.0), datasets=400, seed=1), 1000)
    assert (single["p"] <= 0.05).mean() == pytest.approx(0.05, abs=0.025)
    covered = (single["low"] <= 0) & (single["high"] >= 0)
    assert covered.mean() == pytest.approx(0.95, abs=0.025)


def test_false_equivalence_stays_within_the_level():
    """The true difference is the margin itself: equivalent may be said in 5 % of the cases."""
    table = s.compare(simulated({"A": 0.0, "B": 1.0}, datasets=400, seed=3), 1000)
    assert (table["tost_p"] <= 0.05).mean() == pytest.approx(0.05, abs=0.025)
    assert (table["verdict_kind"] == "equivalent").mean() <= 0.07


@pytest.mark.parametrize(
    ("effect", "spread", "kind"),
    [
        (3.0, 1.0, "better"),
        (0.5, 0.2, "negligible"),
        (0.0, 0.3, "equivalent"),
        (0.0, 5.0, "inconclusive"),
    ],
)
def test_verdicts_find_the_truth(effect, spread, kind):
    effects = {"A": effect, "B": 0.0}
    table = s.compare(simulated(effects, datasets=100, spread=spread, seed=4), 1000)
    assert (table["verdict_kind"] == kind).mean() > 0.9


# --- Verdicts ---------------------------------------------------------------------------------

ROW = {"a": "A", "b": "B", "value_a": 1.0, "value_b": 1.0, "n": 10, "difference": 2.1, "low": 1.4}
ROW |= {"high": 2.8, "spread": 1.0, "p_holm": 0.01, "tost_p_holm": 1.0, "margin": 1.0}


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        ({}, "better", "A beats B by 2.1 points [1.4, 2.8]"),
        (
            {"difference": -2.1, "low": -2.8, "high": -1.4},
            "better",
            "B beats A by 2.1 points [1.4, 2.8]",
        ),
        (
            {"difference": 0.5, "low": 0.2, "high": 0.8},
            "negligible",
            "A beats B by 0.5 points [0.2, 0.8], less than 1 point",
        ),
        (
            {"difference": 0.5, "low": 0.02, "high": 0.98},
            "negligible",
            "A beats B by 0.50 points [0.02, 0.98], less than 1 point",
        ),
        ({"low": -0.1, "tost_p_holm": 0.04}, "equivalent", "A and B are equal within 1 point"),
        (
            {"p_holm": 0.2, "tost_p_holm": 0.04, "margin": 1.501},
            "equivalent",
            "A and B are equal within 1.51 points",
        ),
        (
            {"p_holm": 0.06, "low": -1.4},
            "inconclusive",
            "undecided between A and B: 2.1 points [−1.4, 2.8]",
        ),
        ({"p_holm": np.nan}, "identical", "A and B have the same accuracy in all 10 seeds"),
        ({"p_holm": np.nan, "n": 1}, "identical", "A and B have the same accuracy in one seed"),
        (NOTHING, "absent", "absent: no run of A or B here"),
    ],
)
def test_verdict_in_words(changes, kind, text):
    assert s.verdict(ROW | changes) == (kind, text)


@fixed_examples
@given(mean=st.floats(-5, 5), half=st.floats(1e-6, 5), p=st.floats(0, 1), tost=st.floats(0, 1))
def test_words_never_exceed_the_data(mean, half, p, tost):
    row = ROW | {"difference": mean, "low": mean - half, "high": mean + half}
    kind, text = s.verdict(row | {"p_holm": p, "tost_p_holm": tost})
    significant = p <= 0.05 and abs(mean) > half
    assert (kind in ("better", "negligible")) == significant
    assert (kind == "equivalent") == (not significant and tost <= 0.05)
    if kind == "negligible":
        assert abs(mean) + half < 1
    if significant:
        low, high = (float(end) for end in text.split("[")[1].split("]")[0].split(", "))
        assert 0 < low <= high
        assert f"{'A' if mean > 0 else 'B'} beats" in text


# --- Datasets ---------------------------------------------------------------------------------


def test_ranks_agree_with_scipy():
    rng = np.random.default_rng(5)
    means = pd.DataFrame(rng.normal([0.8, 0.79, 0.75, 0.6], 0.02, (20, 4)), columns=list("ABCD"))
    noise = rng.normal(0, 0.01, 5)
    runs = cells(
        {
            f"d{i}": {arm: row[arm] + noise - noise.mean() for arm in "ABCD"}
            for i, row in means.iterrows()
        }
    )
    ranks = s.mean_ranks(runs)
    expected = means.rank(axis=1, ascending=False).mean()
    assert ranks["mean_rank"].tolist() == pytest.approx(expected.tolist())
    assert ranks["n_datasets"].tolist() == [20] * 4
    friedman = stats.friedmanchisquare(*means.to_numpy().T).pvalue
    assert ranks["friedman_p"].tolist() == pytest.approx([friedman] * 4)
    assert set(ranks["note"]) == {""}


def test_few_datasets_are_ranked_without_a_test():
    best = {f"d{i}": {a: [0.9 - 0.1 * j] for j, a in enumerate("ABC")} for i in range(19)}
    ranks = s.mean_ranks(cells(best))
    assert ranks["mean_rank"].tolist() == [1, 2, 3]
    assert ranks["friedman_p"].isna().all()
    assert set(ranks["note"]) == {"too few datasets (19 of the 20 needed)"}


def test_a_dataset_on_which_an_arm_is_absent_is_left_out_and_named():
    best = {f"d{i}": {"A": [0.9 - 0.01 * i], "B": [0.8]} for i in range(21)}
    del best["d3"]["A"]
    ranks = s.mean_ranks(cells(best))
    assert ranks["n_datasets"].tolist() == [20, 20]
    assert ranks["note"].tolist() == ["d3 left out (A absent)"] * 2


def test_an_arm_that_is_absent_everywhere_is_not_ranked():
    runs = cells({f"d{i}": {"A": [0.9], "B": [0.8], "C": [0.7]} for i in range(6)})
    ranks = s.mean_ranks(skipped(runs, runs["arm"].eq("C")))
    assert ranks["mean_rank"].tolist() == pytest.approx([1, 2, np.nan], nan_ok=True)
    assert ranks["n_datasets"].tolist() == [6, 6, 0]
    assert ranks["note"][2] == "absent on every dataset"
    nothing = s.mean_ranks(skipped(runs, runs.index))
    assert nothing["mean_rank"].isna().all()
    assert nothing["n_datasets"].tolist() == [0, 0, 0]


def test_facets_are_ranked_by_themselves_and_ties_share_a_rank():
    runs = pd.concat(
        [
            cells({"d": {"A": [0.9], "B": [0.8]}}, facet="x"),
            cells({"d": {"A": [0.8], "B": [0.8]}, "e": {"A": [0.7], "B": [0.8]}}, facet="y"),
        ]
    )
    ranks = s.mean_ranks(runs)
    assert ranks["facet"].tolist() == ["x", "x", "y", "y"]
    assert ranks["mean_rank"].tolist() == [1, 2, 1.75, 1.25]


def test_arms_that_tie_everywhere_have_no_test():
    runs = cells({f"d{i}": {arm: [0.8] for arm in "ABC"} for i in range(20)})
    ranks = s.mean_ranks(runs)
    assert ranks["mean_rank"].tolist() == [2, 2, 2]
    assert ranks["friedman_p"].isna().all()


# --- Learning, divergence, sensitivity --------------------------------------------------------


def curves(accuracies):
    """Return curves from {arm: {seed: accuracies by epoch}}."""
    return pd.DataFrame(
        {"dataset": "d", "facet": "", "arm": arm, "seed": seed, "epoch": epoch}
        | {"accuracy": value}
        for arm, seeds in accuracies.items()
        for seed, values in seeds.items()
        for epoch, value in enumerate(values)
    )


def test_learning_speed_by_hand():
    """The best arm ends at 0.8, so the target is 0.76; slow runs are censored, not dropped."""
    table = s.learning_speed(
        curves(
            {
                "slow": {
                    0: [0.1, 0.2, 0.3, 0.76],
                    1: [0.1, 0.2, 0.3, 0.4],
                    2: [0.1, 0.1, 0.1, 0.1],
                },
                "fast": {0: [0.1, 0.8, 0.7, 0.8], 1: [0.1, 0.5, 0.78, 0.8]},
            }
        )
    ).set_index("arm")
    assert list(table.index) == ["slow", "fast"]
    assert table["target"].tolist() == pytest.approx([76, 76])
    assert table["n"].tolist() == [3, 2]
    assert table["reached"].tolist() == [1, 2]
    assert table["censored"].tolist() == [2, 0]
    assert table["median_epochs"].tolist() == [np.inf, 1.5]
    assert table["restricted_mean_epochs"].tolist() == [3, 1.5]
    fast = s.t_interval([60, 54.5])
    assert table.loc["fast", ["area", "area_low", "area_high"]].tolist() == pytest.approx(
        list(fast)
    )


def test_the_target_itself_is_enough():
    """0.95 times 55 per cent is 52.25000000000001 in floating point."""
    table = s.learning_speed(curves({"A": {0: [0.1, 0.55]}, "B": {0: [0.1, 0.5225]}}))
    assert table["reached"].tolist() == [1, 1]


def test_a_curve_that_ends_early_keeps_its_last_value():
    table = s.learning_speed(curves({"A": {0: [0.1, 0.5, 0.8, 0.8], 1: [0.1, 0.1]}}))
    assert table["target"].tolist() == pytest.approx([0.95 * 45])
    assert table["area"].tolist() == pytest.approx([100 * (0.55 + 0.1) / 2])
    assert table[["reached", "censored", "last_epoch"]].iloc[0].tolist() == [1, 1, 3]


def test_the_area_does_not_depend_on_which_epochs_of_a_line_are_measured():
    """An accuracy that rises by 1 point in each of 8 epochs has the mean 4, however it is read."""
    rows = [
        {"dataset": "d", "facet": "", "arm": arm, "seed": 0, "epoch": epoch, "accuracy": accuracy}
        for arm, measured in {"each": range(9), "doubling": [0, 1, 2, 4, 8]}.items()
        for epoch in range(9)
        for accuracy in [epoch / 100 if epoch in measured else np.nan]
    ]
    table = s.learning_speed(pd.DataFrame(rows))
    assert table["area"].tolist() == pytest.approx([4, 4])


def test_nobody_reaches_the_target_of_arms_that_got_nothing_right():
    table = s.learning_speed(curves({"A": {0: [0.3, 0.0], 1: [0.2, 0.0]}}))
    assert table[["target", "reached", "censored"]].iloc[0].tolist() == [0, 0, 2]


def test_what_learning_speed_refuses():
    good = curves({"A": {0: [0.1, 0.5], 1: [0.1, 0.4]}})
    with pytest.raises(ValueError, match="first epoch"):
        s.learning_speed(good.iloc[1:])
    with pytest.raises(ValueError, match="duplicate"):
        s.learning_speed(pd.concat([good, good]))
    with pytest.raises(ValueError, match="missing columns: epoch"):
        s.learning_speed(good.drop(columns="epoch"))


def test_divergence_is_counted_over_all_steps_and_at_the_chosen_one():
    runs = pd.concat(
        [grid({0.1: [0.6, 0.6], 1.0: [0.9, 0.8], 9.0: [0.1, 0.1]}), grid({0.1: [0.5]}, arm="B")]
    ).reset_index(drop=True)
    runs.loc[[3, 4, 5], "status"] = "diverged"
    table = s.divergence_rates(skipped(runs, [6])).set_index("arm")
    assert table.loc["A", ["n", "diverged", "rate"]].tolist() == [6, 3, 0.5]
    assert table.loc["A", ["n_chosen", "diverged_chosen", "rate_chosen"]].tolist() == [2, 1, 0.5]
    assert table.loc["B", ["n", "diverged", "n_chosen"]].tolist() == [0, 0, 0]
    assert np.isnan(table.loc["B", "rate"])


def test_sensitivity_has_a_row_for_each_step():
    runs = grid({0.1: [0.6, 0.7, 0.65], 1.0: [0.9, 0.8, 0.7], 9.0: [0.1]})
    runs.loc[5, "status"] = "diverged"
    table = s.sensitivity(skipped(runs, [6]))
    assert table["tuned"].tolist() == [0.1, 1.0, 9.0]
    assert table["n"].tolist() == [3, 3, 0]
    assert table["diverged"].tolist() == [0, 1, 0]
    row = table.iloc[1]
    validation = row[["validation_accuracy", "validation_low", "validation_high"]].tolist()
    assert validation == pytest.approx(list(s.t_interval([0.9, 0.8, 0.7])))
    test = row[["test_accuracy", "test_low", "test_high"]].tolist()
    assert test == pytest.approx(list(s.t_interval([0.1, 0.2, 0.3])))
    assert table.iloc[2][["test_accuracy", "test_low"]].isna().all()


# --- Kinds of verdicts ------------------------------------------------------------------------


def test_what_the_kinds_mean():
    """The columns: is it a difference, is it inside the margin, does an arm lead."""
    assert {kind: (kind.differs, kind.alike, kind.leads) for kind in s.Kind} == {
        "relevant": (True, False, True),
        "better": (True, False, True),
        "negligible": (True, True, False),
        "equivalent": (False, True, False),
        "inconclusive": (False, False, False),
        "identical": (False, True, False),
        "absent": (False, False, False),
    }


@pytest.mark.parametrize("kind", s.Kind)
def test_every_kind_has_its_words_and_columns_are_written_as_text(kind):
    assert kind.noun
    assert bool(kind.mark) == (kind != "absent")
    assert kind in s.COMPARE_COLUMNS["verdict_kind"]
    assert pd.DataFrame({"kind": [kind]}).to_csv(index=False) == f"kind\n{kind.value}\n"


@pytest.mark.parametrize("kind", s.Kind)
def test_the_report_counts_every_kind(kind):
    tests = pd.DataFrame(
        {"a": ["A"], "b": ["B"], "verdict_kind": [kind.value], "difference": [1.0], "dataset": "d"}
    )
    assert kind.noun in verdict_counts(tests)
    counted = by_pair(tests).drop(columns=["A", "B", "A − B, points"])
    assert counted.to_numpy().sum() == 1


def test_two_arms_that_diverged_in_every_run_are_not_alike():
    runs = cells({"d": {"A": [0.0] * 6, "B": [0.0] * 6, "C": [0.9] * 6}})
    runs.loc[runs["arm"].isin(["A", "B"]), "status"] = "diverged"
    kinds = s.compare(runs, 30).set_index(["a", "b"])["verdict_kind"].to_dict()
    assert kinds[("A", "B")] == "absent"
    assert kinds[("A", "C")] == kinds[("B", "C")] != "absent"
