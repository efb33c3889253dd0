"""Marks of both Zooniverse front ends, against what their SVG would show."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from galseg.annotations.zooniverse_marks import BadDrawing, Picture, drawing_of


def svg_rotate(geometry, angle_deg, origin):
    """SVG's rotate(angle): clockwise on the screen, which is from x towards y as y is down."""
    return affinity.rotate(geometry, angle_deg, origin=origin)


def outline(mark):
    drawing = drawing_of(mark)
    assert drawing.kind == "outline"
    return shapely.Polygon(drawing.xy)


def overlap(a, b):
    return a.intersection(b).area / a.union(b).area


def test_rectangles_of_both_front_ends():
    expected = shapely.box(10, 20, 40, 30)
    assert outline({"x": 10, "y": 20, "width": 30, "height": 10}).equals(expected)
    assert outline({"x_center": 25, "y_center": 25, "width": 30, "height": 10}).equals(expected)


@pytest.mark.parametrize("angle", [0, 30, -35, 120])
def test_rotated_rectangles_turn_clockwise_in_both(angle):
    expected = svg_rotate(shapely.box(10, 20, 40, 30), angle, (25, 25))
    for place in ({"x": 10, "y": 20}, {"x_center": 25, "y_center": 25}):
        drawn = outline({**place, "width": 30, "height": 10, "angle": angle})
        assert overlap(drawn, expected) > 1 - 1e-9


@pytest.mark.parametrize("angle", [0, 30, -35, 120])
def test_the_angle_of_an_ellipse_runs_the_other_way_in_the_older_front_end(angle):
    ellipse = affinity.scale(shapely.Point(50, 60).buffer(1, quad_segs=200), 20, 8)
    newer = {"x_center": 50, "y_center": 60, "rx": 20, "ry": 8, "angle": angle}
    older = {"x": 50, "y": 60, "rx": 20, "ry": 8, "angle": angle}
    assert overlap(outline(newer), svg_rotate(ellipse, angle, (50, 60))) > 0.999
    assert overlap(outline(older), svg_rotate(ellipse, -angle, (50, 60))) > 0.999


@pytest.mark.parametrize(
    "mark", [{"x": 5, "y": 6, "r": 4}, {"x_center": 5, "y_center": 6, "radius": 4}]
)
def test_circles(mark):
    assert outline(mark).area == pytest.approx(math.pi * 16, rel=1e-3)
    assert outline(mark).centroid.distance(shapely.Point(5, 6)) < 1e-9


