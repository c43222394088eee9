"""Every source of data that needs no file: what comes is what was announced, and repeatable."""

import numpy as np
import pytest
from pydantic import ValidationError

from experiments.base.store import read
from experiments.claims import load_claims
from experiments.datasets import DATASETS, Data, Shape
from experiments.datasets.making import prepare
from experiments.plan import Plan, make_plan
from experiments.schema import axis_label
from experiments.schema.compared import comparisons
from reports.figures.pictures.boundaries import boundaries

SMALL = {
    "ising1d": {"L": 8, "samples": 40},
    "ising2d": {"L": 4, "configurations": 10},
    "mnist1d": {"samples": 200},
}


def makes_itself(source) -> bool:
    return not any(field.is_required() for field in source.Options.model_fields.values())


GENERATED = [name for name, source in DATASETS.items() if makes_itself(source)]
each_source = pytest.mark.parametrize("name", GENERATED)


@pytest.mark.parametrize("name", DATASETS)
def test_every_source_says_where_it_is_from(name):
    source = DATASETS[name]
    assert source.description
    assert source.licence
    assert source.citation
    assert type(source).__doc__


@each_source
def test_what_comes_is_what_was_announced(name, tmp_path):
    data = Data(name, name, SMALL.get(name, {}), True)
    prepare(data, tmp_path / "x.bin")
    meta, arrays = read(tmp_path / "x.bin")
    assert arrays["X"].shape == (data.shape.samples, data.shape.features)
    assert meta["classes"] == data.shape.classes
    if data.shape.classes:
        assert arrays["y"].dtype == np.int64
        assert np.unique(arrays["y"]).tolist() == list(range(data.shape.classes))
    else:
        assert arrays["y"].shape == (data.shape.samples, data.shape.targets)


@each_source
def test_sources_are_repeatable_and_go_by_their_seed(name):
    source, options = DATASETS[name], SMALL.get(name, {})
    first, again = (source.load(source.Options(**options))["X"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    if "seed" in source.Options.model_fields:
        other = source.load(source.Options(**options, seed=7))["X"]
        assert (first != other).any()


@pytest.mark.parametrize("arms", [2, 3])
def test_spirals_without_noise_lie_on_their_arms(arms):
    source = DATASETS["spirals"]
    made = source.load(source.Options(samples=60, arms=arms, noise=0.0, turns=1.5))
    r = np.hypot(*made["X"].T)
    turned = np.arctan2(*made["X"].T[::-1]) / (2 * np.pi) - 1.5 * r - made["y"] / arms
    np.testing.assert_allclose(turned, np.round(turned), atol=1e-12)
    assert set(np.bincount(made["y"])) == {60 // arms}


@pytest.mark.parametrize(
    ("name", "options"),
    [("spirals", {"arms": 4}), ("two_moons", {"samples": 3}), ("two_moons", {"noise": -1.0})],
)
def test_options_out_of_range_are_refused(name, options):
    with pytest.raises(ValidationError):
        DATASETS[name].Options(**options)


# --- The shipped configs ------------------------------------------------------------------------


def companion(name: str) -> Plan:
    return make_plan(f"experiments/config/{name}.yaml")


@pytest.mark.parametrize("name", ["companion", "companion_small"])
def test_the_companion_configs_hold_what_its_claims_ask_for(name):
    """Studies, axes, facets and arms that S1-S11 name are there under the same labels."""
    config = companion(name).config
    declared = {(c.study, c.axis): c for c in comparisons(config)}
    for claim in (c for c in load_claims() if c.id.startswith("S")):
        for rule in claim.rule:
            comparison = declared[claim.study, rule.axis or claim.axis]
            grid = config.studies[claim.study].grid
            labels = {axis: [axis_label(v) for v in values] for axis, values in grid.items()}
            named = [getattr(rule, k, None) for k in ("a", "b", "arm")]
            named += [*getattr(rule, "arms", ()), *getattr(rule, "weights", ())]
            assert {n for n in named if n is not None} <= set(comparison.arms), claim.id
            wanted = getattr(rule, "cell", {}).items()
            assert all(value in labels[axis] for axis, value in wanted), claim.id
            for axis, values in rule.facets.items():
                assert set(values) <= set(labels[axis]), claim.id


def test_the_companion_study_is_as_large_as_published():
    plan = companion("companion")
    sizes = {name: data.shape for name, data in plan.data.items()}
    assert sizes["ising_described"] == sizes["ising_sampled"] == Shape(10_000, 1600, 2)
    equal = {e.run_id for e in plan.entries if "equal updates" in e.labels.get("program", "")}
    assert {spec["epochs"] for name, spec in plan.runs.items() if name not in equal} == {500}
    assert max(plan.runs[name]["epochs"] for name in equal) < 500
    assert {spec["bias_init"] for spec in plan.runs.values()} == {"normal"}


def test_mnist1d_is_compared_from_no_hidden_layer_on():
    plan = companion("mnist1d")
    assert {tuple(spec["sizes"]) for spec in plan.runs.values()} == {
        (40, 10),
        (40, 100, 10),
        (40, 100, 100, 10),
    }


def test_boundaries_bend_where_the_activation_does():
    """Every activation tells most of the moons apart; the identity by a straight line."""
    _, found = boundaries("two_moons", epochs=40)
    assert [b.hidden for b in found] == ["sigmoid", "tanh", "relu", "heaviside", "identity"]
    assert all(b.accuracy > 0.8 for b in found)
    for boundary in found:
        ends = boundary.classes.sum(axis=0)  # height of the boundary over each column
        inside = ends[(ends > 0) & (ends < len(ends))]
        bends = np.abs(np.diff(inside, 2)).max()
        assert (bends <= 1) == (boundary.hidden == "identity")
