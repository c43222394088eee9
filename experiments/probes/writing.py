"""The files of the probes, which claims, figures and the page read."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.base import Cache, write_once
from experiments.probes.heaviside import heaviside_gradients
from experiments.probes.path import sigmoid_softmax_path
from experiments.probes.start import saturated_start


def write_probes(folder: Path, cache: Cache | None = None) -> None:
    """Write what they gave: path.csv, heaviside.csv, start.csv and start-curves.csv.

    They follow from the code alone, and are taken from the cache if they are there.
    """
    write_once(folder, cache, "experiments.probes", probe_texts)


def probe_texts() -> dict[str, str]:
    """Run the probes, and return the texts of their files by name."""
    start = saturated_start()
    tables = {
        "path": sigmoid_softmax_path(),
        "heaviside": heaviside_gradients(),
        "start": start.runs,
        "start-curves": start.curves,
    }
    return {f"{name}.csv": _csv(rows) for name, rows in tables.items()}


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
