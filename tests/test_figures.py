"""The figures: their names, their bytes, their colours, and what is said of them."""

import doctest
import json
import re
import subprocess
import sys
from importlib import import_module
from itertools import pairwise
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from experiments.results.sweep import Results
from experiments.schema import Picture as ConfigPicture
from experiments.schema import load, validate
from experiments.schema.compared import comparisons
from mlp import ACTIVATIONS, INITIALIZERS, SCHEDULES, UPDATES, output_pairs
from reports import caption_files
from reports.__main__ import main
from reports.chapters.comparisons import SECTIONS
from reports.figures import (
    KINDS,
    compact,
    figure_names,
    panels,
    sheets,
    sheets_of,
    svg,
    write_figures,
)
from reports.figures import styles as looks_module
from reports.figures.data import ROOT, Frames, mechanics_table
from reports.figures.drawing import Drawing, styled
from reports.figures.kinds import mechanics as mechanics_kind
from reports.figures.kinds import neurons, ranks, schedules
from reports.figures.pictures import PICTURES
from reports.figures.sheets import EVERY_SWEEP, SUMMARY, Section
from reports.figures.styles import looks
from reports.figures.svg import small_path, small_svg
from reports.sentences import words
from tests.sweeps import Sweep

CONTENT = {
    "title": "A <small> sweep & its $figures$",
    "seeds": 8,
    "confirm": {"splits": 4, "seeds": 2},
    "headline": [{"study": "acts", "a": "sigmoid", "b": "heaviside", "at": {"init": "fan_in"}}],
    "studies": {
        "acts": {
            "title": "Activations",
            "datasets": ["iris", "wine"],
            "base": {"layers": [4], "epochs": 3},
            "grid": {
                "hidden": ["sigmoid", "relu", "heaviside"],
                "init": ["large", "fan_in"],
                "eta": [0.1, 1.0],
            },
            "exclude": [{"hidden": "relu", "init": "large", "dataset": "wine"}],
            "pairs": [["sigmoid", "relu"], ["sigmoid", "heaviside"]],
            "compare": "hidden",
            "tune": "eta",
        },
        "plain": {
            "datasets": ["iris"],
            "base": {"layers": [4], "eta": 1000.0, "hidden": "relu"},
            "grid": {
                "length": [
                    {"label": "_<b>$x_1$ &", "epochs": 2},
                    {"label": 'half "of" $', "epochs": 4},
                ]
            },
            "compare": "length",
        },
    },
}


@pytest.fixture(scope="session")
def sweep(tmp_path_factory):
    """Return a small sweep that was trained: a facet, an arm left out, runs that diverge."""
    made = Sweep(tmp_path_factory.mktemp("figures"), CONTENT, "small")
    made.train()
    made.collect()
    return made


@pytest.fixture(scope="session")
def results(sweep):
    return Results(sweep.results, sweep.plan.config)


@pytest.fixture(scope="session")
def figures(results):
    folder = results.folder / "figures"
    write_figures(results, folder)
    return folder


def study(**settings):
    base = {"datasets": ["iris"], "grid": {"hidden": ["tanh", "relu"], "eta": [0.1, 1.0]}}
    return validate({"studies": {"s": base | {"compare": "hidden", "tune": "eta"} | settings}})


MODULES = [
    caption_files, looks_module, words, panels, sheets, svg, ranks, mechanics_kind,
    compact, neurons, schedules,
]  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_examples_in_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried
    assert not failed


# ---------------------------------------------------------------- names


def test_files_are_those_that_the_config_announces(figures, results):
    expected = {f"{name}.svg" for name in figure_names(results.config)}
    assert {path.name for path in figures.iterdir()} == expected | {"captions.json"}
    assert "plain-length-sensitivity" not in figure_names(results.config)


def test_names_of_the_default_study():
    found = figure_names(load("experiments/config/default.yaml"))
    assert len(set(found)) == len(found)
    assert {"pairs-pair-curves", "pairs-hidden-mechanics", "init-init-accuracy"} <= set(found)


