"""Perimeters against exact outlines on pixels of any shape."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import affinity
from skimage.measure import perimeter_crofton

from galseg.geometry import polygon_mask
from galseg.measure.perimeter import crofton_perimeter

SQUARE, OBLONG, SHEARED = np.eye(2), np.diag([0.7, 1.4]), np.array([[1, 0.4], [0, 1]])


def mask_of(outline, matrix):
    inverse = np.linalg.inv(matrix)
    return polygon_mask(shapely.transform(outline, lambda xy: xy @ inverse.T + 100.3), (200, 200))


@pytest.mark.parametrize(
    ("matrix", "rel"), [(SQUARE, 0.035), (OBLONG, 0.07), (SHEARED, 0.04)], ids=str
)
@pytest.mark.parametrize("angle", range(0, 180, 15))
def test_straight_edges_at_all_angles(matrix, rel, angle):
    outline = affinity.rotate(shapely.box(-30, -7, 30, 7), angle, origin=(0, 0))
    measured = crofton_perimeter(mask_of(outline, matrix), matrix)
    assert measured == pytest.approx(outline.length, rel=rel)


@pytest.mark.parametrize("matrix", [SQUARE, OBLONG, SHEARED], ids=str)
def test_discs(matrix):
    disc = shapely.Point(0, 0).buffer(31, quad_segs=64)
    measured = crofton_perimeter(mask_of(disc, matrix), matrix)
    assert measured == pytest.approx(disc.length, rel=0.015)


def test_it_agrees_with_scikit_image_within_what_four_directions_allow():
    mask = mask_of(shapely.LineString([(-40, -30), (0, 20), (40, 10)]).buffer(9), SQUARE)
    assert crofton_perimeter(mask, SQUARE) == pytest.approx(perimeter_crofton(mask, 4), rel=0.05)


@given(arrays(bool, (7, 9)), st.floats(0.1, 20))
def test_turning_mirroring_and_scaling(mask, scale):
    measured = crofton_perimeter(mask, SQUARE)
    assert crofton_perimeter(mask[::-1], SQUARE) == pytest.approx(measured)
    assert crofton_perimeter(np.rot90(mask), SQUARE) == pytest.approx(measured)
    assert crofton_perimeter(mask, scale * SQUARE) == pytest.approx(scale * measured)
