"""What the report rests on, and what is missing."""

from collections.abc import Iterable

import pandas as pd

from experiments.base import counted, listing, of_all
from experiments.plan import EXCLUDED
from experiments.schema import Config
from reports.figures import score_names
from reports.page import literal
from reports.sentences.words import listed


def unfinished(runs: pd.DataFrame) -> str:
    """State runs that are missing, '' if none is."""
    missing = runs[runs["status"] == "missing"]
    if missing.empty:
        return ""
    studies = listed(missing["study"])
    return (
        f"**This report is unfinished:** {of_all(len(missing), len(runs), 'run')} without a "
        f"result as yet (studies: {studies}). All that follows rests on the others."
    )


def left_out(runs: pd.DataFrame, excluded: bool = True) -> str:
    """State runs that were left out or cannot be, '' if none is; with those of `exclude` or not."""
    skipped = runs[runs["status"] == "skipped"]
    if not excluded:
        skipped = skipped[~skipped["reason"].str.startswith(EXCLUDED)]
    if skipped.empty:
        return ""
    reasons = skipped.groupby(["study", "reason"], sort=False).size()
    causes = [
        f"{literal(study)}: {n:,} ({literal(reason)})" for (study, reason), n in reasons.items()
    ]
    return (
        f"{counted(len(skipped), 'run')} of the grid {'was' if len(skipped) == 1 else 'were'} "
        f"not trained, for a stated reason: {'; '.join(causes[:12])}"
        + (f"; and {len(causes) - 12} more reasons in runs.csv." if len(causes) > 12 else ".")
    )


def regression(config: Config, datasets: Iterable[str]) -> str:
    """Say which datasets have R² for accuracy, '' if none has."""
    names = [literal(name) for name in datasets if score_names(config, [name]) == "R²"]
    if not names:
        return ""
    return (
        f"On {listing(names)} values are predicted: accuracy means R² there, in per cent, and a "
        "point is 0.01 of R²."
    )


def scope(runs: pd.DataFrame, comparisons: int) -> str:
    """Say what the report rests on."""
    trained = runs[runs["status"].isin(["ok", "diverged"])]
    distinct = trained.drop_duplicates("run_id")
    diverged = int((distinct["status"] == "diverged").sum())
    was = "was" if len(distinct) == 1 else "were"
    confirming = int((distinct["stage"] == "confirm").sum())
    stages = f" ({len(distinct) - confirming:,} to tune, {confirming:,} to confirm)"
    return (
        f"{counted(len(distinct), 'network')} {was} trained{stages if confirming else ''}, in "
        f"{counted(runs['study'].nunique(), 'study')} on "
        f"{counted(runs['dataset'].nunique(), 'dataset')}: {listed(runs['dataset'])}; "
        f"{f'{diverged:,}' if diverged else 'none'} diverged. "
        f"There {'is' if comparisons == 1 else 'are'} {counted(comparisons, 'comparison')}."
    )
