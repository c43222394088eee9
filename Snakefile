# From a YAML sweep to a report. Rules only: what they do stands in experiments/ and reports/.
import os
import shlex
import sys
from glob import glob

from snakemake.exceptions import WorkflowError

from experiments.comparisons import table_names
from experiments.errors import UserError
from experiments.workflow import (
    chosen_config,
    contents,
    memory_mb,
    minutes,
    partial_option,
    planned,
    sweep_options,
    wanted_jobs,
)
from reports.names import figure_names

CACHE = os.environ.get("MLP_CACHE") or "results/cache"
try:
    CONFIG = chosen_config(workflow.configfiles)
    PLAN = planned(CONFIG, config)
except UserError as error:
    raise WorkflowError(str(error))

# rules run the Python that runs Snakemake
shell.prefix(f"export PATH={shlex.quote(os.path.dirname(sys.executable))}:$PATH; ")

RESULTS = f"results/{PLAN.name}"
JOBS = {job.name: job for job in PLAN.jobs}
DATA = {data.key: data for data in PLAN.data.values()}
SWEEP = sweep_options(config)
TABLES = [
    f"{RESULTS}/tables/{stem}.{ending}"
    for stem in table_names(PLAN.config)
    for ending in ("csv", "md", "tex")
]
NUMERIC = [path for path in glob("mlp/*.py") if not path.endswith("estimator.py")]
DRAWN_BY = ("figures", "frames", "names", "colours", "probes", "heatmaps", "pictures")
DRAWN_BY += tuple(PLAN.config.pictures)
PROBES = ("path", "heaviside", "start", "start-curves")
FIGURES = [
    f"{RESULTS}/figures/{stem}.{ending}"
    for stem in [*figure_names(PLAN.config), "probes-start", *PLAN.config.pictures]
    for ending in ("svg", "pdf")
]


onsuccess:
    if os.path.exists(f"{RESULTS}/report.html"):
        print(f"The report is {RESULTS}/report.html", file=sys.stderr)


wildcard_constraints:
    job="[0-9a-f]+",


# on a cluster, all but the training runs where Snakemake runs: a job costs more than they do
localrules:
    all,
    data,
    plan,
    collect,
    tables,
    equations,
    probes,
    claims,
    figures,
    report,
    explorer,


rule all:
    input:
        f"{RESULTS}/report.html",
        f"{RESULTS}/explorer.html",


rule data:
    input:
        lambda wildcards: DATA[wildcards.data].files,
    output:
        "data/{data}.bin",
    log:
        "results/logs/data/{data}.log",
    benchmark:
        "results/timings/data/{data}.tsv"
    params:
        spec=lambda wildcards: DATA[wildcards.data].to_json(),
    shell:
        "python -m experiments data {params.spec:q} --out {output:q} > {log:q} 2>&1"


rule plan:
    output:
        f"{RESULTS}/plan.txt",
    log:
        f"{RESULTS}/logs/plan.log",
    benchmark:
        f"{RESULTS}/timings/plan.tsv"
    params:
        sweep=SWEEP,
        config=CONFIG,
        fingerprint=PLAN.fingerprint,
    shell:
        "python -m experiments write-plan {params.config:q} {params.sweep} --out {output:q} > {log:q} 2>&1"


rule train:
    input:
        plan=ancient(f"{RESULTS}/plan.txt"),
        data=lambda wildcards: f"data/{JOBS[wildcards.job].data}.bin",
    output:
        f"{RESULTS}/jobs/{{job}}.bin",
    log:
        f"{RESULTS}/logs/train/{{job}}.log",
    benchmark:
        f"{RESULTS}/timings/train/{{job}}.tsv"
    params:
        cache=CACHE,
    resources:
        mem_mb=lambda wildcards, attempt: memory_mb(PLAN, JOBS[wildcards.job], attempt),
        runtime=lambda wildcards, attempt: minutes(JOBS[wildcards.job], attempt),
    shell:
        "python -m experiments train --plan {input.plan:q} --data {input.data:q}"
        " --cache {params.cache:q} --out {output:q} > {log:q} 2>&1"


rule collect:
    input:
        jobs=[f"{RESULTS}/jobs/{name}.bin" for name in wanted_jobs(PLAN, RESULTS, config)],
        plan=f"{RESULTS}/plan.txt",
    output:
        runs=f"{RESULTS}/runs.parquet",
        csv=f"{RESULTS}/runs.csv",
        curves=f"{RESULTS}/curves.parquet",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/collect.log",
    benchmark:
        f"{RESULTS}/timings/collect.tsv"
    params:
        sweep=SWEEP,
        results=lambda wildcards, output: os.path.dirname(output.runs),
        config=CONFIG,
        cache=CACHE,
        partial=partial_option(config),
    shell:
        "python -m experiments collect {params.config:q} {params.sweep} --results {params.results:q}"
        " {params.partial} --cache {params.cache:q} > {log:q} 2>&1"


