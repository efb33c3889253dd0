"""Arms of known pitch and winding on the sky, whatever the pixels do."""

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from galseg import ImageFrame
from galseg.errors import ConfigError, FrameError, ShapeError
from galseg.geometry import polygon_mask
from galseg.measure import MeasureFlag, measure_spiral_arms
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    hostile_frame,
    inclined,
    mask_on_sky,
    seen_to_sky,
    spiral_band,
)

CENTRE = (104.3, 97.8)
PIXELS = ImageFrame((200, 200))
MIDDLE = (99.5, 99.5)


def two_arms(pitch_deg, *, r_inner=6.0, turn=2.6, width=2.6, clockwise=True):
    """Seen with x to the right and y up, in arcsec."""
    arms = [
        spiral_band(
            pitch_deg, r_inner=r_inner, turn=turn, width=width, start=s, turns_clockwise=clockwise
        )
        for s in (0.4, 0.4 + np.pi)
    ]
    return shapely.union_all(arms)


def in_pixels(outline, centre=MIDDLE):
    return polygon_mask(affinity.translate(outline, *centre), PIXELS.shape)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(("clockwise", "winding"), [(True, "S"), (False, "Z")])
def test_pitch_winding_and_extent_on_hostile_skies(name, clockwise, winding):
    frame = hostile_frame(HOSTILE[name])
    mask = mask_on_sky(frame, CENTRE, seen_to_sky(two_arms(20, clockwise=clockwise)))
    spiral = measure_spiral_arms(mask, frame=frame, centre=CENTRE)
    assert (spiral.n_arms, spiral.winding) == (2, winding)
    assert spiral.pitch_angle_deg == pytest.approx(20, abs=0.4)
    r_outer = 6 * np.exp(2.6 * np.tan(np.radians(20)))
    for number, arm in enumerate(spiral.arms, start=1):
        assert arm.arm_id == number
        assert arm.winding == winding
        assert arm.r_inner_arcsec == pytest.approx(6, rel=0.04)
        assert arm.r_outer_arcsec == pytest.approx(r_outer, rel=0.03)
        assert arm.azimuth_deg == pytest.approx(np.degrees(2.6), rel=0.04)
        assert arm.width_arcsec == pytest.approx(2.6, rel=0.08)
        length = (r_outer - 6) / np.sin(np.radians(20))
        assert arm.arc_length_arcsec == pytest.approx(length, rel=0.03)
        assert arm.probability == pytest.approx(1, abs=0.02)
    assert spiral.flags == MeasureFlag.AS_SEEN


def test_the_letter_s_winds_like_s():
    # Drawn as it is written, y up: from the centre to the upper left, over the top to the right.
    upper = [(0, 0), (-14, 8), (-22, 20), (-20, 34), (-8, 44), (8, 46), (20, 42), (28, 34)]
    lower = [(-x, -y) for x, y in upper]
    letter = shapely.LineString([*lower[:0:-1], *upper]).buffer(3.5)
    as_drawn = measure_spiral_arms(in_pixels(letter), frame=PIXELS, centre=MIDDLE)
    assert (as_drawn.n_arms, as_drawn.winding) == (2, "S")
    assert as_drawn.flags & MeasureFlag.NO_WCS
    for name, options in HOSTILE.items():
        frame = hostile_frame(options)
        small = seen_to_sky(affinity.scale(letter, 0.45, 0.45, origin=(0, 0)))
        mask = mask_on_sky(frame, CENTRE, small)
        assert measure_spiral_arms(mask, frame=frame, centre=CENTRE).winding == "S", name


