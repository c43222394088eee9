"""Small tables of many origins, most of them real, each in one file of this folder.

`facts.yaml` says of each where it is from; `rule.py` by which rule they were taken;
`convert.py` rebuilds the files from a pinned package.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from experiments.datasets.source import DATASETS, Shape, Source

if TYPE_CHECKING:
    import pandas as pd

FOLDER = Path(__file__).parent
LABEL = "class"
"""The column that is learnt."""
FACTS: dict[str, Any] = yaml.safe_load((FOLDER / "facts.yaml").read_text(encoding="utf-8"))
NAMES = {entry["folder"]: name for name, entry in FACTS["datasets"].items()}
"""The name here of each table that the package has under that folder."""


class Collected(Source):
    """A table of this folder: the column `class` is learnt, columns of texts become one-hot."""

    licence = FACTS["licence"]

    def shape(self, options):
        return Shape(*FACTS["datasets"][self.name]["shape"])

    def load(self, options):
        return dict(_arrays(self.name))

    def files(self, options):
        return [path(self.name)]


def path(name: str) -> Path:
    """Return the file of a table."""
    return FOLDER / f"{name}.csv"


def read(name: str, folder: Path = FOLDER) -> "pd.DataFrame":
    """Return a table as it is kept: numbers exactly as written, categories as texts."""
    import pandas as pd

    written = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
    return written.apply(_numbers_or_texts)


def _numbers_or_texts(column: "pd.Series") -> "pd.Series":
    try:
        return column.astype(float)
    except ValueError:
        return column


@cache
def _arrays(name: str) -> dict[str, Any]:
    return encode(read(name))


def encode(frame: "pd.DataFrame") -> dict[str, np.ndarray]:
    """Return X: numbers as they are, categories one-hot by name; and y: the numbers of classes.

    The files of this folder were checked when they were made, so nothing has to be guessed.
    """
    features = [_features(frame[name]) for name in frame.columns if name != LABEL]
    y = np.unique(frame[LABEL].to_numpy(), return_inverse=True)[1]
    return {"X": np.concatenate(features, axis=1), "y": y.astype(np.int64)}


def _features(column: "pd.Series") -> np.ndarray:
    if column.dtype == float:
        return column.to_numpy()[:, None]
    values, numbers = np.unique(column.to_numpy(str), return_inverse=True)
    return np.eye(len(values))[numbers]


def _register(name: str, description: str, citation: str) -> None:
    texts = {"__doc__": f"{description[0].upper()}{description[1:]}.", "__module__": __name__}
    fields = {"description": description, "citation": citation}
    DATASETS.register(name)(type(name, (Collected,), texts | fields))


for _name, _entry in FACTS["datasets"].items():
    _register(_name, _entry["description"], _entry["citation"])
