"""WebDataset tar files give their galaxies in order, and tell of each that is lost."""

import io
import json
import re
import tarfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import galseg.survey.sources.tar
from galseg.errors import ConfigError, FormatError, MissingInputError
from galseg.survey.sources import Columns
from galseg.survey.sources.tar_members import split_name
from tests.survey.sources.cutouts import cutout, opened, rows_of, write_tar

N = 6
# How the webdataset package splits a name, in webdataset/tariterators.py.
WEBDATASET = re.compile(r"^((?:.*/|)[^.]+)[.]([^/]*)$")


def sample(k):
    place = json.dumps({"RA": 10 * k, "dec": -k, "label": "spiral"}).encode()
    return [(f"a/J{k}.fits", cutout(k)), (f"a/J{k}.json", place), (f"a/J{k}.cls", b"1")]


@pytest.fixture
def tar(tmp_path):
    write_tar(tmp_path / "x.tar", [member for k in range(N) for member in sample(k)])
    return tmp_path / "x.tar"


def values_of(path, members, **options):
    write_tar(path, members)
    return [value for _, _, value in rows_of(opened(path, **options))]


def test_any_range_of_galaxies_is_read_from_where_it_begins(tar, monkeypatch):
    monkeypatch.setattr(galseg.survey.sources.tar, "_STRIDE", 2)
    source = opened(tar)
    for start in range(N):
        for stop in range(start, N + 1):
            expected = [(k, f"a/J{k}", k) for k in range(start, stop)]
            assert rows_of(source, range(start, stop)) == expected
    assert [item[3:5] for item in source.items(range(N))] == [(10 * k, -k) for k in range(N)]


def test_headers_before_the_range_are_not_read(tmp_path):
    n = 600
    write_tar(tmp_path / "x.tar", [(f"J{k}.png", b"") for k in range(n)])
    source = opened(tmp_path / "x.tar")
    content = bytearray((tmp_path / "x.tar").read_bytes())
    content[: 512 * 512] = b"\xff" * (512 * 512)
    (tmp_path / "x.tar").write_bytes(content)
    ids = [item.galaxy_id for item in source.items(range(550, n))]
    assert ids == [f"J{k}" for k in range(550, n)]
    lost = rows_of(source, range(3))
    assert [galaxy_id for _, galaxy_id, _ in lost] == ["x.tar@0", "", ""]
    assert all(isinstance(reason, str) for _, _, reason in lost)


def test_tars_of_a_folder_follow_one_another(tmp_path):
    (tmp_path / "part").mkdir()
    write_tar(tmp_path / "part" / "1.tar", sample(0) + sample(1))
    write_tar(tmp_path / "0.tar", sample(2))
    source = opened(tmp_path)
    assert rows_of(source) == [(0, "a/J2", 2), (1, "a/J0", 0), (2, "a/J1", 1)]
    assert [item.place for item in source.items(range(2, 3))] == [
        f"{tmp_path}/part/1.tar: a/J1.fits"
    ]
    write_tar(tmp_path / "2.tar", sample(1))
    with pytest.raises(
        FormatError, match=r"2\.tar, galaxy 1 and .*1\.tar, galaxy 2 are both 'a/J1'"
    ):
        opened(tmp_path)


@given(st.text("ab.-+/_é", min_size=1, max_size=12))
def test_names_are_split_as_webdataset_does(name):
    found = WEBDATASET.fullmatch(name)
    hidden = found is not None and found[1].rpartition("/")[2] == ""
    assert split_name(name) == (None if found is None or hidden else found.groups())


def test_decimals_belong_to_the_name_of_a_galaxy(tmp_path):
    names = ["J094550.03+004623.3", "J094550.03+004623.4", "★ å"]
    write_tar(tmp_path / "x.tar", [(f"./{n}.FITS", cutout(k)) for k, n in enumerate(names)])
    assert rows_of(opened(tmp_path / "x.tar")) == [(k, n, k) for k, n in enumerate(names)]


