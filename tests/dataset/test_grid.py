"""To the model's square and back without a shift, against torch's interpolation."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import interpolate

from galseg.dataset.grid import ModelGrid
from galseg.errors import ConfigError

shapes = st.tuples(st.integers(1, 90), st.integers(1, 90))
sides = st.sampled_from([8, 32, 64])


def blob(shape, x, y, sigma):
    yy, xx = np.mgrid[: shape[0], : shape[1]]
    return np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * sigma**2)).astype(np.float32)


def centroid(plane):
    yy, xx = np.mgrid[: plane.shape[0], : plane.shape[1]]
    return np.array([(plane * xx).sum(), (plane * yy).sum()]) / plane.sum()


@pytest.mark.parametrize(("n", "side"), [(64, 32), (96, 32), (80, 32)])
def test_a_larger_image_is_averaged_as_torch_does(n, side):
    image = np.random.default_rng(0).random((1, n, n), dtype=np.float32)
    expected = interpolate(
        torch.from_numpy(image)[None], (side, side), mode="bilinear", antialias=True
    )
    values, _ = ModelGrid((n, n), side).to_model(image)
    inner = slice(2, -2)  # torch cuts its window off at the edge, here the edge goes on
    np.testing.assert_allclose(values[0, inner, inner], expected[0, 0, inner, inner], atol=1e-5)


@pytest.mark.parametrize(("n", "side"), [(20, 32), (32, 32), (31, 64)])
def test_a_smaller_image_is_interpolated_as_torch_does(n, side):
    image = np.random.default_rng(0).random((1, n, n), dtype=np.float32)
    expected = interpolate(torch.from_numpy(image)[None], (side, side), mode="bilinear")
    values, coverage = ModelGrid((n, n), side).to_model(image)
    np.testing.assert_allclose(values[0], expected[0, 0], atol=1e-5)
    assert (coverage > 0.999).all()


@pytest.mark.parametrize("n", [20, 32, 75])
def test_maps_come_back_as_torch_interpolates_them(n):
    maps = np.random.default_rng(0).random((2, 32, 32), dtype=np.float32)
    expected = interpolate(torch.from_numpy(maps)[None], (n, n), mode="bilinear", antialias=True)
    back = ModelGrid((n, n), 32).to_image(maps)
    inner = slice(2, -2)
    np.testing.assert_allclose(back[:, inner, inner], expected[0, :, inner, inner], atol=1e-5)


@given(shapes, sides)
def test_a_constant_stays_constant(shape, side):
    grid = ModelGrid(shape, side)
    values, _ = grid.to_model(np.full((1, *shape), 3.5, dtype=np.float32))
    np.testing.assert_allclose(values, 3.5, rtol=1e-5)
    np.testing.assert_allclose(grid.to_image(np.ones((1, side, side))), 1, rtol=1e-6)


def test_off_the_image_stands_its_mirror_image():
    image = np.random.default_rng(1).random((1, 8, 32), dtype=np.float32)
    values, coverage = ModelGrid((8, 32), 32).to_model(image)
    np.testing.assert_allclose(values, np.pad(image, ((0, 0), (12, 12), (0, 0)), "symmetric"))
    np.testing.assert_array_equal(
        coverage[0].any(axis=1), np.repeat([False, True, False], (12, 8, 12))
    )


@pytest.mark.parametrize("shape", [(64, 64), (150, 97), (301, 300), (40, 33)], ids=str)
@pytest.mark.parametrize("side", [32, 64])
def test_there_and_back_moves_nothing(shape, side):
    grid = ModelGrid(shape, side)
    x, y = 0.55 * shape[1], 0.4 * shape[0]
    image = blob(shape, x, y, sigma=0.08 * max(shape))
    values, _ = grid.to_model(image[np.newaxis])
    back = grid.to_image(values)[0]
    np.testing.assert_allclose(centroid(back), centroid(image), atol=0.05 * grid.scale)


def test_missing_pixels_are_left_out_of_the_mean():
    image = np.ones((1, 8, 8), dtype=np.float32)
    image[0, :4, :4] = np.nan
    values, coverage = ModelGrid((8, 8), 2).to_model(image)
    assert coverage[0, 0, 0] < 0.5 < coverage[0, 1, 1]
    np.testing.assert_allclose(values, 1)


@pytest.mark.parametrize(("shape", "side"), [((20, 20), 20), ((31, 18), 8), ((9, 12), 30)])
def test_a_whole_plane_is_the_same_next_to_one_with_gaps(shape, side):
    planes = np.random.default_rng(3).random((2, *shape), dtype=np.float32)
    whole = ModelGrid(shape, side).to_model(planes)
    planes[1, 2:5, 3] = np.nan
    holed = ModelGrid(shape, side).to_model(planes)
    for of_whole, of_holed in zip(whole, holed, strict=True):
        assert of_whole.shape == of_holed.shape
        assert of_whole.flags.writeable
        np.testing.assert_array_equal(of_whole[0], of_holed[0])


def test_no_side_is_no_grid():
    with pytest.raises(ConfigError, match="side"):
        ModelGrid((4, 4), 0)
