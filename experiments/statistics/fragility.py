"""Whether a verdict hangs on the value that tuning chose."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from experiments.statistics.cells import ARM, checked
from experiments.statistics.kinds import Kind
from experiments.statistics.steps import own_steps


def near_best(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the tuned values of each arm that validation cannot tell from the chosen one.

    These are the values whose mean validation accuracy is within one standard error of that of the
    chosen value (the rule of Breiman et al. 1984), the error being that of the chosen value's mean
    over the tuning seeds. Another ten seeds would choose another of them about every third time.
    Columns: dataset, facet, arm, tuned, validation_accuracy (mean), error, chosen (bool); the
    chosen value is always there, also if there is one seed, which shows no error. Raises ValueError
    if `cells` breaks its contract.
    """
    runs = checked(cells)
    ran = runs[runs["status"].ne("skipped")]
    means = ran.groupby([*ARM, "tuned"], sort=False)["validation_accuracy"]
    table = means.agg(validation_accuracy="mean", error="sem").reset_index()
    best = own_steps(runs)[[*ARM, "tuned"]].rename(columns={"tuned": "best"})
    table = table.merge(best, on=ARM)
    table["chosen"] = table["tuned"].eq(table["best"])
    top = table.loc[table["chosen"], [*ARM, "validation_accuracy", "error"]]
    table = table.drop(columns=["error", "best"]).merge(top, on=ARM, suffixes=("", "_best"))
    error = table["error"].fillna(0.0)
    near = table["validation_accuracy"] >= table["validation_accuracy_best"] - error - 1e-12
    return table[near].drop(columns="validation_accuracy_best").reset_index(drop=True)


def changed_by(row: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return those of the `others` that would change the verdict of `row`: it is fragile if any.

    `row` and `others` are rows of :func:`confirm` for one pair and place: at the chosen values, and
    at other values that :func:`near_best` names. A verdict changes if its kind does, or if a shown
    difference changes its sign.

    >>> row = dict(verdict_kind="better", difference=2.0)
    >>> changed_by(row, [dict(verdict_kind="better", difference=-1.0), row])
    [{'verdict_kind': 'better', 'difference': -1.0}]
    """
    return [dict(other) for other in others if _says(other) != _says(row)]


def fragile_text(
    row: Mapping[str, Any],
    others: Iterable[Mapping[str, Any]],
    near: pd.DataFrame,
    tuned: str = "step",
) -> str:
    """Return a sentence with the values that would change the verdict, '' if it is not fragile.

    `near` is what :func:`near_best` returned; from it come the validation accuracies.
    """
    said = [_hangs(row, other, near, tuned) for other in changed_by(row, others)]
    return f"This hangs on the {tuned}: {'; '.join(said)}." if said else ""


def _says(row: Mapping[str, Any]) -> tuple[str, int]:
    kind = Kind(row["verdict_kind"])
    return kind.value, ((row["difference"] > 0) - (row["difference"] < 0)) * kind.differs


def _hangs(row: Mapping, other: Mapping, near: pd.DataFrame, tuned: str) -> str:
    values = []
    for side in ("a", "b"):
        if other[f"value_{side}"] != row[f"value_{side}"]:
            here = [
                f"{100 * _validation(near, row, row[side], value):.1f}"
                for value in (other[f"value_{side}"], row[f"value_{side}"])
            ]
            values.append(
                f"{row[side]} at {other[f'value_{side}']:g} "
                f"({here[0]} instead of {here[1]} % on validation)"
            )
    return (
        f"with {' and '.join(values)} it shows {Kind(other['verdict_kind']).noun}, "
        f"{other['difference']:.1f} points [{other['low']:.1f}, {other['high']:.1f}]"
    ).replace("-", "−")


def _validation(near: pd.DataFrame, row: Mapping, arm: str, value: float) -> float:
    place = near["dataset"].eq(row["dataset"]) & near["facet"].eq(row["facet"])
    found = near.loc[place & near["arm"].eq(arm) & near["tuned"].eq(value), "validation_accuracy"]
    if found.empty:
        raise ValueError(
            f"{arm} on {row['dataset']}: {value:g} is not one of its nearly best values"
        )
    return float(found.iloc[0])
