"""Images come in as they are stored, or not at all."""

import gzip
import re

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from galseg.errors import (
    ConfigError,
    FormatError,
    FrameError,
    MissingInputError,
    ShapeError,
)
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage, list_images, read_image, read_image_bytes
from tests.hostile_wcs import HOSTILE, header

VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)


def wcs_header(**options):
    card = header(shape=VALUES.shape, **options)
    del card["NAXIS"], card["NAXIS1"], card["NAXIS2"]
    return card


@pytest.mark.parametrize("dtype", ["u1", ">i2", ">i4", ">u2", ">f4", ">f8"])
@pytest.mark.parametrize("suffix", [".fits", ".fits.gz", ".FITS"])
def test_any_number_type_becomes_native_float32(tmp_path, dtype, suffix):
    path = tmp_path / f"J0123+45.6{suffix}"
    fits.writeto(path, VALUES.astype(dtype), wcs_header())
    image = read_image(path)
    assert image.galaxy_id == "J0123+45.6"
    assert image.pixels.dtype == np.float32
    assert image.pixels.dtype.isnative
    np.testing.assert_array_equal(image.pixels, VALUES[np.newaxis])


def test_missing_pixels_stay_missing(tmp_path):
    values = VALUES.copy()
    values[1, 2], values[0, 0] = np.nan, np.inf
    fits.writeto(tmp_path / "a.fits", values, wcs_header())
    missing = np.isnan(read_image(tmp_path / "a.fits").pixels[0])
    np.testing.assert_array_equal(np.argwhere(missing), [[0, 0], [1, 2]])


def test_blank_integers_are_missing(tmp_path):
    card = wcs_header()
    card["BLANK"] = 5
    fits.writeto(tmp_path / "a.fits", VALUES.astype(np.int16), card)
    assert np.isnan(read_image(tmp_path / "a.fits").pixels[0, 1, 1])


@pytest.mark.parametrize("name", HOSTILE)
def test_the_wcs_of_the_header_is_kept(tmp_path, name):
    card = wcs_header(**HOSTILE[name])
    fits.writeto(tmp_path / "a.fits", VALUES, card)
    corners = [[0, 0], [3, 2]]
    there = ImageFrame.from_header(header(shape=VALUES.shape, **HOSTILE[name])).to_sky(corners)
    apart = read_image(tmp_path / "a.fits").frame.to_sky(corners).separation(there)
    assert apart.arcsec.max() < 1e-6


def test_an_image_in_an_extension_is_found_and_bands_are_kept(tmp_path):
    cube = np.stack([VALUES, VALUES + 1, VALUES + 2])
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(cube, wcs_header())]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits")
    np.testing.assert_array_equal(read_image(tmp_path / "a.fits").pixels, cube)


def test_a_tile_compressed_image_is_read(tmp_path):
    values = np.random.default_rng(0).integers(0, 99, (32, 32)).astype(np.int16)
    hdus = [fits.PrimaryHDU(), fits.CompImageHDU(values, wcs_header())]
    fits.HDUList(hdus).writeto(tmp_path / "a.fits.fz")
    image = read_image(tmp_path / "a.fits.fz")
    assert image.galaxy_id == "a"
    np.testing.assert_array_equal(image.pixels[0], values)


def test_an_image_without_a_wcs_needs_leave(tmp_path):
    fits.writeto(tmp_path / "a.fits", VALUES)
    with pytest.raises(FrameError, match=r"a\.fits .*wcs='optional'"):
        read_image(tmp_path / "a.fits")
    frame = read_image(tmp_path / "a.fits", wcs="optional").frame
    assert frame.shape == (3, 4)
    assert not frame.has_sky


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path, suffix, share):
    values = np.random.default_rng(0).normal(size=(200, 200))
    fits.writeto(tmp_path / "whole.fits", values, wcs_header())
    whole = (tmp_path / "whole.fits").read_bytes()
    if suffix == ".fits.gz":
        whole = gzip.compress(whole)
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FormatError, match=r"cut\.fits"):
        read_image(path)


@pytest.mark.parametrize("shape", [(7,), (6, 3, 4), (2, 3, 3, 4)], ids=str)
def test_an_array_that_is_no_image_is_refused(tmp_path, shape):
    fits.writeto(tmp_path / "a.fits", np.zeros(shape, dtype=np.float32))
    with pytest.raises(FormatError, match=r"shape \(ny, nx\)"):
        read_image(tmp_path / "a.fits", wcs="optional")


def test_a_file_of_tables_is_refused(tmp_path):
    table = fits.BinTableHDU.from_columns([fits.Column("a", "E", array=[1.0])])
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(tmp_path / "a.fits")
    with pytest.raises(FormatError, match="no image"):
        read_image(tmp_path / "a.fits")


@pytest.mark.parametrize("name", ["a.fits", "a.fits.gz", "a.png", "a.jpg", "a.txt"])
def test_a_file_of_something_else_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"not an image")
    with pytest.raises(FormatError, match="a\\."):
        read_image(tmp_path / name)


