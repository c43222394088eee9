"""Other people's accuracies beside those measured: table, page, refusals."""

import math

import numpy as np
import pandas as pd
import pytest

from experiments.errors import ConfigError
from experiments.plan import expand
from experiments.results import Results
from experiments.schema import validate
from experiments.tables import published_table, tables
from reports.narrative import beside_published, numbers_met, read_table
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
    chosen = results.at_chosen_step(results.cells(comparison))
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


def test_a_number_inside_the_interval_is_met(results, found):
    (comparison,) = results.comparisons
    number = comparison.published[0].model_copy(update={"accuracy": found["mean"][0]})
    chosen = results.at_chosen_step(results.cells(comparison))
    object.__setattr__(comparison, "published", (number,))
    again = published_table(results, comparison, chosen, {"level": 0.95, "overlap": None})
    assert again["standing"].tolist() == ["met"]


def test_the_table_is_read_back_as_the_report_reads_it(found, tmp_path):
    found.to_csv(tmp_path / "table.csv", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), found, check_dtype=False)


def test_the_words_count_and_name(found):
    text = numbers_met(found)
    assert "of 3 places" in text
    assert f"sigmoid, {found['difference'][2]:.1f} points higher" in text
    wide = beside_published(found)
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
    from experiments.comparisons import table_names

    assert not any(name.endswith("published") for name in table_names(config))
    assert "activations-hidden-published" in table_names(validate(with_numbers(NUMBERS)))
