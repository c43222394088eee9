"""The explorer in headless Chromium: choices change what is drawn, and nothing leaves the page."""

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reports import explorer
from reports.explorer import MOST_EPOCHS, write_explorer
from reports.explorer import data as explorer_data
from tests.browser import PageFacts, check_offline_page, offline_page
from tests.sweeps import TINY, Sweep

HOSTILE = '</script><img src=x onerror=alert(1)> & "q" {{ data }} $5'
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
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    made = Sweep(tmp_path_factory.mktemp("sweep"), CONTENT)
    made.train()
    made.collect()
    facts = {"config": made.config.read_text(encoding="utf-8")}
    (made.results / "provenance.json").write_text(json.dumps(facts), encoding="utf-8")
    return made.results


@pytest.fixture(scope="module")
def page_file(results) -> Path:
    out = results / "explorer.html"
    write_explorer(results, out)
    return out


def content(path: Path) -> dict:
    text = re.search(r'<script id="data"[^>]*>(.*?)</script>', path.read_text(), flags=re.S)[1]
    return json.loads(zlib.decompress(base64.b64decode(text)))


def point(data: dict, study: str, dataset: str, **labels: str) -> dict:
    found = next(s for s in data["studies"] if s["name"] == study)
    at = [axis["values"].index(labels[axis["name"]]) for axis in found["axes"]]
    return next(p for p in found["points"] if p["dataset"] == dataset and p["at"] == at)


# ---------------------------------------------------------------- what the page holds


def test_the_page_holds_the_quartiles_of_the_runs(results, page_file):
    mine = point(content(page_file), "activations", "wine", hidden="tanh", eta="1", start="small")
    runs = pd.read_parquet(results / "runs.parquet").query(
        "study == 'activations' and dataset == 'wine' and hidden == 'tanh' and eta == 1 "
        "and init == 'he' and stage == 'tune'"
    )
    curves = pd.read_parquet(results / "curves.parquet")
    table = curves[curves.run_id.isin(runs.run_id)].groupby("epoch").test_accuracy
    assert [run[0] for run in mine["runs"]] == runs.run_id.tolist()
    for drawn, q in zip(mine["curves"][2], (0.5, 0.25, 0.75), strict=True):
        np.testing.assert_allclose(drawn, table.quantile(q), rtol=1e-3)


def test_long_curves_are_thinned_and_keep_their_ends(page_file):
    epochs = point(content(page_file), "long", "iris", epochs="60")["epochs"]
    assert len(epochs) <= MOST_EPOCHS
    assert epochs[0] == 0
    assert epochs[-1] > MOST_EPOCHS


def test_what_is_not_finite_is_no_number(page_file):
    mine = point(content(page_file), "breaks", "iris", cost="cross_entropy", eta="1e+300")
    assert any(run[2] == "diverged" for run in mine["runs"])
    assert "NaN" not in json.dumps(content(page_file))


def test_a_skipped_combination_has_runs_and_no_curve(page_file):
    mine = point(content(page_file), "breaks", "iris", cost="mse", eta="0.1")
    assert mine["epochs"] == []
    assert {run[2] for run in mine["runs"]} == {"skipped"}


def test_the_best_step_is_the_one_that_the_report_chooses(results, page_file):
    """Over every arm and case, against `choose_step`; and by the mean, where the median differs."""
    from experiments.results.sweep import Results
    from experiments.schema import load
    from experiments.statistics import choose_step

    read = Results(results, load(results.parents[1] / "tiny.yaml"))
    comparison = next(c for c in read.comparisons if c.study == "activations")
    study, checked = content(page_file)["studies"][0], 0
    axes = [axis["name"] for axis in study["axes"]]
    for row in choose_step(read.cells(comparison)).to_dict("records"):
        start = row["facet"].removeprefix("start ")
        mine = [
            p for p in study["points"] if p["dataset"] == row["dataset"] and {row["arm"], start}
            <= {axis["values"][at] for axis, at in zip(study["axes"], p["at"], strict=True)}
        ]  # fmt: skip
        best = min(mine, key=lambda p: p["rank"])
        eta = study["axes"][axes.index("eta")]["values"][best["at"][axes.index("eta")]]
        assert float(eta) == row["tuned"]
        checked += 1
    assert checked == 8


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


