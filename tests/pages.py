"""Pages for tests: a small sweep to its page, with the notebook's cells run in this process."""

import html
import re
from pathlib import Path

import IPython.display
import nbformat
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from nbformat.v4 import new_output

from experiments.results.provenance import write_provenance
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from reports import page
from reports.chapters import Report
from reports.figures import KINDS, sheets_of, write_figures
from reports.figures.compact import FULL, HALF, SMALL
from reports.figures.data import Frames
from reports.figures.drawing import Drawing, styled
from tests.sweeps import Sweep

ROOT = Path(__file__).parent.parent
APPENDIX, MAIN = (ROOT / "reports" / f"{name}.py" for name in ("appendix", "report"))


def drawn(kind: str, results: Results) -> Drawing:
    """Draw the first figure of a kind and return what it was drawn with."""
    sheet = next(s for s in sheets_of(results.config) if s.kind == kind)
    drawing = Drawing(Frames(results), sheet)
    with styled():
        KINDS[kind].draw(drawing)
    return drawing


def at_the_size_of_print(figure: Figure):
    """Two widths, at most eight panels, and no text that is smaller than 7 points."""
    assert min(abs(figure.get_figwidth() - width) for width in (HALF, FULL)) < 1e-9
    assert 1 <= len(figure.axes) <= 8
    with styled():
        figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    assert max(text.get_fontsize() for text in texts) <= 9
    placed = [*figure.texts, *(text for panel in figure.axes for text in panel.texts)]
    beyond = [t.get_text() for t in placed if t.get_window_extent().x1 > 1.01 * figure.bbox.width]
    assert not beyond


def results_of(folder: Path, content: dict, name: str = "shape") -> Sweep:
    """Train a sweep and write its tables and figures."""
    sweep = Sweep(folder, content, name)
    sweep.train()
    sweep.collect()
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    results = Results(sweep.results, sweep.plan.config)
    write_tables(results, sweep.results / "tables")
    sweep.note = write_figures(results, sweep.results / "figures")  # what the log says
    return sweep


def page_of(results: Path, source: Path = APPENDIX) -> str:
    """Return a page of a folder of results, as its notebook makes it, without a kernel.

    Raises AssertionError if it has one of the `faults`.
    """
    notebook = page.read(source)
    page.fill_in(notebook, Report(results).facts)
    scope, shown = {}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESULTS_DIR", str(results))
        patch.setattr(IPython.display, "display", shown.append)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), scope)
                cell.outputs = [
                    new_output("display_data", {"text/html": str(piece)}) for piece in shown
                ]
                shown.clear()
    page.tidy(notebook)
    text = page.html_page(nbformat.from_dict(notebook))
    assert not (found := faults({f"{source.stem}.html": text})), found
    return text


def without_code(text: str) -> str:
    return re.sub(r"<(script|style|code)\b.*?</\1>", " ", text, flags=re.S)


def words_of(text: str) -> str:
    """Return what a page says, with what stands for its pictures."""
    main = without_code(text[text.index("<main>") :])
    said = re.sub(r"<[^>]*>", " ", main) + " ".join(re.findall(r'(?:alt|aria-label)="(.*?)"', main))
    return " ".join(html.unescape(said).split())


ODD = re.compile(
    r".{0,40}(?:\b(?:nan|NaN|None\b(?! of)|inf|bes)\b|\bof 0 of\b|(?<![\d.])0 of 0\b).{0,20}"
)
"""What is no word of a page, with what is around it."""


def faults(pages: dict[str, str]) -> list[str]:
    """Return what no page may have: nan, None, a name twice, a link to nowhere."""
    found, names = [], {}
    for name, text in pages.items():
        ids = re.findall(r'\sid="([^"]*)"', without_code(text))
        names[name] = {*ids}
        found += [f"{name}: id {each} twice" for each in {*ids} if ids.count(each) > 1]
        found += [f"{name}: {match}" for match in ODD.findall(words_of(text))]
    for name, text in pages.items():
        for link in re.findall(r'href="([^"]*#[^"]+)"', without_code(text)):
            other, _, place = html.unescape(link).partition("#")
            if (other or name) in names and place not in names[other or name]:
                found.append(f"{name}: {link} leads nowhere")
    return found
