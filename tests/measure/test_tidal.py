"""Tidal features of exact outlines on hostile skies, and how they change as the image does."""

import astropy.units as u
import numpy as np
import pytest
import shapely
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from galseg import ImageFrame
from galseg.dataset.simulate import simulate_galaxy
from galseg.errors import ConfigError, ShapeError
from galseg.geometry import polygon_mask
from galseg.measure import MeasureFlag, measure_region, measure_tidal
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame, mask_on_sky

CENTRE = (104.3, 97.8)
FRAME = hostile_frame(HOSTILE["plain"])
Y, X = np.indices((120, 140))
RADIUS = np.hypot(X - 70, Y - 60)
ARC = (abs(RADIUS - 35) < 4) & (X > 70)
SCALED = ("area_arcsec2", "perimeter_arcsec", "length_arcsec", "width_arcsec", "distance_arcsec",
          "r_inner_arcsec", "r_outer_arcsec")  # fmt: skip
UNSCALED = ("curvature", "elongation", "orientation_deg", "azimuth_deg", "solidity", "probability")


def sector(radius, width, turn_deg):
    """An arc in arcsec east and north, from north through east."""
    angle = np.radians(np.linspace(0, turn_deg, 300))
    line = radius * np.column_stack([np.sin(angle), np.cos(angle)])
    return shapely.LineString(line).buffer(width / 2, cap_style="flat", quad_segs=32)


def ribbon(start, end, width):
    return shapely.LineString([start, end]).buffer(width / 2, cap_style="flat")


def measured(outline, frame=FRAME, **options):
    (feature,) = measure_tidal(mask_on_sky(frame, CENTRE, outline), frame=frame,
                               centre=CENTRE, **options)  # fmt: skip
    return feature


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_on_hostile_skies(name):
    frame = hostile_frame(HOSTILE[name])
    outline = sector(22, 4, 110)
    shell = measured(outline, frame)
    length = 22 * np.radians(110)
    assert shell.length_arcsec == pytest.approx(length, abs=3 * shell.length_arcsec_err)
    assert shell.width_arcsec == pytest.approx(4, rel=0.03)
    assert shell.area_arcsec2 == pytest.approx(outline.area, rel=0.02)
    assert shell.perimeter_arcsec == pytest.approx(outline.length, rel=0.04)
    assert shell.curvature == pytest.approx(np.radians(110), rel=0.05)
    assert shell.orientation_deg > 87
    assert shell.azimuth_deg == pytest.approx(110, abs=1.5)
    assert shell.distance_arcsec == pytest.approx(22, abs=0.3)
    assert shell.r_outer_arcsec - shell.r_inner_arcsec < 1
    assert (shell.shape, shell.flags) == ("shell", 0)
    centre = frame.to_sky([CENTRE])[0]
    halfway, centroid = (
        centre.directional_offset_by(55 * u.deg, r * u.arcsec)
        for r in (22, shapely.Point(0, 0).distance(outline.centroid))
    )
    place = SkyCoord(shell.ra_deg, shell.dec_deg, unit="deg")
    assert halfway.separation(place).arcsec < 0.4
    across = centroid.position_angle(centre).deg + 90
    assert abs((shell.position_angle_deg - across + 90) % 180 - 90) < 1


@pytest.mark.parametrize("angle", [0, 23, 90, 141])
@pytest.mark.parametrize("name", ["plain", "anisotropic", "sheared", "mirrored and rotated"])
def test_a_radial_ribbon_at_all_angles(name, angle):
    outline = affinity.rotate(ribbon((0, 9), (0, 33), 2.5), -angle, origin=(0, 0))
    tail = measured(outline, hostile_frame(HOSTILE[name]))
    assert tail.length_arcsec == pytest.approx(24, abs=3 * tail.length_arcsec_err)
    assert tail.width_arcsec == pytest.approx(2.5, rel=0.05)
    assert tail.orientation_deg < 3
    assert abs((tail.position_angle_deg - angle + 90) % 180 - 90) < 1
    assert (tail.r_inner_arcsec, tail.r_outer_arcsec) == pytest.approx((9, 33), abs=0.5)
    assert tail.distance_arcsec == pytest.approx(21, abs=0.5)
    assert tail.solidity > 0.95
    assert tail.shape == "tail"


