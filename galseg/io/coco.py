"""COCO JSON of drawings."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from galseg.annotations.looks import Picture, by_subject, looks_to_json
from galseg.annotations.records import AnnotationSet
from galseg.consensus.areas import mark_areas
from galseg.geometry import polygon_mask
from galseg.geometry.origin import to_corner_origin
from galseg.geometry.rle import encode_rle
from galseg.io.atomic import write_whole

__all__ = ["write_coco"]


def write_coco(
    path: str | os.PathLike[str], annotations: AnnotationSet, *, flip_y: bool = False
) -> None:
    """Write drawings as COCO JSON, with every classification and who made it.

    COCO has areas only: a line becomes the band of its width and a point its disc. It has no holes
    either: an area with holes is written as run lengths, exact to the pixel and cut at the edge of
    the image. Rejected and repaired marks are left out.

    Parameters
    ----------
    path : path-like
        The file to make, or to replace.
    annotations : AnnotationSet
    flip_y : bool, optional
        Whether to count y from the last row, as `read_coco` has it.

    Raises
    ------
    FormatError
        If a subject was shown in more than one size.
    OutputError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from galseg.annotations.build import AnnotationBuilder
    >>> builder = AnnotationBuilder()
    >>> builder.classify(subject_id="ngc1300", annotator_id="ann", classification_id="1",
    ...                  features=["bar"], width=64, height=64)
    >>> builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp(), "drawings.json")
    >>> write_coco(file, builder.build())
    >>> json.loads(file.read_text())["annotations"][0]["segmentation"]
    [[9.5, 9.5, 50.5, 9.5, 50.5, 20.5]]
    """
    category_ids = {name: number for number, name in enumerate(annotations.features, start=1)}
    images: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for picture, classifications, marks in by_subject(annotations):
        images.append(_image(picture, classifications) | {"id": len(images) + 1})
        for mark, area in zip(marks.to_dict("records"), mark_areas(marks), strict=True):
            entries.append(
                _annotation(mark, area, picture.shape, flip_y=flip_y)
                | {
                    "id": len(entries) + 1,
                    "image_id": len(images),
                    "category_id": category_ids[mark["feature"]],
                }
            )
    content = {
        "images": images,
        "categories": [{"id": number, "name": name} for name, number in category_ids.items()],
        "annotations": entries,
    }
    with write_whole(path) as temporary:
        temporary.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def _image(picture: Picture, classifications: pd.DataFrame) -> dict[str, Any]:
    height, width = picture.shape
    return {
        "file_name": picture.image or picture.subject_id,
        "width": width,
        "height": height,
        "subject_id": picture.subject_id,
        "galaxy_id": picture.galaxy_id,
        "classifications": looks_to_json(classifications),
    }


def _annotation(
    mark: Mapping[Any, Any], area: BaseGeometry, shape: tuple[int, int], *, flip_y: bool
) -> dict[str, Any]:
    drawn = to_corner_origin(area, flip_height=shape[0] if flip_y else None)
    left, low, right, high = drawn.bounds
    return {
        "segmentation": _segmentation(area, drawn, shape, flip_y=flip_y),
        "area": drawn.area,
        "bbox": [left, low, right - left, high - low],
        "iscrowd": 0,
        "attributes": {
            "annotator": mark["annotator_id"],
            "classification_id": mark["classification_id"],
        },
    }


def _segmentation(
    area: BaseGeometry, drawn: BaseGeometry, shape: tuple[int, int], *, flip_y: bool
) -> list[list[float]] | dict[str, Any]:
    parts = shapely.get_parts(drawn)
    if (shapely.get_num_interior_rings(parts) > 0).any():
        mask = polygon_mask(area, shape)
        return encode_rle(mask[::-1] if flip_y else mask)
    return [shapely.get_coordinates(part)[:-1].ravel().tolist() for part in parts]
