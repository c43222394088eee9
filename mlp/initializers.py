"""Initial weights and biases, section 5.2 of the note.

An initializer is one function of standard-normal draws, so runs of one seed share the draws:
most differ only in their scale. It is called with the draws of the weights, (n_l, n_{l-1}), and of
the biases, (n_l,). fan_in is n_{l-1}, fan_out is n_l.
"""

from math import erf, sqrt

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
    """Draw with the standard deviation 1/sqrt(n_{l-1}), as the author's program does.

    It is LeCun's initialisation (LeCun et al., 1998).
    """
    return draws / sqrt(fan_in)


@INITIALIZERS.register("glorot")
def glorot(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw with the variance 2/(n_{l-1} + n_l) (Glorot and Bengio, 2010)."""
    return draws * sqrt(2 / (fan_in + fan_out))


@INITIALIZERS.register("he")
def he(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw with the variance 2/n_{l-1} (He et al., 2015)."""
    return draws * sqrt(2 / fan_in)


@INITIALIZERS.register("lecun_uniform")
def lecun_uniform(draws: Array, *, fan_in: float, fan_out: int, n_train: int) -> Array:
    """Draw uniformly between ±sqrt(3/n_{l-1}), of variance 1/n_{l-1} (LeCun et al., 1998).

    If x is a draw of N(0, 1), erf(x/√2) is a uniform draw between -1 and 1.
    """
    uniform = np.vectorize(erf, otypes=[float])(draws / sqrt(2))
    return uniform * sqrt(3 / fan_in)


@INITIALIZERS.register("glorot_uniform")
def glorot_uniform(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw uniformly between ±sqrt(6/(n_{l-1} + n_l)) (Glorot and Bengio, 2010; "Xavier")."""
    return lecun_uniform(draws, fan_in=(fan_in + fan_out) / 2, fan_out=fan_out, n_train=n_train)


@INITIALIZERS.register("he_uniform")
def he_uniform(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Draw uniformly between ±sqrt(6/n_{l-1}), of variance 2/n_{l-1} (He et al., 2015)."""
    return lecun_uniform(draws, fan_in=fan_in / 2, fan_out=fan_out, n_train=n_train)


@INITIALIZERS.register("orthogonal")
def orthogonal(draws: Array, *, fan_in: int, fan_out: int, n_train: int) -> Array:
    """Make the columns of W orthonormal, or its rows if they are fewer (Saxe et al., 2014).

    W is Q of the draws' decomposition QR in which R has a positive diagonal, so every such W is
    equally likely (Mezzadri, 2007). Biases are drawn with the mean square of such weights,
    1/max(n_{l-1}, n_l).
    """
    if draws.ndim == 1:
        return draws / sqrt(max(fan_in, fan_out))
    wide = fan_in > fan_out
    q, r = np.linalg.qr(draws.T if wide else draws)
    q = np.copysign(1, np.diagonal(r)) * q
    return np.ascontiguousarray(q.T if wide else q)


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
