"""Names and texts that would do harm further on: refused, or harmless where they arrive."""

import shutil
import time
from pathlib import Path

import pytest

from experiments.base import store
from experiments.base.errors import ConfigError, UserError
from experiments.plan import chosen_config, expand, make_plan, planned
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from experiments.schema import load, parse, validate
from experiments.training import made_from, run_id
from experiments.training.job import cached_name
from tests.sweeps import TINY, Sweep, write_config

SCRIPT = "<script>alert(1)</script>$(touch x)"
HOSTILE = [SCRIPT, "a|b `c` [d](e)", "\\input /etc/passwd ~^", "\\textbf{"]
STUDY = "studies: {a: {datasets: [iris], seeds: 8, %s}}"
LABEL = "grid: {x: [{label: %s, eta: 0.1}, {eta: 0.2}]}"

REFUSED = {
    STUDY % LABEL % r'"\ud800"': r"^line 1: characters that cannot be printed",
    STUDY % LABEL % r'"a\0b"': r"^line 1: characters that cannot be printed",
    STUDY % LABEL % r'"\u202ea"': r"^line 1: characters that cannot be printed",
    STUDY % LABEL % r'"a\nb"': r"^studies\.a\.grid\.x\[0\]\.label: expected .* on one line",
    STUDY % LABEL % '""': r"^studies\.a\.grid\.x\[0\]\.label: expected 1 to 60",
    STUDY % LABEL % '" "': r"^studies\.a\.grid\.x\[0\]\.label: expected 1 to 60",
    STUDY % LABEL % ("x" * 61): r"^studies\.a\.grid\.x\[0\]\.label: expected 1 to 60",
    STUDY % LABEL % "1": r"^studies\.a\.grid\.x\[0\]\.label: expected a text, found 1",
    STUDY % 'grid: {"x\\n": [{eta: 0.1}]}': r"^studies\.a\.grid\.x\n: an axis needs",
    STUDY % "grid: {x: [{eta: 0.1}, {eta: 0.2}], eta: [0.3, 0.4]}":
        r"^studies\.a\.grid\.eta: 'eta' is set by the axis 'x'",
    STUDY % "grid: {hidden: [relu, tanh]}, compare: [hidden, hidden]":
        r"^studies\.a\.compare\[1\]: 'hidden' stands twice",
    STUDY % "grid: {hidden: [relu, tanh]}, compare: hidden, pairs: []":
        r"^studies\.a\.pairs: the list is empty.*leave the key out to test all pairs",
    STUDY % "grid: {eta: [1, 2]}, per_dataset: {iris: {eta: 3}}":
        r"^studies\.a\.per_dataset\.iris\.eta: .*set by the axis 'eta'",
    STUDY % "grid: {p: [{eta: 1}, {eta: 2}]}, per_dataset: {iris: {eta: 3}}":
        r"^studies\.a\.per_dataset\.iris\.eta: .*set by the axis 'p'",
    "studies: {pairs: {datasets: [iris]}, Pairs: {datasets: [iris]}}":
        r"^studies\.Pairs: 'Pairs' and 'pairs' differ only in case",
    "{datasets: {a: {source: iris}, A: {source: wine}}, studies: {s: {datasets: [a, A]}}}":
        r"^datasets\.A: 'A' and 'a' differ only in case",
    STUDY % "grid: {hidden: [relu, tanh]}, compare: hidden, pairs: [[relu, relu]]":
        r"^studies\.a\.pairs\[0\]: expected two arms",
    STUDY % "grid: {hidden: [relu, tanh]}, compare: hidden, pairs: [[relu, tanh], [tanh, relu]]":
        r"^studies\.a\.pairs\[1\]: .*each pair once",
    STUDY % ("grid: {eta: [%s], batch_size: [%s], epochs: [%s]}"
             % ((", ".join(map(str, range(1, 101))),) * 3)):
        r"^studies\.a\.grid: stands for 8,000,000 runs, the limit is 1,000,000",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_texts_and_grids_that_would_do_harm_later_are_refused(text):
    with pytest.raises(ConfigError, match=REFUSED[text]):
        validate(parse(text))


def test_a_long_list_of_seeds_is_read_in_a_moment():
    start = time.monotonic()
    validate({"studies": {"a": {"datasets": ["iris"], "seeds": list(range(90_000))}}})
    assert time.monotonic() - start < 10


def test_two_comparisons_that_would_write_one_file_are_refused():
    study = {"datasets": ["iris"], "seeds": 8}
    arms = [{"eta": 0.1}, {"eta": 0.2}]
    one = study | {"grid": {"b-c": arms}, "compare": "b-c"}
    two = study | {"grid": {"c": arms}, "compare": "c"}
    with pytest.raises(ConfigError, match="two comparisons would write the table a-b-c-arms"):
        expand("x", validate({"studies": {"a": one, "a-b": two}}))
    with pytest.raises(ConfigError, match="two comparisons would write the table a-b-c-arms"):
        expand("x", validate({"studies": {"a": one, "A-B": two}}))


def test_a_file_name_that_ends_with_a_line_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="becomes a folder"):
        load(write_config(tmp_path, TINY, "tiny\n"))


