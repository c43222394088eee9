"""A percent notebook becomes an executed notebook and one page."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat

from experiments.base import atomic
from reports.page.html import PageError
from reports.page.notebook import execute, fill_in, read, tidy
from reports.page.render import html_page


def build(
    notebook: Path,
    results: Path,
    ipynb: Path | str,
    html: Path,
    title: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Execute `notebook` on the folder `results`; write the notebook and the page.

    An `ipynb` of '' writes the page only. Both files appear together once all went well, and are
    left alone otherwise (`PageError`). The title is the first heading of the page, unless another
    is given. With `facts` the Markdown cells are templates that these are filled into (see
    `notebook.fill_in`).
    """
    if not results.is_dir():
        raise PageError(f"there is no folder of results {results}")
    content = read(notebook)
    if facts is not None:
        fill_in(content, facts)
    execute(content, results, notebook.name)
    tidy(content)
    files = {html: html_page(content, title)}
    if ipynb:
        files[Path(ipynb)] = nbformat.writes(content) + "\n"
    with ExitStack() as both:
        for path, text in files.items():
            both.enter_context(atomic(path)).write_text(text, encoding="utf-8")
