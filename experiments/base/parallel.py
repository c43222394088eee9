"""Independent pieces of one step, several at a time in processes that are forked from it."""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from experiments.base.errors import UserError

FORKS: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
Item = TypeVar("Item")
Made = TypeVar("Made")

BYTES = 4
"""Of the number of a piece in the pipe from which the processes take them."""
MOST = 10_000
"""Pieces whose numbers a pipe holds."""


@contextmanager
def answering(work: Callable[..., None], *args: Any) -> Iterator[Connection]:
    """Yield where a new process answers: it calls `work` with `args` and its end of a pipe.

    Once it has ended, there is nothing more to receive (EOFError). It is ended with the block.
    """
    answers, answer = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=work, args=(*args, answer))
    process.start()
    answer.close()
    try:
        yield answers
    finally:
        answers.close()
        process.kill()
        process.join()


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
    numbers, full = os.pipe()
    os.write(full, b"".join(n.to_bytes(BYTES, "little") for n in range(len(items))))
    os.close(full)
    with ExitStack() as forks:
        forks.callback(os.close, numbers)
        begun = [
            forks.enter_context(answering(_work, work, items, numbers)) for _ in range(processes)
        ]
        found = dict(_answers(begun))
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
