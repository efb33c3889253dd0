"""Panels show masks where they lie, in one look, in files of which only the pixels speak."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from galseg.compare.panels import image_panel, mask_panel, overlay_panel
from galseg.compare.png import pad_png
from galseg.imaging.png import encode_png


def test_y_points_up_and_an_oblong_image_is_centred():
    mask = np.zeros((10, 20), dtype=bool)
    mask[:2, 10:14] = True
    panel = mask_panel(mask, size=200)
    rows, columns = np.nonzero(panel)
    assert (rows.min(), rows.max()) == pytest.approx((130, 149), abs=2)
    assert (columns.min(), columns.max()) == pytest.approx((100, 139), abs=2)


def test_image_and_mask_lie_on_each_other():
    pixels = np.zeros((1, 30, 30), dtype=np.float32)
    pixels[0, 5:15, 9:24] = 1
    shown = image_panel(pixels, size=300)[..., 0] > 127
    panel = mask_panel(pixels[0] > 0, size=300)
    assert (shown & panel).sum() > 0.95 * (shown | panel).sum()


@pytest.mark.parametrize("size", [64, 100, 384])
def test_a_slanted_line_one_pixel_wide_stays_one_piece(size):
    panel = mask_panel(np.eye(60, dtype=bool), size=size)
    assert cv2.connectedComponents(panel.astype(np.uint8))[0] == 2


def test_the_same_area_drawn_coarse_or_fine_looks_the_same():
    y, x = np.mgrid[:200, :200]
    fine = np.hypot(x - 99.5, y - 99.5) < 60
    coarse = fine.reshape(50, 4, 50, 4).mean(axis=(1, 3)) >= 0.5
    one, other = mask_panel(fine, size=400), mask_panel(coarse, size=400)
    assert (one & other).sum() > 0.95 * (one | other).sum()


def test_an_overlay_changes_the_edge_of_the_mask_only():
    mask = np.zeros((96, 96), dtype=bool)
    mask[30:60, 30:60] = True
    picture = np.full((96, 96, 3), 40, dtype=np.uint8)
    changed = (overlay_panel(picture, mask, colour=(230, 159, 0)) != picture).any(axis=-1)
    assert changed[30, 30:60].all()
    assert not changed[33:57, 33:57].any()
    assert not changed[:27].any()


def test_missing_pixels_and_bands_are_shown():
    pixels = np.full((2, 20, 20), np.nan, dtype=np.float32)
    pixels[:, 5:15, 5:15] = np.arange(100).reshape(10, 10)
    assert image_panel(pixels, size=64).shape == (64, 64, 3)
    assert image_panel(pixels[[0, 1, 1]], size=64).max() > 200


@given(st.integers(0, 500), st.booleans())
def test_a_padded_png_has_the_size_and_the_pixels(extra, colour):
    shape = (7, 9, 3) if colour else (7, 9)
    pixels = np.random.default_rng(extra).integers(0, 255, shape).astype(np.uint8)
    data = encode_png(pixels)
    padded = pad_png(data, len(data) + 12 + extra)
    assert len(padded) == len(data) + 12 + extra
    with Image.open(io.BytesIO(padded)) as picture:
        picture.load()
        assert picture.info == {}
        np.testing.assert_array_equal(np.asarray(picture), pixels)
