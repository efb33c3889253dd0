"""Annotations as galseg itself keeps them: a folder of Parquet tables.

The tables are those of `AnnotationSet`, one file each; `galseg.io.annotations` writes them.
Geometry is WKB under GeoParquet metadata, so that other tools read it as geometry too.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from galseg.annotations.records import AnnotationSet
from galseg.errors import FormatError, MissingInputError, ShapeError
from galseg.limits import MAX_TABLE_ROWS
from galseg.parsing import parse_json

__all__ = ["FORMAT_VERSION", "TABLES", "VERSION_KEY", "read_native", "recognise"]

TABLES = ("marks", "classifications", "subjects", "rejected", "repaired")
_NEEDED = TABLES[:2]
VERSION_KEY = b"galseg_annotations"
FORMAT_VERSION = 1


def recognise(path: str | os.PathLike[str], head: bytes) -> bool:
    """Return whether a path is a folder of these tables; `head` is empty for a folder."""
    return all((Path(path) / f"{name}.parquet").is_file() for name in _NEEDED)


def read_native(path: str | os.PathLike[str]) -> AnnotationSet:
    """Read a folder that `galseg.io.annotations.write_annotations` made.

    Parameters
    ----------
    path : path-like
        The folder; ``marks.parquet`` and ``classifications.parquet`` are needed.

    Returns
    -------
    AnnotationSet

    Raises
    ------
    MissingInputError
        If a needed table is not there.
    FormatError
        If a table is no Parquet, of another version of galseg, or lacks columns.
    """
    folder = Path(path)
    tables = {}
    for name in TABLES:
        file = folder / f"{name}.parquet"
        if file.is_file():
            tables[name] = _read_table(file)
        elif name in _NEEDED:
            raise MissingInputError(f"no file {file}; annotations need {_NEEDED} as .parquet")
    tables["classifications"]["features"] = [
        tuple(names) for names in tables["classifications"].get("features", ())
    ]
    try:
        return AnnotationSet(**tables)
    except ShapeError as error:
        raise FormatError(f"{folder}: {error}") from error


def _read_table(file: Path) -> pd.DataFrame:
    try:
        n_rows = pq.read_metadata(file).num_rows
        if n_rows > MAX_TABLE_ROWS:
            raise FormatError(f"{file} has {n_rows} rows, over the limit of {MAX_TABLE_ROWS}")
        table = pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{file} is not a whole Parquet file: {error}") from error
    metadata = table.schema.metadata or {}
    version = metadata.get(VERSION_KEY, b"").decode()
    if version != str(FORMAT_VERSION):
        raise FormatError(
            f"{file} holds no galseg annotations of version {FORMAT_VERSION}, but {version!r}"
        )
    try:
        frame: pd.DataFrame = table.to_pandas()
        for column in parse_json(metadata.get(b"geo", b"{}")).get("columns", {}):
            frame[column] = shapely.from_wkb(frame[column].to_numpy())
    except (ValueError, TypeError, KeyError, AttributeError, shapely.ShapelyError) as error:
        raise FormatError(f"{file} holds no geometry that can be read: {error}") from error
    return frame