def test_size_in_kpc():
    outline = sector(20, 4, 90)
    near = measured(outline, distance_mpc=20.62648)
    assert near.length_kpc == pytest.approx(near.length_arcsec / 10, rel=1e-6)
    assert near.distance_kpc_err == pytest.approx(near.distance_arcsec_err / 10, rel=1e-6)
    assert np.isnan(measured(outline).length_kpc)
    unphysical = measured(outline, redshift=-0.1)
    assert np.isnan(unphysical.length_kpc)
    assert unphysical.flags == MeasureFlag.BAD_REDSHIFT
    with pytest.raises(ConfigError, match="distance_mpc"):
        measured(outline, distance_mpc=0)


def test_shape_numbers_are_those_of_the_region():
    mask = mask_on_sky(FRAME, CENTRE, sector(22, 5, 130))
    (feature,) = measure_tidal(mask, frame=FRAME, centre=CENTRE)
    region = measure_region(mask, frame=FRAME)
    for name in ("area_arcsec2", "perimeter_arcsec", "elongation", "solidity"):
        assert getattr(feature, name) == pytest.approx(getattr(region, name), rel=1e-6)
    assert feature.position_angle_deg == pytest.approx(region.position_angle_deg)


def test_every_instance_has_a_record_and_specks_are_counted():
    mask = ARC | ((X < 45) & (abs(Y - 60) < 3))
    mask[2:4, 5:8] = mask[100, 130] = True
    features = measure_tidal(mask, frame=ImageFrame(mask.shape))
    assert [feature.tidal_id for feature in features] == [1, 2]
    assert [feature.n_dropped for feature in features] == [2, 2]
    assert features[0].curvature > 2 > features[1].curvature


@settings(max_examples=8)
@given(st.integers(1, 3), st.booleans(), st.booleans())
def test_turning_and_mirroring_the_image_change_nothing(quarters, mirror, transpose):
    square = np.zeros((150, 150), dtype=bool)
    square[:120, :140] = ARC
    turned = np.rot90(square, quarters)
    turned = turned[:, ::-1] if mirror else turned
    turned = turned.T if transpose else turned
    centre = np.argwhere(np.isin(np.rot90(_one_pixel(), quarters), 1))[0]
    centre = np.array([centre[0], 149 - centre[1]]) if mirror else centre
    centre = centre[::-1] if transpose else centre
    one = measure_tidal(square, frame=ImageFrame(square.shape), centre=(70, 60))[0]
    other = measure_tidal(turned, frame=ImageFrame(square.shape), centre=centre[::-1])[0]
    for name in UNSCALED:
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=0.02, abs=0.5)
    assert other.shape == one.shape


def _one_pixel():
    page = np.zeros((150, 150))
    page[60, 70] = 1
    return page


@settings(max_examples=8)
@given(st.floats(0.1, 10))
def test_a_finer_scale_scales_lengths_and_nothing_else(scale):
    one, other = (
        measure_tidal(ARC, frame=hostile_frame({"scale_arcsec": (size, size)}, ARC.shape),
                      centre=(70, 60))[0]
        for size in (1, scale)
    )  # fmt: skip
    for name in SCALED:
        power = 2 if name == "area_arcsec2" else 1
        assert getattr(other, name) == pytest.approx(getattr(one, name) * scale**power, rel=1e-3)
    for name in UNSCALED:
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-3)


