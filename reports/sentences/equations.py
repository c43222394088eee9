"""How an equation is shown: its formula, and whether it holds."""

from reports.page import Html, PageError, math


def formula(latex: str) -> Html:
    """Set a formula; one that cannot be set is shown as it is written."""
    if not latex:
        return Html("")
    try:
        return math(latex)
    except PageError:
        return Html("<code>{}</code>").format(latex)


def holds(value: str, error: str) -> str:
    """Say whether an equation holds, with its largest relative error."""
    word = {"True": "holds", "False": "fails"}.get(value, "–")
    if not error or word == "–":
        return word
    return f"{word} ({float(error):.0e})".replace("-", "−").replace("0e+00", "0")
