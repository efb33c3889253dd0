"""Tables come back as they went, in every format."""

import io

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from astropy.io import fits, votable
from astropy.table import Column, QTable, Table

from galseg.errors import ConfigError, FormatError, MissingInputError, OutputError
from galseg.io.tables import TABLE_SUFFIXES, read_table, write_table

META = {"galseg_version": "0.1.0", "threshold": 0.35, "flag_bits": "EMPTY=1, " * 30}

UCD = "phys.angSize;src.morph"
LONG = "of the bar, end to end, as seen on the sky, in a line that is too long for one of a file"


def example():
    table = QTable(meta=META)
    table["galaxy_id"] = Column(["0042", "J1237+11", "x"], description="galaxy")
    table["winding"] = ["", "S", "Z"]
    table["flags"] = Column(np.array([3, 0, 2**40]), description="of the bar")
    table["length_arcsec"] = [1.5, np.nan, 1e-7] * u.arcsec
    table["length_arcsec"].info.description = LONG
    table["length_arcsec"].info.meta = {"ucd": UCD}
    table["length_pix_err"] = [np.nan] * 3 * u.pix
    table["length_kpc"] = [1.0, 2.0, 3.0] * u.kpc
    table["area_arcsec2"] = [1.0, 2.0, np.pi] * u.arcsec**2
    table["probability"] = [0.1, np.nan, 1.0]
    table["status"] = ["", "", ""]
    table["flags_decoded"] = ["", "", ""]
    return table


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_values_units_and_text_come_back(tmp_path, suffix):
    table = example()
    write_table(tmp_path / f"a{suffix}", table)
    back = read_table(tmp_path / f"a{suffix}")
    assert back.colnames == table.colnames
    for name in table.colnames:
        assert back[name].unit == table[name].unit
        assert back[name].dtype.kind == table[name].dtype.kind, name
        assert type(back[name]) is type(table[name])
        np.testing.assert_array_equal(back[name], table[name])


@pytest.mark.parametrize("suffix", [s for s in TABLE_SUFFIXES if s != ".csv"])
def test_descriptions_and_metadata_come_back(tmp_path, suffix):
    write_table(tmp_path / f"a{suffix}", example())
    back = read_table(tmp_path / f"a{suffix}")
    assert back["galaxy_id"].info.description == "galaxy"
    assert back["length_arcsec"].info.description == LONG
    assert dict(back.meta) == META


@pytest.mark.parametrize("suffix", [s for s in TABLE_SUFFIXES if s != ".csv"])
def test_ucds_come_back_and_nothing_else_is_added(tmp_path, suffix):
    write_table(tmp_path / f"a{suffix}", example())
    back = read_table(tmp_path / f"a{suffix}")
    assert {name: dict(back[name].info.meta or {}) for name in back.colnames} == {
        name: {"ucd": UCD} if name == "length_arcsec" else {} for name in back.colnames
    }


