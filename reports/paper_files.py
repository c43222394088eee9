"""The names of the files in the folder `paper`, known before anything is trained.

The Snakefile asks for them, so they are apart from what writes the files and loads pandas for it.
"""

from experiments.schema import Config, comparisons
from reports.figures import paper_figures


def paper_files(config: Config) -> list[str]:
    """Return the names of all files in the folder."""
    figures = paper_figures(config)
    drawn = [figure.file(width) for figure in figures for width in figure.widths]
    return ["paper.tex", *paper_texts(config), *drawn]


def paper_texts(config: Config) -> list[str]:
    """Return the files that `paper.tex` includes, in order."""
    figures = [f"figure-{figure.number}.tex" for figure in paper_figures(config)]
    tables = [f"table-{number}.tex" for number, _ in enumerate(comparisons(config), start=1)]
    return figures + tables