def test_many_facets_and_datasets_are_dealt_out_over_several_figures():
    axes = {"hidden": ["tanh", "relu"], "epochs": [1, 2, 3, 4, 5], "eta": [0.1, 1.0]}
    config = study(grid=axes)
    curves = [sheet for sheet in sheets_of(config) if sheet.kind == "curves"]
    assert [sheet.name for sheet in curves] == ["s-hidden-curves-1", "s-hidden-curves-2"]
    assert [f for s in curves for f in s.facets] == [f"epochs {n}" for n in range(1, 6)]


def test_a_study_of_many_datasets_has_no_figures_over_the_epochs():
    def kinds(count):
        return {sheet.kind for sheet in sheets_of(study(datasets=datasets[:count]))}

    datasets = ["digits", "wine", "iris", "balance", "car", "cleveland", "dermatology", "fertility"]
    many = sheets.MANY_DATASETS
    assert many == 8  # as docs/howto/report.md says
    assert kinds(many - 1) - kinds(many) == {"curves", "mechanics"}
    assert {"accuracy", "differences", "sensitivity"} <= kinds(many)


def test_a_band_is_what_matplotlib_fills():
    x, low, high = np.arange(4.0), np.array([1.0, 2, np.nan, 0]), np.array([3.0, 4, 5, 9])
    drawn, filled = (Figure().add_subplot() for _ in range(2))
    panels.band(drawn, x, low, high, "#0072b2")
    filled.fill([0, 1, 3, 3, 1, 0], [1, 2, 0, 9, 4, 3], color="#0072b2", alpha=0.17, lw=0)
    np.testing.assert_array_equal(drawn.dataLim, filled.dataLim)
    mine, other = drawn.patches[0], filled.patches[0]
    np.testing.assert_array_equal(mine.get_xy(), other.get_xy())
    assert (mine.get_facecolor(), mine.get_edgecolor(), mine.get_linewidth()) == (
        other.get_facecolor(), other.get_edgecolor(), 0,
    )  # fmt: skip


def test_what_comparisons_share_is_made_once(results):
    made = []
    fresh = Results(results.folder, results.config)
    for _ in range(2):
        assert fresh.once(("what",), lambda: made.append(1) or len(made)) == 1
    frames, comparison = Frames(fresh), fresh.comparisons[0]
    assert frames.seeds(comparison) is frames.seeds(comparison)


# ---------------------------------------------------------------- bytes


def test_bytes_are_the_same_twice(figures, results, tmp_path):
    write_figures(results, tmp_path)
    for path in sorted(figures.iterdir()):
        if path.name != "captions.json":
            assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_names_are_shown_as_they_are_written(figures):
    text = (figures / "plain-length-accuracy.svg").read_text(encoding="utf-8")
    shown = {"".join(element.itertext()) for element in ElementTree.fromstring(text).iter()}
    assert {"_<b>$x_1$ &", 'half "of" $'} <= shown


def test_figures_have_their_final_size(figures):
    for path in figures.glob("*.svg"):
        width, _ = svg.size(path.read_text(encoding="utf-8"))
        assert width == round(175 / 25.4 * 96)


def test_the_figures_as_pdf_have_fonts_that_journals_take(figures, results, tmp_path):
    write_figures(results, tmp_path, "pdf")
    drawn = {path.stem: path.read_bytes() for path in tmp_path.iterdir()}
    assert drawn.keys() == {path.stem for path in figures.glob("*.svg")}
    assert not any(b"/Type3" in content for content in drawn.values())


def test_svg_is_well_formed_and_needs_nothing_from_outside(figures):
    for path in figures.glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        tree = ElementTree.fromstring(text)
        used = set(re.findall(r"#(a\d+)\b", text))
        assert used <= {element.get("id") for element in tree.iter()}, path.name
        assert not re.search(r"(?:href|src)=\"(?!#)|@import|<image", text)
        assert "DejaVu Sans, " not in text
        assert "sans-serif" in text


def absolute(path):
    """Return the corners of a path of straight lines, relative or not."""
    points, command = [], ""
    for word in re.findall(r"[MLlz]|-?(?:\d+\.?\d*|\.\d+)", path):
        if word in "MLlz":
            command, numbers = word, []
            continue
        numbers.append(float(word))
        if len(numbers) == 2:
            here = np.array(numbers) + (points[-1] if command == "l" else 0)
            points.append(here)
            numbers, command = [], "l" if command == "l" else command
    return np.array(points)


