"""The main page in the language of typst: each element of its HTML becomes a call."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from bs4 import BeautifulSoup, Comment, NavigableString, Tag

from reports.printed.formulas import formula
from reports.printed.quoting import quoted

LOOK = Path(__file__).with_name("page.typ")
LEFT_OUT = ("own",)
"""Chapters of the page that are of use in the notebook only, by their anchors."""
MOST_WHOLE = 9
"""Rows of a table that is never parted by the end of a page."""


def document(page: str, figures: str) -> str:
    """Return the source, in typst, of a page of the report; `figures` is the folder of their SVGs.

    What a text says is always a literal there, so no label is ever a command.
    """
    main = BeautifulSoup(page, "html.parser").main
    _drop(main)
    anchors = {tag["id"] for tag in main.find_all(id=True)}
    writer = _Writer(anchors, figures)
    title = main.h1.get_text().strip() if main.h1 else "Report"
    head = f"#set document(title: {quoted(title)}, date: none)\n"
    return head + LOOK.read_text(encoding="utf-8") + writer.blocks(main) + "\n"


def _drop(main: Tag) -> None:
    """Take away what only a screen has: code, marks of headings, chapters for the notebook."""
    for chapter in main.find_all("h2", id=LEFT_OUT):
        for after in list(chapter.next_siblings):
            if getattr(after, "name", "") == "h2":
                break
            after.extract()
        chapter.extract()
    for tag in main.select("details.code, a.mark, style, script"):
        tag.extract()


class _Writer:
    """Writes elements in typst's markup; `anchors` are the places that links may lead to."""

    def __init__(self, anchors: Collection[str], figures: str) -> None:
        self.anchors, self.figures = anchors, figures

    def blocks(self, element: Tag) -> str:
        """Return the blocks of an element, each on a line of its own."""
        return "\n\n".join(filter(str.strip, map(self.write, element.children)))

    def inline(self, element: Tag) -> str:
        """Return what an element says."""
        return "".join(map(self.write, element.children))

    def write(self, node: Tag | NavigableString) -> str:
        """Return an element or a text in typst's markup."""
        if isinstance(node, Comment):
            return ""
        if isinstance(node, NavigableString):
            text = re.sub(r"\s+", " ", str(node))
            return f"#{quoted(text)};" if text.strip() else " "
        return WRITERS.get(node.name, _Writer.inline)(self, node)

    def h1(self, node: Tag) -> str:
        return f"#title[{self.inline(node)}]"

    def heading(self, node: Tag) -> str:
        text = f"#heading(level: {int(node.name[1]) - 1})[{self.inline(node)}]"
        before = "#contents()\n\n" if node.find_previous(["h2", "h3"]) is None else ""
        return before + text + self.place(node)

    def place(self, node: Tag) -> str:
        """Return the label of an element that has an anchor, to be written after it."""
        return f" #label({quoted(node['id'])})" if node.get("id") else ""

    def paragraph(self, node: Tag) -> str:
        kinds = node.get("class", [])
        if "tiles" in kinds:
            return f"#par(leading: 0.5em)[{self.inline(node)}]"
        text = self.inline(node)
        return f"#paragraph({quoted(kinds[0])})[{text}]" if kinds else text

    def link(self, node: Tag) -> str:
        text, kinds = self.inline(node), node.get("class", [])
        if "tile" in kinds:
            text = f"#tile({quoted(kinds[-1])})[{text}]"
        target = str(node.get("href", ""))
        if target.startswith("#"):
            known = target[1:] in self.anchors
            return f"#link(label({quoted(target[1:])}))[{text}]" if known else text
        return f"#link({quoted(target)})[{text}]" if target else text

    def details(self, node: Tag) -> str:
        summary = node.summary.extract()
        return f"#strong[{self.inline(summary)}]\n\n{self.blocks(node)}"

    def items(self, node: Tag) -> str:
        return f"#list{''.join(f'[{self.inline(item)}]' for item in node.find_all('li'))}"

    def terms(self, node: Tag) -> str:
        pairs = zip(node.find_all("dt"), node.find_all("dd"), strict=True)
        said = [f"terms.item[{self.inline(a)}][{self.inline(b)}]" for a, b in pairs]
        return f"#glossary({', '.join(said)})"

    def figure(self, node: Tag) -> str:
        caption = node.figcaption.extract() if node.figcaption else None
        kind = "table" if "table" in node.get("class", []) else "image"
        said = f", caption: [{self.inline(caption).strip()}]" if caption else ""
        inner = node.find(["table", "img"])
        body = self.write(inner) if inner else ""
        made = f"#figure([{body}], kind: {kind}, supplement: none{said}){self.place(node)}"
        return made if len(node.find_all("tr")) > MOST_WHOLE else f"#whole[{made}]"

    def image(self, node: Tag) -> str:
        name = node.find_parent("figure").get("id", "").removeprefix("fig-")
        path, alt = quoted(f"/{self.figures}/{name}.svg"), quoted(node.get("alt", ""))
        return f"#drawing({path}, {alt})"

    def table(self, node: Tag) -> str:
        rows = [row.find_all(["th", "td"]) for row in node.find_all("tr")]
        columns = max(map(len, rows))
        ends = ["right" if "n" in cell.get("class", []) else "left" for cell in rows[0]]
        cells = [f"[{self.inline(cell).strip()}]" for row in rows[1:] for cell in row]
        head = ", ".join(f"[{self.inline(cell).strip()}]" for cell in rows[0])
        return (
            f"#grid-table(columns: {columns}, align: ({', '.join(ends)},), "
            f"table.header({head}), {', '.join(cells)})"
        )

    def small(self, node: Tag) -> str:
        return f"#aside[{self.inline(node)}]"

    def code(self, node: Tag) -> str:
        block = "true" if node.name == "pre" else "false"
        return f"#raw({quoted(node.get_text())}, block: {block})"


def _call(function: str) -> Callable[[_Writer, Tag], str]:
    return lambda writer, node: f"#{function}[{writer.inline(node)}]"


WRITERS: Mapping[str, Callable[[_Writer, Tag], str]] = {
    "h1": _Writer.h1,
    **dict.fromkeys(("h2", "h3", "h4"), _Writer.heading),
    "p": _Writer.paragraph,
    "a": _Writer.link,
    "strong": _call("strong"),
    "em": _call("emph"),
    "small": _Writer.small,
    **dict.fromkeys(("code", "pre"), _Writer.code),
    **dict.fromkeys(("ul", "ol"), _Writer.items),
    "dl": _Writer.terms,
    "figure": _Writer.figure,
    "img": _Writer.image,
    "table": _Writer.table,
    "details": _Writer.details,
    "math": lambda _, node: formula(node),
    "br": lambda *_: "#linebreak()",
    "div": _Writer.blocks,
}
"""What writes an element, by its name; of any other, what it holds is written."""