rule tables:
    input:
        runs=f"{RESULTS}/runs.parquet",
        curves=f"{RESULTS}/curves.parquet",
        code=glob("experiments/statistics/*.py")
        + [f"experiments/{m}.py" for m in ("results", "tables")],
    output:
        report(
            TABLES,
            category="Tables",
            caption="reports/captions/table.rst",
        ),
    log:
        f"{RESULTS}/logs/tables.log",
    benchmark:
        f"{RESULTS}/timings/tables.tsv"
    params:
        results=lambda wildcards, input: os.path.dirname(input.runs),
        config=CONFIG,
    shell:
        "python -m experiments tables {params.config:q} --results {params.results:q} > {log:q} 2>&1"


rule equations:
    input:
        code=glob("experiments/equations/*.py") + NUMERIC,
    output:
        f"{RESULTS}/equations.csv",
    log:
        f"{RESULTS}/logs/equations.log",
    benchmark:
        f"{RESULTS}/timings/equations.tsv"
    shell:
        "python -m experiments equations --out {output:q} > {log:q} 2>&1"


rule probes:
    input:
        code=["experiments/paths.py", *NUMERIC],
    output:
        [f"{RESULTS}/probes/{name}.csv" for name in PROBES],
    log:
        f"{RESULTS}/logs/probes.log",
    benchmark:
        f"{RESULTS}/timings/probes.tsv"
    params:
        folder=lambda wildcards, output: os.path.dirname(output[0]),
    shell:
        "python -m experiments probes --out {params.folder:q} > {log:q} 2>&1"


rule claims:
    input:
        probes=rules.probes.output,
        tables=TABLES,
        equations=f"{RESULTS}/equations.csv",
        curves=f"{RESULTS}/curves.parquet",
        claims="experiments/claims/claims.yaml",
        code=glob("experiments/claims/*.py")
        + glob("experiments/statistics/*.py")
        + ["experiments/published.py"],
    output:
        claims=f"{RESULTS}/claims.csv",
        published=f"{RESULTS}/published.csv",
    log:
        f"{RESULTS}/logs/claims.log",
    benchmark:
        f"{RESULTS}/timings/claims.tsv"
    params:
        results=lambda wildcards, input: os.path.dirname(input.curves),
        config=CONFIG,
    shell:
        "python -m experiments claims {params.config:q} --results {params.results:q} > {log:q} 2>&1"


rule figures:
    input:
        runs=f"{RESULTS}/runs.parquet",
        curves=f"{RESULTS}/curves.parquet",
        provenance=f"{RESULTS}/provenance.json",
        probes=rules.probes.output,
        style="reports/style.mplstyle",
        code=[f"reports/{module}.py" for module in DRAWN_BY],
    output:
        report(
            FIGURES,
            category="Figures",
            caption="reports/captions/figure.rst",
        ),
        captions=[
            f"{RESULTS}/figures/{name}.json"
            for name in ("captions", "probes-start", *PLAN.config.pictures)
        ],
    log:
        f"{RESULTS}/logs/figures.log",
    benchmark:
        f"{RESULTS}/timings/figures.tsv"
    params:
        results=lambda wildcards, input: os.path.dirname(input.runs),
        config=CONFIG,
    shell:
        "python -m reports figures {params.config:q} {params.results:q} > {log:q} 2>&1"


rule report:
    input:
        notebook="reports/report.py",
        code=glob("reports/*.py") + glob("reports/page.*"),
        claims=rules.claims.output,
        equations=f"{RESULTS}/equations.csv",
        runs=f"{RESULTS}/runs.parquet",
        provenance=f"{RESULTS}/provenance.json",
        tables=TABLES,
        figures=FIGURES,
        captions=rules.figures.output.captions,
        probes=rules.probes.output,
    output:
        ipynb=f"{RESULTS}/report.ipynb",
        html=report(
            f"{RESULTS}/report.html",
            category="Report",
            caption="reports/captions/report.rst",
        ),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/timings/report.tsv"
    params:
        results=lambda wildcards, input: os.path.dirname(input.runs),
        benchmark=contents("results/benchmark"),  # the report shows the newest
    shell:
        "python -m reports.page {input.notebook:q} {params.results:q} {output.ipynb:q} {output.html:q}"
        " > {log:q} 2>&1"


rule explorer:
    input:
        runs=f"{RESULTS}/runs.parquet",
        curves=f"{RESULTS}/curves.parquet",
        provenance=f"{RESULTS}/provenance.json",
        code=["reports/explorer.py", "reports/explorer.html"],
    output:
        report(
            f"{RESULTS}/explorer.html",
            category="Report",
            caption="reports/captions/explorer.rst",
        ),
    log:
        f"{RESULTS}/logs/explorer.log",
    benchmark:
        f"{RESULTS}/timings/explorer.tsv"
    params:
        results=lambda wildcards, input: os.path.dirname(input.runs),
    shell:
        "python -m reports explorer {params.results:q} {output:q} > {log:q} 2>&1"


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
        " && python -m reports.benchmark_figure {params.folder:q}) > {log:q} 2>&1"