def test_smaller_paths_stay_in_place():
    rng = np.random.default_rng(0)
    points = rng.normal(100, 50, (500, 2)).cumsum(axis=0) / 20
    path = "M " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points)
    small = small_path(path)
    assert len(small) < 0.55 * len(path)
    here = absolute(small)
    gaps = [np.hypot(*(here - point).T).min() for point in points]
    assert max(gaps) <= 0.0708  # half a tenth in both directions


def test_a_small_svg_is_not_made_smaller_again(figures):
    text = (figures / "acts-hidden-curves.svg").read_text(encoding="utf-8")
    assert small_svg(text) == text


@pytest.mark.parametrize("label", ['x="1.2345"', 'd="M 0.111 1"', "#abcdefghijkl", 'id="a0"'])
def test_a_label_that_looks_like_svg_is_shown_as_it_is_written(label, tmp_path):
    figure = Figure(figsize=(2, 2))
    figure.subplots().set_title(label)
    with styled():
        svg.save(figure, tmp_path / "label", ["svg"])
    tree = ElementTree.parse(tmp_path / "label.svg")
    assert label in {"".join(element.itertext()) for element in tree.iter()}


def test_characters_that_the_font_lacks_are_named_once():
    figure = Figure(figsize=(2, 2))
    figure.subplots().set_title("激活 αβγ é")
    missing = svg.missing_glyphs(figure)
    assert missing == {"激", "活"}
    assert "2 characters" in svg.glyph_note(missing)
    assert "激 活" in svg.glyph_note({"激", "活"}) or "活 激" in svg.glyph_note(missing)
    assert svg.glyph_note(set()) == ""


# ---------------------------------------------------------------- kinds


def test_a_kind_is_whole_and_bears_the_name_of_its_file():
    orders = [kind.order for kind in KINDS.values()]
    ranks_of_importance = [kind.importance for kind in KINDS.values()]
    assert len({*orders}) == len({*ranks_of_importance}) == len(KINDS)
    for name, kind in KINDS.items():
        assert import_module(f"reports.figures.kinds.{name}").KIND is kind
        assert kind.section in get_args(Section)
        assert kind.caption
    assert set(SECTIONS) == set(get_args(Section))


def test_pictures_are_those_that_a_config_may_ask_for():
    asked = {name for name, picture in PICTURES.items() if picture.title and picture.caption}
    assert asked == set(get_args(ConfigPicture))
    assert set(PICTURES) == asked | {*EVERY_SWEEP, SUMMARY}
    assert {name for name, picture in PICTURES.items() if not picture.of_results} < asked


def test_a_picture_that_does_not_exist_is_refused(capsys, tmp_path):
    assert main(["picture", "boundary", str(tmp_path)]) == 2
    assert "there are boundaries, couplings" in capsys.readouterr().err


def test_the_captions_of_snakemakes_report_follow_from_the_code():
    for name, text in caption_files.captions().items():
        written = (caption_files.FOLDER / name).read_text(encoding="utf-8")
        assert written == text, "run `python -m reports captions`"


def test_planning_imports_nothing_that_draws():
    code = "import sys, reports.figures; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not set(done.stdout.split()) & {"matplotlib", "pandas", "scipy", "pyarrow"}


# ---------------------------------------------------------------- colours


def test_a_component_has_one_look_whatever_stands_beside_it():
    def look(arms, axis="hidden", label=None):
        config = study(grid={axis: arms, "eta": [0.1, 1.0]}, compare=axis)
        found = looks(config, next(comparisons(config)))
        return found[label or arms[0]]

    assert look(["relu", "tanh"]) == look(["tanh", "sigmoid", "relu"], label="relu")
    mse = {"cost": "mse", "output": "sigmoid"}
    other = {"cost": "cross_entropy", "output": "softmax"}
    named = {"label": "a name of my own", **mse}
    assert look([mse, other], "pair", "mse + sigmoid") == look(
        [other, named], "pair", "a name of my own"
    )


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        ("hidden", [n for n in ACTIVATIONS if not ACTIVATIONS[n].output_only]),
        ("init", list(INITIALIZERS)),
        ("schedule", list(SCHEDULES)),
        ("update", list(UPDATES)),
        ("pair", [{"cost": c, "output": o} for c, o in output_pairs() if o != "identity"]),
        ("batch_size", [1, 2, 5, 10]),
    ],
)
def test_arms_differ_in_colour_and_in_marker(axis, values):
    config = study(grid={axis: values, "eta": [0.1, 1.0]}, compare=axis, seeds=12)
    found = list(looks(config, next(comparisons(config))).values())
    assert len({look.colour for look in found}) == len(found)
    assert len({look.marker for look in found}) == len(found)


