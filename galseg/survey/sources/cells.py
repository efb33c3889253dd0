"""Parquet files with a column of images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat

import numpy as np
import pyarrow as pa
import pyarrow.types as pt

from galseg.errors import FormatError
from galseg.io.images import GalaxyImage, WcsRule
from galseg.limits import MAX_CELL_BYTES
from galseg.survey.sources.columns import FoundColumns
from galseg.survey.sources.identifiers import check_identifiers, hashes_of
from galseg.survey.sources.item import Item, check_rows
from galseg.survey.sources.labels import as_text, places_of
from galseg.survey.sources.load import load_bytes, refuse, unreadable
from galseg.survey.sources.parquet_rows import ParquetRows, RowGroup
from galseg.survey.sources.rows import DAMAGE

__all__ = ["CellSource"]


@dataclass(frozen=True, eq=False)
class CellSource:
    """Galaxies whose images are in a column of Parquet files, in the order of the rows.

    An item holds the batch of cells that it came from, which is some tens of MB at most unless a
    cell alone is larger. A row group that is begun in its middle is decoded from its start, so row
    groups should not be much longer than a shard.

    Parameters
    ----------
    table : ParquetRows
    columns : FoundColumns
        The image: binary, or as Hugging Face datasets have it, a struct with ``bytes``.
    wcs : str
        See `galseg.io.images.read_image`.

    Attributes
    ----------
    fingerprint : str
        Of the names, sizes and ends of the files, and of the identifiers and places on the sky.

    Raises
    ------
    FormatError
        If there is no column of identifiers, or a row has none, or that of another.
    """

    table: ParquetRows
    columns: FoundColumns
    wcs: WcsRule
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        if self.columns.galaxy_id is None:
            raise FormatError(
                f"{self.table.paths[0]} has images in the column {self.columns.image!r}, and no "
                f"column that names the galaxies; it has {', '.join(self.table.schema.names)}; "
                "name the one that does with columns.galaxy_id"
            )
        check_identifiers(
            map(hashes_of, self._identifiers()), self._identifiers, place=self.table.place
        )
        object.__setattr__(self, "fingerprint", self._fingerprint())

    def __len__(self) -> int:
        return len(self.table)

    def items(self, rows: range) -> Iterator[Item]:
        """Yield one item for each of these rows; see `ImageSource`."""
        check_rows(rows, len(self))
        for part in self.table.parts(rows):
            yield from self._items_of(part)

    def _items_of(self, part: RowGroup) -> Iterator[Item]:
        """Read the labels first, so that a damaged image still has a name."""
        try:
            labels = part.read(self.columns.labels)
            galaxy_ids = self._galaxy_ids(labels)
            ra, dec = places_of(labels, self.columns)
        except DAMAGE as error:
            yield from unreadable(part.rows, self.table.place, f"cannot be read: {error}")
            return
        cells = _cells(part, self._path_in_schema)
        cells_of_rows = zip(part.rows, galaxy_ids, ra, dec, cells, strict=True)
        for row, galaxy_id, ra_deg, dec_deg, cell in cells_of_rows:
            place = self.table.place(row)
            load = partial(_load_cell, cell, place=place, galaxy_id=galaxy_id, wcs=self.wcs)
            yield Item(row, galaxy_id, place, ra_deg, dec_deg, load)

    @property
    def _path_in_schema(self) -> tuple[str, ...]:
        name = self.columns.image
        return (name, "bytes") if pt.is_struct(self.table.schema.field(name).type) else (name,)

    def _galaxy_ids(self, labels: pa.Table) -> list[str]:
        column = labels.column(str(self.columns.galaxy_id))
        return [galaxy_id or "" for galaxy_id in as_text(column)]

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self.table.fingerprint.encode())
        for part in self.table.parts(range(len(self))):
            labels = part.read(self.columns.labels)
            digest.update("\0".join(self._galaxy_ids(labels)).encode())
            digest.update(np.array(places_of(labels, self.columns)).tobytes())
        return digest.hexdigest()

    def _identifiers(self) -> Iterator[list[str]]:
        for part in self.table.parts(range(len(self))):
            yield self._galaxy_ids(part.read(self.columns.labels[:1]))


def _cells(part: RowGroup, column: tuple[str, ...]) -> Iterator[pa.Scalar | str]:
    """Yield the image of each row, or why it cannot be read."""
    n_left = len(part.rows)
    reason = "is missing: its row group ends before it"
    try:
        for batch in part.stream(column):
            n_left -= len(batch)
            yield from batch
    except DAMAGE as error:
        reason = f"cannot be read: {error}"
    yield from repeat(reason, n_left)


def _load_cell(cell: pa.Scalar | str, *, place: str, galaxy_id: str, wcs: WcsRule) -> GalaxyImage:
    if isinstance(cell, str):
        refuse(f"{place} {cell}")
    if not cell.is_valid:
        refuse(f"{place} holds no bytes of an image")
    content = cell.as_buffer()
    if content.size > MAX_CELL_BYTES:
        refuse(
            f"{place} holds an image of {content.size} bytes, over the limit of {MAX_CELL_BYTES}; "
            "cut out the galaxy"
        )
    return load_bytes(content.to_pybytes(), place=place, galaxy_id=galaxy_id, wcs=wcs)
