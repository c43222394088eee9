"""Tables in the formats of other programs: read, or refused in one sentence."""

import builtins
import io
import zipfile
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.lib import format as npy
from scipy import io as scipy_io
from scipy import sparse
from sklearn import datasets as sklearn_datasets
from sklearn.datasets.tests.test_openml import _monkey_patch_webbased_functions

from experiments.base.errors import UserError
from experiments.base.store import read
from experiments.datasets import DATASETS, Data, Shape
from experiments.datasets.checks import existing, existing_folder
from experiments.datasets.making import prepare
from experiments.datasets.tables.npz import size

TABLE, OPENML = DATASETS["table"], DATASETS["openml"]
X = np.random.default_rng(0).standard_normal((12, 3))
Y = np.arange(12) % 2


def load(path, **options):
    return TABLE.load(TABLE.Options(path=str(path), **{"label": "y", **options}))


def notes(path, **options):
    return TABLE.notes(TABLE.Options(path=str(path), **{"label": "y", **options}))


def refused(path, message, **options):
    with pytest.raises(UserError, match=message) as refusal:
        load(path, **options)
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


# --- ARFF -----------------------------------------------------------------------------------------

HEAD = "@relation r\n@attribute a real\n@attribute b {u,'w x'}\n@attribute y {0,1}\n@data\n"
ROWS = "".join(f"{i * 1.5},{['u', repr('w x')][i // 2 % 2]},{i % 2}\n" for i in range(12))
EXPECTED = np.column_stack([np.arange(12) * 1.5, *(np.arange(12) // 2 % 2 == k for k in (0, 1))])


@pytest.mark.parametrize(
    "text",
    [
        HEAD + ROWS,
        "% said\n" + HEAD + "\n% more\n" + ROWS + "\n",
        (HEAD + ROWS).replace("\n", "\r\n"),
        HEAD.replace("@a", "@A").replace("@data", "@DATA") + ROWS,
        HEAD + ROWS.replace(",", ", "),
        HEAD + ROWS.replace(",", "\t"),
        (HEAD + ROWS).replace("'", '"'),
        (HEAD + ROWS).replace("w x", "w,x"),
        HEAD.replace(" a real", " 'a b' NUMERIC") + ROWS,
        HEAD.replace("{0,1}", "integer") + ROWS,
    ],
    ids=["as it is", "comments", "crlf", "capitals", "blanks", "tabs", "quotes", "comma", "name",
         "integer"],
)  # fmt: skip
def test_arff_gives_numbers_and_categories_however_it_is_written(tmp_path, text):
    path = tmp_path / "x.arff"
    path.write_text(text, encoding="utf-8", newline="")
    made = load(path)
    np.testing.assert_array_equal(made["X"], EXPECTED)
    assert made["y"].tolist() == Y.tolist()


BAD_ARFF = {
    "string": ("@attribute a string\n@data\n", "attribute 'a' is of the type string, which is not"),
    "relational": ("@attribute 'a b' relational\n", "attribute 'a b' is of the type relational"),
    "date": (
        HEAD.replace("real", "date yyyy") + "2001,u,0\n2002,u,1\n" * 6,
        "the column 'a' holds dates",
    ),
    "sparse": (HEAD + "{0 1.5, 1 u}\n", r"line 6 is sparse \(\{\.\.\.\}\), which is not"),
    "long": (HEAD + ROWS + "3,u,1,9\n", "line 18 has 4 values, but there are 3 attributes"),
    "weight": (HEAD + "1,u,0,{5}\n", "line 6 has 4 values, but there are 3"),
    "short": (HEAD + ROWS + "3,u\n", "line 18 has 2 values, but there are 3"),
    "undeclared": (HEAD + ROWS + "3,z,1\n", "cannot be read as arff: z value not in"),
    "word": (HEAD + ROWS + "abc,u,1\n", "cannot be read as arff: could not convert"),
    "signs": (HEAD.replace("u", "ü") + ROWS, "line [1-6] holds a sign|@attrib.te|0 attributes"),
    "twice": (HEAD.replace(" b ", " a "), "two attributes are called 'a'"),
    "no data": ("@relation r\n", "no line @data"),
    "empty": ("", "no line @data"),
    "no rows": (HEAD, "the table has no rows"),
    "missing": (HEAD + ROWS + "?,?,1\n", "in 1 row, in the columns a and b: rows 13 .*impute"),
    "missing label": (HEAD + ROWS + "3,u,?\n", "in the columns y: rows 13 .*remove these rows"),
    "infinite": (HEAD + ROWS + "inf,u,1\n", "'a' has infinite values"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ARFF)
def test_what_scipy_cannot_read_of_arff_is_refused(tmp_path, case):
    text, message = BAD_ARFF[case]
    (tmp_path / "x.arff").write_text(text, encoding="utf-8")
    refused(tmp_path / "x.arff", message)


# --- NPZ ------------------------------------------------------------------------------------------


def stored(array) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def header(shape, descr="<f8") -> bytes:
    file = io.BytesIO()
    facts = {"descr": descr, "fortran_order": False, "shape": shape}
    npy.write_array_header_1_0(file, facts)
    return file.getvalue() + bytes(80)


MEMBERS = {
    "text": ({"X.npy": stored(X), "readme.txt": b"x"}, "'readme.txt' is not an array"),
    "junk": ({"X.npy": b"hello"}, "member 'X' is not an array: EOF"),
    "nothing": ({"X.npy": b""}, "member 'X' is not an array"),
    "keys": (
        {"X.npy": stored(X).replace(b"'descr'", b"'desc!'")},
        "not an array: Header does not",
    ),
    "version": ({"X.npy": stored(X)[:6] + b"\x09\0" + stored(X)[8:]}, "member 'X' is not an array"),
    "type": ({"X.npy": header((10,), "<q9")}, "member 'X' is not an array"),
    "huge": (
        {"X.npy": header((100_000, 1_000_000))},
        "array 'X' promises 745.1 GiB, but the archive holds 80 bytes",
    ),
    "overflow": ({"X.npy": header((2**40, 2**40))}, "promises .* GiB, but"),
    "negative": ({"X.npy": header((-5, 3))}, "promises -120 bytes, but"),
    "short": ({"X.npy": stored(X)[:-9]}, "promises 288 bytes, but the archive holds 279"),
    "long": ({"X.npy": stored(X) + b"x"}, "promises 288 bytes, but the archive holds 289"),
    "records": (
        {"X.npy": stored(np.zeros(12, [("a", "f8"), ("b", "i4")]))},
        "'X' holds records with the fields a and b; save each",
    ),
    "void": ({"X.npy": stored(np.zeros(12, "V8"))}, "'X' holds records; save each"),
    "pickle": ({"X.npy": stored(np.array([{}] * 12, object))}, "pickled objects, which are never"),
    "scalar": ({"X.npy": stored(X), "n.npy": stored(np.array(3))}, "n a single value.*one row for"),
    "lengths": ({"X.npy": stored(X[:5])}, "different length: .*y 12.*one row for each sample"),
    "one name": ({"X.npy": stored(X), "X_0.npy": stored(Y)}, "would give the column 'X_0'"),
    "no rows": ({"X.npy": stored(X[:0]), "y.npy": stored(Y[:0])}, "the table has no rows"),
    "complex": ({"X.npy": stored(X * 1j)}, "'X_0' holds complex numbers"),
    "bytes": ({"X.npy": stored(Y.astype("S1"))}, "'X' holds bytes"),
    "dates": ({"X.npy": stored(Y.astype("M8[D]"))}, "'X' holds dates"),
    "spans": ({"X.npy": stored(Y.astype("m8[s]"))}, "'X' holds time differences"),
}


@pytest.mark.parametrize("case", MEMBERS)
@pytest.mark.filterwarnings("ignore:Stored array in format 3.0")
def test_what_is_no_plain_array_is_refused_before_memory_is_taken(tmp_path, case):
    members, message = MEMBERS[case]
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        for name, content in ({"y.npy": stored(Y)} | members).items():
            archive.writestr(name, content)
    refused(tmp_path / "x.npz", message)


def test_an_empty_archive_and_a_packed_file_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz")
    refused(tmp_path / "x.npz", "it holds no array")
    (tmp_path / "x.csv.gz").touch()
    refused(tmp_path / "x.csv.gz", "a packed file is not read; unpack it first")


@pytest.mark.parametrize("dtype", [">f8", "f2", "f4", "?", "i1", "u8"])
def test_arrays_of_any_real_type_are_read(tmp_path, dtype):
    np.savez_compressed(tmp_path / "x.npz", X=np.abs(X).astype(dtype), y=Y.astype("i1"))
    made = load(tmp_path / "x.npz")
    np.testing.assert_array_equal(made["X"], np.abs(X).astype(dtype).astype(float))
    assert made["y"].tolist() == Y.tolist()


def test_sizes_are_said_in_units():
    assert [size(n) for n in (5, 2048, 3 << 20, 1 << 50)] == [
        "5 bytes", "2.0 KiB", "3.0 MiB", "1,048,576.0 GiB",
    ]  # fmt: skip


# --- MATLAB ---------------------------------------------------------------------------------------


def test_matlab_matrices_vectors_and_texts_are_columns(tmp_path):
    words = np.array([["no", "yes"][k] for k in Y], object)
    scipy_io.savemat(
        tmp_path / "x.mat", {"X": X, "w": words, "u": X[:, 0] > 0, "y": Y.astype("i1")}
    )
    made = load(tmp_path / "x.mat", drop=["w"])
    np.testing.assert_array_equal(made["X"], np.column_stack([X, X[:, 0] > 0]))
    assert made["y"].tolist() == Y.tolist()
    assert load(tmp_path / "x.mat", label="w", drop=["y"])["y"].tolist() == Y.tolist()


HDF5 = (
    b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM\x89HDF\r\n\x1a\n" + bytes(500)
)
BAD_MAT = {
    "7.3": (HDF5, r"version 7.3 \(HDF5\), which is not read; save it .*'-v7'"),
    "struct": ({"s": {"a": 1}}, "'s' is of the class struct; save its parts"),
    "sparse": ({"s": sparse.csc_matrix(X)}, r"'s' is sparse; make it full\(s\)"),
    "cells": ({"s": np.array(["no", 3] * 6, object)}, "cells of 's' do not all hold one text"),
    "transposed": ({"X": X.T}, "different length: X 3, y 12.*transpose it"),
    "junk": (b"hello", "cannot be read as mat: .*save it in MATLAB again"),
}


@pytest.mark.parametrize("case", BAD_MAT)
def test_what_cannot_be_read_of_matlab_is_refused(tmp_path, case):
    content, message = BAD_MAT[case]
    if isinstance(content, bytes):
        (tmp_path / "x.mat").write_bytes(content)
    else:
        scipy_io.savemat(tmp_path / "x.mat", content | {"y": Y})
    refused(tmp_path / "x.mat", message)


def test_a_crash_of_scipys_reader_ends_in_a_sentence(tmp_path, monkeypatch):
    from experiments.datasets.tables import matlab

    (tmp_path / "x.mat").touch()
    (tmp_path / "crash.py").write_text("import os; os.abort()", encoding="utf-8")
    monkeypatch.setattr(matlab, "READER", tmp_path / "crash.py")
    refused(tmp_path / "x.mat", "it is damaged, and SciPy's reader ended on it; save it again")


# --- SVMlight -------------------------------------------------------------------------------------

SPARSE = "".join(f"{i % 2} 1:{i * 0.5} 3:{(i * 7) % 5} # said\n" for i in range(12))


@pytest.mark.parametrize("ending", ["svm", "svmlight", "libsvm"])
def test_svmlight_rows_are_written_out_with_their_zeros(tmp_path, ending):
    path = tmp_path / f"x.{ending}"
    path.write_text(SPARSE, encoding="utf-8")
    made = load(path, label="label")
    i = np.arange(12)
    np.testing.assert_array_equal(made["X"], np.column_stack([i * 0.5, 0 * i, i * 7 % 5]))
    assert made["y"].tolist() == Y.tolist()


BAD_SVM = {
    "queries": (SPARSE.replace(" 1:", " qid:1 1:"), "it holds queries"),
    "huge": (SPARSE + "1 2000000000:1\n", "13 samples of 2,000,000,000 features are too many"),
    "several labels": (SPARSE.replace("0 1:", "0,1 1:"), "cannot be read as svmlight: could not"),
    "falling": ("1 3:1 2:1\n", "cannot be read as svmlight: .*sorted.*rising numbers"),
    "negative": ("1 -3:1\n", "cannot be read as svmlight: Invalid index -3"),
    "beyond": ("1 99999999999999999999:1\n", "cannot be read as svmlight: "),
    "words": ("a b c\n", "cannot be read as svmlight: "),
    "empty": ("", "the table has no rows"),
    "real": (SPARSE.replace("0 1:", "0.5 1:"), "real numbers, not classes; set task: regression"),
    "missing": (SPARSE + "1 3:nan\n", "missing in 1 row, in the columns feature 3.*impute"),
}


@pytest.mark.parametrize("case", BAD_SVM)
def test_what_cannot_be_read_of_svmlight_is_refused(tmp_path, case):
    text, message = BAD_SVM[case]
    (tmp_path / "x.svm").write_text(text, encoding="utf-8")
    refused(tmp_path / "x.svm", message, label="label")


# --- Excel ----------------------------------------------------------------------------------------


def sheet(**columns):
    return pd.DataFrame({"a": np.arange(12) / 4, "b": ["NA", "None"] * 6, "y": Y // 1} | columns)


def test_a_sheet_is_read_with_its_texts_as_they_are(tmp_path):
    pytest.importorskip("openpyxl")
    frame = sheet(b=["NA", "None", "u"] * 4)
    frame.to_excel(tmp_path / "x.xlsx", index=False)
    made = load(tmp_path / "x.xlsx")
    expected = [frame["a"], *(frame["b"] == word for word in ("NA", "None", "u"))]
    np.testing.assert_array_equal(made["X"], np.column_stack(expected).astype(float))
    frame.to_excel(tmp_path / "y.xlsx", index=False, header=False)
    again = load(tmp_path / "y.xlsx", header=False, label="column 3")
    np.testing.assert_array_equal(again["X"], made["X"])
    refused(tmp_path / "y.xlsx", "the heading holds numbers", label="0")


def test_a_sheet_is_chosen_by_name_and_dates_and_damage_are_refused(tmp_path):
    pytest.importorskip("openpyxl")
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path) as book:
        sheet(b=["u"] * 5 + ["v"] * 7).to_excel(book, sheet_name="one", index=False)
        days = sheet(b=pd.date_range("2020-01-01", periods=12))
        days.to_excel(book, sheet_name="two", index=False)
    refused(path, "it has several sheets: one and two; choose with the option `sheet`")
    refused(path, "there is no sheet 'three' with cells; known: one and two", sheet="three")
    refused(path, "the column 'b' holds dates", sheet="two")
    assert load(path, sheet="one")["X"].shape == (12, 3)
    path.write_bytes(path.read_bytes()[:-100])
    refused(path, "cannot be read as xlsx: ")
    pd.DataFrame().to_excel(path)
    refused(path, "it has no cells")


def test_without_openpyxl_it_is_said_what_to_install(tmp_path, monkeypatch):
    imported = builtins.__import__

    def fail(name, *rest, **named):
        if name == "openpyxl":
            raise ImportError(name)
        return imported(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", fail)
    (tmp_path / "x.xlsx").touch()
    refused(tmp_path / "x.xlsx", r"openpyxl, which is not installed: run  pip install .*\[excel\]")


# --- A split of one's own, and missing values -----------------------------------------------------


def parts(numbers, names=("train", "validation", "test")):
    return [names[k] for k in numbers]


def table(n=12, **columns):
    return pd.DataFrame({"a": np.arange(n) ** 2 / 4, "y": np.arange(n) % 2} | columns)


def test_a_column_may_say_which_row_is_in_which_part(tmp_path):
    numbers = [0] * 6 + [1, 1, 2, 2, 2, 0]
    table(split=parts(numbers)).to_csv(tmp_path / "x.csv", index=False)
    made = load(tmp_path / "x.csv", split="split")
    assert made["part"].tolist() == numbers
    assert made["X"].shape == (12, 1)
    assert "its own split: train 7, validation 2, test 3" in notes(
        tmp_path / "x.csv", split="split"
    )
    options = {"path": str(tmp_path / "x.csv"), "label": "y", "split": "split"}
    data = Data("mine", "table", options, True)
    assert data.shape == Shape(12, 1, 2, train=7, validation=2)
    prepare(data, tmp_path / "x.bin")
    assert read(tmp_path / "x.bin")[1]["part"].tolist() == numbers


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"p": parts([0, 2] * 6)}, {}, "the validation part has no rows"),
        ({"p": parts([0, 1, 2] * 4, ("train", "val", "test"))}, {}, "'p' says 'val' in row 2"),
        ({"p": ["train", None] * 6}, {}, "'p' says '' in row 2; split needs one of train"),
        ({}, {}, "there is no column 'p'; split names the column"),
        ({"p": parts([0, 1, 2] * 4)}, {"drop": ["p"]}, "'p' is the label or dropped"),
        ({"p": parts([0, 1] * 5 + [0, 2])}, {}, "no row of the class 1 is in the training part"),
    ],
)  # fmt: skip
def test_a_column_that_is_no_split_is_refused(tmp_path, columns, options, message):
    table(**columns).to_csv(tmp_path / "x.csv", index=False)
    refused(tmp_path / "x.csv", message, split="p", **options)


def write_three(folder, columns=None):
    whole = table(20, colour=["u", "v", "w", "u"] * 5, **(columns or {}))
    for name, rows in (("train", slice(0, 12)), ("val", slice(12, 15)), ("test", slice(15, 20))):
        whole[rows].to_csv(folder / f"{name}.csv", index=False)
    return whole


def test_the_parts_may_be_three_files_or_two(tmp_path):
    whole = write_three(tmp_path)
    three = {"validation": str(tmp_path / "val.csv"), "test": str(tmp_path / "test.csv")}
    made = load(tmp_path / "train.csv", **three)
    assert made["part"].tolist() == [0] * 12 + [1] * 3 + [2] * 5
    np.testing.assert_array_equal(made["X"][:, 0], whole["a"])
    assert made["X"].shape == (20, 4), "categories are those of all files together"
    options = TABLE.Options(path=str(tmp_path / "train.csv"), label="y", **three)
    assert [path.name for path in TABLE.files(options)] == ["train.csv", "val.csv", "test.csv"]
    two = load(tmp_path / "train.csv", test=str(tmp_path / "test.csv"))
    assert np.bincount(two["part"]).tolist() == [7, 5, 5]
    assert (two["part"][12:] == 2).all()


def test_files_that_do_not_go_together_are_refused(tmp_path):
    write_three(tmp_path)
    test = str(tmp_path / "test.csv")
    table(20, color=["u", "v"] * 10).to_csv(tmp_path / "train.csv", index=False)
    with pytest.raises(
        UserError, match=r"test.csv: the columns color of .*train.csv are not there"
    ):
        load(tmp_path / "train.csv", test=test)
    table(10, colour=["u", "v"] * 5).to_csv(tmp_path / "train.csv", index=False)
    refused(tmp_path / "train.csv", "5 test rows do not go with 10 training rows", test=test)
    for options, message in (
        ({"validation": test}, "name both, or test alone"),
        ({"split": "a", "test": test}, "take one of them"),
    ):
        with pytest.raises(ValueError, match=message):
            TABLE.Options(path="x.csv", label="y", **options)


def test_missing_values_travel_with_how_to_fill_them(tmp_path):
    frame = table(a=[None, 1.5] + [2.0, 7.5] * 5, colour=["u", None, "v", "u"] * 3)
    path = tmp_path / "x.csv"
    frame.to_csv(path, index=False)
    refused(path, "in the columns a and colour: rows 1, 2, 6 and 10 .*set impute: median")
    made = load(path, impute="most_frequent")
    assert str(made["impute"]) == "most_frequent"
    assert made["column"].tolist() == [0, 1, 1]
    np.testing.assert_array_equal(np.isnan(made["X"]).sum(axis=0), [1, 3, 3])
    said = "missing in 4 rows, filled by most_frequent: a and colour"
    assert said in notes(path, impute="most_frequent")
    data = Data("mine", "table", {"path": str(path), "label": "y", "impute": "median"}, True)
    prepare(data, tmp_path / "x.bin")
    table(colour=["u", "v", "v"] * 4).to_csv(path, index=False)
    assert set(load(path, impute="median")) == {"X", "y"}, "nothing is missing, nothing is said"


# --- Damage ---------------------------------------------------------------------------------------


def damaged(content: bytes, seed: int) -> bytes:
    """Return a file with some bytes changed, or cut."""
    rng = np.random.default_rng(seed)
    wrong = np.frombuffer(content, np.uint8).copy()
    at = rng.integers(0, len(wrong), rng.choice([1, 3, 20]))
    wrong[at] = rng.integers(0, 256, len(at))
    return wrong[: rng.integers(1, len(wrong)) if seed % 3 == 0 else None].tobytes()


def archive(pack) -> bytes:
    file = io.BytesIO()
    pack(file, X=X, y=Y)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.npz", archive(np.savez)),
        ("x.npz", archive(np.savez_compressed)),
        ("x.arff", (HEAD + ROWS).encode()),
        ("x.svm", SPARSE.encode()),
    ],
    ids=["npz", "packed npz", "arff", "svmlight"],
)
@pytest.mark.filterwarnings("ignore")
def test_a_damaged_file_is_read_or_refused_in_a_sentence(tmp_path, name, content):
    path, refusals = tmp_path / name, []
    for seed in range(60):
        path.write_bytes(damaged(content, seed))
        try:
            load(path, label="label" if name == "x.svm" else "y")
        except UserError as error:
            refusals.append(str(error))
    assert len(refusals) > 20
    assert not any("\n" in said for said in refusals)


