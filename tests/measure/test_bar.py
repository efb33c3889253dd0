"""Bars of known length on the sky, whatever the pixels do."""

import astropy.units as u
import cv2
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.cosmology import WMAP9, Planck18
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.geometry import polygon_mask
from galseg.measure import MeasureFlag, measure_bar
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    at_position_angle,
    boxy_ellipse,
    hostile_frame,
    inclined,
    mask_on_sky,
)

CENTRE = (104.3, 97.8)
PIXELS = ImageFrame((120, 160))


def angle_between(a, b):
    return abs((a - b + 90) % 180 - 90)


def pixel_bar(length, width, angle_deg, centre=(80.2, 59.7), power=4.0):
    outline = affinity.rotate(boxy_ellipse(length, width, power), angle_deg, origin=(0, 0))
    return polygon_mask(affinity.translate(outline, *centre), PIXELS.shape)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("position_angle", [12.0, 101.0])
def test_length_width_and_angle_on_hostile_skies(name, position_angle):
    frame = hostile_frame(HOSTILE[name])
    outline = at_position_angle(boxy_ellipse(32.0, 10.0), position_angle)
    bar = measure_bar(mask_on_sky(frame, CENTRE, outline), frame=frame, centre=CENTRE)
    assert bar.length_arcsec == pytest.approx(32, rel=0.02)
    assert bar.width_arcsec == pytest.approx(10, rel=0.05)
    assert bar.axis_ratio == pytest.approx(10 / 32, rel=0.06)
    assert angle_between(bar.position_angle_deg, position_angle) < 0.7
    middle = SkyCoord(bar.ra_deg, bar.dec_deg, unit="deg")
    assert middle.separation(frame.to_sky([CENTRE])[0]).arcsec < 0.2
    assert bar.flags == 0


@pytest.mark.parametrize(("power", "median", "worst"), [(2, 0.5, 4), (4, 0.5, 3), (40, 0.5, 3)])
def test_lengths_of_exact_masks_are_good_to_a_fraction_of_a_pixel(power, median, worst):
    rng = np.random.default_rng(4)
    errors, angles = [], []
    for _ in range(60):
        length, angle = np.exp(rng.uniform(np.log(12), np.log(110))), rng.uniform(0, 180)
        width = max(2.5, length * rng.uniform(0.2, 0.5))
        mask = pixel_bar(length, width, angle, rng.uniform((79, 59), (81, 61)), power)
        bar = measure_bar(mask, frame=PIXELS)
        errors.append(100 * abs(bar.length_pix / length - 1))
        (x0, y0), (x1, y1) = bar.ends_xy
        angles.append(angle_between(np.degrees(np.arctan2(y1 - y0, x1 - x0)), angle))
    assert np.median(errors) < median
    assert np.percentile(errors, 95) < worst
    assert np.median(angles) < 0.3


@settings(max_examples=15, deadline=None)
@given(st.floats(1.5, 4), st.floats(0, 180))
def test_a_larger_image_gives_a_larger_bar(scale, angle):
    small, large = (
        measure_bar(pixel_bar(length, 0.3 * length, angle), frame=PIXELS)
        for length in (28, 28 * scale)
    )
    assert large.length_pix / small.length_pix == pytest.approx(scale, rel=0.05)
    assert large.axis_ratio == pytest.approx(small.axis_ratio, rel=0.1)


@settings(max_examples=40)
@given(st.integers(0, 3), st.booleans(), st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_turned_mirrored_and_shifted_images_give_the_same_bar(turns, flip, shift):
    mask = pixel_bar(50, 14, 33)
    moved = np.roll(np.rot90(mask.T if flip else mask, turns), shift, axis=(0, 1))
    one = measure_bar(mask, frame=PIXELS)
    other = measure_bar(moved, frame=ImageFrame(moved.shape))
    assert other.length_pix == pytest.approx(one.length_pix, rel=2e-3)
    assert other.axis_ratio == pytest.approx(one.axis_ratio, rel=2e-3)


def test_ragged_ends_holes_and_a_second_blob_change_little():
    mask = pixel_bar(60, 16, 20)
    clean = measure_bar(mask, frame=PIXELS)
    rng = np.random.default_rng(1)
    edge = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3)))
    ragged = mask ^ ((edge > 0) & (rng.random(mask.shape) < 0.3))
    ragged[58:62, 79:82] = False
    ragged[5:20, 130:150] = True
    bar = measure_bar(ragged, frame=PIXELS)
    assert bar.length_pix == pytest.approx(clean.length_pix, abs=1.5)
    assert bar.flags & MeasureFlag.SEVERAL_COMPONENTS


