"""The steps of an optimizer on a stack: its memory, and the pieces in which it is updated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from math import prod

import numpy as np

from mlp.optimizers import Factor, Optimizer
from mlp.parameters import Parameters

Array = np.ndarray

PIECE = 65_536
"""The numbers of an array that are updated at once: so many that the calls cost little, and few
enough for a third-level cache to hold those of all arrays of a step (measured)."""


@dataclass
class Memory:
    """What an optimizer keeps between steps: their number, its velocities or moments.

    `eta` (R,) is the last step size, which the states of a linear optimizer are scaled by.
    """

    optimizer: str
    steps: int
    eta: Array
    states: list[Parameters]

    def assign(self, other: "Memory") -> None:
        """Continue as `other`, of the same optimizer, does: copy its numbers, in place."""
        self.steps, self.eta = other.steps, other.eta.copy()
        for mine, new in zip(self.states, other.states, strict=True):
            mine.assign(new)


@dataclass
class _Piece:
    """Parts of the parameters, the gradient, spare memory and the states, of one shape.

    `replicas` are those that they hold, if each has its own row; `columns` are the factors that
    differ between these.
    """

    arrays: tuple[Array, Array, Array, list[Array]]
    replicas: slice
    columns: dict[str, Array]


class Steps:
    """Moves the parameters of a stack by a gradient that is filled before each step.

    There is one optimizer for each replica; their hyper-parameters may differ. Raises ValueError
    if the optimizers themselves do.
    """

    def __init__(
        self, optimizers: Sequence[Optimizer], params: Parameters, gradient: Parameters
    ) -> None:
        names = sorted({each.name for each in optimizers})
        if len(names) > 1:
            raise ValueError(
                f"the replicas of a stack have one optimizer, found {' and '.join(names)}: "
                "train each in a stack of its own"
            )
        self.optimizer = first = optimizers[0]
        self.params, self.gradient = params, gradient
        states = [params.alike() for _ in range(first.states)]
        for state in states:
            state.fill(0)
        self.memory = Memory(first.name, 0, np.zeros(len(optimizers)), states)
        self.given = {
            one.name: common([getattr(each, one.name) for each in optimizers])
            for one in fields(first)
        }
        self._dtype = params.weights[0].dtype
        self._columns: dict[str, Array] = {}
        self._eta: Factor = 0.0

    def begin(self, eta: Array) -> None:
        """Use the step sizes `eta` (R,) from now on."""
        before, self.memory.eta = self.memory.eta, eta.copy()
        self._eta = common(eta)
        if self.optimizer.linear and (eta != before).any():
            ratio = np.divide(eta, before, out=np.zeros_like(eta), where=before != 0)
            for state in self.memory.states:
                for array in state.by_replica():
                    array *= ratio.astype(self._dtype).reshape(-1, *[1] * (array.ndim - 1))

    def __call__(self) -> None:
        """Take a step along the gradient, whose numbers are lost."""
        self.memory.steps += 1
        if self.optimizer.plain:
            self.params.subtract(self.gradient)
            return
        factors = self.optimizer.factors(self._eta, self.memory.steps, **self.given)
        own = [name for name, value in factors.items() if np.ndim(value)]
        # arrays without axes: NumPy would convert a number at each call
        shared = {n: np.array(factors[n], self._dtype) for n in factors if n not in own}
        update = self.optimizer.update
        if not own:
            for piece in self._flat:
                update(*piece.arrays, shared)
            return
        for name in own:
            self._column(name)[:, 0, 0] = factors[name]
        for piece in self._by_replica:
            update(*piece.arrays, shared | {name: piece.columns[name] for name in own})

    def _column(self, name: str) -> Array:
        """Return the memory (R, 1, 1) of a factor that differs between the replicas."""
        if name not in self._columns:
            R = len(self.params.weights[0])
            self._columns[name] = column = np.empty((R, 1, 1), self._dtype)
            for piece in self._by_replica:
                part = column[piece.replicas]
                piece.columns[name] = part if piece.arrays[0].ndim == 3 else part[:, 0]
        return self._columns[name]

    @cached_property
    def _flat(self) -> list[_Piece]:
        """Pieces in the order of the memory, for factors that all replicas share."""
        stacks = self.params, self.gradient, *self.memory.states
        return list(_pieces([stack.blocks() for stack in stacks]))

    @cached_property
    def _by_replica(self) -> list[_Piece]:
        """Pieces in which each replica has its own rows."""
        stacks = self.params, self.gradient, *self.memory.states
        return list(_pieces([stack.by_replica() for stack in stacks]))


def common(values: Sequence[float] | Array) -> Factor:
    """Return one number if all are equal, else an array of them.

    >>> common([0.5, 0.5]), common([0.5, 0.25])
    (0.5, array([0.5 , 0.25]))
    """
    array = np.asarray(values, dtype=float)
    return float(array[0]) if (array == array[0]).all() else array


def _pieces(stacks: Sequence[Sequence[Array]]) -> Iterator[_Piece]:
    """Yield pieces of the arrays of parameters, gradient and states, with spare memory."""
    spare = np.empty(PIECE, stacks[0][0].dtype)
    for together in zip(*stacks, strict=True):
        for cut in _cuts(together[0].shape):
            w, g, *states = (array[cut] for array in together)
            yield _Piece((w, g, spare[: w.size].reshape(w.shape), states), cut[0], {})


def _cuts(shape: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Yield the places of pieces of at most `PIECE` numbers in an array.

    >>> [cut[0].stop for cut in _cuts((3, 30_000))], len(list(_cuts((1, 200, 1000))))
    ([2, 4], 4)
    """
    first, *rest = shape
    each = prod(rest)
    count = max(1, PIECE // each)
    for start in range(0, first, count):
        if each <= PIECE:
            yield (slice(start, start + count),)
        else:
            yield from ((slice(start, start + 1), *cut) for cut in _cuts(tuple(rest)))