@pytest.mark.parametrize("value", [-1, 0, "nan", "abc", True, [1]])
def test_options_of_the_command_line_are_refused_by_a_sentence(tmp_path, value):
    path = write_config(tmp_path, TINY)
    with pytest.raises(UserError, match="job_seconds"):
        planned(str(path), {"job_seconds": value})


def test_a_job_that_is_too_large_is_refused_with_the_name_of_the_file(tmp_path):
    study = {"datasets": ["digits"], "base": {"layers": [2000, 2000]}, "seeds": 1}
    content = {"studies": {"a": study}, "resources": {"memory_mb": 100}}
    with pytest.raises(ConfigError, match=r"tiny\.yaml: line 11: .*_mb: a job of 64-2000"):
        make_plan(write_config(tmp_path, content))


def test_a_path_with_braces_is_taken_as_it_is():
    """Snakemake takes braces for wildcards in texts, but not in what a function returns."""
    assert chosen_config(["my {configs}/tiny.yaml"]) == "my {configs}/tiny.yaml"


def test_hostile_labels_are_text_in_every_table(tmp_path):
    names = ("sigmoid", "tanh", "relu", "identity")
    arms = [{"label": label, "hidden": h} for label, h in zip(HOSTILE, names, strict=True)]
    study = TINY["studies"]["activations"]
    content = {"seeds": 8, "studies": {"a": study | {"grid": {"x": arms}, "compare": "x"}}}
    content["studies"]["a"].pop("tune")
    sweep = Sweep(tmp_path, content)
    sweep.train()
    sweep.collect()
    write_tables(Results(sweep.results, load(sweep.config)), tmp_path / "tables")
    markdown = (tmp_path / "tables" / "a-x-arms.md").read_text(encoding="utf-8")
    assert r"\<script\>alert(1)\</script\>\$(touch x)" in markdown
    assert r"a\|b \`c\` \[d\](e)" in markdown
    latex = (tmp_path / "tables" / "a-x-arms.tex").read_text(encoding="utf-8")
    assert r"\textbackslash{}input /etc/passwd \textasciitilde{}\textasciicircum{}" in latex
    assert r"\textbackslash{}textbf\{" in latex
    assert r"\$(touch x)" in latex
    assert "\\input" not in latex


