"""The report on paper: report.pdf, the main page typeset by typst.

`document` writes the elements of the page in typst's language, `formulas` its MathML; how they look
is in `page.typ`. Figures are the SVG files of the sweep, so nothing in them is a bitmap.
"""

from reports.printed.document import document
from reports.printed.writing import write_pdf

__all__ = ["document", "write_pdf"]
