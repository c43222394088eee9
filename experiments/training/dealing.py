"""How a dataset is split: each kind is a class that deals the rows to the three parts.

A new kind is one class here, and a word in a config: `split: {kind: k_fold, folds: 10}`.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

import numpy as np

from mlp import UnknownNameError, stream
from mlp.parts import PARTS

SPLITS: dict[str, type["Split"]] = {}
"""The kinds of split by name; a subclass of :class:`Split` enters itself."""

Array = np.ndarray


@dataclass(frozen=True)
class Split:
    """The contract of a kind of split: a frozen dataclass whose fields are the keys of a config.

    `groups` says that the rows of a group stay together, so that the data need groups; `even` that
    the parts have the same sizes whatever the seed.
    """

    kind: ClassVar[str]
    groups: ClassVar[bool] = False
    even: ClassVar[bool] = True

    def __init_subclass__(cls, kind: str) -> None:
        cls.kind = kind
        SPLITS[kind] = cls

    @property
    def setting(self) -> dict[str, Any]:
        """The split as a config says it, whole; nothing for that of a dataset without the key."""
        return {} if self == USUAL else {"kind": self.kind} | asdict(self)

    @property
    def words(self) -> str:
        """How the data are split, for the plan and the page."""
        raise NotImplementedError

    def sizes(self, n: int) -> dict[str, int]:
        """Return how many of n samples are in each part.

        If the splits of a dataset have parts of other sizes: the least that folds of equal size
        have.
        """
        raise NotImplementedError

    def overlap(self, n: int) -> float:
        """Return n_test/n_train, what two splits of n samples have in common."""
        sizes = self.sizes(n)
        return sizes["test"] / sizes["train"]

    def test_parts(self, n: int, groups: int) -> int:
        """Return the number of test parts that there can be at most."""
        return math.comb(n, self.sizes(n)["test"])

    def rows(
        self, n: int, seed: int, labels: Array | None = None, groups: Array | None = None
    ) -> dict[str, Array]:
        """Return the numbers of the rows (n,) of each part, in the order of their class.

        `labels` (n,) are class numbers, or None for real values; `groups` (n,) the groups' numbers.
        """
        raise NotImplementedError


def _by_class(shuffled: Array, labels: Array | None) -> Array:
    """Return shuffled rows in the order of their class, if they have one."""
    if labels is None:
        return shuffled
    return shuffled[np.argsort(labels[shuffled], kind="stable")]


@dataclass(frozen=True)
class StratifiedShuffle(Split, kind="stratified_shuffle"):
    """Rows drawn at random for each seed, with equal shares of the classes.

    The shuffled rows are put in the order of their class and dealt to the parts at a constant
    rate, so each part has its share of each class within one or two. Raises ValueError for shares
    that leave too little to train on.
    """

    test: float = 0.2
    validation: float = 0.2

    def __post_init__(self) -> None:
        for name in ("test", "validation"):
            share = getattr(self, name)
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share < 0.9:
                raise ValueError(
                    f"{name} must be a share of the samples, a number between 0 and 0.9"
                )
        if self.test + self.validation >= 0.9:
            raise ValueError(
                f"test: {self.test:g} and validation: {self.validation:g} leave less than a tenth "
                "of the samples for training: their sum must be below 0.9"
            )

    @property
    def words(self) -> str:
        """How the data are split, for the plan and the page."""
        train = 1 - self.test - self.validation
        shares = zip((train, self.validation, self.test), PARTS, strict=True)
        return "split at random: " + ", ".join(f"{100 * s:.3g} % {part}" for s, part in shares)

    def sizes(self, n: int) -> dict[str, int]:
        """Return how many of n samples are in each part.

        >>> StratifiedShuffle().sizes(150)
        {'train': 90, 'validation': 30, 'test': 30}
        """
        validation, test = round(n * self.validation), round(n * self.test)
        return {"train": n - validation - test, "validation": validation, "test": test}

    def rows(
        self, n: int, seed: int, labels: Array | None = None, groups: Array | None = None
    ) -> dict[str, Array]:
        """Return the rows of each part, drawn from the stream "split" of the seed."""
        shuffled = _by_class(stream("split", seed).permutation(n), labels)
        sizes = self.sizes(n)
        kinds = np.repeat(np.arange(3), list(sizes.values()))
        position = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes.values()])
        dealt = kinds[np.argsort(position, kind="stable")]
        return {name: shuffled[dealt == kind] for kind, name in enumerate(sizes)}


@dataclass(frozen=True)
class KFold(Split, kind="k_fold"):
    """Folds of a partition: one is the test part, the next the validation part, the rest trains.

    Seed s is fold s mod k of partition s // k: k seeds from 0 on are a whole cross-validation, and
    more of them repeat it with new partitions. The shuffled rows are put in the order of their
    class and dealt to the folds in turn: two folds differ by at most one row, and by at most one
    row of a class. Raises ValueError for fewer than 3 folds.
    """

    even: ClassVar[bool] = False
    folds: int = 5

    def __post_init__(self) -> None:
        if isinstance(self.folds, bool) or not isinstance(self.folds, int) or self.folds < 3:
            raise ValueError(
                "folds must be a whole number of at least 3: one fold is for testing, one for "
                "validation, the rest for training"
            )

    @property
    def words(self) -> str:
        """How the data are split, for the plan and the page."""
        return f"split into {self.folds} folds: one for testing, the next for validation"

    def sizes(self, n: int) -> dict[str, int]:
        """Return the least that is in each part of n samples.

        >>> KFold(10).sizes(150), KFold(3).sizes(10)
        ({'train': 120, 'validation': 15, 'test': 15}, {'train': 3, 'validation': 3, 'test': 3})
        """
        fold, larger = divmod(n, self.folds)
        train = n - 2 * fold - min(2, larger)
        return {"train": train, "validation": fold, "test": fold}

    def overlap(self, n: int) -> float:
        """Return 1/(k - 2), the size of a fold over that of all that train.

        >>> KFold(10).overlap(151)
        0.125
        """
        return 1 / (self.folds - 2)

    def rows(
        self, n: int, seed: int, labels: Array | None = None, groups: Array | None = None
    ) -> dict[str, Array]:
        """Return the rows of each part; the folds are drawn from a stream of their partition."""
        partition, test = divmod(seed, self.folds)
        source = stream(f"{self.kind} split", partition)
        shuffled = _by_class(source.permutation(n), labels)
        fold = self._folds(shuffled, labels, groups, source)
        parts = {"validation": fold == (test + 1) % self.folds, "test": fold == test}
        parts = {"train": ~(parts["validation"] | parts["test"])} | parts
        return {name: shuffled[there] for name, there in parts.items()}

    def _folds(
        self,
        shuffled: Array,
        labels: Array | None,
        groups: Array | None,
        source: np.random.Generator,
    ) -> Array:
        """Return the fold of each of the shuffled rows."""
        return np.arange(len(shuffled)) % self.folds


@dataclass(frozen=True)
class Grouped(KFold, kind="grouped"):
    """Folds of whole groups: all rows of a group are in one part.

    Each group, the large ones first, goes to the fold that has the least of its classes, counted
    as shares of the class; of several such folds to the smallest one. So no fold is empty if there
    are as many groups as folds. Groups of about one size (from a power of four to the next) come
    in random order, and the folds have random numbers, so that partitions differ.
    """

    groups: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """How the data are split, for the plan and the page."""
        return f"{super().words}; all samples of a group are in one fold"

    def test_parts(self, n: int, groups: int) -> int:
        """Return the number of sets of groups that can be a test part (from ten spare groups: more
        than a sweep can ask for)."""
        most = min(groups - self.folds, 9) + 1
        return sum(math.comb(groups, size) for size in range(1, most + 1))

    def _folds(
        self,
        shuffled: Array,
        labels: Array | None,
        groups: Array | None,
        source: np.random.Generator,
    ) -> Array:
        """Return the fold of each of the shuffled rows, the same within a group."""
        if groups is None:
            raise ValueError("a grouped split needs the group of each row")
        names, group = np.unique(groups, return_inverse=True)
        kind = np.zeros(len(group), int) if labels is None else labels
        members = np.zeros((len(names), kind.max() + 1))
        np.add.at(members, (group, kind), 1)
        shares = members / np.maximum(members.sum(axis=0), 1)
        sizes = members.sum(axis=1)
        magnitude = np.floor(np.log2(sizes) / 2)
        drawn = source.permutation(len(names))
        held, full = np.zeros((self.folds, shares.shape[1])), np.zeros(self.folds)
        fold = np.empty(len(names), int)
        for one in drawn[np.argsort(-magnitude[drawn], kind="stable")]:
            to = np.lexsort((full, (held @ shares[one]).round(12)))[0]
            fold[one] = to
            held[to] += shares[one]
            full[to] += sizes[one]
        return source.permutation(self.folds)[fold[group[shuffled]]]


USUAL = StratifiedShuffle()
"""The split of a dataset whose config says nothing of it."""


def split_of(given: Mapping[str, Any]) -> Split:
    """Return the split of a mapping of its kind and keys; of an empty one the usual split.

    Raises UnknownNameError for a kind or key that there is not, ValueError for a value out of its
    range.

    >>> split_of({"kind": "k_fold", "folds": 10}).setting, split_of({}).setting
    ({'kind': 'k_fold', 'folds': 10}, {})
    """
    options = dict(given)
    if not options:
        return USUAL
    if "kind" not in options:
        raise ValueError(
            f"a split has the key 'kind', one of {', '.join(SPLITS)}, such as "
            "{kind: k_fold, folds: 10}"
        )
    kind = options.pop("kind")
    if not isinstance(kind, str) or kind not in SPLITS:
        raise UnknownNameError("kind of split", kind, list(SPLITS))
    known = [one.name for one in fields(SPLITS[kind])]
    for key in options:
        if key not in known:
            raise UnknownNameError(f"key of {kind}", key, known)
    return SPLITS[kind](**options)
