"""The example notebook: it runs from top to bottom, and says what scipy says."""

import runpy
from pathlib import Path

import jupytext
import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from tests.sweeps import Sweep

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "reports" / "own_question.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What the notebook asks for of the quick sweep, and no more."""
    content = yaml.safe_load((ROOT / "experiments/config/quick.yaml").read_text(encoding="utf-8"))
    study = content["studies"]["pairs"]
    study |= {"datasets": ["wine"], "compare": "hidden"}
    study["grid"] = {
        "pair": [each for each in study["grid"]["pair"] if each["label"] == "CE + softmax"],
        "hidden": ["sigmoid", "relu"],
        "eta": [1.0],
    }
    study.pop("tune")
    made = Sweep(tmp_path_factory.mktemp("sweep"), {"seeds": 6, "studies": {"pairs": study}})
    made.train()
    made.collect()
    return made.results


@pytest.fixture(scope="module")
def notebook(folder) -> dict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESULTS_DIR", str(folder))
        patch.chdir(ROOT / "reports")  # where Jupyter would start it
        return runpy.run_path(str(NOTEBOOK))


def test_the_interval_is_scipys(notebook, folder):
    runs = pd.read_parquet(folder / "runs.parquet").sort_values("seed")
    relu, sigmoid = (runs[runs["hidden"] == name]["test_accuracy"] for name in ("relu", "sigmoid"))
    d = 100 * (relu.to_numpy() - sigmoid.to_numpy())
    truth = stats.t.interval(0.95, len(d) - 1, d.mean(), stats.sem(d))
    np.testing.assert_allclose(notebook["by_hand"], truth)
    np.testing.assert_allclose(notebook["interval"][1:], truth)
    np.testing.assert_allclose(notebook["by_epoch"].iloc[-1, 1:], truth)


def test_a_figure_is_left_beside_the_results(notebook, folder):
    assert "<svg" in (folder / "own_question.svg").read_text(encoding="utf-8")


def test_it_opens_as_a_notebook():
    cells = jupytext.read(NOTEBOOK, fmt="py:percent").cells
    assert {cell.cell_type for cell in cells} == {"code", "markdown"}
    assert cells[0].source.startswith("# A question of your own")


def test_what_it_asks_of_the_quick_sweep_is_in_its_config():
    study = yaml.safe_load((ROOT / "experiments/config/quick.yaml").read_text(encoding="utf-8"))
    pairs = study["studies"]["pairs"]
    assert "wine" in pairs["datasets"]
    assert {"sigmoid", "relu"} <= {*pairs["grid"]["hidden"]}
    assert 1.0 in pairs["grid"]["eta"]
