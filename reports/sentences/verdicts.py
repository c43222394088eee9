"""What the tests say: verdicts, leaders, margins, and other people's numbers."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from experiments.base import counted, listing, of_all
from experiments.statistics import Kind
from reports.page import literal
from reports.sentences.words import (
    by_arm,
    having,
    in_places,
    listed,
    place_of,
    places_in,
    with_minus,
)


def verdict_counts(tests: pd.DataFrame) -> str:
    """Say how many tests ended in which way."""
    counts = Counter(tests["verdict_kind"])
    said = [f"{counts[kind]:,} {kind.noun}" for kind in Kind if counts[kind]]
    if not said:
        return "No pair of arms was tested."
    if len(tests) == 1:
        return f"The only paired test {_shown(said).removeprefix('1 ')}."
    return f"Of {counted(len(tests), 'paired test')}, {_shown(said)}."


def _shown(said: Sequence[str]) -> str:
    number, what = said[0].split(" ", 1)
    return listing([f"{number} {'shows' if number == '1' else 'show'} {what}", *said[1:]])


def headline(tests: pd.DataFrame, arms: pd.DataFrame) -> str:
    """Say in two sentences what a comparison found, for the opening of the report."""
    return f"{verdict_counts(tests)} {leaders(arms)}".strip()


def leaders(arms: pd.DataFrame) -> str:
    """Say how often each arm has the highest mean accuracy, and how often all others are worse."""
    ran = arms[arms["standing"] != "absent"]
    if ran.empty:
        return ""
    places, best = places_in(ran), ran[ran["standing"] == "best"]
    ranked = Counter(best["arm"])
    alone = sum(
        (group["standing"] == "worse").sum() == len(group) - 1 and len(group) > 1
        for _, group in ran.groupby(["dataset", "facet"], sort=False)
    )
    if not (ran["standing"] == "worse").any() and ran["arm"].nunique() > 1:
        return _no_leader(ran, places)
    if places == 1:
        text = f"The highest mean test accuracy is that of {listed(best['arm'])}"
    else:
        text = f"The highest mean test accuracy is that of {by_arm(ranked, places)}"
        if ranked.total() > places:
            text += " (shared first places count for each)"
    if places == 1:
        return f"{text}; {'every' if alone else 'not every'} other arm is significantly worse."
    if not alone:
        return f"{text}; in none of the {places} is one arm significantly better than every other."
    where = "in each of them" if alone == places else f"in {alone} of them"
    return f"{text}; {where} one arm is significantly better than every other."


def _no_leader(ran: pd.DataFrame, places: int) -> str:
    """Say that no arm stands out, and who has the highest mean if not all have."""
    text = "No arm stands out"
    if (ran["standing"] == "best").all():
        return f"{text}: the arms' mean test accuracies are equal {in_places(places, places)}."
    if places == 1:
        best = listed(ran.loc[ran["standing"] == "best", "arm"])
        return f"{text}: {best} has the highest mean test accuracy, and none is shown to be worse."
    return f"{text}: {in_places(places, places)} none is shown to be worse than the highest mean."


def largest(tests: pd.DataFrame) -> str:
    """Name the largest significant difference, if there is one."""
    found = tests[having(tests["verdict_kind"], "leads")]
    if found.empty:
        return (
            "No pair of arms differs significantly by more than the margin." if len(tests) else ""
        )
    row = found.loc[found["difference"].abs().idxmax()].to_dict()
    text = f"The largest difference: on {literal(place_of(row))}, {literal(row['verdict'])}"
    p = "below 0.0001" if row["p_holm"] < 1e-4 else f"{row['p_holm']:.4f}"
    return f"{text} (adjusted p {'= ' if p[0] == '0' else ''}{p}, n = {int(row['n'])})."


def equivalence_limits(tests: pd.DataFrame) -> str:
    """State the margins that were used, and the smallest ones that could have been shown."""
    known = tests.dropna(subset=["margin"])
    if known.empty:
        return ""
    margins = sorted(known["margin"].unique())
    if len(margins) == 1:
        text = f"The margin of equivalence is {with_minus(margins[0])} points"
    else:
        text = (
            f"The margin of equivalence is {with_minus(margins[0])} to {with_minus(margins[-1])} "
            "points, by dataset, as it is never less than one test sample"
        )
    smallest = known["smallest_margin"].dropna()
    if len(smallest):
        text += (
            "; the smallest margin within which a pair would have passed, unadjusted, is "
            f"{with_minus(smallest.min(), 2)} points, and half of the pairs would need more than "
            f"{with_minus(smallest.median(), 2)}"
        )
    return f"{text}."


def numbers_met(found: pd.DataFrame) -> str:
    """Say how many published numbers were met, and which were not, each with its epoch."""
    if found.empty:
        return "No run reached the place of a published number yet."
    decided = found[found["standing"] != "undecided"]
    if decided.empty:
        return "One run has no spread, so it cannot be said whether a published number is met."
    met = int((decided["standing"] == "met").sum())
    text = (
        "The interval in which another run is expected holds the published number in "
        f"{of_all(met, len(decided), 'place')}."
    )
    several = found["dataset"].nunique() > 1
    apart = [
        f"{literal(row['dataset']) + ', ' if several else ''}"
        f"{literal(row['arm'])} after {_epoch(row['epoch'])}, {row['part']}: measured "
        f"{abs(row['difference']):.1f} points {row['standing']}"
        for row in decided[decided["standing"] != "met"].to_dict("records")
    ]
    return f"{text} Outside: {'; '.join(apart)}." if apart else text


def _epoch(epoch: str) -> str:
    return "the last epoch" if epoch == "last" else f"epoch {epoch}"
