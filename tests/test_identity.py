"""A run's id: frozen, and the same after all edits that change no result."""

import ast
import copy
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from pydantic import Field, create_model

from experiments import schema
from experiments.base import canonical, digest, store
from experiments.base.errors import UserError
from experiments.datasets import DATASETS, Data, Options
from experiments.datasets.making import prepare
from experiments.datasets.source import Shape, Source
from experiments.plan import Plan, expand, make_plan
from experiments.plan.outlook import run_states
from experiments.results.provenance import write_provenance
from experiments.results.show import show_run
from experiments.results.verification import stored_plan, verify
from experiments.schema import settings, validate
from experiments.training import fields, packing, run_id
from experiments.training.fields import ALWAYS, FIELDS, NEVER, identity
from tests.sweeps import TINY, Sweep

QUICK = Path("experiments/config/quick.yaml")

QUICK_IDS = "b8c34129d74794eadeda36c41a82b84a2d714a3ae6a885d21782ffc517d7618e"
"""The SHA-256 of quick's sorted ids. If it changes, all that anybody has trained is lost: then a
field lacks its neutral value, or a neutral value was changed."""

SOME_OF_QUICK = {
    "9b55d2133939c4b3": '{"cost":"mse","data":"iris-76e2c19405","epochs":10,"output":"sigmoid",'
    '"seed":0,"sizes":[4,10,3]}',
    "4e42d279a6635830": '{"cost":"mse","data":"wine-1d3a804537","epochs":10,"eta":10.0,'
    '"output":"sigmoid","seed":0,"sizes":[13,10,3]}',
    "e46701f6bc771c37": '{"data":"wine-1d3a804537","epochs":33,"eta":10.0,"seed":9,'
    '"sizes":[13,10,3],"update":"epoch"}',
}


def quick() -> Plan:
    return make_plan(QUICK)


# --- What is frozen -----------------------------------------------------------------------------


def test_the_ids_of_quick_are_frozen():
    plan = quick()
    for name, said in SOME_OF_QUICK.items():
        assert digest(said)[:16] == name
        assert canonical(identity(plan.runs[name])) == said
    assert digest(canonical(sorted(plan.runs))) == QUICK_IDS


def test_every_setting_is_in_the_table_once():
    """A setting that is added needs a row in training/fields.py, with its neutral value."""
    keys = [key for field in FIELDS for key in field.keys]
    assert sorted(keys) == sorted(schema.FIELDS)
    made = next(iter(quick().runs.values()))
    assert set(made) == {field.name for field in FIELDS}
    assert {f.name for f in FIELDS if f.neutral in (ALWAYS, NEVER)} == {
        "data", "dataset", "sizes", "seed",
    }  # fmt: skip


def test_a_field_without_a_row_is_an_error():
    with pytest.raises(KeyError, match=r"fields\.py has no row for momentum"):
        run_id(next(iter(quick().runs.values())) | {"momentum": 0.9})
    with pytest.raises(KeyError, match="seed"):
        run_id({"data": "iris-1", "sizes": [4, 3]})


@pytest.mark.parametrize(
    "field", [f for f in FIELDS if f.neutral not in (ALWAYS, NEVER)], ids=lambda f: f.name
)
def test_a_neutral_value_may_be_said_or_not(field):
    spec = next(iter(quick().runs.values()))
    unsaid = {name: value for name, value in spec.items() if name != field.name}
    assert run_id(unsaid) == run_id(unsaid | {field.name: field.neutral})
    assert run_id(unsaid) != run_id(unsaid | {field.name: "another"})


# --- What renames nothing -----------------------------------------------------------------------


def with_field(monkeypatch, key: str, default: float, neutral: float) -> None:
    """Add a setting and its row of the table, as a later version of the project may."""
    larger = create_model("Setting", __base__=schema.Setting, **{key: (float, Field(default))})
    monkeypatch.setattr(settings, "Setting", larger)
    monkeypatch.setattr(schema, "FIELDS", schema.FIELDS | {key: key})
    monkeypatch.setattr(settings, "FIELDS", settings.FIELDS | {key: key})
    monkeypatch.setattr(fields, "_NAMES", fields._NAMES | {key})
    monkeypatch.setattr(fields, "_NEUTRAL", fields._NEUTRAL | {key: neutral})


