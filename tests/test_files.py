"""The user's own files: what is read, and what each kind of bad input is told."""

import gzip
import hashlib
import os
import pickle
import struct
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets as sklearn_datasets

from experiments.__main__ import main
from experiments.base.errors import UserError
from experiments.base.store import read
from experiments.datasets import DATASETS, Data, Shape
from experiments.datasets.idx import IDX_TYPES
from experiments.datasets.making import prepare
from experiments.plan import make_plan
from experiments.results.sweep import Results
from experiments.schema import load
from tests.sweeps import write_config

IDX, TABLE, OPENML = (DATASETS[name] for name in ("idx", "table", "openml"))
LABELS = np.arange(60) % 3
IMAGES = np.random.default_rng(0).integers(0, 256, (60, 4, 5))


def idx_bytes(array, code: int = 8) -> bytes:
    head = struct.pack(f">2xBB{array.ndim}I", code, array.ndim, *array.shape)
    return head + np.ascontiguousarray(array, IDX_TYPES[code]).tobytes()


def write_pair(folder, images=IMAGES, labels=LABELS, name="train", pack=bytes, ending=""):
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        (folder / f"{name}-{kind}-ubyte{ending}").write_bytes(pack(idx_bytes(np.array(array))))


def idx(folder, **options):
    return IDX.Options(folder=str(folder), **options)


