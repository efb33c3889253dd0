"""Discs of known geometry, through images and through drawings, on hostile skies."""

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from galseg import ImageFrame
from galseg.dataset.simulate import simulate_galaxy
from galseg.errors import ConfigError, ShapeError
from galseg.measure import Host, MeasureFlag
from galseg.measure.disc import DiscGeometry, disc_from_drawings, fit_disc
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    DISC_PEAK,
    boxy_ellipse,
    disc_image,
    hostile_frame,
    inclined,
    outline_on_sky,
)

CENTRE = (64.3, 57.8)
SHAPE = (120, 130)


def angle_between(a, b):
    return abs((a - b + 90) % 180 - 90)


@pytest.fixture(params=HOSTILE, ids=str)
def frame(request):
    return hostile_frame(HOSTILE[request.param], shape=SHAPE)


def test_a_disc_comes_back_on_hostile_skies(frame):
    disc = fit_disc(disc_image(frame, CENTRE, 50, 64, scale_length=2.2), frame=frame)
    assert disc.inclination_deg == pytest.approx(50, abs=2.5)
    assert angle_between(disc.line_of_nodes_deg, 64) < 3
    np.testing.assert_allclose(disc.centre_xy, CENTRE, atol=0.6)
    assert abs(disc.inclination_deg - 50) < 3 * disc.inclination_deg_err
    assert angle_between(disc.line_of_nodes_deg, 64) < 3 * disc.line_of_nodes_deg_err
    assert disc.flags == 0


@pytest.mark.parametrize("inclination", [20, 35, 65, 78])
def test_every_inclination_comes_back_within_its_error(inclination):
    frame = hostile_frame(HOSTILE["mirrored and rotated"], shape=SHAPE)
    disc = fit_disc(disc_image(frame, CENTRE, inclination, 171, scale_length=2.5), frame=frame)
    assert abs(disc.inclination_deg - inclination) < 3 * disc.inclination_deg_err
    assert disc.inclination_deg_err < 6
    assert bool(disc.flags & MeasureFlag.HIGH_INCLINATION) == (inclination > 60)


def test_a_given_level_says_which_radius():
    frame = hostile_frame({}, shape=SHAPE)
    image = disc_image(frame, CENTRE, 40, 30, scale_length=2.5)
    for level in (3.0, 10.0):
        disc = fit_disc(image, frame=frame, sky=10.0, level=level)
        assert disc.radius_arcsec == pytest.approx(2.5 * math.log(DISC_PEAK / level), rel=0.04)


def test_scale_and_sky_change_nothing():
    frame = hostile_frame(HOSTILE["sheared"], shape=SHAPE)
    image = disc_image(frame, CENTRE, 50, 64, scale_length=2.2)
    disc, other = fit_disc(image, frame=frame), fit_disc(image * 7e-3 - 50, frame=frame)
    assert other.inclination_deg == pytest.approx(disc.inclination_deg, abs=1e-6)
    assert other.line_of_nodes_deg_err == pytest.approx(disc.line_of_nodes_deg_err, abs=1e-6)


def test_stars_neighbours_and_masked_pixels_do_little():
    frame = hostile_frame(HOSTILE["rotated"], shape=SHAPE)
    image = disc_image(frame, CENTRE, 50, 64, scale_length=2.2)
    y, x = np.indices(SHAPE)
    for star in ((20, 30), (95, 88), (70, 84), (50, 30), (110, 60)):
        image += 400 * np.exp(-((x - star[0]) ** 2 + (y - star[1]) ** 2) / (2 * 1.5**2))
    image[np.hypot(x - 44, y - 66) < 6] = np.nan
    disc = fit_disc(image, frame=frame)
    assert disc.inclination_deg == pytest.approx(50, abs=4)
    assert angle_between(disc.line_of_nodes_deg, 64) < 5
    assert disc.flags in (0, MeasureFlag.NAN_PIXELS)


