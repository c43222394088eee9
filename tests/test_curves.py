"""The one reader of curves.parquet."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.base import UserError, files
from experiments.results.curves import Curves, curve_columns, read_curves


@pytest.fixture
def folder(tmp_path):
    """A sweep of a run with three epochs, one with one and one with two, in two row groups."""
    table = pa.table(
        {
            "run_id": ["b", "b", "b", "a", "c", "c"],
            "epoch": pa.array([0, 1, 2, 0, 0, 1], pa.int32()),
            "test_accuracy": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            "dead_2": [None, None, None, None, 1.0, 0.0],
        }
    )
    pq.write_table(table, tmp_path / files.CURVES, row_group_size=4)
    return tmp_path


def test_all_curves_are_read_as_they_are_stored(folder):
    assert curve_columns(folder) == ["run_id", "epoch", "test_accuracy", "dead_2"]
    pd.testing.assert_frame_equal(read_curves(folder), pd.read_parquet(folder / files.CURVES))


def test_some_columns_of_some_runs_are_read(folder):
    found = read_curves(folder, ["c", "a", "no such run"], ["test_accuracy"])
    assert found.columns.tolist() == ["run_id", "epoch", "test_accuracy"]
    assert found["run_id"].tolist() == ["a", "c", "c"]
    assert found["test_accuracy"].tolist() == [0.4, 0.5, 0.6]
    assert read_curves(folder, [], ["test_accuracy"]).empty


def test_curves_that_cannot_be_read_are_named(folder, tmp_path):
    with pytest.raises(UserError, match="lacks the column gradient"):
        read_curves(folder, columns=["gradient"])
    (folder / files.CURVES).write_bytes(b"PAR1")
    with pytest.raises(UserError, match=r"curves\.parquet cannot be read"):
        read_curves(folder)
    with pytest.raises(UserError, match=r"curves\.parquet is not there"):
        read_curves(tmp_path / "elsewhere")


@pytest.mark.parametrize("runs", [None, {"b", "c"}])
def test_the_curves_of_a_run_are_arrays(folder, runs):
    curves = Curves(folder, ["test_accuracy", "dead_2"], runs)
    assert ("a" in curves) == (runs is None)
    assert curves.lengths(["b", "c"]).tolist() == [3, 2]
    names = ["test_accuracy", "not recorded", "dead_2"]
    accuracy, dead = curves.stacked(["c", "b"], names, np.arange(3))
    np.testing.assert_array_equal(accuracy, [[0.5, 0.6, 0.6], [0.1, 0.2, 0.3]])
    np.testing.assert_array_equal(dead[0], [1.0, 0.0, 0.0])
    assert np.isnan(dead[1]).all()
    assert curves.stacked(["b"], ["test_accuracy"], np.array([0, 2]))[0].tolist() == [[0.1, 0.3]]


def test_curves_of_no_run(folder):
    curves = Curves(folder, ["test_accuracy"], set())
    assert "a" not in curves
