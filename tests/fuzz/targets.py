"""What is fuzzed: readers of files from unknown hands.

Each target takes the bytes of a file. It returns whether they were read or refused with an error
of galseg's, and lets any other error through: that is a bug.
"""

import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from galseg.annotations.coco import read_coco
from galseg.annotations.galaxy_builder import read_galaxy_builder
from galseg.annotations.geojson import read_geojson
from galseg.annotations.gz3d import read_gz3d, read_gz3d_votes
from galseg.annotations.mapping import ZooniverseMapping
from galseg.annotations.read import read_annotations
from galseg.annotations.zooniverse import read_zooniverse
from galseg.compare.answers import check_answers
from galseg.compare.key import read_key
from galseg.errors import FormatError, GalsegError
from galseg.geometry.rle import decode_rle
from galseg.io.consensus import read_consensus
from galseg.io.images import read_image
from galseg.io.masks import list_masks, read_masks
from galseg.io.predictions import read_prediction
from galseg.parsing import parse_json
from galseg.schemas import find_schema, read_schemas
from tests.compare.made_up import make_key

MAPPING = ZooniverseMapping.from_dict(
    {"tasks": {"T0": {0: "bar", 1: {"feature": "spiral_arm", "width_pix": 4}}}}
)

KEY = make_key(2)
KEY_SHA256 = "0" * 64


def _read_card(path: Path) -> object:
    from galseg.models.card import read_card  # with torch, which most targets do without

    return read_card(path)


def _read_weights(path: Path) -> object:
    from galseg.models.tensors import read_tensors

    return read_tensors(path)


def _read_votes(path: Path) -> object:
    from galseg.dataset.vote_catalogue import read_vote_catalogue

    return read_vote_catalogue(path, find_schema(["rings"]))


def _read_answers(path: Path) -> object:
    return check_answers([path], KEY, key_sha256=KEY_SHA256)


def _read_rle(path: Path) -> object:
    try:
        content = parse_json(path.read_bytes())
    except ValueError as error:
        raise FormatError(str(error)) from error
    return decode_rle(content)


def _read_all_masks(path: Path) -> object:
    return [read_masks(files, galaxy_id=name) for name, files in list_masks(path).items()]


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "galaxy_builder": ("a.json", read_galaxy_builder),
    "gz3d_json": ("a.json", read_gz3d),
    "gz3d_fits": ("a.fits", read_gz3d),
    "gz3d_votes": ("a.fits", read_gz3d_votes),
    "zooniverse": ("a.csv", partial(read_zooniverse, mapping=MAPPING)),
    "suggest": ("a.csv", read_annotations),  # without a mapping, it suggests one
    "mapping": ("a.yaml", ZooniverseMapping.from_yaml),
    "schema": ("a.yaml", read_schemas),
    "coco": ("a.json", read_coco),
    "coco_masks": ("a.json", _read_all_masks),
    "geojson": ("a.geojson", partial(read_geojson, shape=(30, 40))),
    "rle": ("a.json", _read_rle),
    "image": ("a.fits", partial(read_image, wcs="optional", max_pixels=1_000_000)),
    "picture": ("a.png", partial(read_image, max_pixels=1_000_000)),
    "prediction": ("a.fits", read_prediction),
    "consensus": ("a.fits", read_consensus),
    "key": ("a.json", read_key),
    "answers": ("a.json", _read_answers),
    "answers_csv": ("a.csv", _read_answers),
    "votes": ("a.csv", _read_votes),
    "card": ("a.json", _read_card),
    "weights": ("a.safetensors", _read_weights),
    "pickle": ("a.pt", _read_weights),
}
"""By target: the name that its file has, and what reads it."""

_folder = tempfile.TemporaryDirectory(prefix="galseg-fuzz-")


def run(name: str, content: bytes, *, folder: Path | None = None) -> bool:
    """Give bytes to a target, as a file in a folder; whether it took them for what it reads."""
    file, read = READERS[name]
    path = (folder or Path(_folder.name)) / file
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            read(path)
        except GalsegError:
            return False
    return True
