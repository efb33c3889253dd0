"""Annotations to files: galseg's own Parquet tables, COCO or GeoJSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from galseg.annotations.native import FORMAT_VERSION, TABLES, VERSION_KEY
from galseg.annotations.records import AnnotationSet
from galseg.errors import ConfigError, nearest_name
from galseg.io.atomic import write_folder
from galseg.io.coco import write_coco
from galseg.io.geojson import write_geojson

__all__ = ["write_annotations", "write_native"]

_TYPES = {
    "geometry": pa.binary(),
    "line_width_pix": pa.float64(),
    "created_at": pa.timestamp("us", tz="UTC"),
    "features": pa.list_(pa.string()),
    "width": pa.int64(),
    "height": pa.int64(),
}  # all other columns are text

_FORMATS = {"": "galseg", ".json": "coco", ".geojson": "geojson"}


def write_native(path: str | os.PathLike[str], annotations: AnnotationSet) -> None:
    """Write annotations as a folder of Parquet tables that lose nothing.

    ``marks``, ``rejected`` and ``repaired`` are GeoParquet 1.1: WKB geometry in image pixels,
    which have no coordinate reference system (``"crs": null``).

    Parameters
    ----------
    path : path-like
        The folder to make.
    annotations : AnnotationSet

    Raises
    ------
    OutputError
        If the folder exists with something in it, or cannot be written.

    References
    ----------
    Open Geospatial Consortium, GeoParquet 1.1.0, https://geoparquet.org/releases/v1.1.0.

    Examples
    --------
    >>> import tempfile
    >>> from galseg.annotations import AnnotationBuilder, read_annotations
    >>> builder = AnnotationBuilder()
    >>> builder.classify(subject_id="s1", annotator_id="ann", classification_id="1",
    ...                  features=["bar"], width=64, height=64)
    >>> builder.area(classification_id="1", feature="bar", xy=[(9, 9), (50, 9), (50, 20)])
    >>> folder = Path(tempfile.mkdtemp()) / "annotations"
    >>> write_native(folder, builder.build())
    >>> read_annotations(folder).marks["geometry"][0]
    <POLYGON ((9 9, 50 9, 50 20, 9 9))>
    """
    with write_folder(path) as folder:
        for name in TABLES:
            pq.write_table(_arrow(getattr(annotations, name)), folder / f"{name}.parquet")


def write_annotations(
    path: str | os.PathLike[str],
    annotations: AnnotationSet,
    *,
    format: str | None = None,
) -> None:
    """Write annotations in a format that `galseg.annotations.read_annotations` reads.

    Parameters
    ----------
    path : path-like
        A folder for galseg's own tables, ``.json`` for COCO, ``.geojson`` for GeoJSON.
    annotations : AnnotationSet
    format : {"galseg", "coco", "geojson"}, optional
        Taken from the suffix of the path if left out.

    Raises
    ------
    ConfigError
        If the format is unknown, or the suffix does not tell it.
    OutputError
        If the output cannot be written.
    """
    writers = {"galseg": write_native, "coco": write_coco, "geojson": write_geojson}
    if format is None:
        format = _FORMATS.get(Path(path).suffix.lower())
        if format is None:
            raise ConfigError(
                f"the suffix of {path} tells no format: none (a folder), .json or .geojson; "
                f"give format as one of {sorted(writers)}"
            )
    if format not in writers:
        raise ConfigError(f"unknown format {format!r}; {nearest_name(format, writers)}")
    writers[format](path, annotations)


def _arrow(table: pd.DataFrame) -> pa.Table:
    columns = {name: table[name].to_numpy() for name in table.columns}
    metadata = {VERSION_KEY: str(FORMAT_VERSION).encode()}
    if "geometry" in columns:
        metadata[b"geo"] = json.dumps(_geo_metadata(columns["geometry"])).encode()
        columns["geometry"] = shapely.to_wkb(columns["geometry"], flavor="iso")
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in columns], metadata)
    arrays = [
        pa.array(columns[field.name], type=field.type, from_pandas=field.name != "line_width_pix")
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _geo_metadata(geometry: np.ndarray) -> dict[str, object]:
    column: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted({g.geom_type for g in geometry}),
        "crs": None,
        "edges": "planar",
    }
    bounds = shapely.bounds(geometry)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if len(bounds):
        column["bbox"] = [*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist()]
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
