"""Images in a column of Parquet files are read a few at a time, and none of the others."""

import gzip
import io

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import galseg.survey.sources.cells
from galseg.errors import FormatError, MissingInputError
from galseg.survey.sources import Columns
from tests.survey.sources.cutouts import cutout, opened, rows_of

N = 10
IMAGES = [cutout(k) for k in range(N)]
IDS = [f"Jé{k}" for k in range(N)]


def write(path, images, *, ids=IDS, kind=None, **columns):
    table = pa.table({"label": [0] * len(images), "image": pa.array(images, kind), **columns})
    table = table.append_column("id_str", pa.array(ids))
    pq.write_table(table, path, row_group_size=4)


@pytest.fixture
def cells(tmp_path):
    write(tmp_path / "cells.parquet", IMAGES, ra=list(range(N)), dec=[-1.5] * N)
    return tmp_path / "cells.parquet"


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()], ids=str)
def test_bytes_in_any_arrow_type_are_images(tmp_path, kind):
    write(tmp_path / "cells.parquet", IMAGES, kind=kind)
    expected = list(zip(range(N), IDS, range(N), strict=True))
    assert rows_of(opened(tmp_path / "cells.parquet")) == expected


def test_the_structs_of_hugging_face_are_images(tmp_path):
    images = [{"bytes": image, "path": "x.fits"} for image in IMAGES]
    images[3]["bytes"], images[4] = None, None
    write(tmp_path / "cells.parquet", images)
    values = [value for _, _, value in rows_of(opened(tmp_path / "cells.parquet"))]
    assert "row 4 holds no bytes" in values.pop(3)
    assert "row 5 holds no bytes" in values.pop(3)
    assert values == [0, 1, 2, 5, 6, 7, 8, 9]


def test_any_range_is_what_duckdb_reads(cells):
    source = opened(cells)
    for start in (0, 3, 4):
        for stop in (start, start + 1, 6, 8, N):
            there = duckdb.sql(
                f"SELECT id_str, ra, dec FROM '{cells}' LIMIT {stop - start} OFFSET {start}"
            ).fetchall()
            items = list(source.items(range(start, stop)))
            assert [(item.galaxy_id, item.ra_deg, item.dec_deg) for item in items] == there
            assert [item.load().pixels.max() for item in items] == list(range(start, stop))


def test_no_earlier_row_group_is_read(cells):
    source = opened(cells)
    group = pq.read_metadata(cells).row_group(0)
    end = max(group.column(c).data_page_offset for c in range(group.num_columns))
    content = bytearray(cells.read_bytes())
    content[4:end] = bytes(end - 4)
    cells.write_bytes(content)
    assert rows_of(source, range(4, N)) == list(zip(range(4, N), IDS[4:], range(4, N), strict=True))
    assert all(isinstance(value, str) for _, _, value in rows_of(source, range(4)))


def test_a_damaged_image_column_leaves_the_names_and_the_other_row_groups(cells):
    source = opened(cells)
    chunk = pq.read_metadata(cells).row_group(1).column(1)
    assert chunk.path_in_schema == "image"
    content = bytearray(cells.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    cells.write_bytes(content)
    rows = rows_of(source)
    assert [galaxy_id for _, galaxy_id, _ in rows] == IDS
    values = [value for _, _, value in rows]
    assert values[:4] + values[8:] == [0, 1, 2, 3, 8, 9]
    assert all("cannot be read" in value for value in values[4:8])


def test_files_of_a_folder_follow_one_another_by_path(tmp_path):
    for name, part in {"b/1.parquet": range(4), "a.parquet": range(4, N)}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path / name, [IMAGES[k] for k in part], ids=[IDS[k] for k in part])
    pq.write_table(pa.table({"x": [1]}), tmp_path / "_summary.parquet")
    source = opened(tmp_path)
    assert [value for _, _, value in rows_of(source)] == [4, 5, 6, 7, 8, 9, 0, 1, 2, 3]
    assert next(source.items(range(7, 8))).place == f"{tmp_path}/b/1.parquet, row 2"
    write(tmp_path / "c.parquet", IMAGES[:1], ids=IDS[4:5])
    with pytest.raises(FormatError, match=r"a\.parquet, row 1 and .*c\.parquet, row 1 are both"):
        opened(tmp_path)


