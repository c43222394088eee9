"""Run scikit-learn's own tests of its networks with the networks of this project in their place.

    python tools/scikit_learn_tests.py

The tests are those of the installed scikit-learn, `sklearn/neural_network/tests/test_mlp.py`.
Printed is a table in Markdown: how many pass, and for each other test the reason. A test does not
apply if it needs a parameter value, a kind of data or an attribute that this project does not have.
"""

import re
import signal
import sys
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network as theirs
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

sys.path.insert(0, str(Path(__file__).parents[1]))
from mlp import estimator as ours

FILE = "sklearn.neural_network.tests.test_mlp"
ACTIVATIONS = {"identity": "identity", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}
FIXED = {
    "learning_rate": "constant", "shuffle": True, "warm_start": False, "loss": "squared_error",
    "nesterovs_momentum": True,
}  # fmt: skip
"""Parameters of theirs of which this project has one value."""


class _Adapter(BaseEstimator):
    """An estimator of this project under scikit-learn's names of parameters and attributes."""

    made: Any

    def __init__(
        self, hidden_layer_sizes=(100,), activation="relu", *, solver="adam", alpha=0.0001,
        batch_size="auto", learning_rate="constant", learning_rate_init=0.001, max_iter=200,
        shuffle=True, random_state=None, tol=1e-4, verbose=False, warm_start=False, momentum=0.9,
        early_stopping=False, validation_fraction=0.1, n_iter_no_change=10, max_fun=15000,
        loss="squared_error", power_t=0.5, nesterovs_momentum=True, beta_1=0.9, beta_2=0.999,
        epsilon=1e-8,
    ):  # fmt: skip
        for name, value in locals().items():
            if name != "self" and not name.startswith("__"):
                object.__setattr__(self, name, value)
        for name, only in FIXED.items():
            if getattr(self, name) != only:
                pytest.skip(f"{name}={getattr(self, name)!r}")
        if solver == "lbfgs":
            pytest.skip("solver='lbfgs'")

    def _new(self, X, y):
        batch = min(200, len(X)) if self.batch_size == "auto" else self.batch_size
        momentum = {"name": "nesterov", "momentum": self.momentum} if self.momentum else "sgd"
        return self.kind(
            self.hidden_layer_sizes, ACTIVATIONS[self.activation], init="glorot_uniform",
            eta=self.learning_rate_init, optimizer="adam" if self.solver == "adam" else momentum,
            batch_size=batch, epochs=self.max_iter, random_state=self.random_state,
            penalty="l2", lambda_=self.alpha / batch, tol=self.tol, verbose=bool(self.verbose),
            early_stopping=self.early_stopping, validation_fraction=self.validation_fraction,
            n_iter_no_change=None if self.n_iter_no_change == np.inf else self.n_iter_no_change,
            dtype=_type(X), **self.output(y),
        )  # fmt: skip

    def output(self, y):
        return {}

    def fit(self, X, y, sample_weight=None):
        _check(X, y, type(self))
        object.__setattr__(self, "made", self._new(X, y).fit(X, y, sample_weight))
        return self

    def __getattr__(self, name):
        if name == "made" or name.startswith("__"):
            raise AttributeError(name)
        if name == "partial_fit":
            return self._partial_fit
        if name in ("coefs_", "intercepts_"):
            params = self.made.parameters_
            return [w.T for w in params.weights] if name == "coefs_" else list(params.biases)
        if "made" in vars(self) and hasattr(self.made, name):
            return getattr(self.made, name)
        if name.startswith("_sklearn") or name.startswith("_repr") or name.startswith("_check"):
            raise AttributeError(name)
        pytest.skip(f"attribute {name}")

    def __setattr__(self, name, value):
        if name.endswith("_"):
            pytest.skip(f"sets the attribute {name} before it trains")
        object.__setattr__(self, name, value)

    def _partial_fit(self, X, y, **classes):
        _check(X, y, type(self))
        if "made" not in vars(self):
            object.__setattr__(self, "made", self._new(X, classes.get("classes", y)))
        self.made.partial_fit(X, y, **classes)
        return self

    def predict(self, X):
        return self.made.predict(X)


class MLPClassifier(ClassifierMixin, _Adapter):
    """The classifier."""

    kind = ours.MLPClassifier

    def output(self, y):
        one = np.ndim(y) == 1 and len(np.unique(y)) == 2
        return {"output": "sigmoid", "output_units": 1} if one else {"output": "softmax"}


class MLPRegressor(RegressorMixin, _Adapter):
    """The regressor."""

    kind = ours.MLPRegressor


def _type(X):
    return "float32" if getattr(X, "dtype", None) == np.float32 else "float64"


def _check(X, y, kind):
    """Say that a test does not apply if this project has no such data."""
    if issparse(X):
        pytest.skip("sparse samples")


def _too_long(*_):
    pytest.fail("took more than three minutes")


class Outcomes:
    """A plugin of pytest that keeps the outcome of each test."""

    def __init__(self):
        self.found: dict[str, tuple[str, str]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        """Give each test three minutes: one trains for 3000 epochs."""
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(180)
        try:
            return (yield)
        finally:
            signal.alarm(0)

    def pytest_runtest_logreport(self, report):
        """Keep an outcome, with the reason if the test did not pass."""
        if report.when != "call" and report.outcome == "passed":
            return
        name = report.nodeid.rpartition("::")[2]
        reason = ""
        if report.skipped:
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
        elif report.failed:
            reason = str(getattr(report.longrepr, "reprcrash", report.longrepr)).splitlines()[0]
            reason = re.sub(r"^.*?\.py:\d+: ", "", reason)[:150].replace("\\n", " ")
        self.found[name] = (report.outcome, reason)


def run() -> dict[str, tuple[str, str]]:
    """Return the outcome of each test and its reason."""
    theirs.MLPClassifier, theirs.MLPRegressor = MLPClassifier, MLPRegressor
    outcomes = Outcomes()
    quiet = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "--no-header",
        "--tb=line",
        "-rN",
        "--durations=8",
    ]
    path = find_spec(FILE).origin
    pytest.main([path, *quiet, "-c", "/dev/null"], plugins=[outcomes])
    return outcomes.found


def table(found: dict[str, tuple[str, str]]) -> str:
    """Return the numbers of outcomes and a row for each test that did not pass."""
    names = {"passed": "passes", "failed": "fails", "skipped": "does not apply"}
    counts = Counter(outcome for outcome, _ in found.values())
    head = ", ".join(f"{counts[outcome]} {word}" for outcome, word in names.items())
    rows = [
        f"| `{name}` | {names[outcome]} | {reason.replace('|', '/')} |"
        for name, (outcome, reason) in found.items()
        if outcome != "passed"
    ]
    return "\n".join(
        [f"{len(found)} tests: {head}", "", "| test | here | why |", "|---|---|---|", *rows]
    )


if __name__ == "__main__":
    if find_spec(FILE) is None:
        raise SystemExit("this scikit-learn was installed without its tests; pip has them")
    warnings.simplefilter("ignore")
    print(table(run()))
