"""Families of tests: against scipy, statsmodels and the definitions."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats import multitest

from experiments import statistics as s
from tests.confirming import fixed_examples


@fixed_examples
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_is_that_of_scipy(p):
    assert s.benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p), abs=1e-12)


def test_benjamini_hochberg_is_that_of_statsmodels_and_leaves_nan_out():
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