def test_the_galaxy_nearest_to_the_centre_is_fitted():
    frame = hostile_frame({}, shape=(120, 240))
    image = disc_image(frame, (60, 60), 50, 64, scale_length=1.5)
    image += disc_image(frame, (180, 60), 30, 150, scale_length=1.5) - 10
    left = fit_disc(image, frame=frame, centre=(66, 58))
    right = fit_disc(image, frame=frame, centre=frame.to_sky([(178, 62)])[0])
    np.testing.assert_allclose(left.centre_xy, (60, 60), atol=0.6)
    np.testing.assert_allclose(right.centre_xy, (180, 60), atol=0.6)
    assert angle_between(right.line_of_nodes_deg, 150) < 9
    beside = fit_disc(image, frame=frame, centre=(60, 110))
    assert MeasureFlag.OFF_CENTRE in beside.flags


def test_simulated_galaxies_with_arms_and_bars():
    missed = []
    for seed in range(8):
        galaxy = simulate_galaxy(seed, morphology="barred spiral", tidal=(), shape=(160, 160))
        disc = fit_disc(galaxy.image, frame=galaxy.frame, disc_thickness=0.0)
        missed.append(disc.inclination_deg - galaxy.truth.inclination_deg)
    assert np.median(np.abs(missed)) < 5


def test_a_face_on_disc_has_no_line_of_nodes():
    frame = hostile_frame(HOSTILE["SIP"], shape=SHAPE)
    disc = fit_disc(disc_image(frame, CENTRE, 0, 0, scale_length=2.2), frame=frame)
    assert MeasureFlag.ROUND in disc.flags
    assert np.isnan([disc.line_of_nodes_deg, disc.line_of_nodes_deg_err]).all()
    assert disc.inclination_deg < 2.5 * disc.inclination_deg_err
    host = disc.as_host(redshift=0.01)
    assert (host.inclination_deg, host.line_of_nodes_deg, host.redshift) == (None, None, 0.01)


def test_a_disc_larger_than_its_image_is_flagged():
    frame = hostile_frame({}, shape=SHAPE)
    disc = fit_disc(disc_image(frame, CENTRE, 40, 30, scale_length=12.0), frame=frame)
    assert disc.flags & (MeasureFlag.TOUCHES_EDGE | MeasureFlag.POOR_FIT)
    centre = (3.0, 60.0)
    at_edge = disc_image(frame, centre, 40, 30, scale_length=2.2)
    assert MeasureFlag.TOUCHES_EDGE in fit_disc(at_edge, frame=frame, centre=centre).flags


def test_without_a_wcs_there_is_an_axis_ratio_and_no_more():
    image = disc_image(hostile_frame({}, shape=SHAPE), CENTRE, 50, 64, scale_length=2.2)
    disc = fit_disc(image, frame=ImageFrame(SHAPE))
    assert disc.flags == MeasureFlag.NO_WCS
    assert disc.inclination_deg == pytest.approx(50, abs=2.5)
    assert np.isfinite([*disc.centre_xy, disc.centre_err_pix]).all()
    assert np.isnan([disc.line_of_nodes_deg, disc.radius_arcsec, disc.centre_arcsec_err]).all()


@pytest.mark.parametrize(
    ("image", "flag"),
    [
        (np.full((30, 30), np.nan), MeasureFlag.NO_DATA),
        (np.zeros((30, 30)), MeasureFlag.EMPTY),
        (np.ones((1, 40)), MeasureFlag.EMPTY),
        (np.ones((1, 1)), MeasureFlag.EMPTY),
        (np.indices((30, 30)).sum(axis=0) % 2, None),
        (np.random.default_rng(1).normal(0, 1, (30, 30)), None),
        (np.arange(900.0).reshape(30, 30), None),
    ],
)
def test_images_without_a_galaxy_give_a_flag(image, flag):
    disc = fit_disc(image, frame=ImageFrame(image.shape))
    assert disc.flags & (flag or ~MeasureFlag.NO_WCS)
    if flag:
        assert np.isnan([disc.inclination_deg, disc.axis_ratio, *disc.centre_xy]).all()
        assert disc.as_host() == Host()


