"""An executed notebook becomes one HTML file."""

import base64
import hashlib
import re
from typing import NamedTuple

import pygments
from jupyter_core.paths import jupyter_path
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config

from reports.page.common import FOLDER, shared
from reports.page.html import PageError, plain
from reports.page.images import svg_uri
from reports.page.mathematics import math_in_html
from reports.page.pieces import mark as link_to
from reports.page.prose import parser
from reports.page.terms import with_terms


class Heading(NamedTuple):
    """A line of the list of contents."""

    level: int
    anchor: str
    text: str


class Body(NamedTuple):
    """The body of a page, its headings with anchors, and what the headings say."""

    html: str
    headings: list[Heading]
    title: str


def html_page(notebook: NotebookNode, title: str | None = None) -> str:
    """Return the page of an executed notebook."""
    exporter = TemplateExporter(
        template_file="page.html.j2",
        template_paths=[str(FOLDER), *jupyter_path("nbconvert", "templates")],
        config=Config({"NbConvertBase": {"display_data_priority": _DISPLAYED}}),
        filters={
            "cell_markdown": parser(html=True).render,
            "output_markdown": parser(html=False).render,
            "math_in_html": math_in_html,
            "python": _python,
            "svg_uri": svg_uri,
            "with_anchors": with_anchors,
            "sha256": _sha256,
        },
    )
    style = shared("colours.css") + _text("page.css")
    script = _text("contents.js") + shared("sorting.js") + _text("tables.js")
    resources = {"title": title, "style": style, "script": script}
    page, _ = exporter.from_notebook_node(notebook, resources)
    if outside := _OUTSIDE.search(page):
        raise PageError(f"the page would need {outside[1]!r}; embed it, for example with figure()")
    return page


_DISPLAYED = [
    *("text/html", "text/markdown"),
    *("image/svg+xml", "image/png", "image/jpeg"),
    "text/plain",
]
_OUTSIDE = re.compile(
    r"<(?:img|script|link|iframe|embed|object|source|video|audio)\b"
    r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*?\s"  # what is in quotes is a text, such as a label
    r"(?:src|srcset|href|data)\s*=\s*[\"']?(?!data:)([^\"'\s>]+)",
    re.I,
)


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _python(source: str) -> str:
    return pygments.highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()


def _sha256(text: str) -> str:
    """Return the checksum by which the page's policy knows its own script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def with_anchors(body: str) -> Body:
    """Give each heading an anchor made of its words, and list the headings."""
    taken = set(re.findall(r'\sid="([^"]+)"', body))
    headings: list[Heading] = []

    def mark(match: re.Match[str]) -> str:
        level, attributes, text = int(match[1]), match[2], match[3]
        own = re.search(r'\sid="([^"]+)"', attributes)
        anchor = own[1] if own else _unused(_slug(plain(text)), taken)
        headings.append(Heading(level, anchor, re.sub(r"</?a\b[^>]*>", "", text)))
        attributes += "" if own else f' id="{anchor}"'
        return f"<h{level}{attributes}>{text}{link_to(anchor)}</h{level}>"

    marked = re.sub(r"<h([1-6])((?:\s[^>]*)?)>(.*?)</h\1>", mark, body, flags=re.S)
    marked = with_terms(marked)
    title = next((plain(h.text) for h in headings if h.level == 1), "")
    return Body(marked, [h for h in headings if h.level in (2, 3)], title)


def _slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-") or "section"


def _unused(slug: str, taken: set[str]) -> str:
    """Return `slug`, with a number if it is taken already, and take it."""
    names = (slug if n == 1 else f"{slug}-{n}" for n in range(1, len(taken) + 2))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name