def test_looks_are_those_of_the_figures(page_file):
    from mlp import ACTIVATIONS
    from reports.figures.styles import COLOURS

    axes = {axis["name"]: axis for axis in content(page_file)["studies"][0]["axes"]}
    for label, (colour, _) in zip(axes["hidden"]["values"], axes["hidden"]["looks"], strict=True):
        assert colour == COLOURS[list(ACTIVATIONS).index(label)]


def test_names_go_in_packed_and_twice_gives_the_same_bytes(results, page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "onerror" not in text
    write_explorer(results, results / "again.html")
    assert (results / "again.html").read_bytes() == page_file.read_bytes()


def test_a_confirmed_study_is_there_twice(tmp_path):
    made = Sweep(tmp_path, TINY | {"confirm": {"splits": 2, "seeds": 2}})
    made.train()
    made.collect()
    tuning, confirming = explorer.studies(made.results)
    assert (tuning["name"], confirming["name"]) == ("activations", "activations (confirming runs)")
    runs = pd.read_parquet(made.results / "runs.parquet")
    for study, stage in ((tuning, "tune"), (confirming, "confirm")):
        shown = {run[0] for point in study["points"] for run in point["runs"]}
        assert shown == set(runs.loc[runs["stage"] == stage, "run_id"])
    best = [
        [axis["values"][i] for axis, i in zip(study["axes"], point["at"], strict=True)]
        for study in (tuning, confirming)
        for point in study["points"]
        if point["rank"] == 0
    ]
    assert best[0] == best[1]  # what the tuning chose


def test_without_a_config_the_study_goes_by_its_name(results, tmp_path):
    for name in ("runs.parquet", "curves.parquet"):
        (tmp_path / name).write_bytes((results / name).read_bytes())
    (tmp_path / "provenance.json").write_text('{"config": "studies: 3"}')
    data = explorer.studies(tmp_path)
    assert [study["title"] for study in data] == ["activations", "long", "breaks"]
    assert all(axis["looks"] for study in data for axis in study["axes"])


@pytest.mark.slow
def test_the_default_study_stays_below_five_megabytes(tmp_path):
    folder = Path(__file__).parent.parent / "results" / "default"
    if not (folder / "curves.parquet").exists():
        pytest.skip("the default sweep has not been run")
    write_explorer(folder, tmp_path / "explorer.html")
    assert (tmp_path / "explorer.html").stat().st_size < 5_000_000


# ---------------------------------------------------------------- in the browser


@pytest.fixture(scope="module")
def opened(page_file):
    seen = PageFacts()
    with offline_page(page_file, facts=seen) as page:
        yield page, seen


@pytest.fixture
def page(opened):
    """The page as it is when it is first opened."""
    page, seen = opened
    page.reload()
    page.wait_for_selector("html[data-ready]")
    yield page
    assert seen.console_errors == []
    assert seen.requests == []


def drawing(page) -> dict[str, str]:
    return {name: page.inner_html(f"#{name}") for name in ("curves", "sensitivity", "runs")}


def choose(page, control: str, label: str) -> dict[str, str]:
    """Choose an option and return what is drawn then."""
    page.select_option(f"#{control}", label=label)
    return drawing(page)


def rows(page) -> int:
    return page.locator("#runs tbody tr").count()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_sound(page_file, width):
    assert not check_offline_page(page_file, width=width).problems


@pytest.mark.browser
def test_it_begins_with_the_compared_axis_at_the_best_step(page):
    assert page.input_value("#metric") is not None
    assert page.locator("#curves polyline").count() == 2
    assert page.locator("#curves polygon").count() == 2
    assert page.locator("#sensitivity circle").count() == 6
    assert rows(page) == 16
    assert page.locator("#legend label").all_inner_texts()[0].startswith("sigmoid (eta ")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("control", "label"), [("dataset", "wine"), ("metric", "train cost"), ("fixed-0", "small")]
)
def test_a_choice_changes_both_plots(page, control, label):
    before, after = drawing(page), choose(page, control, label)
    assert before["curves"] != after["curves"]
    assert before["sensitivity"] != after["sensitivity"]


