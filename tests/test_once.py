"""Texts that follow from the code alone: made once, and again if their file is damaged."""

from pathlib import Path

import pytest

from experiments.base import FolderCache, closure, store, write_once

CODE = "experiments.probes"


class Making:
    """Makes texts and counts how often."""

    count = 0

    def __call__(self) -> dict[str, str]:
        """Return one text."""
        self.count += 1
        return {"a.csv": "ä\n", "b.csv": ""}


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_texts_are_made_once_for_all_folders(tmp_path):
    make, cache = Making(), FolderCache(tmp_path / "cache")
    for name in ("one", "two"):
        write_once(tmp_path / name, cache, CODE, make)
        assert written(tmp_path / name) == {"a.csv": "ä\n", "b.csv": ""}
    assert make.count == 1
    write_once(tmp_path / "three", None, CODE, make)
    write_once(tmp_path / "four", cache, "experiments.equations", make)
    assert make.count == 3


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: b"", lambda text: b"x"])
def test_a_damaged_file_of_the_cache_is_named_and_made_again(tmp_path, capsys, damage):
    make, cache = Making(), FolderCache(tmp_path / "cache")
    write_once(tmp_path, cache, CODE, make)
    (kept,) = cache.folder.rglob("*.bin")
    sound = kept.read_bytes()
    kept.write_bytes(damage(sound))
    write_once(tmp_path / "again", cache, CODE, make)
    assert make.count == 2
    assert str(kept) in capsys.readouterr().out
    assert kept.read_bytes() == sound
    assert store.check(kept)["texts"] == written(tmp_path / "again")


@pytest.mark.parametrize(
    ("package", "module"),
    [("experiments.equations", "note"), ("experiments.probes", "start")],
)
def test_every_module_of_the_package_counts(package, module):
    assert f"{package.replace('.', '/')}/{module}.py" in closure.parts(package)
    assert "mlp/network.py" in closure.parts(package)
