"""The pages: their examples run, their links lead somewhere, they build without a warning."""

import doctest
import os
import re
import runpy
import subprocess
import sys
import tomllib
import types
from inspect import ismodule
from pathlib import Path
from pydoc import plaintext, render_doc

import pytest
import yaml

import mlp
from experiments.plan import expand
from experiments.schema import parse, validate
from reports.figures import KINDS
from reports.figures.pictures import PICTURES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(p for p in DOCS.rglob("*.md") if "_build" not in p.parts)
LOOSE = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.relative_to(DOCS).as_posix())
def test_examples_give_what_they_show(path):
    assert doctest.testfile(str(path), module_relative=False, encoding="utf-8").failed == 0


NOTE = (DOCS / "note.md").read_text(encoding="utf-8")
EMPTY = 12  # a number of the note that carries no equation


def numbers(text: str) -> set[int]:
    """Return the equations that a text names, as (34) or tagged with 34."""
    found = re.findall(r"\((\d{1,2})\)|\\tag\{(\d{1,2})\}", text)
    return {int(plain or tagged) for plain, tagged in found}


def test_every_equation_of_the_note_has_its_place_in_the_chapter():
    prose = re.sub(r"```.*?```", "", NOTE, flags=re.S)
    without_headings = re.sub(r"^#.*$", "", prose, flags=re.M)
    assert sorted(set(range(1, 40)) - numbers(without_headings)) == []


def test_every_equation_of_the_note_has_code_that_runs():
    sources = [example.source for example in doctest.DocTestParser().get_examples(NOTE)]
    assert sorted(set(range(1, 40)) - {EMPTY} - numbers("".join(sources))) == []


@pytest.mark.parametrize("path", [*PAGES, *LOOSE], ids=lambda p: p.name)
def test_links_lead_somewhere(path):
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (path.parent / target).exists(), target


def test_the_readme_links_every_how_to_page():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT).as_posix() for path in (DOCS / "howto").glob("*.md")]
    assert [page for page in pages if f"]({page}" not in text] == []


def test_the_tutorials_config_is_valid():
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    config = validate(parse(re.search(r"```yaml\n(.*?)```", text, flags=re.S)[1]))
    assert config.studies["activations"].tune == "eta"


