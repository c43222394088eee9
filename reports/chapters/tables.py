"""Tables made for reading, from those that the statistics write."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import Any

import numpy as np
import pandas as pd

from experiments.base import between
from experiments.statistics import Kind
from reports.figures import pair_name, short
from reports.sentences import having, is_confirmed, place_of


def by_pair(tests: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each pair of arms: how its tests ended, and the range of differences."""
    rows = []
    for (a, b), group in tests.groupby(["a", "b"], sort=False):
        kinds = Counter(group["verdict_kind"])
        better = group[having(group["verdict_kind"], "leads")]
        rows.append(
            {
                "A": a,
                "B": b,
                "A better": int((better["difference"] > 0).sum()),
                "B better": int((better["difference"] < 0).sum()),
                **{title: kinds[kind] for kind, title in ENDINGS.items()},
                "A − B, points": _range(group["difference"]),
            }
        )
    table = pd.DataFrame(rows)
    unused = [t for kind, t in ENDINGS.items() if kind.rare and t in table and not table[t].any()]
    return table.drop(columns=unused)


ENDINGS = {
    Kind.NEGLIGIBLE: "differ by less than the margin",
    Kind.EQUIVALENT: "equal within the margin",
    Kind.INCONCLUSIVE: "undecided",
    Kind.IDENTICAL: "the same in every seed",
    Kind.ABSENT: "not compared",
}
"""The columns of the tests that do not show that one arm is better by what may count."""


def _range(values: pd.Series) -> str:
    values = values.dropna()
    if values.empty:
        return "–"
    text = between(f"{values.min():+.1f}", f"{values.max():+.1f}")
    return text.replace("-", "−")


