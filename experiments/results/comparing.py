"""Two folders of results, of other code, another machine or another config: what differs.

Comes in: two folders. Goes out: `compare`, a `Comparing` with the runs that both have, the planned
pairs and the claims whose verdicts differ, and its sentences. Names of runs depend on the code, so
runs are matched by what they are for (`KEY`).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import UserError, aligned, counted, files, listing, of_all
from experiments.results.columns import CURVE_METRICS, SPEC_COLUMNS
from experiments.results.curves import Curves, curve_columns
from experiments.results.reading import read_csv, read_parquet
from experiments.statistics import Kind

KEY = ["study", "stage", "dataset", "labels", "seed", "split", "split_index", "index"]
"""What a run is for: two runs of two folders with the same values here are matched."""
OUTCOME = ["status", *CURVE_METRICS, "best_epoch", "diverged_at", "stopped_at"]
"""What the table of runs says came of a run; its curves are compared besides."""
PAIR = ["comparison", "family", "dataset", "facet", "a", "b"]
POINTS = 100
"""An accuracy of 1 in points."""


class Comparing:
    """What two folders of results, A and B, have in common; each part is made when asked for."""

    def __init__(self, a: Path, b: Path) -> None:
        self.folders = tuple(map(_checked, (a, b)))
        needed = {*KEY, *OUTCOME, "run_id"}
        self.tables = [read_parquet(folder / files.RUNS, needed) for folder in self.folders]

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The runs of both: `KEY`, what came of each in A and B (`status_a`, ...), and `same`.

        `same` is whether status, all numbers after the last epoch and the curves (`same_curves`)
        have the same bits. Runs that were not trained in both are left out.
        """
        a, b = (_numbered(table) for table in self.tables)
        both = a.merge(b, on=[*KEY, "_number"], suffixes=("_a", "_b"), validate="one_to_one")
        trained = _trained(both["status_a"]) & _trained(both["status_b"])
        both = both[trained].reset_index(drop=True)
        same = np.ones(len(both), dtype=bool)
        for name in OUTCOME:
            same &= _alike(both[f"{name}_a"], both[f"{name}_b"])
        both["same"] = same & same_curves(self.folders, both)
        both["difference"] = POINTS * (both["test_accuracy_b"] - both["test_accuracy_a"])
        return both

    @property
    def alone(self) -> tuple[int, int]:
        """How many trained runs only A has, and only B."""
        a, b = (int(_trained(table["status"]).sum()) - len(self.runs) for table in self.tables)
        return a, b

    @property
    def settings(self) -> dict[str, int]:
        """The settings of matched runs that are not the same, with the number of such runs."""
        known = [n for n in SPEC_COLUMNS if n not in KEY and {f"{n}_a", f"{n}_b"} <= {*self.runs}]
        unlike = {n: int((~_alike(self.runs[f"{n}_a"], self.runs[f"{n}_b"])).sum()) for n in known}
        return {name: number for name, number in unlike.items() if number}

    @property
    def studies(self) -> pd.DataFrame:
        """A row for each study and stage, with the columns `STUDY_COLUMNS`."""
        trained = [table[_trained(table["status"])] for table in self.tables]
        counts = [table.groupby(STAGE, sort=False).size() for table in trained]
        off = self.runs[~self.runs["same"]].dropna(subset="difference")
        found = pd.DataFrame({
            "in A": counts[0], "in B": counts[1], "in both": self.runs.groupby(STAGE).size(),
            "the same": self.runs.groupby(STAGE)["same"].sum(),
        }).fillna(0).astype(int)  # fmt: skip
        found["mean"] = off.groupby(STAGE)["difference"].mean()
        found["largest"] = off["difference"].abs().groupby([off[c] for c in STAGE]).max()
        order = dict.fromkeys([*counts[0].index, *counts[1].index])
        return found.reindex([*order]).reset_index(names=STAGE)[STUDY_COLUMNS]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The planned pairs of both: `PAIR`, title, kind and sentence in A and B, and `changed`.

        A verdict is another one if its kind is, or if both show a difference of other sign.
        """
        a, b = (planned_of(folder) for folder in self.folders)
        both = a.merge(b, on=PAIR, suffixes=("_a", "_b"))
        kinds = both["verdict_kind_a"], both["verdict_kind_b"]
        shown = both["verdict_kind_a"].map(lambda kind: Kind(kind).differs).astype(bool)
        turned = np.sign(both["difference_a"]) != np.sign(both["difference_b"])
        titles = [_title(row) for row in both.to_dict("records")]
        return both.assign(title=titles, changed=(kinds[0] != kinds[1]) | (shown & turned))

    @cached_property
    def claims(self) -> pd.DataFrame:
        """The claims of both: id, title, verdict in A and B, and `changed`."""
        a, b = (claims_of(folder) for folder in self.folders)
        both = a.merge(b, on="id", suffixes=("_a", "_b"))
        titles = both["id"] + ": " + both["claim_a"]
        return both.assign(title=titles, changed=both["verdict_a"] != both["verdict_b"])

    @property
    def same(self) -> bool:
        """Whether all runs are in both and the same, and so are all verdicts."""
        whole = self.runs["same"].all() and self.alone == (0, 0)
        return bool(whole and not self.pairs["changed"].any() and not self.claims["changed"].any())


STAGE = ["study", "stage"]
STUDY_COLUMNS = [*STAGE, "in A", "in B", "in both", "the same", "mean", "largest"]
"""Trained runs; and of test accuracy, over the runs that differ, in points: the mean of B - A, and
the largest difference without its sign."""


def compare(a: Path, b: Path) -> Comparing:
    """Compare two folders of results. Raises UserError if one of them is none or is damaged."""
    return Comparing(a, b)


# ---------------------------------------------------------------- what is read


def _checked(folder: Path) -> Path:
    """Return a folder, if it is one of results."""
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}; name one such as results/default")
    if not (folder / files.RUNS).is_file():
        inside = sorted(path.parent for path in folder.glob(f"**/{files.RUNS}"))
        there = f"; there are some in {listing(map(str, inside))}" if inside else ""
        raise UserError(f"{folder} is no folder of results: it has no {files.RUNS}{there}")
    return folder


def _numbered(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with a number that tells those apart that are for the same."""
    return runs.assign(_number=runs.groupby(KEY, dropna=False, sort=False).cumcount())


