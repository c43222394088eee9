# From a YAML sweep to a report. Rules only: the logic is in experiments/ and reports/.
import os
import sys
from dataclasses import replace
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

CLONE = Path(workflow.current_basedir)
sys.path.insert(0, str(CLONE))

from experiments.base import UserError, files, prepared
from experiments.datasets import made_by
from experiments.plan import steps, trained_files
from experiments.plan import (
    as_stored,
    as_words,
    check_options,
    chosen_config,
    clear_folders,
    extra_steps,
    files_made,
    folder_of,
    in_storage,
    memory_mb,
    minutes,
    outlined,
    Renewal,
    partial_option,
    planned,
    prepare,
    PREPARED,
    refuse_partial_storage,
    rule_inputs,
    shell_prefix,
    StoredRenewal,
    sweep_of,
    sweep_options,
    tasks,
    tuning_files,
    unlimited_starts,
    wanted_jobs,
)
from reports.figures import figure_files
from reports.labels import report_labels
from reports.paper_files import paper_files
from reports.recipes import recipes

AS_MODULE = (
    not workflow.modifier.is_main_snakefile()
)  # of another workflow, whose --config is its own
GIVEN = (config if AS_MODULE else workflow.config_settings.config) or {}  # no config file's keys
RULE_NAME = workflow.modifier.modify_rulename  # as the other workflow calls it
try:
    GIVEN, FILES = sweep_of(GIVEN, workflow.configfiles, AS_MODULE)
    CONFIG = chosen_config(FILES, CLONE)
    RESULTS = f"results/{Path(CONFIG).stem}"
    if workflow.is_main_process:
        prepare(Path(CONFIG), CLONE)
    check_options(GIVEN)
    IN_STORAGE = in_storage(workflow)
    refuse_partial_storage(GIVEN, IN_STORAGE)
    PLAN = planned(CONFIG, GIVEN, Path(RESULTS), again=not workflow.is_main_process)
    WANTED = wanted_jobs(PLAN, Path(RESULTS), GIVEN)
    RECIPES = recipes(PLAN)
except UserError as error:
    raise WorkflowError(str(error))

# rules run the Python that runs Snakemake, and the modules of this clone
shell.prefix(shell_prefix(CLONE))
if not workflow.is_main_process:
    prepared.leave()  # a job of a cluster does its work where the cluster put it

JOBS = {job.name: job for job in PLAN.jobs}
DATA = {data.key: data for data in PLAN.data.values()}
CONFIRMING = {job.name: job for job in PLAN.confirm_jobs}
TRAINED = trained_files(
    [job.name for job in WANTED[0]],
    [job.name for job in WANTED[1]],
    sorted({job.data for jobs in WANTED for job in jobs}),
    RESULTS,
    "data",
)
DATA_FILES = [path for path in TRAINED if path.startswith("data/")]
STEPS = steps(PLAN.config, Path(RESULTS), TRAINED, figure_files(PLAN.config))
EXTRA = extra_steps(STEPS, Path(RESULTS), paper_files(PLAN.config))  # not part of `all`
if IN_STORAGE:
    STEPS, EXTRA = (as_stored(table, DATA_FILES) for table in (STEPS, EXTRA))


def todo():
    found = tasks(PLAN, WANTED, STEPS | EXTRA, RECIPES, Path("data"))
    return [replace(task, rule=RULE_NAME(task.rule)) for task in found]


SWEEP = sweep_options(GIVEN)
COPY = f"{RESULTS}/{files.CONFIG}"  # every rule after the plan reads this copy
LABELS = {f"{RESULTS}/{name}": labels for name, labels in report_labels(PLAN.config).items()}


RENEWAL = StoredRenewal(STEPS | EXTRA, RECIPES) if IN_STORAGE else Renewal(todo)
PROCESSES = workflow._cores or 1  # of a step that comes when all is trained
PLANNED = {COPY, f"{RESULTS}/{files.PLAN}"}  # recipes and names say what follows from these


