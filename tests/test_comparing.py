"""`compare A B`: which runs of two folders are the same to the bit, and which verdicts changed."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import experiments.plan.launching as launching
from experiments.__main__ import main
from experiments.base import UserError
from experiments.results import Results, compare, in_words, write_tables
from reports.__main__ import main as reports_main
from tests.browser import check_offline_page
from tests.sweeps import TINY, Sweep

CONTENT = {**TINY, "confirm": {"splits": 3, "seeds": 2}}
RUNS = 32 + 2 * 3 * 2  # those of the tuning, and of two arms on three splits with two seeds


def finished(folder: Path, content: dict = CONTENT) -> Path:
    """Return the folder of results of a sweep with its tables and two claims."""
    sweep = Sweep(folder, content)
    sweep.train()
    sweep.collect()
    write_tables(Results(sweep.results, sweep.plan.config), sweep.results / "tables")
    claims = pd.DataFrame({"id": ["N1", "N2"], "claim": ["one", "two"], "verdict": "holds"})
    claims.to_csv(sweep.results / "claims.csv", index=False)
    return sweep.results


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    return finished(tmp_path_factory.mktemp("a"))


@pytest.fixture
def second(first, tmp_path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(first, tmp_path / "tiny")


def change(path: Path, **columns) -> None:
    """Change columns of the first row of a table; a function is applied to the value."""
    stored = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    for name, new in columns.items():
        stored.loc[0, name] = new(stored.loc[0, name]) if callable(new) else new
    stored.to_parquet(path) if path.suffix == ".parquet" else stored.to_csv(path, index=False)


def said(a: Path, b: Path) -> str:
    return "\n".join(in_words(compare(a, b)))


def test_results_trained_twice_are_the_same(first, tmp_path, capsys):
    again = finished(tmp_path)
    found = compare(first, again)
    assert found.runs["same"].tolist() == [True] * RUNS
    assert found.alone == (0, 0)
    assert found.same
    assert main(["compare", str(first), str(again)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"A: {first}, 44 trained runs",
        f"B: {again}, 44 trained runs",
        "44 runs are in both; 0 only in A and 0 only in B (by study, stage, dataset, axes, seed "
        "and split)",
        "The same to the bit, in each quantity and epoch that both recorded: 44 of 44 runs",
        "Planned pairs: none of 1 verdict changed",
        "Claims: none of 2 verdicts changed",
    ]


def test_names_of_runs_do_not_matter(first, second):
    for name in ("runs", "curves"):
        path = second / f"{name}.parquet"
        stored = pd.read_parquet(path)
        stored.assign(run_id="f" + stored["run_id"].str[1:]).iloc[:].to_parquet(path)
    assert compare(first, second).same


def test_one_bit_of_one_epoch_is_seen(first, second):
    curves = pd.read_parquet(second / "curves.parquet")
    run = curves["run_id"].iloc[7]
    column = curves.columns.get_loc("train_cost")
    curves.iloc[7, column] = np.nextafter(curves.iloc[7, column], 1)
    curves.to_parquet(second / "curves.parquet")
    found = compare(first, second)
    assert found.runs.loc[~found.runs["same"], "run_id_b"].tolist() == [run]
    text = said(first, second)
    assert "43 of 44 runs" in text
    assert "Every run that differs has the same test accuracy in both" in text


def test_a_quantity_that_one_of_them_records_is_not_compared(first, second):
    curves = pd.read_parquet(second / "curves.parquet")
    curves.loc[curves["epoch"] == 1, "train_cost"] = np.nan
    curves.drop(columns="validation_accuracy").to_parquet(second / "curves.parquet")
    assert compare(first, second).runs["same"].all()


def test_fewer_epochs_are_a_difference(first, second):
    curves = pd.read_parquet(second / "curves.parquet")
    last = curves["run_id"].iloc[-1]
    curves.iloc[:-1].to_parquet(second / "curves.parquet")
    found = compare(first, second)
    assert found.runs.loc[~found.runs["same"], "run_id_a"].tolist() == [last]


def test_accuracies_differ_by_so_many_points(first, second):
    change(second / "runs.parquet", test_accuracy=lambda old: old - 0.25)
    found = compare(first, second)
    assert found.runs["difference"].min() == pytest.approx(-25)
    assert found.studies["mean"].iloc[0] == pytest.approx(-25)
    assert found.studies["largest"].iloc[0] == pytest.approx(25)
    assert found.studies["the same"].tolist() == [31, 12]
    text = said(first, second)
    assert "Another test accuracy: 1 of 1 run" in text
    assert "B - A is -25.00 points in the mean, 25.00 at most" in text
    assert not found.same


def test_a_run_of_only_one_is_counted_there(first, second):
    change(second / "runs.parquet", status="skipped")
    found = compare(first, second)
    assert found.alone == (1, 0)
    assert found.studies["in A"].tolist() == [32, 12]
    assert found.studies["in B"].tolist() == [31, 12]
    assert not found.same


def test_a_run_that_diverged_in_one_is_told(first, second):
    change(second / "runs.parquet", status="diverged", test_accuracy=np.nan)
    assert "1 run diverged in one and not in the other" in said(first, second)


def test_another_config_is_told_by_its_settings(first, tmp_path):
    study = CONTENT["studies"]["activations"]
    longer = {**study, "base": {"layers": [5], "epochs": 4}}
    other = finished(tmp_path, CONTENT | {"studies": {"activations": longer}})
    found = compare(first, other)
    assert len(found.runs.query("stage == 'tune'")) == 32
    assert not found.runs["same"].any()
    assert found.settings["epochs"] == len(found.runs)
    assert "Settings that the configs give otherwise: epochs (in " in said(first, other)


def test_other_seeds_match_no_run(first, tmp_path):
    found = compare(
        first, finished(tmp_path, CONTENT | {"confirm": {**CONTENT["confirm"], "draw": 1}})
    )
    assert found.alone == (12, 12)
    assert found.studies["in both"].tolist() == [32, 0]


@pytest.mark.parametrize(
    ("kinds", "differences", "changed"),
    [
        (("better", "better"), (1.0, 2.0), False),
        (("better", "better"), (1.0, -1.0), True),
        (("inconclusive", "inconclusive"), (1.0, -1.0), False),
        (("better", "inconclusive"), (1.0, 1.0), True),
        (("absent", "absent"), (np.nan, np.nan), False),
    ],
)
def test_a_verdict_changes_with_its_kind_or_its_sign(first, second, kinds, differences, changed):
    one = shutil.copytree(first, second.parent / "one")
    table = "tables/activations-hidden-tests.csv"
    for folder, kind, value in zip((one, second), kinds, differences, strict=True):
        change(folder / table, verdict_kind=kind, difference=value, verdict=f"{kind} {value}")
    assert compare(one, second).pairs["changed"].tolist() == [changed]
    text = said(one, second)
    assert (
        f"    A: {kinds[0]} {differences[0]}\n    B: {kinds[1]} {differences[1]}" in text
    ) == changed
    assert ("Planned pairs: 1 of 1 verdict changed" in text) == changed


def test_planned_pairs_are_preferred_and_each_is_named_with_its_place(first, second):
    for folder in (shutil.copytree(first, second.parent / "one"), second):
        tests = pd.read_csv(folder / "tables/activations-hidden-tests.csv")
        planned = tests.assign(family="headline", facet="epochs 3")
        planned.to_csv(folder / "tables/activations-hidden-planned.csv", index=False)
    change(second / "tables/activations-hidden-planned.csv", verdict_kind="relevant")
    found = compare(second.parent / "one", second)
    assert found.pairs["family"].tolist() == ["headline"]
    assert found.pairs["title"].tolist() == ["activations-hidden, iris, epochs 3: sigmoid and tanh"]


def test_a_claim_that_changed_is_shown_with_both_verdicts(first, second):
    change(second / "claims.csv", verdict="undecided")
    text = said(first, second)
    assert "Claims: 1 of 2 verdicts changed\n  N1: one\n    A: holds\n    B: undecided" in text


def test_without_tables_and_claims_the_runs_are_compared(first, second, capsys):
    shutil.rmtree(second / "tables")
    (second / "claims.csv").unlink()
    assert main(["compare", str(first), str(second)]) == 0
    assert capsys.readouterr().out.endswith("No planned pair is in both\nNo claim is in both\n")


def test_a_folder_that_holds_no_results_is_named_in_one_line(first, second, capsys):
    for folder, message in (
        (second / "none", f"there is no folder {second / 'none'}"),
        (second / "tables", "is no folder of results: it has no runs.parquet"),
        (second.parent, f"there are some in {second}"),
    ):
        for pair in ((first, folder), (folder, first)):
            assert main(["compare", *map(str, pair)]) == 2
            error = capsys.readouterr().err
            assert message in error
            assert error.count("\n") == 1


def test_tables_of_other_code_are_named(first, second):
    path = second / "tables/activations-hidden-tests.csv"
    pd.read_csv(path).drop(columns="verdict_kind").to_csv(path, index=False)
    with pytest.raises(UserError, match=r"tests\.csv was written by other code: it lacks verdict"):
        said(first, second)


def test_a_page_is_left_to_the_reports(first, monkeypatch):
    ran = []

    def hand_over(path, words):
        ran.append(words[1:])
        raise SystemExit(0)

    monkeypatch.setattr(launching.os, "execv", hand_over)
    with pytest.raises(SystemExit):
        main(["compare", str(first), "b", "--out", "c.html"])
    assert ran == [["-m", "reports", "compare", str(first), "b", "--out", "c.html"]]


def test_the_page_says_the_same(first, second, capsys):
    change(second / "runs.parquet", test_accuracy=lambda old: old - 0.25)
    change(second / "claims.csv", verdict="undecided <b>")
    page = second.parent / "page.html"
    assert reports_main(["compare", str(first), str(second), "--out", str(page)]) == 1
    assert capsys.readouterr().out.endswith(f"the page: {page}\n")
    text = page.read_text(encoding="utf-8")
    assert "<title>Two sweeps compared</title>" in text
    assert "B - A is -25.00 points in the mean" in text
    assert "undecided &lt;b&gt;" in text
    assert "none of 1 verdict changed" in text


@pytest.mark.browser
def test_the_page_opens_without_a_network(first, second):
    change(second / "runs.parquet", test_accuracy=lambda old: old - 0.25)
    change(second / "claims.csv", verdict="undecided")
    page = second.parent / "page.html"
    reports_main(["compare", str(first), str(second), "--out", str(page)])
    check_offline_page(page)
