# %% [markdown]
# # A question of your own
#
# The report compares accuracies at the end of training. This notebook asks something that it does
# not: **is ReLU ahead of the sigmoid already after a few epochs?** It reads a finished sweep, takes
# one paired comparison apart by hand, and draws one figure. Copy it, and change the question.
#
# It needs the quick sweep, which takes about a minute:
#
#     snakemake --cores 2 --configfile experiments/config/quick.yaml

# %%
# ruff: noqa: D100
import os
import sys
from pathlib import Path

# the clone's folder, from wherever in it this file is opened
ROOT = next(p for p in (Path.cwd(), *Path.cwd().parents) if (p / "Snakefile").is_file())
sys.path.insert(0, str(ROOT))

import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure
from scipy import stats

import experiments
from experiments import statistics
from reports.figures import COLOURS, component_index, styled

NAME = "quick"
FOLDER = Path(os.environ.get("RESULTS_DIR", ROOT / "results" / NAME))
tables = experiments.load_results(FOLDER)  # load_results(NAME) does in the clone's folder

# %% [markdown]
# ## What there is
#
# `tables.runs` has a row for each run: its study, its settings, how it ended. `tables.curves` has
# a row for each run and epoch. `tables.claims`, `tables.equations` and `tables.comparisons` are
# the tables behind the report.

# %%
runs, curves = tables.runs, tables.curves
print(f"{len(runs):,} runs, {len(curves):,} rows of curves")
display(runs.groupby(["study", "dataset"], observed=True).size().rename("runs").to_frame())

# %% [markdown]
# Texts are ordered categories: statuses from good to bad, numbers by size, names in the config's
# order. So they sort, group and plot as a person would have them. What a study calls the values of
# its axes stands in the columns `axis_…`.

# %%
display(pd.DataFrame({c: [", ".join(runs[c].cat.categories)] for c in ("status", "axis_hidden")}))
assert runs["status"].cat.ordered

# %% [markdown]
# ## One comparison by hand
#
# The runs of the tuning (`stage` is `tune`) have every step size on the config's one split; the
# confirming runs (`confirm`), on which the report rests, are on new splits at the chosen steps.
#
# Everything but the activation is held fixed: one dataset, one pair of cost and output, one step
# size, which nobody chose by looking at the results. Runs of one seed start from the same random
# draws and see the data in the same order; so the fair comparison is the difference *within* each
# seed.

# %%
A, B = "relu", "sigmoid"
mine = runs[
    (runs["study"] == "pairs")
    & (runs["stage"] == "tune")
    & (runs["dataset"] == "wine")
    & (runs["axis_pair"] == "CE + softmax")
    & (runs["axis_eta"] == "1")
    & runs["axis_hidden"].isin([A, B])
    & runs["status"].isin(["ok", "diverged"])  # a run that diverged is a result, too
]
final = 100 * mine.pivot(index="seed", columns="axis_hidden", values="test_accuracy")
final["difference"] = final[A] - final[B]  # in percentage points
display(final)

# %% [markdown]
# The 95 % interval of the mean difference $\bar d$ is $\bar d \pm t_{n-1} \, s / \sqrt{n}$: once by
# hand, with scipy's quantile, and once from the function that the report uses, which also knows
# what to do where every seed has a split of its own.

# %%
d = final["difference"].to_numpy()
half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
by_hand = (d.mean() - half, d.mean() + half)
interval = statistics.t_interval(d)
p = statistics.sign_flip_p(d)
assert np.allclose(by_hand, interval[1:])
print(
    f"at the end: {A} − {B} = {interval.mean:+.1f} points "
    f"[{interval.low:+.1f}, {interval.high:+.1f}], n = {len(d)}, p = {p:.3f} (sign-flip test)"
)

# %% [markdown]
# ## The question, epoch by epoch
#
# The same difference at every epoch: the curves belong to the runs by `run_id`.

# %%
curve = curves.merge(mine[["run_id", "seed", "axis_hidden"]], on="run_id")
wide = 100 * curve.pivot(index=["epoch", "seed"], columns="axis_hidden", values="test_accuracy")
gaps = (wide[A] - wide[B]).unstack("seed").ffill()  # a run that stopped keeps its last value
by_epoch = pd.DataFrame(
    [statistics.t_interval(row) for row in gaps.to_numpy()], index=gaps.index
)  # columns: mean, low, high
display(by_epoch.round(1))

# %% [markdown]
# One figure in the style of the report: its settings are in `reports/figures/style.mplstyle`, and
# a component has one colour everywhere. Thin lines are seeds, the thick one is their mean, the band
# its interval.

# %%
colour = COLOURS[component_index("hidden", A)]
with styled():
    figure = Figure(figsize=(6, 3.2), layout="constrained")
    panel = figure.subplots()
    panel.axhline(0, color="#4b5563", linewidth=0.8)
    panel.plot(gaps.index, gaps, color=colour, alpha=0.35, linewidth=0.6)
    panel.fill_between(by_epoch.index, by_epoch["low"], by_epoch["high"], color=colour, alpha=0.16)
    panel.plot(by_epoch.index, by_epoch["mean"], color=colour)
    panel.set(
        title=f"{A} − {B}, wine, CE + softmax, step size 1",
        xlabel="epoch",
        ylabel="test accuracy, difference in points",
    )
    figure.savefig(FOLDER / "own_question.svg", metadata={"Date": None})
display(figure)

# %%
apart = by_epoch.index[(by_epoch["low"] > 0) | (by_epoch["high"] < 0)]
print("epochs whose interval excludes 0:", ", ".join(map(str, apart)) or "none")

# %% [markdown]
# ## What this does not say
#
# - It is one dataset, one cost and one step size. The report takes each arm at the step size that
#   is best for it on the validation part (`statistics.choose_step`).
# - An interval for every epoch is many looks: some exclude 0 by chance. Decide on the epoch before
#   you look, or adjust the p values with `statistics.holm`.
# - An interval that holds 0 does not show that the arms are equal. `statistics.tost_p` asks that.
