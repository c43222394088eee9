"""The schema of a config, and the messages that people see when one is refused.

A config names studies; a study crosses lists of settings on some datasets and seeds. Every
default stands here and nowhere else.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from experiments.datasets import DATASETS
from experiments.datasets.contract import class_mistake
from experiments.defects import DEFECTS, checked
from experiments.defects import label as defects_label
from experiments.errors import ConfigError, Mistakes
from mlp import (
    ACTIVATIONS,
    BIAS_INITIALIZERS,
    COSTS,
    INITIALIZERS,
    PENALTIES,
    SCHEDULES,
    UPDATES,
    Registry,
    UnknownNameError,
    did_you_mean,
)

MOST_NODES = 100_000
MOST_RUNS = 1_000_000
LONGEST_LABEL = 60
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]{0,59}$"
NAME_RULE = "a name of letters, digits, _ and -, which begins with a letter (60 at most)"


class Strict(BaseModel):
    """Refuses unknown keys and turns nothing into something else."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _known(registry: Registry, hidden: bool = False) -> Callable[[str], str]:
    def check(name: str) -> str:
        try:
            component = registry[name]
        except UnknownNameError as error:
            raise ValueError(str(error)) from None
        if hidden and component.output_only:
            raise ValueError(
                f"{name} cannot be the activation of a hidden layer: {component.output_only}"
            )
        return name

    return check


def _name_of(registry: Registry, hidden: bool = False) -> Any:
    names = [n for n in registry if not (hidden and registry[n].output_only)]
    return Annotated[
        str, AfterValidator(_known(registry, hidden)), Field(json_schema_extra={"enum": names})
    ]


Defects = Annotated[
    tuple[Annotated[str, Field(json_schema_extra={"enum": list(DEFECTS)})], ...],
    AfterValidator(checked),
]


class EqualUpdates(Strict):
    """Epochs given through a number of updates: as many as so many epochs of mini-batches make."""

    as_many_updates_as: int = Field(ge=1, le=100_000, strict=True)
    with_defects: Defects = Field(
        (), description="defects of the program whose epochs are meant, such as [stride]"
    )


Whole = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
HiddenName = _name_of(ACTIVATIONS, hidden=True)


class Setting(Strict):
    """All that a run depends on beside its dataset and seed, with every default."""

    layers: tuple[Whole, ...] = Field(
        (30,), description="neurons of each hidden layer", max_length=8
    )
    hidden: HiddenName | tuple[HiddenName, ...] = Field(
        "sigmoid", description="activation of the hidden layers, one name or one per layer"
    )
    output: _name_of(ACTIVATIONS) = Field("softmax", description="activation of the output layer")
    cost: _name_of(COSTS) = Field("cross_entropy", description="cost function")
    output_units: Literal["classes", 1] = Field(
        "classes", description="a unit per class, or 1 for two classes (with output sigmoid)"
    )
    init: _name_of(INITIALIZERS) = Field("fan_in", description="initialisation of the weights")
    bias_init: _name_of(BIAS_INITIALIZERS) = Field(
        "like_weights", description="initialisation of the biases"
    )
    schedule: _name_of(SCHEDULES) = Field("constant", description="learning-rate schedule")
    eta: float = Field(0.1, gt=0, strict=True, allow_inf_nan=False, description="step size η0")
    batch_size: Whole = Field(10, description="samples in a mini-batch")
    epochs: Whole | EqualUpdates = Field(
        30,
        description="epochs, or {as_many_updates_as: E}: the updates of E mini-batch epochs, "
        "never fewer (with_defects: [stride]: of E strided ones)",
    )
    update: Literal[UPDATES] = Field(
        "batch", description="one update per mini-batch, or one per epoch (Algorithm 1's letter)"
    )
    penalty: _name_of(PENALTIES) = Field("none", description="penalty on the weights")
    lambda_: float = Field(
        0.0,
        ge=0,
        strict=True,
        allow_inf_nan=False,
        alias="lambda",
        description="strength of the penalty",
    )
    split: Literal["fixed", "per_seed"] = Field(
        "fixed", description="one split for all seeds, or one drawn for each seed"
    )
    train_fraction: float = Field(
        1.0, gt=0, le=1, strict=True, description="share of the training part that is used"
    )
    patience: Whole | None = Field(
        None, description="stop after so many epochs without a lower validation cost; null: never"
    )
    dtype: Literal["float64", "float32"] = Field("float64", description="floating-point type")
    record_train: Literal["exact", "ends"] = Field(
        "exact", description="figures on the training part at every epoch, or at first and last"
    )
    defects: Defects = Field(
        (), description="defects of the companion study's program to be trained with, to study them"
    )


