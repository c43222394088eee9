"""A percent notebook becomes an executed notebook and one HTML file that needs no network.

    python -m reports.page NOTEBOOK RESULTS_DIR IPYNB HTML

The notebook runs in a child of the process that builds it, in the root of the repository, and
finds the folder of its results in the environment variable ``RESULTS_DIR``. Building twice from
the same inputs gives the same bytes.

Inside the notebook, `figure`, `table`, `filterable_table`, `markdown`, `math` and `link` make
pieces of the page. They escape whatever they are given: names come from config files.

html         HTML that escapes what is formatted into it
mathematics  formulas as MathML
prose        Markdown with formulas
images       images as addresses that hold them
pieces       figures, tables, headings, paragraphs
notebook     reads, fills in, executes and tidies a notebook
render       from an executed notebook to a page
cells        the cells run by IPython
building     all of it
common       what the explorer shares: colours, sorting, its address
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
