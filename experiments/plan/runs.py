"""From a config to runs and jobs: a pure function, whatever has been trained already.

A run is a spec: a flat mapping that names all that its result depends on. Runs that two
studies share are one run. A job is a pack of runs that can be trained in common stacks; its
name is the hash of what it will hold, so that an unchanged job is an unchanged file.
"""

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments import schema
from experiments.base.english import counted
from experiments.base.errors import ConfigError
from experiments.base.identity import canonical, digest, run_id
from experiments.datasets import DATASETS, Options, Shape
from experiments.datasets.checks import sha256
from experiments.datasets.contract import announced, declared
from experiments.plan.sameness import refuse_idle_penalties, refuse_same_arms
from experiments.schema import Config, EqualUpdates, Setting, Study, axis_label
from experiments.schema.comparisons import table_names
from experiments.schema.power import seeds_needed, smallest_p
from experiments.training.defects import effective, epoch_size
from experiments.training.fields import FIELDS
from experiments.training.fingerprint import run_fingerprint
from experiments.training.packing import estimated_megabytes, estimated_seconds, stack_key
from experiments.training.splits import part_sizes
from mlp import COSTS, IncompatibleError, Network

Spec = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """A dataset as the config means it: its source with options, and the file that holds it."""

    name: str
    source: str
    options: dict[str, Any]
    standardise: bool

    def to_json(self) -> str:
        """Return what the data's file is made from; the same whatever a config calls it."""
        return canonical({"source": self.source, "options": self.options})

    @classmethod
    def from_json(cls, text: str) -> "Data":
        """Return the dataset that :meth:`to_json` wrote down, under the name of its source."""
        facts = json.loads(text)
        return cls(facts["source"], **facts, standardise=False)

    @cached_property
    def key(self) -> str:
        """The name of the data's file, and what the ids of runs say of the data.

        It is a hash of what the data is: its source, the options that differ from their defaults
        and the checksums of the user's files. The code of the source is no part of it: where that
        gives other arrays, their checksum changes, and what is cached was made from other data.
        """
        text = canonical([self.source, self.chosen.identity(), self.contents])
        return f"{self.source}-{digest(text)[:10]}"

    @cached_property
    def chosen(self) -> Options:
        """The options as the source takes them, with its defaults."""
        return DATASETS[self.source].Options(**self.options)

    @property
    def code_module(self) -> str:
        """The module of the source: where its code changes, the data is to be made again."""
        return type(DATASETS[self.source]).__module__

    @property
    def contents(self) -> list[tuple[str, str]]:
        """The endings, which say how they are read, and the checksums of the user's files."""
        paths = [Path(path).expanduser() for path in self.files]
        return [(path.suffix, sha256(path)) for path in paths]

    @property
    def title(self) -> str:
        """What messages call it: its name, and the user's files that it is made from."""
        return f"{self.name} ({', '.join(self.files)})" if self.files else self.name

    @cached_property
    def shape(self) -> Shape:
        """Samples, features and classes, known without making the data."""
        return announced(self.name, DATASETS[self.source], self.chosen)

    @property
    def notes(self) -> list[str]:
        """What a person should know of how the data was read."""
        return DATASETS[self.source].notes(self.chosen)

    @property
    def files(self) -> list[str]:
        """The user's files that it is made from."""
        return [str(path) for path in declared(self.name, DATASETS[self.source], self.chosen)]


@dataclass
class Entry:
    """One row of a study: a run with the labels of its axes, or a combination left out."""

    study: str
    dataset: str
    seed: int
    labels: dict[str, str]
    spec: Spec
    run_id: str = ""
    reason: str = ""


@dataclass
class Job:
    """Runs that one process trains: their specs, the data they need, what it should take."""

    name: str
    data: str
    specs: list[Spec]
    seconds: float
    megabytes: int


