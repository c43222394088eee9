"""Configs that extend another one, and changes of the command line."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from experiments.__main__ import main
from experiments.base.errors import ConfigError, UserError
from experiments.plan import check_options, make_plan, planned, signature, sweep_options
from experiments.plan.launching import snakemake_command
from experiments.results.cleaning import clean
from experiments.schema import (
    CONFIGS,
    changes_of,
    freeze,
    frozen_config,
    inherited,
    load,
    options_of,
    placed,
    refuse_namesake,
)
from experiments.schema.frozen import origin_of
from experiments.schema.inherited import _merged, read_whole
from tests.sweeps import TINY, Sweep, write_config

QUICK = CONFIGS.absolute() / "quick.yaml"
BASE = """\
seeds: 8
confirm: none
studies:
  a:
    datasets: [iris, wine]
    base: {layers: [5], epochs: 3}
    grid: {hidden: [sigmoid, tanh], eta: [0.1, 1.0]}
    compare: hidden
    tune: eta
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(inherited, "CONFIGS", CONFIGS.absolute())
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def written(text: str, name: str = "mine.yaml") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def as_if_whole(**changed) -> dict:
    """Return BASE with changed keys of its study."""
    content = yaml.safe_load(BASE)
    content["studies"]["a"] |= changed
    return content


# ---------------------------------------------------------------- what is merged


def test_mappings_are_merged_lists_replaced_and_null_removes(folder):
    path = written(
        "extends: base.yaml\nstudies: {a: {datasets: [iris], base: {epochs: 4}, tune: null,"
        " grid: {eta: null}}}"
    )
    same = as_if_whole(
        datasets=["iris"], base={"layers": [5], "epochs": 4}, grid={"hidden": ["sigmoid", "tanh"]}
    )
    del same["studies"]["a"]["tune"]
    assert load(path) == load(write_config(folder, same, "same"))


def test_a_chain_is_laid_over_one_after_another(folder):
    written("extends: base\nseeds: 9\ntitle: below", "middle.yaml")
    path = written("extends: middle\nseeds: 10")
    config = load(path)
    assert (config.seeds, config.title) == (10, "below")
    assert [p.name for p in read_whole(path).files] == ["mine.yaml", "middle.yaml", "base.yaml"]


def test_a_name_is_that_of_a_config_of_the_project(folder):
    assert load(written("extends: quick\ntitle: T")).studies == load(QUICK).studies
    assert load(written("extends: quick.yaml\ntitle: T")).title == "T"


def test_a_path_is_beside_the_config_not_in_the_current_folder(folder):
    (folder / "b").mkdir()
    written(BASE.replace("8", "11"), "b/base.yaml")
    assert load(written("extends: base.yaml", "b/mine.yaml")).seeds == 11
    assert load(written("extends: ../base.yaml", "b/mine.yaml")).seeds == 8


