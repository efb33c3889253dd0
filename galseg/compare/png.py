"""PNG files that are all of one size."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

__all__ = ["pad_png", "write_padded"]

_PADDING = b"paDd"  # by its letter cases: ancillary, private, safe to copy
_CHUNK_FRAME = 12  # length, name and checksum around a chunk's data
_END = _CHUNK_FRAME  # IEND, the last chunk, is empty


def pad_png(data: bytes, size: int) -> bytes:
    """Lengthen a PNG file by a chunk of zeros that every reader passes over.

    Parameters
    ----------
    data : bytes
        The file.
    size : int
        Bytes it shall have, at least 12 more than it has.

    Examples
    --------
    >>> import numpy as np
    >>> from galseg.imaging.png import encode_png
    >>> data = encode_png(np.zeros((4, 4), np.uint8))
    >>> len(pad_png(data, 1000))
    1000
    """
    body = _PADDING + bytes(size - len(data) - _CHUNK_FRAME)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return data[:-_END] + chunk + data[-_END:]


def write_padded(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy a folder of PNG files in the order of their names, all padded to one size.

    Neither the size of a file nor the order in which the disk lists the files tells which was
    drawn first or holds more.

    Parameters
    ----------
    source : path-like
        Folder of PNG files.
    target : path-like
        Folder to make.
    """
    paths = sorted(Path(source).iterdir())
    size = max(path.stat().st_size for path in paths) + _CHUNK_FRAME
    folder = Path(target)
    folder.mkdir()
    for path in paths:
        (folder / path.name).write_bytes(pad_png(path.read_bytes(), size))
