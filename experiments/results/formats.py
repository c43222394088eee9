"""What the formats of other programs have in common: their packages, and layers for raw samples."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from experiments.base import UserError

if TYPE_CHECKING:
    from experiments.results.models import Model

Layer = tuple[np.ndarray, np.ndarray]

NEEDS = {"sklearn": ("skops",), "onnx": ("onnx", "onnxruntime")}
"""The packages that a format needs and the project does not."""


def check_format(name: str) -> None:
    """Raise UserError unless the packages of a format are installed.

    >>> check_format("npz")
    """
    lacking = [package for package in NEEDS.get(name, ()) if find_spec(package) is None]
    if lacking:
        raise UserError(
            f"the format {name} needs {' and '.join(lacking)}: pip install {' '.join(lacking)}"
        )


def check_raw(model: "Model", where: str) -> None:
    """Raise UserError, which begins with `where`, if a network cannot take raw samples."""
    if not model.raw:
        raise UserError(
            f"{where}missing values are filled before its first layer, which no scaler does"
        )


def scale_of(model: "Model") -> np.ndarray:
    """Return what centred features are divided by, (n_0,): the deviation, or 1 if it is 0."""
    return np.where(model.std > 0, model.std, 1.0)


def layers_of(model: "Model") -> list[Layer]:
    """Return W (n_l, n_{l-1}) and b (n_l,) of each layer in float64.

    A feature that was constant in training counts for nothing: its weights are 0.
    """
    weights = [w.astype(float) for w in model.params.weights]
    if len(model.mean):
        weights[0] = np.where(model.std > 0, weights[0], 0.0)
    return [(w, b.astype(float)) for w, b in zip(weights, model.params.biases, strict=True)]
