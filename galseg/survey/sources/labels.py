"""Identifiers and places on the sky, from the columns of a table."""

from __future__ import annotations

from math import nan
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.types as pt
from numpy.typing import NDArray

from galseg.errors import FormatError
from galseg.survey.sources.columns import FoundColumns

__all__ = ["ImageKind", "as_text", "check_types", "on_sky", "places_of"]

Floats = NDArray[np.float64]
ImageKind = Literal["paths", "bytes"]


def check_types(schema: pa.Schema, found: FoundColumns, *, where: str) -> ImageKind:
    """Check that columns hold what they are meant for, and return how the images are given.

    Raises
    ------
    FormatError
        If one does not.
    """
    if found.galaxy_id is not None:
        kind = _values(schema.field(found.galaxy_id).type)
        if not (pt.is_integer(kind) or _is_text(kind)):
            raise _wrong(where, found.galaxy_id, kind, "text or whole numbers, to name galaxies")
    for name in (found.ra, found.dec):
        kind = None if name is None else schema.field(name).type
        if not (kind is None or pt.is_floating(kind) or pt.is_integer(kind) or pt.is_null(kind)):
            raise _wrong(where, str(name), kind, "numbers, in degrees")
    kind = schema.field(found.image).type
    if _is_text(_values(kind)):
        return "paths"
    has_bytes = pt.is_struct(kind) and "bytes" in kind.names
    if _is_binary(kind.field("bytes").type if has_bytes else kind):
        return "bytes"
    raise _wrong(
        where, found.image, kind, "paths as text, or image files as binary or {bytes, path}"
    )


def places_of(table: pa.Table, found: FoundColumns) -> tuple[list[float], list[float]]:
    """Return right ascension and declination of the rows of a table; see `on_sky`."""
    if found.ra is None or found.dec is None:
        return [nan] * table.num_rows, [nan] * table.num_rows
    ra, dec = on_sky(*(_numbers(table.column(name)) for name in (found.ra, found.dec)))
    return ra.tolist(), dec.tolist()


def as_text(column: pa.ChunkedArray) -> list[str | None]:
    """Return text and whole numbers as text.

    Examples
    --------
    >>> as_text(pa.chunked_array([[42, None]]))
    ['42', None]
    """
    text: list[str | None] = column.cast(pa.large_string()).to_pylist()
    return text


def on_sky(ra_deg: Floats, dec_deg: Floats) -> tuple[Floats, Floats]:
    """Bring places into 0 <= ra < 360; those that are not on the sky become NaN.

    Examples
    --------
    >>> on_sky(np.array([-10.0, 10.0]), np.array([0.0, -999.0]))
    (array([350.,  nan]), array([ 0., nan]))
    """
    known = np.isfinite(ra_deg) & (np.abs(dec_deg) <= 90)
    wrapped = np.mod(np.where(known, ra_deg, np.nan), 360.0)
    wrapped[wrapped == 360] = 0.0  # what a tiny negative angle is rounded to
    return wrapped, np.where(known, dec_deg, np.nan)


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


def _values(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pt.is_dictionary(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pt.is_string(kind) or pt.is_large_string(kind) or pt.is_string_view(kind))


def _is_binary(kind: pa.DataType) -> bool:
    return bool(
        pt.is_binary(kind)
        or pt.is_large_binary(kind)
        or pt.is_fixed_size_binary(kind)
        or pt.is_binary_view(kind)
    )


def _wrong(where: str, name: str, kind: pa.DataType, needed: str) -> FormatError:
    return FormatError(
        f"{where} has the column {name!r} of type {kind}; needed are {needed}; "
        "name another with columns.galaxy_id, columns.image, columns.ra or columns.dec"
    )
