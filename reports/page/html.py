"""HTML that escapes what is formatted into it, and names as Markdown and links show them."""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class PageError(Exception):
    """The page cannot be built; the message is for the person who asked for it."""


@dataclass(frozen=True)
class Html:
    """HTML that goes into the page unchanged, and that a notebook displays.

    What is formatted into it is escaped, the dollar sign too, so that a name is never taken for
    a tag or for mathematics. (It is not a string: pandas would turn a kind of string of our own
    into a plain one.) Templates know it by `__html__`.

    >>> print(Html("<b>{}</b>").format("<script> costs $5"))
    <b>&lt;script&gt; costs &#36;5</b>
    """

    source: str

    def format(self, *parts: Any) -> "Html":
        """Fill in `parts`, escaped unless they are HTML."""
        return Html(self.source.format(*map(escaped, parts)))

    def join(self, parts: Iterable[Any]) -> "Html":
        """Put this between `parts`, escaped unless they are HTML."""
        return Html(self.source.join(map(escaped, parts)))

    def __add__(self, other: Any) -> "Html":
        return Html(self.source + escaped(other))

    def __str__(self) -> str:
        return self.source

    def __html__(self) -> str:
        return self.source

    def __bool__(self) -> bool:
        return bool(self.source)

    def _repr_html_(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("<HTML>")


def escaped(value: Any) -> str:
    """Return the source of `value` if it is HTML, else its text with all signs escaped."""
    if isinstance(value, Html):
        return value.source
    return entities.escape(str(value)).replace("$", "&#36;")


def plain(text: str | Html) -> str:
    """Return the words of a piece of HTML."""
    return entities.unescape(re.sub(r"<[^>]*>", "", str(text))).strip()


def literal(text: Any) -> str:
    """Escape `text` for use inside Markdown, so that it is shown as it is written."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", str(text))


def link(text: Any, anchor: str) -> Html:
    """Link to a heading, figure or table of the same page."""
    return Html('<a href="#{}">{}</a>').format(anchor, text)
