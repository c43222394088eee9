"""The critical-difference diagram, which needs datasets enough for a test over them."""

import numpy as np
import pandas as pd

from experiments.comparisons import comparisons
from experiments.identity import canonical
from experiments.results import Results
from experiments.schema import validate
from reports.figures import draw_ranks
from reports.frames import Frames
from reports.names import figure_names, sheets

ARMS = ["sigmoid", "tanh", "relu", "heaviside"]


def config(datasets: int):
    named = {f"d{i}": {"source": "iris"} for i in range(datasets)}
    study = {"datasets": list(named), "grid": {"hidden": ARMS}, "compare": "hidden"}
    return validate({"datasets": named, "seeds": 8, "studies": {"s": study}})


def made_up(folder, settings) -> Results:
    """Write runs in which the arms rank in their order on every dataset."""
    rng = np.random.default_rng(0)
    rows = [
        {"run_id": f"{d}{s}{arm}", "study": "s", "dataset": d, "seed": s, "status": "ok",
         "split": "fixed", "labels": canonical({"hidden": arm}),
         "test_accuracy": 0.9 - 0.1 * ARMS.index(arm) + 0.01 * rng.random(),
         "validation_accuracy": 0.9, "validation_cost": 0.1}
        for d in settings.datasets for s in range(8) for arm in ARMS
    ]  # fmt: skip
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet")
    return Results(folder, settings)


def test_the_diagram_is_planned_where_it_can_say_something():
    assert "s-hidden-ranks" in figure_names(config(8))
    assert "s-hidden-ranks" not in figure_names(config(7))


def test_the_diagram_joins_no_arms_that_differ(tmp_path):
    results = made_up(tmp_path, config(8))
    sheet = next(s for s in sheets(results.config) if s.kind == "ranks")
    drawing = draw_ranks(Frames(results), sheet)
    assert "sigmoid 1.00, tanh 2.00, relu 3.00, heaviside 4.00" in drawing.alt
    assert next(comparisons(results.config)).name == "s-hidden"
    texts = {text.get_text() for panel in drawing.figure.axes for text in panel.texts}
    assert all(any(arm in text for text in texts) for arm in ARMS)
    drawing.figure.savefig(tmp_path / "ranks.png", dpi=110)
