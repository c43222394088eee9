"""The Ising model without a field, J = k_B = 1: H = -Σ s_i s_j over neighbours on a torus.

In two dimensions configurations are drawn by Swendsen-Wang cluster updates of many independent
chains at once; in one dimension random states come with their energies.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from pydantic import Field, field_validator

from experiments.datasets.source import DATASETS, Options, Shape, Source
from mlp import stream

Array = np.ndarray

CRITICAL = 2 / np.log(1 + np.sqrt(2))
"""T_c = 2/ln(1 + √2) = 2.269... (Onsager, 1944)."""

CRITICAL_RANGE = (2.0, 2.5)
"""The temperatures that the author's program leaves out, ends included."""

CHAINS = 25
"""Fewest chains for each temperature; the standard errors come from their means."""

BURN_IN = 100
"""Cluster updates of a chain before its first configuration, at least 12 τ for L up to 40."""

GAP = 10
"""Cluster updates between two configurations of a chain.

The integrated autocorrelation time τ of the energy, the slowest quantity, is largest near T_c.
Measured as in tests/ising_physics.py, in updates (errors of about 5 %):

    T        1.75   2.00   2.25   2.50   2.75   4.00
    L = 16   3.6    4.5    6.3    4.6    3.0    1.9
    L = 40   3.5    4.3    7.6    4.0    2.9    1.8

So configurations that follow each other in a chain are correlated by about exp(-20/τ): 0.07 next
to T_c, less than 0.01 elsewhere.
"""


# --- Cluster updates ----------------------------------------------------------------------------


