"""What so many seeds can show at all: the smallest p-value of an exact sign-flip test."""

import math


def smallest_p(seeds: int, pairs: int) -> float:
    """Return the smallest Holm-adjusted two-sided p, 2/2^n times the number of pairs.

    >>> smallest_p(10, 6)
    0.01171875
    """
    return min(1.0, pairs * 2 / 2**seeds)


def seeds_needed(pairs: int, level: float) -> int:
    """Return the fewest seeds whose smallest adjusted p is at most the level.

    >>> seeds_needed(6, 0.05)
    8
    """
    return max(1, math.ceil(math.log2(2 * pairs / level)))
