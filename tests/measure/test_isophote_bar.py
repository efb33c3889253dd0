"""Isophotes as ellipses, against light that is elliptical by construction."""

import numpy as np
import pytest

from galseg import ImageFrame
from galseg.measure.isophote_bar import IsophoteProfile, find_bar, isophote_profile
from galseg.measure.plane import LocalPlane

pytest.importorskip("photutils")

SHAPE = (61, 67)
CENTRE = (33.3, 29.8)
PLANE = LocalPlane.at(ImageFrame(SHAPE), CENTRE)


def elliptical(ellipticity, angle):
    y, x = np.indices(SHAPE, dtype=float)
    u = (x - CENTRE[0]) * np.cos(angle) + (y - CENTRE[1]) * np.sin(angle)
    v = (y - CENTRE[1]) * np.cos(angle) - (x - CENTRE[0]) * np.sin(angle)
    return np.exp(-np.hypot(u, v / (1 - ellipticity)) / 15)


def profile_of(ellipticity, angle_deg):
    n = len(ellipticity)
    small = np.full(n, 0.005)
    radius = 2 * 1.1 ** np.arange(n)
    angle = np.radians(np.broadcast_to(angle_deg, n))
    return IsophoteProfile(radius, np.array(ellipticity), small, angle, small)


def test_ellipses_have_the_shape_of_the_light():
    profile = isophote_profile(elliptical(0.4, 0.6), PLANE)
    assert profile is not None
    rings = profile.radius > 8
    np.testing.assert_allclose(profile.ellipticity[rings], 0.4, atol=0.01)
    np.testing.assert_allclose(profile.angle[rings], 0.6, atol=0.01)


def test_in_the_plane_of_the_disc_an_inclined_disc_is_round():
    stretch = np.diag([1.0, 1 / (1 - 0.4)])
    profile = isophote_profile(elliptical(0.4, 0.0), PLANE.stretched(stretch))
    assert profile is not None
    rings = profile.radius > 8
    assert profile.ellipticity[rings].max() < 0.02


def test_missing_pixels_are_left_out():
    image = elliptical(0.4, 0.6)
    image[36:40, 45:49] = np.nan
    profile = isophote_profile(image, PLANE)
    assert profile is not None
    np.testing.assert_allclose(profile.ellipticity[profile.radius > 8], 0.4, atol=0.02)


def test_noise_alone_has_no_isophotes():
    rng = np.random.default_rng(0)
    assert (
        isophote_profile(rng.normal(0, 1, (9, 9)), LocalPlane.at(ImageFrame((9, 9)), (4, 4)))
        is None
    )


ELLIPTICITY = [0.1, 0.2, 0.4, 0.55, 0.6, 0.55, 0.4, 0.3, 0.2, 0.2]


def test_a_maximum_with_a_drop_is_a_bar():
    angle = [0, 0, 0, 0, 0, 0, 0, 20, 40, 60]
    bar = find_bar(profile_of(ELLIPTICITY, angle), tolerance_deg=10)
    assert bar is not None
    assert bar.max_ellipticity == 0.6
    assert bar.r_max_ellipticity == pytest.approx(2 * 1.1**4)
    assert bar.r_twist == pytest.approx(2 * (1.1**6 + 1.1**7) / 2)


def test_isophotes_that_never_turn_have_no_twist():
    bar = find_bar(profile_of(ELLIPTICITY, 30.0), tolerance_deg=10)
    assert bar is not None
    assert np.isnan(bar.r_twist)
    assert bar.max_ellipticity == 0.6


@pytest.mark.parametrize(
    "ellipticity", [[0.1, 0.15, 0.2, 0.15, 0.1], [0.1, 0.2, 0.3, 0.4, 0.5], [0.3, 0.35, 0.3, 0.3]]
)
def test_no_maximum_no_bar(ellipticity):
    assert find_bar(profile_of(ellipticity, 0.0), tolerance_deg=10) is None
