"""Hostile files are refused before memory is taken for them, with the limit in the message."""

import gzip
import json
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from galseg.annotations import AnnotationBuilder, ZooniverseMapping, build, files, native
from galseg.annotations.coco import read_coco
from galseg.annotations.galaxy_builder import read_galaxy_builder
from galseg.annotations.gz3d import read_gz3d
from galseg.annotations.zooniverse_export import read_rows
from galseg.errors import ConfigError, FormatError, ModelError, ShapeError
from galseg.geometry.rle import decode_rle
from galseg.io.annotations import write_annotations
from galseg.io.consensus import read_consensus
from galseg.io.fits_file import peek_kind
from galseg.io.images import read_image
from galseg.io.masks import read_masks
from galseg.io.predictions import read_prediction
from galseg.models import read_card
from galseg.models.tensors import read_tensors
from galseg.schemas import read_schemas
from tests.annotations.zooniverse_exports import row, write_export
from tests.predict.tiny import make_card

MOST_MEMORY = 40e6


@pytest.fixture(autouse=True)
def little_memory():
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MOST_MEMORY


def fits_header(*cards):
    text = "".join(card.ljust(80) for card in (*cards, "END"))
    return text.ljust(-(-len(text) // 2880) * 2880).encode()


IMAGE = ("SIMPLE  =                    T", "BITPIX  =                    8")
EMPTY = (*IMAGE, "NAXIS   =                    0")
TABLE = ("XTENSION= 'BINTABLE'", "BITPIX  = 8", "NAXIS   = 2", "PCOUNT  = 0", "GCOUNT  = 1")
TILES = (*TABLE, "NAXIS1  = 8", "NAXIS2  = 1", "TFIELDS = 1", "ZIMAGE  = T", "ZBITPIX = 8")

HOSTILE_FITS = {
    "axes": (fits_header(*IMAGE, "NAXIS   =           1000000000"), "NAXIS = 1000000000, over"),
    "free format": (fits_header(*IMAGE, "naxis = 1000000000 / axes"), "over the limit of 999"),
    "tiled axes": (
        fits_header(*EMPTY) + fits_header(*TILES, "ZNAXIS  = 1000000000"),
        "ZNAXIS = 1000000000, over the limit",
    ),
    "columns": (
        fits_header(*EMPTY) + fits_header(*TABLE, "NAXIS1  = 0", "NAXIS2  = 0", "TFIELDS = 99999"),
        "TFIELDS = 99999, over the limit",
    ),
    "bytes": (
        fits_header(*IMAGE, "NAXIS   = 2", "NAXIS1  = 100000000", "NAXIS2  = 1000"),
        "100000000000 bytes of data, over the limit",
    ),
    "tiled bytes": (
        fits_header(*EMPTY)
        + fits_header(*TILES, "ZNAXIS  = 2", "ZNAXIS1 = 1000000", "ZNAXIS2 = 1000000"),
        "bytes of data, over the limit",
    ),
    "tiles": (
        fits_header(*EMPTY)
        + fits_header(*TILES, "ZNAXIS  = 1", "ZNAXIS1 = 9", "ZTILE1  = 9999999999"),
        "tiles of 9999999999 pixels, over the limit",
    ),
    "polynomial": (
        fits_header(*IMAGE, "NAXIS   = 0", "A_ORDER = 30000"),
        "beyond the limit of 9: A_ORDER = 30000",
    ),
    "polynomial as text": (
        fits_header(*IMAGE, "NAXIS   = 0", "HIERARCH BP_ORDER = '30000'"),
        "beyond the limit of 9",
    ),
    "sky": (fits_header(*IMAGE, "NAXIS   = 0", "WCSAXES = 1000000000"), "beyond the limit of 9"),
    "negative": (fits_header(*IMAGE, "NAXIS   = 1", "NAXIS1  = -1"), "negative"),
    "two sizes": (fits_header(*IMAGE, "NAXIS   = 0", "NAXIS   = 9"), "NAXIS = 0 and 9"),
    "HDUs": (
        fits_header(*EMPTY) + 1000 * fits_header("XTENSION= 'IMAGE'", "BITPIX  = 8", "NAXIS   = 0"),
        "over 1000 HDUs",
    ),
    "header": (b"SIMPLE  =".ljust(2880) + bytes(5_000_000), "a header of over 4194304 bytes"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", HOSTILE_FITS)
def test_fits_sizes_are_checked_before_astropy_believes_them(tmp_path, packed, name):
    content, message = HOSTILE_FITS[name]
    path = tmp_path / "a.fits"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(FormatError, match=message):
        read_image(path)


@pytest.mark.parametrize("read", [read_prediction, read_consensus, read_gz3d, peek_kind])
def test_every_reader_of_fits_checks_sizes(tmp_path, read):
    content, message = HOSTILE_FITS["axes"]
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read(path)


def test_a_gzip_bomb_of_an_image_is_never_unpacked_in_memory(tmp_path):
    side = 9_000
    header = fits_header(*IMAGE, "NAXIS   = 2", f"NAXIS1  = {side}", f"NAXIS2  = {side}")
    squeeze = zlib.compressobj(wbits=31)
    content = squeeze.compress(header)
    content += b"".join(squeeze.compress(bytes(2880 * 1000)) for _ in range(29)) + squeeze.flush()
    path = tmp_path / "a.fits.gz"
    path.write_bytes(content)
    assert len(content) < 200_000
    with pytest.raises(FormatError, match="over the limit of 1000000"):
        read_image(path, max_pixels=1_000_000)


def test_a_gzip_bomb_of_json_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_JSON_BYTES", 1_000_000)
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(bytes(10_000_000)))
    with pytest.raises(FormatError, match=r"a\.json\.gz is over the limit of 1000000 bytes"):
        read_galaxy_builder(path)


@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_json_that_is_nested_deeply_is_refused(tmp_path, depth):
    path = tmp_path / "a.json"
    path.write_text("[" * depth + "]" * depth)
    with pytest.raises(FormatError, match="deeper than the limit of 64"):
        read_coco(path)


def test_text_that_is_no_unicode_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"images": "\\ud800"}')
    with pytest.raises(FormatError, match="surrogates"):
        read_coco(path)


def test_a_cell_of_an_export_is_not_read_beyond_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("galseg.annotations.zooniverse_export.MAX_TEXT_CELL", 100_000)
    path = write_export(tmp_path / "a.csv", [row(1, metadata="x" * 200_000)])
    with pytest.raises(FormatError, match=r"line 2: .*field larger than field limit \(100000\)"):
        list(read_rows(path))


def test_a_cell_is_not_nested_deeply(tmp_path):
    path = write_export(tmp_path / "a.csv", [row(1, annotations="[" * 80 + "]" * 80)])
    with pytest.raises(FormatError, match=r"'annotations': .*deeper than the limit"):
        list(read_rows(path))


def laughs():
    """Twelve lines of YAML that stand for a billion words."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, before in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"{one}: &{one} [{', '.join(['*' + before] * 9)}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("read", "error"),
    [(ZooniverseMapping.from_yaml, ConfigError), (read_schemas, FormatError)],
)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (laughs(), r"line 2 uses the alias \*a; write out"),
        ("a: " + "[" * 100 + "]" * 100, "deeper than the limit of 64"),
        ("# " + "x" * 2_000_000, "over the limit of 1048576"),
    ],
    ids=["laughs", "deep", "long"],
)
def test_yaml_of_any_size_is_refused(tmp_path, read, error, text, message):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(error, match=message):
        read(path)


def test_run_lengths_of_a_huge_mask_are_refused():
    with pytest.raises(FormatError, match="over the limit of 100000000 px"):
        decode_rle({"size": [100_000, 100_000], "counts": [10**10]})


@pytest.mark.parametrize("size", [(10**5, 10**5), (10**30, 1)])
def test_a_huge_picture_that_was_drawn_on_is_refused(tmp_path, size):
    image = {"id": 1, "file_name": "a.png", "width": size[0], "height": size[1]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    with pytest.raises(FormatError, match="1 to 100000000 px"):
        read_coco(path)
    with pytest.raises(FormatError, match="1 to 100000000 are read"):
        read_masks(path)
    with pytest.raises(ShapeError, match="the limit of 100000000 px"):
        AnnotationBuilder().classify(
            subject_id="s", annotator_id="a", classification_id="1", features=["bar"],
            width=size[0], height=size[1],
        )  # fmt: skip


def test_a_drawing_and_all_drawings_have_a_most_of_vertices(monkeypatch):
    builder = AnnotationBuilder()
    builder.classify(
        subject_id="s", annotator_id="a", classification_id="1", features=["bar"],
        width=64, height=64,
    )  # fmt: skip
    builder.area(classification_id="1", feature="bar", xy=np.zeros((100_001, 2)))
    assert "too many points: 100001" in builder.build().rejected["reason"].item()
    monkeypatch.setattr(build, "MAX_VERTICES", 100_010)
    with pytest.raises(FormatError, match="over 100010 vertices, the limit"):
        builder.area(classification_id="1", feature="bar", xy=np.eye(20)[:, :2])


def test_a_huge_mask_as_png_is_refused(tmp_path):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">2I5B", 10_001, 10_000, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    (tmp_path / "J1_bar.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    with pytest.raises(FormatError, match="over the limit of 100000000"):
        read_masks(tmp_path / "J1_bar.png")


def test_a_table_of_absurdly_many_drawings_is_refused(tmp_path, monkeypatch):
    builder = AnnotationBuilder()
    for number in range(3):
        builder.classify(
            subject_id=str(number), annotator_id="a", classification_id=str(number),
            features=["bar"], width=64, height=64,
        )  # fmt: skip
    write_annotations(tmp_path / "drawn", builder.build())
    monkeypatch.setattr(native, "MAX_TABLE_ROWS", 2)
    with pytest.raises(FormatError, match="has 3 rows, over the limit of 2"):
        native.read_native(tmp_path / "drawn")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"side": 10**9}, "side 1000000000; 1 to 8192"),
        ({"in_channels": 10**6}, "in_channels 1000000"),
        ({"decoder_channels": [10**9, 8, 8]}, "decoder_channels of 1000000000"),
        ({"decoder_channels": [8] * 100}, "number of decoder_channels 100"),
        ({"decoder_channels": "888"}, "not a list of int"),
        ({"features": [["bar"]]}, "not a list of str"),
        ({"thresholds": [1]}, "has thresholds for"),
    ],
)
def test_a_card_of_an_absurd_network_is_refused(tmp_path, changed, message):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(json.loads(make_card().to_json()) | changed))
    with pytest.raises(ModelError, match=message):
        read_card(path)


def test_a_huge_card_is_refused(tmp_path):
    path = tmp_path / "model.json"
    path.write_bytes(gzip.compress(bytes(17_000_000)))
    with pytest.raises(ModelError, match="over the limit of 16777216 bytes"):
        read_card(path)


def test_weights_that_claim_a_huge_header_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes((10**12).to_bytes(8, "little") + b"{}")
    with pytest.raises(ModelError, match="1000000000000 bytes of header, over the limit"):
        read_tensors(path)


def test_weights_that_claim_huge_tensors_are_refused(tmp_path):
    entry = {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}
    header = json.dumps({"a": entry}).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ModelError, match="damaged"):
        read_tensors(path)
