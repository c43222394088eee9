"""A whole config: its model, and the functions that read and check one."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from experiments.base import ConfigError, Mistakes
from experiments.datasets import DATASETS, Data
from experiments.schema.chapters import Chapter, check_chapters
from experiments.schema.families import HEADLINE, Planned, check_families
from experiments.schema.inherited import read_whole
from experiments.schema.labels import NAME_PATTERN, NAME_RULE
from experiments.schema.messages import among, as_config_error, short, validated
from experiments.schema.rules import (
    check_claims_of,
    check_dataset,
    check_names,
    check_size,
    check_study,
)
from experiments.schema.settings import Strict
from experiments.schema.study import Confirm, Dataset, Name, Prose, Seeds, Study, distinct_seeds


class Statistics(Strict):
    """Levels and margins of the tests."""

    level: float = Field(0.05, gt=0, lt=0.5, strict=True, description="level of the tests")
    margin: float = Field(
        1.0, gt=0, le=100, strict=True, description="margin of equivalence, in percentage points"
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
        12.0,
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
    return validated(Resources, merged, "--config or command line")


Picture = Literal["boundaries", "confusion", "couplings"]
"""The modules of `reports` that draw a picture beside the comparisons."""


class Config(Strict):
    """A whole config."""

    title: Prose = Field("", max_length=200, description="title of the report")
    seeds: Seeds = Field(10, description="a number of seeds (0, 1, ...) or a list of them")
    datasets: dict[Name, Dataset] = Field(
        default_factory=dict,
        description="datasets with options; the others go by their source's name",
    )
    confirm: Confirm | Literal["none"] = Field(
        default_factory=Confirm,
        description="how tuned studies are confirmed, or none: see Confirm",
    )
    statistics: Statistics = Field(default_factory=Statistics)
    resources: Resources = Field(default_factory=Resources)
    pictures: list[Picture] = Field(
        default_factory=list,
        description="pictures beside the comparisons: boundaries, of each hidden activation's "
        "decisions in the plane; confusion, of which classes are taken for which; couplings, of a "
        "ring of spins, found by a network and by linear regressions",
    )
    headline: list[Planned] = Field(
        default_factory=list,
        description="the planned pairs that the report begins with, corrected as one family",
    )
    families: dict[Name, list[Planned]] = Field(
        default_factory=dict,
        description="further families of planned pairs, by name, each corrected by itself",
    )
    chapters: list[Chapter] = Field(
        default_factory=list,
        description="the questions of the report and what answers them; by default one for each "
        "comparison",
    )
    studies: dict[Name, Study] = Field(min_length=1, description="the studies, by name")

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: Any) -> Any:
        return distinct_seeds(seeds)

    @model_validator(mode="after")
    def _check_studies(self) -> "Config":
        mistakes = Mistakes()
        for where, names in (("datasets", self.datasets), ("studies", self.studies)):
            with mistakes.gathered():
                check_names(where, names)
        for name, dataset in self.datasets.items():
            with mistakes.gathered():
                check_dataset(f"datasets.{name}", dataset.source or name, dataset.options)
        for name, study in self.studies.items():
            with mistakes.gathered():
                check_study(f"studies.{name}", study, self.datasets)
                check_claims_of(name, study, self.studies)
                seeds = len(self.seeds_of(study))
                check_size(f"studies.{name}", study, seeds, self.confirm_of(study))
        with mistakes.gathered():
            self._refuse_to_confirm_nothing()
        with mistakes.gathered():
            self._refuse_splits_of_others()
        if not mistakes.found:
            with mistakes.gathered():
                check_families(self.headline, self.families, self.studies)
            with mistakes.gathered():
                check_chapters(self.chapters, self.studies)
        mistakes.raise_all()
        return self

    @property
    def planned(self) -> dict[str, list[Planned]]:
        """The families of planned pairs by name, the headline first."""
        return ({HEADLINE: self.headline} if self.headline else {}) | self.families

    def _refuse_to_confirm_nothing(self) -> None:
        """Refuse a confirmation that the config asks for, if no study chooses a value."""
        asked = "confirm" in self.model_fields_set and isinstance(self.confirm, Confirm)
        if asked and all(s.tune is None and s.confirm is None for s in self.studies.values()):
            raise ConfigError(
                "confirm",
                "no study chooses a value that could be confirmed: expected the key 'tune' in a "
                "study, such as tune: eta, or confirm: none",
            )

    def _refuse_splits_of_others(self) -> None:
        """Refuse numbers of splits for datasets that no study, or not this one, has."""
        every = dict.fromkeys(name for study in self.studies.values() for name in study.datasets)
        places = {"confirm": (self.confirm, [*every])}
        for name, study in self.studies.items():
            places[f"studies.{name}.confirm"] = (study.confirm, study.datasets)
        for where, (confirm, datasets) in places.items():
            if isinstance(confirm, Confirm):
                for name in confirm.splits_of:
                    among(f"{where}.splits_of", name, datasets, "a dataset")

    def data(self, name: str) -> Data:
        """Return the dataset that a name stands for."""
        said = self.datasets.get(name, Dataset())
        source = said.source or name
        standardise = said.standardise
        if standardise is None:
            standardise = DATASETS[source].standardise
        return Data(name, source, said.options, standardise, said.split)

    def seeds_of(self, study: Study) -> list[int]:
        """Return the seeds of a study as a list."""
        seeds = self.seeds if study.seeds is None else study.seeds
        return list(range(seeds)) if isinstance(seeds, int) else seeds

    def confirm_of(self, study: Study) -> Confirm | None:
        """Return how a study is confirmed, or None: it tunes nothing, or says none."""
        asked = self.confirm if study.confirm is None else study.confirm
        return asked if study.tune is not None and isinstance(asked, Confirm) else None


def validate(content: Any) -> Config:
    """Return the config that some parsed YAML stands for. Raises ConfigError."""
    if not isinstance(content, dict):
        raise ConfigError(
            "", f"a config is a mapping with the key 'studies', found {short(content)}"
        )
    try:
        return TypeAdapter(Config).validate_python(content)
    except ValidationError as error:
        outer = as_config_error(error, "", content, Config)
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
                check_study(f"studies.{name}", *_sound_part(name, study, wrong, content))
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


def load(path: Path, changes: Sequence[str] = ()) -> Config:
    """Read and validate a config file, with changes such as `studies.init.seeds=20`.

    Raises ConfigError, which names the file and the place.
    """
    path = Path(path)
    if not re.fullmatch(NAME_PATTERN, path.stem):
        raise ConfigError(str(path), f"the file's name becomes a folder: it must be {NAME_RULE}")
    if path.stem in TAKEN:
        raise ConfigError(
            str(path), f"results/{path.stem} holds other things than a sweep's: rename the file"
        )
    places: dict[str, str] = {}
    try:
        whole = read_whole(path, changes)
        places = whole.places
        return validate(whole.content)
    except ConfigError as error:
        raise _placed(error, path, places) from None


def placed(error: ConfigError, path: Path, changes: Sequence[str] = ()) -> ConfigError:
    """Return an error of a config with the name of the file and the place of each mistake.

    The place is a line of the file or of one that it extends, or the change that made it. A
    mistake in a key that is left out has the place of the key above it, or none.
    """
    try:
        places = read_whole(Path(path), changes).places
    except ConfigError:  # the file is another one by now
        places = {}
    return _placed(error, path, places)


def _placed(error: ConfigError, path: Path, places: Mapping[str, str]) -> ConfigError:
    each = [ConfigError(_with_place(one.where, places), one.problem) for one in error.each]
    whole = ConfigError.of(each)
    return ConfigError(f"{path}: {whole.where}" if whole.where else str(path), whole.problem)


def _with_place(where: str, places: Mapping[str, str]) -> str:
    key = where
    while key and key not in places:
        key = re.sub(r"(\[\d+\]|\.?[^.\[\]]*[\]\[]?)$", "", key)
    return f"{places[key]}: {where}" if key else where
