"""Finished shards on disk."""

import errno
import os
import shutil

import pyarrow.parquet as pq
import pytest

from galseg.errors import OutputError
from galseg.io.atomic import write_folder
from galseg.survey.record import (
    SHARDS,
    finished_shards,
    read_record,
    remove_leftovers,
    shard_folder,
    write_shard,
)
from tests.survey.fakes import FakeProcessor

PLAN = "a plan"
ROWS = range(20, 30)


def write(folder, shard=2, plan=PLAN):
    write_shard(folder, shard, FakeProcessor().process(ROWS), rows=ROWS, plan=plan)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_rows_give_the_same_bytes_and_a_second_writer_changes_nothing(tmp_path):
    """A worker that outlived its run may finish a shard beside the one of the next run."""
    write(tmp_path)
    before = content(shard_folder(tmp_path, 2))
    write(tmp_path)
    write(tmp_path / "elsewhere")
    assert content(shard_folder(tmp_path, 2)) == before
    assert content(shard_folder(tmp_path / "elsewhere", 2)) == before
    assert [path.name for path in (tmp_path / SHARDS).iterdir()] == ["000002"]


def test_a_worker_that_is_late_finds_its_folder_gone(tmp_path):
    """The next run clears up while a worker of the last one still writes."""
    late = write_folder(shard_folder(tmp_path, 2))
    (late.__enter__() / "galaxies.parquet").write_bytes(b"half")
    assert remove_leftovers(tmp_path, keep={}) == 1
    with pytest.raises(OutputError):
        late.__exit__(None, None, None)
    assert list((tmp_path / SHARDS).iterdir()) == []


@pytest.mark.parametrize("name", ["galaxies.parquet", "arms.parquet", "record.json"])
def test_only_whole_shards_of_the_same_plan_count(name, tmp_path):
    for shard in range(3):
        write(tmp_path, shard, plan="another plan" if shard == 1 else PLAN)
    path = shard_folder(tmp_path, 0) / name
    path.write_bytes(path.read_bytes()[:-1])
    finished = finished_shards(tmp_path, plan=PLAN)
    assert list(finished) == [2]
    assert remove_leftovers(tmp_path, keep=finished) == 2
    assert [path.name for path in (tmp_path / SHARDS).iterdir()] == ["000002"]


def test_a_changed_byte_is_found_where_content_is_checked(tmp_path):
    write(tmp_path)
    path = shard_folder(tmp_path, 2) / "tidal.parquet"
    path.write_bytes(b"!" + path.read_bytes()[1:])
    assert list(finished_shards(tmp_path, plan=PLAN)) == [2]
    assert list(finished_shards(tmp_path, plan=PLAN, check_content=True)) == []


def test_a_full_disk_leaves_nothing_half(tmp_path, monkeypatch):
    def refuse(table, path, **options):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pq, "write_table", refuse)
    with pytest.raises(OutputError, match=r"cannot write .*000002: No space left on device"):
        write(tmp_path)
    assert list((tmp_path / SHARDS).iterdir()) == []


def test_a_damaged_shard_in_the_way_is_an_error(tmp_path):
    write(tmp_path)
    (shard_folder(tmp_path, 2) / "record.json").unlink()
    with pytest.raises(OutputError, match="not an empty folder"):
        write(tmp_path)


def test_where_there_is_no_shard_there_is_no_record(tmp_path):
    assert read_record(tmp_path / "nowhere", plan=PLAN) is None
    assert finished_shards(tmp_path, plan=PLAN) == {}
    assert remove_leftovers(tmp_path, keep={}) == 0
    shutil.rmtree(tmp_path)