@pytest.mark.parametrize(
    ("mark", "kind"),
    [
        ({"pathX": [1, 3, 5], "pathY": [2, 4, 2]}, "stroke"),
        ({"points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 2}]}, "stroke"),
        ({"points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "closed": True}, "stroke"),
        ({"x1": 1, "y1": 2, "x2": 3, "y2": 4}, "segment"),
        ({"x": 1, "y": 2}, "point"),
    ],
)
def test_vertices_are_taken_as_they_are(mark, kind):
    drawing = drawing_of({"tool": 0, "frame": 0, "details": [], **mark})
    assert drawing.kind == kind
    assert drawing.xy.tolist() == [[1, 2], [3, 4], [5, 2]][: len(drawing.xy)]


def de_casteljau(a, b, c, t):
    ab, bc = (1 - t) * a + t * b, (1 - t) * b + t * c
    return (1 - t) * ab + t * bc


def test_bezier_points_alternate_between_anchors_and_controls():
    points = np.array([[0, 0], [10, 20], [20, 0], [30, -20], [40, 0]], dtype=float)
    mark = {"points": [{"x": x, "y": y} for x, y in points]}
    curve = shapely.LineString(drawing_of(mark, bezier=True).xy)
    for start in (0, 2):
        for t in (0, 0.25, 0.5, 0.9, 1):
            on_curve = de_casteljau(*points[start : start + 3], t)
            assert curve.distance(shapely.Point(on_curve)) < 0.05
    assert curve.coords[0] == (0, 0)
    assert curve.coords[-1] == (40, 0)


def test_an_even_number_of_bezier_points_closes_the_curve():
    # four quarter arcs by quadratic curves: controls at the corners of the square
    points = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    mark = {"points": [{"x": x, "y": y} for x, y in points]}
    xy = drawing_of(mark, bezier=True).xy
    assert xy[0].tolist() == xy[-1].tolist()
    assert shapely.Polygon(xy).area == pytest.approx(10 / 3, rel=2e-3)  # 2 + 4 * (1 / 3)


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ({}, "not a drawing"),
        ({"pathX": [1, 2], "pathY": [1]}, "do not pair up: 2 and 1"),
        ({"pathX": [1, 2]}, "do not pair up: 2 and 0"),
        ({"pathX": "abc", "pathY": "abc"}, "pathX are not all numbers"),
        ({"points": [[1, 2]]}, "not a list of"),
        ({"x1": 1, "y1": 2}, "lacks x2, y2"),
        ({"x": 1, "y": 2, "rx": None, "ry": 2, "angle": 0}, "not all finite"),
        ({"x": 1, "y": 2, "r": []}, "not all finite"),
        ({"x": 1, "y": 2, "r": 3, "angle": 10}, "triangle or fan"),
        ({"x": 1, "width": 5}, "lacks height"),
        ({"x": "left", "y": 2}, "not all numbers"),
        ({"x": 1, "y": 2, "rotation": 3}, "not a drawing"),
    ],
)
def test_a_damaged_mark_says_what_is_wrong(mark, reason):
    with pytest.raises(BadDrawing, match=reason):
        drawing_of({"tool": 0, **mark})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=3)
    | st.integers(-(10**400), 10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=5,
)
keys = ["pathX", "pathY", "points", "x1", "x2", "y1", "y2", "x", "y", "x_center", "y_center"]
keys += ["rx", "ry", "r", "radius", "angle", "width", "height"]


@given(st.dictionaries(st.sampled_from(keys), json_values), st.booleans())
def test_any_mark_is_a_drawing_or_bad(mark, bezier):
    picture = Picture((400, 300), (200, 100), True, "edge")
    try:
        drawing = drawing_of(mark, bezier=bezier)
    except BadDrawing:
        return
    assert picture.to_image(drawing.xy).shape == (len(drawing.xy), 2)


def test_a_picture_is_scaled_by_its_edges_not_its_centres():
    picture = Picture((424, 424), (256, 256), False, "edge")
    # the picture's outer corners are the image's, half a pixel outside its outer centres
    corners = picture.to_image(np.array([[0.0, 0.0], [424.0, 424.0]]))
    np.testing.assert_allclose(corners, [[-0.5, -0.5], [255.5, 255.5]])


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("origin", "drawn"), [("edge", 0.5), ("centre", 0.0)])
def test_the_first_pixel_and_the_flip(origin, drawn, flip):
    picture = Picture((30, 20), (30, 20), flip, origin)
    x, y = picture.to_image(np.array([[drawn, drawn + 3]]))[0]
    assert (x, y) == (0, 19 - 3 if flip else 3)


coordinates = st.floats(-50, 500)
sizes = st.tuples(st.integers(1, 2000), st.integers(1, 2000))


@settings(max_examples=40)
@given(st.lists(st.tuples(coordinates, coordinates), min_size=1), sizes, sizes, st.booleans())
def test_what_is_shown_in_the_picture_comes_back_to_its_pixels(xy, shown, image, flip):
    placed = np.array(xy)
    y_down = image[1] - 1 - placed[:, 1] if flip else placed[:, 1]
    drawn = np.column_stack(
        [(placed[:, 0] + 0.5) / image[0] * shown[0], (y_down + 0.5) / image[1] * shown[1]]
    )
    back = Picture(shown, image, flip, "edge").to_image(drawn)
    np.testing.assert_allclose(back, placed, atol=1e-9)
