"""The sums are those that astropy makes, and tell any damage."""

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galseg import ImageFrame
from galseg.errors import FormatError
from galseg.io.consensus import read_consensus, write_consensus
from galseg.io.predictions import read_prediction, write_prediction
from galseg.prediction import Prediction
from tests.io.test_consensus import make_consensus

FRAME = ImageFrame((8, 9))
MAPS = np.random.default_rng(0).random((1, 8, 9), dtype=np.float32)


def write_one(path):
    write_prediction(path, Prediction("J1", ("bar",), MAPS, FRAME))


def write_many_kinds(path):
    write_consensus(path, make_consensus(ImageFrame((20, 20))))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("sums") / "a.fits"
    write_one(path)
    return path.read_bytes()


@pytest.mark.parametrize("write", [write_one, write_many_kinds])
@pytest.mark.parametrize("name", ["a.fits", "a.fits.gz"])
def test_astropy_finds_the_sums_right(tmp_path, write, name):
    write(tmp_path / name)
    with fits.open(tmp_path / name, checksum=True) as hdus:
        assert len(hdus) > 1
        for hdu in hdus:
            assert hdu.verify_checksum() == hdu.verify_datasum() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_any_changed_byte_is_told(tmp_path, written, data):
    place = data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != written[place]))
    path = tmp_path / "a.fits"
    path.write_bytes(written[:place] + bytes([byte]) + written[place + 1 :])
    with pytest.raises(FormatError):
        read_prediction(path)


def test_a_damaged_consensus_is_told_by_its_sum(tmp_path):
    path = tmp_path / "a.fits"
    write_many_kinds(path)
    content = bytearray(path.read_bytes())
    content[content.index(b"FRACTION_BAR") + 4000] ^= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match="HDU 2 is not what was written: its CHECKSUM"):
        read_consensus(path)


def test_a_file_without_sums_is_read(tmp_path):
    path = tmp_path / "a.fits"
    write_one(path)
    with fits.open(path) as hdus:
        for hdu in hdus:
            del hdu.header["CHECKSUM"], hdu.header["DATASUM"]
        hdus.writeto(tmp_path / "b.fits")
    np.testing.assert_array_equal(read_prediction(tmp_path / "b.fits").probability, MAPS)
