"""The results of a sweep as a step opens them."""

from pathlib import Path

import pandas as pd

from experiments.results.sweep import Results
from experiments.schema import frozen_config


def plain_texts() -> None:
    """Let pandas keep texts as Python's own, not as Arrow's, which are slow in small tables."""
    pd.set_option("mode.string_storage", "python")


def opened(folder: Path) -> Results:
    """Return the results in the folder of a sweep, for a step that makes something from them.

    Tables that this process reads from now on have plain texts (:func:`plain_texts`).
    """
    plain_texts()
    return Results(folder, frozen_config(folder))
