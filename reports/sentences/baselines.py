"""What simple methods reach beside the best setting of a sweep."""

import pandas as pd

from experiments.base import counted

BASELINES = {
    "majority": "majority",
    "logistic": "logistic regression",
    "mlp": "MLPClassifier",
}
"""The baselines as pages call them."""
MORE = 1.0  # points: a mean is above another if it is by more


def beside(best: pd.DataFrame, reached: pd.DataFrame) -> str:
    """Compare the best arm of each dataset, `mean`, with each baseline; '' without any.

    `reached` has a row for each dataset and baseline with its `mean`, both in per cent.

    >>> best = pd.DataFrame({"mean": [96.0, 60.0]}, index=["iris", "tae"])
    >>> rows = [("iris", "logistic", 94.7), ("tae", "logistic", 60.5)]
    >>> beside(best, pd.DataFrame(rows, columns=["dataset", "baseline", "mean"]))
    'above logistic regression on 1 of 2 datasets and below on 0'
    """
    wide = reached.pivot_table(index="dataset", columns="baseline", values="mean")
    known = wide.join(best["mean"], how="inner").dropna()
    said = []
    for name, words in BASELINES.items():
        if name in known and len(known):
            gap = known["mean"] - known[name]
            above, below = int((gap > MORE).sum()), int((gap < -MORE).sum())
            number = f" of {counted(len(known), 'dataset')}" if not said else ""
            said.append(f"above {words} on {above}{number} and below on {below}")
    return ", ".join(said)
