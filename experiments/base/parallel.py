"""Independent pieces of one step, several at a time in processes that are forked from it."""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from experiments.base.errors import UserError

Item = TypeVar("Item")
Made = TypeVar("Made")

BYTES = 4
"""Of the number of a piece in the pipe from which the processes take them."""
MOST = 10_000
"""Pieces whose numbers a pipe holds."""


def each(work: Callable[[Item], Made], items: Sequence[Item], processes: int = 1) -> list[Made]:
    """Return what `work` makes of each item, in their order.

    With more than one process, on Linux, forks of this process take the items one after another.
    They have all that it has read so far, and give back what they made, pickled. Raises what `work`
    raises, and UserError if a fork is ended from outside.

    >>> each(abs, [3, -2])
    [3, 2]
    """
    processes = min(processes, len(items))
    if processes < 2 or len(items) > MOST or sys.platform != "linux":
        return [work(item) for item in items]
    forks = multiprocessing.get_context("fork")
    numbers, full = os.pipe()
    os.write(full, b"".join(n.to_bytes(BYTES, "little") for n in range(len(items))))
    os.close(full)
    begun = []
    try:
        for _ in range(processes):
            answers, answer = forks.Pipe(duplex=False)
            process = forks.Process(target=_work, args=(work, items, numbers, answer))
            process.start()
            answer.close()  # so that it is closed when the fork ends
            begun.append((process, answers))
        found = dict(_answers([answers for _, answers in begun]))
    finally:
        os.close(numbers)
        for process, answers in begun:
            process.kill()
            process.join()
            answers.close()
    return [found[number] for number in range(len(items))]


def _answers(forks: list[Connection]) -> Iterator[tuple[int, Any]]:
    """Yield the number of each piece with what was made of it."""
    while forks:
        ready = wait(forks)
        for fork in [fork for fork in forks if fork in ready]:
            try:
                said: Any = fork.recv()
            except EOFError:
                raise UserError(
                    "a process of this step was ended, perhaps for want of memory; run it again, "
                    "with fewer cores if it is ended again"
                ) from None
            if isinstance(said, BaseException):
                raise said
            if said is None:
                forks.remove(fork)
            else:
                yield said


def _work(
    work: Callable[[Any], Any], items: Sequence[Any], numbers: int, answer: Connection
) -> None:
    """Take pieces until none is left; send what was made of each, or what was raised."""
    try:
        while piece := os.read(numbers, BYTES):
            number = int.from_bytes(piece, "little")
            answer.send((number, work(items[number])))
        answer.send(None)
    except UserError as error:
        answer.send(error)
    except Exception as error:
        traceback.print_exc()
        answer.send(RuntimeError(f"{type(error).__name__} in a process of this step, see above"))