def test_a_file_without_the_columns_of_the_others_is_refused(cells):
    other = cells.with_name("other.parquet")
    write(other, IMAGES[:1], ids=[1], ra=[0], dec=[0.0])
    with pytest.raises(FormatError, match=r"other\.parquet has the column 'id_str' of type int64"):
        opened(cells.parent)
    pq.write_table(pa.table({"id_str": ["x"]}), other)
    with pytest.raises(FormatError, match=r"other\.parquet has no column 'image'"):
        opened(cells.parent)


def test_a_file_cut_short_is_refused(cells):
    cells.write_bytes(cells.read_bytes()[:-50])
    with pytest.raises(FormatError, match=r"cells\.parquet is no Parquet file or is cut short"):
        opened(cells)


def test_identifiers_that_are_damaged_are_refused(cells):
    chunk = pq.read_metadata(cells).row_group(1).column(4)
    assert chunk.path_in_schema == "id_str"
    content = bytearray(cells.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    cells.write_bytes(content)
    with pytest.raises(FormatError, match="a file is damaged"):
        opened(cells)


def test_a_cell_that_is_no_image_is_one_row(tmp_path):
    png = io.BytesIO()
    Image.new("L", (4, 3), 7).save(png, "png")
    images = [b"", b"text", IMAGES[2][:3000], png.getvalue(), gzip.compress(IMAGES[4])]
    write(tmp_path / "cells.parquet", images, ids=IDS[:5])
    empty, text, cut, picture, packed = (v for _, _, v in rows_of(opened(tmp_path)))
    assert "no FITS, PNG or JPEG" in empty
    assert "row 2 is no FITS, PNG or JPEG file: it has 4 bytes" in text
    assert "truncated" in cut
    assert (picture, packed) == (7, 4)


def test_a_cell_over_the_limit_is_one_row(cells, monkeypatch):
    monkeypatch.setattr(galseg.survey.sources.cells, "MAX_CELL_BYTES", len(IMAGES[0]) - 1)
    assert all(f"over the limit of {len(IMAGES[0]) - 1}" in v for _, _, v in rows_of(opened(cells)))


def test_identifiers_are_needed(cells):
    pq.write_table(pq.read_table(cells).drop_columns("id_str"), cells)
    with pytest.raises(FormatError, match=r"no column that names the galaxies; .*label"):
        opened(cells)
    pq.write_table(pa.table({"id": [None, "J2"], "image": IMAGES[:2]}), cells)
    with pytest.raises(FormatError, match="row 1 has no identifier"):
        opened(cells)


def test_a_column_of_something_else_is_refused(cells):
    with pytest.raises(FormatError, match=r"'label' of type int64; needed are paths as text, or"):
        opened(cells, columns=Columns(image="label"))


def test_files_without_rows_are_refused(cells):
    pq.write_table(pq.read_table(cells)[:0], cells)
    with pytest.raises(MissingInputError, match="no rows"):
        opened(cells)


def test_the_fingerprint_is_of_names_places_and_ends_of_files(cells):
    found = [opened(cells).fingerprint, opened(cells).fingerprint]
    frame = pd.read_parquet(cells)
    for name, values in {
        "id_str": IDS[:2][::-1] + IDS[2:],
        "dec": [1.5] * N,
        "image": [image + b"\0" for image in IMAGES],
    }.items():
        frame[name] = values
        frame.to_parquet(cells, row_group_size=4)
        found.append(opened(cells).fingerprint)
    assert found[0] == found[1]
    assert len(set(found)) == 4
