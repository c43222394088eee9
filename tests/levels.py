"""Error rates of the confirmation by simulation, through the functions of the package.

`python -m tests.levels` writes the tables of docs/rigor.md. Accuracies are counts of test samples;
splits have an effect of their own on each arm; see docs/rigor.md for the scenarios.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from experiments.statistics import (
    SURE,
    Kind,
    decide,
    decision_p,
    fcr_level,
    holm,
    intersection_union,
    new_dataset_interval,
    partial_conjunction,
    sign_flip_p,
    signed_rank_chances,
    simultaneous_level,
    t_p,
    typical_interval,
    wilcoxon_p,
)  # fmt: skip
from experiments.statistics.deciding import not_below_rounding
from experiments.statistics.samples import half_width

SPLITS, RUNS, MARGIN, LEVEL = 20, 5, 1.0, 0.05
REPETITIONS = 4000
FAMILIES = 1500
DROP = 40.0  # points that a failed run loses


class Scenario(NamedTuple):
    """A data set and its arms: test samples, spreads in points, how counts arise, failures."""

    name: str
    n_test: int
    run: float = 1.0  # standard deviation of runs
    own: float = 0.5  # of the effect of a split on one arm
    shared: float = 0.0  # correlation of the arms' runs
    kind: str = "rounded"  # or "binomial", or "ceiling": few errors, Poisson
    fails: tuple[float, float] = (0.0, 0.0)  # share of failing runs: of arm 0, of the others


SCENARIOS = (
    Scenario("iris: 30 samples, many ties", 30, run=1.7, own=0.5),
    Scenario("iris: 30 samples, binomial", 30, run=1.0, own=0.5, kind="binomial"),
    Scenario("wine: 36 samples, 99 % right", 36, own=0.3, kind="ceiling"),
    Scenario("breast_cancer: 114 samples", 114, run=1.7, own=0.75),
    Scenario("digits: 359 samples, correlated arms", 359, run=0.8, own=0.3, shared=0.8),
    Scenario("MNIST-1D: 400 samples", 400, run=3.4, own=0.7),
    Scenario("digits, 2 % of runs fail in every arm", 359, run=0.8, own=0.3, fails=(0.02, 0.02)),
    Scenario("digits, 10 % of runs fail in one arm", 359, run=0.8, own=0.3, fails=(0.1, 0.0)),
    Scenario("digits, 2 % of runs fail in one arm", 359, run=0.8, own=0.3, fails=(0.02, 0.0)),
)


def split_means(case: Scenario, effects: np.ndarray, times: int, seed: int = 0) -> np.ndarray:
    """Return mean accuracies in per cent, shape (times, arms, splits); arms differ by `effects`."""
    rng = np.random.default_rng([case.n_test, len(effects), int(1000 * effects[0]), seed])
    shape = (times, len(effects), SPLITS, RUNS)
    arms = np.asarray(effects, dtype=float)[:, None, None]
    if case.kind == "ceiling":
        wrong = 1.5 + arms.max() - arms  # per cent: the best arm has 98.5 % right
        rates = wrong * case.n_test / 100
        rates = rates * rng.gamma(1 / case.own**2, case.own**2, (*shape[:3], 1))
        return (100 - 100 * rng.poisson(rates, shape) / case.n_test).mean(axis=-1)
    common = rng.normal(0, 1, (times, 1, SPLITS, 1)) + np.sqrt(case.shared) * case.run * rng.normal(
        size=(times, 1, SPLITS, RUNS)
    )
    accuracy = 80 + arms + common + case.own * rng.normal(size=(*shape[:3], 1))
    accuracy = accuracy + np.sqrt(1 - case.shared) * case.run * rng.normal(size=shape)
    rates = np.array([case.fails[0], *[case.fails[1]] * (len(effects) - 1)])[:, None, None]
    accuracy += DROP * rates - DROP * (rng.random(shape) < rates)  # equal means, less often met
    if case.kind == "binomial":
        counts = rng.binomial(case.n_test, accuracy / 100)
    else:
        counts = np.floor(accuracy * case.n_test / 100 + rng.random(shape))
    return (100 * counts / case.n_test).mean(axis=-1)


class Summary(NamedTuple):
    """Means and spreads of split differences, one for each repetition and pair."""

    x: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def summary(case: Scenario, x: np.ndarray) -> Summary:
    """Return what the package knows of split differences, shape (..., splits)."""
    x = np.round(x, 9)
    spread = not_below_rounding(x.std(axis=-1, ddof=1), case.n_test * RUNS)
    return Summary(x, x.mean(axis=-1), spread)


def pair(case: Scenario, difference: float, seed: int = 0) -> Summary:
    """Return the summaries of a pair of arms that truly differ by this much."""
    means = split_means(case, np.array([difference, 0.0]), REPETITIONS, seed)
    return summary(case, means[:, 0] - means[:, 1])


def kinds(found: Summary, error: np.ndarray | float) -> list[Kind]:
    """Return the kind that each interval of this error shows."""
    half = half_width(found.x.shape[-1], found.spread, 1 - np.asarray(error), 0.0)
    ends = zip((found.mean - half).flat, (found.mean + half).flat, strict=True)
    return [decide(low, high, MARGIN) for low, high in ends]


def is_false(kind: Kind, difference: float, mean: float) -> bool:
    """Return whether a statement is wrong, given the true difference."""
    wrong_sign = kind.differs and difference * mean <= 0
    too_large = kind == Kind.RELEVANT and abs(difference) <= MARGIN
    too_small = kind.alike and abs(difference) >= MARGIN
    return wrong_sign or too_large or too_small


def rates(case: Scenario) -> dict[str, float]:
    """Return the error rates of a single pair and the coverage of its 95 % interval."""
    null, edge = pair(case, 0.0), pair(case, MARGIN)
    at_null, at_edge = kinds(null, LEVEL), kinds(edge, LEVEL)
    half = half_width(SPLITS, edge.spread, 1 - LEVEL, 0.0)
    return {
        "better, at difference 0": np.mean([kind.differs for kind in at_null]),
        "the same by sign flips": np.mean([sign_flip_p(x) <= LEVEL for x in null.x]),
        "inside, at the margin": np.mean([kind.alike for kind in at_edge]),
        "beyond, at the margin": np.mean([kind == Kind.RELEVANT for kind in at_edge]),
        "misses": np.mean(np.abs(edge.mean - MARGIN) > half),
    }


NOMINAL = dict(zip(("better, at difference 0", "the same by sign flips", "inside, at the margin",
                    "beyond, at the margin", "misses"), (0.05, 0.05, 0.025, 0.025, 0.05),
                   strict=True))  # fmt: skip

EFFECTS = {  # of six arms, in points
    "all equal": np.zeros(6),
    "two groups": np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]) * MARGIN,
    "near and far": np.array([0.0, 0.0, 0.3, 0.5, 1.0, 3.0]) * MARGIN,
}


def stepped_level(p: np.ndarray, level: float) -> float:
    """Return Holm's step at which the rest is not decided: tried for families, and not chosen."""
    return level / max(1, len(p) - int(np.sum(holm(p) <= level)))


