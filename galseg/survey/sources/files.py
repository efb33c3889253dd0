"""The files of a folder and all below it, a few bytes each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from galseg.errors import FormatError, MissingInputError
from galseg.io.images import IMAGE_SUFFIXES, image_suffix

__all__ = ["FileKind", "FoundFiles", "find_files", "readable"]

FileKind = Literal["image", "tar", "parquet"]

_BATCH = 65_536  # names that are held as Python objects
_GONE = -1


@dataclass(frozen=True, eq=False)
class FoundFiles:
    """Files of one kind in a folder.

    Attributes
    ----------
    root : pathlib.Path
    kind : str
        ``"image"``, ``"tar"`` or ``"parquet"``.
    names : pyarrow.LargeBinaryArray
        Paths below the folder, with slashes, sorted by their bytes.
    fingerprint : str
        Of the names and sizes.
    """

    root: Path
    kind: FileKind
    names: pa.LargeBinaryArray
    fingerprint: str

    def __len__(self) -> int:
        return len(self.names)

    def paths(self) -> list[Path]:
        """Return the files in order."""
        return [self.root / os.fsdecode(name) for name in self.names.to_pylist()]


def readable(name: str | bytes) -> str:
    r"""Return the name of a file as text; bytes in it that are no text are written out.

    Examples
    --------
    >>> print(readable(b"J\xff.fits"))
    J\xff.fits
    """
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find_files(root: Path) -> FoundFiles:
    """Find the images, tar or Parquet files in a folder, at any depth.

    Files of other kinds, and what begins with a dot, are passed over, as are Parquet files that
    begin with an underscore. Links to files are followed, links to folders are not.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    FoundFiles

    Raises
    ------
    MissingInputError
        If there is none, or a folder cannot be listed.
    FormatError
        If there are several kinds, so that it is not clear which is meant.
    """
    names, sizes = [pa.array([], pa.large_binary())], [np.empty(0, np.int64)]
    first: tuple[FileKind, bytes] | None = None
    for batch in _batches(root):
        kinds = {kind: name for name, kind, _ in reversed(batch)}
        for kind, name in sorted(kinds.items()):
            first = first or (kind, name)
            if kind != first[0]:
                raise FormatError(
                    f"{root} holds {first[0]} files, such as {os.fsdecode(first[1])}, and "
                    f"{kind} files, such as {os.fsdecode(name)}; name the file or the folder that "
                    "is meant"
                )
        names.append(pa.array([name for name, _, _ in batch], pa.large_binary()))
        sizes.append(np.array([size for _, _, size in batch], np.int64))
    if first is None:
        raise MissingInputError(
            f"{root} holds no images ({', '.join(IMAGE_SUFFIXES)}), no .tar and no .parquet files"
        )
    return _sorted(root, first[0], pa.concat_arrays(names), np.concatenate(sizes))


def _sorted(
    root: Path, kind: FileKind, names: pa.LargeBinaryArray, sizes: NDArray[np.int64]
) -> FoundFiles:
    order = pc.array_sort_indices(names)
    names, sizes = names.take(order), sizes[order.to_numpy()]
    digest = hashlib.sha256(kind.encode())
    for start in range(0, len(names), _BATCH):
        for name, size in zip(
            names[start : start + _BATCH].to_pylist(), sizes[start : start + _BATCH], strict=True
        ):
            digest.update(b"%s\0%d\n" % (name, size))
    return FoundFiles(root, kind, names, digest.hexdigest())


def _batches(root: Path) -> Iterator[list[tuple[bytes, FileKind, int]]]:
    batch = []
    prefix = os.fsencode(f"{root}/")
    for entry in _entries(prefix):
        kind = _kind(entry.name)
        if kind is not None:
            batch.append((entry.path[len(prefix) :], kind, _size(entry)))
            if len(batch) == _BATCH:
                yield batch
                batch = []
    yield batch


def _entries(root: bytes) -> Iterator[os.DirEntry[bytes]]:
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith(b"."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry
        except OSError as error:
            raise MissingInputError(
                f"the folder {os.fsdecode(folder)} cannot be listed: {error.strerror}"
            ) from error


def _kind(name: bytes) -> FileKind | None:
    text = os.fsdecode(name).lower()
    if text.endswith(".tar"):
        return "tar"
    if text.endswith(".parquet") and not text.startswith("_"):
        return "parquet"
    return "image" if image_suffix(text) else None


def _size(entry: os.DirEntry[bytes]) -> int:
    try:
        return entry.stat().st_size
    except OSError:  # a link to nowhere, which loading it will tell
        return _GONE
