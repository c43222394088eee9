"""A percent notebook becomes an executed notebook and one HTML file that needs no network.

    python -m reports.page NOTEBOOK RESULTS_DIR IPYNB HTML

The notebook runs in the interpreter that runs this module, in the root of the repository, and
finds the folder of its results in the environment variable ``RESULTS_DIR``. Building twice from
the same inputs gives the same bytes.

Inside the notebook, `figure`, `table`, `filterable_table`, `markdown`, `math` and `link` make
pieces of the page. They escape whatever they are given: names come from config files.
"""

import argparse
import base64
import hashlib
import html as entities
import mimetypes
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import jupytext
import nbformat
import pandas as pd
import pygments
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_path
from latex2mathml.converter import Converter
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.exporters import TemplateExporter
from nbconvert.filters import strip_ansi
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets.config import Config

from experiments.base import UserError, atomic
from reports.figures import svg
from reports.reading import read_svg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CELL_TIMEOUT = 600  # seconds
MOST_SOCKET_PATH = 103  # bytes, on macOS; 107 on Linux


class PageError(Exception):
    """The page cannot be built; the message is for the person who asked for it."""


# ---------------------------------------------------------------- pieces of a page


@dataclass(frozen=True)
class Html:
    """HTML that goes into the page as it stands, and that a notebook displays.

    What is formatted into it is escaped, the dollar sign too, so that a name is never taken for
    a tag or for mathematics. (It is no string: pandas would forget what kind of string it was.)

    >>> print(Html("<b>{}</b>").format("<script> costs $5"))
    <b>&lt;script&gt; costs &#36;5</b>
    """

    source: str

    def format(self, *parts: Any) -> "Html":
        """Fill in `parts`, escaped unless they are HTML."""
        return Html(self.source.format(*map(_escaped, parts)))

    def join(self, parts: Iterable[Any]) -> "Html":
        """Put this between `parts`, escaped unless they are HTML."""
        return Html(self.source.join(map(_escaped, parts)))

    def __add__(self, other: Any) -> "Html":
        return Html(self.source + _escaped(other))

    def __str__(self) -> str:
        return self.source

    def __bool__(self) -> bool:
        return bool(self.source)

    def _repr_html_(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<HTML>")


def _escaped(value: Any) -> str:
    if isinstance(value, Html):
        return value.source
    return entities.escape(str(value)).replace("$", "&#36;")


def math(latex: str, display: bool = False) -> Html:
    r"""Set a formula as MathML; ``\tag{7}`` puts a number beside a displayed one."""
    braces = re.sub(r"\\.|[^{}]", "", latex)
    if braces.count("{") != braces.count("}"):
        raise PageError(f"cannot set the formula ${latex}$: its braces do not match")
    source = re.sub(r"\\tag\{[^}]*\}", "", latex).strip()
    for written, understood in _DIALECT.items():
        source = source.replace(written, understood)
    try:
        tree = Converter(display="block" if display else "inline").convert_to_element(source)
    except Exception as error:  # the library raises a class of its own for each kind of slip
        reason = str(error) or type(error).__name__.removesuffix("Error")
        raise PageError(f"cannot set the formula ${latex}$: {reason}") from error
    for element in tree.iter():
        element.text = _glyphs(element, latex)
    del tree.attrib["xmlns"]  # HTML knows the element
    formula = Html(ElementTree.tostring(tree, encoding="unicode"))
    if not display:
        return formula
    number = re.search(r"\\tag\{([^}]*)\}", latex)
    tag = Html('<span class="tag">({})</span>').format(number[1]) if number else ""
    return Html('<span class="equation">{}{}</span>').format(formula, tag)


# What latex2mathml calls by another name.
_DIALECT = {
    r"{aligned}": r"{split}",
    r"\operatorname*": r"\operatorname",
    r"\arg\max": r"\argmax",
    r"\arg\min": r"\argmin",
}

# How many children an element needs.
_PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}


