"""The commands list, show, clean and schema, and the tables as pandas frames."""

import ast
import contextlib
import importlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import experiments.results.cleaning as cleaning
import experiments.results.show as showing
from experiments.__main__ import main
from experiments.base import FolderCache
from experiments.base.errors import UserError
from experiments.datasets import DATASETS
from experiments.plan import describe, make_plan, pace
from experiments.results import MEANINGS
from experiments.results.load import load_results, natural_order
from experiments.schema import CONFIGS as CONFIGS_FOLDER
from experiments.schema import FIELDS, Setting, listing, naming, parse, project_configs, reference
from experiments.schema.frozen import freeze
from experiments.schema.naming import find_config, find_sweep
from reports.__main__ import main as reports_main
from tests.sweeps import TINY, Sweep, write_config

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / CONFIGS_FOLDER).glob("*.yaml"))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory) -> Sweep:
    made = Sweep(tmp_path_factory.mktemp("sweep"))
    made.train()
    made.collect()
    text = "".join(_plan_lines(made))
    (made.results / "plan.txt").write_text(text, encoding="utf-8")
    return made


def _plan_lines(made: Sweep):
    from experiments.training.planfile import plan_lines

    return plan_lines(made.plan)


# ---------------------------------------------------------------- list


def test_every_component_is_listed_with_its_equation():
    text = "\n".join(listing.describe_components())
    for family, registry in listing.families().items():
        assert family in text
        for name in registry:
            assert re.search(rf"^  {re.escape(name)}\b", text, flags=re.M), name
    assert re.search(r"^  relu +\(19\)-\(20\) +\\sigma", text, flags=re.M)
    assert re.search(r"^  inverse +\(23\)", text, flags=re.M)


def test_one_family_is_listed():
    lines = list(listing.describe_components("schedules"))
    assert lines[0] == "schedules"
    assert not any("tanh" in line for line in lines)


def test_an_unknown_family_comes_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'penalties'"):
        list(listing.describe("penaltys"))


def test_an_unknown_dataset_comes_with_the_nearest():
    with pytest.raises(UserError, match=r"family or dataset 'wein' \(did you mean 'wine'\?\)"):
        list(listing.describe("wein"))


def test_one_dataset_is_listed_with_its_options():
    lines = list(listing.describe("two_moons"))
    assert lines[0].startswith("two_moons: ")
    assert any(line.startswith("  option noise") for line in lines)
    assert not any(line.startswith("wine: ") for line in lines)


