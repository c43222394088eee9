"""The fields of a run's spec: one table, from which every other list of them is derived.

A run's id is made from the fields whose value differs from the field's neutral value. So a field
that is added later, with the value as neutral that all earlier runs had, changes no id: what was
trained before is not trained again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.base import canonical, digest

ALWAYS = object()
"""In place of a neutral value: the field is part of every id."""

NEVER = object()
"""In place of a neutral value: the field is part of no id, it says the same as another."""


@dataclass(frozen=True)
class Field:
    """A field of a spec.

    - `neutral`: the value at which the field is left out of the run's id. It never changes once
      runs have been trained: it is not the default of the config, which may.
    - `settings`: the keys of a setting in the config that the field is made from; by default the
      one of its own name.
    - `shared`: the runs of a stack have it in common (of an optimizer the name).
    - `network`: it decides whether the network of the run can be.
    - `family`: the registry in `mlp` that its names are from; their source counts for the run.
    - `column`: the table of runs has it before its results ("before"), after them ("after"), or
      not.
    - `label`: the column's name, and the axis's; by default the field's.
    - `words`: what pages call the axis; by default its label.
    """

    name: str
    neutral: Any = ALWAYS
    settings: tuple[str, ...] | None = None
    shared: bool = False
    network: bool = False
    family: str = ""
    column: str = ""
    label: str = ""
    words: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a setting that the field is made from."""
        return (self.name,) if self.settings is None else self.settings

    @property
    def heading(self) -> str:
        """The name of its column and of its axis."""
        return self.label or self.name


# A new row may go anywhere; the order is that of the columns. Neutral values are for ever.
FIELDS = (
    Field("data", settings=(), shared=True),
    Field("dataset", NEVER, settings=(), column="before"),  # the name in the config
    Field("standardise", True, settings=(), shared=True),
    Field(
        "sizes",
        settings=("layers", "output_units"),
        shared=True,
        network=True,
        column="before",
        label="layers",
        words="hidden layers",
    ),
    Field(
        "hidden",
        "sigmoid",
        shared=True,
        network=True,
        family="ACTIVATIONS",
        column="before",
        words="hidden activation",
    ),
    Field(
        "output",
        "softmax",
        shared=True,
        network=True,
        family="ACTIVATIONS",
        column="before",
        words="output activation",
    ),
    Field("cost", "cross_entropy", shared=True, network=True, family="COSTS", column="before"),
    Field("init", "fan_in", family="INITIALIZERS", column="before", words="initialisation"),
    Field(
        "bias_init",
        "like_weights",
        family="BIAS_INITIALIZERS",
        column="before",
        words="initialisation of the biases",
    ),
    Field(
        "schedule", "constant", family="SCHEDULES", column="before", words="learning-rate schedule"
    ),
    Field("eta", 0.1, column="before", words="step size"),
    Field("optimizer", "sgd", shared=True, family="OPTIMIZERS", column="before"),
    Field("batch_size", 10, shared=True, column="before"),
    Field("epochs", 30, shared=True, column="before"),
    Field("update", "batch", shared=True, column="before", words="reading of Algorithm 1"),
    Field("penalty", "none", shared=True, network=True, family="PENALTIES", column="before"),
    Field("lambda", 0.0, column="before", words="penalty strength"),
    Field(
        "label_smoothing",
        0.0,
        shared=True,
        network=True,
        column="before",
        words="label smoothing",
    ),
    Field("class_weight", None, shared=True, column="before", words="weights of the classes"),
    Field("dropout", 0.0, shared=True, network=True, column="before", words="dropout rate"),
    Field("seed", settings=(), column="before"),
    Field("split", "fixed", shared=True, column="after"),
    Field("split_draw", None, settings=()),  # the seed of a split drawn anew
    Field("train_fraction", 1.0, shared=True, column="after"),
    Field("patience", None, shared=True, column="after"),
    Field("select", "last", shared=True, column="after", words="epoch that counts"),
    Field("dtype", "float64", shared=True, column="after"),
    Field("record_train", "exact", shared=True),
    Field("record_every", 1, shared=True),
    Field("metrics", [], shared=True),
    Field("defects", [], shared=True, column="after"),
)

_NAMES = {field.name for field in FIELDS}
_NEUTRAL = {field.name: field.neutral for field in FIELDS if field.neutral is not NEVER}


def component_names(value: Any) -> list[str]:
    """Return the names of the components that a field with a `family` holds.

    >>> component_names("tanh"), component_names(["tanh", "relu"])
    (['tanh'], ['tanh', 'relu'])
    >>> component_names({"name": "adam", "beta1": 0.5})
    ['adam']
    """
    if isinstance(value, Mapping):
        return [value["name"]]
    return [value] if isinstance(value, str) else list(value)


def columns(place: str) -> tuple[str, ...]:
    """Return the columns of the table of runs that are "before" or "after" the results."""
    return tuple(field.heading for field in FIELDS if field.column == place)


def identity(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a spec that its run is named by.

    A field that the spec lacks counts as neutral. Raises KeyError for a spec with a field that the
    table does not have, or without one that is part of every id.

    >>> identity({"data": "iris-1", "sizes": [4, 3], "seed": 7, "eta": 0.1, "epochs": 5})
    {'data': 'iris-1', 'sizes': [4, 3], 'epochs': 5, 'seed': 7}
    """
    if unknown := spec.keys() - _NAMES:
        raise KeyError(f"training/fields.py has no row for {', '.join(sorted(unknown))}")
    return {
        name: spec[name]
        for name, neutral in _NEUTRAL.items()
        if neutral is ALWAYS or spec.get(name, neutral) != neutral
    }


def run_id(spec: Mapping[str, Any]) -> str:
    """Return the id of a run: a hash of the values of its spec that are not neutral.

    Raises KeyError for a spec that the table of fields does not fit.
    """
    return digest(canonical(identity(spec)))[:16]
