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


@pytest.mark.parametrize("percentile", [1e-3, 50.0, 99.8, 100.0])
@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (5, 5), (7, 8), (64, 64)], ids=str)
def test_medians_and_percentiles_are_numpys(shape, percentile):
    image = RNG.normal(5, 2, shape).astype(np.float32)
    border = np.ones(shape, dtype=bool)
    deep = [max(1, round(n / 10)) for n in shape]
    border[deep[0] : shape[0] - deep[0], deep[1] : shape[1] - deep[1]] = False
    values = image.astype(np.float64)
    outer = values[border] if border.sum() >= 16 else values.ravel()
    sky = np.median(outer)
    noise = 1.4826 * np.median(np.abs(outer - sky))
    low, high = sky - noise, np.percentile(values, percentile)
    expected = ((values - low).clip(0, high - low) / (high - low)) if high > low else 0 * values
    for given in (image, values):
        stretched = asinh_stretch(given, softening=np.inf, high_percentile=percentile)
        np.testing.assert_array_equal(stretched, expected.astype(np.float32))


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
