"""The centre rule, against shapely's own point-in-polygon test."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from galseg.errors import ShapeError
from galseg.geometry import enclosed_by_stroke, polygon_mask, spans_of, votes_of

SHAPE = (23, 31)


YY, XX = np.mgrid[: SHAPE[0], : SHAPE[1]]
CENTRES = shapely.points(XX, YY)


def contains_centres(geometry):
    """Shapely's answer, with centres within rounding of the boundary counted as on it: outside."""
    distance = shapely.distance(geometry.boundary, CENTRES)
    return shapely.contains_xy(geometry, XX, YY) & ~(distance < 1e-9)


coarse = st.integers(-8, 40).map(lambda n: n / 2)  # many vertices and edges on pixel centres
fine = st.integers(-485, 3395).map(lambda n: n / 97)  # almost none
strokes = st.one_of(
    st.lists(st.tuples(coarse, coarse), min_size=3, max_size=12),
    st.lists(st.tuples(fine, fine), min_size=3, max_size=12),
)


@given(strokes)
def test_a_stroke_fills_the_pixels_whose_centres_shapely_contains(stroke):
    area = enclosed_by_stroke(stroke)
    np.testing.assert_array_equal(polygon_mask(area, SHAPE), contains_centres(area))


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.box(3, 4, 9, 12),
        shapely.box(3, 4, 9, 12).difference(shapely.box(5, 6, 8, 9)),
        shapely.box(-50, -50, 100, 100),
        shapely.box(40, 40, 50, 50),
        shapely.box(5.2, 5.2, 5.8, 5.8),
        affinity.rotate(shapely.box(2, 9, 29, 11.5), 31),
        shapely.Point(15, 11).buffer(9.5),
        shapely.MultiPolygon([shapely.box(1, 1, 4, 4), shapely.box(4, 4, 9, 9)]),
        shapely.Polygon(),
    ],
    ids=str,
)
def test_named_shapes(geometry):
    np.testing.assert_array_equal(polygon_mask(geometry, SHAPE), contains_centres(geometry))


def test_a_thin_bar_keeps_its_area():
    bar = affinity.rotate(shapely.box(20, 97, 180, 103), 37)
    assert polygon_mask(bar, (200, 200)).sum() == pytest.approx(bar.area, rel=0.01)


@given(st.lists(st.tuples(strokes, st.integers(0, 3)), min_size=1, max_size=6))
def test_votes_count_every_group_once(drawn):
    areas = [enclosed_by_stroke(stroke) for stroke, _ in drawn]
    groups = [group for _, group in drawn]
    expected = np.zeros(SHAPE, dtype=int)
    for group in set(groups):
        masks = [contains_centres(a) for a, g in zip(areas, groups, strict=True) if g == group]
        expected += np.any(masks, axis=0)
    np.testing.assert_array_equal(votes_of(areas, groups, SHAPE), expected)


def test_points_and_lines_of_a_collection_hold_no_pixel():
    box = shapely.box(1, 1, 4, 4)
    mixed = shapely.GeometryCollection(
        [box, shapely.Point(9, 9), shapely.LineString([(9, 1), (9, 9)])]
    )
    np.testing.assert_array_equal(polygon_mask(mixed, SHAPE), polygon_mask(box, SHAPE))


def test_pixel_counts_by_item():
    spans = spans_of([shapely.box(0.5, 0.5, 2.5, 1.5), shapely.box(9.5, 9.5, 12.5, 12.5)], SHAPE)
    np.testing.assert_array_equal(spans.n_pixels(3), [2, 9, 0])


def test_no_geometry_gives_no_votes():
    assert votes_of([], [], SHAPE).sum() == 0


def test_an_invalid_polygon_is_refused():
    bow_tie = shapely.Polygon([(0, 0), (5, 5), (5, 0), (0, 5)])
    with pytest.raises(ShapeError, match="enclosed_by_stroke"):
        polygon_mask(bow_tie, SHAPE)
