"""How fast the arms learn, and their ranks over the datasets."""

from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd

from experiments.base import listing, of_all
from reports.figures import short
from reports.page import literal
from reports.sentences.words import by_arm, with_minus


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
    text += " These counts describe the tuning runs; they are not tested."
    missed = table[table["censored"] > 0]
    if len(missed):
        runs, total = int(missed["censored"].sum()), int(table["n"].sum())
        text += f" Never reached, and counted as censored: {of_all(runs, total, 'run')}."
    return text


def _all_tie(first: Counter[str], arms: int, places: int) -> bool:
    """Tell whether every arm comes first in every place."""
    return arms > 1 and len(first) == arms and set(first.values()) == {places}


MOST_PAIRS = 6  # over the datasets that are said in full


def over_datasets(table: pd.DataFrame, level: float) -> list[str]:
    """Say what the datasets together allow to say, a text for each of the telling pairs.

    `table` is the table "rank-tests" (`experiments.results.tables.OVER_COLUMNS`).
    """
    tested = table.dropna(subset=["p_holm"])
    if tested.empty:
        notes = [note for note in dict.fromkeys(table["note"]) if note]
        why = f" ({literal(listing(notes, most=3))})" if notes else ""
        return [
            f"Over the datasets there is a description, and no test{why}: mean ranks, 1 being the "
            "best. They describe these datasets and no others."
        ]
    found = tested[tested["p_holm"] <= level]
    text = (
        "With the datasets as the sample, a difference of the typical dataset shows in "
        f"{of_all(len(found), len(tested), 'planned pair')} (exact Wilcoxon test, adjusted after "
        f"Holm, level {level:g})."
    )
    first = tested.sort_values("p_holm", kind="stable").head(MOST_PAIRS)
    return [text, *map(_over, first.to_dict("records"))]


def _over(row: Mapping[str, Any]) -> str:
    """Say of one pair: the typical dataset, the three probabilities, and the next dataset."""
    a, b = literal(row["a"]), literal(row["b"])
    where = f" ({literal(short(row['facet']))})" if row["facet"] else ""
    numbers = [with_minus(row[name]) for name in ("difference", "low", "high")]
    chances = [f"{100 * row[f'p_{name}']:.0f} %" for name in ("a_better", "alike", "b_better")]
    ends = [with_minus(row[name]) for name in ("new_low", "new_high")]
    n = int(row["n_datasets"])
    return (
        f"{a} − {b}{where}: {numbers[0]} points [{numbers[1]}, {numbers[2]}] on the typical one of "
        f"{n} datasets. By more than the margin {a} is better with probability {chances[0]}, {b} "
        f"with {chances[2]}; they are alike with {chances[1]}. On the next dataset the difference "
        f"is expected between {ends[0]} and {ends[1]} points (90 %)."
    )