def test_a_new_setting_with_its_neutral_value_renames_no_run(monkeypatch):
    before = quick()
    with_field(monkeypatch, "momentum", 0.0, 0.0)
    after = quick()
    assert "momentum" in next(iter(after.runs.values()))
    assert list(after.runs) == list(before.runs)
    assert [job.name for job in after.jobs] == [job.name for job in before.jobs]


def test_a_new_setting_with_another_value_renames_its_runs(monkeypatch):
    before = quick()
    with_field(monkeypatch, "momentum", 0.9, 0.0)
    assert not quick().runs.keys() & before.runs.keys()


def test_a_changed_default_renames_no_run_that_says_the_value(monkeypatch):
    content = copy.deepcopy(TINY)
    content["studies"]["activations"]["base"]["batch_size"] = 10
    before = expand("x", validate(content)).runs
    changed = create_model(
        "Setting", __base__=schema.Setting, batch_size=(settings.Whole, Field(32))
    )
    monkeypatch.setattr(settings, "Setting", changed)
    assert list(expand("x", validate(content)).runs) == list(before)


def test_a_dataset_may_have_any_name():
    content = copy.deepcopy(TINY)
    content["datasets"] = {"flowers": {"source": "iris"}}
    content["studies"]["activations"]["datasets"] = ["flowers"]
    plan, usual = expand("x", validate(content)), expand("x", validate(TINY))
    assert list(plan.runs) == list(usual.runs)
    assert plan.data["flowers"].key == usual.data["iris"].key
    assert plan.data["flowers"].to_json() == usual.data["iris"].to_json()
    assert {spec["dataset"] for spec in plan.runs.values()} == {"flowers"}


def test_the_text_of_a_source_is_no_part_of_an_id():
    """Neither the plan nor the sources read any source's own text."""
    for path in (
        "experiments/plan/runs.py",
        "experiments/datasets/reference.py",
        "experiments/datasets/source.py",
    ):
        names = {n.attr for n in ast.walk(ast.parse(Path(path).read_text("utf-8")))
                 if isinstance(n, ast.Attribute)}  # fmt: skip
        assert not names & {"__file__", "read_text", "getsource"}


# --- What a dataset is --------------------------------------------------------------------------


class Small(Options):
    """Options of a source for tests."""

    noise: float = 0.5
    seed: int = 0


class Points(Source):
    """A source for tests."""

    Options = Small
    version = 1

    def shape(self, options):
        return Shape(40, 2, 2)

    def load(self, options):
        rng = np.random.default_rng([options.seed, self.version])
        return {"X": rng.standard_normal((40, 2)), "y": np.arange(40) % 2}


@pytest.fixture
def points(monkeypatch) -> Points:
    source = Points()
    source.name = "points"
    monkeypatch.setitem(DATASETS._components, "points", source)
    return source


def key(**options) -> str:
    return Data("mine", "points", options, True).key


def test_options_at_their_defaults_say_nothing(points, monkeypatch):
    assert key() == key(noise=0.5) == key(seed=0, noise=0.5)
    assert len({key(), key(seed=1), key(noise=1.0), key(noise=2.0)}) == 4
    assert key(noise=1) == key(noise=1.0)
    before = [key(), key(seed=3)]
    monkeypatch.setattr(points, "Options", create_model("O", __base__=Small, more=(int, 7)),
                        raising=False)  # fmt: skip
    assert [key(), key(seed=3)] == before
    assert key(more=8) != before[0]


def test_options_that_only_say_where_files_are_say_nothing(points, monkeypatch):
    class Located(Small):
        outside: ClassVar = frozenset(("path",))
        path: str = ""

    monkeypatch.setattr(points, "Options", Located, raising=False)
    assert key(path="here", seed=1) == key(path="there", seed=1) != key(path="here")


