"""The Ising model against what is known exactly."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import quad

from experiments.datasets import DATASETS
from experiments.datasets.ising import CRITICAL, Chains, chain_count, sample
from mlp import stream
from reports.figures.pictures.fits import fits, true_couplings
from tests.ising_physics import (
    autocorrelation_time,
    energy_per_site,
    enumerated,
    magnetisation,
    measured_autocorrelation,
    onsager_energy,
    yang_magnetisation,
)

SIGMAS = 4.5
"""Deviations of this many standard errors are refused; seeds are fixed, so no test is a lottery."""


def load(**options):
    source = DATASETS["ising2d"]
    return source.load(source.Options(**options))


def deviation(values, n: int, exact: float) -> float:
    """Return how many standard errors the mean is off; they come from the means of the chains."""
    chains = values.reshape(chain_count(n), -1).mean(axis=1)
    return (values.mean() - exact) / (chains.std(ddof=1) / np.sqrt(len(chains)))


@pytest.mark.parametrize("temperature", [1.0, 1.75, 2.0])
def test_energy_and_magnetisation_below_the_critical_temperature(temperature):
    spins = sample(24, temperature, n := 900, seed=1)
    energy, m = energy_per_site(spins), np.abs(magnetisation(spins))
    assert abs(deviation(energy, n, onsager_energy(temperature))) < SIGMAS
    assert abs(deviation(m, n, yang_magnetisation(temperature))) < SIGMAS


@pytest.mark.parametrize("temperature", [2.75, 4.0])
def test_energy_above_the_critical_temperature(temperature):
    """The correction for a finite lattice is of order exp(-L/ξ): ξ = 2.3 at T = 2.75, L = 32."""
    spins = sample(32, temperature, n := 625, seed=2)
    assert abs(deviation(energy_per_site(spins), n, onsager_energy(temperature))) < SIGMAS
    assert np.abs(magnetisation(spins)).mean() < 0.2
    assert yang_magnetisation(temperature) == 0


@pytest.mark.parametrize("temperature", [0.5, 1.5, CRITICAL, 4.0])
def test_the_4_x_4_lattice_agrees_with_the_sum_over_its_states(temperature):
    exact = enumerated(4, temperature)
    spins = sample(4, temperature, n := 10_000, seed=3)
    energy, m = energy_per_site(spins), np.abs(magnetisation(spins))
    if temperature == 0.5:  # no spin turns: the error is that of counting none
        assert exact["energy"] == pytest.approx(energy.mean(), abs=3e-5)
        assert exact["magnetisation"] == pytest.approx(m.mean(), abs=1e-5)
    else:
        assert abs(deviation(energy, n, exact["energy"])) < SIGMAS
        assert abs(deviation(m, n, exact["magnetisation"])) < SIGMAS


def test_enumeration_of_known_states():
    cold, hot = enumerated(4, 0.1), enumerated(4, 1e9)
    assert cold == pytest.approx({"energy": -2, "magnetisation": 1})
    assert hot["energy"] == pytest.approx(0, abs=1e-8)
    with pytest.raises(ValueError, match="too many"):
        enumerated(5, 1.0)


@pytest.mark.parametrize("temperature", [0.1, 0.25, 1.0, 2.0, 2.5, 4.0, 50.0])
def test_onsager_energy_is_the_derivative_of_his_free_energy(temperature):
    """-βf = ln(2)/2 + 1/(2π) ∫ ln(cosh²2β + sqrt(sinh⁴2β + 1 - 2 sinh²2β cos 2θ)), 0 to π.

    The derivative in β by central differences; absolute error below 1e-5.
    """

    def log_partition(beta):
        c, s = np.cosh(2 * beta) ** 2, np.sinh(2 * beta) ** 2

        def inner(x):
            return np.log(c + np.sqrt((s - 1) ** 2 + 2 * s * (1 - np.cos(2 * x))))

        return quad(inner, 0, np.pi, limit=200)[0] / (2 * np.pi)

    beta, h = 1 / temperature, 1e-4 / temperature
    expected = -(log_partition(beta + h) - log_partition(beta - h)) / (2 * h)
    assert onsager_energy(temperature) == pytest.approx(expected, abs=1e-5)


def test_exact_values_at_and_about_the_critical_temperature():
    assert onsager_energy(CRITICAL) == pytest.approx(-np.sqrt(2), abs=1e-10)
    assert yang_magnetisation(CRITICAL) == 0 < yang_magnetisation(CRITICAL - 1e-9)
    assert onsager_energy(0.05) == -2


def test_observables_of_known_configurations():
    up = np.ones((4, 4), np.int8)
    chess = np.indices((4, 4)).sum(axis=0) % 2 * 2 - 1
    one = up.copy()
    one[1, 2] = -1
    assert [energy_per_site(s) for s in (up, -up, chess, one)] == [-2, -2, 2, -2 + 8 / 16]
    assert [magnetisation(s) for s in (up, -up, chess, one)] == [1, -1, 0, 14 / 16]


def test_autocorrelation_time_of_a_known_process():
    """x_t = a x_(t-1) + noise has τ = (1 + a)/(1 - a); 50 chains of 4,000 give it within 8 %."""
    rng = np.random.default_rng(0)
    for a in (0.0, 0.5, 0.8):
        x = np.zeros((50, 4000))
        noise = rng.standard_normal(x.shape)
        for t in range(1, x.shape[1]):
            x[:, t] = a * x[:, t - 1] + noise[:, t]
        assert autocorrelation_time(x[:, 100:]) == pytest.approx((1 + a) / (1 - a), rel=0.08)
    assert autocorrelation_time(np.ones((3, 10))) == 1


def test_configurations_are_nearly_independent():
    """After 10 updates even next to T_c little is left: τ is in units of configurations."""
    found = measured_autocorrelation(12, 2.25, updates=400)
    assert 3 < found["energy"] < 9
    spins = sample(12, 2.25, n := 900, seed=4)
    series = energy_per_site(spins).reshape(chain_count(n), -1)
    assert autocorrelation_time(series) < 1.8


def test_both_signs_of_magnetisation_occur_at_low_temperature():
    m = magnetisation(sample(8, 0.25, 200, seed=0))
    np.testing.assert_array_equal(np.abs(m), 1)
    assert 70 < (m > 0).sum() < 130


def test_chains_do_not_touch_each_other():
    """The bonds of one chain join its own sites only."""
    chains = Chains(3, 5, 2.0, stream("test", 0))
    assert (chains.neighbours // 25 == np.arange(75)[:, None] // 25).all()


def test_temperatures_have_streams_of_their_own():
    two = load(L=6, temperatures=[1.0, 3.0], configurations=20)
    three = load(L=6, temperatures=[1.0, 2.0, 3.0], configurations=20)
    np.testing.assert_array_equal(two["X"], three["X"][np.r_[:20, 40:60]])
    assert two["y"].tolist() == [1] * 20 + [0] * 20


def test_variants_are_those_of_the_companion_study():
    Options, shape = DATASETS["ising2d"].Options, DATASETS["ising2d"].shape
    described, sampled = Options(L=40), Options(L=40, variant="as sampled")
    assert described.used == [0.25 * k for k in range(1, 17)]
    assert sum(t < CRITICAL for t in described.used) == 9
    assert shape(described).samples == shape(sampled).samples == 10_000
    assert sampled.used == [0.25, 2.75]
    away = Options(critical=False)
    assert not set(away.used) & {2.0, 2.25, 2.5}
    assert len(away.used) == 13
    made = load(L=4, variant="as sampled", configurations=10)
    assert set(np.unique(made["X"])) == {0, 1}
    assert set(np.unique(load(L=4, configurations=5)["X"])) == {-1, 1}


@pytest.mark.parametrize(
    "temperatures", [[1.0, 2.0], [3.0], [1.0, 1.0, 3.0], [0.0, 3.0], [1.0, float("nan")]]
)
def test_temperatures_that_make_no_two_classes_are_refused(temperatures):
    with pytest.raises(ValidationError):
        DATASETS["ising2d"].Options(temperatures=temperatures)


# --- One dimension ----------------------------------------------------------------------------


@pytest.mark.parametrize("features", ["pairs", "products"])
def test_energies_are_linear_in_the_products(features):
    source = DATASETS["ising1d"]
    made = source.load(source.Options(L=7, samples=50, features=features))
    w = true_couplings(7)
    if features == "products":
        full = np.zeros((7, 7))
        full[np.triu_indices(7, 1)] = w
        w = full.ravel()
    np.testing.assert_array_equal(made["X"] @ w, made["y"].ravel())
    assert w.sum() == -7


def test_energies_are_those_of_the_spins():
    source = DATASETS["ising1d"]
    made = source.load(source.Options(L=5, samples=30, features="spins"))
    s = made["X"]
    by_hand = [-sum(row[i] * row[(i + 1) % 5] for i in range(5)) for row in s]
    np.testing.assert_array_equal(made["y"].ravel(), by_hand)


@pytest.mark.parametrize("n_train", [30, 400])
def test_the_network_finds_the_couplings_as_the_linear_models_do(n_train):
    found = {fit.model.split(",")[0]: fit for fit in fits(L=10, n_train=n_train, n_test=100)}
    assert list(found) == ["network", "ordinary least squares", "ridge", "lasso"]
    assert all(fit.couplings.shape == (45,) for fit in found.values())
    assert found["lasso"].error < 0.2  # few couplings are not 0, which is what lasso looks for
    if n_train > 45:  # more energies than couplings
        assert all(fit.r2_test > 0.99 for fit in found.values())
        assert found["network"].error < 0.02
        assert found["ordinary least squares"].error < 1e-12
    else:
        assert found["ordinary least squares"].r2_train == pytest.approx(1)
        assert found["ordinary least squares"].r2_test < 0.9
        assert found["lasso"].r2_test > 0.95
