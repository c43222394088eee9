# %% [markdown]
# <!-- The page for referees: prose that is fixed, and a call for each chapter. Everything is read
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
# strided one sees other samples each time. What is undecided is not refuted: the runs did not
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
# - **Splits and seeds.** A split cuts a dataset into a training, a validation and a test part, with
#   shares of the classes that are as equal as can be. The table of the datasets says which of them
#   are cut into folds, with groups kept together, or in other shares than 60, 20 and 20 %.
# {% if splits == ["fixed"] %}
#   To tune, each dataset is cut once; seeds vary the initial draw and the order of the samples.
# {% elif splits == ["per_seed"] %}
#   To tune, each seed has a split of its own.
# {% else %}
#   To tune, some studies have one split for all seeds, others one for each seed.
# {% endif %}
#   Features are standardised with the training part's mean and spread if the dataset asks for
#   it. Runs that share a seed share the standard-normal draws and the order of the data, so the
#   arms are compared in pairs.
# - **Tuning.** For each arm and case the tuned value is the one with the best mean validation
#   accuracy after the {{ "epoch that counts" if selected else "last epoch" }} (ties: lower
#   validation cost, then the smaller value). The test part chooses nothing. The same comparison at
#   one value for all arms is next to it.
# {% if confirmed %}
# - **Confirmation.** Each arm is then trained anew at its chosen value, in fresh runs on new
#   splits, and every run has a seed of its own. Tests, intervals and verdicts rest on these
#   runs; the tuning runs are no evidence. The unit is the mean of a split, as the runs of one
#   split share its test samples.
# - **Tests.** The mean difference over the splits has a t-interval; its spread is never taken to be
#   smaller than that of rounding to whole test samples. This one interval decides, against 0 and
#   against a margin of {{ margin }} on every dataset: an arm beats the other beyond the margin, or
#   by an open size, or by less than the margin; the two are equal within the margin; or the pair
#   is undecided, with the number of fresh runs that would decide. Undecided is not equal.
# - **Families.** Pairs that the config plans are a family of their own: its intervals hold all
#   together with a confidence of {{ interval }}. All pairs of a comparison are exploratory: of
#   what their intervals say, at most a share of {{ level }} is false in the mean (Benjamini and
#   Hochberg, intervals adjusted for the selection). A claim's own pairs are its family; the claims
#   that rest on runs are adjusted after Holm.
# - **New data.** Splits of one dataset overlap. For new data from the same source there is a second
#   interval, that of Nadeau and Bengio: cautious, and several times as wide.
# - **Fragile verdicts.** Tuning with other seeds would choose another value in about a third of the
#   cases. If a value within one standard error of the chosen one would change a verdict, the
#   verdict is called fragile, and the numbers are given.
# - **Failures.** A run that is 10 points below the median of its arm has failed. Failures are
#   counted next to the mean, which hides them.
# {% endif %}
# {% if unconfirmed %}
# - **{{ "Studies without confirmation" if confirmed else "Tests" }}.** These statements are about
#   the runs of the one tuning. For each case and pair of arms: the mean difference of the test
#   accuracies after the {{ "epoch that counts" if selected else "last epoch" }}, its
#   {{ interval }} t-interval, not adjusted, and the exact sign-flip test over the seeds (level
#   {{ level }}), adjusted after Holm over the pairs of the case. An arm beats another if the
#   adjusted test and the interval both exclude 0. Two arms are equal within {{ margin }} if two
#   one-sided tests, adjusted in a family of their own, say so.
# {% if "fixed" in splits %}
#   Intervals and tests are conditional on the one split of each dataset.
# {% endif %}
# {% if "per_seed" in splits %}
#   If each seed has its own split, the intervals carry the correction of Nadeau and Bengio.
# {% endif %}
# {% endif %}
# - **Over datasets** the unit is the mean difference of a dataset. From {{ datasets }} datasets on
#   the planned pairs (all pairs, if none is planned) are tested with the exact test of Wilcoxon,
#   adjusted after Holm. The probabilities that one arm is better, or both are alike, are those of
#   the Bayesian signed-rank test, with a prior of half a dataset with difference 0; the interval
#   for the next dataset is from the ordered differences. Fewer datasets are described only.
# - **Speed** is the first measured epoch at which a tuning run's validation accuracy reaches
#   {{ target }} of the best arm's mean final one in its case. Runs that never do are censored, not
#   dropped. The tuned value was chosen for the final accuracy, not for speed.
# {% if selected %}
# - **The epoch that counts.** Of runs with the setting `select` the figures are not those of the
#   last epoch but of the one that was best on the validation part, in accuracy (`best_validation`)
#   or in cost (`best_cost`). It is meant where this page says "after the selected epoch", "the
#   epoch that counts" or "final". The curves are whole. The test part chooses nothing.
# {% endif %}
# - **Recorded** after each epoch: accuracy and cost on all three parts (with `record_train: ends`,
#   as in confirming runs, on the training part at the first and the last epoch only; with
#   `record_every: doubling`, the default of confirming runs, after epochs 1, 2, 4, 8, ... and the
#   last), the step size, the size of the weights, the gradient norms of the epoch's last batch, and
#   saturation, on the first 128 samples of the validation part. A run that diverges is a result; an
#   output that is not finite counts as a wrong answer.

# %%
report.show("datasets", "speed", "arms", "provenance")
report.show_others()  # chapters that no call above names, such as one that was just added
