"""Overlays: where colour goes, and where it does not."""

import numpy as np
import pytest

from galseg.errors import ShapeError
from galseg.features import feature_colour
from galseg.imaging.overlay import overlay, to_rgb

IMAGE = np.random.default_rng(0).normal(size=(40, 60))
MASK = np.zeros(IMAGE.shape, dtype=bool)
MASK[10:20, 30:50] = True


def is_grey(picture):
    return (np.ptp(picture.astype(int), axis=-1) == 0).all()


def test_without_masks_a_band_is_grey():
    assert is_grey(overlay(IMAGE, {}))
    assert is_grey(to_rgb(np.stack([IMAGE, IMAGE])))


def test_three_bands_are_red_green_and_blue():
    dark = np.zeros_like(IMAGE)
    rgb = to_rgb(np.stack([IMAGE, dark, dark]))
    assert rgb[..., 0].max() == 255
    assert rgb[..., 1:].max() == 0


def test_colour_stays_on_the_mask_and_its_outline():
    picture = overlay(IMAGE, {"bar": MASK}, min_side=60, fill=1.0)
    assert (picture[12:18, 32:48] == feature_colour("bar")).all()
    away = picture.copy()
    away[8:22, 28:52] = 0
    assert is_grey(away)


def test_small_images_are_enlarged_by_a_whole_number():
    assert overlay(IMAGE, {"bar": MASK}, min_side=512).shape == (360, 540, 3)
    assert overlay(np.zeros((600, 600)), {}).shape == (600, 600, 3)


def test_an_empty_mask_changes_nothing():
    empty = np.zeros(IMAGE.shape, dtype=bool)
    np.testing.assert_array_equal(overlay(IMAGE, {"bar": empty}), overlay(IMAGE, {}))


@pytest.mark.parametrize("mask", [MASK.astype(float), MASK[:5]])
def test_a_mask_that_does_not_fit_is_refused(mask):
    with pytest.raises(ShapeError, match="'bar' mask"):
        overlay(IMAGE, {"bar": mask})
