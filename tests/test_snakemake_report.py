"""Snakemake's own report: what it shows of a sweep, and under which labels."""

from pathlib import Path

import pytest
from snakemake.api import SnakemakeApi
from snakemake.io import is_flagged
from snakemake.settings.types import ConfigSettings, ResourceSettings

from experiments.base import files
from experiments.schema import validate
from reports.labels import report_labels
from tests.sweeps import TINY, write_config

ROOT = Path(__file__).parent.parent
KEYS = {"Answers": {"page"}, "Figures": {"study", "compared", "shows"}}
KEYS["Tables"] = KEYS["Figures"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> dict:
    """Return what each file that the workflow shows is flagged with, by its name."""
    folder = tmp_path_factory.mktemp("shown")
    config = write_config(folder, TINY)
    with SnakemakeApi() as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[config]),
            snakefile=ROOT / "Snakefile",
            workdir=folder,
        )._workflow
        outputs = [path for rule in workflow.rules for path in rule.output]
    return {str(path): path.flags["report"] for path in outputs if is_flagged(path, "report")}


def test_every_file_has_its_labels_and_a_caption(shown):
    assert {path.removeprefix("results/tiny/") for path in shown} == {
        *report_labels(validate(TINY))
    }
    for path, flag in shown.items():
        assert flag.labels.keys() == KEYS[flag.category], path
        assert all(flag.labels.values())
        assert Path(flag.caption.get_path_or_uri(secret_free=True)).exists()


def test_the_main_page_is_the_first(shown):
    order = sorted(shown, key=lambda path: (shown[path].category, [*shown[path].labels.values()]))
    assert order[0] == f"results/tiny/{files.PAGE}"


def test_no_two_files_have_the_same_labels(shown):
    seen = [(flag.category, *flag.labels.values()) for flag in shown.values()]
    assert len(set(seen)) == len(seen)
