"""The sources of data. Every module of this package is imported, so a new file is found."""

from importlib import import_module
from pkgutil import iter_modules

from experiments.datasets.source import DATASETS, Options, Shape, Source

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["DATASETS", "Options", "Shape", "Source"]
