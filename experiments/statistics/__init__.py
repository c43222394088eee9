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

and of fresh runs over new splits, which confirm what tuning chose:

    splits      the mean difference of each split, failures, the table of pairs
    deciding    the kind of a verdict from one interval; how many splits would decide
    sentences   a confirmed pair in words
    fragility   verdicts that hang on the tuned value
    datasets    datasets as the sample: tests, probabilities, the next dataset

Comes in: frames of runs, arrays of differences. Goes out: frames, intervals, p values, verdicts.
"""

from experiments.schema import seeds_needed, smallest_p
from experiments.statistics.cells import ACCURACIES, ARM, METRICS, PLACE, RUN, STATUSES
from experiments.statistics.curves import divergence_rates, learning_speed, sensitivity
from experiments.statistics.datasets import (
    MIN_DATASETS,
    SURE,
    Chances,
    new_dataset_interval,
    over_datasets,
    signed_rank_chances,
)
from experiments.statistics.deciding import (
    decide,
    decides_with,
    decision_p,
    inside_p,
    splits_to_decide,
    t_p,
)
from experiments.statistics.families import (
    benjamini_hochberg,
    fcr_level,
    holm,
    intersection_union,
    partial_conjunction,
    simultaneous_level,
)
from experiments.statistics.fragility import changed_by, fragile_text, near_best
from experiments.statistics.pairs import COMPARE_COLUMNS, compare
from experiments.statistics.ranks import TOO_FEW, Ranking, across_datasets
from experiments.statistics.samples import (
    DECIMALS,
    EXACT_UP_TO,
    MOST_SEEDS,
    Interval,
    half_width,
    prediction_interval,
    seeds_for_margin,
    sign_flip_p,
    t_interval,
    t_intervals,
    tost_p,
    typical_interval,
    wilcoxon_p,
)
from experiments.statistics.sentences import in_words
from experiments.statistics.splits import CONFIRM_COLUMNS, confirm, failures, split_differences
from experiments.statistics.steps import best_first, choose_step, chosen_steps, shared_step
from experiments.statistics.verdicts import Kind, Verdict, verdict

__all__ = [
    "ACCURACIES",
    "ARM",
    "COMPARE_COLUMNS",
    "CONFIRM_COLUMNS",
    "DECIMALS",
    "EXACT_UP_TO",
    "METRICS",
    "MIN_DATASETS",
    "MOST_SEEDS",
    "PLACE",
    "RUN",
    "STATUSES",
    "SURE",
    "TOO_FEW",
    "Chances",
    "Interval",
    "Kind",
    "Ranking",
    "Verdict",
    "across_datasets",
    "benjamini_hochberg",
    "best_first",
    "changed_by",
    "choose_step",
    "chosen_steps",
    "compare",
    "confirm",
    "decide",
    "decides_with",
    "decision_p",
    "divergence_rates",
    "failures",
    "fcr_level",
    "fragile_text",
    "half_width",
    "holm",
    "in_words",
    "inside_p",
    "intersection_union",
    "learning_speed",
    "near_best",
    "new_dataset_interval",
    "over_datasets",
    "partial_conjunction",
    "prediction_interval",
    "seeds_for_margin",
    "seeds_needed",
    "sensitivity",
    "shared_step",
    "sign_flip_p",
    "signed_rank_chances",
    "simultaneous_level",
    "smallest_p",
    "split_differences",
    "splits_to_decide",
    "t_interval",
    "t_intervals",
    "t_p",
    "tost_p",
    "typical_interval",
    "verdict",
    "wilcoxon_p",
]
