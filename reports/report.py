# %% [markdown]
# <!-- The report of a sweep. Everything is read from the folder that RESULTS_DIR names; what the
# sentences say is written in reports/narrative.py, what stands where in reports/chapters.py. -->

# %%
# ruff: noqa: D100
from IPython.display import display

from reports.chapters import from_environment

report = from_environment()

for piece in report.opening():
    display(piece)

# %%
for comparison in report.comparisons:
    for piece in report.chapter(comparison):
        display(piece)

# %%
for piece in report.equations():
    display(piece)

# %%
for piece in report.methods():
    display(piece)

# %%
for piece in report.benchmark():
    display(piece)

# %%
for piece in report.all_arms():
    display(piece)

# %%
for piece in report.provenance():
    display(piece)
