"""Results in a storage of Snakemake, such as a bucket, instead of a folder.

A start sees no files there, so it compares no checksums. What is out of date is told by Snakemake's
own triggers, the times of files and its notes in `.snakemake`, and by the recipes in the receipts,
which are stored with the results: another machine has no notes.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiments.base import Step, closure, files, receipts


def in_storage(workflow: Any) -> bool:
    """Return whether `--default-storage-provider` says where the files of the rules are."""
    return bool(workflow.storage_settings.default_storage_provider)


class StoredRenewal:
    """Tells Snakemake which steps follow from another config or code than now; see `Renewal`."""

    tasks = ()

    def __init__(self, steps: Mapping[str, Step], recipes: Mapping[str, Mapping[str, str]]) -> None:
        self.steps, self.recipes = steps, recipes
        self.graph: Any = None
        self.changed: set[str] = set()

    def due(self, workflow: Any, product: str) -> bool:
        """Return whether a file is of a step whose recipe changed; tell Snakemake all such files.

        Of all else the times count as well, and what Snakemake noted.
        """
        if not workflow.is_main_process or workflow.dag_settings.forceall:
            return False
        if self.graph is not workflow.dag:
            self.graph = workflow.dag
            given = workflow.dag_settings.rerun_triggers  # that of the profile, the times
            workflow.dag_settings.rerun_triggers = type(next(iter(given))).all()
            changed = [step for step in self.steps.values() if self._changed(workflow, step)]
            self.changed = {product for step in changed for product in step.products}
            stored = (str(_stored(workflow, file).local_path()) for file in self.changed)
            self.graph.forcefiles.update(stored)
            closure.save()
        return product in self.changed

    def _changed(self, workflow: Any, step: Step) -> bool:
        """Return whether the stored receipt of a step has another recipe; no if there is none."""
        receipt = _stored(workflow, str(step.receipt))
        if not receipt.exists():
            return False  # Snakemake sees by itself that it is missing, if anything needs it
        path = Path(receipt.local_path())
        path.parent.mkdir(parents=True, exist_ok=True)
        receipt.retrieve_object()
        found = receipts.recipe(path)
        path.unlink()
        return found != self.recipes[step.name]


def _stored(workflow: Any, file: str) -> Any:
    """Return a file of the rules in the storage, as the plugin knows it."""
    provider = workflow.storage_registry.default_storage_provider
    return provider.object(f"{_prefix(workflow)}{file}")


def _prefix(workflow: Any) -> str:
    """Return what the address of a stored file begins with."""
    given = workflow.storage_settings.default_storage_prefix
    return f"{given.rstrip('/')}/" if given else ""


def as_stored(steps: Mapping[str, Step], data: Iterable[str]) -> dict[str, Step]:
    """Return steps whose receipt is a product, with all that their commands read as inputs.

    In a folder they find the plan, and what pictures train networks again on, without asking.
    """
    pictures = dict.fromkeys(("figures", "figures_pdf"), tuple(data))
    return {
        name: replace(
            step,
            inputs=tuple(dict.fromkeys((*_plan(step), *step.inputs, *pictures.get(name, ())))),
            products=(*step.products, str(step.receipt)),
        )
        for name, step in steps.items()
    }


def _plan(step: Step) -> tuple[str, ...]:
    """Return the plan of a sweep, if a step comes after it."""
    return () if step.name == "plan" else (str(step.results / files.PLAN),)


def plain_name(workflow: Any, file: Any) -> str:
    """Return the name of a file of Snakemake as the rules write it: without its storage."""
    if not file.is_storage:
        return str(file)
    return str(file.storage_object.query).removeprefix(_prefix(workflow))


def folder_of(copy: str, files: list[str]) -> str:
    """Return the folder of a sweep where the commands see it, by the copy of its config.

    >>> folder_of("results/a/config.yaml", ["x/plan.txt", "/tmp/bucket/results/a/config.yaml"])
    '/tmp/bucket/results/a'
    """
    return next(os.path.dirname(file) for file in map(str, files) if file.endswith(copy))
