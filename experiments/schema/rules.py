"""The rules that hold between the keys of a study: what a model of one key cannot check."""

import math
import re
from collections.abc import Iterable
from typing import Any

from experiments.base import ConfigError, Mistakes
from experiments.datasets import DATASETS, class_mistake
from experiments.schema.labels import (
    LONGEST_LABEL,
    NAME_PATTERN,
    NAME_RULE,
    axis_label,
    program_role,
    same_to_the_eye,
)
from experiments.schema.messages import ELSEWHERE, among, not_a_text, short, unknown_key, validated
from experiments.schema.settings import FIELDS, Setting, check_settings, is_joint
from experiments.schema.study import Confirm, Dataset, Study
from mlp import did_you_mean

MOST_RUNS = 1_000_000


def check_dataset(where: str, source: str, options: dict) -> None:
    """Raise ConfigError if there is no such source, or it has no such options."""
    if source not in DATASETS:
        known = list(DATASETS)
        raise ConfigError(
            where,
            f"unknown dataset {source!r}{did_you_mean(source, known)}; known: {', '.join(known)}",
        )
    if mistake := class_mistake(DATASETS[source]):
        raise ConfigError(where, mistake)
    validated(DATASETS[source].Options, options, f"{where}.options")


def check_names(where: str, names: Iterable[str]) -> None:
    """Refuse two names that differ only in case: their files would be one on macOS and Windows."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.casefold(), name)
        if other != name:
            raise ConfigError(
                f"{where}.{name}",
                f"{name!r} and {other!r} differ only in case, and macOS and Windows take their "
                "files for one: rename one of them",
            )


def check_study(where: str, study: Study, datasets: dict[str, Dataset]) -> None:
    """Refuse a study with all that is wrong with it; what rests on a wrong grid is not judged."""
    mistakes = Mistakes()
    for i in range(len(study.datasets)):
        with mistakes.gathered():
            _check_its_dataset(f"{where}.datasets[{i}]", study, i, datasets)
    with mistakes.gathered():
        check_settings(f"{where}.base", study.base)
    for name, settings in study.per_dataset.items():
        with mistakes.gathered():
            among(f"{where}.per_dataset", name, study.datasets, "a dataset of the study")
            check_settings(f"{where}.per_dataset.{name}", settings)
            _refuse_set_by_an_axis(f"{where}.per_dataset.{name}", settings, study)
    for i, rule in enumerate(study.exclude):
        with mistakes.gathered():
            _check_rule(f"{where}.exclude[{i}]", rule, study.datasets)
    before = len(mistakes.found)
    for axis, values in study.grid.items():
        with mistakes.gathered():
            _check_axis(f"{where}.grid.{axis}", axis, values)
    if len(mistakes.found) == before:
        with mistakes.gathered():
            _refuse_overlapping_axes(where, study)
            _check_axes_named(where, study)
            _check_confirm(where, study)
            _check_pairs(where, study)
            _check_published(where, study)
    mistakes.raise_all()


def _refuse_set_by_an_axis(where: str, settings: dict[str, Any], study: Study) -> None:
    """Refuse a setting that every value of an axis sets too: the axis would silently win."""
    for key in settings:
        for axis, values in study.grid.items():
            joint = [value for value in values if is_joint(axis, value)]
            if axis == key or (values and all(key in value for value in joint) and joint == values):
                raise ConfigError(
                    f"{where}.{key}",
                    f"{key!r} is set by the axis {axis!r} of the grid, so that this value would "
                    "have no effect: take it out, or move the dataset to a study of its own",
                )


def _check_rule(where: str, rule: dict[str, Any], datasets: list[str]) -> None:
    """Refuse a rule of `exclude` with a setting, a value or a dataset that there is not."""
    mistakes = Mistakes()
    for key in rule:
        with mistakes.gathered():
            if key not in ("dataset", *FIELDS):
                raise unknown_key(where, key, ["dataset", *FIELDS])
    with mistakes.gathered():
        if "dataset" in rule:
            among(f"{where}.dataset", str(rule["dataset"]), datasets, "a dataset of the study")
    with mistakes.gathered():
        check_settings(where, {key: value for key, value in rule.items() if key in FIELDS})
    mistakes.raise_all()


def _check_its_dataset(where: str, study: Study, i: int, datasets: dict[str, Dataset]) -> None:
    name = study.datasets[i]
    if name not in datasets:
        known = [*datasets, *DATASETS]
        if name not in known:
            raise ConfigError(
                where,
                f"unknown dataset {name!r}{did_you_mean(name, known)}; "
                f"known: {', '.join(dict.fromkeys(known))}",
            )
        check_dataset(where, name, {})
    if study.datasets.index(name) != i:
        raise ConfigError(where, f"{name!r} stands twice in the list")
    mine = _meant(name, datasets)
    twin = next((other for other in study.datasets[:i] if _meant(other, datasets) == mine), None)
    if twin is not None:
        raise ConfigError(
            where, f"{name!r} is the same data as {twin!r}, so it would count twice; leave one out"
        )


def _meant(name: str, datasets: dict[str, Dataset]) -> tuple[str, dict[str, Any], bool | None]:
    """Return what a name of a dataset stands for."""
    said = datasets.get(name, Dataset())
    return said.source or name, said.options, said.standardise


def _check_axes_named(where: str, study: Study) -> None:
    """Refuse `compare` and `tune` where they name no axis, or one axis twice."""
    mistakes, axes = Mistakes(), list(study.grid)
    for i, axis in enumerate(study.compared):
        with mistakes.gathered():
            among(f"{where}.compare", axis, axes, "an axis of the grid")
            if study.compared.index(axis) != i:
                raise ConfigError(f"{where}.compare[{i}]", f"{axis!r} stands twice in the list")
    if study.tune is not None:
        with mistakes.gathered():
            among(f"{where}.tune", study.tune, axes, "an axis of the grid")
            if study.tune in study.compared:
                raise ConfigError(
                    f"{where}.tune", f"{study.tune!r} cannot be compared and tuned at once"
                )
    mistakes.raise_all()


def _check_confirm(where: str, study: Study) -> None:
    """Refuse to confirm what was not tuned."""
    if not isinstance(study.confirm, Confirm):
        return
    if study.tune is None:
        raise ConfigError(
            f"{where}.confirm",
            "the study chooses no value that could be confirmed: expected the key 'tune' beside "
            "it, such as tune: eta, or confirm: none",
        )


def _check_published(where: str, study: Study) -> None:
    _refuse_without_arms(f"{where}.published", study, study.published)
    arms = [axis_label(value) for axis in study.compared for value in study.grid[axis]]
    for i, number in enumerate(study.published):
        among(f"{where}.published[{i}].arm", number.arm, arms, "an arm")


def _refuse_without_arms(where: str, study: Study, found: list | None) -> None:
    if found and not study.compared:
        raise ConfigError(where, "the study compares nothing: expected the key 'compare' beside it")


def _check_pairs(where: str, study: Study) -> None:
    if study.pairs == []:
        raise ConfigError(
            f"{where}.pairs",
            "the list is empty, so that nothing would be tested: name pairs of arms, or leave the "
            "key out to test all pairs",
        )
    _refuse_without_arms(f"{where}.pairs", study, study.pairs)
    arms = [axis_label(v) for axis in study.compared for v in study.grid[axis]]
    for i, pair in enumerate(study.pairs or []):
        for arm in pair:
            among(f"{where}.pairs[{i}]", arm, arms, "an arm")
        if {*pair} in [{*other} for other in study.pairs[:i]] or pair[0] == pair[1]:
            raise ConfigError(f"{where}.pairs[{i}]", "expected two arms, and each pair once")


def check_claims_of(name: str, study: Study, studies: dict[str, Study]) -> None:
    """Refuse a study of programs that the other study's claims could not be judged by."""
    original = study.claims_of
    if original is None:
        return
    where = f"studies.{name}"
    among(f"{where}.claims_of", original, list(studies), "a study")
    if studies[original].claims_of is not None:
        raise ConfigError(
            f"{where}.claims_of",
            f"{original!r} repeats a study itself: expected a study without claims_of",
        )
    first = next(other for other, s in studies.items() if s.claims_of == original)
    if first != name:
        raise ConfigError(
            f"{where}.claims_of",
            f"{original!r} is repeated by the study {first!r} already: expected one for each study",
        )
    expected = ["program", *studies[original].grid]
    if {*study.grid} != {*expected}:
        raise ConfigError(
            f"{where}.grid",
            f"a study with claims_of {original!r} needs that study's axes and 'program': "
            f"expected {', '.join(expected)}",
        )
    _check_programs(f"{where}.grid.program", study.grid["program"])


