"""Percent notebooks: read, filled in, executed, and tidied for a reader."""

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from experiments.base import UserError
from reports.page.html import PageError

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT = 600  # seconds
MOST_SOCKET_PATH = 103  # bytes, on macOS; 107 on Linux


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


def execute(notebook: NotebookNode, results: Path, name: str) -> None:
    """Run the notebook in this interpreter, in the root of the repository."""
    started = [0]

    def note(cell: NotebookNode, cell_index: int) -> None:
        started[0] = cell_index

    with tempfile.TemporaryDirectory() as folder:
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),  # ipykernel's own: this Python
            connection_file=str(Path(folder) / "kernel.json"),
            transport=_transport(folder),
        )
        client = NotebookClient(
            notebook, km=manager, timeout=CELL_TIMEOUT, record_timing=False, on_cell_start=note
        )
        environment = {
            **os.environ,
            "RESULTS_DIR": str(_from_root(results)),
            "IPYTHONDIR": folder,  # nobody's start-up files
            "PYTHONHASHSEED": "0",
        }
        try:
            client.execute(env=environment, cwd=str(ROOT), cleanup_kc=True)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise PageError(_failure(notebook, started[0], error, name)) from error


def _transport(folder: str) -> str:
    """Return how to talk to the kernel: through sockets in a folder, or else through ports.

    Sockets are preferred, as no other job can take them; but the path of one has at most 107
    bytes, and Windows has none.
    """
    longest = Path(folder) / "kernel.json-ipc-5"
    return "tcp" if os.name == "nt" or len(os.fsencode(longest)) > MOST_SOCKET_PATH else "ipc"


def _from_root(folder: Path) -> Path:
    """Return the path from the root of the repository if the folder is inside."""
    folder = folder.resolve()
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


_FOR_PEOPLE = {kind.__name__ for kind in (UserError, *UserError.__subclasses__())}


def _failure(notebook: NotebookNode, index: int, error: Exception, name: str) -> str:
    """Say which cell failed, where and why."""
    above = "\n".join(c.source for c in notebook.cells[:index] if c.cell_type == "markdown")
    headings = re.findall(r"^#+ (.+)$", above, flags=re.M)
    where = f"{name}: cell {index + 1}" + (f' (under "{headings[-1]}")' if headings else "")
    if getattr(error, "ename", "") in _FOR_PEOPLE:
        return error.evalue.strip()
    if not isinstance(error, CellExecutionError):
        return f"{where} failed: {str(error).strip().splitlines()[0]}"
    arrow = re.search(r"^-+> *(\d+) (.*)$", strip_ansi(error.traceback), flags=re.M)
    line = f" at line {arrow[1]}: {arrow[2].strip()}" if arrow else ""
    reason = re.sub(r"\(\d+\.py, (line \d+)\)", r"(\1)", error.evalue.strip())  # a made-up file
    reason = reason.partition("\n")[0][:300]
    return f"{where} failed{line}\n  {error.ename}: {reason}"


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
