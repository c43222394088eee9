"""The cells of a notebook, run by IPython in this process, with what they print and display.

A kernel would be a process of its own that loads pandas and all else again; this one has it
already. `building` gives a page a child of its own, so that its cells change nothing here.
"""

import base64
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import TextIOBase
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.v4 import new_output
from traitlets import Instance, Type
from traitlets.config import Config


class CellError(Exception):
    """A cell raised an error: its name, its message, and IPython's traceback."""

    def __init__(self, name: str, message: str, traceback: str) -> None:
        super().__init__(name, message, traceback)
        self.name, self.message, self.traceback = name, message, traceback


class _Publisher(DisplayPublisher):
    """Keeps what `display` shows."""

    def publish(self, data: Any, metadata: Any = None, source: Any = None, **_: Any) -> None:
        self.shell.outputs.append(_rich("display_data", data, metadata))


class _Hook(DisplayHook):
    """Keeps the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.outputs.append(_rich("execute_result", format_dict, md_dict))


class Shell(InteractiveShell):
    """IPython without a terminal: the outputs of a cell are in `outputs`, in their order."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)
    outputs = Instance(list, ())
    error: CellError | None = None

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.error = CellError(etype.__name__, str(evalue), "\n".join(stb))

    def enable_gui(self, gui: Any = None) -> None:
        """Do nothing: there is none."""


class _Stream(TextIOBase):
    """Standard output or error of a cell."""

    def __init__(self, name: str, outputs: list[NotebookNode]) -> None:
        self._name, self._outputs = name, outputs

    def write(self, text: str) -> int:
        last = self._outputs[-1] if self._outputs else {}
        if last.get("output_type") == "stream" and last["name"] == self._name:
            last["text"] += text
        elif text:
            self._outputs.append(new_output("stream", name=self._name, text=text))
        return len(text)


def _rich(kind: str, data: Mapping[str, Any], metadata: Mapping[str, Any] | None) -> NotebookNode:
    """Return an output; pictures are in base64, as JSON needs them."""
    texts = {
        name: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for name, value in data.items()
    }
    return new_output(kind, data=texts, metadata=dict(metadata or {}))


def run_cells(notebook: NotebookNode) -> Iterator[int]:
    """Run the code cells of a notebook one after another, and enter their outputs.

    Yields the index of each before it runs. Raises CellError as soon as one raises an error.
    """
    settings = Config({"HistoryManager": {"enabled": False}})
    shell = Shell.instance(config=settings, colors="nocolor")
    with _main(shell):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            yield index
            shell.outputs = cell.outputs = []
            out, err = (_Stream(name, cell.outputs) for name in ("stdout", "stderr"))
            with redirect_stdout(out), redirect_stderr(err):  # type: ignore[type-var]
                shell.run_cell(cell.source, store_history=True)
            if shell.error:
                raise shell.error


@contextmanager
def _main(shell: Shell) -> Iterator[None]:
    """Let the names of the cells be those of the module `__main__`, as in a kernel."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = shell.user_module
    try:
        yield
    finally:
        sys.modules["__main__"] = before
