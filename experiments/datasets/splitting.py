"""Whether a dataset can be split as a config says."""

import numpy as np

from experiments.base import UserError, canonical, counted
from experiments.datasets.contract import made
from experiments.datasets.parts import check_parts
from experiments.datasets.reference import Data
from experiments.datasets.source import DATASETS, Shape
from experiments.training import FIXED_SPLIT_SEED, part_sizes, rows_of_parts

Array = np.ndarray


def split_mistake(data: Data) -> str:
    """Return why a dataset cannot be split as its config says, or nothing.

    A dataset with the usual split and without groups is not loaded. Of the others the fixed split
    is tried, and the splits of as many seeds as there are folds.
    """
    shape = data.shape
    if not data.split and not shape.groups:
        return ""
    if mistake := _of_shape(shape):
        return mistake
    arrays = made(data.name, DATASETS[data.source], data.chosen, shape)
    arrays["split"] = np.array(canonical(data.split))
    folds = data.split.get("folds", 0)
    if mistake := _of_classes(arrays["y"], shape, folds):
        return mistake
    try:
        for seed in (FIXED_SPLIT_SEED, *range(folds)):
            _try(arrays, shape, seed)
    except UserError as error:
        return str(error)
    return ""


def _of_shape(shape: Shape) -> str:
    """Return what is wrong with the split of data of a shape, if that is known without them."""
    kind = shape.split.kind
    if shape.train:
        either = "groups" if shape.groups else f"the split {kind}"
        return (
            f"the data have a test part of their own, so {either} would change nothing; take this "
            "key out, or the option that gives the test part"
        )
    if shape.split.groups and not shape.groups:
        return (
            f"the split {kind} needs the group of each sample, and the data have no groups; name "
            "their column, such as options: {group: patient}, or take kind: k_fold"
        )
    if shape.groups and not shape.split.groups:
        return (
            f"the data have {counted(shape.groups, 'group')}, whose samples the split {kind} would "
            "spread over the parts; say split: {kind: grouped}, or do not name a group column"
        )
    sizes = part_sizes(shape)
    if shape.split.even and not all(sizes.values()):
        said = ", ".join(f"{name} {size}" for name, size in sizes.items())
        return (
            f"the parts of {counted(shape.samples, 'sample')} would be {said}; each part needs "
            "some, so take larger shares"
        )
    return ""


def _of_classes(y: Array, shape: Shape, folds: int) -> str:
    """Return what is wrong with a number of folds; 0 is none."""
    least = np.bincount(y).min() if shape.classes else len(y)
    limits = {"the smallest class has" if shape.classes else "there are": (int(least), "sample")}
    if shape.groups:
        limits["there are"] = (shape.groups, "group")
    for words, (most, noun) in limits.items():
        if folds > most:
            return f"found {folds} folds, but {words} {counted(most, noun)}; take {most} at most"
    return ""


def _try(arrays: dict[str, Array], shape: Shape, seed: int) -> None:
    """Raise UserError if a part of a split is empty, or its training part lacks a class."""
    part = np.empty(shape.samples, np.int64)
    for number, rows in enumerate(rows_of_parts(arrays, shape.classes, seed).values()):
        part[rows] = number
    labels = arrays["y"] if shape.classes else None
    check_parts(f"split number {seed}", part, labels)
