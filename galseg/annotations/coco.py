"""COCO JSON, as CVAT, Label Studio, Roboflow and others export it.

A file is one annotator's work unless it says otherwise: its annotations, or their attributes, may
name an ``annotator``. Every image of the file was looked at, also one without annotations. What
was asked for is what the categories list.

COCO counts pixels from the corner of the image (a pixel's centre is at 0.5), galseg from the
centre of the first pixel; the difference is taken off here. Several rings of one annotation are
joined: COCO has no holes but in run lengths.

References
----------
Lin, T.-Y. et al. (2014), "Microsoft COCO", doi:10.1007/978-3-319-10602-1_48.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.categories import feature_of_category
from galseg.annotations.files import bare_name, input_files, need, peek, read_json
from galseg.annotations.looks import (
    Look,
    Picture,
    add_looks,
    looks_from_json,
    picture_shape,
)
from galseg.annotations.records import AnnotationSet
from galseg.errors import FeatureError, FormatError
from galseg.geometry.origin import from_corner_origin
from galseg.geometry.outline import mask_outline
from galseg.geometry.rle import decode_rle
from galseg.parsing import brief

__all__ = ["read_coco", "recognise"]

_SUFFIXES = (".json", ".json.gz")


class _Image(NamedTuple):
    picture: Picture
    looks: list[Look]  # as galseg wrote them; empty in a file of another program
    marks: list[tuple[str, dict[str, Any]]]  # where it stands, and the annotation


class _Meaning(NamedTuple):
    """What a category means: a feature, or why it means none."""

    feature: str
    reason: str = ""


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Whether a file, or the first file of a folder, looks like COCO."""
    start = peek(path, head, _SUFFIXES)
    if not start.lstrip().startswith(b"{") or b'"FeatureCollection"' in start:
        return False
    return any(key in start for key in (b'"images"', b'"annotations"', b'"categories"'))


def read_coco(
    path: str | os.PathLike[str],
    *,
    annotator: str | None = None,
    categories: Mapping[str, str] | None = None,
    flip_y: bool = False,
) -> AnnotationSet:
    """Read COCO annotations.

    Parameters
    ----------
    path : path-like
        A JSON file, or a folder of them, each the work of one annotator.
    annotator : str, optional
        Who drew what no annotation names an annotator for; the file's name if left out.
    categories : mapping of str to str, optional
        Which category means which feature, for example ``{"Balken": "bar"}``. A category that
        bears the name of a feature needs no word here.
    flip_y : bool, optional
        Whether y counts from the last row of the image: so it does if people drew on PNG or JPEG
        pictures, which galseg reads with y up.

    Returns
    -------
    AnnotationSet
        Subjects are named by the image file, without its suffix. Marks of categories that mean no
        feature, without an outline or with a damaged one, are in ``rejected``.

    Raises
    ------
    MissingInputError
        If there is nothing to read.
    FormatError
        If a file is damaged or is not COCO; names the entry.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "ann.json")
    >>> _ = file.write_text('''{
    ...     "images": [{"id": 1, "file_name": "ngc1300.png", "width": 64, "height": 64}],
    ...     "categories": [{"id": 1, "name": "Balken"}],
    ...     "annotations": [{"image_id": 1, "category_id": 1,
    ...                      "segmentation": [[10, 20, 50, 20, 50, 30, 10, 30]]}]}''')
    >>> read_coco(file, categories={"Balken": "bar"}).marks[["subject_id", "feature"]]
      subject_id feature
    0    ngc1300     bar
    """
    builder = AnnotationBuilder()
    for file in input_files(path, _SUFFIXES):
        content = read_json(file)
        images = _images(content, file)
        own = {name for image in images for look in image.looks for name in look.features}
        meanings = _meanings(content, categories, own, file)
        for image in images:
            default = annotator or bare_name(file, _SUFFIXES)
            _add_image(builder, image, meanings, default=default, flip_y=flip_y)
    return builder.build()


def _images(content: Any, file: Path) -> list[_Image]:
    """Read the images, each with its annotations."""
    images: dict[Any, _Image] = {}
    for number, entry in enumerate(need(content, "images", list, where=str(file))):
        where = f"{file}, image {number}"
        image_id = _id(entry, "id", where)
        if image_id in images:
            raise FormatError(f"{where}: the id {image_id!r} stands twice")
        known = entry.get("classifications", [])
        looks = looks_from_json(known, where=f"{where}, 'classifications'")
        images[image_id] = _Image(_picture(entry, where), looks, [])
    names = [image.picture.subject_id for image in images.values()]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FormatError(f"{file} has two images of the name {twice!r}; rename one of them")
    for number, entry in enumerate(need(content, "annotations", list, where=str(file))):
        where = f"{file}, annotation {number}"
        image_id = _id(entry, "image_id", where)
        if image_id not in images:
            raise FormatError(f"{where} belongs to image {image_id!r}, which is not in the file")
        images[image_id].marks.append((where, entry))
    return list(images.values())