@pytest.mark.parametrize("pitch", [6, 9, 14, 25, 40])
def test_pitch_of_exact_arms_face_on(pitch):
    outline = two_arms(pitch, r_inner=18, turn=min(2.8, 1.6 / np.tan(np.radians(pitch))), width=7)
    spiral = measure_spiral_arms(in_pixels(outline), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    for arm in spiral.arms:
        assert arm.pitch_angle_deg == pytest.approx(pitch, abs=0.4)
        assert arm.pitch_angle_deg_err < 1.5


@pytest.mark.parametrize("pitch", [10, 20, 35])
@pytest.mark.parametrize("nodes", [0, 55, 130])
def test_pitch_in_an_inclined_disc(pitch, nodes):
    frame = hostile_frame(HOSTILE["mirrored and rotated"], shape=(260, 260))
    outline = two_arms(pitch, r_inner=12, turn=min(2.8, 1.2 / np.tan(np.radians(pitch))), width=4)
    sky = inclined(seen_to_sky(outline), 60, nodes)
    mask = mask_on_sky(frame, (130.2, 128.9), sky)
    spiral = measure_spiral_arms(
        mask, frame=frame, centre=(130.2, 128.9), inclination_deg=60, line_of_nodes_deg=nodes
    )
    assert (spiral.n_arms, spiral.winding) == (2, "S")
    assert spiral.pitch_angle_deg == pytest.approx(pitch, abs=1.5)
    assert spiral.flags == 0


def test_more_than_one_turn():
    band = spiral_band(8, r_inner=20, turn=9.0, width=6)
    spiral = measure_spiral_arms(in_pixels(band), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 1
    assert spiral.arms[0].azimuth_deg == pytest.approx(np.degrees(9), abs=3)
    assert spiral.arms[0].pitch_angle_deg == pytest.approx(8, abs=0.3)


def test_an_arm_with_gaps_is_one_arm():
    band = spiral_band(20, r_inner=15, turn=4.5, width=7)
    for x, y in [(8.4, -21.6), (-44.3, -6.3)]:
        band = band.difference(shapely.Point(x, y).buffer(5))
    assert len(shapely.get_parts(band)) == 3
    spiral = measure_spiral_arms(in_pixels(band), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 1
    assert spiral.arms[0].azimuth_deg == pytest.approx(np.degrees(4.5), abs=4)
    assert spiral.pitch_angle_deg == pytest.approx(20, abs=0.4)


def test_arms_that_start_at_one_bar_come_apart():
    bar = affinity.rotate(shapely.box(-20, -5, 20, 5), np.degrees(0.4), origin=(0, 0))
    outline = two_arms(18, r_inner=19, turn=3.5, width=8).union(bar)
    assert outline.geom_type == "Polygon"
    spiral = measure_spiral_arms(in_pixels(outline), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    assert spiral.pitch_angle_deg == pytest.approx(18, abs=1.0)


def test_arms_joined_by_a_bridge_come_apart():
    bridge = shapely.LineString([(0, 30), (0, 62)]).buffer(3)
    outline = two_arms(16, r_inner=20, turn=4.0, width=7).union(bridge)
    spiral = measure_spiral_arms(in_pixels(outline), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    assert spiral.pitch_angle_deg == pytest.approx(16, abs=0.6)


def test_a_ring_is_not_an_arm():
    ring = shapely.Point(0, 0).buffer(40).difference(shapely.Point(0, 0).buffer(33))
    spiral = measure_spiral_arms(in_pixels(ring), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 0
    assert spiral.flags & MeasureFlag.RING
    assert spiral.winding == ""
    assert np.isnan(spiral.pitch_angle_deg)


def test_arms_are_followed_through_a_ring_that_they_cross():
    ring = shapely.Point(0, 0).buffer(45).difference(shapely.Point(0, 0).buffer(40))
    outline = two_arms(18, r_inner=20, turn=4.5, width=7).union(ring)
    spiral = measure_spiral_arms(in_pixels(outline), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    assert spiral.flags & MeasureFlag.RING
    for arm in spiral.arms:
        assert arm.pitch_angle_deg == pytest.approx(18, abs=0.4)
        assert arm.azimuth_deg == pytest.approx(np.degrees(4.5), abs=8)


def test_one_pixel_in_thirty_flipped_changes_little():
    mask = in_pixels(two_arms(14, r_inner=15, turn=5.0, width=7))
    flipped = mask ^ (np.random.default_rng(1).random(mask.shape) < 1 / 30)
    spiral = measure_spiral_arms(flipped, frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    assert spiral.pitch_angle_deg == pytest.approx(14, abs=0.4)


def test_a_fragment_beside_long_arms_is_not_counted():
    stub = spiral_band(20, r_inner=80, turn=0.4, width=4, start=2.0)
    outline = two_arms(12, r_inner=15, turn=6.5, width=6)
    spiral = measure_spiral_arms(in_pixels(outline.union(stub)), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2


def test_errors_of_the_extent_are_of_the_size_of_the_arm_s_width():
    frame = hostile_frame(HOSTILE["plain"])
    mask = mask_on_sky(frame, CENTRE, seen_to_sky(two_arms(20)))
    for arm in measure_spiral_arms(mask, frame=frame, centre=CENTRE).arms:
        assert 0.05 < arm.r_inner_arcsec_err < 1.3
        assert 0.05 < arm.r_outer_arcsec_err < 1.3
        assert 0.2 * 2.6 < arm.arc_length_arcsec_err < 2.6
        assert 1 < arm.azimuth_deg_err < 20
        assert abs(arm.pitch_angle_change_deg) < 3 * arm.pitch_angle_change_deg_err + 1


def test_an_arm_that_opens_outwards_says_so():
    azimuth = np.linspace(0, 3.0, 600)
    radius = 15 * np.exp(0.15 * azimuth + 0.07 * azimuth**2)
    line = radius[:, None] * np.column_stack([np.cos(azimuth), np.sin(azimuth)])
    band = shapely.LineString(line).buffer(3, cap_style="flat")
    (arm,) = measure_spiral_arms(in_pixels(band), frame=PIXELS, centre=MIDDLE).arms
    inner, outer = np.degrees(np.arctan([0.15, 0.15 + 0.14 * 3.0]))
    assert arm.pitch_angle_change_deg == pytest.approx(outer - inner, abs=2)


def test_a_round_blob_is_not_an_arm():
    blob = shapely.Point(40, 10).buffer(14)
    assert measure_spiral_arms(in_pixels(blob), frame=PIXELS, centre=MIDDLE).n_arms == 0


def test_an_arc_winds_neither_way():
    arc = spiral_band(0.0, r_inner=50, turn=2.0, width=6)
    spiral = measure_spiral_arms(in_pixels(arc), frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 1
    assert spiral.pitch_angle_deg < 0.5


@given(st.integers(0, 3), st.booleans())
def test_turned_and_mirrored_images_give_the_same_arms(turns, flip):
    mask = in_pixels(
        two_arms(20, r_inner=15, turn=3.5, width=7).difference(shapely.box(0, 0, 9, 60))
    )
    moved = np.rot90(mask.T if flip else mask, turns)
    one, other = (measure_spiral_arms(m, frame=PIXELS, centre=MIDDLE) for m in (mask, moved))
    assert other.winding == {"S": "Z", "Z": "S"}[one.winding] if flip else one.winding
    assert other.n_arms == one.n_arms
    assert other.pitch_angle_deg == pytest.approx(one.pitch_angle_deg, abs=0.15)


def test_a_blurred_map_gives_the_pitch_of_its_mask():
    mask = in_pixels(two_arms(20, r_inner=15, turn=3.5, width=8))
    blurred = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 2.0)
    spiral = measure_spiral_arms(blurred, frame=PIXELS, centre=MIDDLE)
    assert spiral.n_arms == 2
    assert spiral.pitch_angle_deg == pytest.approx(20, abs=0.6)
    assert all(0.7 < arm.probability < 1 for arm in spiral.arms)


def test_arms_that_differ_widen_the_error_of_their_mean():
    bands = [spiral_band(p, r_inner=16, turn=2.4, width=7, start=s) for p, s in [(14, 0), (26, 3)]]
    spiral = measure_spiral_arms(in_pixels(shapely.union_all(bands)), frame=PIXELS, centre=MIDDLE)
    pitches = [arm.pitch_angle_deg for arm in spiral.arms]
    assert min(pitches) < spiral.pitch_angle_deg < max(pitches)
    assert spiral.pitch_angle_deg_err > 3
    assert spiral.pitch_angle_dispersion_deg == pytest.approx(12 / np.sqrt(2), abs=1)
    assert spiral.pitch_angle_dispersion_deg_err > 3
    assert spiral.winding_share == 1


def test_the_middle_of_the_image_is_taken_only_with_a_flag():
    mask = in_pixels(two_arms(20, r_inner=15, turn=3.0, width=7))
    assumed = measure_spiral_arms(mask, frame=PIXELS)
    given_centre = measure_spiral_arms(mask, frame=PIXELS, centre=MIDDLE)
    assert assumed.flags == given_centre.flags | MeasureFlag.CENTRE_ASSUMED
    assert assumed.centre_xy == MIDDLE
    assert assumed.pitch_angle_deg == given_centre.pitch_angle_deg


def test_a_centre_on_the_sky():
    frame = hostile_frame(HOSTILE["rotated"])
    mask = mask_on_sky(frame, CENTRE, seen_to_sky(two_arms(20)))
    spiral = measure_spiral_arms(mask, frame=frame, centre=frame.to_sky([CENTRE])[0])
    assert spiral.centre_xy == pytest.approx(CENTRE)
    assert spiral.pitch_angle_deg == pytest.approx(20, abs=0.4)


def test_an_arm_cut_by_the_border_or_by_missing_pixels_is_flagged():
    values = in_pixels(two_arms(20, r_inner=15, turn=6.0, width=7)).astype(float)
    values[140:150, :80] = np.nan
    spiral = measure_spiral_arms(values, frame=PIXELS, centre=MIDDLE)
    flags = [arm.flags for arm in spiral.arms]
    assert any(flag & MeasureFlag.TOUCHES_EDGE for flag in flags)
    assert any(flag & MeasureFlag.NAN_PIXELS for flag in flags)


NOISE = np.random.default_rng(0).random(PIXELS.shape)


@pytest.mark.parametrize(
    ("mask", "flag"),
    [
        (np.zeros(PIXELS.shape, dtype=bool), MeasureFlag.EMPTY),
        (np.full(PIXELS.shape, np.nan), MeasureFlag.NO_DATA),
        (np.ones(PIXELS.shape, dtype=bool), MeasureFlag.NONE),
        (np.indices(PIXELS.shape).sum(axis=0) == 50, MeasureFlag.NONE),
        (np.indices(PIXELS.shape).sum(axis=0) % 2 == 0, MeasureFlag.NONE),
        (np.indices(PIXELS.shape)[0] == 99, MeasureFlag.NONE),
        (NOISE > 0.5, MeasureFlag.NONE),
        (NOISE, MeasureFlag.NONE),
        (cv2.GaussianBlur(NOISE, (0, 0), 3), MeasureFlag.NONE),
    ],
)
def test_hostile_masks_give_a_record(mask, flag):
    spiral = measure_spiral_arms(mask, frame=PIXELS)
    assert spiral.flags & flag == flag
    assert all(np.isfinite(arm.pitch_angle_deg) for arm in spiral.arms)
    assert np.isnan(spiral.pitch_angle_deg) == (spiral.n_arms == 0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"frame": ImageFrame((5, 5))}, ShapeError, r"\(200, 200\)"),
        ({"threshold": 1.5}, ConfigError, "threshold"),
        ({"inclination_deg": 40}, ConfigError, "both"),
        ({"inclination_deg": 40, "line_of_nodes_deg": 0}, FrameError, "north"),
        ({"centre": (np.nan, 3)}, ConfigError, "centre"),
    ],
)
def test_bad_arguments_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        measure_spiral_arms(np.zeros((200, 200)), **{"frame": PIXELS, **options})
