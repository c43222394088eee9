"""What a source of the user's own promises and gives: taken, or refused in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn.datasets
from scipy import sparse

from experiments.base.errors import ConfigError, UserError
from experiments.base.store import read
from experiments.datasets import DATASETS, Data, Shape, Source
from experiments.datasets.arrays import usable
from experiments.datasets.making import prepare
from experiments.datasets.opened import opened_files
from experiments.schema import validate
from experiments.training.splits import make_parts

NAN = float("nan")

X, Y = np.random.default_rng(0).standard_normal((20, 2)), np.arange(20) % 2
TWO = Shape(20, 2, 2)


@pytest.mark.parametrize(
    "y",
    [
        Y.astype(np.int8),
        Y.astype(bool),
        Y.astype(float),
        Y.astype(np.uint64),
        Y.tolist(),
        Y[:, None],
    ],
    ids=["int8", "bool", "float", "uint64", "list", "column"],
)
def test_whole_numbers_of_any_type_are_class_numbers(y):
    made = usable("mine", {"X": X.astype(np.float16), "y": y}, TWO)
    assert made["y"].dtype == np.int64
    assert made["y"].tolist() == Y.tolist()
    assert made["X"].dtype == np.float64


def test_real_values_become_a_column_of_float64():
    made = usable("mine", {"X": X, "y": np.arange(20)}, Shape(20, 2, 0))
    assert made["y"].shape == (20, 1)
    assert made["y"].dtype == np.float64


NOT_A_NUMBER = np.where(np.arange(40).reshape(20, 2) == 7, np.nan, X)
PARTS = np.repeat([0, 1, 2], [12, 4, 4])
SPLIT = Shape(20, 2, 2, train=12, validation=4)
BAD = {
    "announced": ({"X": X[:19], "y": Y}, TWO, "19 samples of 2 features .* announced 20 of 2"),
    "labels": ({"X": X, "y": Y[:19]}, TWO, "20 samples but 19 labels"),
    "nan": ({"X": NOT_A_NUMBER, "y": Y}, TWO, "missing or infinite, the first in row 3, column 1"),
    "range": ({"X": X, "y": Y + 1}, TWO, "must be 0 to 1, as its source announced 2 .* found 2"),
    "negative": ({"X": X, "y": Y - 1}, TWO, "y holds -1, which is not a class number"),
    "empty class": ({"X": X, "y": Y}, Shape(20, 2, 3), "class 2 has 0 members; at least 5"),
    "text labels": (
        {"X": X, "y": np.array(["no", "yes"])[Y]},
        TWO,
        r"y holds texts \('no', 'yes'\), but class numbers .* np.unique\(y, return_inverse=True",
    ),
    "mixed labels": ({"X": X, "y": np.array(["no", 1] * 10, object)}, TWO, "y holds texts .*'no'"),
    "real labels": ({"X": X, "y": Y + 0.5}, TWO, "y holds 0.5, which is not a class .* classes=0"),
    "missing label": (
        {"X": X, "y": np.where(Y, np.nan, 0)},
        TWO,
        "y holds nan, which is not a class",
    ),
    "one-hot": ({"X": X, "y": np.eye(2)[Y]}, TWO, r"shape \(20, 2\).*y.argmax\(axis=1\)"),
    "text values": ({"X": X, "y": Y.astype(str)}, Shape(20, 2, 0), "y holds texts, not real"),
    "infinite value": ({"X": X, "y": Y + np.inf}, Shape(20, 2, 0), "20 values of y are missing or"),
    "targets": ({"X": X, "y": X}, Shape(20, 2, 0), "20, 2.*announced 1 real values"),
    "text features": ({"X": X.astype(str), "y": Y}, TWO, "X holds texts, not numbers; turn cat"),
    "mixed features": (
        {"X": pd.DataFrame({"a": Y, "b": ["u"] * 20}), "y": Y},
        TWO,
        "X holds texts, the first in column 1: 'u', not numbers",
    ),
    "dates": ({"X": np.full((20, 2), "2020-01-01", "M8[D]"), "y": Y}, TWO, "X holds dates"),
    "complex": ({"X": X * 1j, "y": Y}, TWO, "X holds complex128 values"),
    "images": ({"X": X[:, :, None], "y": Y}, TWO, r"shape \(20, 2, 1\).*X.reshape\(len\(X\), -1"),
    "sparse": ({"X": sparse.csr_array(X), "y": Y}, TWO, r"sparse matrix; .*X.toarray\(\)"),
    "ragged": ({"X": [[1, 2], [3]], "y": Y}, TWO, "X is not an array of numbers"),
    "key": ({"X": X, "Y": Y}, TWO, 'load returned X, Y, but no "y"'),
    "further key": ({"X": X, "y": Y, "parts": Y}, TWO, "'parts'.*did you mean 'part'.*nothing rea"),
    "part length": ({"X": X, "y": Y, "part": PARTS[:9]}, SPLIT, '"part" must be 20 whole numbers'),
    "part texts": ({"X": X, "y": Y, "part": PARTS.astype(str)}, SPLIT, '"part" must be 20 whole'),
    "part sizes": ({"X": X, "y": Y, "part": PARTS}, TWO, "12, 4, 4 rows; announce .* train=12"),
    "no part": ({"X": X, "y": Y}, SPLIT, 'announces a split .*returned no "part"'),
    "empty part": ({"X": X, "y": Y, "part": PARTS * 2 % 4}, SPLIT, "the validation part has no r"),
    "class": ({"X": X, "y": Y, "part": Y * 2}, SPLIT, "the validation part has no rows"),
    "unlearnt": (
        {"X": X, "y": Y, "part": np.where(Y, 1 + np.arange(20) % 4 // 2, 0)},
        SPLIT,
        "no row of the class 1 is in the training part",
    ),
    "impute": ({"X": NOT_A_NUMBER, "y": Y, "impute": "mean"}, TWO, "'mean'; it must be one of med"),
    "infinite": (
        {"X": X + np.inf, "y": Y, "impute": "median"},
        TWO,
        "40 values are infinite, the first",
    ),
    "no value": (
        {"X": X * np.array([1, np.nan]), "y": Y, "impute": "median"},
        TWO,
        "the feature 1 has no value at all",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_arrays_that_cannot_be_trained_on_are_refused_in_a_sentence(case):
    arrays, shape, message = BAD[case]
    with pytest.raises(UserError, match=message) as refusal:
        usable("mine", arrays, shape)
    assert str(refusal.value).startswith("mine: ")
    assert "\n" not in str(refusal.value)


# --- A source of the user's own, as the plan and the data rule meet it ----------------------------


class Mine(Source):
    """Reads a file that it does not declare."""

    description = licence = citation = "mine"

    def shape(self, options):
        return Shape(np.int8(20), 2, np.int8(2))

    def load(self, options):
        table = np.loadtxt("mine.csv", delimiter=",")
        return {"X": table[:, :2], "y": table[:, 2].astype(np.int8)}


class Declares(Mine):
    """Declares it."""

    def files(self, options):
        return [Path("mine.csv")]


class DeclaresAnother(Mine):
    """Declares another file only."""

    def files(self, options):
        return ["other.csv"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savetxt("mine.csv", np.column_stack([X, Y]), delimiter=",")
    Path("other.csv").touch()
    return tmp_path


def register(monkeypatch, source: Source) -> Data:
    monkeypatch.setitem(DATASETS._components, "mine", source)
    return Data("mine", "mine", {}, True)


def test_a_file_that_a_source_reads_must_be_declared(folder, monkeypatch):
    data = register(monkeypatch, Mine())
    with pytest.raises(UserError, match=r"reads mine\.csv without") as refusal:
        prepare(data, folder / "x.bin")
    assert 'def files(self, options): return [Path("mine.csv")]' in str(refusal.value)
    assert "the class Mine (" in str(refusal.value)
    assert not (folder / "x.bin").exists()
    data = register(monkeypatch, DeclaresAnother())
    with pytest.raises(UserError, match=r'add Path\("mine.csv"\) to the list that `files` returns'):
        prepare(data, folder / "x.bin")
    prepare(register(monkeypatch, Declares()), folder / "x.bin")
    assert read(folder / "x.bin")[1]["y"].dtype == np.int64


def test_a_file_that_the_shape_is_read_from_is_missed_by_the_plan(folder, monkeypatch):
    class Reads(Mine):
        """Reads its file for its shape."""

        def shape(self, options):
            return Shape(len(np.loadtxt("mine.csv", delimiter=",")), 2, 2)

    with pytest.raises(UserError, match=r"reads mine\.csv without declaring it"):
        _ = register(monkeypatch, Reads()).shape


def test_only_the_users_files_are_watched(folder):
    """Code, installed packages and files that the block wrote itself belong to nobody's data."""
    with opened_files() as opened:
        sklearn.datasets.load_iris()
        Path("made.csv").write_text("1", encoding="utf-8")
        Path("made.csv").read_text(encoding="utf-8")
        Path(__file__).read_text(encoding="utf-8")
        pd.read_csv("mine.csv")
        with pytest.raises(FileNotFoundError):
            Path("gone.csv").read_text(encoding="utf-8")
        os.close(os.open("other.csv", os.O_RDONLY))
    assert [path.name for path in opened.users_files()] == ["mine.csv", "other.csv"]
    with opened_files() as opened:
        pass
    Path("mine.csv").read_text(encoding="utf-8")
    assert opened.users_files() == []


