"""Shards that are damaged or do not fit together are named, with the column."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from galseg.errors import FormatError, MissingInputError
from galseg.survey.shard_rows import ShardRows
from tests.survey.made_up_shards import made_up_tables, on_the_sky, write_shards


@pytest.fixture
def shards(tmp_path):
    return write_shards(tmp_path, made_up_tables(*on_the_sky(90)), ends=[30, 60, 90])


def change(shard, how):
    path = shard / "galaxies.parquet"
    pq.write_table(how(pq.read_table(path)), path)


def test_the_rows_of_all_shards_come_in_order(shards):
    rows = pa.concat_tables(ShardRows(shards, "galaxies").batches())
    assert rows["row"].to_pylist() == list(range(90))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (lambda table: table.drop_columns("flags"), "flags"),
        (lambda table: table.append_column("z", table["row"]), "same columns.*z"),
        (lambda table: table.select(table.column_names[::-1]), "order"),
        (lambda table: table.cast(retyped(table.schema)), "'flags': int32"),
        (lambda table: table.cast(redescribed(table.schema)), "'length_arcsec'.*arcmin"),
    ],
)
def test_another_schema_names_the_shard_and_the_column(shards, how, told):
    change(shards[1], how)
    with pytest.raises(FormatError, match=told) as caught:
        ShardRows(shards, "galaxies")
    assert str(shards[1]) in str(caught.value)


def retyped(schema):
    at = schema.get_field_index("flags")
    return schema.set(at, schema.field(at).with_type(pa.int32()))


def redescribed(schema):
    at = schema.get_field_index("length_arcsec")
    return schema.set(at, schema.field(at).with_metadata({"unit": "arcmin"}))


def test_what_a_shard_tells_of_itself_does_not_matter(shards):
    change(shards[1], lambda table: table.replace_schema_metadata({"made": "by me"}))
    assert ShardRows(shards, "galaxies").schema.metadata is None


@pytest.mark.parametrize(("column", "found"), [("ra_deg", "string"), ("row", "none")])
def test_a_column_that_all_lack_is_named(shards, column, found):
    def without(table):
        bare = table.drop_columns(column)
        text = pa.array(["1"] * len(table))
        return bare if found == "none" else bare.append_column(column, text)

    for shard in shards:
        change(shard, without)
    with pytest.raises(FormatError, match=f"needs a column '{column}' .* got {found}"):
        ShardRows(shards, "galaxies")


def test_a_shard_cut_short_is_named(shards):
    path = shards[2] / "arms.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match=r"000002.arms.parquet is cut short"):
        ShardRows(shards, "arms")


def test_a_shard_with_wrong_bytes_inside_is_named(shards):
    path = shards[2] / "masks.parquet"
    content = bytearray(path.read_bytes())
    content[4:1500] = bytes(1496)
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"000002.masks.parquet is damaged"):
        list(ShardRows(shards, "masks").batches())


def test_a_table_that_is_not_there_is_named(shards):
    (shards[1] / "tidal.parquet").unlink()
    with pytest.raises(MissingInputError, match=r"000001.tidal.parquet"):
        ShardRows(shards, "tidal")
