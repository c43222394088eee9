"""Compare two clones, or two folders of results.

    python tools/compare_results.py A B [--sweep NAME]

A and B are clones with results, or folders of results (results/quick). The table that is printed
has a row for each thing compared; the exit code is 1 if any differs. Of clones the identities are
compared too: the plan fingerprint and the run ids of each config, and the fingerprints of the code
that numbers depend on. Each clone computes its own, so the two may be different commits.

Files are compared byte by byte. What differs between two runs of one commit is left out: seconds
(in runs.*), provenance (its file, its table on the page), the notebook's own code on the page,
logs, timings, receipts and the inside of jobs, whose names are compared.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

IGNORED = {"logs", "timings", "receipts", "provenance.json"}
MASKED = {
    "provenance": r'<figure class="table" id="tab-provenance">.*?</figure>',
    "code of the notebook": r'<details class="code">.*?</details>',
    "comments": r"<!--.*?-->",
}
IDENTITIES = """
import importlib, json, sys
from pathlib import Path
sys.path.insert(0, ".")
import mlp
from experiments.plan import make_plan

def module(*names):
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            pass
    raise SystemExit(f"none of the modules {names} is there")

code = module("experiments.training.fingerprint", "experiments.fingerprint")
found = {"core fingerprint": code.core_fingerprint(), "defects": code.defects_fingerprint()}
for family in (n for n in dir(mlp) if isinstance(getattr(mlp, n), mlp.Registry)):
    for name in getattr(mlp, family):
        try:
            found[f"component {family}.{name}"] = code.component_fingerprint(family, name)
        except KeyError:
            pass
for path in sorted(Path("experiments/config").glob("*.yaml")):
    try:
        plan = make_plan(path)
    except Exception as error:
        found[f"plan of {path.name}"] = f"cannot be planned: {str(error)[:80]}"
    else:
        found[f"plan of {path.name}"] = plan.fingerprint
        found[f"run ids of {path.name}"] = sorted(plan.runs)
print(json.dumps(found))
"""


class Row(NamedTuple):
    """One thing that was compared: what, the verdict, and how the two sides differ."""

    what: str
    same: bool
    detail: str = ""


def identities(clone: Path) -> dict[str, str | list[str]]:
    """Return the fingerprints and run ids that the code of a clone computes, by name."""
    command = [sys.executable, "-c", IDENTITIES]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The code of {clone} does not run:\n{done.stderr.strip()[-400:]}")
    return dict(json.loads(done.stdout))


def compare_identities(first: Path, second: Path) -> Iterator[Row]:
    """Yield a row for each plan, each set of run ids and each fingerprint of code."""
    one, other = identities(first), identities(second)
    for name in sorted(one.keys() | other.keys()):
        a, b = one.get(name), other.get(name)
        if isinstance(a, list) and isinstance(b, list):
            kept = len(set(a) & set(b))
            yield Row(name, a == b, f"{kept} in both of {len(a)} and {len(b)}")
        else:
            yield Row(name, a == b, str(a)[:60] if a == b else f"{str(a)[:60]} | {str(b)[:60]}")


def compare_folders(first: Path, second: Path) -> Iterator[Row]:
    """Yield a row for each file of two folders of results."""
    one, other = files(first), files(second)
    for name in sorted(one | other):
        if name not in one or name not in other:
            yield Row(name, False, f"only in {first if name in one else second}")
        elif not name.startswith("jobs/"):  # a job holds seconds; its name says what it trained
            yield compare_files(name, first / name, second / name)


def files(folder: Path) -> set[str]:
    """Return the names of the files that are compared, relative to the folder."""
    names = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return {name.as_posix() for name in names if name.parts[0] not in IGNORED}


def compare_files(name: str, first: Path, second: Path) -> Row:
    """Return the row of one file, whose content is taken without what may differ."""
    if first.read_bytes() == second.read_bytes():
        return Row(name, True)
    if first.stem == "runs" and first.suffix in (".csv", ".parquet"):
        read = pd.read_csv if first.suffix == ".csv" else pd.read_parquet
        a, b = (read(path).drop(columns="seconds") for path in (first, second))
        return Row(name, a.equals(b), "apart from seconds")
    if first.suffix == ".html":
        a, b = (masked(path.read_text(encoding="utf-8")) for path in (first, second))
        return Row(name, a == b, difference(a, b) or f"apart from {', '.join(MASKED)}")
    if first.suffix == ".ipynb":
        return Row(name, True, "not compared: it holds code and the page, which report.html shows")
    if first.suffix in (".csv", ".md", ".svg", ".json", ".yaml", ".txt", ".tex"):
        return Row(name, False, difference(*(p.read_text("utf-8") for p in (first, second))))
    return Row(name, False, f"{first.stat().st_size} and {second.stat().st_size} bytes")


def masked(page: str) -> str:
    """Return a page without the parts that may differ."""
    for name, pattern in MASKED.items():
        page = re.sub(pattern, f"[{name}]", page, flags=re.DOTALL)
    return page


def difference(a: str, b: str) -> str:
    """Return how many lines differ and the first that does, or an empty text."""
    if a == b:
        return ""
    one, other = a.split("\n"), b.split("\n")
    pairs = list(zip(one, other, strict=False))
    at = [n for n, (x, y) in enumerate(pairs) if x != y] or [len(pairs)]
    column = next((i for i, (x, y) in enumerate(zip(*pairs[at[0]], strict=False)) if x != y), 0)
    left, right = (lines[at[0]][max(0, column - 20) : column + 40] for lines in (one, other))
    return f"{len(at)} lines differ, line {at[0] + 1} first: {left!r} | {right!r}"


def compare(first: Path, second: Path, sweep: str) -> list[Row]:
    """Return all rows: of identities if both are clones, and of the results of one sweep."""
    clones = all((path / "experiments").is_dir() for path in (first, second))
    folders = [path / "results" / sweep if clones else path for path in (first, second)]
    rows = list(compare_identities(first, second)) if clones else []
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        return [*rows, Row("results", False, f"there is no folder {' or '.join(missing)}")]
    return rows + list(compare_folders(*folders))


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 0 if all is the same, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("first", type=Path, help="a clone, or a folder of results")
    parser.add_argument("second", type=Path, help="another")
    parser.add_argument("--sweep", default="quick", help="the sweep of two clones (default: quick)")
    parser.add_argument("--all", action="store_true", help="print what is the same, too")
    given = parser.parse_args(arguments)
    rows = compare(given.first, given.second, given.sweep)
    for row in rows:
        if given.all or not row.same:
            print(f"{'same   ' if row.same else 'DIFFERS'}  {row.what:36} {row.detail}".rstrip())
    print(f"{sum(row.same for row in rows)} of {len(rows)} are the same")
    return 0 if all(row.same for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
