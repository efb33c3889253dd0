"""What a model gets to see."""

import numpy as np
import pytest
import torch

from galseg.dataset.simulate import simulate_galaxy
from galseg.dataset.transforms import model_input, random_orientation


@pytest.fixture(scope="module")
def image():
    return simulate_galaxy(3, shape=(70, 96)).image[np.newaxis]


def test_values_lie_between_0_and_1_in_any_units(image):
    values, observed = model_input(image, side=64)
    assert values.dtype == np.float32
    assert (values.min(), values.max()) >= (0, 0.5)
    assert values.max() <= 1
    again, _ = model_input(image * 1e-9 + 1e-6, side=64)
    np.testing.assert_allclose(again, values, atol=2e-2)
    assert observed[:8].sum() == 0  # the margin that makes the image square
    assert observed[32].all()


def test_missing_pixels_are_not_observed_and_do_not_bleed(image):
    holed = image.copy()
    holed[0, 10:20, 10:30] = np.nan
    values, observed = model_input(holed, side=64)
    whole, _ = model_input(image, side=64)
    assert not observed[17:20, 9:18].any()
    assert np.isfinite(values).all()
    np.testing.assert_allclose(values[0, 25:], whole[0, 25:], atol=0.02)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_an_image_without_contrast_is_zero(dtype):
    values, observed = model_input(np.full((1, 5, 5), 7, dtype=dtype), side=8)
    assert (values == 0).all()
    assert observed.all()


def test_the_eight_orientations_come_alike_often_and_together():
    square = torch.arange(9.0).reshape(1, 3, 3)
    generator = torch.Generator().manual_seed(0)
    seen = {}
    for _ in range(400):
        first, second = random_orientation([square, 2 * square], generator=generator)
        torch.testing.assert_close(second, 2 * first)
        key = tuple(first.flatten().tolist())
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 8
    assert min(seen.values()) > 25
