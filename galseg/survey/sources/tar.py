"""WebDataset tar files of images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import nan
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.errors import FormatError, MissingInputError
from galseg.io.images import IMAGE_SUFFIXES, GalaxyImage, WcsRule
from galseg.limits import MAX_TAR_MEMBER_BYTES
from galseg.survey.sources.columns import Columns, no_columns
from galseg.survey.sources.files import readable
from galseg.survey.sources.identifiers import check_identifiers, hashes_of
from galseg.survey.sources.item import Item, check_rows
from galseg.survey.sources.load import load_bytes, refuse, unreadable
from galseg.survey.sources.tar_galaxies import TarGalaxy, read_place, walk_galaxies
from galseg.survey.sources.tar_members import TarMember

__all__ = ["TarSource", "open_tars"]

_STRIDE = 256  # galaxies between two whose place in the file is kept


@dataclass(frozen=True, eq=False)
class TarSource:
    """Galaxies in tar files, in the order of the files and of their members.

    Memory holds 8 bytes for every 256 galaxies. Their headers are read when the source is opened,
    and those of the rows that are asked for, and up to 256 before, again.

    Parameters
    ----------
    paths : tuple of pathlib.Path
    names : tuple of str
        Of the files, below the folder that was opened.
    starts : ndarray of int64, shape (n_files + 1,)
        Number of the first row of each file, and of all rows.
    anchors : tuple of ndarray of int64
        For each file, the byte at which every 256th galaxy begins.
    columns : Columns
        The suffix of the image, and the keys of `ra` and `dec` in the JSON beside it.
    wcs : str
        See `galseg.io.images.read_image`.
    fingerprint : str
        Of the names and sizes of the files and of their members.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    starts: NDArray[np.int64]
    anchors: tuple[NDArray[np.int64], ...]
    columns: Columns
    wcs: WcsRule
    fingerprint: str

    def __len__(self) -> int:
        return int(self.starts[-1])

    def items(self, rows: range) -> Iterator[Item]:
        """Yield one item for each of these rows; see `ImageSource`."""
        check_rows(rows, len(self))
        row = rows.start
        while row < rows.stop:
            file = self._file_of(row)
            stop = min(int(self.starts[file + 1]), rows.stop)
            yield from self._items_of(file, range(row, stop))
            row = stop

    def _items_of(self, file: int, rows: range) -> Iterator[Item]:
        n_done = 0
        reason = "is not there; the file has become shorter"
        try:
            with self.paths[file].open("rb") as handle:
                for row, galaxy in zip(rows, self._galaxies(handle, file, rows), strict=False):
                    yield self._item(row, galaxy, handle)
                    n_done += 1
        except (OSError, FormatError) as error:
            reason = f"cannot be read: {error}"
        yield from unreadable(rows[n_done:], self._place, reason)

    def _galaxies(self, handle: IO[bytes], file: int, rows: range) -> Iterator[TarGalaxy]:
        n_anchors, n_before = divmod(rows.start - int(self.starts[file]), _STRIDE)
        start = int(self.anchors[file][n_anchors])
        galaxies = walk_galaxies(handle, start=start, suffix=self.columns.image)
        return islice(galaxies, n_before, None)

    def _item(self, row: int, galaxy: TarGalaxy, handle: IO[bytes]) -> Item:
        file = self._file_of(row)
        path, image = self.paths[file], galaxy.image
        galaxy_id = galaxy.identifier(self.names[file])
        place = f"{path}: {image.name}" if image.name else str(path)
        load = partial(_load_member, path, image, place=place, galaxy_id=galaxy_id, wcs=self.wcs)
        if galaxy.sidecar is None:
            return Item(row, galaxy_id, place, nan, nan, load)
        try:
            ra_deg, dec_deg = read_place(handle, galaxy.sidecar, self.columns)
        except FormatError as error:
            return Item(row, galaxy_id, place, nan, nan, partial(refuse, f"{path}: {error}"))
        return Item(row, galaxy_id, place, ra_deg, dec_deg, load)

    def _file_of(self, row: int) -> int:
        return int(np.searchsorted(self.starts, row, side="right")) - 1

    def _place(self, row: int) -> str:
        file = self._file_of(row)
        return f"{self.paths[file]}, galaxy {row - int(self.starts[file]) + 1}"

    def _identifiers(self) -> Iterator[list[str]]:
        for path, name in zip(self.paths, self.names, strict=True):
            for batch in _batches(path, self.columns.image):
                yield [galaxy.identifier(name) for galaxy in batch]