def differences(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the differences that are shown, the largest first, made for reading."""
    found = tests[having(tests["verdict_kind"], "differs")]
    found = found.iloc[np.argsort(-found["difference"].abs(), kind="stable")]
    return spelled_out(found)


def undecided(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that are undecided, made for reading."""
    return spelled_out(tests[tests["verdict_kind"] == Kind.INCONCLUSIVE])


def spelled_out(tests: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with their verdicts in words.

    Of confirmed pairs: the cautious interval for new data, and what would change the verdict; of
    others their adjusted p and the seeds.
    """
    table = pd.DataFrame(
        {
            "case": [place_of(row) for row in tests.to_dict("records")],
            "verdict": tests["verdict"].tolist(),
        }
    )
    if not is_confirmed(tests):
        table["adjusted p"] = [_p(p) for p in tests["p_holm"]]
        table["n"] = tests["n"].astype(int).tolist()
        return table
    ends = zip(tests["new_low"], tests["new_high"], strict=True)
    table["A − B for new data"] = [
        "–" if isnan(low) else f"[{low:.1f}, {high:.1f}]".replace("-", "−") for low, high in ends
    ]
    table["fragile"] = tests["fragile"].tolist()
    if "family" in tests and tests["family"].nunique() > 1:
        table.insert(0, "family", tests["family"].tolist())
    return table.drop(columns=["fragile"] if not table["fragile"].any() else [])


def _p(p: float) -> str:
    if isnan(p):
        return "–"
    return f"{p:.4f}" if p >= 1e-4 else "<0.0001"


def over_wide(over: pd.DataFrame) -> pd.DataFrame:
    """Return what the datasets say of each pair, in words and numbers for reading."""
    table = pd.DataFrame(
        {
            "setting": over["facet"].map(short),
            "A": over["a"],
            "B": over["b"],
            "datasets": over["n_datasets"].astype("Int64"),
            "A ahead": over["a_ahead"].astype("Int64"),
            "B ahead": over["b_ahead"].astype("Int64"),
            "A − B, typical": over["difference"].map(_points),
            "smallest": over["smallest"].map(_points),
            "largest": over["largest"].map(_points),
        }
    )
    return table.drop(columns="setting") if (over["facet"] == "").all() else table


def _points(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−").replace("−0.0", "0.0").replace("+0.0", "0.0")


def _in_order(table: pd.DataFrame, places: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of a table in the order of the places, (dataset, facet)."""
    order = {key: number for number, key in enumerate(places)}
    keys = [
        order.get(key, len(order)) for key in zip(table["dataset"], table["facet"], strict=True)
    ]
    return table.iloc[np.argsort(keys, kind="stable")]


def metrics_wide(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return places and arms as rows and metrics as columns: means."""
    wide = metrics.pivot_table(
        index=["dataset", "facet", "arm"], columns="metric", values="mean", sort=False, dropna=False
    )
    wide = wide[list(dict.fromkeys(metrics["metric"]))].map(
        lambda value: f"{value:.3f}" if isfinite(value) else "–"
    )
    table = wide.dropna(how="all").reset_index().rename_axis(columns=None)
    return table.drop(columns="facet") if (table["facet"] == "").all() else table


def speed_wide(
    speed: pd.DataFrame, arms: Sequence[str], places: Sequence[tuple[str, str]]
) -> pd.DataFrame:
    """Return places as rows and arms as columns: median epochs to the target, and the misses."""
    rows = []
    groups = _in_order(speed, places).groupby(["dataset", "facet"], sort=False)
    for (dataset, facet), group in groups:
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


def with_published_numbers(found: pd.DataFrame) -> pd.DataFrame:
    """Return published numbers and measured ones next to each other, ready to be set."""
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


def mechanics_by_arm(mechanics: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return a row for each quantity: median over the places of each arm, and their range.

    `mechanics` is a table of `reports.figures.data.mechanics_table`.
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


def start_table(runs: pd.DataFrame, epochs: int) -> pd.DataFrame:
    """Return a row for each pair and start of N6, at the chosen step size."""
    rows = []
    for (cost, output, logit), mine in runs[runs["chosen"]].groupby(
        ["cost", "output", "logit"], sort=False
    ):
        needed = mine["epochs"].astype(float).fillna(np.inf).median()
        rows.append(
            {
                "pair": pair_name(cost, output),
                "start": "free" if logit == 0 else f"wrong logits of ±{logit:g}",
                "step size": f"{mine['eta'].iloc[0]:g}",
                "norm of the output delta at the start": f"{mine['delta_norm'].mean():.2g}",
                "median epochs to recover": f"{needed:g}" if needed < np.inf else f"over {epochs}",
                "recovered": f"{int(mine['recovered'].sum())} of {len(mine)}",
            }
        )
    return pd.DataFrame(rows)


def path_table(path: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each variant of N4: how far the two networks are apart, at most."""
    last = path["epoch"].max()
    rows = []
    for _, mine in path.groupby("variant", sort=False):
        columns = [c for c in path if c.endswith("_deviation")]
        worst = {e: mine.loc[mine["epoch"] == e, columns].max() for e in (0, last)}
        rows.append(
            {
                "output layer's step": f"× {mine['output_step'].iloc[0]:g}",
                "its penalty": f"× {mine['output_penalty'].iloc[0]:g}",
                "output, at the start": f"{worst[0]['output_deviation']:.1e}",
                f"output, after {last} epochs": f"{worst[last]['output_deviation']:.1e}",
                f"hidden parameters, after {last}": f"{worst[last]['hidden_deviation']:.1e}",
            }
        )
    return pd.DataFrame(rows)


def heaviside_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what N5 measured, below the Heaviside layer and elsewhere."""
    groups = {"below a Heaviside layer": rows[rows["cut"]], "elsewhere": rows[~rows["cut"]]}
    return pd.DataFrame(
        {
            "layers": name,
            "number": len(mine),
            "smallest data gradient": f"{mine['data_gradient'].min():.2g}",
            "largest data gradient": f"{mine['data_gradient'].max():.2g}",
            "left beside λW": f"{mine['penalty_excess'].max():.2g}",
        }
        for name, mine in groups.items()
    )
