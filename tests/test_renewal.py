"""What is done again after a change: what follows from it, and nothing else."""

import ast
import copy
import json
import os
import shutil
from pathlib import Path

import pytest

from experiments.base import closure, receipts, store
from experiments.claims import write_claims
from experiments.claims.programs import write_programs
from experiments.datasets.making import prepare
from experiments.equations import write_equations
from experiments.plan import contents
from experiments.probes import write_probes
from experiments.results.sweep import Results
from experiments.results.tables import write_tables
from experiments.results.verification import verify_files
from experiments.schema import Config, Resources, Statistics, Study, validate
from experiments.schema.frozen import freeze
from reports.explorer import write_explorer
from reports.figures import write_figures
from tests.sweeps import TINY, Renewed, Sweep

BASE = copy.deepcopy(TINY) | {"title": "Small"}
STUDY = BASE["studies"]["activations"]
STUDY |= {"title": "Which?", "question": "Which is best?"}
BASE["studies"]["programs"] = copy.deepcopy(STUDY) | {"claims_of": "activations"}
BASE["studies"]["programs"]["grid"]["program"] = [
    {"label": "right"}, {"label": "wrong", "defects": ["delta"]},
]  # fmt: skip
PAGES = {"report", "provenance"}
TABLES = {"tables", "claims", "figures"} | PAGES
AFTER_RUNS = {"collect", "explorer"} | TABLES
ALL = AFTER_RUNS | {"plan"}
PLANNED = {"study": "activations", "a": "tanh", "b": "sigmoid"}
PUBLISHED = {"arm": "tanh", "accuracy": 90.0, "source": "a book"}

CHANGES = {
    ("title",): ("Large", PAGES),
    ("seeds",): (9, AFTER_RUNS),
    ("confirm",): ({"splits": 2, "seeds": 1}, AFTER_RUNS),
    ("datasets",): ({"iris": {"standardise": False}}, AFTER_RUNS | {"baselines"}),
    ("pictures",): (["boundaries"], {"figures"} | PAGES),
    ("chapters",): ([{"question": "Which?", "comparisons": ["activations"]}], PAGES),
    ("headline",): ([PLANNED], TABLES),
    ("families",): ({"mine": [PLANNED]}, TABLES),
    ("statistics", "level"): (0.2, TABLES | {"baselines", "explorer"}),
    ("statistics", "margin"): (30.0, TABLES),
    ("statistics", "target_share"): (0.5, TABLES),
    ("resources", "memory_mb"): (700, PAGES),
    ("resources", "job_seconds"): (1e-4, AFTER_RUNS),
    ("studies", "title"): ("Another title", {"explorer", "figures"} | PAGES),
    ("studies", "question"): ("Another question?", {"explorer", "figures"} | PAGES),
    ("studies", "datasets"): (["wine"], AFTER_RUNS | {"baselines"}),
    ("studies", "seeds"): (7, AFTER_RUNS),
    ("studies", "base"): ({"layers": [6], "epochs": 3}, AFTER_RUNS),
    ("studies", "per_dataset"): ({"iris": {"epochs": 4}}, AFTER_RUNS),
    ("studies", "grid"): ({"hidden": ["sigmoid", "tanh"], "eta": [0.1, 0.5]}, AFTER_RUNS),
    ("studies", "exclude"): ([{"eta": 1.0, "hidden": "tanh"}], AFTER_RUNS),
    ("studies", "compare"): ("eta", TABLES | {"explorer"}),
    ("studies", "tune"): (None, TABLES | {"explorer"}),
    ("studies", "confirm"): ({"splits": 2, "seeds": 1}, AFTER_RUNS),
    ("studies", "pairs"): ([["sigmoid", "tanh"]], TABLES),
    ("studies", "published"): ([PUBLISHED], TABLES - {"figures"}),
    ("studies", "claims_of"): (None, {"claims"} | PAGES),
}


