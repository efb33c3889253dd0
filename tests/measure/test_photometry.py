"""Light in regions against photutils, sums by hand, and noise that was put in."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from photutils.aperture import (
    ApertureStats,
    CircularAperture,
    EllipticalAnnulus,
    aperture_photometry,
)

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.measure import MeasureFlag, measure_colour, measure_light, measure_region
from galseg.measure.regrid import covered_share
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

RNG = np.random.default_rng(3)
SHAPE = (80, 90)
FRAME = ImageFrame(SHAPE)
Y, X = np.indices(SHAPE)
IMAGE = RNG.normal(3, 1, SHAPE) + np.exp(-np.hypot(X - 40, Y - 35) / 15) * 20
NOISE = RNG.uniform(0.5, 1.5, SHAPE)
MASK = np.hypot(X - 50, Y - 40) < 9


@pytest.mark.parametrize("method", ["exact", "center"])
def test_sum_and_error_are_those_of_photutils(method):
    aperture = CircularAperture((41.3, 37.8), 11.2)
    shares = aperture.to_mask(method=method).to_image(SHAPE)
    table = aperture_photometry(IMAGE, aperture, error=NOISE, method=method)
    light = measure_light(shares, IMAGE, frame=FRAME, noise=NOISE)
    assert light.sum == pytest.approx(table["aperture_sum"][0])
    assert light.n_pixels == pytest.approx(shares.sum())
    errors_by_hand = np.sqrt(((shares * NOISE) ** 2).sum())
    assert light.sum_err == pytest.approx(errors_by_hand)
    if method == "center":
        assert light.sum_err == pytest.approx(table["aperture_sum_err"][0])


def test_mean_and_area_are_those_of_aperture_stats_with_missing_pixels():
    aperture = EllipticalAnnulus((44, 40), 8, 25, 14, theta=0.4 * u.rad)
    image = IMAGE.copy()
    image[38:43, 20:60] = np.nan
    stats = ApertureStats(np.nan_to_num(image), aperture, mask=np.isnan(image), sum_method="center")
    shares = aperture.to_mask(method="center").to_image(SHAPE)
    light = measure_light(shares, image, frame=FRAME, noise=NOISE)
    assert light.mean == pytest.approx(stats.mean)
    assert light.sum == pytest.approx(stats.sum)
    assert light.n_pixels == pytest.approx(stats.center_aper_area.value)
    assert light.n_nan == (np.isnan(image) & (shares > 0)).sum()
    assert light.flags & MeasureFlag.NAN_PIXELS


def test_a_pixel_without_noise_counts_as_missing():
    noise = NOISE.copy()
    noise[40, 50] = np.nan
    light = measure_light(MASK, IMAGE, frame=FRAME, noise=noise)
    known = MASK & np.isfinite(noise)
    assert (light.n_nan, light.n_pixels) == (1, known.sum())
    assert light.sum == pytest.approx(IMAGE[known].sum())


@pytest.mark.parametrize("name", ["plain", "SIP", "anisotropic", "galactic"])
def test_surface_brightness_is_per_solid_angle(name):
    frame = hostile_frame(HOSTILE[name], SHAPE)
    light = measure_light(MASK, np.full(SHAPE, 2.0) * u.nJy, frame=frame, centre=(40, 35))
    expected = 2.0 / frame.pixel_area_arcsec2
    assert light.surface_brightness.to_value(u.nJy / u.arcsec**2) == pytest.approx(
        expected, rel=0.003
    )
    assert light.solid_angle_arcsec2 == pytest.approx(
        MASK.sum() * frame.pixel_area_arcsec2, rel=0.003
    )


def test_a_map_per_solid_angle_is_integrated():
    frame = hostile_frame(HOSTILE["anisotropic"], SHAPE)
    per_sr = measure_light(
        MASK, np.full(SHAPE, 3.0) * u.MJy / u.sr, frame=frame, noise=NOISE * u.MJy / u.sr
    )
    assert per_sr.sum.unit == u.MJy
    steradian = (per_sr.solid_angle_arcsec2 * u.arcsec**2).to_value(u.sr)
    assert per_sr.sum.value == pytest.approx(3 * steradian)
    assert per_sr.mean.to_value(u.MJy / u.sr) == pytest.approx(3)
    assert per_sr.surface_brightness.to_value(u.MJy / u.sr) == pytest.approx(3)
    assert per_sr.sum_err / per_sr.sum == pytest.approx(per_sr.mean_err / per_sr.mean)


def test_a_region_from_another_grid_holds_the_light_that_it_covers():
    fine = hostile_frame({"scale_arcsec": (0.4, 0.4), "rotation_deg": 30}, (120, 120))
    coarse = hostile_frame({"scale_arcsec": (1.5, 1.5)}, (40, 40))
    mask = np.hypot(*np.indices(fine.shape) - 60) < 25
    shares = covered_share(mask, frame=fine, onto=coarse)
    light = measure_light(shares, np.full(coarse.shape, 2.0) * u.mJy / u.arcsec**2, frame=coarse)
    area = measure_region(mask, frame=fine).area_arcsec2
    assert light.sum.to_value(u.mJy) == pytest.approx(2 * area, rel=1e-4)


def test_contrast_is_against_the_same_radii_by_hand():
    radius = np.hypot(X - 40, Y - 35)
    ring = np.floor(radius).astype(int)
    above = below = 0.0
    for k in np.unique(ring[MASK]):
        beside = (ring == k) & ~MASK
        if beside.any():
            inside = (ring == k) & MASK
            above += IMAGE[inside].sum()
            below += inside.sum() * IMAGE[beside].mean()
    light = measure_light(MASK, IMAGE, frame=FRAME, centre=(40, 35), noise=NOISE)
    assert light.contrast == pytest.approx(above / below)


def test_contrast_follows_an_inclined_disc():
    frame = hostile_frame({"scale_arcsec": (1, 1)}, SHAPE)
    seen = np.hypot((X - 40) * 2.0, Y - 35)  # the line of nodes to the north, 60 degrees
    image = np.exp(-seen / 12) * np.where(MASK, 3.0, 1.0)
    known = {"frame": frame, "centre": (40, 35)}
    inclined = measure_light(MASK, image, inclination_deg=60, line_of_nodes_deg=0, **known)
    assert inclined.contrast == pytest.approx(3, rel=0.01)
    assert not inclined.flags & MeasureFlag.AS_SEEN
    face_on = measure_light(MASK, image, **known)
    assert face_on.flags & MeasureFlag.AS_SEEN
    assert abs(face_on.contrast / 3 - 1) > 0.1


def test_contrast_with_a_given_region():
    other = np.hypot(X - 15, Y - 15) < 7
    light = measure_light(MASK, IMAGE, frame=FRAME, noise=NOISE, comparison=other)
    expected = IMAGE[MASK].mean() / IMAGE[other].mean()
    assert light.contrast == pytest.approx(expected)
    assert not light.flags & MeasureFlag.CENTRE_ASSUMED


def test_share_of_the_total():
    given_total = measure_light(MASK, IMAGE, frame=FRAME, noise=NOISE, total=2 * IMAGE[MASK].sum())
    assert given_total.total_share == pytest.approx(0.5)
    assert given_total.total_share_err == pytest.approx(0.5 * given_total.sum_err / given_total.sum)
    galaxy = np.hypot(X - 45, Y - 38) < 25
    summed = measure_light(MASK, IMAGE, frame=FRAME, noise=NOISE, total=galaxy)
    assert summed.total_share == pytest.approx(IMAGE[MASK].sum() / IMAGE[galaxy].sum())
    unit = measure_light(MASK, IMAGE * u.mJy, frame=FRAME, total=2e-3 * IMAGE[MASK].sum() * u.Jy)
    assert unit.total_share == pytest.approx(0.5)


def test_errors_are_the_scatter_between_noise_realisations():
    truth = 4 + np.where(MASK, 5.0, 0.0)
    galaxy = np.hypot(X - 45, Y - 38) < 25
    lights = [
        measure_light(MASK, truth + RNG.normal(0, 1.5, SHAPE), frame=FRAME, total=galaxy)
        for _ in range(150)
    ]
    for name in ("sum", "mean", "contrast", "total_share"):
        values, errors = np.array([(getattr(a, name), getattr(a, f"{name}_err")) for a in lights]).T
        assert np.std(values) / np.mean(errors) == pytest.approx(1, abs=0.2)


def test_colour_is_that_of_the_pixels_seen_in_both_bands():
    one, other = IMAGE.copy(), 2.5 * IMAGE
    one[40, 50] = other[41, 50] = np.nan
    colour = measure_colour(MASK, one * u.mJy, other / 1000 * u.Jy, frame=FRAME)
    assert colour.magnitude == pytest.approx(2.5 * np.log10(2.5))
    assert colour.n_nan == 2
    both = measure_colour(MASK, IMAGE, IMAGE, frame=FRAME, zero_points=(25.0, 24.2))
    assert both.magnitude == pytest.approx(0.8)
    dark = measure_colour(MASK, IMAGE, -IMAGE, frame=FRAME)
    assert np.isnan(dark.magnitude)
    assert dark.flags & MeasureFlag.NO_LIGHT


def test_colour_error_is_that_of_the_sums():
    noise = np.full(SHAPE, 0.7)
    colour = measure_colour(MASK, IMAGE, 2 * IMAGE, frame=FRAME, noise=(noise, noise))
    relative = 0.7 * np.sqrt(MASK.sum()) / IMAGE[MASK].sum()
    assert colour.magnitude_err == pytest.approx(
        1.0857 * np.hypot(relative, relative / 2), rel=1e-3
    )


@given(st.floats(0.01, 100), st.floats(0.05, 1))
def test_scaling_the_image_and_the_shares(factor, share):
    one = measure_light(MASK, IMAGE, frame=FRAME, total=1e4)
    other = measure_light(share * MASK, factor * IMAGE, frame=FRAME, total=1e4)
    assert other.sum == pytest.approx(factor * share * one.sum)
    assert other.sum_err == pytest.approx(factor * share * one.sum_err)
    assert other.mean == pytest.approx(factor * one.mean)
    assert other.contrast == pytest.approx(one.contrast)
    assert other.total_share == pytest.approx(factor * share * one.total_share)


@pytest.mark.parametrize(
    ("region", "image", "flag"),
    [
        (np.zeros(SHAPE), IMAGE, MeasureFlag.EMPTY),
        (MASK, np.full(SHAPE, np.nan), MeasureFlag.NO_DATA),
        (np.ones(SHAPE), IMAGE, MeasureFlag.NO_LIGHT),  # nothing left to compare with
        (np.where(X < 30, np.nan, MASK), IMAGE, MeasureFlag.NAN_PIXELS),
        (MASK, -IMAGE, MeasureFlag.NO_LIGHT),
        (X == 0, IMAGE, MeasureFlag.TOUCHES_EDGE),
        ((X + Y) % 2 == 0, IMAGE, MeasureFlag.NO_WCS),
        ((X == 3) & (Y == 4), IMAGE, MeasureFlag.CENTRE_ASSUMED),
    ],
)
def test_hostile_regions_are_flagged(region, image, flag):
    light = measure_light(region, image, frame=FRAME)
    assert light.flags & flag
    if flag in (MeasureFlag.EMPTY, MeasureFlag.NO_DATA):
        assert np.isnan([light.sum, light.mean, light.contrast, light.sum_err]).all()


def test_bad_arguments_are_refused():
    with pytest.raises(ShapeError, match=r"region has shape \(3, 3\)"):
        measure_light(np.ones((3, 3)), IMAGE, frame=FRAME)
    with pytest.raises(ShapeError, match=r"image has shape \(3, 3\)"):
        measure_light(MASK, np.ones((3, 3)), frame=FRAME)
    with pytest.raises(ShapeError, match="shares of 0 to 1"):
        measure_light(MASK * 2, IMAGE, frame=FRAME)
    with pytest.raises(ConfigError, match="noise has the unit None"):
        measure_light(MASK, IMAGE * u.mJy, frame=FRAME, noise=NOISE)
    with pytest.raises(ConfigError, match="total has the unit"):
        measure_light(MASK, IMAGE * u.mJy, frame=FRAME, total=3.0)
    with pytest.raises(ConfigError, match="second image has the unit m"):
        measure_colour(MASK, IMAGE * u.mJy, IMAGE * u.m, frame=FRAME)
    with pytest.raises(FrameError, match="north"):
        measure_light(MASK, IMAGE, frame=FRAME, inclination_deg=30, line_of_nodes_deg=10)
