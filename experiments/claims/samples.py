"""Differences paired by seed, and how they are judged: what several test modules share."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments import statistics
from experiments.claims.case import Case
from experiments.claims.evidence import FAILS, HOLDS, MIXED, OPEN, Evidence


class Sample(NamedTuple):
    """Differences paired by seed at one place; `sign` is the one that the claim expects.

    What is `fixed` is not drawn: it would be the same for any seeds, so that no test is due.
    """

    dataset: str
    place: str
    x: np.ndarray
    sign: int
    facts: Mapping[str, Any] = {}
    fixed: bool = False


def paired(case: Case, samples: Sequence[Sample]) -> list[Evidence]:
    """Judge samples by exact sign flips and t-intervals, each at the level, not adjusted.

    What several of them say together, and over claims, is adjusted as claims are (`judging`).
    """
    finite = [np.isfinite(sample.x).all() and len(sample.x) > 0 for sample in samples]
    return [
        _sampled(case, sample) if good else Evidence(sample.dataset, sample.place, OPEN, p=1.0)
        for sample, good in zip(samples, finite, strict=True)
    ]


def _sampled(case: Case, sample: Sample) -> Evidence:
    if sample.fixed:
        return _seen(sample)
    p = statistics.sign_flip_p(sample.x)
    overlap = case.overlaps.get(sample.dataset) if sample.dataset else None
    mean, low, high = statistics.t_interval(sample.x, 1 - case.level, overlap)
    outcome = OPEN
    if p <= case.level and (low > 0 or high < 0):
        outcome = HOLDS if sample.sign * mean > 0 else FAILS
    return Evidence(
        sample.dataset, sample.place, outcome, mean, low, high, float(p), dict(sample.facts)
    )


def _seen(sample: Sample) -> Evidence:
    """Judge what is fixed by its sign alone: without a p value and without an interval."""
    signs = {int(sign) for sign in np.sign(sample.sign * sample.x)}
    outcome = {1: HOLDS, -1: FAILS}.get(signs.pop(), OPEN) if len(signs) == 1 else MIXED
    mean = float(np.mean(sample.x))
    return Evidence(sample.dataset, sample.place, outcome, mean, facts=dict(sample.facts))
