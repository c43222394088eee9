"""What the tests say: verdicts, leaders, the margin, failures, and other people's numbers."""

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
    is_confirmed,
    listed,
    places_in,
)

MOST_ABSENT = 4  # pairs that a sentence names


def verdict_counts(tests: pd.DataFrame) -> str:
    """Say how many pairs were compared with which result."""
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


def fragile_count(tests: pd.DataFrame) -> str:
    """Say how many verdicts would change at another tuned value that is as good; '' for none."""
    hang = int((tests["fragile"] != "").sum()) if "fragile" in tests else 0
    if not hang:
        return ""
    return (
        f"{of_all(hang, len(tests), 'verdict').capitalize()} {'is' if hang == 1 else 'are'} "
        "fragile: another tuned value that validation cannot tell from the chosen one would change "
        f"{'it' if hang == 1 else 'them'}."
    )


def not_compared(tests: pd.DataFrame) -> str:
    """Say which pairs were not compared, and why; '' if all were."""
    said = tests.loc[tests["verdict_kind"] == Kind.ABSENT, "verdict"].tolist()
    more = f" {counted(len(said) - MOST_ABSENT, 'pair')} more." if len(said) > MOST_ABSENT else ""
    return literal(" ".join(said[:MOST_ABSENT])) + more


def headline(tests: pd.DataFrame, arms: pd.DataFrame) -> str:
    """Say in a few sentences what a comparison found, for the opening of the report."""
    return f"{verdict_counts(tests)} {largest(tests)} {leaders(arms)}".strip()


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
    if (ran["standing"] == "best").all() and ran["arm"].nunique() > 1:
        return f"The arms' mean test accuracies are equal {in_places(places, places)}."
    if places == 1:
        text = f"The highest mean test accuracy is that of {listed(best['arm'])}"
        return f"{text}; {_others(ran, bool(alone))}."
    text = f"The highest mean test accuracy is that of {by_arm(ranked, places)}"
    if ranked.total() > places:
        text += " (shared first places count for each)"
    if not (ran["standing"] == "worse").any():
        return f"{text}; {in_places(places, places)} no other arm is shown to be worse than it."
    if not alone:
        return f"{text}; in none of the {places} is every other arm shown to be worse."
    where = "in each of them" if alone == places else f"in {alone} of them"
    return f"{text}; {where} every other arm is shown to be worse."


def _others(ran: pd.DataFrame, alone: bool) -> str:
    if alone:
        return "every other arm is shown to be worse"
    worse = ran.loc[ran["standing"] == "worse", "arm"]
    if worse.empty:
        return "no other arm is shown to be worse than it"
    return f"of the others {listed(worse)} {'is' if len(worse) == 1 else 'are'} shown to be worse"


def largest(tests: pd.DataFrame) -> str:
    """Name the largest difference that is shown and may exceed the margin, if there is one."""
    found = tests[having(tests["verdict_kind"], "leads")]
    if found.empty:
        none = "No difference is shown that could be larger than the margin."
        return none if len(tests) else ""
    row = found.loc[found["difference"].abs().idxmax()].to_dict()
    text = f"The largest: {literal(row['verdict'])}"
    if is_confirmed(tests):
        return f"{text} {literal(row['fragile'])}".strip()
    p = "< 0.0001" if row["p_holm"] < 1e-4 else f"= {row['p_holm']:.4f}"
    return f"{text} (Adjusted p {p}, n = {int(row['n'])}.)"


def margin(tests: pd.DataFrame) -> str:
    """State the margin, and how many test samples of one split it is."""
    known = tests.dropna(subset=["margin"])
    if known.empty:
        return ""
    points = f"{known['margin'].iloc[0]:g}"
    text = f"The margin is {points} {'point' if points == '1' else 'points'} on every dataset"
    if not is_confirmed(tests):
        return f"{text}."
    samples = known.groupby("dataset", sort=False)["margin_samples"].first()
    if len(samples) == 1:
        return f"{text}: {samples.iloc[0]:.2g} test samples of one split."
    ends = f"{samples.min():.2g} ({literal(samples.idxmin())}) to {samples.max():.2g} "
    return f"{text}: {ends}({literal(samples.idxmax())}) test samples of one split."


def failures(arms: pd.DataFrame) -> str:
    """Say how many runs failed, and in which arms, as means hide them."""
    ran = arms[arms["standing"] != "absent"]
    if ran.empty:
        return ""
    failed, runs = int(ran["failed"].sum()), int(ran["runs"].sum())
    what = "more than 10 points below the median of their arm"
    if not failed:
        most = 100 * ran["rate_high"].max()
        return (
            f"None of {counted(runs, 'run')} failed ({what}). No failure in the runs of an arm "
            f"leaves a rate of up to {most:.1f} % open."
        )
    some = ran[ran["failed"] > 0].groupby("arm", sort=False)[["failed", "runs"]].sum()
    said = [f"{literal(arm)} {row.failed:.0f} of {row.runs:,.0f}" for arm, row in some.iterrows()]
    return (
        f"{of_all(failed, runs, 'run').capitalize()} failed ({what}): {listing(said)}. Read these "
        "counts next to the means: a mean hides rare failures, and no test sees those that did "
        "not happen."
    )


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
