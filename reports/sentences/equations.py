"""How an equation is shown: its formula, and whether it holds."""

import pandas as pd

from reports.page import Html, PageError, math


def failing(found: pd.DataFrame) -> tuple[int, pd.DataFrame, int]:
    """Return how many equations hold as printed, those that fail, and how many of these are right
    once corrected.

    >>> found = {"holds_as_printed": ["True", "False", ""], "holds_as_corrected": ["True"] * 3}
    >>> held, failed, right = failing(pd.DataFrame(found))
    >>> held, len(failed), right
    (1, 1, 1)
    """
    failed = found[found["holds_as_printed"] == "False"]
    right = int((failed["holds_as_corrected"] == "True").sum())
    return int((found["holds_as_printed"] == "True").sum()), failed, right


def formula(latex: str) -> Html:
    """Set a formula; one that cannot be set is shown as it is written."""
    if not latex:
        return Html("")
    try:
        return math(latex)
    except PageError:
        return Html("<code>{}</code>").format(latex)


_REASONS = {"shapes": "the shapes do not match", "N+1 terms": "the sum has N + 1 terms"}


def reason(text: str) -> str:
    """Return why an equation fails, as a sentence says it."""
    return _REASONS.get(text, text)


def holds(value: str, error: str) -> str:
    """Say whether an equation holds, with its largest relative error."""
    word = {"True": "holds", "False": "fails"}.get(value, "–")
    if not error or word == "–":
        return word
    return f"{word} ({float(error):.0e})".replace("-", "−").replace("0e+00", "0")