def test_the_help_names_what_people_call_and_not_the_steps_of_the_workflow(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = re.findall(r"^    ([a-z-]+)(?:  |$)", capsys.readouterr().out, flags=re.M)
    assert {"plan", "verify", "list", "show", "clean", "schema"} <= {*shown}
    assert not {"train", "collect", "tables", "write-plan"} & {*shown}


def test_datasets_are_listed_with_sizes_classes_and_sources():
    text = "\n".join(listing.describe_datasets())
    for name, source in DATASETS.items():
        assert re.search(rf"^{name}: ", text, flags=re.M)
        assert source.citation in text
    assert "1,797 samples, 64 features, 10 classes" in text
    assert "option samples" in text


# ---------------------------------------------------------------- show


def show(sweep, identity, **options):
    return "\n".join(
        showing.show_run(
            identity, sweep.folder / "results", sweep.data, configs=sweep.folder, **options
        )
    )


def test_a_run_is_shown_with_its_spec_results_command_and_curve(sweep):
    run = pd.read_parquet(sweep.results / "runs.parquet").iloc[5]
    text = show(sweep, run["run_id"][:10])
    assert f"run {run['run_id']} of tiny: activations" in text
    assert re.search(rf"eta +{run['eta']:g}\n", text)
    assert re.search(rf"test_accuracy +{run['test_accuracy']:.6g}\n", text)
    assert f"--configfile {sweep.config}" in text


def test_the_commands_of_a_run_can_be_pasted(sweep, monkeypatch, capsys):
    run = pd.read_parquet(sweep.results / "runs.parquet").iloc[5]["run_id"]
    lines = [line.strip() for line in show(sweep, run).splitlines()]
    redo = shlex.split(next(line for line in lines if line.endswith(str(sweep.data))))
    assert redo[:3] == ["python", "-m", "experiments"]
    assert main(redo[3:]) == 0
    assert "the same, to the bit" in capsys.readouterr().out
    assert f"snakemake --cores 2 --configfile {sweep.config}" in lines


def test_the_config_is_the_one_that_made_the_results(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    assert showing._config_of(folder, Path("configs")) == "configs/mine.yaml"
    command = {"command": "snakemake --cores 2 --configfile 'my own/mine.yaml'"}
    (folder / "provenance.json").write_text(json.dumps(command))
    assert showing._config_of(folder, Path("configs")) == "my own/mine.yaml"


def test_the_default_config_is_named_too():
    lines = list(showing._again(Path("results/default"), "abcd", CONFIGS_FOLDER, showing.DATA))
    assert "  python -m experiments show abcd --redo" in lines
    assert "  snakemake --cores 2 --configfile experiments/config/default.yaml" in lines


def test_without_a_core_a_plan_is_refused_in_a_sentence(sweep, capsys):
    places = ["--data", str(sweep.data), "--cache", str(sweep.cache)]
    assert main(["plan", str(sweep.config), "--cores", "0", *places]) == 2
    assert capsys.readouterr().err == "error: --cores: at least 1 is needed, found 0\n"
    assert main(["plan", str(sweep.config), "--cores", "1", *places]) == 0
    said = capsys.readouterr().out
    assert "tiny: 32 runs in 1 job\n" in said
    assert re.search(r"\nexpected: about .+ on 1 core: .+ of training and .+ for the rest", said)


def test_foretold_times_go_with_the_pace_of_the_machine(sweep):
    plan = make_plan(sweep.config)
    new = FolderCache(sweep.data.parent / "a new cache")

    def seconds(pace: float) -> list[int]:
        (line,) = [x for x in describe(plan, sweep.data, new, 1, pace) if "expected" in x]
        times = line.split("about")[1].split("on 1 core")[0], *line.split(":")[2].split("and")
        return [
            sum(int(n) * (60 if unit == "min" else 1) for n, unit in re.findall(r"(\d+) (\w+)", t))
            for t in times
        ]

    once, twice = seconds(1.0), seconds(2.0)
    assert once[0] == pytest.approx(sum(once[1:]), abs=10)  # said in tens of seconds
    assert twice == pytest.approx([2 * number for number in once], abs=20)


def test_the_pace_is_that_of_training():
    assert 0.01 < pace() < 100


@pytest.mark.parametrize("name", ["quick", "quick.yaml", "experiments/config/quick.yaml"])
def test_a_config_of_the_project_may_be_called_by_its_name(name, tmp_path, capsys):
    assert main(["plan", name, "--data", str(tmp_path), "--cache", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("quick: 1,420 runs")


@pytest.mark.parametrize("command", ["plan", "clean"])
def test_a_config_that_there_is_not_is_answered_with_the_nearest(command, capsys):
    assert main([command, "quik.yml"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: there is no config 'quik.yml' here or in experiments/config")
    assert "(did you mean 'quick'?); known: companion, " in said


def test_both_endings_of_a_config_are_found_by_its_name(tmp_path):
    for name in ("one.yaml", "two.yml"):
        (tmp_path / name).touch()
    for text in ("one", "one.yaml", str(tmp_path / "one.yaml")):
        assert find_config(text, tmp_path) == tmp_path / "one.yaml"
    for text in ("two", "two.yml"):
        assert find_config(text, tmp_path) == tmp_path / "two.yml"
    assert find_config("folder/none.yaml", tmp_path) == Path("folder/none.yaml")


def test_a_sweep_is_found_by_the_name_of_its_config(sweep, capsys):
    for text in ("tiny", "tiny.yaml", "experiments/config/tiny.yml"):
        assert find_sweep(text, sweep.results.parent) == sweep.results
    folder = sweep.results.parent / "tinny"
    folder.mkdir()
    (folder / "plan.txt").touch()
    assert main(["verify", "tinnny", "--results", str(folder.parent)]) == 2
    assert "(did you mean 'tinny'?); known: " in capsys.readouterr().err
    shutil.rmtree(folder)
    assert main(["show", "tiny", "--results", str(folder.parent)]) == 2
    assert f"from the column run_id of {sweep.results / 'runs.csv'}" in capsys.readouterr().err


def test_a_run_done_again_is_the_same_to_the_bit(sweep):
    run = pd.read_parquet(sweep.results / "runs.parquet").iloc[3]
    assert "the same, to the bit" in show(sweep, run["run_id"], redo=True)


@pytest.fixture
def shown(sweep, tmp_path) -> tuple[Path, str]:
    """A copy of the sweep's results that a test may spoil, and the name of a run."""
    folder = tmp_path / "results" / "tiny"
    shutil.copytree(sweep.results, folder)
    return folder, pd.read_parquet(folder / "runs.parquet").iloc[3]["run_id"]


def show_copy(sweep, shown, **options):
    folder, identity = shown
    lines = showing.show_run(identity, folder.parent, sweep.data, sweep.folder, **options)
    return "\n".join(lines)


def test_tables_that_cannot_be_read_are_named_and_hide_no_run(sweep, shown):
    results = shown[0].parent
    for name in ("cut", "foreign", "folder", "numbers"):
        (results / name).mkdir()
    (results / "cut" / "runs.parquet").write_bytes(b"PAR1")
    pd.DataFrame({"a": [1]}).to_parquet(results / "foreign" / "runs.parquet")
    (results / "folder" / "runs.parquet").mkdir()
    numbers = pd.DataFrame({"run_id": [1], "study": 1, "status": 1, "reason": 1})
    numbers.to_parquet(results / "numbers" / "runs.parquet")
    text = show_copy(sweep, shown)
    assert "status: ok" in text
    aside = [line for line in text.splitlines() if line.startswith("left aside: ")]
    assert [Path(line.split()[2]).parent.name for line in aside] == [
        "cut", "folder", "foreign", "numbers",
    ]  # fmt: skip
    assert all("cannot be read" in line and "delete it" in line for line in aside)
    with pytest.raises(UserError, match=r"no run in .*\n  left aside: .*cut.runs\.parquet"):
        list(showing.show_run("0123456789abcdef", results))


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "curves.parquet is not there; run snakemake"), (b"PAR1", "curves.parquet cannot be")],
)
def test_curves_that_cannot_be_read_are_named(sweep, shown, content, message):
    path = shown[0] / "curves.parquet"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        show_copy(sweep, shown, redo=True)


@pytest.mark.parametrize("content", [b"abc {", b"abc 3\n", b"abc {}\n", b"\xff", b"\n"])
def test_a_damaged_plan_is_named(sweep, shown, content):
    (shown[0] / "plan.txt").write_bytes(content)
    with pytest.raises(UserError, match=r"plan\.txt is damaged or of another version; delete it"):
        show_copy(sweep, shown, redo=True)


def test_a_run_that_comes_out_otherwise_is_an_error(sweep, shown):
    path = shown[0] / "curves.parquet"
    curves = pd.read_parquet(path)
    curves.loc[curves["run_id"] == shown[1], "test_cost"] += 0.25
    curves.to_parquet(path)
    with pytest.raises(UserError, match=r"numbers differ, by 0\.25 at most; .* verify tiny"):
        show_copy(sweep, shown, redo=True)


@pytest.mark.parametrize("stored", [0, 2])
def test_where_epochs_are_lost_nothing_is_the_same(sweep, shown, stored):
    path = shown[0] / "curves.parquet"
    curves = pd.read_parquet(path)
    curves[(curves["run_id"] != shown[1]) | (curves["epoch"] < stored)].to_parquet(path)
    with pytest.raises(UserError, match=f"{stored} of 4 epochs are stored"):
        show_copy(sweep, shown, redo=True)


def test_a_run_that_is_not_there(sweep):
    with pytest.raises(UserError, match="no run in"):
        show(sweep, "0123456789abcdef")
    with pytest.raises(UserError, match="is no name of a run"):
        show(sweep, "../../etc")


def test_a_beginning_that_many_runs_share(sweep, tmp_path):
    runs = pd.read_parquet(sweep.results / "runs.parquet")
    runs["run_id"] = "abcd" + runs["run_id"].str[4:]
    (tmp_path / "tiny").mkdir()
    runs.to_parquet(tmp_path / "tiny" / "runs.parquet")
    with pytest.raises(UserError, match="32 runs begin with abcd"):
        list(showing.show_run("abcd", tmp_path))


def test_a_skipped_combination_is_shown(tmp_path):
    content = json.loads(json.dumps(TINY))
    content["studies"]["activations"]["grid"]["cost"] = ["mse", "cross_entropy"]
    content["studies"]["activations"]["exclude"] = [{"hidden": "tanh", "cost": "mse"}]
    made = Sweep(tmp_path, content)
    made.train()
    made.collect()
    runs = load_results("tiny", tmp_path / "results").runs
    assert runs.status.value_counts()["skipped"] == 16


# ---------------------------------------------------------------- clean


@pytest.fixture
def used(sweep, tmp_path) -> Sweep:
    """A copy of the sweep's cache and data that a test may spoil."""
    made = Sweep(tmp_path)
    shutil.copytree(sweep.data, made.data)
    shutil.copytree(sweep.cache, made.cache)
    return made


def clean(sweep, *configs, **options):
    paths = configs or (sweep.config,)
    return "\n".join(cleaning.clean(paths, sweep.data, sweep.shared, **options))


def files(sweep) -> set[Path]:
    return {path for path in sweep.cache.glob("*/*") if path.is_file()}


def test_nothing_goes_that_a_config_refers_to(used):
    before = files(used)
    text = clean(used, delete=True)
    assert files(used) == before
    assert "in use: 32 files" in text
    assert "deleted: 0 files" in text


def test_what_no_config_refers_to_is_counted_and_goes_only_when_asked(used):
    fewer = json.loads(json.dumps(TINY))
    fewer["studies"]["activations"]["grid"]["eta"] = [0.1]
    config = write_config(used.folder, fewer, "fewer")
    before = files(used)
    text = clean(used, config)
    assert "of runs that no config has: 16 files" in text
    assert "--yes" in text
    assert files(used) == before
    clean(used, config, delete=True)
    assert len(files(used)) == 16
    used.results.mkdir(parents=True)
    assert used.train() == 16
    assert clean(used, config, used.config).count("16 files") == 0


def test_what_changed_since_is_told_from_what_nobody_has(used):
    path = sorted(files(used))[0]
    old = path.with_name(f"{path.name[:17]}{'0' * 32}.run")
    path.rename(old)
    assert f"changed since: 1 file, {old.stat().st_size:,} bytes" in clean(used)


def test_files_of_others_and_writes_under_way_are_left_alone(used):
    folder = next(iter(files(used))).parent
    (folder / "notes.txt").write_text("mine")
    begun = folder / f".{'a' * 16}-{'b' * 32}.run.x1y2z3a4.part"
    begun.write_text("")
    clean(used, delete=True)
    assert begun.exists()
    long_ago = time.time() - 2 * cleaning.ABANDONED
    os.utime(begun, (long_ago, long_ago))
    clean(used, delete=True)
    assert not begun.exists()
    assert (folder / "notes.txt").exists()


def test_what_was_begun_anywhere_is_listed_with_its_bytes(used, monkeypatch):
    results = used.folder / "results"
    begun = [
        used.data / ".iris-377e.bin.abcdefgh.part",
        results / "tiny" / "tables" / ".a-b-arms.csv.abcdefgh.part",
        next(iter(files(used))).parent / f".{'a' * 16}-{'b' * 32}.run.abcdefgh.part",
    ]
    others = [results / "tiny" / "notes.part", results / "tiny" / ".hidden"]
    for path in (*begun, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    text = clean(used, delete=True, results=results)
    assert "left over from interrupted writes: 0 files, 0 bytes" in text
    monkeypatch.setattr(cleaning, "ABANDONED", -1)
    text = clean(used, results=results)
    assert "left over from interrupted writes: 3 files, 3 bytes" in text
    assert all(f"  {path}: 1 byte" in text for path in begun)
    assert "--yes" in text
    assert all(path.exists() for path in begun)
    assert "deleted: 3 files" in clean(used, delete=True, results=results)
    assert not any(path.exists() for path in begun)
    assert all(path.exists() for path in others)


def test_stale_files_are_listed_one_by_one_up_to_a_number(used, monkeypatch):
    monkeypatch.setattr(cleaning, "MOST_LISTED", 2)
    for path in sorted(files(used))[:3]:
        path.rename(path.with_name(f"{path.name[:17]}{'0' * 32}.run"))
    lines = clean(used).splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("of runs that have changed"))
    assert [line.endswith(" bytes") for line in lines[first : first + 3]] == [True] * 3
    assert lines[first + 3] == "  and 1 more"


def test_where_data_is_not_made_all_of_its_runs_are_kept(used):
    shutil.rmtree(used.data)
    text = clean(used, delete=True)
    assert "data is not made for 32 runs" in text
    assert len(files(used)) == 32


def test_a_config_whose_files_are_away_is_left_aside_and_a_wrong_one_refused(used):
    table = {"source": "table", "options": {"path": "nowhere.csv", "label": "y"}}
    content = {"datasets": {"mine": table}, "studies": {"a": {"datasets": ["mine"], "seeds": 1}}}
    path = write_config(used.folder, content, "mine")
    text = clean(used, used.config, path)
    assert f"left aside: {path} (" in text
    assert "nowhere.csv" in text
    assert "in use: 32 files" in text
    wrong = write_config(used.folder, {"studies": {"a": {"datasets": ["irsi"]}}}, "wrong")
    with pytest.raises(UserError, match="did you mean 'iris'"):
        clean(used, used.config, wrong)


def away(sweep) -> tuple[Path, Path]:
    """Return a config whose table is away, and one that has half of the sweep's runs."""
    table = {"source": "table", "options": {"path": "nowhere.csv", "label": "y"}}
    content = {"datasets": {"mine": table}, "studies": {"a": {"datasets": ["mine"], "seeds": 1}}}
    fewer = json.loads(json.dumps(TINY))
    fewer["studies"]["activations"]["grid"]["eta"] = [0.1]
    folder = sweep.folder
    return write_config(folder, content, "mine"), write_config(folder, fewer, "fewer")


def write_plan(folder: Path, lines: list[str]) -> Path:
    path = folder / "results" / "mine" / "plan.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_runs_that_a_config_left_aside_has_planned_are_kept(used):
    mine, fewer = away(used)
    write_plan(used.folder, list(_plan_lines(used)))
    text = clean(used, fewer, mine, delete=True, results=used.folder / "results")
    assert "what its plan.txt names is kept: 32 runs" in text
    assert len(files(used)) == 32


@pytest.mark.parametrize("lines", [None, [], ["abc {"], ["abc 3\n"], ['a {"specs":[1]}\n']])
def test_without_a_plan_what_may_be_of_a_config_left_aside_is_kept(used, lines):
    mine, fewer = away(used)
    if lines is not None:
        write_plan(used.folder, lines)
    old = sorted(files(used))[0]
    spare = next(path for path in files(used) if path.name[:16] in make_plan(fewer).runs)
    stale = spare.with_name(f"{spare.name[:17]}{'0' * 32}.run")
    shutil.copy(spare, stale)
    text = clean(used, fewer, mine, delete=True, results=used.folder / "results")
    assert f"kept, also with --yes: they may be of {mine}, which has no plan.txt" in text
    assert "deleted: 1 file" in text
    assert old.exists()
    assert len(files(used)) == 32
    assert not stale.exists()


def test_runs_of_a_config_that_is_named_need_not_be_kept(used, monkeypatch, capsys):
    mine, fewer = away(used)
    monkeypatch.setattr(naming, "CONFIGS", used.folder)
    used.config.unlink()
    folders = [f"--data={used.data}", f"--cache={used.cache}", f"--results={used.folder}/results"]
    assert main(["clean", "--yes", *folders]) == 0
    assert f"let them go: --without {mine})" in capsys.readouterr().out
    assert len(files(used)) == 32
    assert main(["clean", "--yes", "--without", str(mine), *folders]) == 0
    assert len(files(used)) == len(make_plan(fewer).runs)


def test_a_plan_of_other_runs_lets_the_rest_go(used):
    mine, fewer = away(used)
    lines = list(_plan_lines(used))
    job = json.loads(lines[0].partition(" ")[2])
    named = [spec for spec in job["specs"] if spec["eta"] == 1.0][:3]
    write_plan(used.folder, [f"job {json.dumps(job | {'specs': named})}\n"])
    clean(used, fewer, mine, delete=True, results=used.folder / "results")
    assert len(files(used)) == 16 + 3


def test_configs_of_both_suffixes_count(used, monkeypatch):
    monkeypatch.setattr(naming, "CONFIGS", used.folder)
    used.config.rename(used.config.with_suffix(".yml"))
    _, fewer = away(used)
    (renamed,) = (path for path in project_configs() if path.suffix == ".yml")
    text = clean(used, fewer, renamed, delete=True)
    assert "tiny.yml" in text
    assert len(files(used)) == 32


def test_links_are_neither_followed_nor_deleted(used, tmp_path, monkeypatch):
    monkeypatch.setattr(cleaning, "ABANDONED", -1)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    theirs = elsewhere / f"{'a' * 16}-{'b' * 32}.run"
    begun = elsewhere / ".mine.csv.abcdefgh.part"
    theirs.write_text("x")
    begun.write_text("x")
    shard = min(files(used)).parent  # before there is a link, which a search may follow
    (used.cache / "zz").symlink_to(elsewhere)
    links = [shard / theirs.name, used.data / begun.name]
    for link, target in zip(links, (theirs, begun), strict=True):
        link.symlink_to(target)
    assert "deleted: 0 files" in clean(used, delete=True)
    assert theirs.exists()
    assert begun.exists()
    assert all(link.is_symlink() for link in links)


def test_without_configs_nothing_is_cleaned(used):
    with pytest.raises(UserError, match="name those to keep"):
        list(cleaning.clean([], used.data, used.shared, delete=True))
    assert len(files(used)) == 32


# ---------------------------------------------------------------- schema


def test_the_schema_is_the_models():
    text = (ROOT / reference.SCHEMA).read_text(encoding="utf-8")
    assert text == reference.json_schema(), "run python -m experiments schema"


def test_the_reference_is_the_models():
    text = (ROOT / reference.REFERENCE).read_text(encoding="utf-8")
    assert text == reference.config_reference(MEANINGS), "run python -m experiments schema"
    assert all(f"| `{key}` |" in text for key in FIELDS)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(reference.json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_fit_the_schema(path, validator):
    validator.validate(parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "study",
    [
        {"base": {"epoch": 3}},
        {"base": {"hidden": "softmax"}},
        {"grid": {"hidden": ["tahn"]}},
        {"grid": {"eta": [-1.0]}},
        {"grid": {"pair": [{"cots": "mse"}]}},
        {"per_dataset": {"iris": {"eta": "much"}}},
        {"exclude": [{"etta": 1}]},
        {"unknown": 1},
    ],
    ids=str,
)
def test_slips_do_not_fit_the_schema(study, validator):
    config = {"studies": {"s": {"datasets": ["iris"], **study}}}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(config)


def test_every_setting_has_its_words_in_the_schema():
    properties = json.loads(reference.json_schema())["$defs"]["Setting"]["properties"]
    assert len(properties) == len(Setting.model_fields)
    assert all(facts.get("description") for facts in properties.values())


def test_the_schema_is_written(tmp_path):
    lines = list(reference.write_schema(MEANINGS, tmp_path / "schema.json", tmp_path / "config.md"))
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == reference.json_schema()
    assert reference.SCHEMA_LINE in lines[-1]


# ---------------------------------------------------------------- tables as frames


def test_tables_come_with_their_types(sweep):
    tables = load_results("tiny", sweep.folder / "results")
    assert tables.runs["axis_eta"].cat.categories.tolist() == ["0.1", "1"]
    assert tables.runs["axis_hidden"].cat.categories.tolist() == ["sigmoid", "tanh"]
    assert tables.runs["status"].cat.categories.tolist() == ["ok", "diverged", "skipped", "missing"]
    assert tables.runs["status"].max() == "ok"
    assert tables.runs["eta"].dtype == "float64"
    assert len(tables.curves) == 32 * 4
    assert tables.claims is None
    assert tables.comparisons == {}


def test_a_folder_may_be_given_and_a_missing_one_is_named(sweep):
    assert len(load_results(sweep.results).runs) == 32
    with pytest.raises(UserError, match="there are some of tiny"):
        load_results("tinny", sweep.folder / "results")
    with pytest.raises(UserError, match="run snakemake first"):
        load_results("tinny", sweep.folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("runs.parquet", b"", "cannot be read"),
        ("runs.parquet", "foreign", "lacks the column labels"),
        ("curves.parquet", None, "is not there"),
        ("curves.parquet", b"", "cannot be read"),
        ("curves.parquet", b"PAR1 and no more", "cannot be read"),
        ("curves.parquet", "foreign", "lacks the column epoch"),
        ("claims.csv", b"", "cannot be read"),
        ("claims.csv", b"a,b\n1,2\n", "no column id"),
        ("equations.csv", b"\xff\xfe\x00", "cannot be read"),
        ("tables/a-b-arms.csv", b"", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named(shown, name, content, message):
    path = shown[0] / name
    path.parent.mkdir(exist_ok=True)
    if content is None:
        path.unlink()
    elif content == "foreign":
        pd.DataFrame({"a": [1]}).to_parquet(path)
    else:
        path.write_bytes(content)
    with pytest.raises(UserError, match=f"{name}.*{message}.*snakemake again"):
        load_results("tiny", shown[0].parent)


@pytest.mark.parametrize("labels", ["{", "3", "", None])
def test_damaged_labels_are_named(shown, labels):
    path = shown[0] / "runs.parquet"
    runs = pd.read_parquet(path)
    runs.loc[2, "labels"] = labels
    runs.to_parquet(path)
    with pytest.raises(UserError, match=r"runs\.parquet: the column labels is damaged"):
        load_results("tiny", shown[0].parent)


def test_a_name_that_is_no_text_is_refused(shown):
    with pytest.raises(UserError, match="found 3"):
        load_results(3, shown[0].parent)


def test_natural_order_of_what_is_mixed():
    mixed = ["updates of 3 epochs", "30", "9"]
    assert natural_order(mixed) == ["9", "30", "updates of 3 epochs"]


def test_loading_does_not_wait_for_the_commands():
    code = "import sys, experiments.results.load; assert 'experiments.plan' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


# ---------------------------------------------------------------- odd and damaged input


@pytest.mark.parametrize("name", ["runs.parquet", "curves.parquet"])
@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", "a folder", None])
@pytest.mark.parametrize("step", ["tables", "provenance", "explorer"])
def test_a_step_names_the_damaged_file_that_it_reads(sweep, shown, capsys, name, content, step):
    if step == "provenance" and (name == "curves.parquet" or content is None):
        pytest.skip("it does not need the file")
    path = shown[0] / name
    path.unlink()
    if content == "a folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    freeze(sweep.plan.config, "tiny.yaml", shown[0])
    command = reports_main if step == "explorer" else main
    assert command([step, "--results", str(shown[0])]) == 2
    said = capsys.readouterr().err
    assert re.search(rf"error: .*{name} (cannot be read|is not there).*again", said)


@pytest.mark.parametrize("module", ["experiments.__main__", "reports.__main__"])
def test_what_the_commands_import_is_there(module):
    tree = ast.parse(Path(importlib.import_module(module).__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                assert hasattr(importlib.import_module(node.module), alias.name)


NO_DATA = ["{", "[]", '"iris"', "{}", '{"source": "nope", "options": {}}',
           '{"source": "iris", "options": [1]}']  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        *((["data", text, "--out", "x.bin"], "names no dataset") for text in NO_DATA),
        (
            ["train", "--plan", "none", "--data", "d", "--out", "o.bin"],
            "none cannot be read as a plan",
        ),
        (["train", "--plan", ".", "--data", "d", "--out", "o.bin"], "cannot be read as a plan"),
        (["explorer", "--results", "none"], "none/runs.parquet is not there"),
    ],
)
def test_odd_input_of_a_command_is_answered_by_a_sentence(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        assert (reports_main if words[0] == "explorer" else main)(words) == 2
    assert message in said.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        ["verify", "tiny", "--sample", "0"],
        ["verify", "tiny", "--sample", "-3"],
        ["equations", "--results", "x", "--recipe", "{"],
        ["equations", "--results", "x", "--recipe", "[1]"],
    ],
)
def test_an_option_that_means_nothing_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert re.search("expected a (number of at least 1|mapping as JSON)", capsys.readouterr().err)


def test_a_name_that_no_file_can_have_is_no_config():
    with pytest.raises(UserError, match="there is no config 'xxx"):
        find_config("x" * 5000)


def test_equations_make_their_folder(tmp_path):
    assert main(["equations", "--results", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new/equations.csv").is_file()
