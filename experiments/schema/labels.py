"""The texts that stand for the values of an axis in tables, figures and file names."""

import re
import unicodedata
from typing import Any

from experiments.training import DEFECTS
from experiments.training import label as defects_label

LONGEST_LABEL = 60
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,59}$"
NAME_RULE = "a name of letters, digits, _ and -, which begins with a letter (60 at most)"


def axis_label(value: Any) -> str:
    """Return the text that stands for a value of an axis in tables and figures.

    >>> axis_label({"cost": "mse", "output": "sigmoid"}), axis_label(0.1), axis_label([30, 30])
    ('mse + sigmoid', '0.1', '30-30')
    >>> axis_label({"name": "adam", "beta1": 0.5}), axis_label({"0": 1, "1": 2.5})
    ('adam, beta1 0.5', '0: 1, 1: 2.5')
    """
    if isinstance(value, dict) and isinstance(value.get("name"), str):  # an optimizer
        given = (f"{key} {axis_label(v)}" for key, v in value.items() if key != "name")
        return ", ".join([value["name"], *given])
    if isinstance(value, dict) and "as_many_updates_as" in value:
        flawed = f" ({defects_label(value['with_defects'])})" if value.get("with_defects") else ""
        return f"updates of {value['as_many_updates_as']} epochs{flawed}"
    if isinstance(value, dict) and value and all(str(key).isdigit() for key in value):
        return ", ".join(f"{key}: {axis_label(v)}" for key, v in value.items())  # weights
    if isinstance(value, dict):
        label = value.get("label")
        named = label.strip() if isinstance(label, str) else ""
        return named or " + ".join(axis_label(v) for v in value.values())
    if isinstance(value, list | tuple):
        if value and all(isinstance(v, str) and v in DEFECTS for v in value):
            return defects_label(value)
        return "-".join(map(axis_label, value)) or "none"
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]"
)
"""Characters that count as printable and show nothing, beside those of the kind Cf."""


def same_to_the_eye(label: str) -> str:
    """Return one form for all labels that a reader takes for the same.

    Case, blanks, Unicode form and invisible characters make no difference.

    >>> same_to_the_eye("ReLU  net"), same_to_the_eye("\uff32elu \ufe0fnet")
    ('relu net', 'relu net')
    """
    shown = "".join(
        character
        for character in INVISIBLE.sub("", unicodedata.normalize("NFKC", label))
        if unicodedata.category(character) != "Cf"
    )
    return " ".join(unicodedata.normalize("NFKC", shown.casefold()).split())


def prose(text: str) -> str:
    """Return a text with single blanks, as a page shows it. Raises ValueError if it cannot be read.

    >>> prose("Which is\n  best?\n")
    'Which is best?'
    """
    shown = " ".join(text.split())
    if not shown.isprintable():
        raise ValueError("expected printable characters only")
    return shown


def one_line(text: str) -> str:
    """Return a text that heads a chapter. Raises ValueError if it is blank or has several lines."""
    if not text.strip() or len(text.splitlines()) > 1:
        raise ValueError("expected a text on one line that is not blank")
    return prose(text)


def program_role(value: dict[str, Any]) -> str:
    """Return what a value of the axis `program` is (see `experiments.claims.programs.PROGRAMS`).

    >>> program_role({"defects": ["stride"]}), program_role({"epochs": 3}), program_role({})
    ('stride', 'equal', 'correct')
    """
    defects = value.get("defects") or ()
    if not defects:
        return "equal" if "epochs" in value else "correct"
    return "both" if len(defects) == 2 else next(iter(defects))
