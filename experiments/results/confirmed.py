"""The rows of the confirming runs, and the table of the choices that they rest on."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.base import canonical
from experiments.plan import Cell, Confirmation, Entry, Plan
from experiments.training import Choice, on_split, run_id


def confirming_entries(
    plan: Plan, choices: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> Iterator[Entry]:
    """Yield the rows of the confirming runs, splits in turn; no cell is without rows.

    `choices` are those of each study and dataset that is known.
    """
    for one in plan.confirmations:
        known = choices.get((one.study, one.dataset))
        for number, cell in enumerate(one.cells):
            used, reason = [], cell.reason
            if known and not reason:
                used = Choice(**known[number]).used
                reason = "" if used else f"every run of its tuning diverged, whatever {one.tune}"
            for split in range(one.confirm.splits):
                yield from _rows(one, cell, used, reason, split)


def _rows(
    one: Confirmation, cell: Cell, used: list[str], reason: str, split: int
) -> Iterator[Entry]:
    """Yield the rows of a cell on one split; without a value there is one row for each index."""
    for label in used or [None]:
        spec = cell.spec if label is None else cell.specs[label]
        labels = cell.labels if label is None else {**cell.labels, one.tune: label}
        for index, run in enumerate(on_split(spec, one.confirm.model_dump(), split)):
            identity = "" if label is None else run_id(run)
            yield Entry(
                one.study, one.dataset, run["seed"], labels, run, identity, reason, "confirm",
                split, index,
            )  # fmt: skip


CHOICE_COLUMNS = (
    "study", "dataset", "labels", "tune", "grid", "validation_accuracy", "validation_cost", "seeds",
    "chosen", "on_edge", "shared", "near", "reason",
)  # fmt: skip


def choices_frame(
    plan: Plan, choices: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> pd.DataFrame:
    """Return the table of choices: a row per cell, lists and mappings as JSON.

    `grid` are the labels of the values that have runs, with the means on validation and the numbers
    of seeds in the same order; `shared` is the value of each compared axis for all its arms; `near`
    are the values within one standard error of the chosen one.
    """
    rows = []
    for one in plan.confirmations:
        known = choices.get((one.study, one.dataset))
        for number, cell in enumerate(one.cells):
            row = {"study": one.study, "dataset": one.dataset, "tune": one.tune}
            row |= {"labels": canonical(cell.labels), "reason": cell.reason}
            if known:
                row |= _chosen(known[number])
            elif not cell.reason:
                row["reason"] = "its job has no results"
            rows.append(row)
    return pd.DataFrame(rows, columns=list(CHOICE_COLUMNS))


def _chosen(choice: Mapping[str, Any]) -> dict[str, Any]:
    grid = choice["grid"]
    columns = {"grid": "label", "validation_accuracy": "accuracy", "validation_cost": "cost"}
    lists = {name: [row[key] for row in grid] for name, key in {**columns, "seeds": "n"}.items()}
    lists |= {"shared": choice["shared"], "near": choice["near"]}
    texts = {name: canonical(value) for name, value in lists.items()}
    return texts | {"chosen": choice["chosen"], "on_edge": choice["on_edge"]}
