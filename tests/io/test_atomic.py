"""Outputs appear whole or not at all."""

import errno
import shutil
from pathlib import Path

import pytest

from galseg.errors import OutputError
from galseg.io import atomic
from galseg.io.atomic import remove_unfinished, write_folder, write_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "table.csv"
    target.write_text("old")

    def write_half():
        with write_whole(target) as temporary:
            temporary.write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_the_temporary_file_keeps_the_suffix_that_writers_look_at(tmp_path):
    with write_whole(tmp_path / "deep" / "a.fits") as temporary:
        assert temporary.suffix == ".fits"
        temporary.write_text("x")
    assert (tmp_path / "deep" / "a.fits").read_text() == "x"


def test_overwriting_can_be_refused(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OutputError, match="exists"), write_whole(target, overwrite=False):
        pass
    assert target.read_text() == "old"


def test_a_folder_appears_whole(tmp_path):
    with write_folder(tmp_path / "out") as temporary:
        (temporary / "a").write_text("1")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out" / "a").read_text() == "1"


def test_a_failed_folder_leaves_nothing(tmp_path):
    def write_half():
        with write_folder(tmp_path / "out") as temporary:
            (temporary / "a").write_text("1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_not_replaced(tmp_path):
    (tmp_path / "kept").write_text("1")
    with pytest.raises(OutputError, match="not an empty folder"), write_folder(tmp_path):
        pass


def test_an_output_below_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("1")
    with pytest.raises(OutputError, match="cannot write"), write_whole(tmp_path / "file" / "a.txt"):
        pass


def test_a_folder_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    synced, real = [], atomic._sync
    monkeypatch.setattr(atomic, "_sync", lambda path: synced.append(path) or real(path))
    with write_folder(tmp_path / "out") as temporary:
        with write_whole(temporary / "maps" / "a.txt") as file:
            file.write_text("1")
        assert synced == []  # once, at the end
        monkeypatch.setattr(Path, "replace", lambda *names: synced.append(names))
    names = [path.name for path in synced[:-2]]
    assert names == ["a.txt", "maps", temporary.name]
    assert synced[-2:] == [(temporary, tmp_path / "out"), tmp_path]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(atomic, "_sync", done.append)
    monkeypatch.setattr(Path, "replace", lambda *_: done.append("renamed"))
    with write_whole(tmp_path / "a.txt") as temporary:
        temporary.write_text("1")
    assert done == [temporary, "renamed", tmp_path]


@pytest.mark.parametrize("write", [write_whole, write_folder])
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, SystemExit])
def test_whatever_ends_the_block_leaves_nothing(tmp_path, write, error):
    with pytest.raises(error), write(tmp_path / "out"):
        raise error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_whole, write_folder])
@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EROFS", "EFBIG"])
def test_a_full_or_read_only_disk_is_told_of_the_output_itself(tmp_path, write, name):
    number = getattr(errno, name)
    with (
        pytest.raises(OutputError, match=r"cannot write .*out"),
        write(tmp_path / "out"),
    ):
        raise OSError(number, "it cannot", "somewhere inside")
    assert list(tmp_path.iterdir()) == []


def test_what_a_reader_misses_inside_the_block_is_not_the_output(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"), write_folder(tmp_path / "out"):
        (tmp_path / "missing").read_text()


@pytest.mark.parametrize(("write", "method"), [(write_whole, "touch"), (write_folder, "mkdir")])
def test_a_folder_that_may_not_be_written_is_one_clear_error(tmp_path, write, method, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, method, refuse)
    with (
        pytest.raises(OutputError, match=r"cannot write .*out: Permission denied"),
        write(tmp_path / "out"),
    ):
        pass


def test_what_a_killed_writer_left_can_be_removed(tmp_path):
    (tmp_path / "kept").write_text("1")
    with write_folder(tmp_path / "out") as temporary:
        (temporary / "a").write_text("1")
        shutil.copytree(temporary, tmp_path / f".out.{'0' * 8}.partial")
        (tmp_path / temporary.name.replace(".out.", ".other.")).mkdir()
    (tmp_path / f".out.{'1' * 8}.partial.fits").write_text("1")
    remove_unfinished(tmp_path / "out")
    assert sorted(path.name.split(".")[-1] for path in tmp_path.iterdir()) == [
        "kept", "out", "partial",
    ]  # fmt: skip


def test_permissions_are_those_of_any_new_file(tmp_path):
    with write_whole(tmp_path / "a") as temporary:
        temporary.write_text("1")
    with write_folder(tmp_path / "b"):
        pass
    (tmp_path / "c").write_text("1")
    (tmp_path / "d").mkdir()
    modes = [(tmp_path / name).stat().st_mode for name in "abcd"]
    assert modes[:2] == modes[2:]
