# %% [markdown]
# <!-- The report of a sweep: prose that is fixed, and a call for each chapter. Everything is read
# from the folder that RESULTS_DIR names. Names in double braces, and cells between `if` and `endif`
# are filled in from `Report.facts`. A chapter is a module of reports/chapters; its sentences are in
# reports/sentences. -->

# %%
# ruff: noqa: D100
from reports.chapters import open_report

report = open_report()
report.show("opening")

# %% [markdown]
# {% if programs %}
# <h2 id="as-published">As published: which defect made which conclusion</h2>
#
# The companion study's program had two defects: its output delta is a − y for every cost
# (*delta*), and with batches of b samples an epoch takes only about b² samples (*stride*). Each is
# trained here on purpose, alone and with the other, and every claim is judged again by its own
# rule. As a strided epoch makes fewer updates, the correct program is also run for as many updates
# as the strided one makes, to whole epochs and never fewer. With cross entropy the delta is right,
# so *delta* is the correct program there; with it MSE + softmax would be CE + softmax, and MSE +
# sigmoid follows the gradient of CE on sigmoids. Every epoch is shuffled, as everywhere here: a
# strided one sees other samples each time. What is inconclusive is not refuted: the seeds did not
# decide it.
# {% endif %}

# %%
report.show("programs", "comparisons", "equations")

# %% [markdown]
# {% if probes %}
# <h2 id="probes">Three small experiments</h2>
#
# Claims N4, N5 and N6 need starts that no sweep has. Small networks on generated data are trained
# for them, with the same code as all others.
# {% endif %}

# %%
report.show("probes", "pictures")

# %% [markdown]
# ## Methods
#
# {% if splits == ["fixed"] %}
# - **Splits and seeds.** Each dataset is cut once, with equal shares of the classes, into a
#   training, a validation and a test part; seeds vary the initial draw and the order of the
#   samples. Intervals and tests are conditional on that split.
# {% elif splits == ["per_seed"] %}
# - **Splits and seeds.** Each seed draws its own split, with equal shares of the classes. The
#   intervals carry the correction of Nadeau and Bengio, as such splits overlap.
# {% else %}
# - **Splits and seeds.** Some studies have one split for all seeds, others one for each seed; the
#   intervals of the latter carry the correction of Nadeau and Bengio.
# {% endif %}
#   Features are standardised with the training part's mean and spread where the dataset asks for
#   it. Runs that share a seed share the standard-normal draws and the order of the data, so the
#   arms are compared in pairs.
# - **Tuning.** For each arm and case the tuned value is the one with the best mean validation
#   accuracy after the last epoch (ties: lower validation cost, then the smaller value). The test
#   part chooses nothing. The same comparison at one value for all arms stands beside it.
# - **Tests.** For each case and pair of arms: the mean difference of the test accuracies after the
#   last epoch, its {{ interval }} t-interval, and the exact sign-flip test over the seeds (level
#   {{ level }}), adjusted after Holm over the pairs of the case. An arm is called better where the
#   adjusted test and the interval both exclude 0.
# - **Equivalence** is tested by two one-sided tests, adjusted in a family of its own, with a
#   margin of {{ margin }} and never less than one test sample. What is neither different nor
#   equivalent is inconclusive, not equal.
# - **Over datasets** the seeds are averaged first; tests are made only where the number of
#   datasets allows significance at all.
# - **Speed** is the first epoch at which a run's test accuracy reaches {{ target }} of the best
#   arm's mean final accuracy in its case. Runs that never do are censored, not dropped. The tuned
#   value was chosen for the final accuracy, not for speed.
# - **Recorded** after each epoch: accuracy and cost on all three parts (with `record_train: ends`,
#   on the training part at the first and the last epoch only), the step size, the size of the
#   weights, the gradient norms of the epoch's last batch, and saturation, on the first 128 samples
#   of the validation part. A run that diverges is a result; an output that is not finite counts as
#   a wrong answer.

# %%
report.show("datasets", "speed", "arms", "provenance")
report.show_others()  # chapters that no call above names, such as one that was just added
