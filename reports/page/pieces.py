"""Pieces of a page: figures, tables, headings, paragraphs. Their HTML is in `pieces.html.j2`.

They escape whatever they are given, unless it is `Html` already: names come from config files.
Texts and captions are Markdown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from reports.page.html import Html, escaped, plain
from reports.page.images import data_uri, natural_size
from reports.page.prose import markdown

Format = str | Callable[[Any], Any]
"""How a value is shown: a format such as ``".1f"``, or a function."""

TEMPLATE = Path(__file__).with_name("pieces.html.j2")


@cache
def _macros() -> ModuleType:
    def safe(value: Any) -> Any:
        return value if isinstance(value, Markup) else Markup(escaped(value))

    environment = jinja2.Environment(
        autoescape=True, finalize=safe, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).module


def _piece(name: str, *values: Any) -> Html:
    return Html(str(getattr(_macros(), name)(*values)))


def figure(
    path: Path | str,
    alt: str,
    caption: str | Html = "",
    anchor: str = "",
    wide: bool = False,
    beside: bool = False,
) -> Html:
    """Embed an image file with the text that replaces it and a caption.

    A `wide` one scrolls sideways on a narrow screen, where it would be too small to read. One
    `beside` the text has what follows it on its left, if there is room.
    Raises ValueError without a text.
    """
    if not alt.strip():
        raise ValueError(f"the figure {path} needs a text that says what it shows")
    size = natural_size(Path(path))
    return _piece("figure", data_uri(path), alt, size, markdown(caption), anchor, wide, beside)


def table(
    frame: pd.DataFrame,
    anchor: str = "",
    caption: str | Html = "",
    formats: Mapping[str, Format] | None = None,
) -> Html:
    """Set a table; its index is not shown.

    `formats` gives the formats of the columns that need one. Cells that are `Html` already (see
    `link`, `math`, `markdown`) stay as they are.
    """
    return _any_table("plain", frame, anchor, caption, formats)


def filterable_table(
    frame: pd.DataFrame,
    anchor: str = "",
    caption: str | Html = "",
    formats: Mapping[str, Format] | None = None,
) -> Html:
    """Set a table like `table`, whose rows a reader can sort and filter by column."""
    return _any_table("filterable", frame, anchor, caption, formats)


def _any_table(
    kind: str,
    frame: pd.DataFrame,
    anchor: str,
    caption: str | Html,
    formats: Mapping[str, Format] | None,
) -> Html:
    formats = formats or {}
    columns = [
        [_cell(value, formats.get(str(name), ".4g")) for value in frame.iloc[:, position]]
        for position, name in enumerate(frame.columns)
    ]
    numeric = [_is_numeric(column) for column in columns]
    rows = list(zip(*columns, strict=True))
    words = markdown(caption)
    label = plain(words) or "Table"
    return _piece("table", list(frame.columns), rows, numeric, kind, label, words, anchor)


def _cell(value: Any, how: Format) -> Html:
    """Show one value: numbers with a true minus sign, a dash if there is none."""
    if isinstance(value, Html):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return Html("–")
    if callable(how):
        return Html(escaped(how(value)))
    if pd.api.types.is_bool(value):
        return Html("yes" if value else "no")
    if pd.api.types.is_float(value):
        return Html(format(value, how).replace("-", "−"))
    if pd.api.types.is_integer(value):
        return Html(format(value, "" if how == ".4g" else how).replace("-", "−"))
    return Html(escaped(value))


def _is_numeric(cells: Sequence[Html]) -> bool:
    """Tell whether a column reads as numbers, alone or before a unit, an interval or a spread."""
    number = re.compile(r"–|[-+−<≤≈]?\d[\d.,]*(e[-+−]?\d+)?( ?[%±\[(].*)?|[-+−]?inf")
    return bool(cells) and all(number.fullmatch(plain(cell)) for cell in cells)


def mark(anchor: str) -> Html:
    """Return the link that a heading or caption shows to itself."""
    return _piece("mark", anchor)


def heading(text: str, anchor: str, level: int = 2) -> Html:
    """Set a heading with an anchor of its own."""
    return _piece("heading", text, anchor, level)


def paragraph(text: str, kind: str = "") -> Html:
    """Set a paragraph; nothing if the text is empty."""
    return _piece("paragraph", markdown(text), kind) if text else Html("")


def bullets(texts: Sequence[str]) -> Html:
    """Set a list of the texts that are not empty."""
    lines = [markdown(text) for text in texts if text]
    return _piece("bullets", lines) if lines else Html("")


def fold(summary: str, *pieces: Any) -> Html:
    """Fold pieces away behind a line that opens them."""
    return _piece("fold", summary, pieces)
