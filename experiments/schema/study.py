"""A study of a config: a grid of settings on some datasets and seeds, and what is compared."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator

from experiments.schema.labels import NAME_PATTERN, prose
from experiments.schema.settings import EVERY_MEANS, Every, Strict
from experiments.training import SPLITS, split_of
from mlp import UnknownNameError

Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Prose = Annotated[str, AfterValidator(prose)]

Seeds = (
    Annotated[int, Field(ge=1, le=100_000, strict=True)]
    | list[Annotated[int, Field(ge=0, lt=2**32, strict=True)]]
)


def _split(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise ValueError("expected a mapping such as {kind: k_fold, folds: 10}")
    try:
        return split_of(given).setting
    except UnknownNameError as error:
        raise ValueError(str(error)) from None


def _split_schema() -> dict[str, Any]:
    """Return the JSON schema of a split: a mapping of a kind and its keys."""
    words = {int: "integer", float: "number"}
    kinds = []
    for name, kind in SPLITS.items():
        keys = {
            key.name: {"type": words[type(key.default)], "default": key.default}
            for key in fields(kind)
        }
        kinds.append(
            {
                "type": "object",
                "properties": {"kind": {"const": name}, **keys},
                "required": ["kind"],
                "additionalProperties": False,
            }
        )
    return {"anyOf": kinds}


SplitSetting = Annotated[dict[str, Any], BeforeValidator(_split), WithJsonSchema(_split_schema())]
"""How a dataset is split, whole; nothing for the usual split."""


class Dataset(Strict):
    """A source of data under a name, with its options."""

    source: str | None = Field(None, description="the source's name; by default the dataset's own")
    options: dict[str, Any] = Field(default_factory=dict, description="the source's options")
    standardise: Annotated[bool, Field(strict=True)] | None = Field(
        None,
        description="standardise the features by the training part; by default if the source does",
    )
    split: SplitSetting = Field(
        default_factory=dict,
        description="how the samples are split: {kind: k_fold, folds: 10}, {kind: grouped, folds: "
        "5} or {kind: stratified_shuffle, test: 0.3, validation: 0.1}; by default at random, 60 % "
        "train, 20 % validation, 20 % test",
    )


class Confirm(Strict):
    """How a study is confirmed: fresh runs at the chosen values, on splits drawn anew.

    Every number of splits, of seeds and of `draw` has splits and seeds of its own: a confirmation
    with more of them is a new one, no extension of another.
    """

    splits: int = Field(
        20, ge=2, le=1_000, strict=True, description="number of splits: each is drawn anew"
    )
    seeds: int = Field(
        5, ge=1, le=100, strict=True, description="runs on each split, each with its own seed"
    )
    draw: int = Field(
        0, ge=0, lt=2**32, strict=True, description="names a repetition: all splits and seeds new"
    )

    splits_of: dict[Name, Annotated[int, Field(ge=2, le=1_000, strict=True)]] = Field(
        default_factory=dict,
        description="another number of splits for single datasets, such as {digits: 50}: a large "
        "test part needs fewer",
    )

    record_every: Every = Field(
        "doubling",
        description=f"{EVERY_MEANS}; with patience, or select best_validation, every epoch is",
    )

    @property
    def runs(self) -> int:
        """The largest number of runs of an arm at one value."""
        return max(self.splits, *self.splits_of.values(), 0) * self.seeds

    def on(self, dataset: str) -> "Confirm":
        """Return how a study is confirmed on one dataset."""
        splits = self.splits_of.get(dataset, self.splits)
        return self.model_copy(update={"splits": splits, "splits_of": {}})

    def numbers(self, datasets: Iterable[str]) -> str:
        """Return the number of splits of some datasets, or the least and the largest.

        >>> Confirm(splits=100, splits_of={"digits": 50}).numbers(["iris", "digits"])
        '50 to 100'
        """
        found = {self.on(dataset).splits for dataset in datasets}
        return " to ".join(str(number) for number in sorted({min(found), max(found)}))


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

    @field_validator("accuracy")
    @classmethod
    def _in_percent(cls, accuracy: float) -> float:
        if 0 < accuracy <= 1:
            raise ValueError(f"expected percent, such as {100 * accuracy:g}")
        return accuracy


def _pair(pair: Any) -> Any:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ValueError("expected two arms by their labels, such as [relu, tanh]")
    return pair


Pair = Annotated[tuple[str, str], BeforeValidator(_pair)]


class Study(Strict):
    """One question: a grid of settings on some datasets and seeds, and what is compared."""

    title: Prose = Field("", max_length=200, description="the study's title in the report")
    question: Prose = Field("", max_length=2000, description="what the study asks, in a sentence")
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
    confirm: Confirm | Literal["none"] | None = Field(
        None,
        description="fresh runs at the chosen values, on new splits (see Confirm), or none; by "
        "default the config's, which it replaces whole, and none without tune",
    )
    pairs: list[Pair] | None = Field(
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
        return distinct_seeds(seeds)

    @property
    def compared(self) -> list[str]:
        """The compared axes, as a list."""
        return [self.compare] if isinstance(self.compare, str) else self.compare


def distinct_seeds(seeds: Any) -> Any:
    """Return the seeds. Raises ValueError for an empty list, or one with a seed twice."""
    if isinstance(seeds, list):
        if not seeds:
            raise ValueError("the list of seeds is empty; give at least one")
        twice = sorted(s for s, count in Counter(seeds).items() if count > 1)
        if twice:
            raise ValueError(f"these seeds stand twice in the list: {twice}")
    return seeds
