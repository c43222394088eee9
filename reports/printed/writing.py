"""report.pdf: the printed report, whose bytes depend on the page and its figures alone."""

from pathlib import Path

from matplotlib import get_data_path

from experiments.base import UserError, atomic, files
from reports.printed.document import document
from reports.reading import read_text

FONTS = Path(get_data_path()) / "fonts" / "ttf"
"""DejaVu Sans, the font of the figures, comes with matplotlib; the others come with typst."""


def write_pdf(results: Path) -> None:
    """Write the main page of a folder of results as report.pdf. Raises UserError without typst."""
    try:
        import typst
    except ImportError:
        raise UserError(
            f"{files.PDF} needs typst, which is not installed: pip install typst"
        ) from None
    source = document(read_text(results / files.PAGE), files.FIGURES)
    made = typst.compile(source.encode(), root=str(results), font_paths=[str(FONTS)])
    with atomic(results / files.PDF) as path:
        path.write_bytes(made)
