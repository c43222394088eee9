"""Datasets as the sample: against scipy, baycomp and the definitions."""

import baycomp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import statistics as s
from tests.confirming import fixed_examples


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
    assert s.new_dataset_interval(np.arange(1, datasets + 1))[1:] == ends


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
