# %% [markdown]
# <!-- The report of a sweep. Everything is read from the folder that RESULTS_DIR names; what the
# sentences say is written in reports/narrative.py, what stands where in reports/chapters.py. -->

# %%
# ruff: noqa: D100
from IPython.display import display

from reports.chapters import from_environment

report = from_environment()

for piece in (*report.opening(), *report.programs()):
    display(piece)

# %%
for comparison in report.comparisons:
    for piece in report.chapter(comparison):
        display(piece)

# %%
chapters = (
    "equations", "probes", "pictures", "methods", "benchmark", "all_arms", "provenance"
)  # fmt: skip
for name in chapters:
    for piece in getattr(report, name)():
        display(piece)
