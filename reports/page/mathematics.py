"""Formulas: LaTeX becomes MathML, which browsers show without help."""

import html as entities
import re
from xml.etree import ElementTree

from latex2mathml.converter import Converter

from reports.page.html import Html, PageError

# What latex2mathml calls by another name.
_DIALECT = {
    r"{aligned}": r"{split}",
    r"\operatorname*": r"\operatorname",
    r"\arg\max": r"\argmax",
    r"\arg\min": r"\argmin",
}
# How many children an element needs.
_PARTS = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}


def math(latex: str, display: bool = False) -> Html:
    r"""Set a formula as MathML; ``\tag{7}`` puts a number next to a displayed one."""
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
