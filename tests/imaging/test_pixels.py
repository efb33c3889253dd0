"""What float32 holds of an image, and what it is refused for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from galseg.errors import ShapeError
from galseg.imaging.pixels import as_pixels

NOISE = np.random.default_rng(0).normal(size=(40, 50))


@given(arrays.arrays(st.sampled_from(["u1", ">i2", "f4", ">f4"]), (3, 4)))
def test_what_float32_holds_is_copied_exactly(values):
    pixels = as_pixels(values)
    expected = np.where(np.isfinite(values), values, np.nan)
    np.testing.assert_array_equal(pixels, expected)
    assert pixels.dtype == np.float32
    assert pixels.dtype.isnative
    assert not np.shares_memory(pixels, values)


@pytest.mark.parametrize("offset", [0, 1, 1e3])
def test_rounding_far_below_the_noise_is_let_through(offset):
    np.testing.assert_allclose(as_pixels(NOISE + offset) - offset, NOISE, atol=1e-3)


@pytest.mark.parametrize("values", [NOISE + 1e6, NOISE * 1e39, NOISE * 1e-47], ids=[0, 1, 2])
def test_rounding_that_shows_is_refused(values):
    with pytest.raises(ShapeError, match="do not fit float32"):
        as_pixels(values)


def test_missing_pixels_take_no_part_in_it():
    values = np.where(np.arange(50) < 10, np.nan, NOISE)
    masked = np.ma.masked_array(np.where(np.isnan(values), 1e300, values), np.isnan(values))
    np.testing.assert_array_equal(as_pixels(masked), values.astype(np.float32))
    assert np.isnan(as_pixels(np.full((3, 3), np.nan))).all()


@pytest.mark.parametrize("dtype", [bool, complex, "M8[s]", "U3", object])
def test_what_is_no_real_number_is_refused(dtype):
    with pytest.raises(ShapeError, match="real numbers"):
        as_pixels(np.zeros((2, 2), dtype=dtype))