def test_what_is_installed_is_no_file_of_the_source(tmp_path):
    path = tmp_path / "mine.egg-info" / "entry_points.txt"  # libraries look there for plugins
    path.parent.mkdir()
    path.write_text("")
    with opened_files() as opened:
        path.read_text()
    assert opened.users_files() == []


def returns(shape=TWO, files=(), arrays=None):
    class Answers(Mine):
        """Answers what the test wants."""

        def shape(self, options):
            return shape

        def files(self, options):
            return files

        def load(self, options):
            return arrays

    return Answers()


PROMISES = {
    "tuple": (returns((20, 2, 2)), r"Answers.shape returned \(20, 2, 2\); return Shape\("),
    "nothing": (returns(None), "Answers.shape returned None; return Shape"),
    "float": (returns(Shape(20.0, 2, 2)), "samples is 20.0; it must be a whole number"),
    "one class": (returns(Shape(20, 2, 1)), "classes is 1; classes are two or more"),
    "negative": (returns(Shape(20, 0, 2)), "features is 0; it must be 1 or more"),
    "split": (returns(Shape(20, 2, 2, train=15, validation=5)), "leaves 0 for the test part"),
}


@pytest.mark.parametrize("case", PROMISES)
def test_a_wrong_promise_is_refused_by_the_plan(monkeypatch, case):
    source, message = PROMISES[case]
    with pytest.raises(UserError, match=f"dataset mine: .*{message}"):
        _ = register(monkeypatch, source).shape


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("mine.csv", "returned 'mine.csv'; return a list of paths"),
        (None, "returned None; return a list"),
        ([3], "holds 3; its items must be paths"),
        (["gone.csv"], "gone.csv is not there"),
    ],
    ids=str,
)
def test_files_that_cannot_be_declared_are_refused_by_the_plan(folder, monkeypatch, files, message):
    with pytest.raises(UserError, match=f"Answers.files:? {message}"):
        _ = register(monkeypatch, returns(files=files)).files


