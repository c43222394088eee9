"""Weights and biases, of one network or of a stack, and their layout in memory."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray


@dataclass
class Parameters:
    """Weights and biases, one array per layer; also the form of a gradient.

    A single network has weights[l] of shape (n_{l+1}, n_l) and biases[l] of (n_{l+1},);
    a stack has one more axis in front, for the replicas.
    """

    weights: Sequence[Array]
    biases: Sequence[Array]

    @classmethod
    def stack(cls, singles: Sequence["Parameters"]) -> "Stack":
        """Return a stack of single networks, copied to a memory layout for training.

        The single networks stay as they are: `stack.replica(r)` is what training changes.
        Raises ValueError if there is no network, or if their shapes or types differ.
        """
        kinds = {tuple((a.shape, a.dtype) for a in single.arrays()) for single in singles}
        if len(kinds) != 1:
            what = "networks of different shapes or types" if kinds else "no network"
            raise ValueError(f"a stack is of networks of one shape and type, found {what}")
        first = singles[0]
        sizes = [first.weights[0].shape[1], *(len(b) for b in first.biases)]
        stack = Stack(sizes, len(singles), first.weights[0].dtype)
        for r, single in enumerate(singles):
            stack.replica(r).assign(single)
        return stack

    def replica(self, r: int) -> "Parameters":
        """Return replica r of a stack, as views."""
        return Parameters([w[r] for w in self.weights], [b[r] for b in self.biases])

    def replicas(self, some: slice) -> "Parameters":
        """Return some replicas of a stack, as views."""
        return Parameters([w[some] for w in self.weights], [b[some] for b in self.biases])

    @property
    def single(self) -> bool:
        """Whether this is one network and not a stack."""
        return self.weights[0].ndim == 2

    def as_stack(self) -> "Parameters":
        """Return a single network as a stack of one, as views; a stack is returned unchanged."""
        if not self.single:
            return self
        return Parameters([w[None] for w in self.weights], [b[None] for b in self.biases])

    def copy(self) -> "Parameters":
        """Return a copy that has its own memory."""
        copy = self.alike()
        copy.assign(self)
        return copy

    def alike(self) -> "Parameters":
        """Return parameters of the same shapes and layout, without setting their numbers."""
        return Parameters(
            [np.empty_like(w) for w in self.weights], [np.empty_like(b) for b in self.biases]
        )

    def assign(self, other: "Parameters") -> None:
        """Copy the numbers of `other`, in place."""
        for mine, new in zip(self.arrays(), other.arrays(), strict=True):
            mine[...] = new

    def fill(self, value: float) -> None:
        """Set every number to `value`."""
        for block in self.blocks():
            block.fill(value)

    def add(self, other: "Parameters") -> None:
        """Add `other`, made by `alike`, number by number, in place."""
        for mine, more in zip(self.blocks(), other.blocks(), strict=True):
            np.add(mine, more, out=mine)

    def subtract(self, other: "Parameters") -> None:
        """Subtract `other`, made by `alike`, number by number, in place."""
        for mine, less in zip(self.blocks(), other.blocks(), strict=True):
            np.subtract(mine, less, out=mine)

    def unify_nans(self) -> None:
        """Give every NaN the same bits: otherwise its sign depends on its place in a stack."""
        for array in self.arrays():
            array[np.isnan(array)] = np.nan

    def arrays(self) -> Iterable[Array]:
        """Yield the weights and biases, layer by layer."""
        for pair in zip(self.weights, self.biases, strict=True):
            yield from pair

    def blocks(self) -> list[Array]:
        """Return the arrays that hold the numbers in memory, each number once."""
        return list(self.arrays())

    def by_replica(self) -> list[Array]:
        """Return such arrays of a stack with one axis for the replicas in front."""
        return list(self.arrays())

    def inputs(self, X: Array) -> Array:
        """Return samples X (N, n_0) in the form that the first layer of a stack takes."""
        return X

    def maps(self) -> list[tuple[Array, Array | None]]:
        """Return each layer of a stack as factor (R, n_in, n_out) and bias row, as views."""
        rows = [b[:, None, :] for b in self.biases]
        return list(zip([w.mT for w in self.weights], rows, strict=True))


NARROW = 100
"""The largest number of inputs for which joining weights and biases is faster (measured)."""

LINE = 64
"""Bytes in a cache line; each array of a stack begins at one."""


class Stack(Parameters):
    """Parameters of R replicas, initially zero, in one block of memory ordered for speed.

    A product is slower if its second factor is stored transposed. The weights are a second
    factor forward, as (n_in, n_out), and in all layers but the first also backward, as
    (n_out, n_in). So layers are stored as (n_out, n_in), except a narrow first layer and the
    later layers of a forward-only stack, which are stored as (n_in, n_out).

    A narrow first layer is `joined` with its biases, (R, n_0 + 1, n_1): with a column of ones
    next to the samples one product gives W a + b, and another the gradient of both. The `loose`
    part, at the end of the memory, holds the biases of the other layers.
    """

    def __init__(
        self, sizes: Sequence[int], R: int, dtype: np.dtype, forward_only: bool = False
    ) -> None:
        self.options = tuple(sizes), R, dtype, forward_only
        pairs = list(pairwise(sizes))
        narrow = sizes[0] <= NARROW
        m, n = pairs[0]
        shapes: list[tuple[int, ...]] = [(R, m + 1, n) if narrow else (R, n, m)]
        shapes += [(R, m, n) if forward_only else (R, n, m) for m, n in pairs[1:]]
        shapes += [(R, n) for n in sizes[1 + narrow :]]
        self.memory, starts, arrays = _carve(shapes, np.dtype(dtype))
        self._carved = arrays
        first, *weights = arrays[: len(pairs)]
        biases = arrays[len(pairs) :]
        self.loose = self.memory[starts[len(pairs)] :]
        self.joined = first if narrow else None
        if narrow:
            first, biases = first[:, :-1].mT, [first[:, -1], *biases]
        # tuples, because an array put in place of one of these would not be trained
        later = (w.mT if forward_only else w for w in weights)
        super().__init__((first, *later), tuple(biases))

    def alike(self) -> "Stack":
        return Stack(*self.options)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameters:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        # the arrays are views of one memory; pickled one by one they would be separate copies
        return _restored, (self.options, self.memory)

    def blocks(self) -> list[Array]:
        return [self.memory]

    def by_replica(self) -> list[Array]:
        return list(self._carved)

    def inputs(self, X: Array) -> Array:
        if self.joined is None:
            return X
        return np.hstack([X, np.ones((len(X), 1), X.dtype)])

    def maps(self) -> list[tuple[Array, Array | None]]:
        maps = super().maps()
        return maps if self.joined is None else [(self.joined, None), *maps[1:]]


def _restored(options: tuple[Any, ...], memory: Array) -> Stack:
    stack = Stack(*options)
    stack.memory[...] = memory
    return stack


def _carve(
    shapes: Sequence[tuple[int, ...]], dtype: np.dtype
) -> tuple[Array, list[int], list[Array]]:
    """Return an array of zeros, the offsets of arrays of the shapes in it, and these arrays.

    Each begins at a cache line; the last offset is the end.
    """
    step = LINE // dtype.itemsize
    starts = np.cumsum([0, *(-(-math.prod(shape) // step) * step for shape in shapes)]).tolist()
    memory = np.zeros(starts[-1] + step, dtype)
    skip = (-memory.ctypes.data % LINE) // dtype.itemsize
    memory = memory[skip : skip + starts[-1]]
    pieces = zip(starts, shapes, strict=False)
    return memory, starts, [memory[at : at + math.prod(s)].reshape(s) for at, s in pieces]
