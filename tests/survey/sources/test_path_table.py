"""A table of paths gives its images in its order, whatever the format."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units as u
from astropy.table import QTable, Table

from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.io.tables import write_table
from galseg.survey.sources import Columns
from tests.survey.sources.cutouts import opened, rows_of, write_cutouts

N = 7


@pytest.fixture
def listed(tmp_path):
    """Return a table of cutouts that are in folders beside it."""
    names = [f"{'ab'[k % 2]}/J{k}.fits" for k in range(N)]
    write_cutouts(tmp_path / "images", names)
    frame = pd.DataFrame({"id_str": [f"00{k}" for k in range(N)], "extra": np.ones(N)})
    frame["file_loc"] = [f"images/{name}" for name in names]
    frame["RA"], frame["Dec"] = np.linspace(-10, 300, N), np.linspace(-90, 89, N)
    return frame


def write(path, frame):
    if path.suffix == ".parquet":
        frame.to_parquet(path, row_group_size=3)
    else:
        write_table(path, Table.from_pandas(frame))


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ecsv", ".fits", ".vot"])
def test_rows_come_as_they_stand_in_the_table(tmp_path, listed, suffix):
    path = tmp_path / f"list{suffix}"
    write(path, listed)
    source = opened(path)
    assert rows_of(source) == [(k, f"00{k}", k) for k in range(N)]
    assert rows_of(source, range(2, 5)) == [(k, f"00{k}", k) for k in range(2, 5)]
    items = list(source.items(range(N)))
    np.testing.assert_allclose([item.ra_deg for item in items], listed["RA"] % 360)
    np.testing.assert_allclose([item.dec_deg for item in items], listed["Dec"])


@pytest.mark.parametrize("start", range(N))
def test_any_range_is_what_duckdb_reads(tmp_path, listed, start):
    path = tmp_path / "list.parquet"
    write(path, listed)
    source = opened(path)
    for stop in range(start, N + 1):
        there = duckdb.sql(
            f"SELECT id_str, file_loc FROM '{path}' LIMIT {stop - start} OFFSET {start}"
        )
        here = [
            (item.galaxy_id, item.place.removeprefix(f"{tmp_path}/"))
            for item in source.items(range(start, stop))
        ]
        assert here == there.fetchall()


def test_whole_numbers_name_galaxies_as_text(tmp_path, listed):
    listed["id_str"] = [2**62 + k for k in range(N)]
    for suffix in (".parquet", ".fits", ".ecsv", ".csv"):
        write(tmp_path / f"list{suffix}", listed)
        ids = [galaxy_id for _, galaxy_id, _ in rows_of(opened(tmp_path / f"list{suffix}"))]
        assert ids == [str(2**62 + k) for k in range(N)]


def test_without_identifiers_files_name_galaxies(tmp_path, listed):
    write(tmp_path / "list.csv", listed.drop(columns="id_str"))
    ids = [galaxy_id for _, galaxy_id, _ in rows_of(opened(tmp_path / "list.csv"))]
    assert ids == [f"J{k}" for k in range(N)]


def test_columns_may_be_named(tmp_path, listed):
    frame = listed.rename(columns={"id_str": "who", "RA": "alpha", "Dec": "delta"})
    write(tmp_path / "list.csv", frame)
    columns = Columns(galaxy_id="who", image="file_loc", ra="alpha", dec="delta")
    item = next(opened(tmp_path / "list.csv", columns=columns).items(range(3, 4)))
    assert (item.galaxy_id, item.dec_deg) == ("003", listed["Dec"][3])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns(image="file_lok"), "no column 'file_lok'.*did you mean 'file_loc'"),
        (Columns(galaxy_id="extra"), "'extra' of type double; needed are text or whole numbers"),
        (Columns(ra="file_loc"), "'file_loc' of type .*string; needed are numbers"),
        (Columns(image="extra"), "'extra' of type double; needed are paths"),
    ],
)
def test_a_wrong_column_is_named(tmp_path, listed, columns, message):
    write(tmp_path / "list.parquet", listed)
    with pytest.raises(FormatError, match=message):
        opened(tmp_path / "list.parquet", columns=columns)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".fits"])
def test_a_table_without_paths_says_what_was_looked_for(tmp_path, listed, suffix):
    write(tmp_path / f"list{suffix}", listed.drop(columns="file_loc"))
    with pytest.raises(FormatError, match=r"looked for .*file_loc.*has 'id_str'.*columns\.image"):
        opened(tmp_path / f"list{suffix}")


def test_half_a_place_on_the_sky_is_refused(tmp_path, listed):
    write(tmp_path / "list.csv", listed.drop(columns="Dec"))
    with pytest.raises(FormatError, match=r"'RA' as ra, and none for dec.*columns\.dec"):
        opened(tmp_path / "list.csv")


def test_a_galaxy_that_is_listed_twice_is_refused(tmp_path, listed):
    listed.loc[5, "id_str"] = "001"
    write(tmp_path / "list.parquet", listed)
    with pytest.raises(FormatError, match=r"list\.parquet, row 2 and .*row 6 are both '001'"):
        opened(tmp_path / "list.parquet")


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_row_without_an_identifier_is_refused(tmp_path, listed, suffix):
    listed.loc[4, "id_str"] = None
    write(tmp_path / f"list{suffix}", listed)
    with pytest.raises(FormatError, match="row 5 has no identifier"):
        opened(tmp_path / f"list{suffix}")


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_row_without_a_path_or_file_is_one_row(tmp_path, listed, suffix):
    listed.loc[2, "file_loc"], listed.loc[4, "file_loc"] = None, "x" * 300 + ".fits"
    listed.loc[5, "file_loc"], listed.loc[6, "file_loc"] = "nowhere.fits", "images"
    write(tmp_path / f"list{suffix}", listed)
    values = [value for _, _, value in rows_of(opened(tmp_path / f"list{suffix}"))]
    assert values[:2] == [0, 1]
    assert values[3] == 3
    assert "row 3 has no path" in values[2]
    assert "cannot be read" in values[4]
    assert "no file" in values[5]
    assert "no image that can be read" in values[6]


def test_places_that_are_not_on_the_sky_are_not_known(tmp_path, listed):
    listed["Dec"] = [-999, 91, np.nan, 0, 90, -90, np.inf]
    listed["RA"] = [1, 1, 1, np.nan, -1e-20, 360, 1]
    write(tmp_path / "list.parquet", listed)
    places = [item[3:5] for item in opened(tmp_path / "list.parquet").items(range(N))]
    assert np.isnan(np.array(places)[[0, 1, 2, 3, 6]]).all()
    assert places[4:6] == [(0, 90), (0, -90)]


def test_hours_of_right_ascension_become_degrees(tmp_path, listed):
    table = QTable.from_pandas(listed[["id_str", "file_loc"]])
    table["ra"], table["dec"] = [12.0] * N * u.hourangle, np.zeros(N) * u.deg
    write_table(tmp_path / "list.ecsv", table)
    assert next(opened(tmp_path / "list.ecsv").items(range(1))).ra_deg == pytest.approx(180)
    table["ra"] = [12.0] * N * u.m
    write_table(tmp_path / "list.ecsv", table)
    with pytest.raises(FormatError, match="'ra' is in m, not deg"):
        opened(tmp_path / "list.ecsv")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".fits"])
def test_the_fingerprint_is_of_the_content(tmp_path, listed, suffix):
    path = tmp_path / f"list{suffix}"
    write(path, listed)
    before = opened(path).fingerprint
    write(path, listed)
    assert opened(path).fingerprint == before
    listed.loc[3, "file_loc"] = listed.loc[3, "file_loc"].replace("J3", "J8")
    write(path, listed)
    assert opened(path).fingerprint != before


@pytest.mark.parametrize("suffix", [".parquet", ".fits", ".vot", ".csv", ".ecsv"])
def test_a_table_that_is_something_else_is_refused(tmp_path, suffix):
    path = tmp_path / f"list{suffix}"
    path.write_bytes(b"\0 not a table")
    with pytest.raises(FormatError, match="list"):
        opened(path)


def test_a_table_cut_short_is_refused(tmp_path, listed):
    for suffix in (".parquet", ".fits"):
        path = tmp_path / f"list{suffix}"
        write(path, listed)
        path.write_bytes(path.read_bytes()[:-100])
        with pytest.raises(FormatError, match=f"list{suffix}.*cut short|damaged"):
            opened(path)


def test_a_table_damaged_after_it_was_opened_is_rows_that_say_so(tmp_path, listed):
    path = tmp_path / "list.parquet"
    write(path, listed)
    source = opened(path)
    path.write_bytes(b"PAR1")
    assert all("cannot be read" in value for _, _, value in rows_of(source))
    path.unlink()
    assert [row for row, _, _ in rows_of(source, range(1, 5))] == [1, 2, 3, 4]


def test_an_empty_table_and_what_is_no_list_are_refused(tmp_path, listed):
    write(tmp_path / "list.parquet", listed[:0])
    with pytest.raises(MissingInputError, match="no rows"):
        opened(tmp_path / "list.parquet")
    (tmp_path / "list.csv").write_text("id,path\n")
    with pytest.raises(MissingInputError, match="no rows"):
        opened(tmp_path / "list.csv")
    with pytest.raises(MissingInputError, match=r"nowhere\.csv"):
        opened(tmp_path / "nowhere.csv")
    (tmp_path / "list.doc").touch()
    with pytest.raises(ConfigError, match=r"list\.doc is no list of images"):
        opened(tmp_path / "list.doc")


def test_text_in_any_arrow_type_is_read(tmp_path, listed):
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        table = pa.Table.from_pandas(listed)
        for name in ("id_str", "file_loc"):
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, table[name].combine_chunks().cast(kind))
        pq.write_table(table, tmp_path / "list.parquet")
        assert rows_of(opened(tmp_path / "list.parquet")) == [(k, f"00{k}", k) for k in range(N)]


@pytest.mark.parametrize("rows", [range(-1, 2), range(0, N + 1), range(0, 4, 2), range(3, 1)])
def test_rows_that_are_not_there_are_refused(tmp_path, listed, rows):
    write(tmp_path / "list.parquet", listed)
    with pytest.raises(ConfigError, match="rows must be consecutive"):
        list(opened(tmp_path / "list.parquet").items(rows))
