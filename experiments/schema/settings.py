"""What a run depends on beside its dataset and seed, with every default."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from experiments.schema.labels import axis_label
from experiments.schema.messages import validated
from experiments.training import DEFECTS, METRICS, checked, metric_of
from mlp import (
    ACTIVATIONS,
    BIAS_INITIALIZERS,
    COSTS,
    INITIALIZERS,
    OPTIMIZERS,
    PENALTIES,
    SCHEDULES,
    SELECT,
    UPDATES,
    Registry,
    UnknownNameError,
    optimizer_of,
)


class Strict(BaseModel):
    """Refuses unknown keys and turns nothing into something else."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _as_label(value: Any) -> str:
    if isinstance(value, dict) and not isinstance(value.get("label", ""), str):
        raise ValueError("expected a label that is a text")
    try:
        return axis_label(value)
    except TypeError:
        raise ValueError("expected a value of an axis, or its label") from None


Label = Annotated[str, BeforeValidator(_as_label)]
"""A value of an axis, by its label or as it is in the grid."""

Labels = Annotated[
    list[Label],
    Field(min_length=1),
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
]
"""One such value, or a list of them."""


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


def _metric(name: str) -> str:
    try:
        metric_of(name)
    except UnknownNameError as error:
        raise ValueError(str(error)) from None
    return name


MetricName = Annotated[
    str,
    AfterValidator(_metric),
    Field(json_schema_extra={"anyOf": [{"enum": list(METRICS)}, {"pattern": "^[^:]+:[^:]+$"}]}),
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


def _optimizer(given: Any) -> str | dict[str, Any]:
    try:
        return optimizer_of(given).setting
    except (UnknownNameError, ValueError) as error:
        raise ValueError(str(error)) from None


def _optimizer_schema() -> dict[str, Any]:
    """Return the JSON schema of an optimizer: its name, or a mapping with hyper-parameters."""
    kinds: list[dict[str, Any]] = [{"type": "string", "enum": list(OPTIMIZERS)}]
    for name, default in OPTIMIZERS.items():
        given = {one.name: {"type": "number", "default": one.default} for one in fields(default)}
        kinds.append(
            {
                "type": "object",
                "properties": {"name": {"const": name}, **given},
                "required": ["name"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": kinds}


OptimizerName = Annotated[
    str | dict[str, Any], BeforeValidator(_optimizer), WithJsonSchema(_optimizer_schema())
]
"""An optimizer, as short as it can be said: the defaults of its hyper-parameters are left out."""


def _by_class(weights: Any) -> Any:
    numbered = isinstance(weights, dict) and all(re.fullmatch(r"0|[1-9]\d*", k) for k in weights)
    if isinstance(weights, dict) and not (weights and numbered):
        raise ValueError('expected weights by the numbers of classes, such as {"0": 1, "1": 2.5}')
    return weights


Weight = Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)]
ClassWeight = Annotated[Literal["balanced"] | dict[str, Weight] | None, AfterValidator(_by_class)]
"""Weights of classes, by their numbers; a class that is not named has the weight 1."""

Rate = Annotated[float, Field(ge=0, lt=1, strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
Every = Whole | Literal["doubling"]
EVERY_MEANS = (
    "epochs from one measurement to the next, or doubling: after epochs 1, 2, 4, 8, ...; start and "
    "end are always measured"
)
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
    optimizer: OptimizerName = Field(
        "sgd",
        description="optimizer, or {name: adam, beta1: 0.5} with hyper-parameters of its own",
    )
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
    label_smoothing: Rate = Field(
        0.0,
        description="s: training is on targets (1 - s) y + s/K of one-hot y; what is recorded is "
        "the plain cost",
    )
    class_weight: ClassWeight = Field(
        None,
        description="weights of the classes in training: balanced (N over K times the samples of "
        'the class), or a mapping of class numbers such as {"0": 1, "1": 2.5}, 1 for the others; '
        "what is recorded is without weights",
    )
    dropout: Rate | tuple[Rate, ...] = Field(
        0.0,
        description="probability by which training leaves out a neuron of a hidden layer, one "
        "number or one per layer",
    )
    split: Literal["fixed", "per_seed"] = Field(
        "fixed",
        description="one split for all seeds, or one for each seed; if the dataset is split into "
        "folds, the seeds 0, 1, ... have its folds in turn",
    )
    train_fraction: float = Field(
        1.0, gt=0, le=1, strict=True, description="share of the training part that is used"
    )
    patience: Whole | None = Field(
        None,
        description="stop after this many epochs without a lower validation cost (the cost, not "
        "the accuracy; without the penalty); null: never",
    )
    select: Literal[SELECT] = Field(
        "last",
        description="the epoch whose figures and weights are the run's: the last one trained, that "
        "of the highest validation accuracy (of several that of the lowest cost), or that of the "
        "lowest validation cost; of equal ones the first",
    )
    dtype: Literal["float64", "float32"] = Field("float64", description="floating-point type")
    record_train: Literal["exact", "ends"] = Field(
        "exact", description="figures on the training part at every epoch, or at first and last"
    )
    record_every: Every = Field(1, description=EVERY_MEANS)
    metrics: tuple[MetricName, ...] = Field(
        (),
        description="more scores of validation and test part at the epoch that counts, by name, or "
        "your own as module:function",
    )
    defects: Defects = Field(
        (), description="defects of the companion study's program to be trained with, to study them"
    )

    @model_validator(mode="after")
    def _watched(self) -> "Setting":
        if self.patience is not None and self.record_every != 1:
            raise ValueError(
                f"patience watches every epoch, and record_every is {self.record_every}: leave out "
                "one of the two"
            )
        return self


FIELDS = {info.alias or name: name for name, info in Setting.model_fields.items()}
"""The keys of a setting as a config writes them, and the attributes they set."""

MAPPED = ("epochs", "optimizer", "class_weight")
"""Keys whose value may be a mapping itself: their axes have no joint settings."""


def is_joint(axis: str, value: Any) -> bool:
    """Return whether a value of an axis is a mapping of settings, and not one setting's value."""
    return isinstance(value, dict) and axis not in MAPPED


def check_settings(where: str, settings: dict[str, Any], at: str | None = None) -> Setting:
    """Validate some settings, the others at their defaults; `at` overrides the place named."""
    return validated(Setting, settings, where, at)
