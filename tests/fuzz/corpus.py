"""The kept corpus, each file gzipped: ``python -m tests.fuzz.corpus`` makes it anew."""

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
from galseg.geometry.rle import encode_rle
from galseg.io.consensus import write_consensus
from galseg.io.predictions import write_prediction
from galseg.prediction import Prediction
from tests.annotations import test_gz3d as gz3d
from tests.annotations import zooniverse_exports as zooniverse
from tests.annotations.test_damaged_json import COCO, GALAXY_BUILDER, GEOJSON, GZ3D
from tests.io.test_consensus import make_consensus
from tests.predict.tiny import make_card

FOLDER = Path(__file__).parent
CORPUS, REGRESSIONS = FOLDER / "corpus", FOLDER / "regressions"

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


def kept(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the kept files of a target, unpacked: those of the corpus and of crashes found."""
    for folder in (CORPUS, REGRESSIONS):
        for path in sorted((folder / name).glob("*.gz")):
            yield f"{folder.name}/{path.stem}", gzip.decompress(path.read_bytes())


def keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0))


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
    yield "weights", "plain", save({"a": torch.zeros(2, 3), "b": torch.ones(1)})
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
    yield "gz3d_fits", "plain", _content(drawn.writeto)
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
