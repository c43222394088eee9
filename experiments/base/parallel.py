"""Independent pieces of one step, several at a time in processes that are forked from it."""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

_make: Callable[[int], Any]
"""In a fork: what makes the piece of a number."""


def each(work: Callable[[Item], Made], items: Sequence[Item], processes: int = 1) -> list[Made]:
    """Return what `work` makes of each item, in their order.

    With more than one process, on Linux, the items are dealt out to forks of this process. They
    have all that it has read so far, and give back what they made, pickled. Raises what `work`
    raises.

    >>> each(abs, [3, -2])
    [3, 2]
    """
    processes = min(processes, len(items))
    if processes < 2 or sys.platform != "linux":
        return [work(item) for item in items]
    forks = multiprocessing.get_context("fork")
    with forks.Pool(processes, _begin, (lambda number: work(items[number]),)) as pool:
        return pool.map(_made, range(len(items)), chunksize=1)


def _begin(make: Callable[[int], Any]) -> None:
    """Keep what makes the pieces: it came with the fork, so that it need not be pickled."""
    global _make
    _make = make


def _made(number: int) -> Any:
    return _make(number)