def test_a_blurred_map_has_the_length_of_its_mask():
    mask = pixel_bar(60, 16, 20, power=40)
    blurred = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2.0)
    bar = measure_bar(blurred, frame=PIXELS)
    assert bar.length_pix == pytest.approx(60, abs=0.7)
    assert 0.7 < bar.probability < 1


def test_the_error_of_a_blurred_end_is_the_width_of_the_blur():
    # P(the bar reaches beyond s) is a Gaussian of 3 pixels at each end.
    mask = pixel_bar(70, 30, 0, power=200)
    blurred = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 3.0)
    bar = measure_bar(blurred, frame=PIXELS)
    assert bar.length_pix_err == pytest.approx(3 * np.sqrt(2), rel=0.05)


def test_more_volunteers_give_smaller_errors():
    blurred = cv2.GaussianBlur(pixel_bar(60, 16, 20).astype(np.float32), (0, 0), 3.0)
    few, many = (measure_bar(blurred, frame=PIXELS, n_asked=n) for n in (15, 240))
    assert few.length_pix == many.length_pix
    pixel_grid = 2 / 12  # variance of two ends, each anywhere in its pixel
    from_votes = [bar.length_pix_err**2 - pixel_grid for bar in (few, many)]
    assert from_votes[0] / from_votes[1] == pytest.approx(240 / 15, rel=0.1)


def test_errors_cover_the_truth_for_simulated_volunteers():
    rng = np.random.default_rng(7)
    n_asked, pulls = 20, []
    for _ in range(40):
        angle = rng.uniform(0, 180)
        votes = np.zeros(PIXELS.shape, dtype=np.float32)
        for _ in range(n_asked):
            centre = rng.normal((80, 60), 1.0)
            length = 50 * np.exp(rng.normal(0, 0.08))
            votes += pixel_bar(length, 15, angle + rng.normal(0, 4), centre)
        bar = measure_bar(votes / n_asked, frame=PIXELS, n_asked=n_asked)
        pulls.append((bar.length_pix - 50) / bar.length_pix_err)
    assert 0.5 < np.mean(np.abs(pulls) < 1) < 0.9


@pytest.mark.parametrize(("inclination", "nodes"), [(0, 20), (40, 75), (58, 160)])
def test_deprojected_length_is_the_one_in_the_disc(inclination, nodes):
    frame = hostile_frame(HOSTILE["mirrored and rotated"])
    in_disc = at_position_angle(boxy_ellipse(36.0, 9.0), 130)
    mask = mask_on_sky(frame, CENTRE, inclined(in_disc, inclination, nodes))
    bar = measure_bar(mask, frame=frame, inclination_deg=inclination, line_of_nodes_deg=nodes)
    assert bar.length_deprojected_arcsec == pytest.approx(36, rel=0.02)
    assert bar.length_arcsec <= bar.length_deprojected_arcsec * 1.01
    assert bar.flags == 0


def test_lengths_in_kpc():
    frame = hostile_frame(HOSTILE["plain"])
    mask = mask_on_sky(frame, CENTRE, at_position_angle(boxy_ellipse(30, 10), 40))
    bar = measure_bar(mask, frame=frame, redshift=0.05, inclination_deg=70, line_of_nodes_deg=40)
    distance_kpc = Planck18.angular_diameter_distance(0.05).to_value("kpc")
    kpc = distance_kpc * np.radians(1 / 3600)
    assert bar.length_kpc == pytest.approx(bar.length_arcsec * kpc)
    assert bar.length_deprojected_kpc == pytest.approx(bar.length_deprojected_arcsec * kpc)
    assert bar.length_kpc_err == pytest.approx(bar.length_arcsec_err * kpc)
    assert bar.flags == MeasureFlag.HIGH_INCLINATION


