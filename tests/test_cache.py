"""A cache that several people share, or that cannot be written to."""

import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from experiments.base import store
from experiments.base.errors import NotWritableError, UserError
from tests.sweeps import Sweep

RUNS = 32


@pytest.fixture
def umask():
    """The umask that most people have, during a test."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("shared", [0o775, 0o2775, 0o1777, 0o755, 0o700])
def test_what_is_in_a_cache_has_the_permissions_of_its_folder(tmp_path, umask, shared):
    sweep = Sweep(tmp_path)
    sweep.cache.mkdir()
    sweep.cache.chmod(shared)
    assert sweep.train() == RUNS
    below = list(sweep.cache.rglob("*"))
    assert len(below) > RUNS
    for path in below:
        assert mode(path) == (shared if path.is_dir() else shared & 0o666)


def test_elsewhere_the_umask_decides(tmp_path, umask):
    tmp_path.chmod(0o777)
    store.write_text(tmp_path / "new" / "x.txt", "x")
    assert (mode(tmp_path / "new"), mode(tmp_path / "new" / "x.txt")) == (0o755, 0o644)
    sweep = Sweep(tmp_path)
    sweep.train()  # the cache is made here
    assert mode(sweep.cache) == 0o755


def refuse(monkeypatch, folder: Path, number: int, calls: int = 0) -> None:
    """Let the system refuse new files in a folder, after some calls."""
    real, left = tempfile.mkstemp, iter(range(calls))

    def mkstemp(**options):
        if options["dir"].is_relative_to(folder) and next(left, None) is None:
            raise OSError(number, os.strerror(number), str(options["dir"]))
        return real(**options)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)


@pytest.mark.parametrize(
    ("number", "kept"), [(errno.EACCES, 0), (errno.EPERM, 3), (errno.EROFS, 31)]
)
def test_without_the_right_to_write_a_job_is_complete_and_says_so_once(
    tmp_path, monkeypatch, number, kept
):
    sweep = Sweep(tmp_path)
    refuse(monkeypatch, sweep.cache, number, kept)
    assert sweep.train() == RUNS
    (line,) = [text for text in sweep.said if "not kept" in text]
    assert line.startswith(f"{RUNS - kept} of {RUNS} runs not kept in the cache, but")
    assert os.strerror(number) in line
    assert f"chmod -R g+rwX {sweep.cache}" in line
    assert len(list(sweep.cache.rglob("*.run"))) == kept
    sweep.collect()
    assert (sweep.results / "runs.parquet").is_file()
    monkeypatch.undo()
    shutil.rmtree(sweep.results)
    assert sweep.train() == RUNS - kept


def test_a_full_disk_is_an_error_all_the_same(tmp_path, monkeypatch):
    sweep = Sweep(tmp_path)
    refuse(monkeypatch, sweep.cache, errno.ENOSPC)
    with pytest.raises(UserError, match="No space left") as caught:
        sweep.train()
    assert not isinstance(caught.value, NotWritableError)


def test_a_run_that_may_not_be_read_is_trained(tmp_path, monkeypatch):
    sweep = Sweep(tmp_path)
    sweep.train()
    shutil.rmtree(sweep.results)
    real = Path.read_bytes

    def read_bytes(self):
        if self.suffix == ".run":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    assert sweep.train() == RUNS
    assert len(sweep.said) == 1


def test_another_empty_cache_changes_no_job(tmp_path):
    sweep = Sweep(tmp_path)
    sweep.train()
    sweep.cache = tmp_path / "elsewhere"
    assert sweep.train() == 0
    sweep.collect()
    assert not sweep.cache.exists()
