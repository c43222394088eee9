"""The sources of data. Every module of this package is imported, so a new file is found."""

from importlib import import_module
from pkgutil import iter_modules

from experiments.datasets.reference import Data
from experiments.datasets.source import DATASETS, SMALLEST_CLASS, Options, Shape, Source

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["DATASETS", "SMALLEST_CLASS", "Data", "Options", "Shape", "Source"]
