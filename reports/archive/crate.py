"""The archive in the words of RO-Crate: which file is what, and how the results were made.

The profile is Workflow Run Crate 0.6 (https://w3id.org/ro/wfrun/workflow/0.6): the Snakefile is the
main workflow, and one CreateAction, its run, leads from the config and the data to the results.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

from experiments.base import UserError, files
from experiments.schema import frozen_config
from reports.archive.repository import ROOT

if TYPE_CHECKING:
    from rocrate.rocrate import ROCrate

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.6": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.6": "Workflow Run Crate",
}
"""Workflow RO-Crate is the third; the library adds it with the main workflow."""
STATUS = "http://schema.org/{}ActionStatus"
LICENCES = "https://spdx.org/licenses/"
MEANINGS = {
    files.PAGE: "The report: questions, answers, figures",
    files.APPENDIX: "The appendix of the report: every claim, test, table and figure",
    files.EXPLORER: "A page that draws the runs by dataset, axis and quantity, freely chosen",
    files.NOTEBOOK: "The report as a notebook",
    files.RUNS: "A row for each run",
    files.RUNS_CSV: "A row for each run, as CSV",
    files.CURVES: "A row for each run and epoch",
    files.CHOICES: "A row for each choice of a tuned value",
    files.CONFIG: "The config of the sweep, as it was planned",
    files.PLAN: "The jobs and their runs, as planned",
    files.PROVENANCE: "Versions, processor, commit and checksums of the data",
    files.CLAIMS: "The claims of the note, judged",
    files.PROGRAMS: "The claims of the companion study, judged by program",
    files.EQUATIONS: "The equations of the note, checked",
    files.TABLES: "The tables of the comparisons, as CSV, Markdown and LaTeX",
    files.FIGURES: "The figures, as SVG",
    files.PROBES: "The small networks on which three claims are checked",
    files.RECEIPTS: "What each step was made from, with checksums of what it made",
}
TYPES = {
    ".cff": "application/yaml",
    ".ipynb": "application/x-ipynb+json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
}
"""The types of files that not every system knows."""


def description(results: Path, code: Sequence[str], made: Sequence[str]) -> str:
    """Return the text of ro-crate-metadata.json for an archive of `code` and `made`.

    Both are paths in the archive; `made` are the files of the results. Raises UserError without
    the library rocrate, and if a file that says something about the archive cannot be read.
    """
    try:
        from rocrate.rocrate import ROCrate
    except ImportError:
        raise UserError(
            f"{files.archive_file(results).name} needs rocrate, which is not installed: "
            "pip install rocrate"
        ) from None
    from experiments.results import read_provenance

    facts, cited = read_provenance(results), citation()
    crate = ROCrate()
    _root(crate, results, facts, cited)
    for path in _parts(code):
        _add(crate, path, _described(path))
    outputs = []
    for path in _parts(made, len(PurePosixPath(files.in_archive(results)).parts) + 1):
        name = PurePosixPath(path).name
        entity = _add(crate, path, {"name": name, **_described(path)})
        if name not in (files.CONFIG, files.RECEIPTS):
            outputs.append(entity)
    config = crate.get(f"{files.in_archive(results)}/{files.CONFIG}")
    _action(crate, results, facts, [config, *_data(crate, facts["data"])], outputs)
    found = crate.metadata.generate()
    return json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def citation(root: Path = ROOT) -> dict[str, Any]:
    """Return what CITATION.cff says. Raises UserError if it is missing or lacks something."""
    path = root / "CITATION.cff"
    try:
        found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}. The archive cites it") from None
    lacking = [key for key in ("title", "version", "license", "authors") if not found.get(key)]
    if lacking:
        raise UserError(f"{path} has no {lacking[0]}: the archive needs it, write it there")
    return found


def _ended(results: Path) -> str:
    """Return when the runs were collected: no product of the sweep holds a time."""
    written = (results / files.RUNS).stat().st_mtime
    return datetime.fromtimestamp(written, UTC).isoformat(timespec="seconds")


def _root(crate: ROCrate, results: Path, facts: Mapping[str, Any], cited: Mapping) -> None:
    """Say what the whole archive is: its title, date, licence, authors and profiles."""
    from rocrate.model import ContextEntity

    said = frozen_config(results)
    crate.name = said.title or f"The sweep {results.name}"
    crate.description = (
        f"{facts['runs']} planned runs with report, tables, figures and the code that made them. "
        f"Unpacked, it is a clone with its results in {files.in_archive(results)}."
    )
    crate.datePublished = _ended(results)
    licence = {"@type": "CreativeWork", "name": cited["license"]}
    crate.license = crate.add(ContextEntity(crate, LICENCES + cited["license"], licence))
    crate.root_dataset["author"] = _authors(crate, cited["authors"])
    snakemake = facts["packages"]["snakemake"]
    crate.add_workflow(dest_path="Snakefile", main=True, lang="snakemake", lang_version=snakemake)
    for key, value in {"name": "title", "version": "version"}.items():
        crate.mainEntity[key] = cited[value]
    crate.mainEntity["author"] = crate.root_dataset["author"]
    for address, name in PROFILES.items():
        version = address.rsplit("/", 1)[-1]
        about = {"@type": ["CreativeWork", "Profile"], "name": name, "version": version}
        crate.root_dataset.append_to("conformsTo", crate.add(ContextEntity(crate, address, about)))


def _authors(crate: ROCrate, authors: Sequence[Mapping[str, str]]) -> list[Any]:
    """Add the authors as CITATION.cff has them, persons and organisations; return them."""
    from rocrate.model import ContextEntity

    found = []
    for number, author in enumerate(authors, start=1):
        kind = "Person" if "family-names" in author else "Organization"
        names = [author.get(key) for key in ("given-names", "family-names", "name")]
        about = {"@type": kind, "name": " ".join(filter(None, names))}
        address = author.get("orcid", f"#author-{number}")
        found.append(crate.add(ContextEntity(crate, address, about)))
    return found


def _parts(paths: Sequence[str], depth: int = 1) -> list[str]:
    """Return files up to a depth as they are, and the folders of those below, with "/"."""
    parts = [PurePosixPath(path).parts for path in paths]
    found = {"/".join(p[:depth]) + "/" * (len(p) > depth) for p in parts}
    return sorted(found - {"Snakefile"})


def _described(path: str) -> dict[str, Any]:
    name = PurePosixPath(path).name
    about: dict[str, Any] = {"description": MEANINGS[name]} if name in MEANINGS else {}
    if path == "README.md":
        about["about"] = {"@id": "./"}
    if not path.endswith("/"):
        suffix = PurePosixPath(path).suffix
        about["encodingFormat"] = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "text/plain")
    return about


def _add(crate: ROCrate, path: str, about: Mapping[str, Any]) -> Any:
    add = crate.add_dataset if path.endswith("/") else crate.add_file
    return add(dest_path=path, properties=about)


def _data(crate: ROCrate, data: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Add the datasets, which the archive names but does not hold; return them."""
    from rocrate.model import ContextEntity

    found = []
    for name, facts in sorted(data.items()):
        about = {
            "@type": "CreativeWork",
            "name": name,
            "description": facts.get("description"),
            "identifier": facts.get("checksum") and f"sha256:{facts['checksum']}",
            "creditText": facts.get("citation"),
            "license": facts.get("licence"),
        }
        known = {key: value for key, value in about.items() if value}
        found.append(crate.add(ContextEntity(crate, f"#data-{name}", known)))
    return found


def _action(
    crate: ROCrate, results: Path, facts: Mapping[str, Any], used: list[Any], made: list[Any]
) -> None:
    """Add the run of the workflow: what it used and made, when it ended, and how."""
    from rocrate.model import ContextEntity

    from experiments.results import read_parquet

    table = read_parquet(results / files.RUNS, ("run_id", "status")).drop_duplicates("run_id")
    missing = int((table["status"] == "missing").sum())
    about = {
        "@type": "CreateAction",
        "name": f"Run of the sweep {results.name}",
        "description": f"{facts['command']} (Python {facts['python']}, {facts['platform']}, "
        f"{facts['processor']}, {facts['blas']})",
        "endTime": _ended(results),
        "actionStatus": STATUS.format("Failed" if missing else "Completed"),
    }
    if missing:
        about["error"] = f"{missing} of {len(table)} runs have no result: their jobs failed"
    action = ContextEntity(crate, f"#run-{results.name}-{facts['config_sha256'][:12]}", about)
    crate.add(action)
    action["instrument"], action["object"], action["result"] = crate.mainEntity, used, made
    crate.root_dataset["mentions"] = [action]
