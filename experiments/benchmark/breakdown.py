"""Where the wall time of a sweep goes: from Snakemake's timings of its jobs and from the runs.

Each rule has `benchmark: RESULTS/timings/RULE.tsv`, and for rules with wildcards
`RESULTS/timings/RULE/NAME.tsv`. Such a file has a header and a line with the job's wall seconds
("s"). What else is in it is of the command alone, which may have handed the job over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.base import files, write_text

STAGES = {
    "data": ("data",),
    "planning": ("plan",),
    "training": ("train",),
    "collecting": ("collect",),
    "statistics": ("tables", "baselines", "equations", "claims"),
    "figures": ("figures",),
    "report": ("report",),
}
"""What the rules of the Snakefile belong to; rules that are not named here make a stage."""

PAUSE_SECONDS = 60.0

COLUMNS = ("stage", "jobs", "seconds", "share", "what")
MEANING = {
    "data": "making the datasets, once",
    "planning": "writing the plan's file",
    "training": "the training loop, as the runs' own seconds count it",
    "start-up": "of the train jobs: Python, NumPy, data, files of the cache",
    "collecting": "runs.parquet and curves.parquet",
    "statistics": "tables, baselines, equations and claims",
    "figures": "",
    "report": "notebook and page",
}


def timings(folder: Path) -> pd.DataFrame:
    """Return a row for each job that has a timing: rule, job, seconds.

    `end` is when the file was written, in seconds: when the job had ended.
    """
    rows = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        place = path.relative_to(folder)
        last = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        rule = place.parts[0] if len(place.parts) > 1 else place.stem
        rows.append((rule, place.stem, float(last["s"]), path.stat().st_mtime))
    return pd.DataFrame(rows, columns=["rule", "job", "seconds", "end"])


def breakdown(results: Path) -> pd.DataFrame:
    """Return where the time of the sweep in a results folder went, a row for each stage.

    Seconds are added over the jobs, whatever number of cores they shared. Of the train jobs'
    time, what the runs say that their loops took is the training, the rest is start-up: it
    counts the jobs that ran last, and runs that came from the cache as much as they once took.
    """
    found = timings(Path(results) / files.TIMINGS)
    rows = [row for stage in _stages(found) for row in _rows(stage, found, Path(results))]
    table = pd.DataFrame(rows, columns=list(COLUMNS[:3]))
    table["share"] = table["seconds"] / table["seconds"].sum()
    table["what"] = table["stage"].map(MEANING).fillna("")
    return table


def _stages(found: pd.DataFrame) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = {rule for rules in STAGES.values() for rule in rules}
    yield from STAGES.items()
    yield from ((rule, (rule,)) for rule in sorted(set(found["rule"]) - known))


def _rows(stage: tuple[str, tuple[str, ...]], found: pd.DataFrame, results: Path) -> list[Any]:
    name, rules = stage
    mine = found[found["rule"].isin(rules)]
    if mine.empty:
        return []
    total = mine["seconds"].sum()
    if name != "training":
        return [(name, len(mine), total)]
    loop = min(training_seconds(results), total)
    return [("start-up", len(mine), total - loop), (name, len(mine), loop)]


def training_seconds(results: Path) -> float:
    """Return the processor seconds of the training loops of all runs, each run counted once."""
    path = Path(results) / files.RUNS
    if not path.exists():
        return 0.0
    runs = pd.read_parquet(path, columns=["run_id", "seconds"])
    return float(runs[runs["run_id"] != ""].drop_duplicates("run_id")["seconds"].sum())


def wall_seconds(results: Path) -> float | None:
    """Return the time from the start of a sweep's first job to the end of its last one.

    That is the time of the command, less Snakemake's own start. None where the jobs did not run
    in one go: where nothing ran for a minute.
    """
    found = timings(Path(results) / files.TIMINGS).sort_values("end")
    starts = found["end"] - found["seconds"]
    # from the last backwards: how long before the earliest start of the later jobs did one end?
    pauses = starts[::-1].cummin()[::-1].shift(-1) - found["end"]
    if found.empty or pauses.max() > PAUSE_SECONDS:
        return None
    return float(found["end"].max() - starts.min())


def write_breakdown(results: Path, path: Path) -> None:
    """Write the breakdown of a sweep as CSV."""
    write_text(path, breakdown(results).to_csv(index=False, float_format="%.4g"))
