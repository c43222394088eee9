"""The splits and seeds of a confirmation, and the specs of its runs."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from mlp import stream

Spec = Mapping[str, Any]
FIRST = 100_001  # the seeds 0, 1, ... of the tuning end below


@lru_cache(maxsize=64)
def drawn(purpose: str, splits: int, seeds: int, draw: int, count: int) -> tuple[int, ...]:
    """Return `count` different 32-bit numbers from the stream of a purpose and a confirmation.

    They are the first of the stream's `SeedSequence`, which is the same in every version of NumPy,
    without those that repeat or could be a seed of the tuning.

    >>> drawn("split", 2, 1, 0, 2) == drawn("split", 2, 1, 0, 3)[:2]
    True
    """
    source = stream(f"confirming {purpose}, {splits} x {seeds}", draw).bit_generator.seed_seq
    numbers = source.generate_state(2 * count + 16)
    kept = dict.fromkeys(int(n) for n in numbers if n >= FIRST)
    return tuple(kept)[:count]


def split_draws(splits: int, seeds: int, draw: int) -> tuple[int, ...]:
    """Return the seed of each split of a confirmation, all different."""
    return drawn("split", splits, seeds, draw, splits)


@lru_cache(maxsize=64)
def run_seeds(splits: int, seeds: int, draw: int) -> tuple[tuple[int, ...], ...]:
    """Return the seeds of the runs of each split, all different; arms share them."""
    numbers = drawn("run", splits, seeds, draw, splits * seeds)
    return tuple(numbers[s * seeds : (s + 1) * seeds] for s in range(splits))


def as_confirmed(spec: Spec, confirm: Mapping[str, Any]) -> dict[str, Any]:
    """Return a setting as it is confirmed, but for the numbers of its splits and seeds.

    The training part is measured at both ends only, the others at the epochs that `confirm` says:
    verdicts ask for the end, and measuring all else takes as long as half of the training. (With
    early stopping the end is not known before, and the best epoch may be any.)
    """
    if spec.get("patience") or spec.get("select", "last") != "last":
        return {**spec, "split": "drawn"}
    few = {"record_train": "ends", "record_every": confirm["record_every"]}
    return {**spec, "split": "drawn", **few}


def on_split(spec: Spec, confirm: Mapping[str, Any], split: int) -> Iterator[dict[str, Any]]:
    """Yield the specs of a setting's confirming runs on one split, in the order of their index.

    `confirm` has splits, seeds, draw and record_every.
    """
    kind = (confirm["splits"], confirm["seeds"], confirm["draw"])
    setting = as_confirmed(spec, confirm) | {"split_draw": split_draws(*kind)[split]}
    for seed in run_seeds(*kind)[split]:
        yield {**setting, "seed": seed}
