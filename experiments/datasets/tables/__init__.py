"""The reader of the user's tables, in three steps.

:func:`read_frame` reads a file into a data frame, :func:`columns` decides for each column
whether it holds numbers, categories or neither, :func:`encode` makes the arrays X and y;
:func:`assemble` does the last two, with the parts and the missing values.
"""

from experiments.datasets.tables.assemble import assemble
from experiments.datasets.tables.columns import Column, columns, summary
from experiments.datasets.tables.encode import encode, table_shape
from experiments.datasets.tables.options import ColumnOptions, TableOptions
from experiments.datasets.tables.read import READERS, read_frame

__all__ = [
    "READERS",
    "Column",
    "ColumnOptions",
    "TableOptions",
    "assemble",
    "columns",
    "encode",
    "read_frame",
    "summary",
    "table_shape",
]
