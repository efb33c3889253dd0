"""A HATS catalogue of cutouts is read as its files stand, without what stands beside them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from galseg.errors import FormatError, MissingInputError
from tests.survey.sources.cutouts import cutout, opened, rows_of, write_cutouts

PROPERTIES = "#HATS catalog\nobs_collection=x\nhats_col_ra=alpha\nhats_col_dec=delta\n"
PARTITIONS = {"Norder=1/Dir=0/Npix=8": 8, "Norder=1/Dir=0/Npix=14": 14, "Norder=0/Dir=0/Npix=3": 3}


def write_catalogue(folder, image_of, *, name="hats.properties"):
    """Write a catalogue of one galaxy a partition, named by its pixel."""
    for partition, pixel in PARTITIONS.items():
        path = folder / "dataset" / f"{partition}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = {"_healpix_29": [0], "object_id": [pixel], "cutout": [image_of(pixel)]}
        pq.write_table(pa.table(table | {"alpha": [1.5], "delta": [float(pixel)]}), path)
    pq.write_table(pa.table({"object_id": [3]}), folder / "dataset" / "data_thumbnail.parquet")
    pq.write_table(pa.table({"file": ["x"]}), folder / "per_partition_statistics.parquet")
    (folder / name).write_text(PROPERTIES)


@pytest.mark.parametrize("name", ["hats.properties", "properties"])
def test_partitions_are_read_by_their_paths(tmp_path, name):
    write_catalogue(tmp_path, cutout, name=name)
    source = opened(tmp_path)
    assert rows_of(source) == [(0, "3", 3), (1, "14", 14), (2, "8", 8)]
    assert [item[3:5] for item in source.items(range(3))] == [(1.5, 3), (1.5, 14), (1.5, 8)]


def test_paths_are_relative_to_the_catalogue(tmp_path):
    write_cutouts(tmp_path, [f"images/{k}.fits" for k in range(15)])
    write_catalogue(tmp_path / "catalogue", lambda pixel: f"../images/{pixel}.fits")
    assert rows_of(opened(tmp_path / "catalogue")) == [(0, "3", 3), (1, "14", 14), (2, "8", 8)]


def test_the_main_catalogue_of_a_collection_is_read(tmp_path):
    write_catalogue(tmp_path / "main", cutout)
    write_catalogue(tmp_path / "margin", cutout)
    collection = tmp_path / "collection.properties"
    collection.write_text("hats_primary_table_url=main\nall_margins=margin\n")
    assert opened(tmp_path).fingerprint == opened(tmp_path / "main").fingerprint
    collection.write_text("all_margins=margin\n")
    with pytest.raises(FormatError, match="hats_primary_table_url"):
        opened(tmp_path)


def test_a_catalogue_without_partitions_is_refused(tmp_path):
    (tmp_path / "hats.properties").write_text(PROPERTIES)
    with pytest.raises(MissingInputError, match="Npix"):
        opened(tmp_path)
    (tmp_path / "hats.properties").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(FormatError, match=r"hats\.properties cannot be read"):
        opened(tmp_path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # lsdb's own
def test_a_catalogue_of_lsdb_is_read(tmp_path):
    lsdb = pytest.importorskip("lsdb", reason="writes HATS catalogues")
    frame = pd.DataFrame({"id": np.arange(20), "image": [cutout(k) for k in range(20)]})
    frame["ra"], frame["dec"] = np.linspace(0, 359, 20), np.linspace(-80, 80, 20)
    catalogue = lsdb.from_dataframe(frame, lowest_order=1, highest_order=2, partition_rows=5)
    catalogue.write_catalog(tmp_path / "x", catalog_name="x", progress_bar=False)
    source = opened(tmp_path / "x")
    assert len(source) == 20
    for item in source.items(range(20)):
        row = int(item.load().pixels.max())
        assert item.galaxy_id == str(row)
        assert item.ra_deg == frame["ra"][row]
        assert item.dec_deg == frame["dec"][row]
