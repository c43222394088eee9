"""A page for a sweep of every shape: few or many datasets, no comparison, nothing but failures."""

import html
import re
import shutil

import pytest

from experiments.base.errors import UserError
from experiments.schema import chapters_of
from reports import reading
from reports.figures import figure_names
from tests.pages import MAIN, page_of, results_of

LONG = "the activation that has the longest name that a label may be"[:60]
CJK, RIGHT_TO_LEFT = "修正线性单元 ReLU", "שכבה נסתרת"


def study(datasets, arms=("sigmoid", "tanh"), **settings):
    base = {"layers": [3], "epochs": 2}
    return {"datasets": datasets, "base": base, "grid": {"hidden": list(arms)}} | settings


def moons(count):
    """Return datasets that differ: generated points, more of them in each."""
    options = [{"samples": 40 + 10 * i} for i in range(count)]
    return {f"m{i}": {"source": "two_moons", "options": o} for i, o in enumerate(options)}


def compared(datasets, **settings):
    return study(datasets, compare="hidden", **settings)


def labelled(*labels):
    settings = [{"hidden": name} for name in ("sigmoid", "tanh", "relu")]
    arms = [{"label": label, **s} for label, s in zip(labels, settings, strict=True)]
    grid = {"unit": arms, "init": ["large", "fan_in"]}
    given = {"datasets": ["iris"], "base": {"layers": [3], "epochs": 2}, "grid": grid}
    return given | {"compare": ["unit", "init"]}


def tuned(datasets):
    made = compared(datasets)
    return made | {"tune": "eta", "grid": made["grid"] | {"eta": [0.1, 1.0]}}


SHAPES = {
    "one_study": {"seeds": 6, "studies": {"s": compared(["iris"])}},
    "confirmed": {
        "seeds": 3,
        "confirm": {"splits": 2, "seeds": 1},
        "studies": {"s": tuned(["iris"])},
    },
    "confirmed_on_twenty": {
        "seeds": 2,
        "confirm": {"splits": 3, "seeds": 1},
        "datasets": moons(20),
        "studies": {"s": tuned(list(moons(20)))},
        "headline": [{"study": "s", "a": "tanh", "b": "sigmoid"}],
    },
    "no_comparison": {"seeds": 6, "studies": {"s": study(["iris"])}},
    "one_seed": {"seeds": 1, "studies": {"s": study(["iris", "wine"])}},
    "two_arms_on_twenty": {
        "seeds": 6,
        "datasets": moons(20),
        "studies": {"s": compared(list(moons(20)))},
    },
    "two_arms_on_six": {
        "seeds": 6,
        "datasets": moons(6),
        "studies": {"s": compared(list(moons(6)))},
    },
    "three_arms_on_seven": {
        "seeds": 7,
        "datasets": moons(7),
        "studies": {"s": compared(list(moons(7)), arms=("sigmoid", "tanh", "relu"))},
    },
    "regression": {
        "seeds": 6,
        "datasets": {"ring": {"source": "ising1d", "options": {"L": 6, "samples": 60}}},
        "studies": {
            "s": compared(["ring"])
            | {"base": {"layers": [3], "epochs": 2, "output": "identity", "cost": "mse"}}
        },
    },
    "all_diverged": {
        "seeds": 6,
        "studies": {
            "s": compared(["iris"], arms=("relu", "identity"))
            | {"base": {"layers": [3], "epochs": 3, "eta": 1e300}}
        },
    },
    "odd_labels": {"seeds": 7, "studies": {"s": labelled(LONG, CJK, RIGHT_TO_LEFT)}},
}  # fmt: skip


SLOW = (
    "confirmed_on_twenty",
    "two_arms_on_twenty",
    "three_arms_on_seven",
    "regression",
    "all_diverged",
    "odd_labels",
)
PARAMS = [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in SHAPES]


@pytest.fixture(scope="module", params=PARAMS)
def shape(request, tmp_path_factory):
    """Return the name of a shape, its sweep and its page."""
    sweep = results_of(tmp_path_factory.mktemp(request.param), SHAPES[request.param])
    return request.param, sweep, page_of(sweep.results)


def test_a_sweep_of_any_shape_has_a_whole_page(shape):
    name, sweep, text = shape
    anchors = set(re.findall(r'\sid="([^"]*)"', text))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= anchors
    shown = {f"fig-{name}" for name in figure_names(sweep.plan.config)}
    assert shown <= anchors
    words = html.unescape(re.sub(r"<(script|style|code)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S))
    assert not re.findall(r".{40}\b(?:nan|None|inf)\b.{40}", words)
    assert "has not been drawn yet" not in words
    assert "<h2" in text
    assert ("fig-s-hidden-ranks" in anchors) == ("_on_twenty" in name)
    lacking = "6 characters" if name == "odd_labels" else ""
    assert lacking in sweep.note
    assert bool(sweep.note) == bool(lacking)


def test_a_sweep_of_any_shape_has_answers_that_lead_to_its_appendix(shape):
    _, sweep, appendix = shape
    text = page_of(sweep.results, MAIN)
    anchors = set(re.findall(r'\sid="([^"]*)"', text))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= anchors
    there = set(re.findall(r'\sid="([^"]*)"', appendix))
    made_elsewhere = {"tab-claims", "tab-equations", "equations"}  # by steps not run here
    assert set(re.findall(r'href="appendix.html#([^"]*)"', text)) - made_elsewhere <= there
    words = html.unescape(re.sub(r"<(script|style|code)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S))
    assert not re.findall(r".{40}\b(?:nan|None|inf)\b.{40}", words)
    assert text.count("<h2") == len(list(chapters_of(sweep.plan.config))) + 4


# ---------------------------------------------------------------- damaged files


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the folder of a finished sweep, with claims and equations that are made up."""
    folder = results_of(tmp_path_factory.mktemp("whole"), SHAPES["one_study"]).results
    claims = "id,claim,kind,source,comparison,basis,test,verdict,datasets,explanation\n"
    row = "N1,A claim.,by experiment,note,s-hidden,6 seeds on one split,better,open,,It is.\n"
    (folder / "claims.csv").write_text(claims + row)
    assert "A claim." in page_of(folder)
    return folder


@pytest.mark.parametrize(
    "name",
    ["provenance.json", "runs.parquet", "curves.parquet", "claims.csv", "figures/captions.json",
     "figures/s-hidden-curves.svg", "tables/s-hidden-tests.csv"],
)  # fmt: skip
def test_a_file_that_was_cut_is_named_with_what_to_do(whole, tmp_path, name):
    folder = tmp_path / "shape"
    shutil.copytree(whole, folder)
    path = folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match=rf"{path.name} cannot be read.*[:;] delete it and run"):
        page_of(folder)


DAMAGES = {
    "cut": lambda path: path.write_text("a,b\n1"),
    "empty": lambda path: path.write_text(""),
    "not a text": lambda path: path.write_bytes(b"\xff\xfe\n"),
    "too long a row": lambda path: path.write_text("a,b\n1,2\n1,2,3\n"),
    "a folder": lambda path: path.mkdir(),
    "missing": lambda path: None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("read", [reading.read_csv, reading.read_json, reading.read_svg])
def test_whatever_is_wrong_with_a_file_it_is_named(tmp_path, read, damage):
    path = tmp_path / "file"
    DAMAGES[damage](path)
    with pytest.raises(UserError, match=r"file cannot be read \(.+\): delete it"):
        read(path)
