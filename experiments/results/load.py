"""The tables of a sweep as pandas frames, for whoever has a question of their own."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from experiments.base import UserError, files
from experiments.results.curves import read_curves
from experiments.results.models import Model, model
from experiments.results.reading import ANEW, read_csv, read_parquet, with_axes

RESULTS, DATA = Path("results"), Path("data")
STATUSES = ("ok", "diverged", "skipped", "missing")
FREE_TEXT = {"run_id", "reason", "labels"}
"""Columns of texts that are no categories."""


class Tables(NamedTuple):
    """What :func:`load_results` returns.

    `runs` has a row for each run and study, `curves` one for each run and epoch; `claims` and
    `equations` are the tables of the report, `comparisons` the others by the names of their files.
    `folder` is what they were read from.
    """

    runs: pd.DataFrame
    curves: pd.DataFrame
    claims: pd.DataFrame | None
    equations: pd.DataFrame | None
    comparisons: dict[str, pd.DataFrame]
    folder: Path

    def model(self, run_id: str, data: Path | str = DATA) -> Model:
        """Train a run again, alone, and return its network: a :class:`Model`.

        `run_id` may be the beginning of one; `data` is the folder of the data. Raises UserError
        if there is no such run, or more than one, if its data are not there, or if what comes out
        is not what was recorded, bit for bit. ::

            experiments.load_results("quick").model("1f0c").report().overall
        """
        names = sorted({name for name in self.runs["run_id"] if name.startswith(str(run_id))})
        if len(names) != 1:
            found = f"{len(names)} runs: {', '.join(names[:5])}" if names else "no run"
            raise UserError(
                f"expected the beginning of one run_id of {self.folder / files.RUNS_CSV}, found "
                f"{str(run_id)!r}, which begins {found}"
            )
        return model(self.folder, names[0], Path(data))


def load_results(name: str | Path, results: Path = RESULTS) -> Tables:
    """Return the tables of the sweep `name`, or of a folder of results, with the types right.

    `runs` has the axes of the studies as columns axis_NAME beside its own. Texts that repeat are
    ordered categories: numbers by size, statuses from good to bad, all else in the order of the
    config. `claims` and `equations` are None and `comparisons` (tables by name) is empty where
    the sweep has not come so far. Raises UserError where there are no results, or a file of them
    is missing or damaged. ::

        runs = experiments.load_results("default").runs
        runs[runs.status == "ok"].groupby("axis_pair", observed=True).test_accuracy.max()
    """
    if not isinstance(name, str | Path):
        raise UserError(
            f"load_results: the name of a sweep is a text such as 'default', or the Path of a "
            f"folder of results; found {name!r}"
        )
    folder = name if isinstance(name, Path) else Path(results) / name
    if not (folder / files.RUNS).is_file():
        raise UserError(f"there are no results in {folder}{_others(folder)}")
    runs = read_parquet(folder / files.RUNS, {"run_id", "study", "status", "labels"})
    try:
        runs = with_axes(runs)
    except (TypeError, ValueError) as error:
        raise UserError(
            f"{folder / files.RUNS}: the column labels is damaged ({error}); {ANEW}"
        ) from None
    return Tables(
        typed(runs),
        read_curves(folder),
        _optional(folder / files.CLAIMS, "id"),
        _optional(folder / files.EQUATIONS, "number"),
        {path.stem: read_csv(path) for path in sorted(folder.glob(f"{files.TABLES}/*.csv"))},
        folder,
    )


def _others(folder: Path) -> str:
    found = (path for path in folder.parent.glob(f"*/{files.RUNS}") if path.is_file())
    there = sorted(path.parent.name for path in found)
    return f"; there are some of {', '.join(there)}" if there else "; run snakemake first"


def _optional(path: Path, key: str) -> pd.DataFrame | None:
    """Return a table of the report, or None where there is none; its key is a text."""
    if not path.is_file():
        return None
    table = read_csv(path, dtype={key: "string"})
    if key not in table:
        raise UserError(f"{path} cannot be read: it has no column {key}; {ANEW}")
    return table


def typed(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with their texts as categories in their natural order."""
    runs = runs.copy()
    for column in runs.columns:
        if pd.api.types.is_string_dtype(runs[column]) and column not in FREE_TEXT:
            present = runs[column].dropna().unique().tolist()
            order = STATUSES if column == "status" else natural_order(present)
            runs[column] = pd.Categorical(runs[column], categories=order, ordered=True)
    return runs


def natural_order(labels: Iterable[str]) -> list[str]:
    """Return labels in the order a person would give them: numbers by size, else as they come.

    Labels that are numbers, or numbers joined by -, are sorted; words keep their order and stand
    after the numbers.

    >>> natural_order(["10", "0.3", "1"]), natural_order(["64-30-10", "64-5-10", "none"])
    (['0.3', '1', '10'], ['64-5-10', '64-30-10', 'none'])
    >>> natural_order(["sigmoid", "relu"])
    ['sigmoid', 'relu']
    """
    numbers = {label: _numbers(label) for label in labels}
    return sorted(numbers, key=lambda label: (not numbers[label], numbers[label]))


def _numbers(label: str) -> tuple[float, ...]:
    """Return the numbers of a label that is nothing else, or none.

    >>> _numbers("1e-05"), _numbers("4-20-3"), _numbers("tanh")
    ((1e-05,), (4.0, 20.0, 3.0), ())
    """
    try:
        return (float(label),)
    except ValueError:
        sizes = re.fullmatch(r"\d+(-\d+)*", label)
        return tuple(float(size) for size in label.split("-")) if sizes else ()
