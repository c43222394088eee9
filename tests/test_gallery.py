"""The gallery of the docs: a figure of every kind, and the words of a config that ask for it."""

import re
import runpy
from pathlib import Path

import pytest

from experiments.schema import Config, Study, load
from reports.figures import KINDS, picture_names, sheets_of
from reports.figures.pictures import PICTURES

DOCS = Path(__file__).parent.parent / "docs"
CONFIG = load(DOCS / "gallery.yaml")


def test_the_sweep_of_the_gallery_has_a_figure_of_each_kind_and_every_picture():
    assert {sheet.kind for sheet in sheets_of(CONFIG)} == KINDS.keys()
    assert {*picture_names(CONFIG)} == PICTURES.keys()


def test_each_has_one_place_with_a_title_of_its_own():
    found = [*runpy.run_path(str(DOCS / "gallery.py"))["entries"](CONFIG)]
    assert len(found) == len(KINDS) + len(PICTURES)
    assert len({entry.name for entry in found}) == len({entry.title for entry in found})
    assert all(entry.asked for entry in found)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_words_that_ask_for_a_kind_are_keys_of_a_config(kind):
    keys = re.findall(r"`(\w+)", kind.asked)
    assert keys
    assert {*keys} <= {*Config.model_fields, *Study.model_fields}


def test_a_kind_of_one_compared_axis_is_drawn_for_that_axis_alone():
    found = {name: re.fullmatch(r"`compare: (\w+)`", kind.asked) for name, kind in KINDS.items()}
    named = {name: match[1] for name, match in found.items() if match}
    assert len(named) > 3
    axes = {(sheet.kind, sheet.comparison.axis) for sheet in sheets_of(CONFIG)}
    assert {(kind, axis) for kind, axis in axes if kind in named} == {*named.items()}
