"""The tables of a sweep: every comparison's statistics as CSV, Markdown and LaTeX."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from experiments import statistics
from experiments.base import write_text
from experiments.results.sweep import Results
from experiments.schema import Comparison


def tables(results: Results, comparison: Comparison) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of one comparison by kind, raw values in all columns."""
    cells = results.cells(comparison)
    settings = results.config.statistics
    overlap = results.overlap(cells)
    test = partial(paired_tests, results, comparison, cells)
    interval = {"level": 1 - settings.level, "overlap": None}
    if overlap:  # one number: the shares of the parts are the same for every dataset
        interval["overlap"] = max(overlap.values())
    tests, ranking = (
        test(),
        statistics.across_datasets(cells, pairs=comparison.pairs, level=settings.level),
    )
    chosen = results.at_chosen_step(cells)
    yield "arms", arms_table(cells, chosen, tests, interval)
    yield "tests", tests
    yield "shared", test(step="shared")
    yield "sensitivity", statistics.sensitivity(cells, **interval)
    yield "ranks", ranking.ranks
    yield "rank-tests", ranking.pairs
    curves = results.curves(chosen, ["test_accuracy"])
    yield "speed", statistics.learning_speed(curves, settings.target_share, **interval)
    yield "divergence", statistics.divergence_rates(cells)
    if comparison.published:
        yield "published", published_table(results, comparison, chosen, 1 - settings.level)


def paired_tests(
    results: Results, comparison: Comparison, cells: pd.DataFrame, step: str = "tuned"
) -> pd.DataFrame:
    """Return the paired tests of a comparison's cells, as `statistics.compare` gives them."""
    settings = results.config.statistics
    return statistics.compare(
        cells,
        results.n_test(cells),
        pairs=comparison.pairs,
        step=step,
        level=settings.level,
        margin=settings.margin,
        overlap=results.overlap(cells),
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
    parts = [f"{part}_accuracy" for part in ("train", "validation", "test")]
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
    cells: pd.DataFrame, chosen: pd.DataFrame, tests: pd.DataFrame, interval: Mapping
) -> pd.DataFrame:
    """Return a row per dataset, facet and arm: step size, accuracies, and how it stands.

    `standing` is "best" for the highest mean test accuracy, "tied" where the difference from
    the best is not significant or equivalence was shown, "worse" where it is, "absent".
    """
    place = ["dataset", "facet"]
    steps = statistics.choose_step(cells)
    rows = []
    there = chosen[chosen["status"] != "skipped"]  # runs without results count for nothing
    for (dataset, facet, arm), runs in there.groupby([*place, "arm"], sort=False):
        values = 100 * runs["test_accuracy"]
        mean, low, high = statistics.t_interval(values, **interval)
        rows.append(
            {"dataset": dataset, "facet": facet, "arm": arm, "n": len(runs), "mean": mean,
             "low": low, "high": high, "diverged": int((runs["status"] == "diverged").sum())}
        )  # fmt: skip
    columns = ["dataset", "facet", "arm", "n", "mean", "low", "high", "diverged"]
    table = steps[[*place, "arm", "tuned", "on_edge", "validation_accuracy"]].merge(
        pd.DataFrame(rows, columns=columns), on=[*place, "arm"], how="left"
    )
    best = table.groupby(place)["mean"].transform("max")
    found = {key: group.to_dict("records") for key, group in tests.groupby(place, sort=False)}
    table["standing"] = [
        _standing(row, b, found.get((row["dataset"], row["facet"]), ()))
        for row, b in zip(table.to_dict("records"), best, strict=True)
    ]
    return table


def _standing(row: Mapping, best: float, tests: Iterable[Mapping]) -> str:
    """Return how an arm stands against the best, from the tests of its dataset and facet."""
    if pd.isna(row["mean"]):
        return "absent"
    if _equal(row["mean"], best):
        return "best"
    against = {
        statistics.Kind(test["verdict_kind"])
        for test in tests
        if (test["a"] == row["arm"] and _equal(test["mean_b"], best))
        or (test["b"] == row["arm"] and _equal(test["mean_a"], best))
    }
    return "worse" if against and all(kind.differs for kind in against) else "tied"


def _equal(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9)


def wide_arms(table: pd.DataFrame, bold: str = "**{}**") -> pd.DataFrame:
    """Return arms as columns and places as rows, the best set bold, the tied marked with ≈."""

    def text(row: Mapping) -> str:
        if row["standing"] == "absent":
            return "absent"
        number = f"{row['mean']:.1f} ± {(row['high'] - row['low']) / 2:.1f}"
        marks = {"best": bold.format(number), "tied": f"{number} ≈"}
        return marks.get(row["standing"], number)

    texts = table.assign(text=[text(row) for row in table.to_dict("records")])
    order = list(dict.fromkeys(table["arm"]))
    wide = texts.pivot_table(
        index=["dataset", "facet"], columns="arm", values="text", aggfunc="first", sort=False
    )
    wide = wide[order].reset_index()
    wide.columns.name = None
    return wide.drop(columns="facet") if (wide["facet"] == "").all() else wide


def write_tables(results: Results, folder: Path) -> None:
    """Write all tables of a sweep."""
    for comparison in results.comparisons:
        for kind, table in tables(results, comparison):
            stem = folder / f"{comparison.name}-{kind}"
            write_text(stem.with_suffix(".csv"), table.to_csv(index=False))
            if kind == "arms":
                markdown, latex = wide_arms(table), wide_arms(table, "\\textbf{{{}}}")
            else:
                markdown = latex = table
            write_text(stem.with_suffix(".md"), _markdown(markdown))
            write_text(stem.with_suffix(".tex"), _latex(latex))


def _markdown(table: pd.DataFrame) -> str:
    safe = table.map(_markdown_text).rename(columns=_markdown_text)
    return safe.to_markdown(index=False, floatfmt=".4g") + "\n"


def _markdown_text(value: object) -> object:
    """Return a text in which no sign opens a tag, a cell or mathematics; ** stays bold."""
    if not isinstance(value, str):
        return value
    return re.sub(r"([\\|<>$`\[\]])", r"\\\1", value)


def _latex(table: pd.DataFrame) -> str:
    safe = table.map(_latex_text).rename(columns=_latex_text)
    return safe.to_latex(index=False, float_format="%.4g", na_rep="", escape=False)


LATEX_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def _latex_text(value: object) -> object:
    if not isinstance(value, str):
        return value
    bold = re.fullmatch(r"\\textbf\{([\d. ±-]+)\}", value)  # as wide_arms writes it, no label
    inner = bold[1] if bold else value
    inner = re.sub(r"[\\&%$#_{}~^]", lambda sign: LATEX_SIGNS.get(sign[0], f"\\{sign[0]}"), inner)
    inner = inner.replace("±", "$\\pm$").replace("≈", "$\\approx$")
    inner = re.sub("[<>|]", r"$\g<0>$", inner)
    return f"\\textbf{{{inner}}}" if bold else inner
