"""A dataset as a config means it: a source with options, its files and what is known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from experiments.base import UserError, canonical, digest
from experiments.datasets.checks import sha256
from experiments.datasets.contract import announced, declared
from experiments.datasets.source import DATASETS, Options, Shape
from experiments.training import split_of


@dataclass(frozen=True)
class Data:
    """A dataset as the config means it: its source with options, and the file that holds it.

    `split` is the setting of its split, empty for the usual one
    (:func:`experiments.training.split_of`).
    """

    name: str
    source: str
    options: dict[str, Any]
    standardise: bool
    split: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return what the data's file is made from; the same whatever a config calls it."""
        facts = {"source": self.source, "options": self.options}
        return canonical(facts | ({"split": self.split} if self.split else {}))

    @classmethod
    def from_json(cls, text: str) -> "Data":
        """Return the dataset that :meth:`to_json` wrote down, under the name of its source.

        Raises UserError for another text.
        """
        try:
            facts = json.loads(text)
            source, options = facts["source"], facts["options"]
            split = split_of(facts.get("split", {})).setting
            if source in DATASETS and isinstance(options, dict):
                return cls(source, source, options, standardise=False, split=split)
        except (ValueError, LookupError, TypeError):
            pass
        raise UserError(
            f"{text[:60]!r} names no dataset: expected its source and options, as "
            '{"options":{},"source":"iris"}'
        )

    @cached_property
    def key(self) -> str:
        """The name of the data's file, and what the ids of runs say of the data.

        It is a hash of what the data is: its source, the options that differ from their defaults,
        the checksums of the user's files, and its split if that is not the usual one. The code of
        the source is not part of it: where that gives other arrays, their checksum changes, and
        what is cached was made from other data.
        """
        facts = [self.source, self.chosen.identity(), self.contents]
        text = canonical([*facts, self.split] if self.split else facts)
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
        shape = announced(self.name, DATASETS[self.source], self.chosen)
        return replace(shape, split=split_of(self.split))

    @property
    def notes(self) -> list[str]:
        """What a person should know of how the data was read, and of its split."""
        notes = DATASETS[self.source].notes(self.chosen)
        return [*notes, split_of(self.split).words] if self.split else notes

    @property
    def files(self) -> list[str]:
        """The user's files that it is made from."""
        return [str(path) for path in declared(self.name, DATASETS[self.source], self.chosen)]
