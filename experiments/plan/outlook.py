"""What a plan would do now: which runs are new, cached or stale, and why."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from experiments.base import (
    Cache,
    DamagedFileError,
    UserError,
    counted,
    duration,
    files,
    listing,
    store,
)
from experiments.plan.confirming import LIKELY
from experiments.plan.foretold import Foretold, foretold
from experiments.plan.model import Plan
from experiments.plan.sameness import same_arms
from experiments.schema import comparisons
from experiments.training import (
    cached_name,
    curve_bytes,
    estimated_seconds,
    ingredients,
    stack_key,
    stack_seconds,
    train_rows,
)


class State(NamedTuple):
    """The state of a run: new, cached or stale, and why it is stale."""

    state: str
    reason: str = ""


def run_states(plan: Plan, data: Path, cache: Cache) -> dict[str, State]:
    """Return the state of each run of a plan, by its name."""
    return _states(plan, data, cache)(plan.runs)


def _states(
    plan: Plan, data: Path, cache: Cache
) -> Callable[[Mapping[str, dict]], dict[str, State]]:
    """Return what tells the states of runs on a plan's data; the cache is listed once for all."""
    kept: dict[str, list[str]] = defaultdict(list)
    for name in cache.runs():
        kept[name.split("/")[-1].split("-")[0]].append(name)
    checksums = data_checksums(plan, data)
    return lambda runs: {
        name: _state(spec, checksums[spec["data"]], kept[name], cache)
        for name, spec in runs.items()
    }


def data_checksums(plan: Plan, data: Path) -> dict[str, str]:
    """Return the checksum of each dataset of a plan by its key; "" if it is not made or damaged."""
    return {d.key: _checksum(files.data_file(data, d.key)) for d in plan.data.values()}


def _checksum(path: Path) -> str:
    try:
        return store.read(path)[0]["checksum"]
    except (OSError, DamagedFileError):
        return ""


def _state(spec: dict, checksum: str, kept: Sequence[str], cache: Cache) -> State:
    if not kept:
        return State("new")
    if not checksum:
        return State("stale", "the data is to be made again")
    if cached_name(spec, checksum) in kept:
        return State("cached")
    try:
        before = cache.read(kept[-1])[0]["made_from"]
    except (DamagedFileError, LookupError, OSError, TypeError):
        return State("stale", "the cached file is damaged or cannot be read")
    now = ingredients(spec, checksum)
    changed = [name for name, value in now.items() if before.get(name) != value]
    return State("stale", " and ".join(changed) + " changed")


AFTERWARDS, AFTERWARDS_PER_COMPARISON, AFTERWARDS_PER_RUN = 18.0, 4.0, 0.0012
"""Seconds of one core for all that trains nothing, as the default and the quick sweep take them."""
AT_ONCE = 1.8
"""How many of these steps run at once, in the mean, if there are two cores or more."""
JOB_SECONDS = 0.2
"""Seconds of one core to start a job that trains, to read its data and to store its runs."""


def afterwards(runs: int, compared: int, cores: int = 1) -> float:
    """Return about how many seconds it takes from the trained runs to the report.

    `compared` is the number of comparisons.

    >>> afterwards(10_000, 9), afterwards(10_000, 9, cores=8) < afterwards(10_000, 9) / 1.5
    (66.0, True)
    """
    seconds = AFTERWARDS + AFTERWARDS_PER_COMPARISON * compared + AFTERWARDS_PER_RUN * runs
    return seconds / min(cores, AT_ONCE)


def describe(plan: Plan, data: Path, cache: Cache, cores: int, pace: float = 1.0) -> Iterator[str]:
    """Yield the lines that tell a person what a sweep will do.

    `pace` is how much longer all takes than where the costs were measured (:func:`.machine.pace`).
    Raises UserError if there is no core to do it.
    """
    if cores < 1:
        raise UserError(f"--cores: at least 1 is needed, found {cores}")
    states_of = _states(plan, data, cache)
    states = states_of(plan.runs)
    confirming = _foretold(plan, data, cache, states)
    chosen = {name: spec for one in confirming.values() for name, spec in (one.runs or {}).items()}
    later = states_of(chosen)
    jobs = len(plan.jobs) + len(plan.confirm_jobs)
    yield f"{plan.name}: {counted(len(plan.runs), 'run')} in {counted(jobs, 'job')}"
    if confirming:
        yield f"and to confirm them {_networks(confirming)}"
    for name in plan.config.studies:
        yield from _study(plan, name, states)
        yield from _confirmed(plan, name, confirming, later)
    yield ""
    if unused := [name for name in plan.config.datasets if name not in plan.data]:
        yield f"note: no study uses {listing(unused)} of the key 'datasets'"
    yield f"all runs: {_counts(states.values())}"
    if later:
        yield f"confirming runs that are known: {_counts(later.values())}"
    training = pace * _seconds(plan, states, confirming, later) / cores
    networks, compared = len(plan.runs) + _likely(confirming), len([*comparisons(plan.config)])
    rest = pace * afterwards(networks, compared, cores)
    yield f"expected: about {duration(training + rest)} on {counted(cores, 'core')}: " + (
        f"{duration(training)} of training and {duration(rest)} for the rest, if all of it is to do"
    )
    yield _room(plan, confirming)


