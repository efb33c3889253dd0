"""Which marks are kept, repaired and rejected, and that nothing ever gets past the checks."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from galseg.annotations.validate import (
    MarkLimits,
    check_area,
    check_line,
    check_point,
    check_shape,
)
from galseg.errors import ConfigError

SHAPE = (80, 100)
LIMITS = MarkLimits()
ANGLE = np.linspace(0, 2 * np.pi, 60, endpoint=False)
BLOB = np.column_stack([50 + 20 * np.cos(ANGLE), 40 + 10 * np.sin(ANGLE)])
WAVE = np.column_stack([np.linspace(5, 90, 60), 40 + 5 * np.sin(ANGLE)])
PENTAGRAM = [(50 + 20 * np.sin(a), 40 + 20 * np.cos(a)) for a in np.arange(5) * 0.8 * np.pi]
BOWTIE = [(10, 10), (40, 30), (40, 10), (10, 30)]


def torn(stroke):
    """The stroke with its second half moved far away."""
    return np.vstack([stroke[:30], shifted(stroke[30:], -45)])


def shifted(stroke, dx):
    return stroke + np.array([dx, 0])


@pytest.mark.parametrize("xy", [BLOB, shifted(BLOB, 40), BOWTIE[:3], [(0, 0), (99, 0), (50, 79)]])
def test_good_areas_are_kept_as_they_came(xy):
    checked = check_area(xy, SHAPE, LIMITS)
    assert checked.reason is None
    assert checked.geometry.equals(shapely.Polygon(xy))


@pytest.mark.parametrize(
    ("xy", "reason"),
    [
        ([], "too few points: 0"),
        ([(1, 1), (1, 1), (9, 9), (9, 9)], "too few points: 2"),
        ([(10, 10), (20, 20), (30, 30)], "no area"),
        ([(1, 1), (9, 9), (1, 1), (9, 9)], "no area"),
        ([(10, 10), (10.5, 10), (10, 10.5)], "no area"),
        ([(10, 10), (20, np.nan), (30, 10)], "not finite"),
        ([(10, 10), (np.inf, 20), (30, 10)], "not finite"),
        ([(-30, 10), (-20, 10), (-20, 30)], "outside the image"),
        ([(10, 10), (20, 10), (20, 1e300)], "far outside"),
        ([(-1, -1), (101, -1), (101, 81), (-1, 81)], "as large as the image"),
        (torn(BLOB), "jumps across the image"),
        (np.tile(BLOB, (2000, 1)), "too many points"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_areas_are_rejected_with_the_reason(xy, reason):
    checked = check_area(xy, SHAPE, LIMITS)
    assert checked.geometry is None
    assert checked.reason.startswith(reason)


def test_a_crossing_stroke_becomes_what_it_winds_round():
    checked = check_area(PENTAGRAM, SHAPE, LIMITS)
    assert checked.reason.startswith("self-crossing")
    assert checked.geometry.contains(shapely.Point(50, 40))
    # a pentagram's outline: 10 triangles of the golden ratio, R^2 * 1.1226 (OEIS A179260)
    assert checked.geometry.area == pytest.approx(20**2 * 1.12257, rel=1e-4)


def test_long_edges_of_a_clicked_polygon_are_no_jumps_unless_asked():
    clicked = [(5, 35), (95, 38), (95, 42), (5, 45)]
    assert check_area(clicked, SHAPE, LIMITS).reason is None
    strict = check_area(clicked, SHAPE, MarkLimits(jump_ratio=0))
    assert strict.reason.startswith("jumps across the image")


@pytest.mark.parametrize(
    ("xy", "reason"),
    [
        ([(5, 5)], "too few points: 1"),
        ([(5, 5), (5, 5)], "too few points: 1"),
        ([(5, 5), (5, np.nan)], "not finite"),
        ([(-20, 5), (-20, 60)], "outside the image"),
        ([(5, 5), (5.5, 5)], "too short"),
        (torn(WAVE), "jumps across the image"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_lines_are_rejected_with_the_reason(xy, reason):
    checked = check_line(xy, SHAPE, LIMITS)
    assert checked.geometry is None
    assert checked.reason.startswith(reason)


def test_a_line_is_kept_also_where_it_crosses_itself_or_the_edge():
    for xy in (WAVE, BOWTIE, shifted(WAVE, 20)):
        assert check_line(xy, SHAPE, LIMITS).geometry.equals(shapely.LineString(xy))


def test_a_point_counts_up_to_the_edge_of_the_last_pixel():
    assert check_point((99.4, 79.4), SHAPE, LIMITS).reason is None
    assert check_point((99.6, 10), SHAPE, LIMITS).reason == "outside the image"
    assert check_point((np.nan, 10), SHAPE, LIMITS).reason.startswith("not finite")


def test_a_ready_shape_keeps_its_holes_and_crossing_rings_are_repaired():
    ring = shapely.box(10, 10, 60, 60).difference(shapely.box(20, 20, 40, 40))
    assert check_shape(ring, SHAPE, LIMITS).geometry is ring
    crossing = shapely.Polygon(PENTAGRAM, holes=[[(48, 38), (52, 42), (52, 38), (48, 42)]])
    repaired = check_shape(crossing, SHAPE, LIMITS)
    assert repaired.reason.startswith("self-crossing")
    assert repaired.geometry.area == pytest.approx(20**2 * 1.12257 - 8, rel=1e-4)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (shapely.LineString([(0, 0), (9, 9)]), "not an area: a LineString"),
        (shapely.Polygon(), "too few points"),
        (shapely.box(-5, -5, 120, 120), "as large as the image"),
    ],
)
def test_bad_shapes_are_rejected_with_the_reason(geometry, reason):
    checked = check_shape(geometry, SHAPE, LIMITS)
    assert checked.geometry is None
    assert checked.reason.startswith(reason)


numbers = st.one_of(
    st.floats(width=64), st.floats(-30, 130), st.integers(-3, 25).map(lambda n: n * 4.0)
)
points = st.lists(st.tuples(numbers, numbers), max_size=9)


@given(points)
def test_whatever_is_drawn_what_passes_is_valid_and_in_the_image(xy):
    image = shapely.box(-0.5, -0.5, 99.5, 79.5)
    for check, kind in ((check_area, "Polygon"), (check_line, "LineString")):
        checked = check(xy, SHAPE, LIMITS)
        if checked.geometry is None:
            assert checked.reason
        else:
            assert checked.geometry.is_valid
            assert checked.geometry.intersects(image)
            assert checked.geometry.geom_type.endswith(kind)


@pytest.mark.parametrize(
    "limits", [{"max_jump": -1}, {"min_points": 2}, {"max_points": "9"}, {"max_jump": np.nan}]
)
def test_limits_that_make_no_sense_are_refused(limits):
    with pytest.raises(ConfigError):
        MarkLimits(**limits)
