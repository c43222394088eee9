"""What the explorer's page holds: the runs of the sweep, their curves, and the report's choices."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import statistics
from experiments.results import Results
from experiments.schema import load
from reports import explorer
from reports.explorer import MOST_EPOCHS, MOST_OTHERS, write_explorer
from reports.explorer import data as explorer_data
from reports.explorer.quantities import codes
from tests.explored import HOSTILE, content, decoded, explored, point


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    return explored(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def page_file(results) -> Path:
    out = results / "explorer.html"
    write_explorer(results, out)
    return out


@pytest.fixture(scope="module")
def studies(page_file) -> dict[str, dict]:
    return {study["name"]: study for study in content(page_file)["studies"]}


def runs_of(results: Path, stage: str) -> pd.DataFrame:
    return pd.read_parquet(results / "runs.parquet").query(
        "study == 'activations' and dataset == 'wine' and hidden == 'tanh' and init == 'he' "
        "and stage == @stage"
    )


def curves_of(results: Path, runs: pd.DataFrame) -> pd.DataFrame:
    curves = pd.read_parquet(results / "curves.parquet")
    return curves.merge(runs[["run_id", "seed", "split_index"]], on="run_id")


@pytest.mark.parametrize("name", ["test_accuracy", "train_cost", "weight_rms_1", "step_size"])
def test_the_units_of_the_tuning_are_its_runs(results, studies, name):
    mine = point(studies["activations"], "tune", "wine", hidden="tanh", eta="1", start="small")
    runs = runs_of(results, "tune").query("eta == 1")
    table = curves_of(results, runs).pivot(index="seed", columns="epoch", values=name)
    assert mine["units"] == table.index.tolist() == mine["runs"]["unit"]
    assert mine["runs"]["run_id"] == runs.run_id.tolist()
    np.testing.assert_allclose(decoded(mine["curves"][name]), table, rtol=5.1e-3)
    if name.endswith("accuracy"):
        np.testing.assert_allclose(decoded(mine["curves"][name]), table, atol=5.1e-6)


def test_the_units_of_the_confirmation_are_means_over_splits(results, studies):
    study = studies["activations"]
    assert list(study["stages"]) == ["confirm", "tune"]
    runs = runs_of(results, "confirm")
    for eta in map("{:g}".format, runs.eta.unique()):
        mine = point(study, "confirm", "wine", hidden="tanh", eta=eta, start="small")
        table = curves_of(results, runs[runs.eta == float(eta)])
        means = table.groupby(["split_index", "epoch"])["test_accuracy"].mean().unstack()
        assert mine["units"] == [0, 1, 2]
        assert sorted(mine["runs"]["index"]) == [0, 0, 0, 1, 1, 1]
        np.testing.assert_allclose(decoded(mine["curves"]["test_accuracy"]), means, atol=5.1e-6)


def test_half_widths_are_those_of_the_reports_intervals(studies):
    for stage, n in (("tune", 8), ("confirm", 3)):
        x = np.arange(n) ** 2.0
        half = studies["activations"]["stages"][stage]["half"]["iris"]
        assert half[:2] == [None, None]
        interval = statistics.t_interval(x, 0.95)
        assert x.mean() + half[n] * x.std(ddof=1) == pytest.approx(interval.high)


def test_updates_are_the_batches_of_an_epoch(studies):
    """Iris has 90 training samples, in batches of 10 or of 5."""
    for name, updates in (("long", 9), ("breaks", 18)):
        found = {p["updates"] for p in studies[name]["stages"]["tune"]["points"]}
        assert found == {updates}


def test_long_curves_are_thinned_and_keep_their_ends(studies):
    for grid, most in zip(
        point(studies["long"], "tune", "iris", epochs="60")["epochs"], (MOST_EPOCHS, MOST_OTHERS),
        strict=True,
    ):  # fmt: skip
        assert len(grid) <= most
        assert grid[0] == 0
        assert grid[-1] > MOST_EPOCHS
        assert len(set(np.diff(grid)[:-1])) == 1


def test_what_is_not_finite_is_no_number(page_file, studies):
    mine = point(studies["breaks"], "tune", "iris", cost="cross_entropy", eta="1e+300")
    assert "diverged" in mine["runs"]["status"]
    assert mine["lost"] is not None
    assert np.isnan(decoded(mine["curves"]["test_cost"])).any()
    assert "NaN" not in json.dumps(content(page_file))


def test_a_skipped_combination_has_runs_and_no_curve(studies):
    mine = point(studies["breaks"], "tune", "iris", cost="mse", eta="0.1")
    assert (mine["units"], mine["curves"]) == ([], {})
    assert set(mine["runs"]["status"]) == {"skipped"}


def test_cells_without_runs_leave_the_tuned_axis_to_the_others(results, studies):
    """A cell that is left out has no chosen step, and so no value of that axis."""
    assert {axis["name"] for axis in studies["gap"]["axes"]} == {"hidden", "init", "eta"}
    runs = pd.read_parquet(results / "runs.parquet").query("study == 'gap' and stage == 'confirm'")
    for (hidden, init, eta), mine in runs[runs.run_id != ""].groupby(["hidden", "init", "eta"]):
        found = point(studies["gap"], "confirm", "iris", hidden=hidden, init=init, eta=f"{eta:g}")
        assert found["runs"]["run_id"] == mine.run_id.tolist()


def test_settings_are_those_of_the_runs(results, studies):
    study = studies["activations"]
    mine = point(study, "tune", "wine", hidden="tanh", eta="1", start="small")
    settings = study["settings"] | mine["settings"]
    run = runs_of(results, "tune").query("eta == 1").iloc[0]
    for name in ("hidden", "eta", "init", "batch_size", "epochs", "cost", "layers"):
        assert settings[name] == run[name]
    assert not {"seed", "split", "dataset"} & set(settings)


def test_all_recorded_quantities_are_offered(page_file, results):
    names = [name for name, *_ in content(page_file)["quantities"]]
    columns = set(pd.read_parquet(results / "curves.parquet")) - {"run_id", "epoch"}
    assert set(names) == columns
    assert names[:2] == ["train_accuracy", "validation_accuracy"]


NUMBERS = st.floats(-1e308, 1e308) | st.sampled_from([np.nan, np.inf, -np.inf, 9.996, -0.9996])


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_codes_keep_three_digits(values):
    """Any number comes back with an error of half a unit of its third digit; tiny ones as 0."""
    row = np.array([values])
    back = decoded([0, codes(row, places=False)])
    finite = np.isfinite(row)
    assert (np.isnan(back) == ~finite).all()
    tiny = np.abs(row) < 1e-300
    want = np.where(tiny, 0.0, row)
    np.testing.assert_allclose(back[finite], want[finite], rtol=5.01e-3)


def test_the_best_step_is_the_one_that_the_report_chooses(results, studies):
    """Over every arm and case, against `choose_step`; and by the mean, where the median differs."""
    read = Results(results, load(results.parents[1] / "tiny.yaml"))
    comparison = next(c for c in read.comparisons if c.study == "activations")
    study, checked = studies["activations"], 0
    axes = [axis["name"] for axis in study["axes"]]
    for row in statistics.choose_step(read.cells(comparison)).to_dict("records"):
        start = row["facet"].removeprefix("start ")
        for stage in ("tune", "confirm"):
            mine = [
                p for p in study["stages"][stage]["points"]
                if p["dataset"] == row["dataset"] and {row["arm"], start}
                <= {axis["values"][at] for axis, at in zip(study["axes"], p["at"], strict=True)}
            ]  # fmt: skip
            best = min(mine, key=lambda p: p["rank"])
            eta = study["axes"][axes.index("eta")]["values"][best["at"][axes.index("eta")]]
            assert float(eta) == row["tuned"]
            checked += 1
    assert checked == 16


def test_points_rank_by_the_mean_then_the_cost_then_the_smaller_value():
    accuracies = {"0.1": [0.9, 0.9, 0.0], "1": [0.8, 0.8, 0.8], "10": [0.8, 0.8, 0.8]}
    rows = [
        {"dataset": "iris", "axis_eta": eta, "validation_accuracy": a, "validation_cost": 1.0}
        for eta, values in accuracies.items() for a in values
    ]  # fmt: skip
    runs = pd.DataFrame(rows[::-1])
    ranks = explorer_data._ranked(runs, ["dataset", "axis_eta"], "axis_eta")
    assert sorted(ranks, key=ranks.get) == [("iris", eta) for eta in ("1", "10", "0.1")]
    runs.loc[runs["axis_eta"] == "1", "validation_cost"] = float("nan")
    ranks = explorer_data._ranked(runs, ["dataset", "axis_eta"], "axis_eta")
    assert min(ranks, key=ranks.get) == ("iris", "10")


def test_looks_are_those_of_the_figures(studies):
    from mlp import ACTIVATIONS
    from reports.figures.styles import COLOURS

    axes = {axis["name"]: axis for axis in studies["activations"]["axes"]}
    for label, (colour, _) in zip(axes["hidden"]["values"], axes["hidden"]["looks"], strict=True):
        assert colour == COLOURS[list(ACTIVATIONS).index(label)]


def test_names_go_in_packed_and_twice_gives_the_same_bytes(results, page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "onerror" not in text
    assert HOSTILE in {study["title"] for study in content(page_file)["studies"]}
    write_explorer(results, results / "again.html")
    assert (results / "again.html").read_bytes() == page_file.read_bytes()


def test_without_a_config_the_study_goes_by_its_name(results, tmp_path):
    for name in ("runs.parquet", "curves.parquet"):
        (tmp_path / name).write_bytes((results / name).read_bytes())
    (tmp_path / "provenance.json").write_text('{"config": "studies: 3"}')
    data = explorer.studies(tmp_path)
    assert [study["title"] for study in data] == ["activations", "long", "breaks", "gap", "labels"]
    assert all(axis["looks"] for study in data for axis in study["axes"])
    assert {p["updates"] for p in data[0]["stages"]["tune"]["points"]} == {None}


@pytest.mark.slow
def test_the_page_of_the_default_sweep_has_at_most_eight_megabytes(tmp_path):
    folder = Path(__file__).parent.parent / "results" / "default"
    if not (folder / "curves.parquet").exists():
        pytest.skip("the default sweep has not been run")
    write_explorer(folder, tmp_path / "explorer.html")
    assert (tmp_path / "explorer.html").stat().st_size <= 8_000_000
