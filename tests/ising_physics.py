"""Observables of the Ising model and their exact values, to test its simulation against."""

import numpy as np

from experiments.datasets.ising import BURN_IN, CHAINS, CRITICAL, Chains
from mlp import stream


def energy_per_site(spins: np.ndarray) -> np.ndarray:
    """Return H/L² of configurations (..., L, L): -1/L² Σ s (s_below + s_right), in units of J."""
    s = np.asarray(spins, dtype=float)
    return -(s * (np.roll(s, -1, axis=-2) + np.roll(s, -1, axis=-1))).mean(axis=(-2, -1))


def magnetisation(spins: np.ndarray) -> np.ndarray:
    """Return m = Σ s/L² of configurations (..., L, L)."""
    return np.mean(spins, axis=(-2, -1), dtype=float)


def onsager_energy(temperature: float) -> float:
    """Return the energy per site of the infinite lattice (Onsager, Phys. Rev. 65, 117, 1944).

    u = -coth(2β) [1 + (2/π)(2 tanh²(2β) - 1) K(k)], k = 2 sinh(2β)/cosh²(2β), β = 1/T.

    >>> round(onsager_energy(CRITICAL), 6)
    -1.414214
    """
    from scipy.special import ellipkm1

    b = 2 / temperature
    rest = np.tanh(b) ** 2
    k1 = (2 * rest - 1) ** 2  # 1 - k², exactly
    if k1 < 1e-30:
        return float(-1 / np.tanh(b))
    return float(-(1 + 2 / np.pi * (2 * rest - 1) * ellipkm1(k1)) / np.tanh(b))


def yang_magnetisation(temperature: float) -> float:
    """Return |m| = (1 - sinh(2/T)^-4)^(1/8), 0 from T_c on (Yang, Phys. Rev. 85, 808, 1952).

    >>> round(yang_magnetisation(2.0), 6), yang_magnetisation(2.5)
    (0.911319, 0.0)
    """
    if temperature >= CRITICAL:
        return 0.0
    return float((1 - np.sinh(2 / temperature) ** -4.0) ** 0.125)


def enumerated(L: int, temperature: float) -> dict[str, float]:
    """Return the exact means of E/L² and |m| of an L x L torus, by its 2^(L²) states (L ≤ 4)."""
    if L > 4:
        raise ValueError(f"2^{L * L} states are too many to enumerate")
    bits = np.arange(2 ** (L * L))[:, None] >> np.arange(L * L) & 1
    spins = (2 * bits - 1).reshape(-1, L, L)
    energy = energy_per_site(spins)
    weight = np.exp(-(energy - energy.min()) * L * L / temperature)
    weight /= weight.sum()
    m = np.abs(magnetisation(spins))
    return {"energy": float(weight @ energy), "magnetisation": float(weight @ m)}


def autocorrelation_time(series: np.ndarray, window: float = 6.0) -> float:
    """Return the integrated autocorrelation time τ = 1 + 2 Σ ρ(t) of chains (chains, times).

    In steps of the series; 1 is independence, and n steps are worth n/τ. The sum ends at the
    first t ≥ `window` τ (Sokal, Monte Carlo Methods in Statistical Mechanics, 1997), which
    leaves out about exp(-`window`) of it. The mean is that of all chains together; a series that
    never changes has τ = 1.
    """
    x = series - series.mean()
    n = x.shape[1]
    power = np.abs(np.fft.rfft(x, 2 * n, axis=1)) ** 2
    covariance = np.fft.irfft(power, axis=1)[:, :n].mean(axis=0) / np.arange(n, 0, -1)
    if covariance[0] <= 1e-30:
        return 1.0
    taus = 2 * np.cumsum(covariance / covariance[0]) - 1
    ends = np.flatnonzero(np.arange(n) >= window * taus)
    return float(taus[ends[0] if len(ends) else -1])


def measured_autocorrelation(
    L: int, temperature: float, updates: int = 2000, seed: int = 0
) -> dict[str, float]:
    """Return τ of the energy and of |m| in cluster updates, over 25 chains."""
    chains = Chains(CHAINS, L, temperature, stream("ising2d autocorrelation", seed))
    chains.update(BURN_IN)
    seen = []
    for _ in range(updates):
        chains.update()
        seen.append((energy_per_site(chains.spins), np.abs(magnetisation(chains.spins))))
    energy, m = np.moveaxis(np.array(seen), 0, -1)
    return {
        "energy": autocorrelation_time(energy),
        "magnetisation": autocorrelation_time(m),
    }