def after(files, product):
    """Return a rule's inputs: `ancient`, unless checksums say that `product` is out of date."""

    def inputs(wildcards):
        due = RENEWAL.due(workflow, product.format(**wildcards))
        found = files(wildcards) if callable(files) else files
        return [
            path if due or IN_STORAGE and path not in PLANNED else ancient(path) for path in found
        ]

    return inputs


def sweep_folder(wildcards, input, output):
    """Return the folder of the sweep's results, as the commands of its steps take it."""
    return folder_of(COPY, [*input, *output])


def data_folder(wildcards, input, output):
    """Return the folder of the data, which is next to that of all results."""
    return os.path.join(os.path.dirname(os.path.dirname(folder_of(COPY, [*input]))), "data")


def user_files(wildcards):
    """Return the user's files that a dataset is read from: never in a storage."""
    found = rule_inputs(DATA[wildcards.data])
    return [local(path) for path in found] if IN_STORAGE else found


def step_inputs(name):
    """Return the inputs of a step: what it reads, and the copy of the config."""
    step = (STEPS | EXTRA)[name]
    return after([COPY, *step.inputs], next(iter(step.products), ""))  # no comparison, no table


def kept(products):
    """Return products that a step keeps if it would make the same: Snakemake does not delete them.

    Not in a storage, from which Snakemake would have to copy them first.
    """
    return products if IN_STORAGE else [update(product) for product in products]


def shown(step, category, caption):
    """Return the products of a step; those with labels are part of Snakemake's own report."""
    about = {"category": category, "caption": f"reports/captions/{caption}.rst"}
    products = (STEPS | EXTRA)[step].products
    return [report(p, labels=LABELS[p], **about) if p in LABELS else p for p in products]


onstart:
    unlimited_starts(workflow)
    clear_folders(RENEWAL.tasks)
    made = files_made(workflow)
    products = [product for step in (STEPS | EXTRA).values() for product in step.products]
    if made.intersection([*TRAINED, *products]):
        prepared.start(PREPARED, CLONE)
    cores = workflow._cores or 0
    outline = outlined(PLAN, WANTED, Path(RESULTS), made, cores, STEPS.values())
    logger.info(
        f"{outline.name}: {len(outline.jobs)} jobs of training", extra={"outline": outline}
    )


onsuccess:
    report_file = f"{RESULTS}/{files.PAGE}"
    displayed = "mlp" in workflow.output_settings.log_handler_settings  # and says it itself
    if report_file in files_made(workflow) and not displayed:
        print(f"The report is {report_file}", file=sys.stderr)


wildcard_constraints:
    job="[0-9a-f]+",


# On a cluster only `train` and `confirm` are submitted. The other rules run where Snakemake runs:
# submitting them costs more than running them.
workflow.localrules(  # the directive would not take the names that another workflow gives
    *map(
        RULE_NAME,
        [
            "all",
            "data",
            "plan",
            "collect",
            "provenance",
            "tables",
            "baselines",
            "equations",
            "probes",
            "claims",
            "figures",
            "figures_pdf",
            "report",
            "explorer",
            "pdf",
            "paper",
            "archive",
        ],
    )
)


rule all:
    input:
        [path for step in STEPS.values() for path in step.products],
        DATA_FILES,


rule data:
    input:
        after(user_files, "data/{data}.bin"),
    output:
        "data/{data}.bin",
    log:
        "results/logs/data/{data}.log",
    benchmark:
        "results/timings/data/{data}.tsv"
    params:
        spec=lambda wildcards: DATA[wildcards.data].to_json(),
        code=lambda wildcards: made_by(DATA[wildcards.data]),
    shell:
        "python -m experiments data {params.spec:q} --key {wildcards.data} --out {output:q}"
        " > {log:q} 2>&1"


