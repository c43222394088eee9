"""The files of the probes, which claims, figures and the page read."""

import csv
import io
from pathlib import Path

from experiments.base import write_text
from experiments.probes.heaviside import heaviside_gradients
from experiments.probes.path import sigmoid_softmax_path
from experiments.probes.start import saturated_start


def write_probes(folder: Path) -> None:
    """Write what they gave: path.csv, heaviside.csv, start.csv and start-curves.csv."""
    start = saturated_start()
    tables = {
        "path": sigmoid_softmax_path(),
        "heaviside": heaviside_gradients(),
        "start": start.runs,
        "start-curves": start.curves,
    }
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text(folder / f"{name}.csv", text.getvalue())
