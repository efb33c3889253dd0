"""Self-crossing strokes, against the winding number of every pixel centre."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from galseg.errors import ShapeError
from galseg.geometry import enclosed_by_stroke
from galseg.geometry.winding import winding_number

vertices = st.lists(
    st.tuples(st.floats(0, 20, width=32), st.floats(0, 20, width=32)), min_size=3, max_size=10
)


def winding_by_angles(ring, point):
    """Sum of the turning angles seen from the point, in turns."""
    away = np.asarray(ring) - point
    angle = np.arctan2(away[:, 1], away[:, 0])
    turn = np.diff(np.append(angle, angle[0]))
    return round(((turn + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi))


@given(vertices)
def test_enclosed_area_is_where_the_winding_is_not_zero(ring):
    area = enclosed_by_stroke(ring)
    assert area.is_valid
    points = np.random.default_rng(0).uniform(0, 20, (40, 2))
    clear = shapely.distance(shapely.linearrings(ring), shapely.points(points)) > 1e-6
    expected = [winding_by_angles(ring, p) != 0 for p in points[clear]]
    np.testing.assert_array_equal(shapely.contains_xy(area, points[clear]), expected)


def test_a_pentagram_keeps_its_middle_that_make_valid_loses():
    ring = [(10 * np.sin(a), 10 * np.cos(a)) for a in np.arange(5) * 0.8 * np.pi]
    centre = shapely.Point(0, 0)
    assert enclosed_by_stroke(ring).contains(centre)
    assert not shapely.make_valid(shapely.Polygon(ring)).contains(centre)
    assert winding_number(ring, [[0.0, 0.0]])[0] == -2


@pytest.mark.parametrize("stroke", [[(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)], [(3, 3)] * 5])
def test_strokes_that_enclose_nothing(stroke):
    assert enclosed_by_stroke(stroke).area == 0


@pytest.mark.parametrize("stroke", [[(0, 0, 0)], [(0, 0), (1, np.nan), (2, 2)]])
def test_bad_strokes_are_refused(stroke):
    with pytest.raises(ShapeError):
        enclosed_by_stroke(stroke)