PROGRAM_KEYS = ("label", "defects", "epochs")
"""What a value of the axis `program` may hold: anything else would be no matter of defects."""


def _check_programs(where: str, values: list[dict[str, Any]]) -> None:
    """Refuse programs of which two are the same, or none is the correct one."""
    owners: dict[str, str] = {}
    for i, value in enumerate(values):
        for key in value:
            among(f"{where}[{i}]", key, list(PROGRAM_KEYS), "a key of a program")
        role, label = program_role(value), axis_label(value)
        if role in owners:
            raise ConfigError(
                f"{where}[{i}]",
                f"{label!r} is the program {role!r}, as {owners[role]!r} is: expected each once",
            )
        owners[role] = label
    if "correct" not in owners:
        raise ConfigError(
            where,
            f"found {', '.join(owners)}: expected the correct program too, {{label: correct}}",
        )


def _refuse_overlapping_axes(where: str, study: Study) -> None:
    """Refuse two axes that set the same key: one would silently win."""
    owners: dict[str, str] = {}
    for axis, values in study.grid.items():
        keys = {axis} if axis in FIELDS else {k for v in values for k in v if k != "label"}
        for key in sorted(keys):
            if key in owners:
                raise ConfigError(
                    f"{where}.grid.{axis}", f"{key!r} is set by the axis {owners[key]!r} already"
                )
            owners[key] = axis


