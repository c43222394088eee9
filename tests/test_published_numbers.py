"""Other people's accuracies beside those measured: table, page, refusals."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.base.errors import ConfigError
from experiments.plan import expand
from experiments.results.sweep import Results
from experiments.results.tables import published_table, tables
from experiments.schema import validate
from experiments.statistics import prediction_interval, t_interval
from reports.answers.trust import published
from reports.chapters import Report
from reports.chapters.tables import with_published_numbers
from reports.reading import read_table
from reports.sentences.verdicts import numbers_met
from tests.sweeps import TINY, Sweep

NUMBERS = [
    {"arm": "tanh", "accuracy": 50.0, "source": "A"},
    {"arm": "sigmoid", "accuracy": 100.0, "source": "B", "part": "validation", "epoch": 1},
    {"arm": "sigmoid", "accuracy": 0.0, "source": "B", "part": "train", "note": "other data"},
]


def with_numbers(numbers):
    study = TINY["studies"]["activations"] | {"published": numbers}
    return TINY | {"studies": {"activations": study}}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    sweep = Sweep(tmp_path_factory.mktemp("sweep"), with_numbers(NUMBERS))
    sweep.train()
    sweep.collect()
    return Results(sweep.results, sweep.plan.config)


@pytest.fixture(scope="module")
def found(results):
    (comparison,) = results.comparisons
    return dict(tables(results, comparison))["published"]


def test_each_number_stands_beside_the_mean_of_the_right_place(results, found):
    (comparison,) = results.comparisons
    chosen = results.at_chosen_step(comparison)
    assert found["arm"].tolist() == ["tanh", "sigmoid", "sigmoid"]
    assert found["epoch"].tolist() == ["last", "1", "last"]
    tanh = chosen[chosen["arm"] == "tanh"]
    assert found["mean"][0] == pytest.approx(100 * tanh["test_accuracy"].mean())
    curves = pd.read_parquet(results.folder / "curves.parquet")
    runs = chosen.loc[chosen["arm"] == "sigmoid", "run_id"]
    mine = curves[curves["run_id"].isin(runs)]
    assert found["mean"][1] == pytest.approx(
        100 * mine.loc[mine["epoch"] == 1, "validation_accuracy"].mean()
    )
    assert found["mean"][2] == pytest.approx(
        100 * mine.loc[mine["epoch"] == 3, "train_accuracy"].mean()
    )
    np.testing.assert_allclose(found["difference"], found["mean"] - found["published"])
    assert found["standing"].tolist()[1:] == ["lower", "higher"]


def test_the_interval_is_that_of_another_run_not_of_the_mean(results, found):
    """mean ± t_{n-1} s sqrt(1 + 1/n); the published mean of 4 runs has 1/4 in the place of 1."""
    (comparison,) = results.comparisons
    chosen = results.at_chosen_step(comparison)
    values = 100 * chosen.loc[chosen["arm"] == "tanh", "test_accuracy"]
    one, (n, s) = found.iloc[0], (len(values), values.std(ddof=1))
    half = stats.t.ppf(0.975, n - 1) * s * np.sqrt(1 + 1 / n)
    assert (one["low"], one["high"]) == pytest.approx((values.mean() - half, values.mean() + half))
    number = comparison.published[0].model_copy(update={"runs": 4})
    mean_of_four = replace(comparison, published=(number,))
    low, high = published_table(results, mean_of_four, chosen, 0.95)[["low", "high"]].iloc[0]
    half = stats.t.ppf(0.975, n - 1) * s * np.sqrt(1 / 4 + 1 / n)
    assert high - low == pytest.approx(2 * half)


def test_another_run_is_inside_as_often_as_promised():
    """A small synthetic study: 6 seeds here, one run there, all drawn alike, 4,000 times."""
    drawn = 96 + 0.2 * np.random.default_rng(0).standard_normal((4000, 7))
    inside = {
        interval: np.mean(
            [low <= row[6] <= high for row in drawn for _, low, high in [interval(row[:6])]]
        )
        for interval in (prediction_interval, t_interval)
    }
    assert inside[prediction_interval] == pytest.approx(0.95, abs=0.01)
    assert inside[t_interval] < 0.75


def test_a_single_run_decides_nothing(results):
    (comparison,) = results.comparisons
    chosen = results.at_chosen_step(comparison)
    found = published_table(results, comparison, chosen[chosen["seed"] == 0], 0.95)
    assert set(found["standing"]) == {"undecided"}
    assert numbers_met(found).startswith("One run has no spread")


def test_a_number_inside_the_interval_is_met(results, found):
    (comparison,) = results.comparisons
    number = comparison.published[0].model_copy(update={"accuracy": found["mean"][0]})
    chosen = results.at_chosen_step(comparison)
    object.__setattr__(comparison, "published", (number,))
    again = published_table(results, comparison, chosen, 0.95)
    assert again["standing"].tolist() == ["met"]


def test_the_table_is_read_back_as_the_report_reads_it(found, tmp_path):
    found.to_csv(tmp_path / "table.csv", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), found, check_dtype=False)


def test_the_words_count_and_name(found):
    text = numbers_met(found)
    assert "of 3 places" in text
    assert (
        f"sigmoid after the last epoch, train: measured {found['difference'][2]:.1f} points higher"
    ) in text
    assert "sigmoid after epoch 1, validation: measured " in text
    wide = with_published_numbers(found)
    assert wide["epoch"].tolist() == ["last", "1", "last"]
    assert "facet" not in wide
    assert wide["what was different"].tolist() == ["", "", "other data"]
    assert numbers_met(found[:0]) == "No run reached the place of a published number yet."
    assert all(math.isfinite(float(text)) for text in wide["published"])


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ({"arm": "tan", "accuracy": 50.0, "source": "A"}, "tanh"),
        ({"arm": "tanh", "accuracy": 101.0, "source": "A"}, "accuracy"),
        ({"arm": "tanh", "accuracy": 50.0, "source": ""}, "source"),
        ({"arm": "tanh", "accuracy": 50.0}, "source"),
        ({"arm": "tanh", "accuracy": 50.0, "source": "A", "part": "tests"}, "part"),
        ({"arm": "tanh", "accuracy": 50.0, "source": "A", "epoch": -1}, "epoch"),
        ({"arm": "tanh", "accuracy": 50.0, "source": "A", "runs": 0}, "runs"),
    ],
    ids=str,
)
def test_numbers_that_cannot_be_placed_are_refused(number, message):
    with pytest.raises(ConfigError, match=r"published\[0\]") as refusal:
        validate(with_numbers([number]))
    assert message in str(refusal.value)


def test_a_number_after_an_epoch_that_no_run_reaches_is_refused():
    number = {"arm": "tanh", "accuracy": 90.0, "source": "C"}
    expand("x", validate(with_numbers([number | {"epoch": 3}])))
    with pytest.raises(ConfigError, match=r"published\[0\]\.epoch: no run of 'tanh' .* at most 3"):
        expand("x", validate(with_numbers([number | {"epoch": 4}])))


def test_a_sweep_without_published_numbers_has_no_such_table():
    config = validate(TINY)
    from experiments.schema.compared import table_names

    assert not any(name.endswith("published") for name in table_names(config))
    assert "activations-hidden-published" in table_names(validate(with_numbers(NUMBERS)))


def test_the_main_page_says_whether_they_were_met(results, found, tmp_path):
    (tmp_path / "tables").mkdir()
    (comparison,) = results.comparisons
    found.to_csv(tmp_path / "tables" / f"{comparison.name}-published.csv", index=False)
    report = Report(tmp_path, results.config)
    (said,) = published(report)
    assert numbers_met(found) in said
    assert f"#{comparison.name}-published" in said
