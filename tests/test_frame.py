"""The pixel grid on the sky, checked with astropy's own transformations."""

import pickle

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from galseg import ImageFrame
from galseg.errors import FrameError, ShapeError
from galseg.fits_headers import cards_of
from tests.hostile_wcs import HOSTILE, header

ENDS = np.array([[20.5, 30.0], [88.0, 61.5]])


@pytest.fixture(params=HOSTILE, ids=str)
def frame(request):
    return ImageFrame.from_header(header(**HOSTILE[request.param]))


@pytest.mark.parametrize("name", HOSTILE)
def test_the_wcs_is_what_astropy_makes_of_the_header(name):
    card = header(**HOSTILE[name])
    expected = WCS(card).celestial
    cards = cards_of(card.tostring().encode())
    for frame in (ImageFrame.from_header(card), ImageFrame.from_cards(cards, (101, 121))):
        assert frame.shape == (101, 121)
        assert frame.wcs.pixel_shape == expected.pixel_shape
        assert repr(frame.wcs) == repr(expected)
        assert frame.wcs.wcs.compare(expected.wcs)
        np.testing.assert_array_equal(
            frame.wcs.all_pix2world(ENDS, 0), expected.all_pix2world(ENDS, 0)
        )


def test_there_and_back(frame):
    np.testing.assert_allclose(frame.to_pixel(frame.to_sky(ENDS)), ENDS, atol=1e-5)
    np.testing.assert_allclose(frame.to_pixel(frame.to_sky(ENDS).galactic), ENDS, atol=1e-5)
    np.testing.assert_allclose(frame.to_pixel(frame.to_sky(ENDS)[0]), ENDS[:1], atol=1e-5)


def test_answers_are_icrs_whatever_the_header_says(frame):
    assert frame.to_sky(ENDS).frame.name == "icrs"


def test_pixels_go_where_skycoord_puts_them(frame):
    y, x = np.mgrid[-30:131:40, -30:151:45]
    xy = np.column_stack([x.ravel(), y.ravel()]) + 0.3
    expected = frame.wcs.pixel_to_world(*xy.T).icrs
    assert frame.to_sky(xy).separation(expected).arcsec.max() < 1e-6
    ra, dec = frame.to_radec_deg(xy).T
    assert SkyCoord(ra, dec, unit="deg").separation(expected).arcsec.max() < 1e-6
    assert ra.min() >= 0
    assert ra.max() < 360


def test_separation_is_the_great_circle_through_the_full_wcs(frame):
    start, end = (frame.wcs.pixel_to_world(*xy).icrs for xy in ENDS)
    np.testing.assert_allclose(
        frame.separation_arcsec(ENDS[:1], ENDS[1:]), start.separation(end).arcsec, rtol=1e-10
    )


def test_position_angle_does_not_depend_on_the_order_of_the_ends(frame):
    there = frame.position_angle_deg(ENDS[:1], ENDS[1:])
    back = frame.position_angle_deg(ENDS[1:], ENDS[:1])
    assert 0 <= there[0] < 180
    np.testing.assert_allclose(there, back, rtol=1e-10)


def test_pixel_area_is_the_solid_angle_of_a_small_square(frame):
    x, y = frame.centre_xy
    corners = frame.to_sky([[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]])
    side = [corners[i].separation(corners[(i + 1) % 4]).arcsec for i in range(4)]
    diagonal = corners[0].separation(corners[2]).arcsec

    def heron(a, b, c):
        s = (a + b + c) / 2
        return np.sqrt(s * (s - a) * (s - b) * (s - c))

    area = heron(side[0], side[1], diagonal) + heron(side[2], side[3], diagonal)
    assert frame.pixel_area_arcsec2 == pytest.approx(area, rel=2e-3)


def test_offsets_are_those_of_an_offset_frame(frame):
    origin = frame.to_sky([frame.centre_xy])[0]
    local = frame.to_sky(ENDS).transform_to(origin.skyoffset_frame())
    expected = np.column_stack([local.lon.wrap_at(180 * u.deg).arcsec, local.lat.arcsec])
    # a tangent plane and a sphere part only at the third order of 1e-4 radians
    np.testing.assert_allclose(frame.to_offsets_arcsec(ENDS, frame.centre_xy), expected, atol=1e-5)


def test_position_angle_is_that_of_astropy_at_the_middle(frame):
    middle, end = frame.to_sky([ENDS.mean(axis=0)]), frame.to_sky(ENDS[1:])
    # half the chord; its two halves part where the distortion bends the line
    np.testing.assert_allclose(
        frame.position_angle_deg(ENDS[:1], ENDS[1:]),
        middle.position_angle(end).deg % 180,
        atol=0.1,
    )


@pytest.mark.parametrize(("mirrored", "expected"), [(False, False), (True, True)])
def test_a_mirrored_image_is_known_by_its_wcs(mirrored, expected):
    frame = ImageFrame.from_header(header(mirrored=mirrored, rotation_deg=130.0))
    assert frame.is_mirrored is expected