values = st.recursive(
    st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def leaves(value, path=()) -> dict[tuple, object]:
    if not isinstance(value, dict):
        return {path: value}
    return {
        p: leaf for key, inner in value.items() for p, leaf in leaves(inner, (*path, key)).items()
    }


@given(mappings, mappings)
def test_each_value_above_counts_and_below_it_what_it_does_not_replace(below, above):
    laid, kept = leaves(above), leaves(below)
    kept = {
        p: v for p, v in kept.items() if not any(p[: len(q)] == q or q[: len(p)] == p for q in laid)
    }
    assert leaves(_merged(below, above)) == kept | laid
    assert _merged(below, {}) == below
    assert _merged(below, dict.fromkeys(below)) == {}


# ---------------------------------------------------------------- changes


def test_a_change_is_as_an_edit_of_the_config(folder):
    changes = ["studies.a.datasets=[iris]", "seeds=9", "studies.a.base={epochs: 4}"]
    same = as_if_whole(datasets=["iris"], base={"layers": [5], "epochs": 4}) | {"seeds": 9}
    edited = write_config(folder, same, "same")
    assert load(Path("base.yaml"), changes) == load(edited)
    assert load(Path("base.yaml"), ["seeds=9", "seeds=10"]).seeds == 10
    assert load(Path("base.yaml"), ["studies.a.tune=null"]).studies["a"].tune is None


def test_only_runs_that_a_change_makes_are_new(folder):
    before = make_plan(Path("base.yaml")).runs
    after = make_plan(Path("base.yaml"), ["studies.a.seeds=10"]).runs
    assert before.items() <= after.items()
    assert len(after) - len(before) == 2 * 2 * 2 * 2


def test_snakemakes_set_and_the_commands_are_one_plan(folder):
    given = {"set": ["studies.a.seeds=10", "title=It's {odd}"], "job_seconds": 5}
    check_options(given)
    words = shlex.split(sweep_options(given))
    assert words[:4] == ["--set", "studies.a.seeds=10", "--set", "title=It's {odd}"]
    plan = planned("base.yaml", given)
    assert main(["write-plan", "base.yaml", *words, "--results", "results/base",
                 "--expect", signature(plan)]) == 0  # fmt: skip
    assert frozen_config(Path("results/base")) == plan.config
    assert planned("base.yaml", {"set": "seeds=10"}).config.seeds == 10


@pytest.mark.parametrize("value", [3, None, {"seeds": 3}, ["a=1", {"b": 2}]])
def test_other_forms_of_set_are_refused(value):
    with pytest.raises(UserError, match=r"^--config set=.*expected KEY=VALUE or a list of them"):
        check_options({"set": value})


def test_a_key_of_the_sweep_in_snakemakes_config_is_answered_with_set():
    with pytest.raises(UserError, match=r"--config seeds=.*unknown key.*set=\[\"seeds=\.\.\.\""):
        check_options({"seeds": 20})


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--set", "a=1", "-n"], ["-n", '--config=set=["a=1"]']),
        (["x", "--set=a=1", "--set", "b=2"], ["x", '--config=set=["a=1", "b=2"]']),
        (["--config", "job_seconds=3", "--set", "a=1"],
         ["--config", 'set=["a=1"]', "job_seconds=3"]),
        (["--config=partial=true", "--set", "a=1", "t"],
         ["--config", 'set=["a=1"]', "partial=true", "t"]),
    ],
)  # fmt: skip
def test_run_passes_changes_to_snakemake(folder, words, expected):
    command = snakemake_command(Path("base.yaml"), ["-c1", *words], 2)
    assert command[command.index("-c1") + 1 :] == expected


def test_run_refuses_a_change_without_text_and_two_ways_at_once(folder):
    with pytest.raises(UserError, match=r"^--set: expected KEY=VALUE"):
        snakemake_command(Path("base.yaml"), ["--set"], 2)
    with pytest.raises(UserError, match=r"given twice.*use --set alone"):
        snakemake_command(Path("base.yaml"), ["--config", "set=[a=1]", "--set", "b=1"], 2)


# ---------------------------------------------------------------- what is wrong, and where


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: bse.yaml", r"line 1: extends: there is no config 'bse.yaml' beside mine.yaml or "
                              r"in .*did you mean 'base'\?.*known: base, .*default"),
        ("extends: [a, b]", r"line 1: extends: expected the path of .*found \['a', 'b'\]"),
        ("title: x\nextends: mine.yaml", r"line 2: extends: a config cannot extend itself: "
                                         r"mine.yaml extends mine.yaml$"),
        ("extends: base.yaml\nstudies: {a: {tune: etta}}", r"line 2: studies.a.tune: "),
        ("extends: base.yaml\nstudies:\n  a:\n    grid: {hidden: null}",
         r"line \d of base.yaml: studies.a.compare.*'hidden'"),
        ("extends: base.yaml\nstudies:\n  a: {datasets: null}",
         r"line 3: studies.a.datasets: this key is required"),
        ("extends: base.yaml\nstudies:\n  b: null", r"line 3: studies.b: expected a mapping"),
        ("extend: base.yaml", r"extend: unknown key: extends: default lays"),
        ("extends: base.yaml\nseed: 3", r"line 2: seed: unknown key"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_was_made(folder, text, message):
    path = written(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith("mine.yaml: ")


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("a: [", r"^mine.yaml: line 1: extends: below.yaml: line 1, column \d: this is not YAML"),
        ("[1]", r"^mine.yaml: line 1: extends: below.yaml is not a mapping, found \[1\]"),
        ("seeds: -1\n" + BASE[9:], r"^mine.yaml: line 1 of below.yaml: seeds: "),
        ("extends: mine", r"cannot extend itself: mine.yaml extends below.yaml extends mine.yaml"),
        (
            "extends: gone",
            r"^mine.yaml: line 1: extends: line 1 of below.yaml: extends: there",
        ),
    ],
)
def test_a_mistake_of_the_config_below_names_its_file(folder, base, message):
    written(base, "below.yaml")
    with pytest.raises(ConfigError, match=message):
        load(written("extends: below.yaml"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("seeds", "expected KEY=VALUE, such as"),
        ("=3", "expected KEY=VALUE"),
        ("studies..seeds=3", "expected KEY=VALUE"),
        ("seeds=", "expected a value after =.*null removes the key"),
        ("seeds=[1", "this is not YAML"),
        ("extends=quick", "belongs into the config file"),
        ("studies.a.grid.eta[0]=3", "give the whole list"),
        ("studies.b.seeds=3", r"there is no study 'b'.*known: a$"),
        ("seeds=-1", "seeds: expected"),
        ("sedes=3", "sedes: unknown key.*did you mean 'seeds'"),
        ("studies.a.base={eta: much}", "studies.a.base.eta: expected"),
        ("studies.a.datasets=[iris, irs]", r"studies.a.datasets\[1\]: "),
        ("seeds.x=3", "seeds: expected"),
    ],
)
def test_a_mistake_of_a_change_names_the_change(folder, change, message):
    with pytest.raises(ConfigError, match=rf"^base.yaml: --set {re.escape(change)}: .*{message}"):
        load(Path("base.yaml"), [change])


