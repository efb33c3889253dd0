"""Fits of logarithmic spirals against numpy and scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from galseg.measure.logspiral import LogSpiral, fit_log_spiral

AZIMUTH = np.linspace(0.5, 4.0, 200)
EVEN = np.ones_like(AZIMUTH)


def noisy_arm(seed, slope=0.3, scatter=0.05):
    noise = np.random.default_rng(seed).normal(0, scatter, AZIMUTH.shape)
    return np.exp(2 + slope * AZIMUTH + noise)


def test_slope_is_that_of_least_squares_on_gaussian_scatter():
    radius = noisy_arm(1, scatter=0.02)
    arm = fit_log_spiral(AZIMUTH, radius, weights=EVEN, correlation_length=1.0)
    assert arm.slope == pytest.approx(np.polyfit(AZIMUTH, np.log(radius), 1)[0], abs=5e-4)


def test_a_spur_does_not_tilt_the_arm():
    radius = noisy_arm(2, scatter=0.01)
    radius[170:] *= np.linspace(1.2, 2, 30)
    arm = fit_log_spiral(AZIMUTH, radius, weights=EVEN, correlation_length=1.0)
    assert arm.slope == pytest.approx(0.3, abs=0.01)
    assert np.polyfit(AZIMUTH, np.log(radius), 1)[0] > 0.4


def test_errors_of_slope_and_ends_are_those_of_many_fits():
    arms = []
    for seed in range(300):
        radius = noisy_arm(seed)
        arms.append(fit_log_spiral(AZIMUTH, radius, weights=EVEN, correlation_length=0.277))
    n_independent = arms[0].arc_length / 0.277
    assert n_independent == pytest.approx(200, rel=0.2)
    assert arms[0].slope_err == pytest.approx(np.std([arm.slope for arm in arms]), rel=0.2)
    outer = [math.log(arm.radii[1]) for arm in arms]
    assert arms[0].log_r_err(4.0) == pytest.approx(np.std(outer), rel=0.2)


def test_ends_that_are_off_tilt_a_line_as_much_as_is_said():
    rng = np.random.default_rng(3)
    exact = np.exp(3 + 0.0 * AZIMUTH)
    off = rng.normal(0, 0.5, (400, 2))
    slopes = [
        fit_log_spiral(
            AZIMUTH,
            exact + np.interp(AZIMUTH, AZIMUTH[[0, -1]], ends),
            weights=EVEN,
            correlation_length=1.0,
        ).slope
        for ends in off
    ]
    arm = fit_log_spiral(AZIMUTH, exact, weights=EVEN, correlation_length=1.0, end_err=0.5)
    assert arm.slope_err == pytest.approx(np.std(slopes), rel=0.1)


@given(st.floats(-1.2, 1.2), st.floats(0.1, 9.0))
def test_arc_length_is_the_integral_along_the_spiral(slope, turn):
    arm = LogSpiral(1.0, slope, 0.0, 0.0, turn, 0.0)
    speed = math.hypot(1, slope)
    integral, _ = quad(lambda t: math.exp(1.0 + slope * t) * speed, 0, turn)
    assert arm.arc_length == pytest.approx(integral, rel=1e-6)
    inner, outer = arm.radii
    if abs(slope) > 0.01:
        along = (outer - inner) / math.sin(math.radians(arm.pitch_angle_deg))
        assert arm.arc_length == pytest.approx(along, rel=1e-6)