def changed(key: tuple[str, ...], value) -> dict:
    content = copy.deepcopy(BASE)
    if key[0] == "studies":
        study = "programs" if key[1] == "claims_of" else "activations"
        content["studies"][study][key[1]] = value
        if study == "activations":  # a repetition must fit to what it repeats
            del content["studies"]["programs"]["claims_of"]
        if key[1] == "compare":
            del content["studies"]["activations"]["tune"]
    elif len(key) == 2:
        content.setdefault(key[0], {})[key[1]] = value
    else:
        content[key[0]] = value
    return content


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Renewed:
    return Renewed(tmp_path_factory.mktemp("sweep"), BASE)


@pytest.fixture
def sweep(finished, tmp_path) -> Renewed:
    """A copy of the finished sweep that a test may damage."""
    copied = copy.copy(finished)
    copied.folder = tmp_path / "copy"
    shutil.copytree(finished.folder, copied.folder)
    copied.sweep = copy.copy(finished.sweep)
    copied.sweep.folder = copied.folder
    copied.sweep.results, copied.sweep.data = copied.folder / "results/tiny", copied.folder / "data"
    return copied


def test_every_key_of_the_schema_has_its_rules():
    keys = {("studies", k) for k in Study.model_fields}
    keys |= {("statistics", k) for k in Statistics.model_fields}
    keys |= {("resources", k) for k in Resources.model_fields}
    keys |= {(k,) for k in Config.model_fields} - {("studies",), ("statistics",), ("resources",)}
    assert set(CHANGES) == keys


def test_nothing_is_done_again_without_a_change(finished):
    assert finished.stale() == {}


@pytest.mark.parametrize("key", CHANGES, ids=".".join)
def test_a_changed_key_redoes_what_uses_it_and_no_more(finished, key):
    value, rules = CHANGES[key]
    if key[0] == "studies" and key[1] != "claims_of":
        rules = rules | {"claims"}  # since `changed` takes claims_of away
    found = set(finished.stale(changed(key, value)))
    assert found - {"train", "confirm", "data"} == rules | {"plan"}


def test_options_of_the_command_line_are_a_new_plan(finished):
    assert set(finished.stale(memory_mb=500)) == {"plan"} | PAGES


# ---------------------------------------------------------------- damage


PRODUCTS = {
    "runs.parquet": "collect", "runs.csv": "collect", "curves.parquet": "collect",
    "config.yaml": "plan", "plan.txt": "plan", "provenance.json": "provenance",
    "tables/activations-hidden-tests.csv": "tables", "claims.csv": "claims",
    "programs.csv": "claims", "equations.csv": "equations", "probes/path.csv": "probes",
    "tables/baselines.csv": "baselines",
    "figures/captions.json": "figures", "report.html": "report", "report.ipynb": "report",
    "appendix.html": "report",
    "explorer.html": "explorer",
}  # fmt: skip


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how == "cut":
        path.write_bytes(content[:-2])
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "flipped":
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


@pytest.mark.parametrize("how", ["removed", "cut", "emptied", "flipped", "a folder"])
def test_a_damaged_product_is_named(sweep, how):
    table, recipe = sweep.table(sweep.sweep.plan)
    said = {"removed": "missing", "a folder": "a folder"}.get(how, "damaged")
    for name, step in PRODUCTS.items():
        assert receipts.why_stale(table[step], recipe[step]) == ""
        path = sweep.sweep.results / name
        content = path.read_bytes()
        damage(path, how)
        assert receipts.why_stale(table[step], recipe[step]) == f"{name} is {said}"
        (sentence,) = receipts.damaged(sweep.sweep.results)
        assert name in sentence
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        path.write_bytes(content)


def test_what_follows_from_a_damaged_product_is_made_again_and_nothing_trained(sweep):
    damage(sweep.sweep.results / "tables/activations-hidden-tests.csv", "cut")
    assert set(sweep.stale()) == {"tables", "claims", "report"}
    damage(sweep.sweep.results / "curves.parquet", "flipped")
    assert set(sweep.stale()) == AFTER_RUNS


@pytest.mark.parametrize("how", ["removed", "cut", "emptied", "flipped"])
def test_damaged_data_is_made_again_and_nothing_trained(sweep, how):
    (path,) = sweep.sweep.data.iterdir()
    damage(path, how)
    assert set(sweep.stale()) >= {"data"}
    assert "train" not in sweep.stale()
    prepare(next(iter(sweep.sweep.plan.data.values())), path)
    assert sweep.stale() == {}