def test_what_a_plan_refuses_names_the_change_too(folder):
    with pytest.raises(ConfigError, match=r"^base.yaml: --set .*l2}}: studies.a: the penalty"):
        make_plan(Path("base.yaml"), ["studies.a={base: {penalty: l2}}"])
    gone = placed(ConfigError("seeds", "wrong"), Path("gone.yaml"))
    assert str(gone) == "gone.yaml: seeds: wrong"


def test_the_command_says_it_in_one_line(folder, capsys):
    assert main(["plan", "base.yaml", "--set", "seeds=many"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("error: base.yaml: --set seeds=many: seeds: expected a")


# ---------------------------------------------------------------- the copy in the results


def test_the_copy_is_whole_and_says_where_it_came_from(folder):
    path, results = written("extends: base.yaml\nseeds: 9"), Path("results/mine")
    changes = ["studies.a.datasets=[iris]", 'title="é # {x}"']
    freeze(load(path, changes), str(path), results, changes)
    copy = results / "config.yaml"
    Path("base.yaml").unlink()
    path.unlink()
    config = load(copy)
    assert (config.seeds, config.title) == (9, "é # {x}")
    assert config.studies["a"].datasets == ["iris"]
    comments = [line for line in copy.read_text().splitlines() if line.startswith("#")][1:]
    assert comments[:2] == ['# config: "mine.yaml"', '# extends: "base.yaml"']
    assert (origin_of(results), changes_of(results)) == ("mine.yaml", changes)
    assert options_of(results, "") == [
        "--configfile", "mine.yaml", "--config", f"set={json.dumps(changes)}",
    ]  # fmt: skip


def test_a_config_of_the_same_name_and_changes_is_no_other_one(folder):
    freeze(load(Path("base.yaml"), ["seeds=9"]), "base.yaml", Path("results/base"), ["seeds=9"])
    (folder / "b").mkdir()
    other = written(BASE.replace("8", "9"), "b/base.yaml")
    refuse_namesake(other, load(other), Path("results/base"))


def test_runs_of_a_changed_sweep_are_not_cleaned_away(folder):
    sweep = Sweep(folder, TINY)
    changed = make_plan(sweep.config, ["studies.activations.seeds=9"])
    assert len(sweep.plan.runs) < len(changed.runs)
    sweep.plan = changed
    sweep.train()
    changes = ["studies.activations.seeds=9"]
    freeze(changed.config, str(sweep.config), sweep.results, changes)
    of = ([sweep.config], sweep.data, sweep.shared)
    assert any(
        "of runs that no config has: 0 files" in x for x in clean(*of, results=folder / "results")
    )
    assert any("of runs that no config has: 4 files" in x for x in clean(*of))
