"""Claims by program, and the heat maps of two axes, on a small sweep that has both."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from experiments import claims
from experiments.base.errors import ConfigError
from experiments.claims.programs import (
    COLUMNS,
    PROGRAMS,
    evaluate,
    made_by,
    programs,
    write_programs,
)
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from experiments.schema import load, validate
from experiments.schema.compared import comparisons
from reports.chapters import Report
from reports.figures import sheets_of, write_figures
from reports.figures.grids import grids
from reports.figures.kinds.heatmap import second_axis
from reports.sentences.claims import program_counts
from tests.sweeps import Sweep

GRID = {"init": ["large", "fan_in"], "layers": [[2], [5]]}
CONTENT = {
    "seeds": 7,
    "studies": {
        "init": {
            "datasets": ["iris", "wine"],
            "base": {"epochs": 4, "cost": "mse", "output": "sigmoid"},
            "grid": GRID,
            "compare": ["init", "layers"],
        },
        "init_as_published": {
            "claims_of": "init",
            "datasets": ["iris", "wine"],
            "base": {"epochs": 4, "cost": "mse", "output": "sigmoid"},
            "grid": {
                **GRID,
                "program": [
                    {"label": "correct"},
                    {"label": "defect: delta", "defects": ["delta"]},
                    {"label": "defect: stride", "defects": ["stride"]},
                    {"label": "defects: delta + stride", "defects": ["delta", "stride"]},
                    {
                        "label": "equal updates",
                        "epochs": {"as_many_updates_as": 4, "with_defects": ["stride"]},
                    },
                ],
            },
        },
    },
}
CLAIMS = {
    "claims": [
        {
            "id": "T1", "statement": "Large is better.", "source": "a test", "study": "init",
            "axis": "init", "rule": {"test": "better", "a": "large", "b": "fan_in"},
            "explanation": "{effect:+.2f} on {place}",
        },
        {
            "id": "T2", "statement": "It learns.", "source": "a test", "study": "init",
            "axis": "init", "explanation": "{value:.1f}",
            "rule": {"test": "recorded", "quantity": "test_accuracy", "arm": "large",
                     "epoch": 4, "above": {"epoch": 0}},
        },
        {
            "id": "T3", "statement": "A definition.", "source": "a test",
            "rule": {"test": "definition"}, "explanation": "None.",
        },
    ]
}  # fmt: skip


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    made = Sweep(tmp_path_factory.mktemp("programs"), CONTENT, "twice")
    made.train()
    made.collect()
    return made


@pytest.fixture(scope="module")
def results(sweep):
    return Results(sweep.results, sweep.plan.config)


@pytest.fixture(scope="module")
def claims_path(tmp_path_factory):
    path = tmp_path_factory.mktemp("claims") / "claims.yaml"
    path.write_text(yaml.safe_dump(CLAIMS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def verdicts(results, claims_path):
    return evaluate(results, claims_path)


def test_the_correct_program_has_the_verdicts_and_numbers_of_the_study_itself(
    results, claims_path, verdicts, tmp_path
):
    write_tables(results, tmp_path)
    usual = claims.evaluate(results, claims_path, tmp_path).set_index("id").drop(index="T3")
    mine = verdicts[(verdicts["program"] == "correct") & (verdicts["dataset"] == "")]
    mine = mine.set_index("id")
    assert list(mine.index) == ["T1", "T2"]
    for column in ("verdict", "datasets", "explanation"):
        assert list(mine[column]) == list(usual[column])
    numbers = ["effect", "low", "high", "p"]
    np.testing.assert_allclose(mine[numbers].astype(float), usual[numbers].astype(float))


def test_every_program_and_dataset_has_a_verdict_of_its_own_runs(verdicts):
    assert list(verdicts.columns) == list(COLUMNS)
    assert len(verdicts) == 2 * len(PROGRAMS) * 3
    assert set(verdicts["verdict"]) <= set(claims.VERDICTS) - {"not run"}
    first = verdicts[(verdicts["id"] == "T1") & (verdicts["dataset"] == "iris")]
    assert first["effect"].nunique() == len(PROGRAMS)
    assert (verdicts["made_by"] != "").sum() == 2 * 3


def test_runs_that_two_studies_share_are_trained_once(sweep):
    runs = Results(sweep.results, sweep.plan.config).runs
    correct = runs[runs["axis_program"] == "correct"]
    assert set(correct["run_id"]) == set(runs.loc[runs["study"] == "init", "run_id"])
    assert set(runs["defects"]) == {
        "none", "defect: delta", "defect: stride", "defects: delta + stride",
    }  # fmt: skip


def test_the_file_has_the_same_bytes_and_only_heads_without_a_repetition(results, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    write_programs(results, first)  # by the project's own claims, which ask for other datasets
    write_programs(results, second)
    assert first.read_bytes() == second.read_bytes()
    plain = validate({"studies": {"a": {"datasets": ["iris"]}}})
    write_programs(Results(results.folder, plain), second)
    assert second.read_text(encoding="utf-8").strip() == ",".join(COLUMNS)


NO = dict.fromkeys(PROGRAMS, "contradicted")
YES = "holds"


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({}, "not reproduced: it holds with no program"),
        ({**dict.fromkeys(NO, YES)}, "none: it holds with the correct program"),
        (
            {"correct": YES},
            "none: it holds with the correct program, though not with both defects or at equal "
            "updates",
        ),
        (
            {"correct": YES, "both": YES},
            "none: it holds with the correct program, though not at equal updates",
        ),
        ({"delta": YES, "both": YES}, "delta"),
        ({"stride": YES, "both": YES}, "stride"),
        ({"stride": YES, "both": YES, "equal": YES}, "stride, by making fewer updates"),
        ({"stride": YES, "delta": YES, "both": YES}, "either of the two alone"),
        ({"both": YES}, "only the two together"),
        ({"both": "not run", "stride": YES}, "not known: there are too few runs"),
        ({"delta": YES}, "delta, though not with both"),
        ({"equal": YES}, "no defect, but fewer updates"),
    ],
)
def test_the_cause_follows_from_the_verdicts(changed, cause):
    assert made_by(NO | changed) == cause


def test_a_repetition_needs_a_study_and_its_axes():
    def refused(**settings):
        study = {"datasets": ["iris"], "claims_of": "a", "grid": {"program": [{"label": "x"}]}}
        content = {"studies": {"a": {"datasets": ["iris"]}, "b": study | settings}}
        with pytest.raises(ConfigError) as error:
            validate(content)
        return str(error.value)

    assert "studies.b.claims_of: 'aa' is not a study (did you mean 'a'?)" in refused(claims_of="aa")
    assert "expected program" in refused(grid={"eta": [0.1, 1.0]})
    assert "'b' repeats a study itself" in refused(claims_of="b")


def test_a_study_is_repeated_once():
    study = {"datasets": ["iris"], "claims_of": "a", "grid": {"program": [{"label": "x"}]}}
    content = {"studies": {"b": study, "a": {"datasets": ["iris"]}, "c": study}}
    with pytest.raises(ConfigError, match=r"^studies\.c\.claims_of: 'a' is repeated by .* 'b'"):
        validate(content)


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        ([{"label": "x"}, {"label": "y", "defects": []}], r"program\[1\]: 'y' is .* as 'x' is"),
        ([{"defects": ["delta"]}], "program: found delta: expected the correct program too"),
        (
            [{"label": "x"}, {"epochs": 3}, {"epochs": 4}],
            r"program\[2\]: '4' is the program 'equal', as '3' is: expected each once",
        ),
        (
            [{"label": "x"}, {"defects": ["delta"], "eta": 0.1}],
            r"program\[1\]: 'eta' is not a key of a program; known: label, defects, epochs",
        ),
    ],
    ids=str,
)
def test_programs_are_each_given_once_and_the_correct_one_is_among_them(programs, message):
    study = {"datasets": ["iris"], "claims_of": "a", "grid": {"program": programs}}
    with pytest.raises(ConfigError, match=rf"^studies\.b\.grid\.{message}"):
        validate({"studies": {"a": {"datasets": ["iris"]}, "b": study}})


@pytest.mark.parametrize("name", ["companion", "companion_small"])
def test_the_companion_configs_repeat_every_study_with_every_program(name):
    studies = load(f"experiments/config/{name}.yaml").studies
    repeated = {s.claims_of: s for s in studies.values() if s.claims_of}
    assert set(repeated) == {s for s in studies if not studies[s].claims_of}
    for original, study in repeated.items():
        assert set(programs(study)) == set(PROGRAMS)
        assert study.datasets == studies[original].datasets
        assert study.base == studies[original].base
        assert {a: v for a, v in study.grid.items() if a != "program"} == studies[original].grid


# ---------------------------------------------------------------- heat maps


def test_a_heat_map_stands_with_the_first_of_two_compared_axes(sweep):
    config = sweep.plan.config
    axes = [second_axis(config, comparison) for comparison in comparisons(config)]
    assert axes == ["layers", None]
    maps = [sheet for sheet in sheets_of(config) if sheet.kind == "heatmap"]
    assert [(s.name, s.facets) for s in maps] == [("init-init-heatmap", ("",))]


def test_the_cells_of_a_heat_map_are_the_means_of_their_runs(results):
    comparison = results.comparisons[0]
    found = list(grids(results, comparison, "layers", ["iris", "wine"]))
    assert [grid.dataset for grid in found] == ["iris", "wine"]
    assert [grid.dataset for grid in grids(results, comparison, "layers", ["wine"])] == ["wine"]
    for grid in found:
        runs = results.runs[(results.runs["study"] == "init")]
        runs = runs[runs["dataset"] == grid.dataset]
        means = 100 * runs.groupby(["axis_init", "axis_layers"])["test_accuracy"].mean()
        expected = means.unstack().loc[["large", "fan_in"], ["2", "5"]]
        np.testing.assert_allclose(grid.mean, expected)
        assert grid.tied[grid.best]
        assert grid.mean[grid.best] == grid.mean.max()
        assert (grid.half > 0).any()
        assert len(grid.runs) == 4 * 7


def test_cells_far_below_the_best_are_not_marked_as_its_equals(results):
    comparison, far = results.comparisons[0], Results(results.folder, results.config)
    runs = results.runs.copy()
    best = (runs["axis_init"] == "large") & (runs["axis_layers"] == "5")
    runs["test_accuracy"] = np.where(best, 0.9, 0.5) + 0.01 * (runs["seed"] % 3)
    far.runs = runs
    grid = next(grids(far, comparison, "layers", ["iris"]))
    assert grid.best == (0, 1)
    assert grid.tied.tolist() == [[False, True], [False, False]]


def test_the_report_shows_the_programs_and_the_heat_map(sweep, results, verdicts):
    write_figures(results, sweep.results / "figures")
    write_tables(results, sweep.results / "tables")
    verdicts.to_csv(sweep.results / "programs.csv", index=False)
    report = report_of(sweep)
    said = "".join(map(str, report.pieces("programs")))
    assert "both defects" in said
    made = verdicts.assign(made_by=["stride" if d == "wine" else "" for d in verdicts["dataset"]])
    assert "wine: stride" in program_counts(made)
    assert "T1</b> Large is better." in said
    assert "defect: stride" in said
    chapter = "".join(map(str, report.pieces("comparisons")))
    assert 'id="fig-init-init-heatmap"' in chapter
    assert "Thick frame: the highest mean" in chapter


def report_of(sweep) -> Report:
    return Report(sweep.results, sweep.plan.config)


def test_without_a_repetition_the_report_says_nothing_of_programs(sweep, tmp_path):
    (sweep.results / "programs.csv").unlink(missing_ok=True)
    assert list(report_of(sweep).pieces("programs")) == []
    pd.DataFrame(columns=list(COLUMNS)).to_csv(sweep.results / "programs.csv", index=False)
    assert list(report_of(sweep).pieces("programs")) == []


def test_a_picture_stands_in_the_report_of_a_config_that_asks_for_it(sweep, results, monkeypatch):
    from reports.figures.pictures import PICTURES, boundaries, couplings, write_pictures

    few = {"two_moons": boundaries.boundaries("two_moons", epochs=2)}
    quick = replace(PICTURES["boundaries"], measure=lambda _: few)
    monkeypatch.setitem(PICTURES, "boundaries", quick)
    monkeypatch.setattr(couplings, "EPOCHS", 2)
    monkeypatch.setattr("reports.figures.pictures.picture_names", lambda config: config.pictures)
    config = sweep.plan.config.model_copy(update={"pictures": ["boundaries", "couplings"]})
    write_pictures(Results(results.folder, config), sweep.results / "figures")
    report = report_of(sweep)
    assert list(report.pieces("pictures")) == []
    report.config = config
    said = "".join(map(str, report.pieces("pictures")))
    assert 'id="fig-boundaries"' in said
    assert "heaviside" in said
    assert 'id="fig-couplings"' in said
    assert "lasso" in said
