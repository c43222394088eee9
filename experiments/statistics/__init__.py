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

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
