"""A folder of images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import nan

from galseg.io.images import WcsRule, stem_of
from galseg.survey.sources.files import FoundFiles, readable
from galseg.survey.sources.identifiers import check_identifiers, hashes_of
from galseg.survey.sources.item import Item, check_rows
from galseg.survey.sources.load import load_file

__all__ = ["FolderSource"]

_BATCH = 65_536


@dataclass(frozen=True, eq=False)
class FolderSource:
    """The images in a folder and all below it, in the order of their paths.

    A galaxy's identifier is the name of its file without folders and suffix, as everywhere in
    galseg. The paths are held in memory, here and in every worker, with 8 bytes each on top;
    beyond some tens of millions of images, list them in a Parquet table.

    Parameters
    ----------
    files : FoundFiles
        Images.
    wcs : str
        See `galseg.io.images.read_image`.

    Raises
    ------
    FormatError
        If two files are named alike.
    """

    files: FoundFiles
    wcs: WcsRule

    def __post_init__(self) -> None:
        check_identifiers(map(hashes_of, self._identifiers()), self._identifiers, place=self._path)

    @property
    def fingerprint(self) -> str:
        """Of the names and sizes of the files."""
        return self.files.fingerprint

    def __len__(self) -> int:
        return len(self.files)

    def items(self, rows: range) -> Iterator[Item]:
        """Yield one item for each of these rows; see `ImageSource`."""
        check_rows(rows, len(self))
        for row in rows:
            path, galaxy_id = self._path(row), _galaxy_id(self.files.names[row].as_py())
            load = partial(load_file, path, galaxy_id=galaxy_id, wcs=self.wcs)
            yield Item(row, galaxy_id, path, nan, nan, load)

    def _path(self, row: int) -> str:
        return str(self.files.root / os.fsdecode(self.files.names[row].as_py()))

    def _identifiers(self) -> Iterator[list[str]]:
        for start in range(0, len(self), _BATCH):
            names = self.files.names[start : start + _BATCH].to_pylist()
            yield [_galaxy_id(name) for name in names]


def _galaxy_id(name: bytes) -> str:
    return stem_of(readable(name.rpartition(b"/")[2]))