def test_two_arms_of_one_component_share_its_colour_only():
    pair = {"cost": "cross_entropy", "output": "sigmoid"}
    values = [{"label": "two", **pair}, {"label": "one", **pair, "output_units": 1}]
    config = study(grid={"pair": values, "eta": [0.1, 1.0]}, compare="pair")
    two, one = looks(config, next(comparisons(config))).values()
    assert two.colour == one.colour
    assert two.marker != one.marker


# ---------------------------------------------------------------- what is said


def test_captions_say_study_runs_and_command(figures, results):
    captions = json.loads((figures / "captions.json").read_text(encoding="utf-8"))
    assert list(captions) == figure_names(results.config)
    for name, facts in captions.items():
        assert facts["command"].endswith(f"figures/{name}.svg")
        assert "--force" in facts["command"]
        assert facts["study"] in ("acts", "plain")
        assert (facts["runs"] > 0) == (facts["kind"] != "neurons")  # drawn from a definition
        assert len(facts["caption"]) > 60
        assert len(facts["alt"]) > 60
    assert "n = 8" in captions["acts-hidden-curves"]["caption"]
    assert captions["acts-hidden-curves"]["runs"] == 8 * (3 * 4 - 1)  # relu, large on wine is out


def test_alt_text_holds_the_numbers_of_the_results(figures, results):
    captions = json.loads((figures / "captions.json").read_text(encoding="utf-8"))
    comparison = results.comparisons[0]
    evidence = results.evidence(comparison)
    frames = Frames(results)
    for runs, kind in ((evidence, "accuracy"), (frames.chosen(comparison), "curves")):
        means = 100 * runs.groupby(["dataset", "facet", "arm"])["test_accuracy"].mean()
        best = means["iris", "init large"].max()
        assert f"{best:.1f} %" in captions[f"acts-hidden-{kind}"]["alt"]
    assert "4 splits of 2 runs" in captions["acts-hidden-accuracy"]["caption"]
    assert "no verdict rests on them" in captions["acts-hidden-curves"]["caption"]
    assert "no verdict" not in captions["plain-length-curves"]["caption"]


def test_a_heaviside_layer_is_seen_to_learn_nothing_below(results):
    table = mechanics_table(Frames(results), results.comparisons[0])
    assert set(table.loc[table["zero_gradient"], "arm"]) == {"heaviside"}
    assert table["zero_gradient"].sum() == 4


def test_short_curves_keep_their_last_value(results):
    frames = Frames(results)
    runs = frames.chosen(results.comparisons[1])["run_id"]
    values = frames.epochs(list(runs), "test_accuracy")
    assert values.shape == (16, 5)
    assert np.isfinite(values).all()


def test_results_that_are_missing_leave_panels_empty(results, monkeypatch):
    runs = results.runs.copy()
    runs.loc[runs["dataset"] == "wine", ["status", "reason"]] = ["missing", "no results"]
    monkeypatch.setattr(Results, "runs", runs)
    frames = Frames(Results(results.folder, results.config))
    for sheet in sheets_of(results.config):
        drawing = Drawing(frames, sheet)
        KINDS[sheet.kind].draw(drawing)
        texts = [text.get_text() for panel in drawing.figure.axes for text in panel.texts]
        if sheet.name in ("acts-hidden-curves", "acts-hidden-sensitivity"):
            assert texts.count("no runs") == 2
        if sheet.name == "acts-hidden-curves":
            assert "wine (large): no runs" in drawing.captioned().alt


def test_places_are_in_the_order_of_the_config(results):
    places = list(Frames(results).places(results.comparisons[0]))
    assert places == [(d, f"init {i}") for d in ("iris", "wine") for i in ("large", "fan_in")]
    assert all(a != b for a, b in pairwise(places))
    assert isinstance(results.runs, pd.DataFrame)
