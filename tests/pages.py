"""Pages for tests: a small sweep to its page, with the notebook's cells run in this process."""

from pathlib import Path

import IPython.display
import nbformat
import pytest
from nbformat.v4 import new_output

from experiments.results.provenance import write_provenance
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from reports import page
from reports.chapters import Report
from reports.figures import KINDS, sheets_of, write_figures
from reports.figures.data import Frames
from reports.figures.drawing import Drawing, styled
from reports.page.notebook import ROOT
from tests.sweeps import Sweep

NOTEBOOK = ROOT / "reports" / "report.py"


def drawn(kind: str, results: Results) -> Drawing:
    """Draw the first figure of a kind and return what it was drawn with."""
    sheet = next(s for s in sheets_of(results.config) if s.kind == kind)
    drawing = Drawing(Frames(results), sheet)
    with styled():
        KINDS[kind].draw(drawing)
    return drawing


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


def page_of(results: Path) -> str:
    """Return the page of a folder of results, as the notebook makes it, without a kernel."""
    notebook = page.read(NOTEBOOK)
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
    return page.html_page(nbformat.from_dict(notebook))
