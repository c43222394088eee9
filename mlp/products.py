"""The update of a layer as one product: W <- W - a^T δ without storing a^T δ.

NumPy's products cannot add to their output; those of BLAS can, and SciPy gives access to them.
For a large layer the separate subtraction takes half as long as the product, because it reads the
weights once more. Without SciPy everything works, but large networks train more slowly.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray

LARGE = 4_000
"""The number of weights from which SciPy is worth the quarter of a second to load it."""


def at_once(sizes: Sequence[int]) -> bool:
    """Return whether a network is large enough for updates without a stored gradient.

    >>> at_once([64, 30, 10]), at_once([784, 100, 10])
    (False, True)
    """
    return sum(m * n for m, n in pairwise(sizes)) >= LARGE


@lru_cache
def _gemm(dtype: np.dtype[Any]) -> Any:
    """Return BLAS's general matrix product for a type; None without SciPy or for other types."""
    names = {np.dtype("float64"): "dgemm", np.dtype("float32"): "sgemm"}
    try:
        from scipy.linalg import blas
    except (ImportError, ValueError):  # not there, or built for another NumPy
        return None
    return getattr(blas, names[dtype]) if dtype in names else None


class Downdate:
    """c <- c - a^T b for each replica, in place: a (R, N, m), b (R, N, n), c (R, m, n).

    Every call uses the arrays given here. BLAS stores matrices by columns, so the matrices of c,
    or their transposes, must be stored so; `possible` says if they are and if BLAS is available.

    >>> a, b, c = np.ones((1, 2, 3)), np.ones((1, 2, 4)), np.full((1, 3, 4), 5.0)
    >>> if Downdate.possible(c):
    ...     Downdate(a, b, c)()
    """

    def __init__(self, a: Array, b: Array, c: Array) -> None:
        if c[0].flags.c_contiguous:  # the transpose is stored by columns: c^T <- c^T - b^T a
            a, b, c = b, a, c.mT
        self.gemm = _gemm(c.dtype)
        self.replicas = [(a[r].T, b[r].T, c[r]) for r in range(len(c))]

    @staticmethod
    def possible(c: Array) -> bool:
        """Return whether BLAS can write to the matrices of c (R, m, n)."""
        flags = c[0].flags  # BLAS itself does not check whether it may write
        fits = flags.writeable and (flags.c_contiguous or flags.f_contiguous)
        return fits and _gemm(c.dtype) is not None

    def __call__(self) -> None:
        gemm = self.gemm
        for a, b, c in self.replicas:
            gemm(-1.0, a, b, 1.0, c, 0, 1, 1)  # alpha, a, b, beta, c; a as it is, b transposed
