"""GeoJSON of drawings, in pixel coordinates that QuPath opens."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from shapely.geometry import mapping as as_geojson

from galseg.annotations.looks import Picture, by_subject, looks_to_json
from galseg.annotations.records import AnnotationSet
from galseg.errors import OutputError
from galseg.features import feature_colour
from galseg.geometry.origin import to_corner_origin
from galseg.io.atomic import write_folder, write_whole

__all__ = ["write_geojson"]


def write_geojson(
    path: str | os.PathLike[str], annotations: AnnotationSet, *, flip_y: bool = False
) -> None:
    """Write drawings as GeoJSON, one file a subject, with every classification and who made it.

    Areas, lines and points stay what they are. Rejected and repaired marks are left out.

    Parameters
    ----------
    path : path-like
        A folder to make, or a ``.geojson`` file to make or replace for the drawings of a single
        subject.
    annotations : AnnotationSet
    flip_y : bool, optional
        Whether to count y from the last row, as `read_geojson` has it.

    Raises
    ------
    FormatError
        If a subject was shown in more than one size.
    OutputError
        If the output cannot be written, or a single file is to hold several subjects.

    Examples
    --------
    >>> import tempfile
    >>> from galseg.annotations.build import AnnotationBuilder
    >>> builder = AnnotationBuilder()
    >>> builder.classify(subject_id="ngc1300", annotator_id="ann", classification_id="1",
    ...                  features=["bar"], width=64, height=64)
    >>> builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    >>> folder = Path(tempfile.mkdtemp(), "drawings")
    >>> write_geojson(folder, builder.build())
    >>> [file.name for file in folder.iterdir()]
    ['ngc1300.geojson']
    """
    target = Path(path)
    collections = [_collection(*subject, flip_y=flip_y) for subject in by_subject(annotations)]
    if target.suffix == ".geojson":
        if len(collections) != 1:
            raise OutputError(
                f"{target} can hold one subject, these are {len(collections)}; name a folder"
            )
        with write_whole(target) as temporary:
            _write(temporary, collections[0])
        return
    with write_folder(target) as folder:
        for collection in collections:
            name = quote(collection["subject_id"], safe=" ")
            _write(folder / f"{name}.geojson", collection)


def _write(path: Path, collection: dict[str, Any]) -> None:
    path.write_text(json.dumps(collection, allow_nan=False), encoding="utf-8")


def _collection(
    picture: Picture, classifications: pd.DataFrame, marks: pd.DataFrame, *, flip_y: bool
) -> dict[str, Any]:
    height, width = picture.shape
    return {
        "type": "FeatureCollection",
        "subject_id": picture.subject_id,
        "galaxy_id": picture.galaxy_id,
        "image": picture.image,
        "width": width,
        "height": height,
        "classifications": looks_to_json(classifications),
        "features": [
            _feature(mark, flip_height=height if flip_y else None)
            for mark in marks.to_dict("records")
        ],
    }


def _feature(mark: Mapping[Any, Any], *, flip_height: int | None) -> dict[str, Any]:
    properties = {
        "objectType": "annotation",
        "classification": {"name": mark["feature"], "color": list(feature_colour(mark["feature"]))},
        "annotator": mark["annotator_id"],
        "classification_id": mark["classification_id"],
    }
    if not np.isnan(mark["line_width_pix"]):
        properties["line_width_pix"] = mark["line_width_pix"]
    geometry = to_corner_origin(mark["geometry"], flip_height=flip_height)
    return {"type": "Feature", "properties": properties, "geometry": as_geojson(geometry)}
