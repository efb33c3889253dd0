"""The flattened sky, against the full transformations on hostile frames."""

import numpy as np
import pytest

from galseg import ImageFrame
from galseg.errors import FrameError
from galseg.measure.plane import LocalPlane, as_seen, position_angle_deg, separation_arcsec
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

ORIGIN = (80.0, 120.0)
POINTS = np.array([(85.0, 118.0), (70.0, 131.0), (80.0, 120.0)])


@pytest.fixture(params=HOSTILE, ids=str)
def frame(request):
    return hostile_frame(HOSTILE[request.param])


def test_west_is_right_and_north_is_up(frame):
    expected = frame.to_offsets_arcsec(POINTS, ORIGIN) * (-1, 1)
    np.testing.assert_allclose(as_seen(frame, POINTS, ORIGIN), expected)


def test_the_plane_is_the_linear_part_of_the_sky(frame):
    plane = LocalPlane.at(frame, ORIGIN)
    np.testing.assert_allclose(
        plane.to_plane(POINTS) * plane.unit_arcsec, as_seen(frame, POINTS, ORIGIN), atol=0.01
    )
    np.testing.assert_allclose(plane.to_pixel(plane.to_plane(POINTS)), POINTS, atol=1e-9)
    assert abs(np.linalg.det(plane.matrix)) == pytest.approx(1)


def test_points_of_the_page_keep_their_separation_and_direction(frame):
    a, b, _ = POINTS
    seen = as_seen(frame, (a, b), (a + b) / 2)
    expected = frame.separation_arcsec([a], [b])[0]
    assert separation_arcsec(*seen) == pytest.approx(expected, rel=1e-10)
    expected = frame.position_angle_deg([a], [b])[0]
    assert position_angle_deg(seen[1] - seen[0]) == pytest.approx(expected, abs=1e-9)


def test_without_a_wcs_the_page_is_the_image():
    frame = ImageFrame((9, 9))
    np.testing.assert_array_equal(as_seen(frame, POINTS, ORIGIN), POINTS - ORIGIN)
    plane = LocalPlane.at(frame, ORIGIN)
    assert np.isnan(plane.unit_arcsec)
    np.testing.assert_array_equal(plane.to_plane(POINTS), POINTS - ORIGIN)


def test_a_place_beyond_the_sky_is_refused():
    frame = hostile_frame({"projection": "SIN", "scale_arcsec": (2000.0, 2000.0)})
    with pytest.raises(FrameError, match="finite pixel size"):
        LocalPlane.at(frame, (900.0, 900.0))
