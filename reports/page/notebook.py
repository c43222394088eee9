"""Percent notebooks: read, filled in, executed, and tidied for a reader."""

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import jupytext
import nbformat
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from experiments.base import UserError
from reports.page.cells import CellError, run_cells
from reports.page.html import PageError


def read(path: Path) -> NotebookNode:
    """Read a percent notebook; its cells are numbered, so that their ids are stable."""
    if not path.is_file():
        raise PageError(f"there is no notebook {path}")
    try:
        notebook = jupytext.read(path, fmt="py:percent")
    except nbformat.ValidationError as error:
        raise PageError(f"{path} is not a percent notebook: {error.message}") from error
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
    return notebook


def fill_in(notebook: NotebookNode, facts: Mapping[str, Any]) -> None:
    """Fill facts into the Markdown cells, which are Jinja templates; drop cells that stay empty.

    Cells that follow one another with `repeat="NAME"` are repeated for each `item` of that fact;
    there code is a template, too.
    Raises PageError for a cell that is not a template, or that names an unknown fact.
    """
    environment = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    filled = []
    for repeated, cells in groupby(enumerate(notebook.cells, start=1), _repeated):
        group = list(cells)
        for item in facts[repeated] if repeated else [None]:
            for number, cell in group:
                copy = nbformat.from_dict(cell)
                if cell.cell_type == "markdown" or repeated:
                    try:
                        template = environment.from_string(cell.source)
                        copy.source = template.render({**facts, "item": item})
                    except jinja2.TemplateError as error:
                        raise PageError(f"cell {number} of the notebook: {error}") from error
                filled.append(copy)
    notebook.cells = [cell for cell in filled if cell.source.strip()]
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"


def _repeated(numbered: tuple[int, NotebookNode]) -> str:
    return numbered[1].metadata.get("repeat", "")


def execute(notebook: NotebookNode, name: str) -> Iterator[int]:
    """Run the code cells of a notebook in this process, and yield the index of each before.

    Raises PageError, which names the cell, if one raises an error.
    """
    index = 0
    try:
        for index in run_cells(notebook):
            yield index
    except CellError as error:
        raise PageError(_failure(notebook, index, error, name)) from error


_FOR_PEOPLE = {kind.__name__ for kind in (UserError, *UserError.__subclasses__())}


def _failure(notebook: NotebookNode, index: int, error: CellError, name: str) -> str:
    """Say which cell failed, where and why."""
    above = "\n".join(c.source for c in notebook.cells[:index] if c.cell_type == "markdown")
    headings = re.findall(r"^#+ (.+)$", above, flags=re.M)
    where = f"{name}: cell {index + 1}" + (f' (under "{headings[-1]}")' if headings else "")
    if error.name in _FOR_PEOPLE:
        return error.message.strip()
    arrow = re.search(r"^-+> *(\d+) (.*)$", strip_ansi(error.traceback), flags=re.M)
    line = f" at line {arrow[1]}: {arrow[2].strip()}" if arrow else ""
    reason = re.sub(r"\(<.*>, (line \d+)\)", r"(\1)", error.message.strip())  # a made-up file
    reason = reason.partition("\n")[0][:300]
    return f"{where} failed{line}\n  {error.name}: {reason}"


def tidy(notebook: NotebookNode) -> None:
    """Keep what a reader needs: no counts, times, addresses, versions or warnings."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags"})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [_tidy_output(o) for o in cell.outputs if not _is_warning(o)]


def _is_warning(output: NotebookNode) -> bool:
    """Tell whether an output is meant for the person who builds; if so, pass it on."""
    if output.get("name") != "stderr":
        return False
    print(output.text, end="", file=sys.stderr)
    return True


def _tidy_output(output: NotebookNode) -> NotebookNode:
    if "execution_count" in output:
        output.execution_count = None
    if "text" in output:
        output.text = _without_addresses(output.text)
    if "text/plain" in output.get("data", {}):
        output.data["text/plain"] = _without_addresses(output.data["text/plain"])
    return output


def _without_addresses(text: str) -> str:
    return re.sub(r"\b0x[0-9a-f]{6,}", "0x…", text)
