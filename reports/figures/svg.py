"""Figures as files: small SVG, PDF and PNG, whose bytes depend on the drawing alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.base import atomic, counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETTINGS = {
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None}},
    "png": {"metadata": {"Software": None}, "dpi": 150},
}
"""How matplotlib writes each format, without the time and its version."""


def save(figure: Figure, stem: Path, endings: Sequence[str] = ("svg",)) -> None:
    """Write a figure as STEM.svg, or in other formats; the same bytes each time."""
    for ending in endings:
        with atomic(Path(stem).with_suffix(f".{ending}")) as path:
            figure.savefig(path, format=ending, **SETTINGS[ending])
            if ending == "svg":
                path.write_text(small_svg(path.read_text(encoding="utf-8")), encoding="utf-8")


def size(svg: str) -> tuple[int, int] | None:
    """Return width and height of an SVG in pixels, 4/3 to a point; None if it does not say.

    >>> size('<svg viewBox="0 0 72 36"></svg>')
    (96, 48)
    """
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    return tuple(round(float(points) * 4 / 3) for points in box.groups()) if box else None


# ---------------------------------------------------------------- characters


def missing_glyphs(figure: Figure) -> set[str]:
    """Return the characters of a drawn figure that its font, DejaVu Sans, does not have."""
    from matplotlib.font_manager import findfont, get_font
    from matplotlib.text import Text

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    texts = {text.get_text() for text in figure.findobj(Text)}
    return {c for c in "".join(texts) if ord(c) not in known and not c.isspace()}


def glyph_note(characters: Collection[str]) -> str:
    """Say that the font lacks some characters, and what that means; nothing if it lacks none."""
    if not characters:
        return ""
    some = " ".join(sorted(characters)[:12]) + (" …" if len(characters) > 12 else "")
    return (
        f"note: {counted(len(characters), 'character')} of this sweep's labels cannot be drawn in "
        f"the figures' font, DejaVu Sans: {some}. The page and the SVG files show them in the "
        "reader's own fonts; the PDF files show boxes instead."
    )


# ---------------------------------------------------------------- SVG made small


DEJAVU = "font-family: 'DejaVu Sans', sans-serif; "
# The fonts that a reader has are narrower than DejaVu Sans, with which the layout is computed.
FONT = "text{font-family:Helvetica,Arial,'Liberation Sans','DejaVu Sans',sans-serif}</style>"
MATPLOTLIB = "*{stroke-linejoin: round; stroke-linecap: butt}</style>"

_UNSEEN = re.compile(
    r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>| transform=\"rotate\(0 [^\"]*\""
    rf"|{re.escape(DEJAVU)}",
    re.S,
)
_MARKS = re.compile(r'<g([^>]*)>((?:\s*<use [^>]*?style="[^"]*"/>)+\s*)</g>')
_TAG = re.compile(r"<[^>]*>")
_REFERENCE = re.compile(r"#([a-z]\w{9,})\b")
_NUMBER = re.compile(r"-?\d*\.\d+")


def small_svg(svg: str) -> str:
    """Make an SVG of matplotlib's smaller by half, and name fonts that readers have.

    Coordinates are rounded to a tenth of a point, paths made relative, and what is not seen
    goes. An SVG that is not matplotlib's, or small already, is returned as it is.

    >>> small_svg('<svg><path id="mine" d="M 1.2345 0 L 2 3"/></svg>')
    '<svg><path id="mine" d="M 1.2345 0 L 2 3"/></svg>'
    """
    if MATPLOTLIB not in svg:
        return svg
    svg = _MARKS.sub(_with_common_style, _TAG.sub(_small_tag, _UNSEEN.sub("", svg)))
    svg = _with_short_ids(svg)
    return re.sub(r"(?<=>)\s*\n\s*", "", svg.replace("</style>", FONT, 1))


def _small_tag(tag: re.Match[str]) -> str:
    """Round the coordinates of an element; a label between tags may look like one, and stays."""
    text = re.sub(
        r'\b[xy]="([^"]*)"', lambda n: f'{n[0][0]}="{_tenths(round(10 * float(n[1])))}"', tag[0]
    )
    return re.sub(r'\bd="([^"]*)"', lambda d: f'd="{small_path(d[1])}"', text)


def _with_short_ids(svg: str) -> str:
    """Drop the ids to which no element refers, and shorten the others."""
    used: dict[str, str] = {}
    for tag in _TAG.findall(svg):
        for name in _REFERENCE.findall(tag):
            used.setdefault(name, f"a{len(used)}")

    def renamed(tag: re.Match[str]) -> str:
        text = re.sub(
            r' id="([^"]*)"', lambda n: f' id="{used[n[1]]}"' if n[1] in used else "", tag[0]
        )
        return _REFERENCE.sub(lambda n: f"#{used[n[1]]}", text)

    return _TAG.sub(renamed, svg)


def small_path(path: str) -> str:
    """Return a path of straight lines with steps instead of coordinates, rounded to tenths.

    A path with curves is only rounded.

    >>> small_path("M 1.2345 -0.04 L 2 3 L 1.51 3 z"), small_path("M 0 1.26 C 1 2 3 4.04 5 6 z")
    ('M1.2 0l.8 3-.5 0z', 'M 0 1.3 C 1 2 3 4 5 6 z')
    """
    words = path.split()
    if not set("".join(w for w in words if w.isalpha())) <= set("MLz"):
        return _NUMBER.sub(lambda n: _tenths(round(10 * float(n[0]))), path)
    made, at, command = [], (0, 0), ""
    words = iter(words)
    for word in words:
        if word == "z":
            made.append("z")
            command = ""
            continue
        x, y = (round(10 * float(next(words))) for _ in range(2))
        if word == "M":
            made.append(f"M{_tenths(x)}{_joined(y)}")
        elif (x, y) != at or command == "M":
            step = f"{_tenths(x - at[0])}{_joined(y - at[1])}"
            made.append("l" + step if command != "L" else step if step[0] == "-" else " " + step)
            command = "L"
        at, command = (x, y), word if word == "M" else command
    return "".join(made)


def _tenths(value: int) -> str:
    """Write a number of tenths as briefly as SVG allows."""
    return (
        f"{value / 10:.1f}".removesuffix(".0").replace("0.", ".", 1)
        if abs(value) < 10 and value
        else f"{value / 10:g}"
    )


def _joined(value: int) -> str:
    text = _tenths(value)
    return text if text[0] == "-" else " " + text


def _with_common_style(group: re.Match[str]) -> str:
    """Write the style of marks that look the same once, at their group."""
    styles = set(re.findall(r'style="([^"]*)"', group[2]))
    if len(styles) != 1:
        return group[0]
    return (
        f'<g{group[1]} style="{styles.pop()}">' + re.sub(r' ?style="[^"]*"', "", group[2]) + "</g>"
    )