def test_the_readmes_config_is_planned(tmp_path, monkeypatch):
    text = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), flags=re.S)[1]
    (tmp_path / "my").mkdir()
    rows = [f"{k / 7},{k * k},{'ab'[k % 2]}" for k in range(60)]
    (tmp_path / "my" / "flowers.csv").write_text("\n".join(["x,y,kind", *rows]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert len(expand("mine", validate(parse(text))).runs) == 240


def test_the_picture_of_the_stages_is_up_to_date_and_whole():
    drawing = runpy.run_path(str(DOCS / "pictures" / "stages.py"))["drawing"]()
    assert (DOCS / "pictures" / "stages.svg").read_text(encoding="utf-8") == drawing
    packages = {p.parent.name for p in ROOT.glob("experiments/*/__init__.py")} - {"benchmark"}
    assert [p for p in sorted(packages) if f">experiments.{p}<" not in drawing] == []


def named_files(page: str) -> set[str]:
    """Return the files and folders of the code that a page names."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return set(re.findall(r"`((?:mlp|experiments|reports|tests|tools)/[\w./]*)`", text))


@pytest.mark.parametrize("path", [*PAGES, *LOOSE], ids=lambda p: p.name)
def test_files_that_a_page_names_are_there(path):
    examples = {"experiments/config/mine.yaml"}
    assert [f for f in named_files(path) - examples if not (ROOT / f).exists()] == []


def test_the_version_is_written_in_one_place():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "mlp.__version__"}


def test_the_help_of_mlp_shows_what_it_offers():
    text = render_doc(mlp, renderer=plaintext)
    for name in (
        "class Network",
        "train(net",
        "class Part",
        "class Replica",
        "fit(X",
        mlp.__version__,
    ):
        assert name in text
    public = {n for n, v in vars(mlp).items() if n[0] != "_" and not ismodule(v)}
    assert set(mlp.__all__) == public


def test_the_reference_names_all_that_mlp_offers():
    text = (DOCS / "reference" / "python.md").read_text(encoding="utf-8")
    whole = set(re.findall(r"automodule:: (\S+)", text))
    offered = {n: v for n, v in vars(mlp).items() if n[0] != "_" and not ismodule(v)}
    lacking = [
        n
        for n, v in offered.items()
        if f"mlp.{n}" not in text and getattr(v, "__module__", "") not in whole
    ]
    assert lacking == []


@pytest.mark.slow
def test_the_pages_build_without_a_warning(tmp_path):
    for name in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(name)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E"]
    done = subprocess.run(
        [*command, "-d", tmp_path / "doctrees", DOCS, tmp_path / "html"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    note = (tmp_path / "html" / "note.html").read_text(encoding="utf-8")
    assert "<math" in note
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"https?:", note)
    gallery = (tmp_path / "html" / "gallery.html").read_text(encoding="utf-8")
    drawn = re.findall(r'<img alt="[^"]+" src="(_images/[^"]+\.svg)"', gallery)
    assert len(drawn) == len({*drawn}) == len(KINDS) + len(PICTURES)
    assert all((tmp_path / "html" / path).is_file() for path in drawn)
    tutorial = (tmp_path / "html" / "tutorial.html").read_text(encoding="utf-8")
    assert "all runs: 120 new" in tutorial
    assert re.search(r"networks: [\d,]+ trained, 0 from the cache", tutorial)
    assert re.search(r"sigmoid( +\d\.\d+){4}\n", tutorial)


def blocks(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


def test_the_dataset_of_the_how_to_page_can_be_pasted(monkeypatch):
    from experiments.datasets import DATASETS

    monkeypatch.setattr(DATASETS, "_components", dict(DATASETS._components))
    block, _ = blocks("docs/howto/dataset.md")
    exec(compile(block, "two_blobs.py", "exec"), {"__name__": "two_blobs"})
    source = DATASETS["two_blobs"]
    made, shape = source.load(source.Options()), source.shape(source.Options())
    assert made["X"].shape == (shape.samples, shape.features)


def test_the_dataset_of_a_file_on_the_how_to_page_can_be_pasted(tmp_path, monkeypatch):
    """It is taken as it is, and refused without its method `files`."""
    from experiments.base.errors import UserError
    from experiments.datasets import DATASETS, Data, Source
    from experiments.datasets.making import prepare

    monkeypatch.setattr(DATASETS, "_components", dict(DATASETS._components))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    lines = [f"{k / 7},{k * k},{k % 2}" for k in range(200)]
    (tmp_path / "data" / "blobs.csv").write_text("\n".join(lines), encoding="utf-8")
    _, block = blocks("docs/howto/dataset.md")
    exec(compile(block, "blobs.py", "exec"), vars(types.ModuleType("__main__")))
    data = Data("mine", "blobs_of_a_file", {}, True)
    prepare(data, tmp_path / "x.bin")
    monkeypatch.setattr(type(DATASETS["blobs_of_a_file"]), "files", Source.files)
    with pytest.raises(UserError, match=r"reads data/blobs.csv without declaring it"):
        prepare(data, tmp_path / "y.bin")


def test_the_table_with_decimal_commas_of_the_how_to_page_is_read(tmp_path, monkeypatch):
    """Its file, with as many rows as classes need, by the options that the page gives."""
    page = (DOCS / "howto" / "dataset.md").read_text(encoding="utf-8")
    head, *rows = re.search(r"```\n(length;.*?)```", page, flags=re.S)[1].splitlines()
    options = re.search(r"```yaml\n +options:\n((?: +\w+: .*\n)+)```", page)[1]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my").mkdir()
    rows += ["3,90;1,10;blue;rose", "4,30;1,60;red;lily"]  # no column tells the label alone
    more = [row.replace(",", f",{k}") for k in range(10) for row in rows]
    (tmp_path / "my" / "flowers.csv").write_text("\n".join([head, *more]), encoding="utf-8")
    mine = {"source": "table", "options": yaml.safe_load(options)}
    study = {"datasets": ["mine"], "seeds": 1, "base": {"batch_size": 2}}
    plan = expand("x", validate({"datasets": {"mine": mine}, "studies": {"a": study}}))
    (data,) = plan.data.values()
    assert (data.shape.samples, data.shape.features, data.shape.classes) == (40, 4, 2)


def test_the_activation_of_the_readme_can_be_pasted(monkeypatch):
    from mlp import activations

    registry = activations.ACTIVATIONS
    monkeypatch.setattr(registry, "_components", dict(registry._components))
    block = next(block for block in blocks("README.md") if "@ACTIVATIONS.register" in block)
    exec(compile(block, "activations.py", "exec"), vars(activations) | {"__name__": "pasted"})
    arctan = registry["arctan"]
    assert arctan.formula
    assert arctan.equation