@dataclass
class Plan:
    """Everything that a config asks for."""

    name: str
    config: Config
    data: dict[str, Data]
    entries: list[Entry]
    runs: dict[str, Spec] = field(default_factory=dict)

    @cached_property
    def jobs(self) -> list[Job]:
        """The train jobs, in the order of the config."""
        return list(pack(self))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that the plan says: its jobs, each named by what it will hold."""
        return digest(canonical(sorted(job.name for job in self.jobs)))


def make_plan(path: Path, **resources: Any) -> Plan:
    """Read a config and expand it. Raises ConfigError. `resources` override the config's own."""
    config = schema.load(path)
    if resources:
        config = config.model_copy(update={"resources": schema.resources(config, resources)})
    try:
        plan = expand(Path(path).stem, config)
        _ = plan.jobs  # a job that is too large is refused here, with the name of the file
        return plan
    except ConfigError as error:
        raise schema.placed(error, path) from None


def expand(name: str, config: Config) -> Plan:
    """Expand the studies of a config into entries and runs."""
    _refuse_two_tables_of_one_name(config)
    used = dict.fromkeys(d for study in config.studies.values() for d in study.datasets)
    plan = Plan(name, config, {d: _data(d, config) for d in used}, [])
    shapes = {d.name: d.shape for d in plan.data.values()}
    for study_name, study in config.studies.items():
        _refuse_too_few_seeds(study_name, study, config)
        entries = list(_entries(study_name, study, config, plan.data))
        _refuse_dead_values(study_name, study, entries)
        _refuse_epochs_beyond_the_last(study_name, study, entries)
        refuse_idle_penalties(study_name, entries)
        refuse_same_arms(study_name, study, entries, shapes)
        plan.entries += entries
    for entry in plan.entries:
        if not entry.reason:
            entry.run_id = run_id(entry.spec)
            plan.runs.setdefault(entry.run_id, entry.spec)
    return plan


def _refuse_two_tables_of_one_name(config: Config) -> None:
    """Refuse names such as a-b with axis c beside a with axis b-c: one file would hold both."""
    for name, count in Counter(table_names(config)).items():
        if count > 1:
            raise ConfigError(
                "studies",
                f"two comparisons would write the table {name}; rename a study or an axis",
            )


def _data(name: str, config: Config) -> Data:
    facts = config.datasets.get(name, schema.Dataset())
    source = facts.source or name
    standardise = facts.standardise
    if standardise is None:
        standardise = DATASETS[source].standardise
    return Data(name, source, facts.options, standardise)


def _entries(name: str, study: Study, config: Config, data: dict[str, Data]) -> Iterator[Entry]:
    axes = [[(axis, value) for value in values] for axis, values in study.grid.items()]
    rules = [_rule(f"studies.{name}.exclude[{i}]", rule) for i, rule in enumerate(study.exclude)]
    idle = set(range(len(rules)))
    for dataset in study.datasets:
        fixed = study.base | study.per_dataset.get(dataset, {})
        for point in itertools.product(*axes):
            settings = dict(fixed)
            for axis, value in point:
                joint = isinstance(value, dict) and axis != "epochs"
                settings |= (
                    {k: v for k, v in value.items() if k != "label"} if joint else {axis: value}
                )
            labels = {axis: axis_label(value) for axis, value in point}
            setting = schema.check_settings(f"studies.{name}", settings)
            spec, reason = _spec(setting, data[dataset])
            met = [i for i, rule in enumerate(rules) if _meets(setting, dataset, rule)]
            idle.difference_update(met)
            reason = reason or (f"left out by exclude[{met[0]}]" if met else "")
            for seed in config.seeds_of(study):
                yield Entry(name, dataset, seed, labels, {**spec, "seed": seed}, reason=reason)

    for i in sorted(idle):
        raise ConfigError(
            f"studies.{name}.exclude[{i}]",
            f"no combination of the study meets {study.exclude[i]}: expected a rule that leaves "
            "one out",
        )


