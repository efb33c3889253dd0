"""Masks of COCO JSON: one file, many galaxies.

Coordinates count from the corner of the image, see `galseg.geometry.origin`; run lengths and
polygons alike hold array rows, so nothing is flipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.annotations.categories import feature_of_category
from galseg.annotations.files import read_json
from galseg.errors import (
    FeatureError,
    FormatError,
    MissingInputError,
    ShapeError,
    SubjectError,
    nearest_name,
)
from galseg.features import FEATURES
from galseg.geometry import enclosed_by_stroke, polygon_mask
from galseg.geometry.origin import from_corner_origin
from galseg.geometry.rle import decode_rle
from galseg.limits import MAX_IMAGE_PIXELS

__all__ = ["coco_galaxies", "read_coco_masks"]

Mask = NDArray[np.bool_]

_FAR = 1e6
_IMAGE_SUFFIXES = (".fits.gz", ".fits", ".fit", ".png", ".jpg", ".jpeg", ".tif", ".tiff")


class _CocoImage(NamedTuple):
    shape: tuple[int, int]
    segments: dict[str, list[Any]]  # by category; empty where nothing was found


def coco_galaxies(path: Path) -> tuple[str, ...]:
    """Name the galaxies of a COCO file, none if the JSON is something else.

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If it is not JSON, or COCO with damaged parts.
    """
    return tuple(_images(path) or ())


def read_coco_masks(
    path: Path, *, galaxy_id: str | None = None, known: Iterable[str] = FEATURES
) -> dict[str, Mask]:
    """Read the masks of one image of a COCO file.

    The annotations of a category are joined, and a category without annotations is an empty mask.
    Passed over are categories that are no features, and those that the image's ``features_asked``,
    where it has one, does not name: nobody looked for them.

    Parameters
    ----------
    path : pathlib.Path
        COCO JSON.
    galaxy_id : str, optional
        The image's ``galaxy_id``, or its file name without suffix; needed only if the file holds
        several.
    known : iterable of str, optional
        What counts as a feature.

    Returns
    -------
    dict of str to ndarray of bool, shape (ny, nx)

    Raises
    ------
    MissingInputError
        If there is no such file.
    FormatError
        If the file is not COCO, or damaged.
    SubjectError
        If the galaxy is not in the file, or none is named and the file holds several.
    """
    images = _images(path)
    if images is None:
        raise FormatError(f"{path} is not COCO: it lacks images, annotations or categories")
    if galaxy_id is None:
        if len(images) != 1:
            raise SubjectError(f"{path} holds {len(images)} images; say which with galaxy_id")
        (galaxy_id,) = images
    if galaxy_id not in images:
        raise SubjectError(
            f"no image of {galaxy_id!r} in {path}; {nearest_name(galaxy_id, images)}"
        )
    shape, segments = images[galaxy_id]
    features = tuple(known)
    masks: dict[str, Mask] = {}
    for category, found in segments.items():
        try:
            feature = feature_of_category(category, also=features)
        except FeatureError:
            continue
        where = f"{path}, image {galaxy_id!r}, category {category!r}"
        masks[feature] = _joined(found, shape, where=where)
    return masks


def _images(path: Path) -> dict[str, _CocoImage] | None:
    if not path.is_file():
        raise MissingInputError(f"there is no mask file {path}")
    stat = path.stat()
    return _parse(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _parse(path: Path, _mtime_ns: int, _size: int) -> dict[str, _CocoImage] | None:
    """Parse a file once for all its galaxies, and again when it has changed."""
    content = read_json(path)
    if not isinstance(content, dict) or not (
        {"images", "annotations", "categories"} <= content.keys()
    ):
        return None
    try:
        return _by_galaxy(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path} is COCO with a damaged entry ({error!r})") from error


def _by_galaxy(content: dict[str, Any]) -> dict[str, _CocoImage]:
    names = {category["id"]: str(category["name"]) for category in content["categories"]}
    by_id: dict[Any, _CocoImage] = {}
    galaxies: dict[str, _CocoImage] = {}
    for entry in content["images"]:
        shape = int(entry["height"]), int(entry["width"])
        if min(shape) < 1 or shape[0] * shape[1] > MAX_IMAGE_PIXELS:
            raise ValueError(f"an image of {shape} pixels; 1 to {MAX_IMAGE_PIXELS} are read")
        asked = entry.get("features_asked", names.values())
        image = _CocoImage(shape, {name: [] for name in names.values() if name in asked})
        by_id[entry["id"]] = galaxies[_galaxy_id(entry)] = image
    if len(galaxies) < len(content["images"]):
        raise ValueError("two images of one galaxy")
    for entry in content["annotations"]:
        by_id[entry["image_id"]].segments[names[entry["category_id"]]].append(entry["segmentation"])
    return galaxies


def _galaxy_id(entry: dict[str, Any]) -> str:
    if "galaxy_id" in entry:
        return str(entry["galaxy_id"])
    name = PurePosixPath(entry["file_name"]).name
    suffix = next((end for end in _IMAGE_SUFFIXES if name.lower().endswith(end)), "")
    return name[: len(name) - len(suffix)]


def _joined(segments: list[Any], shape: tuple[int, int], *, where: str) -> Mask:
    joined = np.zeros(shape, dtype=bool)
    for segment in segments:
        try:
            if isinstance(segment, dict):
                joined |= _run_lengths(segment, shape)
            else:
                for ring in segment:
                    joined |= _polygon(ring, shape)
        except (FormatError, ShapeError, TypeError, ValueError) as error:
            raise FormatError(f"{where}: damaged segmentation: {error}") from error
    return joined


def _run_lengths(segment: dict[str, Any], shape: tuple[int, int]) -> Mask:
    mask = decode_rle(segment)
    if mask.shape != shape:
        raise FormatError(f"run lengths of {mask.shape} pixels on an image of {shape}")
    return mask


def _polygon(ring: Any, shape: tuple[int, int]) -> Mask:
    xy = np.asarray(ring, dtype=float).reshape(-1, 2)
    if not (np.abs(xy) < _FAR).all():
        raise FormatError("a vertex is not a number, or far off any image")
    return polygon_mask(from_corner_origin(enclosed_by_stroke(xy)), shape)