@pytest.mark.parametrize(
    "tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)
def test_names_of_any_length_in_any_format_are_read(tmp_path, tar_format):
    names = ["J1", "d/" * 60 + "J2" * 30, "J3"]
    with tarfile.open(tmp_path / "x.tar", "w", format=tar_format) as tar:
        for k, name in enumerate(names):
            info = tarfile.TarInfo(f"{name}.fits")
            info.size, info.mtime = len(cutout(k)), 1.5
            tar.addfile(info, io.BytesIO(cutout(k)))
    source = opened(tmp_path / "x.tar")
    assert [galaxy_id for _, galaxy_id, _ in rows_of(source)] == names
    assert rows_of(source, range(2, 3)) == [(2, "J3", 2)]


def test_several_images_of_a_galaxy_need_a_choice(tmp_path):
    members = [("J1.jpg", b""), ("J1.fits", cutout(1)), ("J1.mask.fits", cutout(2))]
    write_tar(tmp_path / "x.tar", members)
    with pytest.raises(FormatError, match=r"x\.tar: 'J1' has 2 images.*columns\.image"):
        opened(tmp_path / "x.tar")
    write_tar(tmp_path / "y.tar", [("J1.fits", cutout(1)), ("J1.fits", cutout(2))])
    with pytest.raises(FormatError, match=r"y\.tar: 'J1' has 2 images"):
        opened(tmp_path / "y.tar")
    for suffix, value in {"fits": 1, ".mask.fits": 2}.items():
        columns = Columns(image=suffix)
        assert rows_of(opened(tmp_path / "x.tar", columns=columns)) == [(0, "J1", value)]


@pytest.mark.parametrize("cut", range(512, 3 * 8192, 900))
def test_a_tar_cut_short_keeps_what_is_before_and_tells_of_the_end(tar, cut):
    whole = tar.read_bytes()
    with tarfile.open(tar) as members:
        ends = [m.offset_data + m.size for m in members if m.name.endswith("fits")]
    n_whole = sum(end <= cut for end in ends)
    tar.write_bytes(whole[:cut])
    rows = rows_of(opened(tar))
    assert [value for _, _, value in rows[:n_whole]] == list(range(n_whole))
    [(_, galaxy_id, reason)] = rows[n_whole:]
    assert "cut short" in reason
    assert galaxy_id


def test_a_tar_cut_after_it_was_opened_tells_of_every_row(tar):
    source = opened(tar)
    tar.write_bytes(tar.read_bytes()[:20_000])
    rows = rows_of(source)
    assert [row for row, _, _ in rows] == list(range(N))
    assert [value for _, _, value in rows[:2]] == [0, 1]
    assert "cut short" in rows[2][2]
    assert all("is not there" in reason for _, _, reason in rows[3:])
    tar.unlink()
    assert all("cannot be read" in reason for _, _, reason in rows_of(source))


def test_a_damaged_header_is_one_row_and_the_end(tar):
    with tarfile.open(tar) as members:
        third = members.getmember("a/J2.fits").offset
    content = bytearray(tar.read_bytes())
    content[third : third + 512] = b"\xff" * 512
    tar.write_bytes(content)
    rows = rows_of(opened(tar))
    assert [value for _, _, value in rows[:2]] == [0, 1]
    [(_, galaxy_id, reason)] = rows[2:]
    assert galaxy_id == f"x.tar@{third}"
    assert f"damaged at byte {third}" in reason


def test_tars_put_together_are_told(tar):
    tar.write_bytes(tar.read_bytes() * 2)
    rows = rows_of(opened(tar))
    assert len(rows) == N + 1
    assert "damaged at byte" in rows[-1][2]


@pytest.mark.parametrize("size", [-512, -(2**40), 2**62])
def test_a_size_that_cannot_be_ends_the_file(tmp_path, size):
    path = tmp_path / "x.tar"
    write_tar(path, [("J0.fits", cutout(0)), ("J1.fits", cutout(1))])
    with tarfile.open(path) as tar:
        header = tar.getmember("J1.fits").offset
    content = bytearray(path.read_bytes())
    field = b"\xff" if size < 0 else b"\x80"
    content[header + 124 : header + 136] = field + size.to_bytes(11, "big", signed=True)
    block = content[header : header + 512]
    block[148:156] = b" " * 8
    content[header + 148 : header + 156] = b"%06o\0 " % sum(block)
    path.write_bytes(content)
    first, *rest = rows_of(opened(path))
    assert first == (0, "J0", 0)
    assert len(rest) == 1
    assert isinstance(rest[0][2], str)


def test_an_extended_header_that_promises_too_much_takes_no_memory(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    path = tmp_path / "x.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 16))
    [(_, _, reason)] = rows_of(opened(path))
    assert "a header of" in reason


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_are_not_followed(tmp_path, kind):
    link = tarfile.TarInfo("J1.fits")
    link.type, link.linkname = kind, "/etc/passwd"
    [reason, value] = values_of(tmp_path / "x.tar", [link, ("J2.fits", cutout(2))])
    assert "is a link to '/etc/passwd'" in reason
    assert value == 2


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_and_pipes_are_not_read(tmp_path, kind):
    device = tarfile.TarInfo("J1.fits")
    device.type = kind
    folder = tarfile.TarInfo("folder.fits")
    folder.type = tarfile.DIRTYPE
    [reason, value] = values_of(tmp_path / "x.tar", [device, folder, ("J2.fits", cutout(2))])
    assert "is a device" in reason
    assert value == 2


@pytest.mark.parametrize("name", ["/etc/J1.fits", "../J1.fits", "a/../../J1.fits"])
def test_a_name_that_leaves_its_folder_is_one_row(tmp_path, name):
    [reason, value] = values_of(tmp_path / "x.tar", [(name, cutout(1)), ("J2.fits", cutout(2))])
    assert "leaves the folder" in reason
    assert value == 2


def test_a_member_over_the_limit_is_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(galseg.survey.sources.tar, "MAX_TAR_MEMBER_BYTES", len(cutout(0)))
    members = [("J1.fits", cutout(1) + b"\0"), ("J2.fits", cutout(2))]
    [reason, value] = values_of(tmp_path / "x.tar", members)
    assert f"{len(cutout(0)) + 1} bytes, over the limit of {len(cutout(0))}" in reason
    assert value == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[1]", "holds a list"),
        (b'{"ra": "12h", "dec": 1}', "no numbers"),
        (b'{"ra": true, "dec": 1}', "no numbers"),
        (b'{"ra": 1%s, "dec": 1}' % (b"0" * 400), "no numbers"),
        (b" " * (1 << 20) + b"{}", "over the limit"),
    ],
)
def test_a_bad_json_is_one_row(tmp_path, content, message):
    members = [("J1.fits", cutout(1)), ("J1.json", content), ("J2.fits", cutout(2))]
    [reason, value] = values_of(tmp_path / "x.tar", members)
    assert message in reason
    assert "J1.json" in reason
    assert value == 2


