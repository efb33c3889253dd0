"""GeoJSON in pixel coordinates, as QuPath and others export it.

A file holds the drawings on one image. Its name is the subject's, the name of its folder the
annotator's, unless it says otherwise. GeoJSON says neither how large the image is nor what was
asked for: both are given to the reader, or stand in the file as galseg writes it.

QuPath counts pixels from the corner of the image (a pixel's centre is at 0.5), galseg from the
centre of the first pixel; the difference is taken off here.

References
----------
Butler, H. et al. (2016), "The GeoJSON Format", RFC 7946, doi:10.17487/RFC7946.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from galseg.annotations.build import AnnotationBuilder
from galseg.annotations.categories import feature_of_category
from galseg.annotations.files import as_points, bare_name, input_files, need, peek, read_json
from galseg.annotations.looks import (
    Look,
    Picture,
    add_looks,
    looks_from_json,
    picture_shape,
)
from galseg.annotations.records import AnnotationSet
from galseg.errors import FeatureError, FormatError
from galseg.features import check_custom_feature, check_features
from galseg.geometry.origin import from_corner_origin
from galseg.parsing import brief

__all__ = ["read_geojson", "recognise"]

_SUFFIXES = (".geojson", ".json", ".geojson.gz", ".json.gz")
_FEATURE = re.compile(rb'"type"\s*:\s*"Feature(Collection)?"')


class _Options(NamedTuple):
    shape: tuple[int, int] | None
    annotator: str | None
    categories: Mapping[str, str]
    line_width_pix: float
    flip_y: bool


class _Drawing(NamedTuple):
    """One drawn shape; without a geometry, the reason why it cannot be used."""

    annotator: str
    classification_id: str
    feature: str = ""
    geometry: BaseGeometry | None = None
    line_width_pix: float = np.nan
    reason: str = ""


class _File(NamedTuple):
    picture: Picture
    looks: list[Look]  # as galseg wrote them; empty in a file of another program
    annotator: str
    drawings: list[tuple[str, _Drawing]]  # with the place in the file


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Whether a file, or the first file of a folder, looks like GeoJSON."""
    return _FEATURE.search(peek(path, head, _SUFFIXES)) is not None


def read_geojson(
    path: str | os.PathLike[str],
    *,
    shape: tuple[int, int] | None = None,
    features: Sequence[str] | None = None,
    annotator: str | None = None,
    categories: Mapping[str, str] | None = None,
    line_width_pix: float = 5.0,
    flip_y: bool = False,
) -> AnnotationSet:
    """Read GeoJSON drawings.

    Parameters
    ----------
    path : path-like
        A file, or a folder of them, each of one image.
    shape : tuple of int, optional
        Size ``(ny, nx)`` of the images, for files that do not say it as ``width`` and ``height``
        beside their features.
    features : sequence of str, optional
        What was asked for; all that is drawn in any of the files if left out.
    annotator : str, optional
        Who drew what names no ``annotator`` in its properties; the folder's name if left out.
    categories : mapping of str to str, optional
        Which classification's name means which feature, for example ``{"Balken": "bar"}``. One
        that bears the name of a feature needs no word here.
    line_width_pix : float, optional
        Width of lines, and diameter of points, that have no ``line_width_pix`` in their
        properties.
    flip_y : bool, optional
        Whether y counts from the last row of the image: so it does if people drew on PNG or JPEG
        pictures, which galseg reads with y up.

    Returns
    -------
    AnnotationSet
        Shapes that mean no feature, or have a damaged geometry, are in ``rejected``.

    Raises
    ------
    MissingInputError
        If there is nothing to read.
    FormatError
        If a file is damaged, is not GeoJSON, or nothing says how large the image is.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp(), "ngc1300.geojson")
    >>> _ = file.write_text('''{"type": "FeatureCollection", "features": [
    ...     {"type": "Feature", "properties": {"classification": {"name": "bar"}},
    ...      "geometry": {"type": "Polygon",
    ...                   "coordinates": [[[10, 20], [50, 20], [50, 30], [10, 20]]]}}]}''')
    >>> read_geojson(file, shape=(64, 64)).marks[["subject_id", "feature"]]
      subject_id feature
    0    ngc1300     bar
    """
    own = tuple(features or ())
    asked = check_features(own, also=map(check_custom_feature, own)) if own else ()
    names = {name: name for name in asked} | dict(categories or {})
    options = _Options(shape, annotator, names, line_width_pix, flip_y)
    files = [_read_file(file, options) for file in input_files(path, _SUFFIXES)]
    if not asked:
        drawn = (d.feature for file in files for _, d in file.drawings if d.feature)
        asked = tuple(dict.fromkeys(drawn))
    builder = AnnotationBuilder()
    for file in files:
        _add_file(builder, file, asked)
    return builder.build()


def _read_file(file: Path, options: _Options) -> _File:
    content = read_json(file)
    head = content if isinstance(content, dict) else {}
    shape = _image_shape(head, options.shape, file)
    subject_id = str(head.get("subject_id", bare_name(file, _SUFFIXES)))
    galaxy_id, image = str(head.get("galaxy_id", subject_id)), str(head.get("image", ""))
    looks = looks_from_json(head.get("classifications", []), where=f"{file}, 'classifications'")
    own = {name: name for look in looks for name in look.features}
    options = options._replace(categories=own | dict(options.categories))
    drawings = [
        (where, drawing)
        for where, entry in _entries(content, file)
        for drawing in _drawings(entry, shape, options, where)
    ]
    who = options.annotator or file.resolve().parent.name
    return _File(Picture(subject_id, galaxy_id, image, shape), looks, who, drawings)


