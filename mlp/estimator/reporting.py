"""What an estimator tells while it trains: a line, a call or a bar for each epoch."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Callback = Callable[[int, dict[str, float]], None]


@contextmanager
def reporters(estimator: Any, epochs: int) -> Iterator[Callback]:
    """Yield a function that reports an epoch: a printed line, the callback, the progress bar."""
    bar = _progress_bar(epochs) if estimator.progress else None

    def report(epoch: int, row: dict[str, float]) -> None:
        if estimator.verbose:
            print(f"epoch {epoch}: {summary(row)}")
        if estimator.callback is not None:
            estimator.callback(epoch, row)
        if bar is not None:
            bar.set_postfix_str(summary(row))
            bar.update()

    try:
        yield report
    finally:
        if bar is not None:
            bar.close()


def summary(row: Mapping[str, float]) -> str:
    """Return the costs and scores of an epoch as one line.

    >>> summary({"step_size": 0.1, "train_accuracy": 0.5, "train_cost": 0.25})
    'train_accuracy 0.5, train_cost 0.25'
    """
    ends = ("_accuracy", "_r2", "_cost")
    return ", ".join(f"{name} {v:.4g}" for name, v in row.items() if name.endswith(ends))


def _progress_bar(epochs: int) -> Any:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        raise ImportError("a progress bar needs tqdm: pip install tqdm") from None
    return tqdm(total=epochs, unit="epoch")