# --- Paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["x" * 5000, "~nobody-of-this-name/x.csv", "a\0b"], ids=lambda n: n[:9]
)
@pytest.mark.parametrize("check", [existing, existing_folder])
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(name, check):
    with pytest.raises(UserError) as refusal:
        check(name)
    assert len(str(refusal.value)) < 300


# --- OpenML: scikit-learn's stored exports --------------------------------------------------------


def offline(monkeypatch, folder, number):
    monkeypatch.chdir(folder)
    _monkey_patch_webbased_functions(monkeypatch, number, True)


def test_all_targets_of_openml_leave_the_features(tmp_path, monkeypatch):
    """emotions has six targets; scikit-learn's fast parser ends in a TypeError with pandas 3."""
    offline(monkeypatch, tmp_path, 40589)
    chosen = OPENML.Options(dataset="emotions", version=3, label="relaxing.calm")
    assert OPENML.load(chosen)["X"].shape == (13, 72)
    said = "learnt: relaxing.calm; other targets left out: amazed.suprised, happy.pleased, quiet.st"
    assert OPENML.notes(chosen)[0].startswith(said)
    few = chosen.model_copy(update={"label": None})
    with pytest.raises(UserError, match="the class 'TRUE' has 4 members; at least 5 are needed"):
        OPENML.load(few)  # the first target; the export holds 13 rows


def test_anneal_is_read_and_its_missing_values_are_named(tmp_path, monkeypatch):
    offline(monkeypatch, tmp_path, 2)
    with pytest.raises(UserError, match="openml anneal, version 1: ") as refusal:
        OPENML.load(OPENML.Options(dataset="anneal", version=1))
    assert "\n" not in str(refusal.value)
    assert "cannot be fetched" not in str(refusal.value)


def test_a_second_target_is_no_feature(monkeypatch):
    frame = table(second=Y[::-1], colour=["u", "v", "w"] * 4)
    bunch = SimpleNamespace(frame=frame, target_names=["y", "second"])
    monkeypatch.setattr(sklearn_datasets, "fetch_openml", lambda *_, **__: bunch)
    assert OPENML.load(OPENML.Options(dataset="two targets"))["X"].shape == (12, 4)
    bunch.target_names = None
    with pytest.raises(UserError, match=r"no target is named at openml\.org; set label to"):
        OPENML.load(OPENML.Options(dataset="no target"))
