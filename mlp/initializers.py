"""Initial weights and biases, section 5.2 of the note.

An initializer is one function of standard-normal draws, so runs of one seed share the draws
and differ only in their scale. fan_in is n_{l-1}, fan_out is n_l.
"""

from math import sqrt

import numpy as np

from mlp.registry import Registry

INITIALIZERS = Registry("initializer")
BIAS_INITIALIZERS = Registry("bias initializer")

Array = np.ndarray


@INITIALIZERS.register("large")
def large(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw from N(0, 1)."""
    return draws


@INITIALIZERS.register("default")
def default(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw from N(0, 1/N_train), 1/N_train being the variance."""
    return draws / sqrt(n_train)


@INITIALIZERS.register("default_literal")
def default_literal(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw from N(0, 1) and divide by N_train."""
    return draws / n_train


@INITIALIZERS.register("fan_in")
def fan_in(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw with the standard deviation 1/sqrt(n_{l-1}), as the author's program does."""
    return draws / sqrt(fan_in)


@INITIALIZERS.register("glorot")
def glorot(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw with the variance 2/(n_{l-1} + n_l) (Glorot and Bengio, 2010)."""
    return draws * sqrt(2 / (fan_in + fan_out))


@INITIALIZERS.register("he")
def he(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw with the variance 2/n_{l-1} (He et al., 2015)."""
    return draws * sqrt(2 / fan_in)


@BIAS_INITIALIZERS.register("like_weights")
def like_weights(draws: Array, scaled: Array) -> Array:
    """Draw biases like the weights, as the note says."""
    return scaled


@BIAS_INITIALIZERS.register("normal")
def normal(draws: Array, scaled: Array) -> Array:
    """Draw biases from N(0, 1), as the author's program and the textbook do."""
    return draws


@BIAS_INITIALIZERS.register("zeros")
def zeros(draws: Array, scaled: Array) -> Array:
    """Set biases to 0."""
    return np.zeros_like(draws)
