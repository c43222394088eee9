"""The pinned versions: those that running needs, and those that tests and docs need besides."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
RUN = [*PROJECT["dependencies"], *EXTRAS["excel"]]
DEVELOP = [*RUN, *EXTRAS["print"], *EXTRAS["test"], *EXTRAS["docs"]]


def pinned(name: str) -> dict[str, str]:
    """Return the versions in a file of requirements, by the names that pip compares."""
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line[0] not in "#-"]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert lines == sorted(lines, key=str.lower)
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): version for name, version in pairs}


def needed(given: Iterable[str], everywhere: bool = False) -> set[str]:
    """Return all that requirements need, here or (`everywhere`) on any system."""
    found: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in given]
    while todo:
        wanted, extra = todo.pop()
        marker = wanted.marker
        of_extra = marker is not None and "extra" in str(marker)
        if marker and not (everywhere and not of_extra) and not marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        for each in {(name, "")} | {(name, more) for more in wanted.extras}:
            if each not in found:
                found.add(each)
                todo += [(Requirement(text), each[1]) for text in requires(name)]
    return {name for name, _ in found}


def requires(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # of another system, or another Python
        return []


def test_running_installs_what_it_needs_and_no_more():
    assert needed(RUN) <= pinned("requirements.txt").keys() <= needed(RUN, everywhere=True)


def test_developing_installs_the_rest():
    run, more = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()
    assert not run.keys() & more.keys()
    assert needed(DEVELOP) <= run.keys() | more.keys() <= needed(DEVELOP, everywhere=True)


@pytest.mark.parametrize("text", DEVELOP)
def test_a_pinned_version_is_in_the_range_of_the_project(text):
    wanted = Requirement(text)
    version = (pinned("requirements.txt") | pinned("requirements-dev.txt"))[
        canonicalize_name(wanted.name)
    ]
    assert version in wanted.specifier


def test_the_readme_and_ci_install_the_same():
    install = re.compile(
        r"\.venv/bin/pip install (?:-q|--quiet)(?: --no-compile)? (-r .*?)(?: &&|$)", flags=re.M
    )
    readme = install.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    ci = install.findall((ROOT / ".ci/run").read_text(encoding="utf-8"))
    assert {*readme} == {"-r requirements.txt -e .", "-r requirements-dev.txt -e ."}
    assert ci == ["-r requirements-dev.txt -e ."]
