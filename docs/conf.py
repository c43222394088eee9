"""Sphinx builds the pages: sphinx-build -W docs docs/_build (no network is needed)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from docutils.nodes import SkipNode
from gallery import write_gallery
from running import add_outputs

from reports.page import math

project = "mlp-experiments"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "mlp-experiments"
html_math_renderer = "mathml"
html_static_path, html_css_files = ["_static"], ["docs.css"]
default_role = "code"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
napoleon_use_param = False  # these keep the _ at the end of a name
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # the contract is written once, with the base class


def _inline(translator, node):
    translator.body.append(str(math(node.astext())))
    raise SkipNode


def _display(translator, node):
    translator.body.append(f"<p>{math(node.astext(), display=True)}</p>")
    raise SkipNode


def _plain_bars(app, what, name, obj, options, lines):
    """Let |x| be what it is in a docstring: a size, and no substitution."""
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        lines[number] = line if example else line.replace("|", r"\|")


def setup(app):
    """Draw the gallery, run the tutorial, set formulas as MathML, which needs no script."""
    app.connect("builder-inited", write_gallery)
    app.connect("source-read", add_outputs)
    app.connect("autodoc-process-docstring", _plain_bars)
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