def test_errors_of_a_map_grow_with_its_softness():
    soft, softer = (
        np.clip(0.5 + (4 - abs(RADIUS - 35)) / (2 * s), 0, 1) * (X > 70) for s in (2, 6)
    )
    one, other = (measure_tidal(m, frame=ImageFrame(ARC.shape), centre=(70, 60))[0]
                  for m in (soft, softer))  # fmt: skip
    assert other.solidity_err > one.solidity_err
    assert one.probability > other.probability
    frame = hostile_frame({"scale_arcsec": (1, 1)}, ARC.shape)
    voted = measure_tidal(softer, frame=frame, centre=(70, 60), n_asked=4)[0]
    trusted = measure_tidal(softer, frame=frame, centre=(70, 60), n_asked=400)[0]
    # At a level of 0.5 plus and minus 0.25 both sides of the arc lie 3 pixels farther out or in.
    assert voted.width_arcsec_err == pytest.approx(6, abs=0.4)
    assert trusted.width_arcsec_err == pytest.approx(0.6, abs=0.2)


@pytest.mark.parametrize(
    ("mask", "flag"),
    [
        (np.ones((30, 40)), MeasureFlag.TOUCHES_EDGE),
        (np.indices((30, 40))[0] == 5, MeasureFlag.TOUCHES_EDGE),
        (np.indices((30, 40))[1] == 0, MeasureFlag.TOUCHES_EDGE),
        (np.indices((30, 40)).sum(axis=0) % 2 == 0, MeasureFlag.TOUCHES_EDGE),
        (np.indices((30, 40)).sum(axis=0) == 20, MeasureFlag.NO_WCS),
        (np.indices((30, 40)).max(axis=0) == 0, MeasureFlag.TOO_SMALL),
        (np.hypot(*np.indices((30, 40)) - 14.5) < 6, MeasureFlag.ROUND),
        (abs(np.hypot(*np.indices((30, 30)) - 14.5) - 10) < 2, MeasureFlag.RING),
        (np.where(np.indices((30, 40))[1] < 5, np.nan, np.indices((30, 40))[0] == 9),
         MeasureFlag.NAN_PIXELS),
        (np.full((30, 40), np.nan), MeasureFlag.NO_DATA),
    ],
)  # fmt: skip
def test_hostile_masks_are_flagged(mask, flag):
    (feature,) = measure_tidal(mask, frame=ImageFrame(mask.shape))
    assert feature.flags & flag
    assert feature.flags & MeasureFlag.CENTRE_ASSUMED
    assert np.isnan([feature.length_arcsec, feature.width_arcsec, feature.r_inner_arcsec]).all()


def test_no_feature_gives_no_record():
    assert measure_tidal(np.zeros((9, 9)), frame=ImageFrame((9, 9))) == ()
    assert measure_tidal(np.full((9, 9), 0.3), frame=ImageFrame((9, 9))) == ()


def test_a_ring_is_as_long_as_it_is_round():
    ring = shapely.Point(0, 0).buffer(22).difference(shapely.Point(0, 0).buffer(18))
    feature = measured(ring)
    assert feature.length_arcsec == pytest.approx(2 * np.pi * 20, rel=0.01)
    assert feature.width_arcsec == pytest.approx(4, rel=0.01)
    assert feature.flags & MeasureFlag.RING
    assert feature.shape == ""


def test_bad_arguments_are_refused():
    frame = ImageFrame((4, 5))
    with pytest.raises(ShapeError, match=r"\(5, 4\)"):
        measure_tidal(np.ones((5, 4)), frame=frame)
    with pytest.raises(ConfigError, match="threshold"):
        measure_tidal(np.ones((4, 5)), frame=frame, threshold=0)


@pytest.mark.parametrize("kind", ["shell", "stream", "tail"])
def test_simulated_features_are_named(kind):
    named = []
    for seed in range(4):
        galaxy = simulate_galaxy((91, seed), tidal=(kind,), morphology="elliptical")
        mask = polygon_mask(galaxy.outlines["tidal"][0], galaxy.frame.shape)
        (feature,) = measure_tidal(mask, frame=galaxy.frame, centre=galaxy.truth.centre_xy)
        if not feature.flags & MeasureFlag.TOUCHES_EDGE:
            named.append(feature.shape)
    assert named
    assert set(named) == {kind}
