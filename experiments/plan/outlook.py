"""What a plan would do now: which runs are new, cached or stale, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from experiments.base import DamagedFileError, UserError, counted, files, store
from experiments.plan.model import Plan
from experiments.plan.sameness import same_arms
from experiments.training import cache_path, curve_bytes, estimated_seconds, ingredients, train_rows


class State(NamedTuple):
    """The state of a run: new, cached or stale, and why it is stale."""

    state: str
    reason: str = ""


def run_states(plan: Plan, data: Path, cache: Path) -> dict[str, State]:
    """Return the state of each run of a plan, by its name."""
    kept: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(cache.glob("*/*.run")):
        kept[path.name.split("-")[0]].append(path)
    checksums = data_checksums(plan, data)
    return {
        name: _state(spec, checksums[spec["data"]], kept[name], cache)
        for name, spec in plan.runs.items()
    }


def data_checksums(plan: Plan, data: Path) -> dict[str, str]:
    """Return the checksum of each dataset of a plan by its key; "" if it is not made or damaged."""
    return {d.key: _checksum(files.data_file(data, d.key)) for d in plan.data.values()}


def _checksum(path: Path) -> str:
    try:
        return store.read(path)[0]["checksum"]
    except (OSError, DamagedFileError):
        return ""


def _state(spec: dict, checksum: str, kept: list[Path], cache: Path) -> State:
    if not kept:
        return State("new")
    if not checksum:
        return State("stale", "the data is to be made again")
    if cache_path(cache, spec, checksum) in kept:
        return State("cached")
    newest = max(kept, key=lambda path: path.stat().st_mtime_ns)
    try:
        before = store.read(newest)[0]["made_from"]
    except (DamagedFileError, LookupError, OSError, TypeError):
        return State("stale", "the cached file is damaged or cannot be read")
    now = ingredients(spec, checksum)
    changed = [name for name, value in now.items() if before.get(name) != value]
    return State("stale", " and ".join(changed) + " changed")


AFTERWARDS = 20.0
AFTERWARDS_PER_RUN = 0.007
"""Seconds of one core for tables, equations, claims, figures and pages, as the default and the
quick sweep take them."""


def afterwards(runs: int) -> float:
    """Return about how many seconds it takes from the trained runs to the report.

    >>> afterwards(1_000), afterwards(10_000)
    (27.0, 90.0)
    """
    return AFTERWARDS + AFTERWARDS_PER_RUN * runs


def describe(plan: Plan, data: Path, cache: Path, cores: int) -> Iterator[str]:
    """Yield the lines that tell a person what a sweep will do.

    Raises UserError where there is no core to do it.
    """
    if cores < 1:
        raise UserError(f"--cores: at least 1 is needed, found {cores}")
    states = run_states(plan, data, cache)
    yield f"{plan.name}: {counted(len(plan.runs), 'run')} in {counted(len(plan.jobs), 'job')}"
    for name in plan.config.studies:
        yield ""
        yield from _study(plan, name, states)
    yield ""
    yield from _costs(plan, states, cores)


def _study(plan: Plan, name: str, states: Mapping[str, State]) -> Iterator[str]:
    """Yield the lines about one study."""
    study = plan.config.studies[name]
    yield f"{name}: {study.title or study.question or 'a study'}"
    yield f"  datasets: {', '.join(study.datasets)}"
    for dataset in study.datasets:
        yield from (f"    {dataset}: {note}" for note in plan.data[dataset].notes)
    yield f"  seeds: {len(plan.config.seeds_of(study))}"
    for axis, values in study.grid.items():
        part = dict.fromkeys(study.compared, "compared") | {study.tune: "tuned"}
        yield f"  {axis}: {counted(len(values), 'value')}{_in_brackets(part.get(axis, ''))}"
    entries = [e for e in plan.entries if e.study == name]
    runs = {e.run_id for e in entries if not e.reason}
    yield f"  runs: {len(runs):,}: {_counts(states[r] for r in runs)}"
    for reason, count in Counter(e.reason for e in entries if e.reason).items():
        yield f"  left out: {count:,}: {reason}"
    for same in same_arms(study, entries, {d.name: d.shape for d in plan.data.values()}):
        yield f"  {same.axis}: {same}"


def _costs(plan: Plan, states: Mapping[str, State], cores: int) -> Iterator[str]:
    """Yield the lines about what is to be trained, and how long and how large that is."""
    todo = [name for name, state in states.items() if state.state != "cached"]
    shapes = {d.key: d.shape for d in plan.data.values()}
    seconds = sum(
        estimated_seconds(spec, train_rows(shape), shape.samples)
        for spec, shape in ((plan.runs[name], shapes[plan.runs[name]["data"]]) for name in todo)
    )
    yield f"all runs: {_counts(states.values())}"
    yield f"expected: about {_duration(seconds / cores)} of training on {counted(cores, 'core')}"
    rest = _duration(afterwards(len(plan.runs)))
    yield f"and then about {rest} for tables, figures and the report, where they are to be made"
    size = 2 * sum(curve_bytes(spec) for spec in plan.runs.values())
    yield f"on disk: about {size / 1e6:,.0f} MB for {len(plan.runs):,} runs and their cache"


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _counts(states: Iterator[State]) -> str:
    counts = Counter(s.state if not s.reason else f"{s.state} ({s.reason})" for s in states)
    return ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "none"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