def _picture(entry: dict[str, Any], where: str) -> Picture:
    shape = picture_shape(entry, where=where)
    extra = entry.get("extra")
    original = extra.get("name") if isinstance(extra, dict) else None  # as Roboflow has it
    file_name = original or need(entry, "file_name", str, where=where)
    if not isinstance(file_name, str):
        raise FormatError(f"{where}: the name under 'extra' must be a text, got {brief(file_name)}")
    image = PurePosixPath(file_name.replace("\\", "/")).name
    subject_id = entry.get("subject_id", PurePosixPath(image).stem)
    galaxy_id = entry.get("galaxy_id", subject_id)
    if not subject_id:
        raise FormatError(f"{where} has an empty file_name")
    return Picture(str(subject_id), str(galaxy_id), "" if image == subject_id else image, shape)


def _meanings(
    content: Any, categories: Mapping[str, str] | None, own: Iterable[str], file: Path
) -> dict[Any, _Meaning]:
    meanings = {}
    for number, entry in enumerate(need(content, "categories", list, where=str(file))):
        where = f"{file}, category {number}"
        name = need(entry, "name", str, where=where)
        try:
            meaning = _Meaning(feature_of_category(name, categories, also=own))
        except FeatureError as error:
            meaning = _Meaning("", str(error))
        meanings[_id(entry, "id", where)] = meaning
    return meanings


def _add_image(
    builder: AnnotationBuilder,
    image: _Image,
    meanings: Mapping[Any, _Meaning],
    *,
    default: str,
    flip_y: bool,
) -> None:
    looks = {look.classification_id: look for look in image.looks}
    if not looks:
        asked = tuple(dict.fromkeys(m.feature for m in meanings.values() if m.feature))
        names = dict.fromkeys(_annotator(mark) or default for _, mark in image.marks) or {default}
        subject_id = image.picture.subject_id
        looks = {name: Look(name, f"{name}/{subject_id}", asked) for name in names}
    add_looks(builder, image.picture, looks.values())
    for where, mark in image.marks:
        key = _classification(mark) if image.looks else _annotator(mark) or default
        if key not in looks:
            raise FormatError(f"{where} belongs to classification {key!r}, which its image lacks")
        classification_id = looks[key].classification_id
        category = _id(mark, "category_id", where)
        if category not in meanings:
            raise FormatError(f"{where} has category {category!r}, which is not in the file")
        meaning = meanings[category]
        geometry, reason = _outline(mark, image.picture.shape, flip_y=flip_y)
        if geometry is None or meaning.reason:
            builder.reject(
                classification_id=classification_id,
                feature=meaning.feature,
                reason=meaning.reason or reason,
                geometry=geometry,
            )
        else:
            builder.shape(
                classification_id=classification_id, feature=meaning.feature, geometry=geometry
            )


def _outline(
    mark: Mapping[str, Any], shape: tuple[int, int], *, flip_y: bool
) -> tuple[BaseGeometry | None, str]:
    """Return the outline in image pixels, or None and the reason."""
    segmentation = mark.get("segmentation")
    try:
        if isinstance(segmentation, dict):
            mask = decode_rle(segmentation)
            if mask.shape != shape:
                return None, f"run lengths of {mask.shape} px on an image of {shape} px"
            return mask_outline(mask[::-1] if flip_y else mask), ""
        if isinstance(segmentation, list) and segmentation:
            rings = [_ring(numbers) for numbers in segmentation]
            area = rings[0] if len(rings) == 1 else MultiPolygon(rings)
            return from_corner_origin(area, flip_height=shape[0] if flip_y else None), ""
    except FormatError as error:
        return None, str(error)
    return None, "no outline: an annotation needs a segmentation, a box is none"


def _ring(numbers: Any) -> Polygon:
    try:
        flat = np.array(numbers, dtype=float)
    except (TypeError, ValueError, OverflowError):
        flat = np.empty((0, 0))
    if flat.ndim != 1 or len(flat) % 2 or len(flat) < 6:
        raise FormatError(
            "a ring must be a list of at least three points, [x1, y1, x2, y2, x3, y3], got "
            f"{brief(numbers)}"
        )
    if not np.isfinite(flat).all():
        raise FormatError("not finite: a coordinate is NaN or infinite")
    return Polygon(flat.reshape(-1, 2))


def _id(entry: Any, key: str, where: str) -> int | str:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, int | str):
        raise FormatError(f"{where} must be an object with a number or text as {key!r}")
    return value


def _annotator(mark: Mapping[str, Any]) -> str:
    return _attribute(mark, "annotator")


def _classification(mark: Mapping[str, Any]) -> str:
    return _attribute(mark, "classification_id")


def _attribute(mark: Mapping[str, Any], key: str) -> str:
    """Return what an annotation, or its attributes, says; empty if nothing."""
    attributes = mark.get("attributes")
    inner = attributes.get(key) if isinstance(attributes, dict) else None
    value = mark.get(key, inner)
    return "" if value is None else str(value)