class Chains:
    """Independent chains of L x L spins at one temperature, moved by Swendsen-Wang updates.

    `spins` (chains, L, L) holds -1 and +1. Chains start ordered below T_c and at random above.
    """

    def __init__(self, chains: int, L: int, temperature: float, rng: np.random.Generator) -> None:
        self.rng, self.bond = rng, -np.expm1(-2 / temperature)
        shape = (chains, L, L)
        self.spins = np.ones(shape, np.int8)
        if temperature > CRITICAL:
            self.spins = _signs(rng, self.spins.size).reshape(shape)
        site = np.arange(self.spins.size, dtype=np.int32).reshape(shape)
        below, right = np.roll(site, -1, axis=1), np.roll(site, -1, axis=2)
        self.neighbours = np.stack([below.ravel(), right.ravel()], axis=1)

    def update(self, times: int = 1) -> None:
        """Bind equal neighbours with p = 1 - exp(-2/T), give each cluster a random sign."""
        flat = self.spins.reshape(-1)
        for _ in range(times):
            clusters, label = self._clusters(flat)
            flat[:] = _signs(self.rng, clusters)[label]

    def _clusters(self, flat: Array) -> tuple[int, Array]:
        """Return the number of clusters of all chains, and the cluster of each site."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        bound = flat[self.neighbours] == flat[:, None]
        bound &= self.rng.random(bound.shape, dtype=np.float32) < self.bond
        starts = np.zeros(flat.size + 1, np.int32)
        np.cumsum(bound.sum(axis=1), out=starts[1:])
        ends = self.neighbours[bound]
        graph = csr_array((np.ones(ends.size, np.int8), ends, starts), shape=(flat.size,) * 2)
        return connected_components(graph, directed=False)


def _signs(rng: np.random.Generator, n: int) -> Array:
    return 2 * rng.integers(0, 2, n, dtype=np.int8) - 1


def chain_count(n: int) -> int:
    """Return the number of chains for n configurations: about sqrt(n), at least 25."""
    return min(n, max(CHAINS, int(np.ceil(np.sqrt(n)))))


def sample(L: int, temperature: float, n: int, seed: int) -> Array:
    """Return n configurations (n, L, L) of -1 and +1 at a temperature, chain after chain.

    Their stream goes by L, the temperature and the seed, so other temperatures change nothing.
    """
    rng = stream(f"ising2d L={L} T={temperature!r}", seed)
    count = chain_count(n)
    chains = Chains(count, L, temperature, rng)
    chains.update(BURN_IN)
    drawn = []
    for _ in range(-(-n // count)):
        chains.update(GAP)
        drawn.append(chains.spins.copy())
    return np.stack(drawn, axis=1).reshape(-1, L, L)[:n]


# --- Order and disorder in two dimensions -------------------------------------------------------

DESCRIBED = tuple(0.25 * k for k in range(1, 17))
VARIANTS = {
    "as described": {"temperatures": DESCRIBED, "configurations": 625, "spins": "-1/+1"},
    "as sampled": {"temperatures": (0.25, 2.75), "configurations": 5000, "spins": "0/1"},
}
"""The data as the companion study describes them, and as its program took them."""


class Ising2dOptions(Options):
    """The lattice and its temperatures; what is not given goes by the variant."""

    L: int = Field(16, ge=3, le=256, description="sites along an edge of the lattice")
    variant: Literal[tuple(VARIANTS)] = Field(
        "as described", description="defaults: 16 temperatures, -1/+1; or T = 0.25, 2.75, 0/1"
    )
    temperatures: list[float] | None = Field(
        None, min_length=1, description="temperatures in units of J/k_B"
    )
    configurations: int | None = Field(None, ge=5, description="configurations per temperature")
    spins: Literal["-1/+1", "0/1"] | None = Field(None, description="how a spin is written")
    critical: bool = Field(True, description="false leaves out the temperatures from 2.0 to 2.5")
    seed: int = Field(0, ge=0, lt=2**32, description="seed of the simulation")

    @field_validator("temperatures")
    @classmethod
    def _two_phases(cls, temperatures: list[float] | None) -> list[float] | None:
        for t in temperatures or []:
            if not 0.05 <= t <= 100:
                raise ValueError(f"temperatures must be between 0.05 and 100, found {t:g}")
        if len(set(temperatures or [])) != len(temperatures or []):
            raise ValueError("a temperature is twice in the list")
        if temperatures and len({t < CRITICAL for t in temperatures}) < 2:
            raise ValueError("temperatures on both sides of T_c = 2.269 are needed: two classes")
        return temperatures

    def chosen(self, name: str) -> Any:
        """Return an option, from the variant where it is not given."""
        given = getattr(self, name)
        return VARIANTS[self.variant][name] if given is None else given

    @property
    def used(self) -> list[float]:
        """The temperatures, without the critical range if it is left out."""
        low, high = CRITICAL_RANGE
        return [t for t in self.chosen("temperatures") if self.critical or not low <= t <= high]


@DATASETS.register("ising2d")
class Ising2d(Source):
    """Configurations of the two-dimensional Ising model, ordered (1) or not (0).

    The class of a configuration is 1 for T < T_c. Rows go by temperature, then by chain. Features
    are not standardised: the spins enter as the option `spins` writes them.
    """

    description = "configurations of the two-dimensional Ising model, below or above T_c"
    licence = "MIT (simulated by this project)"
    citation = "R. H. Swendsen and J.-S. Wang, Physical Review Letters 58, 86, 1987"
    standardise = False
    Options = Ising2dOptions

    def shape(self, options):
        samples = len(options.used) * options.chosen("configurations")
        return Shape(samples, options.L**2, 2)

    def load(self, options):
        n, L = options.chosen("configurations"), options.L
        spins = np.concatenate([sample(L, t, n, options.seed) for t in options.used])
        X = spins.reshape(len(spins), L * L).astype(np.float64)
        y = np.repeat([int(t < CRITICAL) for t in options.used], n)
        return {"X": X if options.chosen("spins") == "-1/+1" else (X + 1) / 2, "y": y}


# --- Energies in one dimension ------------------------------------------------------------------


class Ising1dOptions(Options):
    """The chain of spins and how it is shown to the network."""

    L: int = Field(20, ge=3, le=200, description="spins on the ring")
    samples: int = Field(1000, ge=20, description="number of random states")
    features: Literal["pairs", "products", "spins"] = Field(
        "pairs", description="s_i s_j for i < j; for all i and j; or the spins themselves"
    )
    seed: int = Field(0, ge=0, lt=2**32, description="seed of the states")


def _products(s: Array) -> Array:
    return (s[:, :, None] * s[:, None, :]).reshape(len(s), -1)


def _pairs(s: Array) -> Array:
    i, j = np.triu_indices(s.shape[1], 1)
    return s[:, i] * s[:, j]


FEATURES: dict[str, tuple[Callable[[Array], Array], Callable[[int], int]]] = {
    "pairs": (_pairs, lambda L: L * (L - 1) // 2),
    "products": (_products, lambda L: L * L),
    "spins": (lambda s: s, lambda L: L),
}
"""The features of states (N, L), and how many there are."""


@DATASETS.register("ising1d")
class Ising1d(Source):
    """Random states of a ring of spins with their energies E = -Σ s_i s_(i+1), for regression."""

    description = "random states of a ring of Ising spins, with their energies (regression)"
    licence = "MIT (generated by this project)"
    citation = "P. Mehta et al., Physics Reports 810, 1, 2019, section VI.D"
    standardise = False
    Options = Ising1dOptions

    def shape(self, options):
        return Shape(options.samples, FEATURES[options.features][1](options.L), 0)

    def load(self, options):
        rng = stream(f"ising1d L={options.L}", options.seed)
        s = _signs(rng, options.samples * options.L).reshape(-1, options.L).astype(np.float64)
        energy = -(s * np.roll(s, -1, axis=1)).sum(axis=1)
        return {"X": FEATURES[options.features][0](s), "y": energy[:, None]}