FIELDS = {info.alias or name: name for name, info in Setting.model_fields.items()}
"""The keys of a setting as a config writes them, and the attributes they set."""

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Scalar = str | int | float
Seeds = (
    Annotated[int, Field(ge=1, le=100_000, strict=True)]
    | list[Annotated[int, Field(ge=0, lt=2**32, strict=True)]]
)


class Dataset(Strict):
    """A source of data under a name, with its options."""

    source: str | None = Field(None, description="the source's name; by default the dataset's own")
    options: dict[str, Any] = Field(default_factory=dict, description="the source's options")
    standardise: Annotated[bool, Field(strict=True)] | None = Field(
        None,
        description="standardise the features by the training part; by default if the source does",
    )


class Published(Strict):
    """An accuracy that others published, to stand beside the one that is measured."""

    arm: str = Field(description="the arm, as tables and figures call it")
    accuracy: float = Field(
        ge=0, le=100, strict=True, description="the published accuracy, in percent"
    )
    part: Literal["train", "validation", "test"] = Field(
        "test", description="the part of the data that it was measured on"
    )
    epoch: Annotated[int, Field(ge=0, strict=True)] | None = Field(
        None, description="after which epoch; by default the last"
    )
    runs: int = Field(
        1, ge=1, strict=True, description="the number of runs that the published value is a mean of"
    )
    source: str = Field(min_length=1, max_length=500, description="who published it, and where")
    note: str = Field("", max_length=1000, description="what was different there")


class Study(Strict):
    """One question: a grid of settings on some datasets and seeds, and what is compared."""

    title: str = Field("", max_length=200, description="the study's title in the report")
    question: str = Field("", max_length=2000, description="what the study asks, in a sentence")
    datasets: list[str] = Field(min_length=1, description="names of datasets")
    seeds: Seeds | None = Field(
        None, description="a number of seeds or a list; by default the config's"
    )
    base: dict[str, Any] = Field(default_factory=dict, description="settings of all runs")
    per_dataset: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="settings for single datasets, over those of base"
    )
    grid: dict[str, list[Any]] = Field(
        default_factory=dict,
        description="lists to be crossed: a setting's values, or mappings of joint settings",
    )
    exclude: list[dict[str, Any]] = Field(
        default_factory=list, description="settings that, all met, leave a combination out"
    )
    compare: str | list[str] = Field(
        default_factory=list, description="the axis, or axes, whose values are compared"
    )
    tune: str | None = Field(None, description="the axis chosen on the validation part")
    pairs: list[tuple[str, str]] | None = Field(
        None, description="pairs of arms to be tested, by label; by default all"
    )
    published: list[Published] = Field(
        default_factory=list, description="published accuracies, shown beside those measured"
    )
    claims_of: str | None = Field(
        None,
        description="the study whose claims are judged again for each value of the axis program",
    )

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: Any) -> Any:
        return _distinct_seeds(seeds)

    @property
    def compared(self) -> list[str]:
        """The compared axes, as a list."""
        return [self.compare] if isinstance(self.compare, str) else self.compare


def _distinct_seeds(seeds: Any) -> Any:
    if isinstance(seeds, list):
        if not seeds:
            raise ValueError("the list of seeds is empty; give at least one")
        twice = sorted(s for s, count in Counter(seeds).items() if count > 1)
        if twice:
            raise ValueError(f"these seeds stand twice in the list: {twice}")
    return seeds


class Statistics(Strict):
    """Levels and margins of the tests."""

    level: float = Field(0.05, gt=0, lt=0.5, strict=True, description="level of the tests")
    margin: float = Field(
        1.0, gt=0, le=100, strict=True, description="margin of equivalence, in percentage points"
    )
    sequential: bool = Field(
        False,
        strict=True,
        description="mark the verdicts as made after seeds were added to a first look",
    )
    target_share: float = Field(
        0.95,
        gt=0,
        le=1,
        strict=True,
        description="share of the best final accuracy that counts as learnt",
    )


class Resources(Strict):
    """How train jobs are cut. None of it changes a result."""

    job_seconds: float = Field(
        5.0,
        ge=1e-6,
        strict=True,
        allow_inf_nan=False,
        description="aimed length of a train job",
    )
    memory_mb: int = Field(
        600, ge=50, strict=True, description="bound on the memory of a train job"
    )