def open_tars(paths: Sequence[Path], root: Path, columns: Columns, wcs: WcsRule) -> TarSource:
    """Find the galaxies in tar files, reading the headers of their members.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        In this order.
    root : pathlib.Path
        The folder that they are in, at any depth.
    columns : Columns
    wcs : str

    Raises
    ------
    MissingInputError
        If there is no image in them.
    FormatError
        If a file cannot be read, a galaxy has several images, or two galaxies are named alike.
    ConfigError
        If a column of identifiers is named.
    """
    no_columns(columns, where=f"{root} has no tables", allowed=("image", "ra", "dec"))
    names = tuple(readable(path.relative_to(root).as_posix()) for path in paths)
    indices = [_index(path, name, columns.image) for path, name in zip(paths, names, strict=True)]
    hashes = [index.hashes for index in indices]
    starts = np.cumsum([0, *map(len, hashes)], dtype=np.int64)
    if not starts[-1]:
        raise MissingInputError(
            f"no images in {len(paths)} tar files, the first {paths[0]}; needed are members that "
            f"end in {columns.image or ', '.join(IMAGE_SUFFIXES)}"
        )
    source = TarSource(
        paths=tuple(paths),
        names=names,
        starts=starts,
        anchors=tuple(index.anchors for index in indices),
        columns=columns,
        wcs=wcs,
        fingerprint=hashlib.sha256(b"".join(index.digest for index in indices)).hexdigest(),
    )
    check_identifiers(hashes, source._identifiers, place=source._place)
    return source


class _Index(NamedTuple):
    """Where the galaxies of a tar file are, and what they are."""

    anchors: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    digest: bytes


def _index(path: Path, name: str, suffix: str | None) -> _Index:
    anchors, hashes = [], [hashes_of([])]
    size = path.stat().st_size
    digest = hashlib.sha256(f"{name}\0{size}\n".encode())
    for batch in _batches(path, suffix):
        anchors.append(batch[0].header)
        identifiers = [galaxy.identifier(name) for galaxy in batch]
        hashes.append(hashes_of(identifiers))
        for galaxy, identifier in zip(batch, identifiers, strict=True):
            sidecar = galaxy.sidecar and galaxy.sidecar[1:4]
            digest.update(f"{identifier}\0{galaxy.image[1:4]}{sidecar}\n".encode())
    return _Index(np.array(anchors, np.int64), np.concatenate(hashes), digest.digest())


def _batches(path: Path, suffix: str | None) -> Iterator[list[TarGalaxy]]:
    try:
        with path.open("rb") as handle:
            galaxies = walk_galaxies(handle, suffix=suffix)
            while batch := list(islice(galaxies, _STRIDE)):
                yield batch
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error}") from error
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error


def _load_member(
    path: Path, image: TarMember, *, place: str, galaxy_id: str, wcs: WcsRule
) -> GalaxyImage:
    if image.problem:
        refuse(f"{place} {image.problem}")
    if image.size > MAX_TAR_MEMBER_BYTES:
        refuse(
            f"{place} has {image.size} bytes, over the limit of {MAX_TAR_MEMBER_BYTES}; "
            "cut out the galaxy"
        )
    try:
        with path.open("rb") as handle:
            handle.seek(image.start)
            content = handle.read(image.size)
    except OSError as error:
        raise FormatError(f"{place} cannot be read: {error}") from error
    return load_bytes(content, place=place, galaxy_id=galaxy_id, wcs=wcs)