def test_an_error_inside_a_source_is_told_with_its_line(folder, monkeypatch):
    class Broken(Mine):
        """Ends in a KeyError."""

        def load(self, options):
            return {}["data"]

    with pytest.raises(
        UserError, match=r"Broken.load ended with KeyError: 'data', in .*, line \d+"
    ):
        prepare(register(monkeypatch, Broken()), folder / "x.bin")
    with pytest.raises(UserError, match=r"Answers.load returned \[1\]; return a dictionary"):
        prepare(register(monkeypatch, returns(arrays=[1])), folder / "x.bin")


class NoSource:
    """Has the name of a source only."""


class NoLoad(Source):
    """Has no load."""

    def shape(self, options):
        return TWO


class OptionsOfDict(Mine):
    """Has a dictionary for options."""

    Options = dict


class NoText(Mine):
    """Has no text for a licence."""

    licence = None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (NoSource, "is not a subclass of .*Source"),
        (NoLoad, r"has no method load\(self, options\)"),
        (OptionsOfDict, "has the Options <class 'dict'>; they must be a subclass"),
        (NoText, "has the licence None; it must be a text"),
    ],
)
def test_a_class_that_is_no_source_is_refused_with_the_config(monkeypatch, source, message):
    monkeypatch.setitem(DATASETS._components, "mine", source())
    with pytest.raises(ConfigError, match=f"class {source.__name__} of the source {message}"):
        validate({"studies": {"a": {"datasets": ["mine"]}}})