def resources(config: "Config", given: dict[str, Any]) -> Resources:
    """Return a config's resources with those given on the command line. Raises ConfigError."""
    merged = config.resources.model_dump() | given
    try:
        return Resources(**merged)
    except ValidationError as error:
        raise _as_config_error(error, "--config or command line", merged, Resources) from None


Picture = Literal["boundaries", "couplings"]
"""The modules of `reports` that draw a picture beside the comparisons."""


class Config(Strict):
    """A whole config."""

    title: str = Field("", max_length=200, description="title of the report")
    seeds: Seeds = Field(10, description="a number of seeds (0, 1, ...) or a list of them")
    datasets: dict[Name, Dataset] = Field(
        default_factory=dict,
        description="datasets with options; the others go by their source's name",
    )
    statistics: Statistics = Field(default_factory=Statistics)
    resources: Resources = Field(default_factory=Resources)
    pictures: list[Picture] = Field(
        default_factory=list,
        description="pictures beside the comparisons: boundaries, of each hidden activation's "
        "decisions in the plane; couplings, of a ring of spins, found by a network and by linear "
        "regressions",
    )
    studies: dict[Name, Study] = Field(min_length=1, description="the studies, by name")

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: Any) -> Any:
        return _distinct_seeds(seeds)

    @model_validator(mode="after")
    def _check_studies(self) -> "Config":
        mistakes = Mistakes()
        for name, dataset in self.datasets.items():
            with mistakes.gathered():
                _check_dataset(f"datasets.{name}", dataset.source or name, dataset.options)
        for name, study in self.studies.items():
            with mistakes.gathered():
                _check_study(f"studies.{name}", study, self.datasets)
                _check_claims_of(name, study, self.studies)
                _check_size(f"studies.{name}", study, len(self.seeds_of(study)))
        mistakes.raise_all()
        return self

    def seeds_of(self, study: Study) -> list[int]:
        """Return the seeds of a study as a list."""
        seeds = self.seeds if study.seeds is None else study.seeds
        return list(range(seeds)) if isinstance(seeds, int) else seeds


def _check_dataset(where: str, source: str, options: dict) -> None:
    if source not in DATASETS:
        known = list(DATASETS)
        raise ConfigError(
            where,
            f"unknown dataset {source!r}{did_you_mean(source, known)}; known: {', '.join(known)}",
        )
    if mistake := class_mistake(DATASETS[source]):
        raise ConfigError(where, mistake)
    try:
        DATASETS[source].Options(**options)
    except ValidationError as error:
        raise _as_config_error(
            error, f"{where}.options", options, DATASETS[source].Options
        ) from None


def _check_study(where: str, study: Study, datasets: dict[str, Dataset]) -> None:
    """Refuse a study with all that is wrong with it; what rests on a wrong grid is not judged."""
    mistakes = Mistakes()
    for i in range(len(study.datasets)):
        with mistakes.gathered():
            _check_its_dataset(f"{where}.datasets[{i}]", study, i, datasets)
    with mistakes.gathered():
        check_settings(f"{where}.base", study.base)
    for name, settings in study.per_dataset.items():
        with mistakes.gathered():
            _among(f"{where}.per_dataset", name, study.datasets, "a dataset of the study")
            check_settings(f"{where}.per_dataset.{name}", settings)
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
            _check_pairs(where, study)
            _check_published(where, study)
    mistakes.raise_all()


def _check_rule(where: str, rule: dict[str, Any], datasets: list[str]) -> None:
    """Refuse a rule of `exclude` with a setting, a value or a dataset that there is not."""
    mistakes = Mistakes()
    for key in rule:
        with mistakes.gathered():
            _among(where, key, ["dataset", *FIELDS], "a setting")
    with mistakes.gathered():
        if "dataset" in rule:
            _among(f"{where}.dataset", str(rule["dataset"]), datasets, "a dataset of the study")
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
        _check_dataset(where, name, {})
    if study.datasets.index(name) != i:
        raise ConfigError(where, f"{name!r} stands twice in the list")


