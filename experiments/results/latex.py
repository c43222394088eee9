"""Tables as LaTeX that pdflatex, lualatex and xelatex all compile, whatever the labels hold."""

import re
import unicodedata
from functools import cache
from numbers import Real
from pathlib import Path

import pandas as pd
from latex2mathml.symbols_parser import SYMBOLS_FILE

BOLD = "\\textbf{{{}}}"
TEXT_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    '"': r"\char34{}",  # \textquotedbl needs a font encoding of its own
    "·": r"$\cdot$",
    "°": r"$^{\circ}$",
    "…": r"\ldots{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "µ": r"$\mu$",
    "ß": r"\ss{}",
    "æ": r"\ae{}",
    "Æ": r"\AE{}",
    "ø": r"\o{}",
    "Ø": r"\O{}",
    "œ": r"\oe{}",
    "Œ": r"\OE{}",
    "ł": r"\l{}",
    "Ł": r"\L{}",
    "ı": r"\i{}",
}
ACCENTS = {  # combining signs and their commands
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0323": "d",
    "\u0327": "c",
    "\u0331": "b",
}
HEAD = "% needs \\usepackage{booktabs}\n"
OTHER_HEAD = r"""% Signs that are not in the fonts of LaTeX are numbers in print, such as [U+691C].
% lualatex and xelatex print the sign itself if your font has it: \usepackage{fontspec} and
% \setmainfont{...}. To print it otherwise, define \othersign{SIGN}{NUMBER} before this table.
\providecommand{\othersign}[2]{\ifdefined\Umathcode
  \iffontchar\font"#2 #1\else\texttt{[U+#2]}\fi\else\texttt{[U+#2]}\fi}
"""


def latex_table(table: pd.DataFrame) -> str:
    """Return a table as LaTeX's `tabular`, with a comment on what its reader must load.

    Texts are taken as they are, apart from a cell that is `BOLD` around numbers. The lines are
    those of `DataFrame.to_latex`, which took an eighth of the time of all tables.
    """
    rows = [map(_cell, row) for row in table.itertuples(index=False, name=None)]
    head, *lines = [" & ".join(row) + r" \\" for row in [map(latex_text, table.columns), *rows]]
    text = "\n".join(
        [
            rf"\begin{{tabular}}{{{_columns(table)}}}",
            r"\toprule", head, r"\midrule", *lines, r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )  # fmt: skip
    return HEAD + (OTHER_HEAD if "\\othersign" in text else "") + text


def _columns(table: pd.DataFrame) -> str:
    numbers = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
    return "".join("r" if number else "l" for number in numbers)


def _cell(value: object) -> str:
    if isinstance(value, str):
        bold = re.fullmatch(r"\\textbf\{([\d. ±-]+)\}", value)  # as BOLD makes it, no label
        return BOLD.format(latex_text(bold[1])) if bold else latex_text(value)
    if pd.isna(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return latex_number(float(value))


def latex_number(value: float) -> str:
    r"""Return a number with four digits, and with a true minus sign.

    >>> latex_number(-0.06667), latex_number(3.388e-06), latex_number(20.0)
    ('$-0.06667$', '$3.388 \\times 10^{-6}$', '20')
    """
    text = f"{value:.4g}".replace("inf", r"\infty")
    digits, _, power = text.partition("e")
    if power:
        return rf"${digits} \times 10^{{{int(power)}}}$"
    return text if text.replace(".", "").isdigit() else f"${text}$"


@cache
def latex_text(text: str) -> str:
    r"""Return a text in which every sign is shown as it is, none is a command.

    >>> latex_text("η ≤ 0.1 & R², 50 % of a_b")
    '$\\eta$ $\\leq$ 0.1 \\& R$^{2}$, 50 \\% of a\\_b'
    >>> latex_text("Größe 検")
    'Gr\\"{o}\\ss{}e \\othersign{検}{691C}'
    """
    signs = "".join(map(_sign, unicodedata.normalize("NFC", str(text))))
    return re.sub(r"([-'`,!?])(?=[-'`,])", r"\1{}", signs)  # TeX joins -- and '' to other signs


def _sign(sign: str) -> str:
    """Return the LaTeX of one sign of a text."""
    if sign in TEXT_SIGNS:
        return TEXT_SIGNS[sign]
    if sign in "&%$#_{}":
        return f"\\{sign}"
    if sign in "<>|":
        return f"${sign}$"
    category = unicodedata.category(sign)
    if category[0] == "Z" or sign in "\t\n":
        return "~" if sign == "\N{NO-BREAK SPACE}" else " "
    if category in ("Cc", "Cf"):
        return ""  # it is not seen
    return sign if sign.isascii() else _beyond_ascii(sign)


def _beyond_ascii(sign: str) -> str:
    kind, *parts = unicodedata.decomposition(sign).split() or [""]
    letters = "".join(chr(int(part, 16)) for part in parts)
    if kind in ("<super>", "<sub>") and letters.isalnum() and letters.isascii():
        return f"${'^' if kind == '<super>' else '_'}{{{letters}}}$"
    base, *accents = list(unicodedata.normalize("NFD", sign))
    if len(accents) == 1 and base.isascii() and accents[0] in ACCENTS:
        return f"\\{ACCENTS[accents[0]]}{{{base}}}"
    if command := symbols().get(sign):
        return f"${command}$"
    return f"\\othersign{{{sign}}}{{{ord(sign):04X}}}"


@cache
def symbols() -> dict[str, str]:
    """Return the commands of mathematical signs that LaTeX has without further packages."""
    found = {}
    for line in Path(SYMBOLS_FILE).read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        _, sign, command, _, _, category, needed, *_ = line.split("^")
        if command and len(sign) == 1 and not needed.replace("-literal", ""):
            takes = category in ("mathradical", "mathover", "mathunder")  # something to act on
            found.setdefault(sign, f"{command}{{}}" if takes else command)
    return found