def test_a_distance_or_another_cosmology_sets_the_scale():
    frame = hostile_frame(HOSTILE["plain"])
    mask = mask_on_sky(frame, CENTRE, at_position_angle(boxy_ellipse(30, 10), 40))
    near = measure_bar(mask, frame=frame, redshift=0.05, distance_mpc=10.0)
    assert near.length_kpc == pytest.approx(near.length_arcsec * np.radians(1e4 / 3600))
    wmap = measure_bar(mask, frame=frame, redshift=0.05, cosmology=WMAP9)
    per_arcsec = WMAP9.kpc_proper_per_arcmin(0.05).value / 60
    assert wmap.length_kpc == pytest.approx(wmap.length_arcsec * per_arcsec)


@pytest.mark.parametrize("known", [{}, {"inclination_deg": 50, "line_of_nodes_deg": 120}])
def test_length_over_the_disc_is_that_in_the_disc_where_it_is_known(known):
    frame = hostile_frame(HOSTILE["mirrored"])
    mask = mask_on_sky(frame, CENTRE, at_position_angle(boxy_ellipse(30, 10), 40))
    bar = measure_bar(mask, frame=frame, disc_radius_arcsec=25.0, **known)
    length = bar.length_deprojected_arcsec if known else bar.length_arcsec
    err = bar.length_deprojected_arcsec_err if known else bar.length_arcsec_err
    assert bar.length_over_disc_diameter == pytest.approx(length / 50)
    assert bar.length_over_disc_diameter_err == pytest.approx(err / 50)


@pytest.mark.parametrize("name", HOSTILE)
def test_centre_offset_is_the_angle_to_the_middle_of_the_bar(name):
    frame = hostile_frame(HOSTILE[name])
    mask = mask_on_sky(frame, CENTRE, at_position_angle(boxy_ellipse(32, 10), 70))
    sky = frame.to_sky([CENTRE])[0].directional_offset_by(25 * u.deg, 3 * u.arcsec)
    bar = measure_bar(mask, frame=frame, centre=sky)
    assert bar.centre_offset_arcsec == pytest.approx(3, abs=0.2)
    assert 0 < bar.centre_offset_arcsec_err < 0.3


def test_what_is_not_known_leaves_no_offset_and_no_ratio():
    frame = hostile_frame(HOSTILE["plain"])
    bar = measure_bar(mask_on_sky(frame, CENTRE, boxy_ellipse(30, 10)), frame=frame)
    for name in ("centre_offset_arcsec", "length_over_disc_diameter", "length_kpc"):
        assert np.isnan(getattr(bar, name))
        assert np.isnan(getattr(bar, f"{name}_err"))


@pytest.mark.parametrize("redshift", [0.0, -0.01, np.nan, np.inf])
def test_a_redshift_that_gives_no_distance_is_flagged(redshift):
    frame = hostile_frame(HOSTILE["plain"])
    bar = measure_bar(
        mask_on_sky(frame, CENTRE, boxy_ellipse(30, 10)), frame=frame, redshift=redshift
    )
    assert np.isnan(bar.length_kpc)
    assert bar.length_arcsec > 29
    assert bar.flags == MeasureFlag.BAD_REDSHIFT


def test_without_a_wcs_only_pixels_are_measured():
    bar = measure_bar(pixel_bar(50, 12, 70), frame=PIXELS, redshift=0.03)
    assert bar.length_pix == pytest.approx(50, abs=0.6)
    assert bar.axis_ratio == pytest.approx(12 / 50, rel=0.06)
    for name in ("ra_deg", "length_arcsec", "length_kpc", "width_arcsec", "position_angle_deg"):
        assert np.isnan(getattr(bar, name))
    assert bar.flags == MeasureFlag.NO_WCS


