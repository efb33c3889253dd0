"""The pitch angles of galaxies against brute force, and against galaxies that were simulated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import trapezoid

from galseg.errors import ConfigError, ShapeError
from galseg.measure import pitch_hierarchy, summarise_samples


def brute_force(pitch, err, prior):
    """Means and standard deviations of galaxy and arms, with every integral on a grid."""
    scatter, mean, arm = np.geomspace(1, 5e3, 60), np.linspace(0, 90, 91), np.linspace(0, 90, 361)
    s, m, a = scatter[:, None, None], mean[None, :, None], arm[None, None, :]
    truth = stats.truncnorm.pdf(a, -m / s, (90 - m) / s, loc=m, scale=s)
    likelihood = [stats.norm.pdf(arm, y, e) for y, e in zip(pitch, err, strict=True)]
    moments = trapezoid(truth * np.array(likelihood)[:, None, None], arm, axis=-1)
    prior_pdf = stats.invgamma.pdf(scatter, prior[0], scale=prior[1])[:, None]

    def total(values):
        return trapezoid(trapezoid(prior_pdf * values, mean, axis=1), scatter)

    def summary(first, second):
        evidence = total(moments.prod(axis=0))
        return total(first) / evidence, np.sqrt(
            total(second) / evidence - (total(first) / evidence) ** 2
        )

    arms = []
    for k, values in enumerate(likelihood):
        others = np.delete(moments, k, axis=0).prod(axis=0)
        powers = (trapezoid(truth * values * arm**n, arm, axis=-1) * others for n in (1, 2))
        arms.append(summary(*powers))
    return summary(*(moments.prod(axis=0) * mean**n for n in (1, 2))), arms


@pytest.mark.parametrize(
    ("pitch", "err"),
    [([14.0, 24.0], [2.0, 1.5]), ([3.0, 6.0, 2.0], [2.0, 2.0, 3.0]), ([85.0], [4.0])],
)
def test_means_and_errors_are_those_of_brute_force(pitch, err):
    prior = (2.0, 20.0)
    galaxy, arms = brute_force(pitch, err, prior)
    posterior = pitch_hierarchy(pitch, err, scatter_prior=prior, n_samples=40_000)
    found = summarise_samples(posterior.galaxy_pitch_deg)
    assert found.mean[0] == pytest.approx(galaxy[0], abs=4 * galaxy[1] / 200)
    assert found.err[0] == pytest.approx(galaxy[1], rel=0.03)
    found = summarise_samples(posterior.arm_pitch_deg)
    for k, (mean, width) in enumerate(arms):
        assert found.mean[k] == pytest.approx(mean, abs=4 * width / 200)
        assert found.err[k] == pytest.approx(width, rel=0.03)


def simulated(rng, n_galaxies, n_arms, err=2.0, prior=(4.0, 40.0)):
    scatter = stats.invgamma.rvs(prior[0], scale=prior[1], random_state=rng)
    mean = rng.uniform(0, 90, n_galaxies)
    galaxy = np.repeat(np.arange(n_galaxies), n_arms)
    centre = mean[galaxy]
    arm = stats.truncnorm.rvs(
        -centre / scatter, (90 - centre) / scatter, centre, scatter, random_state=rng
    )
    return scatter, mean, arm, np.clip(rng.normal(arm, err), -90, 90), galaxy


def test_truths_rank_evenly_among_the_samples():
    # Talts et al. (2018), arXiv:1804.06788: simulation-based calibration.
    rng = np.random.default_rng(3)
    n_simulations, n_samples = 200, 99
    ranks = []
    for seed in range(n_simulations):
        scatter, mean, arm, measured, galaxy = simulated(rng, 3, 2)
        posterior = pitch_hierarchy(
            measured, np.full(6, 2.0), galaxy,
            scatter_prior=(4.0, 40.0), n_samples=n_samples, seed=seed,
        )  # fmt: skip
        ranks.append([
            (posterior.arm_scatter_deg < scatter).sum(),
            (posterior.galaxy_pitch_deg[:, 1] < mean[1]).sum(),
            (posterior.arm_pitch_deg[:, 4] < arm[4]).sum(),
        ])  # fmt: skip
    for name, column in zip(("scatter", "galaxy", "arm"), np.transpose(ranks), strict=True):
        counts = np.bincount(column // 10, minlength=10)
        assert stats.chisquare(counts).pvalue > 0.01, (name, counts)


def test_many_galaxies_tell_the_scatter_that_one_cannot():
    rng = np.random.default_rng(5)
    galaxy = np.repeat(np.arange(60), 2)
    pitch = np.clip(rng.normal(rng.uniform(15, 40, 60)[galaxy], 8), 1, 89)
    one = summarise_samples(pitch_hierarchy(pitch[:2], [1.0, 1.0]).arm_scatter_deg)
    all_ = summarise_samples(pitch_hierarchy(pitch, np.ones(120), galaxy).arm_scatter_deg)
    assert all_.mean == pytest.approx(8, abs=2.5 * all_.err)
    assert all_.err < 1.2 < one.err


def test_galaxies_are_told_apart_by_name():
    posterior = pitch_hierarchy([10.0, 40.0, 12.0], [1.0] * 3, ["M51", "M101", "M51"])
    assert posterior.galaxies.tolist() == ["M101", "M51"]
    m101, m51 = summarise_samples(posterior.galaxy_pitch_deg).mean
    assert m51 < 20 < 30 < m101


def test_an_arm_against_its_galaxy_counts_as_a_circle():
    posterior = pitch_hierarchy([-20.0, 15.0], [1.0, 1.0])
    against, along = summarise_samples(posterior.arm_pitch_deg).mean
    assert 0 < against < 0.2
    assert along == pytest.approx(15, abs=0.2)


@given(
    st.lists(st.floats(-90, 90), min_size=1, max_size=5),
    st.floats(1e-3, 1e3),
)
def test_samples_stay_in_range(pitch, err):
    posterior = pitch_hierarchy(pitch, np.full(len(pitch), err), n_samples=50)
    for samples in (posterior.galaxy_pitch_deg, posterior.arm_pitch_deg):
        assert ((samples >= 0) & (samples <= 90)).all()
    assert (posterior.arm_scatter_deg > 0).all()


def test_the_seed_decides():
    one, again, other = (
        pitch_hierarchy([10.0, 20.0], [1.0, 1.0], n_samples=20, seed=seed).galaxy_pitch_deg
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (([], []), {}, ShapeError, "A > 0"),
        (([10.0], [1.0, 2.0]), {}, ShapeError, r"\(2,\)"),
        (([10.0], [1.0], [0, 1]), {}, ShapeError, "galaxy_index"),
        (([np.nan], [1.0]), {}, ConfigError, "pitch_deg"),
        (([10.0], [0.0]), {}, ConfigError, "above 0"),
        (([10.0], [np.nan]), {}, ConfigError, "err_deg"),
        (([10.0], [1.0]), {"n_samples": 0}, ConfigError, "n_samples"),
        (([10.0], [1.0]), {"scatter_prior": (0, 1)}, ConfigError, "scatter_prior"),
    ],
)
def test_bad_arguments_are_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        pitch_hierarchy(*arguments, **options)


def test_no_samples_have_no_summary():
    with pytest.raises(ShapeError, match="S > 0"):
        summarise_samples([])
