"""Where a list of work is cut into jobs: of about equal length, none with too much memory."""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from experiments.schema import Resources


def cuts(
    seconds: Sequence[float], megabytes: Callable[[int, int], int], resources: Resources
) -> Iterator[tuple[int, int, int]]:
    """Yield first, last and the megabytes needed of each job, over pieces that take `seconds`.

    A job that would need more memory than it may have is cut into halves.
    """
    seconds = np.asarray(seconds, dtype=float)
    ends = np.cumsum(seconds)
    count = max(1, math.ceil(ends[-1] / resources.job_seconds))
    places = np.minimum((ends - seconds) * count // ends[-1], count - 1)
    firsts = np.flatnonzero(np.diff(places, prepend=-1))  # places do not fall

    def fitting(first: int, last: int) -> Iterator[tuple[int, int, int]]:
        needed = megabytes(first, last)
        if last - first == 1 or needed <= resources.memory_mb:
            yield first, last, needed
        else:
            middle = (first + last) // 2
            yield from fitting(first, middle)
            yield from fitting(middle, last)

    for first, last in itertools.pairwise([*firsts.tolist(), len(seconds)]):
        yield from fitting(first, last)