def test_bad_arguments_are_refused():
    frame = ImageFrame((20, 30))
    with pytest.raises(ShapeError, match=r"\(30, 20\)"):
        fit_disc(np.zeros((30, 20)), frame=frame)
    for level in (0, -1, np.nan):
        with pytest.raises(ConfigError, match="level"):
            fit_disc(np.zeros((20, 30)), frame=frame, level=level)
    for call in (fit_disc, disc_from_drawings):
        with pytest.raises(ConfigError, match="disc_thickness"):
            call(np.zeros((20, 30)), frame=frame, disc_thickness=1.0)


def drawn_discs(frame, n, *, wobble=0.04, seed=0):
    """Outlines of a disc at inclination 50, nodes 64, radius 15 arcsec, thickness 0."""
    rng = np.random.default_rng(seed)
    circle = boxy_ellipse(30.0, 30.0, power=2)
    drawn = []
    for size, squeeze in rng.normal(1, wobble, (n, 2)):
        tilt = math.degrees(math.acos(min(math.cos(math.radians(50)) * squeeze, 1)))
        outline = shapely.affinity.scale(circle, size, size, origin=(0, 0))
        outline = inclined(outline, tilt, 64 + rng.normal(0, 100 * wobble))
        outline = shapely.affinity.translate(outline, *rng.normal(0, 10 * wobble, 2))
        drawn.append(outline_on_sky(frame, CENTRE, outline))
    return drawn


def test_drawings_give_the_disc_on_hostile_skies(frame):
    disc = disc_from_drawings(drawn_discs(frame, 3, wobble=0), frame=frame, disc_thickness=0.0)
    assert disc.inclination_deg == pytest.approx(50, abs=0.1)
    assert angle_between(disc.line_of_nodes_deg, 64) < 0.1
    assert disc.radius_arcsec == pytest.approx(15, rel=1e-3)
    np.testing.assert_allclose(disc.centre_xy, CENTRE, atol=0.01)


@given(st.floats(0, 360), st.floats(0.3, 4), st.booleans(), st.floats(-30, 30))
def test_turning_scaling_and_mirroring_drawings_changes_what_it_must(turn, scale, flip, shift):
    frame = ImageFrame((200, 200))
    circles = [shapely.Point(50 + n, 60).buffer(10 + n) for n in range(5)]
    drawn = [shapely.affinity.scale(circle, 1.0, 0.6) for circle in circles]
    disc = disc_from_drawings(drawn, frame=frame)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = matrix @ np.diag([-1 if flip else 1, 1])
    moved = [shapely.transform(outline, lambda xy: xy @ matrix.T + shift) for outline in drawn]
    other = disc_from_drawings(moved, frame=frame)
    assert other.axis_ratio == pytest.approx(disc.axis_ratio, abs=1e-5)
    assert other.inclination_deg_err == pytest.approx(disc.inclination_deg_err, abs=1e-3)
    np.testing.assert_allclose(other.centre_xy, matrix @ disc.centre_xy + shift, atol=0.01 * scale)


def test_errors_of_drawings_are_those_of_their_median():
    frame = hostile_frame(HOSTILE["sheared"], shape=SHAPE)
    discs = [
        disc_from_drawings(drawn_discs(frame, 9, seed=seed), frame=frame, disc_thickness=0.0)
        for seed in range(30)
    ]
    for name, true in (("inclination_deg", 50), ("line_of_nodes_deg", 64), ("radius_arcsec", 15)):
        off = np.array([getattr(disc, name) - true for disc in discs])
        errs = np.array([getattr(disc, f"{name}_err") for disc in discs])
        assert 0.6 < np.sqrt(np.mean((off / np.median(errs)) ** 2)) < 1.5


