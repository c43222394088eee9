"""The tables of a sweep: every comparison's statistics as CSV, Markdown and LaTeX."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import statistics
from experiments.base import each, write_text
from experiments.results.latex import BOLD, latex_table
from experiments.results.pairs import paired_tests, planned_tests
from experiments.results.sweep import Results
from experiments.schema import Comparison
from experiments.training import PARTS, score_column


def tables(results: Results, comparison: Comparison) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of one comparison by kind, raw values in all columns."""
    cells = results.cells(comparison)
    settings = results.config.statistics
    intervals = results.intervals(comparison, tuning=True)
    tests = paired_tests(results, comparison)
    yield (
        "arms",
        arms_table(
            results.steps(comparison),
            results.evidence(comparison),
            tests,
            partial(results.interval, comparison),
        ),
    )
    if comparison.planned:
        yield "planned", planned_tests(results, comparison)
    yield "tests", tests
    yield "shared", paired_tests(results, comparison, "shared")
    yield "sensitivity", statistics.sensitivity(cells, **intervals)
    yield "ranks", ranks_table(results, comparison)
    yield "rank-tests", over_datasets(results, comparison, tests)
    chosen = results.at_chosen_step(comparison)
    curves = results.curves(chosen, ["validation_accuracy"])
    curves = curves.rename(columns={"validation_accuracy": "accuracy"})
    yield "speed", statistics.learning_speed(curves, settings.target_share, **intervals)
    yield "divergence", statistics.divergence_rates(cells)
    if comparison.metrics:
        yield "metrics", metrics_table(results, comparison)
    if comparison.published:
        yield "published", published_table(results, comparison, chosen, 1 - settings.level)


def ranks_table(results: Results, comparison: Comparison) -> pd.DataFrame:
    """Return the mean ranks of the arms over the datasets, by the means of the evidence."""
    runs = results.evidence(comparison)
    run = runs.groupby(["dataset", "facet", "arm"], sort=False).cumcount()
    cells = runs.assign(seed=run, tuned=runs["tuned"].fillna(0.0))
    return statistics.mean_ranks(cells)


OVER_COLUMNS = {
    "facet": "values of the study's other axes",
    "a": "first arm",
    "b": "second arm",
    "planned": "1 if the pair is one of the planned pairs, or there are none, else 0",
    "n_datasets": "datasets with both arms",
    "mean": "mean of the datasets' differences a - b, points",
    "smallest": "the smallest of them",
    "largest": "the largest",
    "a_ahead": "datasets on which a is ahead by more than the margin",
    "b_ahead": "datasets on which b is",
    "difference": "the typical dataset's difference (Hodges & Lehmann), points",
    "low": "its interval, adjusted for the number of pairs tested",
    "high": "its other end",
    "p": "exact Wilcoxon p",
    "p_holm": "adjusted over the pairs tested",
    "p_a_better": "probability that a is better by more than the margin (Bayesian signed rank)",
    "p_alike": "probability that both are within the margin",
    "p_b_better": "probability that b is better by more than the margin",
    "new_low": "interval in which the next dataset's difference is expected, 90 %",
    "new_high": "its other end",
    "verdict_kind": "what the interval shows against 0 and the margin; absent without a test",
    "note": "why there is no test, '' if there is one",
}
"""The columns of the table "rank-tests"."""
TESTED = [
    "low", "high", "p", "p_holm", "p_a_better", "p_alike", "p_b_better", "new_low", "new_high",
]  # fmt: skip


