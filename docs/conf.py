"""Sphinx builds the pages: sphinx-build -W docs docs/_build (no network is needed)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from docutils.nodes import SkipNode

from reports.page import math

project = "mlp-experiments"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "mlp-experiments"
html_math_renderer = "mathml"
default_role = "code"
autodoc_typehints = "none"
autodoc_member_order = "bysource"


def _inline(translator, node):
    translator.body.append(str(math(node.astext())))
    raise SkipNode


def _display(translator, node):
    translator.body.append(f"<p>{math(node.astext(), display=True)}</p>")
    raise SkipNode


def setup(app):
    """Set formulas as MathML, which browsers show without a script."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
