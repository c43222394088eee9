"""Formulas: MathML, as the page has it, in the language of typst."""

from collections.abc import Callable, Mapping, Sequence

from bs4 import NavigableString, Tag

from reports.printed.quoting import quoted

ESCAPED = set("()[]{},;:/|*!&'~.^_")
"""Operators that mean something else to typst, unless a backslash is before them."""
VARIANTS = {
    "bold-italic": "bold(italic({}))",
    "bold": "bold(upright({}))",
    "normal": "upright({})",
}


def formula(element: Tag) -> str:
    """Return a formula, an element `math`, in typst's markup."""
    block = element.get("display") == "block"
    body = _inner(element)
    return f"$ {body} $" if block else f"$display({body})$"


def _set(element: Tag) -> str:
    """Return an element of MathML in typst's language of formulas."""
    if element.name in SHAPES:
        return SHAPES[element.name](*map(_set, _children(element)))
    if element.name in ("mi", "mn", "mo", "mtext"):
        return _token(element)
    if element.name == "mtable":
        lines = [" & ".join(map(_set, _children(row))) for row in _children(element)]
        return " \\ ".join(lines)
    return " " if element.name == "mspace" else _inner(element)


def _inner(element: Tag) -> str:
    return " ".join(filter(None, map(_set, _children(element))))


def _children(element: Tag) -> Sequence[Tag]:
    return [child for child in element.children if not isinstance(child, NavigableString)]


def _token(element: Tag) -> str:
    """Return a letter, a number, an operator or a text."""
    text = element.get_text()
    if element.name == "mi" and len(text) == 1:
        return _letter(text, element.get("mathvariant", "italic"))
    if element.name == "mo" and len(text) == 1 and (text in ESCAPED or not text.isascii()):
        return f"\\{text}" if text in ESCAPED else text
    if text in ("=", "+", "<", ">") or text.isdecimal():
        return text
    return f"op({quoted(text)})" if element.name == "mi" else quoted(text)


def _letter(sign: str, variant: str) -> str:
    sign = sign if sign.isalpha() else f"#{quoted(sign)};"
    return VARIANTS.get(variant, "{}").format(sign)


def _attached(**places: int) -> Callable[..., str]:
    def shape(*parts: str) -> str:
        said = [f"{name}: {parts[at]}" for name, at in places.items()]
        return f"attach({parts[0]}, {', '.join(said)})"

    return shape


SHAPES: Mapping[str, Callable[..., str]] = {
    "mfrac": "frac({}, {})".format,
    "msqrt": lambda *parts: f"sqrt({' '.join(parts)})",
    "msub": _attached(b=1),
    "msup": _attached(t=1),
    "msubsup": _attached(b=1, t=2),
    "munder": _attached(b=1),
    "mover": _attached(t=1),
    "munderover": _attached(b=1, t=2),
}