def table(path: Path, text: str, **options) -> Data:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return Data("mine", "table", {"path": str(path), "label": "y", **options}, True)


def test_a_file_is_its_content_wherever_it_is(tmp_path):
    text = "x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(20))
    first = table(tmp_path / "a" / "one.csv", text)
    assert table(tmp_path / "b" / "two.csv", text).key == first.key
    assert table(tmp_path / "b" / "two.csv", text, sha256="0" * 64).key == first.key
    assert table(tmp_path / "b" / "two.csv", text + "99,a\n").key != first.key
    assert table(tmp_path / "b" / "two.csv", text, task="regression").key != first.key
    assert str(tmp_path / "a" / "one.csv") in first.title


def test_a_source_knows_the_module_of_its_code():
    assert Data("flowers", "iris", {}, True).code_module == "experiments.datasets.bundled"


def test_other_code_of_a_source_retrains_only_if_the_arrays_are_others(points, tmp_path):
    content = copy.deepcopy(TINY)
    content["studies"]["activations"]["datasets"] = ["points"]
    sweep = Sweep(tmp_path, content)
    assert sweep.train() == 32
    (data,) = sweep.plan.data.values()
    prepare(data, sweep.data / f"{data.key}.bin")
    assert {s.state for s in run_states(sweep.plan, sweep.data, sweep.shared).values()} == {
        "cached"
    }
    points.version = 2
    prepare(data, sweep.data / f"{data.key}.bin")
    states = run_states(sweep.plan, sweep.data, sweep.shared).values()
    assert {(s.state, s.reason) for s in states} == {("stale", "the data changed")}


def test_a_job_of_other_data_is_made_again_when_it_is_collected(points, tmp_path):
    content = copy.deepcopy(TINY)
    content["studies"]["activations"]["datasets"] = ["points"]
    sweep = Sweep(tmp_path, content)
    sweep.train()
    sweep.collect()
    whole = (sweep.results / "curves.parquet").read_bytes()
    points.version = 2
    (data,) = sweep.plan.data.values()
    prepare(data, sweep.data / f"{data.key}.bin")
    sweep.collect()
    assert (sweep.results / "curves.parquet").read_bytes() != whole


# --- The lists that are derived -----------------------------------------------------------------


def test_what_a_stack_shares():
    assert set(packing.STACK_FIELDS) == {
        "data", "split", "train_fraction", "standardise", "sizes", "hidden", "output", "cost",
        "batch_size", "epochs", "update", "penalty", "patience", "dtype", "record_train",
        "record_every", "defects", "optimizer", "label_smoothing", "class_weight", "dropout",
        "select", "metrics",
    }  # fmt: skip


# --- Results of another version -----------------------------------------------------------------


def test_results_whose_runs_have_other_ids_are_told_in_a_sentence(tmp_path):
    sweep = Sweep(tmp_path)
    sweep.train()
    sweep.collect()
    write_provenance(sweep.plan, sweep.config, sweep.results, sweep.data)
    for name in ("runs.parquet", "curves.parquet"):
        table = pd.read_parquet(sweep.results / name)
        table["run_id"] = table["run_id"].map(lambda old: digest(old)[:16])
        table.to_parquet(sweep.results / name, index=False)
    sweep.write_plan()
    with pytest.raises(UserError, match="another version of this project, whose runs have other"):
        verify(stored_plan(sweep.results), sweep.results, sweep.data)
    name = digest(next(iter(sweep.plan.runs)))[:16]
    with pytest.raises(UserError, match="another version of this project, whose runs have other"):
        list(show_run(name, sweep.results.parent, sweep.data, redo=True))
    odd = {"classes": 3, "data": "x", "specs": [{"momentum": 1}]}
    store.write_text(sweep.results / "plan.txt", f"abc {canonical(odd)}\n")
    with pytest.raises(UserError, match=r"plan\.txt is damaged or of another version"):
        list(show_run(name, sweep.results.parent, sweep.data, redo=True))
