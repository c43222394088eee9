"""Families of planned pairs in the config: what is accepted, and each mistake in one line."""

import pytest

from experiments import schema
from experiments.base.errors import ConfigError

STUDY = {
    "datasets": ["iris"],
    "grid": {
        "hidden": ["relu", "tanh", "sigmoid"],
        "init": ["large", "fan_in"],
        "epochs": [1, 2],
        "eta": [0.1, 1.0],
    },
    "compare": ["hidden", "init"],
    "tune": "eta",
}


def config(**keys):
    return schema.validate({"studies": {"s": STUDY, "t": {"datasets": ["iris"]}}, **keys})


def test_a_planned_pair_reaches_the_comparison_of_its_axis():
    pair = {"study": "s", "a": "relu", "b": "tanh", "at": {"epochs": 2}}
    other = {"study": "s", "a": "large", "b": "fan_in"}
    found = config(headline=[pair], families={"starts": [other]})
    hidden, init = schema.comparisons(found)
    assert [(name, p.a, p.at) for name, p in hidden.planned] == [
        ("headline", "relu", {"epochs": ["2"]})
    ]
    assert [(name, p.a) for name, p in init.planned] == [("starts", "large")]
    assert "planned" in hidden.kinds
    assert "planned" not in next(schema.comparisons(config())).kinds


PAIR = {"study": "s", "a": "relu", "b": "tanh"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"families": {"f": []}}, r"families\.f: the family has no pairs"),
        ({"families": {"headline": [PAIR]}}, r"families\.headline: .*give another name"),
        ({"headline": [{**PAIR, "study": "r"}]}, r"headline\[0\]\.study: 'r' is not a study"),
        ({"headline": [{**PAIR, "study": "t"}]}, r"'t' compares nothing"),
        ({"headline": [{**PAIR, "a": "rel"}]}, r"headline\[0\]\.a: 'rel' is not an arm.*'relu'"),
        ({"headline": [{**PAIR, "b": "relu"}]}, r"headline\[0\]: expected two different arms"),
        ({"headline": [{**PAIR, "b": "large"}]}, r"headline\[0\]: .*one axis"),
        ({"headline": [{**PAIR, "at": {"epoch": 1}}]}, r"headline\[0\]\.at: 'epoch'.*'epochs'"),
        ({"headline": [{**PAIR, "at": {"eta": 1}}]}, r"\.at: 'eta' is not another axis"),
        ({"headline": [{**PAIR, "at": {"epochs": 3}}]}, r"\.at\.epochs: '3' is not a value"),
        (
            {"headline": [PAIR, {**PAIR, "a": "tanh", "b": "relu"}]},
            r"headline\[1\]: .*headline\[0\] already",
        ),
        (
            {"headline": [PAIR], "families": {"f": [PAIR]}},
            r"^families\.f\[0\]: .* by headline\[0\] already, and a test has one interval",
        ),
        (
            {"headline": [{**PAIR, "at": {"epochs": 1}}], "families": {"f": [PAIR]}},
            r"^families\.f\[0\]: .* by headline\[0\] already",
        ),
        (
            {"headline": [{**PAIR, "at": {"epochs": [1, 2]}}, {**PAIR, "at": {"epochs": 2}}]},
            r"^headline\[1\]: .*'at'$",
        ),
        (
            {"headline": [{**PAIR, "a": {"label": 3}}]},
            r"headline\[0\]\.a: expected a label that is a text",
        ),
        (
            {"headline": [{**PAIR, "a": {"label": None}}]},
            r"headline\[0\]\.a: .*, found {'label': None}",
        ),
        (
            {"headline": [{**PAIR, "a": {"as_many_updates_as": 2, "with_defects": 3}}]},
            r"headline\[0\]\.a: expected a value of an axis, or its label",
        ),
        (
            {"headline": [{**PAIR, "at": {"init": []}}]},
            r"at\.init: .* not empty, found \[\]",
        ),
        ({"headline": [{**PAIR, "c": 1}]}, r"headline\[0\]\.c"),
        ({"headline": "relu"}, r"headline"),
    ],
)
def test_a_wrong_family_is_refused_with_its_place(keys, message):
    with pytest.raises(ConfigError, match=message):
        config(**keys)


def test_a_pair_may_be_planned_at_different_values_in_two_families():
    first, second = ({**PAIR, "at": {"epochs": epochs}} for epochs in (1, 2))
    mirrored = {**second, "a": "tanh", "b": "relu"}
    found = config(headline=[first], families={"f": [mirrored]})
    assert [name for name, _ in next(schema.comparisons(found)).planned] == ["headline", "f"]


def test_a_planned_pair_must_be_declared():
    study = {**STUDY, "pairs": [["relu", "tanh"]]}
    with pytest.raises(ConfigError, match=r"not among the pairs that the study declares"):
        schema.validate({"studies": {"s": study}, "headline": [{**PAIR, "b": "sigmoid"}]})
