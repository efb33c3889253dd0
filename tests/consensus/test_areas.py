"""Lines and points get the width they were drawn with."""

import numpy as np
import pandas as pd
import pytest
import shapely

from galseg.consensus.areas import mark_areas
from galseg.errors import ShapeError


def areas_of(*drawn):
    return mark_areas(pd.DataFrame(drawn, columns=["geometry", "line_width_pix"]))


def test_a_straight_line_keeps_its_length_and_has_its_width():
    (band,) = areas_of((shapely.LineString([(1, 1), (31, 41)]), 6.0))
    assert band.area == pytest.approx(50 * 6)


def test_a_bend_is_round():
    (band,) = areas_of((shapely.LineString([(0, 0), (20, 0), (20, 20)]), 4.0))
    assert band.area == pytest.approx(2 * 20 * 4 - 2 * 2 + np.pi, rel=0.001)


def test_a_point_is_a_disc():
    (disc,) = areas_of((shapely.Point(5, 5), 8.0))
    assert disc.area == pytest.approx(np.pi * 16, rel=0.01)


def test_areas_stay_as_they_are_and_in_order():
    box, line = shapely.box(0, 0, 4, 4), shapely.LineString([(0, 0), (9, 0)])
    areas = areas_of((box, np.nan), (line, 2.0), (box, np.nan))
    assert areas[0] is box
    assert areas[2] is box
    assert areas[1].equals(shapely.box(0, -1, 9, 1))


@pytest.mark.parametrize("width", [np.nan, 0.0, -1.0])
def test_a_line_without_a_width_is_refused(width):
    with pytest.raises(ShapeError, match="mark 1 is a LineString"):
        areas_of((shapely.box(0, 0, 1, 1), np.nan), (shapely.LineString([(0, 0), (1, 1)]), width))


def test_no_marks_have_no_areas():
    assert areas_of() == []
