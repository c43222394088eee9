"""Make a dataset once, check it, and store it with its checksum."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from experiments.base import UserError, canonical, closure, code, store
from experiments.datasets.contract import made
from experiments.datasets.reference import Data
from experiments.datasets.source import DATASETS


def prepare(data: Data, path: Path, key: str | None = None) -> None:
    """Load a dataset from its source and store it. Raises UserError if it cannot be used.

    With the key that the plan knows it by, it is refused if the user's files changed since.
    """
    source = DATASETS[data.source]
    arrays = made(data.title, source, data.chosen, data.shape)
    if data.split:
        arrays["split"] = np.array(canonical(data.split))
    if key is not None and key != replace(data).key:  # a copy reads the files' checksums anew
        raise UserError(
            f"{data.title} was edited since the plan was made, so the data would have the name of "
            "other data; run snakemake again, it plans anew"
        )
    meta = {
        "source": data.source,
        "options": data.options,
        "description": source.description,
        "licence": source.licence,
        "citation": source.citation,
        "classes": data.shape.classes,
        "notes": data.notes,
        "checksum": store.checksum(arrays),
        "made_by": made_by(data),
    }
    store.write(path, meta, arrays)


def made_by(data: Data) -> str:
    """Return the digest of the code that makes a dataset: its source's module and its imports.

    A source that is defined outside this project has the digest "elsewhere".
    """
    inside = data.code_module.split(".")[0] in closure.PACKAGES
    return code(data.code_module) if inside else "elsewhere"
