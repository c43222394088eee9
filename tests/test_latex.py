"""The tables in LaTeX: every label is shown as it is, and every table compiles."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.results import BOLD, latex, latex_table, latex_text
from experiments.results.latex import symbols

LABELS = ["η ≤ 0.1", "50 %", "a_b", "R²", "x₁ → ∞", "Größe", "don't -- stop", "1 < 2 | 3 > 2",
          "検索エンジン", "שלום", "مرحبا", "🙂", "Ⅷ½", "a\u00a0b\u200b",
          "\\input /etc/passwd ~^", "\\textbf{x} #$"]  # fmt: skip
ENGINES = ("pdflatex", "lualatex", "xelatex")


def compiled(folder: Path, engine: str, body: str, packages: str = "") -> str:
    """Compile a document that stops at the first error; return the text that is seen."""
    if not shutil.which(engine):
        pytest.skip(f"there is no {engine} on this machine")
    source = f"\\documentclass{{article}}\n\\usepackage{{booktabs}}\n{packages}"
    source += f"\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (folder / "t.tex").write_text(source, encoding="utf-8")
    options = ["-halt-on-error", "-interaction=nonstopmode", "-no-shell-escape"]
    done = subprocess.run([engine, *options, "t.tex"], cwd=folder, capture_output=True, text=True,
                          errors="replace", check=False)  # fmt: skip
    assert done.returncode == 0, "\n".join(re.findall(r"^!.*(?:\n.*){3}", done.stdout, re.M))
    if not shutil.which("pdftotext"):
        return ""
    texts = subprocess.run(["pdftotext", "t.pdf", "-"], cwd=folder, capture_output=True, text=True,
                           check=True)  # fmt: skip
    return texts.stdout


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_of_any_labels_compiles(tmp_path, engine):
    frame = pd.DataFrame({label: [label, 0.5] for label in LABELS})
    frames = [frame.iloc[:, at : at + 3] for at in range(0, frame.shape[1], 3)]
    seen = compiled(tmp_path, engine, "\n\n".join(map(latex_table, frames)))
    if seen:
        assert "η ≤ 0.1" in seen
        assert "50 %" in seen
        assert "[U+691C]" in seen  # neither has a font with the sign
        assert r"\input /etc/passwd" in seen


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_every_mathematical_sign_compiles(tmp_path, engine):
    compiled(tmp_path, engine, "\n\n".join(map(latex_text, symbols())))


@pytest.mark.slow
def test_an_author_can_say_how_other_signs_are_printed(tmp_path):
    own = "\\newcommand{\\othersign}[2]{(#2)}\n"
    seen = compiled(tmp_path, "pdflatex", latex_table(pd.DataFrame({"a": ["検"]})), own)
    assert not seen or "(691C)" in seen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a_b & 50 %", r"a\_b \& 50 \%"),
        ("−0.3 ± 1 ≈", r"$-$0.3 $\pm$ 1 $\approx$"),
        ("R² and x₁", "R$^{2}$ and x$_{1}$"),
        ("\u03b7\u2009=\u20091", r"$\eta$ = 1"),
        ("e\u0301", r"\'{e}"),
        ("a--b", "a-{}-b"),
        ("\\textbf{x}", r"\textbackslash{}textbf\{x\}"),
        ("line\nbreak", "line break"),
    ],
)
def test_signs_are_commands_that_every_engine_has(text, shown):
    assert latex_text(text) == shown


def test_only_numbers_are_bold():
    table = latex_table(pd.DataFrame({"a": [BOLD.format("1.0 ± 0.5"), BOLD.format("x")]}))
    assert r"\textbf{1.0 $\pm$ 0.5}" in table
    assert r"\textbackslash{}textbf\{x\}" in table


def test_numbers_are_set_as_numbers():
    frame = pd.DataFrame({"p": [3.388e-06, float("nan")], "n": [20, -3], "end": [True, "x"]})
    lines = latex_table(frame).splitlines()
    assert r"$3.388 \times 10^{-6}$ & 20 & True \\" in lines
    assert r" & $-3$ & x \\" in lines
    assert r"\begin{tabular}{rrl}" in lines


def test_a_table_says_what_it_needs():
    plain, other = (latex_table(pd.DataFrame({"a": [sign]})) for sign in "η検")
    assert plain.startswith("% needs \\usepackage{booktabs}\n\\begin{tabular}")
    assert "\\providecommand{\\othersign}" in other


def test_the_lines_are_those_that_pandas_writes():
    table = pd.DataFrame(
        {"name": ["a & b", "", "c_1"], "x": [1.5, np.nan, -2e-9], "n": [1, 2, 3],
         "known": [True, False, True], "note": [None, "µ", "x"]}
    )  # fmt: skip
    for some in (table, table[:0], table[:1]):
        cells = some.map(latex._cell).rename(columns=latex.latex_text)
        written = cells.to_latex(index=False, escape=False, column_format=latex._columns(some))
        assert latex.latex_table(some) == latex.HEAD + written
