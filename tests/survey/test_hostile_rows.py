"""Files that are damaged, missing or absurd, through the whole line of a worker."""

import shutil
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from PIL import Image

from galseg.predict import Segmenter
from galseg.survey import worker as worker_module
from galseg.survey.recipe import Recipe
from galseg.survey.sources import open_source
from galseg.survey.worker import ShardWorker
from tests.predict.tiny import make_card, make_network
from tests.survey.galaxies import image_of


def png_of(width, height):
    """Return a PNG file that says it is so large, and holds nothing."""

    def chunk(name, data):
        whole = name + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.fixture
def folder(tmp_path):
    """Return a folder of images, of which only the first is good."""
    folder = tmp_path / "first place" / "images"
    folder.mkdir(parents=True)
    good = image_of(0)
    fits.writeto(folder / "a_good.fits", good.pixels[0], good.frame.wcs.to_header())
    content = (folder / "a_good.fits").read_bytes()
    (folder / "b_cut.fits").write_bytes(content[: len(content) // 2])
    (folder / "c_text.fits").write_text("no FITS")
    (folder / "d_empty.png").write_bytes(b"")
    (folder / "e_bomb.png").write_bytes(png_of(60_000, 60_000))
    fits.writeto(folder / "f_nan.fits", np.full((20, 20), np.nan), good.frame.wcs.to_header())
    fits.writeto(folder / "g_bands.fits", np.zeros((3, 9, 9)), good.frame.wcs.to_header())
    fits.writeto(folder / "h_line.fits", np.zeros(9))
    fits.writeto(folder / "i_no_wcs.fits", np.zeros((9, 9)))
    Image.new("L", (9, 9)).save(folder / "j_gone.png")
    return folder


@pytest.fixture
def process(monkeypatch):
    network = make_network()
    monkeypatch.setattr(
        worker_module, "load_model", lambda *_, **__: Segmenter(network, make_card())
    )

    def process(folder):
        source = open_source(folder)
        (folder / "j_gone.png").unlink()
        return ShardWorker(Recipe(), source).process(range(len(source)))

    return process


def test_every_bad_file_is_a_row_with_its_reason(folder, process):
    rows = process(folder).galaxies.to_pylist()
    assert [row["status"] for row in rows] == ["ok"] + ["unreadable"] * 9
    assert rows[1]["reason"].startswith("FormatError: b_cut.fits is no FITS file or is damaged")
    named = {row["galaxy_id"]: row["reason"].partition(":")[0] for row in rows[1:]}
    assert named == {
        "b_cut": "FormatError",
        "c_text": "FormatError",
        "d_empty": "FormatError",
        "e_bomb": "FormatError",
        "f_nan": "ShapeError",
        "g_bands": "ShapeError",
        "h_line": "FormatError",
        "i_no_wcs": "FrameError",
        "j_gone": "MissingInputError",
    }


def test_the_tables_are_the_same_wherever_the_survey_lies(folder, process, tmp_path):
    other = tmp_path / "second"
    shutil.copytree(folder, other)
    here, there = process(folder), process(other)
    assert str(tmp_path) not in str(here.galaxies["reason"].to_pylist())
    for name in ("galaxies", "arms", "tidal", "masks"):
        pd.testing.assert_frame_equal(
            getattr(here, name).to_pandas(), getattr(there, name).to_pandas(), check_exact=True
        )