rule plan:
    input:
        after([], STEPS["plan"].products[0]),
    output:
        STEPS["plan"].products,
    log:
        f"{RESULTS}/logs/plan.log",
    benchmark:
        f"{RESULTS}/timings/plan.tsv"
    params:
        sweep=lambda wildcards: SWEEP,  # functions, since braces in a text are wildcards
        config=lambda wildcards: CONFIG,
        results=sweep_folder,
        expect=RECIPES["plan"].get("signature"),
        recipe=as_words(RECIPES["plan"]),
    shell:
        "python -m experiments write-plan {params.config:q} {params.sweep} --expect {params.expect}"
        " --results {params.results:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule train:
    input:
        plan=after([f"{RESULTS}/{files.PLAN}"], f"{RESULTS}/jobs/{{job}}.bin"),
        data=after(
            lambda wildcards: [f"data/{JOBS[wildcards.job].data}.bin"],
            f"{RESULTS}/jobs/{{job}}.bin",
        ),
    output:
        f"{RESULTS}/jobs/{{job}}.bin",
    log:
        f"{RESULTS}/logs/train/{{job}}.log",
    benchmark:
        f"{RESULTS}/timings/train/{{job}}.tsv"
    resources:
        mem_mb=lambda wildcards, attempt: memory_mb(PLAN, JOBS[wildcards.job], attempt),
        runtime=lambda wildcards, attempt: minutes(JOBS[wildcards.job], attempt),
    shell:
        "python -m experiments train --plan {input.plan:q} --data {input.data:q}"
        " --out {output:q} > {log:q} 2>&1"


rule confirm:
    input:
        plan=after([f"{RESULTS}/{files.PLAN}"], f"{RESULTS}/confirm/{{job}}.bin"),
        data=after(
            lambda wildcards: [f"data/{CONFIRMING[wildcards.job].data}.bin"],
            f"{RESULTS}/confirm/{{job}}.bin",
        ),
        tuning=after(
            lambda wildcards: tuning_files(PLAN, CONFIRMING[wildcards.job], RESULTS),
            f"{RESULTS}/confirm/{{job}}.bin",
        ),
    output:
        f"{RESULTS}/confirm/{{job}}.bin",
    log:
        f"{RESULTS}/logs/confirm/{{job}}.log",
    benchmark:
        f"{RESULTS}/timings/confirm/{{job}}.tsv"
    resources:
        mem_mb=lambda wildcards, attempt: memory_mb(PLAN, CONFIRMING[wildcards.job], attempt),
        runtime=lambda wildcards, attempt: minutes(CONFIRMING[wildcards.job], attempt),
    params:
        jobs=lambda wildcards, input: os.path.dirname(input.tuning[0]),
    shell:
        "python -m experiments confirm --plan {input.plan:q} --data {input.data:q}"
        " --tuning {params.jobs:q} --out {output:q} > {log:q} 2>&1"