class Family(NamedTuple):
    """What a rule did in many families: chance of a false statement, false share, its error."""

    any_false: float
    false_share: float
    error: float
    decided: float


def family(case: Scenario, effects: np.ndarray, rules: Sequence[Callable]) -> list[Family]:
    """Return what each rule for the level of a family's intervals does, for all pairs of arms."""
    means = split_means(case, effects, FAMILIES)
    pairs = list(combinations(range(len(effects)), 2))
    found = summary(case, np.stack([means[:, a] - means[:, b] for a, b in pairs], axis=1))
    truth = [effects[a] - effects[b] for a, b in pairs]
    p = decision_p(SPLITS, found.mean, found.spread, MARGIN)
    return [_judged(found, p, truth, rule) for rule in rules]


def _judged(found: Summary, p: np.ndarray, truth: list[float], rule: Callable) -> Family:
    errors = np.array([rule(row, LEVEL) for row in p])[:, None]
    said = np.array(kinds(found, np.broadcast_to(errors, p.shape)), dtype=object).reshape(p.shape)
    rows = zip(said, found.mean, strict=True)
    wrong = np.array(
        [[is_false(*each) for each in zip(ks, truth, ms, strict=True)] for ks, ms in rows]
    )
    decided = p <= errors
    share = wrong.sum(axis=1) / np.maximum(1, decided.sum(axis=1))
    error = share.std() / np.sqrt(len(share))
    return Family(wrong.any(axis=1).mean(), share.mean(), error, decided.mean())


DATASETS = 20
SENTENCES = 1000
PSEUDO_MEDIAN = 1.6783469900166605  # of the exponential distribution, mean 1: median of Γ(2, 1/2)
EFFECTS_OF_DATASETS: dict[str, Callable[[np.random.Generator, tuple], np.ndarray]] = {
    "normal": lambda rng, shape: rng.normal(0, 2, shape),
    "heavy tails (t, 3)": lambda rng, shape: rng.standard_t(3, shape),
    "none, but one in five large": lambda rng, shape: (
        4 * rng.normal(size=shape) * (rng.random(shape) < 0.2)
    ),
    "skewed, mean 0": lambda rng, shape: rng.exponential(2, shape) - 2,
    "skewed, typical value 0": lambda rng, shape: rng.exponential(2, shape) - PSEUDO_MEDIAN,
}


