"""Makes the kept corpus anew: ``python -m tests.fuzz.corpus``."""

import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from astropy.io import fits
from PIL import Image
from safetensors.torch import save

from galseg import ImageFrame
from galseg.compare.key import write_key
from galseg.geometry.rle import encode_rle
from galseg.io.consensus import write_consensus
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction
from tests.annotations import test_gz3d as gz3d
from tests.annotations import zooniverse_exports as zooniverse
from tests.annotations.test_damaged_json import COCO, GALAXY_BUILDER, GEOJSON, GZ3D
from tests.compare import made_up
from tests.compare import test_compare_zooniverse_answers as export
from tests.fuzz.kept import CORPUS, keep
from tests.fuzz.targets import KEY, KEY_SHA256
from tests.io.test_consensus import make_consensus
from tests.predict.tiny import make_card

MAPPING = """
tasks:
  T0: {0: bar, 1: {feature: spiral_arm, width_pix: 8}, 2: ignore}
ignore: [T9]
workflow_id: "1"
min_workflow_version: "13.10"
image_size: [64, 64]
flip_y: true
limits: {max_jump: 0.5}
"""

SCHEMA = """
campaigns: {small: -s}
questions:
  smooth: {answers: [smooth, featured]}
  bar: {answers: ["yes", "no"], after: [smooth_featured]}
"""


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Yield target, name and content of every file of the corpus."""
    for target, content in (
        ("coco", COCO),
        ("coco_masks", COCO),
        ("galaxy_builder", GALAXY_BUILDER),
        ("geojson", GEOJSON),
        ("gz3d_json", GZ3D),
        ("rle", {"size": [2, 3], "counts": [2, 1, 1, 2]}),
        ("card", json.loads(make_card().to_json())),
    ):
        yield target, "plain", _json(content)
    yield "coco", "packed", gzip.compress(_json(COCO), mtime=0)
    yield "rle", "packed", _json(encode_rle(np.eye(9, dtype=bool)))
    for target in ("zooniverse", "suggest"):
        yield target, "plain", _zooniverse_csv()
    yield "mapping", "plain", MAPPING.encode()
    yield "schema", "plain", SCHEMA.encode()
    yield "votes", "plain", b"id_str,file_loc,ring_yes,ring_no\nJ1,J1.jpg,3,37\nJ2,J2.jpg,,\n"
    yield from _answers()
    tensors = {"a": torch.zeros(2, 3), "b": torch.ones(1)}
    yield "weights", "plain", save(tensors)
    yield "pickle", "plain", _content(lambda path: torch.save(tensors, path))
    yield from _fits()
    yield from _pictures()


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _zooniverse_csv() -> bytes:
    line = {"tool": 1, "points": [{"x": 3, "y": 4}, {"x": 9, "y": 8}], "closed": False}
    rows = [
        zooniverse.row(1, zooniverse.answer(zooniverse.SQUARE, line)),
        zooniverse.row(2, zooniverse.answer(), user_name="", subject_ids=7),
    ]
    with tempfile.TemporaryDirectory() as folder:
        return zooniverse.write_export(Path(folder, "a.csv"), rows).read_bytes()


def _answers() -> Iterator[tuple[str, str, bytes]]:
    """Yield a key, and its raters' answers from the page and from Zooniverse."""
    yield "key", "plain", _content(lambda path: write_key(path, KEY))
    here, ann, bo = Path(__file__), KEY.items[:2], KEY.items[2:]
    given = [made_up.answer(ann[0], "model", comment="a note"), made_up.answer(ann[1], "tie")]
    yield (
        "answers",
        "plain",
        _content(lambda path: made_up.write_answers(path, here, given, key_sha256=KEY_SHA256)),
    )
    rows = [
        export.classification(
            item, here, export.GOOD, user=item.rater, **{"#key_sha256": KEY_SHA256}
        )
        for item in (ann[0], bo[0])
    ]
    yield "answers_csv", "plain", _content(lambda path: export.write_export(path, rows))


def _fits() -> Iterator[tuple[str, str, bytes]]:
    header = gz3d.wcs_header((8, 8))
    pixels = np.arange(64, dtype=np.float32).reshape(8, 8)
    packed = fits.CompImageHDU(pixels.astype(np.int16), header, compression_type="RICE_1")
    plain = fits.PrimaryHDU(pixels, header)
    yield "image", "plain", _content(fits.HDUList([plain]).writeto)
    yield "image", "packed", gzip.compress(_content(fits.HDUList([plain]).writeto), mtime=0)
    yield "image", "tiles", _content(fits.HDUList([fits.PrimaryHDU(), packed]).writeto)
    drawn = gz3d.gz3d_hdus(
        points=[(1, [[3, 4]], [])], spirals=[(1, [gz3d.ARM])], bars=[(2, [gz3d.BAR])], shape=(8, 9)
    )
    for target in ("gz3d_fits", "gz3d_votes"):
        yield target, "plain", _content(drawn.writeto)
    frame = ImageFrame.from_header(fits.Header([*header.cards, ("NAXIS1", 8), ("NAXIS2", 8)]))
    maps = pixels[np.newaxis] / 64
    prediction = Prediction("J1", ("bar",), maps, frame, samples=maps[np.newaxis])
    yield "prediction", "plain", _content(lambda path: write_prediction(path, prediction))
    consensus = make_consensus(frame)
    yield "consensus", "plain", _content(lambda path: write_consensus(path, consensus))


def _pictures() -> Iterator[tuple[str, str, bytes]]:
    for mode in ("L", "RGBA", "P", "I;16"):
        picture = Image.new(mode, (5, 4))
        file = io.BytesIO()
        picture.save(file, "PNG")
        yield "picture", mode.replace(";", ""), file.getvalue()


def _content(write) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.fits")
        write(path)
        return path.read_bytes()


if __name__ == "__main__":
    for target, name, content in corpus():
        keep(CORPUS / target / f"{name}.gz", content)
