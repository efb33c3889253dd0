"""Rows come back sorted, whatever the files they were put in."""

import numpy as np
import pyarrow as pa
import pytest

from galseg.survey.partition import Partition, spatial_index
from galseg.survey.sorted_rows import SortedRows
from tests.survey.made_up_shards import made_up_tables, on_the_sky

pytest.importorskip("hats", reason="HATS catalogues need hats")

WHOLE_SKY = [Partition(0, pixel) for pixel in range(12)]


@pytest.fixture
def arms():
    ra, dec = on_the_sky(200)
    ra[::5] = np.nan
    ra[50:60], dec[50:60] = ra[49], dec[49]
    return made_up_tables(ra, dec, n_arms=3)["arms"]


def in_parts(folder, table, ends):
    rows = SortedRows(folder)
    for start, end in zip([0, *ends], ends, strict=False):
        rows.add(table.slice(start, end - start))
    return rows


def sorted_by_pandas(table):
    frame = table.to_pandas()
    frame.insert(0, "_healpix_29", spatial_index(*frame[["ra_deg", "dec_deg"]].to_numpy().T))
    return frame.sort_values(["_healpix_29", "row"], kind="stable", ignore_index=True)


@pytest.mark.parametrize("n_parts", [1, 2, 7])
def test_a_partition_has_its_rows_in_order(tmp_path, arms, n_parts):
    ends = np.linspace(0, len(arms), n_parts + 1).astype(int)[1:]
    rows = in_parts(tmp_path, arms, ends)
    found = pa.concat_tables(rows.placed(one) for one in WHOLE_SKY).to_pandas()
    right = sorted_by_pandas(arms)
    assert found.equals(right[right["_healpix_29"] >= 0].reset_index(drop=True))


@pytest.mark.parametrize("n_rows", [1, 10, 1000])
def test_rows_without_a_place_come_by_their_number(tmp_path, arms, n_rows):
    rows = in_parts(tmp_path, arms, [len(arms) // 3, len(arms)])
    parts = list(rows.unplaced(n_rows=n_rows))
    right = arms.filter(pa.array(np.isnan(arms["ra_deg"].to_numpy())))
    assert pa.concat_tables(parts).to_pandas().equals(right.to_pandas())
    assert all(len(set(part["row"].to_numpy() // n_rows)) == 1 for part in parts)


def test_nothing_without_a_place_is_nothing(tmp_path):
    table = made_up_tables([1.0, 2.0], [3.0, 4.0])["galaxies"]
    assert list(in_parts(tmp_path, table, [2]).unplaced(n_rows=10)) == []
