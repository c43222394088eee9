"""A page for a sweep of every shape: few or many datasets, no comparison, nothing but failures."""

import html
import re

import pytest

from reports.figures import figure_names
from tests.pages import page_of, results_of

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
    grid = {"unit": arms, "init": ["large", "fan_in"], "eta": [0.1, 1.0]}
    given = {"datasets": ["iris"], "base": {"layers": [3], "epochs": 2}, "grid": grid}
    return given | {"compare": ["unit", "init"], "tune": "eta"}


SHAPES = {
    "one_study": {"seeds": 6, "studies": {"s": compared(["iris"])}},
    "no_comparison": {"seeds": 6, "studies": {"s": study(["iris"])}},
    "one_seed": {"seeds": 1, "studies": {"s": study(["iris", "wine"])}},
    "two_arms_on_twelve": {
        "seeds": 6,
        "datasets": moons(12),
        "studies": {"s": compared(list(moons(12)))},
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


@pytest.fixture(scope="module", params=SHAPES)
def shape(request, tmp_path_factory):
    """Return the name of a shape, its sweep and its page."""
    sweep = results_of(tmp_path_factory.mktemp(request.param), SHAPES[request.param])
    return request.param, sweep, page_of(sweep.results)


def test_a_sweep_of_any_shape_has_a_whole_page(shape):
    _, sweep, text = shape
    anchors = set(re.findall(r'\sid="([^"]*)"', text))
    assert set(re.findall(r'href="#([^"]*)"', text)) <= anchors
    shown = {f"fig-{name}" for name in figure_names(sweep.plan.config)}
    assert shown <= anchors
    words = html.unescape(re.sub(r"<(script|style|code)\b.*?</\1>|<[^>]*>", " ", text, flags=re.S))
    assert not re.search(r"\b(nan|None|inf)\b", words), re.findall(r".{60}\bnan\b.{60}", words)[:3]
    assert "has not been drawn yet" not in words
    assert "<h2" in text