def over_datasets(effects: Callable) -> dict[str, float]:
    """Return the error rates of a sentence over datasets whose centre is 0, or the margin."""
    rng = np.random.default_rng(7)
    shape = (SENTENCES, DATASETS + 1)
    new, x = np.split(effects(rng, shape) + rng.normal(0, 0.3, shape), [1], axis=1)
    at_null = np.array([signed_rank_chances(row, MARGIN, draws=1000) for row in x])
    at_edge = np.array([signed_rank_chances(row + MARGIN, MARGIN, draws=1000) for row in x])
    typical = [typical_interval(row) for row in x]
    ahead = [new_dataset_interval(row) for row in x]
    return {
        "Wilcoxon, at 0": np.mean([wilcoxon_p(row) <= LEVEL for row in x]),
        "interval misses": np.mean([not i.low <= 0 <= i.high for i in typical]),
        "P(better) 97.5 %, at 0": np.mean(at_null[:, [0, 2]].max(axis=1) >= SURE),
        "P(better) 97.5 %, at the margin": np.mean(at_edge[:, 0] >= SURE),
        "P(alike) 97.5 %, at the margin": np.mean(at_edge[:, 1] >= SURE),
        "next dataset, 90 %: misses": np.mean(
            [not i.low <= y <= i.high for i, y in zip(ahead, new[:, 0], strict=True)]
        ),
    }


CLAIMED = 5  # datasets of a claim
CLAIMS = {  # datasets with a true effect, and the rule that needs one more
    "on all 5 datasets (largest p)": (4, intersection_union),
    "on at least 3 of 5 (Bonferroni)": (2, partial(partial_conjunction, u=3)),
    "on at least 3 of 5 (Simes)": (2, partial(partial_conjunction, u=3, simes=True)),
    "not chosen: 3 of 5 significant": (2, lambda p: float(np.sort(p)[2])),
}


def claims(true: int, rule: Callable[[np.ndarray], float]) -> dict[str, float]:
    """Return how often a claim that is false by one dataset is supported."""
    case = SCENARIOS[3]
    effects = np.where(np.arange(CLAIMED) < true, 5.0, 0.0)
    found = [pair(case, effect, seed=i) for i, effect in enumerate(effects)]
    p = np.transpose([t_p(SPLITS, each.mean, each.spread) for each in found])
    return {"supported": np.mean([rule(row) <= LEVEL for row in p])}


def tables() -> Iterator[str]:
    """Yield the tables of docs/rigor.md in Markdown; rates in per cent."""
    single = {case.name: singles(case) for case in SCENARIOS}
    yield _table("one pair", single)
    rows = {}
    for case in SCENARIOS:
        for name, found in families(case).items():
            simple, step, fcr = found
            rows[f"{case.name}; {name}"] = {
                "primary: any false": simple.any_false, "decided": simple.decided,
                "exploratory: share false": fcr.false_share, "decided ": fcr.decided,
                "not chosen, Holm's steps: any false": step.any_false,
            }  # fmt: skip
    yield _table("15 pairs of six arms", rows)
    yield _table("a claim that is false by one dataset", {k: claims(*v) for k, v in CLAIMS.items()})
    yield _table("20 datasets", {name: sentences(name) for name in EFFECTS_OF_DATASETS})


@cache
def singles(case: Scenario) -> dict[str, float]:
    """Return :func:`rates`, once."""
    return rates(case)


@cache
def families(case: Scenario) -> dict[str, list[Family]]:
    """Return for each set of effects what the rules for families do, once."""
    rules = (simultaneous_level, stepped_level, fcr_level)
    return {name: family(case, effects, rules) for name, effects in EFFECTS.items()}


@cache
def sentences(name: str) -> dict[str, float]:
    """Return :func:`over_datasets` for named effects, once."""
    return over_datasets(EFFECTS_OF_DATASETS[name])


def _table(first: str, rows: dict[str, dict[str, float]]) -> str:
    names = list(next(iter(rows.values())))
    lines = [f"| {first} | {' | '.join(name.strip() for name in names)} |",
             f"|---|{'---:|' * len(names)}"]  # fmt: skip
    for name, row in rows.items():
        lines.append(f"| {name} | {' | '.join(f'{100 * value:.1f}' for value in row.values())} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """Return a page with its tables replaced by those of :func:`tables`."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n\n".join(["", *tables(), ""]) + END + tail


BEGIN, END = "<!-- tables: python -m tests.levels -->", "<!-- end of tables -->"
PAGE = Path(__file__).parent.parent / "docs/rigor.md"

if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
