"""What is refused of a study once its runs are known: each refusal names the place and the mend."""

import itertools
from collections import Counter
from collections.abc import Mapping

from experiments.base import ConfigError, counted
from experiments.datasets import Data, Shape, split_mistake
from experiments.plan.model import Entry
from experiments.schema import Config, Study, axis_label, seeds_needed, smallest_p, table_names


def refuse_split(data: Data) -> None:
    """Refuse a split that a dataset cannot have."""
    if mistake := split_mistake(data):
        raise ConfigError(f"datasets.{data.name}.split", mistake)


def refuse_two_tables_of_one_name(config: Config) -> None:
    """Refuse names such as a-b with axis c beside a with axis b-c: one file would hold both.

    Case makes no difference, as it makes none in the names of files on macOS and Windows.
    """
    names = [name.casefold() for name in table_names(config)]
    for name, count in Counter(names).items():
        if count > 1:
            raise ConfigError(
                "studies",
                f"two comparisons would write the table {name}; rename a study or an axis",
            )


def refuse_dead_values(name: str, study: Study, entries: list[Entry]) -> None:
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


def refuse_epochs_beyond_the_last(name: str, study: Study, entries: list[Entry]) -> None:
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


def refuse_scores_of_values(name: str, entries: list[Entry], shapes: Mapping[str, Shape]) -> None:
    """Refuse metrics, which are of classes, on a dataset with real values."""
    for entry in entries:
        if entry.spec["metrics"] and not shapes[entry.dataset].classes:
            raise ConfigError(
                f"studies.{name}.base.metrics",
                f"metrics are about classes, and dataset {entry.dataset!r} has real values; its R² "
                "is recorded in any case",
            )


def refuse_to_confirm(name: str, study: Study, config: Config, shapes: Mapping[str, Shape]) -> None:
    """Refuse new splits of data whose test part is its own, or too small, or that are compared."""
    confirm = config.confirm_of(study)
    if confirm is None:
        return
    where = f"studies.{name}.confirm" if study.confirm else "confirm"
    axis = next((axis for axis, values in study.grid.items() if _sets_split(axis, values)), None)
    if axis is not None:
        raise ConfigError(
            where,
            f"study {name!r} has the split on its axis {axis!r}, and confirming runs draw a split "
            f"of their own; say confirm: none in this study",
        )
    for dataset in study.datasets:
        shape = shapes[dataset]
        if shape.train:
            raise ConfigError(
                where,
                f"dataset {dataset!r} of study {name!r} has a test part of its own, so no new "
                "split can be drawn; say confirm: none in this study",
            )
        most = shape.split.test_parts(shape.samples, shape.groups)
        splits = confirm.on(dataset).splits
        if most < splits:
            raise ConfigError(
                where,
                f"{splits} splits of dataset {dataset!r}, which has "
                f"{counted(shape.samples, 'sample')} and {counted(most, 'test part')} at most; "
                "use fewer splits",
            )


def _sets_split(axis: str, values: list) -> bool:
    return axis == "split" or any(isinstance(value, dict) and "split" in value for value in values)


def refuse_too_few_seeds(name: str, study: Study, config: Config) -> None:
    """Refuse a study in which no exact sign-flip test could reach the level.

    The tests of a study that is confirmed rest on other runs than those of its seeds.
    """
    if config.confirm_of(study):
        return
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
