"""Pieces of a map, against scikit-image's labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import label, regionprops

from galseg import ImageFrame
from galseg.errors import ConfigError, ShapeError
from galseg.measure import MeasureFlag
from galseg.measure.evidence import Evidence

SHAPE = (12, 15)
FRAME = ImageFrame(SHAPE)


@settings(max_examples=60, deadline=None)
@given(arrays(bool, SHAPE))
def test_the_largest_piece_is_that_of_scikit_image(mask):
    evidence = Evidence.of(mask, FRAME, 0.5)
    if not mask.any():
        assert evidence.flags == MeasureFlag.EMPTY
        return
    areas = sorted(region.area for region in regionprops(label(mask, connectivity=2)))
    component = evidence.largest_component()
    assert component.mask.sum() == areas[-1]
    x, y = component.points.astype(int).T
    assert mask[y, x].all()
    touches = (x == 0) | (y == 0) | (x == SHAPE[1] - 1) | (y == SHAPE[0] - 1)
    assert bool(component.flags & MeasureFlag.TOUCHES_EDGE) == bool(touches.any())
    several = len(areas) > 1 and areas[-2] >= 0.1 * areas[-1]
    assert bool(component.flags & MeasureFlag.SEVERAL_COMPONENTS) == several


@settings(max_examples=30, deadline=None)
@given(arrays(bool, SHAPE), st.integers(1, 5))
def test_pieces_and_those_left_out_are_all(mask, min_pixels):
    if not mask.any():
        return
    found, n_left_out = Evidence.of(mask, FRAME, 0.5).components(min_pixels=min_pixels, min_share=0)
    sizes = [int(component.mask.sum()) for component in found]
    assert sizes == sorted(sizes, reverse=True)
    assert len(found) + n_left_out == label(mask, connectivity=2).max()
    assert all(size >= min(min_pixels, sizes[0]) for size in sizes)


def test_a_map_of_zeros_and_ones_is_a_mask_whatever_the_threshold():
    evidence = Evidence.of(np.eye(12, 15), FRAME, 0.9)
    assert evidence.is_mask
    assert evidence.threshold == 0.5


def test_other_pieces_are_not_in_the_values_of_one():
    values = np.zeros(SHAPE, dtype=np.float32)
    values[2:6, 2:6], values[3, 9:11] = 0.8, 0.9
    component = Evidence.of(values, FRAME, 0.5).largest_component()
    assert component.values.max() == np.float32(0.8)
    np.testing.assert_allclose(component.centroid_xy, (3.5, 3.5))
    np.testing.assert_allclose(component.weights, 0.8)


@pytest.mark.parametrize(
    ("values", "threshold", "error"),
    [
        (np.full(SHAPE, 1.2), 0.5, ShapeError),
        (np.full(SHAPE, -0.1), 0.5, ShapeError),
        (np.zeros((3, 3)), 0.5, ShapeError),
        (np.zeros(SHAPE), 1.1, ConfigError),
    ],
)
def test_bad_maps_are_refused(values, threshold, error):
    with pytest.raises(error):
        Evidence.of(values, FRAME, threshold)
