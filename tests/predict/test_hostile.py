"""Bad input: a clear error or a correct answer, never a wrong mask without a word."""

import json
import struct
import tracemalloc
import zlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from astropy.io import fits
from PIL import Image

from galseg.errors import FormatError, ModelError, ShapeError
from galseg.frame import ImageFrame
from galseg.io.images import GalaxyImage, read_image
from galseg.models import build_network, read_card, save_model
from galseg.models.registry import shipped_models
from galseg.predict import Segmenter, load_model

NETWORK = {"encoder": "tu-mobilenetv3_small_050", "decoder_channels": (16, 8, 8)}
HUGE = 20_000


def make_model(n_bands=1, **changes):
    torch.manual_seed(0)
    shipped = read_card(shipped_models()["default"].with_suffix(".json"))
    plain = {"decoder": "unet", "stem": False, "side": 64, "field_of_view": "image"}
    card = replace(shipped, in_channels=n_bands, **NETWORK, **{**plain, **changes})
    network = build_network(n_features=len(card.features), in_channels=n_bands, **NETWORK)
    return network.eval(), card


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter(*make_model())


@pytest.fixture(scope="module")
def colour_segmenter():
    return Segmenter(*make_model(n_bands=2))


@pytest.fixture
def galaxy():
    """Return pixels of int32: float32 holds them exactly."""
    y, x = np.mgrid[:96, :80]
    light = 2000 * np.exp(-np.hypot(x - 40, y - 50) / 9)
    return np.random.default_rng(0).normal(light + 100, 5).astype(np.int32)


def same(found, expected):
    np.testing.assert_allclose(found.probability, expected.probability, atol=1e-4)


@pytest.mark.parametrize("unit", [1e-36, 1e-20, 1e20, 1e34])
def test_any_unit_gives_the_same_map(segmenter, galaxy, unit):
    same(segmenter.predict(galaxy * unit), segmenter.predict(galaxy))


@pytest.mark.parametrize("unit", [1e-60, 1e36, 1e300])
def test_units_beyond_float32_are_refused(segmenter, galaxy, unit):
    with pytest.raises(ShapeError, match="do not fit float32"):
        segmenter.predict(galaxy * unit)


def test_a_galaxy_on_a_constant_is_seen_or_refused(segmenter, galaxy):
    same(segmenter.predict(galaxy + 100_000), segmenter.predict(galaxy))
    with pytest.raises(ShapeError, match="subtract a constant"):
        segmenter.predict(galaxy + 2_000_000_000)
    with pytest.raises(ShapeError, match="subtract a constant"):
        segmenter.predict(galaxy + 1e12)


@pytest.mark.parametrize("value", [0, 7, 0.1, -1e30])
def test_an_empty_sky_of_any_level_is_one_map(segmenter, value):
    same(segmenter.predict(np.full((40, 50), value)), segmenter.predict(np.zeros((40, 50))))


def test_masked_pixels_are_missing_whatever_lies_under_the_mask(segmenter, galaxy):
    missing = np.zeros(galaxy.shape, dtype=bool)
    missing[10:30, 5:60] = True
    expected = segmenter.predict(np.where(missing, np.nan, galaxy))
    masked = np.ma.masked_array(np.where(missing, -32768, galaxy).astype(np.int16), missing)
    found = segmenter.predict(masked)
    same(found, expected)
    assert np.isnan(found.probability).all(axis=0)[missing].all()


def test_infinite_pixels_are_missing(segmenter, galaxy):
    pixels = galaxy.astype(np.float32)
    pixels[20:25, 20:25] = np.inf
    pixels[60, 60] = -np.inf
    same(segmenter.predict(pixels), segmenter.predict(np.where(np.isinf(pixels), np.nan, pixels)))


def test_the_layout_in_memory_does_not_matter(segmenter, galaxy):
    expected = segmenter.predict(galaxy)
    same(segmenter.predict(np.asfortranarray(galaxy)), expected)
    same(segmenter.predict(np.repeat(galaxy, 2, axis=1)[:, ::2]), expected)
    big_endian = galaxy.astype(">f8")
    big_endian.flags.writeable = False
    same(segmenter.predict(big_endian), expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 300), (300, 1), (2, 3)], ids=str)
