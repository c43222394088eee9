# %% [markdown]
# <!-- The report of a sweep: its questions, a cell for each. Cells with `repeat` are repeated for
# each question of the config; names in double braces are filled in from `Report.facts`. The
# sections are modules of reports/answers; every number is from a file of the results. -->

# %%
# ruff: noqa: D100
import os
import sys
from pathlib import Path

results = Path(os.environ.setdefault("RESULTS_DIR", ".")).resolve()
clone = next((folder for folder in results.parents if (folder / "Snakefile").exists()), Path())
sys.path.insert(0, str(clone))

from reports.chapters import open_report

report = open_report()
report.answer("opening")

# %% [markdown] repeat="questions"
# <h2 id="{{ item.anchor }}">{{ item.question }}</h2>

# %% repeat="questions"
report.answer("{{ item.number }}")

# %% [markdown]
# <h2 id="trust">How far to trust this</h2>

# %%
report.answer("trust")

# %% [markdown]
# <h2 id="again">Make it again</h2>

# %%
report.answer("again")

# %% [markdown]
# <h2 id="own">Your own question</h2>
#
# In the notebook `report.runs` is the table of all runs, a pandas data frame, and
# `report.table(comparison, kind)` any table of the page for referees. Change the cell and run it.

# %%
report.runs.groupby(["study", "stage"], sort=False)["test_accuracy"].mean().round(3)

# %% [markdown]
# <h2 id="glossary">Glossary</h2>

# %%
report.answer("glossary")
