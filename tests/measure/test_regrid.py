"""Masks on other grids, against areas on the sphere and polygons cut by shapely."""

import sys

import numpy as np
import pytest
import shapely

from galseg import ImageFrame
from galseg.errors import FrameError, MissingDependencyError, ShapeError
from galseg.geometry.outline import mask_outline
from galseg.measure.regrid import covered_share
from galseg.measure.solid_angle import solid_angle_arcsec2
from tests.hostile_wcs import HOSTILE, header
from tests.measure.exact_shapes import at_position_angle, boxy_ellipse, hostile_frame, mask_on_sky

CENTRE = (34.3, 29.8)


def integral_field_unit(frame, *, shape=(34, 30), scale_arcsec=0.5, **options):
    """A rotated grid of spaxels over the middle of a frame."""
    (ra, dec) = frame.to_radec_deg([CENTRE])[0]
    pixels = (scale_arcsec, scale_arcsec)
    return ImageFrame.from_header(
        header(centre_deg=(ra, dec), rotation_deg=33.0, scale_arcsec=pixels, shape=shape, **options)
    )


def cut_by_shapely(mask, frame, onto):
    """Share of every pixel of `onto`, from the mask's outline in its pixels."""

    def to_other(xy):
        return onto.to_pixel(frame.to_sky(xy))

    outline = shapely.transform(shapely.segmentize(mask_outline(mask), 0.5), to_other)
    y, x = np.indices(onto.shape)
    pixels = shapely.box(x - 0.5, y - 0.5, x + 0.5, y + 0.5)
    return shapely.area(shapely.intersection(pixels, outline.buffer(0)))


@pytest.fixture(params=HOSTILE, ids=str)
def frame(request):
    return hostile_frame(HOSTILE[request.param], shape=(62, 66))


@pytest.fixture
def mask(frame):
    outline = at_position_angle(boxy_ellipse(12.0, 5.0, power=2), 64)
    return mask_on_sky(frame, CENTRE, outline)


def test_the_area_on_the_sky_is_conserved(frame, mask):
    onto = integral_field_unit(frame)
    share = covered_share(mask, frame=frame, onto=onto)
    assert share.min() >= 0
    assert share.max() <= 1
    assert solid_angle_arcsec2(share, frame=onto) == pytest.approx(
        solid_angle_arcsec2(mask, frame=frame), rel=1e-7
    )


def test_shares_are_those_of_shapely(frame, mask):
    onto = integral_field_unit(frame)
    share = covered_share(mask, frame=frame, onto=onto)
    np.testing.assert_allclose(share, cut_by_shapely(mask, frame, onto), atol=2e-4)


def test_a_mask_goes_from_the_plain_grid_to_the_hostile_one_too(frame):
    plain = integral_field_unit(frame, shape=(30, 34), scale_arcsec=0.3)
    mask = np.zeros(plain.shape, dtype=bool)
    mask[8:24, 12:20] = True
    share = covered_share(mask, frame=plain, onto=frame)
    np.testing.assert_allclose(share, cut_by_shapely(mask, plain, frame), atol=2e-4)


def test_the_same_grid_gives_the_mask_again(frame, mask):
    np.testing.assert_allclose(covered_share(mask, frame=frame, onto=frame), mask, atol=1e-6)


def test_beyond_the_image_of_the_mask_nothing_is_covered():
    frame = hostile_frame({}, shape=(30, 30))
    far = integral_field_unit(frame, shape=(200, 200), mirrored=True)
    share = covered_share(np.ones(frame.shape), frame=frame, onto=far)
    assert share[0, 0] == 0
    area = solid_angle_arcsec2(np.ones(frame.shape), frame=frame)
    assert solid_angle_arcsec2(share, frame=far) == pytest.approx(area, rel=1e-7)
    antipode = ImageFrame.from_header(header(centre_deg=(330.0, -30.0), shape=(20, 20)))
    assert covered_share(np.ones(frame.shape), frame=frame, onto=antipode).max() == 0


def test_a_missing_pixel_makes_those_under_it_unknown():
    frame = hostile_frame({}, shape=(62, 66))
    onto = integral_field_unit(frame)
    mask = np.zeros(frame.shape)
    mask[20:40, 25:45] = 1
    whole = covered_share(mask, frame=frame, onto=onto)
    mask[28, 35] = np.nan
    share = covered_share(mask, frame=frame, onto=onto)
    lost = np.isnan(share)
    assert 1 <= lost.sum() <= 6
    np.testing.assert_array_equal(share[~lost], whole[~lost])


def test_bad_arguments_are_refused():
    frame = hostile_frame({}, shape=(8, 9))
    with pytest.raises(ShapeError, match=r"\(9, 8\)"):
        covered_share(np.ones((9, 8)), frame=frame, onto=frame)
    with pytest.raises(ShapeError, match="zeros and ones"):
        covered_share(np.full((8, 9), 0.4), frame=frame, onto=frame)
    with pytest.raises(FrameError, match="onto has no WCS"):
        covered_share(np.ones((8, 9)), frame=frame, onto=ImageFrame((4, 4)))
    with pytest.raises(FrameError, match="frame has no WCS"):
        covered_share(np.ones((4, 4)), frame=ImageFrame((4, 4)), onto=frame)


def test_without_reproject_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "reproject", None)
    frame = hostile_frame({}, shape=(8, 9))
    with pytest.raises(MissingDependencyError, match=r"galseg\[regrid\]"):
        covered_share(np.ones((8, 9)), frame=frame, onto=frame)
