"""What a source of data is, and the registry that finds them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from experiments.training import USUAL, Split
from mlp import Registry

DATASETS = Registry("dataset")

SMALLEST_CLASS = 5
"""The smallest class that can be in all three parts of a split."""


@dataclass(frozen=True)
class Shape:
    """Samples, features and classes of a dataset; `classes` is 0 for regression.

    `targets` is the number of values to predict in regression; `train` and `validation` are the
    numbers of samples of these parts if the split belongs to the data, else 0; `groups` is the
    number of groups whose samples are to stay together. No source says `split`: it is from the
    config.
    """

    samples: int
    features: int
    classes: int
    targets: int = 1
    train: int = 0
    validation: int = 0
    groups: int = 0
    split: Split = USUAL


class Options(BaseModel):
    """The options of a source; a source without any uses this class."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    outside: ClassVar[frozenset[str]] = frozenset()
    """The options that do not say what the data is, but where its files are or what they have to
    be: the checksums of the files say more."""

    def identity(self) -> dict[str, Any]:
        """Return the options that say what the data is: those that differ from their defaults.

        An option that is added later changes nothing for those who do not set it.
        """
        return self.model_dump(mode="json", exclude_defaults=True, exclude=set(self.outside))


class Source:
    """The contract of a source of data.

    `shape` says what will come without making it, so that a sweep can be planned; `load`
    returns the arrays "X" (N, features) and "y" (N,) class numbers, or (N, targets) for
    regression, and possibly:

    - "part" (N,) with 0, 1, 2 for a split that belongs to the data;
    - "group" (N,), the number of each row's group, if the rows of a group are to stay together;
    - "impute", one of the names in `experiments.training.IMPUTE`, if NaN in X is a missing value to
      be filled; and "column" (features,), equal numbers for the features of one category.

    `files` names the user's files that are read; a file that is read and not named is refused.
    `notes` says how they were read.
    All are called through `experiments.datasets.contract`, which checks them.
    """

    name: str
    description: str = ""
    licence: str = ""
    citation: str = ""
    standardise: bool = True
    Options: type[Options] = Options

    def shape(self, options: Options) -> Shape:
        """Return the shape of what `load` returns."""
        raise NotImplementedError

    def load(self, options: Options) -> dict[str, np.ndarray]:
        """Return the arrays."""
        raise NotImplementedError

    def files(self, options: Options) -> list[Path]:
        """Return the files that `load` reads, apart from those of installed packages."""
        return []

    def notes(self, options: Options) -> list[str]:
        """Return what a person should know of how the data was read, in sentences for the plan."""
        return []
