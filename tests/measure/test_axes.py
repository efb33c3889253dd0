"""Axes of shapes whose tips are known, round, straight and knobbed."""

import numpy as np
import pytest
import shapely
from shapely import affinity

from galseg import ImageFrame
from galseg.geometry import polygon_mask
from galseg.measure.axes import find_axes
from galseg.measure.evidence import Evidence
from galseg.measure.plane import LocalPlane
from tests.measure.exact_shapes import boxy_ellipse

FRAME = ImageFrame((170, 180))
LENGTH, WIDTH = 100.0, 36.0


def capsule():
    reach = (LENGTH - WIDTH) / 2
    return shapely.buffer(shapely.LineString([(-reach, 0), (reach, 0)]), WIDTH / 2, quad_segs=64)


def knobbed():
    shaft = shapely.box(-0.45 * LENGTH, -0.35 * WIDTH, 0.45 * LENGTH, 0.35 * WIDTH)
    knobs = [shapely.Point(s * (LENGTH - WIDTH) / 2, 0).buffer(WIDTH / 2, 64) for s in (-1, 1)]
    return shapely.union_all([shaft, *knobs])


def trapezium():
    a, b = LENGTH / 2, WIDTH / 2
    return shapely.Polygon([(-a, -b), (a, -0.7 * b), (a, 0.7 * b), (-a, b)])


def axes_of(mask):
    evidence = Evidence.of(mask, FRAME, 0.5)
    component = evidence.largest_component()
    plane = LocalPlane.at(FRAME, component.centroid_xy)
    return find_axes(component, plane, threshold=0.5, levels=None)


@pytest.mark.parametrize("angle_deg", [0.0, 31.0, 77.0])
@pytest.mark.parametrize(
    "outline",
    [
        boxy_ellipse(LENGTH, WIDTH, 2),
        boxy_ellipse(LENGTH, WIDTH, 3),
        boxy_ellipse(LENGTH, WIDTH, 40),
        capsule(),
        knobbed(),
        trapezium(),
    ],
)
def test_the_ends_are_the_tips(outline, angle_deg):
    turned = affinity.rotate(outline, angle_deg, origin=(0, 0))
    axes = axes_of(polygon_mask(affinity.translate(turned, 90.3, 84.6), FRAME.shape))
    assert axes is not None
    assert axes.along.length == pytest.approx(LENGTH, rel=0.008)
    along = axes.ends_xy[1] - axes.ends_xy[0]
    turn = np.degrees(np.arctan2(along[1], along[0])) - angle_deg
    assert abs((turn + 90) % 180 - 90) < 0.3


def test_a_hole_on_the_axis_does_not_end_the_bar():
    mask = polygon_mask(affinity.translate(capsule(), 90.3, 84.6), FRAME.shape)
    mask[80:90, 100:115] = False
    axes = axes_of(mask)
    assert axes is not None
    assert axes.along.length == pytest.approx(LENGTH, abs=1.0)