def test_a_vo_reader_finds_units_and_ucds_in_the_parquet_file(tmp_path):
    write_table(tmp_path / "a.parquet", example())
    stored = pyarrow.parquet.read_schema(tmp_path / "a.parquet").metadata
    assert stored[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    header = votable.parse(io.BytesIO(stored[b"IVOA.VOTable-Parquet.content"]))
    fields = header.get_first_table().fields
    assert [field.name for field in fields] == example().colnames
    assert b"DATA" not in stored[b"IVOA.VOTable-Parquet.content"]
    (length,) = (field for field in fields if field.name == "length_arcsec")
    assert (length.unit, length.ucd) == (u.arcsec, UCD)
    assert length.description.split() == LONG.split()


def test_astropys_reader_of_votable_parquet_gives_the_same_table(tmp_path):
    write_table(tmp_path / "a.parquet", example())
    back = Table.read(tmp_path / "a.parquet", format="parquet.votable")
    assert back["length_arcsec"].meta["ucd"] == UCD
    for name in back.colnames:
        assert back[name].unit == example()[name].unit
        np.testing.assert_array_equal(back[name], Table(example())[name])


def test_the_keywords_of_a_fits_table_hold_its_units_and_ucds(tmp_path):
    write_table(tmp_path / "a.fits", example())
    header = fits.getheader(tmp_path / "a.fits", 1)
    number = example().colnames.index("length_arcsec") + 1
    assert header[f"TUNIT{number}"] == "arcsec"
    assert header[f"TUCD{number}"] == UCD
    assert header[f"TCOMM{number}"] == LONG


def test_the_fields_of_a_votable_hold_their_units_and_ucds(tmp_path):
    write_table(tmp_path / "a.vot", example())
    field = votable.parse(tmp_path / "a.vot").get_field_by_id("length_arcsec")
    assert (field.unit, field.ucd) == (u.arcsec, UCD)
    assert field.description.split() == LONG.split()
    assert votable.validate(tmp_path / "a.vot", output=None)


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
def test_a_table_of_no_rows_keeps_its_columns(tmp_path, suffix):
    write_table(tmp_path / f"a{suffix}", example()[:0])
    back = read_table(tmp_path / f"a{suffix}")
    assert len(back) == 0
    assert back.colnames == example().colnames


@pytest.mark.parametrize("suffix", [s for s in TABLE_SUFFIXES if s != ".fits"])
def test_text_beyond_ascii(tmp_path, suffix):
    write_table(tmp_path / f"a{suffix}", QTable({"galaxy_id": ["NGC 1097 é", 'a "b", c']}))
    assert read_table(tmp_path / f"a{suffix}")["galaxy_id"].tolist() == ["NGC 1097 é", 'a "b", c']


def test_fits_refuses_text_beyond_ascii_and_leaves_nothing(tmp_path):
    with pytest.raises(FormatError, match=r"ecsv"):
        write_table(tmp_path / "a.fits", QTable({"galaxy_id": ["é"]}))
    assert list(tmp_path.iterdir()) == []


def test_pandas_reads_the_parquet_file(tmp_path):
    write_table(tmp_path / "a.parquet", example())
    frame = pd.read_parquet(tmp_path / "a.parquet")
    assert frame["galaxy_id"].tolist() == ["0042", "J1237+11", "x"]
    np.testing.assert_array_equal(frame["length_arcsec"], [1.5, np.nan, 1e-7])


def test_pandas_reads_the_csv_file(tmp_path):
    write_table(tmp_path / "a.csv", example())
    frame = pd.read_csv(tmp_path / "a.csv", dtype={"galaxy_id": str})
    assert frame["galaxy_id"].tolist() == ["0042", "J1237+11", "x"]
    np.testing.assert_array_equal(frame["flags"], [3, 0, 2**40])


@pytest.mark.parametrize(
    ("suffix", "format_"), [(".ecsv", "ascii.ecsv"), (".vot", "votable"), (".fits", "fits")]
)
def test_masked_numbers_of_other_programs_become_nan(tmp_path, suffix, format_):
    table = Table({"x_arcsec": np.ma.MaskedArray([1.0, 2.0], mask=[False, True])})
    table.write(tmp_path / f"a{suffix}", format=format_)
    np.testing.assert_array_equal(read_table(tmp_path / f"a{suffix}")["x_arcsec"], [1.0, np.nan])


def test_the_first_table_of_a_fits_file_is_read(tmp_path):
    first, second = (fits.table_to_hdu(Table({"a": [n]})) for n in (1, 2))
    image = fits.ImageHDU(np.zeros((2, 2)))
    fits.HDUList([fits.PrimaryHDU(), image, first, second]).writeto(tmp_path / "a.fits")
    assert read_table(tmp_path / "a.fits")["a"].tolist() == [1]


@pytest.mark.parametrize("suffix", [s for s in TABLE_SUFFIXES if s != ".csv"])
def test_a_file_cut_short_is_one_clear_error(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_table(path, example())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    with pytest.raises(FormatError, match=r"is not a readable|is damaged|holds no table"):
        read_table(path)


@pytest.mark.parametrize("suffix", TABLE_SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00"])
def test_another_kind_of_file_is_one_clear_error(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"is not a readable|is damaged|holds no table"):
        read_table(path)


def test_a_fits_file_of_images_only(tmp_path):
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "a.fits")
    with pytest.raises(FormatError, match=r"holds no table"):
        read_table(tmp_path / "a.fits")


def test_an_unknown_suffix_names_the_known_ones(tmp_path):
    with pytest.raises(ConfigError, match=r"'\.xlsx'.*\.ecsv, \.parquet"):
        write_table(tmp_path / "a.xlsx", example())
    with pytest.raises(ConfigError, match=r"\.parquet"):
        read_table(tmp_path / "a")


def test_latex_is_written_and_not_read(tmp_path):
    write_table(tmp_path / "a.tex", example()["galaxy_id", "length_kpc"])
    assert "J1237+11 & $2$" in (tmp_path / "a.tex").read_text()
    with pytest.raises(ConfigError, match=r"a\.tex is LaTeX.*\.ecsv"):
        read_table(tmp_path / "a.tex")


def test_a_missing_file(tmp_path):
    with pytest.raises(MissingInputError, match=r"no table at"):
        read_table(tmp_path / "a.ecsv")


def test_an_existing_file_is_kept_if_asked(tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(OutputError):
        write_table(tmp_path / "a.csv", example(), overwrite=False)
    assert (tmp_path / "a.csv").read_text() == "mine"