@pytest.mark.browser
def test_dataset_and_setting_filter_the_table_too(page):
    before = drawing(page)["runs"]
    assert choose(page, "dataset", "wine")["runs"] != before
    choose(page, "at", "10")
    etas = page.locator("#runs tbody td:nth-child(2)").all_inner_texts()
    assert set(etas) == {"10"}
    assert rows(page) == 16


@pytest.mark.browser
def test_another_axis_may_be_compared(page):
    choose(page, "colour", "eta")
    assert page.locator("#curves polyline").count() == 3
    assert page.locator("#along option").count() == 2
    assert page.inner_text("#sensitivity-title") in (
        "Sensitivity to hidden",
        "Sensitivity to start",
    )


@pytest.mark.browser
def test_another_study_brings_its_own_choices(page):
    choose(page, "study", "long")
    assert page.locator("#dataset option").count() == 1
    assert page.locator("#along").count() == 0
    assert page.locator("#curves polyline").count() == 2
    assert rows(page) == 16


@pytest.mark.browser
def test_a_study_with_divergence_and_holes_is_drawn(page):
    choose(page, "study", "breaks")
    choose(page, "metric", "test cost")
    choose(page, "at", "1e+300")
    assert rows(page) == 16
    assert "diverged" in page.inner_text("#runs")
    choose(page, "at", "0.1")
    assert page.locator("#curves polyline").count() == 1
    assert "skipped" in page.inner_text("#runs")


@pytest.mark.browser
def test_an_arm_may_be_hidden(page):
    page.locator("#legend input").first.uncheck()
    assert page.locator("#curves polyline").count() == 1
    assert page.locator("#sensitivity polyline").count() == 1
    assert rows(page) == 8
    page.locator("#legend input").first.check()
    assert rows(page) == 16


@pytest.mark.browser
def test_the_table_is_sorted_by_a_column(page):
    head = page.locator("#runs th button")
    names = head.all_inner_texts()
    column = names.index("test cost") + 1

    def values():
        cells = page.locator(f"#runs tbody td:nth-child({column})").all_inner_texts()
        return [float(cell) for cell in cells]

    head.nth(column - 1).click()
    assert values() == sorted(values(), reverse=True)
    page.locator("#runs th button").nth(column - 1).click()
    assert values() == sorted(values())


@pytest.mark.browser
def test_names_are_shown_as_they_are_written(page):
    assert page.inner_text("#question") == HOSTILE
    assert HOSTILE in page.locator("#fixed-0 option").all_inner_texts()
    assert page.locator("img").count() == 0


@pytest.mark.browser
def test_a_sweep_without_runs(tmp_path, opened):
    empty = {"run_id": [], "study": [], "stage": [], "dataset": [], "labels": []}
    pd.DataFrame(empty, dtype=str).to_parquet(tmp_path / "runs.parquet")
    columns = ["run_id", *explorer.METRICS]
    pd.DataFrame({c: pd.Series(dtype=str if c == "run_id" else float) for c in columns}).to_parquet(
        tmp_path / "curves.parquet"
    )
    write_explorer(tmp_path, tmp_path / "explorer.html")
    bare, errors = opened[0].context.new_page(), []
    bare.on("pageerror", lambda error: errors.append(str(error)))
    bare.goto((tmp_path / "explorer.html").as_uri())
    bare.wait_for_selector("html[data-ready]")
    assert "no runs" in bare.inner_text("#count")
    assert errors == []
    bare.close()
