"""Why the arms differ: norms and saturation that were recorded next to the accuracies."""

import numpy as np
import pandas as pd

from experiments.base import counted
from reports.figures import short
from reports.page import literal
from reports.sentences.words import in_places, listed, places_in


def why(mechanics: pd.DataFrame, speed_table: pd.DataFrame) -> list[str]:
    """Say what was recorded next to the accuracies that may explain the differences."""
    if mechanics.empty:
        return []
    places = places_in(mechanics)
    over = f"median over {counted(places, 'case')}" if places > 1 else "median over the seeds"
    said = [
        _extremes(
            mechanics, "delta_norm_start", "norm of the output delta at the first batch", over
        ),
        _zeros(mechanics),
        _extremes(
            mechanics,
            "saturated_hidden_end",
            "share of saturated hidden activations at the end",
            over,
            share=True,
        ),
        _extremes(
            mechanics, "dead_hidden_end", "share of dead hidden units at the end", over, share=True
        ),
        _with_speed(mechanics, speed_table),
    ]
    return [text for text in said if text]


def _extremes(mechanics: pd.DataFrame, name: str, what: str, over: str, share: bool = False) -> str:
    finite = mechanics[np.isfinite(mechanics[name])]
    arms = finite.groupby("arm", sort=False)[name].median()
    if len(arms) < 2:
        return ""
    show = (lambda v: f"{100 * v:.0f} %") if share else (lambda v: f"{v:.2g}")
    high, low = arms.idxmax(), arms.idxmin()
    if show(arms[high]) == show(arms[low]):
        return f"The {what} is {show(arms[high])} for every arm ({over})."
    return (
        f"The {what} is largest for {literal(high)}, {show(arms[high])}, and smallest for "
        f"{literal(low)}, {show(arms[low])} ({over})."
    )


def _zeros(mechanics: pd.DataFrame) -> str:
    """Say for which arms and facets the first layer never sees a gradient from the data."""
    zero = mechanics[mechanics["zero_gradient"]]
    if zero.empty:
        return ""
    runs = int(zero["n"].sum())
    whole = mechanics.groupby("arm", sort=False)["zero_gradient"].all()
    if whole.any() and set(zero["arm"]) == set(whole.index[whole]):
        where = f"With {listed(zero['arm'])}"
    else:
        where = f"In {counted(places_in(zero), 'case')} ({listed(map(short, zero['facet']))})"
    return (
        f"{where} the gradient of the data with respect to the first layer's weights is exactly 0 "
        f"in every recorded batch of {counted(runs, 'run')}: that layer learns nothing from the "
        "data."
    )


def _with_speed(mechanics: pd.DataFrame, speed_table: pd.DataFrame) -> str:
    """Say how often the arm with the largest first gradient has the largest area.

    Arms without a gradient cannot be the largest, and cases in which the largest ties say nothing.
    """
    both = mechanics.merge(speed_table, on=["dataset", "facet", "arm"])
    both = both[np.isfinite(both["gradient_first_start"]) & (both["gradient_first_start"] > 0)]
    groups = [g for _, g in both.groupby(["dataset", "facet"], sort=False) if _has_largest(g)]
    if not groups:
        return ""
    agree = sum(
        g.loc[g["gradient_first_start"].idxmax(), "area"] == g["area"].max() for g in groups
    )
    return (
        "The arm with the largest first gradient of the first layer also has the largest area "
        f"under its learning curve {in_places(agree, len(groups))}. This is a description, not a "
        "test: the cases share seeds and data."
    )


def _has_largest(group: pd.DataFrame) -> bool:
    """Tell whether one of at least two arms has the largest first gradient, beyond rounding."""
    if len(group) < 2:
        return False
    second, first = group["gradient_first_start"].sort_values().iloc[-2:]
    return not np.isclose(first, second, rtol=1e-9, atol=0.0)