def test_slivers_have_maps_of_their_own_shape(segmenter, shape):
    probability = segmenter.predict(np.ones(shape)).probability
    assert probability.shape[1:] == shape
    assert np.isfinite(probability).all()


def test_one_pixel_has_no_radius_and_is_still_an_image():
    network, card = make_model(field_of_view="4 radii")
    assert np.isfinite(Segmenter(network, card).predict(np.ones((1, 1))).probability).all()


def test_hardly_anything_observed_is_still_an_answer(segmenter):
    image = np.full((64, 64), np.nan)
    image[30, 31] = 5
    seen = np.isfinite(segmenter.predict(image).probability).all(axis=0)
    np.testing.assert_array_equal(np.argwhere(seen), [[30, 31]])


def test_bands_that_share_no_pixel_are_refused(colour_segmenter, galaxy):
    pair = np.stack([galaxy, galaxy]).astype(np.float64)
    assert np.isfinite(colour_segmenter.predict(pair).probability).all()
    pair[1] = np.nan
    with pytest.raises(ShapeError, match="no finite pixel in all bands"):
        colour_segmenter.predict(pair)


def test_nothing_observed_within_the_field_of_view_is_refused():
    image = np.ones((100, 100))
    image[30:70, 30:70] = np.nan
    network, card = make_model(field_of_view="30 pixels")
    with pytest.raises(ShapeError, match="within the 30 pixels"):
        Segmenter(network, card).predict(image)


@pytest.mark.parametrize("n_bands", [2, 3, 5])
def test_other_bands_are_refused(segmenter, galaxy, n_bands):
    with pytest.raises(ShapeError, match=rf"takes 1 band.* has {n_bands}"):
        segmenter.predict(np.stack([galaxy] * n_bands))


@pytest.mark.parametrize(
    "image", ["a.fits", ["a.fits", "b.fits"], [None], np.array([["x"]]), {"image": 1}], ids=str
)
def test_what_holds_no_numbers_is_refused(segmenter, image):
    with pytest.raises(ShapeError, match="array of real numbers"):
        segmenter.predict(image)


@pytest.mark.parametrize("dtype", [bool, complex, "i4", "M8[s]"])
def test_records_hold_floating_point_numbers(dtype):
    with pytest.raises(ShapeError, match="floating point"):
        GalaxyImage("J1", np.zeros((1, 4, 4), dtype=dtype), ImageFrame((4, 4)))


