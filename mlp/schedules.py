"""Learning-rate schedules, section 5.1 of the note.

A schedule is one function (η0, i, N_epochs) -> η(i), for the epochs i = 0, ..., N_epochs - 1.
"""

from math import cos, pi

from mlp.registry import Registry

SCHEDULES = Registry("schedule")


@SCHEDULES.register("constant")
def constant(eta: float, epoch: int, epochs: int) -> float:
    """Keep η(i) = η0."""
    return eta


@SCHEDULES.register("inverse")
def inverse(eta: float, epoch: int, epochs: int) -> float:
    """Fall as η(i) = η0 (1 - i/(1 + N_epochs)), (23): linearly, to 2η0/(N_epochs + 1).

    >>> inverse(1.0, 0, 9), inverse(1.0, 8, 9)
    (1.0, 0.19999999999999996)
    """
    return eta * (1 - epoch / (1 + epochs))


@SCHEDULES.register("step")
def step(eta: float, epoch: int, epochs: int) -> float:
    """Divide the step size by 10 after half and after three quarters of the epochs."""
    return eta * 0.1 ** ((epoch >= epochs / 2) + (epoch >= 3 * epochs / 4))


@SCHEDULES.register("exponential")
def exponential(eta: float, epoch: int, epochs: int) -> float:
    """Fall as η(i) = η0 100^(-i/N_epochs), to a hundredth at the end."""
    return eta * 100 ** (-epoch / epochs)


@SCHEDULES.register("cosine")
def cosine(eta: float, epoch: int, epochs: int) -> float:
    """Fall as η(i) = η0 (1 + cos(π i/N_epochs))/2, half a wave (Loshchilov and Hutter, 2017)."""
    return eta * (1 + cos(pi * epoch / epochs)) / 2
