"""``galseg measure`` and ``galseg predict`` on files that are not right."""

import numpy as np
import pytest
from astropy.io import fits

from galseg import ImageFrame, Prediction, read_table
from galseg.cli import main
from galseg.io.predictions import write_prediction


def write_bar(path, galaxy_id="J1"):
    probability = np.zeros((1, 40, 60), dtype=np.float32)
    probability[0, 18:23, 10:50] = 1
    write_prediction(path, Prediction(galaxy_id, ("bar",), probability, ImageFrame((40, 60))))


def test_tables_are_written_in_the_format_asked_for(tmp_path):
    write_bar(tmp_path / "maps" / "J1.fits")
    out = tmp_path / "out"
    words = ["measure", f"--maps={tmp_path / 'maps'}", f"--output={out}", "--format=parquet"]
    assert main(words) == 0
    bars = read_table(out / "bars.parquet")
    assert bars["galaxy_id"][0] == "J1"
    assert bars["length_pix"][0].value == pytest.approx(40)
    assert len(read_table(out / "arms.parquet")) == 0


def test_what_is_known_of_galaxies_is_used(tmp_path):
    write_bar(tmp_path / "maps" / "J1.fits")
    hosts = tmp_path / "hosts.csv"
    hosts.write_text("galaxy_id,redshift\nJ1,0.05\n")
    words = ["measure", f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}"]
    assert main([*words, f"--hosts={hosts}"]) == 0


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: fits.PrimaryHDU(np.zeros((4, 4))).writeto(path), "neither a prediction"),
        (lambda path: path.write_bytes(b"SIMPLE  ="), "J1.fits"),
    ],
    ids=["a plain image", "half a file"],
)
def test_a_foreign_file_is_one_clear_error(write, message, tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    write(tmp_path / "maps" / "J1.fits")
    words = ["measure", f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}"]
    assert main(words) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_one_clear_error(tmp_path, capsys):
    (tmp_path / "maps").mkdir()
    words = ["measure", f"--maps={tmp_path / 'maps'}", f"--output={tmp_path / 'out'}"]
    assert main(words) == 2
    assert "no FITS file" in capsys.readouterr().err
