"""The datasets: sources of data, each in a file of its own, found by import.

Comes in: the name of a source with its options (`Data`). Goes out: arrays, checked and stored with
their checksum (`prepare`).

    source     what a source offers: options, files, shape, arrays
    contract   what every source is held to
    reference  a dataset as a config means it
    splitting  whether a dataset can be split as a config says
    making     a dataset made once and stored
    baselines  what simple methods reach on a dataset

The other modules are the sources and what they share: bundled and generated tables, images in the
IDX format, tables of the user's, OpenML. Every module of this package is imported.
"""

from importlib import import_module
from pkgutil import iter_modules

from experiments.datasets.baselines import kept_scores
from experiments.datasets.contract import announced, class_mistake, made
from experiments.datasets.making import made_by, prepare
from experiments.datasets.reference import Data
from experiments.datasets.source import DATASETS, SMALLEST_CLASS, Options, Shape, Source
from experiments.datasets.splitting import split_mistake

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = [
    "DATASETS",
    "SMALLEST_CLASS",
    "Data",
    "Options",
    "Shape",
    "Source",
    "announced",
    "class_mistake",
    "kept_scores",
    "made",
    "made_by",
    "prepare",
    "split_mistake",
]
