"""A cache that two users share, each with a umask of their own; and caches at odd addresses."""

import os
import re
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.__main__ import main
from experiments.base.errors import UserError
from experiments.plan import check_options
from tests.sweeps import TINY, Sweep

RUNS = 32
GROUP, ANNA, BEN = 4001, 4101, 4102
FAILED = 255


def as_user(user: int, umask: int, work: Callable[[], int]) -> int:
    """Do some work in a process of a user of the group, and return its number."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    try:
        os.setgroups([GROUP])
        os.setgid(user)
        os.setuid(user)
        os.umask(umask)
        code = work()
    except BaseException:
        traceback.print_exc()
        code = FAILED
    os._exit(code)


@pytest.fixture
def open_folder(tmp_path) -> Path:
    """A folder that every user can enter: those above it are pytest's, for one user."""
    names = [folder.name for folder in tmp_path.parents]
    own = tmp_path.parents[: 1 + next(i for i, n in enumerate(names) if n.startswith("pytest-of-"))]
    before = {folder: folder.stat().st_mode for folder in own}
    for folder in (tmp_path, *own):
        folder.chmod(0o755)
    yield tmp_path
    for folder in own:
        folder.chmod(before[folder] & 0o7777)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
@pytest.mark.parametrize("shared", [0o1777, 0o2770], ids=oct)
@pytest.mark.parametrize("umasks", [(0o022, 0o077), (0o077, 0o022)], ids=str)
def test_two_users_find_each_others_runs(open_folder, shared, umasks):
    cache = open_folder / "cache"
    cache.mkdir()
    os.chown(cache, 0, GROUP)
    cache.chmod(shared)
    more = TINY | {"seeds": 9}
    Sweep(open_folder / _made(open_folder / "first"), TINY).train()  # loads what training needs

    def trained(user: int, umask: int, name: str, content: dict) -> int:
        folder = _made(open_folder / name)
        os.chown(folder, user, user)

        def work() -> int:
            sweep = Sweep(folder, content)
            sweep.cache = cache
            return sweep.train()

        return as_user(user, umask, work)

    assert trained(ANNA, umasks[0], "anna", TINY) == RUNS
    assert trained(BEN, umasks[1], "ben", TINY) == 0
    assert trained(BEN, umasks[1], "ben-more", more) == 4
    assert trained(ANNA, umasks[0], "anna-more", more) == 0
    owners = {path.stat().st_uid for path in cache.rglob("*.run")}
    assert owners == {ANNA, BEN}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.mark.parametrize("words", [["plan", "quick"], ["clean"]])
def test_a_cache_at_an_unknown_kind_of_address_is_refused_and_not_made(capsys, monkeypatch, words):
    message = r"^gs://bucket/x \(--cache or MLP_CACHE\) is no place for a cache: expected a folder"
    assert main([*words, "--cache", "gs://bucket/x"]) == 2
    said = capsys.readouterr().err
    assert re.search(message, said.removeprefix("error: "))
    monkeypatch.setenv("MLP_CACHE", "gs://bucket/x")
    with pytest.raises(UserError, match=message):  # as the Snakefile asks before it begins
        check_options({})
    assert not Path("gs:").exists()
