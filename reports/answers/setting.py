"""How the networks of a question were run, and what the names of its settings mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from experiments.base import counted, listing
from experiments.schema import FIELDS, Setting, axis_label, is_joint
from reports.figures import FAMILIES
from reports.page import Html, bullets, fold, literal
from reports.sentences import axis_name, human

if TYPE_CHECKING:
    from experiments.schema import Study
    from reports.answers.asked import Asked
    from reports.chapters import Report

EQUAL_UPDATES = "as_many_updates_as"
"""The key of a number of epochs that follows from a number of updates."""


def setting(report: Report, asked: Asked) -> Iterator[Html]:
    """Yield the settings of the studies of a question, and its names in words, folded."""
    studies = {one.study: report.config.studies[one.study] for one in asked.comparisons}
    if not studies:
        return
    said = [_how(report, name, study) for name, study in studies.items()]
    names: dict[str, str] = {}
    for study in studies.values():
        for key, value in _settings(study):
            names |= _meaning(key, value)
    said += [f"*{literal(name)}*: {literal(meaning)}" for name, meaning in names.items()]
    yield fold("How it was run, and what the names mean", bullets(said))


def _how(report: Report, name: str, study: Study) -> str:
    """Say in one sentence how a study was run."""
    base = {"layers": Setting().layers} | study.base
    fixed = [f"{axis_name(key)} {_text(key, value)}" for key, value in base.items()]
    fixed += [
        f"{axis_name(axis)} {listing(map(axis_label, values))}"
        for axis, values in study.grid.items()
        if axis not in (*study.compared, study.tune)
    ]
    other = [
        f"{human(dataset)}: {listing(f'{axis_name(k)} {_text(k, v)}' for k, v in more.items())}"
        for dataset, more in study.per_dataset.items()
    ]
    text = f"**{literal(study.title or name)}**: {'; '.join(map(literal, fixed))}"
    text += f" ({literal('; '.join(other))})" if other else ""
    if study.tune:
        values = [axis_label(value) for value in study.grid[study.tune]]
        seeds = counted(len(report.config.seeds_of(study)), "seed")
        text += (
            f". The {axis_name(study.tune)} is chosen for each setting on the validation part, "
            f"{seeds}, from {literal(listing(values, most=9))}"
        )
    if confirm := report.config.confirm_of(study):
        text += f"; then {counted(confirm.seeds, 'fresh run')} on each of {confirm.splits} splits"
        fewer = [f"{human(d)}: {n}" for d, n in confirm.splits_of.items() if d in study.datasets]
        text += f" ({literal(listing(fewer))})" if fewer else ""
    return f"{text}."


def _text(key: str, value: Any) -> str:
    if key == "layers":
        return f"of {listing(str(size) for size in value)} neurons" if value else "none"
    return axis_label(value)


def _settings(study: Study) -> Iterator[tuple[str, Any]]:
    """Yield each key and value of the study's settings, those of joint settings one by one."""
    for axis, values in study.grid.items():
        for value in values:
            yield from value.items() if is_joint(axis, value) else [(axis, value)]
    yield from study.base.items()


def _meaning(key: str, value: Any) -> dict[str, str]:
    """Return what a component's name means: the first line of its docstring, with its formula."""
    if isinstance(value, Mapping) and EQUAL_UPDATES in value:
        epochs = value[EQUAL_UPDATES]
        return {axis_label(value): f"as many updates as mini-batches make in {epochs} epochs"}
    family = FAMILIES.get(key)
    if isinstance(family, Mapping) and isinstance(value, str) and value in family:
        return {value: (family[value].__doc__ or "").strip().splitlines()[0]}
    if isinstance(family, tuple):  # words without code of their own
        field = Setting.model_fields[FIELDS[key]]
        return {listing(family): field.description or ""}
    return {}
