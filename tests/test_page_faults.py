"""Pages of odd sweeps: no nan, no name twice, no link to nowhere, and the true reason for a gap."""

import json
import re
import shutil

import pytest

from experiments.base import UserError
from reports.chapters import Report
from reports.explorer import data as explorer_data
from reports.sentences.over import answer
from tests.pages import APPENDIX, MAIN, faults, page_of, results_of, words_of

BASE = {"layers": [4], "epochs": 2}
GRID = {"hidden": ["sigmoid", "tanh", "relu"], "eta": [0.1, 1.0]}
STUDY = {"datasets": ["iris", "wine"], "base": BASE, "grid": GRID, "compare": "hidden"}
TUNED = {**STUDY, "tune": "eta"}
COMMON = {"seeds": 6, "confirm": {"splits": 3, "seeds": 1}}
HUGE = {"hidden": ["relu", "identity"], "eta": [1e200, 1e300]}
ENERGIES = {"source": "ising1d", "options": {"samples": 100, "L": 6}}

SWEEPS = {
    "plain": {"seeds": 6, "studies": {"s": {**STUDY, "datasets": ["iris"], "grid": {
        "hidden": ["tanh", "relu"]}}}},
    "one_arm": {**COMMON, "studies": {"s": {
        **TUNED, "datasets": ["iris"], "grid": {**GRID, "hidden": ["tanh"]}}}},
    "mixed": {
        **COMMON,
        "headline": [{"study": s, "a": "relu", "b": "tanh"} for s in ("s", "t")],
        "studies": {"s": {**TUNED, "datasets": ["iris"], "pairs": [["relu", "tanh"]]}, "t": {
            **TUNED, "datasets": ["iris"], "pairs": [["relu", "tanh"]], "confirm": "none"}},
    },
    "diverged": {
        **COMMON,
        "headline": [{"study": "s", "a": "relu", "b": "identity"}],
        "studies": {
            "s": {**TUNED, "base": {**BASE, "layers": [4, 4]}, "grid": HUGE},
            "t": {**STUDY, "base": {**BASE, "layers": [4, 4]}, "datasets": ["iris"],
                  "grid": {"hidden": HUGE["hidden"], "eta": HUGE["eta"][:1]}},
        },
    },
    "excluded": {
        **COMMON,
        "headline": [{"study": "s", "a": a, "b": "tanh"} for a in ("relu", "sigmoid")],
        "studies": {"s": {**TUNED, "exclude": [
            {"dataset": "wine", "hidden": "relu"}, {"dataset": "iris", "hidden": "tanh"}]}},
    },
    "regression": {
        **COMMON,
        "datasets": {"ring": ENERGIES},
        "headline": [{"study": "s", "a": "relu", "b": "tanh"}],
        "studies": {"s": {**TUNED, "datasets": ["ring"], "grid": {**GRID, "eta": [0.001, 0.01]},
                          "base": {**BASE, "cost": "mse", "output": "identity"}}},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return a function from the name of a sweep to its folder of results."""
    made = {}

    def folder(name):
        if name not in made:
            made[name] = results_of(tmp_path_factory.mktemp(name), SWEEPS[name]).results
        return made[name]

    return folder


@pytest.fixture(scope="module")
def pages(folders):
    """Return a function from the name of a sweep to its pages."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = pages_of(folders(name))
        return made[name]

    return of


def pages_of(folder):
    return {"report.html": page_of(folder, MAIN), "appendix.html": page_of(folder, APPENDIX)}


@pytest.mark.parametrize("name", SWEEPS)
def test_a_page_has_no_nan_no_name_twice_and_no_link_to_nowhere(pages, name):
    assert faults(pages(name)) == []


def test_the_faults_are_found():
    page = '<main><p id="a">nan points</p><p id="a">None of two</p><a href="#b">there</a></main>'
    assert faults({"report.html": page}) == [
        "report.html: id a twice",
        "report.html: nan points None of two ",
        "report.html: #b leads nowhere",
    ]
    assert faults({"r.html": '<main><a href="a.html#b">', "a.html": "<main>"}) == [
        "r.html: a.html#b leads nowhere"
    ]


# ---------------------------------------------------------------- what the pages say


def test_a_study_of_one_arm_compares_nothing(pages, folders):
    report = Report(folders("one_arm"))
    assert [one.first for one in report.questions] == [None]
    assert report.table(report.comparisons[0], "tests").empty
    said = words_of(pages("one_arm")["report.html"])
    assert "No two settings were compared." in said
    assert "of two settings" not in said
    assert "s-hidden-differences" not in Report(folders("one_arm")).captions
    assert "No pair was planned." in said
    assert "any planned family" not in said


def test_nothing_is_said_of_what_was_not_done(pages):
    said = words_of(pages("plain")["report.html"])
    assert "that was chosen for it" not in said
    assert "fresh runs" not in said
    assert "The pairs of a dataset are corrected together, after Holm." in said


def test_only_the_study_without_fresh_runs_is_about_this_split(pages, folders):
    said = words_of(pages("mixed")["report.html"])
    s, t = (one.first for one in Report(folders("mixed")).questions)
    assert (s.setting, t.setting) == ("", " (on this split)")
    assert answer(t) in said.replace("\\", "")
    assert "fresh runs on other splits (but not in t: the tuning runs are its evidence" in said
    assert "; in t, other starts of the networks on this split of the data, not others" in said
    assert "The planned pairs of confirmed studies are corrected together" in said


def test_the_explorer_links_each_study_to_its_own_chapter(folders):
    found = explorer_data.studies(folders("mixed"))
    assert [study["chapters"] for study in found] == [
        {"hidden": "chapter-s-hidden"},
        {"hidden": "chapter-t-hidden"},
    ]


def test_it_is_said_that_every_run_diverged(pages):
    said = {name: words_of(page) for name, page in pages("diverged").items()}
    because = "every run of relu and identity diverged"
    assert f"relu and identity were not compared: {because}." in said["report.html"]
    assert f"Not compared on wine: {because}." in said["appendix.html"]
    assert f"Not compared on iris (eta 1e+200): {because}." in said["appendix.html"]
    assert "equal for practical purposes" not in said["report.html"]
    assert "no runs in common" not in " ".join(said.values())
    assert re.search(r"No run ended more than .* \d+ runs diverged\.", said["report.html"])


def test_an_arm_that_was_left_out_is_named_and_another_pair_answers(pages, folders):
    said = {name: words_of(page) for name, page in pages("excluded").items()}
    assert "Not compared on iris: tanh was not run." in said["appendix.html"]
    assert "Not compared on wine: relu was not run." in said["appendix.html"]
    first = Report(folders("excluded")).questions[0].first
    assert (first.a, first.b, [row["dataset"] for row in first.tested]) == (
        "sigmoid", "tanh", ["wine"],
    )  # fmt: skip
    assert "ot compared on iris, as tanh was not run" in said["report.html"]


def test_a_sweep_of_regression_says_what_its_score_is(pages):
    said = {name: words_of(page) for name, page in pages("regression").items()}
    assert "Differences are of test R², in points" in said["report.html"]
    for text in said.values():
        assert "On ring values are predicted: accuracy means R² there" in text
    assert "Simple methods" not in said["report.html"]


# ---------------------------------------------------------------- files of another version


def without_verdict(folder):
    (folder / "claims.csv").write_text("id,claim\nN1,it is so\n", encoding="utf-8")


def without_alt(folder):
    path = folder / "figures" / "captions.json"
    captions = json.loads(path.read_text(encoding="utf-8"))
    for facts in captions.values():
        del facts["alt"]
    path.write_text(json.dumps(captions) + "\n", encoding="utf-8")


def without_facts(folder):
    path = folder / "figures" / "captions.json"
    path.write_text('{"s-hidden-curves": "a curve"}\n', encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_verdict, r"claims\.csv is of another version: it has no kind, .*: delete it and"),
        (without_alt, r"captions\.json is of another version: it has no alt for s-hidden-.*: del"),
        (without_facts, r"captions\.json is of .* no caption, .* for s-hidden-curves: delete it"),
    ],
)
def test_a_file_of_another_version_is_named_with_the_remedy(folders, tmp_path, change, message):
    folder = tmp_path / "shape"
    shutil.copytree(folders("plain"), folder)
    change(folder)
    with pytest.raises(UserError, match=message):
        pages_of(folder)


def test_a_figure_that_the_other_page_leaves_out_is_linked_to_its_chapter(folders, monkeypatch):
    monkeypatch.setattr("reports.chapters.MOST_IMAGE_BYTES", 0)
    pages = pages_of(folders("plain"))
    assert faults(pages) == []
    assert "a figure is left out here" in pages["appendix.html"]
    assert ">more</a>" in pages["report.html"]


def test_the_activations_are_shown_if_nothing_else_explains(folders, monkeypatch):
    monkeypatch.setattr("reports.chapters.comparisons.mechanics.why", lambda *_: [])
    pages = pages_of(folders("plain"))
    assert faults(pages) == []
    assert 'id="fig-s-hidden-neurons"' in pages["appendix.html"]
