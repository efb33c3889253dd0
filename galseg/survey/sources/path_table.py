"""A table of the paths of images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath

import pyarrow as pa

from galseg.io.images import WcsRule, stem_of
from galseg.survey.sources.columns import FoundColumns
from galseg.survey.sources.identifiers import check_identifiers, hashes_of
from galseg.survey.sources.item import Item, check_rows
from galseg.survey.sources.labels import as_text, places_of
from galseg.survey.sources.load import load_file, refuse, unreadable
from galseg.survey.sources.rows import DAMAGE, RowPart, TableRows

__all__ = ["PathTable"]


@dataclass(frozen=True, eq=False)
class PathTable:
    """The images that a table lists, in its order.

    Without a column of identifiers, a galaxy is named by its file without folders and suffix.

    Parameters
    ----------
    table : TableRows
        Parquet is read as it is needed; other tables are held in memory, here and in every
        worker.
    columns : FoundColumns
    root : pathlib.Path
        What paths that are not absolute are relative to.
    wcs : str
        See `galseg.io.images.read_image`.

    Raises
    ------
    FormatError
        If a row has no identifier, or that of another.
    """

    table: TableRows
    columns: FoundColumns
    root: Path
    wcs: WcsRule

    def __post_init__(self) -> None:
        check_identifiers(
            map(hashes_of, self._identifiers()), self._identifiers, place=self.table.place
        )

    @property
    def fingerprint(self) -> str:
        """Of the content of the table."""
        return self.table.fingerprint

    def __len__(self) -> int:
        return len(self.table)

    def items(self, rows: range) -> Iterator[Item]:
        """Yield one item for each of these rows; see `ImageSource`."""
        check_rows(rows, len(self))
        for part in self.table.parts(rows):
            try:
                listed = self._listed(part)
            except DAMAGE as error:
                yield from unreadable(part.rows, self.table.place, f"cannot be read: {error}")
                continue
            yield from map(self._item, part.rows, *listed)

    def _item(self, row: int, galaxy_id: str, path: str | None, ra: float, dec: float) -> Item:
        if not path:
            place = self.table.place(row)
            return Item(row, galaxy_id, place, ra, dec, partial(refuse, f"{place} has no path"))
        place = str(self.root / path)
        load = partial(load_file, place, galaxy_id=galaxy_id, wcs=self.wcs)
        return Item(row, galaxy_id, place, ra, dec, load)

    def _listed(
        self, part: RowPart
    ) -> tuple[list[str], list[str | None], list[float], list[float]]:
        """Return identifiers, paths, and places on the sky."""
        cells = part.read([*self.columns.labels, self.columns.image])
        paths = as_text(cells.column(self.columns.image))
        ra, dec = places_of(cells, self.columns)
        return self._galaxy_ids(cells), paths, ra, dec

    def _galaxy_ids(self, cells: pa.Table) -> list[str]:
        if self.columns.galaxy_id is not None:
            return [galaxy_id or "" for galaxy_id in as_text(cells.column(self.columns.galaxy_id))]
        paths = as_text(cells.column(self.columns.image))
        return [stem_of(PurePath(path or "").name) for path in paths]

    def _identifiers(self) -> Iterator[list[str]]:
        for part in self.table.parts(range(len(self))):
            yield self._galaxy_ids(part.read([self.columns.galaxy_id or self.columns.image]))