def test_a_bar_beside_the_centre_is_flagged():
    mask = pixel_bar(50, 12, 0)
    assert not measure_bar(mask, frame=PIXELS, centre=(80, 60)).flags & MeasureFlag.OFF_CENTRE
    assert measure_bar(mask, frame=PIXELS, centre=(80, 75)).flags & MeasureFlag.OFF_CENTRE


def test_missing_pixels_beside_the_bar_are_flagged():
    values = pixel_bar(50, 12, 0).astype(float)
    values[40, 10] = np.nan
    assert not measure_bar(values, frame=PIXELS).flags & MeasureFlag.NAN_PIXELS
    values[57:63, 79:83] = np.nan
    bar = measure_bar(values, frame=PIXELS)
    assert bar.flags & MeasureFlag.NAN_PIXELS
    assert bar.length_pix == pytest.approx(50, abs=1)


def one(*pixels):
    mask = np.zeros((20, 30), dtype=bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask


CHECKERBOARD = np.indices((20, 30)).sum(axis=0) % 2 == 0


@pytest.mark.parametrize(
    ("mask", "flag", "length"),
    [
        (one(), MeasureFlag.EMPTY, np.nan),
        (np.full((20, 30), np.nan), MeasureFlag.NO_DATA, np.nan),
        (one((4, 5)), MeasureFlag.TOO_SMALL, np.nan),
        (one((4, slice(5, 25))), MeasureFlag.NONE, 20),
        (one((slice(3, 15), 7)), MeasureFlag.NONE, 12),
        (one((slice(None), slice(None))), MeasureFlag.TOUCHES_EDGE, 30),
        (one((slice(5, 11), slice(0, 20))), MeasureFlag.TOUCHES_EDGE, 20),
        (one((slice(5, 15), slice(5, 15))), MeasureFlag.ROUND, 10),
    ],
)
def test_hostile_masks(mask, flag, length):
    bar = measure_bar(mask, frame=ImageFrame(mask.shape))
    assert bar.flags == MeasureFlag.NO_WCS | flag
    assert bar.length_pix == pytest.approx(length, abs=0.5, nan_ok=True)


@pytest.mark.parametrize("mask", [CHECKERBOARD, CHECKERBOARD * 0.7, np.eye(20, 30) > 0])
def test_strange_masks_give_a_record(mask):
    assert measure_bar(mask, frame=ImageFrame((20, 30))).flags


@pytest.mark.parametrize(
    ("mask", "options", "error", "message"),
    [
        (np.zeros((4, 4)), {}, ShapeError, r"\(4, 4\).*\(120, 160\)"),
        (np.full(PIXELS.shape, 3), {}, ShapeError, "votes / n_asked"),
        (np.full(PIXELS.shape, "x"), {}, ShapeError, "bool or a number"),
        (pixel_bar(50, 12, 0), {"threshold": 0.0}, ConfigError, "threshold"),
        (pixel_bar(50, 12, 0), {"inclination_deg": 30}, ConfigError, "both"),
        (
            pixel_bar(50, 12, 0),
            {"inclination_deg": 30, "line_of_nodes_deg": 0},
            FrameError,
            "no WCS",
        ),
        (pixel_bar(50, 12, 0), {"centre": (1, 2, 3)}, ConfigError, "centre"),
        (pixel_bar(50, 12, 0), {"disc_radius_arcsec": 0.0}, ConfigError, "disc_radius_arcsec"),
        (pixel_bar(50, 12, 0), {"distance_mpc": -1.0}, ConfigError, "distance_mpc"),
        (pixel_bar(50, 12, 0) * 0.9, {"n_asked": 0}, ConfigError, "n_asked"),
    ],
)
def test_bad_arguments_are_refused(mask, options, error, message):
    with pytest.raises(error, match=message):
        measure_bar(mask, frame=PIXELS, **options)
