"""Change of the pitch angle along arms of known curvature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.measure.curvature import pitch_angle_change_deg
from galseg.measure.logspiral import fit_log_spiral

AZIMUTH = np.linspace(0.5, 4.0, 200)
EVEN = np.ones_like(AZIMUTH)


def noisy_arm(seed, slope=0.3, scatter=0.05):
    noise = np.random.default_rng(seed).normal(0, scatter, AZIMUTH.shape)
    return np.exp(2 + slope * AZIMUTH + noise)


@given(st.floats(0.1, 0.8), st.floats(-0.05, 0.05), st.floats(0.1, 10.0), st.booleans())
def test_change_of_pitch_keeps_to_the_curve_whatever_its_size_and_winding(
    rise, bend, scale, mirrored
):
    azimuth = -AZIMUTH[::-1] if mirrored else AZIMUTH
    radius = scale * np.exp(rise * np.abs(azimuth) + bend * azimuth**2)
    arm = fit_log_spiral(azimuth, radius, weights=EVEN, correlation_length=1.0)
    change, err = pitch_angle_change_deg(arm, azimuth, radius, weights=EVEN, n_independent=50)
    inner, outer = np.degrees(np.arctan(rise + 2 * bend * AZIMUTH[[0, -1]]))
    if rise + bend * AZIMUTH[[0, -1]].sum() > 0:
        assert change == pytest.approx(outer - inner, abs=1e-4)
    assert err < 1e-4


def test_change_of_pitch_is_unknown_for_a_stub():
    arm = fit_log_spiral(AZIMUTH, noisy_arm(0), weights=EVEN, correlation_length=1.0)
    change = pitch_angle_change_deg(arm, AZIMUTH, noisy_arm(0), weights=EVEN, n_independent=3)
    assert np.isnan(change).all()


def test_error_of_the_change_is_the_scatter_of_many():
    found = []
    for seed in range(300):
        radius = noisy_arm(seed)
        arm = fit_log_spiral(AZIMUTH, radius, weights=EVEN, correlation_length=1.0)
        found.append(pitch_angle_change_deg(arm, AZIMUTH, radius, weights=EVEN, n_independent=200))
    change, err = np.transpose(found)
    assert np.median(err) == pytest.approx(np.std(change), rel=0.2)
