"""Catalogues hold the rows of the shards, in the same bytes however these were dealt out."""

import hashlib
import io
import socket

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import votable

from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.survey.catalogue import CATALOGUES, write_catalogues
from galseg.survey.partition import Partition, spatial_index
from tests.survey.made_up_shards import SCHEMAS, made_up_tables, on_the_sky, write_shards

pytest.importorskip("hats", reason="HATS catalogues need hats")

N = 240
LIMITS = {"partition_rows": 40, "mask_bytes": 8000}
KEY = {"galaxies": [], "arms": ["arm_id"], "tidal": ["tidal_id"], "masks": ["feature"]}


def places():
    ra, dec = on_the_sky(N)
    ra[::6] = np.nan
    ra[100:140], dec[100:140] = on_the_sky(40, patch=0.5)
    return ra, dec


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey")
    tables = made_up_tables(*places())
    shards = write_shards(folder / "shards", tables, ends=[N])
    return folder, tables, write_catalogues(shards, folder, **LIMITS)


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def partitions_of(folder):
    for path in sorted(folder.rglob("Npix=*.parquet")):
        order = int(path.parts[-3].removeprefix("Norder="))
        yield Partition(order, int(path.stem.removeprefix("Npix="))), path


def test_the_bytes_do_not_depend_on_the_shards(survey, tmp_path):
    _, tables, hashes = survey
    shards = write_shards(tmp_path / "shards", tables, ends=[1, 50, 51, 120, 120, 200, N])
    assert write_catalogues(shards[::-1], tmp_path / "out", **LIMITS) == hashes


def test_every_file_is_listed_with_its_hash(survey):
    folder, _, hashes = survey
    made = [path for name in ("catalogue", "masks", "unplaced") for path in files_of(folder / name)]
    right = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in made
    }
    assert hashes == right
    assert list(hashes) == sorted(hashes)


def test_nothing_tells_when_or_where_it_was_made(survey):
    folder, _, hashes = survey
    for name in hashes:
        content = (folder / name).read_bytes()
        assert b"creation_date" not in content
        assert socket.gethostname().encode() not in content
        assert str(folder).encode() not in content


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_row_is_there_once(survey, name):
    folder, tables, _ = survey
    parts = [pq.read_table(path) for _, path in partitions_of(folder / CATALOGUES[name])]
    placed = pa.concat_tables(parts).drop_columns("_healpix_29")
    unplaced = pq.read_table(folder / "unplaced" / f"{name}.parquet")
    assert np.isnan(unplaced["ra_deg"]).all()
    by = ["row", *KEY[name]]
    together = pa.concat_tables([placed, unplaced]).to_pandas().sort_values(by, ignore_index=True)
    assert together.equals(tables[name].to_pandas().sort_values(by, ignore_index=True))


@pytest.mark.parametrize("name", CATALOGUES)
def test_rows_are_ordered_in_the_pixel_of_their_file(survey, name):
    folder, *_ = survey
    orders = set()
    for partition, path in partitions_of(folder / CATALOGUES[name]):
        frame = pd.read_parquet(path, partitioning=None)
        assert (frame["_healpix_29"] == spatial_index(frame["ra_deg"], frame["dec_deg"])).all()
        assert frame["_healpix_29"].between(partition.first, partition.end - 1).all()
        assert frame[["_healpix_29", "row"]].apply(tuple, axis=1).is_monotonic_increasing
        orders.add(partition.order)
        if name != "masks":
            assert len(frame) <= LIMITS["partition_rows"]
    assert len(orders) > 1 or name == "tidal"  # of which there are few


def test_units_descriptions_and_ucds_survive(survey):
    folder, *_ = survey
    galaxies = folder / "catalogue" / "galaxies"
    _, first = next(partitions_of(galaxies))
    for path in (first, galaxies / "dataset" / "_common_metadata"):
        schema = pq.read_schema(path)
        for field in SCHEMAS["galaxies"]:
            assert schema.field(field.name).equals(field, check_metadata=True)
        header = io.BytesIO(schema.metadata[b"IVOA.VOTable-Parquet.content"])
        fields = votable.parse(header, verify="exception").get_first_table().fields
        assert [field.name for field in fields] == schema.names
        length = fields[schema.names.index("length_arcsec")]
        assert (str(length.unit), length.ucd) == ("arcsec", "phys.angSize;src.morph")
        assert length.description == "bar, end to end"


def test_pandas_reads_all_partitions_at_once(survey):
    folder, tables, _ = survey
    frame = pd.read_parquet(folder / "catalogue" / "galaxies" / "dataset")
    placed = tables["galaxies"].to_pandas().dropna(subset="ra_deg").set_index("row")
    found = frame.set_index("row").sort_index()[placed.columns]
    pd.testing.assert_frame_equal(found, placed)


