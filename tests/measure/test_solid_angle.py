"""Solid angles against sums of spherical quadrilaterals, pixel by pixel."""

import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from galseg import ImageFrame
from galseg.errors import FrameError
from galseg.measure.solid_angle import solid_angle_arcsec2
from tests.hostile_wcs import HOSTILE
from tests.measure.exact_shapes import hostile_frame

WIDE = {
    "wide": {"scale_arcsec": (600, 600)},
    "wide SIN": {"scale_arcsec": (400, 600), "projection": "SIN", "rotation_deg": 20},
}
RNG = np.random.default_rng(5)


def triangle(a, b, c):
    """Solid angle by Van Oosterom & Strackee (1983)."""
    volume = np.abs(np.einsum("ij,ij->i", a, np.cross(b, c)))
    return 2 * np.arctan2(volume, 1 + (a * b).sum(1) + (b * c).sum(1) + (a * c).sum(1))


def pixel_by_pixel(frame, mask):
    y, x = np.nonzero(mask)
    corners = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    a, b, c, d = (
        SkyCoord(frame.wcs.pixel_to_world(x + dx, y + dy)).icrs.cartesian.xyz.value.T
        for dx, dy in corners
    )
    return (triangle(a, b, c) + triangle(a, c, d)).sum() * np.degrees(3600) ** 2


@pytest.mark.parametrize("options", [*HOSTILE.values(), *WIDE.values()])
def test_it_is_the_sum_over_the_pixels(options):
    frame = hostile_frame(options)
    mask = np.zeros(frame.shape, dtype=bool)
    mask[20:150, 30:100] = mask[100:190, 60:200] = True
    mask &= RNG.random(mask.shape) > 0.3
    assert solid_angle_arcsec2(mask, frame=frame) == pytest.approx(
        pixel_by_pixel(frame, mask), rel=2e-5
    )


def test_strong_distortion_is_followed_where_a_single_scale_is_wrong():
    frame = hostile_frame({"sip": True})
    frame.wcs.sip.a[2, 0] = 8e-4
    mask = np.zeros(frame.shape, dtype=bool)
    mask[10:40, 150:210] = True
    exact = pixel_by_pixel(frame, mask)
    assert solid_angle_arcsec2(mask, frame=frame) == pytest.approx(exact, rel=1e-6)
    assert abs(mask.sum() * frame.pixel_area_arcsec2 / exact - 1) > 0.05


def test_a_cut_out_counts_as_its_place_in_the_image_does():
    frame = hostile_frame(HOSTILE["SIP"])
    shares = np.zeros(frame.shape)
    shares[40:60, 100:140] = RNG.random((20, 40))
    cut = solid_angle_arcsec2(shares[40:60, 100:140], frame=frame, origin_xy=(100, 40))
    assert cut == pytest.approx(solid_angle_arcsec2(shares, frame=frame), rel=1e-6)


def test_what_lies_beyond_the_sky_is_refused():
    frame = hostile_frame({"projection": "SIN", "scale_arcsec": (1800, 1800)})
    with pytest.raises(FrameError, match="no finite pixel size"):
        solid_angle_arcsec2(np.ones(frame.shape), frame=frame)


def test_without_a_wcs_it_is_not_known():
    assert np.isnan(solid_angle_arcsec2(np.ones((3, 3)), frame=ImageFrame((3, 3))))
