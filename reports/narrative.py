"""The sentences of the report: from tables to plain English that never exceeds the numbers.

Every function takes tables as `experiments.results.tables` writes them (see `read_table`) and
returns Markdown, or a table made for reading. Names from configs are escaped with `literal`. A
*case* is one dataset with one facet: the values of the study's other axes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import counted, listing, of_all, verb
from experiments.statistics import Kind
from experiments.training import FIELDS
from reports.figures.sheets import short
from reports.page import literal
from reports.reading import read_csv, sound

TEXTS = ("dataset", "facet", "arm", "a", "b", "on_edge", "edge_a", "edge_b", "standing", "step",
         "note", "verdict", "verdict_kind", "family", "fragile", "part", "epoch",
         "source")  # fmt: skip
NOT_JUDGED = ("not run", "not tested")
AXES = {field.heading: field.words for field in FIELDS if field.words} | {
    "pair": "cost and output activation"
}


def read_texts(path: Path) -> pd.DataFrame:
    """Read a table, all of it as text."""
    return read_csv(path, dtype=str, keep_default_na=False)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of a sweep; names stay text, even one that reads 'None' or '0.1'."""
    table = read_texts(path)
    with sound(path):
        for name in table.columns:
            if name not in TEXTS:
                table[name] = pd.to_numeric(table[name].replace("", np.nan))
    return table


def axis_name(axis: str) -> str:
    """Return what an axis is called in a sentence."""
    return AXES.get(axis, axis.replace("_", " "))


def case(row: Mapping[str, Any]) -> str:
    """Return the name of a row's case."""
    return f"{row['dataset']} ({short(row['facet'])})" if row["facet"] else row["dataset"]


def of_cases(number: int, cases: int) -> str:
    """Say in how many of the cases something holds.

    >>> of_cases(1, 1), of_cases(2, 2), of_cases(4, 4), of_cases(1, 4)
    ('in the only case', 'in both cases', 'in all 4 cases', 'in 1 of 4 cases')
    """
    if cases == 1:
        return "in the only case" if number else "not in the only case"
    if number in (0, cases) and cases == 2:
        return "in both cases" if number else "in neither case"
    if number in (0, cases):
        return f"in {'all' if number else 'none of'} {cases} cases"
    return f"in {number} of {cases} cases"


