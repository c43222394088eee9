"""What others find the project by and run it with: citation, catalog, Dockerfile, lints."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mlp

ROOT = Path(__file__).parent.parent


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_citation_has_what_a_citation_needs():
    """The keys that the Citation File Format 1.2.0 requires, and those that archives show."""
    facts = yaml.safe_load(text_of("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= facts.keys()
    assert {"type", "abstract", "version", "license", "keywords"} <= facts.keys()
    assert facts["cff-version"] == "1.2.0"
    assert facts["version"] == mlp.__version__
    assert facts["version"] in text_of("CHANGELOG.md")
    assert facts["license"] == "MIT"
    assert text_of("LICENSE").startswith("MIT License")


def test_the_workflow_catalog_is_told_how_to_run_it():
    usage = yaml.safe_load(text_of(".snakemake-workflow-catalog.yml"))["usage"]
    assert usage.keys() == {"mandatory-flags", "software-stack-deployment", "report"}
    assert usage["mandatory-flags"].keys() == {"desc", "flags"}
    flag, config = shlex.split(usage["mandatory-flags"]["flags"])
    assert flag == "--configfile"
    assert (ROOT / config).is_file()


def test_the_dockerfile_does_what_the_readme_says():
    steps = re.findall(r"^(FROM|RUN|CMD) (.*)", text_of("Dockerfile"), flags=re.M)
    assert [name for name, _ in steps] == ["FROM", "RUN", "CMD"]
    (_, image), (_, setup), (_, command) = steps
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", image)
    readme = re.search(r"```sh\n(.*)\n```", text_of("README.md"))[1]
    # an image does not keep what Python compiles at each start
    assert f"{setup} && {shlex.join(json.loads(command))}" == readme.replace(" --no-compile", "")


def test_the_snakefile_is_formatted():
    command = [sys.executable, "-m", "snakefmt", "--check", "Snakefile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_snakemake_finds_nothing_to_improve_but_a_container():
    """No rule has software of its own: all is pinned in requirements.txt."""
    command = [sys.executable, "-m", "snakemake", "--lint"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.findall(r"^    \* (.*)$", done.stdout + done.stderr, flags=re.M)
    assert {*found} == {"Specify a conda environment or container for each rule.:"}
    assert "not present" not in done.stderr
