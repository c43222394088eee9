"""Each rule declares all that it opens: files of the sweep, and code."""

import re
from pathlib import Path

import pytest

from experiments.base import closure
from experiments.base.store import is_temporary, write_text
from experiments.plan.products import steps, trained_files
from experiments.schema.frozen import freeze
from experiments.training.planfile import plan_lines
from reports.figures import figure_files
from tests.sweeps import TINY, Sweep
from tests.tracing import opened, source_of

ROOT = Path(__file__).parent.parent
READ_BY_THE_COMMAND_LINE = {
    f"experiments/base/{name}.py" for name in ("command_line", "errors", "prepared")
}
CACHES = r"-baselines\.json$|/drawn\.json$|/cache/steps/"
"""What is kept from an earlier time, and made again if it is not there or of another code."""
COMMANDS = {
    "collect": ["experiments", "collect"],
    "provenance": ["experiments", "provenance"],
    "tables": ["experiments", "tables"],
    "baselines": ["experiments", "baselines"],
    "equations": ["experiments", "equations"],
    "probes": ["experiments", "probes"],
    "claims": ["experiments", "claims"],
    "figures": ["reports", "figures"],
    "report": ["reports", "page"],
    "explorer": ["reports", "explorer"],
}
STUB = "/__init__.pyi"
"""A stub only says which module of its package a name is from; the closure holds that module."""

BY_THEIR_PACKAGE = (
    "mlp/",
    "experiments/datasets/",
    "experiments/__main__.py",
    "reports/__main__.py",
)
"""Modules that are loaded because a package loads all of its own, or that only read the command
line: what a step calls of them is in its closure."""


@pytest.mark.slow
def test_each_step_declares_what_it_opens(tmp_path):
    sweep = Sweep(tmp_path, TINY)
    sweep.train()
    freeze(sweep.plan.config, "tiny.yaml", sweep.results)
    write_text(sweep.results / "plan.txt", "".join(plan_lines(sweep.plan)))
    jobs, keys = [j.name for j in sweep.plan.jobs], [d.key for d in sweep.plan.data.values()]
    confirming = [job.name for job in sweep.plan.confirm_jobs]
    trained = trained_files(jobs, confirming, keys, sweep.results, sweep.data)
    config = sweep.plan.config
    table = steps(config, sweep.results, trained, figure_files(config))
    for name, (package, command) in COMMANDS.items():
        words = ("-m", package, command, "--results", "results/tiny", "--data", "data")
        found = {source_of(path) for path in opened(tmp_path, ROOT, *words)}
        found = {path for path in found if not is_temporary(path)}
        for product in table[name].products:
            assert Path(product).is_file(), product
        data = {str(p) for p in found if p.is_relative_to(tmp_path / "results")}
        data |= {str(p) for p in found if p.is_relative_to(tmp_path / "data")}
        known = {*table[name].inputs, *table[name].products, *table["plan"].products}
        undeclared = {p for p in data - known if not re.search(CACHES, p)}
        assert undeclared == set(), name
        code = {p.relative_to(ROOT).as_posix() for p in found if p.is_relative_to(ROOT)}
        roots = [f"{package}.__main__:{command}"]
        roots += ["reports.report", "reports.appendix"] if name == "report" else []
        undeclared = code - closure.parts(*roots).keys() - READ_BY_THE_COMMAND_LINE
        undeclared = {p for p in undeclared if p.split("/")[0] in PROJECT}
        assert {
            p for p in undeclared if not (p.startswith(BY_THEIR_PACKAGE) or p.endswith(STUB))
        } == set(), name


PROJECT = set(closure.PACKAGES)
