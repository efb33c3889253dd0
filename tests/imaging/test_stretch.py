"""The asinh stretch: its range, what it ignores, and its formula."""

import numpy as np
import pytest

from galseg.errors import ConfigError, ShapeError
from galseg.imaging.stretch import asinh_stretch

RNG = np.random.default_rng(4)
Y, X = np.mgrid[-32:32, -32:32]
GALAXY = 50 * np.exp(-np.hypot(X, Y) / 6) + RNG.normal(3, 0.5, X.shape)


def test_it_is_the_formula_of_lupton_2004():
    frame = np.ones(GALAXY.shape, dtype=bool)
    frame[6:-6, 6:-6] = False
    sky = np.median(GALAXY[frame])
    noise = 1.4826 * np.median(np.abs(GALAXY[frame] - sky))
    low, high = sky - noise, np.percentile(GALAXY, 99.8)
    expected = np.arcsinh((GALAXY - low).clip(0, high - low) / (3 * noise))
    expected /= np.arcsinh((high - low) / (3 * noise))
    np.testing.assert_allclose(asinh_stretch(GALAXY), expected, atol=1e-6)


def test_units_and_sky_level_do_not_matter():
    np.testing.assert_allclose(asinh_stretch(GALAXY), asinh_stretch(1e4 + 7 * GALAXY), atol=1e-5)


def test_it_keeps_the_order_of_pixels():
    stretched = asinh_stretch(GALAXY).ravel()[np.argsort(GALAXY.ravel())]
    assert (np.diff(stretched) >= 0).all()


def test_missing_pixels_are_zero_and_change_little():
    holed = GALAXY.copy()
    holed[20:24, 20:24] = np.nan
    holed[30, 30] = np.inf
    stretched = asinh_stretch(holed)
    assert (stretched[20:24, 20:24] == 0).all()
    assert stretched[30, 30] == 0
    seen = np.isfinite(holed)
    np.testing.assert_allclose(stretched[seen], asinh_stretch(GALAXY)[seen], atol=0.02)


def test_a_star_does_not_dim_the_galaxy():
    starred = GALAXY.copy()
    starred[2:4, 2:4] = 1e5
    assert np.abs(asinh_stretch(starred) - asinh_stretch(GALAXY))[10:-10, 10:-10].max() < 0.05


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_flat_and_missing_images_are_black(value):
    assert (asinh_stretch(np.full((8, 9), value)) == 0).all()


def test_bands_are_stretched_each_for_itself():
    cube = np.stack([GALAXY, 100 - GALAXY])
    np.testing.assert_array_equal(asinh_stretch(cube)[1], asinh_stretch(cube[1]))
    assert asinh_stretch(cube).dtype == np.float32


def test_integers_and_big_endian_data_are_read_as_numbers():
    counts = (GALAXY * 100).astype(">i4")
    np.testing.assert_allclose(asinh_stretch(counts), asinh_stretch(counts.astype(float)))


def test_bad_input_is_refused():
    with pytest.raises(ShapeError, match=r"\(ny, nx\)"):
        asinh_stretch(np.zeros(5))
    with pytest.raises(ConfigError, match="softening"):
        asinh_stretch(GALAXY, softening=0)