class TestTwentyThousandPixelsASide:
    """Refused before memory is taken."""

    @pytest.fixture(autouse=True)
    def little_memory(self):
        tracemalloc.start()
        yield
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 20e6

    @pytest.mark.parametrize("shape", [(HUGE, HUGE), (3, HUGE, HUGE), (1, 99_999_999)], ids=str)
    @pytest.mark.parametrize("dtype", ["f4", "u1", ">f8"])
    def test_as_an_array(self, segmenter, shape, dtype):
        with pytest.raises(ShapeError, match="over the limit"):
            segmenter.predict(np.broadcast_to(np.zeros((), dtype), shape))

    def test_as_a_record(self, segmenter):
        pixels = np.broadcast_to(np.float32(0), (1, HUGE, HUGE))
        with pytest.raises(ShapeError, match="over the limit"):
            segmenter.predict(GalaxyImage("J1", pixels, ImageFrame((HUGE, HUGE))))

    @pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
    @pytest.mark.parametrize("bitpix", [8, -32, -64])
    def test_as_fits(self, tmp_path, suffix, bitpix):
        card = fits.Header([("SIMPLE", True), ("BITPIX", bitpix), ("NAXIS", 2)])
        card["NAXIS1"] = card["NAXIS2"] = HUGE
        path = tmp_path / f"a{suffix}"
        header = card.tostring().encode()
        if suffix == ".fits":
            path.write_bytes(header)
            with path.open("r+b") as handle:  # whole, but sparse on disk
                handle.truncate(len(header) + -(-(HUGE**2 * abs(bitpix) // 8) // 2880) * 2880)
        else:
            compress = zlib.compressobj(wbits=31)
            path.write_bytes(compress.compress(header) + compress.flush())
        with pytest.raises(FormatError, match=r"20000 x 20000 pixels, over the limit|truncated"):
            read_image(path, wcs="optional")

    def test_as_png(self, tmp_path):
        def chunk(kind, data):
            return (
                struct.pack(">I", len(data))
                + kind
                + data
                + struct.pack(">I", zlib.crc32(kind + data))
            )

        size = struct.pack(">2I5B", HUGE, HUGE, 8, 2, 0, 0, 0)
        whole = chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + whole)
        with pytest.raises(FormatError, match=r"a\.png has over the limit"):
            read_image(tmp_path / "a.png")

    def test_as_jpeg(self, tmp_path):
        path = tmp_path / "a.jpg"
        Image.new("L", (8, 8)).save(path)
        content = path.read_bytes()
        start = content.index(b"\xff\xc0") + 5  # of the height, in the frame header
        path.write_bytes(content[:start] + struct.pack(">2H", HUGE, HUGE) + content[start + 4 :])
        with pytest.raises(FormatError, match=r"a\.jpg has over the limit"):
            read_image(path)


@pytest.mark.parametrize("dtype", [">i4", ">f8"])
def test_values_of_a_file_that_do_not_fit_are_refused(tmp_path, galaxy, dtype):
    fits.writeto(tmp_path / "a.fits", (galaxy + 2_000_000_000).astype(dtype))
    with pytest.raises(FormatError, match=r"a\.fits: .* do not fit float32"):
        read_image(tmp_path / "a.fits", wcs="optional")


@pytest.mark.parametrize("dtype", ["u1", ">i2", ">u2", ">i4", ">i8", ">f4", ">f8"])
def test_a_file_gives_the_map_of_its_array(tmp_path, segmenter, galaxy, dtype):
    pixels = (galaxy.clip(0, 2000) // 8).astype(dtype)
    fits.writeto(tmp_path / "a.fits", pixels)
    same(
        segmenter.predict(read_image(tmp_path / "a.fits", wcs="optional")),
        segmenter.predict(pixels),
    )


@pytest.fixture
def folder(tmp_path):
    network, card = make_model()
    save_model(tmp_path / "model", network, card)
    return tmp_path


def edit_card(folder, **changes):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize("share", [0, 0.5, 0.999])
@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
def test_a_model_file_cut_short_is_refused(folder, name, share):
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(ModelError, match=name):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_a_model_of_another_version_is_refused(folder, version):
    edit_card(folder, format_version=version)
    with pytest.raises(ModelError, match="version"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("temperatures", value) for value in (0, -1, "1", None, float("nan"), float("inf"))),
        *(("thresholds", value) for value in (-0.1, 2, "0.3", None, float("nan"))),
        *(("side", value) for value in ("64", 1.5, None)),
        *(("field_of_view", 4), ("dropout", "0.1"), ("in_channels", "1"), ("stem", "no")),
    ],
)
def test_a_card_whose_numbers_cannot_be_is_refused(folder, name, value):
    if name in ("temperatures", "thresholds"):
        card = json.loads((folder / "model.json").read_text())
        value = card[name] | {"bar": value}
    edit_card(folder, **{name: value})
    with pytest.raises(ModelError, match=name):
        load_model(folder, device="cpu")


def test_a_network_that_answers_nan_is_refused(galaxy):
    network, card = make_model()
    with torch.no_grad():
        next(network.parameters()).fill_(torch.nan)
    with pytest.raises(ModelError, match="NaN"):
        Segmenter(network, card).predict(galaxy)


def test_a_model_of_images_scaled_otherwise_is_refused():
    with pytest.raises(ModelError, match="scaled by 'log', this galseg scales by"):
        Segmenter(*make_model(stretch="log"))
