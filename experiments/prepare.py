"""Make a dataset once, check it, and store it with its checksum."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from experiments import store
from experiments.closure import PACKAGES, code
from experiments.datasets import DATASETS, Shape
from experiments.datasets.source import SMALLEST_CLASS
from experiments.errors import UserError
from experiments.plan import Data


def prepare(data: Data, path: Path) -> None:
    """Load a dataset from its source and store it. Raises UserError if it cannot be used."""
    source = DATASETS[data.source]
    arrays = source.load(source.Options(**data.options))
    check(data.name, arrays, data.shape)
    meta = {
        "name": data.name,
        "source": data.source,
        "options": data.options,
        "description": source.description,
        "licence": source.licence,
        "citation": source.citation,
        "classes": data.shape.classes,
        "checksum": store.checksum(arrays),
        "made_by": made_by(data),
    }
    store.write(path, meta, arrays)


def made_by(data: Data) -> str:
    """Return the digest of the code that makes a dataset: its source's module and its imports.

    A source that is defined outside this project has the digest "elsewhere".
    """
    module = type(DATASETS[data.source]).__module__
    return code(module) if module.split(".")[0] in PACKAGES else "elsewhere"


def check(name: str, arrays: Mapping[str, np.ndarray], shape: Shape) -> None:
    """Raise UserError, with what is wrong and where, for data that cannot be trained on."""
    X, y = arrays["X"], arrays["y"]
    if X.shape != (shape.samples, shape.features):
        raise UserError(
            f"dataset {name}: {X.shape[0]} samples of {X.shape[1]} features came, "
            f"but its source announced {shape.samples} of {shape.features}"
        )
    if len(y) != len(X):
        raise UserError(f"dataset {name}: {len(X)} samples but {len(y)} labels")
    bad = np.argwhere(~np.isfinite(X))
    if len(bad):
        row, column = bad[0]
        raise UserError(
            f"dataset {name}: {len(bad)} values are missing or infinite, the first in row {row}, "
            f"column {column}; remove or fill these rows"
        )
    if shape.classes:
        _check_classes(name, y, shape.classes)


def _check_classes(name: str, y: np.ndarray, classes: int) -> None:
    if classes < 2:
        raise UserError(f"dataset {name}: one class only, so there is nothing to learn")
    if len(y) < classes:
        raise UserError(f"dataset {name}: {len(y)} samples are too few for {classes} classes")
    if y.min() < 0 or y.max() >= classes:
        raise UserError(f"dataset {name}: class numbers must be 0 to {classes - 1}")
    members = np.bincount(y, minlength=classes)
    if members.min() < SMALLEST_CLASS:
        raise UserError(
            f"dataset {name}: class {int(members.argmin())} has {int(members.min())} members; "
            f"at least {SMALLEST_CLASS} are needed to split it into three parts"
        )