# --- Missing values -------------------------------------------------------------------------------


def parts_of(values, **data):
    arrays = {"X": np.array(values, float), "y": np.arange(len(values)) % 2}
    arrays["column"] = np.arange(arrays["X"].shape[1])
    arrays["part"] = np.array([0] * (len(values) - 2) + [1, 2])
    return make_parts(arrays | data, classes=2, units=2, seed=0, dtype="float64", standardise=False)


@pytest.mark.parametrize(("how", "filled"), [("median", 2), ("most_frequent", 1), ("constant", 0)])
def test_missing_values_are_filled_from_the_training_part_only(how, filled):
    values = [[1], [1], [2], [9], [9.5], [NAN], [NAN], [NAN]]
    values += [[1000]]
    parts = parts_of(values, impute=np.array(how))
    expected = {"median": 2, "most_frequent": 1, "constant": 0}[how]
    assert parts["train"].X[5:].ravel().tolist() == [expected, expected]
    assert parts["validation"].X.item() == expected == filled
    assert parts["test"].X.item() == 1000


def test_a_missing_category_becomes_the_most_frequent_one_not_none_of_them():
    """No column of this one-hot block is 1 more often than 0: alone, each would become 0."""
    block = [*[[1, 0, 0]] * 2, *[[0, 1, 0]] * 3, *[[0, 0, 1]] * 2, [NAN] * 3, [NAN] * 3, [1, 0, 0]]
    column = np.array([4, 4, 4])
    parts = parts_of(block, impute=np.array("median"), column=column)
    assert parts["train"].X[7].tolist() == parts["validation"].X[0].tolist() == [0, 1, 0]
    parts = parts_of(block, impute=np.array("constant"), column=column)
    assert parts["validation"].X[0].tolist() == [0, 0, 0]


def test_imputed_data_survives_the_file_and_is_trained_on(folder, monkeypatch):
    arrays = {"X": NOT_A_NUMBER, "y": Y, "impute": "median"}
    data = register(monkeypatch, returns(arrays=arrays))
    prepare(data, folder / "x.bin")
    _, stored = read(folder / "x.bin")
    assert np.isnan(stored["X"]).sum() == 1
    parts = make_parts(stored, classes=2, units=2, seed=0, dtype="float32")
    assert all(np.isfinite(part.X).all() for part in parts.values())
    prepare(register(monkeypatch, returns(arrays=arrays | {"X": X})), folder / "whole.bin")
    assert set(read(folder / "whole.bin")[1]) == {"X", "y"}


def test_scikit_learn_is_imported_for_missing_values_only():
    code = (
        "import sys, numpy as np; from experiments.training.splits import make_parts; "
        "make_parts({'X': np.eye(20), 'y': np.arange(20) % 2}, classes=2, units=2, seed=0, "
        "dtype='float64'); assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
