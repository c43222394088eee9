"""A call that does not end leaves an estimator as it was."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def all_or_nothing(estimator: Any) -> Iterator[None]:
    """Undo what `fit` or `partial_fit` has set on an estimator if it raises or is interrupted.

    Training writes to a copy of the parameters and of the optimizer's memory, so that those of
    before need no copy here; only the dictionary of the history grows in place.

    >>> from types import SimpleNamespace
    >>> model = SimpleNamespace(classes_=[0, 1], _history={})
    >>> try:
    ...     with all_or_nothing(model):
    ...         model.classes_ = model._history["cost"] = ["a", "b"]
    ...         raise KeyboardInterrupt
    ... except KeyboardInterrupt:
    ...     model
    namespace(classes_=[0, 1], _history={})
    """
    before = dict(vars(estimator))
    if "_history" in before:
        before["_history"] = dict(before["_history"])
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise
