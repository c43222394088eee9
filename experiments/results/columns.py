"""The columns of a sweep's two tables: runs.parquet (and .csv), and curves.parquet."""

from experiments.training import PARTS, columns

CURVE_METRICS = tuple(f"{part}_{metric}" for metric in ("accuracy", "cost") for part in PARTS)
"""The quantities that every run records at each epoch; in the table of runs: after the last."""

_NAMES = {
    "run_id": "name of the run: the same settings on the same data have the same name",
    "study": "the study that asks for it; a run that two studies share has two rows",
    "stage": "tune: a run from which the tuned value is chosen, or any run of a study that tunes "
    "nothing; confirm: a fresh run at that value",
}
_PLACE = {
    "split_index": "of a confirming run: the number of its drawn split, from 0; arms are paired by "
    "it and by index",
    "index": "of a confirming run: its number on its split, from 0",
}
_METRICS = {"accuracy": "accuracy (in regression R²)", "cost": "mean cost, without the penalty"}
_OUTCOME = {
    "status": "ok, diverged, skipped (not possible, or left out), or missing (not yet trained)",
    "reason": "why it is not ok",
    **{
        f"{part}_{metric}": f"{words} after the epoch that counts (`select`), on the {part} part"
        for metric, words in _METRICS.items()
        for part in PARTS
    },
    "best_epoch": "the epoch with the highest validation accuracy; of several the one with the "
    "lowest validation cost, then the first. It stops nothing, since `patience` watches the "
    "validation cost; the results are those of this epoch with `select: best_validation`",
    "seconds": "processor time, its share of the runs trained with it",
    "diverged_at": "the first epoch after which something was not finite, or -1",
    "stopped_at": "the epoch at which `patience` ended the training, or -1",
}
_LABELS = {
    "labels": "its value on each axis of the study, as tables and figures call it (JSON)",
}

STAGE_COLUMNS = ("stage", *_PLACE)
"""The columns that say what a run is for."""

MEANINGS = _NAMES | _PLACE | _OUTCOME | _LABELS
"""What the columns of a run mean that are no part of its spec."""

SPEC_COLUMNS = (*columns("before"), *columns("after"))
"""The columns of a run that are part of its spec, as `experiments.training.fields` has them."""

RUN_COLUMNS = (
    *_NAMES, *columns("before"), *_PLACE, *_OUTCOME, *columns("after"), *_LABELS,
)  # fmt: skip
"""All columns of the table of runs, in their order."""
