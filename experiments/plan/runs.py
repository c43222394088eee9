"""From a config to runs and jobs: a pure function, whatever has been trained already.

A run is a spec: a flat mapping that names all that its result depends on. Runs that two
studies share are one run. A job is a pack of runs that can be trained in common stacks; its
name is the hash of what it will hold, so that an unchanged job is an unchanged file.
"""

import itertools
import json
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments import schema
from experiments.base import ConfigError, canonical
from experiments.datasets import Data, Shape
from experiments.plan.model import EXCLUDED, Entry, Plan
from experiments.plan.refusals import (
    refuse_dead_values,
    refuse_epochs_beyond_the_last,
    refuse_scores_of_values,
    refuse_split,
    refuse_to_confirm,
    refuse_too_few_seeds,
    refuse_two_tables_of_one_name,
)
from experiments.plan.sameness import refuse_idle_penalties, refuse_same_arms
from experiments.schema import Config, EqualUpdates, Setting, Study, axis_label
from experiments.training import FIELDS, effective, epoch_size, run_id, train_rows
from mlp import COSTS, IncompatibleError, Network

Spec = dict[str, Any]


def make_plan(path: Path, changes: Sequence[str] = (), **resources: Any) -> Plan:
    """Read a config with some changes, each KEY=VALUE, and expand it. Raises ConfigError.

    `resources` override the config's own; unlike changes they are not part of the sweep.
    """
    config = schema.load(path, changes)
    if resources:
        config = config.model_copy(update={"resources": schema.resources(config, resources)})
    try:
        plan = expand(Path(path).stem, config)
        _ = plan.jobs  # a job that is too large is refused here, with the name of the file
        return plan
    except ConfigError as error:
        raise schema.placed(error, path, changes) from None


def expand(name: str, config: Config) -> Plan:
    """Expand the studies of a config into entries and runs."""
    refuse_two_tables_of_one_name(config)
    used = dict.fromkeys(d for study in config.studies.values() for d in study.datasets)
    plan = Plan(name, config, {d: config.data(d) for d in used}, [])
    for data in plan.data.values():
        refuse_split(data)
    shapes = {d.name: d.shape for d in plan.data.values()}
    for study_name, study in config.studies.items():
        refuse_to_confirm(study_name, study, config, shapes)
        refuse_too_few_seeds(study_name, study, config)
        entries = list(_entries(study_name, study, config, plan.data))
        refuse_dead_values(study_name, study, entries)
        refuse_scores_of_values(study_name, entries, shapes)
        refuse_epochs_beyond_the_last(study_name, study, entries)
        refuse_idle_penalties(study_name, entries)
        refuse_same_arms(study_name, study, entries, shapes)
        plan.entries += entries
    for entry in plan.entries:
        if not entry.reason:
            entry.run_id = run_id(entry.spec)
            plan.runs.setdefault(entry.run_id, entry.spec)
    return plan


def _entries(name: str, study: Study, config: Config, data: dict[str, Data]) -> Iterator[Entry]:
    axes = [[(axis, value) for value in values] for axis, values in study.grid.items()]
    rules = [_rule(f"studies.{name}.exclude[{i}]", rule) for i, rule in enumerate(study.exclude)]
    idle = set(range(len(rules)))
    for dataset in study.datasets:
        fixed = study.base | study.per_dataset.get(dataset, {})
        for point in itertools.product(*axes):
            settings = dict(fixed)
            for axis, value in point:
                joint = schema.is_joint(axis, value)
                settings |= (
                    {k: v for k, v in value.items() if k != "label"} if joint else {axis: value}
                )
            labels = {axis: axis_label(value) for axis, value in point}
            setting = schema.check_settings(f"studies.{name}", settings)
            spec, reason = _spec(setting, data[dataset])
            met = [i for i, rule in enumerate(rules) if _meets(setting, dataset, rule)]
            idle.difference_update(met)
            reason = reason or (f"{EXCLUDED}[{met[0]}]" if met else "")
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
        "split_draw": None,
    }
    for key in ("hidden", "dropout", "metrics"):
        spec[key] = list(spec[key]) if isinstance(spec[key], tuple) else spec[key]
    return spec, _impossible(spec, setting, shape, n_train)


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
    if reason := _unweighable(setting.class_weight, shape.classes):
        return reason
    return _incompatible(canonical({k: spec[k] for k in _NETWORK_FIELDS}), spec["lambda"])


def _unweighable(weights: str | dict[str, float] | None, classes: int) -> str:
    """Return why the classes of a dataset cannot have these weights, if they cannot."""
    if weights is not None and not classes:
        return "class_weight weighs classes, and the dataset has real values"
    if not isinstance(weights, dict):
        return ""
    if absent := [k for k in weights if int(k) >= classes]:
        return f"class_weight names class {absent[0]}, the dataset has 0 to {classes - 1}"
    if not any(weights.get(str(k), 1.0) for k in range(classes)):
        return "class_weight is 0 for every class, so that nothing could be trained"
    return ""


_NETWORK_FIELDS = tuple(field.name for field in FIELDS if field.network)


@lru_cache(maxsize=4096)
def _incompatible(network: str, lambda_: float) -> str:
    try:
        Network(**json.loads(network), lambda_=lambda_)
    except IncompatibleError as error:
        return str(error)
    return ""
