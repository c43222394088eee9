"""How fast the arms learn, and their ranks over the datasets."""

from collections import Counter
from math import isfinite

import pandas as pd

from experiments.base import listing, of_all
from reports.figures import short
from reports.page import literal
from reports.sentences.words import by_arm


def speed(table: pd.DataFrame) -> str:
    """Say which arms reach the target first, and which never."""
    if table.empty:
        return ""
    groups = [group for _, group in table.groupby(["dataset", "facet"], sort=False)]
    first: Counter[str] = Counter()
    largest_area: Counter[str] = Counter()
    for group in groups:
        best = group["median_epochs"].min()
        if isfinite(best):
            first.update(group.loc[group["median_epochs"] == best, "arm"])
        largest_area.update(group.loc[group["area"] >= group["area"].max() - 1e-9, "arm"])
    arms = table["arm"].nunique()
    if not first:
        text = "No arm reaches the target in half of its runs. "
    elif _all_tie(first, arms, len(groups)):
        text = "All arms reach the target in the same number of epochs (median over the seeds). "
    else:
        text = (
            "The target is reached in the fewest epochs (median over the seeds, ties counted for "
            f"each) by {by_arm(first, len(groups))}. "
        )
    if _all_tie(largest_area, arms, len(groups)):
        text += "The areas under their learning curves are equal."
    else:
        text += (
            f"The area under the learning curve is largest for {by_arm(largest_area, len(groups))}."
        )
    missed = table[table["censored"] > 0]
    if len(missed):
        runs, total = int(missed["censored"].sum()), int(table["n"].sum())
        text += f" Never reached, and counted as censored: {of_all(runs, total, 'run')}."
    return text


def _all_tie(first: Counter[str], arms: int, places: int) -> bool:
    """Tell whether every arm comes first in every place."""
    return arms > 1 and len(first) == arms and set(first.values()) == {places}


def ranks(table: pd.DataFrame, tests: pd.DataFrame, level: float) -> str:
    """Say what the datasets together allow to say."""
    notes = [note for note in dict.fromkeys(table["note"]) if note]
    decided = tests.dropna(subset=["p_holm"])
    if decided.empty:
        why = f": {listing(notes, most=3)}" if notes else ""
        return (
            "Over the datasets only mean ranks are given (1 is best), without a test"
            f"{literal(why)}. They describe these datasets and no others."
        )
    found = decided[decided["p_holm"] <= level]
    text = (
        "With the datasets as the sample, a difference shows in "
        f"{of_all(len(found), len(decided), 'pair')} (Wilcoxon's "
        f"signed-rank test, Holm's correction, level {level:g})"
    )
    said = [
        f"{literal(row['a'] if row['difference'] > 0 else row['b'])} over "
        f"{literal(row['b'] if row['difference'] > 0 else row['a'])}"
        + (f" ({literal(short(row['facet']))})" if row["facet"] else "")
        for row in found.to_dict("records")
    ]
    return f"{text}: {listing(said)}." if said else f"{text}."
