"""Pictures of the probes: how far two paths are apart, and how long a recovery takes."""

import json

import numpy as np
import pandas as pd

from experiments.results.sweep import Results
from experiments.schema import validate
from reports.figures import Frames, write_pictures
from reports.figures.drawing import styled
from reports.figures.pictures import PICTURES, paths, start
from tests import sweeps
from tests.pages import at_the_size_of_print

VARIANTS = {"twice the step, half the penalty": 2e-16, "same step, same penalty": 0.4}


def probes(folder) -> Results:
    """Write made-up files of the probes N4 and N6 and return the results that have them."""
    (folder / "probes").mkdir(parents=True)
    path = [
        {"seed": seed, "variant": variant, "epoch": e, "hidden_deviation": e * end * (1 + seed) / 8}
        for seed in (0, 1)
        for variant, end in VARIANTS.items()
        for e in range(5)
    ]
    needed = {("cross_entropy", "softmax"): (1, 3), ("mse", "sigmoid"): (7, 9)}
    runs = [
        {"cost": cost, "output": output, "logit": logit, "chosen": chosen, "seed": seed}
        | {"epochs": (epochs if logit else 1) + (50 if not chosen else 0)}
        for (cost, output), both in needed.items()
        for logit in (0.0, 4.0)
        for chosen in (True, False)
        for seed, epochs in enumerate(both)
    ]
    for name, rows in (("path", path), ("start", runs)):
        pd.DataFrame(rows).to_csv(folder / "probes" / f"{name}.csv", index=False)
    return Results(folder, validate(sweeps.TINY))


def test_paths_are_the_largest_of_the_seeds(tmp_path):
    found = paths.measure(Frames(probes(tmp_path)))
    with styled():
        figure = paths.draw(found)
        at_the_size_of_print(figure)
    follows, other = (line.get_ydata() for line in figure.axes[0].lines)
    np.testing.assert_allclose(other[1:], 0.4 * np.arange(1, 5) / 4)
    np.testing.assert_allclose(follows[1:], 2e-16 * np.arange(1, 5) / 4)
    assert follows[0] > 0  # a logarithmic axis has no 0
    title = " ".join(figure.texts[0].get_text().split())
    assert "with twice the step, half the penalty; otherwise" in title
    assert "end 40 % apart" in title
    assert "same step, same penalty: 4.0e-01" in paths.alt(found)


def test_recovery_counts_the_runs_at_the_chosen_step(tmp_path):
    rows = start.measure(Frames(probes(tmp_path)))
    with styled():
        figure = start.draw(rows)
        at_the_size_of_print(figure)
    title = " ".join(figure.texts[0].get_text().split())
    assert title == "From confidently wrong outputs CE + softmax needs 2 updates, MSE + sigmoid 8"
    means = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_markersize() == 5]
    assert means == [2, 8, 1, 1]


def test_runs_that_never_recover_are_named(tmp_path):
    results = probes(tmp_path)
    file = results.folder / "probes" / "start.csv"
    runs = pd.read_csv(file)
    runs.loc[(runs["cost"] == "mse") & (runs["epochs"] == 9), "epochs"] = None
    runs.to_csv(file, index=False)
    rows = start.measure(Frames(results))
    with styled():
        figure = start.draw(rows)
    assert "1 of 2 never" in [text.get_text() for text in figure.axes[0].texts]
    assert "Not all runs recover" in figure.texts[0].get_text()
    assert "1 of 2 never" in start.alt(rows)


def test_pictures_of_the_probes_have_captions(tmp_path):
    write_pictures(probes(tmp_path / "results"), tmp_path)
    for name in ("probes-path", "probes-start"):
        facts = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        assert facts["caption"] == PICTURES[name].caption
        assert facts["alt"]
