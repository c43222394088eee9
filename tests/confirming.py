"""Confirming runs for tests, from accuracies that are given or drawn."""

import numpy as np
import pandas as pd
from hypothesis import settings

fixed_examples = settings(derandomize=True, database=None, deadline=None, max_examples=200)
MANY = {"iris": 1000, "wine": 1000}  # test samples: so many that rounding does not matter


def runs(accuracies, *, dataset="iris", facet="", **columns):
    """Return confirming runs from {arm: [accuracies of split 0, of split 1, ...]}, in per cent."""
    rows = [
        {"dataset": dataset, "facet": facet, "arm": arm, "split": i, "index": j, "status": "ok"}
        | {"test_accuracy": value / 100}
        for arm, splits in accuracies.items()
        for i, values in enumerate(splits)
        for j, value in enumerate(np.atleast_1d(values))
    ]
    return pd.DataFrame(rows).assign(**columns)


def four_arms(seed=0, splits=20, each=5):
    rng = np.random.default_rng(seed)
    effects = {"A": 0.0, "B": 0.1, "C": 0.6, "D": 4.0}
    return pd.concat(
        [
            runs(
                {
                    arm: 80 + effect + rng.normal(0, 1, (splits, each))
                    for arm, effect in effects.items()
                },
                dataset=dataset,
            )
            for dataset in ("iris", "wine")
        ],
        ignore_index=True,
    )
