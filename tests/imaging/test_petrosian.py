"""Petrosian radii, against their definition integrated by hand and against another library."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from galseg.errors import ShapeError
from galseg.imaging.petrosian import petrosian_radius

Y, X = np.mgrid[-150:151, -150:151]


def exact_radius(profile):
    def excess(r):
        ring = quad(lambda s: profile(s) * s, 0.8 * r, 1.25 * r)[0] * 2 / (1.25**2 - 0.8**2) / r**2
        return ring - 0.2 * quad(lambda s: profile(s) * s, 0, r)[0] * 2 / r**2

    return brentq(excess, 0.5, 140)


@pytest.mark.parametrize("scale", [3.0, 8.0, 20.0])
@pytest.mark.parametrize("n", [0.5, 1.0])
def test_the_radius_is_that_of_the_definition(scale, n):
    def profile(r):
        return np.exp(-((r / scale) ** (1 / n)))

    measured = petrosian_radius(1e3 * profile(np.hypot(X, Y)))
    assert measured == pytest.approx(exact_radius(profile), rel=0.02)


def test_neither_units_nor_sky_nor_holes_matter():
    light = np.exp(-np.hypot(X, Y) / 10)
    radius = petrosian_radius(light)
    assert petrosian_radius(7 + 3e-5 * light) == pytest.approx(radius, rel=1e-3)
    holed = np.where(np.hypot(X - 20, Y) < 6, np.nan, light)
    assert petrosian_radius(holed) == pytest.approx(radius, rel=0.02)


@pytest.mark.parametrize("image", [np.zeros((9, 9)), np.full((9, 9), np.nan), np.ones((1, 1))])
def test_without_a_galaxy_there_is_no_radius(image):
    assert np.isnan(petrosian_radius(image))


def test_a_cube_is_refused():
    with pytest.raises(ShapeError, match="ny, nx"):
        petrosian_radius(np.zeros((3, 4, 5)))