def test_a_json_that_does_not_say_where_gives_no_place(tmp_path):
    records = [b"{}", b'{"ra": 1}', b'{"ra": null, "dec": 1}', b'{"ra": 5, "dec": -999}']
    members = [
        member
        for k, record in enumerate(records)
        for member in ((f"J{k}.json", record), (f"J{k}.fits", cutout(k)))
    ]
    assert values_of(tmp_path / "x.tar", members) == [0, 1, 2, 3]
    items = opened(tmp_path / "x.tar").items(range(4))
    assert np.isnan([item[3:5] for item in items]).all()


def test_keys_of_the_json_may_be_named_and_others_not(tar, tmp_path):
    write_tar(tmp_path / "y.tar", [("J1.fits", cutout(1)), ("J1.json", b'{"l": 3, "b": 4}')])
    source = opened(tmp_path / "y.tar", columns=Columns(ra="l", dec="b"))
    assert next(source.items(range(1)))[3:5] == (3, 4)
    with pytest.raises(ConfigError, match=r"columns\.galaxy_id"):
        opened(tar, columns=Columns(galaxy_id="name"))


def test_the_fingerprint_is_of_members_and_sizes(tar):
    before = opened(tar).fingerprint
    assert opened(tar).fingerprint == before
    members = [member for k in range(N) for member in sample(k)]
    members[3] = ("a/J9.fits", cutout(1))
    write_tar(tar, members[:3] + members[3:4] + members[6:])
    renamed = opened(tar).fingerprint
    tar.rename(tar.with_name("y.tar"))
    assert len({before, renamed, opened(tar.with_name("y.tar")).fingerprint}) == 3


def test_tars_without_images_and_packed_ones_are_refused(tmp_path):
    write_tar(tmp_path / "x.tar", [("J1.txt", b"")])
    with pytest.raises(MissingInputError, match="no images"):
        opened(tmp_path / "x.tar")
    (tmp_path / "x.tar.gz").touch()
    with pytest.raises(ConfigError, match="decompress it"):
        opened(tmp_path / "x.tar.gz")
    (tmp_path / "empty.tar").touch()
    [(_, galaxy_id, reason)] = rows_of(opened(tmp_path / "empty.tar"))
    assert galaxy_id == "empty.tar@0"
    assert "damaged" in reason