def write_table(folder, text, name="x.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def table(path, **options):
    return TABLE.Options(path=str(path), **{"label": "kind", **options})


def rows(count=12, **columns):
    frame = {"a": np.arange(count) / 2, "kind": ["x", "y"] * (count // 2)}
    return pd.DataFrame(frame | columns)


# --- IDX: what is read --------------------------------------------------------------------------


@pytest.mark.parametrize(("pack", "ending"), [(bytes, ""), (gzip.compress, ".gz")])
def test_one_pair_is_split_as_other_data(tmp_path, pack, ending):
    write_pair(tmp_path, pack=pack, ending=ending)
    made = IDX.load(idx(tmp_path))
    np.testing.assert_allclose(made["X"], IMAGES.reshape(60, 20) / 255, rtol=1e-6)
    np.testing.assert_array_equal(made["y"], LABELS)
    assert "part" not in made
    assert IDX.shape(idx(tmp_path)) == Shape(60, 20, 3)
    assert [p.name for p in IDX.files(idx(tmp_path))] == [
        f"train-{kind}-ubyte{ending}" for kind in ("images-idx3", "labels-idx1")
    ]


def test_test_files_make_the_test_part_and_as_many_the_validation_part(tmp_path):
    write_pair(tmp_path)
    write_pair(tmp_path, IMAGES[:12], LABELS[:12], "t10k", gzip.compress, ".gz")
    data = Data("mine", "idx", {"folder": str(tmp_path)}, False)
    prepare(data, tmp_path / "x.bin")
    _, made = read(tmp_path / "x.bin")
    assert (data.shape.samples, data.shape.train) == (72, 48)
    assert np.bincount(made["part"]).tolist() == [48, 12, 12]
    assert np.bincount(made["y"][made["part"] == 1]).tolist() == [4, 4, 4]
    np.testing.assert_allclose(made["X"][60:], IMAGES[:12].reshape(12, 20) / 255, rtol=1e-6)
    config = SimpleNamespace(data={"mine": data}.get)
    sizes = Results(tmp_path, config).samples("mine")
    assert list(sizes.values()) == [48, 12, 12]


def test_a_file_that_was_edited_since_the_plan_is_not_stored_under_its_name(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,kind\n" + "".join(f"{k * k % 17}.5,{'xyy'[k % 3]}\n" for k in range(30)))
    text = Data("x", "table", {"path": str(path), "label": "kind"}, False).to_json()
    words = ["data", text, "--key", Data.from_json(text).key, "--out", str(tmp_path / "d.bin")]
    before = path.read_text()
    path.write_text(before.replace("0.5", "100.5"))
    assert main(words) == 2
    assert not (tmp_path / "d.bin").exists()
    path.write_text(before)
    assert main(words) == 0


def test_the_last_training_images_are_the_validation_part_if_asked_for(tmp_path):
    write_pair(tmp_path)
    write_pair(tmp_path, IMAGES[:12], LABELS[:12], "t10k")
    made = IDX.load(idx(tmp_path, validation="last"))
    assert made["part"].tolist() == [0] * 48 + [1] * 12 + [2] * 12
    assert IDX.shape(idx(tmp_path, validation="last")) == Shape(72, 20, 3, train=48, validation=12)


def test_the_last_images_are_refused_if_they_hold_a_whole_class(tmp_path):
    write_pair(tmp_path, labels=np.sort(LABELS))
    write_pair(tmp_path, IMAGES[:21], np.arange(21) % 3, "t10k")
    assert IDX.shape(idx(tmp_path)).train == 39
    with pytest.raises(UserError, match=r"validation: last: no row of the class 2 .* spread over"):
        IDX.shape(idx(tmp_path, validation="last"))


def test_the_config_for_mnist_takes_the_split_of_its_published_numbers():
    """Nielsen: 50,000 train, the last 10,000 of the training file are for validation."""
    options = load("experiments/config/mnist.yaml").datasets["mnist"].options
    assert IDX.Options(**options).validation == "last"


def test_labels_need_not_begin_at_0_and_images_need_not_be_bytes(tmp_path):
    (tmp_path / "images").write_bytes(idx_bytes(IMAGES / 7, 14))
    (tmp_path / "labels").write_bytes(idx_bytes(LABELS * 2 + 1))
    made = IDX.load(idx(tmp_path, images="images", labels="labels", classes=3))
    np.testing.assert_array_equal(made["y"], LABELS)
    np.testing.assert_allclose(made["X"], IMAGES.reshape(60, 20) / 7, rtol=1e-6)


def test_a_prefix_chooses_among_several_sets(tmp_path):
    for name in ("emnist-letters-train", "emnist-digits-train"):
        write_pair(tmp_path, name=name)
    with pytest.raises(UserError, match=r"several files could be the images.*option `prefix`"):
        IDX.shape(idx(tmp_path))
    assert IDX.shape(idx(tmp_path, prefix="emnist-letters-")).samples == 60


# --- IDX: what is refused -----------------------------------------------------------------------


def break_magic(folder):
    (folder / "train-images-idx3-ubyte").write_bytes(b"PK\x03\x04" + bytes(50))


def break_empty(folder):
    (folder / "train-images-idx3-ubyte").write_bytes(b"")


def break_header(folder):
    (folder / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03\0\0")


def break_short(folder):
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])


def break_gzip(folder):
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(gzip.compress(path.read_bytes())[:-20])


def break_gzip_body(folder):
    path = folder / "train-labels-idx1-ubyte"
    packed = bytearray(gzip.compress(path.read_bytes()))
    packed[-6] ^= 255
    path.write_bytes(packed)


def labels_of(*numbers):
    def change(folder):
        write_pair(folder, IMAGES[: len(numbers)], numbers)

    return change


def swap(folder):
    (folder / "train-images-idx3-ubyte").rename(folder / "x")
    (folder / "train-labels-idx1-ubyte").rename(folder / "train-images-idx3-ubyte")
    (folder / "x").rename(folder / "train-labels-idx1-ubyte")


def header(*sizes, code=8, dimensions=None):
    """Return a change: images whose header says this, with 60 bytes behind it."""
    head = struct.pack(f">2xBB{len(sizes)}I", code, dimensions or len(sizes), *sizes)

    def change(folder):
        (folder / "train-images-idx3-ubyte").write_bytes(head + bytes(60))
        (folder / "train-images-idx3-ubyte.gz").unlink(missing_ok=True)

    return change


def pack_images(change):
    def packed(folder):
        change(folder)
        path = folder / "train-images-idx3-ubyte"
        (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()

    return packed


def real_labels(folder):
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(LABELS / 2, 13))


BAD_IDX = {
    "745 GiB": (header(60, 100_000, 133_333), {}, "fill 799,998,000,000 bytes, but 60 follow"),
    "packed 745 GiB": (pack_images(header(60, 100_000, 133_333)), {}, "bytes, but 60 follow"),
    "overflow": (header(*[2**32 - 1] * 3), {}, "which fill .* bytes, but 60 follow"),
    "too long": (pack_images(header(60)), {}, "Are they exchanged"),
    "longer": (pack_images(header(6, 5)), {}, "6 images, but .* 60 labels"),
    "no pixels": (header(60, 0, 5), {}, "60x0x5 values are announced: it is empty"),
    "no images": (header(0, 4, 5), {}, "0x4x5 values are announced: it is empty"),
    "dimensions": (header(60, 1, dimensions=200), {}, "wrong magic number 000008c8"),
    "no dimension": (header(dimensions=0), {}, "wrong magic number 00000800"),
    "type": (header(60, 1, code=10), {}, "wrong magic number 00000a02"),
    "real labels": (real_labels, {}, "the labels are real numbers .* Does the file hold images"),
    "path": (lambda folder: None, {"images": "x" * 5000}, "no file can have this name: File name"),
    "magic": (break_magic, {}, r"train-images-idx3-ubyte: wrong magic number 504b0304.*unpacked"),
    "empty": (break_empty, {}, r"train-images-idx3-ubyte: wrong magic number \(empty file\)"),
    "header": (break_header, {}, "train-images-idx3-ubyte: the file ends within its header"),
    "short": (break_short, {}, "train-images.*fill 1,200 bytes, but 1,199 follow.*again"),
    "gzip": (break_gzip, {}, "train-images.*gzip file is truncated or damaged.*again"),
    "crc": (break_gzip_body, {}, "train-labels.*gzip file is truncated or damaged.*again"),
    "lengths": (
        lambda folder: write_pair(folder, IMAGES[:59]),
        {},
        r"images-idx3-ubyte holds 59 images, but .*labels-idx1-ubyte 60 labels",
    ),
    "one class": (labels_of(*[4] * 20), {}, "labels-idx1-ubyte: all 20 samples .* one class only"),
    "few": (labels_of(*[1] * 9, *[2] * 4), {}, r"class 2 has 4 members; at least 5"),
    "fewer samples": (labels_of(*range(4)), {}, "4 samples are too few for 4 classes"),
    "declared": (labels_of(0, 1, 0), {"classes": 10}, "3 samples are too few for 10 classes"),
    "classes": (lambda folder: None, {"classes": 10}, "3 classes were found, but .* says 10"),
    "swapped": (swap, {}, "Are they exchanged"),
    "no test": (
        lambda folder: (folder / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(IMAGES)),
        {},
        "t10k-images.*the other is missing",
    ),
    "large test": (
        lambda folder: write_pair(folder, name="t10k"),
        {},
        "60 test samples do not go with 60 training samples.*one pair",
    ),
    "pixels": (
        lambda folder: write_pair(folder, IMAGES[:9, :3], LABELS[:9], "t10k"),
        {},
        "t10k-images.*of 3x5 pixels, those of .* of 4x5",
    ),
    "odd label": (
        lambda folder: write_pair(folder, IMAGES[:9], LABELS[:9] + 1, "t10k"),
        {},
        "t10k-labels.*label 3 does not occur",
    ),
    "gone": (
        lambda folder: (folder / "train-labels-idx1-ubyte").unlink(),
        {},
        r"no file \*train\*labels\* was found.*option `labels`",
    ),
    "named": (lambda folder: None, {"images": "x"}, "x: there is no such file; paths .* relative"),
    "checksum": (
        lambda folder: None,
        {"sha256": {"train-labels-idx1-ubyte": "0" * 64}},
        "train-labels-idx1-ubyte: the file changed: its SHA-256 is .* bring the old file back",
    ),
    "checksum of nothing": (lambda folder: None, {"sha256": {"y": ""}}, "checksum is given for y"),
}


@pytest.mark.parametrize("case", BAD_IDX)
def test_bad_idx_files_are_refused_by_name_with_the_remedy(tmp_path, case):
    change, options, message = BAD_IDX[case]
    write_pair(tmp_path)
    change(tmp_path)
    with pytest.raises(UserError, match=message):
        IDX.load(idx(tmp_path, **options))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: there is no such folder; .* relative"):
        IDX.files(idx(tmp_path / "nowhere"))


# --- Tables: what is read -----------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_tables_have_numbers_as_they_are_and_texts_one_hot(tmp_path, ending):
    frame = rows(colour=["red", "blue", "green"] * 4, flag=[True, True, False] * 4)
    path = tmp_path / f"x.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    made = TABLE.load(table(path))
    expected = np.column_stack(
        [frame["a"], *(frame["colour"] == c for c in ("blue", "green", "red")), frame["flag"]]
    )
    np.testing.assert_array_equal(made["X"], expected.astype(float))
    assert made["y"].tolist() == [0, 1] * 6
    assert TABLE.shape(table(path)) == Shape(12, 5, 2)
    assert TABLE.files(table(path)) == [path]


def test_npz_arrays_are_columns(tmp_path):
    np.savez(tmp_path / "x.npz", pixels=IMAGES, kind=LABELS, id=np.arange(60))
    made = TABLE.load(table(tmp_path / "x.npz", drop=["id"]))
    np.testing.assert_array_equal(made["X"], IMAGES.reshape(60, 20))
    np.testing.assert_array_equal(made["y"], LABELS)


def test_a_real_value_makes_a_regression(tmp_path):
    rows(value=np.linspace(0, 1, 12)).to_csv(tmp_path / "x.csv", sep=";", index=False)
    options = table(tmp_path / "x.csv", label="value", task="regression", separator=";")
    assert TABLE.shape(options) == Shape(12, 3, 0)
    np.testing.assert_allclose(TABLE.load(options)["y"].ravel(), np.linspace(0, 1, 12))


def test_a_changed_file_is_read_again_and_a_checksum_notices_it(tmp_path):
    path = write_table(tmp_path, rows().to_csv(index=False))
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    options = table(path, sha256=right)
    assert TABLE.shape(options).samples == 12
    rows(14).to_csv(path, index=False)
    os.utime(path, ns=(1, 1))
    assert TABLE.shape(table(path)).samples == 14
    with pytest.raises(UserError, match=rf"x\.csv: the file changed.*expects {right}; bring"):
        TABLE.shape(options)


# --- Tables: what is refused --------------------------------------------------------------------

NAN = float("nan")
BAD_TABLES = {
    "missing": (
        rows(b=[1, NAN] + [0] * 9 + [NAN]),
        {},
        r"in 2 rows, in the columns b: rows 2 and 12",
    ),
    "text missing": (rows(b=[None] + ["u"] * 11), {}, r"in 1 row, in the columns b: rows 1 "),
    "infinite": (rows(b=[float("inf")] * 12), {}, r"in 12 rows.*7, 8 and 4 more"),
    "label missing": (rows(kind=["x", None] * 6), {}, "in 6 rows, in the columns kind"),
    "one class": (rows(kind=["x"] * 12), {}, "all 12 samples are of one class only"),
    "few": (rows(kind=["x"] * 10 + ["y"] * 2), {}, "the class 'y' has 2 members; at least 5"),
    "fewer": (rows(kind=list("abcdefghijkl")), {}, "12 samples are too few for 12 classes"),
    "real": (rows(), {"label": "a"}, "holds real numbers, not classes; set task: regression"),
    "texts": (rows(), {"task": "regression"}, "'kind' holds texts, .* set task: classification"),
    "label": (rows(), {"label": "knid"}, r"no column 'knid' \(did you mean 'kind'\?\); known: a"),
    "leave out": (rows(), {"drop": ["b"]}, "no column 'b'"),
    "alone": (rows(), {"drop": ["a"]}, "no feature next to 'kind'"),
    "rows": (rows()[:0], {}, "the table has no rows"),
    "names": (
        rows(210, n=[f"n{i}" for i in range(210)]),
        {},
        r"'n' has 210 different texts.*drop: \[n\]",
    ),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_bad_tables_are_refused_with_column_rows_and_remedy(tmp_path, case):
    frame, options, message = BAD_TABLES[case]
    frame.to_csv(tmp_path / "x.csv", index=False)
    with pytest.raises(UserError, match=rf"x\.csv: .*{message}"):
        TABLE.shape(table(tmp_path / "x.csv", **options))


def test_dates_are_no_features(tmp_path):
    rows(day=pd.date_range("2020-01-01", periods=12)).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(UserError, match=r"'day' holds dates.*drop: \[day\]"):
        TABLE.shape(table(tmp_path / "x.parquet"))


def save_pickled(path):
    np.savez(path, kind=np.array([{}, None], dtype=object), a=np.arange(2))


UNREADABLE = {
    "none.csv": (lambda path: None, "there is no such file; paths .* relative"),
    "folder.csv": (lambda path: path.mkdir(), "is a folder"),
    "empty.csv": (lambda path: path.touch(), "cannot be read as csv: the file is empty"),
    "latin.csv": (lambda path: path.write_bytes(b"a,kind\n\xff,1\n"), "read as utf-8.*latin-1"),
    "ragged.csv": (lambda path: path.write_text("a,b\n1,2\n1,2,3\n"), "line 3 has 3 fields"),
    "cut.parquet": (lambda path: path.write_bytes(b"PAR1xx"), "cannot be read as parquet"),
    "cut.npz": (lambda path: path.write_bytes(b"PK\x03\x04x"), "cannot be read as npz"),
    "pickle.npz": (save_pickled, "holds pickled objects, which are never loaded"),
    "lengths.npz": (
        lambda path: np.savez(path, kind=np.arange(3), a=np.arange(4)),
        "of different length: kind 3, a 4",
    ),
    "x.pkl": (lambda path: path.write_bytes(pickle.dumps(1)), r"\.pkl is not read \(pickles never"),
    "bare.npz": (lambda path: path.write_bytes(pickle.dumps({})), "it is not an archive of arrays"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_files_that_cannot_be_read_are_named(tmp_path, name):
    make, message = UNREADABLE[name]
    make(tmp_path / name)
    with pytest.raises(UserError, match=rf"{name}: .*{message}"):
        TABLE.shape(table(tmp_path / name))


# --- How it is said, and Snakemake's view ---------------------------------------------------------


def config_for(folder, path):
    return write_config(
        folder,
        {
            "datasets": {"mine": {"source": "table", "options": {"path": path, "label": "kind"}}},
            "studies": {"a": {"datasets": ["mine"], "base": {"batch_size": 2}}},
        },
    )


def test_a_plan_names_the_files_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path, rows().to_csv(index=False))
    plan = make_plan(config_for(tmp_path, "x.csv"))
    assert plan.data["mine"].files == ["x.csv"]


def test_planning_says_what_is_wrong_without_a_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_table(tmp_path, rows(b=[NAN, 1] * 6).to_csv(index=False))
    assert main(["plan", str(config_for(tmp_path, "x.csv"))]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: x.csv: values are missing")
    assert said.count("\n") == 1


# --- OpenML, without the network ----------------------------------------------------------------


def openml(name, **options):
    return OPENML.Options(dataset=name, **options)


def test_openml_gives_a_table_and_its_checksum_is_verified(monkeypatch):
    bunch = SimpleNamespace(frame=rows(), target_names=["kind"])
    monkeypatch.setattr(sklearn_datasets, "fetch_openml", lambda *_, **__: bunch)
    assert OPENML.shape(openml("a")) == Shape(12, 1, 2)
    with pytest.raises(UserError, match="openml b, version 1: the data changed"):
        OPENML.shape(openml("b", sha256="0" * 64))


def test_openml_without_the_network_says_what_to_do(monkeypatch):
    def fail(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setattr(sklearn_datasets, "fetch_openml", fail)
    with pytest.raises(UserError, match=r"openml c, version 2: .*no route.*source `table`"):
        OPENML.shape(openml("c", version=2))