def test_north_is_zero_and_east_is_ninety():
    frame = ImageFrame.from_header(header())
    x, y = frame.centre_xy
    north, east = [[x, y + 20]], [[x - 20, y]]  # east is left
    np.testing.assert_allclose(
        (frame.position_angle_deg([[x, y]], north) + 1) % 180 - 1, 0, atol=0.01
    )
    np.testing.assert_allclose(frame.position_angle_deg([[x, y]], east), 90, atol=0.01)


def test_without_a_wcs_lengths_are_nan_and_positions_are_refused():
    frame = ImageFrame((10, 12))
    assert not frame.has_sky
    assert frame.is_mirrored is None
    assert np.isnan(frame.pixel_scale_arcsec)
    assert np.isnan(frame.separation_arcsec([[0, 0]], [[1, 1]])).all()
    assert np.isnan(frame.position_angle_deg([[0, 0]], [[1, 1]])).all()
    with pytest.raises(FrameError, match="no WCS"):
        frame.to_sky([[0, 0]])
    with pytest.raises(FrameError, match="no WCS"):
        frame.to_pixel(SkyCoord(0, 0, unit="deg"))


def test_a_cube_keeps_its_celestial_axes():
    card = header()
    card["NAXIS"], card["NAXIS3"] = 3, 5
    card["CTYPE3"], card["CRVAL3"], card["CDELT3"], card["CRPIX3"] = "WAVE", 5e-7, 1e-9, 1.0
    card["CD3_3"] = 1e-9
    frame = ImageFrame.from_header(card)
    assert frame.shape == (101, 121)
    assert frame.wcs.naxis == 2


@pytest.mark.parametrize("shape", [(0, 5), (5,), (3, 4, 5), (-1, 2)])
def test_bad_shapes_are_refused(shape):
    with pytest.raises(ShapeError, match="positive integers"):
        ImageFrame(shape)


def test_a_header_without_a_wcs_says_what_to_do():
    card = fits.Header([("NAXIS", 2), ("NAXIS1", 5), ("NAXIS2", 4)])
    with pytest.raises(FrameError, match=r"ImageFrame\(image.shape\)"):
        ImageFrame.from_header(card)


def test_a_header_without_an_image_is_refused():
    with pytest.raises(ShapeError, match="NAXIS1"):
        ImageFrame.from_header(fits.Header())


def test_a_spectrum_is_not_an_image_of_the_sky():
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "WAVE", "LINEAR"
    with pytest.raises(FrameError, match="no celestial WCS"):
        ImageFrame((4, 4), wcs)


@pytest.mark.parametrize("axes", ["ELON ELAT", "SLON SLAT", "TLON TLAT", "MALN MALT"])
def test_a_sky_without_a_fixed_place_in_icrs_is_refused(axes):
    card = header()
    card["CTYPE1"], card["CTYPE2"] = (f"{axis}-TAN" for axis in axes.split())
    with pytest.raises(FrameError, match="right ascension and declination or galactic"):
        ImageFrame.from_header(card)


def test_a_wcs_of_nan_is_refused():
    wcs = WCS(header())
    wcs.wcs.crpix = np.nan, 30.0
    with pytest.raises(FrameError, match="no area"):
        ImageFrame((101, 121), wcs)


def test_pixels_beyond_the_projection_have_no_place():
    frame = ImageFrame.from_header(header(projection="SIN", scale_arcsec=(3000.0, 3000.0)))
    inside, outside = frame.to_radec_deg([[60.0, 50.0], [2000.0, 50.0]])
    assert np.isfinite(inside).all()
    assert np.isnan(outside).all()
    assert np.isnan(frame.to_offsets_arcsec([[2000.0, 50.0]], (60.0, 50.0))).all()


def test_no_points_give_no_places(frame):
    assert frame.to_radec_deg(np.empty((0, 2))).shape == (0, 2)
    assert frame.to_offsets_arcsec(np.empty((0, 2)), (3.0, 4.0)).shape == (0, 2)
    assert frame.separation_arcsec(np.empty((0, 2)), np.empty((0, 2))).shape == (0,)


def test_a_singular_wcs_is_refused():
    card = header()
    for name in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"):
        card[name] = 1e-4
    with pytest.raises(FrameError, match=r"no area|singular"):
        ImageFrame.from_header(card)


def test_another_process_gets_the_same_frame(frame):
    back = pickle.loads(pickle.dumps(frame))
    assert back.shape == frame.shape
    np.testing.assert_allclose(back.to_radec_deg(ENDS), frame.to_radec_deg(ENDS), atol=1e-10)


def test_points_must_be_pairs():
    with pytest.raises(ShapeError, match=r"\(N, 2\)"):
        ImageFrame((4, 4)).separation_arcsec([1, 2, 3], [1, 2, 3])


def test_m51_in_b1950_comes_out_in_icrs(shared_data):
    with fits.open(shared_data / "m51-b1950" / "m51_B.fits") as hdus:
        card = hdus[0].header
    frame = ImageFrame.from_header(card)
    m51 = SkyCoord("13h29m52.7s +47d11m43s", frame="icrs")
    ny, nx = frame.shape
    x, y = frame.to_pixel(m51)[0]
    assert 0 < x < nx
    assert 0 < y < ny
    assert frame.to_sky([[x, y]])[0].separation(m51).arcsec < 1e-3
