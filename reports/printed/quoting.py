"""Texts as typst's literals, so that no sign of a label is a command."""

import json


def quoted(text: str) -> str:
    r"""Return a text as a literal of typst.

    >>> print(quoted('a "b" \\ #c'))
    "a \"b\" \\ #c"
    """
    plain = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
    return json.dumps(plain, ensure_ascii=False)