def _points(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace("-", "−")


def _that(kinds: pd.Series, what: str) -> pd.Series:
    """Return which verdicts are of a kind that has a property of :class:`Kind`."""
    return kinds.isin([kind.value for kind in Kind if getattr(kind, what)])


def _cases(table: pd.DataFrame) -> int:
    return len(table[["dataset", "facet"]].drop_duplicates())


# ---------------------------------------------------------------- what the tests say


def verdict_counts(tests: pd.DataFrame) -> str:
    """Say how many tests ended in which way."""
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


def headline(tests: pd.DataFrame, arms: pd.DataFrame) -> str:
    """Say in two sentences what a comparison found, for the opening of the report."""
    return f"{verdict_counts(tests)} {leaders(arms)}".strip()


def leaders(arms: pd.DataFrame) -> str:
    """Say how often each arm has the highest mean accuracy, and how often it stands apart."""
    ran = arms[arms["standing"] != "absent"]
    if ran.empty:
        return ""
    cases, best = _cases(ran), ran[ran["standing"] == "best"]
    ranked = Counter(best["arm"])
    alone = sum(
        (group["standing"] == "worse").sum() == len(group) - 1 and len(group) > 1
        for _, group in ran.groupby(["dataset", "facet"], sort=False)
    )
    if not (ran["standing"] == "worse").any() and ran["arm"].nunique() > 1:
        return _no_leader(ran, cases)
    if cases == 1:
        text = f"The highest mean test accuracy is that of {_names(best['arm'])}"
    else:
        text = f"The highest mean test accuracy is that of {_by_arm(ranked, cases)}"
        if ranked.total() > cases:
            text += " (shared first places count for each)"
    if cases == 1:
        return f"{text}; {'every' if alone else 'not every'} other arm is significantly worse."
    if not alone:
        return f"{text}; in none of the {cases} is one arm significantly better than every other."
    where = "in each of them" if alone == cases else f"in {alone} of them"
    return f"{text}; {where} one arm is significantly better than every other."


def _no_leader(ran: pd.DataFrame, cases: int) -> str:
    """Say that no arm stands out, and who has the highest mean where that is not all of them."""
    text = "No arm stands out"
    if (ran["standing"] == "best").all():
        return f"{text}: the arms' mean test accuracies are equal {of_cases(cases, cases)}."
    if cases == 1:
        best = _names(ran.loc[ran["standing"] == "best", "arm"])
        return f"{text}: {best} has the highest mean test accuracy, and none is shown to be worse."
    return f"{text}: {of_cases(cases, cases)} none is shown to be worse than the highest mean."


def _names(names: Iterable[str]) -> str:
    return listing(literal(name) for name in dict.fromkeys(names))


def by_pair(tests: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each pair of arms: how its tests ended, and the range of differences."""
    rows = []
    for (a, b), group in tests.groupby(["a", "b"], sort=False):
        kinds = Counter(group["verdict_kind"])
        better = group[_that(group["verdict_kind"], "leads")]
        rows.append(
            {
                "A": a,
                "B": b,
                "A better": int((better["difference"] > 0).sum()),
                "B better": int((better["difference"] < 0).sum()),
                **{kind.value: kinds[kind] for kind in Kind if not kind.leads},
                "A − B, points": _range(group["difference"]),
            }
        )
    table = pd.DataFrame(rows)
    unused = [kind for kind in Kind if kind.rare and kind in table and not table[kind].any()]
    return table.drop(columns=unused)


def _range(values: pd.Series) -> str:
    values = values.dropna()
    if values.empty:
        return "–"
    low, high = f"{values.min():+.1f}", f"{values.max():+.1f}"
    text = low if low == high else f"{low} to {high}"
    return text.replace("-", "−")


def differences(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the significant differences, the largest first, made for reading."""
    found = tests[_that(tests["verdict_kind"], "differs")]
    found = found.iloc[np.argsort(-found["difference"].abs(), kind="stable")]
    return pd.DataFrame(
        {
            "case": [case(row) for row in found.to_dict("records")],
            "verdict": found["verdict"],
            "adjusted p": [f"{p:.4f}" if p >= 1e-4 else "<0.0001" for p in found["p_holm"]],
            "n": found["n"].astype(int),
            "step sizes": [
                f"{a:g} and {b:g}" for a, b in zip(found["step_a"], found["step_b"], strict=True)
            ],
        }
    ).reset_index(drop=True)


def largest(tests: pd.DataFrame) -> str:
    """Name the largest significant difference, and the largest of any pair that lead elsewhere."""
    found = tests[_that(tests["verdict_kind"], "leads")]
    if found.empty:
        return (
            "No pair of arms differs significantly by more than the margin." if len(tests) else ""
        )
    row = found.loc[found["difference"].abs().idxmax()].to_dict()
    text = f"The largest difference: on {literal(case(row))}, {literal(row['verdict'])}"
    p = "below 0.0001" if row["p_holm"] < 1e-4 else f"{row['p_holm']:.4f}"
    return f"{text} (adjusted p {'= ' if p[0] == '0' else ''}{p}, n = {int(row['n'])})."


def equivalence_limits(tests: pd.DataFrame) -> str:
    """State the margins that were used, and the smallest ones that could have been shown."""
    known = tests.dropna(subset=["margin"])
    if known.empty:
        return ""
    margins = sorted(known["margin"].unique())
    if len(margins) == 1:
        text = f"The margin of equivalence is {_points(margins[0])} points"
    else:
        text = (
            f"The margin of equivalence is {_points(margins[0])} to {_points(margins[-1])} points, "
            "by dataset, as it is never less than one test sample"
        )
    smallest = known["smallest_margin"].dropna()
    if len(smallest):
        text += (
            "; the smallest margin within which a pair would have passed, unadjusted, is "
            f"{_points(smallest.min(), 2)} points, and half of the pairs would need more than "
            f"{_points(smallest.median(), 2)}"
        )
    return f"{text}."


# ---------------------------------------------------------------- tuned and shared steps, edges


def shared_step(tests: pd.DataFrame, shared: pd.DataFrame, axis: str) -> str:
    """Say what changes where all arms of a case run at one value of the tuned axis."""
    keys = ["dataset", "facet", "a", "b"]
    both = tests.merge(shared, on=keys, suffixes=("", "_shared"))
    if both.empty:
        return ""
    kinds, other = both["verdict_kind"], both["verdict_kind_shared"]
    one, two = _that(kinds, "differs"), _that(other, "differs")
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
    """Say where the best value of the tuned axis ends its grid: a better one may lie outside."""
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
        cases = [literal(case(row)) for row in group.to_dict("records")]
        said.append(f"{literal(arm)} at the {end} on {listing(cases, most=4)}")
    return (
        f"For {len(edge)} of {len(ran)} arms and cases the chosen {name} is the end of its grid, "
        f"so that a better one may lie outside: {'; '.join(said)}."
    )


# ---------------------------------------------------------------- speed, ranks, divergence


def in_order(table: pd.DataFrame, cases: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of a table in the order of the cases, (dataset, facet)."""
    place = {key: number for number, key in enumerate(cases)}
    keys = [
        place.get(key, len(place)) for key in zip(table["dataset"], table["facet"], strict=True)
    ]
    return table.iloc[np.argsort(keys, kind="stable")]


def speed_wide(
    speed: pd.DataFrame, arms: Sequence[str], cases: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Return cases as rows and arms as columns: median epochs to the target, and the misses."""
    rows = []
    for (dataset, facet), group in in_order(speed, cases).groupby(["dataset", "facet"], sort=False):
        row: dict[str, str] = {"dataset": dataset, "facet": short(facet)}
        row["target, %"] = f"{group['target'].iloc[0]:.1f}"
        cells = group.set_index("arm")
        for arm in arms:
            row[arm] = _epochs(cells.loc[arm]) if arm in cells.index else "absent"
        rows.append(row)
    table = pd.DataFrame(rows)
    return table.drop(columns="facet") if len(table) and (table["facet"] == "").all() else table


def _epochs(row: Mapping[str, Any]) -> str:
    if not isfinite(row["median_epochs"]):
        return f"never ({int(row['censored'])} of {int(row['n'])})"
    missed = f" ({int(row['censored'])} never)" if row["censored"] else ""
    return f"{row['median_epochs']:g}{missed}"


def _all_tie(first: Counter[str], arms: int, cases: int) -> bool:
    """Tell whether every arm shares the first place in every case."""
    return arms > 1 and len(first) == arms and set(first.values()) == {cases}


def _by_arm(first: Counter[str], cases: int) -> str:
    """Return in how many cases each arm comes first, the most frequent in front."""
    said = [f"{literal(arm)} {of_cases(n, cases) if not i else f'in {n}'}"
            for i, (arm, n) in enumerate(first.most_common())]  # fmt: skip
    return listing(said)


def speed(table: pd.DataFrame) -> str:
    """Say which arms reach the target first, and which never."""
    if table.empty:
        return ""
    groups = [group for _, group in table.groupby(["dataset", "facet"], sort=False)]
    first: Counter[str] = Counter()
    largest_area: Counter[str] = Counter()
    for group in groups:
        best = group["median_epochs"].min()
        if isfinite(best):
            first.update(group.loc[group["median_epochs"] == best, "arm"])
        largest_area.update(group.loc[group["area"] >= group["area"].max() - 1e-9, "arm"])
    arms = table["arm"].nunique()
    if not first:
        text = "No arm reaches the target in half of its runs. "
    elif _all_tie(first, arms, len(groups)):
        text = "All arms reach the target in the same number of epochs (median over the seeds). "
    else:
        text = (
            "The target is reached in the fewest epochs (median over the seeds, ties counted for "
            f"each) by {_by_arm(first, len(groups))}. "
        )
    if _all_tie(largest_area, arms, len(groups)):
        text += "The areas under their learning curves are equal."
    else:
        text += (
            "The area under the learning curve is largest for "
            f"{_by_arm(largest_area, len(groups))}."
        )
    missed = table[table["censored"] > 0]
    if len(missed):
        runs, total = int(missed["censored"].sum()), int(table["n"].sum())
        text += f" Never reached, and counted as censored: {of_all(runs, total, 'run')}."
    return text


def ranks_wide(ranks: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return facets as rows and arms as columns: mean ranks over the datasets."""
    rows = []
    for facet, group in ranks.groupby("facet", sort=False):
        cells = group.set_index("arm")
        row: dict[str, Any] = {"facet": short(facet)}
        row |= {arm: cells["mean_rank"].get(arm, np.nan) for arm in arms}
        row["datasets"] = int(group["n_datasets"].max())
        row["note"] = "; ".join(dict.fromkeys(note for note in group["note"] if note))
        rows.append(row)
    table = pd.DataFrame(rows)
    if len(table) and (table["facet"] == "").all():
        table = table.drop(columns="facet")
    return table.drop(columns="note") if table["note"].nunique() < 2 else table  # said in words


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


def beside_published(found: pd.DataFrame) -> pd.DataFrame:
    """Return published numbers and measured ones side by side, ready to be set."""
    half = (found["high"] - found["low"]) / 2
    table = pd.DataFrame(
        {
            "dataset": found["dataset"],
            "facet": found["facet"].map(short),
            "arm": found["arm"],
            "part": found["part"],
            "epoch": found["epoch"],
            "published": found["published"].map("{:.1f}".format),
            "measured": [f"{m:.1f} ± {h:.1f}" for m, h in zip(found["mean"], half, strict=True)],
            "seeds": found["n"],
            "difference": found["difference"].map("{:+.1f}".format),
            "source": found["source"],
            "what was different": found["note"],
        }
    )
    return table.drop(
        columns=[c for c in ("facet", "what was different") if (table[c] == "").all()]
    )


def ranks(table: pd.DataFrame, tests: pd.DataFrame, level: float) -> str:
    """Say what the datasets together allow to say."""
    notes = [note for note in dict.fromkeys(table["note"]) if note]
    decided = tests.dropna(subset=["p_holm"])
    if decided.empty:
        why = f": {listing(notes, most=3)}" if notes else ""
        return (
            "Over the datasets only mean ranks are given (1 is best), without a test"
            f"{literal(why)}. They describe these datasets and no others."
        )
    found = decided[decided["p_holm"] <= level]
    text = (
        "With the datasets as the sample, a difference shows in "
        f"{of_all(len(found), len(decided), 'pair')} (Wilcoxon's "
        f"signed-rank test, Holm's correction, level {level:g})"
    )
    said = [
        f"{literal(row['a'] if row['difference'] > 0 else row['b'])} over "
        f"{literal(row['b'] if row['difference'] > 0 else row['a'])}"
        + (f" ({literal(short(row['facet']))})" if row["facet"] else "")
        for row in found.to_dict("records")
    ]
    return f"{text}: {listing(said)}." if said else f"{text}."


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


# ---------------------------------------------------------------- why the arms differ


def mechanics_by_arm(mechanics: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return a row for each quantity: median over the cases of each arm, and their range.

    `mechanics` has a row per case and arm with the columns of `reports.figures.data.mechanics`.
    """
    columns = {
        "delta_norm_start": "‖δ‖, first batch",
        "delta_norm_end": "‖δ‖, end",
        "gradient_first_start": "‖∂C/∂W¹‖, first batch",
        "gradient_first_end": "‖∂C/∂W¹‖, end",
        "saturated_hidden_start": "saturated hidden, start, %",
        "saturated_hidden_end": "saturated hidden, end, %",
        "dead_hidden_end": "dead hidden units, end, %",
        "saturated_output_end": "saturated outputs, end, %",
    }
    rows = []
    for name, title in columns.items():
        row: dict[str, str] = {"quantity": title}
        for arm in arms:
            mine = mechanics[mechanics["arm"] == arm]
            row[arm] = _spread(mine[name] * (100 if title.endswith("%") else 1), name)
        rows.append(row)
    return pd.DataFrame(rows)


def _spread(values: pd.Series, name: str) -> str:
    values = values[np.isfinite(values)]
    if values.empty:
        return "–"
    form = ".2g" if "norm" in name or "gradient" in name else ".0f"
    low, middle, high = (format(v, form) for v in (values.min(), values.median(), values.max()))
    return middle if low == high else f"{middle} ({low} to {high})"


def why(mechanics: pd.DataFrame, speed_table: pd.DataFrame) -> list[str]:
    """Say what was recorded beside the accuracies that may explain the differences."""
    if mechanics.empty:
        return []
    cases = _cases(mechanics)
    over = f"median over {counted(cases, 'case')}" if cases > 1 else "median over the seeds"
    said = [
        _extremes(mechanics, "delta_norm_start", "norm of the output delta at the first batch",
                  over),
        _zeros(mechanics),
        _extremes(mechanics, "saturated_hidden_end",
                  "share of saturated hidden activations at the end", over, share=True),
        _extremes(mechanics, "dead_hidden_end", "share of dead hidden units at the end", over,
                  share=True),
        _with_speed(mechanics, speed_table),
    ]  # fmt: skip
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
        where = f"With {_names(zero['arm'])}"
    else:
        where = f"In {counted(_cases(zero), 'case')} ({_names(map(short, zero['facet']))})"
    return (
        f"{where} the gradient of the data with respect to the first layer's weights is exactly 0 "
        f"in every recorded batch of {counted(runs, 'run')}: that layer learns nothing from the "
        "data."
    )


def _with_speed(mechanics: pd.DataFrame, speed_table: pd.DataFrame) -> str:
    """Say how often the arm with the largest first gradient has the largest area."""
    both = mechanics.merge(speed_table, on=["dataset", "facet", "arm"])
    both = both[np.isfinite(both["gradient_first_start"])]
    groups = [g for _, g in both.groupby(["dataset", "facet"], sort=False) if len(g) > 1]
    groups = [g for g in groups if g["gradient_first_start"].max() > 0]
    if not groups:
        return ""
    agree = sum(
        g.loc[g["gradient_first_start"].idxmax(), "area"] == g["area"].max() for g in groups
    )
    chance = sum(1 / len(g) for g in groups)
    return (
        f"The arm with the largest first gradient of the first layer also has the largest area "
        f"under its learning curve {of_cases(agree, len(groups))}; picking an arm at random would "
        f"do so in about {chance:.1f}."
    )


# ---------------------------------------------------------------- gaps


def gaps(runs: pd.DataFrame) -> list[str]:
    """State runs that are missing, were left out or cannot be; none is passed over silently."""
    said = []
    missing = runs[runs["status"] == "missing"]
    if len(missing):
        studies = _names(missing["study"])
        said.append(
            f"**This report is unfinished:** {of_all(len(missing), len(runs), 'run')} without a "
            f"result as yet (studies: {studies}). All that follows rests on the others."
        )
    skipped = runs[runs["status"] == "skipped"]
    if len(skipped):
        reasons = skipped.groupby(["study", "reason"], sort=False).size()
        listed = [
            f"{literal(study)}: {n:,} ({literal(reason)})" for (study, reason), n in reasons.items()
        ]
        said.append(
            f"{counted(len(skipped), 'run')} of the grid {'was' if len(skipped) == 1 else 'were'} "
            f"not trained, for a stated reason: {'; '.join(listed[:12])}"
            + (f"; and {len(listed) - 12} more reasons in runs.csv." if len(listed) > 12 else ".")
        )
    return said


def scope(runs: pd.DataFrame, comparisons: int) -> str:
    """Say what the report rests on."""
    trained = runs[runs["status"].isin(["ok", "diverged"])]
    distinct = trained.drop_duplicates("run_id")
    diverged = int((distinct["status"] == "diverged").sum())
    was = "was" if len(distinct) == 1 else "were"
    return (
        f"{counted(len(distinct), 'network')} {was} trained, in "
        f"{counted(runs['study'].nunique(), 'study')} on "
        f"{counted(runs['dataset'].nunique(), 'dataset')}: {_names(runs['dataset'])}; "
        f"{f'{diverged:,}' if diverged else 'none'} diverged. "
        f"There {'is' if comparisons == 1 else 'are'} {counted(comparisons, 'comparison')}."
    )


def claim_counts(claims: pd.DataFrame) -> str:
    """Say how the claims fared."""
    counts = Counter(claims["verdict"])
    run = [
        f"{n} {'is' if n == 1 else 'are'} {literal(v)}"
        for v, n in counts.most_common()
        if v not in NOT_JUDGED
    ]
    text = f"Of {counted(len(claims), 'claim')}, {listing(run)}" if run else "No claim was judged"
    rest = [f"{counts[v]} {v}" for v in NOT_JUDGED if counts[v]]
    return f"{text} ({listing(rest)})." if rest else f"{text}."


PUBLISHED = (
    "The companion study's program had two defects: its output delta is a − y for every cost "
    "(*delta*), and with batches of b samples an epoch takes only about b² samples (*stride*). "
    "Each is trained here on purpose, alone and with the other, and every claim is judged again by "
    "its own rule. As a strided epoch makes fewer updates, the correct program is also run for as "
    "many updates as the strided one makes, to whole epochs and never fewer. With cross entropy "
    "the delta is right, so *delta* is the correct program there; with it MSE + softmax would be "
    "CE + softmax, and MSE + sigmoid follows the gradient of CE on sigmoids. Every epoch is "
    "shuffled, as everywhere here: a strided one sees other samples each time. What is "
    "inconclusive is not refuted: the seeds did not decide it."
)


def published_counts(verdicts: pd.DataFrame) -> str:
    """Say how many claims stand with the correct program and with both defects."""
    over_all = verdicts[verdicts["dataset"] == ""]
    held = {
        program: list(rows.loc[rows["verdict"] == "supported", "id"])
        for program, rows in over_all.groupby("program")
    }
    total = over_all["id"].nunique()
    correct, both = held.get("correct", []), held.get("both", [])
    made = [name for name in both if name not in correct]
    text = (
        f"Of {counted(total, 'claim')}, {verb(len(correct), 'stand')} with the correct program"
        f"{_in_brackets(correct)} and {verb(len(both), 'stand')} with both defects"
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


# ---------------------------------------------------------------- equations, methods


def equation_counts(equations: pd.DataFrame) -> str:
    """Say how many of the equations hold, as printed and as corrected."""
    checked = equations[equations["holds_as_printed"] != ""]
    printed = checked[checked["holds_as_printed"] == "True"]
    failed = checked[checked["holds_as_printed"] == "False"]
    fixed = failed[failed["holds_as_corrected"] == "True"]
    plain = int((~checked["number"].str.isdigit()).sum())
    numbered = f"{len(checked) - plain:,} numbered"
    beside = f" ({numbered}, and {counted(plain, 'display')} without a number)"
    text = f"Of {counted(len(checked), 'equation')}{beside if plain else ''}, "
    text += f"{verb(len(printed), 'hold')} as printed"
    if len(fixed):
        text += f", {verb(len(fixed), 'hold')} once corrected ({_names(fixed['number'])})"
    open_ = failed[failed["holds_as_corrected"] != "True"]
    if len(open_):
        text += f"; **{verb(len(open_), 'fail')} both ways** ({_names(open_['number'])})"
    errors = pd.to_numeric(
        checked.loc[checked["holds_as_corrected"] == "True", "error_as_corrected"].replace(
            "", np.nan
        )
    ).dropna()
    if len(errors):
        text += f". The largest relative error of those that hold is {errors.max():.1e}"
    return text.replace("e-", "e−") + ". Both forms are computed, not typed in."


def methods(facts: Any, splits: Sequence[str]) -> list[str]:
    """Say how the numbers were made, with the settings of the config's `statistics`."""
    points = "point" if facts.margin == 1 else "points"
    level = facts.level
    inner = f"{100 * (1 - level):g} %"
    split = {
        (
            "fixed",
        ): "Each dataset is cut once, with equal shares of the classes, into a training, a "
        "validation and a test part; seeds vary the initial draw and the order of the samples. "
        "Intervals and tests are conditional on that split.",
        ("per_seed",): "Each seed draws its own split, with equal shares of the classes. The "
        "intervals carry the correction of Nadeau and Bengio, as such splits overlap.",
    }.get(
        tuple(splits),
        "Some studies have one split for all seeds, others one for each seed; the intervals of the "
        "latter carry the correction of Nadeau and Bengio.",
    )
    return [
        f"**Splits and seeds.** {split} Features are standardised with the training part's "
        "mean and spread where the dataset asks for it. Runs that share a seed share the "
        "standard-normal draws and the order of the data, so the arms are compared in pairs.",
        "**Tuning.** For each arm and case the tuned value is the one with the best mean "
        "validation accuracy after the last epoch (ties: lower validation cost, then the smaller "
        "value). The test part chooses nothing. The same comparison at one value for all arms "
        "stands beside it.",
        f"**Tests.** For each case and pair of arms: the mean difference of the test accuracies "
        f"after the last epoch, its {inner} t-interval, and the exact sign-flip test over the "
        f"seeds (level {level:g}), adjusted after Holm over the pairs of the case. An arm is "
        "called better where the adjusted test and the interval both exclude 0.",
        "**Equivalence** is tested by two one-sided tests, adjusted in a family of its own, with a "
        f"margin of {facts.margin:g} {points} and never less than one test "
        "sample. What is neither different nor equivalent is inconclusive, not equal.",
        "**Over datasets** the seeds are averaged first; tests are made only where the number of "
        "datasets allows significance at all.",
        f"**Speed** is the first epoch at which a run's test accuracy reaches "
        f"{100 * facts.target_share:g} % of the best arm's mean final accuracy in its case. Runs "
        "that never do are censored, not dropped. The tuned value was chosen for the final "
        "accuracy, not for speed.",
        "**Recorded** after each epoch: accuracy and cost on all three parts (with "
        "`record_train: ends`, on the training part at the first and the last epoch only), the "
        "step size, the size of the weights, the gradient norms of the epoch's last batch, and "
        "saturation, on the first 128 samples of the validation part. "
        "A run that diverges is a result; an output that is not finite counts as a wrong answer.",
    ]