def _likely(confirming: Mapping[tuple[str, str], Foretold]) -> int:
    """Return about how many runs the confirmations have."""
    return sum(min(one.at_most, round(LIKELY * one.at_least)) for one in confirming.values())


def _room(plan: Plan, confirming: Mapping[tuple[str, str], Foretold]) -> str:
    """Say what room the runs need on the disk."""
    count = len(plan.runs) + sum(one.at_most for one in confirming.values())
    size = 2 * sum(map(curve_bytes, plan.runs.values())) + 2 * sum(
        confirming[one.study, one.dataset].at_most
        * max(curve_bytes(cell.spec) for cell in one.cells)
        for one in plan.confirmations
    )
    return f"on disk: about {size / 1e6:,.0f} MB for {count:,} runs and their cache"


def _study(plan: Plan, name: str, states: Mapping[str, State]) -> Iterator[str]:
    """Yield what there is to say of a study and its tuning runs."""
    study = plan.config.studies[name]
    yield ""
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


def _foretold(
    plan: Plan, data: Path, cache: Cache, states: Mapping[str, State]
) -> dict[tuple[str, str], Foretold]:
    """Return what each confirmation of a plan will train, by study and dataset."""
    cached = {name for name, state in states.items() if state.state == "cached"}
    checksums = data_checksums(plan, data)
    return {
        (one.study, one.dataset): foretold(one, plan.runs, cached, cache, checksums[one.data])
        for one in plan.confirmations
    }


def _networks(confirming: Mapping[tuple[str, str], Foretold]) -> str:
    """Return how many networks are confirmed: exactly, or between bounds while that is open.

    Studies may share runs on a dataset: those that are known are counted once, and of the others
    at least those of one study and at most those of each.
    """
    if all(one.runs is not None for one in confirming.values()):
        known = {run for one in confirming.values() for run in one.runs or ()}
        return f"exactly {counted(len(known), 'run')}"
    by_dataset: dict[str, int] = defaultdict(int)
    for (_, dataset), one in confirming.items():
        by_dataset[dataset] = max(by_dataset[dataset], one.at_least)
    least, most = sum(by_dataset.values()), sum(one.at_most for one in confirming.values())
    if least == most:
        return f"exactly {counted(most, 'run')}"
    return f"at least {least:,} and at most {counted(most, 'run')}: the tuning decides"


def _confirmed(
    plan: Plan, name: str, confirming: Mapping, later: Mapping[str, State]
) -> Iterator[str]:
    confirm = plan.config.confirm_of(plan.config.studies[name])
    if confirm is None:
        return
    mine = {place: one for place, one in confirming.items() if place[0] == name}
    known = {run for one in mine.values() for run in one.runs or ()}
    states = f": {_counts(later[run] for run in known)}" if known else ""
    splits = confirm.numbers(plan.config.studies[name].datasets)
    yield (
        f"  confirm: {splits} splits x {counted(confirm.seeds, 'seed')} at each chosen "
        f"value: {_networks(mine)}{states}"
    )


def _seconds(
    plan: Plan, states: Mapping[str, State], confirming: Mapping, later: Mapping[str, State]
) -> float:
    """Return about how many seconds of one core the training will take."""
    shapes = {d.key: d.shape for d in plan.data.values()}
    facts = {key: (train_rows(shape), shape.samples) for key, shape in shapes.items()}
    todo = [plan.runs[name] for name, state in states.items() if state.state != "cached"]
    seconds = sum(estimated_seconds(spec, *facts[spec["data"]]) for spec in todo)
    seconds += JOB_SECONDS * len(plan.jobs) * len(todo) / max(1, len(plan.runs))
    stacks: dict[tuple, list[dict]] = defaultdict(list)
    for one in confirming.values():
        for name, spec in (one.runs or {}).items():
            if later[name].state != "cached":
                stacks[stack_key(spec)].append(spec)
    for specs in stacks.values():
        seconds += stack_seconds(specs[0], *facts[specs[0]["data"]], len(specs))
    open_ = {place for place, one in confirming.items() if one.runs is None}
    jobs = [job for job in plan.confirm_jobs if (job.of.study, job.of.dataset) in open_]
    return seconds + sum(job.seconds + JOB_SECONDS for job in jobs)


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _counts(states: Iterator[State]) -> str:
    counts = Counter(s.state if not s.reason else f"{s.state} ({s.reason})" for s in states)
    return ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "none"