@pytest.mark.parametrize("name", ["a.fits", "a.png"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(MissingInputError, match=name):
        read_image(tmp_path / name)


def test_a_header_that_claims_a_huge_image_takes_no_memory(tmp_path):
    card = fits.Header([("SIMPLE", True), ("BITPIX", -32), ("NAXIS", 2)])
    card["NAXIS1"], card["NAXIS2"] = 200_000, 200_000
    (tmp_path / "a.fits").write_bytes(card.tostring().encode())
    with pytest.raises(FormatError, match=r"a\.fits"):
        read_image(tmp_path / "a.fits")


def test_images_over_the_limit_are_refused(tmp_path):
    fits.writeto(tmp_path / "a.fits", VALUES, wcs_header())
    with pytest.raises(FormatError, match="3 x 4"):
        read_image(tmp_path / "a.fits", max_pixels=11)
    Image.new("L", (30, 20)).save(tmp_path / "a.png")
    with pytest.raises(FormatError, match="20 x 30"):
        read_image(tmp_path / "a.png", max_pixels=599)


def test_the_top_row_of_a_picture_is_the_last_row_of_the_array(tmp_path):
    Image.fromarray(VALUES.astype(np.uint8)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.pixels[0], VALUES[::-1])
    assert not image.frame.has_sky


def test_colours_are_bands_and_transparent_pixels_are_missing(tmp_path):
    rgba = np.zeros((3, 4, 4), dtype=np.uint8)
    rgba[..., 0], rgba[..., 2], rgba[..., 3] = 10, 30, 255
    rgba[0, 1, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "a.png")
    pixels = read_image(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels[:, 0, 0], [10, 0, 30])
    assert np.isnan(pixels[:, 2, 1]).all()


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz", ".fits.fz", ".png", ".jpg"])
def test_bytes_give_what_their_file_gives(tmp_path, suffix):
    path = tmp_path / f"J0123+45.6{suffix}"
    if suffix.startswith(".fits"):
        values = np.random.default_rng(0).integers(0, 99, (32, 32)).astype(np.int16)
        hdu = fits.CompImageHDU if suffix == ".fits.fz" else fits.ImageHDU
        fits.HDUList([fits.PrimaryHDU(), hdu(values, wcs_header())]).writeto(path)
    else:
        Image.fromarray(VALUES.astype(np.uint8)).save(path)
    of_file = read_image(path)
    of_bytes = read_image_bytes(path.read_bytes(), name=str(path))
    np.testing.assert_array_equal(of_bytes.pixels, of_file.pixels)
    assert (of_bytes.galaxy_id, of_bytes.display) == (of_file.galaxy_id, of_file.display)
    assert of_bytes.frame.has_sky == of_file.frame.has_sky == (not of_file.display)


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz", ".png"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_truncated_bytes_are_refused_by_their_name(tmp_path, suffix, share):
    values = np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8)
    path = tmp_path / f"a{suffix}"
    if suffix == ".png":
        Image.fromarray(values).save(path)
    else:
        fits.writeto(path, values, wcs_header())
    whole = path.read_bytes()
    with pytest.raises(FormatError, match=r"cutouts\.parquet, row 7 "):
        read_image_bytes(whole[: int(len(whole) * share)], name="cutouts.parquet, row 7")


def test_bytes_over_the_limit_or_without_a_wcs_are_refused(tmp_path):
    fits.writeto(tmp_path / "a.fits", VALUES)
    content = (tmp_path / "a.fits").read_bytes()
    with pytest.raises(FormatError, match="3 x 4"):
        read_image_bytes(content, name="a", max_pixels=11)
    with pytest.raises(FrameError, match="wcs='optional'"):
        read_image_bytes(content, name="a")
    assert read_image_bytes(content, name="a", wcs="optional").frame.shape == (3, 4)


@pytest.mark.parametrize("format", ["GIF", "TIFF", "BMP", "EPS"])
def test_only_png_and_jpeg_are_decoded_whatever_the_name(tmp_path, format):
    Image.new("RGB", (4, 3)).save(tmp_path / "a", format)
    (tmp_path / "a").rename(tmp_path / "a.png")
    with pytest.raises(FormatError, match=re.escape("a.png is no picture")):
        read_image(tmp_path / "a.png")
    with pytest.raises(FormatError, match="no FITS, PNG or JPEG"):
        read_image_bytes((tmp_path / "a.png").read_bytes(), name="a.png")


def test_images_are_listed_by_galaxy(tmp_path):
    for name in ("b.fits.gz", "a.1.png", "notes.txt", "c.FIT", "._b.fits", ".d.fits"):
        (tmp_path / name).touch()
    assert list(list_images(tmp_path)) == ["a.1", "b", "c"]
    assert list_images(tmp_path / "b.fits.gz") == {"b": tmp_path / "b.fits.gz"}


def test_two_images_of_a_galaxy_are_refused(tmp_path):
    (tmp_path / "a.fits").touch()
    (tmp_path / "a.png").touch()
    with pytest.raises(FormatError, match="both images of 'a'"):
        list_images(tmp_path)
    with pytest.raises(MissingInputError, match="nowhere"):
        list_images(tmp_path / "nowhere")


def test_wrong_arguments_are_named(tmp_path):
    with pytest.raises(ConfigError, match="'never'"):
        read_image(tmp_path / "a.fits", wcs="never")
    with pytest.raises(ShapeError, match="bands"):
        GalaxyImage("a", VALUES, ImageFrame((3, 4)))


def test_real_images_are_read_with_their_masked_stars(shared_data):
    folder = shared_data / "galaxy-builder" / "images"
    images = [read_image(path) for path in list(list_images(folder).values())[:20]]
    assert all(image.frame.has_sky for image in images)
    assert any(np.isnan(image.pixels).any() for image in images)
    m51 = read_image(shared_data / "m51-b1950" / "m51_B.fits")
    assert m51.frame.to_sky([m51.frame.centre_xy])[0].ra.deg == pytest.approx(202.47, abs=0.1)
