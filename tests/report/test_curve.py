"""The curve drawn from an arm's numbers lies where the arm was put."""

import astropy.units as u
import numpy as np
import pytest
import shapely

from galseg import ImageFrame, measure_spiral_arms
from galseg.geometry import polygon_mask
from galseg.measure.host import disc_stretch
from galseg.report.curve import spiral_xy
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame, inclined, mask_on_sky, seen_to_sky

PITCH_DEG, R_INNER, TURN, WIDTH = 18.0, 6.0, 4.0, 2.0
CENTRE_XY = (105.0, 97.0)
DISC = {"inclination_deg": 40.0, "line_of_nodes_deg": 70.0}


def middle_of_arm(turns_clockwise):
    """Seen with x to the right and y up."""
    azimuth = np.linspace(0, TURN, 400)
    radius = R_INNER * np.exp(np.tan(np.radians(PITCH_DEG)) * azimuth)
    turned = -azimuth if turns_clockwise else azimuth
    return shapely.LineString(np.column_stack([radius * np.cos(turned), radius * np.sin(turned)]))


def on_pixels(frame, line):
    east, north = shapely.get_coordinates(line).T
    centre = frame.to_sky([CENTRE_XY])[0]
    direction, distance = np.arctan2(east, north) * u.rad, np.hypot(east, north) * u.arcsec
    return shapely.LineString(frame.to_pixel(centre.directional_offset_by(direction, distance)))


@pytest.mark.parametrize("turns_clockwise", [True, False])
@pytest.mark.parametrize("options", HOSTILE.values(), ids=HOSTILE)
def test_it_runs_along_the_arm_on_any_sky(options, turns_clockwise):
    frame = hostile_frame(options)
    line = middle_of_arm(turns_clockwise)
    arm = inclined(seen_to_sky(line.buffer(WIDTH / 2, cap_style="flat")), *DISC.values())
    spiral = measure_spiral_arms(
        mask_on_sky(frame, CENTRE_XY, arm), frame=frame, centre=CENTRE_XY, **DISC
    )
    disc, _ = disc_stretch(frame, *DISC.values())
    curve = spiral_xy(spiral.arms[0], frame=frame, centre_xy=CENTRE_XY, disc=disc)
    truth = on_pixels(frame, inclined(seen_to_sky(line), *DISC.values()))
    assert truth.distance(shapely.points(curve)).max() < 0.7
    assert np.hypot(*(curve[[0, -1]] - shapely.get_coordinates(truth)[[0, -1]]).T).max() < 2.5


def test_without_a_wcs_it_is_as_displayed():
    line = shapely.transform(middle_of_arm(True), lambda xy: 2 * xy + CENTRE_XY)
    frame = ImageFrame((200, 220))
    mask = polygon_mask(line.buffer(WIDTH, cap_style="flat"), frame.shape)
    spiral = measure_spiral_arms(mask, frame=frame, centre=CENTRE_XY)
    curve = spiral_xy(spiral.arms[0], frame=frame, centre_xy=CENTRE_XY, disc=None)
    assert line.distance(shapely.points(curve)).max() < 0.7


def test_a_circle_has_a_curve_too():
    azimuth = np.linspace(0.3, 2.0, 50)
    xy = np.add(CENTRE_XY, 30 * np.column_stack([np.cos(azimuth), np.sin(azimuth)]))
    frame = ImageFrame((200, 220))
    mask = polygon_mask(shapely.LineString(xy).buffer(3, cap_style="flat"), frame.shape)
    (arm,) = measure_spiral_arms(mask, frame=frame, centre=CENTRE_XY).arms
    curve = spiral_xy(arm, frame=frame, centre_xy=CENTRE_XY, disc=None)
    np.testing.assert_allclose(np.hypot(*(curve - CENTRE_XY).T), 30, atol=0.5)
