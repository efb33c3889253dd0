"""Outlines of masks, against the rasteriser and the sum of the pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.errors import ShapeError
from galseg.geometry import polygon_mask
from galseg.geometry.outline import mask_outline

masks = st.builds(
    lambda ny, nx, filled, seed: np.random.default_rng(seed).random((ny, nx)) < filled,
    st.integers(1, 12),
    st.integers(1, 12),
    st.sampled_from([0, 0.3, 0.5, 0.8, 1]),
    st.integers(0, 2**32 - 1),
)


@given(masks)
def test_the_outline_rasterises_to_the_same_mask(mask):
    outline = mask_outline(mask)
    assert outline.is_valid
    assert outline.area == mask.sum()
    np.testing.assert_array_equal(polygon_mask(outline, mask.shape), mask)


def test_straight_edges_have_no_needless_vertices():
    outline = mask_outline(np.ones((30, 40), dtype=bool))
    assert len(outline.geoms[0].exterior.coords) == 5


def test_numbers_are_not_a_mask():
    with pytest.raises(ShapeError):
        mask_outline(np.zeros((3, 3)))