def over_datasets(results: Results, comparison: Comparison, tests: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs over the datasets, a row per facet and pair (`OVER_COLUMNS`).

    With at least `statistics.MIN_DATASETS` datasets the planned pairs are tested, all pairs if none
    is planned; the others, and all pairs on fewer datasets, are described.
    """
    settings = results.config.statistics
    planned = {frozenset((pair.a, pair.b)) for _, pair in comparison.planned}
    mine = pd.Series(
        [not planned or {*pair} in planned for pair in zip(tests["a"], tests["b"], strict=True)],
        index=tests.index, dtype=bool,
    )  # fmt: skip
    parts = []
    for tested in (True, False):
        found = statistics.over_datasets(
            tests[mine == tested], margin=settings.margin, level=settings.level
        ).reindex(columns=list(OVER_COLUMNS))
        found["planned"], few = int(tested), found["n_datasets"] < statistics.MIN_DATASETS
        found["note"] = "not planned, so described only" if not tested else ""
        found.loc[few, "note"] = f"{statistics.TOO_FEW}: {statistics.MIN_DATASETS} needed"
        if not tested:
            found[TESTED], found["verdict_kind"] = math.nan, statistics.Kind.ABSENT.value
        parts.append(found)
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True)


def metrics_table(results: Results, comparison: Comparison) -> pd.DataFrame:
    """Return a row per metric, place and arm: mean and t-interval on the test part.

    The unit is the mean of a split's runs; without confirming runs it is a seed. A run for which
    a metric is not defined is left out of it: `n` counts the units that have a value.
    """
    runs = results.evidence(comparison)
    runs = runs[runs["status"] == "ok"]
    names = {name: score_column("test", name) for name in comparison.metrics}
    there = [c for c in names.values() if c in results.runs]
    known = results.runs[["run_id", *there]].drop_duplicates("run_id")
    unit = "split" if results.confirmed(comparison) else "seed"
    means = (
        runs.merge(known, on="run_id")
        .groupby(["dataset", "facet", "arm", unit], sort=False)[there]
        .mean()
    )
    rows = []
    for place, group in means.groupby(["dataset", "facet", "arm"], sort=False):
        for name, column in names.items():
            values = group[column].dropna() if column in group else group.iloc[:0, 0]
            found = [math.nan] * 3
            if len(values):
                interval = results.interval(comparison, place[0])
                found = list(statistics.t_interval(values, **interval))
            rows.append((name, *place, len(values), *found[:3]))
    return pd.DataFrame(
        rows, columns=["metric", "dataset", "facet", "arm", "n", "mean", "low", "high"]
    )


def published_table(
    results: Results, comparison: Comparison, chosen: pd.DataFrame, level: float
) -> pd.DataFrame:
    """Return a row per published accuracy and place: it, the measured mean, and the difference.

    `low` and `high` are the ends of the prediction interval for what was published: another run,
    or the mean of `runs` others (see `statistics.prediction_interval`). `standing` is "met" if
    the published number is inside, else "higher" or "lower", as the measured mean is, or
    "undecided" if a single run gives no interval.
    """
    parts = [f"{part}_accuracy" for part in PARTS]
    curves = results.curves(chosen, parts)
    last = curves["epoch"] == curves.groupby("run_id")["epoch"].transform("max")
    rows = []
    for number in comparison.published:
        at = last if number.epoch is None else curves["epoch"] == number.epoch
        mine = curves[at & (curves["arm"] == number.arm)]
        for (dataset, facet), runs in mine.groupby(["dataset", "facet"], sort=False):
            values = 100 * runs[f"{number.part}_accuracy"].dropna()
            if len(values):
                mean, low, high = statistics.prediction_interval(values, level, number.runs)
                rows.append(
                    (dataset, facet, number.arm, number.part,
                     "last" if number.epoch is None else str(number.epoch), number.accuracy,
                     number.runs, len(values), mean, low, high, mean - number.accuracy,
                     _against(number.accuracy, mean, low, high), number.source, number.note)
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(PUBLISHED_COLUMNS))


PUBLISHED_COLUMNS = (
    "dataset", "facet", "arm", "part", "epoch", "published", "runs", "n", "mean", "low", "high",
    "difference", "standing", "source", "note",
)  # fmt: skip


def _against(published: float, mean: float, low: float, high: float) -> str:
    if math.isnan(low):
        return "undecided"
    if low <= published <= high:
        return "met"
    return "higher" if mean > published else "lower"


def arms_table(
    steps: pd.DataFrame,
    evidence: pd.DataFrame,
    tests: pd.DataFrame,
    interval: Callable[[str], Mapping[str, Any]],
) -> pd.DataFrame:
    """Return a row per dataset, facet and arm (`ARMS_COLUMNS`).

    `steps` are the chosen values (`statistics.choose_step`); `interval` gives the level and overlap
    of the t-intervals on a dataset.
    """
    place = ["dataset", "facet"]
    failed = statistics.failures(evidence).drop(columns="n")
    there = evidence[evidence["status"] != "skipped"]  # runs without results count for nothing
    intervals = {dataset: interval(dataset) for dataset in there["dataset"].unique()}
    splits = there.groupby([*place, "arm", "split"])["test_accuracy"].agg(["mean", "size"])
    values, runs = 100 * splits["mean"].to_numpy(), splits["size"].to_numpy()
    rows = []
    for (dataset, facet, arm), at in splits.groupby([*place, "arm"], sort=False).indices.items():
        mean, low, high = statistics.t_interval(values[at], **intervals[dataset])
        rows.append((dataset, facet, arm, len(at), runs[at].sum(), mean, low, high))
    columns = ["dataset", "facet", "arm", "n", "runs", "mean", "low", "high"]
    table = steps[[*place, "arm", "tuned", "on_edge", "validation_accuracy"]].merge(
        pd.DataFrame(rows, columns=columns), on=[*place, "arm"], how="left"
    )
    silent = table["runs"].isna()  # so is every arm whose tuning runs all diverged
    table["tuned"] = table["tuned"].mask(silent)
    table["on_edge"] = table["on_edge"].mask(silent, "")
    table = table.merge(failed, on=[*place, "arm"], how="left")
    best = table.groupby(place)["mean"].transform("max")
    found: dict[tuple[str, str], list[dict]] = {}
    for row in tests[[*place, "a", "b", "mean_a", "mean_b", "verdict_kind"]].to_dict("records"):
        found.setdefault((row["dataset"], row["facet"]), []).append(row)
    table["standing"] = [
        _standing(row, b, found.get((row["dataset"], row["facet"]), ()))
        for row, b in zip(table.to_dict("records"), best, strict=True)
    ]
    return table[list(ARMS_COLUMNS)]


ARMS_COLUMNS = {
    "dataset": "dataset",
    "facet": "values of the study's other axes",
    "arm": "arm",
    "tuned": "its chosen value, NaN if it has no run",
    "on_edge": "'low' or 'high' if that value ends its grid",
    "validation_accuracy": "mean validation accuracy at that value when tuning, share of 1",
    "n": "splits, or seeds if the study is not confirmed",
    "runs": "runs",
    "mean": "mean test accuracy, per cent",
    "low": "its t-interval over splits (seeds), not adjusted",
    "high": "its other end",
    "diverged": "runs that diverged",
    "median": "median test accuracy of the runs, per cent",
    "failed": "runs more than 10 points below the median",
    "rate": "their share",
    "rate_low": "its 95 % interval",
    "rate_high": "its other end",
    "standing": "best (the highest mean); against it: worse, equal (within the margin), or "
    "not separated; absent",
}
"""The columns of the table "arms"."""


def _standing(row: Mapping, best: float, tests: Iterable[Mapping]) -> str:
    """Return how an arm compares with the best, from the tests of its dataset and facet."""
    if pd.isna(row["mean"]):
        return "absent"
    if _equal(row["mean"], best):
        return "best"
    against = [
        statistics.Kind(test["verdict_kind"])
        for test in tests
        if (test["a"] == row["arm"] and _equal(test["mean_b"], best))
        or (test["b"] == row["arm"] and _equal(test["mean_a"], best))
    ]
    if against and all(kind.differs for kind in against):
        return "worse"
    alike = against and all(kind.alike for kind in against)
    return "equal" if alike else "not separated"


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9)


def wide_arms(table: pd.DataFrame, bold: str = "**{}**") -> pd.DataFrame:
    """Return arms as columns and places as rows: the best bold; ≈ equal to it, ? not separated."""

    def text(row: Mapping) -> str:
        if row["standing"] == "absent":
            return "absent"
        number = f"{row['mean']:.1f} ± {(row['high'] - row['low']) / 2:.1f}"
        marks = {
            "best": bold.format(number),
            "equal": f"{number} ≈",
            "not separated": f"{number} ?",
        }
        return marks.get(row["standing"], number)

    texts = table.assign(text=[text(row) for row in table.to_dict("records")])
    order = list(dict.fromkeys(table["arm"]))
    wide = texts.pivot_table(
        index=["dataset", "facet"], columns="arm", values="text", aggfunc="first", sort=False
    )
    wide = wide[order].reset_index()
    wide.columns.name = None
    return wide.drop(columns="facet") if (wide["facet"] == "").all() else wide


def write_tables(results: Results, folder: Path, processes: int = 1) -> None:
    """Write all tables of a sweep, those of some comparisons at a time in as many processes."""
    _ = results.runs  # read here, once for all processes
    each(partial(_write, results, folder), results.comparisons, processes)


def _write(results: Results, folder: Path, comparison: Comparison) -> None:
    """Write the tables of one comparison."""
    for kind, table in tables(results, comparison):
        stem = folder / f"{comparison.name}-{kind}"
        write_text(stem.with_suffix(".csv"), table.to_csv(index=False))
        if kind == "arms":
            markdown, latex = wide_arms(table), wide_arms(table, BOLD)
        else:
            markdown = latex = table
        write_text(stem.with_suffix(".md"), _markdown(markdown))
        write_text(stem.with_suffix(".tex"), latex_table(latex))


def _markdown(table: pd.DataFrame) -> str:
    safe = table.map(_markdown_text).rename(columns=_markdown_text)
    return safe.to_markdown(index=False, floatfmt=".4g") + "\n"


def _markdown_text(value: object) -> object:
    """Return a text in which no sign opens a tag, a cell or mathematics; ** stays bold."""
    if not isinstance(value, str):
        return value
    return re.sub(r"([\\|<>$`\[\]])", r"\\\1", value)
