"""What the runs of a comparison say: paired differences, tests, intervals, ranks, verdicts.

One comparison is a study, an axis whose values are the arms, optional facets (the values of the
study's other axes as one label, '' where there are none) and a tuned axis, normally the step
size. Its runs come as a frame `cells`, a row per run::

    dataset, facet, arm (str), tuned (float), seed (int), status ('ok', 'diverged', 'skipped'),
    test_accuracy, validation_accuracy (final epoch, shares of 1), validation_cost

Skipped runs carry no numbers; an arm that was only skipped on a dataset is absent there and is
reported as absent. Diverged runs count with the accuracy recorded for them.

Units: a column that keeps its input's name keeps its unit (`test_accuracy`,
`validation_accuracy` are shares of 1). Differences, means of arms, margins, intervals of
differences and areas under the curve are in percentage points.

Everything here is a pure function of its arguments: no files, no clock, fixed random streams.

    cells       the runs of a comparison, checked
    samples     one sample of differences: intervals, tests, numbers of seeds
    families    p values of many tests
    steps       the tuned value of each arm
    pairs       pairs of arms, place by place
    verdicts    the kinds of a verdict, and the sentence of each
    ranks       datasets as the sample
    curves      speed, divergence, sensitivity

Comes in: frames of runs, arrays of differences. Goes out: frames, intervals, p values, verdicts.
"""

from experiments.power import seeds_needed, smallest_p
from experiments.statistics.cells import ACCURACIES, ARM, METRICS, PLACE, RUN, STATUSES
from experiments.statistics.curves import divergence_rates, learning_speed, sensitivity
from experiments.statistics.families import holm
from experiments.statistics.pairs import COMPARE_COLUMNS, compare
from experiments.statistics.ranks import TOO_FEW, Ranking, across_datasets
from experiments.statistics.samples import (
    DECIMALS,
    EXACT_UP_TO,
    MOST_SEEDS,
    Interval,
    bootstrap_intervals,
    seeds_for_margin,
    sign_flip_p,
    t_interval,
    tost_p,
    wilcoxon_p,
)
from experiments.statistics.steps import best_first, choose_step, shared_step
from experiments.statistics.verdicts import Kind, Verdict, verdict

__all__ = [
    "ACCURACIES",
    "ARM",
    "COMPARE_COLUMNS",
    "DECIMALS",
    "EXACT_UP_TO",
    "METRICS",
    "MOST_SEEDS",
    "PLACE",
    "RUN",
    "STATUSES",
    "TOO_FEW",
    "Interval",
    "Kind",
    "Ranking",
    "Verdict",
    "across_datasets",
    "best_first",
    "bootstrap_intervals",
    "choose_step",
    "compare",
    "divergence_rates",
    "holm",
    "learning_speed",
    "seeds_for_margin",
    "seeds_needed",
    "sensitivity",
    "shared_step",
    "sign_flip_p",
    "smallest_p",
    "t_interval",
    "tost_p",
    "verdict",
    "wilcoxon_p",
]
