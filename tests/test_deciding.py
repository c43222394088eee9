"""Decisions from one interval, and how many splits they need: scipy, statsmodels, simulation."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import power, weightstats

from experiments import statistics as s
from experiments.statistics.deciding import not_below_rounding
from tests.confirming import MANY, fixed_examples, runs

FIXED = np.array([0.4, -1.1, 2.3, 0.9, 1.6, -0.2, 0.7, 1.9])
N, MEAN, SPREAD = len(FIXED), FIXED.mean(), FIXED.std(ddof=1)


# --- One sample of split means --------------------------------------------------------------------


def test_t_p_is_that_of_scipy():
    assert s.t_p(N, MEAN, SPREAD) == pytest.approx(stats.ttest_1samp(FIXED, 0).pvalue, abs=1e-14)


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_inside_p_is_that_of_a_sample_and_of_statsmodels(margin):
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


# --- One interval, one kind -----------------------------------------------------------------------


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


# --- How many splits decide -----------------------------------------------------------------------


@pytest.mark.parametrize(("n", "difference"), [(12, 1.0), (20, 1.5), (6, 2.0)])
def test_power_beyond_the_margin_is_that_of_the_t_test(n, difference):
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
