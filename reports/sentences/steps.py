"""The tuned setting: own and shared values, ends of the grid, runs that diverge."""

import numpy as np
import pandas as pd

from experiments.base import listing, of_all, verb
from reports.page import literal
from reports.sentences.words import axis_name, having, place_of


def shared_step(tests: pd.DataFrame, shared: pd.DataFrame, axis: str) -> str:
    """Say what changes if all arms of a place run at one value of the tuned axis."""
    keys = ["dataset", "facet", "a", "b"]
    both = tests.merge(shared, on=keys, suffixes=("", "_shared"))
    if both.empty:
        return ""
    kinds, other = both["verdict_kind"], both["verdict_kind_shared"]
    one, two = having(kinds, "differs"), having(other, "differs")
    turned = one & two & (np.sign(both["difference"]) != np.sign(both["difference_shared"]))
    same = (kinds == other) & ~turned
    text = (
        f"At one {axis_name(axis)} for all arms of a case (the best on average) "
        f"{of_all(same.sum(), len(both), 'verdict')} {'is' if same.sum() == 1 else 'are'} of the "
        "same kind; "
        f"{two.sum():,} of the tests find a difference, against {one.sum():,} with each arm at its "
        "own."
    )
    if not (one.any() or two.any()):
        text = text.partition(";")[0] + "; neither way does a test find a difference."
    gained, lost = (two & ~one).sum(), (one & ~two).sum()
    parts = []
    if gained:
        parts.append(f"{verb(gained, 'appear')} only at the shared value")
    if lost:
        parts.append(f"{lost} only at the arms' own values")
    if turned.sum():
        parts.append(f"{verb(turned.sum(), 'change')} direction")
    return f"{text} Of these differences {listing(parts)}." if parts else text


def edges(arms: pd.DataFrame, axis: str) -> str:
    """Say in which places the chosen value is an end of its grid: a better one may be outside."""
    ran = arms[arms["standing"] != "absent"]
    edge = ran[ran["on_edge"] != ""]
    name = axis_name(axis)
    if ran.empty:
        return ""
    if edge.empty:
        return f"The chosen {name} lies inside its grid for every arm in every case."
    said = []
    for (arm, side), group in edge.groupby(["arm", "on_edge"], sort=False):
        end = "largest" if side == "high" else "smallest"
        edge_places = [literal(place_of(row)) for row in group.to_dict("records")]
        said.append(f"{literal(arm)} at the {end} on {listing(edge_places, most=4)}")
    return (
        f"For {len(edge)} of {len(ran)} arms and cases the chosen {name} is the end of its grid, "
        f"so that a better one may lie outside: {'; '.join(said)}."
    )


def divergence(table: pd.DataFrame) -> str:
    """Say how many runs diverged, over the whole grid and at the chosen values."""
    total, diverged = int(table["n"].sum()), int(table["diverged"].sum())
    if not diverged:
        return f"{of_all(0, total, 'run')} diverged."
    arms = table.groupby("arm", sort=False)[["n", "diverged"]].sum()
    arms = arms[arms["diverged"] > 0].sort_values("diverged", ascending=False, kind="stable")
    said = [
        f"{literal(arm)} {int(row['diverged']):,} of {int(row['n']):,}"
        for arm, row in arms.iterrows()
    ]
    chosen = int(table["diverged_chosen"].sum())
    where = f"{chosen} of them" if chosen else "none of them"
    return (
        f"{of_all(diverged, total, 'run')} diverged, over the whole grid ({listing(said)}); "
        f"{where} at a chosen value. A diverged run counts with its wrong answers."
    )