def _rule(where: str, rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule of `exclude` by attributes of a setting, with the values that they take."""
    given = {key: value for key, value in rule.items() if key != "dataset"}
    setting = schema.check_settings(where, given)
    named = {"dataset": rule["dataset"]} if "dataset" in rule else {}
    return named | {schema.FIELDS[key]: getattr(setting, schema.FIELDS[key]) for key in given}


def _meets(setting: Setting, dataset: str, rule: dict[str, Any]) -> bool:
    return all(
        (dataset if name == "dataset" else getattr(setting, name)) == value
        for name, value in rule.items()
    )


def _spec(setting: Setting, data: Data) -> tuple[Spec, str]:
    """Return the spec of a run without its seed, and why it cannot be, if it cannot."""
    shape = data.shape
    units = shape.classes or shape.targets
    if setting.output_units == 1:
        units = 1
    n_train = max(1, round(setting.train_fraction * train_rows(shape)))
    spec = setting.model_dump(by_alias=True, exclude={"layers", "output_units"})
    spec |= {
        "data": data.key,
        "dataset": data.name,
        "standardise": data.standardise,
        "sizes": [shape.features, *setting.layers, units],
        "epochs": _epochs(setting, n_train),
        "defects": _defects(setting),
    }
    spec["hidden"] = list(spec["hidden"]) if not isinstance(spec["hidden"], str) else spec["hidden"]
    return spec, _impossible(spec, setting, shape, n_train)


def train_rows(shape: Shape) -> int:
    """Return the number of training samples of a dataset before any thinning."""
    return shape.train or part_sizes(shape.samples)["train"]


def _epochs(setting: Setting, n_train: int) -> int:
    if not isinstance(setting.epochs, EqualUpdates):
        return setting.epochs
    wanted, size = setting.epochs, min(setting.batch_size, n_train)
    updates = wanted.as_many_updates_as * epoch_size(n_train, size, wanted.with_defects)[0]
    own = 1 if setting.update == "epoch" else epoch_size(n_train, size, setting.defects)[0]
    return math.ceil(updates / own)


def _defects(setting: Setting) -> list[str]:
    """Return the defects that change something; a combination that cannot be has none."""
    if setting.defects and setting.output in COSTS[setting.cost].outputs:
        return list(effective(setting.defects, setting.cost, setting.output))
    return []


def _impossible(spec: Spec, setting: Setting, shape: Shape, n_train: int) -> str:
    if setting.output_units == 1 and shape.classes > 2:
        return f"one output unit cannot tell {shape.classes} classes apart"
    if setting.batch_size > n_train:
        return f"the batch of {setting.batch_size} is larger than the {n_train} training samples"
    if bool(shape.classes) == (setting.output == "identity"):
        kind = "classes" if shape.classes else "real values"
        return f"output {setting.output} cannot predict {kind}"
    return _incompatible(canonical({k: spec[k] for k in _NETWORK_FIELDS}), spec["lambda"])


_NETWORK_FIELDS = tuple(field.name for field in FIELDS if field.network)


@lru_cache(maxsize=4096)
def _incompatible(network: str, lambda_: float) -> str:
    try:
        Network(**json.loads(network), lambda_=lambda_)
    except IncompatibleError as error:
        return str(error)
    return ""


def _refuse_dead_values(name: str, study: Study, entries: list[Entry]) -> None:
    """Refuse a study of which a whole value, or everything, is impossible: a slip, not a gap."""
    if all(e.reason for e in entries):
        raise ConfigError(f"studies.{name}", f"no run is possible: {entries[0].reason}")
    alive = {item for e in entries if not e.reason for item in e.labels.items()}
    for axis, values in study.grid.items():
        for i, value in enumerate(values):
            label = axis_label(value)
            if (axis, label) not in alive:
                reason = next(e.reason for e in entries if e.labels[axis] == label)
                raise ConfigError(
                    f"studies.{name}.grid.{axis}[{i}]",
                    f"no run is possible with {label!r}: {reason}",
                )


def _refuse_epochs_beyond_the_last(name: str, study: Study, entries: list[Entry]) -> None:
    """Refuse a published number after an epoch that no run of its arm reaches."""
    for i, number in enumerate(study.published):
        if number.epoch is None:
            continue
        last = max(
            entry.spec["epochs"]
            for entry in entries
            if not entry.reason and number.arm in (entry.labels[axis] for axis in study.compared)
        )
        if number.epoch > last:
            raise ConfigError(
                f"studies.{name}.published[{i}].epoch",
                f"no run of {number.arm!r} has an epoch {number.epoch}: expected at most {last}",
            )


def _refuse_too_few_seeds(name: str, study: Study, config: Config) -> None:
    """Refuse a study in which no exact sign-flip test could reach the level."""
    level, seeds = config.statistics.level, len(config.seeds_of(study))
    for axis in study.compared:
        labels = [axis_label(v) for v in study.grid[axis]]
        pairs = study.pairs or list(itertools.combinations(labels, 2))
        count = sum(a in labels and b in labels for a, b in pairs)
        if count and smallest_p(seeds, count) > level:
            fewer = " or declare fewer pairs" if count > 1 else ""
            raise ConfigError(
                f"studies.{name}.seeds",
                f"{counted(seeds, 'seed')} cannot decide {counted(count, 'pair')} of {axis!r}: the "
                f"smallest adjusted p is {smallest_p(seeds, count):.3g}, above the level "
                f"{level:g}. Use at least {seeds_needed(count, level)} seeds{fewer}",
            )


def pack(plan: Plan) -> Iterator[Job]:
    """Pack the runs into jobs of about `job_seconds`, each of one dataset and length.

    Runs of one stack stand together, in an order that does not depend on the jobs.
    """
    resources = plan.config.resources
    shapes = {data.key: data.shape for data in plan.data.values()}
    groups: dict[tuple, dict[tuple, list[tuple[str, Spec]]]] = {}
    for identity, spec in plan.runs.items():
        kind = (spec["data"], spec["epochs"], len(spec["sizes"]))
        groups.setdefault(kind, {}).setdefault(stack_key(spec), []).append((identity, spec))
    for (data, *_), stacks in groups.items():
        yield from _jobs(data, list(stacks.values()), shapes[data], resources)


def _jobs(
    data: str, stacks: list[list[tuple[str, Spec]]], shape: Shape, resources: schema.Resources
) -> Iterator[Job]:
    """Cut the runs, those of one stack together, into jobs of about equal length.

    A job that would need more memory than it may have is cut into halves.
    """
    n_train = train_rows(shape)
    runs = [run for stack in stacks for run in stack]
    kinds = np.repeat(np.arange(len(stacks)), [len(stack) for stack in stacks])
    costs = [estimated_seconds(stack[0][1], n_train, shape.samples) for stack in stacks]
    seconds = np.array(costs)[kinds]  # the runs of a stack cost the same
    ends = np.cumsum(seconds)
    count = max(1, math.ceil(ends[-1] / resources.job_seconds))
    places = np.minimum((ends - seconds) * count // ends[-1], count - 1)
    firsts = np.flatnonzero(np.diff(places, prepend=-1))  # places do not fall

    def megabytes(first: int, last: int) -> int:
        some = [stacks[kind][0][1] for kind in np.unique(kinds[first:last])]
        return max(estimated_megabytes(spec, shape, last - first) for spec in some)

    def fitting(first: int, last: int) -> Iterator[tuple[int, int, int]]:
        needed = megabytes(first, last)
        if last - first == 1 or needed <= resources.memory_mb:
            yield first, last, needed
        else:
            middle = (first + last) // 2
            yield from fitting(first, middle)
            yield from fitting(middle, last)

    cuts = itertools.pairwise([*firsts.tolist(), len(runs)])
    for first, last, needed in itertools.chain.from_iterable(itertools.starmap(fitting, cuts)):
        mine = runs[first:last]
        _refuse_too_large(mine[0][1], shape, needed, resources.memory_mb)
        yield Job(
            digest(canonical([[identity, run_fingerprint(spec)] for identity, spec in mine]))[:20],
            data,
            [spec for _, spec in mine],
            float(sum(seconds[first:last].tolist())),
            needed,
        )


def _refuse_too_large(spec: Spec, shape: Shape, needed: int, limit: int) -> None:
    if needed > limit:
        raise ConfigError(
            "resources.memory_mb",
            f"a job of {'-'.join(map(str, spec['sizes']))} on {spec['dataset']} needs about "
            f"{needed} MB even with one run, the limit is {limit} MB; raise the limit or use a "
            "smaller network",
        )
