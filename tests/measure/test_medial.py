"""Medial axes of ribbons, sectors and S curves of known length, on pixels of any shape."""

import numpy as np
import pytest
import shapely
from shapely import affinity

from galseg import ImageFrame
from galseg.geometry import polygon_mask
from galseg.measure.evidence import Evidence
from galseg.measure.medial import find_medial_axis
from galseg.measure.plane import LocalPlane

MATRICES = {
    "square": np.eye(2),
    "oblong": np.diag([0.7, 1 / 0.7]),
    "sheared": np.array([[1, 0.3], [0, 1]]),
    "mirrored": np.diag([-1.0, 1.0]),
}


def arc(radius, turn):
    angle = np.linspace(0, turn, 300)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def axis_of(outline, matrix=MATRICES["square"]):
    inverse, offset = np.linalg.inv(matrix), np.array([110.31, 109.83])
    mask = polygon_mask(shapely.transform(outline, lambda xy: xy @ inverse.T + offset), (220, 220))
    component = Evidence.of(mask, ImageFrame(mask.shape), 0.5).largest_component()
    plane = LocalPlane(offset, matrix, np.nan)
    return find_medial_axis(component, plane, threshold=0.5)


def length_of(axis):
    return np.hypot(*np.diff(axis.points, axis=0).T).sum()


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("angle", [0, 17, 133])
@pytest.mark.parametrize(("length", "width"), [(80, 4), (60, 10), (45, 20), (30, 20)])
def test_straight_ribbons(name, angle, length, width):
    box = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    axis = axis_of(affinity.rotate(box, angle, origin=(0, 0)), MATRICES[name])
    assert length_of(axis) == pytest.approx(length, abs=1.2)
    assert axis.turning < 0.05 + 0.25 * width / length
    assert not axis.is_closed


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize("angle", [0, 77])
@pytest.mark.parametrize(
    ("radius", "turn_deg", "width"), [(40, 60, 8), (60, 180, 4), (45, 300, 8), (30, 90, 20)]
)
def test_annular_sectors(name, angle, radius, turn_deg, width):
    line = arc(radius, np.radians(turn_deg))
    band = shapely.LineString(line).buffer(width / 2, cap_style="flat", quad_segs=32)
    axis = axis_of(affinity.rotate(band, angle, origin=(0, 0)), MATRICES[name])
    length = radius * np.radians(turn_deg)
    assert length_of(axis) == pytest.approx(length, abs=1.2)
    assert axis.turning == pytest.approx(np.radians(turn_deg), abs=0.05 + 0.4 * width / length)
    assert np.hypot(*axis.points.T) == pytest.approx(radius, abs=1 + width / 20)


def test_the_turns_of_an_s_cancel():
    half = arc(25, np.radians(150)) - (25, 0)
    line = np.concatenate([-half[:0:-1], half])
    axis = axis_of(shapely.LineString(line).buffer(3, cap_style="flat"))
    assert length_of(axis) == pytest.approx(2 * 25 * np.radians(150), abs=1)
    assert axis.turning < 0.2


def test_round_ends_and_ellipses_reach_to_their_tips():
    stadium = shapely.LineString([(-30, 0), (30, 0)]).buffer(5)
    assert length_of(axis_of(stadium)) == pytest.approx(70, abs=0.7)
    ellipse = affinity.scale(shapely.Point(0, 0).buffer(1, quad_segs=64), 35, 12)
    assert length_of(axis_of(ellipse)) == pytest.approx(70, abs=1)


@pytest.mark.parametrize("side", [12, 41, 90, 200])
@pytest.mark.parametrize("outline", ["square", "disc"])
def test_the_skeleton_of_a_round_piece_is_a_point_and_says_nothing_of_its_width(outline, side):
    square = shapely.box(-side / 2, -side / 2, side / 2, side / 2)
    disc = shapely.Point(0, 0).buffer(side / 2, quad_segs=64)
    axis = axis_of({"square": square, "disc": disc}[outline])
    assert side - 1.5 < length_of(axis) < 1.5 * side


def test_small_holes_are_closed_and_a_ring_is_known_for_one():
    ribbon = shapely.box(-40, -6, 40, 6)
    holed = ribbon.difference(shapely.Point(5, 1).buffer(3))
    assert length_of(axis_of(holed)) == pytest.approx(80, abs=1)
    ring = shapely.Point(0, 0).buffer(40).difference(shapely.Point(0, 0).buffer(30))
    assert axis_of(ring).is_closed


def test_a_spur_does_not_lead_the_axis_away():
    spur = shapely.box(-40, -5, 40, 5).union(shapely.box(-3, 0, 3, 14))
    axis = axis_of(spur)
    assert length_of(axis) == pytest.approx(80, rel=0.03)
    assert np.abs(axis.points[:, 1]).max() < 6
