"""Waves in rings, against the closed form of the light that they are fitted to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galseg import ImageFrame
from galseg.measure.fourier import FourierProfile, find_bar, fourier_profile
from galseg.measure.plane import LocalPlane

SHAPE = (101, 121)
CENTRE = (61.3, 48.8)
PLANE = LocalPlane.at(ImageFrame(SHAPE), CENTRE)


def polar(centre=CENTRE):
    y, x = np.indices(SHAPE, dtype=float)
    return np.hypot(x - centre[0], y - centre[1]), np.arctan2(y - centre[1], x - centre[0])


def waves(amplitude, phase):
    radius, azimuth = polar()
    return np.exp(-radius / 30) * (1 + amplitude * np.cos(2 * (azimuth - phase)))


def profile_of(a2, phase_deg, radius=None):
    a2 = np.asarray(a2, dtype=float)
    radius = np.arange(1.0, len(a2) + 1) if radius is None else radius
    small = np.full(len(a2), 0.001)
    return FourierProfile(radius, a2, small, np.radians(phase_deg), small)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 0.9), st.floats(-1.4, 1.4))
def test_amplitude_and_phase_are_those_of_the_light(amplitude, phase):
    profile = fourier_profile(waves(amplitude, phase), PLANE)
    rings = (profile.radius > 8) & (profile.radius < 40)
    np.testing.assert_allclose(profile.a2[rings], amplitude, rtol=0.02)
    np.testing.assert_allclose(profile.phase[rings], phase, atol=0.02)


def test_missing_pixels_do_not_change_the_wave():
    image = waves(0.4, 0.5)
    image[60:75, 20:110] = np.nan
    profile = fourier_profile(image, PLANE)
    rings = (profile.radius > 8) & (profile.radius < 38)
    np.testing.assert_allclose(profile.a2[rings], 0.4, atol=0.01)
    np.testing.assert_allclose(profile.phase[rings], 0.5, atol=0.02)


def test_rings_that_are_mostly_missing_are_left_out():
    radius, azimuth = polar()
    image = waves(0.4, 0.5)
    image[(abs(radius - 20) < 4) & (np.abs(azimuth) < 2)] = np.nan
    profile = fourier_profile(image, PLANE)
    assert not np.isin([19, 20, 21], profile.radius).any()
    assert np.isin([10, 30], profile.radius).all()


def test_errors_are_the_scatter_over_noisy_images():
    rng = np.random.default_rng(3)
    image = waves(0.3, 0.2)
    noisy = [fourier_profile(image + rng.normal(0, 0.03, SHAPE), PLANE) for _ in range(40)]
    rings = slice(14, 34)
    for name in ("a2", "phase"):
        scatter = np.std([getattr(p, name)[rings] for p in noisy], axis=0)
        claimed = np.mean([getattr(p, f"{name}_err")[rings] for p in noisy], axis=0)
        assert np.median(claimed / scatter) == pytest.approx(1, abs=0.35)


def test_too_faint_rings_end_the_profile():
    rng = np.random.default_rng(1)
    profile = fourier_profile(waves(0.3, 0.2) + rng.normal(0, 1.5, SHAPE), PLANE)
    assert len(profile.radius) < 30


RADIUS = np.arange(1.0, 61.0)
HUMP = 0.5 * np.exp(-0.5 * ((RADIUS - 20) / 8) ** 2)


def test_a_hump_of_constant_phase_is_a_bar():
    turned = np.clip(RADIUS - 30, 0, None) * 2.0 + 15  # leaves by 10 degrees at a radius of 35
    bar = find_bar(profile_of(HUMP, turned), tolerance_deg=10)
    assert bar is not None
    assert bar.r_peak == 20
    assert bar.r_phase == pytest.approx(35, abs=0.01)
    assert np.degrees(bar.phase) == pytest.approx(15)


@pytest.mark.parametrize("pitch_deg", [10, 20, 40])
def test_a_spiral_is_no_bar(pitch_deg):
    phase = np.degrees(np.log(RADIUS) / np.tan(np.radians(pitch_deg)))
    assert find_bar(profile_of(HUMP, phase), tolerance_deg=10) is None


def test_an_inclined_disc_is_no_bar():
    assert find_bar(profile_of(RADIUS / 80, np.zeros(60)), tolerance_deg=10) is None


def test_of_two_humps_the_higher_is_the_bar():
    nuclear = 0.3 * np.exp(-0.5 * ((RADIUS - 5) / 1.5) ** 2)
    bar = find_bar(profile_of(HUMP + nuclear, np.where(RADIUS < 10, 70, 0)), tolerance_deg=10)
    assert bar is not None
    assert bar.r_peak == pytest.approx(20, abs=1)


@pytest.mark.parametrize("n_rings", [0, 1, 2])
def test_few_rings_hold_no_bar(n_rings):
    profile = profile_of(np.full(n_rings, 0.5), np.zeros(n_rings), RADIUS[:n_rings])
    assert find_bar(profile, tolerance_deg=10) is None
