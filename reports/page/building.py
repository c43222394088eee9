"""Percent notebooks become executed notebooks and pages, each in a process of its own."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nbformat

from experiments.base import answering, atomic, files
from reports.page.html import PageError
from reports.page.notebook import execute, fill_in, read, tidy
from reports.page.render import html_page

CELL_TIMEOUT = 600  # seconds


@dataclass(frozen=True)
class Page:
    """A page to build: its percent notebook, and the files that it becomes.

    An `ipynb` of '' means the page only. The title is the first heading of the page, unless
    another is given. With `facts` the Markdown cells are templates that these are filled into
    (see `notebook.fill_in`).
    """

    notebook: Path
    ipynb: Path | str
    html: Path
    title: str | None = None
    facts: Mapping[str, Any] | None = None


def build(
    notebook: Path,
    results: Path,
    ipynb: Path | str,
    html: Path,
    title: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Execute `notebook` on the folder `results`; write the notebook and the page.

    Both files appear together once all went well, and are left alone otherwise (`PageError`).
    The rest is as :class:`Page` says.
    """
    build_all([Page(Path(notebook), ipynb, Path(html), title, facts)], results)


def build_all(pages: Iterable[Page], results: Path) -> None:
    """Build some pages at the same time; all their files appear together, or none does.

    Raises PageError as soon as one cannot be built.
    """
    if not results.is_dir():
        raise PageError(f"there is no folder of results {results}")
    with ExitStack() as children:
        begun = [
            (page, children.enter_context(answering(_build, page, results.resolve())))
            for page in pages
        ]
        made = [_made(page, answers) for page, answers in begun]
    with ExitStack() as together:
        for path, text in (item for files in made for item in files.items()):
            together.enter_context(atomic(Path(path))).write_text(text, encoding="utf-8")


def _made(page: Page, answers: Connection) -> dict[str, str]:
    """Wait for a page; return the texts of its files. Raises PageError if it cannot be built."""
    name = page.notebook.name
    try:
        while answers.poll(CELL_TIMEOUT):
            answer = answers.recv()
            if isinstance(answer, dict):
                return answer
            if isinstance(answer, PageError):
                raise answer
    except EOFError:
        raise PageError(f"{name}: the process that runs its cells was ended") from None
    raise PageError(f"{name}: a cell takes longer than {CELL_TIMEOUT} seconds")


def _build(page: Page, results: Path, answer: Connection) -> None:
    """Execute a notebook and send the texts of its files, or why there are none."""
    try:
        content = read(page.notebook)
        if page.facts is not None:
            fill_in(content, page.facts)
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {
                "RESULTS_DIR": str(files.near(results)),
                "IPYTHONDIR": folder,
            }  # nobody's start-up files
            for index in execute(content, page.notebook.name):
                answer.send(index)
        tidy(content)
        texts = {str(page.html): html_page(content, page.title)}
        if page.ipynb:
            texts[str(page.ipynb)] = nbformat.writes(content) + "\n"
        answer.send(texts)
    except PageError as error:
        answer.send(error)