def test_a_cached_run_of_another_version_or_another_run_is_trained_again(tmp_path):
    sweep = Sweep(tmp_path)
    sweep.train()
    sweep.collect()
    whole = (sweep.results / "curves.parquet").read_bytes()
    (data,) = sweep.data.iterdir()
    checksum = store.read(data)[0]["checksum"]
    one, two, three, four = list(sweep.plan.runs.values())[:4]
    paths = [sweep.cache / cached_name(spec, checksum) for spec in (one, two, three, four)]
    shutil.copy(paths[1], paths[0])
    meta, arrays = store.read(paths[1])
    store.write(paths[1], {"made_from": meta["made_from"]}, arrays)
    meta, arrays = store.read(paths[2])
    store.write(paths[2], meta | {"made_from": {}}, arrays)
    meta, arrays = store.read(paths[3])
    store.write(paths[3], meta, {"curves": arrays["curves"][:2]})
    for path in (sweep.results / "jobs").iterdir():
        path.unlink()
    assert sweep.train() == 4
    named = [path.name for path in paths if any(path.name in text for text in sweep.said)]
    assert len(named) == 4
    sweep.collect()
    assert (sweep.results / "curves.parquet").read_bytes() == whole
    assert run_id(one) in paths[0].name


def collected(folder: Path) -> tuple[Sweep, bytes, Path]:
    """Return a sweep that is collected, its curves, and the file of its one job."""
    sweep = Sweep(folder)
    sweep.train()
    sweep.collect()
    (path,) = (sweep.results / "jobs").iterdir()
    return sweep, (sweep.results / "curves.parquet").read_bytes(), path


@pytest.mark.parametrize("key", ["runs", "fingerprints", "columns"])
def test_a_job_of_another_version_is_made_again(tmp_path, key):
    sweep, whole, path = collected(tmp_path)
    meta, arrays = store.read(path)
    (group,) = meta["groups"]
    del group[key]
    store.write(path, meta, arrays)
    sweep.collect()
    assert (sweep.results / "curves.parquet").read_bytes() == whole
    assert key in store.read(path)[0]["groups"][0]


@pytest.mark.parametrize("key", ["groups", "choices"])
def test_a_job_of_a_version_without_groups_is_made_again(tmp_path, key):
    sweep, whole, path = collected(tmp_path)
    meta, arrays = store.read(path)
    del meta[key]
    store.write(path, meta, arrays)
    with pytest.raises(LookupError):
        made_from(path)  # so Snakemake is told that it is of an older version
    sweep.collect()
    assert (sweep.results / "curves.parquet").read_bytes() == whole


def test_to_collect_nothing_is_refused_even_when_gaps_are_accepted(tmp_path):
    with pytest.raises(UserError, match="no results of any job \\(1 job in all\\)"):
        Sweep(tmp_path).collect(partial=True)


@pytest.mark.parametrize("name", ["cache", "logs", "benchmark", "timings"])
def test_a_config_named_like_another_folder_of_the_results_is_refused(tmp_path, name):
    with pytest.raises(ConfigError, match=f"results/{name} holds other things"):
        load(write_config(tmp_path, TINY, name))


def test_a_damaged_dataset_is_refused_with_what_to_do(tmp_path):
    sweep = Sweep(tmp_path)
    sweep.train()
    shutil.rmtree(sweep.results)
    (path,) = sweep.data.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=rf"{path.name} is damaged.* Delete it and run"):
        sweep.train()
    path.unlink()
    assert sweep.train() == 0  # the cache holds the runs of the same values


FLOWERS = """
studies:
  s:
    datasets: [%s]
    grid: {hidden: [sigmoid, tanh]}
    compare: hidden
"""


def test_two_names_for_the_same_data_are_refused():
    text = "datasets: {flowers: {source: iris}}\n" + FLOWERS % "iris, flowers"
    with pytest.raises(ConfigError, match=r"'flowers' is the same data as 'iris'.*count twice"):
        validate(parse(text))
    validate(parse(text.replace("source: iris", "source: iris, standardise: false")))


def test_a_published_share_in_place_of_percent_is_refused():
    number = "    published: [{arm: tanh, accuracy: %s, source: a book}]\n"
    with pytest.raises(ConfigError, match="expected percent, such as 97"):
        validate(parse(FLOWERS % "iris" + number % "0.97"))
    validate(parse(FLOWERS % "iris" + number % "97"))