def _check_axis(where: str, axis: str, values: list) -> None:
    if not re.fullmatch(NAME_PATTERN, axis):
        raise ConfigError(where, f"an axis needs {NAME_RULE}")
    if not values:
        raise ConfigError(where, "the list is empty; give at least one value")
    plain = axis not in FIELDS and not all(isinstance(value, dict) for value in values)
    if plain and axis in ELSEWHERE:
        raise unknown_key(where, axis, list(FIELDS))
    if plain:
        raise ConfigError(
            where,
            f"{axis!r} is not a setting{did_you_mean(axis, list(FIELDS))}; known: "
            f"{', '.join(FIELDS)}. An axis of any other name holds mappings of settings.",
        )
    mistakes, checked_values = Mistakes(), []
    for i, value in enumerate(values):
        with mistakes.gathered():
            checked_values.append(_check_value(f"{where}[{i}]", axis, value))
    mistakes.raise_all()
    labels: dict[str, tuple[Any, str]] = {}
    owners: dict[str, str] = {}
    for i, (value, checked_value) in enumerate(zip(values, checked_values, strict=True)):
        given = checked_value.model_dump(include=checked_value.model_fields_set)
        label, meaning = axis_label(value), str(given)
        if not label:
            raise ConfigError(
                f"{where}[{i}]", f"found {short(value)}: expected a setting or a label"
            )
        looks = same_to_the_eye(label)
        if looks in labels:
            raise ConfigError(f"{where}[{i}]", _twice(value, *labels[looks]))
        if meaning in owners:
            raise ConfigError(
                f"{where}[{i}]",
                f"the value {label!r} is the same as {owners[meaning]!r}: expected each once",
            )
        labels[looks] = value, label
        owners[meaning] = label


def _twice(value: Any, other_value: Any, other: str) -> str:
    label = axis_label(value)
    if label == other and value == other_value:
        return f"the value {label!r} is twice in the list"
    if label == other:
        return f"the label {label!r} is twice in the list; give each value a label of its own"
    return (
        f"the label {short(label)} looks like {short(other)}: they differ only in case, blanks or "
        "characters that look the same; give labels that a reader can tell apart"
    )


def _check_value(where: str, axis: str, value: Any) -> Setting:
    """Return a value of an axis as settings. Refuses one that is none, or no label."""
    if is_joint(axis, value):
        _check_label(f"{where}.label", value.get("label", "x"))
        return check_settings(where, {k: v for k, v in value.items() if k != "label"})
    return check_settings(where, {axis: value}, at=where)


def _check_label(where: str, label: Any) -> None:
    """Refuse a label that is no text of one line: it heads columns and stands in legends."""
    if not isinstance(label, str):
        raise ConfigError(where, not_a_text(label))
    if not label.strip() or len(label) > LONGEST_LABEL or not label.isprintable():
        raise ConfigError(
            where,
            f"expected 1 to {LONGEST_LABEL} printable characters on one line, found {short(label)}",
        )


def check_size(where: str, study: Study, seeds: int, confirm: Confirm | None) -> None:
    """Refuse grids that no machine could train, before they fill its memory.

    A cell is confirmed at its chosen value and at most one shared value for each compared axis.
    """
    points = len(study.datasets) * math.prod(map(len, study.grid.values()))
    runs = {f"{where}.grid": points * seeds}
    if confirm is not None and study.tune in study.grid:
        values = len(study.grid[study.tune])
        most = min(values, 1 + len(study.compared))
        runs[f"{where}.confirm"] = points // values * most * confirm.runs
    for place, count in runs.items():
        if count > MOST_RUNS:
            raise ConfigError(place, f"stands for {count:,} runs, the limit is {MOST_RUNS:,}")
