"""A small sweep for the tests of the explorer, its page, and what Python packed into it."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from reports.explorer.quantities import DECADE, LOWEST, PLACES
from tests.sweeps import Sweep

HOSTILE = '</script><img src=x onerror=alert(1)> & "q" {{ data }} $5'
LONG = "a label of sixty characters, which is as long as labels can be"[:60]
CHINESE, ARABIC = "具有较大初始权重的神经网络学习率实验标签", "تهيئة الأوزان الكبيرة"
CONTENT = {
    "seeds": 8,
    "confirm": "none",
    "studies": {
        "activations": {
            "title": HOSTILE,
            "question": HOSTILE,
            "datasets": ["iris", "wine"],
            "base": {"layers": [5], "epochs": 3},
            "grid": {
                "hidden": ["sigmoid", "tanh"],
                "eta": [0.1, 1.0, 10.0],
                "start": [{"label": HOSTILE, "init": "large"}, {"label": "small", "init": "he"}],
            },
            "compare": "hidden",
            "tune": "eta",
            "confirm": {"splits": 3, "seeds": 2},
        },
        "long": {
            "datasets": ["iris"],
            "base": {"layers": [3], "patience": 5},
            "grid": {"epochs": [2, 60]},
            "compare": "epochs",
        },
        "breaks": {
            "datasets": ["iris"],
            "base": {"layers": [5], "epochs": 3, "hidden": "relu", "batch_size": 5,
                     "output": "sigmoid"},
            "grid": {"cost": ["mse", "cross_entropy"], "eta": [0.1, 1e300]},
            "exclude": [{"cost": "mse", "eta": 0.1}],
            "compare": "cost",
        },
        "gap": {
            "datasets": ["iris"],
            "base": {"layers": [3], "epochs": 2},
            "grid": {"hidden": ["sigmoid", "tanh"], "init": ["large", "he"], "eta": [0.1, 1.0]},
            "exclude": [{"hidden": "tanh", "init": "he"}],
            "compare": "hidden",
            "tune": "eta",
            "confirm": {"splits": 2, "seeds": 1},
        },
        "labels": {
            "datasets": ["iris"],
            "base": {"layers": [3], "epochs": 2},
            "grid": {"start": [{"label": LONG, "init": "large"}, {"label": CHINESE, "init": "he"},
                               {"label": ARABIC, "init": "fan_in"}]},
            "compare": "start",
        },
    },
}  # fmt: skip


def explored(folder: Path) -> Path:
    """Train the sweep and return the folder of its results, with the config in its provenance."""
    made = Sweep(folder, CONTENT)
    made.train()
    made.collect()
    facts = {"config": made.config.read_text(encoding="utf-8")}
    (made.results / "provenance.json").write_text(json.dumps(facts), encoding="utf-8")
    return made.results


def content(path: Path) -> dict:
    """Return what a page has packed, with the stages of each study."""
    text = path.read_text(encoding="utf-8")
    pieces = re.findall(r'<script id="data-\d+"[^>]*>(.*?)</script>', text, flags=re.S)
    index, *stages = (json.loads(zlib.decompress(base64.b64decode(piece))) for piece in pieces)
    for study, each in zip(index["studies"], stages, strict=True):
        study["stages"] = each
    return index


def point(study: dict, stage: str, dataset: str, **labels: str) -> dict:
    """Return the point of a study with these values on a dataset."""
    at = [axis["values"].index(labels[axis["name"]]) for axis in study["axes"]]
    points = study["stages"][stage]["points"]
    return next(p for p in points if p["dataset"] == dataset and p["at"] == at)


def decoded(packed: list) -> np.ndarray:
    """Return curves from their codes, (units, epochs), as the page does."""
    places, curves = packed
    return np.array([list(_values(steps, places)) for steps in curves])


def _values(steps: list, places: int) -> Iterator[float]:
    code = 0
    for step in steps:
        if step is None:
            yield float("nan")
            continue
        code += step
        power, digits = divmod(abs(code) - 1, DECADE)
        size = float(f"{digits + 100}e{power - LOWEST - 2}") if code else 0.0
        yield code / PLACES if places else size * np.sign(code)
