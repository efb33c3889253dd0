"""Outputs appear whole or not at all."""

import pytest

from galseg.errors import OutputError
from galseg.io.atomic import write_folder, write_whole


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
