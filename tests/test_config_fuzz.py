"""Whatever a config holds: it is accepted, or refused with a message; never a traceback."""

import copy
import string
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.base.errors import ConfigError
from experiments.plan import expand
from experiments.schema import FIELDS, Config, parse, placed, validate
from experiments.schema.messages import join
from experiments.schema.reader import lines

keys = st.sampled_from(
    ["studies", "seeds", "title", "datasets", "a", "grid", "base", "tune", *FIELDS]
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(string.printable, max_size=8),
    st.sampled_from(["iris", "eta", "relu", "softmax", "mse"]),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
studies = st.fixed_dictionaries({"studies": st.dictionaries(keys, trees, max_size=2)})


tokens = st.lists(
    st.sampled_from(
        ["studies", ": ", "\n", "  ", "- ", "{", "}", "[", "]", ", ", "&a ", "*a", "<<: ", "!!int ",
         "!x ", "1e-3", "? ", "|", ">", "'", '"', "#", "%YAML 1.1", "---", "010", "1:30", "no",
         "~", "datasets", "iris", "grid", "eta", "\t", "\u200b", "\\x00", "0x_", ".inf", "é"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


def accepted_or_refused(text: str) -> None:
    try:
        config = validate(parse(text))
        assert isinstance(config, Config)
        expand("x", config)
    except ConfigError as error:
        said = str(placed(error, Path("x.yaml"), text))
        assert said.startswith("x.yaml: ")


@settings(max_examples=120)
@given(trees | studies)
def test_any_tree_is_accepted_or_refused_with_a_message(tree):
    accepted_or_refused(yaml.safe_dump(tree))


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_accepted_or_refused_with_a_message(text):
    accepted_or_refused(text)


@settings(max_examples=150)
@given(tokens)
def test_any_pieces_of_yaml_are_accepted_or_refused_with_a_message(text):
    accepted_or_refused(text)


fields = st.sampled_from([*FIELDS, "x"])
study = st.fixed_dictionaries(
    {"datasets": st.just(["iris"]), "seeds": st.just(8)},
    optional={
        "base": st.dictionaries(fields, leaves, max_size=3),
        "grid": st.dictionaries(fields, st.lists(leaves, max_size=3), max_size=2),
        "exclude": st.lists(st.dictionaries(fields, leaves, max_size=2), max_size=2),
        "compare": leaves,
    },
)  # fmt: skip


@settings(max_examples=120)
@given(study)
def test_any_study_is_accepted_or_refused_with_a_message(tree):
    accepted_or_refused(yaml.safe_dump({"studies": {"a": tree}}))


RIGHT = {
    "datasets": ["iris", "wine"],
    "seeds": 8,
    "base": {"layers": [3], "epochs": 3, "lambda": 0.1, "penalty": "l2"},
    "per_dataset": {"wine": {"batch_size": 5}},
    "grid": {
        "hidden": ["relu", "tanh"],
        "eta": [0.1, 1],
        "pair": [{"label": "a", "cost": "mse", "output": "sigmoid"}, {"cost": "cross_entropy"}],
    },
    "exclude": [{"hidden": "relu", "eta": 1}],
    "compare": ["hidden", "pair"],
    "tune": "eta",
    "pairs": [["relu", "tanh"]],
    "published": [{"arm": "relu", "accuracy": 90.5, "source": "a book"}],
}
"""A study that holds every key, to be spoilt in one or two places."""


def places(tree: object, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    inside = {dict: dict.items, list: enumerate}.get(type(tree), lambda leaf: ())
    for key, value in inside(tree):
        found += places(value, (*path, key))
    return found


PLACES = places(RIGHT)
near = st.sampled_from(
    ["relu", "tanh", "mse", "l2", "none", "wine", "no", "1:30", 0, 1, -1, 0.5, 1e9, True, None, [],
     {}, [1], ["relu"], {"label": "b"}, {"as_many_updates_as": 3}, [[]], [[1]], "x" * 70, 10**30]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), near | leaves), min_size=0, max_size=2))
def test_a_right_study_with_wrong_places_is_accepted_or_refused(changes):
    study = copy.deepcopy(RIGHT)
    for path, value in changes:
        inner = study
        try:
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = value
        except (TypeError, KeyError, IndexError):  # an earlier change has replaced the place
            continue
    try:
        expand("x", validate({"studies": {"a": study}}))
    except ConfigError as error:
        assert str(error)  # noqa: PT017 - a refusal is one of two good ends


def test_the_right_study_is_accepted():
    assert expand("x", validate({"studies": {"a": RIGHT}})).runs


def test_every_place_of_a_config_has_its_line():
    text = yaml.safe_dump({"studies": {"a": RIGHT}}, sort_keys=False)
    known, written = lines(text), text.splitlines()
    for path in PLACES:
        line = written[known[join("studies.a", path)] - 1]
        assert f"{path[-1]}:" in line if isinstance(path[-1], str) else "-" in line