def _check_axes_named(where: str, study: Study) -> None:
    """Refuse `compare` and `tune` where they name no axis, or one axis twice."""
    mistakes, axes = Mistakes(), list(study.grid)
    for i, axis in enumerate(study.compared):
        with mistakes.gathered():
            _among(f"{where}.compare", axis, axes, "an axis of the grid")
            if study.compared.index(axis) != i:
                raise ConfigError(f"{where}.compare[{i}]", f"{axis!r} stands twice in the list")
    if study.tune is not None:
        with mistakes.gathered():
            _among(f"{where}.tune", study.tune, axes, "an axis of the grid")
            if study.tune in study.compared:
                raise ConfigError(
                    f"{where}.tune", f"{study.tune!r} cannot be compared and tuned at once"
                )
    mistakes.raise_all()


def _check_published(where: str, study: Study) -> None:
    _refuse_without_arms(f"{where}.published", study, study.published)
    arms = [axis_label(value) for axis in study.compared for value in study.grid[axis]]
    for i, number in enumerate(study.published):
        _among(f"{where}.published[{i}].arm", number.arm, arms, "an arm")


def _refuse_without_arms(where: str, study: Study, found: list | None) -> None:
    if found and not study.compared:
        raise ConfigError(where, "the study compares nothing: expected the key 'compare' beside it")


def _check_pairs(where: str, study: Study) -> None:
    _refuse_without_arms(f"{where}.pairs", study, study.pairs)
    arms = [axis_label(v) for axis in study.compared for v in study.grid[axis]]
    for i, pair in enumerate(study.pairs or []):
        for arm in pair:
            _among(f"{where}.pairs[{i}]", arm, arms, "an arm")
        if {*pair} in [{*other} for other in study.pairs[:i]] or pair[0] == pair[1]:
            raise ConfigError(f"{where}.pairs[{i}]", "expected two arms, and each pair once")


def _check_claims_of(name: str, study: Study, studies: dict[str, Study]) -> None:
    """Refuse a study of programs that the other study's claims could not be judged by."""
    original = study.claims_of
    if original is None:
        return
    where = f"studies.{name}"
    _among(f"{where}.claims_of", original, list(studies), "a study")
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
            _among(f"{where}[{i}]", key, list(PROGRAM_KEYS), "a key of a program")
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


def program_role(value: dict[str, Any]) -> str:
    """Return what a value of the axis `program` is (see `experiments.published.PROGRAMS`).

    >>> program_role({"defects": ["stride"]}), program_role({"epochs": 3}), program_role({})
    ('stride', 'equal', 'correct')
    """
    defects = value.get("defects") or ()
    if not defects:
        return "equal" if "epochs" in value else "correct"
    return "both" if len(defects) == 2 else next(iter(defects))


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


def _among(where: str, name: str, known: list[str], what: str) -> None:
    if name not in known:
        raise ConfigError(
            where, f"{name!r} is not {what}{did_you_mean(name, known)}; known: {', '.join(known)}"
        )


def _check_axis(where: str, axis: str, values: list) -> None:
    if not re.fullmatch(NAME_PATTERN, axis):
        raise ConfigError(where, f"an axis needs {NAME_RULE}")
    if not values:
        raise ConfigError(where, "the list is empty; give at least one value")
    if axis not in FIELDS and not all(isinstance(value, dict) for value in values):
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
    labels: set[str] = set()
    owners: dict[str, str] = {}
    for i, (value, checked_value) in enumerate(zip(values, checked_values, strict=True)):
        given = checked_value.model_dump(include=checked_value.model_fields_set)
        label, meaning = axis_label(value), str(given)
        if not label:
            raise ConfigError(
                f"{where}[{i}]", f"found {_short(value)}: expected a setting or a label"
            )
        if label in labels:
            raise ConfigError(f"{where}[{i}]", f"the value {label!r} stands twice in the list")
        if meaning in owners:
            raise ConfigError(
                f"{where}[{i}]",
                f"the value {label!r} is the same as {owners[meaning]!r}: expected each once",
            )
        labels.add(label)
        owners[meaning] = label


def _check_value(where: str, axis: str, value: Any) -> Setting:
    """Return a value of an axis as settings. Refuses one that is none, or no label."""
    if isinstance(value, dict) and axis not in ("epochs",):
        _check_label(f"{where}.label", value.get("label", "x"))
        return check_settings(where, {k: v for k, v in value.items() if k != "label"})
    return check_settings(where, {axis: value}, at=where)


