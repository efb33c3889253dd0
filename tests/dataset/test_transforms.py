"""What a model gets to see."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.dataset.field_of_view import FieldOfView
from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.transforms import fill_unobserved, match_bands, model_input, on_grid
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.frame import ImageFrame
from galseg.imaging.petrosian import petrosian_radius
from galseg.io.images import GalaxyImage


def as_image(pixels, *, frame=None, display=False):
    pixels = np.asarray(pixels, dtype=np.float32)
    return GalaxyImage("J1", pixels, frame or ImageFrame(pixels.shape[1:]), display=display)


@pytest.fixture(scope="module")
def galaxy():
    return simulate_galaxy(3, shape=(70, 96))


@pytest.fixture(scope="module")
def image(galaxy):
    return galaxy.image[np.newaxis]


def test_values_lie_between_0_and_1_in_any_units(image):
    values, observed, _ = model_input(as_image(image), side=64)
    assert values.dtype == np.float32
    assert (values.min(), values.max()) >= (0, 0.5)
    assert values.max() <= 1
    again = model_input(as_image(image * 1e-9 + 1e-6), side=64).values
    np.testing.assert_allclose(again, values, atol=2e-2)
    assert observed[:8].sum() == 0  # the margin that makes the image square
    assert observed[32].all()


def test_missing_pixels_are_not_observed_and_do_not_bleed(image):
    holed = image.copy()
    holed[0, 10:20, 10:30] = np.nan
    values, observed, _ = model_input(as_image(holed), side=64)
    whole = model_input(as_image(image), side=64).values
    assert not observed[17:20, 9:18].any()
    assert np.isfinite(values).all()
    np.testing.assert_allclose(values[0, 25:], whole[0, 25:], atol=0.02)


def test_a_masked_star_leaves_no_hole_in_a_galaxy():
    y, x = np.mgrid[-32:32, -32:32]
    light = 100 * np.exp(-np.hypot(x, y) / 8) + np.random.default_rng(0).normal(0, 0.1, x.shape)
    holed = light.copy()
    holed[36:42, 36:42] = np.nan
    filled = on_grid(as_image(holed[np.newaxis]), side=64).pixels[0, 38, 38]
    assert filled == pytest.approx(light[38, 38], rel=0.15)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.98, 1.0])
def test_gaps_are_filled_with_what_lies_around_whatever_their_size(share):
    rng = np.random.default_rng(1)
    band = np.where(rng.random((40, 40)) < share, np.nan, 5).astype(np.float32)
    np.testing.assert_allclose(fill_unobserved(band), 0 if share == 1 else 5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_an_image_without_contrast_is_zero(dtype):
    values, observed, _ = model_input(as_image(np.full((1, 5, 5), 7, dtype=dtype)), side=8)
    assert (values == 0).all()
    assert observed.all()


def test_a_picture_is_not_stretched_twice():
    ramp = np.tile(np.linspace(0, 255, 64), (1, 64, 1))
    shown, linear = (
        np.diff(model_input(as_image(ramp, display=display), side=64).values[0, 32, 33:62])
        for display in (True, False)
    )
    np.testing.assert_allclose(shown, shown[0], rtol=1e-3)
    assert linear[0] > 1.05 * linear[-1]


def test_a_colour_picture_becomes_grey_and_nothing_else_is_guessed(image):
    colours = as_image(np.repeat(image, 3, axis=0) * [[[1]], [[2]], [[3]]], display=True)
    np.testing.assert_allclose(match_bands(colours, 1).pixels, 2 * image, rtol=1e-6)
    with pytest.raises(ShapeError, match=r"takes 1 band\(s\), the image 'J1' has 3"):
        match_bands(as_image(colours.pixels), 1)
    with pytest.raises(ShapeError, match=r"takes 3 band\(s\), the image 'J1' has 1"):
        match_bands(as_image(image), 3)


def test_the_square_shows_the_field_of_view_and_maps_are_nan_beyond_it(galaxy):
    frame = galaxy.frame
    image = as_image(galaxy.image[np.newaxis], frame=frame)
    field = 40 * frame.pixel_scale_arcsec
    _, observed, grid = model_input(image, side=32, field_of_view=f"{field} arcsec")
    assert observed.all()
    assert grid.scale == pytest.approx(40 / 32, rel=1e-5)
    maps = grid.to_image(np.ones((2, 32, 32), dtype=np.float32))
    seen = np.zeros((70, 96), dtype=bool)
    seen[15:55, 28:68] = True
    np.testing.assert_array_equal(np.isfinite(maps[0]), seen)
    np.testing.assert_allclose(maps[:, seen], 1, rtol=1e-5)


@given(scale=st.floats(3, 8))
def test_a_galaxy_looks_alike_at_any_distance_in_a_field_of_radii(scale):
    y, x = np.mgrid[-100:101, -100:101]
    light = np.exp(-np.hypot(x / 0.8, y) / scale)
    image = as_image(light[np.newaxis])
    radius = petrosian_radius(light)
    grid = on_grid(image, side=32, field_of_view="3 radii").grid
    assert grid.field / scale == pytest.approx(3 * radius / scale)
    assert radius / scale == pytest.approx(3.3, rel=0.06)


def test_a_given_radius_goes_before_the_measured_one(galaxy):
    image = as_image(galaxy.image[np.newaxis], frame=galaxy.frame)
    radius = 10 * galaxy.frame.pixel_scale_arcsec
    grid = on_grid(image, side=32, field_of_view="3 radii", radius_arcsec=radius).grid
    assert grid.field == pytest.approx(30)


@pytest.mark.parametrize(
    "text", ["", "all", "4", "four radii", "4 lightyears", "-1 arcsec", "nan radii"]
)
def test_a_field_of_view_that_is_none_is_named(text):
    with pytest.raises(ConfigError, match="field_of_view must be"):
        FieldOfView.parse(text)


def test_a_field_in_arcsec_needs_a_sky(image):
    with pytest.raises(FrameError, match="60 arcsec needs an image with a WCS"):
        model_input(as_image(image), side=32, field_of_view="60 arcsec")


@given(size=st.floats(0.1, 1e4), unit=st.sampled_from(["radii", "arcsec", "pixels"]))
def test_a_field_of_view_survives_its_text(size, unit):
    field = FieldOfView(float(f"{size:g}"), unit)
    assert FieldOfView.parse(str(field)) == field