rule collect:
    input:
        step_inputs("collect"),
    output:
        STEPS["collect"].products,
    log:
        f"{RESULTS}/logs/collect.log",
    benchmark:
        f"{RESULTS}/timings/collect.tsv"
    params:
        results=sweep_folder,
        data=data_folder,
        recipe=as_words(RECIPES["collect"]),
        partial=partial_option(GIVEN),
    shell:
        "python -m experiments collect {params.partial} --results {params.results:q}"
        " --data {params.data:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule provenance:
    input:
        step_inputs("provenance"),
    output:
        STEPS["provenance"].products,
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/timings/provenance.tsv"
    params:
        results=sweep_folder,
        data=data_folder,
        recipe=as_words(RECIPES["provenance"]),
    shell:
        "python -m experiments provenance --results {params.results:q}"
        " --data {params.data:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule tables:
    input:
        step_inputs("tables"),
    output:
        shown("tables", "Tables", "table"),
    log:
        f"{RESULTS}/logs/tables.log",
    benchmark:
        f"{RESULTS}/timings/tables.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["tables"]),
        processes=PROCESSES,
    shell:
        "python -m experiments tables --processes {params.processes} --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule baselines:
    input:
        step_inputs("baselines"),
    output:
        STEPS["baselines"].products,
    log:
        f"{RESULTS}/logs/baselines.log",
    benchmark:
        f"{RESULTS}/timings/baselines.tsv"
    params:
        results=sweep_folder,
        data=data_folder,
        recipe=as_words(RECIPES["baselines"]),
    shell:
        "python -m experiments baselines --results {params.results:q}"
        " --data {params.data:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule equations:
    input:
        step_inputs("equations"),
    output:
        STEPS["equations"].products,
    log:
        f"{RESULTS}/logs/equations.log",
    benchmark:
        f"{RESULTS}/timings/equations.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["equations"]),
    shell:
        "python -m experiments equations --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule probes:  # the figures wait for it
    input:
        step_inputs("probes"),
    output:
        STEPS["probes"].products,
    log:
        f"{RESULTS}/logs/probes.log",
    benchmark:
        f"{RESULTS}/timings/probes.tsv"
    priority: 1
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["probes"]),
    shell:
        "python -m experiments probes --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule claims:
    input:
        step_inputs("claims"),
    output:
        STEPS["claims"].products,
    log:
        f"{RESULTS}/logs/claims.log",
    benchmark:
        f"{RESULTS}/timings/claims.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["claims"]),
    shell:
        "python -m experiments claims --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule figures:  # the longest step: it begins first, and the others run beside it
    input:
        step_inputs("figures"),
    output:
        kept(shown("figures", "Figures", "figure")),
    log:
        f"{RESULTS}/logs/figures.log",
    benchmark:
        f"{RESULTS}/timings/figures.tsv"
    priority: 1
    params:
        results=sweep_folder,
        data=data_folder,
        recipe=as_words(RECIPES["figures"]),
        processes=PROCESSES,
    shell:
        "python -m reports figures --processes {params.processes} --results {params.results:q}"
        " --data {params.data:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule figures_pdf:
    input:
        step_inputs("figures_pdf"),
    output:
        EXTRA["figures_pdf"].products,
    log:
        f"{RESULTS}/logs/figures_pdf.log",
    benchmark:
        f"{RESULTS}/timings/figures_pdf.tsv"
    params:
        results=sweep_folder,
        data=data_folder,
        recipe=as_words(RECIPES["figures_pdf"]),
    shell:
        "python -m reports figures-pdf --results {params.results:q}"
        " --data {params.data:q} --recipe {params.recipe:q} > {log:q} 2>&1"


rule report:
    input:
        step_inputs("report"),
    output:
        shown("report", "Answers", "report"),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/timings/report.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["report"]),
    shell:
        "python -m reports page --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule explorer:
    input:
        step_inputs("explorer"),
    output:
        shown("explorer", "Answers", "explorer"),
    log:
        f"{RESULTS}/logs/explorer.log",
    benchmark:
        f"{RESULTS}/timings/explorer.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["explorer"]),
    shell:
        "python -m reports explorer --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule pdf:
    input:
        step_inputs("pdf"),
    output:
        shown("pdf", "Answers", "report"),
    log:
        f"{RESULTS}/logs/pdf.log",
    benchmark:
        f"{RESULTS}/timings/pdf.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["pdf"]),
    shell:
        "python -m reports pdf --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule paper:
    input:
        step_inputs("paper"),
    output:
        EXTRA["paper"].products,
    log:
        f"{RESULTS}/logs/paper.log",
    benchmark:
        f"{RESULTS}/timings/paper.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["paper"]),
    shell:
        "python -m reports paper --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


# the folder is a target by its name, which is that of a rule without files of its own
rule paper_folder:
    name:
        f"{RESULTS}/{files.PAPER}"
    input:
        EXTRA["paper"].products,
    localrule: True


rule archive:
    input:
        step_inputs("archive"),
    output:
        EXTRA["archive"].products,
    log:
        f"{RESULTS}/logs/archive.log",
    benchmark:
        f"{RESULTS}/timings/archive.tsv"
    params:
        results=sweep_folder,
        recipe=as_words(RECIPES["archive"]),
    shell:
        "python -m reports archive --results {params.results:q}"
        " --recipe {params.recipe:q} > {log:q} 2>&1"


rule benchmark:
    output:
        csv="results/benchmark/benchmark.csv",
        bars="results/benchmark/bars.csv",
        figure="results/benchmark/benchmark.svg",
    log:
        "results/logs/benchmark.log",
    params:
        folder=lambda wildcards, output: os.path.dirname(output.csv),
        results=RESULTS,
    shell:
        "(python -m experiments benchmark --out {params.folder:q} --results {params.results:q}"
        " && python -m reports benchmark {params.folder:q}) > {log:q} 2>&1"
