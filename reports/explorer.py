"""One page in which a reader chooses study, dataset, axis and metric and looks for himself.

    python -m reports explorer RESULTS_DIR HTML

The page needs no network and no library: its data is packed JSON, its drawings are SVG made by
about 250 lines of JavaScript, in `explorer.html`. Names come from configs: they go into the page
packed, and are only ever set as text.
"""

import base64
import html
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from experiments.base import UserError, write_text
from experiments.results import CURVE_METRICS, natural_order, readable, with_axes
from experiments.schema import Comparison, Config, stored_config
from experiments.statistics import best_first
from reports.figures.looks import COLOURS, DASHES, Look, looks

METRICS = CURVE_METRICS
TEMPLATE = Path(__file__).with_name("explorer.html")
MOST_EPOCHS = 41
"""A curve is drawn at so many epochs; a longer one at as many, evenly spread."""


def write_explorer(results: Path, out: Path) -> None:
    """Write the explorer of the sweep in the folder `results` as one HTML file."""
    results = Path(results)
    name = results.resolve().name
    parts = {
        "title": html.escape(name),
        "epochs": str(MOST_EPOCHS),
        "data": packed({"name": name, "metrics": list(METRICS), "studies": studies(results)}),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for key, value in parts.items():
        text = text.replace(f"{{{{ {key} }}}}", value)
    write_text(Path(out), text)


def packed(content: Any) -> str:
    """Return JSON, deflated and in base64, as the page unpacks it.

    >>> zlib.decompress(base64.b64decode(packed({"a": [1, None]})))
    b'{"a":[1,null]}'
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def studies(results: Path) -> list[dict[str, Any]]:
    """Return what the page knows of each study: axes, their values' looks, points and runs."""
    with readable(results / "runs.parquet"):
        runs = with_axes(pd.read_parquet(results / "runs.parquet"))
    curves, config = _Curves(results / "curves.parquet"), _config(results)
    return [
        _study(str(name), rows, curves, config) for name, rows in runs.groupby("study", sort=False)
    ]


def _config(results: Path) -> Config | None:
    """Return the config that the results were made from, where it is known."""
    try:
        return stored_config(results)
    except UserError:
        return None


def _study(name: str, runs: pd.DataFrame, curves: "_Curves", config: Config | None) -> dict:
    columns = [c for c in runs if c.startswith("axis_") and runs[c].notna().all()]
    axes = [column.removeprefix("axis_") for column in columns]
    values = [natural_order(runs[column].unique()) for column in columns]
    study = config.studies.get(name) if config else None
    return {
        "name": name,
        "title": (study.title if study else "") or name,
        "question": study.question if study else "",
        "datasets": runs["dataset"].unique().tolist(),
        "compared": [a for a in (study.compared if study else []) if a in axes],
        "tune": study.tune if study and study.tune in axes else None,
        "axes": [
            {"name": axis, "values": labels, "looks": _looks(config, name, axis, labels)}
            for axis, labels in zip(axes, values, strict=True)
        ],
        "points": list(_points(runs, columns, values, curves, study.tune if study else None)),
    }


def _looks(config: Config | None, study: str, axis: str, labels: list[str]) -> list[list]:
    """Return colour and dashes of each value: those of the report's figures."""
    found: dict[str, Look] = {}
    if config and study in config.studies and axis in config.studies[study].grid:
        found = looks(config, Comparison(study, axis, "", "", (), (), None, (), None))
    drawn = []
    for place, label in enumerate(labels):
        plain = Look(COLOURS[place % len(COLOURS)], "o", DASHES[place % len(DASHES)])
        look = found.get(label, plain)
        dash = "" if look.dash == "-" else " ".join(f"{2 * length:g}" for length in look.dash[1])
        drawn.append([look.colour, dash])
    return drawn


def _points(
    runs: pd.DataFrame,
    columns: list[str],
    values: list[list[str]],
    curves: "_Curves",
    tune: str | None,
) -> Iterator[dict]:
    """Yield each point of the grid on each dataset: its runs, and their quartiles by epoch."""
    keys = ["dataset", *columns]
    places = _places(runs, keys, f"axis_{tune}" if tune else None)
    for key, rows in runs.groupby(keys, sort=False):
        epochs, quartiles = curves.quartiles(rows["run_id"])
        yield {
            "dataset": key[0],
            "at": [labels.index(v) for labels, v in zip(values, key[1:], strict=True)],
            "place": places.get(key),
            "epochs": epochs,
            "curves": quartiles,
            "runs": [
                [run["run_id"], run["seed"], run["status"], *(_number(run[m]) for m in METRICS)]
                for run in rows.to_dict("records")
            ],
        }


def _places(runs: pd.DataFrame, keys: list[str], tuned: str | None) -> dict[tuple, int]:
    """Return the place of each point that has runs, from the best, as the report chooses."""
    ran = runs[runs["validation_accuracy"].notna()]
    ran = ran.assign(validation_cost=ran["validation_cost"].fillna(np.inf))
    grouped = ran.groupby(keys, sort=False)[["validation_accuracy", "validation_cost"]]
    means = grouped.mean().reset_index()
    order = natural_order(means[tuned].unique()) if tuned in keys else []
    means["tuned"] = means[tuned].map(order.index) if order else 0
    chosen = best_first(means)[keys].itertuples(index=False, name=None)
    return {key: place for place, key in enumerate(chosen)}


class _Curves:
    """The recorded metrics of all runs, read once."""

    def __init__(self, path: Path) -> None:
        with readable(path):
            table = pq.read_table(path, columns=["run_id", *METRICS])
        names = table["run_id"].to_numpy(zero_copy_only=False).astype(str)
        starts = np.flatnonzero(np.r_[True, names[1:] != names[:-1]]) if len(names) else []
        ends = [*starts[1:], len(names)]
        self.rows = {names[a]: slice(a, b) for a, b in zip(starts, ends, strict=False)}
        self.values = np.stack([table[m].to_numpy() for m in METRICS], axis=-1)

    def quartiles(self, identities: pd.Series) -> tuple[list[int], list[list[list]]]:
        """Return epochs and, for each metric, median, first and third quartile over the runs.

        A run that stopped early keeps its last value; a cost that is not finite is the highest.
        """
        found = [self.values[self.rows[i]] for i in identities if i in self.rows]
        if not found:
            return [], [[[], [], []] for _ in METRICS]
        longest = max(map(len, found))
        stack = np.stack([np.pad(f, ((0, longest - len(f)), (0, 0)), "edge") for f in found])
        epochs = np.unique(np.linspace(0, longest - 1, MOST_EPOCHS).round().astype(int))
        stack = np.where(np.isnan(stack[:, epochs]), np.inf, stack[:, epochs])
        with np.errstate(invalid="ignore"):
            cuts = np.quantile(stack, [0.5, 0.25, 0.75], axis=0)
        lists = [[_numbers(cut[:, m]) for cut in cuts] for m in range(len(METRICS))]
        return epochs.tolist(), lists


def _numbers(values: np.ndarray) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def _number(value: float) -> float | None:
    """Return a number with four digits, as JSON can hold it.

    >>> _number(0.123456), _number(1.0), _number(float("inf"))
    (0.1235, 1, None)
    """
    if not np.isfinite(value):
        return None
    short = float(f"{value:.4g}")
    return int(short) if short.is_integer() and abs(short) < 1e9 else short
