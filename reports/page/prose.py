"""Markdown with mathematics: a caption, a paragraph, or a cell of the notebook."""

from collections.abc import Callable
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from reports.page.html import Html
from reports.page.mathematics import math, math_in_html


def markdown(text: str | Html) -> Html:
    """Set one paragraph of Markdown, with mathematics and without HTML, as in a caption."""
    if isinstance(text, Html):
        return text
    return Html(parser(html=False).renderInline(text).replace("$", "&#36;"))


def markdown_blocks(text: str) -> Html:
    """Set Markdown of several paragraphs and tables, with mathematics and without HTML."""
    return Html(parser(html=False).render(text))


@cache
def parser(html: bool) -> MarkdownIt:
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
