"""How the claims and the equations fared."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.base import counted, listing, verb
from experiments.results import NOT_JUDGED
from reports.page import literal
from reports.sentences.words import listed

PROBES = {"N4": "path", "N5": "heaviside", "N6": "start"}
"""The claims that a probe tests, and the probe's name."""


KINDS = {"equation": "as equations"}
SAYS = {
    "holds": ("holds", "hold"),
    "in part": ("holds in part", "hold in part"),
    "contradicted": ("is contradicted", "are contradicted"),
    "undecided": ("is undecided", "are undecided"),
    "right once corrected": (
        "fails as printed and holds once corrected",
        "fail as printed and hold once corrected",
    ),
}


def claim_counts(claims: pd.DataFrame) -> str:
    """Say how the claims that were judged fared, by what their verdicts rest on."""
    judged = claims[~claims["verdict"].isin(NOT_JUDGED)]
    if judged.empty:
        return "No claim was judged."
    said = [_of_kind(kind, mine) for kind, mine in judged.groupby("kind", sort=False)]
    return f"{counted(len(judged), 'claim')} {'was' if len(judged) == 1 else 'were'} judged. " + (
        " ".join(said)
    )


def _of_kind(kind: str, claims: pd.DataFrame) -> str:
    parts = []
    for verdict, mine in claims.groupby("verdict", sort=False):
        one, many = SAYS.get(verdict, (verdict, verdict))
        parts.append(f"{listed(mine['id'])} {literal(one if len(mine) == 1 else many)}")
    words = KINDS.get(kind, kind)
    return f"{literal(words[:1].upper() + words[1:])}: {listing(parts)}."


def program_counts(verdicts: pd.DataFrame) -> str:
    """Say how many claims hold with the correct program and with both defects."""
    over_all = verdicts[verdicts["dataset"] == ""]
    held = {
        program: list(rows.loc[rows["verdict"] == "holds", "id"])
        for program, rows in over_all.groupby("program")
    }
    total = over_all["id"].nunique()
    correct, both = held.get("correct", []), held.get("both", [])
    made = [name for name in both if name not in correct]
    text = (
        f"Of {counted(total, 'claim')}, {verb(len(correct), 'hold')} with the correct program"
        f"{_in_brackets(correct)} and {verb(len(both), 'hold')} with both defects"
        f"{_in_brackets(both)}."
    )
    text += f" Made by a defect: {listing(made)}." if made else ""
    defect = verdicts["made_by"].str.match("delta|stride|either|only")
    some = verdicts[defect & (verdicts["dataset"] != "") & ~verdicts["id"].isin(made)]
    said = [f"{row.id} ({literal(row.dataset)}: {row.made_by})" for row in some.itertuples()]
    alone = f" Made by a defect on a single dataset: {listing(said, most=12)}."
    return text + (alone if said else "")


def _in_brackets(names: Sequence[str]) -> str:
    return f" ({listing(names, most=12)})" if names else ""


def equation_counts(equations: pd.DataFrame) -> str:
    """Say how many of the equations hold, as printed and as corrected."""
    checked = equations[equations["holds_as_printed"] != ""]
    printed = checked[checked["holds_as_printed"] == "True"]
    failed = checked[checked["holds_as_printed"] == "False"]
    fixed = failed[failed["holds_as_corrected"] == "True"]
    plain = int((~checked["number"].str.isdigit()).sum())
    numbered = f"{len(checked) - plain:,} numbered"
    plain_too = f" ({numbered}, and {counted(plain, 'display')} without a number)"
    text = f"Of {counted(len(checked), 'equation')}{plain_too if plain else ''}, "
    text += f"{verb(len(printed), 'hold')} as printed"
    if len(fixed):
        text += f", {verb(len(fixed), 'hold')} once corrected ({listed(fixed['number'])})"
    open_ = failed[failed["holds_as_corrected"] != "True"]
    if len(open_):
        text += f"; **{verb(len(open_), 'fail')} both ways** ({listed(open_['number'])})"
    errors = pd.to_numeric(
        checked.loc[checked["holds_as_corrected"] == "True", "error_as_corrected"].replace(
            "", np.nan
        )
    ).dropna()
    if len(errors):
        text += f". The largest relative error of those that hold is {errors.max():.1e}"
    return text.replace("e-", "e−") + ". Both forms are computed, not typed in."
