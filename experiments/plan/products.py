"""The steps of a sweep after its training: what each reads, makes, and uses of the config.

One table for the Snakefile, which asks what is to be done again, and for the commands, which say
what they have done.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from experiments.base import Step, canonical, digest, files, receipts
from experiments.schema import Config, content, frozen_config, table_names
from experiments.training import planned_files

PROBES = ("path", "heaviside", "start", "start-curves")
ENDINGS = ("csv", "md", "tex")


def steps(
    config: Config, results: Path, trained: Iterable[str], figures: Iterable[str] = ()
) -> dict[str, Step]:
    """Return the steps by name, in their order.

    `trained` are the files of the data and of the jobs, `figures` those in the figures' folder.
    """
    table = [f"{files.TABLES}/{stem}.{end}" for stem in table_names(config) for end in ENDINGS]
    drawn = [f"{files.FIGURES}/{name}" for name in figures]
    probes = [f"{files.PROBES}/{name}.csv" for name in PROBES]
    others = [files.BASELINES, files.EQUATIONS, files.PROVENANCE]
    claims, runs = [files.CLAIMS, files.PROGRAMS], [files.RUNS, files.CURVES]
    trained = list(trained)
    data = [path for path in trained if Path(path).parent.name not in (files.JOBS, files.CONFIRM)]
    read_and_made = {
        "plan": ([], [files.CONFIG, files.PLAN]),
        "collect": (trained, [*runs, files.RUNS_CSV, files.CHOICES]),
        "provenance": ([*trained, files.RUNS], [files.PROVENANCE]),
        "tables": (runs, table),
        "baselines": (data, [files.BASELINES]),
        "equations": ([], [files.EQUATIONS]),
        "probes": ([], probes),
        "claims": ([*runs, *table, *probes, files.EQUATIONS], claims),
        "figures": ([*runs, *probes], drawn),
        "report": (
            [*runs, *table, *probes, *claims, *drawn, *others],
            [files.NOTEBOOK, files.PAGE, files.APPENDIX],
        ),
        "explorer": (runs, [files.EXPLORER]),
    }
    return {
        name: Step(
            name,
            results,
            tuple(f if f in trained else f"{results}/{f}" for f in inputs),
            tuple(f"{results}/{f}" for f in made),
        )
        for name, (inputs, made) in read_and_made.items()
    }


def extra_steps(
    every: Mapping[str, Step], results: Path, paper: Iterable[str] = ()
) -> dict[str, Step]:
    """Return the steps that are done only if they are asked for, by name.

    `every` are those of `steps`, and `paper` the files in the folder of the paper.
    """
    tables, drawn = every["tables"].products, every["figures"].products
    svg = [path for path in drawn if path.endswith(".svg")]
    as_pdf = tuple(str(Path(path).with_suffix(".pdf")) for path in svg)
    made = [f"{results}/{files.PAPER}/{name}" for name in paper]
    everything = tuple(path for step in every.values() for path in step.products)
    archive = (str(files.archive_file(results)), f"{results}/{files.CRATE}")
    return {
        "figures_pdf": Step("figures_pdf", results, (*every["figures"].inputs, *svg), as_pdf),
        "pdf": Step("pdf", results, (f"{results}/{files.PAGE}", *svg), (f"{results}/{files.PDF}",)),
        "paper": Step("paper", results, (*every["figures"].inputs, *tables, *drawn), tuple(made)),
        "archive": Step("archive", results, everything, archive),
    }


def trained_files(
    jobs: Iterable[str], confirming: Iterable[str], keys: Iterable[str], results: Path, data: Path
) -> list[str]:
    """Return the files of some datasets, train jobs and confirming jobs."""
    made = [files.data_file(data, key) for key in keys]
    made += [files.job_file(results, job) for job in jobs]
    made += [files.confirm_file(results, job) for job in confirming]
    return [str(path) for path in made]


def done(
    step: str,
    results: Path,
    data: Path,
    recipe: Mapping[str, str],
    figures: Iterable[str],
    paper: Iterable[str] = (),
) -> None:
    """Write the receipt of a step that its command has just done."""
    trained = []
    if step in ("collect", "provenance", "baselines"):
        trained = trained_files(*planned_files(results / files.PLAN), results, data)
    table = steps(frozen_config(results), results, trained, figures)
    receipts.write((table | extra_steps(table, results, paper))[step], recipe)


RUNS = ("datasets", "seeds", "base", "per_dataset", "grid", "exclude")
COMPARED = ("compare", "tune", "pairs")
TEXTS = ("title", "question")
FAMILIES = ("headline", "families")
LEVELS = ("level", "margin", "target_share")

USED = {
    "plan": ("config",),
    "collect": ("runs", "confirmed"),
    "provenance": ("config",),
    "tables": (*COMPARED, "published", *FAMILIES, *LEVELS),
    "baselines": ("datasets", "level"),
    "equations": (),
    "probes": (),
    "claims": (*COMPARED, "claims_of", *FAMILIES, *LEVELS),
    "figures": (*COMPARED, *TEXTS, *FAMILIES, *LEVELS, "pictures"),
    "report": ("config",),
    "explorer": ("compare", "tune", *TEXTS, "level"),
}
"""The parts of the config that each step of every sweep uses. What the runs are reaches the others
through runs.parquet, which changes with it; extra steps use what these make."""


def used(step: str, config: Config) -> dict[str, str]:
    """Return the parts of a config that a step uses, each as a digest."""
    found = _parts(content(config)) | {"confirmed": _confirmed(config)}
    return {name: digest(canonical(found[name]))[:16] for name in USED.get(step, ())}


def _confirmed(config: Config) -> dict[str, Any]:
    """Return what decides which values are confirmed, by study."""
    asked = {name: config.confirm_of(study) for name, study in config.studies.items()}
    return {
        name: [confirm.model_dump(), config.studies[name].tune, config.studies[name].compared]
        for name, confirm in asked.items()
        if confirm
    }


def _parts(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of a config by name: the whole, what runs are, and each key after that."""
    studies = said["studies"]

    def of_studies(*keys: str) -> dict[str, Any]:
        return {n: {k: study[k] for k in keys if k in study} for n, study in studies.items()}

    statistics = said.get("statistics", {})
    parts = {key: of_studies(key) for key in (*COMPARED, *TEXTS, "published", "claims_of")}
    parts |= {key: statistics.get(key) for key in LEVELS}
    parts["runs"] = [said.get("seeds"), said.get("datasets"), of_studies(*RUNS)]
    parts["datasets"] = [said.get("datasets"), of_studies("datasets")]
    parts |= {key: said.get(key) for key in FAMILIES}
    parts["pictures"] = said.get("pictures")
    parts["config"] = said
    return parts
