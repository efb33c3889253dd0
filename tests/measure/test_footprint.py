"""Boxes and hulls against scikit-image and a count pixel by pixel."""

import numpy as np
from hypothesis import assume, given
from hypothesis.extra.numpy import arrays
from skimage.morphology import convex_hull_image

from galseg.measure.footprint import box_of, convex_hull, n_pixels_inside


@given(arrays(bool, (8, 11)))
def test_hull_holds_the_pixels_that_scikit_image_finds(mask):
    assume(len(np.unique(np.argwhere(mask), axis=0)) > 2)
    points = np.argwhere(mask)
    assume(np.linalg.matrix_rank(points - points[0]) == 2)  # scikit-image needs an area
    expected = convex_hull_image(mask, offset_coordinates=False).sum()
    assert n_pixels_inside(convex_hull(mask)) == expected


@given(arrays(bool, (5, 6)))
def test_the_box_holds_the_mask_and_no_empty_side(mask):
    assume(mask.any())
    part = mask[box_of(mask)]
    assert part.sum() == mask.sum()
    assert part[[0, -1]].any(axis=1).all()
    assert part[:, [0, -1]].any(axis=0).all()


def test_lines_are_their_own_hulls():
    for line in (np.ones((1, 7)), np.ones((5, 1)), np.eye(6), np.ones((1, 1))):
        mask = line.astype(bool)
        assert n_pixels_inside(convex_hull(mask)) == mask.sum()
