"""Columns of a survey's tables, with units, descriptions and UCDs, as Parquet keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from galseg.measure.columns import (
    ARM_COLUMNS,
    GALAXY_COLUMNS,
    TIDAL_COLUMNS,
    ColumnSpec,
    unit_of,
)
from galseg.survey.recipe import MaskKind

__all__ = [
    "ARM_SCHEMA",
    "GALAXY_SCHEMA",
    "MASK_SCHEMAS",
    "TIDAL_SCHEMA",
    "measured_columns",
]

_TYPES = {float: pa.float64(), int: pa.int64(), str: pa.string(), bytes: pa.binary()}
_MAIN = ";meta.main"
_TOLD_ALREADY = {"galaxy_id", "subject_id", "status"}

_ROW = ColumnSpec("row", int, "meta.record", "number of the galaxy in the source, from 0")
_GALAXY = ColumnSpec("galaxy_id", str, "meta.id;meta.main", "galaxy")
_PLACE = (
    ColumnSpec(
        "ra_deg",
        float,
        "pos.eq.ra;meta.main",
        "right ascension of the galaxy, ICRS: the source's, else that of its image's middle",
    ),
    ColumnSpec("dec_deg", float, "pos.eq.dec;meta.main", "declination of the galaxy, ICRS"),
)
_STATUS = ColumnSpec(
    "status",
    str,
    "meta.code.status",
    "ok; partial: something could not be measured; unreadable: the image could not be used; "
    "set aside: not touched",
)
_REASON = ColumnSpec("reason", str, "meta.note", "why the status is not ok")
_PART_REASON = ColumnSpec("reason", str, "meta.note", "why it could not be measured")


def measured_columns(columns: Sequence[ColumnSpec], *, part: str) -> dict[int, ColumnSpec]:
    """Choose what a survey keeps of the columns of a measured table.

    Parameters
    ----------
    columns : sequence of ColumnSpec
    part : str
        What has the place that they tell; it is put before its name, since the galaxy's own place
        stands in the same table.

    Returns
    -------
    dict of int to ColumnSpec
        By the column's number in `columns`, what it is called here.

    Examples
    --------
    >>> kept = measured_columns(GALAXY_COLUMNS, part="bar")
    >>> [(number, column.name) for number, column in kept.items()][:3]
    [(1, 'bar_ra_deg'), (2, 'bar_dec_deg'), (3, 'length_pix')]
    """
    places = {column.name for column in _PLACE}
    return {
        number: column._replace(name=f"{part}_{column.name}", ucd=column.ucd.removesuffix(_MAIN))
        if column.name in places
        else column
        for number, column in enumerate(columns)
        if column.name not in _TOLD_ALREADY
    }


def _schema(*columns: ColumnSpec) -> pa.Schema:
    return pa.schema([pa.field(c.name, _TYPES[c.kind], metadata=_described(c)) for c in columns])


def _described(column: ColumnSpec) -> Mapping[str, str]:
    unit = unit_of(column.name)
    told = {"description": column.description, "ucd": column.ucd}
    return told if unit is None else {"unit": unit.to_string("vounit"), **told}


GALAXY_SCHEMA = _schema(
    _ROW,
    _GALAXY,
    *_PLACE,
    _STATUS,
    _REASON,
    *measured_columns(GALAXY_COLUMNS, part="bar").values(),
)

_PART = (_ROW, _GALAXY._replace(ucd="meta.id.parent"), *_PLACE, _PART_REASON)

ARM_SCHEMA = _schema(*_PART, *measured_columns(ARM_COLUMNS, part="arm").values())

TIDAL_SCHEMA = _schema(*_PART, *measured_columns(TIDAL_COLUMNS, part="tidal").values())

_MASK = (
    *(_ROW, _GALAXY._replace(ucd="meta.id.parent"), *_PLACE),
    ColumnSpec("feature", str, "meta.id.part", "what the mask shows"),
    ColumnSpec("height", int, "meta.number", "rows of the image, ny"),
    ColumnSpec("width", int, "meta.number", "columns of the image, nx"),
)

MASK_SCHEMAS: Mapping[MaskKind, pa.Schema] = {
    "rle": _schema(
        *_MASK,
        ColumnSpec(
            "rle",
            str,
            "meta.code;obs.image",
            "mask at the feature's threshold as COCO run lengths, packed as pycocotools does, "
            "of the array as it is stored: row 0 is y = 0, the bottom of the image with y up",
        ),
    ),
    "probability": _schema(
        *_MASK,
        ColumnSpec(
            "png",
            bytes,
            "meta.code;obs.image",
            "PNG of 8-bit grey, first row the top of the image: 0 where nothing is known, "
            "otherwise 1 + 254 times the probability, rounded",
        ),
    ),
}
