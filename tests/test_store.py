import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.base import store
from experiments.base.errors import DamagedFileError, UserError

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "empty": np.empty((0, 4)), "n": np.array([1, 2])}


def test_what_is_written_is_read(tmp_path):
    store.write(tmp_path / "x.bin", {"name": "α", "n": 3}, ARRAYS)
    meta, arrays = store.read(tmp_path / "x.bin")
    assert meta == {"name": "α", "n": 3}
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_writing_leaves_no_other_file(tmp_path):
    store.write(tmp_path / "deep" / "x.bin", {}, ARRAYS)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["x.bin"]


@given(st.data())
def test_any_flipped_byte_or_cut_is_noticed(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("s") / "x.bin"
    store.write(path, {"k": 1}, ARRAYS)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:at])
    else:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(DamagedFileError, match=r"x\.bin"):
        store.read(path)


def test_a_file_under_way_is_known_by_its_name(tmp_path):
    with store.atomic(tmp_path / "runs.csv") as temporary:
        assert store.is_temporary(temporary)
    for name in (".film.mkv.part", ".a.abcdefg.part", ".a.ABCDEFGH.part", ".a.b-cdefgh.part"):
        assert not store.is_temporary(tmp_path / name)


def test_a_failed_write_keeps_the_old_file(tmp_path):
    path = tmp_path / "x.txt"
    store.write_text(path, "old")
    with pytest.raises(ZeroDivisionError), store.atomic(path) as temporary:
        temporary.write_text(f"half {1 / 0}")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_where_a_folder_should_be_is_named(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(UserError, match=r"cannot write .*results/x\.bin"):
        store.write(tmp_path / "results" / "x.bin", {}, ARRAYS)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_a_full_device_is_named(tmp_path, monkeypatch):
    real = store.tempfile.mkstemp

    def full(**places):
        handle, name = real(**places)
        os.close(handle)
        return os.open("/dev/full", os.O_WRONLY), name

    monkeypatch.setattr(store.tempfile, "mkstemp", full)
    with pytest.raises(UserError, match="No space left"):
        store.write(tmp_path / "x.bin", {}, ARRAYS)
    assert list(tmp_path.iterdir()) == []
