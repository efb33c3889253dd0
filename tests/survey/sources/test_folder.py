"""A folder of images is a list of galaxies, the same every time."""

import os

import pytest

from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.survey.sources import Columns
from tests.survey.sources.cutouts import opened, rows_of, write_cutouts


def test_images_at_any_depth_are_listed_by_path(tmp_path):
    names = ["b/J3.fits", "J4.fits", "a/c/J1.FITS", "a/J2.fits"]
    write_cutouts(tmp_path, names)
    (tmp_path / "notes.txt").touch()
    (tmp_path / "a" / "._J2.fits").touch()
    by_path = sorted(range(4), key=lambda k: names[k])
    ids = [names[k].rpartition("/")[2].partition(".")[0] for k in by_path]
    source = opened(tmp_path)
    assert rows_of(source) == list(zip(range(4), ids, by_path, strict=True))
    assert rows_of(source, range(2, 3)) == rows_of(source)[2:3]


def test_the_fingerprint_is_of_names_and_sizes(tmp_path):
    for folder in ("one", "other"):
        write_cutouts(tmp_path / folder, ["a/J1.fits", "J2.fits"])
    one, other = tmp_path / "one", tmp_path / "other"
    assert opened(one).fingerprint == opened(other).fingerprint
    (other / "J2.fits").rename(other / "J3.fits")
    renamed = opened(other).fingerprint
    with (other / "J3.fits").open("ab") as handle:
        handle.write(b"more")
    assert len({opened(one).fingerprint, renamed, opened(other).fingerprint}) == 3


def test_two_images_that_are_named_alike_are_refused(tmp_path):
    write_cutouts(tmp_path, ["a/J1.fits", "b/J1.fits"])
    with pytest.raises(FormatError, match=r"a/J1\.fits and .*b/J1\.fits are both 'J1'"):
        opened(tmp_path)


def test_names_beyond_ascii_and_beyond_text_are_kept(tmp_path):
    write_cutouts(tmp_path, ["Ångström ★.fits"])
    (tmp_path / os.fsdecode(b"\xff.fits")).write_bytes((tmp_path / "Ångström ★.fits").read_bytes())
    assert rows_of(opened(tmp_path)) == [(0, "Ångström ★", 0.0), (1, "\\xff", 0.0)]


def test_a_file_that_cannot_be_read_is_one_row(tmp_path):
    write_cutouts(tmp_path, ["J1.fits", "J2.fits", "J3.fits", "J4.fits"])
    source = opened(tmp_path)
    (tmp_path / "J2.fits").unlink()
    (tmp_path / "J3.fits").write_bytes(b"SIMPLE  =")
    (tmp_path / "J4.fits").unlink()
    (tmp_path / "J4.fits").mkdir()
    _, gone, damaged, folder = (value for _, _, value in rows_of(source))
    assert "no file" in gone
    assert "damaged" in damaged
    assert "no file" in folder


def test_a_link_to_nowhere_and_a_loop_of_folders_are_survived(tmp_path):
    write_cutouts(tmp_path, ["a/J1.fits"])
    (tmp_path / "J2.fits").symlink_to("nowhere.fits")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    [nowhere, there] = rows_of(opened(tmp_path))
    assert "no file" in nowhere[2]
    assert there == (1, "J1", 0.0)


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(MissingInputError, match="no images"):
        opened(tmp_path)


def test_two_kinds_of_files_are_refused(tmp_path):
    write_cutouts(tmp_path, ["J1.fits"])
    (tmp_path / "b.parquet").touch()
    with pytest.raises(FormatError, match=r"image files, such as J1\.fits, and parquet"):
        opened(tmp_path)


def test_a_folder_of_images_has_no_columns(tmp_path):
    write_cutouts(tmp_path, ["J1.fits"])
    with pytest.raises(ConfigError, match=r"columns\.ra .* folder of images"):
        opened(tmp_path, columns=Columns(ra="ra"))
