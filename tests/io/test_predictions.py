"""A prediction survives its file."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.io import fits

from galseg.errors import FormatError, MissingInputError, OutputError
from galseg.frame import ImageFrame
from galseg.io.predictions import read_prediction, write_prediction
from galseg.prediction import Prediction
from tests.hostile_wcs import HOSTILE, header

SHAPE = (11, 17)


def predict(frame, *, n_samples=0, thresholds=None):
    maps = np.random.default_rng(1).random((2, *SHAPE), dtype=np.float32)
    maps[:, 3, 4] = np.nan
    samples = np.stack([maps * (k + 1) / 9 for k in range(n_samples)]) if n_samples else None
    return Prediction("J1", ("bar", "spiral_arm"), maps, frame, samples, thresholds or {})


@pytest.mark.parametrize("name", HOSTILE)
def test_the_sky_is_where_it_was(tmp_path, name):
    frame = ImageFrame.from_header(header(shape=SHAPE, **HOSTILE[name]))
    write_prediction(tmp_path / "a.fits", predict(frame))
    back = read_prediction(tmp_path / "a.fits").frame
    corners = [[0, 0], [16, 0], [0, 10], [16, 10]]
    assert back.to_sky(corners).separation(frame.to_sky(corners)).arcsec.max() < 1e-5


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
def test_maps_samples_and_thresholds_survive(tmp_path, suffix):
    written = predict(ImageFrame(SHAPE), n_samples=3, thresholds={"spiral_arm": 0.2})
    write_prediction(tmp_path / f"a{suffix}", written)
    back = read_prediction(tmp_path / f"a{suffix}")
    assert (back.galaxy_id, back.features) == ("J1", ("bar", "spiral_arm"))
    np.testing.assert_array_equal(back.probability, written.probability)
    np.testing.assert_array_equal(back.samples, written.samples)
    assert back.probability.dtype.isnative
    assert back.thresholds == {"spiral_arm": 0.2}
    assert not back.frame.has_sky


@pytest.mark.parametrize("source", ["", "default 0123456789ab", "ein Modell aus Köln " * 9 + "x"])
def test_what_made_the_maps_survives(tmp_path, source):
    written = replace(predict(ImageFrame(SHAPE)), source=source)
    write_prediction(tmp_path / "a.fits", written)
    assert read_prediction(tmp_path / "a.fits").source == source


def test_other_programs_find_the_maps_by_name(tmp_path):
    frame = ImageFrame.from_header(header(shape=SHAPE))
    written = predict(frame, n_samples=2)
    write_prediction(tmp_path / "a.fits", written)
    with fits.open(tmp_path / "a.fits") as hdus:
        assert [hdu.name for hdu in hdus] == [
            "PRIMARY", "BAR", "BAR_SAMPLES", "SPIRAL_ARM", "SPIRAL_ARM_SAMPLES",
        ]  # fmt: skip
        np.testing.assert_array_equal(hdus["SPIRAL_ARM"].data, written.of("spiral_arm"))
        assert hdus["BAR"].header["BUNIT"] == "probability"
        assert hdus["BAR"].header["CTYPE1"] == "RA---TAN"
        hdus.verify("exception")


@pytest.mark.parametrize("suffix", [".fits", ".fits.gz"])
def test_the_same_maps_make_the_same_file(tmp_path, suffix):
    written = predict(ImageFrame(SHAPE), n_samples=2)
    for name in "ab":
        write_prediction(tmp_path / f"{name}{suffix}", written)
    first, second = ((tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert first == second


@pytest.mark.parametrize(
    ("card", "message"), [("GALSEG", "no galseg prediction"), ("FORMATV", "version 9")]
)
def test_another_file_or_version_is_refused(tmp_path, card, message):
    write_prediction(tmp_path / "a.fits", predict(ImageFrame(SHAPE)))
    with fits.open(tmp_path / "a.fits", mode="update") as hdus:
        hdus[0].header[card] = 9
    with pytest.raises(FormatError, match=message):
        read_prediction(tmp_path / "a.fits")


def test_maps_that_do_not_fit_each_other_are_refused(tmp_path):
    write_prediction(tmp_path / "a.fits", predict(ImageFrame(SHAPE)))
    with fits.open(tmp_path / "a.fits", mode="update") as hdus:
        hdus["BAR"].data = np.zeros((3, 3), dtype=np.float32)
    with pytest.raises(FormatError, match=r"a\.fits"):
        read_prediction(tmp_path / "a.fits")


def test_a_truncated_or_missing_file_is_refused(tmp_path):
    write_prediction(tmp_path / "a.fits", predict(ImageFrame(SHAPE)))
    content = (tmp_path / "a.fits").read_bytes()
    for size in (len(content) // 2, len(content) - 2880, 100):
        (tmp_path / "a.fits").write_bytes(content[:size])
        with pytest.raises(FormatError, match=r"a\.fits"):
            read_prediction(tmp_path / "a.fits")
    with pytest.raises(MissingInputError):
        read_prediction(tmp_path / "b.fits")


def test_an_existing_file_is_kept_where_asked(tmp_path):
    (tmp_path / "a.fits").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        write_prediction(tmp_path / "a.fits", predict(ImageFrame(SHAPE)), overwrite=False)
    assert (tmp_path / "a.fits").read_text() == "mine"
