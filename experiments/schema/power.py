"""What so many seeds, or datasets, can show at all: the smallest p-value of an exact test."""

from itertools import count

# Exact Wilcoxon with Holm finds an effect of 0.8 standard deviations with 93 % power for one
# planned pair and 71 % for six with 20 datasets; with 12 it is 67 and 29 %. Fewer are described.
MIN_DATASETS = 20


def smallest_p(seeds: int, pairs: int) -> float:
    """Return the smallest Holm-adjusted p that so many seeds allow: min(1, pairs 2/2^seeds).

    It holds for the sign-flip test and, with datasets for seeds, for Wilcoxon's.

    >>> smallest_p(seeds=5, pairs=1), smallest_p(seeds=10, pairs=6)
    (0.0625, 0.01171875)
    """
    return min(1.0, pairs * 2.0 ** (1 - seeds))


def seeds_needed(pairs: int, level: float = 0.05) -> int:
    """Return the smallest number of seeds for which :func:`smallest_p` is at most `level`.

    Read for datasets this gives 6 for two arms (1 pair), 7 for three and 8 for four (6 pairs).
    Raises ValueError where `level` is not positive.

    >>> [seeds_needed(pairs) for pairs in (1, 3, 6)]
    [6, 7, 8]
    """
    if not level > 0:
        raise ValueError(f"level must be positive, not {level}")
    return next(seeds for seeds in count(1) if smallest_p(seeds, pairs) <= level)