def _trained(status: pd.Series) -> pd.Series:
    return status.isin(["ok", "diverged"])


def _alike(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Return where two columns have the same value; two that are missing are the same."""
    return ((one == other).fillna(False) | (one.isna() & other.isna())).to_numpy(dtype=bool)


def same_curves(folders: Sequence[Path], both: pd.DataFrame) -> np.ndarray:
    """Return which matched runs have curves of the same bits, in all that both folders record.

    A value that only one of them has was not recorded by the other, for status and final numbers
    tell whether it was lost. One quantity at a time is read, since all may not fit into memory.
    """
    names = [both[f"run_id_{side}"].tolist() for side in "ab"]
    common = [c for c in curve_columns(folders[0]) if c in curve_columns(folders[1])]
    same = np.ones(len(both), dtype=bool)
    for column in (name for name in common if name != "run_id"):
        curves = [Curves(folder, [column]) for folder in folders]
        there = np.array([all(n in c for n, c in zip(pair, curves, strict=True))
                          for pair in zip(*names, strict=True)], dtype=bool)  # fmt: skip
        same &= there
        places = np.flatnonzero(same)
        chosen = [[runs[k] for k in places] for runs in names]
        lengths = [c.lengths(runs) for c, runs in zip(curves, chosen, strict=True)]
        same[places[lengths[0] != lengths[1]]] = False
        for length in np.unique(lengths[0]):
            at = np.flatnonzero((lengths[0] == length) & (lengths[1] == length))
            values = [c.stacked([runs[k] for k in at], [column], np.arange(length))[0]
                      for c, runs in zip(curves, chosen, strict=True)]  # fmt: skip
            same[places[at]] &= _same_bits(*values)
    return same


def _same_bits(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return which rows have the same bits in all places where both have a value."""
    one, other = one.astype(float), other.astype(float)
    unlike = one.view(np.uint64) != other.view(np.uint64)
    return ~(unlike & ~np.isnan(one) & ~np.isnan(other)).any(axis=1)


def planned_of(folder: Path) -> pd.DataFrame:
    """Return the planned pairs of all comparisons of a sweep; of one without any, all pairs."""
    columns = [*PAIR, "difference", "verdict_kind", "verdict"]
    tables = [pd.DataFrame(columns=columns)]
    for name, path in files.tables_of_pairs(folder):
        table = read_csv(path, keep_default_na=False)
        if lacking := [c for c in columns[2:] if c not in table]:
            raise UserError(f"{path} was written by other code: it lacks {listing(lacking)}")
        table["difference"] = pd.to_numeric(table["difference"], errors="coerce")
        family = table.get("family", "exploratory")
        tables.append(table.assign(comparison=name, family=family)[columns])
    return pd.concat([t for t in tables if len(t)] or tables, ignore_index=True)


def claims_of(folder: Path) -> pd.DataFrame:
    """Return id, text and verdict of the claims of a sweep; no rows if none were judged."""
    path = folder / files.CLAIMS
    if not path.is_file():
        return pd.DataFrame(columns=["id", "claim", "verdict"])
    return read_csv(path, dtype={"id": "string"})[["id", "claim", "verdict"]]


def _title(row: dict[str, Any]) -> str:
    """Return what a planned pair is called in the list of changes."""
    place = ", ".join(filter(None, (row["dataset"], row["facet"])))
    return f"{row['comparison']}, {place}: {row['a']} and {row['b']}"


# ---------------------------------------------------------------- in sentences


def in_words(found: Comparing) -> Iterator[str]:
    """Yield the lines that say what two folders of results have in common and what not."""
    for side, folder, table in zip("AB", found.folders, found.tables, strict=True):
        yield f"{side}: {folder}, {counted(int(_trained(table['status']).sum()), 'trained run')}"
    yield from comparing_sentences(found)
    if not found.runs["same"].all() or found.alone != (0, 0):
        yield from aligned([HEADS, *map(_cells, found.studies.to_dict("records"))])
    for noun, table in (("planned pair", found.pairs), ("claim", found.claims)):
        yield verdicts_changed(table, noun)
        for row in table[table["changed"]].to_dict("records"):
            yield f"  {row['title']}"
            yield from (f"    {side.upper()}: {row[f'verdict_{side}']}" for side in "ab")


HEADS = [*STUDY_COLUMNS[:-2], "mean B - A", "largest"]


def _cells(row: dict[str, Any]) -> list[str]:
    texts = [f"{row[name]:,}" for name in STUDY_COLUMNS[2:-2]]
    points = ["" if np.isnan(row[name]) else f"{row[name]:.2f}" for name in ("mean", "largest")]
    return [row["study"], row["stage"], *texts, *points]


def comparing_sentences(found: Comparing) -> Iterator[str]:
    """Yield what is to be said of the runs."""
    runs, (only_a, only_b) = found.runs, found.alone
    yield (
        f"{counted(len(runs), 'run')} {'is' if len(runs) == 1 else 'are'} in both; {only_a:,} only "
        f"in A and {only_b:,} only in B (by study, stage, dataset, axes, seed and split)"
    )
    if runs.empty:
        return
    same = of_all(int(runs["same"].sum()), len(runs), "run")
    yield f"The same to the bit, in each quantity and epoch that both recorded: {same}"
    off = runs[~runs["same"]]
    ended = int((off["status_a"] != off["status_b"]).sum())
    if ended:
        yield f"{counted(ended, 'run')} diverged in one and not in the other"
    moved = off["difference"].dropna()
    if (moved != 0).any():
        yield (
            f"Another test accuracy: {of_all(int((moved != 0).sum()), len(moved), 'run')} of those "
            f"that differ; B - A is {moved.mean():+.2f} points in the mean, "
            f"{moved.abs().max():.2f} at most (regression: hundredths of R²)"
        )
    elif len(moved):
        yield "Every run that differs has the same test accuracy in both"
    if found.settings:
        said = (f"{name} (in {counted(n, 'run')})" for name, n in found.settings.items())
        yield f"Settings that the configs give otherwise: {listing(said)}"


def verdicts_changed(table: pd.DataFrame, noun: str) -> str:
    """Say how many verdicts of a table are others."""
    if table.empty:
        return f"No {noun} is in both"
    number = int(table["changed"].sum())
    return f"{noun.capitalize()}s: {number or 'none'} of {counted(len(table), 'verdict')} changed"