def _glyphs(element: ElementTree.Element, latex: str) -> str:
    """Return what an element of MathML shows; refuse what the converter did not understand."""
    text = element.text or ""
    if element.tag == "mi" and re.match(r"\\|[&{}]$", text):
        raise PageError(f"cannot set {text!r} in the formula ${latex}$")
    if element.tag in _PARTS and len(element) != _PARTS[element.tag]:
        raise PageError(f"cannot set the formula ${latex}$: a part of it is missing")
    text = entities.unescape(text)  # else the writer escapes the ampersand of each entity
    if element.get("mathvariant") == "double-struck":
        text = re.sub(r"\d", lambda digit: chr(ord("𝟘") + int(digit[0])), text)
    return text


def markdown(text: str | Html) -> Html:
    """Set one paragraph of Markdown, with mathematics and without HTML, as in a caption."""
    if isinstance(text, Html):
        return text
    return Html(_parser(html=False).renderInline(text).replace("$", "&#36;"))


def literal(text: Any) -> str:
    """Escape `text` for use inside Markdown, so that it is shown as it is written."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))


def link(text: Any, anchor: str) -> Html:
    """Link to a heading, figure or table of the same page."""
    return Html('<a href="#{}">{}</a>').format(anchor, text)


def figure(path: Path | str, alt: str, caption: str | Html = "", anchor: str = "") -> Html:
    """Embed an image file with the text that stands for it and a caption in Markdown."""
    if not alt.strip():
        raise ValueError(f"the figure {path} needs a text that says what it shows")
    image = Html('<img src="{}" alt="{}"{}>').format(data_uri(path), alt, _size(Path(path)))
    return _captioned("image", anchor, image, caption, caption_first=False)


def table(
    frame: pd.DataFrame,
    anchor: str = "",
    caption: str | Html = "",
    formats: Mapping[str, str | Callable[[Any], Any]] | None = None,
) -> Html:
    """Set a table; its index is not shown.

    `formats` gives a format such as ``".1f"`` or a function for the columns that need one.
    Cells that are `Html` already (see `link`, `math`, `markdown`) stay as they are.
    """
    return _table(frame, anchor, caption, formats, kind="plain")


def filterable_table(
    frame: pd.DataFrame,
    anchor: str = "",
    caption: str | Html = "",
    formats: Mapping[str, str | Callable[[Any], Any]] | None = None,
) -> Html:
    """Set a table like `table`, whose rows a reader can sort and filter by column."""
    return _table(frame, anchor, caption, formats, kind="filterable")


def _table(
    frame: pd.DataFrame,
    anchor: str,
    caption: str | Html,
    formats: Mapping[str, str | Callable[[Any], Any]] | None,
    kind: str,
) -> Html:
    formats = formats or {}
    columns = [
        [_cell(value, formats.get(str(name), ".4g")) for value in frame.iloc[:, position]]
        for position, name in enumerate(frame.columns)
    ]
    marks = [Html(" class=n") if _is_numeric(column) else "" for column in columns]
    head = Html("").join(
        Html("<th scope=col{}>{}</th>").format(mark, name)
        for mark, name in zip(marks, frame.columns, strict=True)
    )
    rows = Html("\n").join(
        Html("<tr>{}</tr>").format(
            Html("").join(
                Html("<td{}>{}</td>").format(mark, cell)
                for mark, cell in zip(marks, row, strict=True)
            )
        )
        for row in zip(*columns, strict=True)
    )
    body = Html(
        '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table class="{}">\n'
        "<thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table></div>"
    ).format(_plain(markdown(caption)) or "Table", kind, head, rows)
    return _captioned("table", anchor, body, caption, caption_first=True)


def _cell(value: Any, how: str | Callable[[Any], Any]) -> Html:
    """Show one value: numbers with a true minus sign, a dash where there is none."""
    if isinstance(value, Html):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return Html("–")
    if callable(how):
        return Html(_escaped(how(value)))
    if pd.api.types.is_bool(value):
        return Html("yes" if value else "no")
    if pd.api.types.is_float(value):
        return Html(format(value, how).replace("-", "−"))
    if pd.api.types.is_integer(value):
        return Html(format(value, "" if how == ".4g" else how).replace("-", "−"))
    return Html(_escaped(value))


def _is_numeric(cells: list[Html]) -> bool:
    """Tell whether a column reads as numbers, alone or before a unit, an interval or a spread."""
    number = re.compile(r"–|[-+−<≤≈]?\d[\d.,]*(e[-+−]?\d+)?( ?[%±\[(].*)?|[-+−]?inf")
    return bool(cells) and all(number.fullmatch(_plain(cell)) for cell in cells)


def _captioned(
    kind: str, anchor: str, body: Html, caption: str | Html, caption_first: bool
) -> Html:
    """Wrap a figure or a table with its caption and its anchor."""
    mark = _mark(anchor) if anchor else ""
    words = Html("<figcaption>{}{}</figcaption>").format(markdown(caption), mark)
    words = words if caption else Html("")
    parts = (words, body) if caption_first else (body, words)
    name = Html(' id="{}"').format(anchor) if anchor else ""
    return Html('<figure class="{}"{}>{}{}</figure>').format(kind, name, *parts)


def _mark(anchor: str) -> Html:
    """Return the link that a heading or caption shows to itself."""
    return Html(' <a class="mark" href="#{}" aria-label="Link to this place">#</a>').format(anchor)


def _plain(text: str | Html) -> str:
    """Return the words of a piece of HTML."""
    return entities.unescape(re.sub(r"<[^>]*>", "", str(text))).strip()


# ---------------------------------------------------------------- images


def data_uri(path: Path | str) -> str:
    """Return an image file as an address that holds it; vector graphics are made smaller."""
    path = Path(path)
    if path.suffix == ".svg":
        return _data_uri(svg.small_svg(read_svg(path)).encode(), "image/svg+xml")
    return _data_uri(path.read_bytes(), mimetypes.guess_type(path.name)[0] or "image/png")


def _data_uri(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _size(path: Path) -> Html:
    """Return the natural size of a vector graphic, so that the page keeps room for it."""
    pixels = svg.size(read_svg(path)) if path.suffix == ".svg" else None
    return Html(' width="{}" height="{}"').format(*pixels) if pixels else Html("")


# ---------------------------------------------------------------- Markdown and mathematics


@cache
def _parser(html: bool) -> MarkdownIt:
    """Return a parser of Markdown with tables and mathematics; `html` lets tags through."""
    parser = MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])
    parser.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    parser.add_render_rule("math_inline", _math_rule(display=False))
    parser.add_render_rule("math_inline_double", _math_rule(display=True))
    parser.add_render_rule("math_block", _math_rule(display=True))
    parser.add_render_rule("html_block", lambda _, tokens, i, *__: math_in_html(tokens[i].content))
    return parser


def _math_rule(display: bool) -> Callable[..., str]:
    return lambda _, tokens, i, *__: str(math(tokens[i].content, display))


# A text between tags is the only place of an HTML fragment in which a dollar means mathematics.
_NOT_TEXT = re.compile(
    r"(<!--.*?-->|<(?P<raw>script|style|code|pre|textarea|svg|math)\b.*?</(?P=raw)\s*>"
    r"|<table\b[^>]*\bdataframe\b.*?</table>"  # data as pandas shows it
    r"|<[a-zA-Z/!](?:\"[^\"]*\"|'[^']*'|[^'\">])*>)",
    re.S | re.I,
)
_FORMULA = re.compile(
    r"\$\$(?P<block>[^$]+)\$\$|(?<![\\\w$])\$(?P<inline>[^\s$](?:[^$]*[^\s$])?)\$(?![\w$])"
)


def math_in_html(fragment: str) -> str:
    """Set every ``$...$`` and ``$$...$$`` in the text of a fragment of HTML."""
    pieces, end = [], 0
    for tag in _NOT_TEXT.finditer(fragment):
        pieces += [_FORMULA.sub(_set, fragment[end : tag.start()]), tag[0]]
        end = tag.end()
    return "".join([*pieces, _FORMULA.sub(_set, fragment[end:])])


def _set(formula: re.Match[str]) -> str:
    block = formula["block"]
    return str(math(entities.unescape(block or formula["inline"]), display=bool(block)))


# ---------------------------------------------------------------- from notebook to page


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


def render(notebook: NotebookNode, title: str | None = None) -> str:
    """Return the page of an executed notebook."""
    exporter = TemplateExporter(
        template_file="page.html.j2",
        template_paths=[str(HERE), *jupyter_path("nbconvert", "templates")],
        config=Config({"NbConvertBase": {"display_data_priority": _DISPLAYED}}),
        filters={
            "cell_markdown": _parser(html=True).render,
            "output_markdown": _parser(html=False).render,
            "math_in_html": math_in_html,
            "python": _python,
            "svg_uri": lambda text: _data_uri(svg.small_svg(text).encode(), "image/svg+xml"),
            "with_anchors": with_anchors,
            "sha256": _sha256,
        },
    )
    resources = {"title": title, "style": (HERE / "page.css").read_text()}
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
    r"<(?:img|script|link|iframe|embed|object|source|video|audio)\b[^>]*?\s"
    r"(?:src|srcset|href|data)\s*=\s*[\"']?(?!data:)([^\"'\s>]+)",
    re.I,
)


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
        anchor = own[1] if own else _unused(_slug(_plain(text)), taken)
        headings.append(Heading(level, anchor, re.sub(r"</?a\b[^>]*>", "", text)))
        attributes += "" if own else f' id="{anchor}"'
        return f"<h{level}{attributes}>{text}{_mark(anchor)}</h{level}>"

    marked = re.sub(r"<h([1-6])((?:\s[^>]*)?)>(.*?)</h\1>", mark, body, flags=re.S)
    title = next((_plain(h.text) for h in headings if h.level == 1), "")
    return Body(marked, [h for h in headings if h.level in (2, 3)], title)


def _slug(words: str) -> str:
    return re.sub(r"\W+", "-", words.lower()).strip("-") or "section"


def _unused(slug: str, taken: set[str]) -> str:
    """Return `slug`, with a number where it is taken already, and take it."""
    names = (slug if n == 1 else f"{slug}-{n}" for n in range(1, len(taken) + 2))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


# ---------------------------------------------------------------- execution


def read(path: Path) -> NotebookNode:
    """Read a percent notebook; its cells are numbered, so that their ids are stable."""
    if not path.is_file():
        raise PageError(f"there is no notebook {path}")
    try:
        notebook = jupytext.read(path, fmt="py:percent")
    except nbformat.ValidationError as error:
        raise PageError(f"{path} is no percent notebook: {error.message}") from error
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
    return notebook


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
    """Return the path from the root of the repository where that is possible."""
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


# ---------------------------------------------------------------- command


def build(notebook: Path, results: Path, ipynb: Path, html: Path, title: str | None = None) -> None:
    """Execute `notebook` on the folder `results`; write the notebook and the page.

    Both files appear together once all went well, and are left alone otherwise (`PageError`).
    The title is the first heading of the page, unless another is given.
    """
    if not results.is_dir():
        raise PageError(f"there is no folder of results {results}")
    nb = read(notebook)
    execute(nb, results, notebook.name)
    tidy(nb)
    contents = {ipynb: nbformat.writes(nb) + "\n", html: render(nb, title)}
    with ExitStack() as both:
        for path, text in contents.items():
            both.enter_context(atomic(path)).write_text(text, encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Build a page from the command line; return 1, with a short message, if that failed."""
    parser = argparse.ArgumentParser(prog="python -m reports.page", description=build.__doc__)
    parser.add_argument("notebook", type=Path, help="a percent notebook (.py)")
    parser.add_argument("results", type=Path, help="the folder that it reads from RESULTS_DIR")
    parser.add_argument("ipynb", type=Path, help="the executed notebook to write")
    parser.add_argument("html", type=Path, help="the page to write")
    parser.add_argument("--title", help="title of the page (default: its first heading)")
    options = parser.parse_args(arguments)
    try:
        build(options.notebook, options.results, options.ipynb, options.html, options.title)
    except PageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
