"""The archive of a sweep: all files, the same bytes, and a description that others can read."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from experiments.base import UserError, files, write_text
from experiments.plan import extra_steps, steps
from experiments.results import read_provenance
from experiments.schema import freeze, frozen_config
from reports.archive import code_digest, code_files, description, write_archive
from reports.figures import figure_files
from tests.pages import results_of
from tests.sweeps import TINY

ROOT = Path(__file__).parent.parent
RO_CRATE = "https://w3id.org/ro/crate/1.3"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.6",
    "https://w3id.org/ro/wfrun/workflow/0.6",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.1",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a small sweep with all its files; those that no test here reads are made up."""
    sweep = results_of(tmp_path_factory.mktemp("archive"), TINY | {"title": "A tiny sweep"}, "tiny")
    freeze(sweep.plan.config, "experiments/config/tiny.yaml", sweep.results)
    table = steps(sweep.plan.config, sweep.results, [], figure_files(sweep.plan.config))
    for product in (Path(path) for step in table.values() for path in step.products):
        if not product.exists():
            write_text(product, f"{product.name}\n")
    write_text(table["tables"].receipt, "{}")
    write_archive(sweep.results)
    return sweep.results


@pytest.fixture(scope="module")
def unpacked(folder, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(folder / "tiny.zip") as packed:
        packed.extractall(place)
    return place


@pytest.fixture(scope="module")
def crate(folder) -> ROCrate:
    return ROCrate(folder / "tiny.zip")


def types(entity) -> set[str]:
    return {entity.type} if isinstance(entity.type, str) else set(entity.type)


def test_it_is_a_clone_with_its_results(folder, unpacked):
    for path in ("README.md", "LICENSE", "CITATION.cff", "Snakefile", "mlp/__init__.py"):
        assert (unpacked / path).read_bytes() == (ROOT / path).read_bytes()
    results = unpacked / "results" / "tiny"
    table = steps(frozen_config(folder), folder, [], figure_files(frozen_config(folder)))
    products = [Path(path) for step in table.values() for path in step.products]
    assert {"report.html", "report.ipynb", "runs.parquet"} <= {path.name for path in products}
    for path in (*products, folder / "receipts" / "tables.json"):
        assert (results / path.relative_to(folder)).read_bytes() == path.read_bytes()
    packed = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    inside = {path for path in packed if path.startswith("results/")}
    assert packed - inside == {*code_files(), files.CRATE}
    assert len(inside) == len(products) + 1


def test_the_step_declares_what_it_reads_and_makes(folder):
    table = steps(frozen_config(folder), folder, [], figure_files(frozen_config(folder)))
    step = extra_steps(table, folder)["archive"]
    assert {*step.inputs} == {path for each in table.values() for path in each.products}
    assert step.products == (f"{folder}/tiny.zip", f"{folder}/ro-crate-metadata.json")
    assert all(Path(path).is_file() for path in step.products)


def test_twice_gives_the_same_bytes(folder):
    before = [(folder / name).read_bytes() for name in ("tiny.zip", files.CRATE)]
    for path in folder.rglob("*.csv"):
        path.touch()
    write_archive(folder)
    assert [(folder / name).read_bytes() for name in ("tiny.zip", files.CRATE)] == before


def test_a_program_stays_one(folder):
    with zipfile.ZipFile(folder / "tiny.zip") as packed:
        modes = {entry.filename: entry.external_attr >> 16 for entry in packed.infolist()}
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert modes[".ci/run"] & 0o777 == 0o755
    assert modes["README.md"] & 0o777 == 0o644


def test_the_description_is_next_to_the_archive_too(folder, unpacked):
    assert (folder / files.CRATE).read_bytes() == (unpacked / files.CRATE).read_bytes()


def test_the_root_has_what_ro_crate_and_the_profiles_require(crate, folder):
    root = crate.root_dataset
    assert crate.metadata["conformsTo"] == RO_CRATE
    assert {profile.id for profile in root["conformsTo"]} == PROFILES
    assert all("CreativeWork" in types(profile) for profile in root["conformsTo"])
    assert root["name"] == "A tiny sweep"
    assert root["description"]
    (action,) = crate.get_by_type("CreateAction")
    assert root["datePublished"] == action["endTime"]
    assert root["license"].id == "https://spdx.org/licenses/MIT"
    assert root["author"]


def test_the_snakefile_is_the_main_workflow(crate):
    main = crate.mainEntity
    assert main.id == "Snakefile"
    assert {"File", "SoftwareSourceCode", "ComputationalWorkflow"} <= types(main)
    language = main["programmingLanguage"]
    assert (language.type, language["name"]) == ("ComputerLanguage", "Snakemake")
    assert language["version"]
    assert main["name"]


def test_the_run_leads_from_config_and_data_to_the_results(crate, folder):
    (action,) = crate.get_by_type("CreateAction")
    assert crate.root_dataset["mentions"] == [action]
    assert action["instrument"] is crate.mainEntity
    assert [each.id for each in action["object"]] == ["results/tiny/config.yaml", "#data-iris"]
    made = {each.id for each in action["result"]}
    assert {f"results/tiny/{n}" for n in ("report.html", "runs.parquet", "tables/")} <= made
    assert action["actionStatus"] == "http://schema.org/CompletedActionStatus"
    ended = datetime.fromisoformat(action["endTime"])
    assert ended.timestamp() == int((folder / files.RUNS).stat().st_mtime)
    assert "error" not in action


def test_a_dataset_is_named_with_checksum_and_source(crate, folder):
    iris, known = crate.get("#data-iris"), read_provenance(folder)["data"]["iris"]
    assert iris["identifier"] == f"sha256:{known['checksum']}"
    assert iris["creditText"] == known["citation"]


def test_what_it_describes_is_there(crate, unpacked):
    assert len(crate.data_entities) > 20
    for entity in crate.data_entities:
        path = unpacked / entity.id
        assert path.is_dir() if entity.id.endswith("/") else path.is_file(), entity.id
    graph = json.loads((unpacked / files.CRATE).read_text(encoding="utf-8"))["@graph"]
    assert len({entity["@id"] for entity in graph}) == len(graph)


def test_runs_without_results_are_a_failed_run(folder, tmp_path):
    import pandas as pd

    copy = shutil.copytree(folder, tmp_path / "tiny")
    table = pd.read_parquet(copy / files.RUNS)
    first = table["run_id"] == table["run_id"].iloc[0]
    table.loc[first, "status"] = "missing"
    table.to_parquet(copy / files.RUNS)
    config = f"results/tiny/{files.CONFIG}"
    graph = json.loads(description(copy, ["Snakefile"], [config]))["@graph"]
    (action,) = (entity for entity in graph if entity["@type"] == "CreateAction")
    assert action["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert action["error"].startswith(f"1 of {table['run_id'].nunique()} runs have no result")


def test_without_rocrate_one_line_says_what_to_do(folder, tmp_path, monkeypatch):
    copy = shutil.copytree(folder, tmp_path / "tiny")
    (copy / "tiny.zip").unlink()
    monkeypatch.setitem(sys.modules, "rocrate.rocrate", None)
    with pytest.raises(UserError, match=r"^tiny\.zip needs rocrate, .*: pip install rocrate$"):
        write_archive(copy)
    assert not (copy / "tiny.zip").exists()


def test_a_missing_file_is_named(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "tiny")
    (copy / files.PAGE).unlink()
    (copy / "tiny.zip").unlink()
    with pytest.raises(UserError, match=r"report\.html is missing: run the same snakemake"):
        write_archive(copy)
    assert not (copy / "tiny.zip").exists()


# ---- the files of the code ----


@pytest.fixture
def clone(tmp_path) -> Path:
    """Return a folder like a clone, with files that are no part of it."""
    for path in ("Snakefile", "README.md", "mlp/a.py", "mlp/__pycache__/a.pyc", "docs/_build/x",
                 "results/x/runs.csv", "data/x.bin", ".venv/x", "tests/é.py"):  # fmt: skip
        write_text(tmp_path / path, path)
    return tmp_path


CODE = ["README.md", "Snakefile", "mlp/a.py", "tests/é.py"]


def test_without_git_the_code_is_that_of_the_packages(clone):
    assert code_files(clone) == CODE


def test_with_git_the_code_is_what_it_tracks(clone):
    def git(*words):
        subprocess.run(["git", "-C", clone, *words], check=True, capture_output=True)

    git("init", "-q")
    write_text(clone / ".gitignore", "__pycache__/\n")
    git("add", "Snakefile", "tests/é.py", "mlp/a.py")
    assert code_files(clone) == CODE[1:]
    write_text(clone / "mlp" / "mine.py", "an activation of one's own")
    assert code_files(clone) == ["Snakefile", "mlp/a.py", "mlp/mine.py", "tests/é.py"]
    (clone / "mlp" / "a.py").unlink()  # git still tracks it
    assert code_files(clone) == ["Snakefile", "mlp/mine.py", "tests/é.py"]


def test_the_digest_follows_the_files_of_the_code(clone):
    before = code_digest(clone)
    (clone / "README.md").touch()
    write_text(clone / "data" / "x.bin", "other")
    assert code_digest(clone) == before
    write_text(clone / "README.md", "other")
    assert code_digest(clone) != before
