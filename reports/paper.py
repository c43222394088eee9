"""The folder `paper`: figures and tables of a sweep for an article in LaTeX, and one that has all.

Each figure is a file `figure-N.tex` with its caption, that of the page; `paper.tex` shows how they
are included, and compiles as it is.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.base import files, write_text
from experiments.results import Results, latex_text
from experiments.schema import TABLES, Comparison
from reports.figures import paper_figures, write_paper_figures
from reports.paper_files import paper_texts
from reports.reading import read_json, read_text

KIND = "arms"
"""The kind of table that a paper has of each comparison."""
MARKS = "Bold: the highest mean; ≈: equal to it within the margin; ?: not separated from it."
FITTED = r"""\providecommand{\fitted}[1]{\sbox0{#1}%
  \ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi}
"""
FIGURE = r"""%% needs \usepackage{graphicx}
%(others)s\begin{figure*}
  \centering
  \includegraphics{%(file)s}
  \caption{%(caption)s}
  \label{fig:%(label)s}
\end{figure*}
"""
TABLE = r"""%% needs \usepackage{booktabs,graphicx}
%(fitted)s%(preamble)s\begin{table*}
  \centering\small
  \caption{%(caption)s}
  \label{tab:%(label)s}
  \smallskip
  \fitted{%%
%(tabular)s}
\end{table*}
"""
PAPER = r"""%% Compiles with pdflatex, lualatex and xelatex; shows how the files are included.
\documentclass[a4paper]{article}
\usepackage[margin=17.5mm]{geometry}
\usepackage{booktabs,graphicx}
\title{%(title)s}
\date{}
\begin{document}
\maketitle
%(inputs)s
\end{document}
"""


def write_paper(results: Results, folder: Path) -> None:
    """Write the folder of a sweep whose figures, tables and captions are made."""
    folder.mkdir(exist_ok=True)
    write_paper_figures(results, folder)
    for name, text in _figures(results):
        write_text(folder / name, text)
    for number, comparison in enumerate(results.comparisons, start=1):
        write_text(folder / f"table-{number}.tex", _table(results, comparison))
    title = results.config.title or f"The sweep {results.folder.name}"
    inputs = "\n".join(rf"\input{{{name}}}" for name in paper_texts(results.config))
    write_text(folder / "paper.tex", PAPER % {"title": latex_text(title), "inputs": inputs})


def _figures(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the text of each figure, with the caption that it has on the page."""
    for figure in paper_figures(results.config):
        facts = caption_of(results.folder / files.FIGURES, figure.name)
        widest = figure.file(figure.widths[-1])
        others = "".join(f"% or, {w} mm wide: {figure.file(w)}\n" for w in figure.widths[:-1])
        values = {"file": widest, "caption": latex_text(facts["caption"]), "label": figure.name}
        yield f"figure-{figure.number}.tex", FIGURE % (values | {"others": others})


def caption_of(folder: Path, name: str) -> dict[str, Any]:
    """Return what belongs to a figure or a picture in the folder of the figures."""
    captions = read_json(folder / files.CAPTIONS)
    return captions[name] if name in captions else read_json(folder / f"{name}.json")


def _table(results: Results, comparison: Comparison) -> str:
    """Return a table with its caption; its lines are those of the sweep's own table."""
    path = results.folder / files.TABLES / f"{comparison.name}-{KIND}.tex"
    preamble, begin, tabular = read_text(path).partition("\\begin{tabular}")
    said = latex_text(f"{comparison.title}: {TABLES[KIND]}. {MARKS}")
    own = [line for line in preamble.splitlines(True) if "\\usepackage{booktabs}" not in line]
    return TABLE % {
        "fitted": FITTED,
        "preamble": "".join(own),
        "caption": said,
        "label": comparison.name,
        "tabular": begin + tabular,
    }
