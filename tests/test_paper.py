"""The folder of a paper: figures in two widths with the page's captions, tables, and an article."""

import re
import shutil
import subprocess

import pytest

from experiments.base import files
from experiments.plan import extra_steps, steps
from experiments.results import Results, latex_text
from experiments.schema import find_config, load, validate
from reports.figures import figure_files, paper_figures, write_pictures
from reports.paper import caption_of, write_paper
from reports.paper_files import paper_files
from tests.pages import results_of
from tests.test_latex import ENGINES
from tests.test_printed import inside
from tests.test_probe_pictures import probes

STUDY = {
    "title": "Activations, η ≤ 1 & 50 % of a_b",
    "datasets": ["iris", "wine"],
    "base": {"layers": [4], "epochs": 3},
    "grid": {"hidden": ["tanh", {"label": "検 R²", "hidden": "relu"}], "eta": [0.1, 1.0]},
    "compare": "hidden",
    "tune": "eta",
}
CONTENT = {
    "title": "A small sweep #1",
    "seeds": 4,
    "headline": [{"study": "s", "a": "tanh", "b": "検 R²"}],
    "studies": {"s": STUDY},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    """Return a small sweep with figures, tables and a paper."""
    folder = results_of(tmp_path_factory.mktemp("paper"), CONTENT).results
    probes(folder)
    found = Results(folder, validate(CONTENT))
    write_pictures(found, folder / "figures")
    write_paper(found, folder / "paper")
    return found


def test_the_files_are_those_that_the_workflow_expects(results):
    written = {path.name for path in (results.folder / "paper").iterdir()}
    assert written == {*paper_files(results.config)}
    assert "figure-1-175mm.pdf" in written
    assert "table-1.tex" in written


@pytest.mark.parametrize("name", ["default", "quick"])
def test_the_figures_are_those_of_the_report(name):
    names = [re.sub(r"^.*-", "", figure.name) for figure in paper_figures(load(find_config(name)))]
    assert names == ["summary", "start", "path", "stepmap", "gap", "passes"]


def test_captions_are_those_of_the_page(results):
    for figure in paper_figures(results.config):
        text = (results.folder / "paper" / f"figure-{figure.number}.tex").read_text("utf-8")
        caption = caption_of(results.folder / "figures", figure.name)["caption"]
        assert rf"\caption{{{latex_text(caption)}}}" in text
        assert rf"\label{{fig:{figure.name}}}" in text
        for width in figure.widths:
            assert figure.file(width) in text


def test_drawings_have_their_width_and_outlines_as_fonts(results):
    for figure in paper_figures(results.config):
        for width in figure.widths:
            pdf = inside((results.folder / "paper" / figure.file(width)).read_bytes())
            points = float(re.search(r"/MediaBox\s*\[\s*0 0 ([\d.]+)", pdf)[1])
            assert points == pytest.approx(width * 72 / 25.4, abs=0.01)
            assert re.search(r"/Subtype\s*/Type3", pdf) is None
            sizes = [float(size) for size in re.findall(r"/\S+ ([\d.]+) Tf", pdf)]
            assert min(sizes) >= 7


def test_twice_gives_the_same_bytes(results):
    folder = results.folder / "paper"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_paper(results, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_the_article_compiles(results, engine, tmp_path):
    if not shutil.which(engine):
        pytest.skip(f"there is no {engine} on this machine")
    folder = shutil.copytree(results.folder / "paper", tmp_path / "paper")
    done = subprocess.run([engine, "-halt-on-error", "-interaction=nonstopmode", "paper.tex"],
                          cwd=folder, capture_output=True, text=True, errors="replace",
                          check=False)  # fmt: skip
    assert done.returncode == 0, re.findall(r"^!.*(?:\n.*){3}", done.stdout, re.M)
    assert "Overfull" not in done.stdout


def test_extra_steps_are_none_of_every_sweep(results):
    every = steps(results.config, results.folder, [], figure_files(results.config))
    extra = extra_steps(every, results.folder, paper_files(results.config))
    assert not every.keys() & extra.keys()
    made = {path for step in every.values() for path in step.products}
    for step in extra.values():
        assert set(step.inputs) <= made
        assert not made & set(step.products)
    assert extra["pdf"].products == (f"{results.folder}/{files.PDF}",)