def _check_label(where: str, label: Any) -> None:
    """Refuse a label that is no text of one line: it heads columns and stands in legends."""
    if not isinstance(label, str):
        raise ConfigError(where, f"expected a text, found {_short(label)}")
    if not label.strip() or len(label) > LONGEST_LABEL or not label.isprintable():
        raise ConfigError(
            where,
            f"expected 1 to {LONGEST_LABEL} printable characters on one line, "
            f"found {_short(label)}",
        )


def _check_size(where: str, study: Study, seeds: int) -> None:
    """Refuse grids that no machine could train, before they fill its memory."""
    runs = len(study.datasets) * seeds * math.prod(map(len, study.grid.values()))
    if runs > MOST_RUNS:
        raise ConfigError(f"{where}.grid", f"stands for {runs:,} runs, the limit is {MOST_RUNS:,}")


def axis_label(value: Any) -> str:
    """Return the text that stands for a value of an axis in tables and figures.

    >>> axis_label({"cost": "mse", "output": "sigmoid"}), axis_label(0.1), axis_label([30, 30])
    ('mse + sigmoid', '0.1', '30-30')
    """
    if isinstance(value, dict) and "as_many_updates_as" in value:
        flawed = f" ({defects_label(value['with_defects'])})" if value.get("with_defects") else ""
        return f"updates of {value['as_many_updates_as']} epochs{flawed}"
    if isinstance(value, dict):
        return value.get("label", "").strip() or " + ".join(axis_label(v) for v in value.values())
    if isinstance(value, list | tuple):
        if value and all(isinstance(v, str) and v in DEFECTS for v in value):
            return defects_label(value)
        return "-".join(map(axis_label, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def check_settings(where: str, settings: dict[str, Any], at: str | None = None) -> Setting:
    """Validate some settings, the others at their defaults; `at` overrides the place named."""
    try:
        return Setting.model_validate(settings)
    except ValidationError as error:
        raise _as_config_error(error, where, settings, Setting, at) from None


def _as_config_error(
    error: ValidationError,
    where: str,
    content: Any,
    model: type[BaseModel],
    at: str | None = None,
) -> ConfigError:
    """Turn pydantic's complaints into sentences, each with its path in the config."""
    complaints = _one_for_each_place(error.errors(), content)
    if at:  # a single value: its parts have no place of their own
        complaints = complaints[:1]
    return ConfigError.of([_sentence(c, where, content, model, at) for c in complaints])


def _one_for_each_place(complaints: list[Any], content: Any) -> list[Any]:
    """Return the complaints without those that a complaint about a part of theirs explains.

    Where a value may be of several kinds, pydantic says for each kind why it is not that.
    """
    deepest = sorted(complaints, key=lambda c: -len(_path(c, content)))
    kept: list[Any] = []
    for complaint in deepest:
        path = _path(complaint, content)
        if not any(_path(other, content)[: len(path)] == path for other in kept):
            kept.append(complaint)
    return [complaint for complaint in complaints if complaint in kept]


def _sentence(
    first: Any, where: str, content: Any, model: type[BaseModel], at: str | None
) -> ConfigError:
    path = at or _join(where, _path(first, content))
    if first["type"] == "extra_forbidden":
        known = _keys_at(model, first["loc"])
        key = str(first["loc"][-1])
        return ConfigError(
            path, f"unknown key{did_you_mean(key, known)}; known: {', '.join(known)}"
        )
    found = "" if first["type"] == "missing" else f", found {_short(first['input'])}"
    text = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        text = f"expected {NAME_RULE}"
    return ConfigError(path, f"{text[0].lower()}{text[1:]}{found}")


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _path(error: dict, content: Any) -> list:
    """Return the steps of a place that lead through the content, not through the schema."""
    path = []
    for step in error["loc"]:
        inside = isinstance(content, dict) and step in content
        inside |= isinstance(content, list | tuple) and isinstance(step, int)
        if inside:
            content = content[step]
            path.append(step)
    return [*path, error["loc"][-1]] if error["type"] == "missing" else path


def _join(where: str, path: list) -> str:
    for p in path:
        where = f"{where}[{p}]" if isinstance(p, int) else f"{where}.{p}" if where else str(p)
    return where


def _keys_at(model: type[BaseModel], loc: tuple) -> list[str]:
    """Return the keys allowed where an unknown one was found."""
    for step in loc[:-1]:
        field = getattr(model, "model_fields", {}).get(str(step))
        if field is None:
            continue
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


UNPRINTED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of text, and halves of characters."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that takes texts as keys only and reads 1e-3 as the number it is."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    loader.flatten_mapping(node)  # puts what is merged first: a node's own keys win
    seen: dict = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise ConfigError(_line(key_node), f"a key must be a text, found {_short(key)}")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"


def _refuse_twins(node: yaml.MappingNode) -> None:
    """Refuse a key written twice in one mapping; one that is merged into it may be overridden."""
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in seen:
                raise ConfigError(_line(key), f"the key {_short(key.value)} is given twice")
            seen.add((key.tag, key.value))


def _refuse_explosions(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Return how many values a node stands for once its anchors are written out."""
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise ConfigError(_line(node), "an anchor that contains itself")
        return sizes[id(node)]
    sizes[id(node)] = 0
    children = []
    if isinstance(node, yaml.MappingNode):
        _refuse_twins(node)
        children = [n for pair in node.value for n in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    elif UNPRINTED.search(node.value):
        raise ConfigError(_line(node), f"characters that cannot be printed: {_short(node.value)}")
    total = 1 + sum(_refuse_explosions(child, sizes) for child in children)
    if total > MOST_NODES:
        raise ConfigError(
            _line(node), f"the config stands for more than {MOST_NODES:,} values; use fewer anchors"
        )
    sizes[id(node)] = total
    return total


def parse(text: str) -> Any:
    """Return the content of a YAML text, safely. Raises ConfigError."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _refuse_explosions(node, {})
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(where, f"this is not YAML: {problem}") from None
    except RecursionError:
        raise ConfigError("", "the config is nested too deeply") from None
    except ValueError as error:
        raise ConfigError("", f"a value cannot be read: {error}") from None


def validate(content: Any) -> Config:
    """Return the config that some parsed YAML stands for. Raises ConfigError."""
    if not isinstance(content, dict):
        raise ConfigError(
            "", f"a config is a mapping with the key 'studies', found {_short(content)}"
        )
    try:
        return TypeAdapter(Config).validate_python(content)
    except ValidationError as error:
        outer = _as_config_error(error, "", content, Config)
        raise ConfigError.of([outer, *_further_mistakes(error, content)]) from None
    except RecursionError:
        raise ConfigError("", "the config is nested too deeply") from None


DEPEND_ON = {
    "datasets": ("per_dataset", "exclude"),
    "grid": ("compare", "tune", "pairs", "published"),
}
"""Keys of a study that cannot be judged where another one is wrong."""


def _further_mistakes(error: ValidationError, content: dict) -> list[ConfigError]:
    """Return what is wrong inside the studies' parts that pydantic had nothing against."""
    wrong = {error["loc"][:3] for error in error.errors()}
    if any(place[0] == "datasets" for place in wrong):
        return []
    mistakes = Mistakes()
    studies = content.get("studies")
    for name, study in studies.items() if isinstance(studies, dict) else ():
        if isinstance(study, dict):
            with mistakes.gathered():
                _check_study(f"studies.{name}", *_sound_part(name, study, wrong, content))
    return mistakes.found


def _sound_part(
    name: str, study: dict, wrong: set[tuple], content: dict
) -> tuple[Study, dict[str, Dataset]]:
    """Return a study without its wrong keys and what rests on them, and the config's datasets."""
    keys = [key for key in Study.model_fields if key in study]
    bad = {key for key in keys if ("studies", name, key) in wrong}
    bad |= {"datasets"} - {*study}
    bad |= {other for key in bad for other in DEPEND_ON.get(key, ())}
    sound = {key: study[key] for key in keys if key not in bad}
    sound.setdefault("datasets", [next(iter(DATASETS))])
    datasets = {n: Dataset.model_validate(d) for n, d in content.get("datasets", {}).items()}
    return Study.model_validate(sound), datasets


TAKEN = ("benchmark", "cache", "logs", "timings")
"""Folders in results/ that are not a sweep's."""


def load(path: Path) -> Config:
    """Read and validate a config file. Raises ConfigError, which names the file and the place."""
    path = Path(path)
    if not re.fullmatch(NAME_PATTERN, path.stem):
        raise ConfigError(str(path), f"the file's name becomes a folder: it must be {NAME_RULE}")
    if path.stem in TAKEN:
        raise ConfigError(
            str(path), f"results/{path.stem} holds other things than a sweep's: rename the file"
        )
    try:
        return validate(parse(path.read_bytes().decode("utf-8")))
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}") from None
    except ConfigError as error:
        raise ConfigError(
            f"{path}: {error.where}" if error.where else str(path), error.problem
        ) from None