def test_a_few_wild_drawings_do_not_matter():
    frame = hostile_frame({}, shape=SHAPE)
    drawn = drawn_discs(frame, 12, wobble=0.01)
    wild = [shapely.box(0, 0, 129, 119), shapely.box(3, 3, 6, 40), shapely.box(90, 2, 120, 9)]
    disc = disc_from_drawings([*drawn, *wild], frame=frame, disc_thickness=0.0)
    assert disc.inclination_deg == pytest.approx(50, abs=3)
    assert angle_between(disc.line_of_nodes_deg, 64) < 3


def test_too_few_or_too_large_drawings_are_flagged():
    frame = hostile_frame({}, shape=SHAPE)
    one = disc_from_drawings(drawn_discs(frame, 1), frame=frame)
    assert one.flags == MeasureFlag.FEW_VOLUNTEERS
    assert np.isfinite([one.inclination_deg, one.line_of_nodes_deg, one.radius_arcsec]).all()
    assert np.isnan([one.inclination_deg_err, one.line_of_nodes_deg_err]).all()
    assert one.as_host().inclination_deg_err == 0
    large = [shapely.Point(64, 60).buffer(r) for r in (80, 90, 100)]
    assert MeasureFlag.TOUCHES_EDGE in disc_from_drawings(large, frame=frame).flags
    assert disc_from_drawings([], frame=frame).flags == MeasureFlag.EMPTY


def test_of_a_drawing_the_largest_part_counts_without_its_holes():
    (whole,) = drawn_discs(hostile_frame({}, shape=SHAPE), 1)
    frame = hostile_frame({}, shape=SHAPE)
    hole = whole.difference(whole.centroid.buffer(3))
    parts = shapely.MultiPolygon([shapely.box(0, 0, 2, 2), hole])
    assert disc_from_drawings([parts], frame=frame).axis_ratio == pytest.approx(
        disc_from_drawings([whole], frame=frame).axis_ratio
    )


@pytest.mark.parametrize(
    "outline", [shapely.Point(3, 4), shapely.Polygon(), shapely.Polygon([(0, 0), (2, 2), (4, 4)])]
)
def test_what_encloses_nothing_is_refused(outline):
    with pytest.raises(ShapeError, match="outline 1"):
        disc_from_drawings([shapely.box(0, 0, 9, 9), outline], frame=ImageFrame((20, 20)))


def test_the_geometry_goes_on_to_the_measurements():
    disc = DiscGeometry(
        inclination_deg=40.0,
        inclination_deg_err=3.0,
        line_of_nodes_deg=20.0,
        line_of_nodes_deg_err=4.0,
        radius_arcsec=50.0,
        centre_xy=(10.0, 12.0),
        centre_arcsec_err=0.4,
    )
    assert disc.as_host(distance_mpc=20.0, inclination_deg=41.0) == Host(
        inclination_deg=41.0,
        inclination_deg_err=3.0,
        line_of_nodes_deg=20.0,
        line_of_nodes_deg_err=4.0,
        disc_radius_arcsec=50.0,
        centre=(10.0, 12.0),
        centre_arcsec_err=0.4,
        distance_mpc=20.0,
    )


def test_real_spirals_are_inclined_as_s4g_says(shared_data):
    folder = shared_data / "nearby-spirals"
    table = pd.read_csv(folder / "catalogue.csv").set_index("dir")
    names = ["N4237", "N4298", "N4405", "N4451", "N4580", "N4654"]
    found = []
    for name in names:
        with fits.open(folder / f"{name}_wise_1.fits.gz") as hdus:
            frame = ImageFrame.from_header(hdus[0].header)
            found.append(fit_disc(hdus[0].data, frame=frame).inclination_deg)
    assert np.abs(found - table.inclination_deg[names]).median() < 5
