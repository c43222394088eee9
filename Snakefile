# From a YAML sweep to a report. Rules only: what they do stands in experiments/ and reports/.
import os
import shlex
import sys

from snakemake.exceptions import WorkflowError

from experiments.errors import UserError
from experiments.workflow import chosen_config, planned, sweep_options

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


wildcard_constraints:
    job="[0-9a-f]+",


localrules:
    all,
    plan,


rule all:
    input:
        f"{RESULTS}/runs.parquet",


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