def test_polars_reads_the_same_rows(survey):
    polars = pytest.importorskip("polars", reason="reads the catalogue a second way")
    folder, tables, _ = survey
    found = polars.read_parquet(folder / "catalogue/arms/dataset/**/*.parquet")
    arms = polars.from_arrow(tables["arms"]).filter(polars.col("ra_deg").is_not_nan())
    by = ["row", "arm_id"]
    assert found.select(arms.columns).sort(by).equals(arms.sort(by))


def test_duckdb_joins_masks_to_galaxies(survey):
    duckdb = pytest.importorskip("duckdb", reason="reads the catalogue a third way")
    folder, tables, _ = survey
    found = duckdb.sql(
        f"""select row, feature, octet_length(png) from '{folder}/masks/dataset/*/*/*.parquet'
        join '{folder}/catalogue/galaxies/dataset/*/*/*.parquet' using (row, galaxy_id)
        where status = 'ok' order by row, feature"""
    ).fetchall()
    both = (
        tables["masks"]
        .to_pandas()
        .merge(tables["galaxies"].to_pandas()[["row", "galaxy_id", "status"]])
    )
    right = both.query("status == 'ok' and ra_deg == ra_deg").sort_values(["row", "feature"])
    assert found == list(zip(right["row"], right["feature"], right["png"].map(len), strict=True))


def rows_in(folder):
    return sum(pq.read_metadata(path).num_rows for _, path in partitions_of(folder))


@pytest.mark.parametrize(
    ("ra", "dec"),
    [([359.9], [0.0]), ([0, 77, 360, -10, 725], [90, -90, 12, 12, 12.5])],
)
def test_odd_places_are_places(tmp_path, ra, dec):
    tables = made_up_tables(np.array(ra, float), np.array(dec, float))
    write_catalogues(write_shards(tmp_path / "s", tables, ends=[len(ra)]), tmp_path)
    assert rows_in(tmp_path / "catalogue/galaxies") == len(ra)
    assert pq.read_metadata(tmp_path / "unplaced/galaxies.parquet").num_rows == 0


def test_a_survey_without_places_has_empty_catalogues(tmp_path):
    tables = made_up_tables(np.full(30, np.nan), np.zeros(30))
    write_catalogues(write_shards(tmp_path / "s", tables, ends=[10, 30]), tmp_path)
    assert pq.read_table(tmp_path / "unplaced/galaxies.parquet")["row"].to_pylist() == [*range(30)]
    assert rows_in(tmp_path / "catalogue/galaxies") == 0
    assert pq.read_schema(tmp_path / "catalogue/galaxies/dataset/_metadata").names == [
        "_healpix_29",
        *tables["galaxies"].column_names,
    ]


def test_without_masks_there_is_no_catalogue_of_them(tmp_path):
    tables = made_up_tables(*on_the_sky(5))
    del tables["masks"]
    write_catalogues(write_shards(tmp_path / "s", tables, ends=[5]), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"s", "catalogue", "unplaced"}
    assert not (tmp_path / "unplaced" / "masks.parquet").exists()


def test_masks_in_some_shards_only_is_an_error(survey, tmp_path):
    _, tables, _ = survey
    shards = write_shards(tmp_path / "s", tables, ends=[100, N])
    (shards[0] / "masks.parquet").unlink()
    with pytest.raises(MissingInputError, match=r"000000.masks.parquet"):
        write_catalogues(shards, tmp_path)


def test_a_damaged_shard_leaves_nothing_behind(survey, tmp_path):
    _, tables, _ = survey
    shards = write_shards(tmp_path / "s", tables, ends=[100, N])
    path = shards[1] / "masks.parquet"
    content = bytearray(path.read_bytes())
    content[4:1000] = bytes(996)
    path.write_bytes(content)
    with pytest.raises(FormatError, match="damaged"):
        write_catalogues(shards, tmp_path, **LIMITS)
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_what_an_interrupted_call_left_is_replaced(survey, tmp_path):
    _, tables, hashes = survey
    shards = write_shards(tmp_path / "s", tables, ends=[N])
    for left in ("catalogue/galaxies/old", ".masks.0123abcd.partial/old"):
        (tmp_path / left).parent.mkdir(parents=True)
        (tmp_path / left).write_text("half")
    assert write_catalogues(shards, tmp_path, **LIMITS) == hashes
    assert {path.name for path in tmp_path.iterdir()} == {"s", "catalogue", "masks", "unplaced"}
    assert not (tmp_path / "catalogue/galaxies/old").exists()


@pytest.mark.parametrize("option", ["partition_rows", "mask_bytes"])
def test_a_limit_below_one_is_refused(tmp_path, option):
    with pytest.raises(ConfigError, match=f"{option} must be at least 1, got 0"):
        write_catalogues([tmp_path], tmp_path, **{option: 0})


def test_no_shard_is_refused(tmp_path):
    with pytest.raises(MissingInputError, match="no finished shard"):
        write_catalogues([], tmp_path)