def _image_shape(
    head: Mapping[str, Any], given: tuple[int, int] | None, file: Path
) -> tuple[int, int]:
    if "width" in head or "height" in head:
        return picture_shape(head, where=str(file))
    if given is None:
        raise FormatError(
            f"{file} does not say how large the image is: give shape=(ny, nx), or write "
            '"width" and "height" beside "features"'
        )
    return picture_shape({"height": given[0], "width": given[1]}, where="shape")


def _entries(content: Any, file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Go through the GeoJSON features of a collection, a bare list or a single one."""
    if isinstance(content, dict) and content.get("type") == "Feature":
        content = [content]
    if isinstance(content, dict):
        content = need(content, "features", list, where=str(file))
    if not isinstance(content, list):
        raise FormatError(f"{file} must hold a FeatureCollection, got {brief(content)}")
    for number, entry in enumerate(content):
        where = f"{file}, feature {number}"
        if not isinstance(entry, dict) or entry.get("type") != "Feature":
            raise FormatError(f'{where} must be an object of "type": "Feature", got {brief(entry)}')
        yield where, entry


def _drawings(
    entry: Mapping[str, Any], shape: tuple[int, int], options: _Options, where: str
) -> Iterator[_Drawing]:
    properties = entry.get("properties") or {}
    if not isinstance(properties, dict):
        raise FormatError(f"{where}: 'properties' must be an object, got {brief(properties)}")
    drawn = _Drawing(
        annotator=str(properties.get("annotator") or ""),
        classification_id=str(properties.get("classification_id") or ""),
    )
    try:
        drawn = drawn._replace(feature=_feature(properties, options.categories))
        width = _width(properties.get("line_width_pix", options.line_width_pix))
        flip_height = shape[0] if options.flip_y else None
        for part in _parts(entry.get("geometry")):
            moved = from_corner_origin(part, flip_height=flip_height)
            yield drawn._replace(geometry=moved, line_width_pix=width)
    except (FeatureError, FormatError) as error:
        yield drawn._replace(reason=str(error))


def _feature(properties: Mapping[str, Any], categories: Mapping[str, str]) -> str:
    kind = properties.get("objectType", "annotation")
    if kind != "annotation":
        raise FormatError(f"a QuPath {kind!r}, not an annotation")
    classification = properties.get("classification")
    name = classification.get("name") if isinstance(classification, dict) else classification
    return feature_of_category(str(name or ""), categories)


def _width(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 < value < np.inf:
        raise FormatError(f"line_width_pix must be a positive number, got {brief(value)}")
    return float(value)


def _parts(geometry: Any) -> list[BaseGeometry]:
    """Return the areas, lines or points of a GeoJSON geometry."""
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        raise FormatError("no geometry with coordinates")
    kind, coordinates = geometry.get("type"), geometry["coordinates"]
    if kind == "Polygon":
        return [_polygon(coordinates)]
    if kind == "LineString":
        return [LineString(_points(coordinates, 2, "a line"))]
    if kind == "Point":
        return [Point(_points([coordinates], 1, "a point")[0])]
    if not isinstance(coordinates, list) or not coordinates:
        raise FormatError(f"a {kind} of no parts")
    if kind == "MultiPolygon":
        return [MultiPolygon([_polygon(rings) for rings in coordinates])]
    if kind == "MultiLineString":
        return [LineString(_points(line, 2, "a line")) for line in coordinates]
    if kind == "MultiPoint":
        return [Point(xy) for xy in _points(coordinates, 1, "a point")]
    raise FormatError(f"a {kind}, which is no polygon, line or point")


def _polygon(rings: Any) -> Polygon:
    if not isinstance(rings, list) or not rings:
        raise FormatError("a polygon of no rings")
    outer, *holes = (_points(ring, 3, "a ring") for ring in rings)
    return Polygon(outer, holes)


def _points(value: Any, least: int, what: str) -> NDArray[np.float64]:
    points = as_points(value, where=what)
    if len(points) < least:
        raise FormatError(f"too few points: {len(points)}, {what} needs {least}")
    if not np.isfinite(points).all():
        raise FormatError("not finite: a coordinate is NaN or infinite")
    return points


def _add_file(builder: AnnotationBuilder, file: _File, asked: tuple[str, ...]) -> None:
    looks = {look.classification_id: look for look in file.looks}
    if not looks:
        names = dict.fromkeys(d.annotator or file.annotator for _, d in file.drawings)
        subject_id = file.picture.subject_id
        for name in names or {file.annotator: None}:
            looks[name] = Look(name, f"{name}/{subject_id}", asked)
    add_looks(builder, file.picture, looks.values())
    for where, drawing in file.drawings:
        key = drawing.classification_id if file.looks else drawing.annotator or file.annotator
        if key not in looks:
            raise FormatError(f"{where} belongs to classification {key!r}, which the file lacks")
        _add_drawing(builder, drawing, looks[key].classification_id)


def _add_drawing(builder: AnnotationBuilder, drawing: _Drawing, classification_id: str) -> None:
    at = {"classification_id": classification_id, "feature": drawing.feature}
    geometry, width = drawing.geometry, drawing.line_width_pix
    if geometry is None:
        builder.reject(**at, reason=drawing.reason)
    elif isinstance(geometry, Point):
        xy = shapely.get_coordinates(geometry)[0]
        builder.point(**at, xy=xy, radius_pix=width / 2)
    elif isinstance(geometry, LineString):
        builder.line(**at, xy=shapely.get_coordinates(geometry), width_pix=width)
    else:
        builder.shape(**at, geometry=geometry)
