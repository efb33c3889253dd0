"""Regions against scikit-image on square pixels, and against exact outlines on the sky."""

import astropy.units as u
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely import affinity
from skimage.measure import label, regionprops
from skimage.morphology import convex_hull_image

from galseg import ImageFrame
from galseg.errors import ShapeError
from galseg.measure import MeasureFlag, measure_light, measure_region
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import (
    at_position_angle,
    boxy_ellipse,
    hostile_frame,
    mask_on_sky,
)

CENTRE = (104.3, 97.8)
RNG = np.random.default_rng(11)
BLOBS = np.random.default_rng(3).random((40, 50)) > 0.6


def curved():
    y, x = np.mgrid[:90, :110]
    return (np.abs(np.hypot(x - 50, y - 40) - 25) < 6) & (x > 40)


@pytest.mark.parametrize("mask", [BLOBS, curved()])
def test_shape_agrees_with_scikit_image(mask):
    region = measure_region(mask, frame=ImageFrame(mask.shape))
    (expected,) = regionprops(mask.astype(int))
    assert region.n_pixels == expected.area
    assert region.n_components == label(mask, connectivity=2).max()
    hull = convex_hull_image(mask, offset_coordinates=False)
    assert region.solidity == mask.sum() / hull.sum()
    ratio = expected.axis_major_length / expected.axis_minor_length
    assert region.elongation == pytest.approx(ratio, rel=0.01)
    assert region.flags & MeasureFlag.NO_WCS


@pytest.mark.parametrize("name", HOSTILE)
def test_size_and_direction_on_hostile_skies(name):
    frame = hostile_frame(HOSTILE[name])
    outline = at_position_angle(boxy_ellipse(36.0, 12.0, power=2), 64)
    region = measure_region(mask_on_sky(frame, CENTRE, outline), frame=frame)
    assert region.area_arcsec2 == pytest.approx(outline.area, rel=0.02)
    assert region.perimeter_arcsec == pytest.approx(outline.length, rel=0.04)
    assert region.length_arcsec == pytest.approx(36, rel=0.03)
    assert region.elongation == pytest.approx(3, rel=0.02)
    assert region.position_angle_deg == pytest.approx(64, abs=0.7)
    assert region.solidity > 0.97
    assert region.flags == 0


def test_a_hole_adds_its_outline_and_takes_its_area():
    frame = hostile_frame(HOSTILE["plain"])
    ring = shapely.Point(0, 0).buffer(20).difference(affinity.scale(shapely.Point(0, 0).buffer(8)))
    region = measure_region(mask_on_sky(frame, CENTRE, ring), frame=frame)
    assert region.area_arcsec2 == pytest.approx(ring.area, rel=0.01)
    assert region.perimeter_arcsec == pytest.approx(2 * np.pi * 28, rel=0.03)
    assert region.flags == MeasureFlag.ROUND
    assert np.isnan(region.position_angle_deg)


def test_light_counts_what_is_missing():
    image = np.arange(12.0).reshape(3, 4)
    image[1, 1] = np.nan
    mask = np.zeros((3, 4), dtype=bool)
    mask[1, :3] = True
    region = measure_region(mask, frame=ImageFrame((3, 4)), image=image)
    assert (region.sum, region.mean, region.n_nan) == (4 + 6, 5, 1)
    nothing = measure_region(mask, frame=ImageFrame((3, 4)), image=np.full((3, 4), np.nan))
    assert np.isnan([nothing.sum, nothing.mean]).all()
    assert nothing.n_nan == 3


def test_light_keeps_its_unit_and_is_what_measure_light_gives():
    frame = hostile_frame(HOSTILE["SIP"])
    mask = mask_on_sky(frame, CENTRE, boxy_ellipse(36.0, 12.0))
    image = RNG.normal(5, 1, frame.shape) * u.MJy / u.sr
    region = measure_region(mask, frame=frame, image=image)
    light = measure_light(mask, image, frame=frame, centre=CENTRE)
    assert region.sum == light.sum
    assert region.sum.unit == u.MJy
    assert region.mean == light.mean
    assert region.area_arcsec2 == pytest.approx(light.solid_angle_arcsec2)


def test_the_longest_chord_is_found_among_all_pairs_of_pixels():
    frame = hostile_frame(HOSTILE["sheared"])
    mask = np.zeros(frame.shape, dtype=bool)
    mask[50:70, 60:100] = RNG.random((20, 40)) > 0.7
    points = np.argwhere(mask)[:, ::-1]
    first, second = np.triu_indices(len(points), 1)
    between_centres = frame.separation_arcsec(points[first], points[second]).max()
    region = measure_region(mask, frame=frame)
    assert 0 <= region.length_arcsec - between_centres < 1.5 * frame.pixel_scale_arcsec


@given(arrays(bool, (6, 8)), st.integers(0, 4), st.integers(0, 5))
def test_shifting_and_mirroring_change_nothing_else(mask, dx, dy):
    assume(mask.any())
    page = np.zeros((20, 22), dtype=bool)
    page[2:8, 3:11] = mask
    frame = ImageFrame(page.shape)
    one = measure_region(page, frame=frame)
    for other in (np.roll(page, (dy, dx), axis=(0, 1)), page[:, ::-1]):
        moved = measure_region(other, frame=frame)
        assert (moved.n_pixels, moved.n_components) == (one.n_pixels, one.n_components)
        assert moved.solidity == one.solidity
        assert moved.elongation == pytest.approx(one.elongation)


@pytest.mark.parametrize(
    ("mask", "flag", "n_pixels", "elongation"),
    [
        (np.zeros((9, 9)), MeasureFlag.EMPTY, 0, np.nan),
        (np.full((9, 9), np.nan), MeasureFlag.NO_DATA, 0, np.nan),
        (np.ones((9, 9)), MeasureFlag.TOUCHES_EDGE | MeasureFlag.ROUND, 81, 1),
        (np.indices((9, 9))[0] == 4, MeasureFlag.TOUCHES_EDGE, 9, 9),
        (np.indices((9, 9)).max(axis=0) + np.indices((9, 9)).min(axis=0) == 8, 0, None, None),
    ],
)
def test_hostile_masks(mask, flag, n_pixels, elongation):
    region = measure_region(mask, frame=ImageFrame(mask.shape))
    assert region.flags & flag == flag
    if n_pixels is not None:
        assert region.n_pixels == n_pixels
        assert region.elongation == pytest.approx(elongation, nan_ok=True)


def test_missing_pixels_beside_the_region_are_flagged():
    mask = np.zeros((9, 9))
    mask[4, 2:7] = 1
    mask[0, 0] = np.nan
    assert not measure_region(mask, frame=ImageFrame((9, 9))).flags & MeasureFlag.NAN_PIXELS
    mask[5, 7] = np.nan
    assert measure_region(mask, frame=ImageFrame((9, 9))).flags & MeasureFlag.NAN_PIXELS


def test_bad_arguments_are_refused():
    frame = ImageFrame((4, 5))
    with pytest.raises(ShapeError, match="zeros and ones"):
        measure_region(np.full((4, 5), 0.3), frame=frame)
    with pytest.raises(ShapeError, match=r"\(5, 4\)"):
        measure_region(np.ones((5, 4)), frame=frame)
    with pytest.raises(ShapeError, match=r"image has shape \(2, 2\)"):
        measure_region(np.ones((4, 5)), frame=frame, image=np.ones((2, 2)))