def test_a_lost_receipt_is_named_by_verify(sweep):
    said = []
    assert verify_files(sweep.sweep.results, said.append)
    receipts_of = [json.loads(p.read_text()) for p in sweep.sweep.results.glob("receipts/*.json")]
    made = sum(len(facts["products"]) for facts in receipts_of)
    jobs = len([*sweep.sweep.results.glob("jobs/*")])
    assert said == [f"{made + jobs} files checked: each is as it was written."]
    said.clear()
    (sweep.sweep.results / "receipts/collect.json").unlink()
    assert not verify_files(sweep.sweep.results, said.append)
    assert "receipts/collect.json is missing" in said[0]


def test_verify_says_how_a_damaged_file_of_a_job_is_made_again(sweep):
    job = next(sweep.sweep.results.glob("jobs/*"))
    job.write_bytes(job.read_bytes()[:-1])
    said = []
    assert not verify_files(sweep.sweep.results, said.append)
    assert job.name in said[0]
    assert said[1] == "1 file to make again: delete what is damaged, run snakemake"


def test_a_damaged_receipt_redoes_its_step(sweep):
    damage(sweep.sweep.results / "receipts/explorer.json", "cut")
    assert set(sweep.stale()) == {"explorer"}


def test_other_values_of_the_data_train_again(sweep):
    (path,) = sweep.sweep.data.iterdir()
    meta, arrays = store.read(path)
    store.write(path, meta | {"checksum": "another"}, arrays)
    assert {"train", *AFTER_RUNS} <= set(sweep.stale())


def test_times_and_copies_change_nothing(sweep):
    for number, path in enumerate(sorted(sweep.folder.rglob("*"), reverse=True)):
        os.utime(path, (1e9 + number, 1e9 + number))
    assert sweep.stale() == {}
    os.environ["MLP_CACHE"] = str(sweep.folder / "empty")
    try:
        assert sweep.stale() == {}
    finally:
        del os.environ["MLP_CACHE"]


def test_jobs_that_were_deleted_after_the_collection_are_not_missed(sweep):
    shutil.rmtree(sweep.sweep.results / "jobs")
    assert sweep.stale() == {}


# ---------------------------------------------------------------- code


@pytest.fixture
def source(tmp_path, monkeypatch) -> Path:
    """A copy of the project's source that a test may edit; closures are taken from it."""
    root = tmp_path / "source"
    for package in closure.PACKAGES:
        shutil.copytree(closure.ROOT / package, root / package)
    monkeypatch.setattr(closure, "ROOT", root)
    forget()
    yield root
    monkeypatch.undo()
    forget()


def forget() -> None:
    for cached in (closure._source, closure._find, closure._sha256, closure._meant):
        cached.cache_clear()


