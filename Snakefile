# From a YAML sweep to a report. Rules only: what they do stands in experiments/ and reports/.
import os
import shlex
import sys
from glob import glob

from snakemake.exceptions import WorkflowError

from experiments.comparisons import comparisons
from experiments.errors import UserError
from experiments.tables import table_names
from experiments.workflow import chosen_config, planned, sweep_options
from reports.names import figure_names

PYTHON = shlex.quote(sys.executable)
CACHE = os.environ.get("MLP_CACHE", "results/cache")
try:
    CONFIG = chosen_config(workflow.configfiles)
    PLAN = planned(CONFIG, config)
except UserError as error:
    raise WorkflowError(str(error))

RESULTS = f"results/{PLAN.name}"
JOBS = {job.name: job for job in PLAN.jobs}
DATA = {data.key: data for data in PLAN.data.values()}
SWEEP = sweep_options(config)
TABLES = [
    f"{RESULTS}/tables/{stem}.{ending}"
    for stem in table_names([c.name for c in comparisons(PLAN.config)])
    for ending in ("csv", "md", "tex")
]
FIGURES = [
    f"{RESULTS}/figures/{stem}.{ending}"
    for stem in figure_names(PLAN.config)
    for ending in ("svg", "pdf")
]


wildcard_constraints:
    job="[0-9a-f]+",


localrules:
    all,
    plan,


rule all:
    input:
        f"{RESULTS}/report.html",


rule data:
    input:
        lambda wildcards: DATA[wildcards.data].files,
    output:
        "data/{data}.bin",
    log:
        "results/logs/data/{data}.log",
    params:
        config=CONFIG,
    shell:
        "{PYTHON} -m experiments data {params.config:q} --out {output:q} > {log:q} 2>&1"


rule plan:
    output:
        f"{RESULTS}/plan.txt",
    log:
        f"{RESULTS}/logs/plan.log",
    params:
        config=CONFIG,
        fingerprint=PLAN.fingerprint,
    shell:
        "{PYTHON} -m experiments write-plan {params.config:q} {SWEEP} --out {output:q} > {log:q} 2>&1"


rule train:
    input:
        plan=ancient(f"{RESULTS}/plan.txt"),
        data=lambda wildcards: f"data/{JOBS[wildcards.job].data}.bin",
    output:
        RESULTS + "/jobs/{job}.bin",
    log:
        RESULTS + "/logs/train/{job}.log",
    params:
        cache=CACHE,
    resources:
        mem_mb=lambda wildcards: JOBS[wildcards.job].megabytes,
    shell:
        "{PYTHON} -m experiments train --plan {input.plan:q} --data {input.data:q}"
        " --cache {params.cache:q} --out {output:q} > {log:q} 2>&1"


rule collect:
    input:
        jobs=[f"{RESULTS}/jobs/{name}.bin" for name in JOBS],
        plan=f"{RESULTS}/plan.txt",
    output:
        runs=f"{RESULTS}/runs.parquet",
        csv=f"{RESULTS}/runs.csv",
        curves=f"{RESULTS}/curves.parquet",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/collect.log",
    params:
        config=CONFIG,
        cache=CACHE,
    shell:
        "{PYTHON} -m experiments collect {params.config:q} {SWEEP} --results {RESULTS}"
        " --cache {params.cache:q} > {log:q} 2>&1"


rule tables:
    input:
        runs=f"{RESULTS}/runs.parquet",
        curves=f"{RESULTS}/curves.parquet",
        code=[f"experiments/{m}.py" for m in ("statistics", "comparisons", "tables")],
    output:
        report(
            TABLES,
            category="Tables",
            caption="reports/captions/table.rst",
        ),
    log:
        f"{RESULTS}/logs/tables.log",
    params:
        config=CONFIG,
    shell:
        "{PYTHON} -m experiments tables {params.config:q} --results {RESULTS} > {log:q} 2>&1"


rule equations:
    input:
        code=glob("experiments/equations/*.py") + glob("mlp/*.py"),
    output:
        f"{RESULTS}/equations.csv",
    log:
        f"{RESULTS}/logs/equations.log",
    shell:
        "{PYTHON} -m experiments equations --out {output:q} > {log:q} 2>&1"


rule claims:
    input:
        tables=TABLES,
        equations=f"{RESULTS}/equations.csv",
        curves=f"{RESULTS}/curves.parquet",
        claims="experiments/claims.yaml",
        code=["experiments/claims.py", "experiments/paths.py"],
    output:
        f"{RESULTS}/claims.csv",
    log:
        f"{RESULTS}/logs/claims.log",
    params:
        config=CONFIG,
    shell:
        "{PYTHON} -m experiments claims {params.config:q} --results {RESULTS} > {log:q} 2>&1"


rule figures:
    input:
        runs=f"{RESULTS}/runs.parquet",
        curves=f"{RESULTS}/curves.parquet",
        style="reports/style.mplstyle",
        code="reports/figures.py",
    output:
        report(
            FIGURES,
            category="Figures",
            caption="reports/captions/figure.rst",
        ),
    log:
        f"{RESULTS}/logs/figures.log",
    params:
        config=CONFIG,
    shell:
        "{PYTHON} -m reports figures {params.config:q} {RESULTS} > {log:q} 2>&1"


rule report:
    input:
        notebook="reports/report.py",
        code=glob("reports/*.py") + glob("reports/page.*"),
        claims=f"{RESULTS}/claims.csv",
        equations=f"{RESULTS}/equations.csv",
        runs=f"{RESULTS}/runs.parquet",
        provenance=f"{RESULTS}/provenance.json",
        tables=TABLES,
        figures=FIGURES,
    output:
        ipynb=f"{RESULTS}/report.ipynb",
        html=report(
            f"{RESULTS}/report.html",
            category="Report",
            caption="reports/captions/report.rst",
        ),
    log:
        f"{RESULTS}/logs/report.log",
    shell:
        "{PYTHON} -m reports.page {input.notebook:q} {RESULTS} {output.ipynb:q} {output.html:q}"
        " > {log:q} 2>&1"
