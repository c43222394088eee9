"""The tuned setting: own and shared values, ends of the grid, runs that diverge."""

from typing import Any

import pandas as pd

from experiments.base import counted, listing, of_all
from experiments.results import contradicts
from reports.page import literal
from reports.sentences.words import axis_name, place_of


def shared_step(tests: pd.DataFrame, shared: pd.DataFrame, axis: str) -> str:
    """Say what changes if all arms of a place run at one value of the tuned axis.

    Only pairs count of which an arm runs at another value. Two verdicts contradict each other if
    they cannot both be right (`experiments.results.contradicts`).
    """
    both = tests.merge(shared, on=KEYS, suffixes=("", "_shared"))
    both = both.dropna(subset=["difference", "difference_shared"])
    if both.empty:
        return ""
    same = (both["value_a"] == both["value_a_shared"]) & (both["value_b"] == both["value_b_shared"])
    start = f"At one {axis_name(axis)} for all arms of a case (the best on average)"
    moved = both[~same]
    if moved.empty:
        return f"{start} every arm runs at its own."
    rows = [_at_both(row) for row in moved.to_dict("records")]
    apart = [own for own, other in rows if contradicts(own, other)]
    text = (
        f"{start} {of_all(len(moved), len(both), 'pair')} {'runs' if len(moved) == 1 else 'run'} "
        f"at other values than at {'its' if len(moved) == 1 else 'their'} own. "
    )
    if not apart:
        return f"{text}No verdict there contradicts the one at the arms' own values."
    names = [f"{own['a']} and {own['b']} on {literal(place_of(own))}" for own in apart]
    return (
        f"{text}In {len(apart)} of them the verdict contradicts the one at the arms' own values "
        f"(another arm is ahead, or a difference is beyond the margin and not inside): "
        f"{listing(names, most=4)}."
    )


KEYS = ["dataset", "facet", "a", "b"]


def _at_both(row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return kind and difference at the arms' own values, and at the shared one."""
    names = ("verdict_kind", "difference")
    own = {name: row[name] for name in (*KEYS, *names)}
    return own, own | {name: row[f"{name}_shared"] for name in names}


def edges(arms: pd.DataFrame, axis: str) -> str:
    """Say in which places the chosen value is an end of its grid: a better one may be outside."""
    ran = arms[arms["standing"] != "absent"]
    edge = ran[ran["on_edge"] != ""]
    name = axis_name(axis)
    if ran.empty:
        return ""
    if edge.empty:
        return f"The chosen {name} is inside its grid for every arm in every case."
    said = []
    for (arm, side), group in edge.groupby(["arm", "on_edge"], sort=False):
        end = "largest" if side == "high" else "smallest"
        edge_places = [literal(place_of(row)) for row in group.to_dict("records")]
        said.append(f"{literal(arm)} at the {end} on {listing(edge_places, most=4)}")
    return (
        f"For {len(edge)} of {len(ran)} arms and cases the chosen {name} is the end of its grid, "
        f"so that a better one may be outside: {'; '.join(said)}."
    )


def divergence(table: pd.DataFrame) -> str:
    """Say how many runs diverged, over the whole grid and at the chosen values."""
    total, diverged = int(table["n"].sum()), int(table["diverged"].sum())
    if not diverged:
        return f"{of_all(0, total, 'tuning run')} diverged."
    if diverged == total:
        return f"All {counted(total, 'tuning run')} diverged, and count with their wrong answers."
    arms = table.groupby("arm", sort=False)[["n", "diverged"]].sum()
    arms = arms[arms["diverged"] > 0].sort_values("diverged", ascending=False, kind="stable")
    said = [
        f"{literal(arm)} {int(row['diverged']):,} of {int(row['n']):,}"
        for arm, row in arms.iterrows()
    ]
    chosen = int(table["diverged_chosen"].sum())
    where = f"{chosen} of them" if chosen else "none of them"
    return (
        f"{of_all(diverged, total, 'tuning run')} diverged, over the whole grid ({listing(said)}); "
        f"{where} at a chosen value. A diverged run counts with its wrong answers."
    )