EDITS = {
    "experiments/results/collection.py": AFTER_RUNS,
    "experiments/results/provenance.py": AFTER_RUNS,  # collect notes the machine
    "experiments/results/tables.py": TABLES - {"provenance"},
    "experiments/schema/compared.py": TABLES | {"collect", "explorer", "baselines"},
    "experiments/schema/power.py": AFTER_RUNS | {"baselines"},
    "experiments/claims/programs.py": {"claims", "report"},
    "experiments/claims/pairs.py": {"claims", "report"},
    "experiments/equations/note.py": {"equations", "claims", "report"},
    "experiments/probes/path.py": {"probes", "claims", "figures", "report"},
    "experiments/results/show.py": set(),
    "experiments/results/best.py": set(),
    "experiments/results/exported.py": set(),
    "experiments/results/graph.py": set(),
    "experiments/plan/outlook.py": set(),
    "experiments/benchmark/measure.py": set(),
    "mlp/estimator/classifier.py": set(),
    "reports/figures/styles.py": {"figures", "explorer", "report"},
    "reports/explorer/data.py": {"explorer"},
    "reports/page/render.py": {"report"},
    "reports/page/pieces.py": {"report"},
    "reports/chapters/arms.py": {"report"},
    "reports/sentences/speed.py": {"report"},
    "reports/report.py": {"report"},
    "reports/appendix.py": {"report"},
    "reports/own_question.py": set(),
    "reports/figures/pictures/boundaries.py": {"figures", "report"},
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_module_redoes_the_rules_that_run_it(finished, source, name):
    path = source / name
    before = path.read_text("utf-8")
    path.write_text(before + "\n# a remark\n", "utf-8")
    forget()
    assert finished.stale() == {}
    path.write_text(before + "\n_ADDED = 1\n", "utf-8")
    forget()
    assert set(finished.stale()) == EDITS[name]
    path.write_text(before, "utf-8")
    forget()
    assert finished.stale() == {}


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("reports/figures/style.mplstyle", {"figures", "report"}),
        ("reports/page/page.css", {"report"}),
        ("reports/page/page.html.j2", {"report"}),
        ("reports/page/pieces.html.j2", {"report"}),
        ("reports/page/sorting.js", {"explorer", "report"}),
        ("reports/explorer/explorer.html.j2", {"explorer"}),
        ("reports/explorer/explorer.js", {"explorer"}),
        ("experiments/claims/claims.yaml", {"claims", "report"}),
        ("experiments/config/quick.yaml", set()),
        ("reports/captions/table.rst", set()),
    ],
)
def test_an_edited_template_redoes_the_rules_that_read_it(finished, source, name, rules):
    with (source / name).open("a", encoding="utf-8") as file:
        file.write(" ")
    forget()
    assert set(finished.stale()) == rules


def test_the_code_of_a_source_redoes_its_data_only_where_it_says_something_new(sweep, source):
    path = source / "experiments/datasets/bundled.py"
    text = path.read_text("utf-8")
    path.write_text(f"# another remark\n{text}", "utf-8")
    forget()
    assert sweep.stale() == {}
    path.write_text(f"{text}\n_ADDED = 1\n", "utf-8")
    forget()
    assert {"data", "train"} <= set(sweep.stale())


# ---------------------------------------------------------------- what a step really uses


def products(sweep: Sweep, folder: Path, content: dict) -> dict[str, dict[str, bytes]]:
    """Return what some steps make of the same runs with another config."""
    config = validate(content)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sweep.results, folder)
    freeze(config, "tiny.yaml", folder)
    results = Results(folder, config)
    write_tables(results, folder / "tables")
    write_probes(folder / "probes")
    write_equations(folder / "equations.csv")
    write_claims(results, folder / "tables", folder / "claims.csv")
    write_programs(results, folder / "programs.csv")
    write_figures(results, folder / "figures")
    write_explorer(folder, folder / "explorer.html")
    names = {"tables": "tables/*", "figures": "figures/*", "explorer": "explorer.html"}
    names["claims"] = "[cp]*[ds].csv"
    return {
        step: {path.name: path.read_bytes() for path in folder.glob(pattern)}
        for step, pattern in names.items()
    }


@pytest.mark.slow
def test_a_step_whose_products_change_is_one_that_is_done_again(tmp_path):
    sweep = Sweep(tmp_path, BASE)
    sweep.train()
    sweep.collect()
    before = products(sweep, tmp_path / "out/tiny", BASE)
    for key, (value, rules) in CHANGES.items():
        if "collect" not in rules and key != ("pictures",):
            content = changed(key, value)
            after = products(sweep, tmp_path / "out/tiny", content)
            different = {step for step in after if after[step] != before[step]}
            stated = rules | ({"claims"} if key[0] == "studies" else set())
            assert different <= stated, key


def test_a_damaged_benchmark_is_no_reason_to_stop(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff,1\n")
    (tmp_path / "folder.csv").mkdir()
    before = contents(str(tmp_path))
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xfe,1\n")
    assert contents(str(tmp_path)) != before


def test_what_was_read_of_sources_counts_for_this_reader_only(source, monkeypatch):
    before = closure._source(source / "mlp/costs.py")
    monkeypatch.setattr(closure, "READER", "another")
    closure._source.cache_clear()
    monkeypatch.setattr(closure, "_parsed", lambda path: ast.parse("import mlp"))
    assert closure._source(source / "mlp/costs.py") != before
